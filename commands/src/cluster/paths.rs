//! The addresses of objects. A resource is written `group/plural` (`apps/deployments`, `pods`), as in [`crate::ticket::Precondition`];
//! the version that each is read in is that of [`super::kinds`]; what is not there is read as `v1`.

use super::kinds;
use crate::model::{Workload, WorkloadKind};

/// The resource of a kind of workload: `apps/deployments`.
#[must_use]
pub fn resource_of(kind: WorkloadKind) -> String {
    format!("apps/{}", kind.plural())
}

/// The path of a resource's collection: `/apis/apps/v1/namespaces/ceoagent/deployments`. `None` as namespace for what
/// belongs to the cluster. `None` when a part is no name: it must not become another path.
#[must_use]
pub(super) fn collection(resource: &str, namespace: Option<&str>) -> Option<String> {
    let (group, plural) = split(resource);
    if !is_segment(plural) || !(group.is_empty() || is_segment(group)) {
        return None;
    }
    let base = api_version(resource);
    let base = if group.is_empty() {
        format!("/api/{base}")
    } else {
        format!("/apis/{base}")
    };
    match namespace {
        Some(ns) if is_segment(ns) => Some(format!("{base}/namespaces/{ns}/{plural}")),
        Some(_) => None,
        None => Some(format!("{base}/{plural}")),
    }
}

/// The `apiVersion` of a resource: `apps/v1`.
#[must_use]
pub(super) fn api_version(resource: &str) -> String {
    let (group, plural) = split(resource);
    let version = kinds::find(group, plural).map_or("v1", |api| api.version);
    if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    }
}

/// The group and the plural of a resource.
#[must_use]
pub(super) fn split(resource: &str) -> (&str, &str) {
    resource.split_once('/').unwrap_or(("", resource))
}

/// Whether a text can stand in a path as one segment and mean itself.
#[must_use]
pub(super) fn is_segment(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && !matches!(text, "." | "..")
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':'))
}

/// The singular, as kubectl writes it: `deployments` → `deployment`.
#[must_use]
pub(super) fn singular(plural: &str) -> String {
    let plural = plural.to_ascii_lowercase();
    for (ending, by) in [
        ("policies", "policy"),
        ("classes", "class"),
        ("ingresses", "ingress"),
    ] {
        if let Some(stem) = plural.strip_suffix(ending) {
            return format!("{stem}{by}");
        }
    }
    plural.strip_suffix('s').unwrap_or(&plural).to_owned()
}

/// The kind of a resource: `apps/deployments` → `Deployment`. Of what is not in [`super::kinds`] it is a guess.
#[must_use]
pub(super) fn kind(resource: &str) -> String {
    let (group, plural) = split(resource);
    if let Some(api) = kinds::find(group, plural) {
        return api.kind.to_owned();
    }
    let one = singular(plural);
    let mut letters = one.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        .unwrap_or_default()
}

/// How tickets and permits name an object: `cluster/namespace/kind/name`.
#[must_use]
pub fn target(cluster: &str, namespace: &str, resource: &str, name: &str) -> String {
    format!("{cluster}/{namespace}/{}/{name}", singular(split(resource).1))
}

/// The workload that a resource and a name stand for, when it is one.
#[must_use]
pub(super) fn workload(cluster: &str, namespace: &str, resource: &str, name: &str) -> Option<Workload> {
    let kind = WorkloadKind::ALL
        .into_iter()
        .find(|k| resource_of(*k) == resource)?;
    Some(Workload {
        cluster: cluster.to_owned(),
        namespace: namespace.to_owned(),
        kind,
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_api() {
        let table = [
            (
                "apps/deployments",
                Some("a"),
                Some("/apis/apps/v1/namespaces/a/deployments"),
            ),
            ("pods", Some("a"), Some("/api/v1/namespaces/a/pods")),
            ("nodes", None, Some("/api/v1/nodes")),
            (
                "autoscaling/horizontalpodautoscalers",
                Some("a"),
                Some("/apis/autoscaling/v2/namespaces/a/horizontalpodautoscalers"),
            ),
            ("pods", Some("a/../b"), None),
            ("pods", Some(".."), None),
            ("pods?x=", Some("a"), None),
        ];
        for (resource, ns, path) in table {
            assert_eq!(collection(resource, ns).as_deref(), path, "{resource} {ns:?}");
        }
    }

    #[test]
    fn names_of_kinds() {
        for (resource, one, kind_of) in [
            ("apps/deployments", "deployment", "Deployment"),
            ("networking.k8s.io/ingresses", "ingress", "Ingress"),
            (
                "policy/podsecuritypolicies",
                "podsecuritypolicy",
                "Podsecuritypolicy",
            ),
            ("batch/jobs", "job", "Job"),
        ] {
            assert_eq!(singular(split(resource).1), one);
            assert_eq!(kind(resource), kind_of);
        }
        assert_eq!(target("prod", "a", "apps/daemonsets", "x"), "prod/a/daemonset/x");
    }
}
