//! The clusters for reading. Live reads see the API server's newest state; cached ones cost no request. The only request
//! of this module that names a change is [`View::rehearse`], and it is always a dry run.

use serde_json::Value;

use super::{
    Cached, ClusterError, Patch, Revision, Target, WorkloadObject, WriteError,
    caches::REVISION_HASH,
    errors::Asked,
    paths, precondition,
    registry::{Cluster, Registry},
    requests::Address,
    revisions,
};
use crate::{
    model::{Text, Timestamp, Workload, WorkloadKind},
    objects::{ControllerRevision, ReplicaSet},
    ticket::Precondition,
};

/// The clusters, for reading and rehearsing. Cheap to clone.
#[derive(Clone)]
pub struct View {
    pub(super) registry: Registry,
}

/// A cluster as the settings and the watches know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterInfo {
    /// Its name.
    pub name: String,
    /// The namespaces that the settings open.
    pub namespaces: Vec<String>,
    /// Whether people depend on it.
    pub production: bool,
    /// Whether every namespace's watches have been whole once.
    pub synced: bool,
    /// What is wrong with it now.
    pub error: Option<Text>,
    /// Since when: what the caches hold is as of then.
    pub failing_since: Option<Timestamp>,
}

/// Which objects of a list; the default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Select {
    /// A label selector: `app=ceoagent-api`.
    pub labels: Option<String>,
    /// A field selector: `involvedObject.name=x`.
    pub fields: Option<String>,
    /// At most so many.
    pub limit: Option<u32>,
}

impl View {
    pub(super) fn new(registry: Registry) -> Self {
        Self { registry }
    }

    /// All clusters of the settings.
    #[must_use]
    pub fn clusters(&self) -> Vec<ClusterInfo> {
        self.registry.all().iter().map(|c| info(c)).collect()
    }

    /// The caches of a namespace.
    ///
    /// # Errors
    /// When the settings do not open it.
    pub fn cached(&self, cluster: &str, namespace: &str) -> Result<Cached, ClusterError> {
        let found = self.registry.in_namespace(cluster, namespace)?;
        found
            .caches
            .namespace(namespace)
            .map(|cache| Cached {
                cluster: cluster.to_owned(),
                cache: cache.clone(),
            })
            .ok_or_else(|| ClusterError::OutsideSettings {
                cluster: cluster.to_owned(),
                namespace: namespace.to_owned(),
                known: found.config.namespaces.clone(),
            })
    }

    /// The caches of what belongs to a cluster as a whole: nodes, where the bot may list them. Their namespace is empty.
    ///
    /// # Errors
    /// When there is no such cluster in the settings.
    pub fn cluster_scope(&self, cluster: &str) -> Result<Cached, ClusterError> {
        let found = self.registry.cluster(cluster)?;
        Ok(Cached {
            cluster: cluster.to_owned(),
            cache: found.caches.cluster_scope.clone(),
        })
    }

    /// One object as JSON, no field lost. `resource` is `apps/deployments` or `pods`; `metrics.k8s.io/pods` works, too.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one.
    pub async fn value(
        &self,
        cluster: &str,
        namespace: &str,
        resource: &str,
        name: &str,
    ) -> Result<Value, ClusterError> {
        let cluster = self.registry.in_namespace(cluster, namespace)?;
        let address = Address {
            resource,
            namespace: Some(namespace),
            name,
        };
        cluster.get(&address).await
    }

    /// Objects of a namespace as JSON, no field lost.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one.
    pub async fn values(
        &self,
        cluster: &str,
        namespace: &str,
        resource: &str,
        labels: Option<&str>,
    ) -> Result<Vec<Value>, ClusterError> {
        let cluster = self.registry.in_namespace(cluster, namespace)?;
        let address = Address {
            resource,
            namespace: Some(namespace),
            name: "",
        };
        cluster.list_values(&address, labels).await
    }

    /// A workload's object, live. Needs `get` on it.
    ///
    /// # Errors
    /// [`ClusterError`]; not found comes with the names that look like it.
    pub async fn workload(&self, workload: &Workload) -> Result<WorkloadObject, ClusterError> {
        let resource = paths::resource_of(workload.kind);
        let read = self
            .value(&workload.cluster, &workload.namespace, &resource, &workload.name)
            .await;
        match read {
            Ok(value) => WorkloadObject::of_value(&workload.cluster, workload.kind, value),
            Err(error) => Err(self.with_near_names(error, Some(workload.kind))),
        }
    }

    /// The revisions that a workload keeps, newest first, live. One request; needs `list` on `replicasets` or
    /// `controllerrevisions`.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub async fn revisions(&self, object: &WorkloadObject) -> Result<Vec<Revision>, ClusterError> {
        let workload = object.workload();
        let selector = Some(object.selector()).filter(|s| !s.is_empty());
        let select = Select {
            labels: selector,
            ..Select::default()
        };
        let (cluster, namespace) = (&workload.cluster, &workload.namespace);
        let mut found = match workload.kind {
            WorkloadKind::Deployment => {
                let sets = self.list::<ReplicaSet>(cluster, namespace, &select).await?;
                revisions::of(object, &sets)
            }
            WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => {
                let kept = self
                    .list::<ControllerRevision>(cluster, namespace, &select)
                    .await?;
                revisions::of(object, &kept)
            }
        };
        if workload.kind != WorkloadKind::Deployment {
            self.count_pods(&workload, &mut found);
        }
        Ok(found)
    }

    /// The revisions as the watches know them: for completion and for showing, not for writing back.
    ///
    /// # Errors
    /// When the settings do not open the namespace.
    pub fn cached_revisions(&self, object: &WorkloadObject) -> Result<Vec<Revision>, ClusterError> {
        let workload = object.workload();
        let cached = self.cached(&workload.cluster, &workload.namespace)?;
        let mut found = match workload.kind {
            WorkloadKind::Deployment => revisions::of(
                object,
                cached.replica_sets_of(&workload).iter().map(AsRef::as_ref),
            ),
            WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => revisions::of(
                object,
                cached
                    .controller_revisions_of(&workload)
                    .iter()
                    .map(AsRef::as_ref),
            ),
        };
        if workload.kind != WorkloadKind::Deployment {
            self.count_pods(&workload, &mut found);
        }
        Ok(found)
    }

    /// A ControllerRevision does not say how many pods it has: their labels do.
    fn count_pods(&self, workload: &Workload, revisions: &mut [Revision]) {
        let Ok(cached) = self.cached(&workload.cluster, &workload.namespace) else {
            return;
        };
        for pod in cached.pods_of(workload) {
            let Some(hash) = pod.metadata.labels.get(REVISION_HASH) else {
                continue;
            };
            let long = format!("{}-{hash}", workload.name);
            if let Some(of) = revisions.iter_mut().find(|r| r.name == hash || r.name == long) {
                of.pods += 1;
            }
        }
    }

    /// What a patch would make of the object: a server-side dry run with all of admission, nothing is stored. Needs `patch`.
    ///
    /// # Errors
    /// [`ClusterError`]: what the real patch would be refused with.
    pub async fn rehearse(&self, patch: &Patch) -> Result<Value, ClusterError> {
        let cluster = self.registry.in_namespace(&patch.cluster, &patch.namespace)?;
        let address = Address {
            resource: &patch.resource,
            namespace: Some(&patch.namespace),
            name: &patch.name,
        };
        let ops = serde_json::to_value(&patch.ops).unwrap_or_default();
        cluster.patch(&address, &ops, true).await
    }

    /// What the API server would make of a new object: a server-side dry run with all of admission, nothing is stored. Needs
    /// `create`.
    ///
    /// # Errors
    /// [`ClusterError`]: what the real request would be refused with.
    pub async fn rehearse_new(&self, target: &Target, object: &Value) -> Result<Value, ClusterError> {
        let cluster = self.registry.in_namespace(&target.cluster, &target.namespace)?;
        let address = Address {
            resource: &target.resource,
            namespace: Some(&target.namespace),
            name: "",
        };
        cluster.create(&address, object, true).await
    }

    /// Whether everything that a plan rests on is as it was; gives the objects as they are now.
    ///
    /// # Errors
    /// [`WriteError::Stale`] says what moved; [`WriteError::Cluster`] that it could not be seen.
    pub async fn check(&self, preconditions: &[Precondition]) -> Result<Vec<Value>, WriteError> {
        let reads = preconditions
            .iter()
            .map(|precondition| self.unmoved(precondition));
        futures::future::try_join_all(reads).await
    }

    /// The object of a precondition, as long as nothing moved.
    pub(super) async fn unmoved(&self, precondition: &Precondition) -> Result<Value, WriteError> {
        let fresh = self.fresh(precondition).await?;
        match self.moved(precondition, &fresh).await {
            Some(moved) => Err(WriteError::Stale(moved)),
            None => Ok(fresh),
        }
    }

    /// The object of a precondition as it is now, as long as it is the same object.
    pub(super) async fn fresh(&self, precondition: &Precondition) -> Result<Value, WriteError> {
        let read = self
            .value(
                &precondition.cluster,
                &precondition.namespace,
                &precondition.resource,
                &precondition.name,
            )
            .await;
        match read {
            Ok(fresh) if precondition::same_object(precondition, &fresh) => Ok(fresh),
            Ok(_) => Err(WriteError::Stale(precondition::gone(precondition, true))),
            Err(ClusterError::NotFound { .. }) => {
                Err(WriteError::Stale(precondition::gone(precondition, false)))
            }
            Err(error) => Err(WriteError::Cluster(error)),
        }
    }

    /// What moved under a precondition. The template that was held is found among the workload's revisions.
    pub(super) async fn moved(
        &self,
        precondition: &Precondition,
        fresh: &Value,
    ) -> Option<crate::failure::Moved> {
        let (pointer, _) = precondition::moved_field(precondition, fresh)?;
        let mut templates = Vec::new();
        if pointer == "/spec/template"
            && let Some(workload) = paths::workload(
                &precondition.cluster,
                &precondition.namespace,
                &precondition.resource,
                &precondition.name,
            )
            && let Ok(object) = WorkloadObject::of_value(&workload.cluster, workload.kind, fresh.clone())
            && let Ok(revisions) = self.revisions(&object).await
        {
            templates = revisions.into_iter().map(|r| r.template).collect();
        }
        precondition::moved(precondition, fresh, &templates)
    }
}

impl Select {
    /// Objects with these labels.
    pub fn labels(selector: impl Into<String>) -> Self {
        Self {
            labels: Some(selector.into()),
            ..Self::default()
        }
    }

    /// Objects with these fields.
    pub fn fields(selector: impl Into<String>) -> Self {
        Self {
            fields: Some(selector.into()),
            ..Self::default()
        }
    }

    /// No more than so many of them.
    #[must_use]
    pub fn at_most(self, most: u32) -> Self {
        Self {
            limit: Some(most),
            ..self
        }
    }
}

fn info(cluster: &Cluster) -> ClusterInfo {
    let worst = cluster
        .caches
        .namespaces()
        .filter_map(|s| s.error())
        .min_by_key(|(_, since)| *since);
    let (error, failing_since) = worst.unzip();
    ClusterInfo {
        name: cluster.config.name.clone(),
        namespaces: cluster.config.namespaces.clone(),
        production: cluster.config.production,
        synced: cluster.caches.namespaces().all(|s| s.synced()),
        error: cluster.connection_error().or(error),
        failing_since: failing_since.flatten(),
    }
}

pub(super) fn asked<'a>(
    cluster: &'a Cluster,
    verb: &'static str,
    resource: &'a str,
    namespace: &'a str,
) -> Asked<'a> {
    Asked {
        cluster: cluster.name(),
        verb,
        resource,
        namespace,
        name: "",
        writes: false,
    }
}
