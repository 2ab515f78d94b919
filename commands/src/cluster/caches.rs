//! What the watches know: the objects of each namespace of the settings, kept up to date. Reading here costs no request.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{broadcast, watch};

use super::{
    ClusterError, WorkloadObject,
    api_kind::{ApiKind, KindScope},
    kinds::{Stores, WATCHED, Watched},
    object::TypedWorkload,
    store::Store,
};
use crate::{
    line,
    model::{Text, Timestamp, Workload, WorkloadKind},
    objects::{ControllerRevision, DaemonSet, Deployment, Pod, ReplicaSet, StatefulSet},
};

/// The caches of one cluster.
pub(super) struct Caches {
    namespaces: BTreeMap<String, Arc<NamespaceCache>>,
    /// What belongs to the cluster as a whole; only nodes, and only where the bot may list them.
    pub(super) cluster_scope: Arc<NamespaceCache>,
}

/// The caches of one namespace.
pub(super) struct NamespaceCache {
    pub(super) namespace: String,
    scope: KindScope,
    pub(super) stores: Stores,
    /// Grows with each change that a reader can see.
    pub(super) changed: watch::Sender<u64>,
    /// Each change by kind and name, for whoever cannot look at everything each time.
    pub(super) events: broadcast::Sender<CacheEvent>,
    /// How each watch fares, by the plural of its kind.
    watches: Mutex<BTreeMap<&'static str, WatchState>>,
    /// Grows when somebody wants a failing watch to be tried at once.
    pub(super) retry: watch::Sender<u64>,
    /// How many failures there were; changes with each sign of life, too.
    heard: watch::Sender<u64>,
}

/// How a watch fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchState {
    /// What it watches: `pods`.
    pub kind: &'static str,
    /// Whether it has been whole once.
    pub synced: bool,
    /// What is wrong now.
    pub error: Option<Text>,
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

/// The label that names the ControllerRevision of a pod.
pub(super) const REVISION_HASH: &str = "controller-revision-hash";

/// How long a command waits for another try.
const ANOTHER_TRY: Duration = Duration::from_secs(2);

/// So many changes wait for a slow reader; one that lags further looks at everything again.
const EVENT_BUFFER: usize = 4096;

impl Caches {
    pub(super) fn new(namespaces: &[String]) -> Self {
        Self {
            namespaces: namespaces
                .iter()
                .map(|ns| {
                    (
                        ns.clone(),
                        Arc::new(NamespaceCache::new(KindScope::Namespaced, ns)),
                    )
                })
                .collect(),
            cluster_scope: Arc::new(NamespaceCache::new(KindScope::Cluster, "")),
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
    fn new(scope: KindScope, namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            scope,
            stores: Stores::default(),
            changed: watch::Sender::new(0),
            events: broadcast::Sender::new(EVENT_BUFFER),
            watches: Mutex::new(BTreeMap::new()),
            retry: watch::Sender::new(0),
            heard: watch::Sender::new(0),
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
        self.heard.send_modify(|_| {});
    }

    /// A watch failed. Says whether that is news.
    pub(super) fn record_failure(&self, kind: &'static str, error: Text, optional: bool) -> bool {
        let mut news = false;
        self.update_watch(kind, |state| {
            news = state.error.is_none();
            state.error = Some(error);
            state.failing_since.get_or_insert_with(Timestamp::now);
            state.optional = optional;
        });
        self.heard.send_modify(|failures| *failures += 1);
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
        self.needed()
            .all(|kind| watches.get(kind.plural).is_some_and(|w| w.synced))
    }

    /// Whether every kind that may be watched here has been whole once.
    pub(super) fn whole(&self) -> bool {
        let watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        let told = |kind: &ApiKind| watches.get(kind.plural).is_some_and(|w| w.synced || w.optional);
        let here = WATCHED.iter().filter(|kind| kind.scope == self.scope);
        here.into_iter().all(told)
    }

    /// The objects of one kind.
    pub(super) fn store<K: Watched>(&self) -> &Store<K> {
        K::store(&self.stores)
    }

    fn needed(&self) -> impl Iterator<Item = &'static ApiKind> {
        let scope = self.scope;
        WATCHED
            .iter()
            .filter(move |kind| kind.needed && kind.scope == scope)
    }

    /// The worst that is wrong with a watch that commands need.
    pub(super) fn error(&self) -> Option<(Text, Option<Timestamp>)> {
        self.watches()
            .into_iter()
            .filter(|w| !w.optional || self.needed().any(|kind| kind.plural == w.kind))
            .filter_map(|w| Some((line![w.kind, ": ", w.error?], w.failing_since)))
            .min_by_key(|(_, since)| *since)
    }
}

/// A namespace's caches, for reading. Objects are trimmed: good for showing; what is held or written back is read live.
#[derive(Clone)]
pub struct Cached {
    pub(super) cluster: String,
    pub(super) cache: Arc<NamespaceCache>,
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

    /// Whether every kind that may be watched has been whole once, those among them that only explain, too. Before that
    /// nothing that is told by an Event or a Job is known to be absent.
    #[must_use]
    pub fn whole(&self) -> bool {
        self.cache.whole()
    }

    /// What is wrong with the watches now, and as of when the caches are.
    #[must_use]
    pub fn error(&self) -> Option<(Text, Option<Timestamp>)> {
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
        let cluster = self.cluster.clone();
        Err(match error {
            Some((detail, _)) => ClusterError::Unreachable { cluster, detail },
            None => ClusterError::StillReading { cluster },
        })
    }

    /// The same after another try where the cluster did not answer before: it may be there again, though the watches wait
    /// longer each time.
    ///
    /// # Errors
    /// While the objects are still being read, or a watch that commands need fails again.
    pub async fn fresh_again(&self) -> Result<(), ClusterError> {
        if self.error().is_none() {
            return self.fresh();
        }
        let mut heard = self.cache.heard.subscribe();
        let failures = *heard.borrow_and_update();
        self.cache.retry.send_modify(|n| *n += 1);
        let tried = async {
            while self.error().is_some() && *heard.borrow_and_update() == failures {
                if heard.changed().await.is_err() {
                    return;
                }
            }
        };
        // Where nothing is heard at all, the failure of before is told.
        let _ = tokio::time::timeout(ANOTHER_TRY, tried).await;
        self.fresh()
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

    /// The objects of a kind, by name. These are pointers: nothing is copied or read again, however many there are.
    #[must_use]
    pub fn list<K: Watched>(&self) -> Vec<Arc<K>> {
        self.cache.store::<K>().all()
    }

    /// One object.
    #[must_use]
    pub fn get<K: Watched>(&self, name: &str) -> Option<Arc<K>> {
        self.cache.store::<K>().get(name)
    }

    /// How many objects of a kind there are.
    #[must_use]
    pub fn count<K: Watched>(&self) -> usize {
        self.cache.store::<K>().len()
    }

    /// Looks through the names of all objects of a kind, in order: for completion, at each keystroke.
    pub fn with_names<K: Watched, T>(&self, look: impl FnOnce(&mut dyn Iterator<Item = &str>) -> T) -> T {
        self.cache.store::<K>().with_names(look)
    }

    /// The names of all objects of a kind.
    #[must_use]
    pub fn names<K: Watched>(&self) -> Vec<String> {
        self.cache.store::<K>().names()
    }

    /// Whether a kind is known as it is now: it was listed once, and nothing is wrong with its watch.
    #[must_use]
    pub fn knows<K: Watched>(&self) -> bool {
        let mut watches = self.watches().into_iter();
        watches.any(|watch| watch.kind == K::API.plural && watch.synced && watch.error.is_none())
    }

    /// The objects of a kind that a controller owns, by its uid.
    pub(super) fn owned_by<K: Watched>(&self, uid: &str) -> Vec<Arc<K>> {
        self.cache.store::<K>().owned_by(uid)
    }

    /// One workload as the watches know it.
    #[must_use]
    pub fn workload(&self, workload: &Workload) -> Option<WorkloadObject> {
        self.find(workload.kind, &workload.name)
    }

    pub(super) fn find(&self, kind: WorkloadKind, name: &str) -> Option<WorkloadObject> {
        let object = match kind {
            WorkloadKind::Deployment => TypedWorkload::Deployment(self.get(name)?),
            WorkloadKind::StatefulSet => TypedWorkload::StatefulSet(self.get(name)?),
            WorkloadKind::DaemonSet => TypedWorkload::DaemonSet(self.get(name)?),
        };
        Some(self.object(object))
    }

    /// With what the watches saw of it and the object does not tell.
    fn object(&self, object: TypedWorkload) -> WorkloadObject {
        let seen = match &object {
            TypedWorkload::Deployment(d) => self.cache.store::<Deployment>().scaling_of(&d.metadata.uid),
            TypedWorkload::StatefulSet(s) => self.cache.store::<StatefulSet>().scaling_of(&s.metadata.uid),
            TypedWorkload::DaemonSet(_) => None,
        };
        WorkloadObject::cached(&self.cluster, object).seen_scaled(seen)
    }

    /// All workloads of the three kinds, Deployments first, each by name.
    #[must_use]
    pub fn workloads(&self) -> Vec<WorkloadObject> {
        let deployments = self
            .list::<Deployment>()
            .into_iter()
            .map(TypedWorkload::Deployment);
        let stateful_sets = self
            .list::<StatefulSet>()
            .into_iter()
            .map(TypedWorkload::StatefulSet);
        let daemon_sets = self.list::<DaemonSet>().into_iter().map(TypedWorkload::DaemonSet);
        deployments
            .chain(stateful_sets)
            .chain(daemon_sets)
            .map(|object| self.object(object))
            .collect()
    }

    /// The names of all workloads, without touching the objects: for completion and near names.
    #[must_use]
    pub fn workload_names(&self) -> Vec<(WorkloadKind, String)> {
        WorkloadKind::ALL
            .into_iter()
            .flat_map(|kind| {
                let names = match kind {
                    WorkloadKind::Deployment => self.names::<Deployment>(),
                    WorkloadKind::StatefulSet => self.names::<StatefulSet>(),
                    WorkloadKind::DaemonSet => self.names::<DaemonSet>(),
                };
                names.into_iter().map(move |name| (kind, name))
            })
            .collect()
    }

    /// The ReplicaSets of a Deployment.
    #[must_use]
    pub fn replica_sets_of(&self, workload: &Workload) -> Vec<Arc<ReplicaSet>> {
        match self.uid_of(workload) {
            Some(uid) if workload.kind == WorkloadKind::Deployment => self.owned_by(&uid),
            _ => Vec::new(),
        }
    }

    /// The ControllerRevisions of a StatefulSet or a DaemonSet.
    #[must_use]
    pub fn controller_revisions_of(&self, workload: &Workload) -> Vec<Arc<ControllerRevision>> {
        match self.uid_of(workload) {
            Some(uid) if workload.kind != WorkloadKind::Deployment => self.owned_by(&uid),
            _ => Vec::new(),
        }
    }

    /// The pods that a workload's controllers own, of all revisions.
    #[must_use]
    pub fn pods_of(&self, workload: &Workload) -> Vec<Arc<Pod>> {
        if workload.kind == WorkloadKind::Deployment {
            let sets = self.replica_sets_of(workload);
            let uids = sets.iter().map(|rs| &*rs.metadata.uid);
            return uids.flat_map(|uid| self.owned_by(uid)).collect();
        }
        self.uid_of(workload)
            .map(|uid| self.owned_by(&uid))
            .unwrap_or_default()
    }

    /// The pods of a workload's newest revision: of the ReplicaSet with the Deployment's revision, or with the revision's
    /// hash in their labels.
    #[must_use]
    pub fn new_pods_of(&self, object: &WorkloadObject) -> Vec<Arc<Pod>> {
        let workload = object.workload();
        if let Some(revision) = object.revision() {
            let (sets, revision) = (self.replica_sets_of(&workload), revision.to_string());
            let newest = sets.into_iter().find(|rs| {
                let annotations = &rs.metadata.annotations;
                annotations.get("deployment.kubernetes.io/revision") == Some(&revision)
            });
            return newest
                .map(|rs| self.owned_by(&rs.metadata.uid))
                .unwrap_or_default();
        }
        let hash = match object.stateful_set() {
            Some(s) => s.status.update_revision.as_deref().map(str::to_owned),
            None => self.newest_hash(&workload),
        };
        let mut pods = self.pods_of(&workload);
        pods.retain(|p| hash.is_some() && p.metadata.labels.get(REVISION_HASH) == hash.as_deref());
        pods
    }

    fn newest_hash(&self, workload: &Workload) -> Option<String> {
        let revisions = self.controller_revisions_of(workload).into_iter();
        let newest = revisions.max_by_key(|r| r.revision)?;
        newest.metadata.labels.get(REVISION_HASH).map(str::to_owned)
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

        use super::kinds::{self, ForEachKind};

        struct Hold<'a>(&'a NamespaceCache, &'a serde_json::Value, bool);
        impl ForEachKind for Hold<'_> {
            fn kind<K: Watched>(&mut self) {
                if self.1["kind"] == K::API.kind {
                    let object = serde_json::from_value(self.1.clone()).unwrap();
                    self.2 = self.0.store::<K>().apply(Event::Apply(object));
                }
            }
        }
        let cache = NamespaceCache::new(KindScope::Namespaced, namespace);
        for object in objects {
            let mut hold = Hold(&cache, object, false);
            kinds::for_each(&mut hold);
            assert!(hold.2, "no kind {} here", object["kind"]);
        }
        Self {
            cluster: cluster.to_owned(),
            cache: Arc::new(cache),
        }
    }
}
