//! The revisions that a workload keeps: ReplicaSets of a Deployment, ControllerRevisions of the other two kinds.

use serde_json::Value;

use super::{WorkloadObject, fields::CHANGE_CAUSE};
use crate::model::{Timestamp, WorkloadKind};

/// The label that the Deployment controller adds to the template of each ReplicaSet.
const POD_TEMPLATE_HASH: &str = "pod-template-hash";

/// A revision of a workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Its number, as `kubectl rollout history` counts.
    pub number: i64,
    /// The ReplicaSet or ControllerRevision.
    pub name: String,
    /// The pod template as `kubectl rollout undo` puts it back: without `pod-template-hash`.
    pub template: Value,
    /// Container and image of each container.
    pub images: Vec<(String, String)>,
    /// When it was first made.
    pub created: Option<Timestamp>,
    /// Why, as the tool that made it said.
    pub change_cause: Option<String>,
    /// Whether it is what the workload's template says now.
    pub current: bool,
    /// How many pods of it there are.
    pub pods: i32,
}

/// The resource in which revisions of a kind are kept.
pub(super) fn resource(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Deployment => "apps/replicasets",
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => "apps/controllerrevisions",
    }
}

/// The revisions among a list of ReplicaSets or ControllerRevisions, newest first. Those of other owners are left out.
pub(crate) fn of_list(object: &WorkloadObject, list: Vec<Value>) -> Vec<Revision> {
    let mut revisions: Vec<Revision> = list
        .into_iter()
        .filter(|v| owned_by(v, object.uid()))
        .filter_map(|v| match object.kind() {
            WorkloadKind::Deployment => of_replica_set(&v),
            WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => of_controller_revision(&v),
        })
        .collect();
    revisions.sort_by_key(|r| std::cmp::Reverse(r.number));
    mark_current(object, &mut revisions);
    revisions
}

fn owned_by(value: &Value, uid: &str) -> bool {
    value
        .pointer("/metadata/ownerReferences")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|o| o["controller"] == true && o["uid"].as_str() == Some(uid))
}

fn of_replica_set(value: &Value) -> Option<Revision> {
    let mut template = value.pointer("/spec/template")?.clone();
    if let Some(labels) = template
        .pointer_mut("/metadata/labels")
        .and_then(Value::as_object_mut)
    {
        labels.remove(POD_TEMPLATE_HASH);
    }
    let number = annotation(value, "deployment.kubernetes.io/revision")?
        .parse()
        .ok()?;
    let pods = value
        .pointer("/status/replicas")
        .and_then(Value::as_i64)
        .unwrap_or_default();
    Some(revision(
        value,
        number,
        template,
        i32::try_from(pods).unwrap_or(i32::MAX),
    ))
}

fn of_controller_revision(value: &Value) -> Option<Revision> {
    let mut template = value.pointer("/data/spec/template")?.clone();
    // The revision is stored as a strategic merge patch; this directive belongs to the patch, not to the template.
    if let Some(map) = template.as_object_mut() {
        map.remove("$patch");
    }
    let number = value.get("revision")?.as_i64()?;
    Some(revision(value, number, template, 0))
}

fn revision(value: &Value, number: i64, template: Value, pods: i32) -> Revision {
    let text = |at: &str| value.pointer(at).and_then(Value::as_str);
    Revision {
        number,
        name: text("/metadata/name").unwrap_or_default().to_owned(),
        images: images(&template),
        template,
        created: text("/metadata/creationTimestamp").and_then(|t| t.parse().ok()),
        change_cause: annotation(value, CHANGE_CAUSE).map(str::to_owned),
        current: false,
        pods,
    }
}

fn annotation<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.pointer("/metadata/annotations")?.get(name)?.as_str()
}

fn images(template: &Value) -> Vec<(String, String)> {
    ["/spec/containers", "/spec/initContainers"]
        .into_iter()
        .filter_map(|at| template.pointer(at)?.as_array())
        .flatten()
        .map(|c| {
            let text = |field: &str| c[field].as_str().unwrap_or_default().to_owned();
            (text("name"), text("image"))
        })
        .collect()
}

/// Marks the revision that the template says now. A StatefulSet names it; of the others it is the one of the same
/// template, and the newest of those, as the Deployment controller finds its new ReplicaSet.
fn mark_current(object: &WorkloadObject, revisions: &mut [Revision]) {
    let named = object
        .stateful_set()
        .and_then(|s| s.status.as_ref())
        .and_then(|s| s.update_revision.clone())
        .filter(|_| object.observed_generation() >= object.generation());
    let template = object.template();
    let current = match named {
        Some(name) => revisions.iter_mut().find(|r| r.name == name),
        None => revisions
            .iter_mut()
            .find(|r| same_template(&r.template, &template)),
    };
    if let Some(current) = current {
        current.current = true;
    }
}

/// Whether two templates are the same to a controller: absent, null, and empty are alike.
#[must_use]
pub fn same_template(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => x
            .keys()
            .chain(y.keys())
            .all(|k| same_template(x.get(k).unwrap_or(&Value::Null), y.get(k).unwrap_or(&Value::Null))),
        (Value::Array(x), Value::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(a, b)| same_template(a, b))
        }
        (Value::Null, other) | (other, Value::Null) => is_empty(other),
        _ => a == b,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.values().all(is_empty),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
#[path = "revisions_tests.rs"]
mod tests;
