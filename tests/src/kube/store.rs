//! The objects of the simulated cluster, in memory, with the history that watches read.
//!
//! Objects are shared (`Arc<Value>`) between the store, its history and the readers, so that ten thousand pods and a
//! dozen watches copy nothing. What etcd and the registry of an API server decide lives here: resource versions, uids,
//! generations, and the removal of an object whose last finalizer went away. Everything else (validation, defaults,
//! field managers) is the API's.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::lifecycle::{finish, is_gone};

pub use super::key::Key;
pub use super::lifecycle::{now, now_micro};

/// How many events the history keeps; a watch that asks for older ones is told 410, as after etcd's compaction.
const HISTORY: usize = 32_768;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// It was created.
    Added,
    /// It changed.
    Modified,
    /// It was removed.
    Deleted,
}

/// One entry of the history.
#[derive(Clone, Debug)]
pub struct StoreEvent {
    /// The resource version of the change, which is also that of `object`.
    pub rv: u64,
    /// What happened.
    pub kind: EventKind,
    /// Which object.
    pub key: Key,
    /// The object after the change (for a removal: as it last was, with the resource version of the removal).
    pub object: Arc<Value>,
    /// The object before the change; `None` when it was created.
    pub previous: Option<Arc<Value>>,
}

/// The history before the asked version is gone: read the list anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too old resource version: {asked} ({oldest})")]
pub struct Expired {
    /// The version that was asked for.
    pub asked: u64,
    /// The oldest version from which the history is whole.
    pub oldest: u64,
}

/// Why a write was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is an object with that key.
    #[error("{0} already exists")]
    AlreadyExists(Key),
    /// There is no object with that key.
    #[error("{0} not found")]
    NotFound(Key),
    /// The object changed since the version that the writer had read.
    #[error("{0}: the object has been modified")]
    Conflict(Key),
}

type Shelf = BTreeMap<(String, String), Arc<Value>>;

struct State {
    rv: u64,
    shelves: HashMap<(String, String), Shelf>,
    history: VecDeque<StoreEvent>,
    compacted: u64,
    random: StdRng,
}

struct Inner {
    state: Mutex<State>,
    newest: watch::Sender<u64>,
}

/// The shared object store. Cloning shares it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

impl Store {
    /// An empty store; `seed` makes uids and generated names repeatable.
    pub fn new(seed: u64) -> Store {
        let state = State {
            rv: 100,
            shelves: HashMap::new(),
            history: VecDeque::new(),
            compacted: 0,
            random: StdRng::seed_from_u64(seed),
        };
        Store {
            inner: Arc::new(Inner {
                state: Mutex::new(state),
                newest: watch::Sender::new(100),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held can only come from a caller's `update` closure, which works on a copy.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The object, copied.
    pub fn get(&self, key: &Key) -> Option<Value> {
        self.get_shared(key).map(|object| Value::clone(&object))
    }

    /// The object, shared: use this where nothing is changed.
    pub fn get_shared(&self, key: &Key) -> Option<Arc<Value>> {
        let state = self.lock();
        state.shelf(&key.group, &key.plural)?.get(&place(key)).cloned()
    }

    /// All objects of a kind, copied, with the resource version of the reading.
    pub fn list(&self, group: &str, plural: &str, namespace: Option<&str>) -> (Vec<Value>, u64) {
        let (objects, rv) = self.list_shared(group, plural, namespace);
        (objects.iter().map(|object| Value::clone(object)).collect(), rv)
    }

    /// All objects of a kind in the order of namespace and name, shared, with the resource version of the reading.
    pub fn list_shared(&self, group: &str, plural: &str, namespace: Option<&str>) -> (Vec<Arc<Value>>, u64) {
        let state = self.lock();
        let objects = match (state.shelf(group, plural), namespace) {
            (None, _) => Vec::new(),
            (Some(shelf), None) => shelf.values().cloned().collect(),
            (Some(shelf), Some(namespace)) => shelf
                .range((namespace.to_owned(), String::new())..)
                .take_while(|((ns, _), _)| ns == namespace)
                .map(|(_, object)| object.clone())
                .collect(),
        };
        (objects, state.rv)
    }

    /// Adds an object: sets uid (unless there is one: the API gives Jobs theirs earlier), creationTimestamp, resourceVersion and, for kinds that have it, generation 1.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`].
    pub fn create(&self, key: &Key, object: Value) -> Result<Value, StoreError> {
        self.create_shared(key, object)
            .map(|object| Value::clone(&object))
    }

    /// As [`Store::create`], without a copy of the result.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`].
    pub fn create_shared(&self, key: &Key, mut object: Value) -> Result<Arc<Value>, StoreError> {
        let mut state = self.lock();
        if state
            .shelf(&key.group, &key.plural)
            .is_some_and(|shelf| shelf.contains_key(&place(key)))
        {
            return Err(StoreError::AlreadyExists(key.clone()));
        }
        state.stamp(key, &mut object);
        Ok(self.commit(&mut state, key, EventKind::Added, object))
    }

    /// What `create` would store, without storing it (for dry runs). The resource version is left out, as in the
    /// real answer to a dry run.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`].
    pub fn rehearse_create(&self, key: &Key, mut object: Value) -> Result<Value, StoreError> {
        let mut state = self.lock();
        if state
            .shelf(&key.group, &key.plural)
            .is_some_and(|shelf| shelf.contains_key(&place(key)))
        {
            return Err(StoreError::AlreadyExists(key.clone()));
        }
        state.stamp(key, &mut object);
        Ok(object)
    }

    /// Changes an object in place. For kinds that have one the generation is bumped when anything but metadata and
    /// status changed; a change that changes nothing keeps the resource version and makes no event. An object
    /// under deletion whose finalizers became empty is removed (pods: once their grace period is 0).
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn update(&self, key: &Key, f: impl FnOnce(&mut Value)) -> Result<Value, StoreError> {
        self.update_shared(key, f).map(|object| Value::clone(&object))
    }

    /// As [`Store::update`], without a copy of the result: for writers that seldom look at it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn update_shared(&self, key: &Key, f: impl FnOnce(&mut Value)) -> Result<Arc<Value>, StoreError> {
        let mut state = self.lock();
        let before = state.find(key)?;
        let mut after = Value::clone(&before);
        f(&mut after);
        Ok(self.settle(&mut state, key, &before, after))
    }

    /// Replaces an object, if `expect_rv` (when given) is still its resource version.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Conflict`].
    pub fn replace(&self, key: &Key, expect_rv: Option<&str>, object: Value) -> Result<Value, StoreError> {
        let mut state = self.lock();
        let before = state.find(key)?;
        if expect_rv.is_some_and(|rv| before["metadata"]["resourceVersion"].as_str() != Some(rv)) {
            return Err(StoreError::Conflict(key.clone()));
        }
        Ok(Value::clone(&self.settle(&mut state, key, &before, object)))
    }

    /// Removes an object at once, whatever its finalizers and its grace period.
    pub fn delete(&self, key: &Key) -> Option<Value> {
        let mut state = self.lock();
        let before = state.find(key).ok()?;
        let object = self.commit(&mut state, key, EventKind::Deleted, Value::clone(&before));
        Some(Value::clone(&object))
    }

    /// A level trigger: the newest resource version.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.newest.subscribe()
    }

    /// The newest resource version.
    pub fn newest(&self) -> u64 {
        self.lock().rv
    }

    /// Everything that happened after `rv`.
    ///
    /// # Errors
    /// [`Expired`] when that part of the history is gone.
    pub fn since(&self, rv: u64) -> Result<Vec<StoreEvent>, Expired> {
        self.since_where(rv, |_| true).map(|(events, _)| events)
    }

    /// What happened to one kind after `rv`, with the resource version up to which that is all.
    ///
    /// # Errors
    /// [`Expired`] when that part of the history is gone.
    pub fn since_of(&self, group: &str, plural: &str, rv: u64) -> Result<(Vec<StoreEvent>, u64), Expired> {
        self.since_where(rv, |event| event.key.plural == plural && event.key.group == group)
    }

    fn since_where(
        &self,
        rv: u64,
        wanted: impl Fn(&StoreEvent) -> bool,
    ) -> Result<(Vec<StoreEvent>, u64), Expired> {
        let state = self.lock();
        if rv < state.compacted {
            return Err(Expired {
                asked: rv,
                oldest: state.compacted,
            });
        }
        let first = state.history.partition_point(|event| event.rv <= rv);
        let events = state
            .history
            .range(first..)
            .filter(|event| wanted(event))
            .cloned()
            .collect();
        Ok((events, state.rv))
    }

    /// Forgets the history up to and including `rv`; watches that ask for older versions get 410.
    pub fn compact(&self, rv: u64) {
        let mut state = self.lock();
        while state.history.front().is_some_and(|event| event.rv <= rv) {
            state.history.pop_front();
        }
        state.compacted = state.compacted.max(rv.min(state.rv));
    }

    /// A fresh uid.
    pub fn uid(&self) -> String {
        uuid::Builder::from_random_bytes(self.lock().random.random())
            .into_uuid()
            .to_string()
    }

    /// The objects of a kind as they were at `rv`, which is reconstructed from the history.
    ///
    /// # Errors
    /// [`Expired`] when that part of the history is gone.
    pub fn list_at(&self, group: &str, plural: &str, rv: u64) -> Result<Vec<Arc<Value>>, Expired> {
        let state = self.lock();
        if rv < state.compacted {
            return Err(Expired {
                asked: rv,
                oldest: state.compacted,
            });
        }
        let first = state.history.partition_point(|event| event.rv <= rv);
        let later = state.history.range(first..);
        let mut later = later
            .rev()
            .filter(|event| event.key.plural == plural && event.key.group == group)
            .peekable();
        let Some(present) = state.shelf(group, plural) else {
            return Ok(Vec::new());
        };
        // Nothing has happened since, as in most lists that are read in pages: no copy of the shelf, keys and all.
        if later.peek().is_none() {
            return Ok(present.values().cloned().collect());
        }
        let mut shelf = present.clone();
        for event in later {
            match &event.previous {
                Some(previous) => shelf.insert(place(&event.key), previous.clone()),
                None => shelf.remove(&place(&event.key)),
            };
        }
        Ok(shelf.into_values().collect())
    }

    /// A fresh suffix of five characters, as `generateName` gives (no vowels, no easily confused digits).
    pub fn suffix(&self) -> String {
        const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        let mut state = self.lock();
        (0..5)
            .map(|_| char::from(ALPHABET[state.random.random_range(0..ALPHABET.len())]))
            .collect()
    }

    /// Computes what replacing `before` by `after` would give: generation, immutable metadata. For dry runs.
    pub fn rehearse_update(&self, key: &Key, before: &Value, after: Value) -> Value {
        finish(key, before, after)
    }

    fn settle(&self, state: &mut State, key: &Key, before: &Arc<Value>, after: Value) -> Arc<Value> {
        let after = finish(key, before, after);
        if after == **before {
            return before.clone();
        }
        if is_gone(&after) {
            return self.commit(state, key, EventKind::Deleted, after);
        }
        self.commit(state, key, EventKind::Modified, after)
    }

    fn commit(&self, state: &mut State, key: &Key, kind: EventKind, mut object: Value) -> Arc<Value> {
        state.rv += 1;
        object["metadata"]["resourceVersion"] = json!(state.rv.to_string());
        let object = Arc::new(object);
        let shelf = state
            .shelves
            .entry((key.group.clone(), key.plural.clone()))
            .or_default();
        let previous = match kind {
            EventKind::Deleted => shelf.remove(&place(key)),
            EventKind::Added | EventKind::Modified => shelf.insert(place(key), object.clone()),
        };
        state.history.push_back(StoreEvent {
            rv: state.rv,
            kind,
            key: key.clone(),
            object: object.clone(),
            previous,
        });
        if state.history.len() > HISTORY
            && let Some(dropped) = state.history.pop_front()
        {
            state.compacted = dropped.rv;
        }
        self.inner.newest.send_replace(state.rv);
        object
    }
}

impl State {
    fn shelf(&self, group: &str, plural: &str) -> Option<&Shelf> {
        self.shelves.get(&(group.to_owned(), plural.to_owned()))
    }

    fn find(&self, key: &Key) -> Result<Arc<Value>, StoreError> {
        let found = self
            .shelf(&key.group, &key.plural)
            .and_then(|shelf| shelf.get(&place(key)));
        found.cloned().ok_or_else(|| StoreError::NotFound(key.clone()))
    }

    fn stamp(&mut self, key: &Key, object: &mut Value) {
        let uid = uuid::Builder::from_random_bytes(self.random.random()).into_uuid();
        if !object["metadata"].is_object() {
            object["metadata"] = json!({});
        }
        let metadata = &mut object["metadata"];
        metadata["name"] = json!(key.name);
        if let Some(namespace) = &key.namespace {
            metadata["namespace"] = json!(namespace);
        }
        if !metadata["uid"].is_string() {
            metadata["uid"] = json!(uid.to_string());
        }
        metadata["creationTimestamp"] = json!(now());
        if key.resource().is_some_and(|resource| resource.generation) {
            metadata["generation"] = json!(1);
        }
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.remove("deletionTimestamp");
            metadata.remove("deletionGracePeriodSeconds");
            metadata.remove("resourceVersion");
        }
    }
}

fn place(key: &Key) -> (String, String) {
    (key.namespace.clone().unwrap_or_default(), key.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(replicas: i64) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "n"},
               "spec": {"replicas": replicas}})
    }

    fn key() -> Key {
        Key::namespaced("apps", "deployments", "n", "a")
    }

    #[test]
    fn generation_counts_desired_state_only() {
        let store = Store::new(1);
        assert_eq!(
            store.create(&key(), deployment(1)).unwrap()["metadata"]["generation"],
            1
        );
        let status = store
            .update(&key(), |object| object["status"] = json!({"replicas": 1}))
            .unwrap();
        assert_eq!(status["metadata"]["generation"], 1);
        let same = store.update(&key(), |_| ()).unwrap();
        assert_eq!(
            same["metadata"]["resourceVersion"],
            status["metadata"]["resourceVersion"]
        );
        let spec = store
            .update(&key(), |object| object["spec"]["replicas"] = json!(2))
            .unwrap();
        assert_eq!(spec["metadata"]["generation"], 2);
        let stale = store.replace(
            &key(),
            status["metadata"]["resourceVersion"].as_str(),
            deployment(3),
        );
        assert_eq!(stale, Err(StoreError::Conflict(key())));
    }

    #[test]
    fn history_is_whole_or_expired() {
        let store = Store::new(1);
        let start = store.newest();
        store.create(&key(), deployment(1)).unwrap();
        store.delete(&key()).unwrap();
        let kinds: Vec<_> = store
            .since(start)
            .unwrap()
            .iter()
            .map(|event| event.kind)
            .collect();
        assert_eq!(kinds, [EventKind::Added, EventKind::Deleted]);
        store.compact(start + 1);
        assert_eq!(
            store.since(start).unwrap_err(),
            Expired {
                asked: start,
                oldest: start + 1
            }
        );
        assert_eq!(store.since(start + 1).unwrap().len(), 1);
    }

    #[test]
    fn the_last_finalizer_removes_an_object_under_deletion() {
        let store = Store::new(1);
        let mut object = deployment(1);
        object["metadata"]["finalizers"] = json!(["foregroundDeletion"]);
        store.create(&key(), object).unwrap();
        store
            .update(&key(), |object| {
                object["metadata"]["deletionTimestamp"] = json!(now())
            })
            .unwrap();
        assert!(store.get(&key()).is_some());
        store
            .update(&key(), |object| object["metadata"]["finalizers"] = json!([]))
            .unwrap();
        assert!(store.get(&key()).is_none());
    }
}
