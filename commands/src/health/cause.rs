//! Why a rollout does not get on, in a sentence or two: the controller's own refusal first, then the worst pod, then what
//! the events add to it.

use super::{
    pod,
    problem::{self, Problem, ProblemKind},
    rollout::{Rollout, RolloutState},
};
use crate::{
    line,
    model::{Text, code},
    objects::{Event, Pod},
};

/// Why something sticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The kind of trouble, where a pod shows it.
    pub kind: Option<ProblemKind>,
    /// The pod that shows it best.
    pub pod: Option<String>,
    /// Its container.
    pub container: Option<String>,
    /// What to tell, the most telling line first.
    pub lines: Vec<Text>,
}

/// Why a rollout does not get on. `pods` are those of the newest revision, `events` what the namespace says of them (may be
/// empty). `None` while nothing is wrong that can be seen.
#[must_use]
pub fn cause<'a>(
    rollout: &Rollout,
    pods: impl IntoIterator<Item = &'a Pod>,
    events: &[Event],
) -> Option<Cause> {
    let mut lines = Vec::new();
    if let Some(failure) = &rollout.failure {
        lines.push(line!["Pods cannot be made: ", refusal(failure)]);
    }
    let worst = worst(pods, events);
    if let Some((pod, problem)) = &worst {
        lines.push(line!["Pod ", code(pod.clone()), ": ", problem.text.clone()]);
    }
    if lines.is_empty() {
        match rollout.state {
            RolloutState::Paused => {
                lines.push(line!["The rollout is paused; it goes on when it is resumed."])
            }
            RolloutState::OnDelete => lines.push(line![rollout.message.clone(), "."]),
            RolloutState::Unseen => {
                lines.push(line![
                    "The controller has not looked at the change yet; it may be down or busy."
                ]);
            }
            _ => return None,
        }
    }
    let (kind, pod, container) = match worst {
        Some((pod, problem)) => (Some(problem.kind), Some(pod), problem.container),
        None => (None, None, None),
    };
    Some(Cause {
        kind,
        pod,
        container,
        lines,
    })
}

/// The pod in the worst trouble. A pod that is only starting counts when an event says that something fails.
fn worst<'a>(pods: impl IntoIterator<Item = &'a Pod>, events: &[Event]) -> Option<(String, Problem)> {
    let mut found: Vec<(ProblemKind, std::cmp::Reverse<i32>, String, Problem)> = Vec::new();
    for pod in pods {
        let Some(mut problem) = problem::why_not_ready(Some(pod)) else {
            continue;
        };
        let name = pod.metadata.name.to_string();
        let said = last_warning(pod, events);
        match (problem.kind, said) {
            (ProblemKind::Terminating, _) | (ProblemKind::Starting, None) => continue,
            (ProblemKind::Starting, Some((reason, message))) => {
                problem.kind = kind_of(&reason);
                problem.text = format!("{}: {message}", spaced(&reason));
            }
            (ProblemKind::NotReady | ProblemKind::CrashLoop, Some((reason, message)))
                if reason == "Unhealthy" =>
            {
                problem.text = format!("{} ({})", problem.text, message.trim_end_matches([':', ' ']));
            }
            _ => {}
        }
        let restarts = pod::state(pod).restarts;
        found.push((problem.kind, std::cmp::Reverse(restarts), name, problem));
    }
    found.sort_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
    found
        .into_iter()
        .next()
        .map(|(_, _, name, problem)| (name, problem))
}

/// The newest warning about a pod that says more than its status does.
fn last_warning(pod: &Pod, events: &[Event]) -> Option<(String, String)> {
    const NOISE: [&str; 3] = ["MissingClusterDNS", "BackOff", "DNSConfigForming"];
    let event = events
        .iter()
        .filter(|e| e.type_ == "Warning")
        .filter(|e| e.involved_object.kind == "Pod")
        .filter(|e| e.involved_object.uid == pod.metadata.uid || e.involved_object.uid.is_empty())
        .filter(|e| e.involved_object.name == pod.metadata.name)
        .filter(|e| !NOISE.contains(&&*e.reason))
        .max_by_key(|e| event_time(e))?;
    Some((event.reason.to_string(), event.message.to_string()))
}

/// When an event was last seen: the three places where clients of different ages put it.
#[must_use]
pub fn event_time(event: &Event) -> Option<crate::model::Timestamp> {
    let series = event.series.as_ref().and_then(|s| s.last_observed_time);
    series.max(event.last_timestamp).max(event.event_time)
}

fn kind_of(reason: &str) -> ProblemKind {
    match reason {
        "FailedScheduling" => ProblemKind::Unschedulable,
        "FailedMount" | "FailedAttachVolume" | "FailedCreatePodSandBox" => ProblemKind::BadConfig,
        _ => ProblemKind::NotReady,
    }
}

/// `FailedMount` as words: `failed mount`.
fn spaced(reason: &str) -> String {
    let mut out = String::with_capacity(reason.len() + 4);
    for c in reason.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The controller's words without the name that it gave the pod it could not make.
fn refusal(message: &str) -> String {
    let text = match message.split_once(" is forbidden: ") {
        Some((_, why)) => why,
        None => message,
    };
    match text.strip_prefix("exceeded quota: ") {
        Some(rest) => {
            let (quota, numbers) = rest.split_once(", ").unwrap_or((rest, ""));
            format!("the quota {quota} is used up ({numbers})")
        }
        None => text.trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{health::rollout, model::Timestamp};

    fn rollout_with(failure: Option<&str>) -> Rollout {
        let conditions = match failure {
            Some(message) => json!([ { "type": "ReplicaFailure", "status": "True", "message": message } ]),
            None => json!([]),
        };
        let object = json!({ "metadata": {}, "spec": { "replicas": 3, "selector": {}, "template": {} },
                             "status": { "replicas": 3, "updatedReplicas": 1, "conditions": conditions } });
        rollout::deployment(
            Some(&serde_json::from_value(object).unwrap()),
            Timestamp::UNIX_EPOCH,
        )
    }

    fn pod(name: &str, state: &Value) -> Pod {
        serde_json::from_value(json!({ "metadata": { "name": name, "uid": name }, "status": { "phase": "Pending",
            "conditions": [ { "type": "Ready", "status": "False" } ],
            "containerStatuses": [ { "name": "api", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
                                     "started": true, "state": state } ] } }))
        .unwrap()
    }

    fn warning(pod: &str, reason: &str, message: &str, at: &str) -> Event {
        serde_json::from_value(
            json!({ "metadata": {}, "type": "Warning", "reason": reason, "message": message,
            "lastTimestamp": at, "involvedObject": { "kind": "Pod", "name": pod, "uid": pod } }),
        )
        .unwrap()
    }

    fn lines(cause: Option<Cause>) -> Vec<String> {
        cause
            .map(|c| c.lines.iter().map(Text::plain).collect())
            .unwrap_or_default()
    }

    #[test]
    fn a_quota_is_told_before_pods() {
        let refused = rollout_with(Some(
            "pods \"over-quota-6949f7dfc8-lfkh4\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1",
        ));
        assert_eq!(
            lines(cause(&refused, &[] as &[Pod], &[])),
            [
                "Pods cannot be made: the quota q is used up (requested: pods=1, used: pods=1, limited: pods=1)"
            ]
        );
    }

    #[test]
    fn the_worst_pod_is_named_and_the_starting_one_is_not() {
        let pods = [
            pod("fresh", &json!({ "waiting": { "reason": "ContainerCreating" } })),
            pod(
                "broken",
                &json!({ "waiting": { "reason": "ErrImagePull", "message": "not found" } }),
            ),
        ];
        let found = cause(&rollout_with(None), &pods, &[]).unwrap();
        assert_eq!(
            (found.kind, found.pod.as_deref()),
            (Some(ProblemKind::ImagePull), Some("broken"))
        );
        assert_eq!(
            lines(Some(found)),
            ["Pod broken: container api waits: i cannot be pulled (not found)"]
        );
        assert_eq!(
            cause(&rollout_with(None), &pods[..1], &[]),
            None,
            "a pod that is starting is no cause"
        );
    }

    #[test]
    fn events_tell_what_the_status_does_not() {
        let pods = [pod("p", &json!({ "waiting": { "reason": "ContainerCreating" } }))];
        let events = [
            warning("p", "MissingClusterDNS", "noise", "2026-11-22T20:05:00Z"),
            warning(
                "p",
                "FailedMount",
                "MountVolume.SetUp failed for volume \"cfg\" : configmap \"missing-config\" not found",
                "2026-11-22T20:02:00Z",
            ),
            warning("other", "FailedMount", "of another pod", "2026-11-22T20:06:00Z"),
        ];
        assert_eq!(
            lines(cause(&rollout_with(None), &pods, &events)),
            [
                "Pod p: failed mount: MountVolume.SetUp failed for volume \"cfg\" : configmap \"missing-config\" not found"
            ]
        );
        let unready = [pod("p", &json!({ "running": {} }))];
        let probe = [warning(
            "p",
            "Unhealthy",
            "Readiness probe failed: HTTP probe failed with statuscode: 500",
            "2026-11-22T20:02:00Z",
        )];
        assert_eq!(
            lines(cause(&rollout_with(None), &unready, &probe)),
            [
                "Pod p: container api runs and is not ready: its readiness probe fails (Readiness probe failed: HTTP probe failed with statuscode: 500)"
            ]
        );
    }
}
