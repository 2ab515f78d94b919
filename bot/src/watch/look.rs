//! One look: what the caches show, beside what is told already, and the difference committed.

use std::{sync::Arc, time::Duration};

use ceo_commands::{
    cluster::Cached,
    detect::{self, Hiding, Look},
    incident::{self, Effect, Event, Incident, Sighting},
    model::{Timestamp, since},
    ports::{IncidentFilter, LedgerError},
};
use futures::StreamExt;

use super::{IncidentWatch, found::Wanted, keep};

/// So many problems are told with their evidence in one look; of a storm the rest gets it in the next ones.
const MOST_EVIDENCE: usize = 24;
/// So many logs are read at once.
const AT_ONCE: usize = 6;

/// What shall become of an incident.
struct Turn {
    incident: Option<Incident>,
    sighting: Sighting,
}

impl IncidentWatch {
    pub(super) async fn look(&mut self) {
        let now = self.ports.clock.now();
        let known = match self.known(now).await {
            Ok(known) => known,
            Err(error) => {
                // Without the store nobody knows what is told already. It is told of by the task that asks it for life.
                tracing::debug!(cluster = self.beat.cluster, %error, "incidents could not be read");
                return;
            }
        };
        let Ok(spaces) = self.spaces() else { return };
        for times in [&mut self.seen, &mut self.unseen] {
            times.retain(|id, _| known.iter().any(|i| i.id == *id && i.is_open()));
        }
        for cached in &spaces {
            if is_fresh(cached) {
                self.watched.entry(cached.namespace().to_owned()).or_insert(now);
                self.look_at(cached, &known, now).await;
            } else {
                self.watched.remove(cached.namespace());
            }
        }
        self.leave(&spaces, &known, now).await;
        self.note_what_works(&spaces, now).await;
    }

    /// The incidents of this cluster that are open or ended a short while ago.
    async fn known(&self, now: Timestamp) -> Result<Vec<Incident>, LedgerError> {
        let filter = IncidentFilter {
            closed_since: now.checked_sub(self.ports.timing.incident.flap).ok(),
            cluster: Some(self.beat.cluster.clone()),
            ..IncidentFilter::default()
        };
        self.ports.incidents.incidents(filter).await
    }

    /// The incident with when it was last seen: this process may know better than the store.
    fn with_last_seen(&self, incident: &Incident) -> Incident {
        let seen = self.seen.get(&incident.id).copied();
        Incident {
            last_seen: incident.last_seen.max(seen.unwrap_or(incident.last_seen)),
            ..incident.clone()
        }
    }

    /// What is wrong, without secrets, and what hid them.
    async fn sightings(&mut self, cached: &Cached, now: Timestamp) -> (Vec<Sighting>, Arc<Hiding>) {
        let timing = self.ports.timing.incident;
        let look = |quotes| Look {
            now,
            settle: timing.settle,
            quotes,
        };
        let usual = Arc::clone(&self.ports.redactor);
        let cluster = self.beat.cluster.clone();
        if cached.namespace().is_empty() {
            let nodes = cached.nodes();
            let sightings =
                detect::detect_nodes(&cluster, nodes.iter().map(AsRef::as_ref), look(Some(&usual)));
            return (sightings, Arc::new(Ok(usual)));
        }
        // While all is well nobody's Secrets are read.
        if usual.wants_secret_values() && detect::detect(&cluster, cached, look(None)).is_empty() {
            return (Vec::new(), Arc::new(Ok(usual)));
        }
        let hiding = self.hiding(cached, now, timing.evidence_every).await;
        let sightings = detect::detect(&cluster, cached, look(hiding.as_ref().as_deref().ok()));
        (sightings, hiding)
    }

    async fn look_at(&mut self, cached: &Cached, known: &[Incident], now: Timestamp) {
        let timing = self.ports.timing.incident;
        let (sightings, hiding) = self.sightings(cached, now).await;
        let here: Vec<Incident> = known.iter().filter(|i| is_of(i, cached)).cloned().collect();
        let folded = incident::fold(sightings, &here, now, &timing);
        let of = |id| here.iter().find(|i| i.id == id).cloned();
        let mut turns: Vec<Turn> = folded
            .known
            .into_iter()
            .map(|(id, sighting)| Turn {
                incident: of(id),
                sighting,
            })
            .collect();
        let due = folded.new.into_iter().filter(|s| incident::due(s, now, &timing));
        turns.extend(due.map(|sighting| Turn {
            incident: None,
            sighting,
        }));
        for turn in turns.iter().filter_map(|turn| turn.incident.as_ref()) {
            self.unseen.remove(&turn.id);
        }
        self.take(cached, turns, hiding, now).await;
        for incident in folded.unseen.into_iter().filter_map(of) {
            self.miss(cached, &incident, now).await;
        }
    }

    /// Tells what was seen. What is new is told with its evidence, which is read for several at once.
    async fn take(&mut self, cached: &Cached, turns: Vec<Turn>, mut hiding: Arc<Hiding>, now: Timestamp) {
        let timing = self.ports.timing.incident;
        let mut reads = 0;
        let mut work = Vec::with_capacity(turns.len());
        for turn in turns {
            let wants = incident::wants_evidence(turn.incident.as_ref(), &turn.sighting, now, &timing);
            let read = wants && reads < MOST_EVIDENCE;
            reads += usize::from(read);
            work.push((turn, read));
        }
        if reads > 0 {
            // A program may write what became a secret a moment ago.
            hiding = self.hiding(cached, now, Duration::ZERO).await;
        }
        let (this, hiding) = (&*self, &*hiding);
        let found: Vec<_> = futures::stream::iter(work)
            .map(|(turn, evidence)| async move {
                let first = turn.incident.as_ref().is_none_or(|i| !i.is_open());
                let found = if evidence || first {
                    let wanted = Wanted {
                        hiding,
                        evidence,
                        now,
                    };
                    this.found(cached, &turn.sighting, wanted).await
                } else {
                    incident::Found::default()
                };
                (turn, found)
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        for (turn, found) in found {
            self.tell(turn, found, now).await;
        }
    }

    async fn tell(&mut self, turn: Turn, found: incident::Found, now: Timestamp) {
        let timing = self.ports.timing.incident;
        let Some(incident) = turn.incident else {
            let id = match self.ports.incidents.next_incident().await {
                Ok(id) => id,
                Err(error) => return keep::failed(&turn.sighting.key, &error),
            };
            let (next, effects) = incident::open(&turn.sighting, found, (id, self.beat.channel), now);
            return self.commit(None, next, effects, now).await;
        };
        let event = Event::Seen(Box::new(turn.sighting), Box::new(found));
        if let Ok((next, effects)) = incident::step(&incident, event, now, &timing) {
            self.seen.insert(incident.id, next.last_seen);
            self.commit(Some(incident.version), next, effects, now).await;
        }
    }

    /// Tells the end of what has not held for a while.
    async fn miss(&mut self, cached: &Cached, incident: &Incident, now: Timestamp) {
        let timing = self.ports.timing.incident;
        let incident = &self.with_last_seen(incident);
        let unseen = *self.unseen.entry(incident.id).or_insert(now);
        // What another process saw is not enough: a container that crashes in a loop may just run for a moment.
        let watched = self.watched.get(cached.namespace());
        let long_enough = |at: &Timestamp| since(*at, now) >= timing.settle;
        if !long_enough(&incident.last_seen) || !watched.is_some_and(long_enough) {
            return;
        }
        let hiding = self.hiding(cached, now, timing.evidence_every).await;
        let quotes = hiding.as_ref().as_deref().ok();
        let ending = match self.ending(cached, incident, unseen, quotes).await {
            Ok(ending) => ending,
            // Who ended it is worth waiting for; the next look asks again.
            Err(error) => return keep::failed(&incident.key, &error),
        };
        if let Ok((next, effects)) = incident::step(incident, Event::Unseen(ending), now, &timing) {
            self.commit(Some(incident.version), next, effects, now).await;
        }
    }

    /// Ends what is open in a namespace that the settings do not name any more: nobody looks there.
    async fn leave(&mut self, spaces: &[Cached], known: &[Incident], now: Timestamp) {
        let left = known
            .iter()
            .filter(|i| i.is_open() && !spaces.iter().any(|cached| is_of(i, cached)));
        for incident in left {
            keep::leave(&self.ports, &self.with_last_seen(incident), "namespace", now).await;
        }
    }

    async fn commit(&self, expect: Option<i64>, next: Incident, effects: Vec<Effect>, now: Timestamp) {
        keep::commit(&self.ports, (expect, next), effects, now).await;
    }

    /// Remembers which revisions work, for the way back from those that will not.
    async fn note_what_works(&mut self, spaces: &[Cached], now: Timestamp) {
        let every = self.beat.pace.every;
        if self.worked_at.is_some_and(|at| since(at, now) < every) {
            return;
        }
        self.worked_at = Some(now);
        let look = Look {
            now,
            settle: self.ports.timing.incident.settle,
            quotes: None,
        };
        let mut new = Vec::new();
        for cached in spaces.iter().filter(|c| !c.namespace().is_empty() && is_fresh(c)) {
            for object in cached.workloads() {
                if let Some(mark) = detect::works(cached, &object, look) {
                    let pair = (object.workload(), mark);
                    if !self.worked.contains(&pair) {
                        new.push(pair);
                    }
                }
            }
        }
        if new.is_empty() {
            return;
        }
        match self.ports.incidents.note_worked(new.clone()).await {
            Ok(()) => self.worked.extend(new),
            Err(error) => tracing::debug!(%error, "what works was not noted; the next look tries again"),
        }
    }
}

fn is_of(incident: &Incident, cached: &Cached) -> bool {
    incident.key.namespace.as_deref().unwrap_or_default() == cached.namespace()
}

/// Whether an absent object proves that it is absent: the caches were whole once, and nothing is wrong with their watches.
fn is_fresh(cached: &Cached) -> bool {
    if cached.namespace().is_empty() {
        // Nodes alone; where the bot may not list them, the watch never was whole.
        let watches = cached.watches();
        return watches
            .iter()
            .any(|w| w.kind == "nodes" && w.synced && w.error.is_none());
    }
    cached.synced() && cached.error().is_none()
}
