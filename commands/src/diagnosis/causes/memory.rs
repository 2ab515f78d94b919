//! A container used more memory than its limit.

use crate::{
    diagnosis::{
        detail::Detail,
        ends::Fall,
        finding::{Found, Remedy},
        scene::{ContainerName, PodScene},
    },
    incident::Problem,
    model::Text,
    texts::diagnosis as texts,
};

/// A container was killed because it used more memory than its limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfMemory {
    /// Which.
    pub container: ContainerName,
    /// How it ended, and how often.
    pub fall: Fall,
}

impl Detail for OutOfMemory {
    const WORD: &'static str = "out_of_memory";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        scene.containers().find_map(|of| {
            let fall = Fall::of(&of).filter(|fall| fall.out_of_memory)?;
            let container = of.name();
            let cause = Self { container, fall };
            Some(cause.fall.clone().timed(of.finding(cause)))
        })
    }

    fn text(&self) -> Text {
        self.fall.text(&self.container)
    }

    fn told(&self) -> Text {
        self.fall.told(&self.container)
    }

    fn problem(&self) -> Option<Problem> {
        self.fall.again.then_some(Problem::OomKilled)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::advice(texts::raise_memory()).or_back())
    }
}
