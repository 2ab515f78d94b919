//! Whose logs: a workload with the pods that it has at the moment, or one pod.

use std::sync::Arc;

use crate::{
    cluster::{Cached, ClusterError, View},
    failure::Failure,
    input::WorkloadOrPod,
    model::{PodName, Scope, Workload},
    objects::Pod,
};

/// How much alike two names of pods must be to be told as near.
const ALIKE: f64 = 0.82;

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Workload(Workload),
    Pod(PodName),
}

impl Target {
    /// Finds it. A bare name that is no workload's may be a pod's.
    pub(crate) async fn find(asked: WorkloadOrPod, view: &View) -> Result<Self, Failure> {
        match asked {
            WorkloadOrPod::Workload(name) => {
                let error = match view.resolve(&name).await {
                    Ok(workload) => return Ok(Self::Workload(workload)),
                    Err(error) => error,
                };
                let cached = view.cached(&name.cluster, &name.namespace)?;
                if name.kind.is_none() && cached.get::<Pod>(&name.name).is_some() {
                    return Ok(Self::Pod(PodName {
                        cluster: name.cluster,
                        namespace: name.namespace,
                        name: name.name,
                    }));
                }
                Err(error)
            }
            WorkloadOrPod::Pod(name) => {
                let cached = view.cached(&name.cluster, &name.namespace)?;
                if cached.get::<Pod>(&name.name).is_none() {
                    cached.fresh_again().await?;
                    return Err(missing(&name, &cached).into());
                }
                Ok(Self::Pod(name))
            }
        }
    }

    pub(crate) fn cluster(&self) -> &str {
        match self {
            Self::Workload(workload) => &workload.cluster,
            Self::Pod(pod) => &pod.cluster,
        }
    }

    pub(crate) fn namespace(&self) -> &str {
        match self {
            Self::Workload(workload) => &workload.namespace,
            Self::Pod(pod) => &pod.namespace,
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Workload(workload) => &workload.name,
            Self::Pod(pod) => &pod.name,
        }
    }

    /// `deployment/ceoagent-api`, `pod/ceoagent-api-5d8f7c9b4-x7k2p`.
    pub(crate) fn short(&self) -> String {
        match self {
            Self::Workload(workload) => workload.short(),
            Self::Pod(pod) => format!("pod/{}", pod.name),
        }
    }

    /// As the option takes it, from anywhere.
    pub(crate) fn full(&self) -> String {
        match self {
            Self::Workload(workload) => workload.to_string(),
            Self::Pod(pod) => pod.to_string(),
        }
    }

    /// Where, as cards say it.
    pub(crate) fn place(&self) -> String {
        Scope::namespace(self.cluster(), self.namespace()).place()
    }

    /// Its pods now, by name.
    pub(crate) fn pods(&self, cached: &Cached) -> Vec<Arc<Pod>> {
        let mut pods = match self {
            Self::Workload(workload) => cached.pods_of(workload),
            Self::Pod(pod) => cached.get::<Pod>(&pod.name).into_iter().collect(),
        };
        pods.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
        pods
    }

    /// Whether it is there. What the watches do not know for sure counts as there.
    pub(crate) fn exists(&self, cached: &Cached) -> bool {
        let there = match self {
            Self::Workload(workload) => cached.workload(workload).is_some(),
            Self::Pod(pod) => cached.get::<Pod>(&pod.name).is_some(),
        };
        there || !cached.synced() || cached.error().is_some()
    }
}

fn missing(name: &PodName, cached: &Cached) -> ClusterError {
    let names = cached.names::<Pod>().into_iter();
    let mut near: Vec<(f64, String)> = names
        .map(|other| (strsim::jaro_winkler(&name.name, &other), other))
        .filter(|(score, _)| *score >= ALIKE)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    ClusterError::NotFound {
        cluster: name.cluster.clone(),
        namespace: name.namespace.clone(),
        what: "pod".to_owned(),
        name: name.name.clone(),
        near: near.into_iter().take(3).map(|(_, name)| name).collect(),
    }
}
