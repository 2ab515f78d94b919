//! How the API server knows a kind.

use crate::objects::Object;

/// Where objects of a kind live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindScope {
    /// In a namespace.
    Namespaced,
    /// In the cluster as a whole.
    Cluster,
}

/// How the API server knows a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiKind {
    /// Group and plural, as rights name it: `apps/deployments`, `core/pods`.
    pub path: &'static str,
    /// The API group; empty for core.
    pub group: &'static str,
    /// The version in which it is read.
    pub version: &'static str,
    /// `deployments`.
    pub plural: &'static str,
    /// `Deployment`.
    pub kind: &'static str,
    /// Where its objects live.
    pub scope: KindScope,
    /// Whether a workload cannot be told without it.
    pub needed: bool,
    /// Which of its objects are watched, as a field selector; empty for all.
    pub only: &'static str,
}

impl ApiKind {
    /// `apps/deployments`, `pods`.
    #[must_use]
    pub fn resource(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}/{}", self.group, self.plural)
        }
    }
}

/// A kind that the bot reads as a type of its own.
pub trait Kind: Object {
    /// How the API server knows it.
    const API: ApiKind;
}
