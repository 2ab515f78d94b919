//! Readiness and liveness of running containers.

use std::time::{Duration, Instant};

use super::State;
use super::behaviour::Exit;
use super::container::Container;
use super::kubelet::{Note, Turn};
use super::pod::Pod;

/// Probes that are due; returns what is to be told.
pub(super) fn run(state: &mut State, pod: &mut Pod, turn: &Turn<'_>, notes: &mut Vec<Note>) {
    let now = Instant::now();
    for index in 0..pod.containers.len() {
        if !pod.containers[index].runs() {
            continue;
        }
        readiness(state, pod, index, turn, notes);
        if pod.containers[index].liveness_at.is_some_and(|at| at <= now) {
            liveness(pod, index, turn, notes);
        }
    }
    let ready = !pod.containers.is_empty() && pod.containers.iter().all(|container| container.ready);
    match (ready, pod.ready_since) {
        (true, None) => pod.ready_since = Some(now),
        (false, Some(_)) => pod.ready_since = None,
        _ => {}
    }
}

fn readiness(state: &mut State, pod: &mut Pod, index: usize, turn: &Turn<'_>, notes: &mut Vec<Note>) {
    let now = Instant::now();
    let (namespace, name) = (pod.namespace().to_owned(), pod.name().to_owned());
    if pod.containers[index].ready {
        if state.scenario.withdraws(&namespace, &name) {
            let container = &mut pod.containers[index];
            container.ready = false;
            container.ready_at = Some(now);
            fail(pod, index, turn, notes);
        }
        return;
    }
    let due = pod.containers[index].held || pod.containers[index].ready_at.is_some_and(|at| at <= now);
    if due {
        // A closed gate: whoever opens it pokes the pod, so that no timer is needed.
        if state.scenario.withdraws(&namespace, &name) || !state.scenario.admits(&namespace, &name) {
            pod.containers[index].held = true;
            pod.containers[index].ready_at = None;
            pod.containers[index].probe_at = None;
            return;
        }
        let container = &mut pod.containers[index];
        container.started = true;
        container.ready = true;
        container.held = false;
        container.ready_at = None;
        container.probe_at = None;
        return;
    }
    if pod.containers[index].probe_at.is_some_and(|at| at <= now) {
        fail(pod, index, turn, notes);
    }
}

/// A readiness or startup probe failed: it is told, and tried again after its period. A startup probe that failed as often
/// as it may ends the container.
fn fail(pod: &mut Pod, index: usize, turn: &Turn<'_>, notes: &mut Vec<Note>) {
    let ip = pod.ip.clone().unwrap_or_default();
    let container = &mut pod.containers[index];
    let probe = container.starting_probe().clone();
    if probe.is_object() {
        let name = if container.started { "Readiness" } else { "Startup" };
        notes.push(Note::warning(
            container,
            "Unhealthy",
            format!("{name} probe failed: {}", refused(&probe, &ip)),
        ));
        container.startup_failures += i64::from(!container.started);
        if container.startup_failures >= probe["failureThreshold"].as_i64().unwrap_or(3) {
            kill(container, "startup", notes);
            return;
        }
        container.probe_at = container
            .ready_at
            .is_none()
            .then(|| Instant::now() + period(&probe, turn));
    }
}

fn liveness(pod: &mut Pod, index: usize, turn: &Turn<'_>, notes: &mut Vec<Note>) {
    let ip = pod.ip.clone().unwrap_or_default();
    let container = &mut pod.containers[index];
    let probe = container.spec["livenessProbe"].clone();
    container.liveness_failures += 1;
    notes.push(Note::warning(
        container,
        "Unhealthy",
        format!("Liveness probe failed: {}", refused(&probe, &ip)),
    ));
    if container.liveness_failures >= probe["failureThreshold"].as_i64().unwrap_or(3) {
        kill(container, "liveness", notes);
    } else {
        container.liveness_at = Some(Instant::now() + period(&probe, turn));
    }
}

/// The kubelet ends a container whose probe failed too often.
fn kill(container: &mut Container, probe: &str, notes: &mut Vec<Note>) {
    let message = format!(
        "Container {} failed {probe} probe, will be restarted",
        container.name
    );
    notes.push(Note::normal(container, "Killing", message));
    container.liveness_at = None;
    container.probe_at = None;
    container.ends = Some((
        Instant::now(),
        Exit {
            code: 137,
            reason: None,
            after: None,
        },
    ));
}

/// How long after the start of its container a probe is first made, in the time of the cluster.
pub(super) fn delay(probe: &serde_json::Value, turn: &Turn<'_>) -> Duration {
    let seconds = u32::try_from(probe["initialDelaySeconds"].as_i64().unwrap_or(0).max(0)).unwrap_or(0);
    turn.pace.second.saturating_mul(seconds)
}

/// The period of a probe in the time of the cluster.
pub(super) fn period(probe: &serde_json::Value, turn: &Turn<'_>) -> Duration {
    let seconds = u32::try_from(probe["periodSeconds"].as_i64().unwrap_or(10).max(1)).unwrap_or(10);
    turn.pace
        .second
        .saturating_mul(seconds)
        .max(Duration::from_millis(10))
}

/// How a probe tells that nobody answers.
fn refused(probe: &serde_json::Value, ip: &str) -> String {
    let port = |handler: &str| probe[handler]["port"].as_i64().unwrap_or(80);
    if probe["httpGet"].is_object() {
        let (port, path) = (port("httpGet"), probe["httpGet"]["path"].as_str().unwrap_or("/"));
        let scheme = probe["httpGet"]["scheme"]
            .as_str()
            .unwrap_or("HTTP")
            .to_lowercase();
        return format!(
            "Get \"{scheme}://{ip}:{port}{path}\": dial tcp {ip}:{port}: connect: connection refused"
        );
    }
    if probe["tcpSocket"].is_object() {
        return format!("dial tcp {ip}:{}: connect: connection refused", port("tcpSocket"));
    }
    String::new()
}
