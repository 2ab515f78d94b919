//! ControllerRevisions: the history of StatefulSets and DaemonSets.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Cx;
use super::meta::{bare_template, hash, int, name, namespace, owner_reference, uid};
use crate::kube::key::Key;

/// The label under which a kind keeps the hash of its template.
pub(super) struct Style {
    pub label: &'static str,
}

/// The history of a StatefulSet.
pub(super) const STATEFUL: Style = Style {
    label: "controller.kubernetes.io/hash",
};
/// The history of a DaemonSet.
pub(super) const DAEMON: Style = Style {
    label: "controller-revision-hash",
};

fn key(revision: &Value) -> Key {
    Key::namespaced("apps", "controllerrevisions", namespace(revision), name(revision))
}

/// The revisions of an owner, oldest first.
pub(super) fn of(cx: &Cx, owner: &Value) -> Vec<Arc<Value>> {
    let mut all = cx.index.owned(&cx.store, uid(owner), "controllerrevisions");
    all.sort_by_key(|revision| (int(revision, "/revision"), name(revision).to_owned()));
    all
}

/// The revision of the present template: the newest one, an older one that becomes the newest, or a new one.
pub(super) fn current(cx: &mut Cx, owner: &Value, style: &Style) -> Option<Arc<Value>> {
    let template = bare_template(&owner["spec"]["template"]);
    let all = of(cx, owner);
    let newest = all.last().map_or(0, |revision| int(revision, "/revision"));
    let same = all
        .iter()
        .rev()
        .find(|revision| stored_template(revision) == template);
    if let Some(revision) = same {
        if int(revision, "/revision") == newest {
            return Some(revision.clone());
        }
        let written = cx.store.update(&key(revision), |revision| {
            revision["revision"] = json!(newest + 1)
        });
        cx.catch_up();
        return written.ok().map(Arc::new);
    }
    let salt = int(owner, "/status/collisionCount");
    let hash = hash(&template, salt);
    let mut data = template;
    data["$patch"] = json!("replace");
    let mut labels = owner["spec"]["template"]["metadata"]["labels"].clone();
    labels[style.label] = json!(hash);
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": "ControllerRevision", "data": {"spec": {"template": data}},
        "metadata": {
            "annotations": owner["metadata"]["annotations"], "labels": labels,
            "name": format!("{}-{hash}", name(owner)), "namespace": namespace(owner),
            "ownerReferences": [owner_reference(owner)],
        },
        "revision": newest + 1,
    });
    if object["metadata"]["annotations"].is_null()
        && let Some(metadata) = object["metadata"].as_object_mut()
    {
        metadata.remove("annotations");
    }
    let created = cx.store.create(&key(&object), object);
    cx.catch_up();
    created.ok().map(Arc::new)
}

/// The template that a revision keeps.
pub(super) fn stored_template(revision: &Value) -> Value {
    let mut template = revision["data"]["spec"]["template"].clone();
    if let Some(template) = template.as_object_mut() {
        template.remove("$patch");
    }
    bare_template(&template)
}

/// Deletes revisions beyond `revisionHistoryLimit` that no pod and no status names, the oldest first.
pub(super) fn clean_up(cx: &mut Cx, owner: &Value, used: &[String]) {
    let limit = owner["spec"]["revisionHistoryLimit"].as_u64().unwrap_or(10);
    let idle: Vec<Arc<Value>> = of(cx, owner)
        .into_iter()
        .filter(|revision| {
            !used
                .iter()
                .any(|used| name(revision) == used || name(revision).ends_with(&format!("-{used}")))
        })
        .collect();
    let excess = idle
        .len()
        .saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
    for revision in idle.into_iter().take(excess) {
        cx.store.delete(&key(&revision));
    }
    cx.catch_up();
}
