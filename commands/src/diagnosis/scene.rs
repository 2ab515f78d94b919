//! What a cause is looked for in: a pod with what an Event says of it, or a workload with its pods.

use std::time::Duration;

use super::{
    finding::{Certainty, Evidence, Found},
    words::short,
};
use crate::{
    health::{Rollout, pod},
    incident::Subject,
    model::{Text, Timestamp},
    objects::{ContainerStatus, Event, Pod},
    redact::Redactor,
};

/// When a look is, how long an end of a container counts as a problem that goes on, and what may be told.
#[derive(Debug, Clone, Copy)]
pub struct Look<'r> {
    /// Now.
    pub now: Timestamp,
    /// See [`crate::incident::Timing::settle`].
    pub settle: Duration,
    /// What takes the secrets out of what programs and controllers wrote; `None` where nothing of that may be told, because
    /// it is not known what is secret.
    pub quotes: Option<&'r Redactor>,
}

impl Look<'_> {
    /// Names of images are nobody's message, and still may hold what somebody declared a secret.
    pub(super) fn clean(&self, text: Text) -> Text {
        match self.quotes {
            Some(redactor) => redactor.line(text),
            None => text,
        }
    }

    /// What somebody wrote, as it may be told; empty where it may not.
    pub(super) fn quote(&self, message: &str) -> String {
        self.quotes
            .map(|redactor| redactor.quote(message))
            .unwrap_or_default()
    }
}

/// A workload as causes see it.
pub struct Scene<'a> {
    /// How its rollout stands.
    pub rollout: &'a Rollout,
    /// The revision that it is rolling out.
    pub revision: Option<i64>,
    /// The pods in question: all of them, or those of the newest revision.
    pub pods: Vec<&'a Pod>,
    /// What the namespace's Events say; may be empty.
    pub events: &'a [Event],
    /// When it is looked at.
    pub look: Look<'a>,
}

impl Scene<'_> {
    /// What the API server says of the pods that it refuses, without the name that it gave the pod; empty where it may not
    /// be told.
    pub(super) fn refusal(&self) -> Option<String> {
        let message = self.look.quote(self.rollout.failure.as_ref()?);
        let why = message
            .split_once(" is forbidden: ")
            .map_or(message.as_str(), |(_, why)| why);
        Some(why.trim_end_matches('.').to_owned())
    }

    /// A finding about the workload as a whole.
    pub(super) fn finding<C>(&self, cause: C) -> Found<C> {
        Found {
            cause,
            subject: None,
            certainty: Certainty::Seen,
            evidence: vec![],
            restarts: 0,
            since: self.look.now,
            last: self.look.now,
        }
    }
}

/// A pod as causes see it: what it quotes may be told.
#[derive(Clone, Copy)]
pub(super) struct PodScene<'a> {
    /// The pod.
    pub(super) pod: &'a Pod,
    /// The newest warning about it.
    pub(super) warning: Option<&'a Event>,
    /// When it is looked at.
    pub(super) look: Look<'a>,
}

impl<'a> PodScene<'a> {
    /// Its containers, as far as they can be a cause: init containers that are done, and sidecars that have started, are
    /// none. What was thrown out as a whole failed by nothing of its containers.
    pub(super) fn containers(self) -> impl Iterator<Item = InContainer<'a>> {
        let pod = self.pod;
        let whole = pod::is_over(pod) && !pod.status.reason.is_empty();
        let init = pod.status.init_container_statuses.iter().map(|c| (c, true));
        let main = pod.status.container_statuses.iter().map(|c| (c, false));
        let all = init.chain(main).filter(move |_| !whole);
        all.map(move |(status, init)| InContainer {
            scene: self,
            status,
            init,
        })
    }

    /// A finding about the pod itself.
    pub(super) fn finding<C>(self, cause: C) -> Found<C> {
        let state = pod::state(self.pod);
        let not_ready = self
            .pod
            .status
            .condition("Ready")
            .filter(|c| c.status != "True")
            .and_then(|c| c.last_transition_time);
        Found {
            cause,
            subject: Some(Subject {
                pod: state.name,
                container: None,
                ended: None,
                running: false,
            }),
            certainty: Certainty::Seen,
            evidence: vec![],
            restarts: state.restarts,
            since: not_ready.or(state.created).unwrap_or(self.look.now),
            last: self.look.now,
        }
    }
}

/// A container as causes see it.
#[derive(Clone, Copy)]
pub(super) struct InContainer<'a> {
    /// Its pod.
    pub(super) scene: PodScene<'a>,
    /// How it is.
    pub(super) status: &'a ContainerStatus,
    /// Whether it is an init container.
    pub(super) init: bool,
}

impl InContainer<'_> {
    /// Which one, as a cause remembers it.
    pub(super) fn name(&self) -> ContainerName {
        ContainerName {
            name: self.status.name.to_string(),
            init: self.init,
        }
    }

    /// Why it waits, in the kubelet's word and message.
    pub(super) fn waits(&self) -> Option<(&str, Option<String>)> {
        let waiting = self.status.state.waiting.as_ref()?;
        let message = Some(&*waiting.message).filter(|m| !m.is_empty());
        Some((&waiting.reason, message.map(short)))
    }

    /// Whether nothing is expected of it any more: an init container that is done, a sidecar that has started.
    pub(super) fn is_done(&self) -> bool {
        let end = self.status.state.terminated.as_deref();
        let sidecar = pod::is_sidecar(self.scene.pod, &self.status.name);
        self.init && (end.is_some_and(|e| e.exit_code == 0) || (sidecar && self.status.started == Some(true)))
    }

    /// A finding about it.
    pub(super) fn finding<C>(&self, cause: C) -> Found<C> {
        let mut finding = self.scene.finding(cause);
        if let Some(subject) = &mut finding.subject {
            subject.container = Some(self.status.name.to_string());
        }
        if let Some((reason, message)) = self.waits() {
            finding.evidence.push(Evidence::Waiting {
                reason: reason.to_owned(),
                message,
            });
        }
        finding
    }
}

/// A container, as a cause names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerName {
    /// Its name.
    pub name: String,
    /// Whether it is an init container.
    pub init: bool,
}

impl ContainerName {
    /// `container api`
    pub(super) fn text(&self) -> Text {
        crate::texts::diagnosis::container(&self.name, self.init)
    }

    /// Its bare name, under a title that says what it is.
    pub(super) fn bare(&self) -> Text {
        self.name.as_str().into()
    }
}
