//! Claims are bound at once: there is always a volume of the asked size. One that names its volume waits for that.

use std::time::Duration;

use serde_json::{Value, json};

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
    let named = text(&claim, "/spec/volumeName");
    if !named.is_empty() {
        return bind_to(cx, key, &claim, named);
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

/// Binds a claim to the volume that it names, as soon as that is there.
fn bind_to(cx: &mut Cx, key: &Key, claim: &Value, volume: &str) -> Option<Duration> {
    let volume = Key::cluster("", "persistentvolumes", volume);
    let Some(known) = cx.store.get_shared(&volume) else {
        return Some(cx.pace.second);
    };
    let owner = text(&known, "/spec/claimRef/uid");
    if !owner.is_empty() && owner != uid(claim) {
        return Some(cx.pace.second);
    }
    // Gone meanwhile, either of them: nothing to bind.
    let _ = cx.store.update_shared(&volume, |volume| {
        volume["spec"]["claimRef"] = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": key.name,
                                            "namespace": key.namespace, "uid": uid(claim)});
        volume["status"] = json!({"phase": "Bound"});
    });
    let _ = cx.store.update_shared(key, |claim| {
        claim["status"] = json!({"accessModes": claim["spec"]["accessModes"], "capacity": known["spec"]["capacity"],
                                 "phase": "Bound"});
    });
    None
}
