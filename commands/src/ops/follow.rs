//! Follows a written change to its end: one message with a bar, pods by state, and the cause when it sticks. It reads the
//! watch caches, so it costs no requests and sees the end as soon as the cluster says it.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use super::{buttons, contract::Finished, impact};
use crate::{
    cluster::{Cached, WorkloadObject},
    diagnosis::{self, Scene},
    failure::Failure,
    health::rollout::{Rollout, RolloutState},
    line,
    model::{Action, Field, Progress, Report, Text, Timestamp, Tone, Workload, code, since, spell},
    objects::Pod,
    redact::Redactor,
    texts,
    ticket::{Directive, Outcome},
    workflow::{Look, Run, Waited},
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
    pub(super) noun: Text,
    /// `Rolled back deployment/x to revision 7`, given the object at its end.
    pub(super) done: Box<dyn Fn(&WorkloadObject) -> Text + Send + Sync + 'a>,
    /// The outcome when it has come to its end.
    pub(super) outcome: Outcome,
    /// What people can press meanwhile.
    pub(super) buttons: Vec<Action>,
    /// The button that asks for the way back, when it sticks.
    pub(super) way_back: Action,
    /// Whether the object still is as this change wrote it.
    pub(super) ours: Box<dyn Fn(&WorkloadObject) -> bool + Send + Sync + 'a>,
}

/// What was seen on the way.
struct Seen {
    least_available: Option<i32>,
    numbers: Option<(i32, i32, i32)>,
    moved_at: Timestamp,
    /// How it ended, once it has.
    end: Option<Finished>,
}

/// How following ended.
pub(super) enum Followed {
    /// The change is over.
    Ended(Box<Finished>),
    /// A button said something first.
    Told(Directive),
}

/// Follows to the end, or to the next word of a button.
///
/// # Errors
/// When the run was taken over. A cluster that does not answer is waited for, and said.
pub(super) async fn follow(run: &Run<'_>, step: &str, what: &Follow<'_>) -> Result<Followed, Failure> {
    let mut seen = Seen {
        least_available: None,
        numbers: None,
        moved_at: run.now(),
        end: None,
    };
    // The deadline of the whole change is shorter: what has not ended then is told as that.
    let within = run.timing().change_deadline * 2;
    let place = what.workload.scope();
    let waited = run
        .wait(step, &place, within, |cached, now| {
            look((run, cached, now), what, &mut seen)
        })
        .await?;
    Ok(match (waited, seen.end) {
        (Waited::Told(directive), _) => Followed::Told(directive),
        (Waited::Gone, _) => Followed::Ended(Box::new(gone(what))),
        (_, Some(end)) => Followed::Ended(Box::new(end)),
        // Its end was stored by a former life, which could not tell it any more.
        (_, None) => Followed::Ended(Box::new(as_it_is(run, what)?)),
    })
}

/// Follows to the end, whatever buttons say.
///
/// # Errors
/// As [`follow`].
pub(super) async fn follow_to_end(run: &Run<'_>, step: &str, what: &Follow<'_>) -> Result<Finished, Failure> {
    loop {
        match follow(run, step, what).await? {
            Followed::Ended(finished) => return Ok(*finished),
            Followed::Told(directive) => run.obey(directive),
        }
    }
}

fn look((run, cached, now): (&Run<'_>, &Cached, Timestamp), what: &Follow<'_>, seen: &mut Seen) -> Look {
    let Some(object) = cached.workload(what.workload) else {
        return Look::Gone;
    };
    if object.generation() < what.generation {
        return Look::Behind(going(run, what, None, &[]));
    }
    if !(what.ours)(&object) {
        seen.end = Some(overtaken(what, &object));
        return Look::Met;
    }
    let rollout = object.rollout(now);
    let pods = cached.new_pods_of(&object);
    note(run, seen, &rollout);
    if rollout.is_complete() {
        seen.end = Some(finished(run, what, &object, seen.least_available));
        return Look::Met;
    }
    let idle = since(seen.moved_at, now);
    if rollout.state == RolloutState::Stuck {
        seen.end = Some(Finished {
            outcome: Outcome::Failed,
            report: stuck_report(run, what, &object, (&rollout, &pods), idle),
        });
        return Look::Met;
    }
    if idle >= run.timing().stuck_after {
        return Look::Going(with_buttons(
            stuck_report(run, what, &object, (&rollout, &pods), idle),
            what,
        ));
    }
    Look::Going(going(run, what, Some(&rollout), &pods))
}

/// How it is now, when it is known to have ended.
fn as_it_is(run: &Run<'_>, what: &Follow<'_>) -> Result<Finished, Failure> {
    let cached = run
        .view()
        .cached(&what.workload.cluster, &what.workload.namespace)?;
    Ok(match cached.workload(what.workload) {
        Some(object) if (what.ours)(&object) => finished(run, what, &object, None),
        Some(object) => overtaken(what, &object),
        None => gone(what),
    })
}

fn gone(what: &Follow<'_>) -> Finished {
    let title = line![
        what.workload.short(),
        " is gone: somebody deleted it while this ran"
    ];
    Finished {
        outcome: Outcome::Failed,
        report: Report::new(Tone::Bad, title).at(what.workload.scope().place()),
    }
}

fn with_buttons(mut report: Report, what: &Follow<'_>) -> Report {
    report.actions.extend(what.buttons.iter().cloned());
    report
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

fn going(run: &Run<'_>, what: &Follow<'_>, rollout: Option<&Rollout>, pods: &[Arc<Pod>]) -> Report {
    let mut report = Report::new(Tone::Info, what.doing.clone()).at(what.workload.scope().place());
    let Some(rollout) = rollout else {
        return report.line(texts::workflow::written());
    };
    report.add(bar(rollout));
    let mut words = vec![format!(
        "{} of {} ready",
        rollout.new_available(),
        impact::pods(rollout.desired)
    )];
    let groups = diagnosis::by_state(pods.iter().map(AsRef::as_ref), look_of(run));
    words.extend(
        groups
            .iter()
            .filter(|g| g.status != "Running")
            .map(|g| format!("{} {}", g.pods.len(), g.status)),
    );
    words.push(spell(Duration::from_secs(since(what.since, run.now()).as_secs())));
    report.add(line![words.join(" · ")]);
    with_buttons(report.lines(why(run, rollout, pods)), what)
}

/// Why it does not get on, where that can be seen. A pod that is only starting is no cause.
fn why(run: &Run<'_>, rollout: &Rollout, pods: &[Arc<Pod>]) -> Vec<Text> {
    let scene = Scene {
        rollout,
        revision: None,
        pods: pods.iter().map(AsRef::as_ref).collect(),
        events: &[],
        look: look_of(run),
    };
    let found = diagnosis::why_stuck(&scene);
    found.iter().map(diagnosis::Finding::line).collect()
}

/// As incidents look, so that both name the same cause. What only the settings know as secret is hidden when it is shown.
fn look_of(run: &Run<'_>) -> diagnosis::Look<'static> {
    static USUAL: LazyLock<Redactor> = LazyLock::new(Redactor::default);
    diagnosis::Look {
        now: run.now(),
        settle: run.timing().incident.settle,
        quotes: Some(&USUAL),
    }
}

fn bar(rollout: &Rollout) -> Progress {
    let number = |n: i32| u32::try_from(n).unwrap_or(0);
    Progress {
        done: number(rollout.new_available().min(rollout.desired)),
        total: number(rollout.desired).max(1),
    }
}

fn finished(run: &Run<'_>, what: &Follow<'_>, object: &WorkloadObject, least: Option<i32>) -> Finished {
    let took = spell(Duration::from_secs(since(what.since, run.now()).as_secs()));
    let rollout = object.rollout(run.now());
    let serving = match least {
        Some(least) if rollout.desired > 0 => format!(", never fewer than {} available", impact::pods(least)),
        _ => String::new(),
    };
    let report = Report::new(Tone::Good, (what.done)(object))
        .at(what.workload.scope().place())
        .line(line![format!(
            "{} of {} ready · {took}{serving}",
            rollout.ready,
            impact::pods(rollout.desired)
        )])
        .action(buttons::status(what.workload));
    Finished {
        outcome: what.outcome,
        report,
    }
}

fn stuck_report(
    run: &Run<'_>,
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
    report = report.lines(why(run, rollout, pods));
    let images: Vec<String> = object.images().into_iter().map(|(_, image)| image).collect();
    if !images.is_empty() {
        report.add(Field {
            name: "Image".into(),
            lines: vec![line![code(images.join(", "))]],
            inline: true,
        });
    }
    report
        .action(buttons::status(what.workload))
        .action(what.way_back.clone())
}

/// Somebody wrote the same fields after us: this change is over, and it must not be told as a success.
fn overtaken(what: &Follow<'_>, object: &WorkloadObject) -> Finished {
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
    let report = Report::new(Tone::Waiting, line)
        .at(what.workload.scope().place())
        .line("What this wrote is no longer what the object asks for. The newer change has its own message, or none.")
        .action(buttons::status(what.workload));
    Finished {
        outcome: Outcome::Overtaken,
        report,
    }
}
