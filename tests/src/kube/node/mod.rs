//! The node: what the containers do.
//!
//! One [`Node`] stands for the kubelets of all nodes of the cluster. It runs no process: each container is a small
//! state machine (`container`) whose next step has a time, and what it does at that step is told by the scenario
//! ([`behaviour`]), by the shell line of its command (`script`), or is what a well-behaved service does.

pub mod behaviour;
mod container;
mod images;
pub(crate) mod kubelet;
pub(crate) mod machines;
mod pod;
mod probes;
pub use machines::Size;
mod script;
mod status;
mod termination;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::Value;
use tokio::sync::Notify;

use super::controllers::meta::uid;
use super::key::Key;
use super::logs::Logs;
use super::metrics::Figures;
use super::sim::Pace;
use super::store::Store;
use behaviour::Scenario;
use pod::Pod;

/// The simulated nodes. Cloning shares them.
#[derive(Clone)]
pub struct Node {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    frozen: AtomicBool,
    state: Mutex<State>,
    poke: Notify,
}

/// What the nodes know.
pub(crate) struct State {
    pub scenario: Scenario,
    pub pods: HashMap<String, Pod>,
    pub uids: HashMap<Key, String>,
    pub logs: Logs,
    pub figures: Figures,
    /// Nodes whose kubelet is silent.
    pub down: BTreeSet<String>,
    pokes: Vec<Key>,
    addresses: u32,
    random: StdRng,
}

/// What a pod answers over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Status code.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: String,
    /// Body.
    pub body: String,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").finish_non_exhaustive()
    }
}

impl Node {
    /// The nodes that run the pods of this store; registers `node-1`, as a kubelet does when it starts.
    pub fn new(store: &Store, _pace: &Pace, seed: u64) -> Node {
        machines::register(store, "node-1", &machines::Size::default());
        let state = State {
            scenario: Scenario::default(),
            pods: HashMap::new(),
            uids: HashMap::new(),
            logs: Logs::default(),
            figures: Figures::default(),
            down: BTreeSet::new(),
            pokes: Vec::new(),
            addresses: 0,
            random: StdRng::seed_from_u64(seed ^ 0x6e6f_6465),
        };
        Node {
            inner: Arc::new(Inner {
                store: store.clone(),
                frozen: AtomicBool::new(false),
                state: Mutex::new(state),
                poke: Notify::new(),
            }),
        }
    }

    /// The objects of the cluster.
    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // The state is changed in small whole steps, so that it is sound even after a panic in the middle of a test.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the pod answers on that container port; `None`: nobody listens there (connection refused).
    pub fn http(&self, pod: &Value, port: u16, path: &str) -> Option<HttpAnswer> {
        let state = self.lock();
        let running = state.pods.get(uid(pod))?;
        images::answer(&state.scenario, pod, running, port, path)
    }

    /// Whether the controllers, the scheduler and the nodes stand still.
    pub(crate) fn is_frozen(&self) -> bool {
        self.inner.frozen.load(Ordering::Acquire)
    }

    /// Lets the controllers, the scheduler and the nodes stand still, or go on.
    pub fn freeze(&self, on: bool) {
        self.inner.frozen.store(on, Ordering::Release);
        self.inner.poke.notify_one();
    }

    /// Since when the pod has been ready.
    pub(crate) fn ready_since(&self, uid: &str) -> Option<Instant> {
        self.lock().pods.get(uid)?.ready_since
    }

    /// Waits until somebody changed what containers do.
    pub(crate) async fn poked(&self) {
        self.inner.poke.notified().await;
    }

    /// The pods that have to be looked at because of that.
    pub(crate) fn take_pokes(&self) -> Vec<Key> {
        std::mem::take(&mut self.lock().pokes)
    }

    /// Lets the kubelet look at every pod that `wanted` names.
    pub(crate) fn poke(&self, wanted: impl Fn(&Pod) -> bool) {
        let mut state = self.lock();
        let keys: Vec<Key> = state
            .pods
            .values()
            .filter(|pod| wanted(pod))
            .map(|pod| pod.key.clone())
            .collect();
        state.pokes.extend(keys);
        drop(state);
        self.inner.poke.notify_one();
    }

    /// Lets the kubelet look at these pods.
    pub(crate) fn poke_keys(&self, keys: Vec<Key>) {
        self.lock().pokes.extend(keys);
        self.inner.poke.notify_one();
    }
}

impl State {
    /// The pod as its kubelet knows it; one that was put into the store running is taken over on the way.
    pub(crate) fn known(&mut self, key: &Key, object: &Value) -> Option<&mut Pod> {
        let id = uid(object);
        if !self.pods.contains_key(id) {
            if !object["status"]["containerStatuses"].is_array() {
                return None;
            }
            let pod = Pod::adopted(key, object, Instant::now());
            let running = pod.all().filter(|container| container.runs());
            for id in running.filter_map(|container| container.id.as_ref()) {
                self.logs.open(id, &[], None);
            }
            self.uids.insert(key.clone(), id.to_owned());
            self.pods.insert(id.to_owned(), pod);
        }
        self.pods.get_mut(id)
    }

    /// A container id as containerd gives.
    pub(crate) fn container_id(&mut self) -> String {
        let bytes: [u8; 32] = self.random.random();
        format!("containerd://{}", hex::encode(bytes))
    }

    /// The next free address of the pod network.
    pub(crate) fn address(&mut self) -> String {
        self.addresses += 1;
        let number = self.addresses + 48;
        format!(
            "10.{}.{}.{}",
            88 + (number >> 16),
            (number >> 8) & 255,
            number & 255
        )
    }
}

/// The later of now and then, as a pause.
pub(crate) fn until(at: Instant) -> Duration {
    at.saturating_duration_since(Instant::now())
}
