//! The revisions that a workload keeps: ReplicaSets of a Deployment, ControllerRevisions of the other two kinds.

use serde_json::Value;

use super::{WorkloadObject, fields::CHANGE_CAUSE};
use crate::{
    model::Timestamp,
    objects::{ControllerRevision, Metadata, Object, ReplicaSet},
};

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

/// An object in which a revision is kept.
pub(super) trait Keeps: Object {
    /// Its number, its template and how many pods there are, as far as it says.
    fn revision(&self) -> Option<(i64, Value, i32)>;
}

impl Keeps for ReplicaSet {
    fn revision(&self) -> Option<(i64, Value, i32)> {
        let annotations = &self.metadata.annotations;
        let number = annotations
            .get("deployment.kubernetes.io/revision")?
            .parse()
            .ok()?;
        let mut template = self.spec.template.value();
        let labels = template
            .pointer_mut("/metadata/labels")
            .and_then(Value::as_object_mut);
        if let Some(labels) = labels {
            labels.remove(POD_TEMPLATE_HASH);
        }
        Some((number, template, self.status.replicas))
    }
}

impl Keeps for ControllerRevision {
    fn revision(&self) -> Option<(i64, Value, i32)> {
        let mut template = self.data.value().pointer_mut("/spec/template")?.take();
        // The revision is stored as a strategic merge patch; this directive belongs to the patch, not to the template.
        if let Some(map) = template.as_object_mut() {
            map.remove("$patch");
        }
        Some((self.revision, template, 0))
    }
}

/// The revisions among a list of ReplicaSets or ControllerRevisions, newest first. Those of other owners are left out.
pub(super) fn of<'k, K: Keeps>(
    object: &WorkloadObject,
    list: impl IntoIterator<Item = &'k K>,
) -> Vec<Revision> {
    let owned = |metadata: &Metadata| {
        let mut owners = metadata.owner_references.iter();
        owners.any(|owner| owner.controller && owner.uid == *object.uid())
    };
    let list = list.into_iter().filter(|kept| owned(kept.metadata()));
    let mut revisions: Vec<Revision> = list.filter_map(revision).collect();
    revisions.sort_by_key(|r| std::cmp::Reverse(r.number));
    mark_current(object, &mut revisions);
    revisions
}

fn revision<K: Keeps>(kept: &K) -> Option<Revision> {
    let (number, template, pods) = kept.revision()?;
    let metadata = kept.metadata();
    Some(Revision {
        number,
        name: metadata.name.to_string(),
        images: images(&template),
        template,
        created: metadata.creation_timestamp,
        change_cause: metadata.annotations.get(CHANGE_CAUSE).map(str::to_owned),
        current: false,
        pods,
    })
}

/// The revisions among a list as the API server gave it.
#[cfg(test)]
pub(crate) fn of_list(object: &WorkloadObject, list: Vec<Value>) -> Vec<Revision> {
    fn read<K: Keeps>(list: Vec<Value>) -> Vec<K> {
        list.into_iter()
            .map(|kept| serde_json::from_value(kept).unwrap())
            .collect()
    }
    match object.kind() {
        crate::model::WorkloadKind::Deployment => of(object, &read::<ReplicaSet>(list)),
        _ => of(object, &read::<ControllerRevision>(list)),
    }
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
        .and_then(|s| s.status.update_revision.as_deref())
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

/// Whether a template is an older one with something taken away, and nothing else. Such a change leaves no entry in
/// `managedFields`: who takes a field away owns nothing by that.
#[must_use]
pub fn only_lacks(before: &Value, after: &Value) -> bool {
    !same_template(before, after) && lacks(before, after)
}

fn lacks(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => new
            .iter()
            .all(|(key, value)| lacks(old.get(key).unwrap_or(&Value::Null), value)),
        (Value::Array(old), Value::Array(new))
            if [old, new].iter().all(|l| l.iter().all(|e| key(e).is_some())) =>
        {
            let was = |value: &Value| old.iter().find(|other| key(other) == key(value));
            new.iter()
                .all(|value| was(value).is_some_and(|was| lacks(was, value)))
        }
        _ => is_empty(after) || same_template(before, after),
    }
}

/// By what an element of a list is known, where its owners are noted one by one; a list without such keys is one value.
fn key(element: &Value) -> Option<&Value> {
    const KEYS: [&str; 5] = ["name", "mountPath", "containerPort", "devicePath", "topologyKey"];
    KEYS.iter().find_map(|key| element.get(key))
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
