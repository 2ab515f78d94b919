//! The controllers that make workloads move, as one task.
//!
//! A real cluster runs them side by side on caches that lag. Here they take turns: each looks at the objects as they
//! are now, writes, and the writes decide who is next. A rollout is thus one sequence of steps that a seed repeats,
//! and a cluster in which nothing is due costs nothing. Who looks at what after which change is `routes`; when is
//! the `queue`.

mod autoscaler;
mod collector;
mod cronjob;
mod daemonset;
mod deployment;
mod disruption;
mod endpoints;
mod index;
mod job;
pub(crate) mod meta;
mod nodes;
pub(crate) mod pods;
pub mod quantity;
mod queue;
mod quota;
mod replicaset;
mod revisions;
mod routes;
mod statefulset;
#[cfg(test)]
mod tests;
mod volumes;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::events::Recorder;
use super::key::Key;
use super::node::{Node, kubelet};
use super::sim::Pace;
use super::store::Store;
use super::{resources, scheduler};
pub(crate) use autoscaler::target as autoscaler_target;
use index::Index;
use queue::{Desk, Queue, Work};

/// Starts the controllers, the scheduler and the node's loops; dropping the set stops them.
pub fn spawn(store: &Store, node: &Node, pace: &Pace) -> JoinSet<()> {
    let cx = Cx {
        store: store.clone(),
        node: node.clone(),
        pace: pace.clone(),
        events: Recorder::new(store.clone()),
        index: Index::default(),
        queue: Queue::default(),
        failures: HashMap::new(),
        progress: HashMap::new(),
        began: HashMap::new(),
        finished: HashMap::new(),
        retries: HashMap::new(),
        silent: HashMap::new(),
    };
    let mut tasks = JoinSet::new();
    tasks.spawn(run(cx));
    tasks
}

/// What a controller works with.
pub(crate) struct Cx {
    pub store: Store,
    pub node: Node,
    pub pace: Pace,
    pub events: Recorder,
    pub index: Index,
    queue: Queue,
    /// How often in a row a controller failed on an object, for growing pauses.
    failures: HashMap<Key, u32>,
    /// When each Deployment last made progress; its condition tells whole seconds only.
    progress: HashMap<String, (String, Instant)>,
    /// When Jobs began and finished, and when they last failed.
    began: HashMap<String, Instant>,
    finished: HashMap<String, Instant>,
    retries: HashMap<String, (i64, Instant)>,
    /// Since when nodes have not been ready.
    silent: HashMap<String, Instant>,
}

async fn run(mut cx: Cx) {
    let mut changes = cx.store.changes();
    loop {
        cx.catch_up();
        let mut steps = 0_u32;
        while !cx.node.is_frozen()
            && let Some(work) = cx.queue.pop(Instant::now())
        {
            let begun = Instant::now();
            if let Some(pause) = cx.handle(&work) {
                cx.queue.add(work.desk, &work.key, Instant::now() + pause);
            }
            cx.queue.took(work, begun.elapsed());
            cx.catch_up();
            steps += 1;
            if steps.is_multiple_of(64) {
                tokio::task::yield_now().await;
            }
        }
        let next = if cx.node.is_frozen() {
            None
        } else {
            cx.queue.next()
        };
        let sleep = async {
            match next {
                Some(due) => tokio::time::sleep_until(due.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = cx.node.poked() => {}
            () = sleep => {}
        }
    }
}

impl Cx {
    /// Reads what happened since the last look and queues who has to react.
    fn catch_up(&mut self) {
        let now = Instant::now();
        for key in self.node.take_pokes() {
            self.queue.add(Desk::Kubelet, &key, now);
        }
        let newest = self.store.newest();
        if newest == self.index.seen() {
            return;
        }
        let events = match self.store.since(self.index.seen()) {
            Ok(events) => events,
            Err(_) => self.relist(),
        };
        for event in &events {
            self.index.apply(event);
        }
        self.index
            .see(newest.max(events.last().map_or(0, |event| event.rv)));
        for event in &events {
            routes::route(self, event);
        }
    }

    /// Everything there is, as if it had just been created: at the start, and when the history was compacted.
    fn relist(&mut self) -> Vec<super::store::StoreEvent> {
        self.index.clear();
        let mut events = Vec::new();
        for resource in resources::RESOURCES
            .iter()
            .filter(|resource| resource.plural != "events")
        {
            let (objects, rv) = self.store.list_shared(resource.group, resource.plural, None);
            self.index.see(rv);
            events.extend(objects.into_iter().filter_map(|object| {
                let key = Key::of(&object)?;
                let kind = super::store::EventKind::Added;
                Some(super::store::StoreEvent {
                    rv,
                    kind,
                    key,
                    object,
                    previous: None,
                })
            }));
        }
        events
    }

    /// Lets one desk look at one object; returns after which time it wants to look again.
    fn handle(&mut self, work: &Work) -> Option<Duration> {
        let key = &work.key;
        match work.desk {
            Desk::Deployment => deployment::reconcile(self, key),
            Desk::ReplicaSet => replicaset::reconcile(self, key),
            Desk::StatefulSet => statefulset::reconcile(self, key),
            Desk::DaemonSet => daemonset::reconcile(self, key),
            Desk::Job => job::reconcile(self, key),
            Desk::CronJob => cronjob::reconcile(self, key),
            Desk::Endpoints => endpoints::reconcile(self, key),
            Desk::Disruption => disruption::reconcile(self, key),
            Desk::Quota => quota::reconcile(self, key),
            Desk::Autoscaler => autoscaler::reconcile(self, key),
            Desk::Claim => volumes::reconcile(self, key),
            Desk::NodeLifecycle => nodes::reconcile(self, key),
            Desk::Collector => collector::reconcile(self, key),
            Desk::Scheduler => scheduler::reconcile(self, key),
            Desk::Kubelet => kubelet::reconcile(self, key),
        }
    }

    /// Queues a look at an object after a pause.
    pub(crate) fn look(&mut self, desk: Desk, key: &Key, pause: Duration) {
        self.queue.add(desk, key, Instant::now() + pause);
    }

    /// The growing pause after a failure: 5 ms doubled each time, at most 1000 s, as client-go's rate limiter; in
    /// the time of this cluster.
    pub(crate) fn failed(&mut self, key: &Key) -> Duration {
        let count = self.failures.entry(key.clone()).or_default();
        *count += 1;
        let millis = 5_u64.saturating_mul(1 << (*count - 1).min(18)).min(1_000_000);
        self.in_cluster_time(Duration::from_millis(millis))
            .max(Duration::from_millis(1))
    }

    /// Forgets earlier failures.
    pub(crate) fn succeeded(&mut self, key: &Key) {
        self.failures.remove(key);
    }

    /// A real duration in the time of this cluster, in which a second lasts [`Pace::second`].
    pub(crate) fn in_cluster_time(&self, duration: Duration) -> Duration {
        duration.mul_f64(self.pace.second.as_secs_f64())
    }

    /// So many seconds of the cluster.
    pub(crate) fn seconds(&self, count: i64) -> Duration {
        self.pace
            .second
            .saturating_mul(u32::try_from(count.max(0)).unwrap_or(u32::MAX))
    }
}
