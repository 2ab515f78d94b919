//! A rollout made no progress within its deadline.

use crate::{
    cluster::WorkloadObject,
    diagnosis::{
        detail::Detail,
        finding::{Found, Remedy},
        scene::Scene,
    },
    health::RolloutState,
    incident::Problem,
    model::Text,
    texts::diagnosis as texts,
};

/// A rollout made no progress within its deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastDeadline {
    /// To which revision.
    pub revision: Option<i64>,
    /// New pods that are available.
    pub available: i32,
    /// Pods that there shall be.
    pub desired: i32,
    /// Pods that are of an older revision.
    pub old: i32,
}

impl Detail for PastDeadline {
    const WORD: &'static str = "rollout_deadline";

    fn of_workload(scene: &Scene<'_>) -> Option<Found<Self>> {
        let rollout = scene.rollout;
        if rollout.state != RolloutState::Stuck {
            return None;
        }
        let finding = scene.finding(Self {
            revision: scene.workload.and_then(WorkloadObject::revision),
            available: rollout.new_available(),
            desired: rollout.desired,
            old: rollout.old_pods,
        });
        Some(Found {
            since: rollout.overdue_since.unwrap_or(scene.look.now),
            ..finding
        })
    }

    fn text(&self) -> Text {
        texts::no_progress(self.revision, self.available, self.desired, self.old)
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::RolloutDeadline)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::roll_back())
    }
}
