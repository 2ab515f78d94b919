//! Decides what a sighting, or its absence, means for an incident. Pure: the time is given, the effects are named.

use std::time::Duration;

use super::{
    Ending, Evidence, Former, Incident, IncidentId, LastChange, Noted, Problem, Returned, Sighting, Timing,
    WayBack,
};
use crate::{
    model::{ChannelId, Effect, Refusal, RoleId, Text, Timestamp, UserId, since},
    texts::incident as texts,
};

/// What happened to an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A look saw that the condition holds, with what was collected about it.
    Seen(Box<Sighting>, Box<Found>),
    /// The process that looks after it is a new one: whether its message still stands is not known.
    Inherited,
    /// Looks at whole and fresh caches see nothing of it since then: not for long enough to call it over.
    Quiet(Timestamp),
    /// For long enough they saw nothing of it.
    Unseen(Ending),
    /// A person is on it.
    Ack {
        /// Who.
        by: UserId,
        /// What they are called.
        name: String,
    },
    /// A person wants to read no more about it for a while.
    Silence {
        /// Who.
        by: UserId,
        /// What they are called.
        name: String,
    },
}

/// What was collected beyond the caches. What is absent leaves what is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Log and events.
    pub evidence: Option<Evidence>,
    /// The last change of the owner.
    pub change: Option<LastChange>,
    /// The generation of the owner.
    pub generation: Option<i64>,
    /// The revision to go back to; the outer `None`: not looked.
    pub way_back: Option<Option<WayBack>>,
    /// The section of the team's manual; `None`: not looked, or not found.
    pub manual: Option<Text>,
}

/// Whether a sighting is worth an incident already.
#[must_use]
pub fn due(sighting: &Sighting, now: Timestamp, timing: &Timing) -> bool {
    due_in(sighting, now, timing).is_zero()
}

/// How long it still has to hold until it is worth an incident.
#[must_use]
pub fn due_in(sighting: &Sighting, now: Timestamp, timing: &Timing) -> Duration {
    // What hides everything else is told sooner.
    let patience = match sighting.key.problem {
        Problem::NoAnswer => timing.patience / 2,
        problem if problem.may_pass() => timing.patience,
        _ => Duration::ZERO,
    };
    patience.saturating_sub(since(sighting.since, now))
}

/// Whether a problem that comes back is this incident again, or one that links to it.
#[must_use]
pub fn reopens(incident: &Incident, now: Timestamp, timing: &Timing) -> bool {
    incident.closed.is_some_and(|at| since(at, now) < timing.flap)
}

/// Whether the log and the events of a sighting are to be read before it is told.
#[must_use]
pub fn wants_evidence(
    incident: Option<&Incident>,
    sighting: &Sighting,
    now: Timestamp,
    timing: &Timing,
) -> bool {
    let Some(subject) = &sighting.subject else {
        return false;
    };
    match incident.and_then(|i| i.evidence.as_ref()) {
        None => true,
        Some(known) => {
            let other = known.about.pod != subject.pod
                || known.about.container != subject.container
                || known.about.ended != subject.ended;
            (other || known.incomplete) && since(known.at, now) >= timing.evidence_every
        }
    }
}

/// What a new incident gets beside what was seen.
#[derive(Debug, Clone, Copy)]
pub struct Birth<'a> {
    /// Its number.
    pub id: IncidentId,
    /// Where it is told.
    pub channel: ChannelId,
    /// Who is called once.
    pub mention: &'a [RoleId],
    /// The one that it comes back from.
    pub returned: Option<&'a Incident>,
    /// Now.
    pub now: Timestamp,
}

/// A new incident out of a sighting. One that comes back began when it came back: what was well in between was not bad.
#[must_use]
pub fn open(sighting: &Sighting, found: Found, birth: Birth<'_>) -> (Incident, Vec<Effect>) {
    let now = birth.now;
    let before = birth
        .returned
        .and_then(|before| Some((before, before.ending.as_ref()?.at)));
    let since = sighting.since.min(now);
    let mut incident = Incident {
        id: birth.id,
        version: 1,
        key: sighting.key.clone(),
        channel: birth.channel,
        opened: before.map_or(since, |(_, ended)| since.max(ended)),
        last_seen: sighting.last,
        quiet: None,
        affected: vec![],
        shown_by: vec![],
        former: None,
        most: 0,
        of: 0,
        serves: None,
        restarts: 0,
        text: Text::default(),
        facts: vec![],
        flaps: before.map_or(0, |(before, _)| before.flaps.saturating_add(1)),
        returned: before.map(|(before, ended)| Returned {
            from: before.id,
            ended,
        }),
        evidence: None,
        change: None,
        generation: None,
        way_back: None,
        manual: None,
        fails: None,
        mention: birth.mention.to_vec(),
        acked: None,
        silenced: None,
        silenced_until: None,
        closed: None,
        ending: None,
        shown: now,
    };
    take(&mut incident, sighting, found);
    let detail = incident.text.plain();
    let word = if before.is_some() { "reopened" } else { "opened" };
    (
        incident,
        vec![Effect::Store, Effect::Show, Effect::Record(word, detail)],
    )
}

/// The incident after an event, and what follows. It is given as it is stored, and what changes is to be compared with
/// that. No effects: nothing is worth storing, and the incident only knows better when it was last seen.
///
/// # Errors
/// When a button makes no sense any more; what is seen is never refused.
pub fn step(
    incident: &Incident,
    event: Event,
    now: Timestamp,
    timing: &Timing,
) -> Result<(Incident, Vec<Effect>), Refusal> {
    let mut next = incident.clone();
    let effects = match event {
        Event::Seen(sighting, found) => seen(&mut next, &sighting, *found, now, timing),
        Event::Inherited if next.is_open() => vec![Effect::Store, Effect::Show],
        Event::Inherited => Vec::new(),
        Event::Quiet(since) => quiet(&mut next, since, now, timing),
        Event::Unseen(ending) => unseen(&mut next, ending, now, timing),
        Event::Ack { by, name } => ack(&mut next, by, name, now)?,
        Event::Silence { by, name } => silence(&mut next, by, name, now, timing)?,
    };
    if effects.contains(&Effect::Store) {
        next.version += 1;
    }
    Ok((next, effects))
}

fn seen(
    next: &mut Incident,
    sighting: &Sighting,
    found: Found,
    now: Timestamp,
    timing: &Timing,
) -> Vec<Effect> {
    let before = next.clone();
    if !before.is_open() {
        next.generation = None;
    }
    take(next, sighting, found);
    if next.silenced_until.is_some_and(|until| now >= until) {
        (next.silenced, next.silenced_until) = (None, None);
    }
    if before.closed.is_some() {
        (next.closed, next.ending) = (None, None);
        next.flaps += 1;
        next.shown = now;
        let record = Effect::Record("reopened", next.text.plain());
        return vec![Effect::Store, Effect::Show, record];
    }
    let became = before.key.problem != next.key.problem;
    // That nothing of it was seen any more is not said a moment longer.
    let urgent = became || before.quiet.is_some();
    let unchanged = Incident {
        last_seen: before.last_seen,
        ..next.clone()
    };
    if unchanged == before || (!urgent && since(before.shown, now) < timing.edit_every) {
        // Nothing a reader would miss, or too early: the next look sees the same difference again. How long it lasts must
        // outlive this process, though not to the second.
        *next = Incident {
            last_seen: next.last_seen,
            ..before.clone()
        };
        let remembered = since(before.last_seen, next.last_seen) < timing.settle / 2;
        return if remembered {
            Vec::new()
        } else {
            vec![Effect::Store]
        };
    }
    next.shown = now;
    let mut effects = vec![Effect::Store];
    if !next.is_silent(now) {
        effects.push(Effect::Show);
    }
    if became {
        effects.push(Effect::Record("changed", next.text.plain()));
    }
    effects
}

/// Takes over what a sighting says.
fn take(incident: &mut Incident, sighting: &Sighting, found: Found) {
    let problem = sighting.key.problem;
    if problem.covers(incident.key.problem) {
        incident.key.problem = problem;
        incident.former = None;
    } else if problem != incident.key.problem && outlived(incident, sighting) {
        become_other(incident, sighting);
    }
    incident.last_seen = incident.last_seen.max(sighting.last);
    incident.quiet = None;
    incident.affected.clone_from(&sighting.affected);
    let count = u32::try_from(sighting.affected.len()).unwrap_or(u32::MAX);
    incident.most = incident.most.max(count);
    incident.of = sighting.of;
    // More than those that are counted may serve.
    incident.serves = sighting.serves.map(|serves| serves.min(sighting.of));
    incident.restarts = incident.restarts.max(sighting.restarts);
    incident.facts.clone_from(&sighting.facts);
    if problem == incident.key.problem {
        incident.text.clone_from(&sighting.text);
        incident.shown_by = shown_by(sighting)
            .map(|name| identity(sighting, name).to_owned())
            .collect();
    } else {
        // Another face of it: the title keeps its sentence.
        incident.facts.insert(0, texts::now(&sighting.text));
    }
    if let Some(evidence) = found.evidence {
        incident.evidence = Some(keep_lines(incident.evidence.take(), evidence));
    }
    incident.generation = incident.generation.or(found.generation);
    if found.change.is_some() {
        incident.change = found.change;
    }
    if found.manual.is_some() {
        incident.manual = found.manual;
    }
    if let Some(way_back) = found.way_back {
        incident.way_back = way_back.map(|way| way.to);
        incident.fails = way_back.map(|way| way.from);
    }
}

/// Who shows the problem of a sighting itself.
fn shown_by(sighting: &Sighting) -> impl Iterator<Item = &String> {
    let only_another_face = |name: &&String| sighting.beside.contains(name);
    sighting
        .affected
        .iter()
        .filter(move |name| !only_another_face(name))
}

/// What tells one of them from another of its name.
fn identity<'s>(sighting: &'s Sighting, name: &'s String) -> &'s str {
    sighting.uids.get(name).unwrap_or(name)
}

/// Whether what the title says was of pods none of which is in trouble any more. A container that crashes in a loop runs
/// for moments between its crashes, and is only not ready then: it is the same pod, and keeps the title.
fn outlived(incident: &Incident, sighting: &Sighting) -> bool {
    // A Job that gave up runs none any more.
    let gave_up = sighting.key.problem == Problem::JobFailed;
    let known = !incident.shown_by.is_empty() && (gave_up || !sighting.affected.is_empty());
    known
        && !sighting.affected.iter().any(|name| {
            incident
                .shown_by
                .iter()
                .any(|shown| shown == identity(sighting, name))
        })
}

/// What was seen of the pods before is no longer said of those that are in trouble now.
fn become_other(incident: &mut Incident, sighting: &Sighting) {
    incident.former = Some(Former {
        text: incident.text.clone(),
        until: incident.last_seen,
        replaced: sighting
            .since
            .clamp(incident.opened, sighting.last.max(incident.opened)),
    });
    incident.key.problem = sighting.key.problem;
    (incident.most, incident.restarts) = (0, 0);
    incident.manual = None;
    // What a Job wrote before it gave up is why it did.
    if sighting.key.problem != Problem::JobFailed {
        incident.evidence = None;
    }
}

/// Lines that were read once are not given up for a log that is gone meanwhile.
fn keep_lines(known: Option<Evidence>, new: Evidence) -> Evidence {
    match known {
        Some(known) if new.lines.is_empty() && !known.lines.is_empty() => Evidence {
            lines: known.lines,
            no_lines: None,
            said: new.said.or(known.said),
            event: new.event.or(known.event),
            ..new
        },
        _ => new,
    }
}

/// What the message says of now is of then by now.
fn quiet(next: &mut Incident, since_then: Timestamp, now: Timestamp, timing: &Timing) -> Vec<Effect> {
    if !next.is_open() || next.quiet.is_some() || since(since_then, now) < timing.edit_every {
        return Vec::new();
    }
    next.quiet = Some(since_then);
    next.shown = now;
    let mut effects = vec![Effect::Store];
    if !next.is_silent(now) {
        effects.push(Effect::Show);
    }
    effects
}

fn unseen(next: &mut Incident, ending: Ending, now: Timestamp, timing: &Timing) -> Vec<Effect> {
    if next.closed.is_some() || since(next.last_seen, now) < timing.settle {
        return Vec::new();
    }
    let at = ending.at.clamp(next.last_seen.min(now), now).max(next.opened);
    next.affected.clear();
    next.quiet = None;
    next.closed = Some(now);
    next.ending = Some(Ending { at, ..ending });
    next.shown = now;
    let detail = texts::after(since(next.opened, at)).plain();
    vec![Effect::Store, Effect::Show, Effect::Record("recovered", detail)]
}

fn ack(next: &mut Incident, by: UserId, name: String, now: Timestamp) -> Result<Vec<Effect>, Refusal> {
    if let Some(other) = &next.acked {
        return Err(Refusal(texts::acked_already(other.by, other.at)));
    }
    still_open(next)?;
    next.acked = Some(Noted { by, name, at: now });
    next.shown = now;
    let detail = texts::after(since(next.opened, now)).plain();
    Ok(vec![Effect::Store, Effect::Show, Effect::Record("acked", detail)])
}

fn silence(
    next: &mut Incident,
    by: UserId,
    name: String,
    now: Timestamp,
    timing: &Timing,
) -> Result<Vec<Effect>, Refusal> {
    still_open(next)?;
    if next.is_silent(now)
        && let (Some(other), Some(until)) = (&next.silenced, next.silenced_until)
    {
        return Err(Refusal(texts::silenced_already(other.by, until)));
    }
    let until = now.checked_add(timing.silence).unwrap_or(Timestamp::MAX);
    next.silenced = Some(Noted { by, name, at: now });
    next.silenced_until = Some(until);
    next.shown = now;
    let detail = texts::lasting(timing.silence).plain();
    Ok(vec![
        Effect::Store,
        Effect::Show,
        Effect::Record("silenced", detail),
    ])
}

fn still_open(incident: &Incident) -> Result<(), Refusal> {
    match &incident.ending {
        None => Ok(()),
        Some(ending) => Err(Refusal(texts::ended(ending.at))),
    }
}

impl Problem {
    /// Whether an incident of this problem takes in a sighting of another: the same, one it covers, or one that covers
    /// it and that it then becomes.
    pub(super) fn takes(self, seen: Self) -> bool {
        self == seen || self.covers(seen) || seen.covers(self)
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
