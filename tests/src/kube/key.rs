//! What names an object: group, plural, namespace and name, without the version (versions share one storage).

use serde_json::Value;

use super::resources::{self, Resource};

/// The place of one object in the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// API group; empty for the core group.
    pub group: String,
    /// Plural resource name, as in URLs (`deployments`).
    pub plural: String,
    /// Namespace; `None` for cluster-scoped kinds.
    pub namespace: Option<String>,
    /// Object name.
    pub name: String,
}

impl Key {
    /// A key of a namespaced object.
    pub fn namespaced(group: &str, plural: &str, namespace: &str, name: &str) -> Key {
        Key {
            group: group.into(),
            plural: plural.into(),
            namespace: Some(namespace.into()),
            name: name.into(),
        }
    }

    /// A key of a cluster-scoped object.
    pub fn cluster(group: &str, plural: &str, name: &str) -> Key {
        Key {
            group: group.into(),
            plural: plural.into(),
            namespace: None,
            name: name.into(),
        }
    }

    /// The key of an object that carries `apiVersion`, `kind` and `metadata`; `None` if the kind is unknown or a
    /// part is missing.
    pub fn of(object: &Value) -> Option<Key> {
        let resource = resources::by_kind(object["apiVersion"].as_str()?, object["kind"].as_str()?)?;
        let name = object["metadata"]["name"].as_str()?.to_owned();
        let namespace = match resource.namespaced {
            true => Some(object["metadata"]["namespace"].as_str()?.to_owned()),
            false => None,
        };
        Some(Key {
            group: resource.group.into(),
            plural: resource.plural.into(),
            namespace,
            name,
        })
    }

    /// What is known of the kind; `None` for a kind that the simulator does not serve.
    pub fn resource(&self) -> Option<&'static Resource> {
        resources::by_plural(&self.group, &self.plural)
    }

    /// `deployments.apps`, or `pods` for the core group: how the API server names a resource in messages.
    pub fn qualified(&self) -> String {
        qualified(&self.group, &self.plural)
    }
}

/// `plural.group`, or the plural alone for the core group.
pub fn qualified(group: &str, plural: &str) -> String {
    if group.is_empty() {
        plural.to_owned()
    } else {
        format!("{plural}.{group}")
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.qualified(), self.name),
            None => write!(f, "{} {}", self.qualified(), self.name),
        }
    }
}
