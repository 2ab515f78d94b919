//! What the bot itself may do in a cluster, asked by SelfSubjectAccessReview, and which version answers.

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use kube::{Api, api::PostParams};
use serde_json::Value;

use super::{ClusterError, View, registry::Cluster, view::asked};

/// A right in Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right<'a> {
    /// The API group; empty for core.
    pub group: &'a str,
    /// The resource, with its subresource: `deployments/scale`.
    pub resource: &'a str,
    /// The verbs.
    pub verbs: &'a [&'a str],
}

impl View {
    /// The verbs of a right that the bot lacks in a namespace (`None`: in the whole cluster), by SelfSubjectAccessReview.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub async fn missing_verbs(
        &self,
        cluster: &str,
        namespace: Option<&str>,
        right: &Right<'_>,
    ) -> Result<Vec<String>, ClusterError> {
        let cluster = match namespace {
            Some(ns) => self.registry.in_namespace(cluster, ns)?,
            None => self.registry.cluster(cluster)?,
        };
        cluster.may(namespace, right).await
    }

    /// The ServiceAccounts (`namespace/name`) that a ClusterRoleBinding binds. Needs `get` on it, which no manifest of ours
    /// gives: for who checks with more rights.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub async fn bound_accounts(&self, cluster: &str, binding: &str) -> Result<Vec<String>, ClusterError> {
        const RESOURCE: &str = "rbac.authorization.k8s.io/clusterrolebindings";
        let cluster = self.registry.cluster(cluster)?;
        let asked = asked(cluster, "get", RESOURCE, binding);
        let path = format!("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{binding}");
        let found: Value = cluster.read_as(&asked, &path).await?;
        let subjects = found["subjects"].as_array().into_iter().flatten();
        let name = |subject: &Value| {
            let (namespace, name) = (subject["namespace"].as_str()?, subject["name"].as_str()?);
            Some(format!("{namespace}/{name}"))
        };
        Ok(subjects.filter_map(name).collect())
    }

    /// The API server's version: `v1.36.2`. Needs no right.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub async fn version(&self, cluster: &str) -> Result<String, ClusterError> {
        let cluster = self.registry.cluster(cluster)?;
        let asked = asked(cluster, "get", "version", "");
        let info = cluster
            .read(&asked, |client| async move { client.apiserver_version().await })
            .await?;
        Ok(info.git_version)
    }
}

impl Cluster {
    /// The verbs of a right that the bot lacks.
    pub(super) async fn may(
        &self,
        namespace: Option<&str>,
        right: &Right<'_>,
    ) -> Result<Vec<String>, ClusterError> {
        let asked = asked(
            self,
            "create",
            "authorization.k8s.io/selfsubjectaccessreviews",
            "",
        );
        let (resource, subresource) = match right.resource.split_once('/') {
            Some((resource, sub)) => (resource, Some(sub)),
            None => (right.resource, None),
        };
        let mut missing = Vec::new();
        for verb in right.verbs {
            let review = SelfSubjectAccessReview {
                spec: SelfSubjectAccessReviewSpec {
                    resource_attributes: Some(ResourceAttributes {
                        group: Some(right.group.to_owned()),
                        namespace: namespace.map(str::to_owned),
                        resource: Some(resource.to_owned()),
                        subresource: subresource.map(str::to_owned),
                        verb: Some((*verb).to_owned()),
                        ..ResourceAttributes::default()
                    }),
                    ..SelfSubjectAccessReviewSpec::default()
                },
                ..SelfSubjectAccessReview::default()
            };
            let answer = self
                .read(&asked, |client| {
                    let (api, review) = (Api::<SelfSubjectAccessReview>::all(client), review.clone());
                    async move { api.create(&PostParams::default(), &review).await }
                })
                .await?;
            if !answer.status.is_some_and(|s| s.allowed) {
                missing.push((*verb).to_owned());
            }
        }
        Ok(missing)
    }
}
