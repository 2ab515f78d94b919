//! What people and programs write into the cluster past the bot: `kubectl`, in the words of the API.

use k8s_openapi::api::{
    apps::v1::{DaemonSet, Deployment, StatefulSet},
    core::v1::{Pod, ResourceQuota},
};
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use rand::{Rng as _, seq::IndexedRandom as _};
use serde_json::{Value, json};

use crate::story::{Step, Story};

/// The quota that keeps the scratch space of greedy workloads.
pub(crate) const QUOTA: &str = "scratch";

impl Story<'_> {
    /// A new image that does as it is told.
    pub(crate) fn image(&mut self) -> String {
        self.images += 1;
        let image = format!("docker.io/local/{}:v{}", self.name, self.images);
        self.sim.image(&image);
        image
    }

    pub(crate) async fn make(&mut self) {
        let image = self.image();
        let mut object = json!({
            "metadata": {"name": self.name, "labels": {"app": self.name}},
            "spec": {
                "selector": {"matchLabels": {"app": self.name}},
                "template": {
                    "metadata": {"labels": {"app": self.name}},
                    "spec": {
                        "terminationGracePeriodSeconds": 1,
                        "containers": [{"name": "api", "image": image,
                            "ports": [{"containerPort": 8000}],
                            "readinessProbe": {"httpGet": {"path": "/health", "port": 8000}, "periodSeconds": 1},
                            "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"memory": "64Mi"}}}],
                    },
                },
            },
        });
        let container = &mut object["spec"]["template"]["spec"]["containers"][0];
        if self.random.random_bool(0.3) {
            container["livenessProbe"] =
                json!({"tcpSocket": {"port": 8000}, "periodSeconds": 1, "failureThreshold": 2});
        }
        if self.random.random_bool(0.2) {
            container["startupProbe"] =
                json!({"tcpSocket": {"port": 8000}, "periodSeconds": 1, "failureThreshold": 50});
        }
        if self.greedy {
            container["resources"]["requests"]["ephemeral-storage"] = json!("1");
        }
        if self.kind != "daemonset" {
            object["spec"]["replicas"] = json!(self.random.random_range(1..=3));
        }
        if self.kind == "statefulset" {
            object["spec"]["serviceName"] = json!(self.name);
        }
        // One in four is replaced in the other way that its kind has.
        if self.random.random_bool(0.25) {
            match self.kind {
                "deployment" => object["spec"]["strategy"] = json!({"type": "Recreate"}),
                _ => object["spec"]["updateStrategy"] = json!({"type": "OnDelete"}),
            }
        }
        // In an outage nothing is made, and the story goes on about something that is not there.
        let _ = match self.kind {
            "deployment" => self.create::<Deployment>(object).await,
            "statefulset" => self.create::<StatefulSet>(object).await,
            _ => self.create::<DaemonSet>(object).await,
        };
    }

    pub(crate) async fn create<K>(&self, object: Value) -> anyhow::Result<()>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>
            + Clone
            + std::fmt::Debug
            + serde::Serialize
            + serde::de::DeserializeOwned,
        K::DynamicType: Default,
    {
        let object: K = serde_json::from_value(object)?;
        let api = self.stage.cluster.api::<K>();
        api.create(&PostParams::default(), &object).await?;
        Ok(())
    }

    /// A new image that works; what else was broken is mended with it.
    pub(crate) async fn good(&mut self) {
        let image = self.image();
        self.template(&json!({"name": "api", "image": image, "env": [{"$patch": "replace"}]}))
            .await;
    }

    /// As `kubectl rollout undo` leaves it: the image before the last one.
    pub(crate) async fn undo(&mut self) {
        let before = self.images.saturating_sub(1).max(1);
        let image = format!("docker.io/local/{}:v{before}", self.name);
        self.set_image(&image).await;
    }

    pub(crate) async fn set_image(&self, image: &str) {
        self.template(&json!({"name": "api", "image": image})).await;
    }

    /// Changes something of the container.
    pub(crate) async fn template(&self, container: &Value) {
        let patch = json!({"spec": {"template": {"spec": {"containers": [container]}}}});
        self.patch(&patch, "kubectl-set").await;
    }

    pub(crate) async fn harm_a_pod(&mut self, step: Step) {
        let namespace = self.stage.cluster.namespace();
        let pods = self.sim.pod_names(namespace, &format!("{}-*", self.name));
        let Some(pod) = pods.choose(&mut self.random) else {
            return;
        };
        if matches!(step, Step::PodDeleted) {
            let pods = self.stage.cluster.api::<Pod>();
            // Gone already: nothing to harm.
            let _ = pods.delete(pod, &DeleteParams::default()).await;
        } else {
            self.sim.crash_pod(namespace, pod, 7, &["panic: out of luck"]);
        }
    }

    pub(crate) async fn patch(&self, patch: &Value, manager: &str) {
        let params = by(manager);
        let patch = Patch::Strategic(patch);
        let cluster = self.stage.cluster;
        // In an outage people's commands fail too; the story goes on.
        let _ = match self.kind {
            "deployment" => cluster
                .api::<Deployment>()
                .patch(&self.name, &params, &patch)
                .await
                .map(|_| ()),
            "statefulset" => cluster
                .api::<StatefulSet>()
                .patch(&self.name, &params, &patch)
                .await
                .map(|_| ()),
            _ => cluster
                .api::<DaemonSet>()
                .patch(&self.name, &params, &patch)
                .await
                .map(|_| ()),
        };
    }

    /// Sets how much scratch space there is for all.
    pub(crate) async fn quota(&self, hard: u32) {
        let patch = json!({"spec": {"hard": {"requests.ephemeral-storage": hard.to_string()}}});
        let quotas = self.stage.cluster.api::<ResourceQuota>();
        // In an outage it stays as it is.
        let _ = quotas
            .patch(QUOTA, &by("kubectl-edit"), &Patch::Merge(&patch))
            .await;
    }

    /// `kubectl delete`
    pub(crate) async fn delete(&self) {
        let (cluster, params) = (self.stage.cluster, DeleteParams::default());
        let _ = match self.kind {
            "deployment" => cluster
                .api::<Deployment>()
                .delete(&self.name, &params)
                .await
                .map(|_| ()),
            "statefulset" => cluster
                .api::<StatefulSet>()
                .delete(&self.name, &params)
                .await
                .map(|_| ()),
            _ => cluster
                .api::<DaemonSet>()
                .delete(&self.name, &params)
                .await
                .map(|_| ()),
        };
    }
}

fn by(manager: &str) -> PatchParams {
    PatchParams {
        field_manager: Some(manager.to_owned()),
        ..PatchParams::default()
    }
}
