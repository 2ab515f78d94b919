//! What is read when somebody asks for it, and watched by nobody: volume claims and their classes, quotas and bounds, what is
//! configured, what pods use, and when Jobs are made.

use std::{collections::BTreeMap, fmt};

use k8s_openapi::ByteString;
use serde::{Deserialize, Deserializer, de::Visitor};

use super::{Condition, Metadata, Pairs, Requirement, SharedStr, null_as_default};
use crate::model::Timestamp;

/// A PersistentVolumeClaim.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PersistentVolumeClaim {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it asks for.
    pub spec: ClaimSpec,
    /// What it got.
    pub status: ClaimStatus,
}

/// What a claim asks for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClaimSpec {
    /// Its class; the cluster's own where it is not said.
    pub storage_class_name: Option<SharedStr>,
    /// How it is to be used: `ReadWriteOnce`.
    #[serde(deserialize_with = "null_as_default")]
    pub access_modes: Box<[SharedStr]>,
    /// The labels that its volume must have.
    pub selector: Option<super::LabelSelector>,
    /// Its volume, once it has one.
    pub volume_name: SharedStr,
    /// How much.
    pub resources: super::Resources,
}

/// What a claim got.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClaimStatus {
    /// `Bound`, `Pending`, `Lost`.
    pub phase: SharedStr,
    /// How much.
    pub capacity: Pairs,
    /// What holds of it.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Box<[Condition]>,
}

/// A PersistentVolume, of which only is read whose it can be, and where.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PersistentVolume {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it is.
    pub spec: VolumeSpec,
    /// How it is.
    #[serde(deserialize_with = "null_as_default")]
    pub status: VolumeStatus,
}

/// How a volume is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VolumeStatus {
    /// `Available`, `Bound`, `Released`, `Failed`.
    pub phase: SharedStr,
}

/// Whose a volume is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClaimOwner {
    /// The claim's namespace.
    pub namespace: SharedStr,
    /// The claim's name.
    pub name: SharedStr,
}

/// That a volume is attached to a node, or shall be.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VolumeAttachment {
    /// Its metadata.
    pub metadata: Metadata,
    /// What is attached where.
    pub spec: AttachmentSpec,
    /// Whether it is.
    #[serde(deserialize_with = "null_as_default")]
    pub status: AttachmentStatus,
}

/// What is attached where.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttachmentSpec {
    /// The node.
    pub node_name: SharedStr,
    /// What.
    pub source: AttachmentSource,
}

/// What is attached.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttachmentSource {
    /// The volume; empty where it is none of the cluster's.
    #[serde(deserialize_with = "null_as_default")]
    pub persistent_volume_name: SharedStr,
}

/// Whether it is attached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AttachmentStatus {
    /// It is.
    pub attached: bool,
}

/// What a volume is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeSpec {
    /// How much it has.
    pub capacity: Pairs,
    /// How it may be used.
    #[serde(deserialize_with = "null_as_default")]
    pub access_modes: Box<[SharedStr]>,
    /// Its class; empty for none.
    #[serde(deserialize_with = "null_as_default")]
    pub storage_class_name: SharedStr,
    /// Whose it is.
    pub claim_ref: Option<ClaimOwner>,
    /// The nodes that can use it; all of them where it is not said.
    #[serde(deserialize_with = "null_as_default")]
    pub node_affinity: VolumeNodes,
}

/// The nodes that can use a volume.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VolumeNodes {
    /// What they must be like.
    #[serde(deserialize_with = "null_as_default")]
    pub required: NodeTerms,
}

/// What nodes must be like: as one of the terms says.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeTerms {
    /// The terms.
    #[serde(deserialize_with = "null_as_default")]
    pub node_selector_terms: Box<[NodeTerm]>,
}

/// What a node must be like, all of it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeTerm {
    /// By its labels.
    #[serde(deserialize_with = "null_as_default")]
    pub match_expressions: Box<[Requirement]>,
    /// By its fields, of which there is one: its name.
    #[serde(deserialize_with = "null_as_default")]
    pub match_fields: Box<[Requirement]>,
}

/// A StorageClass.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StorageClass {
    /// Its metadata.
    pub metadata: Metadata,
    /// What makes its volumes; `kubernetes.io/no-provisioner` for a class of volumes that people make.
    pub provisioner: SharedStr,
    /// `WaitForFirstConsumer` or `Immediate`, which it is where it is not said.
    pub volume_binding_mode: SharedStr,
}

/// A ResourceQuota.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ResourceQuota {
    /// Its metadata.
    pub metadata: Metadata,
    /// What is used of what.
    pub status: QuotaStatus,
}

/// What is used of what.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct QuotaStatus {
    /// The bounds.
    pub hard: Pairs,
    /// What is used.
    pub used: Pairs,
}

/// A LimitRange.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LimitRange {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it says.
    pub spec: LimitRangeSpec,
}

/// What a LimitRange says.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LimitRangeSpec {
    /// Of each type of thing.
    #[serde(deserialize_with = "null_as_default")]
    pub limits: Box<[LimitRangeItem]>,
}

/// The bounds of one type of thing.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LimitRangeItem {
    /// `Container`, `Pod`, `PersistentVolumeClaim`.
    #[serde(rename = "type")]
    pub type_: SharedStr,
    /// The least.
    pub min: Pairs,
    /// The most.
    pub max: Pairs,
    /// The limit of what has none.
    pub default: Pairs,
    /// The request of what has none.
    pub default_request: Pairs,
}

/// A CronJob.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CronJob {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it shall do.
    pub spec: CronJobSpec,
    /// What it did.
    pub status: CronJobStatus,
}

/// What a CronJob shall do.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CronJobSpec {
    /// When: `0 3 * * *`.
    pub schedule: SharedStr,
    /// The zone of that; the controller's own where it is not said.
    pub time_zone: Option<SharedStr>,
    /// Whether it makes no Jobs for now.
    #[serde(deserialize_with = "null_as_default")]
    pub suspend: bool,
}

/// What a CronJob did.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CronJobStatus {
    /// When it made a Job last.
    pub last_schedule_time: Option<Timestamp>,
    /// When a Job of it was last complete.
    pub last_successful_time: Option<Timestamp>,
    /// The Jobs that run.
    #[serde(deserialize_with = "null_as_default")]
    pub active: Box<[super::TargetRef]>,
}

/// A ConfigMap, of whose values only the sizes are kept.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMap {
    /// Its metadata.
    pub metadata: Metadata,
    /// The sizes of its texts.
    pub data: BTreeMap<String, TextSize>,
    /// The sizes of what is no text.
    pub binary_data: BTreeMap<String, ByteSize>,
}

/// A Secret of which only the names of its keys and the sizes of its values are kept: the values are let go while it arrives.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SecretKeys {
    /// Its metadata.
    pub metadata: Metadata,
    /// `Opaque`, `kubernetes.io/tls`.
    #[serde(rename = "type")]
    pub type_: SharedStr,
    /// The sizes of its values.
    #[serde(deserialize_with = "null_as_default")]
    pub data: BTreeMap<String, ByteSize>,
}

/// A Secret of which only the certificate is kept, which is public.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Certificate {
    /// Its metadata.
    pub metadata: Metadata,
    /// What is kept of its values.
    #[serde(deserialize_with = "null_as_default")]
    pub data: CertificateData,
}

/// The public part of a Secret with a certificate.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CertificateData {
    /// The certificate, as PEM.
    #[serde(rename = "tls.crt")]
    pub certificate: ByteString,
}

/// A Secret with logins for registries, of which only is kept for which.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PullSecret {
    /// Its metadata.
    pub metadata: Metadata,
    /// `kubernetes.io/dockerconfigjson`.
    #[serde(rename = "type")]
    pub type_: SharedStr,
    /// What is kept of its values.
    #[serde(deserialize_with = "null_as_default")]
    pub data: Logins,
}

/// For which registries there are logins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "LoginValues")]
pub struct Logins {
    /// As they are written there: `https://index.docker.io/v1/`.
    pub registries: Box<[Box<str>]>,
}

/// The values with logins, as they travel; they are let go at once.
#[derive(Default, Deserialize)]
#[serde(default)]
struct LoginValues {
    #[serde(rename = ".dockerconfigjson")]
    config: Option<ByteString>,
    #[serde(rename = ".dockercfg")]
    older: Option<ByteString>,
}

impl From<LoginValues> for Logins {
    fn from(values: LoginValues) -> Self {
        type Names = BTreeMap<Box<str>, serde::de::IgnoredAny>;
        #[derive(Deserialize)]
        struct Config {
            auths: Names,
        }
        let newer = values.config.as_ref();
        let newer = newer.and_then(|value| serde_json::from_slice::<Config>(&value.0).ok());
        let older = values.older.as_ref();
        let older = older.and_then(|value| serde_json::from_slice::<Names>(&value.0).ok());
        let names = newer.map(|config| config.auths).or(older).unwrap_or_default();
        Self {
            registries: names.into_keys().collect(),
        }
    }
}

/// How many bytes a text has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextSize(pub usize);

/// How many bytes something has that travels as base64.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ByteSize(pub usize);

/// Takes a text's length, and lets it go.
struct Length;

impl Visitor<'_> for Length {
    /// Its length, and with how many marks of padding it ends.
    type Value = (usize, usize);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((text.len(), text.len() - text.trim_end_matches('=').len()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok((0, 0))
    }
}

impl<'de> Deserialize<'de> for TextSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_str(Length)
            .map(|(length, _)| Self(length))
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (length, padding) = deserializer.deserialize_str(Length)?;
        Ok(Self((length / 4 * 3).saturating_sub(padding)))
    }
}

/// What the containers of a pod use, as the metrics API has it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PodMetrics {
    /// The pod's name, and the moment.
    pub metadata: Metadata,
    /// When it was measured.
    pub timestamp: Option<Timestamp>,
    /// Its containers.
    #[serde(deserialize_with = "null_as_default")]
    pub containers: Box<[ContainerMetrics]>,
}

/// What a container uses.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ContainerMetrics {
    /// Its name.
    pub name: SharedStr,
    /// `cpu`, `memory`.
    pub usage: Pairs,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_secret_no_value_is_kept() {
        // `hunter2` and `correct horse`, in base64.
        let object = json!({ "metadata": { "name": "s" }, "type": "Opaque",
            "data": { "password": "aHVudGVyMg==", "phrase": "Y29ycmVjdCBob3JzZQ==", "empty": "" } });
        let kept: SecretKeys = serde_json::from_value(object).unwrap();
        let sizes: Vec<(&str, usize)> = kept
            .data
            .iter()
            .map(|(key, size)| (key.as_str(), size.0))
            .collect();
        assert_eq!(sizes, [("empty", 0), ("password", 7), ("phrase", 13)]);
        let text = format!("{kept:?}");
        assert!(!text.contains("aHVudGVy") && !text.contains("hunter"), "{text}");
    }

    #[test]
    fn of_a_config_map_the_sizes_are_kept() {
        let object = json!({ "metadata": { "name": "c" }, "data": { "LEVEL": "info", "名": "值" },
            "binaryData": { "logo": "AAEC" } });
        let kept: ConfigMap = serde_json::from_value(object).unwrap();
        assert_eq!(kept.data["LEVEL"], TextSize(4));
        assert_eq!(kept.data["名"], TextSize(3), "bytes, not letters");
        assert_eq!(kept.binary_data["logo"], ByteSize(3));
    }
}
