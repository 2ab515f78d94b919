//! A container ended with an error, and nothing says that it will do so again.

use crate::{
    diagnosis::{
        detail::Detail,
        ends::Fall,
        finding::{Certainty, Found},
        scene::{ContainerName, PodScene},
    },
    model::Text,
};

/// A container ended with an error once, or for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Which.
    pub container: ContainerName,
    /// How.
    pub fall: Fall,
}

impl Detail for Ended {
    const WORD: &'static str = "failed";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        scene.containers().find_map(|of| {
            let fall = Fall::of(&of)
                .filter(|fall| !fall.again && !fall.out_of_memory && fall.killed(&of).is_none())?;
            let container = of.name();
            let cause = Self { container, fall };
            let finding = cause.fall.clone().timed(of.finding(cause));
            Some(Found {
                certainty: Certainty::Possible,
                ..finding
            })
        })
    }

    fn text(&self) -> Text {
        self.fall.text(&self.container)
    }
}
