//! One look: what the caches show, beside what is told already, and the difference committed.

use ceo_commands::{
    cluster::Cached,
    detect::{self, Look},
    incident::{self, Effect, Event, Incident, Sighting, card},
    model::{Reference, Timestamp, since},
    ports::{AuditEntry, Commit, IncidentFilter, LedgerError, Post, Priority},
};
use futures::StreamExt;

use super::IncidentWatch;

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
        self.seen
            .retain(|id, _| known.iter().any(|i| i.id == *id && i.is_open()));
        for cached in &spaces {
            if is_fresh(cached) {
                self.look_at(cached, &known, now).await;
            }
        }
        self.leave(&spaces, &known, now).await;
        self.note_what_works(&spaces, now).await;
    }

    /// The incidents of this cluster that are open or ended a short while ago, with when they were last seen.
    async fn known(&self, now: Timestamp) -> Result<Vec<Incident>, LedgerError> {
        let filter = IncidentFilter {
            closed_since: now.checked_sub(self.ports.timing.incident.flap).ok(),
            cluster: Some(self.beat.cluster.clone()),
            ..IncidentFilter::default()
        };
        let mut known = self.ports.incidents.incidents(filter).await?;
        for incident in &mut known {
            if let Some(seen) = self.seen.get(&incident.id) {
                incident.last_seen = incident.last_seen.max(*seen);
            }
        }
        Ok(known)
    }

    async fn look_at(&mut self, cached: &Cached, known: &[Incident], now: Timestamp) {
        let timing = self.ports.timing.incident;
        let cluster = self.beat.cluster.as_str();
        let sightings = if cached.namespace().is_empty() {
            let nodes = cached.nodes();
            detect::detect_nodes(cluster, nodes.iter().map(AsRef::as_ref), now)
        } else {
            let look = Look {
                now,
                settle: timing.settle,
            };
            detect::detect(cluster, cached, look)
        };
        let sightings = sightings.into_iter().map(|s| self.clean(s)).collect();
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
        self.take(cached, turns, now).await;
        for incident in folded.unseen.into_iter().filter_map(of) {
            self.miss(cached, &incident, now).await;
        }
    }

    /// Tells what was seen. What is new is told with its evidence, which is read for several at once.
    async fn take(&mut self, cached: &Cached, turns: Vec<Turn>, now: Timestamp) {
        let timing = self.ports.timing.incident;
        let mut reads = 0;
        let mut work = Vec::with_capacity(turns.len());
        for turn in turns {
            let wants = incident::wants_evidence(turn.incident.as_ref(), &turn.sighting, now, &timing);
            let read = wants && reads < MOST_EVIDENCE;
            reads += usize::from(read);
            work.push((turn, read));
        }
        let hiding = if reads > 0 {
            Some(self.hiding(cached).await)
        } else {
            None
        };
        let (this, hiding) = (&*self, hiding.as_ref());
        let found: Vec<_> = futures::stream::iter(work)
            .map(|(turn, read)| async move {
                let first = turn.incident.as_ref().is_none_or(|i| !i.is_open());
                let found = if read || first {
                    let hiding = hiding.filter(|_| read);
                    this.found(cached, &turn.sighting, (hiding, now)).await
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
                Err(error) => return self.failed(&turn.sighting.key, &error),
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
        if since(incident.last_seen, now) < timing.settle {
            return;
        }
        let ending = match self.ending(cached, incident).await {
            Ok(ending) => ending,
            // Who ended it is worth waiting for; the next look asks again.
            Err(error) => return self.failed(&incident.key, &error),
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
            let ending = incident::Ending {
                at: incident.last_seen,
                by: Some("the settings: this namespace is not watched any more".into()),
                gone: true,
            };
            let timing = self.ports.timing.incident;
            if let Ok((next, effects)) = incident::step(incident, Event::Unseen(ending), now, &timing) {
                self.commit(Some(incident.version), next, effects, now).await;
            }
        }
    }

    /// Stores the state, its message and its audit row together. Losing a race is no harm: the next look starts from what
    /// the winner stored.
    async fn commit(&self, expect: Option<i64>, next: Incident, effects: Vec<Effect>, now: Timestamp) {
        if !effects.contains(&Effect::Store) {
            return;
        }
        let redactor = &self.ports.redactor;
        let mut commit = Commit::default();
        for effect in effects {
            match effect {
                Effect::Store => {}
                Effect::Show => commit.posts.push(Post {
                    key: next.message_key(),
                    channel: next.channel,
                    report: redactor.report(card(&next, &self.ports.timing.incident)),
                    priority: Priority::Alert,
                    last: !next.is_open(),
                }),
                Effect::Record(event, detail) => {
                    let (ns, target) = (next.key.scope().to_string(), next.key.owner.to_string());
                    let problem = next.key.problem.word();
                    tracing::info!(incident = %next.id, ns, target, problem, event, "an incident");
                    let detail = format!("incident {}, {problem}: {detail}", next.id);
                    commit.audit.push(AuditEntry {
                        at: now,
                        actor: None,
                        actor_name: "ceo".to_owned(),
                        event: event.to_owned(),
                        command: "incident".to_owned(),
                        target: next.key.target(),
                        ticket: None,
                        outcome: String::new(),
                        detail,
                        reference: Reference::new().to_string(),
                    });
                }
            }
        }
        let key = next.key.clone();
        commit.incidents.push((next, expect));
        match self.ports.ledger.commit(commit).await {
            Ok(_) => {}
            Err(LedgerError::Conflict) => tracing::debug!(incident = %key, "somebody was faster"),
            Err(error) => self.failed(&key, &error),
        }
    }

    fn failed(&self, key: &incident::Key, error: &LedgerError) {
        tracing::warn!(incident = %key, %error, "an incident could not be stored; the next look tries again");
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
