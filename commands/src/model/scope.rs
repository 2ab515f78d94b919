//! What a request is about: clusters, namespaces, workloads.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A part of the world that a policy rule can name: a namespace of a cluster, or a whole cluster.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope {
    /// The cluster's name in the settings.
    pub cluster: String,
    /// The namespace; `None` for what belongs to the cluster as a whole (nodes).
    pub namespace: Option<String>,
}

impl Scope {
    /// A namespace of a cluster.
    pub fn namespace(cluster: impl Into<String>, namespace: impl Into<String>) -> Self {
        Self {
            cluster: cluster.into(),
            namespace: Some(namespace.into()),
        }
    }

    /// A cluster as a whole.
    pub fn cluster(cluster: impl Into<String>) -> Self {
        Self {
            cluster: cluster.into(),
            namespace: None,
        }
    }

    /// As cards say where: `prod / ceoagent`.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} / {namespace}", self.cluster),
            None => self.cluster.clone(),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(ns) => write!(f, "{}/{ns}", self.cluster),
            None => f.write_str(&self.cluster),
        }
    }
}

/// The kinds that own pods and keep revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkloadKind {
    /// `apps/v1` Deployment.
    Deployment,
    /// `apps/v1` StatefulSet.
    StatefulSet,
    /// `apps/v1` DaemonSet.
    DaemonSet,
}

impl WorkloadKind {
    /// All of them, in the order in which a bare name is looked up.
    pub const ALL: [Self; 3] = [Self::Deployment, Self::StatefulSet, Self::DaemonSet];

    /// As kubectl writes it: `deployment`.
    #[must_use]
    pub fn singular(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::StatefulSet => "statefulset",
            Self::DaemonSet => "daemonset",
        }
    }

    /// The resource in a URL or a rule: `deployments`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Deployment => "deployments",
            Self::StatefulSet => "statefulsets",
            Self::DaemonSet => "daemonsets",
        }
    }

    /// The kind of an object: `Deployment`.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
        }
    }

    /// From anything kubectl takes: singular, plural, short name, any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "deployment" | "deployments" | "deploy" => Some(Self::Deployment),
            "statefulset" | "statefulsets" | "sts" => Some(Self::StatefulSet),
            "daemonset" | "daemonsets" | "ds" => Some(Self::DaemonSet),
            _ => None,
        }
    }
}

/// One workload of one cluster. Written `[cluster/][namespace/]kind/name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Workload {
    /// The cluster's name in the settings.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// The kind.
    pub kind: WorkloadKind,
    /// The object's name.
    pub name: String,
}

impl Workload {
    /// The scope that policy rules see.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::namespace(&self.cluster, &self.namespace)
    }

    /// `deployment/ceoagent-api`, as kubectl writes it.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{}/{}", self.kind.singular(), self.name)
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}/{}",
            self.cluster,
            self.namespace,
            self.kind.singular(),
            self.name
        )
    }
}

/// A workload as a person wrote it: the kind may be missing, the rest was filled in from the channel's defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadName {
    /// The cluster's name in the settings.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// The kind, when it was written.
    pub kind: Option<WorkloadKind>,
    /// The object's name.
    pub name: String,
}

impl WorkloadName {
    /// The scope that policy rules see.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::namespace(&self.cluster, &self.namespace)
    }

    /// The workload, once the kind is known.
    #[must_use]
    pub fn of_kind(&self, kind: WorkloadKind) -> Workload {
        Workload {
            cluster: self.cluster.clone(),
            namespace: self.namespace.clone(),
            kind,
            name: self.name.clone(),
        }
    }
}

impl fmt::Display for WorkloadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Some(kind) => write!(f, "{}/{}", kind.singular(), self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// One pod of one cluster. Written `[cluster/][namespace/]pod/name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PodName {
    /// The cluster's name in the settings.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
}

impl PodName {
    /// The scope that policy rules see.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::namespace(&self.cluster, &self.namespace)
    }
}

impl fmt::Display for PodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/pod/{}", self.cluster, self.namespace, self.name)
    }
}
