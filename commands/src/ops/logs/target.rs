//! Whose logs: a workload with the pods that it has at the moment, or one pod.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;

use crate::{
    cluster::{Cached, ClusterError},
    failure::Failure,
    input::{BadInput, Input, parse_pod, parse_workload},
    model::{PodName, Scope, Workload, WorkloadName},
    ops::{contract::Context, parts},
};

/// How much alike two names of pods must be to be told as near.
const ALIKE: f64 = 0.82;

/// What a person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    Workload(WorkloadName),
    Pod(PodName),
}

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Workload(Workload),
    Pod(PodName),
}

impl Asked {
    pub(super) fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let text = input.text("workload")?;
        let text = input.required("workload", text)?;
        match parse_pod(&text, input.place()) {
            Some(pod) => pod.map(Self::Pod),
            None => parse_workload(&text, input.place()).map(Self::Workload),
        }
    }

    pub(super) fn scope(&self) -> Scope {
        match self {
            Self::Workload(name) => name.scope(),
            Self::Pod(name) => name.scope(),
        }
    }
}

impl Target {
    /// Finds it. A bare name that is no workload's may be a pod's.
    pub(super) async fn find(asked: Asked, cx: &Context<'_>) -> Result<Self, Failure> {
        match asked {
            Asked::Workload(name) => {
                let error = match cx.view.resolve(&name).await {
                    Ok(workload) => return Ok(Self::Workload(workload)),
                    Err(error) => error,
                };
                let cached = cx.view.cached(&name.cluster, &name.namespace)?;
                if name.kind.is_none() && cached.pod(&name.name).is_some() {
                    return Ok(Self::Pod(PodName {
                        cluster: name.cluster,
                        namespace: name.namespace,
                        name: name.name,
                    }));
                }
                Err(error)
            }
            Asked::Pod(name) => {
                let cached = cx.view.cached(&name.cluster, &name.namespace)?;
                if cached.pod(&name.name).is_none() {
                    parts::fresh(&cached, &name.cluster)?;
                    return Err(missing(&name, &cached).into());
                }
                Ok(Self::Pod(name))
            }
        }
    }

    pub(super) fn cluster(&self) -> &str {
        match self {
            Self::Workload(workload) => &workload.cluster,
            Self::Pod(pod) => &pod.cluster,
        }
    }

    pub(super) fn namespace(&self) -> &str {
        match self {
            Self::Workload(workload) => &workload.namespace,
            Self::Pod(pod) => &pod.namespace,
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Workload(workload) => &workload.name,
            Self::Pod(pod) => &pod.name,
        }
    }

    /// `deployment/ceoagent-api`, `pod/ceoagent-api-5d8f7c9b4-x7k2p`.
    pub(super) fn short(&self) -> String {
        match self {
            Self::Workload(workload) => workload.short(),
            Self::Pod(pod) => format!("pod/{}", pod.name),
        }
    }

    /// As the option takes it, from anywhere.
    pub(super) fn full(&self) -> String {
        match self {
            Self::Workload(workload) => workload.to_string(),
            Self::Pod(pod) => pod.to_string(),
        }
    }

    /// Where, as cards say it.
    pub(super) fn place(&self) -> String {
        format!("{} / {}", self.cluster(), self.namespace())
    }

    /// Its pods now, by name.
    pub(super) fn pods(&self, cached: &Cached) -> Vec<Arc<Pod>> {
        let mut pods = match self {
            Self::Workload(workload) => cached.pods_of(workload),
            Self::Pod(pod) => cached.pod(&pod.name).into_iter().collect(),
        };
        pods.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
        pods
    }

    /// Whether it is there. What the watches do not know for sure counts as there.
    pub(super) fn exists(&self, cached: &Cached) -> bool {
        let there = match self {
            Self::Workload(workload) => cached.workload(workload).is_some(),
            Self::Pod(pod) => cached.pod(&pod.name).is_some(),
        };
        there || !cached.synced() || cached.error().is_some()
    }
}

fn missing(name: &PodName, cached: &Cached) -> ClusterError {
    let names = cached
        .pods()
        .into_iter()
        .filter_map(|pod| pod.metadata.name.clone());
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
