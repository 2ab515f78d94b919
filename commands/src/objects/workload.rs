//! The workloads and the revisions that they keep. Pod templates stay text until somebody compares or writes one.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Deserialize;

use super::{Container, Json, Metadata, Pairs, Shared, SharedStr, null_as_default};
use crate::model::Timestamp;

/// A Deployment.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Deployment {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it shall be.
    pub spec: DeploymentSpec,
    /// How it is.
    pub status: DeploymentStatus,
}

/// What a Deployment shall be.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentSpec {
    /// How many pods; one where it is not said.
    pub replicas: Option<i32>,
    /// Whether its rollout is paused.
    #[serde(deserialize_with = "null_as_default")]
    pub paused: bool,
    /// How long a rollout may make no progress, in seconds; 600 where it is not said.
    pub progress_deadline_seconds: Option<u32>,
    /// Which pods are its own.
    pub selector: LabelSelector,
    /// How pods are replaced.
    pub strategy: UpdateStrategy,
    /// What its pods are made from.
    pub template: PodTemplate,
}

/// How a Deployment is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the API's own fields, documented there")]
pub struct DeploymentStatus {
    pub observed_generation: Option<i64>,
    pub replicas: Option<i32>,
    pub updated_replicas: Option<i32>,
    pub ready_replicas: Option<i32>,
    pub available_replicas: Option<i32>,
    pub terminating_replicas: Option<i32>,
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Box<[DeploymentCondition]>,
}

/// Something that holds of a Deployment, or not.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentCondition {
    /// What: `Progressing`, `Available`, `ReplicaFailure`.
    #[serde(rename = "type")]
    pub type_: SharedStr,
    /// `True`, `False`, `Unknown`.
    pub status: SharedStr,
    /// Why, in a word.
    pub reason: SharedStr,
    /// Why, in a sentence.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Box<str>,
    /// When it was last written.
    pub last_update_time: Option<Timestamp>,
    /// When it last turned.
    pub last_transition_time: Option<Timestamp>,
}

/// A StatefulSet.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct StatefulSet {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it shall be.
    pub spec: StatefulSetSpec,
    /// How it is.
    pub status: StatefulSetStatus,
}

/// What a StatefulSet shall be.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatefulSetSpec {
    /// How many pods; one where it is not said.
    pub replicas: Option<i32>,
    /// Which pods are its own.
    pub selector: LabelSelector,
    /// How pods are replaced.
    pub update_strategy: UpdateStrategy,
    /// What its pods are made from.
    pub template: PodTemplate,
}

/// How a StatefulSet is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the API's own fields, documented there")]
pub struct StatefulSetStatus {
    pub observed_generation: Option<i64>,
    pub replicas: i32,
    pub updated_replicas: Option<i32>,
    pub ready_replicas: Option<i32>,
    pub available_replicas: Option<i32>,
    pub current_replicas: Option<i32>,
    pub current_revision: Option<Box<str>>,
    pub update_revision: Option<Box<str>>,
}

/// A DaemonSet.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct DaemonSet {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it shall be.
    pub spec: DaemonSetSpec,
    /// How it is.
    pub status: DaemonSetStatus,
}

/// What a DaemonSet shall be.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DaemonSetSpec {
    /// Which pods are its own.
    pub selector: LabelSelector,
    /// How pods are replaced.
    pub update_strategy: UpdateStrategy,
    /// What its pods are made from.
    pub template: PodTemplate,
}

/// How a DaemonSet is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the API's own fields, documented there")]
pub struct DaemonSetStatus {
    pub observed_generation: Option<i64>,
    pub desired_number_scheduled: i32,
    pub current_number_scheduled: i32,
    pub updated_number_scheduled: Option<i32>,
    pub number_ready: i32,
    pub number_available: Option<i32>,
}

/// How pods are replaced; of the three kinds of workload each uses some of it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateStrategy {
    /// `RollingUpdate`, `Recreate`, `OnDelete`.
    #[serde(rename = "type")]
    pub type_: SharedStr,
    /// The bounds of a rolling update.
    #[serde(deserialize_with = "null_as_default")]
    pub rolling_update: RollingUpdate,
}

/// The bounds of a rolling update.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RollingUpdate {
    /// So many may be missing.
    pub max_unavailable: Option<IntOrString>,
    /// So many may be there beyond.
    pub max_surge: Option<IntOrString>,
    /// Pods with a lower number stay as they are.
    pub partition: Option<i32>,
}

/// Which objects are meant, by their labels.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelector {
    /// These labels.
    pub match_labels: Pairs,
    /// And what these say.
    #[serde(deserialize_with = "null_as_default")]
    pub match_expressions: Box<[Requirement]>,
}

/// What a label must be like.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Requirement {
    /// The label.
    pub key: SharedStr,
    /// `In`, `NotIn`, `Exists`, `DoesNotExist`.
    pub operator: SharedStr,
    /// The values.
    #[serde(deserialize_with = "null_as_default")]
    pub values: Box<[SharedStr]>,
}

/// What pods are made from, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct PodTemplate(Json);

/// What is shown of a pod template.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct TemplateParts {
    /// The metadata of its pods.
    pub metadata: TemplateMetadata,
    /// Their containers.
    pub spec: TemplateSpec,
}

/// The metadata that pods get from a template.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct TemplateMetadata {
    /// Labels.
    pub labels: Pairs,
    /// Annotations.
    pub annotations: Pairs,
}

/// The containers that pods get from a template.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TemplateSpec {
    /// Containers.
    pub containers: Shared<[Container]>,
    /// Init containers.
    pub init_containers: Shared<[Container]>,
}

impl PodTemplate {
    /// All of it; null when there is none.
    #[must_use]
    pub fn value(&self) -> serde_json::Value {
        self.0.value()
    }

    /// What is shown of it.
    #[must_use]
    pub fn parts(&self) -> TemplateParts {
        self.0.read().unwrap_or_default()
    }
}

/// A ReplicaSet: a revision of a Deployment.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ReplicaSet {
    /// Its metadata.
    pub metadata: Metadata,
    /// What its pods are made from.
    pub spec: ReplicaSetSpec,
    /// How many there are.
    pub status: ReplicaSetStatus,
}

/// What a ReplicaSet shall be.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ReplicaSetSpec {
    /// What its pods are made from.
    pub template: PodTemplate,
}

/// How a ReplicaSet is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ReplicaSetStatus {
    /// How many pods there are.
    pub replicas: i32,
}

/// A ControllerRevision: a revision of a StatefulSet or a DaemonSet.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ControllerRevision {
    /// Its metadata.
    pub metadata: Metadata,
    /// Its number.
    pub revision: i64,
    /// The template, as a patch of the workload.
    pub data: Json,
}
