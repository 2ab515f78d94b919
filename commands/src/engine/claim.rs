//! When a ticket starts, goes on, or lapses: takes what was decided, checks once more what it rests on, and hands it to
//! the run.

use std::{future::Future, sync::Arc, time::Duration};

use tracing::Instrument;

use super::{
    card,
    drive::{Claimed, execute, spent},
    finish::end,
    guard::roles,
    inner::Inner,
    journal::lease,
    rows::load,
    transition::{author, expire_if_due, transition},
};
use crate::{
    cluster::WriteError,
    failure::{Failure, Moved},
    model::{Effect, Reference, Text, TicketId, UserId},
    ops::{Handler, contract::Finished},
    policy::Gate,
    ports::{AuditFilter, LedgerError, TicketFilter},
    stored::Prepared,
    texts::{self, engine as say},
    ticket::{
        Outcome, Permit, Precondition, Refusal, RolesNow, Stage, StepRecord, Ticket,
        permit::{ClaimError, Start, claim, take_over},
        stands,
    },
};

/// How long a decided ticket waits before it looks again whether it can start.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Starts the run of a decided ticket in the background, unless that was done already.
pub(crate) fn launch(inner: &Arc<Inner>, id: TicketId) {
    in_background(inner, id, move |inner| async move {
        if let Err(failure) = Box::pin(begin(&inner, id)).await {
            tracing::error!(ticket = %id, why = %failure, "a decided ticket could not start");
        }
    });
}

/// Goes on with a run in the background, unless this process does already.
fn resume(inner: &Arc<Inner>, ticket: Ticket) {
    in_background(inner, ticket.id, move |inner| async move {
        if let Err(failure) = Box::pin(go_on(&inner, ticket)).await {
            tracing::warn!(why = %failure, "an interrupted run cannot go on yet");
        }
    });
}

/// One task a ticket: what takes care of it already goes on.
fn in_background<F, W>(inner: &Arc<Inner>, id: TicketId, work: F)
where
    F: FnOnce(Arc<Inner>) -> W,
    W: Future<Output = ()> + Send + 'static,
{
    if inner.cancel.is_cancelled() || !inner.taken.insert(id) {
        return;
    }
    let taken = Taken(Arc::clone(inner), id);
    let work = work(Arc::clone(inner)).instrument(tracing::info_span!("run", ticket = %id));
    inner.tasks.spawn(async move {
        work.await;
        drop(taken);
    });
}

/// Lets go of a ticket, also when its task panics.
struct Taken(Arc<Inner>, TicketId);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.taken.remove(&self.1);
    }
}

/// Takes up what a former process left.
pub(crate) async fn recover(inner: &Arc<Inner>) -> Result<(), LedgerError> {
    let filter = TicketFilter {
        open: true,
        ..TicketFilter::default()
    };
    for ticket in inner.ports.ledger.tickets(filter).await? {
        match &ticket.stage {
            Stage::Ready => launch(inner, ticket.id),
            Stage::Running(_) => resume(inner, ticket),
            Stage::Parked(parked) if parked.is_due(inner.now()) => launch(inner, ticket.id),
            Stage::Parked(_) | Stage::AwaitingConfirm | Stage::AwaitingApproval | Stage::Done(_) => {}
        }
    }
    Ok(())
}

/// Expires what nobody decided, starts what was decided elsewhere, and takes over runs whose process is gone.
pub(crate) async fn tick(inner: &Arc<Inner>) -> Result<(), LedgerError> {
    let filter = TicketFilter {
        open: true,
        ..TicketFilter::default()
    };
    let now = inner.now();
    for ticket in inner.ports.ledger.tickets(filter).await? {
        match &ticket.stage {
            Stage::Running(lease) if now >= lease.until => resume(inner, ticket),
            Stage::Parked(parked) if parked.is_due(now) => launch(inner, ticket.id),
            Stage::Running(_) | Stage::Parked(_) | Stage::Done(_) => {}
            // Whoever took the decision may be gone, or may not have heard that it was stored.
            Stage::Ready if ticket.execute_by.is_some_and(|by| now < by) => launch(inner, ticket.id),
            _ => expire_if_due(inner, ticket.id, &Reference::new()).await,
        }
    }
    Ok(())
}

/// Takes a run over and goes on where its steps stop.
///
/// # Errors
/// When store or chat do not answer; it is tried again.
async fn go_on(inner: &Arc<Inner>, ticket: Ticket) -> Result<(), Failure> {
    let id = ticket.id;
    let done = done_by(inner, &ticket).await?;
    let forbidden = if !done.is_empty() {
        // It has begun: what it began it also ends.
        None
    } else {
        forbidden(inner, &ticket).await?
    };
    let start = Start {
        lease: lease(inner),
        roles_now: RolesNow::new(),
        rules: &inner.rules,
        now: inner.now(),
    };
    match take_over(inner.ports.ledger.as_ref(), &ticket, start).await {
        Ok((_, ticket)) if !is_taken_up_again(inner, &ticket) => {
            let why = texts::workflow::not_taken_up_again();
            let finished = Finished {
                outcome: Outcome::Interrupted,
                report: card::interrupted(&ticket, why, &done),
            };
            end(inner, id, finished, &Reference::new()).await?;
        }
        Ok((permit, ticket)) => {
            let claimed = Claimed {
                permit,
                ticket,
                observing_only: forbidden,
            };
            execute(inner, claimed).await;
        }
        Err(why) => tracing::info!(ticket = %id, %why, "not taken over"),
    }
    Ok(())
}

/// Whether the command goes on where it was stopped.
fn is_taken_up_again(inner: &Inner, ticket: &Ticket) -> bool {
    let entry = inner.catalogue.find(&ticket.command);
    entry.is_none_or(|entry| entry.spec.taken_up_again)
}

/// Why a run that was interrupted before it was known to have written may not write any more.
async fn forbidden(inner: &Inner, ticket: &Ticket) -> Result<Option<Text>, Failure> {
    if spent(inner, ticket) >= inner.ports.timing.change_deadline {
        return Ok(Some(say::stopped_too_long()));
    }
    if !decided_on_record(inner, ticket).await? {
        return Ok(Some(texts::ticket::not_on_record()));
    }
    let roles_now = roles(inner, people(ticket)).await?;
    Ok(match stands(ticket, &roles_now, &inner.rules) {
        Ok(None) => None,
        Ok(Some(_)) => Some(say::stopped_and_role_lost()),
        Err(Refusal(line)) => Some(line),
    })
}

/// Whether what opened the gate is in the audit, by the people whom the ticket names: whoever can write a ticket's row
/// cannot write the chain as well without its showing.
async fn decided_on_record(inner: &Inner, ticket: &Ticket) -> Result<bool, LedgerError> {
    let filter = AuditFilter {
        ticket: Some(ticket.id),
        ..AuditFilter::default()
    };
    let rows = inner.ports.ledger.audit(filter).await?;
    let said = |word: &str, user: UserId| {
        let mut rows = rows.iter().map(|row| &row.entry);
        rows.any(|row| row.event == word && row.actor == Some(user))
    };
    Ok(match &ticket.gate {
        Gate::None => true,
        Gate::Confirm => said("confirmed", ticket.requester.user),
        Gate::Approve(_) => {
            let mut yes = ticket.votes.iter().filter(|vote| vote.approve);
            yes.all(|vote| said("approved", vote.user))
        }
    })
}

/// Whose roles a run rests on.
fn people(ticket: &Ticket) -> impl Iterator<Item = UserId> {
    let voters = ticket.quorum().map(|_| ticket.votes.iter().map(|v| v.user));
    std::iter::once(ticket.requester.user).chain(voters.into_iter().flatten())
}

/// Waits until the ticket can start, starts it, and runs it to its end.
async fn begin(inner: &Arc<Inner>, id: TicketId) -> Result<(), Failure> {
    let mut told = None;
    loop {
        if inner.cancel.is_cancelled() {
            return Ok(());
        }
        let ticket = match load(inner, id).await {
            Ok(ticket) => ticket,
            Err(failure @ Failure::Dependency { .. }) => {
                tracing::warn!(why = %failure, "a decided ticket waits");
                pause(inner).await;
                continue;
            }
            Err(failure) => return Err(failure),
        };
        if !is_startable(inner, &ticket).await {
            return Ok(());
        }
        match try_claim(inner, &ticket).await {
            Ok((permit, started)) => {
                let claimed = Claimed {
                    permit,
                    ticket: started,
                    observing_only: None,
                };
                return Box::pin(run(inner, claimed, &ticket.stage)).await;
            }
            Err(Hindrance::Over) => return Ok(()),
            Err(Hindrance::Refused(line)) => return end_refused(inner, &ticket, line).await,
            Err(Hindrance::Later(why)) => {
                if told.as_ref() != Some(&why) {
                    tell_wait(inner, &ticket, why.clone()).await;
                    told = Some(why);
                }
            }
            Err(Hindrance::Reload) => continue,
        }
        pause(inner).await;
    }
}

/// Whether a ticket may start now, as far as it itself says.
async fn is_startable(inner: &Inner, ticket: &Ticket) -> bool {
    match &ticket.stage {
        Stage::Ready if ticket.execute_by.is_some_and(|by| inner.now() >= by) => {
            expire_if_due(inner, ticket.id, &Reference::new()).await;
            false
        }
        Stage::Ready => true,
        Stage::Parked(parked) if parked.is_due(inner.now()) => {
            let readable = is_readable(inner, ticket);
            if !readable {
                // Neither time nor another try helps: only another release does.
                tell_wait(inner, ticket, texts::workflow::unreadable_stays_parked()).await;
            }
            readable
        }
        _ => false,
    }
}

/// Runs what was claimed; what was parked only where nobody moved what it left behind.
async fn run(inner: &Arc<Inner>, claimed: Claimed, was: &Stage) -> Result<(), Failure> {
    let woken = matches!(was, Stage::Parked(_));
    match overtaken(inner, &claimed.ticket, woken).await? {
        Some(moved) => end_overtaken(inner, &claimed.ticket, &moved).await,
        None => {
            execute(inner, claimed).await;
            Ok(())
        }
    }
}

/// Ends a ticket that may not start any more; one that was parked says what it has done.
async fn end_refused(inner: &Inner, ticket: &Ticket, line: Text) -> Result<(), Failure> {
    let done = done_by(inner, ticket).await?;
    let finished = if matches!(ticket.stage, Stage::Parked(_)) {
        Finished {
            outcome: Outcome::Interrupted,
            report: card::interrupted(ticket, line, &done),
        }
    } else {
        Finished {
            outcome: Outcome::Stale,
            report: card::not_started(ticket, line),
        }
    };
    end(inner, ticket.id, finished, &Reference::new()).await
}

/// The names of the steps that a ticket has finished.
async fn done_by(inner: &Inner, ticket: &Ticket) -> Result<Vec<String>, LedgerError> {
    let steps = inner.ports.ledger.steps(ticket.id).await?.into_iter();
    Ok(steps.filter(StepRecord::is_done).map(|s| s.name).collect())
}

/// What moved while a run was parked: the world is held against the fields as its own last steps left them. A cluster that
/// does not answer is waited for.
async fn overtaken(inner: &Inner, ticket: &Ticket, woken: bool) -> Result<Option<Moved>, Failure> {
    if !woken {
        return Ok(None);
    }
    let mut left: Vec<Precondition> = Vec::new();
    for step in inner.ports.ledger.steps(ticket.id).await? {
        let Some(newer) = step.left else { continue };
        match left.iter_mut().find(|known| known.uid == newer.uid) {
            Some(known) => {
                known
                    .fields
                    .retain(|(path, _)| !newer.fields.iter().any(|(other, _)| other == path));
                known.fields.extend(newer.fields);
            }
            None => left.push(newer),
        }
    }
    while !inner.cancel.is_cancelled() {
        match inner.view.check(&left).await {
            Ok(_) => return Ok(None),
            Err(WriteError::Stale(moved)) => return Ok(Some(moved)),
            Err(WriteError::Cluster(error)) if error.is_outage() => {
                tracing::warn!(%error, "a woken run waits for its cluster");
                pause(inner).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

async fn end_overtaken(inner: &Inner, ticket: &Ticket, moved: &Moved) -> Result<(), Failure> {
    let done = done_by(inner, ticket).await?;
    let finished = Finished {
        outcome: Outcome::Overtaken,
        report: card::overtaken(ticket, moved, &done).lead(texts::workflow::overtaken_while_parked()),
    };
    end(inner, ticket.id, finished, &Reference::new()).await
}

/// Until the next look, or the shutdown.
async fn pause(inner: &Inner) {
    tokio::select! {
        () = tokio::time::sleep(LOOK_AGAIN) => {}
        () = inner.cancel.cancelled() => {}
    }
}

/// Whether this release knows the command and its plan.
fn is_readable(inner: &Inner, ticket: &Ticket) -> bool {
    let entry = inner.catalogue.find(&ticket.command);
    matches!(entry.map(|entry| &entry.handler), Some(Handler::Change(change)) if change.reads(&ticket.plan))
}

enum Hindrance {
    /// It is somebody else's or nobody's now.
    Over,
    /// The rules changed.
    Refused(Text),
    /// Something is in the way that may pass.
    Later(Text),
    /// The ticket changed.
    Reload,
}

async fn try_claim(inner: &Arc<Inner>, ticket: &Ticket) -> Result<(Permit, Ticket), Hindrance> {
    let roles_now = roles(inner, people(ticket))
        .await
        .map_err(|_| Hindrance::Later(say::waits_for_roles()))?;
    match decided_on_record(inner, ticket).await {
        Ok(true) => {}
        Ok(false) => {
            tracing::warn!(ticket = %ticket.id, "a decided ticket whose decision is not in the audit is not run");
            return Err(Hindrance::Refused(texts::ticket::not_on_record()));
        }
        Err(_) => return Err(Hindrance::Later(say::waits_for_store())),
    }
    let reference = Reference::new();
    let commit_of = |next: &mut Ticket, effects: Vec<Effect>| {
        let author = author(None, &reference);
        let prepared = Prepared::of(&inner.ports, Some(ticket), next.clone(), effects, &author);
        *next = prepared.outcome;
        prepared.commit.unwrap_or_default()
    };
    let start = Start {
        lease: lease(inner),
        roles_now,
        rules: &inner.rules,
        now: inner.now(),
    };
    let claimed = claim(inner.ports.ledger.as_ref(), ticket, start, &commit_of).await;
    claimed.map_err(|error| match error {
        ClaimError::Refused(Refusal(line)) => {
            if ticket.stage == Stage::Ready && ticket.execute_by.is_some_and(|by| inner.now() >= by) {
                Hindrance::Reload
            } else {
                Hindrance::Refused(line)
            }
        }
        ClaimError::Lapsed(_) => Hindrance::Over,
        ClaimError::Ledger(LedgerError::Conflict) => Hindrance::Reload,
        ClaimError::Ledger(LedgerError::Busy(other)) => Hindrance::Later(say::waits_for_ticket(other)),
        ClaimError::Ledger(error) => {
            tracing::warn!(ticket = %ticket.id, %error, "a decided ticket cannot start yet");
            Hindrance::Later(say::waits_for_store())
        }
    })
}

async fn tell_wait(inner: &Inner, ticket: &Ticket, why: Text) {
    let reference = Reference::new();
    let (author, why, id) = (&author(None, &reference), &why, ticket.id);
    let told = transition(inner, None, || async move {
        let ticket = load(inner, id).await?;
        if !matches!(ticket.stage, Stage::Ready | Stage::Parked(_)) {
            return Err(Refusal(texts::ticket::click::not_due()).into());
        }
        let shown = card::held_up(&ticket, why.clone());
        if shown == ticket.shown {
            return Err(Refusal(texts::ticket::click::not_due()).into());
        }
        let next = Ticket {
            version: ticket.version + 1,
            shown,
            ..ticket.clone()
        };
        let effects = vec![Effect::Say];
        Ok(Prepared::of(&inner.ports, Some(&ticket), next, effects, author))
    });
    if let Err(error) = told.await {
        tracing::debug!(ticket = %ticket.id, why = %error, "the wait was not shown");
    }
}
