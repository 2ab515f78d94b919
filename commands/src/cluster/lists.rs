//! Live reads into types of our own. Lists come in pages, and what nobody reads is dropped as each object comes: whatever
//! there is in a namespace, one page at a time is held as it came.

use super::{
    ClusterError, Select, View,
    api_kind::Kind,
    arriving::{Arriving, Page},
    requests::Address,
    watches::PAGE_SIZE,
};
use crate::model::Scope;

impl View {
    /// One object, live. Needs `get` on it.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one.
    pub async fn get<K: Kind>(&self, cluster: &str, namespace: &str, name: &str) -> Result<K, ClusterError> {
        self.get_in(&Scope::namespace(cluster, namespace), name).await
    }

    /// The same where a scope says it; of a cluster as a whole, what belongs to that.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one.
    pub async fn get_in<K: Kind>(&self, scope: &Scope, name: &str) -> Result<K, ClusterError> {
        let cluster = self.registry.of(scope, K::API.scope)?;
        let resource = K::API.resource();
        let address = Address {
            resource: &resource,
            namespace: scope.namespace.as_deref(),
            name,
        };
        Ok(cluster.get::<Arriving<K>>(&address).await?.into_inner())
    }

    /// Objects of a namespace, live, in pages. Needs `list` on them.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one.
    pub async fn list<K: Kind>(
        &self,
        cluster: &str,
        namespace: &str,
        select: &Select,
    ) -> Result<Vec<K>, ClusterError> {
        let scope = Scope::namespace(cluster, namespace);
        self.list_in(&scope, select).await
    }

    /// The same where a scope says it; of a cluster as a whole, what belongs to that.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one.
    pub async fn list_in<K: Kind>(&self, scope: &Scope, select: &Select) -> Result<Vec<K>, ClusterError> {
        let folded = self
            .fold(scope, select, |all: &mut Vec<K>, object| all.push(object))
            .await?;
        Ok(folded.value)
    }

    /// Looks at the objects of a kind one after the other, live: whatever there is of them, one page at a time is held. Needs
    /// `list` on them.
    ///
    /// # Errors
    /// [`ClusterError`]; a namespace outside of the settings is one.
    pub async fn fold<K: Kind, T: Default>(
        &self,
        scope: &Scope,
        select: &Select,
        mut take: impl FnMut(&mut T, K),
    ) -> Result<Folded<T>, ClusterError> {
        let cluster = self.registry.of(scope, K::API.scope)?;
        let resource = K::API.resource();
        let address = Address {
            resource: &resource,
            namespace: scope.namespace.as_deref(),
            name: "",
        };
        let mut folded = Folded::default();
        let mut next: Option<String> = None;
        let mut began_anew = false;
        loop {
            let came = u32::try_from(folded.count).unwrap_or(u32::MAX);
            let left = select.limit.map(|most| most.saturating_sub(came));
            let limit = left.map_or(PAGE_SIZE, |left| left.min(PAGE_SIZE));
            let read = cluster
                .list::<Page<K>>(&address, &select.query(limit, next.as_deref()))
                .await;
            let page = match read {
                // The list went out of date between two pages, as the API server says.
                Err(ClusterError::Other { code: 410, .. }) if next.is_some() && !began_anew => {
                    began_anew = true;
                    next = None;
                    folded = Folded::default();
                    continue;
                }
                other => other?,
            };
            for object in page.items.into_iter().flatten().map(Arriving::into_inner) {
                folded.count += 1;
                take(&mut folded.value, object);
            }
            next = page.metadata.r#continue.filter(|token| !token.is_empty());
            let full = select.limit.is_some_and(|most| folded.count >= most as usize);
            if next.is_none() || full {
                folded.more = next.is_some();
                return Ok(folded);
            }
        }
    }
}

/// What a look at many objects gave.
#[derive(Debug, Default)]
pub struct Folded<T> {
    /// What became of them.
    pub value: T,
    /// How many there were.
    pub count: usize,
    /// Whether there are more, which were not asked for.
    pub more: bool,
}

impl Select {
    /// The query of one page.
    fn query<'a>(&'a self, limit: u32, next: Option<&'a str>) -> Vec<(&'static str, String)> {
        let texts = [
            ("labelSelector", self.labels.as_deref()),
            ("fieldSelector", self.fields.as_deref()),
            ("continue", next),
        ];
        let given = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, text?.to_owned())));
        given.chain([("limit", limit.to_string())]).collect()
    }
}
