//! Whether the people who agreed are enough.

use std::collections::BTreeMap;

use super::Vote;
use crate::{
    model::{RoleId, UserId},
    policy::{Alternative, Quorum},
};

/// How a quorum stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Whether one alternative of every rule is met.
    pub met: bool,
    /// Whose agreement counts now.
    pub counted: Vec<UserId>,
    /// Who agreed and no longer counts: their role is gone.
    pub lapsed: Vec<UserId>,
    /// The fewest people still missing.
    pub missing: u32,
}

/// Counts the approvals of a quorum by the roles that the voters have now. The requester never counts, and a person
/// counts once.
#[must_use]
pub fn tally(
    quorum: &Quorum,
    requester: UserId,
    votes: &[Vote],
    roles_now: &BTreeMap<UserId, Vec<RoleId>>,
) -> Tally {
    let none = Vec::new();
    let mut yes: Vec<UserId> = votes
        .iter()
        .filter(|v| v.approve && v.user != requester)
        .map(|v| v.user)
        .collect();
    yes.sort_unstable();
    yes.dedup();
    let eligible = |user: &UserId, of: &[crate::policy::Who]| {
        let roles = roles_now.get(user).unwrap_or(&none);
        of.iter().any(|w| w.is(*user, roles))
    };
    let mut counted: Vec<UserId> = Vec::new();
    let mut missing_of = |any: &Vec<Alternative>| {
        let mut fewest = u32::MAX;
        for alternative in any.iter().filter(|a| a.count > 0) {
            let those: Vec<UserId> = yes
                .iter()
                .copied()
                .filter(|u| eligible(u, &alternative.of))
                .collect();
            let have = u32::try_from(those.len()).unwrap_or(u32::MAX);
            fewest = fewest.min(alternative.count.saturating_sub(have));
            counted.extend(those);
        }
        fewest
    };
    // Without a rule nobody could agree.
    let missing = quorum.every.iter().map(&mut missing_of).max().unwrap_or(u32::MAX);
    counted.sort_unstable();
    counted.dedup();
    let lapsed = yes.into_iter().filter(|u| !counted.contains(u)).collect();
    Tally {
        met: missing == 0,
        counted,
        lapsed,
        missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Timestamp, policy::Who};

    fn yes(user: u64) -> Vote {
        Vote {
            user: UserId(user),
            name: String::new(),
            roles: vec![],
            approve: true,
            reason: None,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn two_leads_or_one_admin() -> Quorum {
        let of = |role| vec![Who::Role(RoleId(role))];
        let alternatives = vec![
            Alternative { count: 2, of: of(2) },
            Alternative { count: 1, of: of(3) },
        ];
        Quorum::any(alternatives, false)
    }

    #[test]
    fn any_alternative_is_enough_and_roles_are_those_of_now() {
        let roles = BTreeMap::from([
            (UserId(10), vec![RoleId(2)]),
            (UserId(11), vec![RoleId(2)]),
            (UserId(12), vec![RoleId(3)]),
            (UserId(13), vec![]),
        ]);
        let q = two_leads_or_one_admin();
        let t = |votes: &[Vote]| tally(&q, UserId(1), votes, &roles);
        assert_eq!(t(&[]).missing, 1);
        assert!(!t(&[yes(10)]).met);
        assert!(t(&[yes(10), yes(11)]).met);
        assert!(t(&[yes(12)]).met);
        assert!(!t(&[yes(10), yes(10)]).met, "a person counts once");
        assert_eq!(t(&[yes(13)]).lapsed, vec![UserId(13)]);
    }

    #[test]
    fn every_rule_must_be_met_and_a_quorum_without_rules_never_is() {
        let roles = BTreeMap::from([(UserId(10), vec![RoleId(2)]), (UserId(12), vec![RoleId(3)])]);
        let mut q = two_leads_or_one_admin();
        q.every.push(vec![Alternative {
            count: 1,
            of: vec![Who::Role(RoleId(2))],
        }]);
        let t = |votes: &[Vote]| tally(&q, UserId(1), votes, &roles);
        assert!(!t(&[yes(12)]).met, "the admin alone is no lead");
        assert!(t(&[yes(12), yes(10)]).met);
        assert!(!tally(&Quorum::default(), UserId(1), &[yes(12)], &roles).met);
    }

    #[test]
    fn a_no_is_no_yes() {
        let roles = BTreeMap::from([(UserId(12), vec![RoleId(3)])]);
        let no = Vote {
            approve: false,
            ..yes(12)
        };
        assert!(!tally(&two_leads_or_one_admin(), UserId(1), &[no], &roles).met);
    }

    #[test]
    fn the_requester_never_counts() {
        let roles = BTreeMap::from([(UserId(1), vec![RoleId(3)])]);
        assert!(!tally(&two_leads_or_one_admin(), UserId(1), &[yes(1)], &roles).met);
    }
}
