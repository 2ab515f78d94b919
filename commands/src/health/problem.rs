//! In words why a pod is not ready, from its own status: the worst of its containers, or what holds the whole pod.

use super::{
    pod::{
        condition, container_end, containers, init_containers, is_ready, is_sidecar, is_terminating, phase,
        terminated, waiting,
    },
    scheduling,
};
use crate::objects::{ContainerStatus, Pod};

/// What is wrong with a pod. Ordered: the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A container used more memory than its limit.
    OutOfMemory,
    /// A container ends again and again.
    CrashLoop,
    /// A container cannot be started: no such command, no such user.
    CannotStart,
    /// What a container refers to is missing: a Secret, a ConfigMap, a key.
    BadConfig,
    /// An image cannot be pulled.
    ImagePull,
    /// An init container fails.
    InitFails,
    /// No node fits.
    Unschedulable,
    /// The pod ended with an error and stays so.
    Failed,
    /// The kubelet threw it out: the node ran short of something.
    Evicted,
    /// Its node is gone.
    NodeLost,
    /// It runs and does not become ready: a readiness probe fails.
    NotReady,
    /// Something holds it back from being scheduled (a scheduling gate).
    Gated,
    /// It is starting.
    Starting,
    /// It is on its way out.
    Terminating,
}

impl ProblemKind {
    /// The word in keys and metrics: `crash_loop`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OutOfMemory => "out_of_memory",
            Self::CrashLoop => "crash_loop",
            Self::CannotStart => "cannot_start",
            Self::BadConfig => "bad_config",
            Self::ImagePull => "image_pull",
            Self::InitFails => "init_fails",
            Self::Unschedulable => "unschedulable",
            Self::Failed => "failed",
            Self::Evicted => "evicted",
            Self::NodeLost => "node_lost",
            Self::NotReady => "not_ready",
            Self::Gated => "gated",
            Self::Starting => "starting",
            Self::Terminating => "terminating",
        }
    }

    /// Whether it passes by itself in the normal course of things.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Starting | Self::Terminating)
    }
}

/// Why a pod is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of trouble.
    pub kind: ProblemKind,
    /// Which container, where it is one's.
    pub container: Option<String>,
    /// In words: `container api, exit code 3 (error of the program), 6 restarts`.
    pub text: String,
}

/// Why a pod is not ready; `None` when it is, or has done its work.
#[must_use]
pub fn why_not_ready(pod: Option<&Pod>) -> Option<Problem> {
    let pod = pod?;
    if is_ready(Some(pod)) || phase(pod) == "Succeeded" {
        return None;
    }
    if is_terminating(pod) {
        return Some(whole(ProblemKind::Terminating, "it is being stopped".to_owned()));
    }
    of_the_pod(pod)
        .or_else(|| {
            worst(
                init_containers(pod)
                    .iter()
                    .filter_map(|c| init_problem(pod, c))
                    .collect(),
            )
        })
        .or_else(|| worst(containers(pod).iter().filter_map(container_problem).collect()))
        .or_else(|| {
            Some(whole(
                ProblemKind::Starting,
                "its containers are being created".to_owned(),
            ))
        })
}

fn whole(kind: ProblemKind, text: String) -> Problem {
    Problem {
        kind,
        container: None,
        text,
    }
}

fn worst(mut problems: Vec<Problem>) -> Option<Problem> {
    problems.sort_by_key(|p| p.kind);
    problems.into_iter().next()
}

/// What is wrong with the pod itself, before its containers.
fn of_the_pod(pod: &Pod) -> Option<Problem> {
    let message = &*pod.status.message;
    match &*pod.status.reason {
        "Evicted" => return Some(whole(ProblemKind::Evicted, with("it was evicted", message))),
        "NodeLost" => return Some(whole(ProblemKind::NodeLost, with("its node is gone", message))),
        reason if !reason.is_empty() && phase(pod) == "Failed" => {
            return Some(whole(
                ProblemKind::Failed,
                with(&format!("it failed: {reason}"), message),
            ));
        }
        _ => {}
    }
    match condition(pod, "PodScheduled") {
        Some(("False", "SchedulingGated", message)) => Some(whole(
            ProblemKind::Gated,
            with("a scheduling gate holds it back", message),
        )),
        Some(("False", _, "")) => Some(whole(
            ProblemKind::Unschedulable,
            "Pending, no node fits".to_owned(),
        )),
        Some(("False", _, message)) => Some(whole(
            ProblemKind::Unschedulable,
            format!("Pending, {}", scheduling::words(message)),
        )),
        _ => None,
    }
}

fn with(words: &str, message: &str) -> String {
    if message.is_empty() {
        words.to_owned()
    } else {
        format!("{words} ({})", message.trim_end_matches('.'))
    }
}

/// What is wrong with an init container. One that waits for its turn is not.
fn init_problem(pod: &Pod, container: &ContainerStatus) -> Option<Problem> {
    let state = &container.state;
    let done = terminated(state).is_some_and(|e| e.exit_code == 0);
    if done || (is_sidecar(pod, &container.name) && container.started == Some(true)) {
        return None;
    }
    let found =
        container_problem(container).filter(|p| !p.kind.is_passing() && p.kind != ProblemKind::NotReady)?;
    let kind = match found.kind {
        ProblemKind::CrashLoop | ProblemKind::Failed => ProblemKind::InitFails,
        other => other,
    };
    Some(Problem {
        kind,
        text: format!("init {}", found.text),
        ..found
    })
}

fn container_problem(container: &ContainerStatus) -> Option<Problem> {
    if container.ready {
        return None;
    }
    let state = &container.state;
    if let Some((reason, message)) = waiting(state) {
        return Some(of_waiting(container, reason, message));
    }
    if let Some(end) = terminated(state) {
        // A finished container of a pod that goes on is not what holds it up.
        return (end.exit_code != 0 || container.restart_count > 0).then(|| of_end(container));
    }
    let started = container.started.unwrap_or(true);
    let words = if started {
        "runs and is not ready: its readiness probe fails"
    } else {
        "runs and has not started up: its startup probe has not passed"
    };
    Some(of(container, ProblemKind::NotReady, words))
}

fn of(container: &ContainerStatus, kind: ProblemKind, words: &str) -> Problem {
    Problem {
        kind,
        container: Some(container.name.to_string()),
        text: format!("container {} {words}", container.name),
    }
}

fn of_waiting(container: &ContainerStatus, reason: &str, message: &str) -> Problem {
    let told = |kind, words: &str| of(container, kind, &with(words, &short(message)));
    match reason {
        "CrashLoopBackOff" => of_end(container),
        reason if is_image(reason) => {
            let image = if container.image.is_empty() {
                "its image"
            } else {
                &*container.image
            };
            told(
                ProblemKind::ImagePull,
                &format!("waits: {image} cannot be pulled"),
            )
        }
        "CreateContainerConfigError" => told(ProblemKind::BadConfig, "waits: what it refers to is missing"),
        "RunContainerError" | "CreateContainerError" | "StartError" | "PostStartHookError" => {
            told(ProblemKind::CannotStart, "cannot be started")
        }
        "ContainerCreating" | "PodInitializing" | "" => told(ProblemKind::Starting, "is being created"),
        other => told(ProblemKind::Starting, &format!("waits: {other}")),
    }
}

/// Whether a container waits for an image that cannot be pulled.
#[must_use]
pub fn is_image(reason: &str) -> bool {
    matches!(
        reason,
        "ImagePullBackOff"
            | "ErrImagePull"
            | "InvalidImageName"
            | "ErrImageNeverPull"
            | "ErrImagePullBackOff"
            | "ImageInspectError"
            | "RegistryUnavailable"
    )
}

/// A container that ended, and will be started again or not.
fn of_end(container: &ContainerStatus) -> Problem {
    let Some(end) = container_end(container) else {
        return of(container, ProblemKind::CrashLoop, "ends again and again");
    };
    let kind = match end.reason.as_deref() {
        Some("OOMKilled") => ProblemKind::OutOfMemory,
        Some("StartError" | "ContainerCannotRun") => ProblemKind::CannotStart,
        _ if container.restart_count > 0 => ProblemKind::CrashLoop,
        _ => ProblemKind::Failed,
    };
    let times = match container.restart_count {
        0 => String::new(),
        1 => ", 1 restart".to_owned(),
        n => format!(", {n} restarts"),
    };
    Problem {
        kind,
        container: Some(container.name.to_string()),
        text: format!("container {}, {}{times}", container.name, end.text),
    }
}

/// A message of the kubelet or the runtime, cut to what fits on a phone: its end says more than its beginning.
#[must_use]
pub fn short(message: &str) -> String {
    const MOST: usize = 220;
    // What runtimes and the kubelet put before the reason says the same each time.
    const BEFORE: [&str; 2] = ["unable to start container process: ", ": ErrImagePull: "];
    let message = BEFORE
        .iter()
        .find_map(|words| message.split_once(words))
        .map_or(message, |(_, why)| why);
    let count = message.chars().count();
    if count <= MOST {
        return message.to_owned();
    }
    let head: String = message.chars().take(60).collect();
    let tail: String = message.chars().skip(count - (MOST - 60)).collect();
    format!("{head}…{tail}")
}
