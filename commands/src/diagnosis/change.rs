//! Who changed what: before a problem, as its first suspect; since then, as what ended it. The bot's own tickets tell the
//! person; what came past the bot is told by its field manager.

use std::time::Duration;

use crate::{
    cluster::{Cached, Changed, FIELD_MANAGER, Revision, WorkloadObject, template_changes},
    incident::{Key, LastChange, Problem},
    model::{Text, Timestamp, Workload},
    objects::{Node, Pod},
    ports::{LedgerError, Records, TicketFilter},
    redact::Redactor,
    texts::{diagnosis as texts, incident},
    ticket::{Outcome, Stage, Ticket},
};

/// Differences of two templates that are told.
const MOST: usize = 3;

/// So far the clocks of the bot and of an API server may be apart.
const SKEW: Duration = Duration::from_secs(300);

/// The tickets of a workload that came to run, newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn tickets_of(records: &dyn Records, workload: &Workload) -> Result<Vec<Ticket>, LedgerError> {
    let filter = TicketFilter {
        target: Some(workload.to_string()),
        limit: 20,
        ..TicketFilter::default()
    };
    let tickets = records.tickets(filter).await?;
    Ok(tickets.into_iter().filter(|t| t.started.is_some()).collect())
}

/// Whether a run is known to have written: one that was stale or failed early left all as it was.
fn wrote(ticket: &Ticket) -> bool {
    let ended_by_writing = [Outcome::Succeeded, Outcome::RolledBack, Outcome::Overtaken];
    ticket.released
        || ended_by_writing
            .into_iter()
            .any(|outcome| ticket.stage == Stage::Done(outcome))
}

/// The ticket by which the bot made an object's last change: the one that the object names; else, of those that wrote, the
/// last that began before. `None` when somebody else made it, or it is not known.
#[must_use]
pub fn maker<'t>(changed: &Changed, tickets: &'t [Ticket]) -> Option<&'t Ticket> {
    if changed.manager.as_deref() != Some(FIELD_MANAGER) {
        return None;
    }
    let began = |ticket: &Ticket, slack: Duration| match (ticket.started, changed.at) {
        (Some(began), Some(at)) => began.as_second() <= at.checked_add(slack).unwrap_or(at).as_second(),
        (began, _) => began.is_some(),
    };
    // Anybody can write an annotation: it counts when that ticket may have been it.
    let named = changed
        .ticket()
        .and_then(|id| tickets.iter().find(|t| t.id == id));
    let named = named.filter(|t| began(t, SKEW) && t.stage != Stage::Done(Outcome::Stale));
    named.or_else(|| {
        let before = tickets.iter().filter(|t| wrote(t) && began(t, Duration::ZERO));
        before.max_by_key(|t| t.started)
    })
}

/// The last change of a workload's spec, with what differs where it made a new revision.
#[must_use]
pub fn last_change(
    object: &WorkloadObject,
    revisions: &[Revision],
    tickets: &[Ticket],
    quotes: Option<&Redactor>,
) -> Option<LastChange> {
    let changed = object.last_change()?;
    let what = changed.what.as_deref();
    let mut line = differences(what, revisions, quotes).unwrap_or_else(|| texts::part(what));
    match (maker(&changed, tickets), &changed.manager) {
        (Some(ticket), _) => line.push(texts::by_person(ticket.requester.user, ticket.id)),
        (None, Some(manager)) => line.push(texts::by_manager(manager)),
        (None, None) => {}
    }
    if let Some(at) = changed.at {
        line.push(texts::when(at));
    }
    Some(LastChange { line, at: changed.at })
}

/// What the newest revision has other than the one before; `None` when the change was none of the template.
fn differences(what: Option<&str>, revisions: &[Revision], quotes: Option<&Redactor>) -> Option<Text> {
    if matches!(what, Some("replicas" | "pause" | "replicas and pause")) {
        return None;
    }
    let current = revisions.iter().find(|r| r.current)?;
    let before = revisions
        .iter()
        .filter(|r| r.number < current.number)
        .max_by_key(|r| r.number)?;
    let all = template_changes(&before.template, &current.template, quotes);
    let count = all.len();
    let mut out = Text::joined(all.into_iter().take(MOST), &texts::comma());
    if count > MOST {
        out.push(texts::and_more(count - MOST));
    }
    (count > 0).then_some(out)
}

/// The time of a problem, for what may have ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub opened: Timestamp,
    /// The generation of its owner then.
    pub generation: Option<i64>,
    /// When it was over at the latest: what came later did not end it.
    pub until: Timestamp,
}

/// What was done to a workload while its problem lasted, and may have ended it: the later of the bot's own changes and of
/// those that came past it. Times of objects have whole seconds, so that the generation decides within one.
#[must_use]
pub fn ended_by(
    object: &WorkloadObject,
    revisions: &[Revision],
    tickets: &[Ticket],
    span: Span,
    quotes: Option<&Redactor>,
) -> Option<Text> {
    let in_time = |at: Timestamp| at.as_second() <= span.until.as_second();
    let last = object.last_change();
    let made = last.as_ref().and_then(|changed| maker(changed, tickets));
    let ticket = tickets
        .iter()
        .filter(|t| {
            wrote(t) || matches!(t.stage, Stage::Running(_)) || made.is_some_and(|made| made.id == t.id)
        })
        .filter_map(|t| Some((t.started.filter(|at| *at >= span.opened && in_time(*at))?, t)))
        .max_by_key(|(at, _)| *at);
    let grew = span.generation.is_some_and(|then| object.generation() > then);
    let changed = last
        .as_ref()
        .filter(|c| c.manager.as_deref() != Some(FIELD_MANAGER))
        .and_then(|c| c.at)
        .filter(|at| match span.generation {
            Some(_) => grew && at.as_second() >= span.opened.as_second(),
            None => *at > span.opened,
        })
        .filter(|at| in_time(*at));
    match (ticket, changed) {
        (Some((at, ticket)), other) if other.is_none_or(|other| other < at) => {
            let user = ticket.requester.user;
            Some(incident::by_ticket(&ticket.command, ticket.id, user))
        }
        (_, Some(_)) => {
            last_change(object, revisions, &[], quotes).map(|change| incident::by_change(&change.line))
        }
        // Whoever takes a field away owns nothing by that, and leaves no entry.
        (_, None) if grew && !grew_otherwise(object, last.and_then(|c| c.at), span) => {
            Some(incident::by_somebody())
        }
        (_, None) => None,
    }
}

/// Whether what is known to have happened explains a new generation: an autoscaler, or a change that came too late.
fn grew_otherwise(object: &WorkloadObject, last: Option<Timestamp>, span: Span) -> bool {
    object
        .autoscaled()
        .is_some_and(|at| at.as_second() >= span.opened.as_second())
        || last.is_some_and(|at| at.as_second() > span.until.as_second())
}

/// When all was ready again, as the objects tell: their clock, not the moment at which somebody looked.
#[must_use]
pub fn recovered_at(cached: &Cached, key: &Key) -> Option<Timestamp> {
    if key.problem == Problem::NodeNotReady {
        let node = cached.get::<Node>(&key.owner.name)?;
        return crate::health::node::state(&node).since;
    }
    let pods: Vec<_> = match key.workload() {
        Some(workload) => cached.pods_of(&workload),
        None => cached.get::<Pod>(&key.owner.name).into_iter().collect(),
    };
    let mut latest = None;
    for pod in pods.iter().filter(|p| super::sightings::is_counted(p)) {
        let ready = pod.status.condition("Ready").filter(|c| c.status == "True")?;
        latest = latest.max(Some(ready.last_transition_time?));
    }
    latest
}
