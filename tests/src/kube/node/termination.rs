//! How containers and pods end: by themselves, by a crash, or because the pod is deleted.

use std::time::{Duration, Instant};

use super::State;
use super::behaviour::{Exit, Scenario};
use super::container::{Container, Finished, Shown, Step};
use super::kubelet::{Note, Turn, backoff};
use super::pod::{Pod, Stage};
use crate::kube::controllers::meta::int;
use crate::kube::store;

/// A container that ran this many seconds of the cluster is forgiven its earlier ends.
const FORGIVEN: u32 = 600;

/// A deleted pod: its containers are told to end, then they have ended, then it can be removed (true).
pub(super) fn advance(state: &mut State, pod: &mut Pod, turn: &Turn<'_>, notes: &mut Vec<Note>) -> bool {
    let now = Instant::now();
    if let Stage::Terminating { due } = pod.stage {
        if due > now {
            return false;
        }
        return finish(state, pod);
    }
    let grace_seconds = u32::try_from(int(turn.object, "/metadata/deletionGracePeriodSeconds")).unwrap_or(0);
    let grace = turn.pace.second.saturating_mul(grace_seconds);
    let mut pause = Duration::ZERO;
    for container in pod.all().filter(|container| container.runs()) {
        notes.push(Note::normal(
            container,
            "Killing",
            format!("Stopping container {}", container.name),
        ));
        let needs = if container.behaviour.ignores_sigterm {
            grace
        } else {
            turn.pace.terminate.min(grace)
        };
        pause = pause.max(needs);
    }
    pod.stage = Stage::Terminating { due: now + pause };
    false
}

fn finish(state: &mut State, pod: &mut Pod) -> bool {
    for container in pod.all_mut() {
        container.ready = false;
        container.started = false;
        container.ends = None;
        if container.runs() {
            let code = if container.behaviour.ignores_sigterm {
                137
            } else {
                0
            };
            container.shown = Shown::Terminated(finished(
                container,
                &Exit {
                    code,
                    reason: None,
                    after: None,
                },
            ));
        }
        container.step = Step::Done;
        if let Some(id) = &container.id {
            state.logs.close(id);
        }
    }
    pod.ready_since = None;
    true
}

fn finished(container: &Container, exit: &Exit) -> Finished {
    let started = match &container.shown {
        Shown::Running { since } => since.clone(),
        _ => store::now(),
    };
    let reason = exit
        .reason
        .unwrap_or(if exit.code == 0 { "Completed" } else { "Error" });
    Finished {
        id: container.id.clone().unwrap_or_default(),
        code: exit.code,
        reason: reason.into(),
        message: None,
        started,
        finished: store::now(),
    }
}

/// A running container ends; what is to be said of it.
pub(super) fn end(
    state: &mut State,
    pod: &Pod,
    container: &mut Container,
    exit: &Exit,
    turn: &Turn<'_>,
) -> Option<Note> {
    let id = container.id.clone().unwrap_or_default();
    let words = std::mem::take(&mut container.last_words);
    let script = container.script.iter().flat_map(|script| &script.lines);
    let late = script
        .filter(|(at, _)| !at.is_zero())
        .map(|(_, line)| line.clone());
    for line in late.chain(words).collect::<Vec<_>>() {
        state.logs.append(&id, line.into());
    }
    state.logs.close(&id);
    // The node keeps one dead container: the one before this is removed, and with it its log.
    if let Some(before) = &container.last {
        state.logs.remove(&before.id);
    }
    let ran = container.since.map_or(Duration::ZERO, |since| since.elapsed());
    if ran > turn.pace.second.saturating_mul(FORGIVEN) {
        container.crashes = 0;
    }
    container.shown = Shown::Terminated(finished(container, exit));
    container.ready = false;
    container.started = false;
    container.ends = None;
    container.ready_at = None;
    container.probe_at = None;
    container.liveness_at = None;
    container.held = false;
    let sidecar = container.init && container.spec["restartPolicy"] == "Always";
    let again = match pod.policy.as_str() {
        _ if sidecar => true,
        _ if container.init && exit.code == 0 => false,
        "Always" => true,
        "OnFailure" => exit.code != 0,
        _ => false,
    };
    if again {
        schedule_restart(pod, container, turn)
    } else {
        container.step = Step::Done;
        container.due = None;
        None
    }
}

/// Plans the next start: at once after the first end, then after growing pauses, of which something is said.
pub(super) fn schedule_restart(pod: &Pod, container: &mut Container, turn: &Turn<'_>) -> Option<Note> {
    let now = Instant::now();
    container.step = Step::Dead;
    container.crashes += 1;
    if container.crashes == 1 {
        container.restart_at = Some(now + turn.pace.start);
        container.due = container.restart_at;
        return None;
    }
    let message = format!(
        "Back-off restarting failed container {} in pod {}",
        container.name,
        pod.long_name()
    );
    let pause = backoff(turn.pace, container.crashes - 1);
    container.restart_at = Some(now + pause);
    container.due = Some(now + pause / 8);
    Some(Note::warning(container, "BackOff", message))
}

/// What a container logs when it starts.
pub(super) fn first_lines(container: &Container, scenario: &Scenario) -> Vec<String> {
    if !container.behaviour.lines.is_empty() {
        return container.behaviour.lines.clone();
    }
    if let Some(script) = &container.script {
        let lines = script
            .lines
            .iter()
            .filter(|(at, _)| at.is_zero() || script.end.is_none());
        return lines.map(|(_, line)| line.clone()).collect();
    }
    let version = container.image.rsplit(':').next().unwrap_or_default();
    let port = scenario.image(&container.image).and_then(|image| image.port);
    let listening = port.map_or_else(String::new, |port| format!(" port={port}"));
    vec![format!(
        "level=info ts={} msg=started{listening} version={version}",
        store::now()
    )]
}
