//! Looking at the cluster, and waiting for it.

use std::time::Duration;

use serde_json::Value;

use crate::kube::controllers::meta::{name, namespace, replicas, text};
use crate::kube::key::Key;
use crate::kube::node::Node;
use crate::kube::node::behaviour::glob;
use crate::kube::store;

impl Node {
    /// The names of the pods of a namespace whose names fit a pattern, in order.
    pub fn pod_names(&self, place: &str, pattern: &str) -> Vec<String> {
        let (pods, _) = self.store().list_shared("", "pods", Some(place));
        let fitting = pods
            .iter()
            .filter(|pod| namespace(pod) == place && glob(pattern, name(pod)));
        fitting.map(|pod| name(pod).to_owned()).collect()
    }

    /// Waits until what `look` sees is true, looking at each change of the cluster; false after `within`.
    pub async fn reaches(&self, within: Duration, look: impl Fn(&store::Store) -> bool) -> bool {
        let deadline = tokio::time::Instant::now() + within;
        let mut changes = self.store().changes();
        loop {
            if look(self.store()) {
                return true;
            }
            match tokio::time::timeout_at(deadline, changes.changed()).await {
                Ok(Ok(())) => {}
                _ => return look(self.store()),
            }
        }
    }

    /// Waits until a workload (`deployments`, `statefulsets`, `daemonsets`) has rolled out, as `kubectl rollout
    /// status` decides it; false after `within`.
    pub async fn rolled_out(&self, place: &str, plural: &str, workload: &str, within: Duration) -> bool {
        let key = Key::namespaced("apps", plural, place, workload);
        self.reaches(within, |store| {
            store
                .get_shared(&key)
                .is_some_and(|workload| is_rolled_out(&workload))
        })
        .await
    }
}

fn is_rolled_out(workload: &Value) -> bool {
    let count = |field: &str| workload["status"][field].as_i64().unwrap_or(0);
    if count("observedGeneration") < workload["metadata"]["generation"].as_i64().unwrap_or(0) {
        return false;
    }
    let desired = replicas(workload);
    match text(workload, "/kind") {
        "DaemonSet" => {
            let desired = count("desiredNumberScheduled");
            count("updatedNumberScheduled") == desired && count("numberAvailable") == desired
        }
        "StatefulSet" => {
            count("updatedReplicas") == desired
                && count("readyReplicas") == desired
                && workload["status"]["currentRevision"] == workload["status"]["updateRevision"]
        }
        _ => {
            count("updatedReplicas") == desired
                && count("replicas") == desired
                && count("availableReplicas") == desired
        }
    }
}
