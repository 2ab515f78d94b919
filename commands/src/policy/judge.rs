//! The verdict.

use std::collections::BTreeSet;

use super::{Alternative, Gate, May, Question, Quorum, Rule, Rules, Verb, Verdict, Where, Who, Why};
use crate::model::Scope;

/// Judges a question. Every scope must be allowed; of the gates of all rules that match, the strictest wins.
#[must_use]
pub fn judge(rules: &Rules, q: &Question<'_>) -> Verdict {
    if q.scopes.is_empty() {
        return Verdict::Denied(Why::NoRule);
    }
    let mut gate = Gate::None;
    for scope in q.scopes {
        let matching: Vec<&Rule> = rules
            .rules
            .iter()
            .filter(|r| r.who.iter().any(|w| w.is(q.user, q.roles)) && speaks_of(r, q.command, q.verb, scope))
            .collect();
        if matching.iter().any(|r| r.deny) {
            return Verdict::Denied(Why::Forbidden);
        }
        if matching.is_empty() {
            return Verdict::Denied(Why::NoRule);
        }
        for rule in matching {
            let asked = rule.gate.clone().unwrap_or_else(|| q.verb.default_gate());
            gate = stricter(gate, asked);
        }
    }
    match &gate {
        Gate::Approve(quorum) if quorum.every.is_empty() || !quorum.every.iter().all(|any| is_open(any)) => {
            Verdict::Denied(Why::NoApprover)
        }
        _ => Verdict::Allowed(gate),
    }
}

/// Whether a rule forbids it, whatever others allow. Deny rules bind approvers as well as askers.
#[must_use]
pub fn forbidden(rules: &Rules, q: &Question<'_>) -> bool {
    let mut denying = rules.rules.iter().filter(|r| r.deny);
    denying.any(|r| {
        let means = r.who.iter().any(|w| w.is(q.user, q.roles));
        means
            && q.scopes
                .iter()
                .any(|scope| speaks_of(r, q.command, q.verb, scope))
    })
}

impl Gate {
    /// Whether what passed this gate has passed the other as well. Reasons are not looked at.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::None) | (Self::Confirm | Self::Approve(_), Self::Confirm) => true,
            (Self::Approve(own), Self::Approve(other)) => {
                let covered = |rule: &Vec<Alternative>| own.every.iter().any(|mine| implies(mine, rule));
                other.every.iter().all(covered)
            }
            (Self::None, _) | (Self::Confirm, Self::Approve(_)) => false,
        }
    }
}

fn speaks_of(rule: &Rule, command: &str, verb: Verb, scope: &Scope) -> bool {
    let what = rule.may.iter().any(|m| match m {
        May::Verb(v) => *v == verb,
        May::Command(name) => name == command,
    });
    what && rule.r#where.iter().any(|w| w.covers(scope))
}

impl Where {
    /// Whether a scope lies within.
    #[must_use]
    pub fn covers(&self, scope: &Scope) -> bool {
        glob(&self.cluster, &scope.cluster)
            && match &scope.namespace {
                Some(ns) => glob(&self.namespace, ns),
                None => self.namespace == "*",
            }
    }
}

/// `*` is any run of characters, everything else is itself.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(first) = parts.next() else {
        return text.is_empty();
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// What satisfies both gates: every quorum must be met, and a reason asked for by either is asked for.
fn stricter(a: Gate, b: Gate) -> Gate {
    match (a, b) {
        (Gate::Approve(a), Gate::Approve(b)) => Gate::Approve(Quorum {
            reason: a.reason || b.reason,
            every: without_implied(a.every.into_iter().chain(b.every).collect()),
        }),
        (Gate::Approve(q), _) | (_, Gate::Approve(q)) => Gate::Approve(q),
        (Gate::Confirm, _) | (_, Gate::Confirm) => Gate::Confirm,
        (Gate::None, Gate::None) => Gate::None,
    }
}

/// Leaves out what is met whenever another is: it would only make the words longer.
fn without_implied(mut every: Vec<Vec<Alternative>>) -> Vec<Vec<Alternative>> {
    let mut kept: Vec<Vec<Alternative>> = Vec::new();
    while !every.is_empty() {
        let one = every.remove(0);
        if !kept.iter().chain(&every).any(|other| implies(other, &one)) {
            kept.push(one);
        }
    }
    kept
}

/// Whether `weak` is met whenever `strong` is: every way to meet the one is a way to meet the other.
fn implies(strong: &[Alternative], weak: &[Alternative]) -> bool {
    strong.iter().all(|s| {
        let enough = |w: &Alternative| w.count <= s.count && s.of.iter().all(|who| w.of.contains(who));
        weak.iter().any(enough)
    })
}

/// Whether the people of a rule, whoever they are, could ever be enough.
fn is_open(any: &[Alternative]) -> bool {
    any.iter().any(|a| a.count > 0 && !a.of.is_empty())
}

/// Who may use a command of that verb in that scope, in the order of the settings; denied people are left out.
#[must_use]
pub fn who_may(rules: &Rules, command: &str, verb: Verb, scope: &Scope) -> Vec<Who> {
    let denied = denied(rules, command, verb, std::slice::from_ref(scope));
    let mut seen = BTreeSet::new();
    named(rules, false, |r| speaks_of(r, command, verb, scope))
        .filter(|w| !denied.contains(w) && seen.insert(*w))
        .collect()
}

/// Whom a rule forbids it in any of those scopes, whatever others allow: they cannot agree to it either ([`forbidden`]).
#[must_use]
pub fn denied(rules: &Rules, command: &str, verb: Verb, scopes: &[Scope]) -> BTreeSet<Who> {
    let speaks = |r: &Rule| scopes.iter().any(|scope| speaks_of(r, command, verb, scope));
    named(rules, true, speaks).collect()
}

fn named(rules: &Rules, deny: bool, speaks: impl Fn(&Rule) -> bool) -> impl Iterator<Item = Who> {
    let rules = rules.rules.iter().filter(move |r| r.deny == deny && speaks(r));
    rules.flat_map(|r| r.who.iter().copied())
}

impl Quorum {
    /// Everybody who could agree.
    #[must_use]
    pub fn approvers(&self) -> Vec<Who> {
        let mut seen = BTreeSet::new();
        self.every
            .iter()
            .flatten()
            .flat_map(|a| a.of.iter().copied())
            .filter(|w| seen.insert(*w))
            .collect()
    }
}

impl Verb {
    /// The verb of a word in the settings.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RoleId, UserId};

    const OPERATOR: Who = Who::Role(RoleId(1));
    const LEAD: Who = Who::Role(RoleId(2));

    fn rule(who: Who, may: Verb, place: (&str, &str), gate: Option<Gate>) -> Rule {
        Rule {
            who: vec![who],
            may: vec![May::Verb(may)],
            r#where: vec![Where {
                cluster: place.0.into(),
                namespace: place.1.into(),
            }],
            gate,
            deny: false,
        }
    }

    fn quorum(count: u32, of: Who) -> Gate {
        Gate::Approve(Quorum::any(vec![Alternative { count, of: vec![of] }], false))
    }

    fn ask(rules: Vec<Rule>, verb: Verb, scopes: &[Scope]) -> Verdict {
        let rules = Rules {
            rules,
            version: String::new(),
        };
        let q = Question {
            user: UserId(9),
            roles: &[RoleId(1)],
            command: "scale",
            verb,
            scopes,
        };
        judge(&rules, &q)
    }

    #[test]
    fn what_no_rule_allows_is_denied() {
        let prod = [Scope::namespace("prod", "ceoagent")];
        assert_eq!(ask(vec![], Verb::Read, &prod), Verdict::Denied(Why::NoRule));
        assert_eq!(
            ask(
                vec![rule(OPERATOR, Verb::Read, ("*", "*"), None)],
                Verb::Read,
                &[]
            ),
            Verdict::Denied(Why::NoRule)
        );
        let elsewhere = vec![rule(OPERATOR, Verb::Change, ("staging", "*"), None)];
        assert_eq!(ask(elsewhere, Verb::Change, &prod), Verdict::Denied(Why::NoRule));
    }

    #[test]
    fn a_rule_for_others_or_for_another_command_allows_nothing() {
        let prod = [Scope::namespace("prod", "ceoagent")];
        let leads = rule(LEAD, Verb::Change, ("*", "*"), None);
        assert_eq!(
            ask(vec![leads], Verb::Change, &prod),
            Verdict::Denied(Why::NoRule)
        );
        let of = |name: &str| Rule {
            may: vec![May::Command(name.to_owned())],
            ..rule(OPERATOR, Verb::Change, ("*", "*"), None)
        };
        assert_eq!(
            ask(vec![of("rollback")], Verb::Change, &prod),
            Verdict::Denied(Why::NoRule)
        );
        assert_eq!(
            ask(vec![of("scale")], Verb::Change, &prod),
            Verdict::Allowed(Gate::Confirm)
        );
    }

    #[test]
    fn a_quorum_that_nobody_can_give_denies() {
        let prod = [Scope::namespace("prod", "ceoagent")];
        let nobody = |every: Vec<Vec<Alternative>>| {
            let gate = Gate::Approve(Quorum { every, reason: false });
            ask(
                vec![rule(OPERATOR, Verb::Release, ("*", "*"), Some(gate))],
                Verb::Release,
                &prod,
            )
        };
        let of_none = Alternative { count: 1, of: vec![] };
        for every in [vec![], vec![vec![]], vec![vec![of_none]]] {
            let verdict = nobody(every.clone());
            assert!(matches!(verdict, Verdict::Denied(_)), "{every:?}: {verdict:?}");
        }
    }

    #[test]
    fn every_scope_must_be_allowed() {
        let rules = vec![rule(OPERATOR, Verb::Change, ("prod", "ceo*"), None)];
        let both = [
            Scope::namespace("prod", "ceoagent"),
            Scope::namespace("prod", "payments"),
        ];
        assert_eq!(
            ask(rules.clone(), Verb::Change, &both[..1]),
            Verdict::Allowed(Gate::Confirm)
        );
        assert_eq!(ask(rules, Verb::Change, &both), Verdict::Denied(Why::NoRule));
    }

    #[test]
    fn a_deny_wins_and_the_strictest_gate_wins() {
        let prod = [Scope::namespace("prod", "ceoagent")];
        let mut rules = vec![
            rule(OPERATOR, Verb::Release, ("*", "*"), Some(quorum(1, LEAD))),
            rule(OPERATOR, Verb::Release, ("prod", "*"), Some(quorum(2, LEAD))),
            rule(OPERATOR, Verb::Release, ("*", "ceoagent"), Some(Gate::Confirm)),
        ];
        assert_eq!(
            ask(rules.clone(), Verb::Release, &prod),
            Verdict::Allowed(quorum(2, LEAD))
        );
        rules.push(Rule {
            deny: true,
            ..rule(OPERATOR, Verb::Release, ("prod", "ceoagent"), None)
        });
        assert_eq!(ask(rules, Verb::Release, &prod), Verdict::Denied(Why::Forbidden));
    }

    #[test]
    fn what_every_rule_asks_for_is_asked_for() {
        const DBA: Who = Who::Role(RoleId(3));
        let prod = [Scope::namespace("prod", "ceoagent")];
        let one = |of| Alternative {
            count: 1,
            of: vec![of],
        };
        let two_leads = Alternative {
            count: 2,
            of: vec![LEAD],
        };
        let either = Quorum::any(vec![two_leads.clone(), one(DBA)], true);
        let rules = vec![
            rule(OPERATOR, Verb::Release, ("*", "*"), Some(quorum(1, LEAD))),
            rule(
                OPERATOR,
                Verb::Release,
                ("prod", "*"),
                Some(Gate::Approve(either)),
            ),
        ];
        let both = Quorum {
            every: vec![vec![one(LEAD)], vec![two_leads, one(DBA)]],
            reason: true,
        };
        let verdict = ask(rules, Verb::Release, &prod);
        assert_eq!(verdict, Verdict::Allowed(Gate::Approve(both.clone())));
        assert_eq!(both.in_words().plain(), "1 of @&2; and 2 of @&2, or 1 of @&3");
    }

    #[test]
    fn a_release_without_a_named_approver_is_denied() {
        let prod = [Scope::namespace("prod", "ceoagent")];
        let rules = vec![rule(OPERATOR, Verb::Release, ("*", "*"), None)];
        assert_eq!(ask(rules, Verb::Release, &prod), Verdict::Denied(Why::NoApprover));
    }

    #[test]
    fn the_cluster_itself_needs_the_star() {
        let nodes = [Scope::cluster("prod")];
        assert_eq!(
            ask(
                vec![rule(OPERATOR, Verb::Read, ("prod", "ceo*"), None)],
                Verb::Read,
                &nodes
            ),
            Verdict::Denied(Why::NoRule)
        );
        assert_eq!(
            ask(
                vec![rule(OPERATOR, Verb::Read, ("prod", "*"), None)],
                Verb::Read,
                &nodes
            ),
            Verdict::Allowed(Gate::None)
        );
    }

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "prod", true),
            ("prod", "prod", true),
            ("prod", "prod2", false),
            ("ceo*", "ceoagent", true),
            ("*-prod", "eu-prod", true),
            ("*-prod", "eu-prod-2", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxc", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} against {text}");
        }
    }
}
