//! A container runs, and a probe says that it is not ready.

use crate::{diagnosis::{detail::Detail, finding::{Certainty, Found, Remedy}, scene::{ContainerName, PodScene}}, health::pod, model::Text, texts::diagnosis as texts};

/// A container runs and does not become ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeFails {
    /// Which.
    pub container: ContainerName,
    /// Whether it has started up: then it is the readiness probe, else the startup probe.
    pub started: bool,
}

impl Detail for ProbeFails {
    const WORD: &'static str = "not_ready";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        if pod::is_ready(Some(scene.pod)) {
            return None;
        }
        // An init container has no readiness that anybody waits for.
        let mut running = scene.containers().filter(|of| !of.init && !of.status.ready);
        let of = running.find(|of| of.status.state.waiting.is_none() && of.status.state.terminated.is_none())?;
        let finding = of.finding(Self {
            container: of.name(),
            started: of.status.started.unwrap_or(true),
        });
        Some(Found {
            certainty: Certainty::Likely,
            ..finding
        })
    }

    fn text(&self) -> Text {
        let container = self.container.text();
        if self.started {
            texts::readiness_fails(&container)
        } else {
            texts::startup_fails(&container)
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::RollBack)
    }
}
