//! JSON patches (RFC 6902), as far as the bot writes them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{WorkloadObject, paths};
use crate::model::Workload;

/// One operation. Paths are JSON pointers: a slash in a name is written `~1` ([`super::escape`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Op {
    /// Sets a field, whether it is there or not; its parent must be there.
    Add {
        /// Where.
        path: String,
        /// To what.
        value: Value,
    },
    /// Sets a field that is there.
    Replace {
        /// Where.
        path: String,
        /// To what.
        value: Value,
    },
    /// Removes a field that is there.
    Remove {
        /// Where.
        path: String,
    },
    /// Fails the whole patch unless the field is this.
    Test {
        /// Where.
        path: String,
        /// What.
        value: Value,
    },
}

impl Op {
    /// Sets a field, whether it is there or not.
    pub fn add(path: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Add {
            path: path.into(),
            value: value.into(),
        }
    }

    /// Sets a field that is there.
    pub fn replace(path: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Replace {
            path: path.into(),
            value: value.into(),
        }
    }

    /// Removes a field that is there.
    pub fn remove(path: impl Into<String>) -> Self {
        Self::Remove { path: path.into() }
    }

    /// Fails the whole patch unless the field is this.
    pub fn test(path: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Test {
            path: path.into(),
            value: value.into(),
        }
    }

    /// Where.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Add { path, .. }
            | Self::Replace { path, .. }
            | Self::Remove { path }
            | Self::Test { path, .. } => path,
        }
    }

    /// Whether an object is as if this had been done: it may hold more (defaults), not less or other.
    pub(super) fn is_done_in(&self, object: &Value) -> bool {
        match self {
            Self::Add { path, value } | Self::Replace { path, value } => {
                object.pointer(path).is_some_and(|now| holds(now, value))
            }
            Self::Remove { path } => object.pointer(path).is_none(),
            Self::Test { .. } => true,
        }
    }
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
    pub ops: Vec<Op>,
}

impl Patch {
    /// Operations on a workload.
    #[must_use]
    pub fn of(workload: &Workload, ops: Vec<Op>) -> Self {
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
    pub fn on(object: &WorkloadObject, mut ops: Vec<Op>) -> Self {
        ops.insert(0, Op::test("/metadata/uid", object.uid()));
        Self::of(&object.workload(), ops)
    }
}
