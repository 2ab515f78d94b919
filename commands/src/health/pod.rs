//! The state of a pod: the word of kubectl's STATUS column and the numbers beside it. Decided as kubectl's printer
//! decides (`pkg/printers/internalversion`, `printPod`), so that the bot and a terminal agree.

use crate::{
    model::Timestamp,
    objects::{ContainerState, ContainerStatus, Pod, Terminated},
};

/// How a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Which container.
    pub container: String,
    /// The kubelet's word: `Error`, `OOMKilled`, `Completed`.
    pub reason: Option<String>,
    /// Its exit code.
    pub exit_code: i32,
    /// What it left in its termination log.
    pub message: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

/// A pod in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodState {
    /// Its name.
    pub name: String,
    /// kubectl's STATUS column: `Running`, `CrashLoopBackOff`, `Init:0/1`.
    pub status: String,
    /// Containers that are ready, and all of them: kubectl's READY column.
    pub containers: (u32, u32),
    /// Whether it gets traffic.
    pub ready: bool,
    /// Restarts of its containers, as kubectl counts them.
    pub restarts: i32,
    /// The last time a container ended.
    pub last_end: Option<Ended>,
    /// Whether it is on its way out.
    pub terminating: bool,
    /// Its node.
    pub node: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// The state of a pod.
#[must_use]
pub fn state(pod: &Pod) -> PodState {
    let (status, restarts) = column(pod);
    PodState {
        name: pod.metadata.name.to_string(),
        status,
        containers: container_counts(pod),
        ready: is_ready(Some(pod)),
        restarts,
        last_end: last_end(pod),
        terminating: is_terminating(pod),
        node: not_empty(&pod.spec.node_name).map(str::to_owned),
        created: pod.metadata.creation_timestamp,
    }
}

/// Whether a pod gets traffic: its `Ready` condition holds, and it is not on its way out.
#[must_use]
pub fn is_ready(pod: Option<&Pod>) -> bool {
    pod.is_some_and(|p| {
        !is_terminating(p) && condition(p, "Ready").is_some_and(|(status, ..)| status == "True")
    })
}

/// Whether a pod has ended for good, well or not.
#[must_use]
pub fn is_over(pod: &Pod) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

/// Whether a pod is one of those that shall run: what ended for good or is on its way out crashes no more.
#[must_use]
pub fn is_counted(pod: &Pod) -> bool {
    !is_terminating(pod) && !is_over(pod)
}

pub(super) fn is_terminating(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_some()
}

pub(super) fn phase(pod: &Pod) -> &str {
    not_empty(&pod.status.phase).unwrap_or("Unknown")
}

/// Status, reason and message of a condition.
pub(super) fn condition<'a>(pod: &'a Pod, kind: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let found = pod.status.condition(kind)?;
    Some((&found.status, &found.reason, &found.message))
}

pub(super) fn containers(pod: &Pod) -> &[ContainerStatus] {
    &pod.status.container_statuses
}

pub(super) fn init_containers(pod: &Pod) -> &[ContainerStatus] {
    &pod.status.init_container_statuses
}

/// A text, unless it is empty.
pub(super) fn not_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Whether an init container is a sidecar: it stays, and restarts, beside the containers.
#[must_use]
pub fn is_sidecar(pod: &Pod, name: &str) -> bool {
    let mut all = pod.spec.init_containers.iter();
    all.any(|c| c.name == *name && c.restart_policy == "Always")
}

pub(super) fn waiting(state: &ContainerState) -> Option<(&str, &str)> {
    let waiting = state.waiting.as_ref()?;
    Some((&waiting.reason, &waiting.message))
}

pub(super) fn terminated(state: &ContainerState) -> Option<&Terminated> {
    state.terminated.as_deref()
}

/// The word for how a container ended, as kubectl writes it.
fn end_word(end: &Terminated, prefix: &str) -> String {
    match (&*end.reason, end.signal) {
        (reason, _) if !reason.is_empty() => format!("{prefix}{reason}"),
        (_, Some(signal)) if signal != 0 => format!("{prefix}Signal:{signal}"),
        _ => format!("{prefix}ExitCode:{}", end.exit_code),
    }
}

fn container_counts(pod: &Pod) -> (u32, u32) {
    let specified = pod.spec.init_containers.iter();
    let sidecars = specified.filter(|c| c.restart_policy == "Always").count();
    let all = pod.spec.containers.len() + sidecars;
    // As kubectl: a sidecar is ready once it has started, the others count only when they run after initialisation.
    let started = init_containers(pod)
        .iter()
        .filter(|c| is_sidecar(pod, &c.name) && c.started == Some(true) && c.ready)
        .count();
    let (initializing, ..) = init_column(pod, &mut String::new());
    let initialized = condition(pod, "Initialized").is_some_and(|(status, ..)| status == "True");
    let running = || {
        containers(pod)
            .iter()
            .filter(|c| c.ready && c.state.running.is_some())
    };
    let ready = started
        + if !initializing || initialized {
            running().count()
        } else {
            0
        };
    (
        u32::try_from(ready).unwrap_or(u32::MAX),
        u32::try_from(all).unwrap_or(u32::MAX),
    )
}

/// The STATUS and RESTARTS columns.
fn column(pod: &Pod) -> (String, i32) {
    let own_reason = &*pod.status.reason;
    let mut word = if own_reason.is_empty() {
        phase(pod)
    } else {
        own_reason
    }
    .to_owned();
    if condition(pod, "PodScheduled").is_some_and(|(_, reason, _)| reason == "SchedulingGated") {
        "SchedulingGated".clone_into(&mut word);
    }
    let (initializing, init_restarts, sidecar_restarts) = init_column(pod, &mut word);
    let mut restarts = init_restarts;
    if !initializing || condition(pod, "Initialized").is_some_and(|(status, ..)| status == "True") {
        restarts = containers(pod)
            .iter()
            .map(|c| c.restart_count)
            // Whoever may write a status may write any number.
            .fold(sidecar_restarts, i32::saturating_add);
        container_column(pod, &mut word);
    }
    if is_terminating(pod) {
        if own_reason == "NodeLost" {
            "Unknown".clone_into(&mut word);
        } else if !is_over(pod) {
            "Terminating".clone_into(&mut word);
        }
    }
    (word, restarts)
}

/// What the init containers make of the STATUS column: whether one still holds the pod up, and their restarts.
fn init_column(pod: &Pod, word: &mut String) -> (bool, i32, i32) {
    let all = init_containers(pod);
    let specified = pod.spec.init_containers.len();
    let total = if specified == 0 { all.len() } else { specified };
    let (mut restarts, mut of_sidecars) = (0, 0);
    for (i, container) in all.iter().enumerate() {
        restarts = i32::saturating_add(restarts, container.restart_count);
        let sidecar = is_sidecar(pod, &container.name);
        if sidecar {
            of_sidecars = i32::saturating_add(of_sidecars, container.restart_count);
        }
        let state = &container.state;
        let end = terminated(state);
        if end.is_some_and(|e| e.exit_code == 0) || (sidecar && container.started == Some(true)) {
            continue;
        }
        *word = match (end, waiting(state)) {
            (Some(end), _) => end_word(end, "Init:"),
            (None, Some((reason, _))) if !reason.is_empty() && reason != "PodInitializing" => {
                format!("Init:{reason}")
            }
            _ => format!("Init:{i}/{total}"),
        };
        return (true, restarts, of_sidecars);
    }
    (false, restarts, of_sidecars)
}

fn container_column(pod: &Pod, word: &mut String) {
    let mut runs = false;
    for container in containers(pod).iter().rev() {
        let state = &container.state;
        if let Some((reason, _)) = waiting(state).filter(|(reason, _)| !reason.is_empty()) {
            reason.clone_into(word);
        } else if let Some(end) = terminated(state) {
            *word = end_word(end, "");
        } else if container.ready && state.running.is_some() {
            runs = true;
        }
    }
    if word == "Completed" && runs {
        let ready = condition(pod, "Ready").is_some_and(|(status, ..)| status == "True");
        *word = if ready { "Running" } else { "NotReady" }.to_owned();
    }
}

/// The last time one of the pod's containers ended, init containers included.
#[must_use]
pub fn last_end(pod: &Pod) -> Option<Ended> {
    containers(pod)
        .iter()
        .chain(init_containers(pod))
        .filter_map(container_end)
        .max_by_key(|end| end.at)
}

/// The last time a container ended.
#[must_use]
pub fn container_end(container: &ContainerStatus) -> Option<Ended> {
    let end = terminated(&container.state).or_else(|| terminated(&container.last_state))?;
    let reason = not_empty(&end.reason);
    Some(Ended {
        container: container.name.to_string(),
        reason: reason.map(str::to_owned),
        exit_code: end.exit_code,
        message: not_empty(&end.message).map(str::to_owned),
        at: end.finished_at,
    })
}

#[cfg(test)]
#[path = "pod_tests.rs"]
mod tests;
