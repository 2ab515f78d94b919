//! Follows a written change to its end: one message with a bar, pods by state, and the cause when it sticks. It reads the
//! watch caches, so it costs no requests and sees the end as soon as the cluster says it.

use std::{sync::Arc, time::Duration};

use super::{Run, buttons, contract::Finished, impact};
use crate::{
    cluster::{Cached, WorkloadObject},
    failure::Failure,
    health::{
        self,
        rollout::{Rollout, RolloutState},
    },
    line,
    model::{
        Act, Action, Field, Progress, Report, Style, Text, Timestamp, Tone, Workload, code, since, spell,
    },
    objects::Pod,
    ticket::Outcome,
};

/// What is followed, and how it is worded.
pub(super) struct Follow<'a> {
    /// The object.
    pub(super) workload: &'a Workload,
    /// Its generation after the write: older states are of before.
    pub(super) generation: i64,
    /// When it was written.
    pub(super) since: Timestamp,
    /// `Rolling back deployment/x to revision 7`.
    pub(super) doing: Text,
    /// `Rollback to revision 7`, for "… is stuck".
    pub(super) noun: String,
    /// `Rolled back deployment/x to revision 7`, given the object at its end.
    pub(super) done: &'a (dyn Fn(&WorkloadObject) -> Text + Send + Sync),
    /// Whether the object still is as this change wrote it.
    pub(super) ours: &'a (dyn Fn(&WorkloadObject) -> bool + Send + Sync),
}

/// What was seen on the way.
struct Seen {
    least_available: Option<i32>,
    numbers: Option<(i32, i32, i32)>,
    moved_at: Timestamp,
    shown: Option<Report>,
}

/// Follows to the end.
///
/// # Errors
/// When the store fails. A cluster that does not answer is waited for, and said.
pub(super) async fn follow(run: &Run<'_>, what: Follow<'_>) -> Result<Finished, Failure> {
    let mut seen = Seen {
        least_available: None,
        numbers: None,
        moved_at: run.now(),
        shown: None,
    };
    let mut changes = run
        .view()
        .cached(&what.workload.cluster, &what.workload.namespace)?
        .changed();
    loop {
        changes.mark_unchanged();
        let report = look(run, &what, &mut seen).await?;
        match report {
            Look::End(outcome, report) => {
                return Ok(Finished {
                    outcome,
                    report: *report,
                });
            }
            Look::Going(report) => {
                if seen.shown.as_ref() != Some(&report) {
                    run.show((*report).clone()).await?;
                    seen.shown = Some(*report);
                }
            }
        }
        // Woken by the cluster at once for the end; by the clock for "stuck" and for the seconds of the bar.
        let _ = tokio::time::timeout(run.timing().progress_every, changes.changed()).await;
    }
}

enum Look {
    End(Outcome, Box<Report>),
    Going(Box<Report>),
}

async fn look(run: &Run<'_>, what: &Follow<'_>, seen: &mut Seen) -> Result<Look, Failure> {
    let cached = run
        .view()
        .cached(&what.workload.cluster, &what.workload.namespace)?;
    let Some(object) = cached.workload(what.workload) else {
        return Ok(missing(run, what, &cached));
    };
    if object.generation() < what.generation {
        return Ok(Look::Going(Box::new(going(run, what, None, &[]))));
    }
    if !(what.ours)(&object) {
        return Ok(Look::End(Outcome::Overtaken, Box::new(overtaken(what, &object))));
    }
    let rollout = object.rollout(run.now());
    let pods = cached.new_pods_of(&object);
    note(run, seen, &rollout);
    if rollout.is_complete() {
        return Ok(Look::End(
            Outcome::Succeeded,
            Box::new(finished(run, what, &object, seen)),
        ));
    }
    let idle = since(seen.moved_at, run.now());
    let stuck = idle >= run.timing().stuck_after;
    if !stuck && rollout.state != RolloutState::Stuck {
        return Ok(Look::Going(Box::new(going(run, what, Some(&rollout), &pods))));
    }
    let report = stuck_report(what, &object, (&rollout, &pods), idle);
    if rollout.state == RolloutState::Stuck {
        Ok(Look::End(Outcome::Failed, Box::new(report)))
    } else {
        Ok(Look::Going(Box::new(report)))
    }
}

/// Remembers what the verdict needs.
fn note(run: &Run<'_>, seen: &mut Seen, rollout: &Rollout) {
    let numbers = (rollout.updated, rollout.ready, rollout.available);
    if seen.numbers != Some(numbers) {
        seen.numbers = Some(numbers);
        seen.moved_at = run.now();
    }
    let available = rollout.available;
    seen.least_available = Some(
        seen.least_available
            .map_or(available, |least| least.min(available)),
    );
}

fn missing(run: &Run<'_>, what: &Follow<'_>, cached: &Cached) -> Look {
    let trouble = cached.error().map(|(trouble, _)| trouble);
    let waiting =
        trouble.or_else(|| (!cached.synced()).then(|| "its objects are still being read".to_owned()));
    match waiting {
        Some(trouble) => {
            let mut report = going(run, what, None, &[]);
            report.tone = Tone::Waiting;
            report.add(line![
                "The cluster does not answer (",
                trouble,
                "). What was written stays; the bot looks again."
            ]);
            Look::Going(Box::new(report))
        }
        None => {
            let title = line![
                what.workload.short(),
                " is gone: somebody deleted it while this ran"
            ];
            let report = Report::new(Tone::Bad, title).at(what.workload.scope().place());
            Look::End(Outcome::Failed, Box::new(report))
        }
    }
}

fn going(run: &Run<'_>, what: &Follow<'_>, rollout: Option<&Rollout>, pods: &[Arc<Pod>]) -> Report {
    let mut report = Report::new(Tone::Info, what.doing.clone()).at(what.workload.scope().place());
    let Some(rollout) = rollout else {
        return report.line("Written. Waiting for the cluster to take it up.");
    };
    report.add(bar(rollout));
    let mut words = vec![format!(
        "{} of {} ready",
        rollout.new_available(),
        impact::pods(rollout.desired)
    )];
    let groups = health::by_state(pods.iter().map(AsRef::as_ref));
    words.extend(
        groups
            .iter()
            .filter(|g| g.status != "Running")
            .map(|g| format!("{} {}", g.pods.len(), g.status)),
    );
    words.push(spell(Duration::from_secs(since(what.since, run.now()).as_secs())));
    report.add(line![words.join(" · ")]);
    report = report.lines(why(rollout, pods));
    report
}

/// Why it does not get on, where that can be seen. A pod that is only starting is no cause.
fn why(rollout: &Rollout, pods: &[Arc<Pod>]) -> Vec<Text> {
    let found = health::cause(rollout, pods.iter().map(AsRef::as_ref), &[]);
    match found {
        Some(cause) if !cause.kind.is_some_and(health::ProblemKind::is_passing) => cause.lines,
        _ => vec![],
    }
}

fn bar(rollout: &Rollout) -> Progress {
    let number = |n: i32| u32::try_from(n).unwrap_or(0);
    Progress {
        done: number(rollout.new_available().min(rollout.desired)),
        total: number(rollout.desired).max(1),
    }
}

fn finished(run: &Run<'_>, what: &Follow<'_>, object: &WorkloadObject, seen: &Seen) -> Report {
    let took = spell(Duration::from_secs(since(what.since, run.now()).as_secs()));
    let rollout = object.rollout(run.now());
    let serving = match seen.least_available {
        Some(least) if rollout.desired > 0 => format!(", never fewer than {} available", impact::pods(least)),
        _ => String::new(),
    };
    Report::new(Tone::Good, (what.done)(object))
        .at(what.workload.scope().place())
        .line(line![format!(
            "{} of {} ready · {took}{serving}",
            rollout.ready,
            impact::pods(rollout.desired)
        )])
        .action(buttons::status(what.workload))
}

fn stuck_report(
    what: &Follow<'_>,
    object: &WorkloadObject,
    (rollout, pods): (&Rollout, &[Arc<Pod>]),
    idle: Duration,
) -> Report {
    let mut report = Report::new(
        Tone::Bad,
        line![what.noun.clone(), " is stuck: "].and(line![what.workload.short()]),
    )
    .at(what.workload.scope().place());
    report.add(bar(rollout));
    let words = format!(
        "{} of {} ready",
        rollout.new_available(),
        impact::pods(rollout.desired)
    );
    report.add(if rollout.state == RolloutState::Stuck {
        line![
            words,
            ", past its progress deadline (",
            rollout.message.clone(),
            ")"
        ]
    } else {
        line![
            words,
            ", no progress for ",
            spell(Duration::from_secs(idle.as_secs()))
        ]
    });
    report = report.lines(why(rollout, pods));
    let images: Vec<String> = object.images().into_iter().map(|(_, image)| image).collect();
    if !images.is_empty() {
        report.add(Field {
            name: "Image".into(),
            lines: vec![line![code(images.join(", "))]],
            inline: true,
        });
    }
    report.action(buttons::status(what.workload)).action(Action {
        act: Act::Run,
        subject: "rollback".to_owned(),
        extra: Some(format!("workload={}", what.workload)),
        label: "Roll back".into(),
        style: Style::Danger,
    })
}

/// Somebody wrote the same fields after us: this change is over, and it must not be told as a success.
fn overtaken(what: &Follow<'_>, object: &WorkloadObject) -> Report {
    let mut line = line![
        what.noun.clone(),
        " was overtaken: ",
        what.workload.short(),
        " was changed again"
    ];
    if let Some(change) = object.last_change() {
        line = line
            .and(" by ")
            .and(code(change.manager.unwrap_or_else(|| "somebody".to_owned())));
        if let Some(at) = change.at {
            line = line.and(" ").and(crate::model::ago(at));
        }
    }
    Report::new(Tone::Waiting, line)
        .at(what.workload.scope().place())
        .line("What this wrote is no longer what the object asks for. The newer change has its own message, or none.")
        .action(buttons::status(what.workload))
}
