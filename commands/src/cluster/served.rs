//! Any kind that an API server serves, custom resources too, found by the word that a person uses for it, and its objects as
//! they are.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::APIResourceList;
use serde::Deserialize;
use serde_json::Value;

use super::{
    ClusterError, View, api_kind::KindScope, kinds, paths, registry::Cluster, requests::with_query,
    resolve::near_of, view::asked,
};
use crate::{model::Scope, objects::Metadata};

/// Names that are looked through for near ones.
const NAMES: &str = "500";

/// A kind that an API server serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The API group; empty for core.
    pub group: String,
    /// The version in which it is read.
    pub version: String,
    /// `deployments`.
    pub plural: String,
    /// `Deployment`.
    pub kind: String,
    /// Where its objects live.
    pub scope: KindScope,
}

/// A page of a list, of which only the names are kept.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Names {
    items: Vec<Named>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    metadata: Metadata,
}

impl View {
    /// The kind that a word stands for: the kind itself, its plural, its short name, or `plural.group`. One that the bot knows
    /// costs no request.
    ///
    /// # Errors
    /// [`ClusterError`]; a kind that is not served comes with those that look like it.
    pub async fn served(&self, cluster: &str, word: &str) -> Result<Served, ClusterError> {
        if let Some(api) = kinds::by_word(word) {
            return Ok(Served {
                group: api.group.to_owned(),
                version: api.version.to_owned(),
                plural: api.plural.to_owned(),
                kind: api.kind.to_owned(),
                scope: api.scope,
            });
        }
        let found = self.registry.cluster(cluster)?;
        let all = found.everything_served().await?;
        let is = |(served, others): &&(Served, Vec<String>)| {
            let full = format!("{}.{}", served.plural, served.group);
            served.kind.eq_ignore_ascii_case(word)
                || served.plural == word
                || full == word
                || others.iter().any(|o| o == word)
        };
        match all.iter().find(is) {
            Some((served, _)) => Ok(served.clone()),
            None => Err(ClusterError::NotFound {
                cluster: cluster.to_owned(),
                namespace: String::new(),
                what: "kind".to_owned(),
                name: word.to_owned(),
                near: near_of(word, all.iter().map(|(served, _)| served.kind.to_lowercase())),
            }),
        }
    }

    /// An object of such a kind, no field lost. Needs `get` on it.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one, and not found comes with the names that look like it,
    /// where the bot may list them.
    pub async fn served_object(
        &self,
        scope: &Scope,
        served: &Served,
        name: &str,
    ) -> Result<Value, ClusterError> {
        let cluster = self.registry.of(scope, served.scope)?;
        let namespace = scope.namespace.as_deref();
        let resource = served.resource();
        let mut asked = asked(cluster, "get", &resource, namespace.unwrap_or_default());
        asked.name = name;
        let collection = served.collection(namespace).filter(|_| paths::is_segment(name));
        let Some(collection) = collection else {
            return Err(ClusterError::Invalid {
                message: format!("{resource}/{name}").into(),
            });
        };
        match cluster
            .read_as::<Value>(&asked, &format!("{collection}/{name}"))
            .await
        {
            Err(ClusterError::NotFound {
                cluster: at,
                namespace,
                what,
                name,
                ..
            }) => {
                asked.verb = "list";
                let page = with_query(&collection, &[("limit", NAMES)]);
                let names: Names = cluster.read_as(&asked, &page).await.unwrap_or_default();
                let names = names.items.into_iter().map(|item| item.metadata.name.to_string());
                Err(ClusterError::NotFound {
                    cluster: at,
                    namespace,
                    what,
                    near: near_of(&name, names),
                    name,
                })
            }
            other => other,
        }
    }
}

impl Served {
    /// `apps/deployments`, `pods`.
    fn resource(&self) -> String {
        match self.group.as_str() {
            "" => self.plural.clone(),
            group => format!("{group}/{}", self.plural),
        }
    }

    fn collection(&self, namespace: Option<&str>) -> Option<String> {
        let base = match self.group.as_str() {
            "" => format!("/api/{}", self.version),
            group => format!("/apis/{group}/{}", self.version),
        };
        let parts = [Some(self.plural.as_str()), Some(self.version.as_str()), namespace];
        let sound = parts.into_iter().flatten().all(paths::is_segment);
        sound.then(|| match namespace {
            Some(namespace) => format!("{base}/namespaces/{namespace}/{}", self.plural),
            None => format!("{base}/{}", self.plural),
        })
    }
}

impl Cluster {
    /// Every kind that is served, each with its other words, the core ones first. A group whose server does not answer is left
    /// out: an API that is down makes the others no less there.
    async fn everything_served(&self) -> Result<Vec<(Served, Vec<String>)>, ClusterError> {
        let asked = asked(self, "get", "apis", "");
        let core = self
            .read(&asked, |client| async move {
                client.list_core_api_resources("v1").await
            })
            .await?;
        let groups = self
            .read(&asked, |client| async move { client.list_api_groups().await })
            .await?;
        let versions = groups
            .groups
            .into_iter()
            .filter_map(|group| group.preferred_version.or(group.versions.into_iter().next()));
        let versions: Vec<String> = versions.map(|version| version.group_version).collect();
        let lists = versions.iter().map(|version| {
            self.read(&asked, move |client| async move {
                client.list_api_group_resources(version).await
            })
        });
        let lists = futures::future::join_all(lists).await;
        let all = std::iter::once(core).chain(lists.into_iter().flatten());
        Ok(all.flat_map(kinds_of).collect())
    }
}

/// The kinds of a group, without subresources.
fn kinds_of(list: APIResourceList) -> Vec<(Served, Vec<String>)> {
    let (group, version) = list
        .group_version
        .split_once('/')
        .unwrap_or(("", &list.group_version));
    let resources = list
        .resources
        .into_iter()
        .filter(|resource| !resource.name.contains('/'));
    resources
        .map(|resource| {
            let served = Served {
                group: group.to_owned(),
                version: version.to_owned(),
                plural: resource.name,
                kind: resource.kind,
                scope: if resource.namespaced {
                    KindScope::Namespaced
                } else {
                    KindScope::Cluster
                },
            };
            let others = resource
                .short_names
                .into_iter()
                .flatten()
                .chain([resource.singular_name]);
            (served, others.collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_kinds_of_a_group_are_read_with_their_other_words() {
        let list: APIResourceList = serde_json::from_value(json!({ "groupVersion": "cert.example/v1alpha2", "resources": [
            { "name": "certificates", "singularName": "certificate", "namespaced": true, "kind": "Certificate",
              "shortNames": ["cert"], "verbs": ["get"] },
            { "name": "certificates/status", "singularName": "", "namespaced": true, "kind": "Certificate", "verbs": ["get"] },
            { "name": "issuers", "singularName": "issuer", "namespaced": false, "kind": "Issuer", "verbs": ["get"] } ] }))
        .unwrap();
        let all = kinds_of(list);
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].1, ["cert", "certificate"]);
        assert_eq!(
            all[0].0.collection(Some("shop")).as_deref(),
            Some("/apis/cert.example/v1alpha2/namespaces/shop/certificates")
        );
        assert_eq!(
            all[1].0.collection(None).as_deref(),
            Some("/apis/cert.example/v1alpha2/issuers")
        );
        assert_eq!(all[0].0.collection(Some("a/b")), None);
    }
}
