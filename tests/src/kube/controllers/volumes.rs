//! Claims are bound at once: there is always a volume of the asked size.

use std::time::Duration;

use serde_json::json;

use super::Cx;
use super::meta::{text, uid};
use crate::kube::key::Key;

/// One look at one claim.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let claim = cx.store.get_shared(key)?;
    if text(&claim, "/status/phase") == "Bound" {
        return None;
    }
    let class = text(&claim, "/spec/storageClassName");
    if class.starts_with("no-such") {
        return None;
    }
    let volume = format!("pvc-{}", uid(&claim));
    let size = claim["spec"]["resources"]["requests"]["storage"].clone();
    let modes = claim["spec"]["accessModes"].clone();
    let object = json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": volume},
        "spec": {"accessModes": modes, "capacity": {"storage": size}, "persistentVolumeReclaimPolicy": "Delete",
                 "storageClassName": class, "volumeMode": "Filesystem",
                 "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": key.name,
                              "namespace": key.namespace, "uid": uid(&claim)}},
        "status": {"phase": "Bound"},
    });
    // There already: bound to it.
    let _ = cx
        .store
        .create_shared(&Key::cluster("", "persistentvolumes", &volume), object);
    // Gone meanwhile: nothing to bind.
    let _ = cx.store.update_shared(key, |claim| {
        claim["spec"]["volumeName"] = json!(volume);
        claim["status"] = json!({"accessModes": modes, "capacity": {"storage": size}, "phase": "Bound"});
    });
    None
}
