//! The Deployment controller: rolls from one ReplicaSet to the next.
//!
//! The steps, their order and their texts are those of `pkg/controller/deployment` of Kubernetes; so is what looks
//! odd, for example that the condition `Progressing` is written in a state that lags one generation behind.

mod replicasets;
mod rolling;
mod scaling;
mod status;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Cx;
use super::meta::{deleting, int, replicas, scaled, uid};
use super::pods::active;
use crate::kube::events::Source;
use crate::kube::key::Key;

/// Who reports the events.
const SOURCE: Source = Source::Controller("deployment-controller");
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MAXIMUM: &str = "deployment.kubernetes.io/max-replicas";
const REVISION: &str = "deployment.kubernetes.io/revision";
const HISTORY: &str = "deployment.kubernetes.io/revision-history";

/// A Deployment and its ReplicaSets, as they are now.
struct Rollout {
    key: Key,
    deployment: Value,
    new: Option<Arc<Value>>,
    old: Vec<Arc<Value>>,
}

impl Rollout {
    fn all(&self) -> Vec<Arc<Value>> {
        self.old.iter().chain(&self.new).cloned().collect()
    }

    fn desired(&self) -> i64 {
        replicas(&self.deployment)
    }
}

/// One look at one Deployment.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let deployment = cx.store.get(key)?;
    if deployment["spec"]["selector"] == json!({}) {
        return None;
    }
    if deleting(&deployment) {
        let rollout = replicasets::gather(cx, key, deployment, false);
        return status::sync(cx, &rollout);
    }
    pause_conditions(cx, key, &deployment);
    let deployment = cx.store.get(key)?;
    if deployment["spec"]["paused"] == true {
        return synchronize(cx, key, deployment);
    }
    if is_scaling(cx, &deployment) {
        return synchronize(cx, key, deployment);
    }
    if deployment["spec"]["strategy"]["type"] == "Recreate" {
        return recreate(cx, key, deployment);
    }
    rolling::roll(cx, key, deployment)
}

/// Scales and tells the status, without rolling: for paused Deployments and changes of `replicas`.
fn synchronize(cx: &mut Cx, key: &Key, deployment: Value) -> Option<Duration> {
    let mut rollout = replicasets::gather(cx, key, deployment, false);
    scaling::scale(cx, &mut rollout);
    if rollout.deployment["spec"]["paused"] == true {
        replicasets::clean_up(cx, &rollout);
    }
    status::sync_plain(cx, &rollout)
}

fn recreate(cx: &mut Cx, key: &Key, deployment: Value) -> Option<Duration> {
    let mut rollout = replicasets::gather(cx, key, deployment, false);
    let mut scaled_down = false;
    for index in 0..rollout.old.len() {
        if replicas(&rollout.old[index]) > 0 {
            scaled_down |= replicasets::resize_old(cx, &mut rollout, index, 0);
        }
    }
    if scaled_down || old_pods_run(cx, &rollout) {
        return status::sync(cx, &rollout);
    }
    let mut rollout = replicasets::gather(cx, key, rollout.deployment, true);
    let desired = rollout.desired();
    replicasets::resize_new(cx, &mut rollout, desired);
    if status::is_complete(&rollout.deployment, &rollout.deployment["status"]) {
        replicasets::clean_up(cx, &rollout);
    }
    status::sync(cx, &rollout)
}

/// Whether a pod of another ReplicaSet than the new one is not yet finished (terminating ones count).
fn old_pods_run(cx: &Cx, rollout: &Rollout) -> bool {
    rollout.old.iter().any(|set| {
        let pods = cx.index.owned(&cx.store, uid(set), "pods");
        pods.iter().any(|pod| active(pod) || deleting(pod))
    })
}

fn pause_conditions(cx: &mut Cx, key: &Key, deployment: &Value) {
    if !status::has_deadline(deployment) {
        return;
    }
    let reason = super::meta::condition(deployment, "Progressing")
        .map_or("", |condition| condition["reason"].as_str().unwrap_or_default());
    if reason == "ProgressDeadlineExceeded" {
        return;
    }
    let paused = deployment["spec"]["paused"] == true;
    let (reason, message) = match (paused, reason == "DeploymentPaused") {
        (true, false) => ("DeploymentPaused", "Deployment is paused"),
        (false, true) => ("DeploymentResumed", "Deployment is resumed"),
        _ => return,
    };
    let condition = status::Condition::new("Progressing", "Unknown", reason, message.into());
    status::write_condition(cx, key, condition);
}

/// Whether `replicas` changed since the ReplicaSets were last sized.
fn is_scaling(cx: &Cx, deployment: &Value) -> bool {
    let sets = cx.index.owned(&cx.store, uid(deployment), "replicasets");
    sets.iter().filter(|set| replicas(set) > 0).any(|set| {
        let desired = super::meta::annotation(set, DESIRED);
        desired
            .parse()
            .is_ok_and(|desired: i64| desired != replicas(deployment))
    })
}

/// How many pods more than desired there may be during a rolling update.
fn max_surge(deployment: &Value) -> i64 {
    if deployment["spec"]["strategy"]["type"] == "Recreate" {
        return 0;
    }
    let surge = deployment.pointer("/spec/strategy/rollingUpdate/maxSurge");
    scaled(surge.unwrap_or(&json!("25%")), replicas(deployment), true)
}

/// How many pods fewer than desired there may be during a rolling update.
fn max_unavailable(deployment: &Value) -> i64 {
    let desired = replicas(deployment);
    if deployment["spec"]["strategy"]["type"] == "Recreate" || desired == 0 {
        return 0;
    }
    let unavailable = deployment.pointer("/spec/strategy/rollingUpdate/maxUnavailable");
    let unavailable = scaled(unavailable.unwrap_or(&json!("25%")), desired, false);
    // With both at 0 nothing could ever move.
    let unavailable = if unavailable == 0 && max_surge(deployment) == 0 {
        1
    } else {
        unavailable
    };
    unavailable.min(desired)
}

/// The sum of `spec.replicas`.
fn wanted(sets: &[Arc<Value>]) -> i64 {
    sets.iter().map(|set| replicas(set)).sum()
}

/// The sum of a field of the status.
fn counted(sets: &[Arc<Value>], field: &str) -> i64 {
    sets.iter().map(|set| int(set, field)).sum()
}
