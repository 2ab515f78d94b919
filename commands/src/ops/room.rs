//! How many more pods the nodes have room for, by what pods ask for. What the bot does not see takes room as well, so this
//! is never too little.

use std::sync::Arc;

use super::contract::Risk;
use crate::{
    cluster::{View, WorkloadObject},
    health::{self, quantity::amount},
    objects::{Container, Node, Pod},
    texts,
};

/// What containers ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Ask {
    cpu: f64,
    memory: f64,
}

impl Ask {
    fn of<'c>(containers: impl IntoIterator<Item = &'c Container>) -> Self {
        let asks = containers.into_iter().map(|container| {
            let requests = &container.resources.requests;
            Self {
                cpu: amount(requests, "cpu").unwrap_or_default(),
                memory: amount(requests, "memory").unwrap_or_default(),
            }
        });
        asks.fold(Self::default(), |all, one| Self {
            cpu: all.cpu + one.cpu,
            memory: all.memory + one.memory,
        })
    }
}

/// How many more pods of these containers fit on the nodes at the most; `None` where nothing tells.
fn for_more<'n>(
    nodes: impl IntoIterator<Item = &'n Node>,
    pods: &[&Pod],
    containers: &[Container],
) -> Option<i32> {
    let ask = Ask::of(containers);
    let nodes = nodes.into_iter().filter(|node| takes_pods(node));
    let rooms: Vec<f64> = nodes.filter_map(|node| room_on(node, pods, ask)).collect();
    let all: f64 = rooms.iter().sum();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number, and cut to what fits"
    )]
    (!rooms.is_empty()).then(|| all.min(f64::from(i32::MAX)) as i32)
}

/// More pods than the nodes have room for would only wait. Where the bot may not list nodes nothing is said.
pub(super) fn too_small(object: &WorkloadObject, more: i32, view: &View) -> Option<Risk> {
    let cluster = object.workload().cluster;
    let nodes = view.cluster_scope(&cluster).ok()?.list::<Node>();
    let pods = seen(&cluster, view);
    let pods: Vec<&Pod> = pods.iter().map(AsRef::as_ref).collect();
    let parts = object.template_parts();
    let room = for_more(nodes.iter().map(AsRef::as_ref), &pods, &parts.spec.containers)?;
    (more > room).then(|| Risk {
        note: texts::scale::no_room(room),
        raises_to: None,
    })
}

/// How many pods of these containers fit at the most where those of the workload give way to them.
pub(super) fn for_all(object: &WorkloadObject, containers: &[Container], view: &View) -> Option<i32> {
    let workload = object.workload();
    let nodes = view.cluster_scope(&workload.cluster).ok()?.list::<Node>();
    let own = view.cached(&workload.cluster, &workload.namespace).ok()?;
    let own = own.pods_of(&workload);
    let pods = seen(&workload.cluster, view);
    let others = pods.iter().filter(|pod| {
        let is_own = |one: &Arc<Pod>| one.metadata.uid == pod.metadata.uid;
        !own.iter().any(is_own)
    });
    let others: Vec<&Pod> = others.map(AsRef::as_ref).collect();
    for_more(nodes.iter().map(AsRef::as_ref), &others, containers)
}

/// The pods of all namespaces that the settings name.
fn seen(cluster: &str, view: &View) -> Vec<Arc<Pod>> {
    let infos = view.clusters();
    let of_cluster = infos.iter().filter(|info| info.name == cluster);
    of_cluster
        .flat_map(|info| &info.namespaces)
        .filter_map(|namespace| view.cached(cluster, namespace).ok())
        .flat_map(|cached| cached.list::<Pod>())
        .collect()
}

fn takes_pods(node: &Node) -> bool {
    let state = health::node::state(node);
    state.ready && !state.cordoned
}

/// `None` where the node does not say what it has.
fn room_on(node: &Node, pods: &[&Pod], ask: Ask) -> Option<f64> {
    let has = &node.status.allocatable;
    let on_it = pods.iter().filter(|pod| {
        *pod.spec.node_name == *node.metadata.name && !matches!(&*pod.status.phase, "Succeeded" | "Failed")
    });
    let (mut count, mut taken) = (0.0, Ask::default());
    for pod in on_it {
        let of = Ask::of(pod.spec.containers.iter());
        count += 1.0;
        taken.cpu += of.cpu;
        taken.memory += of.memory;
    }
    let fits = |name: &str, taken: f64, ask: f64| {
        let all = amount(has, name)?;
        (ask > 0.0).then(|| ((all - taken) / ask).floor().max(0.0))
    };
    let bounds = [
        fits("cpu", taken.cpu, ask.cpu),
        fits("memory", taken.memory, ask.memory),
        fits("pods", count, 1.0),
    ];
    bounds.into_iter().flatten().reduce(f64::min)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn node(name: &str, ready: &str, cordoned: bool) -> Node {
        serde_json::from_value(json!({
            "metadata": { "name": name }, "spec": { "unschedulable": cordoned },
            "status": { "allocatable": { "cpu": "2", "memory": "4Gi", "pods": "10" },
                        "conditions": [ { "type": "Ready", "status": ready } ] },
        }))
        .unwrap()
    }

    fn pod(on: &str, cpu: &str, memory: &str, phase: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": "p" },
            "spec": { "nodeName": on, "containers": [ { "name": "c",
                "resources": { "requests": { "cpu": cpu, "memory": memory } } } ] },
            "status": { "phase": phase },
        }))
        .unwrap()
    }

    #[test]
    fn as_many_fit_as_the_scarcer_of_both_allows() {
        let nodes = [
            node("a", "True", false),
            node("b", "True", true),
            node("c", "Unknown", false),
        ];
        let there = [
            pod("a", "500m", "1Gi", "Running"),
            pod("a", "1", "1Gi", "Succeeded"),
        ];
        let pods: Vec<&Pod> = there.iter().collect();
        let room = |cpu: &str, memory: &str| {
            let new = pod("", cpu, memory, "");
            for_more(&nodes, &pods, &new.spec.containers)
        };
        // 1.5 of 2 cores and 3 of 4 GiB are free on the only node that takes pods, and nine pods more.
        assert_eq!(room("500m", "1Gi"), Some(3));
        assert_eq!(room("100m", "1536Mi"), Some(2));
        assert_eq!(room("4", "1Gi"), Some(0));
        assert_eq!(room("1m", "1Mi"), Some(9), "a node takes so many pods");
        assert_eq!(for_more(&nodes[1..], &pods, &[]), None, "nothing tells");
    }
}
