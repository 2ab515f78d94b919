//! What is said of Jobs.

use crate::facts::Facts;

use super::{Look, Rule, holds, number, rule};

pub(super) fn rules() -> Vec<Rule> {
    let job = r"job/(w[0-9a-f]{6}(?:-\d)?)";
    vec![
        rule(&format!(r"{job} is complete(?: <t:\d+:R>)?"), |l, c| {
            is(l, &c[1], |j| j.complete)
        }),
        rule(&format!(r"{job} failed(?: <t:\d+:R>)?"), |l, c| {
            is(l, &c[1], |j| j.gave_up)
        }),
        rule(&format!(r"{job} has not begun"), |l, c| {
            is(l, &c[1], |j| j.active == 0 && !j.complete && !j.gave_up)
        }),
        rule(
            &format!(r"{job} runs: (\d+) active, (\d+) succeeded, (\d+) failed"),
            |l, c| {
                let told = (number(c, 2), number(c, 3), number(c, 4));
                is(l, &c[1], |j| (j.active, j.succeeded, j.failed) == told)
            },
        ),
        rule(
            r"(?:now )?(?:its pods failed more often than it allows|(\d+) pods? of it failed, and it allows no more)(?: .*)?",
            |l, c| {
                let told = c.get(1).map(|_| number(c, 1));
                l.was("", |f| {
                    f.jobs
                        .iter()
                        .any(|j| j.gave_up && told.is_none_or(|n| n == j.failed))
                })
            },
        ),
        rule(r"(?:(job|cronjob)/\S+): the Job failed", |l, c| {
            l.was(&c[0], |f| f.jobs.iter().any(|j| j.gave_up))
        }),
        rule(
            r"(?:Open incidents: )?(?:((?:job|cronjob)/\S+): )?the Job failed, .*",
            |l, c| {
                // It is held open for a while.
                let (_, line) = l.workload(&c[0])?;
                let mut moments = line.during(l.from() - super::HELD, l.to());
                holds(moments.any(|f| f.jobs.iter().any(|j| j.gave_up)), || {
                    "no Job of it failed".to_owned()
                })
            },
        ),
        // The newest Job says how it is: it failed still, or it is gone; or it works.
        rule(r"(?:(job|cronjob)/\S+): over", |l, c| {
            let (name, line) = l.workload(&c[0])?;
            // One of the same name may have been made since.
            let works = |f: &Facts| f.jobs.last().is_some_and(|j| !j.gave_up);
            let so = !line.always(l.from(), l.to(), works);
            holds(so, || format!("{name} works"))
        }),
        rule(r"It has not done its work since", |l, _| {
            l.was("", |f| f.jobs.last().is_none_or(|j| j.gave_up))
        }),
        rule(r"(?:(job|cronjob)/\S+): recovered", |l, c| {
            l.was(&c[0], |f| f.jobs.last().is_some_and(|j| !j.gave_up))
        }),
        rule(r"had failed for .*", |l, _| {
            holds(l.piece.title.contains("job/"), || "no Job".to_owned())
        }),
        rule(r"[Tt]here is no job (\S+) in prod/\S+", |l, c| {
            let name = c[1].to_owned();
            let stem = format!("job/{}", name.split('-').next().unwrap_or_default());
            let lines = [stem.replace("job/", "cronjob/"), stem];
            let has = |f: &Facts| f.jobs.iter().any(|j| j.name == name);
            let mut known = lines.iter().filter_map(|key| l.known.timelines.get(key));
            let there = known.any(|line| line.always(l.from(), l.to(), has));
            holds(!there, || "there was, all the while".to_owned())
        }),
    ]
}

/// Whether a Job was so. Those of a CronJob are kept with it.
fn is(l: &Look<'_>, name: &str, so: impl Fn(&crate::facts::Job) -> bool) -> Result<(), String> {
    let stem = name.split('-').next().unwrap_or_default();
    let keys = [format!("job/{stem}"), format!("cronjob/{stem}")];
    let lines: Vec<_> = keys.iter().filter_map(|key| l.known.timelines.get(key)).collect();
    let mut seen: Vec<String> = Vec::new();
    for job in lines
        .iter()
        .flat_map(|line| line.during(l.from(), l.to()))
        .flat_map(|f| &f.jobs)
        .filter(|j| j.name == name)
    {
        if so(job) {
            return Ok(());
        }
        seen.push(format!("{job:?}"));
    }
    seen.dedup();
    Err(format!("{name} was never so; it was {}", seen.join("; ")))
}
