//! Which sightings belong to which incidents, so that one trouble is one message: memory that runs out is not told a
//! second time as a crash, nor a rollout that sticks because of it.

use super::{Incident, IncidentId, Problem, Sighting, Timing, reopens};
use crate::model::Timestamp;

/// What a look means.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// Sightings of incidents that are known.
    pub known: Vec<(IncidentId, Sighting)>,
    /// Sightings that nobody was told of.
    pub new: Vec<Sighting>,
    /// Sightings of what was told as over a short while ago: told anew, with a link to that.
    pub back: Vec<(IncidentId, Sighting)>,
    /// Open incidents of which nothing was seen.
    pub unseen: Vec<IncidentId>,
}

/// Sorts what a look saw among the incidents that are open or were closed a short while ago.
#[must_use]
pub fn fold(sightings: Vec<Sighting>, incidents: &[Incident], now: Timestamp, timing: &Timing) -> Folded {
    let mut folded = Folded::default();
    for sighting in merge(sightings) {
        match belongs(&sighting, incidents, now, timing) {
            Place::Of(id) => folded.known.push((id, sighting)),
            Place::New => folded.new.push(sighting),
            Place::Back(id) => folded.back.push((id, sighting)),
            Place::Told => {}
        }
    }
    folded.unseen = incidents
        .iter()
        .filter(|i| i.is_open() && !folded.known.iter().any(|(id, _)| *id == i.id))
        .map(|i| i.id)
        .collect();
    folded
}

enum Place {
    Of(IncidentId),
    Back(IncidentId),
    New,
    Told,
}

fn belongs(sighting: &Sighting, incidents: &[Incident], now: Timestamp, timing: &Timing) -> Place {
    let of_owner: Vec<&Incident> = incidents
        .iter()
        .filter(|i| i.key.same_owner(&sighting.key) && i.key.problem.takes(sighting.key.problem))
        .collect();
    let open = |same: bool| {
        of_owner
            .iter()
            .find(|i| i.is_open() && (!same || i.key == sighting.key))
    };
    if let Some(incident) = open(true).or_else(|| open(false)) {
        // A rollout stays past its deadline for a while after its cause is gone: that must not keep the cause alive.
        let only_a_fact = sighting.key.problem == Problem::RolloutDeadline && incident.key != sighting.key;
        return if only_a_fact {
            Place::Told
        } else {
            Place::Of(incident.id)
        };
    }
    // What was told as over and comes back as it was. Another face of it is another matter by then: its title would lie.
    let back = of_owner
        .iter()
        .filter(|i| reopens(i, now, timing) && i.key == sighting.key)
        .max_by_key(|i| i.closed);
    match back {
        // Who asked for silence reads no new message about it.
        Some(incident) if incident.is_silent(now) => Place::Of(incident.id),
        Some(incident) => Place::Back(incident.id),
        None => Place::New,
    }
}

/// Of several problems of one owner, those that another covers become its facts.
fn merge(mut sightings: Vec<Sighting>) -> Vec<Sighting> {
    sightings.sort_by(|a, b| a.key.cmp(&b.key));
    let mut kept: Vec<Sighting> = Vec::with_capacity(sightings.len());
    // Sorted by owner and then by problem, and a problem is covered by earlier ones only.
    for sighting in sightings {
        let cover = kept
            .iter_mut()
            .rev()
            .take_while(|k| k.key.same_owner(&sighting.key))
            .find(|k| k.key.problem.covers(sighting.key.problem));
        match cover {
            Some(cover) => absorb(cover, sighting),
            None => kept.push(sighting),
        }
    }
    kept
}

fn absorb(cover: &mut Sighting, other: Sighting) {
    if other.key.problem == Problem::RolloutDeadline {
        cover.facts.push(other.text);
    } else {
        // Pods of the same trouble that show another face of it.
        for name in other.affected {
            if !cover.affected.contains(&name) {
                cover.beside.push(name.clone());
                cover.affected.push(name);
            }
        }
        cover.affected.sort();
        cover.uids.extend(other.uids);
        let affected = u32::try_from(cover.affected.len()).unwrap_or(u32::MAX);
        cover.of = cover.of.max(affected);
        cover.restarts += other.restarts;
        cover.since = cover.since.min(other.since);
        cover.last = cover.last.max(other.last);
    }
    cover.facts.extend(other.facts);
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
