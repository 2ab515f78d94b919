//! Something holds a pod back from being scheduled.

use crate::{
    diagnosis::{detail::Detail, finding::Found, scene::PodScene},
    model::Text,
    texts::diagnosis as texts,
};

/// A scheduling gate holds the pod back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gated {
    /// In the scheduler's words.
    pub message: String,
}

impl Detail for Gated {
    const WORD: &'static str = "gated";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        let condition = scene.pod.status.condition("PodScheduled")?;
        let gated = condition.status == "False" && condition.reason == "SchedulingGated";
        let message = condition.message.to_string();
        gated.then(|| scene.finding(Self { message }))
    }

    fn text(&self) -> Text {
        texts::quoted(&texts::gated(), &self.message)
    }
}
