//! A rollout made no progress within its deadline.

use super::{Detail, Finding, Problem, Remedy, Scene, Text};
use crate::{health::RolloutState, texts::diagnosis as texts};

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

impl PastDeadline {
    /// In a workload.
    pub(in crate::diagnosis) fn of(scene: &Scene<'_>) -> Option<Finding> {
        let rollout = scene.rollout;
        if rollout.state != RolloutState::Stuck {
            return None;
        }
        let finding = scene.finding(Self {
            revision: scene.revision,
            available: rollout.new_available(),
            desired: rollout.desired,
            old: rollout.old_pods,
        });
        Some(Finding {
            since: rollout.last_progress.unwrap_or(scene.look.now),
            ..finding
        })
    }
}

impl Detail for PastDeadline {
    const WORD: &'static str = "rollout_deadline";

    fn of_workload(scene: &Scene<'_>) -> Option<Finding> {
        Self::of(scene)
    }

    fn text(&self) -> Text {
        texts::no_progress(self.revision, self.available, self.desired, self.old)
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::RolloutDeadline)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::RollBack)
    }
}
