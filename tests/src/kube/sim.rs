//! The simulated cluster as a test or the playground holds it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::access::{Rules, Users};
use super::execs::Execs;
use super::faults::Faults;
use super::key::Key;
use super::mutations::{Log, Mutation, Request};
use super::node::Node;
use super::server::{self, Api, Identity};
use super::store::Store;
use super::{controllers, defaults, namespaces};

/// How fast the cluster moves. Every wait of the simulator is one of these.
#[derive(Clone, Debug)]
pub struct Pace {
    /// From a change to the reaction of a controller.
    pub control: Duration,
    /// From creation to binding of a pod.
    pub schedule: Duration,
    /// Pulling an image.
    pub pull: Duration,
    /// Starting a container.
    pub start: Duration,
    /// From running to the first success of the readiness probe.
    pub ready: Duration,
    /// From deletion to removal of a pod (never longer than its grace period).
    pub terminate: Duration,
    /// The first pause before a crashed container is started again (10 s on a real node); doubled each time.
    pub crash_backoff_first: Duration,
    /// The longest such pause (5 min on a real node).
    pub crash_backoff_max: Duration,
    /// How often a watch that allows bookmarks gets one (about a minute on a real server).
    pub bookmark: Duration,
    /// One second of the cluster's deadlines (`progressDeadlineSeconds`, probe periods, `activeDeadlineSeconds`).
    pub second: Duration,
}

impl Pace {
    /// A few milliseconds each: for tests.
    pub fn fast() -> Pace {
        Pace {
            control: Duration::from_millis(1),
            schedule: Duration::from_millis(2),
            pull: Duration::from_millis(4),
            start: Duration::from_millis(4),
            ready: Duration::from_millis(6),
            terminate: Duration::from_millis(6),
            crash_backoff_first: Duration::from_millis(40),
            crash_backoff_max: Duration::from_millis(400),
            bookmark: Duration::from_millis(500),
            second: Duration::from_millis(40),
        }
    }

    /// Slow enough to watch: for the playground.
    pub fn leisurely() -> Pace {
        Pace {
            control: Duration::from_millis(100),
            schedule: Duration::from_millis(300),
            pull: Duration::from_millis(1500),
            start: Duration::from_millis(700),
            ready: Duration::from_secs(2),
            terminate: Duration::from_millis(1500),
            crash_backoff_first: Duration::from_secs(5),
            crash_backoff_max: Duration::from_secs(60),
            bookmark: Duration::from_secs(30),
            second: Duration::from_millis(500),
        }
    }
}

/// How to start a simulated cluster.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 for any.
    pub listen: SocketAddr,
    /// How fast the cluster moves.
    pub pace: Pace,
    /// Makes uids and generated names repeatable.
    pub seed: u64,
    /// The version that `/version` tells.
    pub version: String,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            pace: Pace::fast(),
            seed: rand::random(),
            version: "v1.36.2".into(),
        }
    }
}

/// A running simulated cluster. It stops when it is dropped or by [`KubeSim::stop`].
pub struct KubeSim {
    api: Arc<Api>,
    ca_pem: String,
    tasks: JoinSet<()>,
}

impl KubeSim {
    /// Binds, and starts the API server, the controllers and the node. There is a namespace `default`, and a user
    /// `admin` whose token is `admin`.
    ///
    /// # Errors
    /// When the address cannot be bound or no certificate can be made.
    pub async fn start(options: Options) -> anyhow::Result<KubeSim> {
        let store = Store::new(options.seed);
        let node = Node::new(&store, &options.pace, options.seed);
        let listener = TcpListener::bind(options.listen).await.context("listening")?;
        let address = listener.local_addr().context("the address")?;
        let Identity { ca_pem, acceptor } = Identity::new(address.ip())?;
        let api = Arc::new(Api {
            store: store.clone(),
            node: node.clone(),
            users: Users::default(),
            faults: Faults::default(),
            execs: Execs::default(),
            log: Log::default(),
            version: options.version,
            address: address.to_string(),
            bookmark: options.pace.bookmark,
        });
        api.users.add("admin", "admin", Rules::admin());
        let mut tasks = controllers::spawn(&store, &node, &options.pace);
        tasks.spawn(namespaces::run(store.clone()));
        tasks.spawn(server::serve(listener, acceptor, api.clone()));
        let sim = KubeSim { api, ca_pem, tasks };
        for namespace in ["default", "kube-system"] {
            sim.namespace(namespace)?;
        }
        Ok(sim)
    }

    /// Adds a namespace, unless it is there.
    ///
    /// # Errors
    /// When the store refuses it for another reason.
    pub fn namespace(&self, name: &str) -> anyhow::Result<()> {
        let key = Key::cluster("", "namespaces", name);
        if self.api.store.get_shared(&key).is_none() {
            let mut object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
            defaults::apply(&mut object);
            self.api.store.create(&key, object)?;
        }
        Ok(())
    }

    /// `https://IP:PORT`.
    pub fn url(&self) -> String {
        format!("https://{}", self.api.address)
    }

    /// The certificate of the authority that signed the server's.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Adds a user, or replaces the rights behind a token.
    pub fn add_user(&self, name: &str, token: &str, rules: Rules) {
        self.api.users.add(name, token, rules);
    }

    /// Makes a token invalid (401).
    pub fn revoke_token(&self, token: &str) {
        self.api.users.revoke(token);
    }

    /// A kubeconfig with one context, `sim`, for this token.
    pub fn kubeconfig(&self, token: &str) -> String {
        self.kubeconfig_for("sim", "default", token)
    }

    /// A kubeconfig whose context has this name and this default namespace.
    pub fn kubeconfig_for(&self, context: &str, namespace: &str, token: &str) -> String {
        let ca = base64::engine::general_purpose::STANDARD.encode(&self.ca_pem);
        let url = self.url();
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: {context}\nclusters:\n- name: {context}\n  cluster:\n    \
             server: {url}\n    certificate-authority-data: {ca}\nusers:\n- name: {context}\n  user:\n    \
             token: {token}\ncontexts:\n- name: {context}\n  context:\n    cluster: {context}\n    user: {context}\n    \
             namespace: {namespace}\n"
        )
    }

    /// The objects.
    pub fn store(&self) -> &Store {
        &self.api.store
    }

    /// The node.
    pub fn node(&self) -> &Node {
        &self.api.node
    }

    /// An object, if it is there.
    pub fn get(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<Value> {
        self.api
            .store
            .get(&Key::namespaced(group, plural, namespace, name))
    }

    /// Every write that came over HTTP, refused ones and dry runs included.
    pub fn mutations(&self) -> Vec<Mutation> {
        self.api.log.mutations()
    }

    /// Every request.
    pub fn requests(&self) -> Vec<Request> {
        self.api.log.requests()
    }

    /// How many requests there were, by user, verb and resource.
    pub fn request_counts(&self) -> BTreeMap<(String, String, String), usize> {
        self.api.log.counts()
    }

    /// Has every write that took effect looked at; what the guard says against one is collected.
    pub fn on_mutation(&self, guard: impl Fn(&Mutation) -> Result<(), String> + Send + Sync + 'static) {
        self.api.log.guard(guard);
    }

    /// What the guard complained of.
    pub fn violations(&self) -> Vec<String> {
        self.api.log.violations()
    }

    /// What goes wrong on purpose.
    pub fn faults(&self) -> &Faults {
        &self.api.faults
    }

    /// What commands in containers answer, and which were run.
    pub fn execs(&self) -> &Execs {
        &self.api.execs
    }

    /// Stops everything; open connections are dropped.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}
