//! What is said of nodes, of quotas, and of what Events say.

use regex::Captures;

use super::{Look, Rule, holds, number, rule};
use crate::facts;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule(
            r"(?:Open incidents: )?node/(node-\d): (?:the node is not ready)(?:, .*)?",
            |l, c| {
                let held = super::HELD;
                node(l, &c[1], l.from() - held, |ready| !ready)
            },
        ),
        rule(r"node/(node-\d): recovered", |l, c| {
            node(l, &c[1], l.from(), |ready| ready)
        }),
        rule(
            r"(?:Pod )?(w\S+): its node (node-\d) is not ready since .*",
            |l, c| {
                node(l, &c[2], l.from(), |ready| !ready)?;
                on_node(l, Some(&c[1]), &c[2])
            },
        ),
        rule(
            r"(?:\d+ )?pods? [A-Za-z]+: its node (node-\d) is not ready since .*",
            |l, c| {
                node(l, &c[1], l.from(), |ready| !ready)?;
                on_node(l, None, &c[1])
            },
        ),
        rule(
            r"was not ready for (?:less than a second|(?:(\d+) min ?)?(?:(\d+) s)?)",
            |l, c| {
                let name = l
                    .piece
                    .title
                    .trim_start_matches("node/")
                    .split(':')
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                let lasted = number(c, 1) * 60 + number(c, 2);
                let known = l.known.around.nodes.get(&name).ok_or("there is no such node")?;
                // It may have been away more than once in this time.
                let first = known
                    .iter()
                    .find(|(_, ready)| !ready)
                    .map_or(l.piece.shown, |(at, _)| *at);
                holds(lasted <= (l.piece.shown - first) / 1000 + 1, || {
                    format!("{name} was ready before")
                })
            },
        ),
        rule(r"the container runtime does not answer", |l, _| {
            let mut nodes = l.known.around.nodes.values();
            let bad = nodes.any(|n| facts::was(n, l.from() - super::HELD, l.to(), |ready| !ready));
            holds(bad, || "every node was well".to_owned())
        }),
        rule(
            r"(?:now )?Pods cannot be made: the quota scratch is used up \(requested: requests\.ephemeral-storage=1, used: requests\.ephemeral-storage=(\d+), limited: requests\.ephemeral-storage=(\d+)\)",
            quota,
        ),
        rule(
            r"(?:now )?[Tt]he last try to make a pod, <t:(\d+):R>, was refused: the quota scratch is used up \(requested: requests\.ephemeral-storage=1, used: requests\.ephemeral-storage=(\d+), limited: requests\.ephemeral-storage=(\d+)\)",
            |l, c| {
                let (at, used, limit) = (number(c, 1) * 1000, number(c, 2), number(c, 3));
                holds(used >= limit, || "there was room".to_owned())?;
                let tight = facts::was(&l.known.around.quota, at - 1_000, at + 1_000, |hard| {
                    hard == limit
                });
                holds(tight, || format!("the quota was {:?}", l.known.around.quota))
            },
        ),
        rule(r"(?:Event|NotReady): (.*)", |l, c| event(l, &c[1])),
        rule(r"Pending, .*", |l, _| {
            l.was("", |f| {
                f.pods.iter().any(|p| p.unscheduled || p.phase == "Pending")
            })
        }),
        rule(r"no new claims to deallocate.*", |l, c| event(l, &c[0])),
    ]
}

fn node(l: &Look<'_>, name: &str, from: i64, so: impl Fn(bool) -> bool) -> Result<(), String> {
    let known = l.known.around.nodes.get(name).ok_or("there is no such node")?;
    holds(facts::was(known, from, l.to(), so), || {
        format!("{name} was {known:?}")
    })
}

fn on_node(l: &Look<'_>, pod: Option<&str>, node: &str) -> Result<(), String> {
    l.was(pod.unwrap_or(""), |f| {
        f.pods
            .iter()
            .any(|p| pod.is_none_or(|pod| p.name == pod) && p.node == node)
    })
}

/// The quota allowed so much, a while ago at least, and all of that was used.
fn quota(l: &Look<'_>, c: &Captures<'_>) -> Result<(), String> {
    let (used, limit) = (number(c, 1), number(c, 2));
    holds(used >= limit, || "there is room".to_owned())?;
    let from = l.from() - super::HELD;
    let tight = facts::was(&l.known.around.quota, from, l.to(), |hard| hard == limit);
    holds(tight, || format!("the quota was {:?}", l.known.around.quota))
}

/// An Event says this; long words are cut in the middle.
fn event(l: &Look<'_>, words: &str) -> Result<(), String> {
    let begin: String = words.chars().take_while(|c| *c != '…').take(40).collect();
    let begin = begin.trim_end_matches(['.', ')']);
    let squeeze = |text: &str| text.replace(['`', '\\', '*'], "");
    let mut events = l.known.around.events.iter();
    holds(events.any(|e| squeeze(e).contains(begin)), || {
        format!("no Event says {begin:?}")
    })
}
