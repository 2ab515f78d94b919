//! Watches the clusters for incidents. One task a cluster, so that a dead one delays no other: it wakes when the watch
//! caches change and every few seconds, looks at what they hold from nothing, reads what is told already from the store, and
//! commits the difference. What it misses in one look it sees in the next; a restart is a look like any other.

mod commits;
mod details;
mod heard;
mod reach;
mod scan;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use ceo_commands::{
    cluster::{Cached, ClusterError, View},
    diagnosis::Hiding,
    incident::IncidentId,
    model::{ChannelId, RoleId, Timestamp, Workload},
    ports::Ports,
};
pub use commits::close_removed_clusters;
use futures::{FutureExt, future::select_all};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

/// How fast a watch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// From the first change to the look: what changes meanwhile is seen in the same look.
    pub debounce: Duration,
    /// How often to look when nothing changes: time alone ends silences and settles what has recovered.
    pub every: Duration,
    /// How long reading evidence may take.
    pub evidence_within: Duration,
}

/// What a watch is about.
#[derive(Debug, Clone)]
pub struct WatchConfig {
    /// The cluster's name in the settings.
    pub cluster: String,
    /// Its namespaces in the settings.
    pub namespaces: Vec<String>,
    /// Where its incidents are told.
    pub channel: ChannelId,
    /// The roles that their messages call.
    pub mention: Vec<RoleId>,
    /// How fast it is.
    pub pace: Pace,
}

/// Watches one cluster for incidents.
pub struct IncidentWatch {
    config: WatchConfig,
    view: View,
    ports: Ports,
    /// When the open incidents were last seen to hold: the store knows it only every now and then.
    seen: HashMap<IncidentId, Timestamp>,
    /// Since when nothing is seen of those that are open still.
    unseen: HashMap<IncidentId, Timestamp>,
    /// Since when this process has seen all of a namespace, without a break.
    watched: HashMap<String, Timestamp>,
    /// What hides the secrets of a namespace, as of when.
    redactors: HashMap<String, (Timestamp, Arc<Hiding>)>,
    /// Revisions that the store is known to know as working.
    worked: HashSet<(Workload, String)>,
    worked_at: Option<Timestamp>,
    /// Whether this process has looked after the messages that another one left.
    inherited: bool,
    /// In how long to look again, whatever changes.
    next_look: Duration,
    /// When a message last called somebody.
    mentioned: Option<Timestamp>,
    /// Whether the cluster answers.
    heard: heard::Heard,
}

impl IncidentWatch {
    /// A watch over one cluster.
    #[must_use]
    pub fn new(config: WatchConfig, view: View, ports: Ports) -> Self {
        Self {
            next_look: config.pace.every,
            config,
            view,
            ports,
            seen: HashMap::new(),
            unseen: HashMap::new(),
            watched: HashMap::new(),
            redactors: HashMap::new(),
            worked: HashSet::new(),
            worked_at: None,
            inherited: false,
            mentioned: None,
            heard: heard::Heard::default(),
        }
    }

    /// Until it is cancelled. A look that is cut short by that has stored all it decided, or the next process decides again.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut changes = match self.changes() {
            Ok(changes) => changes,
            Err(error) => {
                // The registry was made from the same settings; without it there is nothing to watch.
                tracing::error!(cluster = self.config.cluster, %error, "incidents are not watched");
                cancel.cancelled().await;
                return;
            }
        };
        loop {
            let look = async {
                // What changed up to here is seen in this look.
                changes.iter_mut().for_each(watch::Receiver::mark_unchanged);
                self.scan().await;
                self.wait(&mut changes).await;
                tokio::time::sleep(self.config.pace.debounce).await;
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                () = look => {}
            }
        }
    }

    /// Until there is something to look at: a change, something that becomes worth telling, a cluster that falls silent or
    /// speaks again, or the time.
    async fn wait(&mut self, changes: &mut [watch::Receiver<u64>]) {
        let until = Instant::now() + self.next_look;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let changed = wait_for_change(changes, left.min(self.ask_every())).await;
            if changed || Instant::now() >= until || self.ask_for_life().await {
                return;
            }
        }
    }

    fn changes(&self) -> Result<Vec<watch::Receiver<u64>>, ClusterError> {
        let caches = self.caches()?;
        Ok(caches.iter().map(Cached::changed).collect())
    }

    /// The caches of every namespace, and last those of the cluster as a whole.
    fn caches(&self) -> Result<Vec<Cached>, ClusterError> {
        let cluster = &self.config.cluster;
        let namespaces = self
            .config
            .namespaces
            .iter()
            .map(|ns| self.view.cached(cluster, ns));
        namespaces.chain([self.view.cluster_scope(cluster)]).collect()
    }
}

/// Until one of the caches changed, or the time is over; says whether one did.
async fn wait_for_change(changes: &mut [watch::Receiver<u64>], every: Duration) -> bool {
    let any = select_all(changes.iter_mut().map(|change| {
        async move {
            if change.changed().await.is_err() {
                // Nothing changes there any more; the time still passes.
                std::future::pending::<()>().await;
            }
        }
        .boxed()
    }));
    tokio::time::timeout(every, any).await.is_ok()
}
