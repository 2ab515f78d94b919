//! What `status` and `get pods` say of the present.

use regex::Captures;

use super::{Look, Rule, holds, number, rule};

const GREEN: i64 = 0x57_F2_87;
const RED: i64 = 0xED_42_45;

pub(super) fn rules() -> Vec<Rule> {
    let workload = r"(?:[🟢🟡🔴⚪] )?((?:deployment|statefulset|daemonset)/\S+?)";
    vec![
        rule(
            &format!(r"{workload} (?:is starting|serves with less): (\d+) of (\d+) pods? ready(?: \(.*\))?"),
            |l, c| {
                l.was(&c[1], |f| f.ready_pods() < f.desired || !f.settled())?;
                ready(l, c)
            },
        ),
        rule(r"(?:now )?container api runs and is not ready.*", |l, _| {
            l.was("", |f| f.staying().any(|p| !p.ready))
        }),
        rule(r"(w\S+): its node (node-\d) is not ready since .*", |l, c| {
            let (pod, node) = (c[1].to_owned(), c[2].to_owned());
            l.was("", |f| f.pods.iter().any(|p| p.name == pod && p.node == node))
        }),
        rule(&format!(r"{workload} is healthy(?: \((\d+)/(\d+)\))?"), |l, c| {
            colour(l, c, "🟢", GREEN)?;
            l.was(&c[1], |f| f.settled() && f.staying().all(|p| p.ready))
        }),
        rule(
            &format!(r"{workload} is scaled to zero(?: \((\d+)/(\d+)\))?"),
            |l, c| l.was(&c[1], |f| f.desired == 0),
        ),
        rule(
            &format!(r"{workload} is rolling out: (\d+) of (\d+) pods? ready(?: \(.*\))?"),
            |l, c| {
                l.was(&c[1], |f| !f.settled())?;
                ready(l, c)
            },
        ),
        rule(
            &format!(r"{workload} is paused in a rollout: (\d+) of (\d+) pods? ready(?: \(.*\))?"),
            |l, c| {
                l.was(&c[1], |f| f.paused)?;
                ready(l, c)
            },
        ),
        rule(
            &format!(r"{workload} is (?:degraded|down): (\d+) of (\d+) pods? ready(?: \(.*\))?"),
            |l, c| {
                colour(l, c, "🔴", RED)?;
                l.was(&c[1], |f| f.ready_pods() < f.desired || f.ready < f.desired)?;
                ready(l, c)
            },
        ),
        rule(
            &format!(
                r"{workload} serves, (?:but its rollout fails|with trouble): (\d+) of (\d+) pods? ready(?: \(.*\))?"
            ),
            |l, c| {
                l.was(&c[1], |f| f.ready_pods() > 0)?;
                ready(l, c)
            },
        ),
        rule(
            &format!(r"{workload} is stuck in a rollout: (\d+) of (\d+) pods? ready(?: \(.*\))?"),
            |l, c| {
                l.was(&c[1], |f| !f.settled())?;
                ready(l, c)
            },
        ),
        rule(
            r"[█░]* ?(\d+) of (\d+) (?:new )?pods? ready(?:, revision (\d+))?(?:, (docker\S+?))?(?:; (\d+) pods? still on an older template)?",
            |l, c| {
                let (ready, desired) = (number(c, 1), number(c, 2));
                l.was("", |f| {
                    f.desired == desired
                        && (f.ready == ready || f.ready_pods() == ready || new_ready(f) == ready)
                })?;
                if let Some(image) = c.get(4) {
                    l.was("", |f| f.images.iter().any(|i| i == image.as_str()))?;
                }
                if c.get(5).is_some() {
                    let old = number(c, 5);
                    l.was("", |f| count(f, |p| p.images != f.images) == old)?;
                }
                Ok(())
            },
        ),
        rule(r"(\d+) restarts? of its pods", |l, c| {
            let restarts = number(c, 1);
            l.was("", |f| f.restarts() == restarts)
        }),
        rule(r"(\d+) of (\d+) pods?(?:, (\d+) restarts?)?", |l, c| {
            let of = number(c, 2);
            l.was("", |f| f.desired == of || count(f, |_| true) == of)
        }),
        rule(r"Scaling: by hand", |l, _| l.was("", |_| true)),
        rule(r"Scaling: one pod on each node(?: that matches)?", |l, _| {
            let (name, _) = l.workload("")?;
            holds(name.starts_with("daemonset/"), || {
                format!("{name} is no DaemonSet")
            })
        }),
        rule(
            r"(\d+) pods? of ((?:deployment|statefulset|daemonset)/\S+?)(?:, \d+ in trouble)?",
            |l, c| {
                let n = number(c, 1);
                l.was(&c[2], |f| count(f, |_| true) == n)
            },
        ),
        rule(
            r"(?:\d+ )?(\d+)? ?pods? (Pending|CrashLoopBackOff|Running|ImagePullBackOff|ErrImagePull|Error|OOMKilled|Terminating|ContainerCreating)(?:: (.*))?",
            |l, c| reason(l, c.get(3).map_or("", |m| m.as_str())),
        ),
        rule(
            r"(\d+) (Error|CrashLoopBackOff|Terminating|Pending|ImagePullBackOff|ErrImagePull|OOMKilled|Running|ContainerCreating)",
            |l, c| {
                let n = number(c, 1);
                l.was("", |f| count(f, |_| true) >= n)
            },
        ),
        rule(r"(?:Pod )?(w\S+): (container .*)", |l, c| reason(l, &c[2])),
        rule(r"(prod/\S+): (\d+) of (\d+) workloads? needs? a look", |_, _| {
            Ok(())
        }),
        rule(r"(prod/\S+): (\d+) workloads?, all well", |_, _| Ok(())),
    ]
}

/// A reason names what was seen of the pods.
pub(super) fn reason(l: &Look<'_>, text: &str) -> Result<(), String> {
    let code = text.split("exit code ").nth(1);
    let code = code.and_then(|rest| {
        rest.split(|c: char| !c.is_ascii_digit())
            .next()?
            .parse::<i64>()
            .ok()
    });
    if let Some(code) = code {
        l.was("", |f| f.pods.iter().any(|p| p.exits.contains(&code)))?;
    }
    if text.contains("cannot be pulled") {
        l.was("", |f| {
            f.pods
                .iter()
                .any(|p| p.waiting.iter().any(|w| w.contains("Pull")))
        })?;
    }
    if text.contains("not ready") {
        l.was("", |f| f.staying().any(|p| !p.ready))?;
    }
    Ok(())
}

pub(super) fn count(f: &crate::facts::Facts, which: impl Fn(&crate::facts::Pod) -> bool) -> i64 {
    i64::try_from(f.pods.iter().filter(|p| which(p)).count()).unwrap_or(i64::MAX)
}

fn new_ready(f: &crate::facts::Facts) -> i64 {
    count(f, |p| !p.leaving && p.ready && p.images == f.images)
}

/// `2 of 3 pods ready`, in the second and third group.
fn ready(l: &Look<'_>, c: &Captures<'_>) -> Result<(), String> {
    let (ready, desired) = (number(c, 2), number(c, 3));
    l.was(&c[1], |f| {
        f.desired == desired && (f.ready == ready || f.ready_pods() == ready)
    })
}

/// The colour repeats the word.
fn colour(l: &Look<'_>, c: &Captures<'_>, mark: &str, colour: i64) -> Result<(), String> {
    if l.piece.part == crate::pieces::Part::Title && l.piece.color != colour {
        return Err(format!("the colour is {:06x}", l.piece.color));
    }
    let first = c[0].chars().next().filter(|c| "🟢🟡🔴⚪".contains(*c));
    holds(first.is_none_or(|first| mark.contains(first)), || {
        "the mark is another".to_owned()
    })
}
