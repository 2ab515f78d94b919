//! Who changed what last: before a problem, its first suspect. The bot's own tickets tell the person; what came past the
//! bot is told by its field manager. What changed is what the revisions differ in: a manager owns all that it ever wrote.

use std::time::Duration;

use crate::{
    cluster::{
        Changed, FIELD_MANAGER, Revision, Scaled, WorkloadObject, only_lacks, same_template,
        template_changes, ticket_in,
    },
    incident::LastChange,
    model::{Text, Timestamp, Workload, WorkloadKind, code},
    ports::{LedgerError, Records, TicketFilter},
    redact::Redactor,
    texts::diagnosis::{self as texts, Part},
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
pub(super) fn wrote(ticket: &Ticket) -> bool {
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

/// Who made a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author<'a> {
    /// The bot, for somebody.
    Ticket(&'a Ticket),
    /// A tool that came past the bot; the bot itself where its ticket is not known.
    Manager(&'a str),
    /// The object does not tell.
    NotTold,
}

/// The last change of a workload's spec.
pub(super) struct Latest<'a> {
    by: Author<'a>,
    /// When, as far as it is recorded.
    pub(super) at: Option<Timestamp>,
    what: What<'a>,
}

/// What was changed.
enum What<'a> {
    /// The pod template.
    Template(Step<'a>),
    /// Parts of the spec.
    Parts(Vec<Part>),
}

/// How the present template came about.
#[derive(Clone, Copy)]
struct Step<'a> {
    before: &'a Revision,
    now: &'a Revision,
    /// Whether an old revision was taken up again, whose object tells nothing of when.
    again: bool,
}

impl<'a> Step<'a> {
    fn of(revisions: &'a [Revision]) -> Option<Self> {
        let now = revisions.iter().find(|r| r.current)?;
        let older = || revisions.iter().filter(|r| r.number < now.number);
        let before = older().max_by_key(|r| r.number)?;
        (!same_template(&before.template, &now.template)).then(|| Self {
            before,
            now,
            again: older().any(|r| r.created > now.created),
        })
    }

    fn only_lacks(&self) -> bool {
        only_lacks(&self.before.template, &self.now.template)
    }

    /// Whether the newest entry of the object's record is older than this: who takes a field away leaves none.
    fn leaves_no_entry(&self, newest: Option<Timestamp>) -> bool {
        if !self.only_lacks() {
            return false;
        }
        let Some(newest) = newest.map(Timestamp::as_second) else {
            return true;
        };
        let later = |made: Option<Timestamp>, by: i64| made.is_some_and(|at| at.as_second() >= newest + by);
        // The controller makes a revision a moment after the change, which may be the next second.
        let made_later = later(self.now.created, 1) || self.again;
        made_later && (later(self.now.created, 2) || later(self.before.created, 0))
    }

    /// Whether a change that the record dates made this revision, and not a later one of something else.
    fn came_with(&self, changed: &Changed, ticket: Option<&Ticket>, kind: WorkloadKind) -> bool {
        if !self.again {
            let made = self.now.created;
            return made.is_none() || changed.at.is_none_or(|at| Some(at) <= made);
        }
        match ticket {
            // The controller copies the cause to the revision that a Deployment takes up.
            Some(ticket) if kind == WorkloadKind::Deployment => {
                self.now.change_cause.as_deref().and_then(ticket_in) == Some(ticket.id)
            }
            Some(_) => true,
            None => changed.owns.template,
        }
    }
}

/// The last change that is known of a workload's spec.
pub(super) fn latest<'a>(
    object: &WorkloadObject,
    changed: Option<&'a Changed>,
    revisions: &'a [Revision],
    tickets: &'a [Ticket],
) -> Option<Latest<'a>> {
    let step = Step::of(revisions);
    let newest = changed.and_then(|changed| changed.at);
    if let Some(step) = step.filter(|step| step.leaves_no_entry(newest)) {
        return Some(Latest {
            by: Author::NotTold,
            at: step.now.created.filter(|_| !step.again),
            what: What::Template(step),
        });
    }
    let changed = changed?;
    let ticket = maker(changed, tickets);
    let by = match (ticket, changed.manager.as_deref()) {
        (Some(ticket), _) => Author::Ticket(ticket),
        (None, Some(manager)) => Author::Manager(manager),
        (None, None) => Author::NotTold,
    };
    let what = match step.filter(|step| step.came_with(changed, ticket, object.kind())) {
        Some(step) if changed.owns.template || step.only_lacks() => What::Template(step),
        _ => What::Parts(parts(object, changed, revisions)),
    };
    Some(Latest {
        by,
        at: changed.at,
        what,
    })
}

/// What was changed where no two revisions tell it.
fn parts(object: &WorkloadObject, changed: &Changed, revisions: &[Revision]) -> Vec<Part> {
    let owns = changed.owns;
    let with = |made: Option<Timestamp>| made.is_some() && changed.at <= made;
    let made = object.metadata().creation_timestamp;
    if owns.selector {
        let created = made.is_none() || with(made);
        return vec![if created { Part::Whole } else { Part::Spec }];
    }
    let mut parts = Vec::new();
    parts.extend(owns.replicas.then_some(Part::Replicas));
    parts.extend(owns.paused.then_some(Part::Pause));
    // A change after the present revision was made is none of the template.
    let current = revisions.iter().find(|r| r.current);
    if current.is_none_or(|r| r.created.is_none() || with(r.created)) {
        parts.extend(owns.image.then_some(Part::Image));
        parts.extend(owns.env.then_some(Part::Environment));
        parts.extend(owns.resources.then_some(Part::Resources));
        parts.extend(owns.restarted.then_some(Part::Restart));
        if parts.is_empty() && owns.template {
            parts.push(Part::Template);
        }
    }
    if parts.is_empty() {
        parts.push(Part::Spec);
    }
    parts
}

impl Latest<'_> {
    /// Whether it came past the bot.
    pub(super) fn is_foreign(&self) -> bool {
        !matches!(self.by, Author::Ticket(_) | Author::Manager(FIELD_MANAGER))
    }

    /// `image v1 → v2 by operator (ticket 4) 3 minutes ago`
    pub(super) fn line(&self, quotes: Option<&Redactor>) -> Text {
        let line = match (&self.what, self.by) {
            (What::Template(step), _) => differences(*step, quotes),
            (What::Parts(_), Author::Ticket(ticket)) if !ticket.typed.is_empty() => {
                crate::line![code(ticket.typed.clone())]
            }
            (What::Parts(parts), _) => texts::parts(parts),
        };
        let when = self.at.map(texts::when).unwrap_or_default();
        match self.by {
            Author::Ticket(ticket) => line
                .and(texts::by_person(ticket.requester.user, ticket.id))
                .and(when),
            Author::Manager(manager) => line.and(texts::by_manager(manager)).and(when),
            Author::NotTold => line.and(when).and(texts::by_nobody_told()),
        }
    }
}

/// The last change of a workload's spec: what, by whom and when, as far as the objects and the bot's books tell.
#[must_use]
pub fn last_change(
    object: &WorkloadObject,
    revisions: &[Revision],
    tickets: &[Ticket],
    quotes: Option<&Redactor>,
) -> Option<LastChange> {
    let changed = object.last_change();
    let latest = latest(object, changed.as_ref(), revisions, tickets);
    let scaled = object.scaled();
    let seen = scaled.and_then(|scaled| scaled.seen).map(|seen| seen.at);
    let at = latest.as_ref().and_then(|latest| latest.at);
    let latest = latest.map(|latest| latest.line(quotes));
    let mut lines: Vec<Text> = latest.into_iter().chain(scaled.map(scaling)).collect();
    // The last one is told first.
    if seen > at {
        lines.rotate_right(1);
    }
    let at = at.max(seen);
    (!lines.is_empty()).then(|| LastChange {
        line: Text::joined(lines, &texts::semicolon()),
        at,
    })
}

/// A change of the number of replicas, with when it was seen, as far as it was.
pub(super) fn scaling(scaled: Scaled<'_>) -> Text {
    match scaled.seen {
        Some(seen) => texts::scaled_seen(scaled.by, seen.from, seen.to, seen.at),
        None => texts::scaled_at_some_time(scaled.by),
    }
}

/// What the newest revision has other than the one before.
fn differences(step: Step<'_>, quotes: Option<&Redactor>) -> Text {
    let all = template_changes(&step.before.template, &step.now.template, quotes);
    let count = all.len();
    if count == 0 {
        return texts::parts(&[Part::Template]);
    }
    let mut out = Text::joined(all.into_iter().take(MOST), &texts::comma());
    if count > MOST {
        out.push(texts::and_more(count - MOST));
    }
    out
}
