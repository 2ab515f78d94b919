//! Objects of Kubernetes as the bot holds them: what status, diagnosis and waits read of them, and no more. They decode from
//! the API server's JSON; what repeats is held once. Ten thousand pods are some ten megabytes so, instead of hundreds.

mod json;
mod meta;
mod network;
mod occupant;
mod other;
mod pod;
mod record;
mod shared;
mod storage;
mod traffic;
mod workload;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};

pub use json::Json;
pub use meta::{ManagedFields, Metadata, OwnerReference, Pairs, SpecParts};
pub use network::{IngressClass, NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule, PolicySpec};
pub use occupant::{
    Affinity, NodeAffinity, NodePort, Occupant, OccupantContainer, OccupantSpec, PodTerm, PodTerms, Spread,
    Toleration,
};
pub use other::{
    Event, EventSeries, InvolvedObject, Job, JobSpec, JobStatus, Node, NodeInfo, NodeSpec, NodeStatus,
    Secret, Taint, event_time,
};
pub use pod::{
    Container, ContainerPort, ContainerState, ContainerStatus, Pod, PodCondition, PodSpec, PodStatus, Probe,
    Resources, Running, Terminated, Waiting,
};
pub use record::{ConfigRecord, SecretRecord, Written};
pub use shared::{Pool, Pooled, Shared, SharedStr};
pub use storage::{
    AttachmentSource, AttachmentSpec, AttachmentStatus, ByteSize, Certificate, CertificateData, ClaimOwner,
    ClaimSpec, ClaimStatus, ConfigMap, ContainerMetrics, CronJob, CronJobSpec, CronJobStatus, LimitRange,
    LimitRangeItem, LimitRangeSpec, Logins, NodeTerm, NodeTerms, PersistentVolume, PersistentVolumeClaim,
    PodMetrics, PullSecret, QuotaStatus, ResourceQuota, SecretKeys, StorageClass, TextSize, VolumeAttachment,
    VolumeNodes, VolumeSpec, VolumeStatus,
};
pub use traffic::{
    Address, AutoscalerSpec, AutoscalerStatus, BackendPort, BudgetSpec, BudgetStatus, Condition, Endpoint,
    EndpointConditions, EndpointSlice, HorizontalPodAutoscaler, HttpPath, HttpRule, Ingress, IngressBackend,
    IngressRule, IngressSpec, IngressStatus, IngressTls, LoadBalancer, Metric, MetricValue,
    PodDisruptionBudget, ResourceMetric, Service, ServiceBackend, ServicePort, ServiceSpec, TargetPort,
    TargetRef,
};
pub use workload::{
    ControllerRevision, DaemonSet, DaemonSetSpec, DaemonSetStatus, Deployment, DeploymentCondition,
    DeploymentSpec, DeploymentStatus, LabelSelector, PodTemplate, ReplicaSet, ReplicaSetSpec,
    ReplicaSetStatus, Requirement, RollingUpdate, StatefulSet, StatefulSetSpec, StatefulSetStatus,
    TemplateMetadata, TemplateParts, TemplateSpec, UpdateStrategy,
};

/// An object of Kubernetes.
pub trait Object: DeserializeOwned + Clone + std::fmt::Debug + Send + Sync + 'static {
    /// Its metadata.
    fn metadata(&self) -> &Metadata;

    /// Its metadata, to change it.
    fn metadata_mut(&mut self) -> &mut Metadata;

    /// Drops what came along and nobody reads.
    fn trim(&mut self);

    /// How many pods it shall have, of a kind where somebody says so.
    fn replicas(&self) -> Option<i32> {
        None
    }
}

/// Who changed what is told of workloads only.
fn trim_metadata(metadata: &mut Metadata) {
    metadata.managed_fields = Box::default();
}

/// Metadata as it came.
fn keep_history(_: &mut Metadata) {}

/// Metadata without annotations.
fn trim_annotations(metadata: &mut Metadata) {
    trim_metadata(metadata);
    metadata.annotations = Pairs::default();
}

macro_rules! objects {
    ($($kind:ident: $trim:ident $(, counted by $spec:ident)?;)*) => { $(impl Object for $kind {
        fn metadata(&self) -> &Metadata {
            &self.metadata
        }

        fn metadata_mut(&mut self) -> &mut Metadata {
            &mut self.metadata
        }

        fn trim(&mut self) {
            $trim(&mut self.metadata);
        }

        $(fn replicas(&self) -> Option<i32> {
            Some(self.$spec.replicas.unwrap_or(1))
        })?
    })* };
}

objects! {
    Deployment: keep_history, counted by spec;
    StatefulSet: keep_history, counted by spec;
    DaemonSet: keep_history;
    ReplicaSet: trim_metadata;
    ControllerRevision: trim_metadata;
    Service: trim_metadata;
    EndpointSlice: trim_metadata;
    Ingress: trim_metadata;
    HorizontalPodAutoscaler: trim_metadata;
    PodDisruptionBudget: trim_metadata;
    Node: trim_annotations;
    Event: trim_annotations;
    Job: trim_metadata;
    Secret: trim_annotations;
    SecretKeys: trim_annotations;
    Certificate: trim_annotations;
    ConfigMap: trim_annotations;
    CronJob: trim_metadata;
    ConfigRecord: keep_history;
    SecretRecord: keep_history;
    PersistentVolumeClaim: trim_metadata;
    PersistentVolume: trim_annotations;
    StorageClass: trim_metadata;
    NetworkPolicy: trim_annotations;
    IngressClass: trim_metadata;
    ResourceQuota: trim_metadata;
    LimitRange: trim_metadata;
    PodMetrics: trim_metadata;
    Occupant: trim_annotations;
    PullSecret: trim_annotations;
    VolumeAttachment: trim_annotations;
}

/// The API server writes `null` for what is empty, here and there.
fn null_as_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
