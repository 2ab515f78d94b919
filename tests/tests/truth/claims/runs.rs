//! What cards, runs and the answers to those who asked say.

use crate::record::Out;

use super::{Look, Rule, holds, number, rule};
use ceo_tests::world::IDS;

pub(super) fn rules() -> Vec<Rule> {
    let w = r"((?:deployment|statefulset|daemonset)/\S+?)";
    vec![
        rule(&format!(r"Scaled {w} from (\d+) to (\d+)"), |l, c| {
            wrote(l)?;
            let to = number(c, 3);
            l.was(&c[1], |f| f.desired == to && f.ready >= to)
        }),
        rule(
            &format!(r"Rolled back {w} to revision (\d+)(?: \(.*\))?"),
            |l, c| {
                wrote(l)?;
                l.was(&c[1], |f| f.ready == f.desired && f.updated == f.desired)
            },
        ),
        rule(
            &format!(r"(?:Scaling|Rolling back) {w} (?:from \d+ )?to (?:revision )?\d+(?: \(.*\))?"),
            |l, c| l.was(&c[1], |_| true),
        ),
        rule(
            &format!(
                r"(?:[\w ]+: )?(?:Scale|Roll back) {w} (?:from \d+ )?to (?:revision )?\d+(?: \(.*\))?\?"
            ),
            // It may be gone by the time at which somebody answers.
            |l, c| l.workload(&c[1]).map(|_| ()),
        ),
        rule(
            &format!(r"Not run: {w} changed after (?:this was asked|the approval)"),
            |l, _| unwritten(l),
        ),
        rule(r"Nothing was (?:changed|done)", |l, _| unwritten(l)),
        rule(&format!(r"{w} has (\d+) replicas? already"), |l, c| {
            let n = number(c, 2);
            l.was(&c[1], |f| f.desired == n)
        }),
        rule(&format!(r"{w} has no earlier revision to go back to"), |l, c| {
            earlier(l, &c[1])
        }),
        rule(r"Its history holds only what runs now", |l, _| earlier(l, "")),
        rule(r"asked by <@(\d+)>", |_, c| is(number(c, 1), &[IDS.operator])),
        rule(r"(?:approved by|Denied by) <@(\d+)>(?: .*)?", |_, c| {
            is(number(c, 1), &[IDS.lead])
        }),
        rule(r"<@(\d+)> withdrew this <t:\d+:R>", |_, c| {
            is(number(c, 1), &[IDS.operator])
        }),
        rule(r"This waits for <@(\d+)> to confirm it", |_, c| {
            is(number(c, 1), &[IDS.operator])
        }),
        rule(r"<@(\d+)> denied this .*", |_, c| is(number(c, 1), &[IDS.lead])),
        rule(r"People: asked by <@(\d+)>", |_, c| {
            is(number(c, 1), &[IDS.operator])
        }),
        rule(
            r"Needs: (?:1 of <@&(\d+)>, not the asker|your confirmation; it lapses .*)",
            |_, c| {
                holds(
                    c.get(1)
                        .is_none_or(|role| role.as_str() == IDS.lead_role.to_string()),
                    || "another role".to_owned(),
                )
            },
        ),
        rule(r"It needs 1 of <@&(\d+)>; (\d+) people can approve", |_, c| {
            is(number(c, 1), &[IDS.lead_role])?;
            holds(number(c, 2) == 2, || "two people can".to_owned())
        }),
        // Of what was seen at its looks: between two of them fewer may have served.
        rule(
            r"\d+ s, never seen with fewer than (\d+) pods? available",
            |l, c| {
                let least = number(c, 1);
                l.was("", |f| f.available >= least)
            },
        ),
        rule(
            &format!(r"(?:Rollback|Scaling)[^:]* was overtaken: {w} was changed again by (.*)"),
            |l, c| l.was(&c[1], |_| true),
        ),
        rule(
            &format!(r"{w} has no replicas: it runs one pod on each node"),
            |_, c| holds(c[1].starts_with("daemonset/"), || "it is no DaemonSet".to_owned()),
        ),
        rule(
            r"<@(\d+)> already approved this <t:\d+:R>; it is running",
            |_, c| is(number(c, 1), &[IDS.lead]),
        ),
        rule(
            r"Change-cause of revision \d+: ceo: rollback workload:(\S+) by operator, ticket (\d+)",
            |l, c| {
                let (name, ticket) = (l.workload("")?.0, number(c, 2));
                holds(name == &c[1], || format!("that was of {}", &c[1]))?;
                holds(l.written(ticket).next().is_some(), || {
                    format!("ticket {ticket} wrote nothing")
                })
            },
        ),
        rule(
            r"(?:[Tt]he cluster prod did not answer|[Tt]he cluster does not answer) \(.*\)|[Tt]he cluster prod did not answer within .*|This is an outage of the API server, not a missing right",
            |l, _| holds(l.out(Out::Cluster), || "it was not out".to_owned()),
        ),
        rule(&format!(r"Scaling to (\d+) is stuck: {w}"), |l, c| {
            l.was(&c[2], |f| !f.settled() || f.paused)
        }),
        rule(r"The rollout is paused; it goes on when it is resumed", |l, _| {
            l.was("", |f| f.paused)
        }),
        rule(
            r"[█░]* ?(\d+) of (\d+) (?:new )?pods? ready(?:, \d+ to go)?(?:, \d+ available)?, no progress for (?:less than a second|(?:\d+ min ?)?(?:\d+ s)?)",
            |l, c| l.was("", |f| super::verdicts::stands(f, c)),
        ),
        rule(
            r"[█░]* ?(\d+) of (\d+) (?:new )?pods? ready(?:, \d+ available)?, past its progress deadline",
            |l, c| l.was("", |f| super::verdicts::stands(f, c) && f.past_deadline),
        ),
        rule(
            r"The rollout has made no progress for .*: (\d+) of (\d+) new pods? available",
            |l, c| {
                let of = number(c, 2);
                l.was("", |f| f.desired == of && !f.settled())
            },
        ),
        rule(
            r"Nobody decided in time; it lapsed <t:(\d+):R>|Decided, but it could not start in time",
            |l, c| {
                holds(number(c, 1) * 1000 <= l.to(), || {
                    "that is still to come".to_owned()
                })?;
                unwritten(l)
            },
        ),
        rule(
            r"The controller has not looked at the change yet; it may be down or busy",
            |l, _| l.was("", |f| f.behind),
        ),
        rule(r"Image: (docker\S+)", |l, c| {
            let image = c[1].to_owned();
            // What the object asks for; whether a pod runs it yet is told beside.
            l.was("", |f| {
                f.images.contains(&image) || f.pods.iter().any(|p| p.images.contains(&image))
            })
        }),
        rule(
            &format!(r"Rollback to revision (\d+) (?:\(.*\) )?is stuck: {w}"),
            |l, c| l.was(&c[2], |f| !f.settled() || f.paused),
        ),
        rule(
            r"its log could not be read: there is no pod (\S+) in prod/\S+",
            |l, c| {
                let pod = c[1].to_owned();
                l.was(&pod, |f| f.pods.iter().all(|p| p.name != pod))
            },
        ),
        rule(
            r"its log could not be read: the cluster prod did not answer(?::| ).*",
            |l, _| holds(l.out(Out::Cluster), || "it was not out".to_owned()),
        ),
        // Read anew after it was away, or after its watches were cut off.
        rule(r"Its objects are still being read", |l, _| {
            holds(l.out(Out::Bot) || l.out(Out::Cluster), || {
                "the bot ran on".to_owned()
            })
        }),
        rule(
            r"[Tt]here is no (deployment|statefulset|daemonset) (\S+) in prod/\S+",
            |l, c| {
                let line = l.known.timelines.get(&format!("{}/{}", &c[1], &c[2]));
                let there = line.is_some_and(|line| line.during(l.from(), l.to()).next().is_some());
                // In the moment of its making it may be either.
                let always = line.is_some_and(|line| line.until(l.from()).next().is_some());
                let gone = line.is_some_and(|line| line.is_gone(l.to()));
                holds(gone || !(there && always), || "there was".to_owned())
            },
        ),
        rule(r"Did you mean (?:(?:, | or )?(?:\w+/)?w\S+)+\?", |l, c| {
            static NAMES: std::sync::LazyLock<regex::Regex> =
                std::sync::LazyLock::new(|| regex::Regex::new(r"w[0-9a-f]{6}").unwrap());
            let known = |name: &str| l.known.timelines.keys().any(|key| key.ends_with(name));
            let all = NAMES.find_iter(&c[0]).all(|name| known(name.as_str()));
            holds(all, || "there never was such a one".to_owned())
        }),
        rule(
            r"the rollout to revision \d+ makes no progress: (\d+) of (\d+) new pods? available(?:, (\d+) pods? still runs? an older one)?",
            |l, c| {
                let (new, of) = (number(c, 1), number(c, 2));
                l.was("", |f| f.desired == of && f.updated >= new)
            },
        ),
        rule(
            &format!(r"No earlier revision of {w} is known to have worked"),
            |l, c| l.was(&c[1], |_| true),
        ),
        rule(r"What runs now(?:, revision \d+,)? is healthy", |l, _| {
            l.was("", |f| f.staying().any(|p| p.ready))
        }),
        rule(
            r"(?:\S+ changed while it was written|[Ss]omebody else changed the object at the same time)",
            |l, _| l.was("", |_| true),
        ),
        rule(r"Whether [\w ]+ took effect is not known", |_, _| Ok(())),
        rule(
            &format!(r"The rollout of {w} is paused, so it cannot be rolled back"),
            |l, c| l.was(&c[1], |f| f.paused),
        ),
        rule(
            &format!(r"Resume it first: /ceo rollout resume workload:{w}"),
            |l, c| l.was(&c[1], |f| f.paused),
        ),
        rule(
            r"Approved by <@(\d+)>; it is (?:running|about to start)",
            |_, c| is(number(c, 1), &[IDS.lead]),
        ),
        rule(r"Written|Waiting for the cluster to take it up", |l, _| wrote(l)),
        rule(
            &format!(r"{w} is gone: somebody deleted it while this ran"),
            |l, c| {
                let (name, line) = l.workload(&c[1])?;
                holds(line.is_gone(l.to()), || {
                    format!("{name} is there; {}", line.ends())
                })
            },
        ),
        rule(r"Acked ((?:\w+)/\S+): .*", |l, c| {
            let acked =
                |m: &ceo_tests::discord::Message| m.text().contains(&c[1]) && m.text().contains("cked");
            holds(l.alerts().any(acked), || format!("no alert of {} says so", &c[1]))
        }),
        rule(r"approved <t:(\d+):R>", |_, _| Ok(())),
        rule(r"started <t:(\d+):R>", |_, _| Ok(())),
        rule(r"(?:less than a second|(?:(\d+) min ?)?(?:(\d+) s)?)", |l, c| {
            let lasted = number(c, 1) * 60 + number(c, 2);
            let created = l.message().map_or(l.piece.shown, |m| m.created_ms);
            // A card that was lost in a kill is posted a second time, and one that an outage of the chat held back for the
            // first time, while what it is about goes on: since it was written at the latest.
            let written = l.ticket().and_then(|ticket| l.written(ticket).next());
            let written = written.map_or(created, |write| write.time.as_millisecond());
            let most = (l.piece.shown - created.min(written) + super::LAG) / 1000 + 1;
            holds(lasted <= most, || {
                format!("it was asked {most} s ago at the most")
            })
        }),
        rule(
            r"No progress for (?:less than a second|(?:(\d+) min ?)?(?:(\d+) s)?)",
            |l, c| {
                let lasted = number(c, 1) * 60 + number(c, 2);
                let created = l.message().map_or(l.piece.shown, |m| m.created_ms);
                holds(lasted <= (l.piece.shown - created) / 1000 + 1, || {
                    "it was asked later".to_owned()
                })
            },
        ),
        rule(
            r"Note: this is more than double: (\d+) now, (\d+) then",
            |l, c| {
                let (now, then) = (number(c, 1), number(c, 2));
                holds(then > now * 2, || "it is not".to_owned())?;
                ever(l, |f| f.desired == now)
            },
        ),
        rule(
            r"Effect: (\d+) pods? (?:\((\d+) of (\d+) run that already\) )?replaced, at least (\d+) serving at any time \(.*\); pods counted .*",
            |l, c| {
                let (replaced, least) = (number(c, 1), number(c, 4));
                ever(l, |f| f.desired >= replaced && f.desired >= least)
            },
        ),
        rule(
            r"Effect: (\d+) pods? end before new ones start \(Recreate\): nothing serves in between; pods counted .*",
            |l, c| {
                let n = number(c, 1);
                ever(l, |f| f.desired == n || f.total == n)
            },
        ),
        rule(
            r"Effect: nothing until somebody deletes pods \(OnDelete\), which replaces (\d+) pods?(?: \(\d+ of \d+ run that already\))?; pods counted .*",
            |l, c| {
                let n = number(c, 1);
                ever(l, |f| f.on_delete && f.desired >= n)
            },
        ),
        rule(r"Effect: (\d+) pods? end and (\d+) pods? stay", |l, c| {
            let (end, stay) = (number(c, 1), number(c, 2));
            ever(l, |f| f.desired == end + stay)
        }),
        rule(r"Effect: (\d+) pods? added", |l, c| {
            let added = number(c, 1);
            let scale = regex::Regex::new(r"from (\d+) to (\d+)").unwrap();
            let title = scale
                .captures(&l.piece.title)
                .ok_or("the title does not say from where")?;
            holds(number(&title, 2) - number(&title, 1) == added, || {
                "the title says otherwise".to_owned()
            })
        }),
    ]
}

/// Whether this was so at some moment until now: a card says what was so when it was made.
fn ever(l: &Look<'_>, so: impl Fn(&crate::facts::Facts) -> bool) -> Result<(), String> {
    let (name, line) = l.workload("")?;
    holds(line.until(l.to()).any(|(_, f)| so(f)), || {
        format!("{name} never was so")
    })
}

fn is(who: i64, one_of: &[u64]) -> Result<(), String> {
    let so = one_of.iter().any(|id| i64::try_from(*id) == Ok(who));
    holds(so, || format!("{who} did not"))
}

/// The ticket of the message has written.
fn wrote(l: &Look<'_>) -> Result<(), String> {
    let ticket = l.ticket().ok_or("it names no ticket")?;
    holds(l.written(ticket).next().is_some(), || {
        format!("ticket {ticket} wrote nothing")
    })
}

/// The ticket of the message, if it has one, has not written.
fn unwritten(l: &Look<'_>) -> Result<(), String> {
    let Some(ticket) = l.ticket() else { return Ok(()) };
    let written = l.written(ticket).count();
    holds(written == 0, || format!("ticket {ticket} wrote {written} times"))
}

/// The workload ran nothing else before.
fn earlier(l: &Look<'_>, text: &str) -> Result<(), String> {
    let (name, line) = l.workload(text)?;
    let now: Vec<_> = line.until(l.from()).map(|(_, f)| f.images.clone()).collect();
    let other = now
        .last()
        .is_some_and(|last| now.iter().any(|images| images != last));
    holds(!other, || format!("{name} ran something else before"))
}
