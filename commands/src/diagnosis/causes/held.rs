//! A rollout stands still although nothing fails.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Found},
        scene::Scene,
    },
    health::RolloutState,
    model::Text,
    texts::diagnosis as texts,
};

/// Why a rollout stands still although nothing fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Somebody paused it.
    Paused,
    /// Pods are replaced when somebody deletes them.
    OnDelete {
        /// Pods of the newest template.
        updated: i32,
        /// All that shall be.
        desired: i32,
    },
    /// Its controller has not looked at the change yet.
    Unseen,
}

impl Detail for Held {
    const WORD: &'static str = "held";

    fn of_workload(scene: &Scene<'_>) -> Option<Found<Self>> {
        let rollout = scene.rollout;
        let (cause, certainty) = match rollout.state {
            RolloutState::Paused => (Self::Paused, Certainty::Seen),
            RolloutState::OnDelete => {
                let (updated, desired) = (rollout.updated, rollout.desired);
                (Self::OnDelete { updated, desired }, Certainty::Seen)
            }
            RolloutState::Unseen => (Self::Unseen, Certainty::Possible),
            _ => return None,
        };
        Some(Found {
            certainty,
            ..scene.finding(cause)
        })
    }

    fn text(&self) -> Text {
        match self {
            Self::Paused => texts::paused(),
            Self::OnDelete { updated, desired } => {
                texts::stop(&crate::texts::health::on_delete(*updated, *desired))
            }
            Self::Unseen => texts::unseen(),
        }
    }
}
