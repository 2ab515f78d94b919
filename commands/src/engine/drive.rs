//! A claimed run beside the renewal of its lease, its deadline, and the shutdown. A shutdown lets go of the lease, and the
//! next process goes on where the steps stop.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use tokio::sync::watch;

use super::{
    finish::{Ended, Ending, conclude},
    inner::Inner,
    journal::TicketJournal,
};
use crate::{
    failure::Failure,
    model::{Reference, Text},
    ops::{AnyChange, Handler, contract::Finished},
    ticket::{Permit, Ticket},
    workflow::Run,
};

/// A run that may begin, or go on.
pub(crate) struct Claimed {
    pub(crate) permit: Permit,
    pub(crate) ticket: Ticket,
    /// Why it may only look after what it began, when it may.
    pub(crate) observing_only: Option<Text>,
}

/// What a run does.
struct Task {
    change: &'static dyn AnyChange,
    /// Why it may only look after what it began, when it may.
    observing_only: Option<Text>,
}

/// Runs a claimed ticket to its end.
pub(crate) async fn execute(inner: &Arc<Inner>, claimed: Claimed) {
    let Claimed {
        permit,
        ticket,
        observing_only,
    } = claimed;
    let id = ticket.id;
    let (tell, directive) = watch::channel(ticket.directive);
    inner.runs.insert(id, tell);
    let reference = Reference::new();
    let change = change_of(inner, &ticket);
    let ended = match inner.ports.ledger.steps(id).await {
        Ok(steps) => {
            let journal = TicketJournal::new(Arc::clone(inner), ticket, steps, directive);
            let ending = match change {
                Some(change) => {
                    let task = Task {
                        change,
                        observing_only,
                    };
                    drive(inner, &permit, &journal, task).await
                }
                None => unknown_command(&journal).await,
            };
            let run = Ended {
                permit: &permit,
                journal: &journal,
                reason: change.map_or("CeoChanged", AnyChange::event_reason),
                steps: change.map_or(&[], AnyChange::steps),
            };
            conclude(inner, run, ending, &reference).await
        }
        Err(error) => Err(error.into()),
    };
    inner.runs.remove(&id);
    if let Err(failure) = ended {
        // The lease runs out and the ticket is taken up again from its steps: nothing is lost but time.
        tracing::error!(ticket = %id, %reference, why = %failure, "the end of a run could not be stored");
    }
}

fn change_of(inner: &Inner, ticket: &Ticket) -> Option<&'static dyn AnyChange> {
    match &inner.catalogue.find(&ticket.command)?.handler {
        Handler::Change(change) => Some(change.as_ref()),
        Handler::Query(_) | Handler::Record(_) => None,
    }
}

async fn unknown_command(journal: &TicketJournal) -> Ending {
    let command = journal.ticket().await.command;
    let failure = Failure::Internal(format!("{command} is no change"));
    Ending::Finished(Box::new(Err(failure)))
}

/// Lets the command execute, beside the renewal of the lease, a deadline, and the shutdown. All of them are polled all
/// the time: the command and the renewal share the journal, and one that waited unpolled would block the other.
async fn drive(inner: &Arc<Inner>, permit: &Permit, journal: &TicketJournal, task: Task) -> Ending {
    let change = task.change;
    let work = AssertUnwindSafe(perform(inner, permit, journal, task)).catch_unwind();
    let deadline = change.deadline().min(inner.ports.timing.change_deadline);
    // A run that is taken up late still gets a moment to see and tell how things stand.
    let until = deadline.max(journal.ran() + inner.ports.timing.cluster_timeout * 2);
    tokio::select! {
        done = work => {
            let panicked = || Err(Failure::Internal("the command panicked".to_owned()));
            if journal.lost() {
                Ending::Abandoned
            } else {
                Ending::Finished(Box::new(done.unwrap_or_else(|_| panicked())))
            }
        }
        () = journal.overdue(until) => Ending::Overdue(deadline),
        () = journal.parked() => Ending::Parked,
        () = inner.cancel.cancelled() => Ending::Abandoned,
        () = renew_lease(journal, inner.ports.timing.lease / 3) => Ending::Abandoned,
    }
}

/// Renews the lease until it is lost.
async fn renew_lease(journal: &TicketJournal, every: Duration) {
    let mut due = tokio::time::interval(every);
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    due.tick().await;
    loop {
        due.tick().await;
        if let Err(failure) = journal.renew().await {
            tracing::warn!(why = %failure, "the lease was not renewed");
            if matches!(failure, Failure::Internal(_)) {
                return;
            }
        }
    }
}

/// How long ago it started.
pub(crate) fn spent(inner: &Inner, ticket: &Ticket) -> Duration {
    let started = ticket.started;
    started.map_or(Duration::ZERO, |at| crate::model::since(at, inner.now()))
}

async fn perform(
    inner: &Arc<Inner>,
    permit: &Permit,
    journal: &TicketJournal,
    task: Task,
) -> Result<Finished, Failure> {
    let Task {
        change,
        observing_only,
    } = task;
    let ticket = journal.ticket().await;
    let writer = inner.registry.writer(permit).saying(&ticket.typed);
    let run = Run::new(permit, &inner.view, writer, journal, inner.ports.timing)
        .of_steps(change.steps())
        .hiding(&inner.ports.redactor)
        .observing_only(observing_only);
    change.execute(ticket.plan.clone(), &run).await
}
