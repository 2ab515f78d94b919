//! What goes wrong now, as the watch caches know it. Level-triggered: each look starts from nothing, so that a restart, a
//! lost event or a cut watch loses no problem and invents none. Beside that, what a problem's message needs and the caches
//! do not have: evidence, the last change, the way back.

mod change;
mod evidence;
mod pods;
mod way_back;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

pub use change::{Span, by_manager, ended_by, last_change, maker, recovered_at, tickets_of};
pub use evidence::{Hiding, gather};
pub use way_back::{way_back, works};

use self::pods::{Trouble, is_counted, trouble};
use crate::{
    cluster::{Cached, PodOwner, WorkloadObject},
    health::{self, RolloutState, node, pod, quoted_pod, quoted_rollout},
    incident::{Key, Owner, Problem, Sighting, Subject},
    model::{Text, Timestamp},
    objects::{Node, OwnerReference, Pod, Shared},
    redact::Redactor,
};

/// When a look is, how long an end of a container counts as a problem that goes on, and what may be told.
#[derive(Debug, Clone, Copy)]
pub struct Look<'r> {
    /// Now.
    pub now: Timestamp,
    /// See [`crate::incident::Timing::settle`].
    pub settle: std::time::Duration,
    /// What takes the secrets out of what programs and controllers wrote; `None` where nothing of that may be told, because
    /// it is not known what is secret.
    pub quotes: Option<&'r Redactor>,
}

impl Look<'_> {
    /// Names of images are nobody's message, and still may hold what somebody declared a secret.
    fn clean(&self, text: Text) -> Text {
        match self.quotes {
            Some(redactor) => redactor.line(text),
            None => text,
        }
    }
}

/// What is wrong in a namespace, one sighting a workload and problem, without secrets. `cluster` is the name in the
/// settings.
#[must_use]
pub fn sightings(cluster: &str, cached: &Cached, look: Look<'_>) -> Vec<Sighting> {
    let pods = cached.list::<Pod>();
    let counted = || pods.iter().filter(|pod| is_counted(pod));
    let mut owners: BTreeMap<Owner, Pods> = BTreeMap::new();
    let mut known = Owners::new(cached);
    for pod in counted() {
        // Most pods are well: whose they are is of no interest then.
        if let Some(trouble) = trouble(pod, look)
            && let Some(owner) = known.of(pod)
        {
            let of = owners.entry(owner.into_owned()).or_default();
            of.troubled.entry(trouble.problem).or_default().push(trouble);
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
    let states: Vec<node::NodeState> = nodes.into_iter().map(node::state).collect();
    let of = u32::try_from(states.len()).unwrap_or(u32::MAX);
    let bad = states.into_iter().filter(|n| !n.ready);
    bad.map(|n| {
        let word = n.status.split(',').next().unwrap_or_default();
        let message = n.message.as_deref().filter(|m| !m.is_empty());
        let reason = match (message, look.quotes) {
            (Some(message), Some(redactor)) => redactor.quote(message).replace('\n', " "),
            _ => "its kubelet gives no reason".to_owned(),
        };
        Sighting {
            key: Key {
                cluster: cluster.to_owned(),
                namespace: None,
                owner: Owner::new("node", &n.name),
                problem: Problem::NodeNotReady,
            },
            text: format!("{word}: {}", reason.trim_end_matches('.')).into(),
            affected: vec![n.name],
            of,
            restarts: 0,
            facts: vec![],
            said: None,
            since: n.since.unwrap_or(look.now),
            last: look.now,
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
fn sighting(key: Key, troubles: &[Trouble], total: u32, look: Look<'_>) -> Option<Sighting> {
    let worst = troubles
        .iter()
        .max_by(|a, b| (a.restarts, &b.pod).cmp(&(b.restarts, &a.pod)))?;
    let mut affected: Vec<String> = troubles.iter().map(|t| t.pod.clone()).collect();
    affected.sort();
    Some(Sighting {
        affected,
        of: total,
        restarts: troubles.iter().map(|t| i64::from(t.restarts)).sum(),
        text: look.clean(worst.text.as_str().into()),
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
fn stuck(
    key: impl FnOnce() -> Key,
    object: &WorkloadObject,
    cached: &Cached,
    look: Look<'_>,
) -> Option<Sighting> {
    let rollout = object.rollout(look.now);
    if rollout.state != RolloutState::Stuck {
        return None;
    }
    let rollout = quoted_rollout(rollout, look.quotes);
    let new: Vec<Pod> = cached
        .new_pods_of(object)
        .into_iter()
        .filter(|pod| is_counted(pod) && !pod::is_ready(Some(pod)))
        .map(|pod| quoted_pod(Arc::unwrap_or_clone(pod), look.quotes))
        .collect();
    let revision = object
        .revision()
        .map_or_else(String::new, |n| format!(" to revision {n}"));
    let old = match rollout.old_pods {
        0 => String::new(),
        1 => ", 1 pod still runs an older one".to_owned(),
        n => format!(", {n} pods still run an older one"),
    };
    let text = format!(
        "the rollout{revision} makes no progress: {} of {} new pods available{old}",
        rollout.new_available(),
        rollout.desired
    );
    let cause = health::cause(&rollout, &new, &[]);
    let mut affected: Vec<String> = new.iter().map(|p| p.metadata.name.to_string()).collect();
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
        key: key(),
        of: u32::try_from(rollout.desired).unwrap_or_default(),
        affected,
        restarts: 0,
        text: text.into(),
        facts: cause
            .map(|c| c.lines.into_iter().map(|line| look.clean(line)).collect())
            .unwrap_or_default(),
        said: None,
        since: rollout.last_progress.unwrap_or(look.now),
        last: look.now,
        subject,
    })
}

#[cfg(test)]
mod tests;
