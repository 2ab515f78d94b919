//! Whether a cluster answers at all. The watches notice a connection that died silently after a minute; this asks.

use std::{collections::BTreeMap, time::Duration};

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
    /// Asks the API server for a sign of life, unless it was asked a moment ago. Says whether that is worth a look: it gives
    /// none, or gives one again.
    pub(super) async fn ask_for_life(&mut self) -> bool {
        if self.heard.asked.is_some_and(|at| at.elapsed() < self.ask_every()) {
            return false;
        }
        let (now, was_silent) = (self.ports.clock.now(), self.heard.silent.take());
        let answer = self.view.version(&self.config.cluster).await;
        // Whoever refuses is there.
        let why = answer.err().and_then(|error| error.silence());
        let since = was_silent.as_ref().map_or(now, |(since, _)| *since);
        self.heard.silent = why.map(|why| (since, why));
        // From its end: an answer that never comes takes its time itself.
        self.heard.asked = Some(Instant::now());
        was_silent.is_some() || self.heard.silent.is_some()
    }

    pub(super) fn ask_every(&self) -> Duration {
        EVERY.min(self.config.pace.every)
    }

    /// Tells, or ends, that the API server gives no sign of life.
    pub(super) async fn scan_reach(&mut self, cached: &Cached, known: &[Incident], now: Timestamp) {
        self.ask_for_life().await;
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
        let (updates, next) = updates(folded, &here, now, &timing);
        self.look_in(next);
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
            beside: vec![],
            uids: BTreeMap::new(),
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

/// From the last sign of life to the word that there is none, at the most: the next question and its waiting find the
/// silence, and those after it that it lasts.
#[cfg(test)]
fn told_within(timing: &crate::settings::Timings) -> Duration {
    let round = EVERY + timing.cluster_timeout + timing.incident_debounce;
    let rounds = timing
        .incident_patience
        .div_duration_f64(round * 2)
        .ceil()
        .max(1.0)
        + 1.0;
    round.mul_f64(rounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Timings;

    /// What the settings' own delays come to. No clock is looked at: how fast a machine is says nothing about the design.
    #[test]
    fn with_the_settings_as_they_come_all_that_is_certain_is_told_within_half_a_minute() {
        let timing = Timings::default();
        let most = Duration::from_secs(30);
        assert!(
            told_within(&timing) <= most,
            "silence: {:?}",
            told_within(&timing)
        );
        // What may pass is looked at when its patience is over, whether or not anything changes.
        let rest = timing.incident_patience + timing.incident_debounce + timing.incident_evidence_within;
        assert!(rest <= most, "a problem: {rest:?}");
    }
}
