//! What alerts say: what is wrong, since when, and what ended it.

use ceo_tests::world::IDS;

use super::{Look, Rule, changes, holds, number, rule, verdicts};

pub(super) fn rules() -> Vec<Rule> {
    let w = r"((?:deployment|statefulset|daemonset|job|cronjob)/\S+?)";
    vec![
        rule(r"(w\S+): well now; its incident is open still: (.*)", |l, c| {
            // The pods of a Job are ready only while they run.
            let of_job = c[2].contains("the Job failed");
            l.was(&c[1], |f| of_job || f.staying().any(|p| p.ready))
        }),
        rule(
            r"(w\S+): unhealthy: (?:Startup|Readiness|Liveness) probe failed: .*",
            |l, c| l.was(&c[1], |f| f.pods.iter().any(|p| !p.ready)),
        ),
        rule(&format!(r"{w}: recovered"), |l, c| {
            // Said when all of its pods are ready; a rollout may go on for all that.
            l.was(&c[1], |f| f.ready_pods() >= f.desired)?;
            holds(
                l.piece.color == verdicts::GREEN || l.piece.part != crate::pieces::Part::Title,
                || format!("the colour is {:06x}", l.piece.color),
            )
        }),
        rule(
            &format!(
                r"{w}: (containers crash|containers run out of memory|an image cannot be pulled|pods fit on no node|the rollout is past its deadline|pods do not become ready)(?:, .*)?"
            ),
            |l, c| trouble(l, &c[1], &c[2]),
        ),
        rule(r"Open incidents: none", |l, _| none_open(l)),
        rule(
            r"(?:Open incidents: )?(?:((?:deployment|statefulset|daemonset|job|cronjob)/\S+?): )?(containers crash|containers run out of memory|an image cannot be pulled|pods fit on no node|the rollout is past its deadline|pods do not become ready), .*",
            |l, c| trouble(l, c.get(1).map_or("", |m| m.as_str()), &c[2]),
        ),
        rule(
            r"(crashed|ran out of memory|could not pull an image|had pods that fit on no node|was past its deadline|had pods that were not ready|could not get its pods|lacked what a container refers to|was restarted by the kubelet) for (?:less than a second|(?:(\d+) min ?)?(?:(\d+) s)?)((?:, \d+ restarts?)?)(?:, ended by (.*))?",
            |l, c| {
                let lasted = number(c, 2) * 60 + number(c, 3);
                // It began when the first of it was to be seen at the earliest.
                let (name, line) = l.workload("")?;
                let bad = |f: &crate::facts::Facts| {
                    let ends = f
                        .pods
                        .iter()
                        .any(|p| !p.exits.is_empty() || !p.waiting.is_empty());
                    ends || f.pods.iter().any(|p| !p.ready || p.node.is_empty()) || f.total < f.desired
                };
                let first = line
                    .until(l.to())
                    .find(|(_, f)| bad(f))
                    .map_or(l.piece.shown, |(at, _)| at);
                let most = (l.piece.shown - first) / 1000 + 1;
                holds(lasted <= most, || {
                    format!("{name} had no trouble before {most} s ago")
                })?;
                c.get(5).map_or(Ok(()), |by| changes::change(l, by.as_str()))
            },
        ),
        rule(
            r"since <t:(\d+):R>(?:, (\d+) of (\d+) (?:pods?|nodes?))?(?:, (\d+) restarts?)?(?:, (?:(nothing serves)|(\d+) of (\d+) serves?))?",
            since,
        ),
        rule(
            r"since <t:(\d+):R>, last seen with (\d+) of (\d+) (?:pods?|nodes?)(?:, (\d+) restarts?)?",
            |l, c| {
                let (most, of) = (number(c, 2), number(c, 3));
                holds(most <= of, || "more than there are".to_owned())?;
                if c[0].contains("node") {
                    return Ok(());
                }
                let (name, line) = l.workload("")?;
                let had = |f: &crate::facts::Facts| verdicts::count(f, |_| true) >= most;
                holds(line.until(l.to()).any(|(_, f)| had(f)), || {
                    format!("{name} never had {most} pods")
                })?;
                let (restarts, seen) = (number(c, 4), most_restarts(line, l.to()));
                holds(restarts <= seen, || {
                    format!("the pods of {name} restarted {seen} times")
                })
            },
        ),
        rule(
            r"Nothing of it seen since <t:(\d+):R>; it counts as over once that is so for .*",
            |l, c| quiet(l, number(c, 1) * 1000),
        ),
        rule(r"the memory limit of api is 64Mi", |l, _| l.was("", |_| true)),
        rule(
            r"It came back: (?:\[incident \d+\]\(\S+\)|incident \d+) ended <t:(\d+):R>",
            |l, c| {
                holds(number(c, 1) * 1000 <= l.piece.shown, || {
                    "that is yet to come".to_owned()
                })
            },
        ),
        rule(
            r"(?:Open incidents: )?cluster/prod: (?:the API server does not answer(?: since .*)?|recovered)|the bot cannot reach it .*",
            |l, _| {
                let mut away = l.known.away.iter();
                let out = away.any(|span| span.what == crate::record::Out::Cluster && span.from <= l.to());
                holds(out, || "it was not out".to_owned())
            },
        ),
        rule(
            r"At its worst: (?:Pods cannot be made: .*|The last try to make a pod, .*|(?:its pods failed more often|\d+ pods? of it failed).*)",
            |l, _| {
                let (name, line) = l.workload("")?;
                let short = |f: &crate::facts::Facts| f.total < f.desired || f.jobs.iter().any(|j| j.gave_up);
                holds(line.until(l.to()).any(|(_, f)| short(f)), || {
                    format!("{name} had all its pods")
                })
            },
        ),
        rule(
            r"At its worst (\d+) of (\d+) (pods?|nodes?)(?:: (.*))?",
            |l, c| {
                let (most, of) = (number(c, 1), number(c, 2));
                holds(most <= of, || "more than there are".to_owned())?;
                if c[3].starts_with("node") {
                    return Ok(());
                }
                // A Job of which nothing is left at the end had pods.
                let (name, line) = l.workload("")?;
                let had = line
                    .until(l.to())
                    .any(|(_, f)| verdicts::count(f, |_| true) >= most);
                holds(had, || format!("{name} never had {most} pods"))
            },
        ),
        rule(
            r"(?:Acked: by|acked by) <@(\d+)> after (?:less than a second|(?:(\d+) min ?)?(?:(\d+) s)?)",
            |l, c| {
                let who = number(c, 1);
                let may = [IDS.operator, IDS.lead]
                    .iter()
                    .any(|id| i64::try_from(*id) == Ok(who));
                holds(may, || format!("{who} did not"))?;
                // What is told of in the message began when it says so; on a slow machine it is told later than that.
                let most = l.piece.shown / 1000 - begun(l).unwrap_or(0) + 1;
                holds(number(c, 2) * 60 + number(c, 3) <= most || l.out_at_all(), || {
                    format!("it began {most} s ago")
                })
            },
        ),
        rule(
            r"<@(\d+)> (?:(acked) this <t:\d+:R> already|(silenced) this already)|that lapses <t:\d+:R>",
            |l, c| {
                let Some(did) = c.get(2).or(c.get(3)) else {
                    return Ok(());
                };
                // The incident's own message says who did.
                let by = |text: &str| text.to_lowercase().contains(did.as_str()) && text.contains(&c[1]);
                let told = l
                    .alerts()
                    .any(|m| crate::pieces::of(m).iter().any(|p| by(&p.whole)));
                holds(told, || {
                    format!("no incident says that {} {}", &c[1], did.as_str())
                })
            },
        ),
        rule(r"came back (?:once|(\d+) times)", |l, c| {
            let times = c.get(1).map_or(1, |_| number(c, 1));
            let name = l.piece.title.split(':').next().unwrap_or_default();
            let told = l.alerts().filter(|m| m.text().contains(name)).count();
            let states: usize = l
                .alerts()
                .filter(|m| m.text().contains(name))
                .map(|m| m.revisions.len())
                .sum();
            holds(usize::try_from(times).is_ok_and(|t| t < told + states), || {
                format!("it was told {told} times")
            })
        }),
        rule(&format!(r"{w}: over"), |l, c| {
            let (name, line) = l.workload(&c[1])?;
            // It is gone, or not well for all that.
            let gone = line.is_gone(l.to());
            let unwell = line
                .during(l.from(), l.to())
                .any(|f| f.ready_pods() < f.desired || f.troubled());
            holds(gone || unwell, || format!("{name} was there, and well"))
        }),
        rule(
            r"When that was over, (\d+) of (\d+) pods? (?:was|were) ready",
            |l, c| {
                let (ready, desired) = (number(c, 1), number(c, 2));
                l.was("", |f| {
                    f.ready_pods().min(f.desired) == ready && f.desired == desired
                })
            },
        ),
        rule(
            &format!(
                r"{w}: (pods cannot be made|what a container refers to is missing|the kubelet restarts containers)(?:, .*)?"
            ),
            |l, c| trouble(l, &c[1], &c[2]),
        ),
        rule(
            r"(?:Open incidents: )?(?:((?:deployment|statefulset|daemonset|job|cronjob)/\S+?): )?(pods cannot be made|what a container refers to is missing|the kubelet restarts containers), .*",
            |l, c| trouble(l, c.get(1).map_or("", |m| m.as_str()), &c[2]),
        ),
        rule(
            r"(?:now )?((?:container )?api (?:ends|waits|is killed|is restarted|runs and).*)",
            |l, c| verdicts::reason(l, "", &c[1]),
        ),
        rule(
            r"before that, in other pods, for (?:less than a second|(?:(?:\d+) min ?)?(?:(?:\d+) s)?) until <t:(\d+):[RT]>: (.*)",
            |l, c| {
                let until = number(c, 1) * 1000 + super::LAG;
                let (name, line) = l.workload("")?;
                let code = c[2].split("exit code ").nth(1);
                let code = code.and_then(|rest| rest.split(' ').next()?.parse().ok());
                let bad = |p: &crate::facts::Pod| match code {
                    Some(code) => p.exits.contains(&code),
                    None => !p.ready || !p.waiting.is_empty() || !p.exits.is_empty(),
                };
                holds(line.until(until).any(|(_, f)| f.pods.iter().any(bad)), || {
                    format!("no pod of {name} showed that")
                })
            },
        ),
        rule(
            r"did not answer for (?:less than a second|(?:(\d+) min ?)?(?:(\d+) s)?)",
            |l, c| {
                let lasted = number(c, 1) * 60 + number(c, 2);
                let out = l
                    .known
                    .away
                    .iter()
                    .filter(|span| span.what == crate::record::Out::Cluster);
                let longest = out
                    .map(|span| (span.to - span.from + super::LAG) / 1000 + 1)
                    .max()
                    .unwrap_or(0);
                holds(lasted <= longest, || {
                    format!("it was out for {longest} s at the most")
                })
            },
        ),
    ]
}

/// Since when, how many, how often, and what still serves.
fn since(l: &Look<'_>, c: &regex::Captures<'_>) -> Result<(), String> {
    let since = number(c, 1) * 1000;
    holds(since <= l.piece.shown, || "that is yet to come".to_owned())?;
    holds(number(c, 2) <= number(c, 3), || "more than there are".to_owned())?;
    if c[0].contains("node") {
        return Ok(());
    }
    let of = number(c, 3);
    if c.get(2).is_some() {
        l.was("", |f| f.desired == of || verdicts::count(f, |_| true) >= of)?;
    }
    if c.get(2).is_none() && c.get(4).is_none() && c.get(5).is_none() && c.get(6).is_none() {
        return Ok(());
    }
    let affected = number(c, 2);
    l.was("", |f| verdicts::count(f, |_| true) >= affected)?;
    if c.get(4).is_some() {
        let restarts = number(c, 4);
        let (name, line) = l.workload("")?;
        let most = most_restarts(line, l.to());
        holds(restarts <= most, || {
            format!("the pods of {name} restarted {most} times")
        })?;
    }
    if c.get(5).is_some() {
        return l.was("", |f| f.ready_pods() == 0);
    }
    if c.get(6).is_some() {
        let (serve, of) = (number(c, 6), number(c, 7));
        let so = |ready: i64| ready.min(of) == serve;
        // Pods and what their workload asks for come by two watches, one a moment after the other; those of a surge count.
        l.was("", |f| f.desired == of || verdicts::count(f, |_| true) >= of)?;
        return l.was("", |f| so(f.ready_pods()) || so(f.ready));
    }
    Ok(())
}

/// Restarts of all pods there were, those that came again under a name of before among them.
fn most_restarts(line: &crate::facts::Timeline, to: i64) -> i64 {
    let mut last: std::collections::BTreeMap<&str, i64> = std::collections::BTreeMap::new();
    let mut all = 0;
    for (_, facts) in line.until(to) {
        for pod in &facts.pods {
            let before = last.insert(&pod.name, pod.restarts).unwrap_or(0);
            all += if pod.restarts >= before {
                pod.restarts - before
            } else {
                pod.restarts
            };
        }
    }
    all
}

/// The trouble that is told was to be seen. An incident is held open for a while after the last of it.
fn trouble(l: &Look<'_>, text: &str, what: &str) -> Result<(), String> {
    let (name, line) = l.workload(text)?;
    let mut moments = line.during(l.from() - super::HELD, l.to());
    let so = |f: &crate::facts::Facts| match what {
        "an image cannot be pulled" => f
            .pods
            .iter()
            .any(|p| p.waiting.iter().any(|w| w.contains("Pull"))),
        "containers crash" | "containers run out of memory" => f.pods.iter().any(|p| !p.exits.is_empty()),
        "pods fit on no node" => f.pods.iter().any(|p| p.unscheduled),
        "pods do not become ready" => f.staying().any(|p| !p.ready),
        "pods cannot be made" => verdicts::count(f, |p| !p.leaving) < f.desired || f.updated < f.desired,
        "what a container refers to is missing" => f
            .pods
            .iter()
            .any(|p| p.waiting.iter().any(|w| w == "CreateContainerConfigError")),
        "the kubelet restarts containers" => f.pods.iter().any(|p| p.exits.contains(&137)),
        _ => true,
    };
    holds(moments.any(so), || {
        format!("nothing of the kind was to be seen of {name}")
    })
}

/// About that time there was a moment without the trouble that the title names.
fn quiet(l: &Look<'_>, at: i64) -> Result<(), String> {
    if l.piece.title.starts_with("node/") {
        return Ok(());
    }
    let (name, line) = l.workload("")?;
    let title = l.piece.title.as_str();
    let well = |f: &crate::facts::Facts| {
        if title.contains("pods fit on no node") {
            f.pods.iter().all(|p| !p.unscheduled)
        } else if title.contains("pods do not become ready") {
            f.staying().all(|p| p.ready)
        } else if title.contains("pods cannot be made") {
            // The condition of the object comes and goes with each change of its spec, and is not recorded here.
            true
        } else {
            let waits_for =
                |word: &'static str| move |p: &crate::facts::Pod| !p.waiting.iter().any(|w| w.contains(word));
            match title {
                t if t.contains("an image cannot be pulled") => f.staying().all(waits_for("Pull")),
                t if t.contains("what a container refers to") => f.staying().all(waits_for("Config")),
                _ => f.staying().all(waits_for("CrashLoop")),
            }
        }
    };
    let moments = || line.during(at - super::LAG, at + 1_000 + super::AHEAD);
    holds(
        line.is_gone(at + 1_000 + super::AHEAD) || moments().any(well),
        || {
            let moments: Vec<String> = moments().map(crate::facts::Facts::short).collect();
            format!("all of that time {name} was in trouble: {}", moments.join("; "))
        },
    )
}

/// No message of #alerts told of a trouble of that workload all the while.
fn none_open(l: &Look<'_>) -> Result<(), String> {
    let (name, _) = l.workload("")?;
    let (from, to) = (l.from(), l.piece.shown);
    let open = l.alerts().find(|m| {
        let first = m.revisions.first().map_or(&m.embeds, |r| &r.embeds);
        let titles = m
            .revisions
            .iter()
            .map(|r| (r.until_ms, &r.embeds))
            .chain([(i64::MAX, &m.embeds)]);
        let about = first
            .first()
            .and_then(|e| e["title"].as_str())
            // Not the answer to who acked it: that stands as it was said.
            .is_some_and(|t| t.contains(name) && !t.starts_with("Acked ") && !t.starts_with("Silenced "));
        let mut begin = m.created_ms;
        let mut always = about && m.created_ms < from;
        for (until, embeds) in titles {
            let title = embeds
                .first()
                .and_then(|e| e["title"].as_str())
                .unwrap_or_default();
            let closed = title.contains("recovered") || title.contains(": over");
            if begin < to + super::LAG && until > from && closed {
                always = false;
            }
            begin = until;
        }
        always
    });
    // What the end of the act cut off is told to nobody.
    let open = open.filter(|_| l.known.ended > l.piece.shown + super::LAG);
    open.map_or(Ok(()), |m| {
        let states = m
            .revisions
            .iter()
            .map(|r| (Some(r.until_ms), &r.embeds))
            .chain([(None, &m.embeds)]);
        let told: Vec<String> = states
            .map(|(until, embeds)| {
                format!(
                    "{} until {until:?}",
                    embeds[0]["title"].as_str().unwrap_or_default()
                )
            })
            .collect();
        Err(format!(
            "message {} of {} tells of one: {}",
            m.id,
            m.created_ms,
            told.join("; ")
        ))
    })
}

/// Since when the trouble is there, by the message's own words in any of its states; in seconds since 1970.
fn begun(l: &Look<'_>) -> Option<i64> {
    let all = crate::pieces::of(l.message()?);
    all.iter().find_map(|piece| {
        let (_, since) = piece.whole.split_once("since <t:")?;
        since.split_once(':')?.0.parse().ok()
    })
}
