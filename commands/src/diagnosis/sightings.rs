//! What is wrong now, one sighting a workload and problem: what incidents are opened for.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use super::{
    causes::{Finding, JobFailed, NodeNotReady, PastDeadline},
    detail::Detail,
    ends,
    finding::Found,
    found::{self, why_stuck},
    scene::{Look, Scene},
    surroundings::Surroundings,
};
use crate::{
    cluster::{Cached, PodOwner},
    health::{
        Rollout, RolloutState, job,
        pod::{self, is_counted},
    },
    incident::{Key, Owner, Problem, Sighting, Subject},
    model::{Text, Timestamp, since},
    objects::{Job, Node, OwnerReference, Pod, Shared, SharedStr},
    texts,
};

/// What is wrong in a namespace, one sighting a workload and problem, without secrets. `cluster` is the name in the
/// settings.
#[must_use]
pub fn sightings(cluster: &str, cached: &Cached, look: Look<'_>) -> Vec<Sighting> {
    let around = Surroundings::of(cached);
    let look = look.among(&around);
    let pods = cached.list::<Pod>();
    let key = |owner: &Owner, problem| Key {
        cluster: cluster.to_owned(),
        namespace: Some(cached.namespace().to_owned()),
        owner: owner.clone(),
        problem,
    };
    let mut sightings = Vec::new();
    for (owner, pods) in &in_trouble(&pods, cached, look) {
        for (problem, troubles) in &pods.troubled {
            sightings.extend(sighting(key(owner, *problem), troubles, pods.total, look));
        }
    }
    for object in cached.workloads() {
        let owner = || Owner::of(&object.workload());
        let rollout = &object.rollout(look.now);
        let mut scene = Scene {
            rollout,
            workload: Some(&object),
            pods: vec![],
            look,
        };
        let refused = found::refused(&scene);
        sightings.extend(refused.map(|found| refusal(key(&owner(), Problem::PodsRefused), rollout, found)));
        if rollout.state == RolloutState::Stuck {
            let new = cached.new_pods_of(&object);
            scene.pods = new.iter().map(AsRef::as_ref).filter(|pod| is_late(pod)).collect();
            sightings.extend(stuck(key(&owner(), Problem::RolloutDeadline), &scene));
        }
    }
    let jobs = cached.list::<Job>();
    let jobs = failed_jobs(&jobs, look);
    sightings.extend(
        jobs.into_iter()
            .map(|(job, found)| gave_up(key(&owner_of_job(job), Problem::JobFailed), job, found, &pods)),
    );
    sightings
}

/// The owners with pods in trouble.
fn in_trouble<'p>(pods: &'p [Arc<Pod>], cached: &Cached, look: Look<'_>) -> BTreeMap<Owner, Pods<'p>> {
    let counted = || pods.iter().filter(|pod| is_counted(pod));
    let mut owners: BTreeMap<Owner, Pods<'p>> = BTreeMap::new();
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
    if owners.is_empty() {
        return owners;
    }
    for pod in counted() {
        if let Some(of) = known.of(pod).and_then(|owner| owners.get_mut(&*owner)) {
            of.total += 1;
        }
    }
    // What a pod that leaves still holds (a host port, a volume), the next one waits for.
    for pod in pods.iter().filter(|pod| found::makes_way(pod, look)) {
        if let Some(of) = known.of(pod).and_then(|owner| owners.get_mut(&*owner)) {
            of.troubled.remove(&Problem::Unschedulable);
        }
    }
    owners
}

fn is_late(pod: &Pod) -> bool {
    is_counted(pod) && !pod::is_ready(Some(pod))
}

/// So long after its end a Job that failed is told as something that is wrong now.
pub const JOB_COUNTS: Duration = Duration::from_secs(24 * 3600);

/// The Jobs that gave up. Of those that a CronJob makes the last to end speaks for all.
fn failed_jobs<'j>(jobs: &'j [Arc<Job>], look: Look<'_>) -> Vec<(&'j Job, Found<JobFailed>)> {
    let cron = |job: &Job| {
        job.metadata
            .controller()
            .filter(|owner| owner.kind == "CronJob")
            .map(|owner| owner.uid.clone())
    };
    let mut newest: HashMap<SharedStr, (Option<Timestamp>, &str)> = HashMap::new();
    for job in jobs.iter().filter(|job| job::state(Some(job)).is_over()) {
        if let Some(uid) = cron(job) {
            let this = (job.metadata.creation_timestamp, &*job.metadata.name);
            let known = newest.entry(uid).or_insert(this);
            *known = this.max(*known);
        }
    }
    let speaks = |job: &Job| {
        cron(job).is_none_or(|uid| {
            newest
                .get(&uid)
                .is_some_and(|(_, name)| **name == *job.metadata.name)
        })
    };
    let failed = jobs
        .iter()
        .map(AsRef::as_ref)
        .filter(|job| job.metadata.deletion_timestamp.is_none());
    let failed = failed
        .filter(|job| speaks(job))
        .filter_map(|job| Some((job, JobFailed::of_job(job, look)?)));
    failed
        .filter(|(_, found)| since(found.since, look.now) < JOB_COUNTS)
        .collect()
}

pub(super) fn owner_of_job(job: &Job) -> Owner {
    let cron = job
        .metadata
        .controller()
        .filter(|owner| owner.kind == "CronJob" && is_name(&owner.name));
    match cron {
        Some(cron) => Owner::new("cronjob", &*cron.name),
        None => Owner::new("job", &*job.metadata.name),
    }
}

/// A Job that gave up, with the last of its pods to tell why.
fn gave_up(key: Key, job: &Job, found: Found<JobFailed>, pods: &[Arc<Pod>]) -> Sighting {
    let of_job = |pod: &&Pod| {
        pod.metadata
            .controller()
            .is_some_and(|owner| *owner.uid == *job.metadata.uid)
    };
    let own: Vec<&Pod> = pods.iter().map(AsRef::as_ref).filter(of_job).collect();
    let failed = own.iter().filter(|pod| pod.status.phase == "Failed");
    let last = failed.clone().max_by_key(|pod| pod.metadata.creation_timestamp);
    let finding = Finding::from(found);
    Sighting {
        key,
        text: finding.cause.told(),
        affected: failed.map(|pod| pod.metadata.name.to_string()).collect(),
        of: u32::try_from(own.len()).unwrap_or(u32::MAX),
        serves: None,
        beside: vec![],
        uids: BTreeMap::new(),
        restarts: 0,
        facts: vec![],
        said: None,
        since: finding.since,
        last: finding.last,
        subject: last.and_then(|pod| {
            let end = pod::last_end(pod)?;
            Some(Subject {
                pod: pod.metadata.name.to_string(),
                container: Some(end.container),
                ended: end.at,
                running: false,
            })
        }),
    }
}

/// A workload whose pods the API server refuses.
fn refusal(key: Key, rollout: &Rollout, finding: Finding) -> Sighting {
    Sighting {
        key,
        text: finding.cause.told(),
        affected: vec![],
        beside: vec![],
        uids: BTreeMap::new(),
        of: u32::try_from(rollout.desired).unwrap_or_default(),
        serves: u32::try_from(rollout.available).ok(),
        restarts: 0,
        facts: vec![],
        said: None,
        since: finding.since,
        last: finding.last,
        subject: None,
    }
}

/// Which nodes are not ready, and what of the namespaces suffers by it.
#[must_use]
pub fn sightings_of_nodes<'n>(
    cluster: &str,
    nodes: impl IntoIterator<Item = &'n Node>,
    namespaces: &[Cached],
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
        beside: vec![],
        uids: BTreeMap::new(),
        restarts: 0,
        facts: lost_with(&node.metadata.name, namespaces, look.now),
        said: None,
        since: finding.since,
        last: finding.last,
        subject: None,
    };
    bad.into_iter().map(sighting).collect()
}

/// Workloads that are named with a node that fails.
const LOST: usize = 5;

/// The workloads with pods on a node that are not ready, those of which nothing serves first.
fn lost_with(node: &str, namespaces: &[Cached], now: Timestamp) -> Vec<Text> {
    let mut lost = Vec::new();
    for cached in namespaces.iter().filter(|cached| !cached.namespace().is_empty()) {
        let pods = cached.list::<Pod>();
        let there = pods
            .iter()
            .filter(|pod| *pod.spec.node_name == *node && is_late(pod));
        let owners: BTreeSet<_> = there.filter_map(|pod| cached.owner_of(pod)).collect();
        for object in owners.iter().filter_map(|owner| cached.workload(owner)) {
            let rollout = object.rollout(now);
            let name = object.workload().short();
            lost.push((rollout.available > 0, name, rollout));
        }
    }
    lost.sort_by(|(a, x, _), (b, y, _)| (a, x).cmp(&(b, y)));
    let more = lost.len().saturating_sub(LOST);
    let told = lost.iter().take(LOST).map(|(serves, name, rollout)| {
        let ready = rollout.ready_in_words();
        if *serves {
            texts::diagnosis::workload_lacks(name, &ready)
        } else {
            texts::diagnosis::workload_down(name, &ready)
        }
    });
    let more = (more > 0).then(|| texts::discord::more(more));
    told.chain(more).collect()
}

/// What is wrong with a pod, if it is one of the problems that are told by themselves.
fn trouble(pod: &Pod, look: Look<'_>) -> Option<(Problem, Finding)> {
    let all = found::all_of_pod(pod, false, look);
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
            // Of a CronJob's Jobs one speaks for all, whatever is wrong with it.
            let known = cached
                .get::<Job>(&job.name)
                .filter(|known| *known.metadata.uid == *job.uid);
            let by_name = || Owner::new("job", &*job.name);
            Whose::Owner(known.map_or_else(by_name, |job| owner_of_job(&job)))
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
    let ended = key.problem.is_an_end();
    let container = worst.subject.as_ref().and_then(|s| s.container.as_deref());
    let findings = || troubles.iter().map(|(_, finding)| finding);
    Some(Sighting {
        affected,
        of: total,
        serves: None,
        beside: vec![],
        uids: BTreeMap::new(),
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

/// A Deployment whose rollout made no progress within its deadline, and its new pods that are not ready.
fn stuck(key: Key, scene: &Scene<'_>) -> Option<Sighting> {
    let (rollout, look) = (scene.rollout, scene.look);
    let mut affected: Vec<String> = scene.pods.iter().map(|p| p.metadata.name.to_string()).collect();
    affected.sort();
    let late = PastDeadline::of_workload(scene)?;
    let why = why_stuck(scene);
    let subject = why.iter().find_map(|finding| finding.subject.clone());
    Some(Sighting {
        key,
        of: u32::try_from(rollout.desired).unwrap_or_default(),
        serves: None,
        beside: vec![],
        uids: BTreeMap::new(),
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
