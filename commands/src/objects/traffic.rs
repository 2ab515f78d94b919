//! What leads to pods and what scales and protects them: Services with their endpoints, Ingresses, autoscalers, budgets.

use serde::Deserialize;

use super::{Metadata, Pairs, SharedStr, null_as_default};

/// A Service.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it shall be.
    pub spec: ServiceSpec,
}

/// What a Service shall be.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ServiceSpec {
    /// `ClusterIP`, `ExternalName` …
    #[serde(rename = "type")]
    pub type_: SharedStr,
    /// Which pods it leads to; empty where somebody else says it.
    pub selector: Pairs,
    /// The address within the cluster; `None`, the word, where it has none of its own.
    #[serde(rename = "clusterIP")]
    pub cluster_ip: SharedStr,
    /// What it listens on.
    #[serde(deserialize_with = "null_as_default")]
    pub ports: Box<[ServicePort]>,
}

/// A port of a Service.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServicePort {
    /// Its name, where it has one.
    pub name: SharedStr,
    /// Its number.
    pub port: i32,
    /// The port of the pods that it leads to; the same number where it is not said.
    pub target_port: Option<TargetPort>,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: SharedStr,
    /// The number on every node, where it has one.
    pub node_port: Option<i32>,
}

/// A port of pods, as a Service names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum TargetPort {
    /// By its number.
    Number(i32),
    /// By the name that a container gives it.
    Name(SharedStr),
}

/// Some of the endpoints of a Service.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct EndpointSlice {
    /// Its metadata: a label names the Service.
    pub metadata: Metadata,
    /// The endpoints.
    #[serde(deserialize_with = "null_as_default")]
    pub endpoints: Box<[Endpoint]>,
}

/// An endpoint.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Endpoint {
    /// Its addresses.
    #[serde(deserialize_with = "null_as_default")]
    pub addresses: Box<[Box<str>]>,
    /// Whether it takes traffic.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: EndpointConditions,
    /// The pod behind it.
    pub target_ref: Option<TargetRef>,
}

/// Whether an endpoint takes traffic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EndpointConditions {
    /// It does; unknown counts as yes.
    pub ready: Option<bool>,
    /// It is on its way out.
    pub terminating: Option<bool>,
}

/// The object behind something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TargetRef {
    /// Its kind.
    pub kind: SharedStr,
    /// Its name.
    pub name: Box<str>,
}

/// An Ingress.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Ingress {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it shall be.
    pub spec: IngressSpec,
    /// Where it can be reached.
    pub status: IngressStatus,
}

/// Where an Ingress can be reached.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressStatus {
    /// Its addresses.
    #[serde(deserialize_with = "null_as_default")]
    pub load_balancer: LoadBalancer,
}

/// The addresses of an Ingress.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LoadBalancer {
    /// One by one.
    #[serde(deserialize_with = "null_as_default")]
    pub ingress: Box<[Address]>,
}

/// An address: one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Address {
    /// By number.
    pub ip: Option<Box<str>>,
    /// By name.
    pub hostname: Option<Box<str>>,
}

/// What an Ingress shall be.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressSpec {
    /// Who serves it; the cluster's own where it is not said.
    pub ingress_class_name: Option<SharedStr>,
    /// Where to when no rule fits.
    pub default_backend: Option<IngressBackend>,
    /// The certificates.
    #[serde(deserialize_with = "null_as_default")]
    pub tls: Box<[IngressTls]>,
    /// Where to from which host.
    #[serde(deserialize_with = "null_as_default")]
    pub rules: Box<[IngressRule]>,
}

/// Which certificate is for which hosts.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressTls {
    /// The hosts.
    #[serde(deserialize_with = "null_as_default")]
    pub hosts: Box<[Box<str>]>,
    /// The Secret that holds it; the controller's own where it is not said.
    pub secret_name: Option<Box<str>>,
}

/// Where requests to one host go.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IngressRule {
    /// The host; any where it is not said.
    pub host: Option<Box<str>>,
    /// By path.
    #[serde(deserialize_with = "null_as_default")]
    pub http: HttpRule,
}

/// Where requests go, by path.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct HttpRule {
    /// The paths.
    #[serde(deserialize_with = "null_as_default")]
    pub paths: Box<[HttpPath]>,
}

/// Where requests to one path go.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct HttpPath {
    /// The path; all of them where it is not said.
    pub path: Option<Box<str>>,
    /// To there.
    pub backend: IngressBackend,
}

/// Where requests go.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IngressBackend {
    /// To this Service.
    pub service: Option<ServiceBackend>,
}

/// A Service, as an Ingress names it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ServiceBackend {
    /// Its name.
    pub name: Box<str>,
    /// A port of it.
    pub port: BackendPort,
}

/// A port of a Service, by one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct BackendPort {
    /// By its name.
    pub name: SharedStr,
    /// By its number.
    pub number: i32,
}

/// A HorizontalPodAutoscaler.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct HorizontalPodAutoscaler {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it shall do.
    pub spec: AutoscalerSpec,
    /// What it does.
    pub status: AutoscalerStatus,
}

/// What an autoscaler shall do.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoscalerSpec {
    /// Whose count it sets.
    pub scale_target_ref: TargetRef,
    /// The fewest pods; one where it is not said.
    pub min_replicas: Option<i32>,
    /// The most pods.
    pub max_replicas: i32,
    /// By what.
    #[serde(deserialize_with = "null_as_default")]
    pub metrics: Box<[Metric]>,
}

/// What an autoscaler does.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoscalerStatus {
    /// How many pods there are.
    pub current_replicas: Option<i32>,
    /// How many it wants; 0 while it cannot tell.
    pub desired_replicas: i32,
    /// What it measured.
    #[serde(deserialize_with = "null_as_default")]
    pub current_metrics: Box<[Metric]>,
    /// What holds of it.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Box<[Condition]>,
}

/// A metric, wanted or measured; only resources are shown.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Metric {
    /// Of a resource.
    pub resource: Option<ResourceMetric>,
}

/// A metric of a resource.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ResourceMetric {
    /// `cpu`, `memory`.
    pub name: SharedStr,
    /// What is wanted.
    pub target: MetricValue,
    /// What was measured.
    pub current: MetricValue,
}

/// A value of a metric.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MetricValue {
    /// In percent of what is asked for.
    pub average_utilization: Option<i32>,
    /// Of each pod.
    pub average_value: Option<Box<str>>,
}

/// Something that holds of an object, or not.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Condition {
    /// What.
    #[serde(rename = "type")]
    pub type_: SharedStr,
    /// `True`, `False`, `Unknown`.
    pub status: SharedStr,
    /// Why, in a word.
    pub reason: Option<SharedStr>,
    /// Why, in a sentence.
    pub message: Option<Box<str>>,
    /// Since when.
    pub last_transition_time: Option<crate::model::Timestamp>,
}

/// A PodDisruptionBudget.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PodDisruptionBudget {
    /// Its metadata.
    pub metadata: Metadata,
    /// Which pods it protects.
    pub spec: BudgetSpec,
    /// What it allows now.
    pub status: BudgetStatus,
}

/// What a budget protects.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct BudgetSpec {
    /// Which pods.
    pub selector: super::LabelSelector,
}

/// What a budget allows now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BudgetStatus {
    /// So many pods may be evicted.
    pub disruptions_allowed: i32,
}
