//! The resource metrics API (`metrics.k8s.io`), when the cluster has it.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::controllers::meta::{name, namespace, text};
use super::controllers::quantity::{Resources, bytes, cpu};
use super::node::Node;
use super::store::{self, Store};

/// What pods use, as a scenario says.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    /// Whether the API is installed.
    pub installed: bool,
    /// By `namespace/pod` (a pattern): thousandths of a core, bytes.
    pub pods: HashMap<String, (i64, i64)>,
    /// The share of the request that others use, in percent.
    pub load: i64,
}

impl Default for Figures {
    fn default() -> Figures {
        Figures {
            installed: true,
            pods: HashMap::new(),
            load: 35,
        }
    }
}

/// Whether the API is there; the recorded cluster had none, a scenario may take it away.
pub fn installed(node: &Node) -> bool {
    node.lock().figures.installed
}

fn usage(figures: &Figures, pod: &Value, container: &Value) -> Resources {
    let place = format!("{}/{}", namespace(pod), name(pod));
    let told = figures
        .pods
        .iter()
        .find(|(pattern, _)| super::node::behaviour::glob(pattern, &place));
    if let Some((_, (cpu, memory))) = told {
        let count = pod["spec"]["containers"].as_array().map_or(1, Vec::len).max(1);
        let count = i64::try_from(count).unwrap_or(1);
        return Resources {
            cpu: cpu / count,
            memory: memory / count,
        };
    }
    let asked = Resources::of(&container["resources"]["requests"]);
    let share = |asked: i64, least: i64| (asked * figures.load / 100).max(least);
    Resources {
        cpu: share(asked.cpu, 1),
        memory: share(asked.memory, 4 << 20),
    }
}

fn print(used: Resources) -> Value {
    // The memory of a container is told in whole Ki.
    json!({"cpu": cpu(used.cpu), "memory": bytes(used.memory / 1024 * 1024)})
}

/// `PodMetrics` objects (with apiVersion and kind), of one namespace or all: of the running pods.
pub fn pods(store: &Store, node: &Node, namespace: Option<&str>) -> Vec<Value> {
    let figures = node.lock().figures.clone();
    let (pods, _) = store.list_shared("", "pods", namespace);
    let running = pods.iter().filter(|pod| text(pod, "/status/phase") == "Running");
    running
        .map(|pod| {
            let containers: Vec<Value> = pod["spec"]["containers"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|container| {
                    json!({"name": container["name"], "usage": print(usage(&figures, pod, container))})
                })
                .collect();
            json!({
                "apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetrics",
                "metadata": {"creationTimestamp": store::now(), "labels": pod["metadata"]["labels"],
                             "name": pod["metadata"]["name"], "namespace": pod["metadata"]["namespace"]},
                "timestamp": store::now(), "window": "15.123s", "containers": containers,
            })
        })
        .collect()
}

/// `NodeMetrics` objects (with apiVersion and kind): the pods of each node, and a little for the node itself.
pub fn nodes(store: &Store, node: &Node) -> Vec<Value> {
    let figures = node.lock().figures.clone();
    let (pods, _) = store.list_shared("", "pods", None);
    let (nodes, _) = store.list_shared("", "nodes", None);
    nodes
        .iter()
        .map(|node| {
            let own = Resources {
                cpu: 120,
                memory: 900 << 20,
            };
            let mine = pods.iter().filter(|pod| {
                text(pod, "/spec/nodeName") == name(node) && text(pod, "/status/phase") == "Running"
            });
            let used = mine.fold(own, |sum, pod| {
                let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
                containers.fold(sum, |sum, container| sum.plus(usage(&figures, pod, container)))
            });
            json!({
                "apiVersion": "metrics.k8s.io/v1beta1", "kind": "NodeMetrics",
                "metadata": {"creationTimestamp": store::now(), "labels": node["metadata"]["labels"],
                             "name": node["metadata"]["name"]},
                "timestamp": store::now(), "window": "20.077s", "usage": print(used),
            })
        })
        .collect()
}
