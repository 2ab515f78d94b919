//! A pod as the scheduler sees it: what it takes of its node, and whom it keeps away.

use serde::Deserialize;

use super::{LabelSelector, Metadata, NodeTerms, Pairs, Resources, SharedStr, null_as_default};

/// A pod, of which only is read what decides where it and others may be.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Occupant {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it asks for.
    pub spec: OccupantSpec,
}

/// What a pod asks of its node.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OccupantSpec {
    /// Its node; empty until it has one.
    pub node_name: SharedStr,
    /// The labels that its node must have.
    pub node_selector: Pairs,
    /// The taints that it bears.
    #[serde(deserialize_with = "null_as_default")]
    pub tolerations: Box<[Toleration]>,
    /// Near what, and far from what.
    #[serde(deserialize_with = "null_as_default")]
    pub affinity: Affinity,
    /// How evenly it wants to be spread.
    #[serde(deserialize_with = "null_as_default")]
    pub topology_spread_constraints: Box<[Spread]>,
    /// Its containers.
    pub containers: Box<[OccupantContainer]>,
    /// What runs before them, and sidecars.
    #[serde(deserialize_with = "null_as_default")]
    pub init_containers: Box<[OccupantContainer]>,
    /// What its sandbox takes beside them.
    pub overhead: Pairs,
}

/// A container of it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OccupantContainer {
    /// `Always` makes a sidecar of an init container.
    pub restart_policy: SharedStr,
    /// What it asks for.
    pub resources: Resources,
    /// The ports of its node that it takes.
    #[serde(deserialize_with = "null_as_default")]
    pub ports: Box<[NodePort]>,
}

/// A port of a node that a container takes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodePort {
    /// Which; 0 for none.
    pub host_port: i32,
    /// `TCP`, which it is where it is not said.
    pub protocol: SharedStr,
}

/// A taint that a pod bears.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Toleration {
    /// Its key; empty for any.
    pub key: SharedStr,
    /// `Equal`, which it is where it is not said, or `Exists`.
    pub operator: SharedStr,
    /// Its value.
    pub value: SharedStr,
    /// Its effect; empty for any.
    pub effect: SharedStr,
}

/// Near what a pod must be, and far from what.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Affinity {
    /// What its node must be like.
    #[serde(deserialize_with = "null_as_default")]
    pub node_affinity: NodeAffinity,
    /// The pods that must be near.
    #[serde(deserialize_with = "null_as_default")]
    pub pod_affinity: PodTerms,
    /// The pods that must be far.
    #[serde(deserialize_with = "null_as_default")]
    pub pod_anti_affinity: PodTerms,
}

/// What a node must be like.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NodeAffinity {
    /// While a node is looked for.
    #[serde(
        rename = "requiredDuringSchedulingIgnoredDuringExecution",
        deserialize_with = "null_as_default"
    )]
    pub required: NodeTerms,
}

/// Pods that must be near or far.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PodTerms {
    /// While a node is looked for: all of them.
    #[serde(
        rename = "requiredDuringSchedulingIgnoredDuringExecution",
        deserialize_with = "null_as_default"
    )]
    pub required: Box<[PodTerm]>,
}

/// Some pods, and what counts as one place.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodTerm {
    /// Which pods; none where it is not said.
    pub label_selector: Option<LabelSelector>,
    /// Of these namespaces; of the pod's own where none is said.
    #[serde(deserialize_with = "null_as_default")]
    pub namespaces: Box<[SharedStr]>,
    /// Or of namespaces with such labels.
    pub namespace_selector: Option<LabelSelector>,
    /// Nodes with the same value of this label are one place.
    pub topology_key: SharedStr,
}

/// How evenly pods are spread.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spread {
    /// So many more there may be in one place than in another.
    pub max_skew: i32,
    /// Nodes with the same value of this label are one place.
    pub topology_key: SharedStr,
    /// `DoNotSchedule` or `ScheduleAnyway`.
    pub when_unsatisfiable: SharedStr,
}
