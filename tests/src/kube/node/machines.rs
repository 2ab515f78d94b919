//! Node objects, and what of the cluster's configuration pods find on their node.

use serde_json::{Value, json};

use crate::kube::controllers::meta::{name, namespace, text};
use crate::kube::key::Key;
use crate::kube::store::{self, Store};

/// How much a node has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// Cores, as a quantity.
    pub cpu: String,
    /// Memory, as a quantity.
    pub memory: String,
    /// How many pods it takes.
    pub pods: u32,
}

impl Default for Size {
    fn default() -> Size {
        Size {
            cpu: "8".into(),
            memory: "24684096Ki".into(),
            pods: 110,
        }
    }
}

/// The key of a node.
pub(crate) fn key(node: &str) -> Key {
    Key::cluster("", "nodes", node)
}

/// Registers a node, as its kubelet does when it starts; nothing if it is there.
pub(crate) fn register(store: &Store, node: &str, size: &Size) {
    let number = store.list_shared("", "nodes", None).0.len() + 1;
    let capacity = json!({
        "cpu": size.cpu, "ephemeral-storage": "264212084Ki", "hugepages-1Gi": "0", "hugepages-2Mi": "0",
        "memory": size.memory, "pods": size.pods.to_string(),
    });
    let zero = "00000000-0000-0000-0000-000000000000";
    let object = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "annotations": {"node.alpha.kubernetes.io/ttl": "0",
                            "volumes.kubernetes.io/controller-managed-attach-detach": "true"},
            "labels": {"beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux",
                       "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": node, "kubernetes.io/os": "linux"},
            "name": node,
        },
        "spec": {},
        "status": {
            "addresses": [{"address": format!("10.77.0.{number}"), "type": "InternalIP"},
                          {"address": node, "type": "Hostname"}],
            "allocatable": capacity, "capacity": capacity,
            "conditions": conditions(),
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "declaredFeatures": ["ExtendWebSocketsToKubelet", "InPlacePodLevelResourcesVerticalScaling",
                                 "InPlacePodVerticalScalingInitContainers", "RestartAllContainersOnContainerExits"],
            "features": {"supplementalGroupsPolicy": true},
            "images": [],
            "nodeInfo": {
                "architecture": "amd64", "bootID": zero, "containerRuntimeVersion": "containerd://2.4.0",
                "kernelVersion": "6.1.0", "kubeProxyVersion": "", "kubeletVersion": "v1.36.2", "machineID": zero,
                "operatingSystem": "linux", "osImage": "Debian GNU/Linux 12 (bookworm)", "systemUUID": zero,
            },
        },
    });
    // There already: as it is.
    let _ = store.create(&key(node), object);
}

/// The conditions of a healthy node.
pub(crate) fn conditions() -> Value {
    let now = store::now();
    let entry = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({"lastHeartbeatTime": now, "lastTransitionTime": now, "message": message, "reason": reason,
               "status": status, "type": kind})
    };
    json!([
        entry(
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available"
        ),
        entry(
            "DiskPressure",
            "False",
            "KubeletHasNoDiskPressure",
            "kubelet has no disk pressure"
        ),
        entry(
            "PIDPressure",
            "False",
            "KubeletHasSufficientPID",
            "kubelet has sufficient PID available"
        ),
        entry("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ])
}

/// The address of a node.
pub(crate) fn address(store: &Store, node: &str) -> String {
    let object = store.get_shared(&key(node));
    object.map_or_else(
        || "10.77.0.1".into(),
        |node| text(&node, "/status/addresses/0/address").to_owned(),
    )
}

fn exists(store: &Store, plural: &str, place: &str, name: &str) -> bool {
    store
        .get_shared(&Key::namespaced("", plural, place, name))
        .is_some()
}

/// The first volume that names a ConfigMap, Secret or claim that is not there, in the words of the kubelet.
pub(super) fn missing_volume(store: &Store, pod: &Value) -> Option<String> {
    let place = namespace(pod);
    pod["spec"]["volumes"].as_array()?.iter().find_map(|volume| {
        let (plural, kind, wanted) = if volume["configMap"].is_object() {
            ("configmaps", "configmap", &volume["configMap"])
        } else if volume["secret"].is_object() {
            ("secrets", "secret", &volume["secret"])
        } else {
            return None;
        };
        let wanted_name = wanted["name"]
            .as_str()
            .or_else(|| wanted["secretName"].as_str())
            .unwrap_or_default();
        if wanted["optional"] == true || exists(store, plural, place, wanted_name) {
            return None;
        }
        let volume = name_of(volume);
        Some(format!(
            "MountVolume.SetUp failed for volume {volume:?} : {kind} {wanted_name:?} not found"
        ))
    })
}

fn name_of(object: &Value) -> &str {
    object["name"].as_str().unwrap_or_default()
}

/// The first variable that names a ConfigMap, Secret or key that is not there, in the words of the kubelet.
pub(super) fn missing_environment(store: &Store, pod: &Value, container: &Value) -> Option<String> {
    let place = namespace(pod);
    let whole = container["envFrom"]
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|source| {
            [
                ("configMapRef", "configmaps", "configmap"),
                ("secretRef", "secrets", "secret"),
            ]
            .iter()
            .find_map(|(field, plural, kind)| {
                let wanted = source.get(*field)?;
                let missing = wanted["optional"] != true && !exists(store, plural, place, name_of(wanted));
                missing.then(|| format!("{kind} {:?} not found", name_of(wanted)))
            })
        });
    whole.or_else(|| {
        container["env"].as_array()?.iter().find_map(|variable| {
            let from = &variable["valueFrom"];
            let missing = |how| missing_key(store, place, from, how);
            missing(&CONFIG_MAP).or_else(|| missing(&SECRET))
        })
    })
}

/// A kind whose keys variables are made of.
struct OfKeys {
    field: &'static str,
    plural: &'static str,
    lower: &'static str,
    kind: &'static str,
}

const CONFIG_MAP: OfKeys = OfKeys {
    field: "configMapKeyRef",
    plural: "configmaps",
    lower: "configmap",
    kind: "ConfigMap",
};

const SECRET: OfKeys = OfKeys {
    field: "secretKeyRef",
    plural: "secrets",
    lower: "secret",
    kind: "Secret",
};

fn missing_key(store: &Store, place: &str, from: &Value, how: &OfKeys) -> Option<String> {
    let OfKeys {
        field,
        plural,
        lower,
        kind,
    } = *how;
    let wanted = from.get(field).filter(|wanted| wanted["optional"] != true)?;
    let (object, wanted_key) = (name_of(wanted), wanted["key"].as_str().unwrap_or_default());
    let Some(found) = store.get_shared(&Key::namespaced("", plural, place, object)) else {
        return Some(format!("{lower} {object:?} not found"));
    };
    let has = ["data", "binaryData"]
        .iter()
        .any(|part| found[*part].get(wanted_key).is_some());
    (!has).then(|| {
        format!(
            "couldn't find key {wanted_key} in {kind} {place}/{}",
            name(&found)
        )
    })
}
