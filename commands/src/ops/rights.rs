//! Rights in Kubernetes: what a command needs is said in its `SPEC`, and the manifest of the bot's Role is the sum of that.

use crate::cluster::{ApiKind, KindScope, WATCHED};

/// Read one object.
pub const GET: u8 = 1;
/// Read all objects.
pub const LIST: u8 = 1 << 1;
/// Be told what changes.
pub const WATCH: u8 = 1 << 2;
/// Make an object.
pub const CREATE: u8 = 1 << 3;
/// Replace an object.
pub const UPDATE: u8 = 1 << 4;
/// Change fields of an object.
pub const PATCH: u8 = 1 << 5;
/// Remove an object.
pub const DELETE: u8 = 1 << 6;
/// What a watch cache needs.
pub const READ: u8 = LIST | WATCH;

const WORDS: [(u8, &str); 7] = [
    (GET, "get"),
    (LIST, "list"),
    (WATCH, "watch"),
    (CREATE, "create"),
    (UPDATE, "update"),
    (PATCH, "patch"),
    (DELETE, "delete"),
];

/// How far a right reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// In each namespace of the settings: a Role.
    Namespace,
    /// In the cluster: a ClusterRole, optional.
    Cluster,
}

/// A right that a command needs in Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rbac {
    /// `group/resource` or `group/resource/subresource`.
    path: &'static str,
    /// Some of [`GET`], [`LIST`], [`WATCH`], [`CREATE`], [`UPDATE`], [`PATCH`], [`DELETE`].
    verbs: u8,
    /// How far.
    reach: Reach,
}

impl Rbac {
    /// On a resource in each namespace of the settings: `Rbac::on("apps/deployments", GET | PATCH)`. The core group is
    /// written `core`: `core/pods/log`.
    #[must_use]
    pub const fn on(path: &'static str, verbs: u8) -> Self {
        Self {
            path,
            verbs,
            reach: Reach::Namespace,
        }
    }

    /// On a resource that belongs to the cluster as a whole.
    #[must_use]
    pub const fn in_cluster(path: &'static str, verbs: u8) -> Self {
        Self {
            path,
            verbs,
            reach: Reach::Cluster,
        }
    }

    /// To see the objects of a kind and their changes.
    #[must_use]
    pub const fn watching(api: &ApiKind) -> Self {
        match api.scope {
            KindScope::Namespaced => Self::on(api.path, READ),
            KindScope::Cluster => Self::in_cluster(api.path, READ),
        }
    }

    /// The API group; empty for core.
    #[must_use]
    pub fn group(&self) -> &'static str {
        match self.path.split_once('/') {
            Some(("core", _)) | None => "",
            Some((group, _)) => group,
        }
    }

    /// The resource, with its subresource: `deployments/scale`.
    #[must_use]
    pub fn resource(&self) -> &'static str {
        self.path
            .split_once('/')
            .map_or(self.path, |(_, resource)| resource)
    }

    /// The verbs, as a Role writes them.
    pub fn verbs(&self) -> impl Iterator<Item = &'static str> + use<> {
        let verbs = self.verbs;
        WORDS
            .iter()
            .filter(move |(verb, _)| verbs & verb != 0)
            .map(|(_, word)| *word)
    }

    /// How far it reaches.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }
}

/// The Event that a change puts on its object.
pub(super) const EVENTS: Rbac = Rbac::on("events.k8s.io/events", CREATE);

/// What the cards of workloads read: the kinds that are watched in each namespace, a workload that no watch knows yet,
/// and the volumes of pods that wait for them.
pub(super) const READ_WORKLOADS: &[Rbac] = &in_namespaces();

const IN_NAMESPACES: usize = {
    let (mut n, mut count) = (0, 0);
    while n < WATCHED.len() {
        if matches!(WATCHED[n].scope, KindScope::Namespaced) {
            count += 1;
        }
        n += 1;
    }
    count
};

/// The workloads, one by one.
pub(super) const ONE: [Rbac; 3] = [
    Rbac::on("apps/deployments", GET),
    Rbac::on("apps/statefulsets", GET),
    Rbac::on("apps/daemonsets", GET),
];

/// Why a pod cannot start elsewhere: its claims, and the volumes that they are bound to.
const VOLUMES: [Rbac; 2] = [
    Rbac::on("core/persistentvolumeclaims", GET),
    Rbac::in_cluster("core/persistentvolumes", GET),
];

const COUNT: usize = IN_NAMESPACES + ONE.len() + VOLUMES.len();

const fn in_namespaces() -> [Rbac; COUNT] {
    let mut rights = [EVENTS; COUNT];
    let (mut n, mut at) = (0, 0);
    while n < WATCHED.len() {
        if matches!(WATCHED[n].scope, KindScope::Namespaced) {
            rights[at] = Rbac::watching(&WATCHED[n]);
            at += 1;
        }
        n += 1;
    }
    let mut n = 0;
    while n < ONE.len() {
        rights[at] = ONE[n];
        (n, at) = (n + 1, at + 1);
    }
    let mut n = 0;
    while n < VOLUMES.len() {
        rights[at] = VOLUMES[n];
        (n, at) = (n + 1, at + 1);
    }
    rights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_is_written_as_a_role_wants_it() {
        for (right, group, resource, verbs) in [
            (
                Rbac::on("apps/deployments", GET | PATCH),
                "apps",
                "deployments",
                vec!["get", "patch"],
            ),
            (Rbac::on("core/pods/log", GET), "", "pods/log", vec!["get"]),
            (
                Rbac::on("apps/deployments/scale", UPDATE),
                "apps",
                "deployments/scale",
                vec!["update"],
            ),
            (
                Rbac::in_cluster("core/nodes", READ),
                "",
                "nodes",
                vec!["list", "watch"],
            ),
        ] {
            assert_eq!((right.group(), right.resource()), (group, resource));
            assert_eq!(right.verbs().collect::<Vec<_>>(), verbs);
        }
        assert_eq!(Rbac::in_cluster("core/nodes", GET).reach(), Reach::Cluster);
    }
}
