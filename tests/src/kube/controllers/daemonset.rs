//! The DaemonSet controller: one pod on each node that takes it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Cx;
use super::meta::{
    annotation, bare_template, deleting, generation, int, name, namespace, pod_key, scaled, text, uid,
};
use super::pods::{available, delete, from_template, ready, submit, tolerate_as_daemon};
use super::revisions;
use crate::kube::events::{Report, Source};
use crate::kube::key::Key;
use crate::kube::scheduler::daemon_belongs;

const SOURCE: Source = Source::Controller("daemonset-controller");
const REVISION: &str = "controller-revision-hash";
const TEMPLATE: &str = "deprecated.daemonset.template.generation";

/// One look at one DaemonSet.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let set = cx.store.get_shared(key)?;
    if deleting(&set) {
        return None;
    }
    let set = number_template(cx, key, &set)?;
    let newest = revisions::current(cx, &set, &revisions::DAEMON)?;
    let hash = newest["metadata"]["labels"][REVISION]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let (nodes, _) = cx.store.list_shared("", "nodes", None);
    let (wanted, others): (Vec<_>, Vec<_>) = nodes
        .into_iter()
        .partition(|node| daemon_belongs(&set["spec"]["template"], node));
    let refused = place(cx, &set, &hash, &wanted);
    for node in &others {
        for pod in on_node(cx, &set, name(node)) {
            remove(cx, &set, &pod);
        }
    }
    if set["spec"]["updateStrategy"]["type"] != "OnDelete" {
        roll(cx, &set, &hash, &wanted);
    }
    let soon = write_status(cx, key, &hash, wanted.len(), &others);
    revisions::clean_up(cx, &set, &[hash]);
    if refused {
        return Some(cx.failed(key));
    }
    cx.succeeded(key);
    soon
}

/// Counts the templates in an annotation that pods carry and only old clients read.
fn number_template(cx: &mut Cx, key: &Key, set: &Arc<Value>) -> Option<Arc<Value>> {
    let present: i64 = annotation(set, TEMPLATE).parse().unwrap_or(0);
    let template = bare_template(&set["spec"]["template"]);
    let newest = revisions::of(cx, set).pop();
    let same = newest.is_some_and(|newest| revisions::stored_template(&newest) == template);
    if present > 0 && same {
        return Some(set.clone());
    }
    let written = cx.store.update(key, |set| {
        set["metadata"]["annotations"][TEMPLATE] = json!((present + 1).to_string());
    });
    cx.catch_up();
    written.ok().map(Arc::new)
}

fn node_of(pod: &Value) -> &str {
    let bound = text(pod, "/spec/nodeName");
    if !bound.is_empty() {
        return bound;
    }
    text(
        pod,
        "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchFields/0/values/0",
    )
}

fn on_node(cx: &Cx, set: &Value, node: &str) -> Vec<Arc<Value>> {
    let pods = cx.index.owned(&cx.store, uid(set), "pods");
    pods.into_iter().filter(|pod| node_of(pod) == node).collect()
}

/// Creates the missing pods; says whether one was refused.
fn place(cx: &mut Cx, set: &Value, hash: &str, nodes: &[Arc<Value>]) -> bool {
    let mut refused = false;
    for node in nodes {
        let pods = on_node(cx, set, name(node));
        for pod in pods
            .iter()
            .filter(|pod| text(pod, "/status/phase") == "Failed" && !deleting(pod))
        {
            let message = format!(
                "Found failed daemon pod {}/{} on node {}, will try to kill it",
                namespace(pod),
                name(pod),
                name(node)
            );
            cx.events
                .record(&SOURCE, Report::warning(set, "FailedDaemonPod", message));
            remove(cx, set, pod);
        }
        if !pods.is_empty() {
            continue;
        }
        let mut pod = from_template(set, &set["spec"]["template"]);
        pod["metadata"]["labels"][REVISION] = json!(hash);
        pod["metadata"]["labels"]["pod-template-generation"] = json!(annotation(set, TEMPLATE));
        tolerate_as_daemon(&mut pod["spec"]);
        pod["spec"]["affinity"]["nodeAffinity"] = json!({"requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{"matchFields": [
                {"key": "metadata.name", "operator": "In", "values": [name(node)]}]}]}});
        match submit(cx, pod) {
            Ok(pod) => {
                let message = format!("Created pod: {}", name(&pod));
                cx.events
                    .record(&SOURCE, Report::normal(set, "SuccessfulCreate", message));
            }
            Err(error) => {
                refused = true;
                let message = format!("Error creating: {error}");
                cx.events
                    .record(&SOURCE, Report::warning(set, "FailedCreate", message));
            }
        }
    }
    refused
}

/// Deletes pods of older templates, as many as may be missing at a time; those that are not available at once.
fn roll(cx: &mut Cx, set: &Value, hash: &str, nodes: &[Arc<Value>]) {
    let min_ready = int(set, "/spec/minReadySeconds");
    let total = i64::try_from(nodes.len()).unwrap_or(0);
    let limit = set.pointer("/spec/updateStrategy/rollingUpdate/maxUnavailable");
    let most = scaled(limit.unwrap_or(&json!(1)), total, true).max(1);
    let (mut missing, mut old) = (0, Vec::new());
    for node in nodes {
        let pods = on_node(cx, set, name(node));
        let up = pods
            .iter()
            .find(|pod| !deleting(pod) && available(cx, pod, min_ready).is_ok());
        missing += i64::from(up.is_none());
        old.extend(
            pods.into_iter()
                .filter(|pod| !deleting(pod) && pod["metadata"]["labels"][REVISION] != hash),
        );
    }
    for pod in old {
        if available(cx, &pod, min_ready).is_err() {
            remove(cx, set, &pod);
        } else if missing < most {
            missing += 1;
            remove(cx, set, &pod);
        }
    }
}

fn remove(cx: &mut Cx, set: &Value, pod: &Value) {
    if delete(cx, &pod_key(namespace(pod), name(pod))) {
        let message = format!("Deleted pod: {}", name(pod));
        cx.events
            .record(&SOURCE, Report::normal(set, "SuccessfulDelete", message));
    }
}

fn write_status(
    cx: &mut Cx,
    key: &Key,
    hash: &str,
    wanted: usize,
    others: &[Arc<Value>],
) -> Option<Duration> {
    let set = cx.store.get_shared(key)?;
    let min_ready = int(&set, "/spec/minReadySeconds");
    let desired = i64::try_from(wanted).unwrap_or(0);
    let (mut scheduled, mut misplaced, mut readies, mut availables, mut updated) = (0, 0, 0, 0, 0);
    let mut soon: Option<std::time::Instant> = None;
    for pod in cx
        .index
        .owned(&cx.store, uid(&set), "pods")
        .iter()
        .filter(|pod| !deleting(pod))
    {
        if others.iter().any(|node| name(node) == node_of(pod)) {
            misplaced += 1;
            continue;
        }
        scheduled += 1;
        readies += i64::from(ready(pod));
        updated += i64::from(pod["metadata"]["labels"][REVISION] == hash);
        match available(cx, pod, min_ready) {
            Ok(()) => availables += 1,
            Err(at) => soon = soon.into_iter().chain(at).min(),
        }
    }
    let mut status = json!({
        "currentNumberScheduled": scheduled, "desiredNumberScheduled": desired, "numberMisscheduled": misplaced,
        "numberReady": readies, "observedGeneration": generation(&set),
    });
    for (field, count) in [
        ("numberAvailable", availables),
        ("numberUnavailable", desired - availables),
        ("updatedNumberScheduled", updated),
    ] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    // Gone meanwhile: nothing to tell.
    let _ = cx.store.update_shared(key, |set| set["status"] = status);
    cx.catch_up();
    soon.map(crate::kube::node::until)
}
