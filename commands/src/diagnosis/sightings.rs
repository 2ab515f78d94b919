//! What is wrong now, one sighting a workload and problem: what incidents are opened for.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use super::{
    causes::{Finding, NodeNotReady, PastDeadline},
    detail::Detail,
    ends,
    found::{self, why_stuck},
    scene::{Look, Scene},
};
use crate::{
    cluster::{Cached, PodOwner, WorkloadObject},
    health::{RolloutState, pod},
    incident::{Key, Owner, Problem, Sighting, Subject},
    objects::{Node, OwnerReference, Pod, Shared},
};

/// What is wrong in a namespace, one sighting a workload and problem, without secrets. `cluster` is the name in the
/// settings.
#[must_use]
pub fn sightings(cluster: &str, cached: &Cached, look: Look<'_>) -> Vec<Sighting> {
    let pods = cached.list::<Pod>();
    let counted = || pods.iter().filter(|pod| is_counted(pod));
    let mut owners: BTreeMap<Owner, Pods<'_>> = BTreeMap::new();
    let mut known = Owners::new(cached);
    for pod in counted() {
        // Most pods are well: whose they are is of no interest then.
        if let Some((problem, finding)) = trouble(pod, look)
            && let Some(owner) = known.of(pod)
        {
            let of = owners.entry(owner.into_owned()).or_default();
            of.troubled.entry(problem).or_default().push((pod, finding));
        }
    }
    if !owners.is_empty() {
        for pod in counted() {
            if let Some(of) = known.of(pod).and_then(|owner| owners.get_mut(&*owner)) {
                of.total += 1;
            }
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
            sightings.extend(sighting(key(owner, *problem), troubles, pods.total, look));
        }
    }
    for object in cached.workloads() {
        let key = || key(&Owner::of(&object.workload()), Problem::RolloutDeadline);
        sightings.extend(stuck(key, &object, cached, look));
    }
    sightings
}

/// Which nodes are not ready.
#[must_use]
pub fn sightings_of_nodes<'n>(
    cluster: &str,
    nodes: impl IntoIterator<Item = &'n Node>,
    look: Look<'_>,
) -> Vec<Sighting> {
    let mut of = 0;
    let mut bad = Vec::new();
    for node in nodes {
        of += 1;
        bad.extend(NodeNotReady::of_node(node, look).map(|found| (node, found.into())));
    }
    let sighting = |(node, finding): (&Node, Finding)| Sighting {
        key: Key {
            cluster: cluster.to_owned(),
            namespace: None,
            owner: Owner::new("node", &*node.metadata.name),
            problem: Problem::NodeNotReady,
        },
        text: finding.cause.told(),
        affected: vec![node.metadata.name.to_string()],
        of,
        serves: None,
        restarts: 0,
        facts: vec![],
        said: None,
        since: finding.since,
        last: finding.last,
        subject: None,
    };
    bad.into_iter().map(sighting).collect()
}

/// Whether a pod is one of those that shall run: what ended for good or is on its way out crashes no more.
pub(super) fn is_counted(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_none() && !pod::is_over(pod)
}

/// What is wrong with a pod, if it is one of the problems that are told by themselves.
fn trouble(pod: &Pod, look: Look<'_>) -> Option<(Problem, Finding)> {
    let all = found::all_of_pod(pod, None, look);
    all.into_iter()
        .find_map(|finding| Some((finding.problem()?, finding)))
}

#[derive(Default)]
struct Pods<'p> {
    total: u32,
    troubled: BTreeMap<Problem, Vec<(&'p Pod, Finding)>>,
}

/// Whose problem a pod's trouble is.
enum Whose {
    /// Its workload's, or its ReplicaSet's or Job's.
    Owner(Owner),
    /// Its own.
    Pod,
    /// What owns it is gone: then the pod is about to go, too.
    Gone,
}

/// Whose pods are whose. Pods of one controller ask once.
struct Owners<'c> {
    cached: &'c Cached,
    known: HashMap<Shared<[OwnerReference]>, Whose>,
}

impl<'c> Owners<'c> {
    fn new(cached: &'c Cached) -> Self {
        Self {
            cached,
            known: HashMap::new(),
        }
    }

    fn of(&mut self, pod: &Pod) -> Option<Cow<'_, Owner>> {
        let cached = self.cached;
        let references = &pod.metadata.owner_references;
        let whose = self
            .known
            .entry(references.clone())
            .or_insert_with(|| whose(cached, pod));
        match whose {
            Whose::Owner(owner) => Some(Cow::Borrowed(owner)),
            Whose::Pod => Some(Cow::Owned(Owner::new("pod", &*pod.metadata.name))),
            Whose::Gone => None,
        }
    }
}

fn whose(cached: &Cached, pod: &Pod) -> Whose {
    match cached.controller_of(pod) {
        PodOwner::Workload(workload) => Whose::Owner(Owner::of(&workload)),
        PodOwner::ReplicaSet(name) => Whose::Owner(Owner::new("replicaset", name)),
        PodOwner::Unwatched(job)
            if job.kind == "Job" && job.api_version == "batch/v1" && is_name(&job.name) =>
        {
            Whose::Owner(Owner::new("job", &*job.name))
        }
        PodOwner::Unwatched(_) | PodOwner::Nobody => Whose::Pod,
        PodOwner::Gone => Whose::Gone,
    }
}

/// Whether a text is a name as Kubernetes takes it for a Job (DNS-1123 subdomain).
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(inner)
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// The pods of one owner in the same trouble as one sighting, told by the one with the most restarts.
fn sighting(key: Key, troubles: &[(&Pod, Finding)], total: u32, look: Look<'_>) -> Option<Sighting> {
    let name = |pod: &Pod| pod.metadata.name.to_string();
    let (pod, worst) = troubles
        .iter()
        .max_by(|(a, x), (b, y)| (x.restarts, name(b)).cmp(&(y.restarts, name(a))))?;
    let mut affected: Vec<String> = troubles.iter().map(|(pod, _)| name(pod)).collect();
    affected.sort();
    let ended = matches!(key.problem, Problem::OomKilled | Problem::CrashLoopBackOff);
    let container = worst.subject.as_ref().and_then(|s| s.container.as_deref());
    let findings = || troubles.iter().map(|(_, finding)| finding);
    Some(Sighting {
        affected,
        of: total,
        serves: None,
        restarts: findings().map(|f| i64::from(f.restarts)).sum(),
        text: look.clean(worst.cause.told()),
        facts: vec![],
        said: container
            .filter(|_| ended)
            .and_then(|container| ends::said(pod, container, look.quotes?)),
        since: findings().map(|f| f.since).min()?,
        last: findings().map(|f| f.last).max()?,
        subject: worst.subject.clone(),
        key,
    })
}

/// A Deployment whose rollout made no progress within its deadline.
fn stuck(
    key: impl FnOnce() -> Key,
    object: &WorkloadObject,
    cached: &Cached,
    look: Look<'_>,
) -> Option<Sighting> {
    let rollout = &object.rollout(look.now);
    if rollout.state != RolloutState::Stuck {
        return None;
    }
    let new = cached.new_pods_of(object);
    let new: Vec<&Pod> = new
        .iter()
        .map(AsRef::as_ref)
        .filter(|pod| is_counted(pod) && !pod::is_ready(Some(pod)))
        .collect();
    let mut affected: Vec<String> = new.iter().map(|p| p.metadata.name.to_string()).collect();
    affected.sort();
    let scene = Scene {
        rollout,
        revision: object.revision(),
        pods: new,
        events: &[],
        look,
    };
    let late = PastDeadline::of_workload(&scene)?;
    let why = why_stuck(&scene);
    let subject = why.iter().find_map(|finding| finding.subject.clone());
    Some(Sighting {
        key: key(),
        of: u32::try_from(rollout.desired).unwrap_or_default(),
        serves: None,
        affected,
        restarts: 0,
        text: late.cause.text(),
        facts: why.iter().map(|finding| look.clean(finding.line())).collect(),
        said: None,
        since: late.since,
        last: late.last,
        subject: subject.map(|subject| Subject {
            ended: None,
            running: true,
            ..subject
        }),
    })
}
