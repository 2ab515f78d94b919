//! The tasks that keep the caches. One a kind and namespace, each with its own connection and patience: a slow or dead
//! cluster delays no other. None ends by itself.

use std::{
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt, StreamExt, future::BoxFuture};
use kube::{
    Api, Resource,
    runtime::watcher::{self, Event, watcher},
};
use tokio::{sync::watch, task::JoinSet, time::Instant};

use super::{
    Right,
    api_kind::KindScope,
    arriving::Arriving,
    caches::{CacheEvent, NamespaceCache},
    kinds::{self, ForEachKind, Watched},
    registry::{Cluster, Registry},
};
use crate::{model::Text, texts::unanswered as say};

/// How long the API server shall let a watch stay open, in seconds. A connection that died unnoticed is noticed after
/// this and five seconds more.
const WATCH_SECONDS: u32 = 60;
/// The first and the longest pause after a failure.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));
/// The pause after a missing right: only a person can mend it.
const FORBIDDEN_PAUSE: Duration = Duration::from_secs(30);
/// So many times a request's timeout the next object of a list may take.
const LIST_TIMEOUTS: u32 = 6;

/// So many objects come with one page of a list: what is held twice, as it came and as it is kept, is one page.
pub(super) const PAGE_SIZE: u32 = 100;

/// A watch with its name, for whoever supervises tasks.
pub type NamedTask = (String, BoxFuture<'static, ()>);

impl Registry {
    /// A task for each watch, named `watch:prod/ceoagent/pods`. None ends by itself; dropping one ends it.
    #[must_use]
    pub fn watches(&self) -> Vec<NamedTask> {
        let mut tasks = Vec::new();
        for cluster in self.all() {
            let mut add = |scope, cache| {
                kinds::for_each(&mut AddWatches {
                    cluster,
                    cache,
                    scope,
                    tasks: &mut tasks,
                });
            };
            cluster
                .caches
                .namespaces()
                .for_each(|cache| add(KindScope::Namespaced, cache));
            add(KindScope::Cluster, &cluster.caches.cluster_scope);
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

struct AddWatches<'a> {
    cluster: &'a Arc<Cluster>,
    cache: &'a Arc<NamespaceCache>,
    scope: KindScope,
    tasks: &'a mut Vec<NamedTask>,
}

impl ForEachKind for AddWatches<'_> {
    fn kind<K: Watched>(&mut self) {
        if K::API.scope != self.scope {
            return;
        }
        let watch = Watch::<K> {
            cluster: Arc::clone(self.cluster),
            cache: Arc::clone(self.cache),
            kind: PhantomData,
            in_pages: AtomicBool::new(false),
        };
        let place = [self.cluster.name(), &self.cache.namespace, K::API.plural];
        let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
        let name = format!("watch:{}", place.join("/"));
        self.tasks.push((name, async move { watch.run().await }.boxed()));
    }
}

struct Watch<K> {
    cluster: Arc<Cluster>,
    cache: Arc<NamespaceCache>,
    kind: PhantomData<fn() -> K>,
    /// Whether its lists come in pages, because this API server does not stream them.
    in_pages: AtomicBool,
}

/// Why a stream of events is left.
enum StreamEnd {
    /// The connection was replaced.
    NewConnection,
    /// A list did not come to an end.
    ListTooSlow,
    /// The API server refused to stream a list.
    NotStreamed,
    /// A watch broke off. A new one that starts where it ended says nothing until something changes, which may be never:
    /// only a list tells that the cluster is there again, and what it holds.
    Broken,
}

impl<K: Watched> Watch<K> {
    fn api(&self, client: kube::Client) -> Api<Arriving<K>> {
        match K::API.scope {
            KindScope::Namespaced => Api::namespaced_with(client, &self.cache.namespace, &()),
            KindScope::Cluster => Api::all_with(client, &()),
        }
    }

    /// What belongs to the cluster most installations give no right to list, which is no failure.
    async fn permitted(&self) {
        let wanted = Right {
            group: K::API.group,
            resource: K::API.plural,
            verbs: &["list", "watch"],
        };
        loop {
            match self.cluster.may(None, &wanted).await {
                Ok(missing) if missing.is_empty() => return,
                _ => tokio::time::sleep(FORBIDDEN_PAUSE * 4).await,
            }
        }
    }

    async fn run(&self) {
        if K::API.scope == KindScope::Cluster {
            self.permitted().await;
        }
        let mut epochs = self.cluster.epochs();
        let mut pause = BACKOFF.0;
        loop {
            epochs.borrow_and_update();
            match self.cluster.client().await {
                Ok(client) => match self.follow(self.api(client), &mut epochs, &mut pause).await {
                    StreamEnd::NewConnection => pause = BACKOFF.0,
                    StreamEnd::ListTooSlow => {
                        // Or the stream's end is never told.
                        self.in_pages.store(true, Ordering::Relaxed);
                        self.report_failure(say::list_too_slow(), false);
                    }
                    StreamEnd::NotStreamed => self.in_pages.store(true, Ordering::Relaxed),
                    StreamEnd::Broken => {}
                },
                Err(error) => {
                    self.report_failure(error.brief(), false);
                    self.back_off(&mut epochs, &mut pause).await;
                }
            }
        }
    }

    /// A streamed list is one request, whose objects come one by one from the API server's cache (`WatchList`, on by default
    /// since 1.32). An older one is asked for pages.
    fn config(&self) -> watcher::Config {
        let config = watcher::Config::default().timeout(WATCH_SECONDS);
        let config = if self.in_pages.load(Ordering::Relaxed) {
            config.page_size(PAGE_SIZE)
        } else {
            config.streaming_lists()
        };
        if K::API.only.is_empty() {
            config
        } else {
            config.fields(K::API.only)
        }
    }

    /// Follows one stream of events until it has to be left.
    async fn follow(
        &self,
        api: Api<Arriving<K>>,
        epochs: &mut watch::Receiver<u64>,
        pause: &mut Duration,
    ) -> StreamEnd {
        let mut events = std::pin::pin!(watcher(api, self.config()));
        let patience = self.cluster.timeout * LIST_TIMEOUTS;
        // Only while a list runs: later silence is normal.
        let mut list_ends = Some(Instant::now() + patience);
        loop {
            let too_slow = async {
                match list_ends {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let event = tokio::select! {
                _ = epochs.changed() => return StreamEnd::NewConnection,
                () = too_slow => return StreamEnd::ListTooSlow,
                event = events.next() => event,
            };
            match event {
                Some(Ok(event)) => {
                    match &event {
                        // A long list may take long, as long as its objects come.
                        Event::Init | Event::InitApply(_) => list_ends = Some(Instant::now() + patience),
                        Event::InitDone => list_ends = None,
                        _ => {}
                    }
                    self.apply(event);
                    if list_ends.is_none() {
                        *pause = BACKOFF.0;
                    }
                }
                Some(Err(error)) if !self.in_pages.load(Ordering::Relaxed) && does_not_stream(&error) => {
                    return StreamEnd::NotStreamed;
                }
                Some(Err(error)) => {
                    let for_good = is_for_good(&error);
                    self.report_failure(error_words(&error), for_good);
                    if for_good {
                        *pause = FORBIDDEN_PAUSE;
                    }
                    self.back_off(epochs, pause).await;
                    return StreamEnd::Broken;
                }
                None => return StreamEnd::NewConnection,
            }
        }
    }

    fn apply(&self, event: Event<Arriving<K>>) {
        let (heard, whole) = (!matches!(event, Event::Init), matches!(event, Event::InitDone));
        let name = match &event {
            Event::Apply(object) | Event::Delete(object) => object.meta().name.clone(),
            _ => None,
        };
        let visible = self.cache.store::<K>().apply(event);
        if heard {
            self.cache.record_progress(K::API.plural, whole);
        }
        if visible {
            self.cache.changed.send_modify(|n| *n += 1);
            // Nobody may be listening.
            let _ = self.cache.events.send(CacheEvent {
                kind: K::API.plural,
                name,
            });
        }
    }

    fn report_failure(&self, error: Text, optional: bool) {
        let (cluster, ns, kind) = (self.cluster.name(), self.cache.namespace.as_str(), K::API.plural);
        if self.cache.record_failure(kind, error.clone(), optional) {
            tracing::warn!(cluster, ns, kind, error = error.plain(), "a watch failed");
        }
    }

    /// Waits, longer each time, or until the connection was replaced.
    async fn back_off(&self, epochs: &mut watch::Receiver<u64>, pause: &mut Duration) {
        let jitter = rand::random_range(0.75..1.25);
        let mut retry = self.cache.retry.subscribe();
        tokio::select! {
            () = tokio::time::sleep(pause.mul_f64(jitter)) => {}
            // Somebody asks: the cluster may be there again.
            _ = retry.changed() => return,
            _ = epochs.changed() => epochs.mark_changed(),
        }
        if *pause < BACKOFF.1 {
            *pause = (*pause * 2).min(BACKOFF.1);
        }
    }
}

/// Whether only a person can mend it: a missing right, an API that the cluster does not have.
fn is_for_good(error: &watcher::Error) -> bool {
    status_of(error).is_some_and(|status| matches!(status.code, 403 | 404))
}

/// Whether a list was refused because it was to be streamed. API servers before `WatchList` answer 422, "sendInitialEvents is
/// forbidden for watch" or "resourceVersionMatch is forbidden for watch".
fn does_not_stream(error: &watcher::Error) -> bool {
    matches!(error, watcher::Error::WatchStartFailed(kube::Error::Api(status)) if matches!(status.code, 400 | 422))
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

fn error_words(error: &watcher::Error) -> Text {
    match (status_of(error), error) {
        (Some(status), _) => Text::from(format!("{} {}", status.code, status.message)),
        (
            None,
            watcher::Error::InitialListFailed(e)
            | watcher::Error::WatchStartFailed(e)
            | watcher::Error::WatchFailed(e),
        ) => super::no_answer::words_of(e),
        (None, other) => Text::from(other.to_string()),
    }
}
