//! Who may reach whom, and who serves Ingresses: read when somebody asks, watched by nobody.

use serde::{Deserialize, de::IgnoredAny};

use super::{LabelSelector, Metadata, Pairs, SharedStr, TargetPort, null_as_default};

/// A NetworkPolicy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct NetworkPolicy {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it says.
    pub spec: PolicySpec,
}

/// What a policy says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicySpec {
    /// Of which pods.
    pub pod_selector: LabelSelector,
    /// Of which ways: `Ingress`, `Egress`.
    #[serde(deserialize_with = "null_as_default")]
    pub policy_types: Box<[SharedStr]>,
    /// Who may come in.
    #[serde(deserialize_with = "null_as_default")]
    pub ingress: Box<[PolicyRule]>,
    /// Where they may go.
    #[serde(deserialize_with = "null_as_default")]
    pub egress: Box<[PolicyRule]>,
}

/// Something that a policy allows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PolicyRule {
    /// With whom; with all where nobody is named.
    #[serde(alias = "from", alias = "to", deserialize_with = "null_as_default")]
    pub peers: Box<[PolicyPeer]>,
    /// On which ports; on all where none is named.
    #[serde(deserialize_with = "null_as_default")]
    pub ports: Box<[PolicyPort]>,
}

/// With whom traffic is allowed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyPeer {
    /// Pods with such labels.
    pub pod_selector: Option<LabelSelector>,
    /// In namespaces with such labels; in its own where it is not said.
    pub namespace_selector: Option<LabelSelector>,
    /// Addresses.
    pub ip_block: Option<IgnoredAny>,
}

/// On which port traffic is allowed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyPort {
    /// The port; all where it is not said.
    pub port: Option<TargetPort>,
    /// Up to this one.
    pub end_port: Option<i32>,
}

/// An IngressClass.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IngressClass {
    /// Its metadata: an annotation makes it the cluster's own.
    pub metadata: Metadata,
}

impl LabelSelector {
    /// Whether it means an object with these labels. One that says nothing means all.
    #[must_use]
    pub fn means(&self, labels: &Pairs) -> bool {
        let fits = |requirement: &super::Requirement| {
            let value = labels.get(&requirement.key);
            let is_one = || requirement.values.iter().any(|one| value == Some(&**one));
            match &*requirement.operator {
                "In" => is_one(),
                "NotIn" => !is_one(),
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        };
        let mut wanted = self.match_labels.iter();
        wanted.all(|(key, value)| labels.get(key) == Some(value)) && self.match_expressions.iter().all(fits)
    }
}
