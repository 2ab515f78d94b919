//! How the process is, as its tasks tell it, and the two questions an orchestrator asks.
//!
//! *Alive?* decides about a restart, so an outage of the chat must not answer no: that would kill the bot in the middle
//! of a change. Only a gateway that stays down while the chat's REST interface works is our own fault. *Ready?* is about
//! traffic and people: no for as long as something is missing, with what it is.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ceo_commands::{
    model::{Timestamp, since},
    ports::Clock,
};
use serde::Serialize;

/// How the connection to the chat's gateway stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gateway {
    /// No session yet, or not any more.
    Down,
    /// A session is being opened or taken up again.
    Connecting,
    /// Events arrive.
    Connected,
}

/// How a part stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Nothing is known yet.
    Unknown,
    /// It answers.
    Works,
    /// It does not, with the reason in a few words, without secrets.
    Fails(String),
}

/// How a part stands, in the answer of `/readyz`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartStatus {
    /// Whether it works.
    pub ok: bool,
    /// The state in a word or a few.
    pub state: String,
    /// Since when it is so.
    pub since: Timestamp,
}

/// The answer of `/readyz`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Whether everything that is needed works.
    pub ready: bool,
    /// What is needed and does not work.
    pub missing: Vec<&'static str>,
    /// The chat's gateway. Needed.
    pub gateway: PartStatus,
    /// The store. Needed.
    pub store: PartStatus,
    /// The chat's REST interface.
    pub rest: PartStatus,
    /// The clusters by name. One that is down makes the bot no less ready for the others.
    pub clusters: BTreeMap<String, PartStatus>,
}

/// How a part stands, and since when.
#[derive(Debug)]
struct Known {
    part: Part,
    since: Timestamp,
}

impl Known {
    fn unknown(now: Timestamp) -> Self {
        Self {
            part: Part::Unknown,
            since: now,
        }
    }
}

#[derive(Debug)]
struct State {
    gateway: (Gateway, Timestamp),
    /// Since when events do not arrive.
    down_since: Option<Timestamp>,
    rest: Known,
    /// When the REST interface last answered.
    rest_worked: Option<Timestamp>,
    store: Known,
    clusters: BTreeMap<String, Known>,
}

/// The handle by which tasks tell how they are. Cheap to clone.
#[derive(Clone)]
pub struct Health {
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Clock>,
    patience: Duration,
}

impl Health {
    /// A process that has just started. `patience` is how long the gateway may be down while REST works before the
    /// process is no longer alive.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, patience: Duration) -> Self {
        let now = clock.now();
        let state = State {
            gateway: (Gateway::Down, now),
            down_since: Some(now),
            rest: Known::unknown(now),
            rest_worked: None,
            store: Known::unknown(now),
            clusters: BTreeMap::new(),
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            clock,
            patience,
        }
    }

    /// Tells how the gateway stands.
    pub fn gateway(&self, gateway: Gateway) {
        let now = self.clock.now();
        let mut state = self.state();
        if state.gateway.0 != gateway {
            state.gateway = (gateway, now);
        }
        match gateway {
            Gateway::Connected => state.down_since = None,
            Gateway::Down | Gateway::Connecting => {
                state.down_since.get_or_insert(now);
            }
        }
    }

    /// Tells whether the chat's REST interface answered; a refusal is an answer.
    pub fn rest(&self, part: Part) {
        let now = self.clock.now();
        let mut state = self.state();
        if part == Part::Works {
            state.rest_worked = Some(now);
        }
        set(&mut state.rest, part, now);
    }

    /// Tells whether the store answers.
    pub fn store(&self, part: Part) {
        let now = self.clock.now();
        set(&mut self.state().store, part, now);
    }

    /// Tells whether a cluster answers.
    pub fn cluster(&self, name: &str, part: Part) {
        let now = self.clock.now();
        let mut state = self.state();
        set(
            state
                .clusters
                .entry(name.to_owned())
                .or_insert(Known::unknown(now)),
            part,
            now,
        );
    }

    /// How each cluster of which something was told stands.
    #[must_use]
    pub fn clusters(&self) -> BTreeMap<String, PartStatus> {
        self.state()
            .clusters
            .iter()
            .map(|(name, part)| (name.clone(), part_status(part)))
            .collect()
    }

    /// Whether the gateway is connected now.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.state().gateway.0 == Gateway::Connected
    }

    /// Whether the process should live on; otherwise why not.
    ///
    /// # Errors
    /// The reason, in a sentence.
    pub fn alive(&self) -> Result<(), String> {
        let now = self.clock.now();
        let state = self.state();
        let Some(down) = state.down_since else {
            return Ok(());
        };
        // REST must have worked after the patience ran out: what it did before the outage proves nothing.
        let proof = state.rest_worked.filter(|at| since(down, *at) > self.patience);
        match (&state.rest.part, proof) {
            (Part::Works, Some(_)) => Err(format!(
                "the gateway is down for {}, while REST works",
                ceo_commands::model::spell(since(down, now))
            )),
            _ => Ok(()),
        }
    }

    /// What is ready and what is not.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let state = self.state();
        let gateway = PartStatus {
            ok: state.gateway.0 == Gateway::Connected,
            state: match state.gateway.0 {
                Gateway::Down => "down",
                Gateway::Connecting => "connecting",
                Gateway::Connected => "connected",
            }
            .to_owned(),
            since: state.gateway.1,
        };
        let store = part_status(&state.store);
        let needed = [("gateway", gateway.ok), ("store", store.ok)];
        let missing: Vec<_> = needed
            .into_iter()
            .filter(|(_, ok)| !ok)
            .map(|(name, _)| name)
            .collect();
        Readiness {
            ready: missing.is_empty(),
            missing,
            gateway,
            store,
            rest: part_status(&state.rest),
            clusters: state
                .clusters
                .iter()
                .map(|(name, part)| (name.clone(), part_status(part)))
                .collect(),
        }
    }

    /// The lock guards plain values, each whole between any two statements.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the time of the last change between working and not; the words of a failure may change meanwhile.
fn set(known: &mut Known, part: Part, now: Timestamp) {
    if std::mem::discriminant(&known.part) != std::mem::discriminant(&part) {
        known.since = now;
    }
    known.part = part;
}

fn part_status(known: &Known) -> PartStatus {
    PartStatus {
        ok: known.part == Part::Works,
        state: match &known.part {
            Part::Unknown => "unknown".to_owned(),
            Part::Works => "works".to_owned(),
            Part::Fails(why) => why.clone(),
        },
        since: known.since,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Hand(Mutex<Timestamp>);

    impl Hand {
        fn pass(&self, seconds: i64) {
            let mut now = self.0.lock().unwrap();
            *now += jiff::SignedDuration::from_secs(seconds);
        }
    }

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
    }

    fn started() -> (Arc<Hand>, Health) {
        let clock = Arc::new(Hand(Mutex::new(Timestamp::UNIX_EPOCH)));
        (clock.clone(), Health::new(clock, Duration::from_secs(600)))
    }

    #[test]
    fn a_gateway_that_is_down_while_rest_works_is_our_fault_after_a_while() {
        let (clock, health) = started();
        health.gateway(Gateway::Connected);
        clock.pass(5000);
        health.rest(Part::Works);
        health.gateway(Gateway::Down);
        clock.pass(600);
        health.rest(Part::Works);
        assert_eq!(health.alive(), Ok(()), "to the second");
        clock.pass(1);
        health.gateway(Gateway::Connecting);
        assert_eq!(health.alive(), Ok(()), "REST has not been heard since");
        health.rest(Part::Works);
        assert_eq!(
            health.alive(),
            Err("the gateway is down for 10 min 1 s, while REST works".to_owned())
        );
        health.gateway(Gateway::Connected);
        assert_eq!(health.alive(), Ok(()));
    }

    #[test]
    fn an_outage_of_the_whole_chat_kills_nothing() {
        let (clock, health) = started();
        health.rest(Part::Works);
        clock.pass(100_000);
        assert_eq!(
            health.alive(),
            Ok(()),
            "what REST did before the outage proves nothing"
        );
        health.rest(Part::Fails("503".to_owned()));
        assert_eq!(health.alive(), Ok(()));
        health.rest(Part::Works);
        assert!(health.alive().is_err(), "back, and the gateway is not");
    }

    #[test]
    fn ready_needs_the_gateway_and_the_store_and_says_what_is_missing() {
        let (clock, health) = started();
        assert_eq!(health.readiness().missing, ["gateway", "store"]);
        health.gateway(Gateway::Connected);
        health.store(Part::Works);
        health.cluster("prod", Part::Fails("connection refused".to_owned()));
        let readiness = health.readiness();
        assert!(readiness.ready && !readiness.clusters["prod"].ok);
        clock.pass(10);
        health.cluster("prod", Part::Fails("no answer".to_owned()));
        health.store(Part::Fails("no answer within 5 s".to_owned()));
        let readiness = health.readiness();
        assert_eq!(readiness.missing, ["store"]);
        assert_eq!(
            readiness.clusters["prod"].since,
            Timestamp::UNIX_EPOCH,
            "failing since the first failure"
        );
        assert_eq!(readiness.clusters["prod"].state, "no answer");
        assert_eq!(readiness.store.since, Timestamp::from_second(10).unwrap());
    }
}
