//! The objects of one kind in one namespace, as a watch keeps them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, PoisonError, RwLock},
};

use kube::{Resource, runtime::watcher::Event};

use super::trim::Trim;

/// Objects by name, and the names by the uid of the controller that owns them.
pub(super) struct Store<K: Trim> {
    inner: RwLock<Inner<K::Kept>>,
}

struct Inner<T> {
    objects: BTreeMap<String, Slot<T>>,
    owned: HashMap<String, BTreeSet<String>>,
    /// What a new list has brought so far; takes the place of `objects` when it is whole.
    arriving: BTreeMap<String, Slot<T>>,
    synced: bool,
}

struct Slot<T> {
    kept: T,
    /// The uid of its controller.
    owner: Option<String>,
}

impl<K: Trim> Default for Store<K> {
    fn default() -> Self {
        Self {
            inner: RwLock::new(Inner {
                objects: BTreeMap::new(),
                owned: HashMap::new(),
                arriving: BTreeMap::new(),
                synced: false,
            }),
        }
    }
}

fn name<K: Resource>(object: &K) -> String {
    object.meta().name.clone().unwrap_or_default()
}

fn slot<K: Resource + Trim>(mut object: K) -> Slot<K::Kept> {
    object.trim();
    let owners = object.meta().owner_references.iter().flatten();
    let owner = owners
        .filter(|o| o.controller == Some(true))
        .map(|o| o.uid.clone())
        .next();
    Slot {
        kept: object.keep(),
        owner,
    }
}

impl<K: Resource + Trim> Store<K> {
    /// Takes in what a watch brought. Says whether a reader can see a difference.
    pub(super) fn apply(&self, event: Event<K>) -> bool {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Init => {
                inner.arriving = BTreeMap::new();
                return false;
            }
            Event::InitApply(object) => {
                inner.arriving.insert(name(&object), slot(object));
                return false;
            }
            Event::InitDone => {
                inner.objects = std::mem::take(&mut inner.arriving);
                inner.index();
                inner.synced = true;
            }
            Event::Apply(object) => inner.insert(name(&object), slot(object)),
            Event::Delete(object) => inner.remove(&name(&object)),
        }
        true
    }
}

impl<T> Inner<T> {
    fn index(&mut self) {
        self.owned = HashMap::new();
        for (name, slot) in &self.objects {
            if let Some(uid) = &slot.owner {
                self.owned.entry(uid.clone()).or_default().insert(name.clone());
            }
        }
    }

    fn insert(&mut self, name: String, slot: Slot<T>) {
        self.remove(&name);
        if let Some(uid) = &slot.owner {
            self.owned.entry(uid.clone()).or_default().insert(name.clone());
        }
        self.objects.insert(name, slot);
    }

    fn remove(&mut self, name: &str) {
        let Some(uid) = self.objects.remove(name).and_then(|slot| slot.owner) else {
            return;
        };
        if let Some(names) = self.owned.get_mut(&uid) {
            names.remove(name);
            if names.is_empty() {
                self.owned.remove(&uid);
            }
        }
    }
}

impl<K: Trim> Store<K> {
    /// Whether a list has been whole once.
    pub(super) fn synced(&self) -> bool {
        self.read(|inner| inner.synced)
    }

    /// All objects, by name.
    pub(super) fn all(&self) -> Vec<Arc<K>> {
        // Unpacked after the lock is let go: the watch must not wait for a reader.
        let kept: Vec<K::Kept> = self.read(|inner| inner.objects.values().map(|s| s.kept.clone()).collect());
        kept.iter().filter_map(K::give).collect()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.read(|inner| inner.objects.len())
    }

    /// The names of all objects.
    pub(super) fn names(&self) -> Vec<String> {
        self.read(|inner| inner.objects.keys().cloned().collect())
    }

    /// One object.
    pub(super) fn get(&self, name: &str) -> Option<Arc<K>> {
        let kept = self.read(|inner| inner.objects.get(name).map(|s| s.kept.clone()))?;
        K::give(&kept)
    }

    /// The objects that a controller owns, by name.
    pub(super) fn owned_by(&self, uid: &str) -> Vec<Arc<K>> {
        let kept: Vec<K::Kept> = self.read(|inner| {
            let names = inner.owned.get(uid).into_iter().flatten();
            names
                .filter_map(|n| inner.objects.get(n).map(|s| s.kept.clone()))
                .collect()
        });
        kept.iter().filter_map(K::give).collect()
    }

    fn read<T>(&self, look: impl FnOnce(&Inner<K::Kept>) -> T) -> T {
        look(&self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Pod;
    use serde_json::json;

    use super::*;

    fn pod(name: &str, owner: &str) -> Pod {
        serde_json::from_value(json!({ "metadata": { "name": name, "ownerReferences": [
            { "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": owner, "controller": true } ] } }))
        .unwrap()
    }

    fn names(store: &Store<Pod>, owner: &str) -> Vec<String> {
        store
            .owned_by(owner)
            .iter()
            .map(|p| p.metadata.name.clone().unwrap())
            .collect()
    }

    #[test]
    fn owners_are_found_and_followed() {
        let store = Store::<Pod>::default();
        store.apply(Event::Init);
        assert!(!store.apply(Event::InitApply(pod("a", "one"))));
        store.apply(Event::InitApply(pod("b", "two")));
        assert!(
            !store.synced() && store.len() == 0,
            "a list counts when it is whole"
        );
        assert!(store.apply(Event::InitDone));
        assert!(store.synced());
        store.apply(Event::Apply(pod("c", "one")));
        store.apply(Event::Apply(pod("b", "one")));
        assert_eq!(names(&store, "one"), ["a", "b", "c"]);
        assert!(names(&store, "two").is_empty());
        store.apply(Event::Delete(pod("a", "one")));
        assert_eq!(names(&store, "one"), ["b", "c"]);
    }

    #[test]
    fn a_new_list_forgets_what_it_does_not_name_and_readers_keep_the_old_one_until_it_is_whole() {
        let store = Store::<Pod>::default();
        for event in [
            Event::Init,
            Event::InitApply(pod("a", "one")),
            Event::InitDone,
            Event::Init,
        ] {
            store.apply(event);
        }
        store.apply(Event::InitApply(pod("z", "one")));
        assert_eq!(store.names(), ["a"]);
        store.apply(Event::InitDone);
        assert_eq!(store.names(), ["z"]);
        assert_eq!(names(&store, "one"), ["z"]);
    }
}
