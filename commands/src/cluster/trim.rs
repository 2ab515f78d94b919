//! What a cache keeps of an object. Ten thousand pods as the client library's types are over 200 MB. What status, waits and
//! watchers read of them, kept as text, is about 12.

use std::sync::Arc;

use k8s_openapi::{
    api::{
        apps::v1::{ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet},
        autoscaling::v2::HorizontalPodAutoscaler,
        core::v1::{Container, Node, Pod, PodSpec, Service},
        discovery::v1::EndpointSlice,
        networking::v1::Ingress,
        policy::v1::PodDisruptionBudget,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use super::fields;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// How a kind is kept in a cache.
pub(super) trait Trim: Sized {
    /// What is kept of an object.
    type Kept: Clone;
    /// Drops what nobody reads from a cache.
    fn trim(&mut self);
    /// Keeps what is left.
    fn keep(self) -> Self::Kept;
    /// Gives it back.
    fn give(kept: &Self::Kept) -> Option<Arc<Self>>;
}

/// Metadata without the history of its fields.
fn plain(metadata: &mut ObjectMeta) {
    metadata.managed_fields = None;
    common(metadata);
}

/// Metadata with as much of the history as says who changed the spec last.
fn with_history(metadata: &mut ObjectMeta) {
    if let Some(entries) = &mut metadata.managed_fields {
        entries.retain(|e| e.subresource.as_deref() != Some("status"));
        for entry in entries.iter_mut() {
            if let Some(kept) = &mut entry.fields_v1 {
                kept.0 = fields::reduced(&kept.0);
            }
        }
        entries.shrink_to_fit();
    }
    common(metadata);
}

fn common(metadata: &mut ObjectMeta) {
    metadata.self_link = None;
    metadata.generate_name = None;
    metadata.owner_references.iter_mut().for_each(Vec::shrink_to_fit);
    if let Some(annotations) = &mut metadata.annotations {
        annotations.remove(LAST_APPLIED);
    }
    if metadata
        .annotations
        .as_ref()
        .is_some_and(std::collections::BTreeMap::is_empty)
    {
        metadata.annotations = None;
    }
}

/// Most kinds are few: they are kept as they are.
macro_rules! keep_whole {
    () => {
        type Kept = Arc<Self>;
        fn keep(self) -> Self::Kept {
            Arc::new(self)
        }
        fn give(kept: &Self::Kept) -> Option<Arc<Self>> {
            Some(Arc::clone(kept))
        }
    };
}

macro_rules! trim_metadata {
    ($how:ident: $($kind:ty),*) => { $(impl Trim for $kind {
        keep_whole!();
        fn trim(&mut self) {
            $how(&mut self.metadata);
        }
    })* };
}
trim_metadata!(with_history: Deployment, StatefulSet, DaemonSet);
trim_metadata!(plain: ReplicaSet, ControllerRevision, Service, HorizontalPodAutoscaler, Ingress, PodDisruptionBudget);

impl Trim for EndpointSlice {
    keep_whole!();
    fn trim(&mut self) {
        plain(&mut self.metadata);
        for endpoint in &mut self.endpoints {
            endpoint.hints = None;
            endpoint.zone = None;
        }
    }
}

impl Trim for Node {
    keep_whole!();
    fn trim(&mut self) {
        plain(&mut self.metadata);
        self.metadata.annotations = None;
        if let Some(status) = &mut self.status {
            status.images = None;
            status.volumes_attached = None;
            status.volumes_in_use = None;
        }
    }
}

impl Trim for Pod {
    /// Its JSON: the type itself takes five kilobytes, most of them for fields that are empty.
    type Kept = Arc<[u8]>;

    fn keep(self) -> Self::Kept {
        // Types made by a derive from JSON always turn into JSON again.
        serde_json::to_vec(&self).unwrap_or_default().into()
    }

    fn give(kept: &Self::Kept) -> Option<Arc<Self>> {
        serde_json::from_slice(kept).ok().map(Arc::new)
    }

    fn trim(&mut self) {
        plain(&mut self.metadata);
        self.metadata.annotations = None;
        if let Some(spec) = &mut self.spec {
            *spec = slim_spec(spec);
        }
        let Some(status) = &mut self.status else { return };
        status.host_ip = None;
        status.host_ips = None;
        status.pod_ips = None;
        if let Some(conditions) = &mut status.conditions {
            // True conditions but these two say nothing that they do not.
            conditions.retain(|c| matches!(c.type_.as_str(), "Ready" | "Initialized") || c.status != "True");
        }
        for container in status
            .container_statuses
            .iter_mut()
            .chain(status.init_container_statuses.iter_mut())
            .flatten()
        {
            container.container_id = None;
            container.volume_mounts = None;
            container.allocated_resources = None;
            container.allocated_resources_status = None;
            container.resources = None;
            container.user = None;
        }
    }
}

/// Containers with what is asked of them, without what is long.
fn slim_spec(spec: &PodSpec) -> PodSpec {
    PodSpec {
        node_name: spec.node_name.clone(),
        restart_policy: spec.restart_policy.clone(),
        readiness_gates: spec.readiness_gates.clone(),
        init_containers: spec
            .init_containers
            .as_ref()
            .map(|all| all.iter().map(slim_container).collect()),
        containers: spec.containers.iter().map(slim_container).collect(),
        ..PodSpec::default()
    }
}

fn slim_container(container: &Container) -> Container {
    Container {
        name: container.name.clone(),
        image: container.image.clone(),
        resources: container.resources.clone(),
        // A restartable init container is a sidecar, and counts as one in the pod's state.
        restart_policy: container.restart_policy.clone(),
        ..Container::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::health;

    fn pod() -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": "p", "uid": "u", "annotations": { "long": "text" }, "labels": { "app": "x" },
                "managedFields": [ { "manager": "kubelet" } ],
                "ownerReferences": [ { "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "o", "controller": true } ] },
            "spec": { "nodeName": "n", "volumes": [ { "name": "v" } ], "containers": [ { "name": "api", "image": "a:v1",
                "env": [ { "name": "PASSWORD", "value": "hidden" } ], "resources": { "limits": { "memory": "64Mi" } } } ] },
            "status": { "phase": "Running", "conditions": [
                    { "type": "PodScheduled", "status": "True" }, { "type": "Initialized", "status": "True" },
                    { "type": "Ready", "status": "False" } ],
                "containerStatuses": [ { "name": "api", "image": "a:v1", "imageID": "sha256:1", "ready": false, "restartCount": 4,
                    "containerID": "c", "state": { "waiting": { "reason": "CrashLoopBackOff" } },
                    "lastState": { "terminated": { "exitCode": 3, "reason": "Error", "finishedAt": "2026-11-22T20:02:25Z" } } } ] } }))
        .unwrap()
    }

    #[test]
    fn a_kept_pod_is_told_as_the_whole_one() {
        let whole = pod();
        let mut slim = pod();
        slim.trim();
        let kept = slim.keep();
        let given = Pod::give(&kept).unwrap();
        assert_eq!(health::state(&given), health::state(&whole));
        assert!(health::why_not_ready(Some(&given)).is_some());
        assert_eq!(given.metadata.owner_references, whole.metadata.owner_references);
        let text = String::from_utf8(kept.to_vec()).unwrap();
        assert!(
            text.contains("64Mi") && !text.contains("hidden") && !text.contains("managedFields"),
            "{text}"
        );
        assert!(text.len() < 1100, "{}: {text}", text.len());
    }
}
