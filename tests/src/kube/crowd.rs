//! What pods that stand on a node keep from others: what devices offer, ports of the node, and their company.

use std::sync::Arc;

use serde_json::Value;

use super::controllers::Cx;
use super::controllers::meta::{name, namespace, text};
use super::controllers::quantity::milli_of;
use super::selector::Selector;

/// The pods that hold something of a node.
fn on(cx: &Cx, node: &str) -> Vec<Arc<Value>> {
    let keys = cx.index.on_node(node).into_iter();
    let pods = keys.filter_map(|key| cx.store.get_shared(&key));
    pods.filter(|pod| !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed"))
        .collect()
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    pod["spec"]["containers"].as_array().into_iter().flatten()
}

/// The extended resources of which a node has too little left for a pod.
pub(crate) fn lacks(cx: &Cx, pod: &Value, node: &Value) -> Option<String> {
    let asks = |pod: &Value, what: &str| -> i64 {
        containers(pod)
            .map(|container| milli_of(&container["resources"]["requests"][what]))
            .sum()
    };
    let extended = containers(pod)
        .filter_map(|container| container["resources"]["requests"].as_object())
        .flat_map(|requests| requests.keys())
        .filter(|what| what.contains('/'));
    for what in extended {
        let used: i64 = on(cx, name(node)).iter().map(|other| asks(other, what)).sum();
        if asks(pod, what) + used > milli_of(&node["status"]["allocatable"][what]) {
            return Some(what.clone());
        }
    }
    None
}

fn host_ports(pod: &Value) -> Vec<i64> {
    let ports = containers(pod).flat_map(|container| container["ports"].as_array().into_iter().flatten());
    ports.filter_map(|port| port["hostPort"].as_i64()).collect()
}

/// Whether a port that a pod wants of a node is taken.
pub(crate) fn port_taken(cx: &Cx, pod: &Value, node: &Value) -> bool {
    let wanted = host_ports(pod);
    !wanted.is_empty()
        && on(cx, name(node))
            .iter()
            .any(|other| host_ports(other).iter().any(|port| wanted.contains(port)))
}

fn terms<'v>(pod: &'v Value, what: &str) -> impl Iterator<Item = &'v Value> {
    let terms = &pod["spec"]["affinity"][what]["requiredDuringSchedulingIgnoredDuringExecution"];
    terms.as_array().into_iter().flatten()
}

fn means(term: &Value, own: &Value, other: &Value) -> bool {
    namespace(own) == namespace(other)
        && Selector::from_object(&term["labelSelector"])
            .is_some_and(|selector| selector.matches_labels(&other["metadata"]["labels"]))
}

/// Why its company, or theirs, keeps a pod off a node.
pub(crate) fn company(cx: &Cx, pod: &Value, node: &Value) -> Option<&'static str> {
    let (nodes, _) = cx.store.list_shared("", "nodes", None);
    let near = |key: &str| {
        let place = &node["metadata"]["labels"][key];
        let same = nodes
            .iter()
            .filter(|other| other["metadata"]["labels"][key] == *place);
        let pods: Vec<Arc<Value>> = same.flat_map(|node| on(cx, name(node))).collect();
        pods
    };
    let key = |term: &Value| term["topologyKey"].as_str().unwrap_or_default().to_owned();
    let mut apart = terms(pod, "podAntiAffinity");
    if apart.any(|term| near(&key(term)).iter().any(|other| means(term, pod, other))) {
        return Some("node(s) didn't match pod anti-affinity rules");
    }
    let mut together = terms(pod, "podAffinity");
    if together.any(|term| !near(&key(term)).iter().any(|other| means(term, pod, other))) {
        return Some("node(s) didn't match pod affinity rules");
    }
    let (pods, _) = cx.store.list_shared("", "pods", None);
    let shuns = pods
        .iter()
        .filter(|other| !text(other, "/spec/nodeName").is_empty())
        .any(|other| {
            let mut shuns = terms(other, "podAntiAffinity");
            shuns.any(|term| {
                means(term, other, pod) && near(&key(term)).iter().any(|one| name(one) == name(other))
            })
        });
    shuns.then_some("node(s) didn't satisfy existing pods anti-affinity rules")
}
