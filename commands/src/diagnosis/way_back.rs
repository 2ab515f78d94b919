//! Whether going back would help: only where what fails is a newer template than one that is known to have worked.

use std::time::Duration;

use super::{change::latest, found::of_pod, scene::Look};
use crate::{
    cluster::{Cached, Revision, WorkloadObject},
    health::{
        RolloutState,
        pod::{self, is_counted},
    },
    incident::{Sighting, WayBack},
    model::{Timestamp, Workload, WorkloadKind, since},
    objects::Pod,
};

/// A template that worked for longer than this before it failed is not what changed.
const SUSPECT_FOR: Duration = Duration::from_secs(24 * 3600);

/// Which revision a pod is of: the name of its ReplicaSet, or the hash of its ControllerRevision.
fn mark(kind: WorkloadKind, pod: &Pod) -> Option<&str> {
    if kind == WorkloadKind::Deployment {
        return pod.metadata.controller().map(|owner| &*owner.name);
    }
    pod.metadata.labels.get("controller-revision-hash")
}

/// Before the mark of a revision that was seen to fail. No name in Kubernetes begins so.
const FAILED: char = '!';

/// What is known of a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was seen to work for a while, or pods of it are ready now.
    Worked,
    /// It was seen to fail, and never to work.
    Failed,
    /// Neither was seen.
    NotKnown,
}

/// What was noted of a workload's revisions while they ran, and which of them have pods that are ready now.
pub struct History {
    marks: Vec<String>,
    ready: Vec<String>,
}

impl History {
    /// From what was noted ([`works`], [`fails`]) and what the caches show.
    #[must_use]
    pub fn of(cached: &Cached, workload: &Workload, marks: Vec<String>) -> Self {
        let pods = cached.pods_of(workload);
        let ready = pods.iter().filter(|p| is_counted(p) && pod::is_ready(Some(p)));
        let ready = ready.filter_map(|p| mark(workload.kind, p));
        Self {
            ready: ready.map(str::to_owned).collect(),
            marks,
        }
    }

    /// From what was noted alone.
    #[cfg(test)]
    pub(crate) fn noted(marks: &[&str]) -> Self {
        Self {
            marks: marks.iter().map(|m| (*m).to_owned()).collect(),
            ready: vec![],
        }
    }

    /// What is known of a revision.
    #[must_use]
    pub fn standing(&self, revision: &Revision) -> Standing {
        let mut seen = self.marks.iter().chain(&self.ready);
        let failed = |m: &String| m.strip_prefix(FAILED).is_some_and(|m| is_of(revision, m));
        if seen.any(|m| is_of(revision, m)) {
            Standing::Worked
        } else if self.marks.iter().any(failed) {
            Standing::Failed
        } else {
            Standing::NotKnown
        }
    }

    /// The newest revision of this standing that is not what runs now.
    #[must_use]
    pub fn newest<'r>(&self, revisions: &'r [Revision], standing: Standing) -> Option<&'r Revision> {
        let fits = |r: &&Revision| !r.current && self.standing(r) == standing;
        revisions.iter().filter(fits).max_by_key(|r| r.number)
    }
}

/// The mark of a workload's newest revision, when that is seen to fail: pods of it are in trouble, and none is ready.
#[must_use]
pub fn fails(cached: &Cached, object: &WorkloadObject, look: Look<'_>) -> Option<String> {
    let pods = cached.new_pods_of(object);
    let counted: Vec<_> = pods.iter().filter(|p| is_counted(p)).collect();
    let in_trouble = counted.iter().find(|p| of_pod(p, look).is_some())?;
    if counted.iter().any(|p| pod::is_ready(Some(p))) {
        return None;
    }
    mark(object.kind(), in_trouble).map(|mark| format!("{FAILED}{mark}"))
}

fn is_of(revision: &Revision, mark: &str) -> bool {
    revision.name == mark || revision.name.ends_with(&format!("-{mark}"))
}

/// The mark of a workload's newest revision, when that is known to work: everything is of it, all pods have been ready for a
/// while, and none ended lately.
#[must_use]
pub fn works(cached: &Cached, object: &WorkloadObject, look: Look<'_>) -> Option<String> {
    let rollout = object.rollout(look.now);
    if rollout.state != RolloutState::Complete || rollout.desired == 0 {
        return None;
    }
    let pods = cached.new_pods_of(object);
    let counted: Vec<_> = pods.iter().filter(|p| is_counted(p)).collect();
    let steady = |pod: &Pod| {
        let ready = ready_since(pod).is_some_and(|at| since(at, look.now) >= look.settle);
        let ended = pod::last_end(pod).and_then(|end| end.at);
        ready && ended.is_none_or(|at| since(at, look.now) >= look.settle)
    };
    if counted.is_empty() || !counted.iter().all(|p| steady(p)) {
        return None;
    }
    counted
        .first()
        .and_then(|p| mark(object.kind(), p))
        .map(str::to_owned)
}

fn ready_since(pod: &Pod) -> Option<Timestamp> {
    let ready = pod.status.condition("Ready").filter(|c| c.status == "True")?;
    ready.last_transition_time
}

/// The newest revision before the failing one that worked, by the marks that are known of this workload or by pods of it
/// that are ready now. `None` when older pods fail too, or the failing template itself has worked for long.
#[must_use]
pub fn way_back(
    cached: &Cached,
    object: &WorkloadObject,
    revisions: &[Revision],
    worked: &[String],
    sighting: &Sighting,
) -> Option<WayBack> {
    let pods = cached.pods_of(&object.workload());
    let kind = object.kind();
    let current = revisions.iter().find(|r| r.current)?;
    let fails = |r: &Revision| {
        pods.iter()
            .filter(|p| sighting.affected.iter().any(|name| **name == *p.metadata.name))
            .any(|p| mark(kind, p).is_some_and(|m| is_of(r, m)))
    };
    let did_work = |r: &Revision| worked.iter().any(|m| is_of(r, m));
    let serves = |r: &Revision| {
        pods.iter()
            .filter(|p| is_counted(p) && pod::is_ready(Some(p)))
            .any(|p| mark(kind, p).is_some_and(|m| is_of(r, m)))
    };
    if !fails(current) {
        return None;
    }
    let recorded = object.last_change();
    let changed = latest(object, recorded.as_ref(), revisions, &[]).and_then(|l| l.at);
    let fresh = changed.is_some_and(|at| since(at, sighting.since) < SUSPECT_FOR);
    if did_work(current) && !fresh {
        return None;
    }
    revisions
        .iter()
        .filter(|r| r.number < current.number && !fails(r))
        .filter(|r| did_work(r) || serves(r))
        .map(|r| r.number)
        .max()
        .map(|to| WayBack {
            to,
            from: current.number,
        })
}
