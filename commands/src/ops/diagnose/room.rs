//! Why no node takes a pod, beyond what the scheduler counts: how much the largest node has, and where the labels are that the
//! pod wants.

use std::sync::Arc;

use super::pods::Desk;
use crate::{
    diagnosis::{Cause, Finding},
    health::{
        quantity::{amount, asked, written},
        scheduling::NodesFit,
    },
    model::Text,
    objects::{Node, Pod},
    texts::{diagnose as texts, health::Unfit},
};

/// What the nodes say of a pod that none of them takes.
pub(super) async fn of_nodes(desk: &Desk<'_>, finding: &Finding) -> Vec<Text> {
    let Cause::Unschedulable(cause) = &finding.cause else {
        return vec![];
    };
    let Some(NodesFit::Counted { reasons, .. }) = &cause.nodes else {
        return vec![];
    };
    let Some(pod) = finding
        .subject
        .as_ref()
        .and_then(|subject| desk.cached.get::<Pod>(&subject.pod))
    else {
        return vec![];
    };
    let Ok(cached) = desk.cx.view.cluster_scope(&desk.scope.cluster) else {
        return vec![];
    };
    if !cached.knows::<Node>() {
        return vec![];
    }
    let nodes = cached.list::<Node>();
    let mut told = Vec::new();
    for (_, why) in reasons {
        match why {
            Unfit::Lack(resource) => told.extend(largest(&nodes, &pod, resource)),
            Unfit::Selector => told.extend(labels(desk, &nodes, &pod).await),
            _ => {}
        }
    }
    told
}

/// That a pod asks for more than any node has in all.
fn largest(nodes: &[Arc<Node>], pod: &Pod, resource: &str) -> Option<Text> {
    let asks = asked(pod, resource);
    let of = |node: &Arc<Node>| {
        Some((
            amount(&node.status.allocatable, resource)?,
            node.metadata.name.clone(),
        ))
    };
    let (most, node) = nodes.iter().filter_map(of).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (asks > most).then(|| {
        texts::asks_too_much(
            resource,
            &written(resource, asks),
            &node,
            &written(resource, most),
        )
    })
}

/// The labels of its node selector that no node has, and what the nodes have instead.
async fn labels(desk: &Desk<'_>, nodes: &[Arc<Node>], pod: &Pod) -> Vec<Text> {
    let read = desk.cx.view.value(
        &desk.scope.cluster,
        desk.cached.namespace(),
        "pods",
        &pod.metadata.name,
    );
    let Ok(pod) = desk.in_time(read).await else {
        return vec![];
    };
    let wanted = pod["spec"]["nodeSelector"].as_object().into_iter().flatten();
    let lacking = wanted.filter_map(|(key, value)| {
        let value = value.as_str()?;
        let has = |node: &Arc<Node>| node.metadata.labels.get(key).map(str::to_owned);
        if nodes.iter().any(|node| has(node).as_deref() == Some(value)) {
            return None;
        }
        let others = nodes
            .iter()
            .filter_map(|node| Some(format!("{}={}", node.metadata.name, has(node)?)));
        Some(texts::no_node_has(
            &format!("{key}={value}"),
            &others.collect::<Vec<_>>(),
        ))
    });
    lacking.collect()
}
