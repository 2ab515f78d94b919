//! What `status` and `get pods` say of the present.

use regex::Captures;

use super::{Look, Rule, holds, number, rule};

pub(super) const GREEN: i64 = 0x57_F2_87;
const RED: i64 = 0xED_42_45;

pub(super) fn rules() -> Vec<Rule> {
    let workload = r"(?:[🟢🟡🔴⚪] )?((?:deployment|statefulset|daemonset)/\S+?)";
    vec![
        rule(
            &format!(
                r"{workload} (?:is starting|serves with less): (\d+) of (\d+) pods? ready(?:, (?:\d+) to go)?(?: \(.*\))?"
            ),
            |l, c| {
                l.was(&c[1], |f| f.ready_pods() < f.desired || !f.settled())?;
                ready(l, c)
            },
        ),
        rule(r"(?:now )?container api runs and is not ready.*", |l, _| {
            l.was("", |f| f.staying().any(|p| !p.ready))
        }),
        rule(
            &format!(
                r"{workload} is scaling down: (\d+) of (\d+) pods? ready(?:, (?:\d+) to go)?(?: \(.*\))?"
            ),
            |l, c| {
                l.was(&c[1], |f| f.total > f.desired || count(f, |_| true) > f.desired)?;
                ready(l, c)
            },
        ),
        rule(
            &format!(r"{workload} is scaling to zero: (\d+) pods? left(?: \(.*\))?"),
            |l, c| {
                let left = number(c, 2);
                l.was(&c[1], |f| {
                    f.desired == 0 && (f.total == left || count(f, |_| true) == left)
                })
            },
        ),
        rule(
            &format!(
                r"{workload} waits until old pods are deleted: (\d+) of (\d+) pods? ready(?:, (?:\d+) to go)?(?: \(.*\))?"
            ),
            |l, c| {
                l.was(&c[1], |f| f.on_delete && f.updated < f.desired)?;
                ready(l, c)
            },
        ),
        rule(
            &format!(r"{workload} (?:is gone|runs nowhere: no node matches)(?: \(.*\))?"),
            |l, c| {
                let (name, line) = l.workload(&c[1])?;
                let so = line.is_gone(l.to()) || line.during(l.from(), l.to()).any(|f| f.desired == 0);
                holds(so, || format!("{name} was there"))
            },
        ),
        rule(
            r"(?:Pod )?(w\S+): ((?:container|Pending|CreateContainerConfigError|it ).*)",
            |l, c| reason(l, &c[1], &c[2]),
        ),
        rule(
            r"(prod/\S+): (\d+) of (\d+) workloads? needs? a look",
            need_a_look,
        ),
        rule(r"(prod/\S+): (\d+) workloads?, all well", |l, c| {
            let bad = l.piece.whole.contains('🔴') || l.piece.whole.contains('🟡');
            holds(!bad, || "some are not".to_owned())?;
            there_were(l, number(c, 2))
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
            &format!(
                r"{workload} is rolling out: (\d+) of (\d+) pods? ready(?:, (?:\d+) to go)?(?: \(.*\))?"
            ),
            |l, c| {
                l.was(&c[1], |f| !f.settled())?;
                ready(l, c)
            },
        ),
        rule(
            &format!(
                r"{workload} is paused in a rollout: (\d+) of (\d+) pods? ready(?:, (?:\d+) to go)?(?: \(.*\))?"
            ),
            |l, c| {
                l.was(&c[1], |f| f.paused)?;
                ready(l, c)
            },
        ),
        rule(
            &format!(
                r"{workload} is (?:degraded|down): (\d+) of (\d+) pods? ready(?:, (?:\d+) to go)?(?: \(.*\))?"
            ),
            |l, c| {
                colour(l, c, "🔴", RED)?;
                l.was(&c[1], |f| f.ready_pods() < f.desired || f.ready < f.desired)?;
                ready(l, c)
            },
        ),
        rule(
            &format!(
                r"{workload} serves, (?:but its rollout fails|with trouble): (\d+) of (\d+) pods? ready(?:, (?:\d+) to go)?(?: \(.*\))?"
            ),
            |l, c| {
                l.was(&c[1], |f| f.ready_pods() > 0)?;
                ready(l, c)
            },
        ),
        rule(
            &format!(
                r"{workload} is stuck in a rollout: (\d+) of (\d+) pods? ready(?:, (?:\d+) to go)?(?: \(.*\))?"
            ),
            |l, c| {
                l.was(&c[1], |f| !f.settled())?;
                ready(l, c)
            },
        ),
        rule(
            r"[█░]* ?(\d+) of (\d+) (?:new )?pods? ready(?:, \d+ available)?(?:, \d+ to go)?(?:, revision (\d+))?(?:, (docker\S+?))?(?:; (\d+) pods? still on an older template)?",
            |l, c| {
                l.was("", |f| stands(f, c))?;
                if let Some(image) = c.get(4) {
                    l.was("", |f| f.images.iter().any(|i| i == image.as_str()))?;
                }
                if c.get(5).is_some() {
                    let old = number(c, 5);
                    l.was("", |f| {
                        // Pods of the same image may be of another template.
                        count(f, |p| p.images != f.images) == old || f.total - f.updated == old
                    })?;
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
        rule(r"(\d+) pods? of all workloads(?:, (\d+) in trouble)?", |l, c| {
            let n = number(c, 1);
            let pods = &l.known.around.pods;
            holds(
                crate::facts::was(pods, l.from(), l.to(), |were| were == n),
                || format!("there never were {n}"),
            )
        }),
        rule(
            r"(\d+) of (\d+) pods? (?:is|are) of the newest template; the others are replaced when they are deleted",
            |l, c| {
                let (new, of) = (number(c, 1), number(c, 2));
                l.was("", |f| f.on_delete && f.updated == new && f.desired == of)
            },
        ),
        rule(r"No pods: ((?:deployment|statefulset|daemonset)/\S+)", |l, c| {
            l.was(&c[1], |f| f.pods.is_empty())
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
            r"(?:\d+ )?(\d+)? ?pods? (Pending|CrashLoopBackOff|Running|ImagePullBackOff|ErrImagePull|Error|OOMKilled|Terminating|ContainerCreating|CreateContainerConfigError|Completed|Succeeded|Unknown)(?:: (.*))?",
            |l, c| reason(l, "", c.get(3).map_or("", |m| m.as_str())),
        ),
        rule(r"(\d+) ([A-Z][A-Za-z]+)", |l, c| {
            let (n, state) = (number(c, 1), c[2].to_owned());
            if l.workload("").is_err() {
                return Ok(());
            }
            l.was("", |f| count(f, |p| super::code::state_of(p, &state)) >= n)
        }),
    ]
}

/// As many as are marked on the same card, of as many as there were.
fn need_a_look(l: &Look<'_>, c: &Captures<'_>) -> Result<(), String> {
    let wrong = number(c, 2);
    let marks = l.piece.whole.matches(['🔴', '🟡']).count();
    let named = i64::try_from(marks).unwrap_or(i64::MAX);
    // Twenty are named, those that need a look first.
    let so = if wrong < 20 { named == wrong } else { named == 20 };
    holds(so, || format!("{named} are marked"))?;
    there_were(l, number(c, 3))
}

fn there_were(l: &Look<'_>, n: i64) -> Result<(), String> {
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    let around = &l.known.around.workloads;
    holds(
        crate::facts::was(around, l.from(), l.to(), |were| were == n),
        || format!("there never were {n}"),
    )
}

/// A reason names what was seen of the pods.
pub(super) fn reason(l: &Look<'_>, about: &str, text: &str) -> Result<(), String> {
    let code = text.split("exit code ").nth(1);
    let code = code.and_then(|rest| {
        rest.split(|c: char| !c.is_ascii_digit())
            .next()?
            .parse::<i64>()
            .ok()
    });
    if let Some(code) = code {
        l.was(about, |f| f.pods.iter().any(|p| p.exits.contains(&code)))?;
    }
    for (words, probe) in [
        ("liveness probe", "livenessProbe"),
        ("startup probe", "startupProbe"),
    ] {
        if text.contains(words) {
            l.was(about, |f| f.probes.contains(&probe))?;
        }
    }
    if text.contains("refers to is missing") {
        l.was(about, |f| {
            let mut waiting = f.pods.iter().flat_map(|p| &p.waiting);
            waiting.any(|w| w == "CreateContainerConfigError")
        })?;
    }
    if text.contains("cannot be pulled") {
        l.was(about, |f| {
            f.pods
                .iter()
                .any(|p| p.waiting.iter().any(|w| w.contains("Pull")))
        })?;
    }
    if text.contains("not ready") {
        l.was(about, |f| f.staying().any(|p| !p.ready))?;
    }
    Ok(())
}

pub(super) fn count(f: &crate::facts::Facts, which: impl Fn(&crate::facts::Pod) -> bool) -> i64 {
    i64::try_from(f.pods.iter().filter(|p| which(p)).count()).unwrap_or(i64::MAX)
}

/// `2 of 3 pods ready` or `2 of 3 new pods ready`, in the first and second group.
pub(super) fn stands(f: &crate::facts::Facts, c: &Captures<'_>) -> bool {
    let (ready, desired) = (number(c, 1), number(c, 2));
    if to_go(&c[0]).map_or(f.desired != desired, |extra| {
        f.total != desired || f.desired + extra != desired
    }) {
        return false;
    }
    if c[0].contains(" new pod") {
        // Pods of the same image may be of another template.
        let told_apart = f.pods.iter().any(|p| p.images != f.images);
        return new_ready(f) == ready || !told_apart && new_ready(f) >= ready;
    }
    f.ready == ready || f.ready_pods() == ready
}

/// `, 2 to go`
fn to_go(text: &str) -> Option<i64> {
    let (before, _) = text.split_once(" to go")?;
    before.rsplit(' ').next()?.parse().ok()
}

fn new_ready(f: &crate::facts::Facts) -> i64 {
    count(f, |p| !p.leaving && p.ready && p.images == f.images)
}

/// `2 of 3 pods ready`, in the second and third group.
fn ready(l: &Look<'_>, c: &Captures<'_>) -> Result<(), String> {
    let (ready, of) = (number(c, 2), number(c, 3));
    let to_go = to_go(&c[0]);
    l.was(&c[1], |f| {
        let there = to_go.map_or(f.desired == of, |extra| f.total == of && f.desired + extra == of);
        there && (f.ready == ready || f.ready_pods() == ready)
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
