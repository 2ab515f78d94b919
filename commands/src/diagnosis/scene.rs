//! What a cause is looked for in: a pod with what an Event says of it, or a workload with its pods.

use std::time::Duration;

use super::{
    finding::{Certainty, Evidence, Found},
    surroundings::{self, ProbeKind, Surroundings},
    words::short,
};
use crate::{
    cluster::WorkloadObject,
    health::{Rollout, pod},
    incident::{Subject, Timing},
    model::{Text, Timestamp},
    objects::{ContainerStatus, Event, Pod, event_time},
    redact::Redactor,
};

/// When a look is, how long an end of a container counts as a problem that goes on, and what may be told.
#[derive(Debug, Clone, Copy)]
pub struct Look<'r> {
    /// Now.
    pub now: Timestamp,
    /// See [`crate::incident::Timing::settle`].
    pub settle: Duration,
    /// See [`crate::incident::Timing::patience`].
    pub patience: Duration,
    /// What stands around and explains.
    pub around: Option<&'r Surroundings>,
    /// What takes the secrets out of what programs and controllers wrote; `None` where nothing of that may be told, because
    /// it is not known what is secret.
    pub quotes: Option<&'r Redactor>,
}

impl<'r> Look<'r> {
    /// A look with the patience of incidents. Nothing of what is said may be told, and nothing around is known.
    #[must_use]
    pub fn new(now: Timestamp, timing: &Timing) -> Self {
        Self {
            now,
            settle: timing.settle,
            patience: timing.patience,
            around: None,
            quotes: None,
        }
    }

    /// What is said may be told, without what the redactor takes out.
    #[must_use]
    pub fn quoting(self, quotes: Option<&'r Redactor>) -> Self {
        Self { quotes, ..self }
    }

    /// With what stands around.
    #[must_use]
    pub fn among(self, around: &'r Surroundings) -> Self {
        Self {
            around: Some(around),
            ..self
        }
    }

    /// Names of images are nobody's message, and still may hold what somebody declared a secret.
    pub(super) fn clean(&self, text: Text) -> Text {
        match self.quotes {
            Some(redactor) => redactor.line(text),
            None => text,
        }
    }

    /// What somebody wrote, as it may be told, in a line; empty where it may not.
    #[must_use]
    pub fn said(&self, message: &str) -> String {
        self.quotes
            .map(|redactor| redactor.quote_in_a_line(message))
            .unwrap_or_default()
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
    /// Its object, where it is at hand.
    pub workload: Option<&'a WorkloadObject>,
    /// The pods in question: all of them, or those of the newest revision.
    pub pods: Vec<&'a Pod>,
    /// When it is looked at.
    pub look: Look<'a>,
}

impl Scene<'_> {
    /// What the API server says of the pods that it refuses, without the name that it gave the pod; empty where it may not
    /// be told.
    pub(super) fn refusal(&self) -> Option<String> {
        let message = match (&self.rollout.failure, self.failed_create()) {
            (Some(message), _) => self.look.quote(message),
            (None, event) => self.look.quote(surroundings::message(event?)),
        };
        let why = message
            .split_once(" is forbidden: ")
            .map_or(message.as_str(), |(_, why)| why);
        // What controllers put before it says the same each time.
        let why = why.strip_prefix("Error creating: ").unwrap_or(why);
        Some(why.trim_end_matches('.').to_owned())
    }

    /// Since when the API server refuses pods.
    pub(super) fn refused_since(&self) -> Timestamp {
        let told = self.rollout.failure.as_ref().and(self.rollout.failing_since);
        let event = || event_time(self.failed_create()?);
        told.or_else(event).unwrap_or(self.look.now)
    }

    /// When the last try to make a pod was refused, where the object itself does not say that this is so now.
    pub(super) fn tried(&self) -> Option<Timestamp> {
        match self.rollout.failure {
            Some(_) => None,
            None => event_time(self.failed_create()?),
        }
    }

    /// What the controllers of StatefulSets and DaemonSets say in an Event only.
    fn failed_create(&self) -> Option<&Event> {
        let (object, around) = (self.workload?, self.look.around?);
        let lacks = self.rollout.pods < self.rollout.desired;
        let refused = |e: &Event| e.reason == "FailedCreate" && surroundings::is_fresh(e, self.look.now);
        around
            .newest(object.kind().kind(), object.metadata(), refused)
            .filter(|_| lacks)
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
    /// Whether it is looked at because its rollout sticks: then what is not ready yet is part of the answer.
    pub(super) late: bool,
    /// When it is looked at.
    pub(super) look: Look<'a>,
}

impl<'a> PodScene<'a> {
    /// The newest warning about it that a rule takes.
    pub(super) fn warning(self, takes: impl Fn(&Event) -> bool) -> Option<&'a Event> {
        self.look.around?.newest("Pod", &self.pod.metadata, takes)
    }

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

impl<'a> InContainer<'a> {
    /// What a probe of it answered when it failed.
    pub(super) fn unhealthy(&self, takes: impl Fn(ProbeKind, &Event) -> bool) -> Option<&'a Event> {
        let name = &*self.status.name;
        self.scene.warning(|event| {
            let about = event.container().is_none_or(|container| container == name);
            about && ProbeKind::of(event).is_some_and(|kind| takes(kind, event))
        })
    }

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
