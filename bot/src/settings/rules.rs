//! `[roles]`, `[[policy]]` and `[limits]`: from names and globs to the rules that the policy judges by. A rule that could
//! never match, an approver that nobody is, a command that there is not: each is a mistake that would surface at night.

use std::collections::{BTreeMap, BTreeSet};

use ceo_commands::{
    model::{RoleId, Scope, UserId},
    policy::{Alternative, Gate, May, Quorum, Rule, Rules, Verb, Where, Who},
    ports::Limits,
};
use sha2::{Digest, Sha256};

use super::{
    Cluster, chat,
    problem::{Problems, suggestion},
    raw::{List, RawAlerts, RawAlternative, RawApprove, RawGate, RawLimits, RawRoles, RawRule, Text},
};
use crate::catalogue;

type Roles = BTreeMap<String, Vec<RoleId>>;

pub(super) fn roles(raw: RawRoles, problems: &mut Problems) -> Roles {
    let mut roles = Roles::new();
    for (name, ids) in raw {
        let key = format!("roles.{name}");
        let ids: Vec<RoleId> = ids
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .filter_map(|(at, text)| chat::id(&format!("{key}[{at}]"), Some(text?), problems))
            .map(RoleId)
            .collect();
        if ids.is_empty() && !problems.at(&key) {
            problems.add(&key, "is empty; expected Discord role ids, like [\"111\"]");
        }
        roles.insert(name, ids);
    }
    roles
}

pub(super) fn policy(
    raw: List<RawRule>,
    roles: &Roles,
    clusters: &[Cluster],
    problems: &mut Problems,
) -> Rules {
    if raw.is_empty() && !problems.at("policy") {
        problems.add(
            "policy",
            "is missing; without a rule nobody may do anything. Expected at least one [[policy]] with who, may and where",
        );
    }
    let rules: Vec<Rule> = raw
        .into_iter()
        .enumerate()
        .filter_map(|(at, rule)| {
            Some(one_rule(
                &format!("policy[{at}]"),
                rule?,
                roles,
                clusters,
                problems,
            ))
        })
        .collect();
    // A struct of texts and numbers always has a JSON form; the mark of an empty text would still be a mark.
    let text = serde_json::to_string(&rules).unwrap_or_default();
    Rules {
        version: hex::encode(&Sha256::digest(text.as_bytes())[..6]),
        rules,
    }
}

fn one_rule(key: &str, raw: RawRule, roles: &Roles, clusters: &[Cluster], problems: &mut Problems) -> Rule {
    let deny = raw.deny.is_some_and(|f| f.0);
    if deny && raw.gate.is_some() {
        problems.add(
            format!("{key}.gate"),
            "has no meaning in a rule that denies; remove one of them",
        );
    }
    let who = people(&format!("{key}.who"), raw.who, roles, problems);
    let may = rights(&format!("{key}.may"), raw.may, problems);
    let r#where = places(&format!("{key}.where"), raw.r#where, clusters, problems);
    let gate = raw
        .gate
        .and_then(|g| gate(&format!("{key}.gate"), g, roles, problems));
    if !deny && gate.as_ref().is_some_and(|gate| *gate != Gate::None) {
        let open: BTreeSet<String> = may.iter().filter_map(stands_open).collect();
        let open = Vec::from_iter(open).join(", ");
        if !open.is_empty() {
            problems.add(
                format!("{key}.gate"),
                format!(
                    "stands before {open}, which asks nobody: only what changes a cluster has a gate. Put {open} into a rule without one"
                ),
            );
        }
    }
    if !deny && gate.is_none() && !problems.at(&format!("{key}.gate")) {
        let guarded: BTreeSet<&str> = may
            .iter()
            .filter_map(|m| match m {
                May::Verb(v) => Some(*v),
                May::Command(name) => catalogue::verb_of(name),
            })
            .filter(|v| matches!(v.default_gate(), Gate::Approve(_)))
            .map(Verb::word)
            .collect();
        for verb in guarded {
            problems.add(
                format!("{key}.gate"),
                format!("is missing; {verb} needs other people, so say whom: gate = {{ approve = [{{ count = 1, of = [\"role:...\"] }}] }}"),
            );
        }
    }
    Rule {
        who,
        may,
        r#where,
        gate,
        deny,
    }
}

/// What a right is called that is answered at once, whatever gate a rule puts before it: what shows, and what the bot notes
/// in its own books.
fn stands_open(may: &May) -> Option<String> {
    match may {
        May::Verb(verb) => (*verb <= Verb::Note).then(|| verb.word().to_owned()),
        May::Command(name) => (!catalogue::changes(name)).then(|| name.clone()),
    }
}

/// The roles that `[alerts]` calls. Roles alone: who is on duty is for Discord to say, not for a file.
pub(super) fn mention(raw: RawAlerts, roles: &Roles, problems: &mut Problems) -> Vec<RoleId> {
    let key = "alerts.mention";
    let Some(list) = raw.mention.filter(|list| !list.is_empty()) else {
        return Vec::new();
    };
    let mut mentioned = Vec::new();
    for who in people(key, Some(list), roles, problems) {
        match who {
            Who::Role(role) if !mentioned.contains(&role) => mentioned.push(role),
            Who::Role(_) => {}
            Who::User(user) => problems.add(
                key,
                format!("\"user:{user}\" is a person; expected roles, like [\"role:operator\"]"),
            ),
        }
    }
    mentioned
}

/// `role:NAME`, `role:ID`, `user:ID`. A name may stand for several roles.
fn people(key: &str, raw: Option<List<Text>>, roles: &Roles, problems: &mut Problems) -> Vec<Who> {
    let raw = raw.unwrap_or_default();
    if raw.is_empty() && !problems.at(key) {
        problems.add(
            key,
            "is empty; expected somebody, like [\"role:operator\"] or [\"user:1180000000000000000\"]",
        );
    }
    let mut list = Vec::new();
    for (at, text) in raw.into_iter().enumerate() {
        let (Some(Text(text)), key) = (text, format!("{key}[{at}]")) else {
            continue;
        };
        match text.split_once(':') {
            Some(("role", name)) => match (roles.get(name), name.parse()) {
                (Some(ids), _) => list.extend(ids.iter().copied().map(Who::Role)),
                (None, Ok(id)) if id > 0 => list.push(Who::Role(RoleId(id))),
                _ => problems.add(
                    key,
                    format!(
                        "there is no role \"{name}\" in [roles]{}",
                        suggestion(name, roles.keys().map(String::as_str))
                    ),
                ),
            },
            Some(("user", id)) => match id.parse() {
                Ok(id) if id > 0 => list.push(Who::User(UserId(id))),
                _ => problems.add(
                    key,
                    format!("\"{id}\" is no user's id; names are never rights, so expected a number"),
                ),
            },
            _ => problems.add(
                key,
                format!(
                    "\"{text}\" is nobody; expected \"role:NAME\" of [roles], \"role:ID\" or \"user:ID\"{}",
                    if roles.contains_key(&text) {
                        format!("; did you mean \"role:{text}\"?")
                    } else {
                        String::new()
                    }
                ),
            ),
        }
    }
    list
}

/// Verbs, commands, or a group's word for all of its commands.
fn rights(key: &str, raw: Option<List<Text>>, problems: &mut Problems) -> Vec<May> {
    let raw = raw.unwrap_or_default();
    if raw.is_empty() && !problems.at(key) {
        problems.add(
            key,
            "is empty; expected verbs (read, sensitive, note, change, release, danger) or commands, like [\"read\", \"rollback\"]",
        );
    }
    let commands = catalogue::names();
    let mut list = Vec::new();
    for (at, word) in raw.into_iter().enumerate() {
        let Some(Text(word)) = word else { continue };
        if let Some(verb) = Verb::parse(&word) {
            list.push(May::Verb(verb));
            continue;
        }
        let before = list.len();
        list.extend(
            commands
                .iter()
                .filter(|name| **name == word || name.strip_prefix(&word).is_some_and(|r| r.starts_with(' ')))
                .cloned()
                .map(May::Command),
        );
        if list.len() == before {
            let known = Verb::ALL
                .iter()
                .map(|v| v.word())
                .chain(commands.iter().map(String::as_str));
            problems.add(
                format!("{key}[{at}]"),
                format!(
                    "\"{word}\" is neither a verb nor a command{}",
                    suggestion(&word, known)
                ),
            );
        }
    }
    list
}

/// `cluster/namespace`, each with `*` for any run of characters. Each must reach something of the settings.
fn places(key: &str, raw: Option<List<Text>>, clusters: &[Cluster], problems: &mut Problems) -> Vec<Where> {
    let raw = raw.unwrap_or_default();
    if raw.is_empty() && !problems.at(key) {
        problems.add(
            key,
            "is empty; expected places, like [\"*/*\"] or [\"prod/ceoagent\"]",
        );
    }
    let mut list = Vec::new();
    for (at, text) in raw.into_iter().enumerate() {
        let (Some(Text(text)), key) = (text, format!("{key}[{at}]")) else {
            continue;
        };
        let Some((cluster, namespace)) = text
            .split_once('/')
            .filter(|(c, n)| !c.is_empty() && !n.is_empty() && !n.contains('/'))
        else {
            problems.add(
                key,
                format!("\"{text}\" is no place; expected \"cluster/namespace\", with * for any"),
            );
            continue;
        };
        let place = Where {
            cluster: cluster.to_owned(),
            namespace: namespace.to_owned(),
        };
        // What follows from a mistake in [[clusters]] is not told again.
        if let Some(what) = reaches_nothing(&place, clusters)
            && !problems.at("clusters")
        {
            problems.add(key, what);
        }
        list.push(place);
    }
    list
}

fn reaches_nothing(place: &Where, clusters: &[Cluster]) -> Option<String> {
    let anywhere = Where {
        namespace: "*".to_owned(),
        ..place.clone()
    };
    let matching: Vec<&Cluster> = clusters
        .iter()
        .filter(|c| anywhere.covers(&Scope::cluster(&c.name)))
        .collect();
    if matching.is_empty() && !clusters.is_empty() {
        let names = clusters.iter().map(|c| c.name.as_str());
        return Some(format!(
            "no cluster is called \"{}\"{}",
            place.cluster,
            suggestion(&place.cluster, names)
        ));
    }
    let covered = |c: &&Cluster| {
        let mut namespaces = c.namespaces.iter();
        namespaces.any(|n| place.covers(&Scope::namespace(&c.name, n)))
    };
    let namespaces: BTreeSet<&str> = matching
        .iter()
        .flat_map(|c| c.namespaces.iter().map(String::as_str))
        .collect();
    if namespaces.is_empty() || matching.iter().any(covered) {
        return None;
    }
    Some(format!(
        "no namespace of the settings is called \"{}\" there{}",
        place.namespace,
        suggestion(&place.namespace, namespaces)
    ))
}

fn gate(key: &str, raw: RawGate, roles: &Roles, problems: &mut Problems) -> Option<Gate> {
    match raw {
        RawGate::Word(word) if word == "none" => Some(Gate::None),
        RawGate::Word(word) if word == "confirm" => Some(Gate::Confirm),
        RawGate::Word(word) => {
            problems.add(
                key,
                format!(
                    "\"{word}\" is no gate; expected \"none\", \"confirm\" or {{ approve = [...] }}{}",
                    suggestion(&word, ["none", "confirm"])
                ),
            );
            None
        }
        RawGate::Table(table) => quorum(key, table, roles, problems).map(Gate::Approve),
    }
}

fn quorum(key: &str, raw: RawApprove, roles: &Roles, problems: &mut Problems) -> Option<Quorum> {
    let key = format!("{key}.approve");
    let list = raw.approve.unwrap_or_default();
    if list.is_empty() && !problems.at(&key) {
        problems.add(
            &key,
            "is empty, so nobody could ever agree; expected [{ count = 1, of = [\"role:...\"] }]",
        );
        return None;
    }
    let alternatives = list
        .into_iter()
        .enumerate()
        .filter_map(|(at, one)| Some(alternative(&format!("{key}[{at}]"), one?, roles, problems)))
        .collect();
    Some(Quorum::any(alternatives, raw.reason.is_some_and(|f| f.0)))
}

fn alternative(key: &str, raw: RawAlternative, roles: &Roles, problems: &mut Problems) -> Alternative {
    let of = people(&format!("{key}.of"), raw.of, roles, problems);
    let count = raw.count.map_or(1, |c| c.0);
    let persons = of.iter().collect::<BTreeSet<_>>();
    let only_persons = persons.iter().all(|w| matches!(w, Who::User(_)));
    if only_persons && !persons.is_empty() && (persons.len() as u64) < u64::from(count) {
        problems.add(
            format!("{key}.count"),
            format!("{count} of {} cannot agree", persons.len()),
        );
    }
    Alternative { count, of }
}

pub(super) fn limits(raw: RawLimits, clusters: &[Cluster], problems: &mut Problems) -> Limits {
    let mut replicas = Vec::new();
    for (at, limit) in raw.replicas.unwrap_or_default().into_iter().enumerate() {
        let (Some(limit), key) = (limit, format!("limits.replicas[{at}]")) else {
            continue;
        };
        let places = places(&format!("{key}.where"), limit.r#where, clusters, problems);
        match limit.max {
            Some(max) => replicas.extend(places.into_iter().map(|p| (p, max.0))),
            None if problems.at(&key) => {}
            None => problems.add(
                format!("{key}.max"),
                "is missing; expected the most replicas, like 50",
            ),
        }
    }
    Limits {
        changes_an_hour: raw.changes_an_hour.map(|c| c.0),
        replicas,
    }
}
