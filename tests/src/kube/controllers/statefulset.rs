//! The StatefulSet controller: named pods, one after the other.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Cx;
use super::meta::{deleting, generation, int, name, namespace, pod_key, replicas, text, uid};
use super::pods::{available, delete, from_template, ready, submit};
use super::revisions;
use crate::kube::events::{Report, Source};
use crate::kube::key::Key;

const SOURCE: Source = Source::Controller("statefulset-controller");
const REVISION: &str = "controller-revision-hash";

/// What one look works with.
struct Look {
    key: Key,
    set: Arc<Value>,
    /// The pods by ordinal, those beyond `replicas` too.
    pods: Vec<(i64, Arc<Value>)>,
    current: String,
    update: String,
    old_template: Value,
}

/// One look at one StatefulSet.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let set = cx.store.get_shared(key)?;
    if deleting(&set) {
        return None;
    }
    let newest = revisions::current(cx, &set, &revisions::STATEFUL)?;
    let update = name(&newest).to_owned();
    let told = text(&set, "/status/currentRevision");
    let current = if told.is_empty() {
        update.clone()
    } else {
        told.to_owned()
    };
    let old = revisions::of(cx, &set)
        .into_iter()
        .find(|revision| name(revision) == current);
    let old_template = old.map_or_else(
        || set["spec"]["template"].clone(),
        |old| revisions::stored_template(&old),
    );
    let mut look = Look {
        key: key.clone(),
        pods: pods(cx, &set),
        set,
        current,
        update,
        old_template,
    };
    let failure = act(cx, &look);
    look.pods = pods(cx, &look.set);
    let soon = write_status(cx, &look);
    let mut used: Vec<String> = look
        .pods
        .iter()
        .map(|(_, pod)| revision(pod).to_owned())
        .collect();
    used.extend([look.current.clone(), look.update.clone()]);
    revisions::clean_up(cx, &look.set, &used);
    if failure {
        return Some(cx.failed(key));
    }
    cx.succeeded(key);
    soon
}

fn pods(cx: &Cx, set: &Value) -> Vec<(i64, Arc<Value>)> {
    let prefix = format!("{}-", name(set));
    let owned = cx.index.owned(&cx.store, uid(set), "pods").into_iter();
    let mut pods: Vec<(i64, Arc<Value>)> = owned
        .filter_map(|pod| Some((name(&pod).strip_prefix(&prefix)?.parse().ok()?, pod)))
        .collect();
    pods.sort_by_key(|(ordinal, _)| *ordinal);
    pods
}

fn revision(pod: &Value) -> &str {
    pod["metadata"]["labels"][REVISION].as_str().unwrap_or_default()
}

fn partition(set: &Value) -> i64 {
    int(set, "/spec/updateStrategy/rollingUpdate/partition")
}

/// Does the next thing; says whether it failed.
fn act(cx: &mut Cx, look: &Look) -> bool {
    let set = &look.set;
    let ordered = set["spec"]["podManagementPolicy"] != "Parallel";
    let min_ready = int(set, "/spec/minReadySeconds");
    let pod_of = |ordinal: i64| {
        look.pods
            .iter()
            .find(|(number, _)| *number == ordinal)
            .map(|(_, pod)| pod)
    };
    for ordinal in 0..replicas(set) {
        let Some(pod) = pod_of(ordinal) else {
            if !create(cx, look, ordinal) {
                return true;
            }
            if ordered {
                return false;
            }
            continue;
        };
        if matches!(text(pod, "/status/phase"), "Failed" | "Succeeded") {
            remove(cx, look, pod);
            return false;
        }
        if ordered && (deleting(pod) || available(cx, pod, min_ready).is_err()) {
            return false;
        }
    }
    let surplus: Vec<&Arc<Value>> = look
        .pods
        .iter()
        .filter(|(ordinal, _)| *ordinal >= replicas(set))
        .map(|(_, pod)| pod)
        .collect();
    for pod in surplus.into_iter().rev() {
        if !deleting(pod) {
            remove(cx, look, pod);
        }
        if ordered {
            return false;
        }
    }
    if set["spec"]["updateStrategy"]["type"] == "OnDelete" {
        return false;
    }
    for ordinal in (partition(set)..replicas(set)).rev() {
        let Some(pod) = pod_of(ordinal) else { return false };
        if revision(pod) != look.update && !deleting(pod) {
            remove(cx, look, pod);
            return false;
        }
        if deleting(pod) || !ready(pod) {
            return false;
        }
    }
    false
}

fn create(cx: &mut Cx, look: &Look, ordinal: i64) -> bool {
    let set = &look.set;
    let old = ordinal < partition(set) && look.current != look.update;
    let (template, hash) = if old {
        (&look.old_template, &look.current)
    } else {
        (&set["spec"]["template"], &look.update)
    };
    let mut pod = from_template(set, template);
    let pod_name = format!("{}-{ordinal}", name(set));
    pod["metadata"]["name"] = json!(pod_name);
    let labels = &mut pod["metadata"]["labels"];
    labels["apps.kubernetes.io/pod-index"] = json!(ordinal.to_string());
    labels[REVISION] = json!(hash);
    labels["statefulset.kubernetes.io/pod-name"] = json!(pod_name);
    pod["spec"]["hostname"] = json!(pod_name);
    if let Some(service) = set["spec"]["serviceName"]
        .as_str()
        .filter(|service| !service.is_empty())
    {
        pod["spec"]["subdomain"] = json!(service);
    }
    claims(cx, look, ordinal, &mut pod);
    match submit(cx, pod) {
        Ok(_) => {
            let message = format!("Create Pod {pod_name} in StatefulSet {} successful", name(set));
            cx.events
                .record(&SOURCE, Report::normal(set, "SuccessfulCreate", message));
            true
        }
        Err(error) => {
            let message = format!(
                "Create Pod {pod_name} in StatefulSet {} failed error: {error}",
                name(set)
            );
            cx.events
                .record(&SOURCE, Report::warning(set, "FailedCreate", message));
            false
        }
    }
}

/// The claims of the set's templates, one per pod, which outlive it.
fn claims(cx: &mut Cx, look: &Look, ordinal: i64, pod: &mut Value) {
    let set = &look.set;
    for template in set["spec"]["volumeClaimTemplates"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let volume = name(template);
        let claim = format!("{volume}-{}-{ordinal}", name(set));
        let key = Key::namespaced("", "persistentvolumeclaims", namespace(set), &claim);
        let labels = &set["spec"]["selector"]["matchLabels"];
        let object = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"labels": labels},
                            "spec": template["spec"], "status": {"phase": "Pending"}});
        if cx.store.create(&key, object).is_ok() {
            let message = format!(
                "Create Claim {claim} Pod {}-{ordinal} in StatefulSet {} success",
                name(set),
                name(set)
            );
            cx.events
                .record(&SOURCE, Report::normal(set, "SuccessfulCreate", message));
        }
        if !pod["spec"]["volumes"].is_array() {
            pod["spec"]["volumes"] = json!([]);
        }
        if let Some(volumes) = pod["spec"]["volumes"].as_array_mut() {
            volumes.push(json!({"name": volume, "persistentVolumeClaim": {"claimName": claim}}));
        }
    }
}

fn remove(cx: &mut Cx, look: &Look, pod: &Value) {
    if delete(cx, &pod_key(namespace(pod), name(pod))) {
        let message = format!(
            "Delete Pod {} in StatefulSet {} successful",
            name(pod),
            name(&look.set)
        );
        cx.events
            .record(&SOURCE, Report::normal(&look.set, "SuccessfulDelete", message));
    }
}

fn write_status(cx: &mut Cx, look: &Look) -> Option<Duration> {
    let set = &look.set;
    let min_ready = int(set, "/spec/minReadySeconds");
    let (mut count, mut readies, mut availables, mut current, mut updated) = (0, 0, 0, 0, 0);
    let mut soon: Option<std::time::Instant> = None;
    for (_, pod) in &look.pods {
        count += 1;
        readies += i64::from(ready(pod));
        match available(cx, pod, min_ready) {
            Ok(()) => availables += 1,
            Err(at) => soon = soon.into_iter().chain(at).min(),
        }
        if !deleting(pod) {
            current += i64::from(revision(pod) == look.current);
            updated += i64::from(revision(pod) == look.update);
        }
    }
    let rolled = updated == count && readies == count && count == replicas(set) && partition(set) == 0;
    let mut now_current = look.current.clone();
    if rolled && set["spec"]["updateStrategy"]["type"] != "OnDelete" {
        now_current.clone_from(&look.update);
        current = updated;
    }
    let mut status = json!({
        "availableReplicas": availables, "collisionCount": int(set, "/status/collisionCount"),
        "currentRevision": now_current, "observedGeneration": generation(set), "replicas": count,
        "updateRevision": look.update,
    });
    for (field, count) in [
        ("currentReplicas", current),
        ("readyReplicas", readies),
        ("updatedReplicas", updated),
    ] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    // Gone meanwhile: nothing to tell.
    let _ = cx.store.update_shared(&look.key, |set| set["status"] = status);
    cx.catch_up();
    soon.map(crate::kube::node::until)
}
