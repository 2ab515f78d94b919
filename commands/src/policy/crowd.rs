//! The people who could agree, by how many hold each role.

use std::collections::{BTreeMap, BTreeSet};

use super::{Alternative, Quorum, Who};
use crate::model::{RoleId, UserId};

/// How many people could agree to one request, as far as the chat's counts tell. Roles may overlap, so a sum over roles is
/// "at most": what is refused for want of people is certainly impossible.
#[derive(Debug, Clone, Default)]
pub struct Crowd {
    counts: BTreeMap<RoleId, u64>,
    denied: BTreeSet<Who>,
    /// People whose roles are known.
    known: BTreeMap<UserId, Vec<RoleId>>,
    asker: Option<UserId>,
}

impl Crowd {
    /// By how many people hold each role.
    #[must_use]
    pub fn new(counts: BTreeMap<RoleId, u64>) -> Self {
        Self {
            counts,
            ..Self::default()
        }
    }

    /// Who asks cannot agree.
    #[must_use]
    pub fn asked_by(mut self, user: UserId, roles: &[RoleId]) -> Self {
        self.asker = Some(user);
        self.knowing(user, roles)
    }

    /// Whom a rule denies it cannot agree.
    #[must_use]
    pub fn without(mut self, denied: BTreeSet<Who>) -> Self {
        self.denied = denied;
        self
    }

    /// Which roles a person holds: somebody who cannot agree is counted in none of them.
    #[must_use]
    pub fn knowing(mut self, user: UserId, roles: &[RoleId]) -> Self {
        self.known.insert(user, roles.to_vec());
        self
    }

    /// How many people are meant who could agree.
    #[must_use]
    pub fn of(&self, who: Who) -> u64 {
        match who {
            _ if self.denied.contains(&who) => 0,
            Who::User(user) => {
                u64::from(!self.excludes(user, self.known.get(&user).map_or(&[], Vec::as_slice)))
            }
            Who::Role(role) => {
                let excluded = |(user, roles): &(&UserId, &Vec<RoleId>)| {
                    roles.contains(&role) && self.excludes(**user, roles)
                };
                let out = self.known.iter().filter(excluded).count();
                let all = self.counts.get(&role).copied().unwrap_or(0);
                all.saturating_sub(u64::try_from(out).unwrap_or(u64::MAX))
            }
        }
    }

    fn excludes(&self, user: UserId, roles: &[RoleId]) -> bool {
        self.asker == Some(user) || self.denied.iter().any(|who| who.is(user, roles))
    }

    /// Whether they could open a quorum.
    #[must_use]
    pub fn could_open(&self, quorum: &Quorum) -> bool {
        let enough = |alternative: &Alternative| {
            let people: u64 = alternative.of.iter().map(|who| self.of(*who)).sum();
            alternative.count > 0 && people >= u64::from(alternative.count)
        };
        !quorum.every.is_empty() && quorum.every.iter().all(|any| any.iter().any(enough))
    }

    /// How many people could agree to a quorum, at most.
    #[must_use]
    pub fn approvers(&self, quorum: &Quorum) -> u64 {
        quorum.approvers().into_iter().map(|who| self.of(who)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAD: RoleId = RoleId(2);
    const DBA: RoleId = RoleId(3);

    fn needs(count: u32, of: Vec<Who>) -> Quorum {
        Quorum::any(vec![Alternative { count, of }], false)
    }

    fn of_leads(count: u32) -> Quorum {
        needs(count, vec![Who::Role(LEAD)])
    }

    fn crowd(leads: u64) -> Crowd {
        Crowd::new(BTreeMap::from([(LEAD, leads), (DBA, 1)]))
    }

    #[test]
    fn the_requester_is_no_approver_of_their_own() {
        let asked = |roles: &[RoleId]| crowd(2).asked_by(UserId(9), roles);
        assert!(asked(&[RoleId(1)]).could_open(&of_leads(2)));
        assert!(!asked(&[RoleId(1), LEAD]).could_open(&of_leads(2)));
        assert!(asked(&[LEAD]).could_open(&of_leads(1)));
        assert_eq!(asked(&[LEAD]).approvers(&of_leads(1)), 1);
        assert!(!asked(&[]).could_open(&of_leads(0)));
        assert!(!asked(&[]).could_open(&Quorum::default()));
        assert!(!asked(&[]).could_open(&needs(1, vec![Who::User(UserId(9))])));
    }

    #[test]
    fn whom_a_rule_denies_it_counts_for_nothing() {
        let denied = |who: Who| crowd(2).asked_by(UserId(9), &[]).without(BTreeSet::from([who]));
        let role = denied(Who::Role(LEAD));
        assert_eq!(role.approvers(&of_leads(1)), 0);
        assert!(!role.could_open(&of_leads(1)));
        let person = denied(Who::User(UserId(7))).knowing(UserId(7), &[LEAD]);
        assert_eq!(person.approvers(&of_leads(1)), 1);
        assert!(!person.could_open(&of_leads(2)));
        let named = needs(1, vec![Who::User(UserId(7))]);
        assert!(!person.could_open(&named));
        let by_their_role = denied(Who::Role(DBA)).knowing(UserId(7), &[LEAD, DBA]);
        assert!(!by_their_role.could_open(&named));
        assert_eq!(
            by_their_role.approvers(&of_leads(1)),
            1,
            "nor as one of the leads"
        );
    }

    #[test]
    fn every_rule_needs_its_own_people() {
        let leads = vec![Alternative {
            count: 2,
            of: vec![Who::Role(LEAD)],
        }];
        let dbas = vec![Alternative {
            count: 1,
            of: vec![Who::Role(DBA)],
        }];
        let both = Quorum {
            every: vec![leads, dbas],
            reason: false,
        };
        assert!(crowd(2).could_open(&both));
        assert!(!crowd(1).could_open(&both));
    }
}
