//! How a run ends: the outcome and the last message, stored together; what was done, and what is not known, in words.

use std::time::Duration;

use super::{
    card,
    inner::Inner,
    journal::TicketJournal,
    rows::load,
    transition::{self, author, transition},
};
use crate::{
    failure::{Failure, Moved, Refused},
    model::{Act, Reference, Report, TicketId, Tone},
    ops::contract::Finished,
    texts::{self, engine as say},
    ticket::{Event, Lease, Outcome, Permit, Stage, Ticket},
    workflow::steps,
};

/// How long to wait for a store that did not answer before it is asked again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How a run came to its end, or did not.
pub(crate) enum Ending {
    /// The command says.
    Finished(Box<Result<Finished, Failure>>),
    /// The deadline of the whole change passed.
    Overdue(Duration),
    /// It was put aside until something comes.
    Parked,
    /// This process stops, or lost the lease; the ticket stays Running.
    Abandoned,
}

/// A run at its end.
pub(crate) struct Ended<'a> {
    pub(crate) permit: &'a Permit,
    pub(crate) journal: &'a TicketJournal,
    /// What the Event on the object is called when it went as planned.
    pub(crate) reason: &'static str,
    /// The steps that the command declares.
    pub(crate) steps: &'static [&'static str],
}

/// Stores and tells how a run ended.
pub(crate) async fn conclude(
    inner: &Inner,
    run: Ended<'_>,
    ending: Ending,
    reference: &Reference,
) -> Result<(), Failure> {
    let ticket = run.journal.ticket().await;
    let result = match ending {
        Ending::Finished(result) => *result,
        Ending::Overdue(deadline) => Ok(Finished {
            outcome: Outcome::Failed,
            report: overdue(&ticket, deadline, run.journal.unfinished()),
        }),
        Ending::Parked => return Ok(()),
        Ending::Abandoned => return let_go(run.journal).await,
    };
    let finished = finished(&ticket, result, run.journal, reference);
    let finished = Finished {
        report: steps::under(finished.report, run.steps, run.journal, steps::Moment::Over),
        ..finished
    };
    // What never touched the object leaves no Event on it.
    if !run.journal.done().is_empty() {
        put_event(inner, &run, &ticket, &finished).await;
    }
    match end(inner, ticket.id, finished, reference).await {
        Err(Failure::Refused(_)) if !is_ours(inner, ticket.id).await? => {
            tracing::warn!(ticket = %ticket.id, "another process has the word about this run");
            Ok(())
        }
        other => other,
    }
}

async fn is_ours(inner: &Inner, id: TicketId) -> Result<bool, Failure> {
    let ours = |lease: &Lease| lease.holder == inner.home.holder;
    Ok(matches!(&load(inner, id).await?.stage, Stage::Running(lease) if ours(lease)))
}

/// The outcome and the last message of a run.
fn finished(
    ticket: &Ticket,
    result: Result<Finished, Failure>,
    journal: &TicketJournal,
    reference: &Reference,
) -> Finished {
    let done = journal.done();
    let (outcome, report) = match result {
        Ok(Finished { outcome, report }) => (outcome, signed(ticket, report, reference)),
        Err(Failure::Stale(moved)) => stale(ticket, &moved, &done),
        Err(Failure::Overtaken(moved)) => (Outcome::Overtaken, card::overtaken(ticket, &moved, &done)),
        Err(Failure::Refused(Refused::Ticket(line))) if done.is_empty() => {
            (Outcome::Interrupted, card::not_started(ticket, line))
        }
        Err(failure) => {
            tracing::warn!(%reference, why = %failure, "a run failed");
            let told = failure.report(reference);
            let mut report = card::failed(ticket, &told, &done, journal.unfinished().is_some());
            if let Some(step) = journal.unfinished() {
                report = report.line(texts::workflow::unfinished(&step));
            }
            (Outcome::Failed, report)
        }
    };
    Finished { outcome, report }
}

/// How far it had come when the bot stopped watching.
fn overdue(ticket: &Ticket, deadline: Duration, unfinished: Option<String>) -> Report {
    let mut report = ticket.shown.clone();
    report.tone = Tone::Bad;
    // Nobody is there any more to be told anything.
    report.actions.retain(|action| action.act == Act::Run);
    if let Some(step) = unfinished {
        report = report.lead(texts::workflow::unfinished(&step));
    }
    report.lead(say::not_ended_in_time(deadline))
}

fn stale(ticket: &Ticket, moved: &Moved, done: &[String]) -> (Outcome, Report) {
    if done.is_empty() {
        return (Outcome::Stale, card::stale(ticket, moved));
    }
    (Outcome::Overtaken, card::overtaken(ticket, moved, done))
}

/// The command's own report, with the people and the mark under it.
fn signed(ticket: &Ticket, mut report: Report, reference: &Reference) -> Report {
    report.ticket = Some(ticket.id);
    report.add(card::people(ticket).and(texts::ticket::audit_mark(&reference.0)));
    report
}

/// A Kubernetes Event on the object says what was done to those who look there. Not worth failing for. What somebody else
/// overtook is theirs to tell.
async fn put_event(inner: &Inner, run: &Ended<'_>, ticket: &Ticket, finished: &Finished) {
    let reason = match finished.outcome {
        Outcome::Succeeded => run.reason,
        Outcome::Overtaken => return,
        _ => "CeoChangeFailed",
    };
    let writer = inner.registry.writer(run.permit);
    let note = texts::ticket::note_on_object(&finished.report.title, ticket.id, &ticket.requester.name);
    let note = inner.ports.redactor.text(&note.plain());
    for precondition in &ticket.preconditions {
        if let Err(error) = writer.event(precondition, reason, &note).await {
            tracing::warn!(%error, "no event was put on the object");
        }
    }
}

async fn let_go(journal: &TicketJournal) -> Result<(), Failure> {
    if journal.lost() {
        tracing::warn!("another process took the run over");
        return Ok(());
    }
    journal.let_go().await
}

/// Stores the end of a ticket with its last message. A store that does not answer is waited for: the end is known, and
/// whoever took the run up again would only find the same.
pub(crate) async fn end(
    inner: &Inner,
    id: TicketId,
    finished: Finished,
    reference: &Reference,
) -> Result<(), Failure> {
    loop {
        match try_end(inner, id, &finished, reference).await {
            Err(failure @ Failure::Dependency { .. }) if !inner.cancel.is_cancelled() => {
                tracing::warn!(ticket = %id, why = %failure, "the end of a run waits for the store");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            other => return other,
        }
    }
}

async fn try_end(
    inner: &Inner,
    id: TicketId,
    finished: &Finished,
    reference: &Reference,
) -> Result<(), Failure> {
    let Finished { outcome, report } = finished;
    let settled = transition(inner, None, || async move {
        let ticket = load(inner, id).await?;
        let event = Event::Finish {
            holder: inner.home.holder.clone(),
            outcome: *outcome,
            report: Box::new(report.clone()),
        };
        transition::prepare(inner, &ticket, event, &author(Some(&ticket.requester), reference))
    });
    settled.await?;
    tracing::info!(ticket = %id, outcome = outcome.word(), %reference, "ended");
    Ok(())
}
