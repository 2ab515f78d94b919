//! Whether a container that runs and is not ready is only starting: its probes say how long that may take.

use std::time::Duration;

use super::pod;
use crate::{
    model::{Timestamp, since},
    objects::{Container, ContainerStatus, Pod, Probe},
};

/// A container that runs and is not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unready {
    /// Whether it has started up: then it is the readiness probe that has not passed, else the startup probe.
    pub started: bool,
    /// Since when it runs, where that is told.
    pub running_since: Option<Timestamp>,
    /// Whether it was ready since it runs: the kubelet counted the failures of its probe already.
    pub was_ready: bool,
    /// How long its probes may take until failing counts.
    pub budget: Duration,
    /// So many failures in a row count.
    pub threshold: u32,
}

impl Unready {
    /// Of a container, unless it is ready, or does not run.
    #[must_use]
    pub fn of(pod: &Pod, status: &ContainerStatus) -> Option<Self> {
        let state = &status.state;
        if status.ready || state.waiting.is_some() || state.terminated.is_some() {
            return None;
        }
        let mut specs = pod.spec.containers.iter().chain(pod.spec.init_containers.iter());
        let spec = specs.find(|c| c.name == status.name);
        let startup = spec.and_then(|c| c.startup_probe);
        let started = status.started.unwrap_or(startup.is_none());
        let running_since = state.running.as_ref().and_then(|running| running.started_at);
        let probe = if started {
            spec.and_then(|c| c.readiness_probe)
        } else {
            startup
        };
        Some(Self {
            started,
            running_since,
            was_ready: running_since.is_some_and(|at| was_ready(pod, at)),
            budget: budget(spec, started),
            threshold: probe.map_or(1, |probe| probe.failure_threshold.max(1)),
        })
    }

    /// Whether its probes have had their time, and no less than `patience`. Without a known start the pod's own condition
    /// tells since when it is not ready.
    #[must_use]
    pub fn is_overdue(&self, pod: &Pod, patience: Duration, now: Timestamp) -> bool {
        let not_ready = pod.status.condition("Ready").and_then(|c| c.last_transition_time);
        let begun = self.running_since.or(not_ready);
        self.was_ready || begun.is_some_and(|at| since(at, now) >= self.budget.max(patience))
    }
}

/// The kubelet may look a moment later than the probe says.
const SLACK: Duration = Duration::from_secs(2);

fn budget(spec: Option<&Container>, started: bool) -> Duration {
    let of = |probe: Option<Probe>| probe.map_or(Duration::ZERO, |probe| probe.budget());
    let startup = of(spec.and_then(|c| c.startup_probe));
    // Nothing tells when the startup probe passed: the readiness probe begins with that.
    let readiness = if started {
        of(spec.and_then(|c| c.readiness_probe))
    } else {
        Duration::ZERO
    };
    startup + readiness + SLACK
}

/// Whether the pod turned unready after this: a pod that has never been ready did so before its containers ran.
fn was_ready(pod: &Pod, running_since: Timestamp) -> bool {
    let ready = pod.status.condition("Ready").filter(|c| c.status == "False");
    let turned = ready.and_then(|c| c.last_transition_time);
    !pod::is_terminating(pod) && turned.is_some_and(|at| at > running_since)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A pod made at 20:00:00 whose container runs since 20:00:02.
    fn pod(spec: Value, turned: &str, started: Option<bool>) -> Pod {
        let mut container = spec;
        container["name"] = json!("api");
        serde_json::from_value(json!({ "metadata": { "name": "p" }, "spec": { "containers": [container] },
            "status": { "phase": "Running",
                "conditions": [ { "type": "Ready", "status": "False", "lastTransitionTime": turned } ],
                "containerStatuses": [ { "name": "api", "image": "i", "imageID": "", "ready": false, "started": started,
                    "restartCount": 0, "state": { "running": { "startedAt": "2026-11-22T20:00:02Z" } } } ] } }))
        .unwrap()
    }

    fn overdue(pod: &Pod, at: &str) -> bool {
        let unready = Unready::of(pod, &pod.status.container_statuses[0]).unwrap();
        unready.is_overdue(pod, Duration::from_secs(5), at.parse().unwrap())
    }

    #[test]
    fn a_container_is_starting_as_long_as_its_probes_allow() {
        let made = "2026-11-22T20:00:00Z";
        let slow = json!({ "readinessProbe": { "initialDelaySeconds": 30, "periodSeconds": 5, "failureThreshold": 4 } });
        let plain = json!({ "readinessProbe": { "httpGet": {} } });
        let eager = json!({ "readinessProbe": { "periodSeconds": 1, "failureThreshold": 1 } });
        let long = json!({ "startupProbe": { "periodSeconds": 10, "failureThreshold": 30 },
                           "readinessProbe": { "periodSeconds": 5 } });
        #[rustfmt::skip] // a table
        let cases = [
            ("within its delay", &slow, Some(true), "2026-11-22T20:00:40Z", false),
            ("past delay and failures", &slow, Some(true), "2026-11-22T20:00:55Z", true),
            ("within ten seconds three times", &plain, Some(true), "2026-11-22T20:00:30Z", false),
            ("past the API server's defaults", &plain, Some(true), "2026-11-22T20:00:35Z", true),
            ("no probe is so eager that a start fails at once", &eager, Some(true), "2026-11-22T20:00:06Z", false),
            ("starting up for four minutes of five", &long, Some(false), "2026-11-22T20:04:02Z", false),
            ("started up, and the readiness probe has its time", &long, Some(true), "2026-11-22T20:05:10Z", false),
            ("past both", &long, Some(true), "2026-11-22T20:05:30Z", true),
        ];
        for (what, spec, started, at, expected) in cases {
            assert_eq!(overdue(&pod(spec.clone(), made, started), at), expected, "{what}");
        }
        let withdrawn = pod(slow, "2026-11-22T20:00:20Z", Some(true));
        assert!(
            overdue(&withdrawn, "2026-11-22T20:00:21Z"),
            "the kubelet has counted already"
        );
    }
}
