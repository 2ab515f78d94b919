//! Whether those who must approve are people: a gate that nobody can open is found before the night in which it counts.

use std::collections::{BTreeMap, BTreeSet};

use ceo_commands::{
    model::{self, RoleId, UserId},
    policy::{Gate, Quorum, Who, satisfiable},
};

use super::lines::Line;
use crate::settings::Settings;

/// A line for each rule with a gate that others open, said for each kind of person that the rule lets ask.
pub(super) fn lines(settings: &Settings, counts: &BTreeMap<RoleId, u64>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (at, rule) in settings.policy.rules.iter().enumerate() {
        let Some(Gate::Approve(quorum)) = &rule.gate else {
            continue;
        };
        let (can, cannot): (Vec<&Who>, Vec<&Who>) =
            rule.who.iter().partition(|who| opens(quorum, **who, counts));
        let about = format!("approvers policy[{at}]");
        let needs = spell(settings, quorum);
        lines.push(if cannot.is_empty() {
            Line::good(about, format!("{needs}: enough people"))
        } else {
            let who: Vec<String> = cannot.iter().map(|w| name(settings, **w)).collect();
            let found = format!("{needs}: too few people when {} asks", who.join(" or "));
            let fix = "give the approving role to more people, or ask for fewer approvals";
            if can.is_empty() {
                Line::failed(about, found, fix)
            } else {
                Line::note(about, found, fix)
            }
        });
    }
    lines
}

fn opens(quorum: &Quorum, asker: Who, counts: &BTreeMap<RoleId, u64>) -> bool {
    match asker {
        Who::Role(role) => satisfiable(quorum, UserId(0), &[role], counts),
        Who::User(user) => satisfiable(quorum, user, &[], counts),
    }
}

/// `1 of role:lead or 2 of role:admin`
fn spell(settings: &Settings, quorum: &Quorum) -> String {
    let people = |of: &[Who]| -> model::Text {
        let names: BTreeSet<String> = of.iter().map(|w| name(settings, *w)).collect();
        names.into_iter().collect::<Vec<_>>().join(", ").into()
    };
    quorum.in_words_of(people).plain()
}

/// As the settings write it.
fn name(settings: &Settings, who: Who) -> String {
    match who {
        Who::User(id) => format!("user:{id}"),
        Who::Role(id) => match settings.roles.iter().find(|(_, ids)| ids.contains(&id)) {
            Some((name, _)) => format!("role:{name}"),
            None => format!("role:{id}"),
        },
    }
}

/// The roles that approve something.
pub(super) fn approving_roles(settings: &Settings) -> BTreeSet<RoleId> {
    let gates = settings.policy.rules.iter().filter_map(|r| r.gate.as_ref());
    gates
        .filter_map(|gate| match gate {
            Gate::Approve(quorum) => Some(quorum.approvers()),
            _ => None,
        })
        .flatten()
        .filter_map(|who| match who {
            Who::Role(role) => Some(role),
            Who::User(_) => None,
        })
        .collect()
}
