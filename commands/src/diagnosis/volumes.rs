//! Volumes that keep pods where no node is ready: a pod whose node fails cannot start elsewhere as long as its volume is
//! there. Nobody watches volumes; they are read when something is wrong and a pod has one.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{surroundings::Surroundings, tied::Tied};
use crate::{
    cluster::{ClusterError, View},
    health::{pod, scheduling, volume},
    model::Scope,
    objects::{Node, PersistentVolume, PersistentVolumeClaim, Pod},
};

/// So many claims are looked at.
const MOST: usize = 8;

/// In so long; what is not known by then is not told.
const WITHIN: Duration = Duration::from_secs(2);

/// The volumes that keep pods of a namespace where no node is ready. Reads nothing unless a pod with a claim waits for a
/// node, or is on one that fails. Needs `get` on `persistentvolumeclaims` and `persistentvolumes`, and the nodes; where one of
/// these may not be read, nothing is known of it.
pub async fn tied<'p>(
    view: &View,
    scope: &Scope,
    around: &Surroundings,
    pods: impl IntoIterator<Item = &'p Pod>,
) -> Vec<Tied> {
    let held = pods.into_iter().filter(|pod| may_be_held(pod, around));
    let claims: BTreeSet<&str> = held
        .flat_map(|pod| pod.spec.claims.iter().map(AsRef::as_ref))
        .collect();
    let nodes = match view.cluster_scope(&scope.cluster) {
        Ok(cached) if !claims.is_empty() && cached.knows::<Node>() => cached.list::<Node>(),
        _ => return vec![],
    };
    let all = claims
        .into_iter()
        .take(MOST)
        .map(|claim| of_claim(view, scope, claim, &nodes));
    let read = tokio::time::timeout(WITHIN, futures::future::join_all(all)).await;
    let found = read.unwrap_or_default().into_iter();
    found.filter_map(|read| read.ok().flatten()).collect()
}

/// Whether it may be a volume that keeps a pod from running.
fn may_be_held(pod: &Pod, around: &Surroundings) -> bool {
    if pod.spec.claims.is_empty() || pod::is_ready(Some(pod)) || pod::is_over(pod) {
        return false;
    }
    if !pod.spec.node_name.is_empty() {
        return around.failing_node(&pod.spec.node_name).is_some();
    }
    let scheduled = pod
        .status
        .condition("PodScheduled")
        .filter(|c| c.status == "False");
    scheduled.is_some_and(|c| around.any_node_fails() || scheduling::parse(&c.message).is_for_a_volume())
}

async fn of_claim(
    view: &View,
    scope: &Scope,
    claim: &str,
    nodes: &[Arc<Node>],
) -> Result<Option<Tied>, ClusterError> {
    let known: PersistentVolumeClaim = view.get_in(scope, claim).await?;
    let volume = &*known.spec.volume_name;
    if volume.is_empty() {
        return Ok(None);
    }
    let cluster = Scope::cluster(&scope.cluster);
    let read: PersistentVolume = view.get_in(&cluster, volume).await?;
    let stranded = volume::stranded(&read, nodes.iter().map(AsRef::as_ref));
    Ok(stranded.map(|to| Tied {
        claim: claim.to_owned(),
        volume: volume.to_owned(),
        to,
    }))
}
