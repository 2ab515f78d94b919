//! The kubelet: takes a bound pod from one step to the next and tells its status.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::container::{Container, Finished, Shown, Step};
use super::pod::{Pod, Stage, who};
use super::probes::period;
use super::{State, images, machines, probes, termination, until};
use crate::kube::controllers::Cx;
use crate::kube::controllers::meta::{deleting, generation, int, is_true, text, uid};
use crate::kube::events::{Report, Source};
use crate::kube::key::Key;
use crate::kube::sim::Pace;
use crate::kube::store::{self, Store};

/// Something that the kubelet tells in an event.
pub(super) struct Note {
    field: Option<String>,
    warning: bool,
    reason: &'static str,
    message: String,
}

impl Note {
    pub(super) fn normal(container: &Container, reason: &'static str, message: String) -> Note {
        Note {
            field: Some(container.field()),
            warning: false,
            reason,
            message,
        }
    }

    pub(super) fn warning(container: &Container, reason: &'static str, message: String) -> Note {
        Note {
            field: Some(container.field()),
            warning: true,
            reason,
            message,
        }
    }
}

/// What one look works with.
pub(super) struct Turn<'a> {
    pub store: &'a Store,
    pub pace: &'a Pace,
    pub object: &'a Value,
}

/// One look at one pod.
pub(crate) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let node = cx.node.clone();
    let Some(object) = cx.store.get_shared(key) else {
        forget(&mut node.lock(), key, None);
        return None;
    };
    let place = text(&object, "/spec/nodeName");
    if place.is_empty() {
        return None;
    }
    let finished = matches!(text(&object, "/status/phase"), "Succeeded" | "Failed");
    if finished && deleting(&object) {
        cx.store.delete(key);
        return None;
    }
    let mut state = node.lock();
    if state.down.contains(place) {
        return None;
    }
    forget(&mut state, key, Some(uid(&object)));
    let Some(mut pod) = state.pods.remove(uid(&object)) else {
        return accept(cx, &mut state, key, &object);
    };
    let stale = int(&object, "/status/observedGeneration") != generation(&object)
        || is_true(&object, "Ready") != pod.ready_since.is_some();
    let leaving = matches!(pod.stage, Stage::Terminating { .. });
    let quiet = state.scenario.gates.is_empty() && pod.rests(Instant::now());
    if quiet && !stale && deleting(&object) == leaving {
        let next = pod.next().map(until);
        state.pods.insert(pod.uid.clone(), pod);
        return next;
    }
    let turn = Turn {
        store: &cx.store,
        pace: &cx.pace,
        object: &object,
    };
    let mut notes = Vec::new();
    let before = pod.clone();
    let over = advance(&mut state, &mut pod, &turn, &mut notes);
    let readiness_moved = is_true(&object, "Ready") != pod.ready_since.is_some();
    if stale || readiness_moved || !before.looks_like(&pod) {
        tell(cx, key, &pod);
    }
    let next = pod.next().map(until);
    state.pods.insert(pod.uid.clone(), pod);
    drop(state);
    record(cx, &object, place, notes);
    if over {
        cx.store.delete(key);
        return None;
    }
    next
}

fn record(cx: &mut Cx, object: &Value, node: &str, notes: Vec<Note>) {
    let source = Source::Kubelet(node.to_owned());
    for note in notes {
        let report = Report {
            about: object,
            field: note.field,
            warning: note.warning,
            reason: note.reason,
            message: note.message,
        };
        cx.events.record(&source, report);
    }
}

/// Forgets a pod that is gone, or that was replaced by another of the same name.
fn forget(state: &mut State, key: &Key, present: Option<&str>) {
    let Some(known) = state.uids.get(key).cloned() else {
        return;
    };
    if present == Some(known.as_str()) {
        return;
    }
    state.uids.remove(key);
    if let Some(pod) = state.pods.remove(&known) {
        for id in pod.all().filter_map(|container| container.id.as_ref()) {
            state.logs.close(id);
            state.logs.remove(id);
        }
    }
}

/// A pod that the kubelet sees for the first time.
fn accept(cx: &Cx, state: &mut State, key: &Key, object: &Value) -> Option<Duration> {
    if matches!(text(object, "/status/phase"), "Succeeded" | "Failed") {
        return None;
    }
    let next = match state.known(key, object) {
        Some(known) => known.next(),
        None => {
            let pod = Pod::accepted(key, object, Instant::now() + cx.pace.start / 4);
            tell(cx, key, &pod);
            let next = pod.next();
            state.uids.insert(key.clone(), pod.uid.clone());
            state.pods.insert(pod.uid.clone(), pod);
            next
        }
    };
    if deleting(object) {
        Some(Duration::ZERO)
    } else {
        next.map(until)
    }
}

/// Writes the status.
fn tell(cx: &Cx, key: &Key, pod: &Pod) {
    let host = machines::address(&cx.store, &pod.node);
    // Gone meanwhile: nothing to tell.
    let _ = cx.store.update_shared(key, |object| {
        object["status"] = super::status::compose(object, pod, &host)
    });
}

/// Takes the pod as far as it is due; says whether it has ended and can be removed.
fn advance(state: &mut State, pod: &mut Pod, turn: &Turn<'_>, notes: &mut Vec<Note>) -> bool {
    if deleting(turn.object) {
        return termination::advance(state, pod, turn, notes);
    }
    let now = Instant::now();
    match pod.stage {
        Stage::Accepted { due } | Stage::Mounting { due } if due <= now => mount(state, pod, turn, notes),
        _ => {}
    }
    if pod.stage != Stage::Sandboxed {
        return false;
    }
    for index in 0..pod.inits.len() {
        let mut container = pod.inits[index].clone();
        step(state, pod, &mut container, turn, notes);
        let initialized = container.initialized();
        pod.inits[index] = container;
        if !initialized {
            return false;
        }
    }
    for index in 0..pod.containers.len() {
        let mut container = pod.containers[index].clone();
        step(state, pod, &mut container, turn, notes);
        pod.containers[index] = container;
    }
    probes::run(state, pod, turn, notes);
    false
}

/// Makes the sandbox, if all volumes are there.
fn mount(state: &mut State, pod: &mut Pod, turn: &Turn<'_>, notes: &mut Vec<Note>) {
    let missing = machines::missing_volume(turn.store, turn.object);
    let Some(message) = missing else {
        pod.ip.get_or_insert_with(|| state.address());
        pod.stage = Stage::Sandboxed;
        return;
    };
    notes.push(Note {
        field: None,
        warning: true,
        reason: "FailedMount",
        message,
    });
    pod.mounts += 1;
    // 500 ms, doubled each time, at most about two minutes.
    let pause = turn
        .pace
        .second
        .mul_f64(0.5 * f64::from(1_u32 << (pod.mounts - 1).min(8)));
    pod.stage = Stage::Mounting {
        due: Instant::now() + pause.max(Duration::from_millis(5)),
    };
}

/// Takes one container as far as it is due.
fn step(state: &mut State, pod: &Pod, container: &mut Container, turn: &Turn<'_>, notes: &mut Vec<Note>) {
    let now = Instant::now();
    let due = container.due.is_some_and(|due| due <= now);
    match container.step {
        Step::Idle => begin(state, container, turn, notes),
        Step::Pulling if due => pulled(container, turn, notes),
        Step::ConfigError if due => begin(state, container, turn, notes),
        Step::PullBackoff if container.restart_at.is_some_and(|at| at <= now) => {
            begin(state, container, turn, notes)
        }
        Step::PullBackoff if due => show_pull_backoff(container, notes),
        Step::Creating if due => create(state, pod, container, turn, notes),
        Step::Dead if container.restart_at.is_some_and(|at| at <= now) => {
            begin(state, container, turn, notes)
        }
        Step::Dead if due => show_backoff(state, pod, container),
        Step::Running => {
            if let Some((_, exit)) = container.ends.clone().filter(|(at, _)| *at <= now) {
                notes.extend(termination::end(state, pod, container, &exit, turn));
            }
        }
        _ => {}
    }
}

/// Looks for the image.
fn begin(state: &mut State, container: &mut Container, turn: &Turn<'_>, notes: &mut Vec<Note>) {
    container.behaviour = state
        .scenario
        .of(&who(turn.object, container))
        .unwrap_or_default();
    container.restart_at = None;
    let image = state.scenario.image(&container.image);
    let always = container.spec["imagePullPolicy"] == "Always";
    container.known = image.is_some();
    if container.behaviour.pull_error.is_some() || always || image.is_none_or(|image| !image.present) {
        notes.push(Note::normal(
            container,
            "Pulling",
            format!("Pulling image {:?}", container.image),
        ));
        container.step = Step::Pulling;
        container.due = Some(Instant::now() + turn.pace.pull);
        return;
    }
    let message = format!(
        "Container image {:?} already present on machine and can be accessed by the pod",
        container.image
    );
    notes.push(Note::normal(container, "Pulled", message));
    container.step = Step::Creating;
    container.due = Some(Instant::now() + turn.pace.start);
}

/// The image came, or did not.
fn pulled(container: &mut Container, turn: &Turn<'_>, notes: &mut Vec<Note>) {
    let missing = || (!container.known).then(|| images::missing(&container.image));
    let Some(error) = container.behaviour.pull_error.clone().or_else(missing) else {
        let took = format!("{}ms", turn.pace.pull.as_millis());
        let message = format!(
            "Successfully pulled image {:?} in {took} ({took} including waiting). Image size: 4561728 bytes.",
            container.image
        );
        notes.push(Note::normal(container, "Pulled", message));
        container.pulls = 0;
        container.step = Step::Creating;
        container.due = Some(Instant::now() + turn.pace.start);
        return;
    };
    notes.push(Note::warning(
        container,
        "Failed",
        format!("Failed to pull image {:?}: {error}", container.image),
    ));
    notes.push(Note::warning(container, "Failed", "Error: ErrImagePull".into()));
    container.pulls += 1;
    container.shown = Shown::Waiting {
        reason: "ErrImagePull".into(),
        message: error,
    };
    container.step = Step::PullBackoff;
    let pause = backoff(turn.pace, container.pulls);
    container.restart_at = Some(Instant::now() + pause);
    container.due = Some(Instant::now() + pause / 8);
    // Only the first failure shows itself for a while.
    if container.pulls > 1 {
        show_pull_backoff(container, notes);
    }
}

/// After the failed pull the container shows that it waits for the next one.
fn show_pull_backoff(container: &mut Container, notes: &mut Vec<Note>) {
    container.due = container.restart_at;
    let Shown::Waiting { message: error, .. } = &container.shown else {
        return;
    };
    let told = format!("Back-off pulling image {:?}", container.image);
    let message = format!("{told}: ErrImagePull: {error}");
    notes.push(Note::normal(container, "BackOff", told));
    notes.push(Note::warning(
        container,
        "Failed",
        "Error: ImagePullBackOff".into(),
    ));
    container.shown = Shown::Waiting {
        reason: "ImagePullBackOff".into(),
        message,
    };
}

/// The container is made and started, if its environment is there.
fn create(state: &mut State, pod: &Pod, container: &mut Container, turn: &Turn<'_>, notes: &mut Vec<Note>) {
    container.pulls = 0;
    if let Some(error) = machines::missing_environment(turn.store, turn.object, &container.spec) {
        notes.push(Note::warning(container, "Failed", format!("Error: {error}")));
        container.shown = Shown::Waiting {
            reason: "CreateContainerConfigError".into(),
            message: error,
        };
        container.step = Step::ConfigError;
        container.due = Some(Instant::now() + turn.pace.crash_backoff_first);
        return;
    }
    if container.id.is_some() {
        container.restarts += 1;
    }
    if let Shown::Terminated(end) = &container.shown {
        container.last = Some(end.clone());
    }
    let id = state.container_id();
    container.id = Some(id.clone());
    notes.push(Note::normal(container, "Created", "Container created".into()));
    let missing = container
        .script
        .as_ref()
        .and_then(|script| script.missing.clone());
    let error = container
        .behaviour
        .start_error
        .clone()
        .or_else(|| missing.map(|binary| no_binary(&binary)));
    if let Some(error) = error {
        not_started(pod, container, error, turn, notes);
        return;
    }
    notes.push(Note::normal(container, "Started", "Container started".into()));
    run(state, pod, container, turn);
}

fn no_binary(binary: &str) -> String {
    format!(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: \
         unable to start container process: exec: {binary:?}: stat {binary}: no such file or directory"
    )
}

fn not_started(pod: &Pod, container: &mut Container, error: String, turn: &Turn<'_>, notes: &mut Vec<Note>) {
    notes.push(Note::warning(container, "Failed", format!("Error: {error}")));
    container.last = Some(Finished {
        id: container.id.clone().unwrap_or_default(),
        code: 128,
        reason: "StartError".into(),
        message: Some(error.clone()),
        started: "1970-01-01T00:00:00Z".into(),
        finished: store::now(),
    });
    container.shown = Shown::Waiting {
        reason: "RunContainerError".into(),
        message: error,
    };
    notes.extend(termination::schedule_restart(pod, container, turn));
    container.due = container.restart_at;
}

/// The container runs.
fn run(state: &mut State, pod: &Pod, container: &mut Container, turn: &Turn<'_>) {
    let now = Instant::now();
    let id = container.id.clone().unwrap_or_default();
    let lines = super::termination::first_lines(container, &state.scenario);
    state.logs.open(&id, &lines, container.behaviour.tick);
    container.step = Step::Running;
    container.due = None;
    container.since = Some(now);
    container.shown = Shown::Running { since: store::now() };
    container.started = !container.spec["startupProbe"].is_object();
    container.ready = false;
    container.held = false;
    container.ends = container.ending(&pod.policy, now, turn.pace.start, turn.pace.second);
    let probe = container.starting_probe().clone();
    let delay = probes::delay(&probe, turn);
    let passes = container.readiness(now, turn.pace.ready);
    container.ready_at = passes.map(|at| at.max(now + delay));
    container.probe_at =
        (container.ready_at.is_none() && probe.is_object()).then(|| now + delay + period(&probe, turn));
    let liveness = &container.spec["livenessProbe"];
    container.liveness_failures = 0;
    container.startup_failures = 0;
    container.liveness_at = container.dies_of_liveness().then(|| now + period(liveness, turn));
}

/// The crashed container now shows that it waits.
fn show_backoff(state: &State, pod: &Pod, container: &mut Container) {
    container.due = container.restart_at;
    if state.scenario.shows_terminated {
        return;
    }
    if let Shown::Terminated(end) = &container.shown {
        container.last = Some(end.clone());
        let message = format!(
            "back-off {} restarting failed container={} pod={}",
            nominal(container.crashes),
            container.name,
            pod.long_name()
        );
        container.shown = Shown::Waiting {
            reason: "CrashLoopBackOff".into(),
            message,
        };
    }
}

/// The back-off that a real node would tell after so many ends in a row: 10 s, doubled, at most 5 min.
fn nominal(crashes: u32) -> String {
    let seconds = 10_u64
        .saturating_mul(1 << crashes.saturating_sub(2).min(10))
        .min(300);
    if seconds < 60 {
        format!("{seconds}s")
    } else {
        format!("{}m{}s", seconds / 60, seconds % 60)
    }
}

/// The pause after so many failures in a row, in the pace of this cluster.
pub(super) fn backoff(pace: &Pace, failures: u32) -> Duration {
    let factor = 1_u32 << failures.saturating_sub(1).min(16);
    pace.crash_backoff_first
        .saturating_mul(factor)
        .min(pace.crash_backoff_max)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_told_backoff_doubles() {
        let told: Vec<String> = (2..8).map(super::nominal).collect();
        assert_eq!(told, ["10s", "20s", "40s", "1m20s", "2m40s", "5m0s"]);
    }
}
