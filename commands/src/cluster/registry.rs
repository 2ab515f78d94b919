//! The clusters of the settings. Each has a connection of its own: one that is slow, dead or misconfigured delays no other,
//! is told when it is used, and is tried again then.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use kube::{
    Client, Config,
    client::ClientBuilder,
    config::{KubeConfigOptions, Kubeconfig, KubeconfigError},
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tower::timeout::TimeoutLayer;

use super::{ClusterError, api_kind::KindScope, caches::Caches};
use crate::{
    model::{Scope, Text},
    texts::unanswered as say,
};

/// A cluster as the settings name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterConfig {
    /// What people call it.
    pub name: String,
    /// Where its kubeconfig is. Absent: in-cluster, else the default chain (`KUBECONFIG`, `~/.kube/config`).
    pub kubeconfig: Option<PathBuf>,
    /// Which context of that; absent: the current one.
    pub context: Option<String>,
    /// The namespaces that are watched, and outside of which nothing is read or written.
    pub namespaces: Vec<String>,
    /// Whether people depend on it.
    pub production: bool,
}

/// Told of every request to a cluster, for metrics.
pub trait Observer: Send + Sync {
    /// A request ended. `verb` and `outcome` come from closed lists: `ok` or [`ClusterError::word`].
    fn request(&self, cluster: &str, verb: &'static str, outcome: &'static str, took: Duration);
}

/// Observes nothing.
struct NoObserver;

impl Observer for NoObserver {
    fn request(&self, _: &str, _: &'static str, _: &'static str, _: Duration) {}
}

/// All clusters. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    clusters: Arc<[Arc<Cluster>]>,
}

impl Registry {
    /// Reads each cluster's kubeconfig. Opens no connection, so a dead cluster takes no time here; a broken kubeconfig is
    /// told when its cluster is used. `timeout` holds for each request.
    pub async fn connect(configs: Vec<ClusterConfig>, timeout: Duration) -> Self {
        Self::observed(configs, timeout, Arc::new(NoObserver)).await
    }

    /// As [`Registry::connect`], with somebody told of each request.
    pub async fn observed(
        configs: Vec<ClusterConfig>,
        timeout: Duration,
        observer: Arc<dyn Observer>,
    ) -> Self {
        // Two providers in one process make rustls panic; an error here only says that one is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clusters: Vec<Arc<Cluster>> = configs
            .into_iter()
            .map(|config| Arc::new(Cluster::new(config, timeout, Arc::clone(&observer))))
            .collect();
        futures::future::join_all(clusters.iter().map(|c| c.connect())).await;
        Self {
            clusters: clusters.into(),
        }
    }

    /// Reads every kubeconfig again, as on SIGHUP. Watches go over to the new connections.
    pub async fn reload(&self) {
        futures::future::join_all(self.clusters.iter().map(|c| c.connect())).await;
    }

    pub(super) fn all(&self) -> &[Arc<Cluster>] {
        &self.clusters
    }

    /// A cluster by its name.
    pub(super) fn cluster(&self, name: &str) -> Result<&Arc<Cluster>, ClusterError> {
        self.clusters
            .iter()
            .find(|c| c.config.name == name)
            .ok_or_else(|| ClusterError::UnknownCluster {
                name: name.to_owned(),
                known: self.clusters.iter().map(|c| c.config.name.clone()).collect(),
            })
    }

    /// The cluster of a scope in which objects of a kind live: those of namespaces are looked at in namespaces that the
    /// settings open, and never in all at once.
    pub(super) fn of(&self, scope: &Scope, kind: KindScope) -> Result<&Arc<Cluster>, ClusterError> {
        match (&scope.namespace, kind) {
            (None, KindScope::Cluster) => self.cluster(&scope.cluster),
            (namespace, _) => self.in_namespace(&scope.cluster, namespace.as_deref().unwrap_or_default()),
        }
    }

    /// A cluster by its name, once it is known that the settings open this namespace of it.
    pub(super) fn in_namespace(&self, cluster: &str, namespace: &str) -> Result<&Arc<Cluster>, ClusterError> {
        let found = self.cluster(cluster)?;
        if found.config.namespaces.iter().any(|ns| ns == namespace) {
            return Ok(found);
        }
        Err(ClusterError::OutsideSettings {
            cluster: cluster.to_owned(),
            namespace: namespace.to_owned(),
            known: found.config.namespaces.clone(),
        })
    }
}

/// One cluster with its connection and its caches.
pub(super) struct Cluster {
    pub(super) config: ClusterConfig,
    pub(super) timeout: Duration,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) caches: Caches,
    connection: RwLock<Result<Client, Text>>,
    /// Grows with each new connection, so that watches notice.
    epoch: watch::Sender<u64>,
}

impl Cluster {
    fn new(config: ClusterConfig, timeout: Duration, observer: Arc<dyn Observer>) -> Self {
        Self {
            caches: Caches::new(&config.namespaces),
            config,
            timeout,
            observer,
            connection: RwLock::new(Err(say::not_connected_yet())),
            epoch: watch::Sender::new(0),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.config.name
    }

    /// Tells when the connection was replaced.
    pub(super) fn epochs(&self) -> watch::Receiver<u64> {
        self.epoch.subscribe()
    }

    /// Reads the kubeconfig and makes a client of it. A client that works stays until another one is there.
    async fn connect(&self) {
        let made = match tokio::time::timeout(self.timeout, load(&self.config)).await {
            Ok(Ok(config)) => self.client_of(config),
            Ok(Err(detail)) => Err(detail),
            Err(_) => Err(say::kubeconfig_too_slow()),
        };
        let works = made.is_ok();
        {
            let mut connection = self.connection.write().unwrap_or_else(PoisonError::into_inner);
            if let Err(detail) = &made {
                if connection.as_ref().err() != Some(detail) {
                    tracing::warn!(
                        cluster = self.name(),
                        detail = detail.plain(),
                        "the settings of a cluster do not work"
                    );
                }
                if connection.is_ok() {
                    return;
                }
            }
            *connection = made;
        }
        // Only then: waking every watch for a failure would make each of them try, fail, and wake the others.
        if works {
            self.epoch.send_modify(|n| *n += 1);
        }
    }

    fn client_of(&self, mut config: Config) -> Result<Client, Text> {
        config.connect_timeout = Some(self.timeout);
        config.write_timeout = Some(self.timeout);
        // The library would repeat writes on 504, and wait for up to a quarter of an hour.
        config.default_retry = false;
        let builder = ClientBuilder::try_from(config).map_err(|e| Text::from(e.to_string()))?;
        // Until the head of the answer: a watch or a log may then stay open for as long as it likes.
        Ok(builder.with_layer(&TimeoutLayer::new(self.timeout)).build())
    }

    /// The connection; made anew when there is none, or when its certificate is about to end.
    pub(super) async fn client(&self) -> Result<Client, ClusterError> {
        match self.current_client() {
            Ok(client) if !ends_soon(&client) => return Ok(client),
            _ => self.connect().await,
        }
        self.current_client()
            .map_err(|detail| ClusterError::Misconfigured {
                cluster: self.name().to_owned(),
                detail,
            })
    }

    fn current_client(&self) -> Result<Client, Text> {
        self.connection
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What is wrong with the connection's settings, when something is.
    pub(super) fn connection_error(&self) -> Option<Text> {
        self.current_client().err()
    }
}

/// Whether a kubeconfig says that any certificate is taken for the API server's (`insecure-skip-tls-verify`).
pub async fn skips_verification(config: &ClusterConfig) -> bool {
    load(config).await.is_ok_and(|config| config.accept_invalid_certs)
}

fn ends_soon(client: &Client) -> bool {
    client
        .valid_until()
        .is_some_and(|until| until.duration_since(jiff::Timestamp::now()).as_secs() < 30)
}

async fn load(config: &ClusterConfig) -> Result<Config, Text> {
    let options = KubeConfigOptions {
        context: config.context.clone(),
        ..KubeConfigOptions::default()
    };
    if let Some(path) = &config.kubeconfig {
        let path = path.clone();
        let read = tokio::task::spawn_blocking(move || Kubeconfig::read_from(path))
            .await
            .map_err(|e| Text::from(e.to_string()))?
            .map_err(|e| words(&e))?;
        return Config::from_custom_kubeconfig(read, &options)
            .await
            .map_err(|e| words(&e));
    }
    if config.context.is_none() && std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() {
        return Config::incluster().map_err(|e| Text::from(e.to_string()));
    }
    Config::from_kubeconfig(&options).await.map_err(|e| words(&e))
}

/// A parser's words can quote what it read, tokens included.
fn words(error: &KubeconfigError) -> Text {
    match error {
        KubeconfigError::Parse(_) => say::kubeconfig_no_yaml(),
        other => Text::from(other.to_string()),
    }
}
