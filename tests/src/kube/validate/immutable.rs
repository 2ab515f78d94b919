//! What cannot change once an object is there.

use serde_json::Value;

use crate::kube::status::Cause;

/// What a change touches that it may not touch.
pub(super) fn check(before: &Value, after: &Value, kind: &str, causes: &mut Vec<Cause>) {
    let fields: &[&str] = match kind {
        "Deployment" | "ReplicaSet" | "DaemonSet" => &["selector"],
        "Job" => &["selector", "template", "completionMode"],
        "PersistentVolumeClaim" => &["storageClassName", "volumeMode", "accessModes"],
        _ => &[],
    };
    for field in fields {
        if before["spec"][field] != after["spec"][field] {
            let path = format!("spec.{field}");
            causes.push(Cause::invalid(path, &after["spec"][field], "field is immutable"));
        }
    }
    match kind {
        "StatefulSet" => stateful(before, after, causes),
        "Pod" => pod(before, after, causes),
        "ConfigMap" | "Secret" if before["immutable"] == true => {
            for field in ["data", "binaryData"] {
                if before[field] != after[field] {
                    causes.push(Cause::forbidden(
                        field,
                        "field is immutable when `immutable` is set",
                    ));
                }
            }
        }
        "Secret" if before["type"] != after["type"] => {
            causes.push(Cause::invalid("type", &after["type"], "field is immutable"));
        }
        "Service" if before["spec"]["clusterIP"] != after["spec"]["clusterIP"] => {
            let changed = &after["spec"]["clusterIP"];
            if !changed.is_null() {
                causes.push(Cause::invalid(
                    "spec.clusterIPs[0]",
                    changed,
                    "may not change once set",
                ));
            }
        }
        "ControllerRevision" if before["data"] != after["data"] => {
            causes.push(Cause::invalid("data", &after["data"], "field is immutable"));
        }
        _ => (),
    }
}

fn stateful(before: &Value, after: &Value, causes: &mut Vec<Cause>) {
    const MUTABLE: [&str; 7] = [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ];
    let fixed = |object: &Value| {
        let mut spec = object["spec"].clone();
        if let Some(fields) = spec.as_object_mut() {
            fields.retain(|name, _| !MUTABLE.contains(&name.as_str()));
        }
        spec
    };
    if fixed(before) != fixed(after) {
        let detail = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
            'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' \
            are forbidden";
        causes.push(Cause::forbidden("spec", detail));
    }
}

fn pod(before: &Value, after: &Value, causes: &mut Vec<Cause>) {
    let fixed = |object: &Value| {
        let mut spec = object["spec"].clone();
        for list in ["containers", "initContainers"] {
            for container in spec
                .get_mut(list)
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                container["image"] = Value::Null;
            }
        }
        for field in [
            "activeDeadlineSeconds",
            "terminationGracePeriodSeconds",
            "tolerations",
            "ephemeralContainers",
        ] {
            spec.as_object_mut().map(|spec| spec.remove(field));
        }
        spec
    };
    if fixed(before) != fixed(after) {
        let detail = "pod updates may not change fields other than `spec.containers[*].image`,\
            `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to \
            existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously \
            negative)";
        causes.push(Cause::forbidden("spec", detail));
    }
}
