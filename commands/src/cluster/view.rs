//! The clusters for reading. Live reads see the API server's newest state; cached ones cost no request. The only request
//! of this module that names a change is [`View::rehearse`], and it is always a dry run.

use std::fmt::Debug;

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, api::core::v1::Node};
use kube::{Api, Resource, api::ListParams};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Cached, ClusterError, Patch, Revision, WorkloadObject, WriteError,
    errors::Asked,
    paths, precondition,
    registry::{Cluster, Registry},
    requests::Address,
    revisions,
};
use crate::{
    model::{Timestamp, Workload, WorkloadKind},
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
    pub error: Option<String>,
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

    /// The caches of every namespace of the settings.
    #[must_use]
    pub fn all_cached(&self) -> Vec<Cached> {
        let clusters = self.registry.all().iter();
        clusters
            .flat_map(|c| {
                c.caches.namespaces().map(|cache| Cached {
                    cluster: c.name().to_owned(),
                    cache: cache.clone(),
                })
            })
            .collect()
    }

    /// The nodes of a cluster as the watch knows them; `None` where the bot may not list them, or does not know them yet.
    ///
    /// # Errors
    /// When there is no such cluster in the settings.
    pub fn nodes(&self, cluster: &str) -> Result<Option<Vec<std::sync::Arc<Node>>>, ClusterError> {
        let cluster_scope = &self.registry.cluster(cluster)?.caches.cluster_scope;
        Ok(cluster_scope.nodes.synced().then(|| cluster_scope.nodes.all()))
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

    /// One object, live. Needs `get` on it.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one.
    pub async fn get<K>(&self, cluster: &str, namespace: &str, name: &str) -> Result<K, ClusterError>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
    {
        let cluster = self.registry.in_namespace(cluster, namespace)?;
        let resource = resource_name::<K>();
        let asked = Asked {
            name,
            ..asked(cluster, "get", &resource, namespace)
        };
        cluster
            .read(&asked, |client| {
                let api = Api::<K>::namespaced(client, namespace);
                async move { api.get(name).await }
            })
            .await
    }

    /// Objects of a namespace, live. Needs `list` on them.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one.
    pub async fn list<K>(
        &self,
        cluster: &str,
        namespace: &str,
        select: &Select,
    ) -> Result<Vec<K>, ClusterError>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
    {
        let cluster = self.registry.in_namespace(cluster, namespace)?;
        let resource = resource_name::<K>();
        let params = select.params();
        cluster
            .read(&asked(cluster, "list", &resource, namespace), |client| {
                let (api, params) = (Api::<K>::namespaced(client, namespace), params.clone());
                async move { api.list(&params).await.map(|list| list.items) }
            })
            .await
    }

    /// Objects that belong to the cluster as a whole, live. Needs `list` on them by a ClusterRole.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub async fn list_of_cluster<K>(&self, cluster: &str, select: &Select) -> Result<Vec<K>, ClusterError>
    where
        K: Resource<DynamicType = (), Scope = ClusterResourceScope> + Clone + Debug + DeserializeOwned,
    {
        let cluster = self.registry.cluster(cluster)?;
        let resource = resource_name::<K>();
        let params = select.params();
        cluster
            .read(&asked(cluster, "list", &resource, ""), |client| {
                let (api, params) = (Api::<K>::all(client), params.clone());
                async move { api.list(&params).await.map(|list| list.items) }
            })
            .await
    }

    /// One object as JSON, no field lost. `resource` is `apps/deployments` or `pods`; `metrics.k8s.io/pods` works, too.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one.
    pub async fn value(
        &self,
        cluster: &str,
        namespace: &str,
        (resource, name): (&str, &str),
    ) -> Result<Value, ClusterError> {
        let cluster = self.registry.in_namespace(cluster, namespace)?;
        let address = Address {
            resource,
            namespace: Some(namespace),
            name,
        };
        cluster.get_value(&address).await
    }

    /// Objects of a namespace as JSON, no field lost.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one.
    pub async fn values(
        &self,
        cluster: &str,
        namespace: &str,
        (resource, labels): (&str, Option<&str>),
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
            .value(
                &workload.cluster,
                &workload.namespace,
                (&resource, &workload.name),
            )
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
        let selector = object.selector();
        let selector = Some(selector.as_str()).filter(|s| !s.is_empty());
        let list = self
            .values(
                &workload.cluster,
                &workload.namespace,
                (revisions::resource(workload.kind), selector),
            )
            .await?;
        let mut found = revisions::of_list(object, list);
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
        let sets = cached.replica_sets_of(&workload);
        let kept = cached.controller_revisions_of(&workload);
        let list: Vec<Value> = sets
            .iter()
            .map(|set| serde_json::to_value(set.as_ref()))
            .chain(
                kept.iter()
                    .map(|revision| serde_json::to_value(revision.as_ref())),
            )
            .flatten()
            .collect();
        let mut found = revisions::of_list(object, list);
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
            let labels = pod.metadata.labels.as_ref();
            let Some(hash) = labels.and_then(|l| l.get("controller-revision-hash")) else {
                continue;
            };
            let long = format!("{}-{hash}", workload.name);
            if let Some(of) = revisions.iter_mut().find(|r| r.name == *hash || r.name == long) {
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
                (&precondition.resource, &precondition.name),
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

    fn params(&self) -> ListParams {
        ListParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            limit: self.limit,
            ..ListParams::default()
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

fn resource_name<K: Resource<DynamicType = ()>>() -> String {
    let (group, plural) = (K::group(&()), K::plural(&()));
    if group.is_empty() {
        plural.into_owned()
    } else {
        format!("{group}/{plural}")
    }
}
