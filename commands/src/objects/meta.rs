//! What is kept of an object's metadata: `managedFields` are reduced to who changed which part of a spec, while they arrive.

use std::collections::BTreeMap;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::{Pool, Pooled, Shared, SharedStr, null_as_default};
use crate::model::Timestamp;

/// kubectl's copy of what was applied: as long as the object, and read by nobody here.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What is kept of an object's metadata.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metadata {
    /// Its name.
    pub name: Box<str>,
    /// Its namespace; empty for what belongs to the cluster.
    pub namespace: SharedStr,
    /// Its identity: another object of the same name has another one.
    pub uid: Box<str>,
    /// The version as of which it was read; empty in a cache.
    pub resource_version: Box<str>,
    /// Grows with each change of its spec.
    pub generation: i64,
    /// When it was made.
    pub creation_timestamp: Option<Timestamp>,
    /// When it is to be gone, once somebody deleted it.
    pub deletion_timestamp: Option<Timestamp>,
    /// Its labels.
    pub labels: Pairs,
    /// Its annotations, without kubectl's copy of the object.
    pub annotations: Pairs,
    /// Whose it is.
    pub owner_references: Shared<[OwnerReference]>,
    /// Who wrote which of its fields last.
    #[serde(deserialize_with = "null_as_default")]
    pub managed_fields: Box<[ManagedFields]>,
}

impl Metadata {
    /// The owner that manages it.
    #[must_use]
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|owner| owner.controller)
    }
}

/// An object that another one belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OwnerReference {
    /// `apps/v1`.
    pub api_version: SharedStr,
    /// `ReplicaSet`.
    pub kind: SharedStr,
    /// Its name.
    pub name: SharedStr,
    /// Its identity.
    pub uid: SharedStr,
    /// Whether it manages the object.
    #[serde(deserialize_with = "null_as_default")]
    pub controller: bool,
}

impl Pooled for [OwnerReference] {
    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<[OwnerReference]> = Pool::new();
        &POOL
    }
}

/// Labels, annotations, or another map of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Pairs(Shared<[(SharedStr, SharedStr)]>);

impl Pooled for [(SharedStr, SharedStr)] {
    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<[(SharedStr, SharedStr)]> = Pool::new();
        &POOL
    }
}

impl Pairs {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(k, _)| (**k).cmp(key)).ok()?;
        Some(&self.0[at].1)
    }

    /// All pairs, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all pairs of `selector` are among them; an empty selector is in none.
    #[must_use]
    pub fn contain(&self, selector: &Self) -> bool {
        !selector.is_empty() && selector.iter().all(|(key, value)| self.get(key) == Some(value))
    }
}

impl FromIterator<(SharedStr, SharedStr)> for Pairs {
    fn from_iter<I: IntoIterator<Item = (SharedStr, SharedStr)>>(pairs: I) -> Self {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_unstable();
        Self(Shared::new(pairs))
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map(Pairs);
        impl<'de> Deserialize<'de> for Map {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_map(PairsVisitor).map(Self)
            }
        }
        Option::<Map>::deserialize(deserializer).map(|map| map.map_or_else(Self::default, |map| map.0))
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a map of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs: Vec<(SharedStr, SharedStr)> = Vec::new();
        while let Some(key) = map.next_key::<SharedStr>()? {
            if key == LAST_APPLIED {
                map.next_value::<IgnoredAny>()?;
            } else {
                pairs.push((key, map.next_value()?));
            }
        }
        Ok(pairs.into_iter().collect())
    }
}

/// An entry of `managedFields`: who wrote, when, and which parts of the spec are theirs.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ManagedFields {
    /// The field manager: `kubectl-set`, `ceo`.
    pub manager: Option<SharedStr>,
    /// The subresource that was written: `status`, `scale`.
    pub subresource: Option<SharedStr>,
    /// When.
    pub time: Option<Timestamp>,
    /// The parts of the spec.
    #[serde(rename = "fieldsV1", deserialize_with = "owned_parts")]
    pub parts: Option<SpecParts>,
}

/// The parts of a workload's spec that somebody owns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of parts, each there or not")]
pub struct SpecParts {
    /// The number of replicas.
    pub replicas: bool,
    /// Whether it is paused.
    pub paused: bool,
    /// The selector, which never changes: only who made the object owns it.
    pub selector: bool,
    /// Anything of the pod template.
    pub template: bool,
    /// The image of a container.
    pub image: bool,
    /// The environment of a container.
    pub env: bool,
    /// The resources of a container.
    pub resources: bool,
    /// The annotation by which `kubectl rollout restart` restarts.
    pub restarted: bool,
}

/// A set of fields as the API server writes it, read for its parts and skipped otherwise.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(rename = "f:spec")]
    spec: Option<SpecFields>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SpecFields {
    #[serde(rename = "f:replicas")]
    replicas: Option<IgnoredAny>,
    #[serde(rename = "f:paused")]
    paused: Option<IgnoredAny>,
    #[serde(rename = "f:selector")]
    selector: Option<IgnoredAny>,
    #[serde(rename = "f:template")]
    template: Option<TemplateFields>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TemplateFields {
    #[serde(rename = "f:metadata")]
    metadata: TemplateMetadataFields,
    #[serde(rename = "f:spec")]
    spec: PodSpecFields,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TemplateMetadataFields {
    #[serde(rename = "f:annotations")]
    annotations: AnnotationFields,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AnnotationFields {
    #[serde(rename = "f:kubectl.kubernetes.io/restartedAt")]
    restarted: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PodSpecFields {
    #[serde(rename = "f:containers")]
    containers: BTreeMap<String, ContainerFields>,
    #[serde(rename = "f:initContainers")]
    init_containers: BTreeMap<String, ContainerFields>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ContainerFields {
    #[serde(rename = "f:image")]
    image: Option<IgnoredAny>,
    #[serde(rename = "f:env")]
    env: Option<IgnoredAny>,
    #[serde(rename = "f:resources")]
    resources: Option<IgnoredAny>,
}

fn owned_parts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SpecParts>, D::Error> {
    let fields = Option::<Fields>::deserialize(deserializer)?;
    Ok(fields.and_then(|fields| fields.spec).map(|spec| {
        let containers = || {
            let template = spec.template.iter();
            template.flat_map(|t| t.spec.containers.values().chain(t.spec.init_containers.values()))
        };
        SpecParts {
            replicas: spec.replicas.is_some(),
            paused: spec.paused.is_some(),
            selector: spec.selector.is_some(),
            template: spec.template.is_some(),
            image: containers().any(|c| c.image.is_some()),
            env: containers().any(|c| c.env.is_some()),
            resources: containers().any(|c| c.resources.is_some()),
            restarted: spec
                .template
                .as_ref()
                .is_some_and(|t| t.metadata.annotations.restarted.is_some()),
        }
    }))
}
