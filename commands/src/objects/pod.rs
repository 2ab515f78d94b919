//! Pods, as far as their state is told by them. Of their containers' specs only what is shown is kept.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use super::{Metadata, Pool, Pooled, Shared, SharedStr, null_as_default, trim_metadata};
use crate::model::Timestamp;

/// A Pod.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Pod {
    /// Its metadata, without annotations.
    pub metadata: Metadata,
    /// What it shall be.
    pub spec: PodSpec,
    /// How it is.
    pub status: PodStatus,
}

/// What a pod shall be.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSpec {
    /// Its node; empty until it has one.
    pub node_name: SharedStr,
    /// When its containers are started again: `Always`, `OnFailure`, `Never`.
    pub restart_policy: SharedStr,
    /// Its containers.
    pub containers: Shared<[Container]>,
    /// What runs before them, and sidecars.
    pub init_containers: Shared<[Container]>,
    /// The volume claims that it needs.
    #[serde(rename = "volumes", deserialize_with = "claims")]
    pub claims: Box<[Box<str>]>,
}

impl PodSpec {
    /// The number of a port that its containers say they open by that name.
    #[must_use]
    pub fn named_port(&self, name: &str) -> Option<i32> {
        let mut ports = self.containers.iter().flat_map(|container| &container.ports);
        ports
            .find(|port| *port.name == *name)
            .map(|port| port.container_port)
    }
}

/// The names of the claims among a pod's volumes; what else is mounted, nobody reads here.
fn claims<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<[Box<str>]>, D::Error> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Claim {
        claim_name: Box<str>,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Volume {
        persistent_volume_claim: Option<Claim>,
    }
    let volumes: Vec<Volume> = null_as_default(deserializer)?;
    let claims = volumes.into_iter().filter_map(|v| v.persistent_volume_claim);
    Ok(claims.map(|claim| claim.claim_name).collect())
}

/// A container of a pod's spec.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    /// Its name.
    pub name: SharedStr,
    /// Its image.
    pub image: SharedStr,
    /// `Always` makes a sidecar of an init container.
    pub restart_policy: SharedStr,
    /// The ports that it says it opens. It may open others, too.
    #[serde(deserialize_with = "null_as_default")]
    pub ports: Box<[ContainerPort]>,
    /// What it asks for and may use at most.
    pub resources: Resources,
    /// Says whether it has started up.
    pub startup_probe: Option<Probe>,
    /// Says whether it can do its work.
    pub readiness_probe: Option<Probe>,
}

/// A port that a container says it opens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerPort {
    /// Its name, where it has one.
    pub name: SharedStr,
    /// Its number.
    pub container_port: i32,
}

/// When a probe is made, and how often it has to fail until that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Probe {
    /// So many seconds after the start of the container comes the first.
    pub initial_delay_seconds: u32,
    /// So many seconds after one comes the next.
    pub period_seconds: u32,
    /// So many seconds it may take.
    pub timeout_seconds: u32,
    /// So many have to fail in a row.
    pub failure_threshold: u32,
}

impl Default for Probe {
    /// As the API server fills it in.
    fn default() -> Self {
        Self {
            initial_delay_seconds: 0,
            period_seconds: 10,
            timeout_seconds: 1,
            failure_threshold: 3,
        }
    }
}

impl Probe {
    /// How long after the start of the container it takes at least until failing counts.
    #[must_use]
    pub fn budget(&self) -> Duration {
        let each = u64::from(self.period_seconds.max(self.timeout_seconds).max(1));
        let times = u64::from(self.failure_threshold.max(1));
        Duration::from_secs(u64::from(self.initial_delay_seconds) + each.saturating_mul(times))
    }
}

/// What a container asks for and may use at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// What it asks for: `cpu` `100m`.
    pub requests: super::Pairs,
    /// What it may use at most.
    pub limits: super::Pairs,
}

impl Pooled for [Container] {
    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<[Container]> = Pool::new();
        &POOL
    }
}

/// How a pod is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodStatus {
    /// `Pending`, `Running`, `Succeeded`, `Failed`.
    pub phase: SharedStr,
    /// Why, in a word: `Evicted`.
    pub reason: SharedStr,
    /// Why, in a sentence.
    pub message: Box<str>,
    /// What holds of it, and since when.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Box<[PodCondition]>,
    /// Its containers.
    #[serde(deserialize_with = "null_as_default")]
    pub container_statuses: Box<[ContainerStatus]>,
    /// Its init containers.
    #[serde(deserialize_with = "null_as_default")]
    pub init_container_statuses: Box<[ContainerStatus]>,
}

impl PodStatus {
    /// A condition of it, by its type.
    #[must_use]
    pub fn condition(&self, kind: &str) -> Option<&PodCondition> {
        self.conditions.iter().find(|c| c.type_ == *kind)
    }
}

/// Something that holds of a pod, or not.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodCondition {
    /// What: `Ready`, `PodScheduled`.
    #[serde(rename = "type")]
    pub type_: SharedStr,
    /// `True`, `False`, `Unknown`.
    pub status: SharedStr,
    /// Why, in a word.
    pub reason: SharedStr,
    /// Why, in a sentence.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Box<str>,
    /// Since when.
    pub last_transition_time: Option<Timestamp>,
}

/// How a container is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerStatus {
    /// Its name.
    pub name: SharedStr,
    /// Its image, as the runtime names it.
    pub image: SharedStr,
    /// Whether it passes its readiness probe.
    pub ready: bool,
    /// Whether it passed its startup probe.
    pub started: Option<bool>,
    /// How often it was started again.
    pub restart_count: i32,
    /// Its state now.
    pub state: ContainerState,
    /// How it ended before.
    pub last_state: ContainerState,
}

/// The state of a container: one of the three, or nothing known.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ContainerState {
    /// It waits.
    pub waiting: Option<Box<Waiting>>,
    /// It runs.
    pub running: Option<Running>,
    /// It ended.
    pub terminated: Option<Box<Terminated>>,
}

/// Why a container waits.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// In a word: `CrashLoopBackOff`.
    pub reason: SharedStr,
    /// In a sentence.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Box<str>,
}

/// That a container runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Running {
    /// Since when.
    pub started_at: Option<Timestamp>,
}

/// How a container ended.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Terminated {
    /// Its exit code.
    pub exit_code: i32,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// The kubelet's word: `Error`, `OOMKilled`, `Completed`.
    pub reason: SharedStr,
    /// What it left in its termination log.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Box<str>,
    /// When it had been started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl super::Object for Pod {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    fn trim(&mut self) {
        trim_metadata(&mut self.metadata);
        self.metadata.annotations = super::Pairs::default();
        // Of the conditions that are true only these say something that the others do not.
        let told = |c: &PodCondition| matches!(&*c.type_, "Ready" | "Initialized") || c.status != "True";
        if !self.status.conditions.iter().all(told) {
            let mut conditions = std::mem::take(&mut self.status.conditions).into_vec();
            conditions.retain(told);
            self.status.conditions = conditions.into();
        }
    }
}
