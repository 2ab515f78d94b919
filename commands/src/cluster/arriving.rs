//! Objects on their way from the API server into a type of our own.

use std::borrow::Cow;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::DynamicResourceScope;
use serde::{Deserialize, Deserializer};

use super::api_kind::Kind;
use crate::objects::Object;

/// An object that came, with as much of the library's metadata as its watcher needs to go on from here.
#[derive(Debug, Clone)]
pub(super) struct Arriving<K> {
    metadata: ObjectMeta,
    object: K,
}

impl<K> Arriving<K> {
    /// The object, trimmed.
    pub(super) fn into_inner(self) -> K {
        self.object
    }
}

impl<'de, K: Object> Deserialize<'de> for Arriving<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = K::deserialize(deserializer)?;
        object.trim();
        let version = std::mem::take(&mut object.metadata_mut().resource_version);
        Ok(Self {
            metadata: ObjectMeta {
                name: Some(object.metadata().name.to_string()),
                resource_version: Some(version.into_string()),
                ..ObjectMeta::default()
            },
            object,
        })
    }
}

impl<K: Kind> kube::Resource for Arriving<K> {
    type DynamicType = ();
    // The table says at run time whether a kind is namespaced.
    type Scope = DynamicResourceScope;

    fn kind((): &()) -> Cow<'_, str> {
        K::API.kind.into()
    }

    fn group((): &()) -> Cow<'_, str> {
        K::API.group.into()
    }

    fn version((): &()) -> Cow<'_, str> {
        K::API.version.into()
    }

    fn plural((): &()) -> Cow<'_, str> {
        K::API.plural.into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// A page of a list.
#[derive(Deserialize)]
#[serde(bound = "K: Object")]
pub(super) struct Page<K> {
    #[serde(default)]
    pub(super) metadata: PageMetadata,
    pub(super) items: Option<Vec<Arriving<K>>>,
}

/// How a list goes on.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PageMetadata {
    /// Asks for the next page; absent or empty on the last one.
    pub(super) r#continue: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        health,
        objects::{Deployment, Pod},
    };

    fn pod() -> serde_json::Value {
        json!({
            "metadata": { "name": "p", "uid": "u", "annotations": { "long": "text" }, "labels": { "app": "x" },
                "resourceVersion": "7", "managedFields": [ { "manager": "kubelet" } ],
                "ownerReferences": [ { "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "o", "controller": true } ] },
            "spec": { "nodeName": "n", "volumes": [ { "name": "v" } ], "containers": [ { "name": "api", "image": "a:v1",
                "env": [ { "name": "PASSWORD", "value": "hidden" } ], "resources": { "limits": { "memory": "64Mi" } } } ] },
            "status": { "phase": "Running", "conditions": [
                    { "type": "PodScheduled", "status": "True" }, { "type": "Initialized", "status": "True" },
                    { "type": "Ready", "status": "False" } ],
                "containerStatuses": [ { "name": "api", "image": "a:v1", "imageID": "sha256:1", "ready": false, "restartCount": 4,
                    "containerID": "c", "state": { "waiting": { "reason": "CrashLoopBackOff" } },
                    "lastState": { "terminated": { "exitCode": 3, "reason": "Error", "finishedAt": "2026-11-22T20:02:25Z" } } } ] } })
    }

    #[test]
    fn a_kept_pod_is_told_as_the_whole_one() {
        let whole: Pod = serde_json::from_value(pod()).unwrap();
        let arrived: Arriving<Pod> = serde_json::from_value(pod()).unwrap();
        assert_eq!(
            kube::ResourceExt::resource_version(&arrived).as_deref(),
            Some("7")
        );
        let slim = arrived.into_inner();
        assert_eq!(health::state(&slim), health::state(&whole));
        assert!(!health::state(&slim).ready);
        assert_eq!(slim.metadata.controller().map(|o| &*o.uid), Some("o"));
        let text = format!("{slim:?}");
        assert!(
            text.contains("64Mi") && !text.contains("hidden") && !text.contains("kubelet"),
            "{text}"
        );
        assert_eq!(slim.status.conditions.len(), 2, "{text}");
    }

    /// Ten thousand of them shall be some ten megabytes.
    #[test]
    fn a_pod_is_small() {
        assert!(size_of::<Pod>() <= 384, "{}", size_of::<Pod>());
        assert!(size_of::<Deployment>() <= 512, "{}", size_of::<Deployment>());
    }
}
