//! What stands around pods and workloads and explains them: the warnings about them, and nodes that fail.

use std::{collections::HashMap, sync::Arc, time::Duration};

use super::tied::Tied;
use crate::{
    cluster::Cached,
    health::{node, pod},
    model::{Timestamp, since},
    objects::{ContainerStatus, Event, Metadata, Node, Pod, event_time},
};

/// So long after it was last seen a warning may still hold: the kubelet repeats a failed mount every two minutes, and tells
/// of it every five once it has told of many.
const FRESH: Duration = Duration::from_secs(6 * 60);

/// What stands around the pods and workloads of a namespace, as of one look.
#[derive(Debug, Default)]
pub struct Surroundings {
    warnings: HashMap<Box<str>, Vec<Arc<Event>>>,
    nodes: HashMap<Box<str>, node::NodeState>,
    /// By claim.
    volumes: HashMap<String, Tied>,
}

impl FromIterator<Arc<Event>> for Surroundings {
    fn from_iter<I: IntoIterator<Item = Arc<Event>>>(events: I) -> Self {
        let mut all = Self::default();
        for event in events.into_iter().filter(|event| event.type_ == "Warning") {
            let name = event.involved_object.name.clone();
            all.warnings.entry(name).or_default().push(event);
        }
        all
    }
}

impl Surroundings {
    /// Of a namespace.
    #[must_use]
    pub fn of(cached: &Cached) -> Self {
        cached.list::<Event>().into_iter().collect()
    }

    /// With the nodes of its cluster.
    #[must_use]
    pub fn on<'n>(mut self, nodes: impl IntoIterator<Item = &'n Node>) -> Self {
        let states = nodes.into_iter().map(node::state).filter(|state| !state.ready);
        self.nodes = states.map(|state| (state.name.as_str().into(), state)).collect();
        self
    }

    /// With the volumes that keep pods where no node is ready.
    #[must_use]
    pub fn holding(mut self, volumes: impl IntoIterator<Item = Tied>) -> Self {
        let by_claim = volumes.into_iter().map(|tied| (tied.claim.clone(), tied));
        self.volumes = by_claim.collect();
        self
    }

    /// The volume that keeps a pod where no node is ready.
    pub(super) fn tied(&self, pod: &Pod) -> Option<&Tied> {
        let mut claims = pod.spec.claims.iter();
        claims.find_map(|claim| self.volumes.get(&**claim))
    }

    /// Whether a node is not ready, of those that are known.
    pub(super) fn any_node_fails(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// The state of a node that is not ready.
    pub(super) fn failing_node(&self, name: &str) -> Option<&node::NodeState> {
        self.nodes.get(name)
    }

    /// The newest warning about an object that a rule takes.
    pub(super) fn newest(
        &self,
        kind: &str,
        metadata: &Metadata,
        takes: impl Fn(&Event) -> bool,
    ) -> Option<&Event> {
        let about = |event: &Event| {
            let object = &event.involved_object;
            object.kind == *kind && (object.uid == metadata.uid || object.uid.is_empty())
        };
        let all = self.warnings.get(&metadata.name).into_iter().flatten();
        all.map(AsRef::as_ref)
            .filter(|event| about(event) && takes(event))
            .max_by_key(|event| event_time(event))
    }
}

/// A kind of probe, as the kubelet names it in its Events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    /// Says whether the container can do its work.
    Readiness,
    /// Says whether the container is to be started again.
    Liveness,
    /// Says whether the container has started up.
    Startup,
}

impl ProbeKind {
    /// Of which probe a warning tells.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let words = plain(&event.message);
        let is = |name: &str| words.starts_with(name) && event.reason == "Unhealthy";
        [
            ("Readiness", Self::Readiness),
            ("Liveness", Self::Liveness),
            ("Startup", Self::Startup),
        ]
        .into_iter()
        .find_map(|(name, kind)| is(name).then_some(kind))
    }
}

/// Many Events of one kind are told as one, with these words before the last of them.
fn plain(message: &str) -> &str {
    message
        .strip_prefix("(combined from similar events): ")
        .unwrap_or(message)
}

/// What a probe answered: `connection refused` of `Readiness probe failed: connection refused`.
pub(super) fn answer(event: &Event) -> &str {
    let words = plain(&event.message);
    let said = words
        .split_once(" probe failed:")
        .or_else(|| words.split_once(" probe errored:"));
    said.map_or(words, |(_, said)| said).trim()
}

/// What an Event says, without what is put before it.
pub(super) fn message(event: &Event) -> &str {
    plain(&event.message).trim()
}

/// Whether a warning is one of the state in which a pod is now: what the scheduler said is over once the pod has a node, and
/// what kept its containers from being made is over once one was.
pub(super) fn belongs(event: &Event, pod: &Pod, now: Timestamp) -> bool {
    let fresh = || is_fresh(event, now);
    match &*event.reason {
        "FailedScheduling" | "FailedBinding" | "ProvisioningFailed" | "WaitForFirstConsumer" => {
            pod.spec.node_name.is_empty() && !pod::is_over(pod)
        }
        "Unhealthy" => {
            let mut statuses = statuses(pod).filter(|c| event.container().is_none_or(|name| c.name == *name));
            statuses.any(|c| since_its_start(event, c))
        }
        reason if is_before_containers(reason) => is_being_made(pod) && fresh(),
        "Failed" | "InspectFailed" | "ErrImageNeverPull" => {
            let waits = |c: &ContainerStatus| c.state.waiting.is_some();
            let about = |c: &ContainerStatus| event.container().is_none_or(|name| c.name == *name);
            statuses(pod).any(|c| about(c) && waits(c))
        }
        _ => fresh(),
    }
}

/// Whether what a warning says may hold still.
pub(super) fn is_fresh(event: &Event, now: Timestamp) -> bool {
    event_time(event).is_none_or(|at| since(at, now) < FRESH)
}

/// Warnings about what has to be there before a container can be made: volumes, the sandbox and its network.
pub(super) fn is_before_containers(reason: &str) -> bool {
    matches!(
        reason,
        "FailedMount"
            | "FailedAttachVolume"
            | "FailedMapVolume"
            | "FailedCreatePodSandBox"
            | "FailedPrepareDynamicResources"
            | "NetworkNotReady"
            | "FailedSync"
    )
}

/// Whether a pod has a node, and none of its containers was made yet.
pub(super) fn is_being_made(pod: &Pod) -> bool {
    let made = |c: &ContainerStatus| {
        let waits = c.state.waiting.as_ref();
        let creating =
            waits.is_some_and(|w| matches!(&*w.reason, "ContainerCreating" | "PodInitializing" | ""));
        !creating || c.last_state.terminated.is_some()
    };
    !pod.spec.node_name.is_empty() && !pod::is_over(pod) && !statuses(pod).any(made)
}

fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = &pod.status;
    status
        .init_container_statuses
        .iter()
        .chain(&status.container_statuses)
}

/// Whether a warning about a container is of the run that goes on, or of the last one where it ended. Times of objects have
/// whole seconds.
pub(super) fn since_its_start(event: &Event, container: &ContainerStatus) -> bool {
    let state = &container.state;
    let running = state.running.as_ref().map(|running| running.started_at);
    let ended = || {
        let end = state
            .terminated
            .as_deref()
            .or(container.last_state.terminated.as_deref());
        end.map(|end| end.started_at)
    };
    match (running.or_else(ended).flatten(), event_time(event)) {
        (Some(start), Some(at)) => at.as_second() >= start.as_second(),
        _ => true,
    }
}
