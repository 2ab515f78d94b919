//! What belongs to whom: owners, nodes and waiting pods, kept from the store's history so that no controller reads
//! through ten thousand pods to find its three.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::meta::{text, uid};
use super::quantity::Resources;
use crate::kube::key::Key;
use crate::kube::store::{EventKind, Store, StoreEvent};

/// What the pods of a node have asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub requests: Resources,
    pub pods: i64,
}

/// The index.
#[derive(Default)]
pub(crate) struct Index {
    seen: u64,
    owned: HashMap<String, BTreeSet<Key>>,
    alive: HashMap<String, Key>,
    usage: HashMap<String, Usage>,
    on_node: HashMap<String, BTreeSet<Key>>,
    waiting: BTreeSet<Key>,
}

impl Index {
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    pub(crate) fn see(&mut self, rv: u64) {
        self.seen = self.seen.max(rv);
    }

    pub(crate) fn clear(&mut self) {
        *self = Index {
            seen: self.seen,
            ..Index::default()
        };
    }

    /// Takes one change into account.
    pub(crate) fn apply(&mut self, event: &StoreEvent) {
        if event.key.plural == "events" {
            return;
        }
        if let Some(previous) = &event.previous {
            self.forget(&event.key, previous);
        }
        if event.kind != EventKind::Deleted {
            self.learn(&event.key, &event.object);
        }
    }

    fn learn(&mut self, key: &Key, object: &Value) {
        self.alive.insert(uid(object).to_owned(), key.clone());
        for owner in owners(object) {
            self.owned
                .entry(owner.to_owned())
                .or_default()
                .insert(key.clone());
        }
        if key.plural != "pods" {
            return;
        }
        let node = text(object, "/spec/nodeName");
        if node.is_empty() {
            if !super::meta::deleting(object) {
                self.waiting.insert(key.clone());
            }
            return;
        }
        self.on_node
            .entry(node.to_owned())
            .or_default()
            .insert(key.clone());
        if occupies(object) {
            let usage = self.usage.entry(node.to_owned()).or_default();
            usage.requests = usage.requests.plus(Resources::requested(object));
            usage.pods += 1;
        }
    }

    fn forget(&mut self, key: &Key, object: &Value) {
        self.alive.remove(uid(object));
        for owner in owners(object) {
            if let Some(keys) = self.owned.get_mut(owner) {
                keys.remove(key);
                if keys.is_empty() {
                    self.owned.remove(owner);
                }
            }
        }
        if key.plural != "pods" {
            return;
        }
        self.waiting.remove(key);
        let node = text(object, "/spec/nodeName");
        if let Some(keys) = self.on_node.get_mut(node) {
            keys.remove(key);
        }
        if let Some(usage) = self.usage.get_mut(node).filter(|_| occupies(object)) {
            usage.requests = usage.requests.minus(Resources::requested(object));
            usage.pods -= 1;
        }
    }

    /// The keys of everything that names this uid as an owner.
    pub(crate) fn dependents(&self, owner: &str) -> Vec<Key> {
        self.owned
            .get(owner)
            .map(|keys| keys.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// The objects of one kind that name this uid as an owner, in the order of their names.
    pub(crate) fn owned(&self, store: &Store, owner: &str, plural: &str) -> Vec<Arc<Value>> {
        let keys = self
            .owned
            .get(owner)
            .into_iter()
            .flatten()
            .filter(|key| key.plural == plural);
        keys.filter_map(|key| store.get_shared(key)).collect()
    }

    /// Whether an object with this uid is there.
    pub(crate) fn is_alive(&self, uid: &str) -> bool {
        self.alive.contains_key(uid)
    }

    /// Where the object with this uid is.
    pub(crate) fn place(&self, uid: &str) -> Option<Key> {
        self.alive.get(uid).cloned()
    }

    /// What is asked for on a node.
    pub(crate) fn usage(&self, node: &str) -> Usage {
        self.usage.get(node).copied().unwrap_or_default()
    }

    /// The pods bound to a node.
    pub(crate) fn on_node(&self, node: &str) -> Vec<Key> {
        self.on_node
            .get(node)
            .map(|keys| keys.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// The pods that wait for a node.
    pub(crate) fn waiting(&self) -> Vec<Key> {
        self.waiting.iter().cloned().collect()
    }
}

fn owners(object: &Value) -> impl Iterator<Item = &str> {
    let owners = object["metadata"]["ownerReferences"].as_array();
    owners
        .into_iter()
        .flatten()
        .filter_map(|owner| owner["uid"].as_str())
}

/// Whether the pod still holds what it asked for: finished pods do not.
fn occupies(pod: &Value) -> bool {
    !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}
