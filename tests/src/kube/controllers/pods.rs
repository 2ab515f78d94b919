//! Making and deleting pods as controllers do.

use std::time::Instant;

use serde_json::{Value, json};

use super::Cx;
use super::meta::{name, namespace, owner_reference, text};
use crate::kube::admission;
use crate::kube::key::Key;
use crate::kube::store::{Store, StoreError};

/// A pod of a template, without a name yet.
pub(crate) fn from_template(owner: &Value, template: &Value) -> Value {
    let mut metadata = json!({
        "generateName": format!("{}-", name(owner)),
        "labels": template["metadata"]["labels"],
        "namespace": namespace(owner),
        "ownerReferences": [owner_reference(owner)],
    });
    if template["metadata"]["annotations"].is_object() {
        metadata["annotations"] = template["metadata"]["annotations"].clone();
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
}

/// Creates a pod: name, what admission adds, quota.
///
/// # Errors
/// The sentence of the refusal.
pub(crate) fn submit(cx: &mut Cx, mut pod: Value) -> Result<Value, String> {
    if name(&pod).is_empty() {
        let name = format!("{}{}", text(&pod, "/metadata/generateName"), cx.store.suffix());
        pod["metadata"]["name"] = json!(name);
    }
    admit(&cx.store, &mut pod);
    admission::check_pod_quota(&cx.store, &pod).map_err(|refusal| refusal.message)?;
    let refusal = cx.node.lock().scenario.refusal(namespace(&pod), name(&pod));
    if let Some(sentence) = refusal {
        return Err(sentence);
    }
    let key = super::meta::pod_key(namespace(&pod), name(&pod));
    let created = cx.store.create(&key, pod).map_err(|error| match error {
        StoreError::AlreadyExists(key) => format!("pods {:?} already exists", key.name),
        other => other.to_string(),
    });
    cx.catch_up();
    created
}

/// What admission and defaulting add to a pod (service account, tolerations, priority, token volume).
pub(crate) fn admit(store: &Store, pod: &mut Value) {
    let spec = &mut pod["spec"];
    for (field, value) in [
        ("enableServiceLinks", json!(true)),
        ("preemptionPolicy", json!("PreemptLowerPriority")),
        ("priority", json!(0)),
        ("restartPolicy", json!("Always")),
        ("dnsPolicy", json!("ClusterFirst")),
        ("schedulerName", json!("default-scheduler")),
        ("securityContext", json!({})),
        ("terminationGracePeriodSeconds", json!(30)),
    ] {
        if spec.get(field).is_none_or(Value::is_null) {
            spec[field] = value;
        }
    }
    let account = spec["serviceAccountName"]
        .as_str()
        .unwrap_or("default")
        .to_owned();
    spec["serviceAccount"] = json!(account);
    spec["serviceAccountName"] = json!(account);
    tolerate(spec);
    if spec["automountServiceAccountToken"] != false {
        mount_token(spec, &store.suffix());
    }
    pod["status"] = json!({"phase": "Pending", "qosClass": qos(&pod["spec"])});
}

fn tolerate(spec: &mut Value) {
    if !spec["tolerations"].is_array() {
        spec["tolerations"] = json!([]);
    }
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        if let Some(all) = spec["tolerations"].as_array_mut()
            && !all
                .iter()
                .any(|toleration| toleration["key"] == key && toleration["effect"] == "NoExecute")
        {
            all.push(
                json!({"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300}),
            );
        }
    }
}

fn mount_token(spec: &mut Value, suffix: &str) {
    const PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
    let volume = format!("kube-api-access-{suffix}");
    let mounted = |container: &Value| {
        container["volumeMounts"]
            .as_array()
            .is_some_and(|mounts| mounts.iter().any(|mount| mount["mountPath"] == PATH))
    };
    for field in ["initContainers", "containers"] {
        for container in spec
            .get_mut(field)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            if mounted(container) {
                return;
            }
            if !container["volumeMounts"].is_array() {
                container["volumeMounts"] = json!([]);
            }
            if let Some(mounts) = container["volumeMounts"].as_array_mut() {
                mounts.push(json!({"mountPath": PATH, "name": volume, "readOnly": true}));
            }
        }
    }
    if !spec["volumes"].is_array() {
        spec["volumes"] = json!([]);
    }
    if let Some(volumes) = spec["volumes"].as_array_mut() {
        volumes.push(json!({"name": volume, "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
            {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                                        "path": "namespace"}]}},
        ]}}));
    }
}

/// The quality-of-service class of a pod spec.
pub(crate) fn qos(spec: &Value) -> &'static str {
    let containers: Vec<&Value> = ["containers", "initContainers"]
        .iter()
        .flat_map(|field| spec[*field].as_array().into_iter().flatten())
        .collect();
    let has = |container: &Value, what: &str, which: &str| container["resources"][what].get(which).is_some();
    let any = containers.iter().any(|container| {
        ["requests", "limits"]
            .iter()
            .any(|what| has(container, what, "cpu") || has(container, what, "memory"))
    });
    let guaranteed = containers.iter().all(|container| {
        let limits = &container["resources"]["limits"];
        ["cpu", "memory"].iter().all(|which| {
            let request = &container["resources"]["requests"][*which];
            limits.get(*which).is_some() && (request.is_null() || *request == limits[*which])
        })
    });
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// Deletes a pod as the API server does for a controller: at once when no node has it or it is finished, else by
/// marking it and letting its node end it. Says whether it was there and not yet under deletion.
pub(crate) fn delete(cx: &mut Cx, key: &Key) -> bool {
    let done = begin_delete(&cx.store, key, None);
    cx.catch_up();
    done
}

/// See [`delete`]; `grace` replaces the pod's own grace period (seconds).
pub(crate) fn begin_delete(store: &Store, key: &Key, grace: Option<i64>) -> bool {
    let Some(pod) = store.get_shared(key) else {
        return false;
    };
    if super::meta::deleting(&pod) {
        return false;
    }
    let finished = matches!(text(&pod, "/status/phase"), "Succeeded" | "Failed");
    let unbound = text(&pod, "/spec/nodeName").is_empty();
    let own = pod["spec"]["terminationGracePeriodSeconds"]
        .as_i64()
        .unwrap_or(30);
    let seconds = if finished || unbound {
        0
    } else {
        grace.unwrap_or(own)
    };
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    let marked = store.update(key, |pod| {
        pod["metadata"]["deletionTimestamp"] = json!(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        pod["metadata"]["deletionGracePeriodSeconds"] = json!(seconds);
    });
    marked.is_ok()
}

/// Neither finished nor under deletion: what controllers count.
pub(crate) fn active(pod: &Value) -> bool {
    !super::meta::deleting(pod) && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

/// The pod's `Ready` condition.
pub(crate) fn ready(pod: &Value) -> bool {
    super::meta::is_true(pod, "Ready")
}

/// Ready for at least `minReadySeconds`; if not yet, when it will be.
pub(crate) fn available(cx: &Cx, pod: &Value, min_ready: i64) -> Result<(), Option<Instant>> {
    if !ready(pod) {
        return Err(None);
    }
    if min_ready == 0 {
        return Ok(());
    }
    let Some(since) = cx.node.ready_since(super::meta::uid(pod)) else {
        return Ok(());
    };
    let at = since + cx.seconds(min_ready);
    if at <= Instant::now() {
        Ok(())
    } else {
        Err(Some(at))
    }
}

/// The tolerations that every pod of a DaemonSet has.
pub(crate) fn tolerate_as_daemon(spec: &mut Value) {
    if !spec["tolerations"].is_array() {
        spec["tolerations"] = json!([]);
    }
    let daemon = [
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    ];
    for (key, effect) in daemon {
        if let Some(all) = spec["tolerations"].as_array_mut() {
            all.push(
                json!({"effect": effect, "key": format!("node.kubernetes.io/{key}"), "operator": "Exists"}),
            );
        }
    }
}
