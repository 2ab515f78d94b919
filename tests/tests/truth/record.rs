//! Every change of the cluster with the moment of it, as the simulator made it: what sentences are held against.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use ceo_tests::kube::{
    sim::KubeSim,
    store::{EventKind, Key, Store, StoreEvent},
};
use serde_json::Value;
use tokio::task::JoinHandle;

/// A change, and when it was seen: milliseconds since 1970, a few after it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub at: i64,
    pub event: StoreEvent,
}

/// What was out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Out {
    Bot,
    Cluster,
    Discord,
    Store,
}

/// A time during which something was out, milliseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub what: Out,
    pub from: i64,
    pub to: i64,
}

/// What is being recorded.
pub(crate) struct Record {
    seen: Arc<Mutex<Vec<Seen>>>,
    away: Mutex<Vec<Span>>,
    task: JoinHandle<()>,
    store: Store,
}

/// What was recorded.
pub(crate) struct History {
    pub seen: Vec<Seen>,
    /// When the bot could not know, or not say, what went on.
    pub away: Vec<Span>,
}

impl Record {
    pub(crate) fn begin(sim: &KubeSim) -> Self {
        let store = sim.store().clone();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(follow(store.clone(), Arc::clone(&seen)));
        Self {
            seen,
            away: Mutex::default(),
            task,
            store,
        }
    }

    /// Notes that for this time the bot could not know.
    pub(crate) fn away(&self, what: Out, from: i64, to: i64) {
        self.away
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Span { what, from, to });
    }

    pub(crate) fn end(self) -> History {
        self.task.abort();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let last = seen.last().map_or(0, |s| s.event.rv);
        let rest = self.store.since(last).expect("the history is whole");
        seen.extend(rest.into_iter().map(|event| Seen { at: now(), event }));
        History {
            seen,
            away: self.away.into_inner().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

async fn follow(store: Store, seen: Arc<Mutex<Vec<Seen>>>) {
    let mut changes = store.changes();
    let mut last = 0;
    loop {
        let events = store.since(last).expect("the history is whole");
        let at = now();
        last = events.last().map_or(last, |event| event.rv);
        seen.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(events.into_iter().map(|event| Seen { at, event }));
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// The objects of the cluster, moved on change by change.
#[derive(Default)]
pub(crate) struct Objects {
    all: BTreeMap<(String, String), Arc<Value>>,
}

impl Objects {
    pub(crate) fn apply(&mut self, event: &StoreEvent) {
        let place = place(&event.key);
        match event.kind {
            EventKind::Deleted => self.all.remove(&place),
            EventKind::Added | EventKind::Modified => self.all.insert(place, Arc::clone(&event.object)),
        };
    }

    pub(crate) fn get(&self, plural: &str, name: &str) -> Option<&Arc<Value>> {
        self.all.get(&(plural.to_owned(), name.to_owned()))
    }

    pub(crate) fn of(&self, plural: &str) -> impl Iterator<Item = &Arc<Value>> {
        let first = (plural.to_owned(), String::new());
        let plural = plural.to_owned();
        self.all
            .range(first..)
            .take_while(move |((p, _), _)| *p == plural)
            .map(|(_, object)| object)
    }
}

/// All stories of an act share a namespace.
fn place(key: &Key) -> (String, String) {
    (key.plural.clone(), key.name.clone())
}
