//! One look: what the caches show, beside what is told already, and the difference committed.

use std::{sync::Arc, time::Duration};

use ceo_commands::{
    cluster::Cached,
    diagnosis::{self, Hiding, Look},
    incident::{self, Event, Folded, Incident, Sighting},
    model::{Timestamp, since},
    objects::Node,
    ports::{IncidentFilter, LedgerError},
    texts::incident as texts,
};
use futures::StreamExt;

use super::{IncidentWatch, commits, details::DetailsRequest};

/// So many problems are told with their evidence in one look; of a storm the rest gets it in the next ones.
const MOST_EVIDENCE: usize = 24;
/// So many messages are looked after at the start, the newest first.
const MOST_INHERITED: usize = 30;
/// So many logs are read at once.
const AT_ONCE: usize = 6;

/// Where it is kept since when the cluster as a whole answers; no name of a namespace.
pub(super) const CLUSTER: &str = "/";

/// What becomes of what was seen, of the incidents that are known; and in how long the first of what is not told yet will be
/// worth telling, should it last.
pub(super) fn updates(
    folded: Folded,
    here: &[Incident],
    now: Timestamp,
    timing: &incident::Timing,
) -> (Vec<Update>, Option<Duration>) {
    let of = |id| here.iter().find(|i| i.id == id).cloned();
    let known = folded.known.into_iter().map(|(id, sighting)| Update {
        incident: of(id),
        returned: None,
        sighting,
    });
    let back = folded.back.into_iter().map(|(id, sighting)| (of(id), sighting));
    let new = folded.new.into_iter().map(|sighting| (None, sighting));
    let (due, early): (Vec<_>, Vec<_>) = back
        .chain(new)
        .partition(|(_, sighting)| incident::due(sighting, now, timing));
    let next = early
        .iter()
        .map(|(_, sighting)| incident::due_in(sighting, now, timing));
    let next = next.min();
    let due = due.into_iter().map(|(returned, sighting)| Update {
        incident: None,
        returned,
        sighting,
    });
    (known.chain(due).collect(), next)
}

/// What shall become of an incident.
pub(super) struct Update {
    /// The incident that is seen again; `None` for a new one.
    incident: Option<Incident>,
    /// The incident that a new one comes back from.
    returned: Option<Incident>,
    sighting: Sighting,
}

impl IncidentWatch {
    pub(super) async fn scan(&mut self) {
        let now = self.ports.clock.now();
        self.next_look = self.config.pace.every;
        let known = match self.known(now).await {
            Ok(known) => known,
            Err(error) => {
                // Without the store nobody knows what is told already. It is told of by the task that asks it for life.
                tracing::debug!(cluster = self.config.cluster, %error, "incidents could not be read");
                return;
            }
        };
        let known = match self.inherit(&known, now).await {
            true => self.known(now).await.unwrap_or(known),
            false => known,
        };
        let Ok(caches) = self.caches() else { return };
        for times in [&mut self.seen, &mut self.unseen] {
            times.retain(|id, _| known.iter().any(|i| i.id == *id && i.is_open()));
        }
        if let Some(whole) = caches.last() {
            self.scan_reach(whole, &known, now).await;
        }
        for cached in &caches {
            if is_fresh(cached) {
                self.watched.entry(cached.namespace().to_owned()).or_insert(now);
                self.scan_namespace(cached, &known, now).await;
            } else {
                self.watched.remove(cached.namespace());
            }
        }
        self.close_removed(&caches, &known, now).await;
        self.record_revisions(&caches, now).await;
    }

    /// Looks once after the messages of what another process left open: one that is gone is posted again. Says whether
    /// anything was stored.
    async fn inherit(&mut self, known: &[Incident], now: Timestamp) -> bool {
        if std::mem::replace(&mut self.inherited, true) {
            return false;
        }
        let timing = self.ports.timing.incident;
        let mut stored = false;
        for incident in known.iter().filter(|i| i.is_open()).take(MOST_INHERITED) {
            if let Ok((next, effects)) = incident::step(incident, Event::Inherited, now, &timing) {
                commits::commit(&self.ports, Some(incident), next, effects).await;
                stored = true;
            }
        }
        stored
    }

    /// What becomes worth telling at a known time is looked at then, whether or not something changes.
    pub(super) fn look_in(&mut self, next: Option<Duration>) {
        self.next_look = self.next_look.min(next.unwrap_or(self.next_look));
    }

    /// The incidents of this cluster that are open or ended a short while ago.
    async fn known(&self, now: Timestamp) -> Result<Vec<Incident>, LedgerError> {
        let filter = IncidentFilter {
            closed_since: now.checked_sub(self.ports.timing.incident.flap).ok(),
            cluster: Some(self.config.cluster.clone()),
            ..IncidentFilter::default()
        };
        self.ports.ledger.incidents(filter).await
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
        let look = |quotes| Look::new(now, &timing).quoting(quotes);
        let usual = Arc::clone(&self.ports.redactor);
        let cluster = self.config.cluster.clone();
        if cached.namespace().is_empty() {
            let nodes = cached.list::<Node>();
            let namespaces = self.caches().unwrap_or_default();
            let sightings = diagnosis::sightings_of_nodes(
                &cluster,
                nodes.iter().map(AsRef::as_ref),
                &namespaces,
                look(Some(&usual)),
            );
            return (sightings, Arc::new(Ok(usual)));
        }
        // While all is well nobody's Secrets are read.
        if usual.wants_secret_values() && diagnosis::sightings(&cluster, cached, look(None)).is_empty() {
            return (Vec::new(), Arc::new(Ok(usual)));
        }
        let hiding = self.hiding(cached, now, timing.evidence_every).await;
        let mut sightings = diagnosis::sightings(&cluster, cached, look(hiding.as_ref().as_deref().ok()));
        diagnosis::count(&mut sightings, cached);
        (sightings, hiding)
    }

    async fn scan_namespace(&mut self, cached: &Cached, known: &[Incident], now: Timestamp) {
        let timing = self.ports.timing.incident;
        let (sightings, hiding) = self.sightings(cached, now).await;
        let here: Vec<Incident> = known.iter().filter(|i| is_of(i, cached)).cloned().collect();
        let mut folded = incident::fold(sightings, &here, now, &timing);
        let unseen = std::mem::take(&mut folded.unseen);
        let (updates, next) = updates(folded, &here, now, &timing);
        self.look_in(next);
        for update in updates.iter().filter_map(|update| update.incident.as_ref()) {
            self.unseen.remove(&update.id);
        }
        self.apply(cached, updates, hiding, now).await;
        for incident in here.iter().filter(|i| unseen.contains(&i.id)) {
            self.store_absence(cached, incident, now).await;
        }
    }

    /// Tells what was seen. What is new is told with its evidence, which is read for several at once.
    pub(super) async fn apply(
        &mut self,
        cached: &Cached,
        updates: Vec<Update>,
        mut hiding: Arc<Hiding>,
        now: Timestamp,
    ) {
        let timing = self.ports.timing.incident;
        let mut reads = 0;
        let mut work = Vec::with_capacity(updates.len());
        for update in updates {
            let wants = incident::wants_evidence(update.incident.as_ref(), &update.sighting, now, &timing);
            let read = wants && reads < MOST_EVIDENCE;
            reads += usize::from(read);
            work.push((update, read));
        }
        if reads > 0 {
            // A program may write what became a secret a moment ago.
            hiding = self.hiding(cached, now, Duration::ZERO).await;
        }
        let (this, hiding) = (&*self, &*hiding);
        let found: Vec<_> = futures::stream::iter(work)
            .map(|(update, evidence)| async move {
                let first = update.incident.as_ref().is_none_or(|i| !i.is_open());
                let found = if evidence || first {
                    let request = DetailsRequest {
                        hiding,
                        evidence,
                        now,
                    };
                    this.details(cached, &update.sighting, request).await
                } else {
                    incident::Found::default()
                };
                (update, found)
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        for (update, found) in found {
            self.store_sighting(update, found, now).await;
        }
    }

    async fn store_sighting(&mut self, update: Update, found: incident::Found, now: Timestamp) {
        let timing = self.ports.timing.incident;
        let Some(incident) = update.incident else {
            let id = match self.ports.ledger.next_incident().await {
                Ok(id) => id,
                Err(error) => return commits::failed(&update.sighting.key, &error),
            };
            // Of many at once the first calls: whoever comes for that one sees the others.
            let every = self.ports.timing.incident.mention_every;
            let called = self.mentioned.is_some_and(|at| since(at, now) < every);
            let mention = if called { &[][..] } else { &self.config.mention };
            let birth = incident::Birth {
                id,
                channel: self.config.channel,
                mention,
                returned: update.returned.as_ref(),
                now,
            };
            let (next, effects) = incident::open(&update.sighting, found, birth);
            let calls = !next.mention.is_empty();
            self.seen.insert(id, next.last_seen);
            if commits::commit(&self.ports, None, next, effects).await && calls {
                self.mentioned = Some(now);
            }
            return;
        };
        let event = Event::Seen(Box::new(update.sighting), Box::new(found));
        if let Ok((next, effects)) = incident::step(&incident, event, now, &timing) {
            self.seen.insert(incident.id, next.last_seen);
            commits::commit(&self.ports, Some(&incident), next, effects).await;
        }
    }

    /// Tells the end of what has not held for a while.
    pub(super) async fn store_absence(&mut self, cached: &Cached, incident: &Incident, now: Timestamp) {
        let timing = self.ports.timing.incident;
        let incident = &self.with_last_seen(incident);
        let unseen = *self.unseen.entry(incident.id).or_insert(now);
        // What another process saw is not enough: a container that crashes in a loop may just run for a moment.
        let place = if incident.key.is_cluster() {
            CLUSTER
        } else {
            cached.namespace()
        };
        let watched = self.watched.get(place);
        let long_enough = |at: &Timestamp| since(*at, now) >= timing.settle;
        if !long_enough(&incident.last_seen) || !watched.is_some_and(long_enough) {
            // A cluster that answers is believed at once.
            if !incident.key.is_cluster()
                && let Ok((next, effects)) = incident::step(incident, Event::Quiet(unseen), now, &timing)
                && !effects.is_empty()
            {
                commits::commit(&self.ports, Some(incident), next, effects).await;
            }
            return;
        }
        let hiding = self.hiding(cached, now, timing.evidence_every).await;
        let quotes = hiding.as_ref().as_deref().ok();
        let ending = match self.ending(cached, incident, unseen, quotes).await {
            Ok(ending) => ending,
            // Who ended it is worth waiting for; the next look asks again.
            Err(error) => return commits::failed(&incident.key, &error),
        };
        if let Ok((next, effects)) = incident::step(incident, Event::Unseen(ending), now, &timing) {
            commits::commit(&self.ports, Some(incident), next, effects).await;
        }
    }

    /// Ends what is open in a namespace that the settings do not name any more: nobody looks there.
    async fn close_removed(&mut self, caches: &[Cached], known: &[Incident], now: Timestamp) {
        let left = known
            .iter()
            .filter(|i| i.is_open() && !i.key.is_cluster() && !caches.iter().any(|cached| is_of(i, cached)));
        for incident in left {
            let by = texts::by_settings_namespace();
            commits::close_removed(&self.ports, &self.with_last_seen(incident), by, now).await;
        }
    }

    /// Remembers which revisions work and which fail, for the way back from those that will not.
    async fn record_revisions(&mut self, caches: &[Cached], now: Timestamp) {
        let every = self.config.pace.every;
        if self.worked_at.is_some_and(|at| since(at, now) < every) {
            return;
        }
        self.worked_at = Some(now);
        let look = Look::new(now, &self.ports.timing.incident);
        let mut new = Vec::new();
        for cached in caches.iter().filter(|c| !c.namespace().is_empty() && is_fresh(c)) {
            for object in cached.workloads() {
                let works = diagnosis::works(cached, &object, look);
                if let Some(mark) = works.or_else(|| diagnosis::fails(cached, &object, look)) {
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
        match self.ports.ledger.note_worked(new.clone()).await {
            Ok(()) => self.worked.extend(new),
            Err(error) => tracing::debug!(%error, "what works was not noted; the next look tries again"),
        }
    }
}

fn is_of(incident: &Incident, cached: &Cached) -> bool {
    !incident.key.is_cluster() && incident.key.namespace.as_deref().unwrap_or_default() == cached.namespace()
}

/// Whether an absent object proves that it is absent: the caches were whole once, and nothing is wrong with their watches.
fn is_fresh(cached: &Cached) -> bool {
    if cached.namespace().is_empty() {
        // Nodes alone; where the bot may not list them, the watch never was whole.
        return cached.knows::<Node>();
    }
    cached.whole() && cached.error().is_none()
}
