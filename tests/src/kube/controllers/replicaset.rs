//! The ReplicaSet controller: as many pods as asked for.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Cx;
use super::meta::{condition, deleting, generation, int, name, pod_key, replicas, text, uid};
use super::pods::{active, available, delete, from_template, ready, submit};
use crate::kube::events::{Report, Source};
use crate::kube::key::Key;
use crate::kube::store;

const SOURCE: Source = Source::Controller("replicaset-controller");

/// One look at one ReplicaSet.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let set = cx.store.get_shared(key)?;
    let pods = cx.index.owned(&cx.store, uid(&set), "pods");
    let alive: Vec<Arc<Value>> = pods.into_iter().filter(|pod| active(pod)).collect();
    let lacking = replicas(&set) - i64::try_from(alive.len()).unwrap_or(i64::MAX);
    let failure = match lacking {
        _ if deleting(&set) => None,
        1.. => create(cx, &set, lacking),
        ..=-1 => {
            shrink(cx, &set, alive, -lacking);
            None
        }
        0 => None,
    };
    let soon = write_status(cx, key, failure.as_deref());
    if failure.is_some() {
        return Some(cx.failed(key));
    }
    cx.succeeded(key);
    soon
}

/// Creates pods in growing batches, so that a refusal is met by one pod and not by all. Returns the first refusal.
fn create(cx: &mut Cx, set: &Value, count: i64) -> Option<String> {
    let (mut left, mut batch) = (count, 1);
    while left > 0 {
        let mut refusal = None;
        for _ in 0..batch.min(left) {
            match submit(cx, from_template(set, &set["spec"]["template"])) {
                Ok(pod) => {
                    let message = format!("Created pod: {}", name(&pod));
                    cx.events
                        .record(&SOURCE, Report::normal(set, "SuccessfulCreate", message));
                }
                Err(error) => {
                    let message = format!("Error creating: {error}");
                    cx.events
                        .record(&SOURCE, Report::warning(set, "FailedCreate", message));
                    refusal.get_or_insert(error);
                }
            }
        }
        if refusal.is_some() {
            return refusal;
        }
        left -= batch.min(left);
        batch *= 2;
    }
    None
}

/// Deletes the pods that are missed least: unscheduled, pending, not ready, cheap, young.
fn shrink(cx: &mut Cx, set: &Value, mut pods: Vec<Arc<Value>>, count: i64) {
    let cost = |pod: &Value| -> i64 {
        super::meta::annotation(pod, "controller.kubernetes.io/pod-deletion-cost")
            .parse()
            .unwrap_or(0)
    };
    let rank = |pod: &Value| {
        let phase = match text(pod, "/status/phase") {
            "Pending" => 0,
            "Unknown" => 1,
            _ => 2,
        };
        (
            !text(pod, "/spec/nodeName").is_empty(),
            phase,
            ready(pod),
            cost(pod),
        )
    };
    let born = |pod: &Value| int(pod, "/metadata/resourceVersion").max(0);
    pods.sort_by(|a, b| {
        let restarts = |pod: &Value| int(pod, "/status/containerStatuses/0/restartCount");
        rank(a)
            .cmp(&rank(b))
            .then(restarts(b).cmp(&restarts(a)))
            .then(text(b, "/metadata/creationTimestamp").cmp(text(a, "/metadata/creationTimestamp")))
            .then(born(b).cmp(&born(a)))
            .then(uid(a).cmp(uid(b)))
    });
    for pod in pods.into_iter().take(usize::try_from(count).unwrap_or(0)) {
        let key = pod_key(super::meta::namespace(&pod), name(&pod));
        if delete(cx, &key) {
            let message = format!("Deleted pod: {}", name(&pod));
            cx.events
                .record(&SOURCE, Report::normal(set, "SuccessfulDelete", message));
        }
    }
}

fn write_status(cx: &mut Cx, key: &Key, failure: Option<&str>) -> Option<Duration> {
    let set = cx.store.get_shared(key)?;
    let pods = cx.index.owned(&cx.store, uid(&set), "pods");
    let min_ready = int(&set, "/spec/minReadySeconds");
    let labels = set["spec"]["template"]["metadata"]["labels"].clone();
    let (mut count, mut labeled, mut readies, mut availables, mut terminating) = (0, 0, 0, 0, 0);
    let mut soon = None;
    for pod in &pods {
        if deleting(pod) && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed") {
            terminating += 1;
        }
        if !active(pod) {
            continue;
        }
        count += 1;
        labeled += i64::from(super::meta::selects(
            &json!({"matchLabels": labels}),
            &pod["metadata"]["labels"],
        ));
        readies += i64::from(ready(pod));
        match available(cx, pod, min_ready) {
            Ok(()) => availables += 1,
            Err(at) => soon = soon.into_iter().chain(at).min(),
        }
    }
    let mut status = json!({
        "observedGeneration": generation(&set), "replicas": count, "terminatingReplicas": terminating,
    });
    for (field, count) in [
        ("fullyLabeledReplicas", labeled),
        ("readyReplicas", readies),
        ("availableReplicas", availables),
    ] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    if let Some(message) = failure {
        let new = json!({"lastTransitionTime": store::now(), "message": message, "reason": "FailedCreate",
                         "status": "True", "type": "ReplicaFailure"});
        status["conditions"] = json!([condition(&set, "ReplicaFailure").cloned().unwrap_or(new)]);
    }
    // Gone meanwhile: nothing to tell.
    let _ = cx.store.update_shared(key, |set| set["status"] = status);
    soon.map(|at: std::time::Instant| at.saturating_duration_since(std::time::Instant::now()))
}
