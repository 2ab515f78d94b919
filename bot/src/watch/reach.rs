//! Whether a cluster answers at all. The watches notice a connection that died silently after a minute; this asks.

use std::time::Duration;

use ceo_commands::{
    cluster::Cached,
    incident::{self, Incident, Key, Owner, Problem, Sighting},
    model::{Text, Timestamp},
    texts::incident as texts,
};
use tokio::time::Instant;

use super::{
    IncidentWatch,
    scan::{CLUSTER, updates},
};

/// How often to ask.
const EVERY: Duration = Duration::from_secs(5);

impl IncidentWatch {
    /// Asks the API server for a sign of life and tells, or ends, that it gives none.
    pub(super) async fn scan_reach(&mut self, cached: &Cached, known: &[Incident], now: Timestamp) {
        let every = EVERY.min(self.config.pace.every);
        if self.heard.asked.is_none_or(|at| at.elapsed() >= every) {
            self.heard.asked = Some(Instant::now());
            let answer = self.view.version(&self.config.cluster).await;
            // Whoever refuses is there.
            let why = answer.err().and_then(|error| error.silence());
            let since = self.heard.silent.take().map_or(now, |(since, _)| since);
            self.heard.silent = why.map(|why| (since, why));
        }
        match &self.heard.silent {
            Some(_) => drop(self.watched.remove(CLUSTER)),
            None => drop(self.watched.entry(CLUSTER.to_owned()).or_insert(now)),
        }
        let here: Vec<Incident> = known.iter().filter(|i| i.key.is_cluster()).cloned().collect();
        let seen = self
            .heard
            .silent
            .as_ref()
            .map(|(since, why)| self.silence(*since, why, now));
        let timing = self.ports.timing.incident;
        let mut folded = incident::fold(Vec::from_iter(seen), &here, now, &timing);
        let unseen = std::mem::take(&mut folded.unseen);
        let updates = updates(folded, &here, now, &timing);
        let hiding = std::sync::Arc::new(Ok(std::sync::Arc::clone(&self.ports.redactor)));
        self.apply(cached, updates, hiding, now).await;
        for incident in here.iter().filter(|i| unseen.contains(&i.id)) {
            self.store_absence(cached, incident, now).await;
        }
    }

    fn silence(&self, since: Timestamp, why: &Text, now: Timestamp) -> Sighting {
        let cluster = self.config.cluster.clone();
        Sighting {
            key: Key {
                cluster: cluster.clone(),
                namespace: None,
                owner: Owner::new("cluster", &cluster),
                problem: Problem::NoAnswer,
            },
            affected: vec![cluster],
            of: 1,
            serves: None,
            restarts: 0,
            text: texts::not_reached(why),
            facts: vec![],
            said: None,
            since,
            last: now,
            subject: None,
        }
    }
}
