//! What goes wrong now, as the watch caches know it. Level-triggered: each look starts from nothing, so that a restart, a
//! lost event or a cut watch loses no problem and invents none. Beside that, what a problem's message needs and the caches
//! do not have: evidence, the last change, the way back.

mod change;
mod evidence;
mod pods;
mod way_back;

use std::collections::BTreeMap;

pub use change::{ended_by, last_change, recovered_at, tickets_of};
pub use evidence::gather;
use k8s_openapi::api::core::v1::{Node, Pod};
pub use way_back::{way_back, works};

use self::pods::{Trouble, is_counted, trouble};
use crate::{
    cluster::{Cached, WorkloadObject},
    health::{self, RolloutState, node, pod},
    incident::{Key, Owner, Problem, Sighting, Subject},
    model::Timestamp,
};

/// When a look is, and how long an end of a container counts as a problem that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Now.
    pub now: Timestamp,
    /// See [`crate::incident::Timing::settle`].
    pub settle: std::time::Duration,
}

/// What is wrong in a namespace, one sighting a workload and problem. `cluster` is the name in the settings.
#[must_use]
pub fn detect(cluster: &str, cached: &Cached, look: Look) -> Vec<Sighting> {
    let mut owners: BTreeMap<Owner, Pods> = BTreeMap::new();
    for pod in cached.pods() {
        if !is_counted(&pod) {
            continue;
        }
        let of = owners.entry(owner_of(cached, &pod)).or_default();
        of.total += 1;
        if let Some(trouble) = trouble(&pod, look) {
            of.troubled.entry(trouble.problem).or_default().push(trouble);
        }
    }
    let key = |owner: &Owner, problem| Key {
        cluster: cluster.to_owned(),
        namespace: Some(cached.namespace().to_owned()),
        owner: owner.clone(),
        problem,
    };
    let mut sightings = Vec::new();
    for (owner, pods) in &owners {
        for (problem, troubles) in &pods.troubled {
            sightings.extend(sighting(key(owner, *problem), troubles, pods.total));
        }
    }
    for object in cached.workloads() {
        let owner = Owner::of(&object.workload());
        sightings.extend(stuck(
            key(&owner, Problem::RolloutDeadline),
            &object,
            cached,
            look.now,
        ));
    }
    sightings
}

/// Which nodes are not ready.
#[must_use]
pub fn detect_nodes<'n>(
    cluster: &str,
    nodes: impl IntoIterator<Item = &'n Node>,
    now: Timestamp,
) -> Vec<Sighting> {
    let states: Vec<node::NodeState> = nodes.into_iter().map(node::state).collect();
    let of = u32::try_from(states.len()).unwrap_or(u32::MAX);
    let bad = states.into_iter().filter(|n| !n.ready);
    bad.map(|n| {
        let word = n.status.split(',').next().unwrap_or_default();
        let reason = n.message.as_deref().unwrap_or("its kubelet gives no reason");
        Sighting {
            key: Key {
                cluster: cluster.to_owned(),
                namespace: None,
                owner: Owner::new("node", &n.name),
                problem: Problem::NodeNotReady,
            },
            text: format!("{word}: {}", reason.trim_end_matches('.')),
            affected: vec![n.name],
            of,
            restarts: 0,
            facts: vec![],
            said: None,
            since: n.since.unwrap_or(now),
            last: now,
            subject: None,
        }
    })
    .collect()
}

#[derive(Default)]
struct Pods {
    total: u32,
    troubled: BTreeMap<Problem, Vec<Trouble>>,
}

/// The workload that a pod belongs to; else what owns it, whatever that is; else the pod itself.
fn owner_of(cached: &Cached, pod: &Pod) -> Owner {
    if let Some(workload) = cached.owner_of(pod) {
        return Owner::of(&workload);
    }
    let controller = pod
        .metadata
        .owner_references
        .iter()
        .flatten()
        .find(|o| o.controller == Some(true));
    match controller {
        Some(owner) => Owner::new(owner.kind.to_ascii_lowercase(), &owner.name),
        None => Owner::new("pod", pod.metadata.name.as_deref().unwrap_or_default()),
    }
}

/// The pods of one owner in the same trouble as one sighting, told by the one with the most restarts.
fn sighting(key: Key, troubles: &[Trouble], total: u32) -> Option<Sighting> {
    let worst = troubles
        .iter()
        .max_by(|a, b| (a.restarts, &b.pod).cmp(&(b.restarts, &a.pod)))?;
    let mut affected: Vec<String> = troubles.iter().map(|t| t.pod.clone()).collect();
    affected.sort();
    Some(Sighting {
        affected,
        of: total,
        restarts: troubles.iter().map(|t| i64::from(t.restarts)).sum(),
        text: worst.text.clone(),
        facts: vec![],
        said: worst.said.clone(),
        since: troubles.iter().map(|t| t.since).min()?,
        last: troubles.iter().map(|t| t.last).max()?,
        subject: Some(Subject {
            pod: worst.pod.clone(),
            container: worst.container.clone(),
            ended: worst.ended,
            running: worst.running,
        }),
        key,
    })
}

/// A Deployment whose rollout made no progress within its deadline.
fn stuck(key: Key, object: &WorkloadObject, cached: &Cached, now: Timestamp) -> Option<Sighting> {
    let rollout = object.rollout(now);
    if rollout.state != RolloutState::Stuck {
        return None;
    }
    let new = cached.new_pods_of(object);
    let revision = object
        .revision()
        .map_or_else(String::new, |n| format!(" to revision {n}"));
    let old = match rollout.old_pods {
        0 => String::new(),
        1 => ", 1 pod is still of an older one".to_owned(),
        n => format!(", {n} pods are still of an older one"),
    };
    let text = format!(
        "the rollout{revision} makes no progress: {} of {} new pods available{old}",
        rollout.new_available(),
        rollout.desired
    );
    let cause = health::cause(&rollout, new.iter().map(AsRef::as_ref), &[]);
    let mut affected: Vec<String> = new
        .iter()
        .filter(|p| is_counted(p) && !pod::is_ready(Some(p)))
        .filter_map(|p| p.metadata.name.clone())
        .collect();
    affected.sort();
    let subject = cause.as_ref().and_then(|c| {
        Some(Subject {
            pod: c.pod.clone()?,
            container: c.container.clone(),
            ended: None,
            running: true,
        })
    });
    Some(Sighting {
        key,
        of: u32::try_from(rollout.desired).unwrap_or_default(),
        affected,
        restarts: 0,
        text,
        facts: cause
            .map(|c| c.lines.iter().map(crate::model::Line::plain).collect())
            .unwrap_or_default(),
        said: None,
        since: rollout.last_progress.unwrap_or(now),
        last: now,
        subject,
    })
}

#[cfg(test)]
mod tests;
