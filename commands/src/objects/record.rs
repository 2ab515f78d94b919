//! Who wrote which keys of a ConfigMap or a Secret, as the API server notes it. The values are let go while it arrives.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};

use super::{Metadata, null_as_default};
use crate::model::Timestamp;

/// The keys that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The field manager: `helm`, `kubectl-client-side-apply`.
    pub manager: String,
    /// When last.
    pub time: Option<Timestamp>,
    /// The keys that are theirs.
    pub keys: Vec<String>,
}

/// Who wrote which keys of a ConfigMap.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(from = "Raw")]
pub struct ConfigRecord {
    /// Its metadata: name and age.
    pub metadata: Metadata,
    /// One by one.
    pub written: Vec<Written>,
}

/// Who wrote which keys of a Secret.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(from = "Raw")]
pub struct SecretRecord {
    /// Its metadata: name and age.
    pub metadata: Metadata,
    /// One by one.
    pub written: Vec<Written>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Raw {
    metadata: RawMetadata,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawMetadata {
    name: Box<str>,
    resource_version: Box<str>,
    creation_timestamp: Option<Timestamp>,
    #[serde(deserialize_with = "null_as_default")]
    managed_fields: Vec<RawEntry>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawEntry {
    manager: String,
    subresource: Option<String>,
    time: Option<Timestamp>,
    #[serde(rename = "fieldsV1")]
    fields: RawFields,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawFields {
    #[serde(rename = "f:data")]
    data: BTreeMap<String, IgnoredAny>,
    #[serde(rename = "f:binaryData")]
    binary: BTreeMap<String, IgnoredAny>,
}

impl Raw {
    fn parts(self) -> (Metadata, Vec<Written>) {
        let written = |entry: RawEntry| {
            let RawFields { data, binary } = entry.fields;
            let keys = data.into_keys().chain(binary.into_keys());
            let keys: Vec<String> = keys
                .filter_map(|key| key.strip_prefix("f:").map(str::to_owned))
                .collect();
            Written {
                manager: entry.manager,
                time: entry.time,
                keys,
            }
        };
        let entries = self.metadata.managed_fields.into_iter();
        let entries = entries.filter(|entry| entry.subresource.as_deref().is_none_or(str::is_empty));
        let entries = entries
            .map(written)
            .filter(|written| !written.keys.is_empty())
            .collect();
        let metadata = Metadata {
            name: self.metadata.name,
            resource_version: self.metadata.resource_version,
            creation_timestamp: self.metadata.creation_timestamp,
            ..Metadata::default()
        };
        (metadata, entries)
    }
}

impl From<Raw> for ConfigRecord {
    fn from(raw: Raw) -> Self {
        let (metadata, written) = raw.parts();
        Self { metadata, written }
    }
}

impl From<Raw> for SecretRecord {
    fn from(raw: Raw) -> Self {
        let (metadata, written) = raw.parts();
        Self { metadata, written }
    }
}
