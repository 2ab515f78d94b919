//! Whose logs are read: the container, the pods that have begun, those that no node has yet.

use super::{containers::Chosen, question::Question, target::Target, trouble::Trouble};
use crate::{
    cluster::{Cached, Log},
    health,
    input::Since,
    objects::Pod,
};

/// Pods that are read at the same time.
pub(super) const PODS: usize = 40;

/// What is looked at.
pub(crate) struct Scene {
    pub(crate) target: Target,
    pub(crate) container: Chosen,
    /// The pods that are read.
    pub(crate) pods: Vec<String>,
    /// Pods that are not read because no node has them yet.
    pub(super) waiting: Vec<(usize, Trouble)>,
    /// Pods beyond the bound.
    pub(super) more: usize,
    /// Whether a container of theirs has ended before.
    pub(crate) restarted: bool,
}

impl Scene {
    pub(crate) fn of(target: Target, container: Chosen, cached: &Cached) -> Self {
        let mut pods = target.pods(cached);
        let more = pods.len().saturating_sub(PODS);
        if more > 0 {
            // The troubled first, then the youngest.
            pods.sort_by_cached_key(|pod| {
                let state = health::state(pod);
                (state.ready, std::cmp::Reverse(state.created))
            });
            pods.truncate(PODS);
        }
        let waiting = pods
            .iter()
            .enumerate()
            .filter_map(|(n, pod)| Some((n, Trouble::of_pod(pod)?)))
            .collect();
        Self {
            target,
            container,
            waiting,
            more,
            restarted: pods.iter().any(|pod| health::state(pod).restarts > 0),
            pods: pods.iter().map(|pod| name(pod)).collect(),
        }
    }

    /// No pods of this target.
    #[cfg(test)]
    pub(crate) fn empty(target: Target, container: &str) -> Self {
        Self {
            target,
            container: Chosen {
                name: container.to_owned(),
                beside: vec![],
            },
            pods: vec![],
            waiting: vec![],
            more: 0,
            restarted: false,
        }
    }

    /// Which log of each pod.
    pub(super) fn log(&self, question: &Question) -> Log {
        let (since_seconds, since_time) = match question.since {
            // By the node's clock, which wrote the times.
            Some(Since::Ago(length)) => (Some(i64::try_from(length.as_secs()).unwrap_or(i64::MAX)), None),
            Some(Since::At(at)) => (None, Some(at)),
            None => (None, None),
        };
        Log {
            container: Some(self.container.name.clone()),
            since_seconds,
            since_time,
            timestamps: true,
            ..Log::default()
        }
    }
}

pub(super) fn name(pod: &Pod) -> String {
    pod.metadata.name.to_string()
}
