//! Whether those who must approve are people: a gate that nobody can open is found before the night in which it counts.

use std::collections::{BTreeMap, BTreeSet};

use ceo_commands::{
    model::{self, RoleId, Scope},
    ops::catalogue,
    policy::{Crowd, Gate, May, Quorum, Rule, Verb, Who, denied},
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
        let crowds = crowds(settings, rule, counts);
        let opens = |who: &&Who| {
            crowds
                .iter()
                .all(|crowd| asked_by(crowd, **who).could_open(quorum))
        };
        let (can, cannot): (Vec<&Who>, Vec<&Who>) = rule.who.iter().partition(opens);
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

/// Those who could agree, for each way in which other rules deny what this rule allows somewhere that the bot serves.
fn crowds(settings: &Settings, rule: &Rule, counts: &BTreeMap<RoleId, u64>) -> Vec<Crowd> {
    let places = settings.clusters.iter().flat_map(|cluster| {
        let namespaces = cluster.namespaces.iter();
        namespaces.map(|namespace| Scope::namespace(&cluster.name, namespace))
    });
    let mut ways: BTreeSet<BTreeSet<Who>> = BTreeSet::new();
    for scope in places.filter(|scope| rule.r#where.iter().any(|place| place.covers(scope))) {
        let scope = std::slice::from_ref(&scope);
        let meant = rule.may.iter().flat_map(meant_by);
        ways.extend(meant.map(|(command, verb)| denied(&settings.policy, command, verb, scope)));
    }
    let crowd = |denied| Crowd::new(counts.clone()).without(denied);
    match ways.is_empty() {
        true => vec![crowd(BTreeSet::new())],
        false => ways.into_iter().map(crowd).collect(),
    }
}

/// The commands that a rule means, each with its verb; a verb by itself as well, which the words of a command can raise it to.
fn meant_by(may: &May) -> Vec<(&str, Verb)> {
    let all = catalogue::all()
        .iter()
        .map(|entry| (entry.spec.path, entry.spec.verb));
    match may {
        May::Verb(verb) => all.filter(|(_, own)| own == verb).chain([("", *verb)]).collect(),
        May::Command(name) => all.filter(|(path, _)| path == name).collect(),
    }
}

fn asked_by(crowd: &Crowd, asker: Who) -> Crowd {
    match asker {
        // Whoever of that role asks, there is one less of it.
        Who::Role(role) => crowd.clone().asked_by(model::UserId(0), &[role]),
        Who::User(user) => crowd.clone().asked_by(user, &[]),
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
