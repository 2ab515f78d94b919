//! One pod on its node.

use std::time::Instant;

use serde_json::Value;

use super::container::{Container, Finished, Shown, Step};
use crate::kube::controllers::meta::{is_true, name, namespace, text, uid};
use crate::kube::key::Key;
use crate::kube::store;

/// How far the pod has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Accepted: the sandbox is made when due.
    Accepted { due: Instant },
    /// A volume names something that is not there; tried again when due.
    Mounting { due: Instant },
    /// The sandbox is there; the containers go their ways.
    Sandboxed,
    /// Its containers are told to end and are ended when due.
    Terminating { due: Instant },
}

/// A pod as its kubelet knows it.
#[derive(Clone, Debug)]
pub(crate) struct Pod {
    pub key: Key,
    pub uid: String,
    pub node: String,
    pub policy: String,
    pub ip: Option<String>,
    pub started_at: String,
    pub stage: Stage,
    pub mounts: u32,
    pub inits: Vec<Container>,
    pub containers: Vec<Container>,
    pub ready_since: Option<Instant>,
}

impl Pod {
    /// A pod that has just been bound to the node.
    pub(crate) fn accepted(key: &Key, pod: &Value, due: Instant) -> Pod {
        let list = |field: &str| pod["spec"][field].as_array().cloned().unwrap_or_default();
        let inits = list("initContainers");
        let waiting = Shown::waiting(if inits.is_empty() {
            "ContainerCreating"
        } else {
            "PodInitializing"
        });
        Pod {
            key: key.clone(),
            uid: uid(pod).to_owned(),
            node: text(pod, "/spec/nodeName").to_owned(),
            policy: pod["spec"]["restartPolicy"]
                .as_str()
                .unwrap_or("Always")
                .to_owned(),
            ip: None,
            started_at: store::now(),
            stage: Stage::Accepted { due },
            mounts: 0,
            inits: inits
                .iter()
                .map(|spec| Container::new(spec, true, waiting.clone()))
                .collect(),
            containers: list("containers")
                .iter()
                .map(|spec| Container::new(spec, false, waiting.clone()))
                .collect(),
            ready_since: None,
        }
    }

    /// A pod that was put into the store with a status already (by a fixture): its containers go on as it says.
    pub(crate) fn adopted(key: &Key, pod: &Value, now: Instant) -> Pod {
        let mut adopted = Pod::accepted(key, pod, now);
        adopted.stage = Stage::Sandboxed;
        adopted.ip = pod["status"]["podIP"].as_str().map(str::to_owned);
        if let Some(start) = pod["status"]["startTime"].as_str() {
            adopted.started_at = start.to_owned();
        }
        let statuses = |field: &str| pod["status"][field].as_array().cloned().unwrap_or_default();
        for (containers, statuses) in [
            (&mut adopted.inits, statuses("initContainerStatuses")),
            (&mut adopted.containers, statuses("containerStatuses")),
        ] {
            for container in containers.iter_mut() {
                if let Some(status) = statuses
                    .iter()
                    .find(|status| status["name"] == container.name.as_str())
                {
                    adopt(container, status, now);
                }
            }
        }
        adopted.ready_since = is_true(pod, "Ready").then_some(now);
        adopted
    }

    pub(crate) fn name(&self) -> &str {
        &self.key.name
    }

    pub(crate) fn namespace(&self) -> &str {
        self.key.namespace.as_deref().unwrap_or_default()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Container> {
        self.inits.iter().chain(&self.containers)
    }

    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Container> {
        self.inits.iter_mut().chain(self.containers.iter_mut())
    }

    pub(crate) fn initialized(&self) -> bool {
        self.inits.iter().all(Container::initialized)
    }

    /// How kubelets write the pod in messages: `name_namespace(uid)`.
    pub(crate) fn long_name(&self) -> String {
        format!("{}_{}({})", self.name(), self.namespace(), self.uid)
    }

    /// Whether the status of both reads the same.
    pub(crate) fn looks_like(&self, other: &Pod) -> bool {
        let sandboxed = |pod: &Pod| matches!(pod.stage, Stage::Sandboxed | Stage::Terminating { .. });
        sandboxed(self) == sandboxed(other)
            && self.ip == other.ip
            && self.all().zip(other.all()).all(|(one, two)| one.looks_like(two))
    }

    /// Whether nothing is due, so that a look would change nothing (gates apart).
    pub(crate) fn rests(&self, now: Instant) -> bool {
        self.next().is_none_or(|at| at > now)
            && !self
                .all()
                .any(|container| container.held || container.step == Step::Idle)
    }

    /// When something is due next.
    pub(crate) fn next(&self) -> Option<Instant> {
        match self.stage {
            Stage::Accepted { due } | Stage::Mounting { due } | Stage::Terminating { due } => Some(due),
            Stage::Sandboxed => self.all().filter_map(Container::next).min(),
        }
    }
}

fn adopt(container: &mut Container, status: &Value, now: Instant) {
    container.restarts = status["restartCount"].as_i64().unwrap_or(0);
    container.id = status["containerID"].as_str().map(str::to_owned);
    container.ready = status["ready"] == true;
    container.started = status["started"] == true;
    container.last = status["lastState"].get("terminated").map(finished);
    let state = &status["state"];
    if let Some(since) = state["running"]["startedAt"].as_str() {
        container.shown = Shown::Running {
            since: since.to_owned(),
        };
        container.step = Step::Running;
        container.since = Some(now);
    } else if state["terminated"].is_object() {
        container.shown = Shown::Terminated(finished(&state["terminated"]));
        container.step = Step::Done;
    } else {
        let told = |field: &str| state["waiting"][field].as_str().unwrap_or_default().to_owned();
        container.shown = Shown::Waiting {
            reason: told("reason"),
            message: told("message"),
        };
        // A fixture's waiting container stays as it was put there.
        container.step = Step::Done;
    }
}

fn finished(state: &Value) -> Finished {
    let told = |field: &str| state[field].as_str().unwrap_or_default().to_owned();
    Finished {
        id: told("containerID"),
        code: state["exitCode"]
            .as_i64()
            .and_then(|code| i32::try_from(code).ok())
            .unwrap_or(0),
        reason: told("reason"),
        message: state["message"].as_str().map(str::to_owned),
        started: told("startedAt"),
        finished: told("finishedAt"),
    }
}

/// The names by which rules know a container of this pod object.
pub(crate) fn who<'a>(pod: &'a Value, container: &'a Container) -> super::behaviour::Who<'a> {
    super::behaviour::Who {
        namespace: namespace(pod),
        pod: name(pod),
        container: &container.name,
        image: &container.image,
    }
}
