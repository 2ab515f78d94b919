//! Who changed what: before a problem, as its first suspect; since then, as what ended it. The bot's own tickets tell the
//! person; what came past the bot is told by its field manager.

use crate::{
    cluster::{Cached, FIELD_MANAGER, Revision, WorkloadObject, template_changes},
    incident::{Key, LastChange, Problem},
    line,
    model::{Line, Span, Timestamp, Workload, ago},
    ports::{Ledger, LedgerError, TicketFilter},
    ticket::{Outcome, Stage, Ticket},
};

/// Differences of two templates that are told.
const MOST: usize = 3;

/// The tickets that changed a workload, newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn tickets_of(ledger: &dyn Ledger, workload: &Workload) -> Result<Vec<Ticket>, LedgerError> {
    let filter = TicketFilter {
        target: Some(workload.to_string()),
        limit: 20,
        ..TicketFilter::default()
    };
    let tickets = ledger.tickets(filter).await?;
    Ok(tickets.into_iter().filter(|t| t.started.is_some()).collect())
}

/// The last change of a workload's spec, with what differs where it made a new revision.
#[must_use]
pub fn last_change(
    object: &WorkloadObject,
    revisions: &[Revision],
    tickets: &[Ticket],
) -> Option<LastChange> {
    let changed = object.last_change()?;
    let what = changed.what.as_deref().unwrap_or("its spec");
    let mut line = match differences(what, revisions) {
        Some(line) => line,
        None => line![what],
    };
    let ours = changed.manager.as_deref() == Some(FIELD_MANAGER);
    line = match (tickets.first().filter(|_| ours), &changed.manager) {
        (Some(ticket), _) => line
            .and(" by ")
            .and(ticket.requester.user)
            .and(" (")
            .and(Span::TicketLink(ticket.id))
            .and(")"),
        (None, Some(manager)) => line.and(format!(" by {}", by_manager(manager))),
        (None, None) => line,
    };
    if let Some(at) = changed.at {
        line = line.and(" ").and(ago(at));
    }
    Some(LastChange { line, at: changed.at })
}

fn by_manager(manager: &str) -> String {
    if manager.starts_with("kubectl") {
        format!("kubectl (field manager {manager})")
    } else {
        format!("field manager {manager}")
    }
}

/// What the newest revision has other than the one before; `None` when the change was none of the template.
fn differences(what: &str, revisions: &[Revision]) -> Option<Line> {
    if matches!(what, "replicas" | "pause" | "replicas and pause") {
        return None;
    }
    let current = revisions.iter().find(|r| r.current)?;
    let before = revisions
        .iter()
        .filter(|r| r.number < current.number)
        .max_by_key(|r| r.number)?;
    let all = template_changes(&before.template, &current.template);
    let count = all.len();
    let mut out = Line::default();
    for (i, difference) in all.into_iter().take(MOST).enumerate() {
        if i > 0 {
            out = out.and(", ");
        }
        out = out.join(difference);
    }
    if count > MOST {
        out = out.and(format!(" and {} more", count - MOST));
    }
    (count > 0).then_some(out)
}

/// What was done to a workload since its problem began, at that time and in that generation, and may have ended it: the later
/// of the bot's own changes and of those that came past it. Times of objects have whole seconds, so that the generation
/// decides within one.
#[must_use]
pub fn ended_by(
    object: &WorkloadObject,
    revisions: &[Revision],
    tickets: &[Ticket],
    (opened, generation): (Timestamp, Option<i64>),
) -> Option<Line> {
    let worked = |t: &&Ticket| matches!(t.stage, Stage::Done(Outcome::Succeeded) | Stage::Running(_));
    let ticket = tickets
        .iter()
        .filter(worked)
        .filter_map(|t| Some((t.started.filter(|at| *at >= opened)?, t)))
        .max_by_key(|(at, _)| *at);
    let changed = object
        .last_change()
        .filter(|c| c.manager.as_deref() != Some(FIELD_MANAGER))
        .and_then(|c| c.at)
        .filter(|at| match generation {
            Some(then) => object.generation() > then && at.as_second() >= opened.as_second(),
            None => *at > opened,
        });
    match (ticket, changed) {
        (Some((at, ticket)), other) if other.is_none_or(|other| other < at) => Some(line![
            "the ",
            ticket.command.clone(),
            " of ",
            Span::TicketLink(ticket.id),
            " (",
            ticket.requester.user,
            ")"
        ]),
        (_, Some(_)) => last_change(object, revisions, &[]).map(|c| c.line),
        // Whoever takes a field away owns nothing by that, and leaves no entry.
        (_, None) if generation.is_some_and(|then| object.generation() > then) => {
            Some(line!["a change of its spec that does not tell by whom"])
        }
        (_, None) => None,
    }
}

/// When all was ready again, as the objects tell: their clock, not the moment at which somebody looked.
#[must_use]
pub fn recovered_at(cached: &Cached, key: &Key) -> Option<Timestamp> {
    let ready = |conditions: &[(String, String, Option<Timestamp>)]| {
        conditions
            .iter()
            .find(|(kind, status, _)| kind == "Ready" && status == "True")
            .and_then(|(.., at)| *at)
    };
    if key.problem == Problem::NodeNotReady {
        let node = cached
            .nodes()
            .into_iter()
            .find(|n| n.metadata.name.as_deref() == Some(&key.owner.name))?;
        return crate::health::node::state(&node).since;
    }
    let pods: Vec<_> = match key.workload() {
        Some(workload) => cached.pods_of(&workload),
        None => cached.pod(&key.owner.name).into_iter().collect(),
    };
    let mut latest = None;
    for pod in pods.iter().filter(|p| super::is_counted(p)) {
        let conditions: Vec<_> = pod
            .status
            .iter()
            .flat_map(|s| s.conditions.iter().flatten())
            .map(|c| {
                (
                    c.type_.clone(),
                    c.status.clone(),
                    c.last_transition_time.as_ref().map(|t| t.0),
                )
            })
            .collect();
        latest = latest.max(Some(ready(&conditions)?));
    }
    latest
}
