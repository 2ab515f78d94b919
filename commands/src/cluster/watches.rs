//! The tasks that keep the caches. One a kind and namespace, each with its own connection and patience: a slow or dead
//! cluster delays no other. None ends by itself.

use std::{fmt::Debug, sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt, future::BoxFuture};
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope};
use kube::{
    Api, Resource,
    runtime::watcher::{self, Event, watcher},
};
use serde::de::DeserializeOwned;
use tokio::{sync::watch, task::JoinSet, time::Instant};

use super::{
    Right,
    caches::{Change, Space},
    registry::{Cluster, Registry},
    store::Store,
    trim::Trim,
};

/// How long the API server shall let a watch stay open, in seconds. A connection that died unnoticed is noticed after
/// this and five seconds more.
const WATCH_SECONDS: u32 = 60;
/// The first and the longest pause after a failure.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));
/// The pause after a missing right: only a person can mend it.
const FORBIDDEN_PAUSE: Duration = Duration::from_secs(30);
/// So many times a request's timeout a whole list may take.
const LIST_TIMEOUTS: u32 = 6;

/// A watch with its name, for whoever supervises tasks.
pub type NamedTask = (String, BoxFuture<'static, ()>);

impl Registry {
    /// A task for each watch, named `watch:prod/ceoagent/pods`. None ends by itself; dropping one ends it.
    #[must_use]
    pub fn watches(&self) -> Vec<NamedTask> {
        let mut tasks = Vec::new();
        for cluster in self.all() {
            for space in cluster.caches.spaces() {
                of_namespace(cluster, space, &mut tasks);
            }
            let (cluster, space) = (Arc::clone(cluster), Arc::clone(&cluster.caches.whole));
            let name = format!("watch:{}/nodes", cluster.name());
            tasks.push((name, async move { nodes(cluster, space).await }.boxed()));
        }
        tasks
    }

    /// Spawns all of [`Registry::watches`]; a task that ends gives its name.
    pub fn spawn_watches(&self, tasks: &mut JoinSet<String>) {
        for (name, task) in self.watches() {
            tasks.spawn(async move {
                task.await;
                name
            });
        }
    }
}

fn of_namespace(cluster: &Arc<Cluster>, space: &Arc<Space>, tasks: &mut Vec<NamedTask>) {
    let mut watch = Watches {
        cluster,
        space,
        tasks,
    };
    watch.add(|s| &s.deployments);
    watch.add(|s| &s.replica_sets);
    watch.add(|s| &s.stateful_sets);
    watch.add(|s| &s.daemon_sets);
    watch.add(|s| &s.controller_revisions);
    watch.add(|s| &s.pods);
    watch.add(|s| &s.services);
    watch.add(|s| &s.endpoint_slices);
    watch.add(|s| &s.autoscalers);
    watch.add(|s| &s.ingresses);
    watch.add(|s| &s.budgets);
}

struct Watches<'a> {
    cluster: &'a Arc<Cluster>,
    space: &'a Arc<Space>,
    tasks: &'a mut Vec<NamedTask>,
}

/// What a watch is about: a plural that lives as long as the program, as k8s-openapi's constants do.
trait Watched:
    Resource<DynamicType = ()>
    + k8s_openapi::Resource
    + Trim
    + Clone
    + Debug
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}
impl<K> Watched for K where
    K: Resource<DynamicType = ()>
        + k8s_openapi::Resource
        + Trim
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

impl Watches<'_> {
    fn add<K>(&mut self, store: fn(&Space) -> &Store<K>)
    where
        K: Watched + Resource<Scope = NamespaceResourceScope>,
    {
        let kind = <K as k8s_openapi::Resource>::URL_PATH_SEGMENT;
        let (cluster, space) = (Arc::clone(self.cluster), Arc::clone(self.space));
        let name = format!("watch:{}/{}/{kind}", cluster.name(), space.namespace);
        let task = async move {
            let namespace = space.namespace.clone();
            let watch = Watch {
                cluster,
                space,
                store,
                kind,
            };
            watch.keep(|client| Api::namespaced(client, &namespace)).await;
        };
        self.tasks.push((name, task.boxed()));
    }
}

/// Nodes belong to the cluster: most installations give no right to list them, which is no failure.
async fn nodes(cluster: Arc<Cluster>, space: Arc<Space>) {
    let wanted = Right {
        group: "",
        resource: "nodes",
        verbs: &["list", "watch"],
    };
    loop {
        match cluster.may(None, &wanted).await {
            Ok(missing) if missing.is_empty() => break,
            _ => tokio::time::sleep(FORBIDDEN_PAUSE * 4).await,
        }
    }
    watch_nodes(cluster, space).await;
}

async fn watch_nodes(cluster: Arc<Cluster>, space: Arc<Space>) {
    fn all<K: Resource<DynamicType = (), Scope = ClusterResourceScope>>(client: kube::Client) -> Api<K> {
        Api::all(client)
    }
    let watch = Watch {
        cluster,
        space,
        store: |s| &s.nodes,
        kind: "nodes",
    };
    watch.keep(all).await;
}

struct Watch<K: Trim + 'static> {
    cluster: Arc<Cluster>,
    space: Arc<Space>,
    store: fn(&Space) -> &Store<K>,
    kind: &'static str,
}

/// Why a stream of events is left.
enum Left {
    /// The connection was replaced.
    NewConnection,
    /// A list did not come to an end.
    ListTooSlow,
    /// A watch broke off. A new one that starts where it ended says nothing until something changes, which may be never:
    /// only a list tells that the cluster is there again, and what it holds.
    Broken,
}

impl<K: Watched> Watch<K> {
    async fn keep(&self, api: impl Fn(kube::Client) -> Api<K>) {
        let mut epochs = self.cluster.epochs();
        let mut pause = PAUSES.0;
        loop {
            epochs.borrow_and_update();
            match self.cluster.client().await {
                Ok(client) => match self.follow(api(client), &mut epochs, &mut pause).await {
                    Left::NewConnection => pause = PAUSES.0,
                    Left::ListTooSlow => self.failed("a list took too long".to_owned(), false),
                    Left::Broken => {}
                },
                Err(error) => {
                    self.failed(error.to_string(), false);
                    self.rest(&mut epochs, &mut pause).await;
                }
            }
        }
    }

    /// Follows one stream of events until it has to be left.
    async fn follow(&self, api: Api<K>, epochs: &mut watch::Receiver<u64>, pause: &mut Duration) -> Left {
        let config = watcher::Config::default().timeout(WATCH_SECONDS);
        let mut events = std::pin::pin!(watcher(api, config));
        // Only while a list runs: later silence is normal.
        let mut list_ends: Option<Instant> = None;
        loop {
            let too_slow = async {
                match list_ends {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let event = tokio::select! {
                _ = epochs.changed() => return Left::NewConnection,
                () = too_slow => return Left::ListTooSlow,
                event = events.next() => event,
            };
            match event {
                Some(Ok(event)) => {
                    match &event {
                        Event::Init => {
                            list_ends = Some(Instant::now() + self.cluster.timeout * LIST_TIMEOUTS)
                        }
                        Event::InitDone => list_ends = None,
                        _ => {}
                    }
                    self.take(event);
                    if list_ends.is_none() {
                        *pause = PAUSES.0;
                    }
                }
                Some(Err(error)) => {
                    let for_good = is_for_good(&error);
                    self.failed(error_words(&error), for_good);
                    if for_good {
                        *pause = FORBIDDEN_PAUSE;
                    }
                    self.rest(epochs, pause).await;
                    return Left::Broken;
                }
                None => return Left::NewConnection,
            }
        }
    }

    fn take(&self, event: Event<K>) {
        let (heard, whole) = (!matches!(event, Event::Init), matches!(event, Event::InitDone));
        let name = match &event {
            Event::Apply(object) | Event::Delete(object) => object.meta().name.clone(),
            _ => None,
        };
        let visible = (self.store)(&self.space).apply(event);
        if heard {
            self.space.heard(self.kind, whole);
        }
        if visible {
            self.space.changed.send_modify(|n| *n += 1);
            // Nobody may be listening.
            let _ = self.space.changes.send(Change {
                kind: self.kind,
                name,
            });
        }
    }

    fn failed(&self, error: String, optional: bool) {
        let (cluster, ns, kind) = (self.cluster.name(), self.space.namespace.as_str(), self.kind);
        if self.space.failed(kind, error.clone(), optional) {
            tracing::warn!(cluster, ns, kind, error, "a watch failed");
        }
    }

    /// Waits, longer each time, or until the connection was replaced.
    async fn rest(&self, epochs: &mut watch::Receiver<u64>, pause: &mut Duration) {
        let jitter = rand::random_range(0.75..1.25);
        tokio::select! {
            () = tokio::time::sleep(pause.mul_f64(jitter)) => {}
            _ = epochs.changed() => epochs.mark_changed(),
        }
        if *pause < PAUSES.1 {
            *pause = (*pause * 2).min(PAUSES.1);
        }
    }
}

/// Whether only a person can mend it: a missing right, an API that the cluster does not have.
fn is_for_good(error: &watcher::Error) -> bool {
    status_of(error).is_some_and(|status| matches!(status.code, 403 | 404))
}

fn status_of(error: &watcher::Error) -> Option<&kube::core::Status> {
    match error {
        watcher::Error::WatchError(status) => Some(status),
        watcher::Error::InitialListFailed(kube::Error::Api(status))
        | watcher::Error::WatchStartFailed(kube::Error::Api(status))
        | watcher::Error::WatchFailed(kube::Error::Api(status)) => Some(status),
        _ => None,
    }
}

fn error_words(error: &watcher::Error) -> String {
    match (status_of(error), error) {
        (Some(status), _) => format!("{} {}", status.code, status.message),
        (
            None,
            watcher::Error::InitialListFailed(e)
            | watcher::Error::WatchStartFailed(e)
            | watcher::Error::WatchFailed(e),
        ) => super::broken::words_of(e),
        (None, other) => other.to_string(),
    }
}
