//! Takes a command: reads it, judges it, answers a query, or turns a change into a ticket.

use std::{sync::Arc, time::Duration};

use super::{
    card, claim,
    guard::Judged,
    inner::Inner,
    interaction::{Ask, REASON, Reply},
    records, rows,
};
use crate::{
    failure::{Failure, Refused},
    input::{BadInput, SEEN, Value},
    model::{Effect, Reference, Report, Scope, TicketId, Tone},
    ops::{
        AnyChange, Handler,
        contract::{Answer, Context, Draft},
    },
    policy::{Gate, Question, Quorum, Verb},
    ports::{AuditEntry, Commit, LedgerError, TicketFilter},
    redact::Redactor,
    stored::{Author, Prepared, Stored},
    texts::{self, engine as say},
    ticket::{Directive, Stage, Ticket},
};

/// How long a command may think; each request to a cluster has its own, shorter, bound.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// Takes a command.
pub(crate) async fn submit(inner: &Arc<Inner>, ask: Ask) -> Reply {
    submit_for(inner, ask, 0).await
}

/// The same, for a page of its answer.
pub(crate) async fn submit_for(inner: &Arc<Inner>, ask: Ask, page: usize) -> Reply {
    let reference = Reference::new();
    let result = tokio::time::timeout(ANSWER_WITHIN, handle(inner, &ask, page, &reference))
        .await
        .unwrap_or_else(|_| {
            Err(Failure::Internal(format!(
                "the command took longer than {} s",
                ANSWER_WITHIN.as_secs()
            )))
        });
    match result {
        Ok(reply) => reply,
        Err(failure) => refuse(inner, &ask, None, &reference, failure).await,
    }
}

/// Tells a failure, and keeps refusals in the audit; `ticket` is what a button was about.
pub(crate) async fn refuse(
    inner: &Inner,
    ask: &Ask,
    ticket: Option<TicketId>,
    reference: &Reference,
    failure: Failure,
) -> Reply {
    let command = ask.command.as_str();
    match &failure {
        Failure::Internal(detail) => {
            tracing::error!(%reference, actor = %ask.actor.user, command, detail, "a command failed");
        }
        other => {
            tracing::info!(%reference, actor = %ask.actor.user, command, kind = other.kind(), why = %other, "refused");
        }
    }
    if let Failure::Refused(why) = &failure {
        let mut row = rows::row_of_ask(inner, ask, "refused", reference);
        row.target = match why {
            Refused::NotAllowed { place, .. } | Refused::Unsatisfiable { place, .. } => place.clone(),
            Refused::Ticket(_) => String::new(),
        };
        row.ticket = ticket;
        row.outcome = "refused".to_owned();
        row.detail = inner.ports.redactor.text(&why.to_string());
        if let Some(mut row) = inner.refusals.note(row) {
            // What a button was about is for whoever may read of that place.
            if let (Some(id), true) = (ticket, row.target.is_empty())
                && let Ok(ticket) = rows::load(inner, id).await
            {
                row.target = ticket.row("").target;
            }
            if let Err(error) = record(inner, vec![row]).await {
                tracing::error!(%reference, %error, "a refusal could not be written to the audit");
            }
        }
    }
    Reply::Told {
        report: Box::new(failure.report(reference)),
        private: true,
        note: None,
        outcome: failure.kind(),
    }
}

/// Writes the refusals that were only counted and whose time is over, or all of them.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn record_refusals(inner: &Inner, all: bool) -> Result<(), LedgerError> {
    let rows = inner.refusals.due(inner.now(), all);
    if rows.is_empty() {
        Ok(())
    } else {
        record(inner, rows).await
    }
}

async fn record(inner: &Inner, audit: Vec<AuditEntry>) -> Result<(), LedgerError> {
    let commit = Commit {
        audit,
        ..Commit::default()
    };
    inner.ports.ledger.commit(commit).await.map(drop)
}

async fn handle(inner: &Arc<Inner>, ask: &Ask, page: usize, reference: &Reference) -> Result<Reply, Failure> {
    let judged = inner.judge_ask(ask)?;
    match &judged.entry.handler {
        Handler::Query(query) => {
            let answer = query.answer(judged.input.clone(), &context(inner, ask)).await?;
            if judged.verb >= Verb::Sensitive {
                record_look(inner, ask, &judged, reference).await?;
            }
            let shown = Shown {
                page,
                private: judged.private,
            };
            Ok(told(inner, ask, answer, shown))
        }
        Handler::Record(record) => records::record(inner, ask, &judged, record.as_ref(), reference).await,
        Handler::Change(change) => request(inner, ask, judged, change.as_ref(), reference).await,
    }
}

fn context<'a>(inner: &'a Arc<Inner>, ask: &'a Ask) -> Context<'a> {
    Context {
        view: &inner.view,
        actor: &ask.actor,
        place: &ask.place,
        locale: ask.locale,
        now: inner.now(),
        records: inner.ports.ledger.as_ref(),
        clock: &inner.ports.clock,
        timing: &inner.ports.timing,
        limits: &inner.ports.limits,
        redactor: &inner.ports.redactor,
        probes: inner.ports.probes.as_ref(),
        metrics: inner.ports.metrics.as_ref(),
        pictures: inner.ports.pictures.as_ref(),
        checks: inner.ports.checks.as_ref(),
        manual: inner.ports.manual.as_ref(),
        rights: inner.as_ref(),
    }
}

/// How an answer is shown.
struct Shown {
    /// Which page of it.
    page: usize,
    /// Whether it is for the asker alone.
    private: bool,
}

fn told(inner: &Inner, ask: &Ask, answer: Answer, shown: Shown) -> Reply {
    match answer {
        Answer::Once(report) => Reply::told(report, shown.private),
        Answer::Pages(pages) => {
            let report = inner.views.open(ask, pages, shown.page, inner.now());
            Reply::told(Box::new(report), shown.private)
        }
        Answer::Live(stream) => {
            let view = Reference::new().to_string();
            Reply::Live {
                view,
                owner: ask.actor.user,
                stream,
            }
        }
    }
}

/// Who looked at what may hold secrets is on record before they see it.
async fn record_look(
    inner: &Inner,
    ask: &Ask,
    judged: &Judged,
    reference: &Reference,
) -> Result<(), Failure> {
    let mut row = rows::row_of_ask(inner, ask, "answered", reference);
    row.target = judged.place();
    row.outcome = "ok".to_owned();
    row.detail = inner.ports.redactor.text(&ask.typed());
    Ok(record(inner, vec![row]).await?)
}

async fn request(
    inner: &Arc<Inner>,
    ask: &Ask,
    judged: Judged,
    change: &dyn AnyChange,
    reference: &Reference,
) -> Result<Reply, Failure> {
    within_pace(inner, ask).await?;
    let draft = change.plan(judged.input.clone(), &context(inner, ask)).await?;
    let verb = draft
        .risks
        .iter()
        .filter_map(|r| r.raises_to)
        .fold(draft.verb, Verb::max);
    let verb = verb.max(judged.entry.spec.verb);
    // Judged again with what the objects showed; the stricter wins, because the verb can only have risen and every
    // scope is judged.
    let gate = inner.gate(&ask.actor, &judged.entry.spec, verb, &draft.scopes)?;
    let place = judged.place();
    let mut could = 0;
    if let Gate::Approve(quorum) = &gate {
        if quorum.reason && judged.reason.is_none() {
            return Err(Failure::Input(
                BadInput::new(say::needs_a_reason()).hint(texts::input::add(REASON)),
            ));
        }
        let question = question(ask, verb, &draft.scopes);
        could = inner.could_open(&question, quorum, &place).await?;
    }
    let judged = Judged { gate, ..judged };
    let draft = Draft { verb, ..draft };
    let ticket = open_ticket(inner, ask, judged, draft).await?;
    let author = Author {
        actor: Some(&ask.actor),
        command: None,
        reference,
    };
    let mut effects = vec![Effect::Record("asked", ticket.typed.clone())];
    if ticket.stage == Stage::AwaitingApproval {
        effects.push(Effect::Say);
    }
    let Prepared { commit, outcome, .. } = Prepared::of(&inner.ports, None, ticket, effects, &author);
    let ticket = outcome;
    let commit = Commit {
        once: Some(ask.event.clone()),
        ..commit.unwrap_or_default()
    };
    match inner.ports.ledger.commit(commit).await {
        Ok(_) => {}
        Err(LedgerError::Duplicate) => return Ok(Reply::Repeated),
        Err(error) => return Err(error.into()),
    }
    tracing::info!(ticket = %ticket.id, actor = %ask.actor.user, command = ask.command, %reference, "asked");
    if ticket.stage == Stage::Ready {
        claim::launch(inner, ticket.id);
    }
    let report = match ticket.stage {
        Stage::AwaitingApproval => asked(&ticket, could),
        Stage::Ready => started(&ticket),
        _ => card::card(&ticket),
    };
    Ok(Reply::told(Box::new(report), true).noting(ticket.id))
}

fn question<'a>(ask: &'a Ask, verb: Verb, scopes: &'a [Scope]) -> Question<'a> {
    Question {
        user: ask.actor.user,
        roles: &ask.actor.roles,
        command: &ask.command,
        verb,
        scopes,
    }
}

async fn within_pace(inner: &Inner, ask: &Ask) -> Result<(), Failure> {
    let Some(most) = inner.ports.limits.changes_an_hour else {
        return Ok(());
    };
    let filter = TicketFilter {
        limit: 500,
        ..TicketFilter::default()
    };
    let tickets = inner.ports.ledger.tickets(filter).await?;
    let now = inner.now();
    let hour = Duration::from_secs(3600);
    // What still waits may all start at once.
    let counts = |t: &Ticket| {
        let waits = t.started.is_none() && t.ended.is_none();
        waits || t.started.is_some_and(|at| crate::model::since(at, now) < hour)
    };
    let mine = tickets
        .iter()
        .filter(|t| t.requester.user == ask.actor.user && counts(t));
    if mine.count() < most as usize {
        return Ok(());
    }
    Err(Failure::Refused(Refused::Ticket(say::too_many_changes(most))))
}

async fn open_ticket(
    inner: &Inner,
    ask: &Ask,
    judged: Judged,
    draft: Draft<serde_json::Value>,
) -> Result<Ticket, Failure> {
    let id = inner.ports.ledger.allocate().await?;
    let now = inner.now();
    let gate = judged.gate;
    let stage = Ticket::first_stage(&gate);
    let timing = &inner.ports.timing;
    let after = |length: Duration| now.checked_add(length).unwrap_or(crate::model::Timestamp::MAX);
    let approved = matches!(gate, Gate::Approve(_));
    // What was typed may hold a secret by mistake: it is taken out before anything is stored.
    let clean = &inner.ports.redactor;
    let mut preview = draft.preview;
    for risk in &draft.risks {
        preview = preview.field(say::note(), risk.note.clone());
    }
    let mut ticket = Ticket {
        id,
        version: 1,
        command: ask.command.clone(),
        typed: clean.text(&ask.typed()),
        options: ask
            .options
            .iter()
            .filter(|(name, _)| *name != SEEN)
            .map(|(name, value)| (name.clone(), cleaned(value, clean)))
            .collect(),
        requester: ask.actor.clone(),
        reason: judged.reason.map(|reason| clean.text(&reason)),
        asked_in: ask.place.channel,
        channel: if approved {
            inner.home.ops
        } else {
            ask.place.channel
        },
        verb: draft.verb,
        scopes: draft.scopes,
        targets: draft.targets,
        released: false,
        plan: draft.plan,
        preconditions: draft.preconditions,
        preview: clean.report(preview),
        policy: inner.rules.version.clone(),
        created: now,
        approve_by: after(timing.approve_within),
        run_within: timing.run_within,
        execute_by: (stage == Stage::Ready).then(|| after(timing.run_within)),
        gate,
        stage,
        votes: vec![],
        directive: Directive::Continue,
        held_by: None,
        woken: None,
        ran_ms: 0,
        started: None,
        ended: None,
        shown: Report::default(),
    };
    ticket.shown = clean.report(card::card(&ticket));
    Ok(ticket)
}

fn cleaned(value: &Value, clean: &Redactor) -> Value {
    match value {
        Value::Text(text) => Value::Text(clean.text(text)),
        other => other.clone(),
    }
}

fn asked(ticket: &Ticket, could: u64) -> Report {
    let needs = ticket.quorum().map(Quorum::in_words).unwrap_or_default();
    Report::new(Tone::Waiting, say::asked_for_approval(ticket.id))
        .line(say::it_is_in(ticket.channel, ticket.id))
        .line(say::needs_and_lapses(&needs, could, ticket.approve_by))
        .action(card::withdraw(ticket.id))
}

/// What the requester reads when nothing more stands before the run.
pub(crate) fn started(ticket: &Ticket) -> Report {
    Report::new(Tone::Info, say::started(ticket.id)).line(say::progress_in(ticket.channel, ticket.id))
}
