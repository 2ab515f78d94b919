//! What may happen to nodes: they come, fall silent, run short, are cordoned.

use serde_json::{Value, json};

use crate::kube::controllers::meta::text;
use crate::kube::key::Key;
use crate::kube::node::{Node, Size, machines};
use crate::kube::store;

impl Node {
    /// Adds a node.
    pub fn add_node(&self, node: &str, size: &Size) {
        machines::register(self.store(), node, size);
    }

    /// Gives a node another size.
    pub fn resize_node(&self, node: &str, size: &Size) {
        // No such node: nothing to size.
        let _ = self.store().update_shared(&machines::key(node), |object| {
            for part in ["allocatable", "capacity"] {
                object["status"][part]["cpu"] = json!(size.cpu);
                object["status"][part]["memory"] = json!(size.memory);
                object["status"][part]["pods"] = json!(size.pods.to_string());
            }
        });
    }

    /// The container runtime of a node fails: its kubelet says so, and does nothing any more.
    pub fn node_not_ready(&self, node: &str) {
        let message = "container runtime is down";
        self.silence(node, |condition, now| {
            if condition["type"] == "Ready" {
                set(condition, "False", "KubeletNotReady", message);
                condition["lastTransitionTime"] = json!(now);
            }
        });
    }

    /// A node falls silent: the cluster knows nothing of it any more.
    pub fn node_unreachable(&self, node: &str) {
        self.silence(node, |condition, now| {
            set(
                condition,
                "Unknown",
                "NodeStatusUnknown",
                "Kubelet stopped posting node status.",
            );
            condition["lastTransitionTime"] = json!(now);
        });
    }

    fn silence(&self, node: &str, change: impl Fn(&mut Value, &str)) {
        self.lock().down.insert(node.to_owned());
        let now = store::now();
        // No such node: nobody falls silent.
        let _ = self.store().update_shared(&machines::key(node), |object| {
            for condition in object["status"]["conditions"]
                .as_array_mut()
                .into_iter()
                .flatten()
            {
                change(condition, &now);
            }
        });
    }

    /// A node is well again.
    pub fn node_ready(&self, node: &str) {
        self.lock().down.remove(node);
        // No such node: nobody recovers.
        let _ = self.store().update_shared(&machines::key(node), |object| {
            object["status"]["conditions"] = machines::conditions();
        });
        self.poke(|pod| pod.node == node);
        let (pods, _) = self.store().list_shared("", "pods", None);
        let mine = pods.iter().filter(|pod| text(pod, "/spec/nodeName") == node);
        self.poke_keys(mine.filter_map(|pod| Key::of(pod)).collect());
    }

    /// A node under pressure (`MemoryPressure`, `DiskPressure`, `PIDPressure`), or not any more.
    pub fn node_pressure(&self, node: &str, kind: &str, on: bool) {
        // No such node: no pressure.
        let _ = self.store().update_shared(&machines::key(node), |object| {
            for condition in object["status"]["conditions"]
                .as_array_mut()
                .into_iter()
                .flatten()
            {
                if condition["type"] == kind {
                    let told = kind.trim_end_matches("Pressure");
                    let (status, reason) = match on {
                        true => ("True", format!("KubeletHasInsufficient{told}")),
                        false => ("False", format!("KubeletHasSufficient{told}")),
                    };
                    let message = if on {
                        "kubelet has insufficient resources"
                    } else {
                        "kubelet has sufficient resources"
                    };
                    set(condition, status, &reason, message);
                    condition["lastTransitionTime"] = json!(store::now());
                }
            }
        });
    }

    /// Marks a node as unschedulable, as `kubectl cordon` does.
    pub fn cordon(&self, node: &str, on: bool) {
        // No such node: nothing to cordon.
        let _ = self.store().update_shared(&machines::key(node), |object| {
            if on {
                object["spec"]["unschedulable"] = json!(true);
            } else if let Some(spec) = object["spec"].as_object_mut() {
                spec.remove("unschedulable");
            }
        });
    }
}

fn set(condition: &mut Value, status: &str, reason: &str, message: &str) {
    condition["status"] = json!(status);
    condition["reason"] = json!(reason);
    condition["message"] = json!(message);
}
