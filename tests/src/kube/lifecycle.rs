//! The rules of an object's life that hold for every kind: what a write may not touch, when the generation counts,
//! when an object under deletion is gone.

use serde_json::{Value, json};

use super::key::Key;

/// The present in the form of `metav1.Time`: UTC, whole seconds.
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The present in the form of `metav1.MicroTime`.
pub fn now_micro() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        .to_string()
}

/// Keeps what a writer may not change and bumps the generation when the desired state changed.
pub(super) fn finish(key: &Key, before: &Value, mut after: Value) -> Value {
    if !after["metadata"].is_object() {
        after["metadata"] = json!({});
    }
    for field in [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "resourceVersion",
        "generation",
    ] {
        match before["metadata"].get(field) {
            Some(value) => after["metadata"][field] = value.clone(),
            None => {
                after["metadata"]
                    .as_object_mut()
                    .map(|metadata| metadata.remove(field));
            }
        }
    }
    let bumps = key.resource().is_some_and(|resource| resource.generation);
    let deletion_began = before["metadata"].get("deletionTimestamp").is_none()
        && after["metadata"].get("deletionTimestamp").is_some();
    // A binding is a subresource: it fills `spec.nodeName` and asks for nothing new.
    let bound =
        key.plural == "pods" && before["spec"]["nodeName"].is_null() && !after["spec"]["nodeName"].is_null();
    if bumps && ((desired_changed(before, &after) && !bound) || deletion_began) {
        let generation = before["metadata"]["generation"].as_i64().unwrap_or(0) + 1;
        after["metadata"]["generation"] = json!(generation);
    }
    after
}

/// Whether anything but metadata and status differs.
fn desired_changed(before: &Value, after: &Value) -> bool {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        return before != after;
    };
    let desired = |field: &str| !matches!(field, "metadata" | "status" | "apiVersion" | "kind");
    before
        .iter()
        .any(|(field, value)| desired(field) && after.get(field) != Some(value))
        || after
            .iter()
            .any(|(field, _)| desired(field) && !before.contains_key(field))
}

/// Under deletion, with no finalizer left and no grace period to wait for.
pub(super) fn is_gone(object: &Value) -> bool {
    let metadata = &object["metadata"];
    metadata
        .get("deletionTimestamp")
        .is_some_and(|time| !time.is_null())
        && metadata["finalizers"].as_array().is_none_or(Vec::is_empty)
        && metadata["deletionGracePeriodSeconds"].as_i64().unwrap_or(0) == 0
        && object["spec"]["finalizers"].as_array().is_none_or(Vec::is_empty)
}
