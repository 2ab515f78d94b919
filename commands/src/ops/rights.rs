//! Rights in Kubernetes that several commands need.

use super::contract::{Rbac, Reach};

/// The Event that a change puts on its object.
pub(super) const EVENTS: Rbac = Rbac {
    group: "events.k8s.io",
    resource: "events",
    verbs: &["create"],
    reach: Reach::Namespace,
};

const SEE: &[&str] = &["get", "list", "watch"];

const fn see(group: &'static str, resource: &'static str) -> Rbac {
    Rbac {
        group,
        resource,
        verbs: SEE,
        reach: Reach::Namespace,
    }
}

/// What the watches and the cards of workloads read.
pub(super) const READ_WORKLOADS: &[Rbac] = &[
    see("apps", "deployments"),
    see("apps", "replicasets"),
    see("apps", "statefulsets"),
    see("apps", "daemonsets"),
    see("apps", "controllerrevisions"),
    see("", "pods"),
    see("", "services"),
    see("discovery.k8s.io", "endpointslices"),
    see("networking.k8s.io", "ingresses"),
    see("autoscaling", "horizontalpodautoscalers"),
    see("policy", "poddisruptionbudgets"),
];
