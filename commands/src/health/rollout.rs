//! How a rollout stands, decided as `kubectl rollout status` decides it (kubectl's polymorphichelpers/rollout_status.go).
//! Numbers in the status count only once the controller has seen the newest spec: before that they are of the past.

use std::time::Duration;

use crate::{
    model::{Text, Timestamp, WorkloadKind},
    objects::{DaemonSet, Deployment, DeploymentCondition, StatefulSet},
    texts::{health as texts, status},
};

/// How a rollout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolloutState {
    /// Every pod is of the newest template, and available.
    Complete,
    /// On its way, as far as the object tells.
    Progressing,
    /// The controller has not seen the newest spec yet.
    Unseen,
    /// No progress within the Deployment's deadline (`ProgressDeadlineExceeded`).
    Stuck,
    /// Paused in the middle.
    Paused,
    /// Pods are replaced only when somebody deletes them, and some are still old (`OnDelete`).
    OnDelete,
    /// There is no such object.
    Gone,
}

/// A rollout in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// How it stands.
    pub state: RolloutState,
    /// How many pods there shall be.
    pub desired: i32,
    /// How many there are, of any template.
    pub pods: i32,
    /// How many are of the newest template.
    pub updated: i32,
    /// How many are ready, of any template.
    pub ready: i32,
    /// How many are available, of any template.
    pub available: i32,
    /// How many are of an older template.
    pub old_pods: i32,
    /// How many are beyond those that shall be, where none is made for a surge: they are to go, and each waits until the
    /// ones before it are ready (a StatefulSet).
    pub extra: i32,
    /// How many are on their way out, where the API server counts them.
    pub terminating: i32,
    /// What `kubectl rollout status` would print.
    pub message: Text,
    /// When the controller last saw progress, where it notes that (a Deployment).
    pub last_progress: Option<Timestamp>,
    /// Since when its deadline has passed, where the controller notes that (a Deployment).
    pub overdue_since: Option<Timestamp>,
    /// For how long this rollout has made no progress, as of the time given; only once that is a share of its deadline.
    pub since_progress: Option<Duration>,
    /// Why pods cannot be made, in the controller's words (a quota, a refused admission).
    pub failure: Option<String>,
    /// Since when, as its controller notes it.
    pub failing_since: Option<Timestamp>,
    /// Whether it is marked as paused.
    pub paused: bool,
}

impl Rollout {
    /// Whether there is nothing more to wait for.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.state == RolloutState::Complete
    }

    /// Whether as many pods serve as shall, whatever the rollout does.
    #[must_use]
    pub fn serves_in_full(&self) -> bool {
        self.state != RolloutState::Gone && self.available >= self.desired
    }

    /// How many pods of the newest template are available at least: those available beyond all old pods.
    #[must_use]
    pub fn new_available(&self) -> i32 {
        (self.available - self.old_pods).clamp(0, self.updated)
    }

    /// Whether pods are being replaced or made for a new template; else they only come and go.
    #[must_use]
    pub fn is_replacing(&self) -> bool {
        self.state == RolloutState::Unseen || self.old_pods > 0 || self.updated < self.desired.min(self.pods)
    }

    /// Pods that are ready of those that shall be: what is beyond, in a surge, counts as none.
    #[must_use]
    pub fn ready_of_desired(&self) -> i32 {
        self.ready.min(self.desired)
    }

    /// How many are ready, in words. Where some are to go, the numbers do not tell whether those that stay are ready.
    #[must_use]
    pub fn ready_in_words(&self) -> Text {
        match self.extra {
            0 => status::ready(self.ready_of_desired(), self.desired),
            extra => status::ready(self.ready, self.pods).and(status::to_go(extra)),
        }
    }

    /// The same as two numbers: `2/3`.
    #[must_use]
    pub fn ready_in_numbers(&self) -> String {
        match self.extra {
            0 => format!("{}/{}", self.ready_of_desired(), self.desired),
            _ => format!("{}/{}", self.ready, self.pods),
        }
    }

    fn gone() -> Self {
        Self {
            state: RolloutState::Gone,
            message: texts::no_such_object(),
            ..Self::empty()
        }
    }

    fn empty() -> Self {
        Self {
            state: RolloutState::Unseen,
            desired: 0,
            pods: 0,
            updated: 0,
            ready: 0,
            available: 0,
            old_pods: 0,
            extra: 0,
            terminating: 0,
            message: Text::default(),
            last_progress: None,
            overdue_since: None,
            since_progress: None,
            failure: None,
            failing_since: None,
            paused: false,
        }
    }
}

/// The reason of a Deployment's condition when its deadline has passed.
const DEADLINE: &str = "ProgressDeadlineExceeded";

/// The reason of the condition once a rollout is complete. It stays until the next one makes progress: its time is that of
/// the rollout before.
const AVAILABLE: &str = "NewReplicaSetAvailable";
/// The deadline where the object says none.
const DEADLINE_SECONDS: u32 = 600;
/// Nothing is said of a young silence: one part in so many of the deadline.
const SHARE: u32 = 4;

/// Whether the silence is of this rollout, and long enough for a word.
fn stalls(progressing: &DeploymentCondition, idle: Duration, deadline: Duration) -> bool {
    match &*progressing.reason {
        DEADLINE => true,
        AVAILABLE => false,
        _ => idle >= deadline / SHARE,
    }
}

/// How a Deployment's rollout stands.
#[must_use]
pub fn deployment(object: Option<&Deployment>, now: Timestamp) -> Rollout {
    let Some(d) = object else { return Rollout::gone() };
    let status = &d.status;
    let mut r = Rollout {
        desired: d.spec.replicas.unwrap_or(1),
        pods: status.replicas.unwrap_or_default(),
        updated: status.updated_replicas.unwrap_or_default(),
        ready: status.ready_replicas.unwrap_or_default(),
        available: status.available_replicas.unwrap_or_default(),
        terminating: status.terminating_replicas.unwrap_or_default(),
        paused: d.spec.paused,
        ..Rollout::empty()
    };
    r.old_pods = (r.pods - r.updated).max(0);
    let condition = |kind: &str| status.conditions.iter().find(|c| c.type_ == *kind);
    let progressing = condition("Progressing");
    let deadline = Duration::from_secs(
        d.spec
            .progress_deadline_seconds
            .unwrap_or(DEADLINE_SECONDS)
            .into(),
    );
    r.overdue_since = progressing
        .filter(|condition| condition.reason == DEADLINE)
        .and_then(|condition| condition.last_transition_time);
    r.last_progress = progressing.and_then(|condition| progress_time(condition, deadline));
    r.since_progress = r
        .last_progress
        .map(|at| crate::model::since(at, now))
        .filter(|idle| progressing.is_some_and(|c| stalls(c, *idle, deadline)));
    let failure = condition("ReplicaFailure").filter(|c| c.status == "True");
    r.failing_since = failure.and_then(|c| c.last_transition_time);
    r.failure = failure
        .map(|c| c.message.to_string())
        .filter(|message| !message.is_empty());
    let seen = d.metadata.generation <= status.observed_generation.unwrap_or_default();
    let (state, message) = if seen {
        deployment_state(&r, progressing)
    } else {
        (RolloutState::Unseen, texts::spec_unseen(WorkloadKind::Deployment))
    };
    r.state = state;
    r.message = message;
    r
}

/// When the controller last saw progress. The condition turns when the deadline has passed: the progress before was as long
/// ago by then, and what is noted later is none either.
fn progress_time(condition: &DeploymentCondition, deadline: Duration) -> Option<Timestamp> {
    if condition.reason == DEADLINE {
        let turned = condition.last_transition_time?;
        return Some(turned.checked_sub(deadline).unwrap_or(turned));
    }
    condition.last_update_time.or(condition.last_transition_time)
}

fn deployment_state(r: &Rollout, progressing: Option<&DeploymentCondition>) -> (RolloutState, Text) {
    let waiting = if r.updated < r.desired {
        texts::replicas_updated(r.updated, r.desired)
    } else if r.pods > r.updated {
        texts::old_replicas(r.pods - r.updated)
    } else if r.available < r.updated {
        texts::replicas_available(r.available, r.updated)
    } else {
        return (RolloutState::Complete, texts::rolled_out());
    };
    if progressing.is_some_and(|c| c.reason == DEADLINE) {
        return (RolloutState::Stuck, texts::past_deadline());
    }
    let state = if r.paused {
        RolloutState::Paused
    } else {
        RolloutState::Progressing
    };
    (state, waiting)
}

/// How a StatefulSet's rollout stands.
#[must_use]
pub fn stateful_set(object: Option<&StatefulSet>, _now: Timestamp) -> Rollout {
    let Some(s) = object else { return Rollout::gone() };
    let status = &s.status;
    let mut r = Rollout {
        desired: s.spec.replicas.unwrap_or(1),
        pods: status.replicas,
        updated: status.updated_replicas.unwrap_or_default(),
        ready: status.ready_replicas.unwrap_or_default(),
        available: status.available_replicas.unwrap_or_default(),
        ..Rollout::empty()
    };
    r.extra = (r.pods - r.desired).max(0);
    let strategy = &s.spec.update_strategy;
    let partition = strategy.rolling_update.partition.unwrap_or(0);
    // A controller that finds nothing to update reports neither number.
    if status.update_revision == status.current_revision && status.updated_replicas.is_none() {
        r.updated = status.current_replicas.unwrap_or(r.pods);
    }
    // Where all have one template, what is beyond those that are updated is on its way out.
    if status.update_revision != status.current_revision {
        r.old_pods = (r.pods - r.updated).max(0);
    }
    let observed = status.observed_generation.unwrap_or_default();
    if observed == 0 || s.metadata.generation > observed {
        r.message = texts::spec_unseen(WorkloadKind::StatefulSet);
        return r;
    }
    let on_delete = strategy.type_ == "OnDelete";
    let to_update = (r.desired - partition).max(0);
    let held = on_delete && r.updated < r.desired && status.update_revision != status.current_revision;
    (r.state, r.message) = if held && r.pods >= r.desired {
        (RolloutState::OnDelete, texts::on_delete(r.updated, r.desired))
    } else if r.ready < r.desired {
        (
            RolloutState::Progressing,
            texts::waiting_for_ready(r.desired - r.ready),
        )
    } else if !on_delete && r.updated < to_update {
        (RolloutState::Progressing, texts::partition(r.updated, to_update))
    } else if r.pods > r.desired {
        (
            RolloutState::Progressing,
            texts::waiting_for_gone(r.pods - r.desired),
        )
    } else {
        (RolloutState::Complete, texts::partition_done(r.updated))
    };
    r
}

/// How a DaemonSet's rollout stands.
#[must_use]
pub fn daemon_set(object: Option<&DaemonSet>, _now: Timestamp) -> Rollout {
    let Some(d) = object else { return Rollout::gone() };
    let status = &d.status;
    let mut r = Rollout {
        desired: status.desired_number_scheduled,
        pods: status.current_number_scheduled,
        updated: status.updated_number_scheduled.unwrap_or_default(),
        ready: status.number_ready,
        available: status.number_available.unwrap_or_default(),
        ..Rollout::empty()
    };
    r.old_pods = (r.pods - r.updated).max(0);
    if d.metadata.generation > status.observed_generation.unwrap_or_default() {
        r.message = texts::spec_unseen(WorkloadKind::DaemonSet);
        return r;
    }
    let strategy = &d.spec.update_strategy;
    let on_delete = strategy.type_ == "OnDelete";
    (r.state, r.message) = if r.updated < r.desired && on_delete {
        (RolloutState::OnDelete, texts::on_delete(r.updated, r.desired))
    } else if r.updated < r.desired {
        (
            RolloutState::Progressing,
            texts::pods_updated(r.updated, r.desired),
        )
    } else if r.available < r.desired {
        (
            RolloutState::Progressing,
            texts::pods_available(r.available, r.desired),
        )
    } else {
        (RolloutState::Complete, texts::rolled_out())
    };
    r
}

#[cfg(test)]
#[path = "rollout_tests.rs"]
mod tests;
