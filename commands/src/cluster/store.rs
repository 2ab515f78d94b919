//! The objects of one kind in one namespace, as a watch keeps them.

use std::{
    borrow::Borrow,
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
    sync::{Arc, PoisonError, RwLock},
};

use kube::runtime::watcher::Event;

use super::{
    arriving::Arriving,
    scalings::{Scalings, SeenScaling},
};
use crate::{
    model::Timestamp,
    objects::{Object, SharedStr},
};

/// Objects by name, and by the uid of the controller that owns them.
pub struct Store<K> {
    inner: RwLock<Inner<K>>,
}

struct Inner<K> {
    objects: BTreeSet<ByName<K>>,
    owned: HashMap<SharedStr, BTreeSet<ByName<K>>>,
    /// What a new list has brought so far; takes the place of `objects` when it is whole.
    arriving: BTreeSet<ByName<K>>,
    /// When numbers of replicas were changed, where nothing else records it.
    scalings: Scalings,
}

/// An object among others of its kind and namespace.
struct ByName<K>(Arc<K>);

impl<K: Object> Borrow<str> for ByName<K> {
    fn borrow(&self) -> &str {
        &self.0.metadata().name
    }
}

impl<K: Object> Ord for ByName<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.metadata().name.cmp(&other.0.metadata().name)
    }
}

impl<K: Object> PartialOrd for ByName<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Object> PartialEq for ByName<K> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<K: Object> Eq for ByName<K> {}

impl<K> Clone for ByName<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K> Default for Store<K> {
    fn default() -> Self {
        Self {
            inner: RwLock::new(Inner {
                objects: BTreeSet::new(),
                owned: HashMap::new(),
                arriving: BTreeSet::new(),
                scalings: Scalings::default(),
            }),
        }
    }
}

impl<K: Object> Store<K> {
    /// Takes in what a watch brought. Says whether a reader can see a difference.
    pub(super) fn apply(&self, event: Event<Arriving<K>>) -> bool {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Init => {
                inner.arriving = BTreeSet::new();
                return false;
            }
            Event::InitApply(object) => {
                inner.arriving.replace(ByName(Arc::new(object.into_inner())));
                return false;
            }
            Event::InitDone => {
                let inner = &mut *inner;
                let old = std::mem::replace(&mut inner.objects, std::mem::take(&mut inner.arriving));
                let of_both = old
                    .iter()
                    .filter_map(|old| Some((&*old.0, &*inner.objects.get(old)?.0)));
                inner.scalings.keep(of_both);
                inner.index();
            }
            Event::Apply(object) => inner.insert(ByName(Arc::new(object.into_inner()))),
            Event::Delete(object) => inner.remove(&object.into_inner().metadata().name),
        }
        true
    }
}

fn owner<K: Object>(object: &ByName<K>) -> Option<&SharedStr> {
    object.0.metadata().controller().map(|owner| &owner.uid)
}

impl<K: Object> Inner<K> {
    fn index(&mut self) {
        self.owned = HashMap::new();
        for object in &self.objects {
            if let Some(uid) = owner(object) {
                self.owned.entry(uid.clone()).or_default().insert(object.clone());
            }
        }
    }

    fn insert(&mut self, object: ByName<K>) {
        if let Some(old) = self.objects.replace(object.clone()) {
            self.scalings.note(&*old.0, &*object.0, Timestamp::now());
            if owner(&old) != owner(&object) {
                self.disown(&old);
            }
        }
        if let Some(uid) = owner(&object) {
            self.owned.entry(uid.clone()).or_default().replace(object.clone());
        }
    }

    fn remove(&mut self, name: &str) {
        if let Some(old) = self.objects.take(name) {
            self.scalings.forget(&old.0.metadata().uid);
            self.disown(&old);
        }
    }

    fn disown(&mut self, old: &ByName<K>) {
        let Some(uid) = owner(old) else { return };
        if let Some(objects) = self.owned.get_mut(uid) {
            objects.remove(old);
            if objects.is_empty() {
                self.owned.remove(uid);
            }
        }
    }
}

impl<K: Object> Store<K> {
    /// All objects, by name: pointers to them, nothing is copied. The watch need not wait for a reader.
    pub(super) fn all(&self) -> Vec<Arc<K>> {
        self.read(|inner| inner.objects.iter().map(|o| Arc::clone(&o.0)).collect())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.read(|inner| inner.objects.len())
    }

    /// The names of all objects.
    pub(super) fn names(&self) -> Vec<String> {
        self.read(|inner| {
            inner
                .objects
                .iter()
                .map(|o| o.0.metadata().name.to_string())
                .collect()
        })
    }

    /// Looks through the names of all objects, in order; nothing is copied.
    pub(super) fn with_names<T>(&self, look: impl FnOnce(&mut dyn Iterator<Item = &str>) -> T) -> T {
        self.read(|inner| look(&mut inner.objects.iter().map(|o| &*o.0.metadata().name)))
    }

    /// One object.
    pub(super) fn get(&self, name: &str) -> Option<Arc<K>> {
        self.read(|inner| inner.objects.get(name).map(|o| Arc::clone(&o.0)))
    }

    /// The last change of an object's number of replicas that was seen as it came.
    pub(super) fn scaling_of(&self, uid: &str) -> Option<SeenScaling> {
        self.read(|inner| inner.scalings.of(uid))
    }

    /// The objects that a controller owns, by name.
    pub(super) fn owned_by(&self, uid: &str) -> Vec<Arc<K>> {
        self.read(|inner| {
            let owned = inner.owned.get(uid).into_iter().flatten();
            owned.map(|o| Arc::clone(&o.0)).collect()
        })
    }

    fn read<T>(&self, read: impl FnOnce(&Inner<K>) -> T) -> T {
        read(&self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::objects::Pod;

    fn pod(name: &str, owner: &str) -> Arriving<Pod> {
        serde_json::from_value(json!({ "metadata": { "name": name, "ownerReferences": [
            { "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": owner, "controller": true } ] } }))
        .unwrap()
    }

    fn names(store: &Store<Pod>, owner: &str) -> Vec<String> {
        let owned = store.owned_by(owner);
        owned.iter().map(|p| p.metadata.name.to_string()).collect()
    }

    #[test]
    fn owners_are_found_and_followed() {
        let store = Store::<Pod>::default();
        store.apply(Event::Init);
        assert!(!store.apply(Event::InitApply(pod("a", "one"))));
        store.apply(Event::InitApply(pod("b", "two")));
        assert_eq!(store.len(), 0, "a list counts when it is whole");
        assert!(store.apply(Event::InitDone));
        assert_eq!(store.len(), 2);
        store.apply(Event::Apply(pod("c", "one")));
        store.apply(Event::Apply(pod("b", "one")));
        assert_eq!(names(&store, "one"), ["a", "b", "c"]);
        assert!(names(&store, "two").is_empty());
        store.apply(Event::Delete(pod("a", "one")));
        assert_eq!(names(&store, "one"), ["b", "c"]);
    }

    #[test]
    fn a_new_state_replaces_the_old_one_for_every_reader() {
        let store = Store::<Pod>::default();
        store.apply(Event::Apply(pod("a", "one")));
        let old = store.get("a").unwrap();
        store.apply(Event::Apply(pod("a", "one")));
        let new = store.get("a").unwrap();
        assert!(!Arc::ptr_eq(&old, &new));
        assert!(Arc::ptr_eq(&new, &store.owned_by("one")[0]));
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
