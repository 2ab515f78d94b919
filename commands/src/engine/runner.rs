//! Runs what may run: claims the ticket, checks what the plan rests on, executes under a lease and a deadline, and
//! tells how it ended. A shutdown lets go of the lease, and the next process goes on where the steps stop.

use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use tokio::sync::watch;
use tracing::Instrument;

use super::{
    Inner, card,
    journal::{TicketJournal, lease},
    press::{commit_of, load, roles},
    submit,
};
use crate::{
    failure::{Failure, Moved, Refused},
    line,
    model::{Reference, Report, Text, TicketId, Tone, UserId},
    ops::{Handler, Run, catalogue},
    ports::{Commit, LedgerError, TicketFilter},
    ticket::{
        Event, Lease, Outcome, Permit, Refusal, Stage, Ticket,
        permit::{ClaimError, claim, take_over},
        stands, step,
    },
};

/// How long a decided ticket waits before it looks again whether it can start.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Starts the run of a decided ticket in the background, unless that was done already.
pub(crate) fn launch(inner: &Arc<Inner>, id: TicketId) {
    in_background(inner, id, move |inner| async move {
        if let Err(failure) = begin(&inner, id).await {
            tracing::error!(ticket = %id, why = %failure, "a decided ticket could not start");
        }
    });
}

/// Goes on with a run in the background, unless this process does already.
fn resume(inner: &Arc<Inner>, ticket: Ticket) {
    in_background(inner, ticket.id, move |inner| async move {
        if let Err(failure) = go_on(&inner, ticket).await {
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
        match ticket.stage {
            Stage::Ready => launch(inner, ticket.id),
            Stage::Running(_) => resume(inner, ticket),
            Stage::AwaitingConfirm | Stage::AwaitingApproval | Stage::Done(_) => {}
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
            Stage::Running(_) | Stage::Done(_) => {}
            // Whoever took the decision may be gone, or may not have heard that it was stored.
            Stage::Ready if ticket.execute_by.is_some_and(|by| now < by) => launch(inner, ticket.id),
            _ => expire_if_due(inner, &ticket, &Reference::new()).await,
        }
    }
    Ok(())
}

/// Ends a ticket whose time is over. Losing a race here is no harm: the winner moved it on.
pub(crate) async fn expire_if_due(inner: &Inner, ticket: &Ticket, reference: &Reference) {
    let Ok((mut next, effects)) = step(ticket, Event::Tick, &inner.rules, inner.now()) else {
        return;
    };
    let mut commit = commit_of(inner, &mut next, &effects, None, reference);
    commit.ticket = Some((next, Some(ticket.version)));
    if let Err(error) = inner.ports.ledger.commit(commit).await {
        tracing::warn!(ticket = %ticket.id, %error, "a lapsed ticket was not tidied up");
    }
}

/// Takes a run over and goes on where its steps stop.
///
/// # Errors
/// When store or chat do not answer; it is tried again.
async fn go_on(inner: &Arc<Inner>, ticket: Ticket) -> Result<(), Failure> {
    let id = ticket.id;
    let steps = inner.ports.ledger.steps(id).await.map_err(submit::store_failed)?;
    let forbidden = if steps.iter().any(|s| s.result.is_some()) {
        // It has begun: what it began it also ends.
        None
    } else {
        forbidden(inner, &ticket).await?
    };
    let taken = take_over(
        inner.ports.ledger.as_ref(),
        &ticket,
        lease(inner),
        (&inner.rules, inner.now()),
    )
    .await;
    match taken {
        Ok((permit, ticket)) => execute(inner, permit, ticket, forbidden).await,
        Err(why) => tracing::info!(ticket = %id, %why, "not taken over"),
    }
    Ok(())
}

/// Why a run that was interrupted before it was known to have written may not write any more.
async fn forbidden(inner: &Inner, ticket: &Ticket) -> Result<Option<Text>, Failure> {
    if spent(inner, ticket) >= inner.ports.timing.change_deadline {
        return Ok(Some(line![
            "The bot was stopped before it wrote anything, and the time for this is over. Ask again."
        ]));
    }
    let roles_now = roles(inner, people(ticket)).await?;
    Ok(match stands(ticket, &roles_now, &inner.rules) {
        Ok(None) => None,
        Ok(Some(_)) => Some(line![
            "The bot was stopped before it wrote anything, and meanwhile an approver lost the role. Ask again."
        ]),
        Err(Refusal(line)) => Some(line),
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
        if ticket.stage != Stage::Ready {
            return Ok(());
        }
        if ticket.execute_by.is_some_and(|by| inner.now() >= by) {
            expire_if_due(inner, &ticket, &Reference::new()).await;
            return Ok(());
        }
        match try_claim(inner, &ticket).await {
            Ok((permit, ticket)) => {
                execute(inner, permit, ticket, None).await;
                return Ok(());
            }
            Err(Hindrance::Over) => return Ok(()),
            Err(Hindrance::Refused(line)) => {
                let report = refused_to_start(&ticket, line);
                return end(inner, &ticket, Outcome::Stale, report, &Reference::new()).await;
            }
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

/// Until the next look, or the shutdown.
async fn pause(inner: &Inner) {
    tokio::select! {
        () = tokio::time::sleep(LOOK_AGAIN) => {}
        () = inner.cancel.cancelled() => {}
    }
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
    let roles_now = roles(inner, people(ticket)).await.map_err(|_| {
        Hindrance::Later(line![
            "It waits: Discord does not say whether its people still have their roles."
        ])
    })?;
    let reference = Reference::new();
    let commit_of = |next: &Ticket, effects: &[crate::ticket::Effect]| {
        let mut next = next.clone();
        super::press::commit_of(inner, &mut next, effects, None, &reference)
    };
    let start = (lease(inner), roles_now);
    let claimed = claim(
        inner.ports.ledger.as_ref(),
        ticket,
        start,
        (&inner.rules, inner.now()),
        &commit_of,
    )
    .await;
    claimed.map_err(|error| match error {
        ClaimError::Refused(Refusal(line)) => {
            if ticket.execute_by.is_some_and(|by| inner.now() >= by) {
                Hindrance::Reload
            } else {
                Hindrance::Refused(line)
            }
        }
        ClaimError::Lapsed(_) => Hindrance::Over,
        ClaimError::Ledger(LedgerError::Conflict) => Hindrance::Reload,
        ClaimError::Ledger(LedgerError::Busy(other)) => {
            Hindrance::Later(line!["It waits: ticket ", other, " is changing the same object."])
        }
        ClaimError::Ledger(error) => {
            tracing::warn!(ticket = %ticket.id, %error, "a decided ticket cannot start yet");
            Hindrance::Later(line!["It waits: the bot's store does not answer."])
        }
    })
}

async fn tell_wait(inner: &Inner, ticket: &Ticket, why: Text) {
    let mut next = Ticket {
        version: ticket.version + 1,
        ..ticket.clone()
    };
    next.shown = card::held_up(ticket, why);
    let posts = vec![submit::post(inner, &next)];
    let commit = Commit {
        ticket: Some((next, Some(ticket.version))),
        posts,
        ..Commit::default()
    };
    if let Err(error) = inner.ports.ledger.commit(commit).await {
        tracing::debug!(ticket = %ticket.id, %error, "the wait was not shown");
    }
}

fn refused_to_start(ticket: &Ticket, line: Text) -> Report {
    let mut report = Report::new(Tone::Off, line!["Not run: "].and(ticket.preview.title.clone()));
    report.place.clone_from(&ticket.preview.place);
    report
        .line(line)
        .line("Nothing was done.")
        .line(card::people(ticket))
}

/// How a run came to its end, or did not.
enum Ending {
    Finished(Box<Result<Report, Failure>>),
    /// The deadline of the whole change passed.
    Overdue,
    /// This process stops, or lost the lease; the ticket stays Running.
    Abandoned,
}

/// Runs a claimed ticket to its end.
async fn execute(inner: &Arc<Inner>, permit: Permit, ticket: Ticket, forbidden: Option<Text>) {
    let id = ticket.id;
    let (tell, directive) = watch::channel(ticket.directive);
    inner.runs.insert(id, tell);
    let reference = Reference::new();
    let steps = inner.ports.ledger.steps(id).await;
    let ended = match steps {
        Ok(steps) => {
            let journal = TicketJournal::new(Arc::clone(inner), ticket, steps, directive);
            let ending = drive(inner, &permit, &journal, forbidden).await;
            conclude(inner, (&permit, &journal), ending, &reference).await
        }
        Err(error) => Err(submit::store_failed(error)),
    };
    inner.runs.remove(&id);
    if let Err(failure) = ended {
        // The lease runs out and the ticket is taken up again from its steps: nothing is lost but time.
        tracing::error!(ticket = %id, %reference, why = %failure, "the end of a run could not be stored");
    }
}

/// Lets the command execute, beside the renewal of the lease, a deadline, and the shutdown. All of them are polled all
/// the time: the command and the renewal share the journal, and one that waited unpolled would block the other.
async fn drive(
    inner: &Arc<Inner>,
    permit: &Permit,
    journal: &TicketJournal,
    forbidden: Option<Text>,
) -> Ending {
    let work = AssertUnwindSafe(perform(inner, permit, journal, forbidden)).catch_unwind();
    let timing = &inner.ports.timing;
    let left = left_of_deadline(inner, journal).await;
    tokio::select! {
        done = work => {
            let panicked = || Err(Failure::Internal("the command panicked".to_owned()));
            if journal.lost() {
                Ending::Abandoned
            } else {
                Ending::Finished(Box::new(done.unwrap_or_else(|_| panicked())))
            }
        }
        () = tokio::time::sleep(left) => {
            Ending::Overdue
        }
        () = inner.cancel.cancelled() => Ending::Abandoned,
        () = renew_lease(journal, timing.lease / 3) => Ending::Abandoned,
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

async fn left_of_deadline(inner: &Inner, journal: &TicketJournal) -> Duration {
    let spent = spent(inner, &journal.ticket().await);
    // A run that is taken up late still gets a moment to see and tell how things stand.
    inner
        .ports
        .timing
        .change_deadline
        .saturating_sub(spent)
        .max(inner.ports.timing.cluster_timeout * 2)
}

/// How long ago it started.
fn spent(inner: &Inner, ticket: &Ticket) -> Duration {
    let started = ticket.started;
    started.map_or(Duration::ZERO, |at| crate::model::since(at, inner.now()))
}

async fn perform(
    inner: &Arc<Inner>,
    permit: &Permit,
    journal: &TicketJournal,
    forbidden: Option<Text>,
) -> Result<Report, Failure> {
    let ticket = journal.ticket().await;
    let Some(entry) = catalogue::find(&ticket.command) else {
        return Err(Failure::Internal(format!("no command {}", ticket.command)));
    };
    let Handler::Change(change) = &entry.handler else {
        return Err(Failure::Internal(format!("{} is no change", ticket.command)));
    };
    let writer = inner.registry.writer(permit).saying(&ticket.typed);
    let run = Run::new(permit, &inner.view, writer, journal, inner.ports.timing).observing_only(forbidden);
    change.execute(ticket.plan.clone(), &run).await
}

/// Stores and tells how a run ended.
async fn conclude(
    inner: &Arc<Inner>,
    (permit, journal): (&Permit, &TicketJournal),
    ending: Ending,
    reference: &Reference,
) -> Result<(), Failure> {
    let ticket = journal.ticket().await;
    let result = match ending {
        Ending::Finished(result) => *result,
        Ending::Overdue => Ok(overdue(&ticket, inner.ports.timing.change_deadline)),
        Ending::Abandoned => return let_go(inner, journal).await,
    };
    let (outcome, report) = match result {
        Ok(report) if report.tone == Tone::Bad => (Outcome::Failed, signed(&ticket, report, reference)),
        Ok(report) => (Outcome::Succeeded, signed(&ticket, report, reference)),
        Err(Failure::Stale(moved)) => stale(&ticket, &moved, journal),
        Err(Failure::Refused(Refused::Ticket(line))) if journal.done().is_empty() => {
            (Outcome::Interrupted, refused_to_start(&ticket, line))
        }
        Err(failure) => {
            tracing::warn!(%reference, why = %failure, "a run failed");
            let told = failure.report(reference);
            (Outcome::Failed, card::failed(&ticket, &told, &journal.done()))
        }
    };
    // What never touched the object leaves no Event on it.
    if !journal.done().is_empty() {
        put_event(inner, permit, &ticket, (outcome, &report)).await;
    }
    let mut ticket = ticket;
    loop {
        match end(inner, &ticket, outcome, report.clone(), reference).await {
            Err(Failure::Refused(_)) => ticket = load(inner, ticket.id).await?,
            other => return other,
        }
        let ours = |lease: &Lease| lease.holder == inner.home.holder;
        if !matches!(&ticket.stage, Stage::Running(lease) if ours(lease)) {
            tracing::warn!(ticket = %ticket.id, "another process has the word about this run");
            return Ok(());
        }
    }
}

/// How far it had come when the bot stopped watching.
fn overdue(ticket: &Ticket, deadline: Duration) -> Report {
    let mut report = ticket.shown.clone();
    report.tone = Tone::Bad;
    let after = crate::model::spell(deadline);
    report.lead(line![
        "It did not end within ",
        after,
        "; the bot no longer watches it. The cluster goes on by itself."
    ])
}

fn stale(ticket: &Ticket, moved: &Moved, journal: &TicketJournal) -> (Outcome, Report) {
    if journal.done().is_empty() {
        return (Outcome::Stale, card::stale(ticket, moved));
    }
    let told = Report::new(Tone::Bad, "The object was changed by somebody else meanwhile").line(moved.line());
    (Outcome::Failed, card::failed(ticket, &told, &journal.done()))
}

/// The command's own report, with the people and the mark under it.
fn signed(ticket: &Ticket, mut report: Report, reference: &Reference) -> Report {
    report.ticket = Some(ticket.id);
    report.add(card::people(ticket).and(format!(" · audit {reference}")));
    report
}

/// A Kubernetes Event on the object says what was done to those who look there. Not worth failing for.
async fn put_event(inner: &Inner, permit: &Permit, ticket: &Ticket, (outcome, report): (Outcome, &Report)) {
    let writer = inner.registry.writer(permit);
    let note = format!(
        "{} (ticket {}, asked by {})",
        report.title.plain(),
        ticket.id,
        ticket.requester.name
    );
    let reason = match (outcome, ticket.command.as_str()) {
        (Outcome::Succeeded, "scale") => "CeoScaled",
        (Outcome::Succeeded, "rollback") => "CeoRolledBack",
        (Outcome::Succeeded, _) => "CeoChanged",
        _ => "CeoChangeFailed",
    };
    for precondition in &ticket.preconditions {
        if let Err(error) = writer
            .event(precondition, reason, &inner.ports.redactor.text(&note))
            .await
        {
            tracing::warn!(%error, "no event was put on the object");
        }
    }
}

async fn let_go(inner: &Inner, journal: &TicketJournal) -> Result<(), Failure> {
    if journal.lost() {
        tracing::warn!("another process took the run over");
        return Ok(());
    }
    let now = inner.now();
    journal
        .amend(|ticket, _| {
            if let Stage::Running(lease) = &mut ticket.stage {
                lease.until = now;
            }
        })
        .await
}

/// Stores the end of a ticket with its last message.
async fn end(
    inner: &Inner,
    ticket: &Ticket,
    outcome: Outcome,
    report: Report,
    reference: &Reference,
) -> Result<(), Failure> {
    let finish = Event::Finish {
        holder: inner.home.holder.clone(),
        outcome,
    };
    let (mut next, _) = step(ticket, finish, &inner.rules, inner.now())
        .map_err(|Refusal(line)| Failure::Refused(Refused::Ticket(line)))?;
    next.shown = inner.ports.redactor.report(report);
    let mut row = submit::ticket_entry(inner, &next, "finished", reference);
    row.outcome = outcome.word().to_owned();
    row.detail = inner.ports.redactor.text(&next.shown.title.plain());
    let posts = vec![submit::post(inner, &next)];
    let commit = Commit {
        ticket: Some((next, Some(ticket.version))),
        audit: vec![row],
        posts,
        ..Commit::default()
    };
    match inner.ports.ledger.commit(commit).await {
        Ok(_) => {
            tracing::info!(ticket = %ticket.id, outcome = outcome.word(), %reference, "ended");
            Ok(())
        }
        Err(LedgerError::Conflict) => Err(Failure::Refused(Refused::Ticket(line![
            "The ticket changed meanwhile."
        ]))),
        Err(error) => Err(submit::store_failed(error)),
    }
}
