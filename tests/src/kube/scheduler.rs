//! The scheduler: finds a node for each pod, or says why there is none.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::controllers::meta::{condition, deleting, fulfils, generation, is_true, name, namespace, text};
use super::controllers::quantity::{Resources, milli_of};
use super::controllers::{Cx, pods};
use super::crowd;
use super::events::{Report, Source};
use super::key::Key;
use super::store;

/// Why a node does not take a pod, and whether removing other pods could change that.
struct Objection {
    reason: String,
    resolvable: bool,
}

/// One look at one pod that has no node.
pub(crate) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let pod = cx.store.get_shared(key)?;
    if deleting(&pod) || !text(&pod, "/spec/nodeName").is_empty() {
        return None;
    }
    if pod["spec"]["schedulingGates"]
        .as_array()
        .is_some_and(|gates| !gates.is_empty())
    {
        return None;
    }
    let (nodes, _) = cx.store.list_shared("", "nodes", None);
    if let Some(why) = claim(cx, &pod) {
        let count = nodes.len();
        let message = format!(
            "0/{count} nodes are available: {why}. no new claims to deallocate, preemption: 0/{count} nodes are available: \
             {count} Preemption is not helpful for scheduling."
        );
        refuse(cx, key, &pod, &message);
        return Some(cx.pace.second.max(Duration::from_millis(50)));
    }
    let mut objections: Vec<Objection> = Vec::new();
    let mut best: Option<(i64, Arc<Value>)> = None;
    for node in &nodes {
        match objection(cx, &pod, node) {
            Some(objection) => objections.push(objection),
            None => {
                let crowd = cx.index.usage(name(node)).pods;
                if best.as_ref().is_none_or(|(least, _)| crowd < *least) {
                    best = Some((crowd, node.clone()));
                }
            }
        }
    }
    match best {
        Some((_, node)) => bind(cx, key, &pod, name(&node)),
        None => refuse(cx, key, &pod, &explain(nodes.len(), &objections)),
    }
    None
}

/// What is wrong with the pod's volume claims, which are looked at before any node.
fn claim(cx: &Cx, pod: &Value) -> Option<String> {
    claims(pod).find_map(|claim| {
        let key = Key::namespaced("", "persistentvolumeclaims", namespace(pod), claim);
        match cx.store.get_shared(&key) {
            None => Some(format!("persistentvolumeclaim {claim:?} not found")),
            Some(known) if text(&known, "/status/phase") != "Bound" => {
                Some("pod has unbound immediate PersistentVolumeClaims".to_owned())
            }
            Some(_) => None,
        }
    })
}

fn bind(cx: &mut Cx, key: &Key, pod: &Value, node: &str) {
    let bound = cx.store.update_shared(key, |pod| {
        pod["spec"]["nodeName"] = json!(node);
        pod["status"]["conditions"] = json!([{
            "lastProbeTime": null, "lastTransitionTime": store::now(), "status": "True", "type": "PodScheduled",
        }]);
    });
    if bound.is_ok() {
        let message = format!("Successfully assigned {}/{} to {node}", namespace(pod), name(pod));
        cx.events
            .record(&Source::Scheduler, Report::normal(pod, "Scheduled", message));
    }
}

fn refuse(cx: &mut Cx, key: &Key, pod: &Value, message: &str) {
    let told = condition(pod, "PodScheduled").is_some_and(|present| present["message"] == message);
    if !told {
        let entry = json!({
            "lastProbeTime": null, "lastTransitionTime": store::now(), "message": message,
            "observedGeneration": generation(pod), "reason": "Unschedulable", "status": "False",
            "type": "PodScheduled",
        });
        // Gone meanwhile: nothing to tell.
        let _ = cx
            .store
            .update_shared(key, |pod| pod["status"]["conditions"] = json!([entry]));
    }
    cx.events.record(
        &Source::Scheduler,
        Report::warning(pod, "FailedScheduling", message.to_owned()),
    );
}

fn explain(nodes: usize, objections: &[Objection]) -> String {
    if nodes == 0 {
        return "no nodes available to schedule pods".into();
    }
    let told = |reasons: &mut dyn Iterator<Item = &str>| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for reason in reasons {
            *counts.entry(reason).or_default() += 1;
        }
        let mut parts: Vec<String> = counts
            .iter()
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        parts.sort();
        parts.join(", ")
    };
    let why = told(&mut objections.iter().map(|objection| objection.reason.as_str()));
    let preemption = told(
        &mut objections.iter().map(|objection| match objection.resolvable {
            true => "No preemption victims found for incoming pod",
            false => "Preemption is not helpful for scheduling",
        }),
    );
    format!(
        "0/{nodes} nodes are available: {why}. no new claims to deallocate, preemption: 0/{nodes} nodes are \
         available: {preemption}."
    )
}

/// Why this node does not take the pod.
fn objection(cx: &Cx, pod: &Value, node: &Value) -> Option<Objection> {
    let fixed = |reason: &str| {
        Some(Objection {
            reason: reason.into(),
            resolvable: false,
        })
    };
    if node["spec"]["unschedulable"] == true
        && !tolerates(pod, "node.kubernetes.io/unschedulable", "NoSchedule")
    {
        return fixed("node(s) were unschedulable");
    }
    let taints = node["spec"]["taints"].as_array().into_iter().flatten();
    let refused = taints.into_iter().any(|taint| {
        let effect = taint["effect"].as_str().unwrap_or_default();
        effect != "PreferNoSchedule" && !tolerates_taint(pod, taint)
    });
    if refused || !is_true(node, "Ready") {
        return fixed("node(s) had untolerated taint(s)");
    }
    if !likes(pod, node) {
        return fixed("node(s) didn't match Pod's node affinity/selector");
    }
    if crowd::port_taken(cx, pod, node) {
        return fixed("node(s) didn't have free ports for the requested pod ports");
    }
    if let Some(full) = room(cx, pod, node) {
        return Some(full);
    }
    if let Some(what) = crowd::lacks(cx, pod, node) {
        return fixed(&format!("Insufficient {what}"));
    }
    if !reaches_volumes(cx, pod, node) {
        return fixed("node(s) didn't match PersistentVolume's node affinity");
    }
    crowd::company(cx, pod, node).and_then(fixed)
}

/// Whether the volumes that the pod's claims are bound to can be used on the node.
fn reaches_volumes(cx: &Cx, pod: &Value, node: &Value) -> bool {
    claims(pod).all(|claim| {
        let key = Key::namespaced("", "persistentvolumeclaims", namespace(pod), claim);
        let claim = cx.store.get_shared(&key);
        let volume = claim.and_then(|claim| {
            let key = Key::cluster("", "persistentvolumes", text(&claim, "/spec/volumeName"));
            cx.store.get_shared(&key)
        });
        let terms = volume
            .as_ref()
            .and_then(|volume| volume.pointer("/spec/nodeAffinity/required/nodeSelectorTerms"));
        terms
            .and_then(Value::as_array)
            .is_none_or(|terms| accepts(terms, node))
    })
}

fn claims(pod: &Value) -> impl Iterator<Item = &str> {
    let volumes = pod["spec"]["volumes"].as_array().into_iter().flatten();
    volumes.filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str())
}

fn room(cx: &Cx, pod: &Value, node: &Value) -> Option<Objection> {
    let allocatable = &node["status"]["allocatable"];
    let (asked, used) = (Resources::requested(pod), cx.index.usage(name(node)));
    let all = Resources::of(allocatable);
    if used.pods + 1 > milli_of(&allocatable["pods"]) / 1000 {
        return Some(Objection {
            reason: "Too many pods".into(),
            resolvable: true,
        });
    }
    for (what, asked, used, all) in [
        ("cpu", asked.cpu, used.requests.cpu, all.cpu),
        ("memory", asked.memory, used.requests.memory, all.memory),
    ] {
        if asked > 0 && asked + used > all {
            return Some(Objection {
                reason: format!("Insufficient {what}"),
                resolvable: asked <= all,
            });
        }
    }
    None
}

fn tolerates(pod: &Value, key: &str, effect: &str) -> bool {
    tolerates_taint(pod, &json!({"key": key, "effect": effect}))
}

/// Whether one of the pod's tolerations covers the taint.
pub(crate) fn tolerates_taint(pod: &Value, taint: &Value) -> bool {
    pod["spec"]["tolerations"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|toleration| {
            let effect = toleration["effect"].as_str().unwrap_or_default();
            let key = toleration["key"].as_str().unwrap_or_default();
            let exists = toleration["operator"] == "Exists";
            (effect.is_empty() || taint["effect"] == effect)
                && (key.is_empty() && exists || taint["key"] == key)
                && (exists
                    || taint["value"].as_str().unwrap_or_default()
                        == toleration["value"].as_str().unwrap_or_default())
        })
}

/// `nodeSelector` and required node affinity.
pub(crate) fn likes(pod: &Value, node: &Value) -> bool {
    let labels = &node["metadata"]["labels"];
    let selected = pod["spec"]["nodeSelector"]
        .as_object()
        .is_none_or(|wanted| wanted.iter().all(|(key, value)| labels.get(key) == Some(value)));
    let terms = pod.pointer(
        "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms",
    );
    let accepted = terms
        .and_then(Value::as_array)
        .is_none_or(|terms| accepts(terms, node));
    selected && accepted
}

/// Whether one of the terms takes the node.
fn accepts(terms: &[Value], node: &Value) -> bool {
    let labels = &node["metadata"]["labels"];
    let fields = json!({"metadata.name": name(node)});
    terms.iter().any(|term| {
        let each = |field: &str, values: &Value| {
            term[field]
                .as_array()
                .is_none_or(|all| all.iter().all(|one| fulfils(one, values)))
        };
        each("matchExpressions", labels) && each("matchFields", &fields)
    })
}

/// Whether a DaemonSet's pod belongs on the node.
pub(crate) fn daemon_belongs(template: &Value, node: &Value) -> bool {
    let mut pod = json!({"spec": template["spec"]});
    pods::tolerate_as_daemon(&mut pod["spec"]);
    let taints = node["spec"]["taints"].as_array().into_iter().flatten();
    likes(&pod, node)
        && taints
            .into_iter()
            .filter(|taint| taint["effect"] != "PreferNoSchedule")
            .all(|taint| tolerates_taint(&pod, taint))
}
