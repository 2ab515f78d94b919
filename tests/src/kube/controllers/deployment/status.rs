//! The status of a Deployment: counts, `Available`, `Progressing`, `ReplicaFailure`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::Cx;
use super::super::meta::{condition, generation, int, name, replicas, uid};
use super::{Rollout, counted, max_unavailable, wanted};
use crate::kube::key::Key;
use crate::kube::store;

/// A condition that is about to be written.
pub(super) struct Condition {
    kind: &'static str,
    status: &'static str,
    reason: String,
    message: String,
}

impl Condition {
    pub(super) fn new(kind: &'static str, status: &'static str, reason: &str, message: String) -> Condition {
        Condition {
            kind,
            status,
            reason: reason.into(),
            message,
        }
    }

    /// Sets the condition as `SetDeploymentCondition`: nothing when status and reason are the same; a changed one
    /// goes to the end of the list; the transition time stays while the status does.
    fn set(&self, status: &mut Value) {
        let now = store::now();
        if !status["conditions"].is_array() {
            status["conditions"] = json!([]);
        }
        let Some(conditions) = status["conditions"].as_array_mut() else {
            return;
        };
        let present = conditions.iter().find(|condition| condition["type"] == self.kind);
        if present.is_some_and(|present| present["status"] == self.status && present["reason"] == self.reason)
        {
            return;
        }
        let since = present
            .filter(|present| present["status"] == self.status)
            .map_or_else(|| json!(now), |present| present["lastTransitionTime"].clone());
        conditions.retain(|condition| condition["type"] != self.kind);
        conditions.push(json!({
            "lastTransitionTime": since, "lastUpdateTime": now, "message": self.message, "reason": self.reason,
            "status": self.status, "type": self.kind,
        }));
    }
}

/// Writes one condition at once.
pub(super) fn write_condition(cx: &mut Cx, key: &Key, condition: Condition) {
    let written = cx.store.update(key, |deployment| {
        if deployment["status"].is_null() {
            deployment["status"] = json!({});
        }
        condition.set(&mut deployment["status"]);
    });
    if let Ok(deployment) = written {
        note_progress(cx, &deployment);
    }
    cx.catch_up();
}

/// Remembers when the condition `Progressing` was last updated, finer than its timestamp.
fn note_progress(cx: &mut Cx, deployment: &Value) {
    let updated =
        condition(deployment, "Progressing").map_or("", |c| c["lastUpdateTime"].as_str().unwrap_or_default());
    let place = uid(deployment).to_owned();
    if cx.progress.get(&place).is_none_or(|(time, _)| time != updated) {
        cx.progress.insert(place, (updated.to_owned(), Instant::now()));
    }
}

/// Whether the Deployment has a progress deadline (absent and the largest integer mean no).
pub(super) fn has_deadline(deployment: &Value) -> bool {
    deployment["spec"]["progressDeadlineSeconds"]
        .as_i64()
        .is_some_and(|seconds| seconds != i64::from(i32::MAX))
}

/// Whether this status tells a finished rollout.
pub(super) fn is_complete(deployment: &Value, status: &Value) -> bool {
    let desired = replicas(deployment);
    ["/updatedReplicas", "/replicas", "/availableReplicas"]
        .iter()
        .all(|field| int(status, field) == desired)
        && int(status, "/observedGeneration") >= generation(deployment)
}

fn is_progressing(before: &Value, after: &Value) -> bool {
    let old = |status: &Value| int(status, "/replicas") - int(status, "/updatedReplicas");
    int(after, "/updatedReplicas") > int(before, "/updatedReplicas")
        || old(after) < old(before)
        || int(after, "/readyReplicas") > int(before, "/readyReplicas")
        || int(after, "/availableReplicas") > int(before, "/availableReplicas")
}

/// How long until the deadline passes; zero when it has.
fn time_left(cx: &Cx, deployment: &Value, status: &Value) -> Option<Duration> {
    let progressing = status["conditions"]
        .as_array()?
        .iter()
        .find(|c| c["type"] == "Progressing")?;
    match progressing["reason"].as_str().unwrap_or_default() {
        "NewReplicaSetAvailable" => return None,
        "ProgressDeadlineExceeded" => return Some(Duration::ZERO),
        _ => {}
    }
    let deadline = cx.seconds(int(deployment, "/spec/progressDeadlineSeconds"));
    let since = cx
        .progress
        .get(uid(deployment))
        .map_or_else(Instant::now, |(_, since)| *since);
    Some(deadline.saturating_sub(since.elapsed()))
}

/// The counts, with the conditions as they were and `Available` anew.
fn calculate(rollout: &Rollout) -> Value {
    let all = rollout.all();
    let deployment = &rollout.deployment;
    let available = counted(&all, "/status/availableReplicas");
    let new = rollout.new.iter().cloned().collect::<Vec<_>>();
    let mut status = json!({
        "conditions": deployment["status"]["conditions"].as_array().cloned().unwrap_or_default(),
        "observedGeneration": generation(deployment),
        "terminatingReplicas": counted(&all, "/status/terminatingReplicas"),
    });
    for (field, count) in [
        ("replicas", counted(&all, "/status/replicas")),
        ("updatedReplicas", counted(&new, "/status/replicas")),
        ("readyReplicas", counted(&all, "/status/readyReplicas")),
        ("availableReplicas", available),
        ("unavailableReplicas", (wanted(&all) - available).max(0)),
        ("collisionCount", int(deployment, "/status/collisionCount")),
    ] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    let enough = available >= rollout.desired() - max_unavailable(deployment);
    let condition = if enough {
        Condition::new(
            "Available",
            "True",
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.".into(),
        )
    } else {
        let message = "Deployment does not have minimum availability.".into();
        Condition::new("Available", "False", "MinimumReplicasUnavailable", message)
    };
    condition.set(&mut status);
    status
}

/// Writes the counts only: for paused Deployments and after a change of size.
pub(super) fn sync_plain(cx: &mut Cx, rollout: &Rollout) -> Option<Duration> {
    write(cx, rollout, calculate(rollout));
    None
}

/// Writes counts and progress; returns when the deadline is worth a look.
pub(super) fn sync(cx: &mut Cx, rollout: &Rollout) -> Option<Duration> {
    let deployment = &rollout.deployment;
    let mut status = calculate(rollout);
    if has_deadline(deployment) {
        progress(cx, rollout, &mut status);
    } else if let Some(conditions) = status["conditions"].as_array_mut() {
        conditions.retain(|condition| condition["type"] != "Progressing");
    }
    match failure(rollout) {
        Some(failure) => failure.set(&mut status),
        None => {
            if let Some(conditions) = status["conditions"].as_array_mut() {
                conditions.retain(|condition| condition["type"] != "ReplicaFailure");
            }
        }
    }
    let left = time_left(cx, deployment, &status).filter(|left| !left.is_zero());
    write(cx, rollout, status);
    left.filter(|_| has_deadline(deployment))
        .map(|left| left + Duration::from_millis(1))
}

fn progress(cx: &Cx, rollout: &Rollout, status: &mut Value) {
    let deployment = &rollout.deployment;
    let present = condition(deployment, "Progressing");
    let finished = int(status, "/replicas") == int(status, "/updatedReplicas")
        && present.is_some_and(|present| present["reason"] == "NewReplicaSetAvailable");
    if finished {
        return;
    }
    let what = match &rollout.new {
        Some(new) => format!("ReplicaSet {:?}", name(new)),
        None => format!("Deployment {:?}", name(deployment)),
    };
    if is_complete(deployment, status) {
        let message = format!("{what} has successfully progressed.");
        Condition::new("Progressing", "True", "NewReplicaSetAvailable", message).set(status);
    } else if is_progressing(&deployment["status"], status) {
        renew(status, format!("{what} is progressing."));
    } else if time_left(cx, deployment, status).is_some_and(|left| left.is_zero()) {
        let message = format!("{what} has timed out progressing.");
        Condition::new("Progressing", "False", "ProgressDeadlineExceeded", message).set(status);
    }
}

/// `ReplicaSetUpdated` renews the update time at each step, which is what the deadline counts from.
fn renew(status: &mut Value, message: String) {
    let Some(conditions) = status["conditions"].as_array_mut() else {
        return;
    };
    let now = store::now();
    let since = conditions
        .iter()
        .find(|condition| condition["type"] == "Progressing" && condition["status"] == "True")
        .map_or_else(|| json!(now), |present| present["lastTransitionTime"].clone());
    conditions.retain(|condition| condition["type"] != "Progressing");
    conditions.push(json!({
        "lastTransitionTime": since, "lastUpdateTime": now, "message": message, "reason": "ReplicaSetUpdated",
        "status": "True", "type": "Progressing",
    }));
}

/// The failure of a ReplicaSet to make pods, the new one's first.
fn failure(rollout: &Rollout) -> Option<Condition> {
    let failed = rollout
        .new
        .iter()
        .chain(&rollout.old)
        .find_map(|set| condition(set, "ReplicaFailure"))?;
    let told = |field: &str| failed[field].as_str().unwrap_or_default().to_owned();
    Some(Condition {
        kind: "ReplicaFailure",
        status: "True",
        reason: told("reason"),
        message: told("message"),
    })
}

fn write(cx: &mut Cx, rollout: &Rollout, status: Value) {
    let renewed = condition(&json!({"status": status}), "Progressing")
        .is_some_and(|c| c["reason"] == "ReplicaSetUpdated");
    let progressing = renewed && is_progressing(&rollout.deployment["status"], &status);
    let written = cx
        .store
        .update(&rollout.key, |deployment| deployment["status"] = status);
    if let Ok(deployment) = written {
        note_progress(cx, &deployment);
        if progressing && let Some((_, since)) = cx.progress.get_mut(uid(&deployment)) {
            *since = Instant::now();
        }
    }
    cx.catch_up();
}
