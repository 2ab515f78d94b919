//! The cluster of a test: the simulated one, or the real one that `CEO_TEST_KUBECONFIG` names. What a person with kubectl
//! would do is done here with a client of its own, so that a test reads the same against both.

use std::{
    path::{Path, PathBuf},
    sync::Once,
    time::Duration,
};

use anyhow::{Context, bail};
use k8s_openapi::api::{
    apps::v1::{DaemonSet, Deployment, StatefulSet},
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{Namespace, Pod},
};
use kube::{
    Api, Client, Config,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::{Value, json};

use super::{PATIENCE, until};
use crate::kube::{
    access::Rules,
    sim::{KubeSim, Options},
};

/// The user of the bot's token in the simulated cluster.
pub const BOT_USER: &str = "system:serviceaccount:ceo:ceo-bot";
/// The variable that names a real cluster's kubeconfig.
pub(super) const REAL: &str = "CEO_TEST_KUBECONFIG";

/// Names and numbers that are drawn anew each run: meaning is compared, never bytes.
#[derive(Debug, Clone)]
pub struct Draw {
    /// The name of the application.
    pub app: String,
    /// How many pods.
    pub replicas: i32,
    /// The first image.
    pub old: &'static str,
    /// The next one.
    pub new: &'static str,
}

impl Draw {
    fn new() -> Self {
        let versions = [
            "docker.io/local/api:v1.0.0",
            "docker.io/local/api:v1.1.0",
            "docker.io/local/api:v1.2.0",
        ];
        let first = rand::random_range(0..versions.len());
        let second = (first + rand::random_range(1..versions.len())) % versions.len();
        Self {
            app: format!("api-{:04x}", rand::random::<u16>()),
            replicas: rand::random_range(2..=4),
            old: versions[first],
            new: versions[second],
        }
    }
}

/// A cluster with a namespace of its own for the test.
pub struct Cluster {
    sim: Option<KubeSim>,
    /// What a person with kubectl uses.
    pub client: Client,
    kubeconfig: PathBuf,
    namespace: String,
    bot_token: Option<String>,
    /// What this test's names are.
    pub draw: Draw,
}

impl Cluster {
    pub(super) async fn open(dir: &Path) -> anyhow::Result<Self> {
        static RING: Once = Once::new();
        RING.call_once(|| {
            // An error only says that a provider is there already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let namespace = format!("ceo-test-{:06x}", rand::random::<u32>() & 0x00ff_ffff);
        match std::env::var_os(REAL) {
            Some(path) => Self::real(PathBuf::from(path), namespace).await,
            None => Self::simulated(dir, namespace).await,
        }
    }

    async fn simulated(dir: &Path, namespace: String) -> anyhow::Result<Self> {
        let sim = KubeSim::start(Options::default()).await?;
        let person = format!("person-{:016x}", rand::random::<u64>());
        let bot = format!(
            "bot-token-{:016x}{:016x}",
            rand::random::<u64>(),
            rand::random::<u64>()
        );
        sim.add_user("somebody", &person, Rules::admin());
        sim.add_user(BOT_USER, &bot, Rules::admin());
        let kubeconfig = dir.join("kubeconfig");
        std::fs::write(&kubeconfig, sim.kubeconfig(&bot))?;
        let client = client(Kubeconfig::from_yaml(&sim.kubeconfig(&person))?).await?;
        let mut cluster = Self {
            sim: Some(sim),
            client,
            kubeconfig,
            namespace,
            bot_token: Some(bot),
            draw: Draw::new(),
        };
        cluster.make_namespace().await?;
        Ok(cluster)
    }

    /// Set but unreachable is a failure, not a reason to skip.
    async fn real(kubeconfig: PathBuf, namespace: String) -> anyhow::Result<Self> {
        let client = client(Kubeconfig::read_from(&kubeconfig)?).await?;
        let version = client
            .apiserver_version()
            .await
            .with_context(|| format!("the cluster of {REAL}"))?;
        println!("real cluster {}, namespace {namespace}", version.git_version);
        let mut cluster = Self {
            sim: None,
            client,
            kubeconfig,
            namespace,
            bot_token: None,
            draw: Draw::new(),
        };
        cluster.make_namespace().await?;
        Ok(cluster)
    }

    async fn make_namespace(&mut self) -> anyhow::Result<()> {
        let object = serde_json::from_value(json!({"metadata": {"name": self.namespace}}))?;
        let api: Api<Namespace> = Api::all(self.client.clone());
        api.create(&PostParams::default(), &object).await?;
        Ok(())
    }

    pub(super) async fn close(&mut self) -> anyhow::Result<()> {
        let api: Api<Namespace> = Api::all(self.client.clone());
        if self.sim.is_none() {
            let _ = api.delete(&self.namespace, &DeleteParams::default()).await;
            return Ok(());
        }
        if let Some(sim) = self.sim.take() {
            println!("the simulated cluster answered {} requests", sim.requests().len());
            sim.stop().await;
        }
        Ok(())
    }

    /// The simulator.
    ///
    /// # Errors
    /// When the cluster is a real one: what only a simulator can do is no part of such a run.
    pub fn sim(&self) -> anyhow::Result<&KubeSim> {
        self.sim.as_ref().context("this needs the simulated cluster")
    }

    /// Gives the bot other rights.
    ///
    /// # Errors
    /// When the cluster is a real one.
    pub fn restrict(&self, rules: Rules) -> anyhow::Result<()> {
        let token = self.bot_token.as_deref().context("the bot has no token here")?;
        self.sim()?.add_user(BOT_USER, token, rules);
        Ok(())
    }

    /// Whether the cluster is a real one; says so, for tests that then leave something out.
    #[must_use]
    pub fn is_real(&self) -> bool {
        if self.sim.is_none() {
            println!("left out on a real cluster");
        }
        self.sim.is_none()
    }

    /// What the settings call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        "prod"
    }

    /// The test's namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(super) fn namespaces(&self) -> Vec<String> {
        vec![self.namespace.clone()]
    }

    pub(super) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The credentials that the bot has for it.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        self.bot_token.iter().cloned().collect()
    }

    pub(super) fn violations(&self) -> Vec<String> {
        self.sim.as_ref().map(KubeSim::violations).unwrap_or_default()
    }

    /// A typed interface to the namespace.
    #[must_use]
    pub fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Creates the drawn Deployment with its first image, and waits until it serves.
    ///
    /// # Errors
    /// When it does not.
    pub async fn deploy(&self) -> anyhow::Result<String> {
        let draw = self.draw.clone();
        self.deploy_as(&draw.app, draw.replicas, draw.old).await?;
        Ok(draw.app)
    }

    /// Creates the drawn Deployment with its first image, rolls out the next one, and waits until that serves.
    ///
    /// # Errors
    /// When either does not.
    pub async fn deploy_two_revisions(&self) -> anyhow::Result<String> {
        let app = self.deploy().await?;
        self.set_image("deployment", &app, self.draw.new).await?;
        self.rolled_out(&app).await?;
        Ok(app)
    }

    /// Creates a Deployment, and waits until it serves.
    ///
    /// # Errors
    /// When it does not.
    pub async fn deploy_as(&self, name: &str, replicas: i32, image: &str) -> anyhow::Result<()> {
        let object = serde_json::from_value(workload("Deployment", name, Some(replicas), image))?;
        self.api::<Deployment>()
            .create(&PostParams::default(), &object)
            .await?;
        self.rolled_out(name).await
    }

    /// Creates a StatefulSet, and waits until it serves.
    ///
    /// # Errors
    /// When it does not.
    pub async fn stateful(&self, name: &str, replicas: i32, image: &str) -> anyhow::Result<()> {
        let mut object = workload("StatefulSet", name, Some(replicas), image);
        object["spec"]["serviceName"] = json!(name);
        self.api::<StatefulSet>()
            .create(&PostParams::default(), &serde_json::from_value(object)?)
            .await?;
        self.stateful_rolled_out(name).await
    }

    /// Creates a DaemonSet, and waits until it serves.
    ///
    /// # Errors
    /// When it does not.
    pub async fn daemon(&self, name: &str, image: &str) -> anyhow::Result<()> {
        let object = workload("DaemonSet", name, None, image);
        self.api::<DaemonSet>()
            .create(&PostParams::default(), &serde_json::from_value(object)?)
            .await?;
        self.daemon_rolled_out(name).await
    }

    /// `kubectl set image`, by strategic merge patch as kubectl does it. Waits for nothing.
    ///
    /// # Errors
    /// When the cluster says no.
    pub async fn set_image(&self, kind: &str, name: &str, image: &str) -> anyhow::Result<()> {
        let patch =
            json!({"spec": {"template": {"spec": {"containers": [{"name": "api", "image": image}]}}}});
        let params = PatchParams {
            field_manager: Some("kubectl-set".to_owned()),
            ..PatchParams::default()
        };
        let patch = Patch::Strategic(patch);
        match kind {
            "deployment" => self
                .api::<Deployment>()
                .patch(name, &params, &patch)
                .await
                .map(|_| ())?,
            "statefulset" => self
                .api::<StatefulSet>()
                .patch(name, &params, &patch)
                .await
                .map(|_| ())?,
            "daemonset" => self
                .api::<DaemonSet>()
                .patch(name, &params, &patch)
                .await
                .map(|_| ())?,
            other => bail!("no kind {other}"),
        }
        Ok(())
    }

    /// Creates an HPA over a Deployment.
    ///
    /// # Errors
    /// When the cluster says no.
    pub async fn autoscale(&self, name: &str, min: i32, max: i32) -> anyhow::Result<()> {
        let object = serde_json::from_value(json!({
            "metadata": {"name": format!("{name}-hpa")},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
                "minReplicas": min, "maxReplicas": max,
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}],
            },
        }))?;
        self.api::<HorizontalPodAutoscaler>()
            .create(&PostParams::default(), &object)
            .await?;
        Ok(())
    }

    /// A merge patch of a Deployment by a person with kubectl.
    ///
    /// # Errors
    /// When the cluster says no.
    pub async fn merge(&self, name: &str, patch: Value) -> anyhow::Result<()> {
        let params = PatchParams {
            field_manager: Some("kubectl-edit".to_owned()),
            ..PatchParams::default()
        };
        self.api::<Deployment>()
            .patch(name, &params, &Patch::Merge(patch))
            .await?;
        Ok(())
    }

    /// The Deployment now.
    ///
    /// # Errors
    /// When there is none.
    pub async fn deployment(&self, name: &str) -> anyhow::Result<Deployment> {
        Ok(self.api::<Deployment>().get(name).await?)
    }

    /// The image of the first container of a Deployment.
    ///
    /// # Errors
    /// When there is none.
    pub async fn image(&self, name: &str) -> anyhow::Result<String> {
        let object = serde_json::to_value(self.deployment(name).await?)?;
        let image = object
            .pointer("/spec/template/spec/containers/0/image")
            .and_then(Value::as_str);
        Ok(image.context("no image")?.to_owned())
    }

    /// The pods of an application.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub async fn pods(&self, app: &str) -> anyhow::Result<Vec<Pod>> {
        Ok(self
            .api::<Pod>()
            .list(&ListParams::default().labels(&format!("app={app}")))
            .await?
            .items)
    }

    /// Waits until a Deployment is as asked for.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn rolled_out(&self, name: &str) -> anyhow::Result<()> {
        self.reaches(name, |d| {
            let want = d.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1);
            let Some(s) = d.status.as_ref() else { return false };
            s.observed_generation == d.metadata.generation
                && s.updated_replicas.unwrap_or(0) == want
                && s.available_replicas.unwrap_or(0) == want
                && s.replicas.unwrap_or(0) == want
        })
        .await
    }

    /// Waits until a Deployment fits.
    ///
    /// # Errors
    /// When it does not.
    pub async fn reaches(&self, name: &str, fits: impl Fn(&Deployment) -> bool) -> anyhow::Result<()> {
        let api = self.api::<Deployment>();
        let look = || async {
            let object = api.get(name).await?;
            Ok(fits(&object).then_some(()))
        };
        until(self.patience(), look)
            .await
            .with_context(|| format!("deployment/{name}"))
    }

    /// Waits until a StatefulSet is as asked for.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn stateful_rolled_out(&self, name: &str) -> anyhow::Result<()> {
        let api = self.api::<StatefulSet>();
        let look = || async {
            let object = api.get(name).await?;
            let want = object.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1);
            let done = object.status.as_ref().is_some_and(|s| {
                s.observed_generation == object.metadata.generation
                    && s.ready_replicas.unwrap_or(0) == want
                    && s.update_revision == s.current_revision
            });
            Ok(done.then_some(()))
        };
        until(self.patience(), look)
            .await
            .with_context(|| format!("statefulset/{name}"))
    }

    /// Waits until a DaemonSet is as asked for.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn daemon_rolled_out(&self, name: &str) -> anyhow::Result<()> {
        let api = self.api::<DaemonSet>();
        let look = || async {
            let object = api.get(name).await?;
            let done = object.status.as_ref().is_some_and(|s| {
                s.observed_generation == object.metadata.generation
                    && s.desired_number_scheduled > 0
                    && s.updated_number_scheduled.unwrap_or(0) == s.desired_number_scheduled
                    && s.number_available.unwrap_or(0) == s.desired_number_scheduled
            });
            Ok(done.then_some(()))
        };
        until(self.patience(), look)
            .await
            .with_context(|| format!("daemonset/{name}"))
    }

    /// A real cluster pulls, starts and probes in its own time.
    fn patience(&self) -> Duration {
        if self.sim.is_some() {
            PATIENCE
        } else {
            PATIENCE * 4
        }
    }
}

async fn client(config: Kubeconfig) -> anyhow::Result<Client> {
    let config = Config::from_custom_kubeconfig(config, &KubeConfigOptions::default()).await?;
    Ok(Client::try_from(config)?)
}

/// The application of the manual, small: one container `api` on port 8000 that answers `/health`.
fn workload(kind: &str, name: &str, replicas: Option<i32>, image: &str) -> Value {
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": kind,
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {
                    "terminationGracePeriodSeconds": 1,
                    "automountServiceAccountToken": false,
                    "containers": [{
                        "name": "api", "image": image, "imagePullPolicy": "IfNotPresent",
                        "ports": [{"containerPort": 8000}],
                        "readinessProbe": {"httpGet": {"path": "/health", "port": 8000}, "periodSeconds": 1},
                        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
                    }],
                },
            },
        },
    });
    if let Some(replicas) = replicas {
        object["spec"]["replicas"] = json!(replicas);
    }
    object
}
