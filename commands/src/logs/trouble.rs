//! Why there is no log, or no more of it. The kubelet says some of it in the log itself, with HTTP 200; here it is told as
//! what it is.

use crate::{cluster::ClusterError, diagnosis, model::Text, objects::Pod, texts};

/// Why one pod's log is not shown, or not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The container does not run yet; the kubelet's reason.
    Waiting(String),
    /// The container was not created yet.
    NotCreated,
    /// No node has the pod yet; the scheduler's reason.
    Unscheduled(Text),
    /// No container ended before the present one.
    NoPrevious,
    /// The container is gone from its node, and its log with it.
    Removed,
    /// This pod has no such container.
    NoContainer,
    /// The pod is gone.
    Gone,
    /// Nothing more came for some time.
    Stalled,
    /// The connection broke before the log was whole.
    Cut,
    /// The API server's words.
    Said(String),
    /// It could not be asked, or said no.
    Cluster(ClusterError),
}

impl Trouble {
    /// From what the API server answered.
    pub(super) fn of(error: ClusterError) -> Self {
        let message = match error {
            ClusterError::Invalid { message } => message.plain(),
            ClusterError::NotFound { .. } => return Self::Gone,
            other => return Self::Cluster(other),
        };
        if let Some((_, reason)) = message.split_once(" is waiting to start: ") {
            return Self::Waiting(reason.to_owned());
        }
        if message.starts_with("previous terminated container ") {
            return Self::NoPrevious;
        }
        if message.contains(" is not valid for pod ") {
            return Self::NoContainer;
        }
        if message.starts_with("container ") && message.ends_with(" is not available") {
            return Self::NotCreated;
        }
        Self::Said(message)
    }

    /// From a line without a time: the kubelet speaks, not the container. This is what it writes in place of a log that it
    /// has removed already.
    pub(super) fn of_line(line: &[u8]) -> Option<Self> {
        line.starts_with(b"unable to retrieve container logs for ")
            .then_some(Self::Removed)
    }

    /// A pod that no node has: its log cannot be asked for.
    pub(super) fn of_pod(pod: &Pod) -> Option<Self> {
        if !pod.spec.node_name.is_empty() {
            return None;
        }
        let why = diagnosis::unscheduled(pod);
        Some(Self::Unscheduled(why.unwrap_or_default()))
    }

    /// In words, behind the pod's name.
    pub(super) fn words(&self, container: &str) -> Text {
        match self {
            Self::Waiting(reason) => texts::logs::waiting(container, &Text::from(reason)),
            Self::NotCreated => texts::logs::waiting(container, &texts::logs::not_created_yet()),
            Self::Unscheduled(reason) => texts::logs::unscheduled(reason),
            Self::NoPrevious => texts::logs::no_previous(container),
            Self::Removed => texts::logs::removed(),
            Self::NoContainer => texts::logs::has_no_container(container),
            Self::Gone => texts::logs::pod_gone(),
            Self::Stalled => texts::logs::stalled(),
            Self::Cut => texts::logs::cut(),
            Self::Said(message) => Text::from(message),
            Self::Cluster(error) => error.brief(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sentences are those of a real 1.36 cluster.
    #[test]
    fn what_the_api_server_says_is_told_as_what_it_is() {
        for (message, words) in [
            (
                "container \"api\" in pod \"p\" is waiting to start: trying and failing to pull image",
                "container api is waiting to start: trying and failing to pull image",
            ),
            (
                "container \"api\" in pod \"p\" is waiting to start: CreateContainerConfigError",
                "container api is waiting to start: CreateContainerConfigError",
            ),
            (
                "previous terminated container \"api\" in pod \"p\" not found",
                "container api has not ended before: there is no previous log",
            ),
            ("container zzz is not valid for pod p", "has no container api"),
            (
                "a container name must be specified for pod p, choose one of: [api sidecar]",
                "a container name must be specified for pod p, choose one of: [api sidecar]",
            ),
        ] {
            let error = ClusterError::Invalid {
                message: message.into(),
            };
            assert_eq!(Trouble::of(error).words("api").plain(), words);
        }
        let line = b"unable to retrieve container logs for containerd://4520d7d0c17a";
        assert_eq!(Trouble::of_line(line), Some(Trouble::Removed));
        assert_eq!(Trouble::of_line(b"a line of a program"), None);
    }

    #[test]
    fn a_pod_without_a_node_says_why() {
        let mut pod = Pod::default();
        assert!(matches!(Trouble::of_pod(&pod), Some(Trouble::Unscheduled(_))));
        pod.spec.node_name = "node-1".into();
        assert_eq!(Trouble::of_pod(&pod), None);
    }
}
