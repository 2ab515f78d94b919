//! The one place that decides whether a pod or a workload is in trouble: status, pods, incidents and stuck runs ask here.

use std::cmp::Reverse;

use super::{
    causes::{self, Cause, Finding},
    scene::{Look, PodScene, Scene},
    surroundings::Surroundings,
};
use crate::{
    cluster::Cached,
    health::{
        pod::{self, Ended},
        quoted_pod, scheduling,
    },
    model::{Text, since},
    objects::{
        Event, HorizontalPodAutoscaler, Ingress, Job, NetworkPolicy, Node, PersistentVolumeClaim, Pod,
        Service, StorageClass,
    },
};

/// What is wrong with a pod: the worst of it. `None` while it is well, or only on its way up or down, as long as that may
/// take.
#[must_use]
pub fn of_pod(pod: &Pod, look: Look<'_>) -> Option<Finding> {
    let all = all_of_pod(pod, false, look);
    all.into_iter().find(|finding| finding.is_due(look))
}

/// Why a workload does not get on: what keeps its pods from being made, then the pod in the worst trouble; where nothing
/// fails, what holds it.
#[must_use]
pub fn why_stuck(scene: &Scene<'_>) -> Vec<Finding> {
    let all = causes::of_workload(scene);
    let (still, mut found): (Vec<_>, Vec<_>) = all
        .into_iter()
        .filter(|f| !matches!(f.cause, Cause::PastDeadline(_)))
        .partition(|f| matches!(f.cause, Cause::Held(_)));
    let pods = scene.pods.iter().filter_map(|pod| {
        let found = all_of_pod(pod, true, scene.look);
        Some((&*pod.metadata.name, found.into_iter().next()?))
    });
    let worst = pods.min_by_key(|(name, f)| (f.cause.rank(), Reverse(f.restarts), *name));
    found.extend(worst.map(|(_, finding)| finding));
    if found.is_empty() { still } else { found }
}

/// What keeps a workload's pods from being made, if the API server refuses them.
#[must_use]
pub fn refused(scene: &Scene<'_>) -> Option<Finding> {
    let all = causes::of_workload(scene);
    let is_refusal = |f: &Finding| matches!(f.cause, Cause::QuotaUsedUp(_) | Cause::Refused(_));
    all.into_iter().find(is_refusal)
}

/// Why a Job gave up, if it did.
#[must_use]
pub fn gave_up(job: &Job, look: Look<'_>) -> Option<Finding> {
    causes::JobFailed::of_job(job, look).map(Finding::from)
}

/// What is wrong with a workload beside its pods, the worst first: pods that are refused, what holds it, its deadline.
#[must_use]
pub fn of_workload(scene: &Scene<'_>) -> Vec<Finding> {
    causes::of_workload(scene)
}

/// What is wrong with a node, the worst first.
#[must_use]
pub fn of_node(node: &Node, look: Look<'_>) -> Vec<Finding> {
    let silent = causes::NodeNotReady::of_node(node, look).map(Finding::from);
    let short = causes::NodeShort::of_node(node, look).map(Finding::from);
    silent.into_iter().chain(short).collect()
}

/// The first broken link between a Service and those who serve it.
#[must_use]
pub fn of_service(service: &Service, cached: &Cached, look: Look<'_>) -> Option<Finding> {
    causes::BrokenService::of_service(service, cached, look).map(Finding::from)
}

/// Why a volume claim has no volume, if that is wrong. `classes` are those of the cluster where they may be read, `events`
/// those about claims; `used` says whether a pod names it.
#[must_use]
pub fn of_claim(
    claim: &PersistentVolumeClaim,
    classes: Option<&[StorageClass]>,
    events: &[Event],
    used: bool,
    look: Look<'_>,
) -> Option<Finding> {
    causes::UnboundClaim::of_claim(claim, classes, events, used, look).map(Finding::from)
}

/// All that is broken of an Ingress by itself, the first link first.
#[must_use]
pub fn of_ingress(ingress: &Ingress, around: causes::Routes<'_>, look: Look<'_>) -> Vec<Finding> {
    let found = causes::BrokenIngress::of_ingress(ingress, around, look).into_iter();
    found.map(Finding::from).collect()
}

/// Why an autoscaler does not scale. `known` are the names of the kind that it scales, where they are known.
#[must_use]
pub fn of_autoscaler(
    hpa: &HorizontalPodAutoscaler,
    known: Option<Vec<String>>,
    look: Look<'_>,
) -> Option<Finding> {
    causes::CannotScale::of_autoscaler(hpa, known, look).map(Finding::from)
}

/// The network policies that keep one pod from another.
#[must_use]
pub fn shut_between(policies: &[NetworkPolicy], way: causes::Way<'_>, look: Look<'_>) -> Option<Finding> {
    causes::ShutOut::between(policies, way, look).map(Finding::from)
}

/// The network policies that keep everybody from a pod.
#[must_use]
pub fn shut_from_all(policies: &[NetworkPolicy], to: &Pod, name: &str, look: Look<'_>) -> Option<Finding> {
    causes::ShutOut::from_all(policies, to, name, look).map(Finding::from)
}

/// The right that a program lacks, by its last words.
#[must_use]
pub fn lacks_right(lines: &[String], look: Look<'_>) -> Option<Finding> {
    causes::LacksRight::of_lines(lines, look).map(Finding::from)
}

/// Why no node has a pod, in the scheduler's words.
#[must_use]
pub fn unscheduled(pod: &Pod) -> Option<Text> {
    let condition = pod.status.condition("PodScheduled")?;
    let waits = condition.status == "False" && !condition.message.is_empty();
    waits.then(|| scheduling::parse(&condition.message).text())
}

/// All that is wrong with a pod, the worst first, as it may be told. `late`: its rollout sticks, so that what has not come yet
/// counts, too.
pub(super) fn all_of_pod(pod: &Pod, late: bool, look: Look<'_>) -> Vec<Finding> {
    let scene = PodScene { pod, late, look };
    // Most pods are well, and nothing of theirs has to be copied to see that.
    if is_history(pod, look) || plainly_well(pod) || causes::of_pod(scene).is_empty() {
        return vec![];
    }
    let pod = &quoted_pod(pod.clone(), look.quotes);
    causes::of_pod(PodScene { pod, ..scene })
}

/// Whether nothing of a pod counts any more: it is on its way out, did its work, or failed for good and left the rest to what
/// made it, which makes another or says that it gave up.
fn is_history(pod: &Pod, look: Look<'_>) -> bool {
    let leaving = pod.metadata.deletion_timestamp.is_some() && !is_kept_by_its_node(pod, look);
    let done = leaving || pod.status.phase == "Succeeded";
    done || (pod::is_over(pod) && pod.metadata.controller().is_some())
}

/// Whether a pod that was deleted cannot go, because its node does not answer, and keeps its successor away: a StatefulSet
/// makes none before it is gone.
fn is_kept_by_its_node(pod: &Pod, look: Look<'_>) -> bool {
    let owner = pod.metadata.controller();
    let waited_for = owner.is_some_and(|owner| owner.kind == "StatefulSet");
    let fails = |around: &Surroundings| around.failing_node(&pod.spec.node_name).is_some();
    waited_for && !makes_way(pod, look) && look.around.is_some_and(fails)
}

/// Whether a pod is on its way out in the time that it has for that: one that should be gone holds nothing for a moment only.
pub(super) fn makes_way(pod: &Pod, look: Look<'_>) -> bool {
    let due = pod.metadata.deletion_timestamp;
    due.is_some_and(|at| since(at, look.now) < look.patience)
}

/// Ready, and no container has ended that anybody remembers.
fn plainly_well(pod: &Pod) -> bool {
    let status = &pod.status;
    let mut all = status
        .container_statuses
        .iter()
        .chain(&status.init_container_statuses);
    pod::is_ready(Some(pod)) && all.all(|c| c.last_state.terminated.is_none())
}

/// Pods in the same trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// kubectl's STATUS column.
    pub status: String,
    /// What is wrong, of the pod with the most restarts.
    pub finding: Option<Finding>,
    /// The pods, by name.
    pub pods: Vec<String>,
    /// All their restarts.
    pub restarts: i32,
    /// The last time that a container of theirs ended.
    pub last_end: Option<Ended>,
}

/// Pods by what their state is, the worst first, the well ones last.
#[must_use]
pub fn by_state<'a>(pods: impl IntoIterator<Item = &'a Pod>, look: Look<'_>) -> Vec<Group> {
    let rank = |finding: &Option<Finding>| finding.as_ref().map(|f| f.cause.rank());
    let mut groups: Vec<(Group, i32)> = Vec::new();
    for pod in pods {
        let (s, finding) = (pod::state(pod), of_pod(pod, look));
        let same = |g: &Group| g.status == s.status && rank(&g.finding) == rank(&finding);
        match groups.iter_mut().find(|(g, _)| same(g)) {
            Some((group, most)) => {
                group.pods.push(s.name);
                group.restarts = group.restarts.saturating_add(s.restarts);
                if s.restarts > *most {
                    *most = s.restarts;
                    group.finding = finding;
                }
                if s.last_end.as_ref().map(|e| e.at) > group.last_end.as_ref().map(|e| e.at) {
                    group.last_end = s.last_end;
                }
            }
            None => groups.push((
                Group {
                    status: s.status,
                    finding,
                    pods: vec![s.name],
                    restarts: s.restarts,
                    last_end: s.last_end,
                },
                s.restarts,
            )),
        }
    }
    let mut groups: Vec<Group> = groups.into_iter().map(|(group, _)| group).collect();
    for group in &mut groups {
        group.pods.sort();
    }
    groups.sort_by_key(|g| (rank(&g.finding).unwrap_or(usize::MAX), g.status.clone()));
    groups
}
