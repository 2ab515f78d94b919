//! The node lifecycle controller: taints of nodes that are cordoned or silent, and what becomes of their pods.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::meta::{condition, deleting, is_true, name};
use super::{Cx, Desk};
use crate::kube::events::{Report, Source};
use crate::kube::key::Key;
use crate::kube::scheduler::tolerates_taint;
use crate::kube::store;

const SOURCE: Source = Source::Controller("node-controller");

/// One look at one node.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let Some(node) = cx.store.get_shared(key) else {
        for pod in cx.index.on_node(&key.name) {
            cx.store.delete(&pod);
        }
        return None;
    };
    let ready = is_true(&node, "Ready");
    let silent = condition(&node, "Ready").is_some_and(|condition| condition["status"] == "Unknown");
    let sick = if silent {
        "node.kubernetes.io/unreachable"
    } else {
        "node.kubernetes.io/not-ready"
    };
    let cordoned = node["spec"]["unschedulable"] == true;
    taint(
        cx,
        key,
        "node.kubernetes.io/unschedulable",
        &["NoSchedule"],
        cordoned,
    );
    for kind in ["node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"] {
        taint(
            cx,
            key,
            kind,
            &["NoSchedule", "NoExecute"],
            !ready && kind == sick,
        );
    }
    if ready {
        cx.silent.remove(name(&node));
        return None;
    }
    if !cx.silent.contains_key(name(&node)) {
        cx.silent.insert(name(&node).to_owned(), Instant::now());
        let message = format!("Node {} status is now: NodeNotReady", name(&node));
        cx.events
            .record(&SOURCE, Report::normal(&node, "NodeNotReady", message));
    }
    unready_pods(cx, &node);
    evict(cx, &node, sick)
}

fn taint(cx: &mut Cx, key: &Key, kind: &str, effects: &[&str], wanted: bool) {
    let has = |node: &Value, effect: &str| {
        let taints = node["spec"]["taints"].as_array();
        taints
            .into_iter()
            .flatten()
            .any(|taint| taint["key"] == kind && taint["effect"] == effect)
    };
    let Some(node) = cx.store.get_shared(key) else {
        return;
    };
    for effect in effects {
        if has(&node, effect) == wanted {
            continue;
        }
        // Gone meanwhile: nothing to taint.
        let _ = cx.store.update_shared(key, |node| {
            let mut taints = node["spec"]["taints"].as_array().cloned().unwrap_or_default();
            if wanted {
                taints.push(json!({"effect": effect, "key": kind, "timeAdded": store::now()}));
            } else {
                taints.retain(|taint| taint["key"] != kind || taint["effect"] != *effect);
            }
            match (taints.is_empty(), node["spec"].as_object_mut()) {
                (true, Some(spec)) => {
                    spec.remove("taints");
                }
                (false, Some(spec)) => {
                    spec.insert("taints".into(), Value::Array(taints));
                }
                _ => {}
            }
        });
    }
}

/// The pods of a node that is not ready are not ready either.
fn unready_pods(cx: &mut Cx, node: &Value) {
    for key in cx.index.on_node(name(node)) {
        let Some(pod) = cx.store.get_shared(&key) else {
            continue;
        };
        if !is_true(&pod, "Ready") {
            continue;
        }
        // Gone meanwhile: nothing to mark.
        let _ = cx.store.update_shared(&key, |pod| {
            for condition in pod["status"]["conditions"].as_array_mut().into_iter().flatten() {
                if condition["type"] == "Ready" {
                    condition["status"] = json!("False");
                    condition["lastTransitionTime"] = json!(store::now());
                }
            }
        });
        cx.events.record(
            &SOURCE,
            Report::warning(&pod, "NodeNotReady", "Node is not ready".into()),
        );
    }
}

/// Pods are evicted when their toleration of the silence ends. Returns when the next one is due.
fn evict(cx: &mut Cx, node: &Value, sick: &str) -> Option<Duration> {
    let since = cx.silent.get(name(node)).copied()?;
    let taint = json!({"key": sick, "effect": "NoExecute"});
    let mut soonest: Option<Duration> = None;
    for key in cx.index.on_node(name(node)) {
        let Some(pod) = cx.store.get_shared(&key).filter(|pod| !deleting(pod)) else {
            continue;
        };
        let tolerations = pod["spec"]["tolerations"].as_array().into_iter().flatten();
        let matching =
            tolerations.filter(|one| tolerates_taint(&json!({"spec": {"tolerations": [one]}}), &taint));
        let seconds = matching
            .map(|one| one["tolerationSeconds"].as_i64().unwrap_or(i64::MAX))
            .min()
            .unwrap_or(0);
        if seconds == i64::MAX {
            continue;
        }
        let left = cx.seconds(seconds).saturating_sub(since.elapsed());
        if !left.is_zero() {
            soonest = Some(soonest.map_or(left, |soonest| soonest.min(left)));
            continue;
        }
        let message = format!(
            "Marking for deletion Pod {}/{}",
            key.namespace.as_deref().unwrap_or_default(),
            key.name
        );
        cx.events.record(
            &Source::Controller("taint-eviction-controller"),
            Report::normal(&pod, "TaintManagerEviction", message),
        );
        super::pods::delete(cx, &key);
    }
    if let Some(pause) = soonest {
        cx.look(
            Desk::NodeLifecycle,
            &crate::kube::node::machines::key(name(node)),
            pause,
        );
    }
    None
}
