//! Claims are bound at once: there is always a volume of the asked size, unless the class is not there or waits for a pod. One
//! that names its volume waits for that.

use std::time::Duration;

use serde_json::{Value, json};

use super::Cx;
use super::meta::{name, namespace, text, uid};
use crate::kube::events::{Report, Source};
use crate::kube::key::Key;

const SOURCE: Source = Source::Controller("persistentvolume-controller");

/// One look at one claim.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let claim = cx.store.get_shared(key)?;
    if text(&claim, "/status/phase") == "Bound" {
        return None;
    }
    let class = text(&claim, "/spec/storageClassName");
    let known = cx
        .store
        .get_shared(&Key::cluster("storage.k8s.io", "storageclasses", class));
    if class.starts_with("no-such") {
        let message = format!("storageclass.storage.k8s.io {class:?} not found");
        cx.events
            .record(&SOURCE, Report::warning(&claim, "ProvisioningFailed", message));
        return None;
    }
    let named = text(&claim, "/spec/volumeName");
    if !named.is_empty() {
        return bind_to(cx, key, &claim, named);
    }
    if claim["spec"]["storageClassName"] == "" {
        let message = "no persistent volumes available for this claim and no storage class is set".to_owned();
        cx.events
            .record(&SOURCE, Report::normal(&claim, "FailedBinding", message));
        return Some(cx.pace.second.max(Duration::from_millis(50)));
    }
    if known.is_some_and(|class| class["volumeBindingMode"] == "WaitForFirstConsumer") && !is_used(cx, &claim)
    {
        let message = "waiting for first consumer to be created before binding".to_owned();
        cx.events
            .record(&SOURCE, Report::normal(&claim, "WaitForFirstConsumer", message));
        return Some(cx.pace.second.max(Duration::from_millis(50)));
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

/// Whether a pod names the claim.
fn is_used(cx: &Cx, claim: &Value) -> bool {
    let (pods, _) = cx.store.list_shared("", "pods", Some(namespace(claim)));
    pods.iter().any(|pod| {
        let mut volumes = pod["spec"]["volumes"].as_array().into_iter().flatten();
        volumes.any(|volume| volume["persistentVolumeClaim"]["claimName"] == name(claim))
    })
}
