//! What the watches know: the objects of each namespace of the settings, kept up to date. Reading here costs no request.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use k8s_openapi::api::{
    apps::v1::{ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet},
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{Node, Pod, Service},
    discovery::v1::EndpointSlice,
    networking::v1::Ingress,
    policy::v1::PodDisruptionBudget,
};
use tokio::sync::{broadcast, watch};

use super::{ClusterError, WorkloadObject, object::TypedWorkload, store::Store};
use crate::model::{Timestamp, Workload, WorkloadKind};

/// The caches of one cluster.
pub(super) struct Caches {
    namespaces: BTreeMap<String, Arc<NamespaceCache>>,
    /// What belongs to the cluster as a whole; only nodes, and only where the bot may list them.
    pub(super) cluster_scope: Arc<NamespaceCache>,
}

/// The caches of one namespace.
pub(super) struct NamespaceCache {
    pub(super) namespace: String,
    pub(super) deployments: Store<Deployment>,
    pub(super) replica_sets: Store<ReplicaSet>,
    pub(super) stateful_sets: Store<StatefulSet>,
    pub(super) daemon_sets: Store<DaemonSet>,
    pub(super) controller_revisions: Store<ControllerRevision>,
    pub(super) pods: Store<Pod>,
    pub(super) services: Store<Service>,
    pub(super) endpoint_slices: Store<EndpointSlice>,
    pub(super) autoscalers: Store<HorizontalPodAutoscaler>,
    pub(super) ingresses: Store<Ingress>,
    pub(super) budgets: Store<PodDisruptionBudget>,
    pub(super) nodes: Store<Node>,
    /// Grows with each change that a reader can see.
    pub(super) changed: watch::Sender<u64>,
    /// Each change by kind and name, for whoever cannot look at everything each time.
    pub(super) events: broadcast::Sender<CacheEvent>,
    /// How each watch fares, by the plural of its kind.
    watches: Mutex<BTreeMap<&'static str, WatchState>>,
}

/// How a watch fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchState {
    /// What it watches: `pods`.
    pub kind: &'static str,
    /// Whether it has been whole once.
    pub synced: bool,
    /// What is wrong now.
    pub error: Option<String>,
    /// Since when something is wrong: what the cache holds is as of then.
    pub failing_since: Option<Timestamp>,
    /// Whether commands can do without it (a missing right, an API that is not there).
    pub optional: bool,
}

/// An object that changed, came or went; the caches say which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheEvent {
    /// Its plural: `pods`.
    pub kind: &'static str,
    /// Its name; `None` when a whole list was new.
    pub name: Option<String>,
}

/// So many changes wait for a slow reader; one that lags further looks at everything again.
const EVENT_BUFFER: usize = 4096;

/// The kinds without which a workload cannot be told.
const NEEDED: [&str; 6] = [
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "controllerrevisions",
    "pods",
];

impl Caches {
    pub(super) fn new(namespaces: &[String]) -> Self {
        Self {
            namespaces: namespaces
                .iter()
                .map(|ns| (ns.clone(), Arc::new(NamespaceCache::new(ns))))
                .collect(),
            cluster_scope: Arc::new(NamespaceCache::new("")),
        }
    }

    pub(super) fn namespace(&self, namespace: &str) -> Option<&Arc<NamespaceCache>> {
        self.namespaces.get(namespace)
    }

    pub(super) fn namespaces(&self) -> impl Iterator<Item = &Arc<NamespaceCache>> {
        self.namespaces.values()
    }
}

impl NamespaceCache {
    fn new(namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            deployments: Store::default(),
            replica_sets: Store::default(),
            stateful_sets: Store::default(),
            daemon_sets: Store::default(),
            controller_revisions: Store::default(),
            pods: Store::default(),
            services: Store::default(),
            endpoint_slices: Store::default(),
            autoscalers: Store::default(),
            ingresses: Store::default(),
            budgets: Store::default(),
            nodes: Store::default(),
            changed: watch::Sender::new(0),
            events: broadcast::Sender::new(EVENT_BUFFER),
            watches: Mutex::new(BTreeMap::new()),
        }
    }

    /// A watch has heard from the API server.
    pub(super) fn record_progress(&self, kind: &'static str, synced: bool) {
        self.update_watch(kind, |state| {
            state.synced |= synced;
            state.error = None;
            state.failing_since = None;
            state.optional = false;
        });
    }

    /// A watch failed. Says whether that is news.
    pub(super) fn record_failure(&self, kind: &'static str, error: String, optional: bool) -> bool {
        let mut news = false;
        self.update_watch(kind, |state| {
            news = state.error.is_none();
            state.error = Some(error);
            state.failing_since.get_or_insert_with(Timestamp::now);
            state.optional = optional;
        });
        news
    }

    fn update_watch(&self, kind: &'static str, change: impl FnOnce(&mut WatchState)) {
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        change(watches.entry(kind).or_insert_with(|| WatchState {
            kind,
            synced: false,
            error: None,
            failing_since: None,
            optional: false,
        }));
    }

    pub(super) fn watches(&self) -> Vec<WatchState> {
        let watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        watches.values().cloned().collect()
    }

    /// Whether all that a workload is told by has been whole once.
    pub(super) fn synced(&self) -> bool {
        let watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        NEEDED
            .iter()
            .all(|kind| watches.get(kind).is_some_and(|w| w.synced))
    }

    /// The worst that is wrong with a watch that commands need.
    pub(super) fn error(&self) -> Option<(String, Option<Timestamp>)> {
        self.watches()
            .into_iter()
            .filter(|w| !w.optional || NEEDED.contains(&w.kind))
            .filter_map(|w| Some((format!("{}: {}", w.kind, w.error?), w.failing_since)))
            .min_by_key(|(_, since)| *since)
    }
}

/// A namespace's caches, for reading. Objects are trimmed: good for showing; what is held or written back is read live.
#[derive(Clone)]
pub struct Cached {
    pub(super) cluster: String,
    pub(super) cache: Arc<NamespaceCache>,
}

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident: $kind:ty;)*) => {
        impl Cached {
            $($(#[$doc])* #[must_use] pub fn $name(&self) -> Vec<Arc<$kind>> { self.cache.$name.all() })*
        }
    };
}

lists! {
    /// All Deployments, by name.
    deployments: Deployment;
    /// All ReplicaSets, by name.
    replica_sets: ReplicaSet;
    /// All StatefulSets, by name.
    stateful_sets: StatefulSet;
    /// All DaemonSets, by name.
    daemon_sets: DaemonSet;
    /// All ControllerRevisions, by name.
    controller_revisions: ControllerRevision;
    /// All Pods, by name. Of their containers' specs only name, image and resources are kept.
    pods: Pod;
    /// All Services, by name.
    services: Service;
    /// All EndpointSlices, by name.
    endpoint_slices: EndpointSlice;
    /// All HorizontalPodAutoscalers, by name.
    autoscalers: HorizontalPodAutoscaler;
    /// All Ingresses, by name.
    ingresses: Ingress;
    /// All PodDisruptionBudgets, by name.
    budgets: PodDisruptionBudget;
    /// All Nodes, by name; only in the caches of [`super::View::cluster_scope`].
    nodes: Node;
}

impl Cached {
    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.cache.namespace
    }

    /// Whether all that a workload is told by has been whole once. Before that an absent object proves nothing.
    #[must_use]
    pub fn synced(&self) -> bool {
        self.cache.synced()
    }

    /// What is wrong with the watches now, and as of when the caches are.
    #[must_use]
    pub fn error(&self) -> Option<(String, Option<Timestamp>)> {
        self.cache.error()
    }

    /// Refuses to let be shown as of now what may be long out of date.
    ///
    /// # Errors
    /// While the objects are still being read, or a watch that commands need fails.
    pub fn fresh(&self) -> Result<(), ClusterError> {
        let error = self.error();
        if error.is_none() && self.synced() {
            return Ok(());
        }
        Err(ClusterError::Unreachable {
            cluster: self.cluster.clone(),
            detail: error.map_or_else(|| "its objects are still being read".to_owned(), |(what, _)| what),
        })
    }

    /// How each watch fares.
    #[must_use]
    pub fn watches(&self) -> Vec<WatchState> {
        self.cache.watches()
    }

    /// Wakes when something in this namespace changed.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.cache.changed.subscribe()
    }

    /// Each change in this namespace. A reader that lags gets an error from the channel, and looks at everything again.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<CacheEvent> {
        self.cache.events.subscribe()
    }

    /// One pod.
    #[must_use]
    pub fn pod(&self, name: &str) -> Option<Arc<Pod>> {
        self.cache.pods.get(name)
    }

    /// How many pods there are.
    #[must_use]
    pub fn pod_count(&self) -> usize {
        self.cache.pods.len()
    }

    /// One workload as the watches know it.
    #[must_use]
    pub fn workload(&self, workload: &Workload) -> Option<WorkloadObject> {
        self.find(workload.kind, &workload.name)
    }

    pub(super) fn find(&self, kind: WorkloadKind, name: &str) -> Option<WorkloadObject> {
        let object = match kind {
            WorkloadKind::Deployment => TypedWorkload::Deployment(self.cache.deployments.get(name)?),
            WorkloadKind::StatefulSet => TypedWorkload::StatefulSet(self.cache.stateful_sets.get(name)?),
            WorkloadKind::DaemonSet => TypedWorkload::DaemonSet(self.cache.daemon_sets.get(name)?),
        };
        Some(WorkloadObject::cached(&self.cluster, object))
    }

    /// All workloads of the three kinds, Deployments first, each by name.
    #[must_use]
    pub fn workloads(&self) -> Vec<WorkloadObject> {
        let deployments = self.deployments().into_iter().map(TypedWorkload::Deployment);
        let stateful_sets = self.stateful_sets().into_iter().map(TypedWorkload::StatefulSet);
        let daemon_sets = self.daemon_sets().into_iter().map(TypedWorkload::DaemonSet);
        deployments
            .chain(stateful_sets)
            .chain(daemon_sets)
            .map(|object| WorkloadObject::cached(&self.cluster, object))
            .collect()
    }

    /// The names of all workloads, without touching the objects: for completion and near names.
    #[must_use]
    pub fn workload_names(&self) -> Vec<(WorkloadKind, String)> {
        WorkloadKind::ALL
            .into_iter()
            .flat_map(|kind| {
                let names = match kind {
                    WorkloadKind::Deployment => self.cache.deployments.names(),
                    WorkloadKind::StatefulSet => self.cache.stateful_sets.names(),
                    WorkloadKind::DaemonSet => self.cache.daemon_sets.names(),
                };
                names.into_iter().map(move |name| (kind, name))
            })
            .collect()
    }

    /// The ReplicaSets of a Deployment.
    #[must_use]
    pub fn replica_sets_of(&self, workload: &Workload) -> Vec<Arc<ReplicaSet>> {
        match self.uid_of(workload) {
            Some(uid) if workload.kind == WorkloadKind::Deployment => self.cache.replica_sets.owned_by(&uid),
            _ => Vec::new(),
        }
    }

    /// The ControllerRevisions of a StatefulSet or a DaemonSet.
    #[must_use]
    pub fn controller_revisions_of(&self, workload: &Workload) -> Vec<Arc<ControllerRevision>> {
        match self.uid_of(workload) {
            Some(uid) if workload.kind != WorkloadKind::Deployment => {
                self.cache.controller_revisions.owned_by(&uid)
            }
            _ => Vec::new(),
        }
    }

    /// The pods that a workload's controllers own, of all revisions.
    #[must_use]
    pub fn pods_of(&self, workload: &Workload) -> Vec<Arc<Pod>> {
        if workload.kind == WorkloadKind::Deployment {
            let sets = self.replica_sets_of(workload);
            let uids = sets.iter().filter_map(|rs| rs.metadata.uid.as_deref());
            return uids.flat_map(|uid| self.cache.pods.owned_by(uid)).collect();
        }
        self.uid_of(workload)
            .map(|uid| self.cache.pods.owned_by(&uid))
            .unwrap_or_default()
    }

    /// The pods of a workload's newest revision: of the ReplicaSet with the Deployment's revision, or with the revision's
    /// hash in their labels.
    #[must_use]
    pub fn new_pods_of(&self, object: &WorkloadObject) -> Vec<Arc<Pod>> {
        let workload = object.workload();
        if let Some(revision) = object.revision() {
            let newest = self.replica_sets_of(&workload).into_iter().find(|rs| {
                let annotations = rs.metadata.annotations.as_ref();
                annotations.and_then(|a| a.get("deployment.kubernetes.io/revision"))
                    == Some(&revision.to_string())
            });
            let uid = newest.and_then(|rs| rs.metadata.uid.clone());
            return uid.map(|uid| self.cache.pods.owned_by(&uid)).unwrap_or_default();
        }
        let hash = match object.stateful_set() {
            Some(s) => s.status.as_ref().and_then(|s| s.update_revision.clone()),
            None => self.newest_hash(&workload),
        };
        let labels = |p: &Pod| {
            p.metadata
                .labels
                .as_ref()?
                .get("controller-revision-hash")
                .cloned()
        };
        let mut pods = self.pods_of(&workload);
        pods.retain(|p| hash.is_some() && labels(p) == hash);
        pods
    }

    fn newest_hash(&self, workload: &Workload) -> Option<String> {
        let newest = self
            .controller_revisions_of(workload)
            .into_iter()
            .max_by_key(|r| r.revision)?;
        let labels = newest.metadata.labels.as_ref()?;
        labels.get("controller-revision-hash").cloned()
    }

    pub(super) fn uid_of(&self, workload: &Workload) -> Option<String> {
        let object = self.workload(workload)?;
        Some(object.uid().to_owned())
    }
}

#[cfg(test)]
impl Cached {
    /// Caches that hold these objects, as if watches had brought them.
    pub(crate) fn holding(cluster: &str, namespace: &str, objects: &[serde_json::Value]) -> Self {
        use kube::runtime::watcher::Event;

        let cache = NamespaceCache::new(namespace);
        for object in objects {
            let read = object.clone();
            match object["kind"].as_str().unwrap() {
                "Pod" => drop(
                    cache
                        .pods
                        .apply(Event::Apply(serde_json::from_value(read).unwrap())),
                ),
                "Node" => drop(
                    cache
                        .nodes
                        .apply(Event::Apply(serde_json::from_value(read).unwrap())),
                ),
                "Deployment" => {
                    cache
                        .deployments
                        .apply(Event::Apply(serde_json::from_value(read).unwrap()));
                }
                "ReplicaSet" => {
                    cache
                        .replica_sets
                        .apply(Event::Apply(serde_json::from_value(read).unwrap()));
                }
                "DaemonSet" => {
                    cache
                        .daemon_sets
                        .apply(Event::Apply(serde_json::from_value(read).unwrap()));
                }
                "StatefulSet" => {
                    cache
                        .stateful_sets
                        .apply(Event::Apply(serde_json::from_value(read).unwrap()));
                }
                "ControllerRevision" => {
                    cache
                        .controller_revisions
                        .apply(Event::Apply(serde_json::from_value(read).unwrap()));
                }
                other => panic!("no kind {other} here"),
            }
        }
        Self {
            cluster: cluster.to_owned(),
            cache: Arc::new(cache),
        }
    }
}
