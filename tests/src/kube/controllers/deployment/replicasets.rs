//! The ReplicaSets of a Deployment: finding the new one, revisions, sizes, tidying the history.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::Cx;
use super::super::meta::{
    annotation, bare_template, deleting, generation, hash, int, name, namespace, owner_reference, replicas,
    text, uid,
};
use super::status::{Condition, write_condition};
use super::{DESIRED, HISTORY, MAXIMUM, REVISION, Rollout, SOURCE, max_surge};
use crate::kube::events::Report;
use crate::kube::key::Key;
use crate::kube::store::StoreError;

/// Annotations of a Deployment that its ReplicaSets do not get.
const OWN: [&str; 5] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    HISTORY,
    DESIRED,
    MAXIMUM,
];

fn revision(object: &Value) -> i64 {
    annotation(object, REVISION).parse().unwrap_or(0)
}

fn set_key(set: &Value) -> Key {
    Key::namespaced("apps", "replicasets", namespace(set), name(set))
}

/// Reads the ReplicaSets, finds the one of the present template (or makes it), and keeps the revisions.
pub(super) fn gather(cx: &mut Cx, key: &Key, deployment: Value, create: bool) -> Rollout {
    let mut sets = cx.index.owned(&cx.store, uid(&deployment), "replicasets");
    sets.sort_by(|a, b| {
        let age = |set: &Value| {
            (
                text(set, "/metadata/creationTimestamp").to_owned(),
                name(set).to_owned(),
            )
        };
        age(a).cmp(&age(b))
    });
    let template = bare_template(&deployment["spec"]["template"]);
    let position = sets
        .iter()
        .position(|set| bare_template(&set["spec"]["template"]) == template);
    let new = position.map(|position| sets.remove(position));
    let mut rollout = Rollout {
        key: key.clone(),
        deployment,
        new,
        old: sets,
    };
    let next = rollout.old.iter().map(|set| revision(set)).max().unwrap_or(0) + 1;
    if let Some(new) = rollout.new.clone() {
        adopt_new(cx, &mut rollout, &new, next);
    } else if create {
        create_new(cx, &mut rollout, next);
    }
    if let Some(deployment) = cx.store.get(key) {
        rollout.deployment = deployment;
    }
    rollout
}

/// Gives the ReplicaSet of the present template the next revision and the Deployment's annotations.
fn adopt_new(cx: &mut Cx, rollout: &mut Rollout, new: &Arc<Value>, next: i64) {
    let mut annotations = new["metadata"]["annotations"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    inherit(&mut annotations, &rollout.deployment);
    let present = revision(new);
    if present < next {
        if present > 0 {
            let before = annotations
                .get(HISTORY)
                .and_then(Value::as_str)
                .unwrap_or_default();
            let history = if before.is_empty() {
                present.to_string()
            } else {
                format!("{before},{present}")
            };
            annotations.insert(HISTORY.into(), json!(history));
        }
        annotations.insert(REVISION.into(), json!(next.to_string()));
    }
    let min_ready = rollout.deployment["spec"].get("minReadySeconds").cloned();
    let written = cx.store.update(&set_key(new), |set| {
        set["metadata"]["annotations"] = Value::Object(annotations);
        if let Some(min_ready) = min_ready {
            set["spec"]["minReadySeconds"] = min_ready;
        }
    });
    if let Ok(set) = written {
        rollout.new = Some(Arc::new(set));
    }
    let revision = rollout.new.as_ref().map_or(next, |new| revision(new));
    let missing = super::super::meta::condition(&rollout.deployment, "Progressing").is_none();
    if missing && super::status::has_deadline(&rollout.deployment) {
        let message = format!("Found new replica set {:?}", name(new));
        write_condition(
            cx,
            &rollout.key,
            Condition::new("Progressing", "True", "FoundNewReplicaSet", message),
        );
    }
    number(cx, &rollout.key, revision);
}

/// Writes the revision on the Deployment.
fn number(cx: &mut Cx, key: &Key, revision: i64) {
    // Gone meanwhile: nothing to number.
    let _ = cx.store.update_shared(key, |deployment| {
        deployment["metadata"]["annotations"][REVISION] = json!(revision.to_string());
    });
}

fn inherit(annotations: &mut Map<String, Value>, deployment: &Value) {
    for (key, value) in deployment["metadata"]["annotations"]
        .as_object()
        .into_iter()
        .flatten()
    {
        if !OWN.contains(&key.as_str()) {
            annotations.insert(key.clone(), value.clone());
        }
    }
}

fn create_new(cx: &mut Cx, rollout: &mut Rollout, next: i64) {
    let deployment = rollout.deployment.clone();
    let size = super::rolling::new_size(rollout, 0);
    let set = compose(&deployment, size, next);
    match cx.store.create(&set_key(&set), set) {
        Ok(set) => {
            if size > 0 {
                let message = format!("Scaled up replica set {} from 0 to {size}", name(&set));
                cx.events
                    .record(&SOURCE, Report::normal(&deployment, "ScalingReplicaSet", message));
            }
            cx.catch_up();
            let message = format!("Created new replica set {:?}", name(&set));
            rollout.new = Some(Arc::new(set));
            number(cx, &rollout.key, next);
            if super::status::has_deadline(&deployment) {
                let condition = Condition::new("Progressing", "True", "NewReplicaSetCreated", message);
                write_condition(cx, &rollout.key, condition);
            }
        }
        // A hash collision: the next look uses another salt.
        Err(StoreError::AlreadyExists(_)) => {
            let _ = cx.store.update_shared(&rollout.key, |deployment| {
                deployment["status"]["collisionCount"] = json!(int(deployment, "/status/collisionCount") + 1);
            });
        }
        Err(error) => {
            let condition =
                Condition::new("Progressing", "False", "ReplicaSetCreateError", error.to_string());
            write_condition(cx, &rollout.key, condition);
        }
    }
}

fn compose(deployment: &Value, size: i64, revision: i64) -> Value {
    let template_hash = hash(
        &bare_template(&deployment["spec"]["template"]),
        int(deployment, "/status/collisionCount"),
    );
    let mut template = deployment["spec"]["template"].clone();
    template["metadata"]["labels"]["pod-template-hash"] = json!(template_hash);
    if let Some(metadata) = template["metadata"].as_object_mut() {
        metadata.retain(|_, value| !value.is_null());
    }
    let mut selector = deployment["spec"]["selector"].clone();
    selector["matchLabels"]["pod-template-hash"] = json!(template_hash);
    let mut annotations = Map::new();
    inherit(&mut annotations, deployment);
    annotations.insert(DESIRED.into(), json!(replicas(deployment).to_string()));
    annotations.insert(
        MAXIMUM.into(),
        json!((replicas(deployment) + max_surge(deployment)).to_string()),
    );
    annotations.insert(REVISION.into(), json!(revision.to_string()));
    let mut set = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "annotations": annotations, "labels": template["metadata"]["labels"],
            "name": format!("{}-{template_hash}", name(deployment)), "namespace": namespace(deployment),
            "ownerReferences": [owner_reference(deployment)],
        },
        "spec": {"replicas": size, "selector": selector, "template": template},
        "status": {"replicas": 0},
    });
    if let Some(min_ready) = deployment["spec"].get("minReadySeconds") {
        set["spec"]["minReadySeconds"] = min_ready.clone();
    }
    set
}

/// Sizes a ReplicaSet and tells so; also keeps the annotations that remember the Deployment's size. Returns the
/// ReplicaSet as it is afterwards and whether its size changed.
pub(super) fn resize(cx: &mut Cx, deployment: &Value, set: &Arc<Value>, size: i64) -> (Arc<Value>, bool) {
    let (desired, before) = (replicas(deployment), replicas(set));
    let maximum = desired + max_surge(deployment);
    let written = cx.store.update(&set_key(set), |set| {
        set["spec"]["replicas"] = json!(size);
        set["metadata"]["annotations"][DESIRED] = json!(desired.to_string());
        set["metadata"]["annotations"][MAXIMUM] = json!(maximum.to_string());
    });
    let Ok(after) = written else {
        return (set.clone(), false);
    };
    if before != size {
        let direction = if size > before { "up" } else { "down" };
        let message = format!(
            "Scaled {direction} replica set {} from {before} to {size}",
            name(set)
        );
        cx.events
            .record(&SOURCE, Report::normal(deployment, "ScalingReplicaSet", message));
    }
    cx.catch_up();
    (Arc::new(after), before != size)
}

/// Sizes an old ReplicaSet; says whether its size changed.
pub(super) fn resize_old(cx: &mut Cx, rollout: &mut Rollout, index: usize, size: i64) -> bool {
    if replicas(&rollout.old[index]) == size {
        return false;
    }
    let (set, changed) = resize(cx, &rollout.deployment, &rollout.old[index], size);
    rollout.old[index] = set;
    changed
}

/// Sizes the new ReplicaSet; says whether its size changed.
pub(super) fn resize_new(cx: &mut Cx, rollout: &mut Rollout, size: i64) -> bool {
    let Some(new) = rollout.new.clone().filter(|new| replicas(new) != size) else {
        return false;
    };
    let (set, changed) = resize(cx, &rollout.deployment, &new, size);
    rollout.new = Some(set);
    changed
}

/// Deletes old ReplicaSets beyond `revisionHistoryLimit`, the oldest revisions first.
pub(super) fn clean_up(cx: &mut Cx, rollout: &Rollout) {
    let Some(limit) = rollout.deployment["spec"]["revisionHistoryLimit"].as_u64() else {
        return;
    };
    let mut sets: Vec<&Arc<Value>> = rollout.old.iter().filter(|set| !deleting(set)).collect();
    let excess = sets
        .len()
        .saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
    sets.sort_by_key(|set| revision(set));
    for set in sets.into_iter().take(excess) {
        let empty = replicas(set) == 0 && int(set, "/status/replicas") == 0;
        if empty && int(set, "/status/observedGeneration") >= generation(set) {
            cx.store.delete(&set_key(set));
        }
    }
    cx.catch_up();
}
