//! From the words of a person to one workload. What cannot be found is told with the names that look like it.

use std::sync::Arc;

use super::{Cached, ClusterError, Kind, View, Watched};
use crate::{
    failure::Failure,
    input::BadInput,
    model::{Scope, Workload, WorkloadKind, WorkloadName, code},
    texts,
};

/// At most so many near names are told.
const NEAR: usize = 3;
/// How much alike two names must be (Jaro-Winkler, 0 to 1) to be near.
const ALIKE: f64 = 0.82;

impl View {
    /// The workload that a name stands for. Known ones cost no request while the caches are whole.
    ///
    /// # Errors
    /// Outside of the settings, not found (with near names), or ambiguous (with the candidates).
    pub async fn resolve(&self, name: &WorkloadName) -> Result<Workload, Failure> {
        let cached = self.cached(&name.cluster, &name.namespace)?;
        let kinds: Vec<WorkloadKind> = match name.kind {
            Some(kind) => vec![kind],
            None => WorkloadKind::ALL.to_vec(),
        };
        let known: Vec<WorkloadKind> = kinds
            .iter()
            .copied()
            .filter(|kind| cached.find(*kind, &name.name).is_some())
            .collect();
        // A name that is known of one kind may, before all lists are whole, be one of another kind as well.
        let found = if known.is_empty() || !(cached.synced() || name.kind.is_some()) {
            self.lookup_live(name, &kinds).await?
        } else {
            known
        };
        match found.as_slice() {
            [] => Err(self.not_found(name, &cached).into()),
            [kind] => Ok(name.of_kind(*kind)),
            several => Err(ambiguous(name, several).into()),
        }
    }

    /// Asks the API server for each kind.
    async fn lookup_live(
        &self,
        name: &WorkloadName,
        kinds: &[WorkloadKind],
    ) -> Result<Vec<WorkloadKind>, ClusterError> {
        let reads = kinds.iter().map(|kind| async move {
            let resource = super::resource_of(*kind);
            let read = self
                .value(&name.cluster, &name.namespace, &resource, &name.name)
                .await;
            match read {
                Ok(_) => Ok(Some(*kind)),
                Err(error) if error.is_missing() => Ok(None),
                Err(error) => Err(error),
            }
        });
        let found = futures::future::try_join_all(reads).await?;
        Ok(found.into_iter().flatten().collect())
    }

    fn not_found(&self, name: &WorkloadName, cached: &Cached) -> ClusterError {
        ClusterError::NotFound {
            cluster: name.cluster.clone(),
            namespace: name.namespace.clone(),
            what: name.kind.map_or("workload", WorkloadKind::singular).to_owned(),
            name: name.name.clone(),
            near: near_names(&name.name, name.kind, &cached.workload_names()),
        }
    }

    /// Adds the names that look like the one that was not found.
    pub(super) fn with_near_names(&self, error: ClusterError, kind: Option<WorkloadKind>) -> ClusterError {
        let ClusterError::NotFound {
            cluster,
            namespace,
            what,
            name,
            ..
        } = error
        else {
            return error;
        };
        let near = self
            .cached(&cluster, &namespace)
            .map(|c| near_names(&name, kind, &c.workload_names()))
            .unwrap_or_default();
        ClusterError::NotFound {
            cluster,
            namespace,
            what,
            name,
            near,
        }
    }
}

impl Cached {
    /// An object that somebody named.
    ///
    /// # Errors
    /// [`ClusterError::NotFound`], with the names that look like it. An absent object proves nothing before the kind is known.
    pub fn needed<K: Watched>(&self, name: &str) -> Result<Arc<K>, ClusterError> {
        let scope = Scope::namespace(&self.cluster, self.namespace());
        self.get(name)
            .ok_or_else(|| missing::<K>(&scope, name, self.names::<K>()))
    }
}

/// That there is no object of that kind and name, with the names of those that there are where they look like it.
pub fn missing<K: Kind>(scope: &Scope, name: &str, known: impl IntoIterator<Item = String>) -> ClusterError {
    ClusterError::NotFound {
        cluster: scope.cluster.clone(),
        namespace: scope.namespace.clone().unwrap_or_default(),
        what: K::API.kind.to_lowercase(),
        name: name.to_owned(),
        near: near_of(name, known),
    }
}

/// The names of objects of one kind that look like one that was not found, the nearest first.
#[must_use]
pub fn near_of(name: &str, known: impl IntoIterator<Item = String>) -> Vec<String> {
    let wanted = name.to_ascii_lowercase();
    let scored = known
        .into_iter()
        .map(|candidate| (likeness(&wanted, &candidate), candidate));
    let mut scored: Vec<(f64, String)> = scored.filter(|(score, _)| *score >= ALIKE).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored
        .into_iter()
        .take(NEAR)
        .map(|(_, candidate)| candidate)
        .collect()
}

/// The names that look like one, the nearest first. Those of another kind than asked for are told with it.
fn near_names(name: &str, kind: Option<WorkloadKind>, known: &[(WorkloadKind, String)]) -> Vec<String> {
    let wanted = name.to_ascii_lowercase();
    let mut scored: Vec<(f64, &WorkloadKind, &String)> = known
        .iter()
        .map(|(k, candidate)| (likeness(&wanted, candidate), k, candidate))
        .filter(|(score, ..)| *score >= ALIKE)
        .collect();
    scored.sort_by(|a, b| {
        let other_kind = |k: &WorkloadKind| kind.is_some_and(|kind| *k != kind);
        b.0.total_cmp(&a.0)
            .then(other_kind(a.1).cmp(&other_kind(b.1)))
            .then(a.2.cmp(b.2))
    });
    scored
        .into_iter()
        .take(NEAR)
        .map(|(_, k, candidate)| match kind {
            Some(kind) if kind == *k => candidate.clone(),
            _ => format!("{}/{candidate}", k.singular()),
        })
        .collect()
}

fn likeness(wanted: &str, candidate: &str) -> f64 {
    // `api` means `ceoagent-api` to most people, whatever the distance in letters.
    if wanted.len() >= 3 && candidate.contains(wanted) {
        return 0.95;
    }
    strsim::jaro_winkler(wanted, candidate)
}

fn ambiguous(name: &WorkloadName, kinds: &[WorkloadKind]) -> BadInput {
    let full = kinds
        .iter()
        .map(|kind| code(format!("{}/{}", kind.singular(), name.name)));
    let place = format!("{}/{}", name.cluster, name.namespace);
    BadInput::new(texts::cluster::ambiguous(&name.name, kinds.len(), &place))
        .hint(texts::cluster::write_one_of(full.collect()))
}

impl ClusterError {
    /// `Did you mean x?`, when names look like the one asked for.
    #[must_use]
    pub fn did_you_mean(&self) -> Option<crate::model::Text> {
        match self {
            Self::NotFound { near, .. } => texts::cluster::did_you_mean(near),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use WorkloadKind::{DaemonSet, Deployment, StatefulSet};

    use super::*;

    fn known() -> Vec<(WorkloadKind, String)> {
        [
            (Deployment, "ceoagent-api"),
            (Deployment, "ceoagent-worker"),
            (StatefulSet, "postgres"),
            (DaemonSet, "log-shipper"),
        ]
        .map(|(k, n)| (k, n.to_owned()))
        .to_vec()
    }

    #[test]
    fn near_names_are_those_a_person_may_have_meant() {
        for (name, kind, near) in [
            (
                "ceoagent-ap",
                Some(Deployment),
                vec!["ceoagent-api", "ceoagent-worker"],
            ),
            ("api", Some(Deployment), vec!["ceoagent-api"]),
            ("postgres", Some(Deployment), vec!["statefulset/postgres"]),
            ("postgre", None, vec!["statefulset/postgres"]),
            ("zzz", None, vec![]),
        ] {
            assert_eq!(near_names(name, kind, &known()), near, "{name}");
        }
    }
}
