//! The garbage collector: removes what lost its owner, and lets go of owners that waited.

use std::time::Duration;

use serde_json::{Value, json};

use super::Cx;
use super::meta::{deleting, uid};
use crate::kube::key::Key;

/// One look at one object.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let object = cx.store.get_shared(key)?;
    let finalizers = object["metadata"]["finalizers"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if deleting(&object) && finalizers.contains(&json!("orphan")) {
        for dependent in cx.index.dependents(uid(&object)) {
            disown(cx, &dependent, uid(&object));
        }
        release(cx, key, "orphan");
        return None;
    }
    if deleting(&object) && finalizers.contains(&json!("foregroundDeletion")) {
        let dependents = cx.index.dependents(uid(&object));
        for dependent in &dependents {
            remove(cx, dependent, true);
        }
        cx.catch_up();
        if cx.index.dependents(uid(&object)).is_empty() {
            release(cx, key, "foregroundDeletion");
        }
        return None;
    }
    let owners = object["metadata"]["ownerReferences"]
        .as_array()
        .filter(|owners| !owners.is_empty())?;
    let alive = |owner: &Value| cx.index.is_alive(owner["uid"].as_str().unwrap_or_default());
    if owners.iter().any(alive) {
        return None;
    }
    remove(cx, key, false);
    cx.catch_up();
    None
}

fn remove(cx: &mut Cx, key: &Key, foreground: bool) {
    if key.plural == "pods" {
        super::pods::begin_delete(&cx.store, key, None);
        return;
    }
    let held = |object: &Value| {
        object["metadata"]["finalizers"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    };
    let owns = cx
        .store
        .get_shared(key)
        .is_some_and(|object| !cx.index.dependents(uid(&object)).is_empty());
    let keeps = cx.store.get_shared(key).is_some_and(|object| held(&object));
    if !(keeps || foreground && owns) {
        cx.store.delete(key);
        return;
    }
    // Gone meanwhile: that is what was wanted.
    let _ = cx.store.update_shared(key, |object| {
        if deleting(object) {
            return;
        }
        object["metadata"]["deletionTimestamp"] = json!(crate::kube::store::now());
        if foreground && owns {
            let mut finalizers = object["metadata"]["finalizers"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            finalizers.push(json!("foregroundDeletion"));
            object["metadata"]["finalizers"] = Value::Array(finalizers);
        }
    });
}

fn disown(cx: &mut Cx, key: &Key, owner: &str) {
    // Gone meanwhile: it has no owner any more either.
    let _ = cx.store.update_shared(key, |object| {
        if let Some(owners) = object["metadata"]["ownerReferences"].as_array_mut() {
            owners.retain(|reference| reference["uid"] != owner);
            if owners.is_empty()
                && let Some(metadata) = object["metadata"].as_object_mut()
            {
                metadata.remove("ownerReferences");
            }
        }
    });
}

fn release(cx: &mut Cx, key: &Key, finalizer: &str) {
    // Gone meanwhile: it holds nothing any more.
    let _ = cx.store.update_shared(key, |object| {
        if let Some(finalizers) = object["metadata"]["finalizers"].as_array_mut() {
            finalizers.retain(|present| present != finalizer);
        }
    });
}
