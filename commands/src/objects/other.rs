//! Nodes, and what is read live: Events, Jobs, Secrets.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use serde::Deserialize;

use super::{Condition, Metadata, Pairs, SharedStr, null_as_default};
use crate::model::Timestamp;

/// A Node.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Its metadata, without annotations.
    pub metadata: Metadata,
    /// What it shall be.
    pub spec: NodeSpec,
    /// How it is.
    pub status: NodeStatus,
}

/// What a node shall be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct NodeSpec {
    /// Whether new pods are kept off it.
    #[serde(deserialize_with = "null_as_default")]
    pub unschedulable: bool,
    /// What keeps pods off it that do not bear it.
    #[serde(deserialize_with = "null_as_default")]
    pub taints: Box<[Taint]>,
}

/// What keeps pods off a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Taint {
    /// Its key.
    pub key: SharedStr,
    /// Its value; may be empty.
    #[serde(deserialize_with = "null_as_default")]
    pub value: SharedStr,
    /// `NoSchedule`, `NoExecute`, `PreferNoSchedule`.
    pub effect: SharedStr,
}

/// How a node is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeStatus {
    /// What holds of it.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Box<[Condition]>,
    /// What runs on it.
    pub node_info: Option<NodeInfo>,
    /// What its pods may ask for in all.
    pub allocatable: Pairs,
}

/// What runs on a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeInfo {
    /// The kubelet's version.
    pub kubelet_version: SharedStr,
    /// What runs the containers: `containerd://2.1.4`.
    pub container_runtime_version: SharedStr,
}

/// An Event.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it is about.
    pub involved_object: InvolvedObject,
    /// `Normal` or `Warning`.
    #[serde(rename = "type")]
    pub type_: SharedStr,
    /// In a word.
    #[serde(deserialize_with = "null_as_default")]
    pub reason: SharedStr,
    /// In a sentence.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Box<str>,
    /// When, as newer clients say it.
    pub event_time: Option<Timestamp>,
    /// When last, as older clients say it.
    pub last_timestamp: Option<Timestamp>,
    /// How often it was seen, as older clients say it.
    pub count: Option<i32>,
    /// How it goes on.
    pub series: Option<EventSeries>,
}

impl Event {
    /// How often it was seen.
    #[must_use]
    pub fn times(&self) -> i32 {
        let series = self.series.as_ref().and_then(|s| s.count);
        series.max(self.count).unwrap_or(1)
    }

    /// The container that it is about, if it is one's: `spec.containers{api}` is `api`.
    #[must_use]
    pub fn container(&self) -> Option<&str> {
        let (_, name) = self.involved_object.field_path.split_once('{')?;
        name.strip_suffix('}')
    }
}

/// When an Event was last seen: the three places where clients of different ages put it.
#[must_use]
pub fn event_time(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref().and_then(|s| s.last_observed_time);
    series.max(event.last_timestamp).max(event.event_time)
}

/// What an Event is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InvolvedObject {
    /// Its kind.
    pub kind: SharedStr,
    /// Its name.
    pub name: Box<str>,
    /// Its identity; empty where it is not said.
    pub uid: Box<str>,
    /// Which part of it: `spec.containers{api}`; empty for all of it.
    #[serde(deserialize_with = "null_as_default")]
    pub field_path: SharedStr,
}

/// How an Event goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EventSeries {
    /// How often it was seen.
    pub count: Option<i32>,
    /// When it was last seen.
    pub last_observed_time: Option<Timestamp>,
}

/// A Job.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Job {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it shall do.
    pub spec: JobSpec,
    /// How it is.
    pub status: Option<JobStatus>,
}

/// What a Job shall do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct JobSpec {
    /// Whether it makes no pods for now.
    #[serde(deserialize_with = "null_as_default")]
    pub suspend: bool,
    /// How many pods are to do their work; any one where it is not said.
    pub completions: Option<i32>,
}

/// How a Job is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobStatus {
    /// Pods that run.
    pub active: Option<i32>,
    /// Pods that did their work.
    pub succeeded: Option<i32>,
    /// Pods that failed.
    pub failed: Option<i32>,
    /// When its first pod was made.
    pub start_time: Option<Timestamp>,
    /// When it was complete.
    pub completion_time: Option<Timestamp>,
    /// What holds of it.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Box<[Condition]>,
}

/// A Secret. It is read to hide its values, and held no longer than that takes.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Secret {
    /// Its metadata.
    pub metadata: Metadata,
    /// Its values.
    #[serde(deserialize_with = "null_as_default")]
    pub data: BTreeMap<String, ByteString>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret {}", self.metadata.name)
    }
}
