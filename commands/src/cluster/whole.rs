//! Writes of whole objects: applied on the server, created, deleted.

use serde_json::Value;

use super::{ClusterError, WriteError, Writer, paths, requests::Address, writer::before_of};
use crate::ticket::{Before, Precondition};

/// The address of an object that need not be there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Target {
    /// The cluster's name.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// `batch/jobs`.
    pub resource: String,
    /// The object's name.
    pub name: String,
}

impl Target {
    /// How tickets and permits name it.
    #[must_use]
    pub fn in_words(&self) -> String {
        paths::target(&self.cluster, &self.namespace, &self.resource, &self.name)
    }

    fn address(&self) -> Address<'_> {
        Address {
            resource: &self.resource,
            namespace: Some(&self.namespace),
            name: &self.name,
        }
    }
}

impl Writer<'_> {
    /// Creates an object. Needs `create`. One that carries this step's mark was created by it before, and is given.
    ///
    /// # Errors
    /// [`ClusterError::AlreadyExists`] when another one has the name; [`ClusterError::Unsure`] when no answer came.
    pub async fn create(&self, target: &Target, object: Value) -> Result<Value, WriteError> {
        self.covers(target)?;
        let cluster = self.registry.in_namespace(&target.cluster, &target.namespace)?;
        self.about_to_send(Before {
            uid: None,
            generation: None,
            resource_version: None,
        })
        .await?;
        let object = self.marks().on(object);
        let address = Address {
            name: "",
            ..target.address()
        };
        match cluster.create(&address, &object, false).await {
            Err(ClusterError::AlreadyExists { message }) => {
                let there = cluster.get::<Value>(&target.address()).await?;
                if self.marks().is_on(&there) {
                    return Ok(there);
                }
                Err(ClusterError::AlreadyExists { message }.into())
            }
            other => Ok(other?),
        }
    }

    /// Applies an object on the server, as the field manager of the bot; what others manage is a conflict. Needs `patch`
    /// and `create`.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub async fn apply(&self, target: &Target, object: Value) -> Result<Value, WriteError> {
        self.covers(target)?;
        let cluster = self.registry.in_namespace(&target.cluster, &target.namespace)?;
        let before = match cluster.get::<Value>(&target.address()).await {
            Ok(there) => before_of(&there),
            Err(ClusterError::NotFound { .. }) => Before {
                uid: None,
                generation: None,
                resource_version: None,
            },
            Err(error) => return Err(error.into()),
        };
        self.about_to_send(before).await?;
        let written = cluster
            .apply(&target.address(), &self.marks().on(object.clone()))
            .await?;
        let pointers = fields_of(&object);
        let pointers: Vec<&str> = pointers.iter().map(String::as_str).collect();
        self.left(&target.cluster, &target.resource, &written, &pointers);
        Ok(written)
    }

    /// Deletes the object of a precondition, and no other of its name. Needs `delete`. What is gone already is no error.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub async fn delete(&self, precondition: &Precondition) -> Result<(), WriteError> {
        let target = Target {
            cluster: precondition.cluster.clone(),
            namespace: precondition.namespace.clone(),
            resource: precondition.resource.clone(),
            name: precondition.name.clone(),
        };
        self.covers(&target)?;
        let cluster = self.registry.in_namespace(&target.cluster, &target.namespace)?;
        self.about_to_send(Before {
            uid: Some(precondition.uid.clone()),
            generation: None,
            resource_version: None,
        })
        .await?;
        match cluster.delete(&target.address(), &precondition.uid).await {
            Ok(_) | Err(ClusterError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn covers(&self, target: &Target) -> Result<(), WriteError> {
        let words = target.in_words();
        if self.permit.targets().contains(&words) {
            Ok(())
        } else {
            Err(WriteError::Outside(words))
        }
    }
}

/// Pointers to what an object says under `/spec` and `/data`.
pub(crate) fn fields_of(object: &Value) -> Vec<String> {
    let mut pointers = Vec::new();
    leaves(object, &mut String::new(), &mut pointers);
    pointers
}

fn leaves(value: &Value, path: &mut String, out: &mut Vec<String>) {
    let Value::Object(map) = value else {
        out.push(path.clone());
        return;
    };
    for (key, value) in map {
        if path.is_empty() && !matches!(key.as_str(), "spec" | "data" | "stringData") {
            continue;
        }
        let length = path.len();
        path.push('/');
        path.push_str(&super::escape(key));
        leaves(value, path, out);
        path.truncate(length);
    }
}
