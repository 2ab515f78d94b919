//! JSON patches (RFC 6902): one line for each operation, and whether an object is as if one had been done.

use json_patch::{
    AddOperation, PatchOperation, RemoveOperation, ReplaceOperation, TestOperation, jsonptr::PointerBuf,
};
use serde_json::Value;

use super::{WorkloadObject, paths};
use crate::model::Workload;

/// A path as JSON pointers are written: a slash in a name is `~1` ([`super::escape`]).
fn pointer(path: &str) -> PointerBuf {
    let tokens = path.split('/').skip(1);
    PointerBuf::from_tokens(tokens.map(|token| token.replace("~1", "/").replace("~0", "~")))
}

/// Sets a field, whether it is there or not; its parent must be there.
pub fn add(path: &str, value: impl Into<Value>) -> PatchOperation {
    PatchOperation::Add(AddOperation {
        path: pointer(path),
        value: value.into(),
    })
}

/// Sets a field that is there.
pub fn replace(path: &str, value: impl Into<Value>) -> PatchOperation {
    PatchOperation::Replace(ReplaceOperation {
        path: pointer(path),
        value: value.into(),
    })
}

/// Removes a field that is there.
#[must_use]
pub fn remove(path: &str) -> PatchOperation {
    PatchOperation::Remove(RemoveOperation { path: pointer(path) })
}

/// Fails the whole patch unless the field is this.
pub fn test(path: &str, value: impl Into<Value>) -> PatchOperation {
    PatchOperation::Test(TestOperation {
        path: pointer(path),
        value: value.into(),
    })
}

/// Whether an object is as if all of this had been done: it may hold more (defaults), not less or other.
#[must_use]
pub fn is_done_in(operations: &[PatchOperation], object: &Value) -> bool {
    operations.iter().all(|operation| {
        let now = object.pointer(operation.path().as_str());
        match operation {
            PatchOperation::Add(AddOperation { value, .. })
            | PatchOperation::Replace(ReplaceOperation { value, .. }) => {
                now.is_some_and(|now| holds(now, value))
            }
            PatchOperation::Remove(_) => now.is_none(),
            PatchOperation::Move(_) | PatchOperation::Copy(_) => false,
            PatchOperation::Test(_) => true,
        }
    })
}

/// The fields that operations write, as pointers.
pub(super) fn written(operations: &[PatchOperation]) -> Vec<&str> {
    let writes = |operation: &&PatchOperation| !matches!(operation, PatchOperation::Test(_));
    operations
        .iter()
        .filter(writes)
        .map(|operation| operation.path().as_str())
        .collect()
}

fn holds(now: &Value, wanted: &Value) -> bool {
    match (now, wanted) {
        (Value::Object(now), Value::Object(wanted)) => wanted
            .iter()
            .all(|(key, value)| now.get(key).map_or(value.is_null(), |n| holds(n, value))),
        (Value::Array(now), Value::Array(wanted)) => {
            now.len() == wanted.len() && now.iter().zip(wanted).all(|(n, w)| holds(n, w))
        }
        _ => now == wanted,
    }
}

/// Operations on one object, for a rehearsal.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// The cluster's name.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// `apps/deployments`.
    pub resource: String,
    /// The object's name.
    pub name: String,
    /// What to do, in order; all of it or nothing.
    pub ops: Vec<PatchOperation>,
}

impl Patch {
    /// Operations on a workload.
    #[must_use]
    pub fn of(workload: &Workload, ops: Vec<PatchOperation>) -> Self {
        Self {
            cluster: workload.cluster.clone(),
            namespace: workload.namespace.clone(),
            resource: paths::resource_of(workload.kind),
            name: workload.name.clone(),
            ops,
        }
    }

    /// Operations on the object that was read, and no other of its name.
    #[must_use]
    pub fn on(object: &WorkloadObject, mut ops: Vec<PatchOperation>) -> Self {
        ops.insert(0, test("/metadata/uid", object.uid()));
        Self::of(&object.workload(), ops)
    }
}
