//! The kubelet ends a container because a probe of it fails: the program does not crash by itself.

use crate::{
    diagnosis::{
        detail::Detail,
        ends::Fall,
        finding::{Evidence, Found, Remedy},
        scene::{ContainerName, PodScene},
        surroundings::{self, ProbeKind},
    },
    incident::Problem,
    model::Text,
    objects::event_time,
    texts::diagnosis as texts,
};

/// The kubelet ends a container because a probe of it fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KilledByProbe {
    /// Which container.
    pub container: ContainerName,
    /// Which probe.
    pub probe: ProbeKind,
    /// What the probe answered; empty where it said nothing.
    pub answer: String,
    /// How the container ended, and how often.
    pub fall: Fall,
}

impl KilledByProbe {
    fn words(&self, container: &Text) -> Text {
        let words = match self.probe {
            ProbeKind::Startup => texts::killed_by_startup(container),
            _ => texts::killed_by_liveness(container),
        };
        texts::quoted(&words, &self.answer)
    }
}

impl Detail for KilledByProbe {
    const WORD: &'static str = "killed_by_probe";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        scene.containers().find_map(|of| {
            let fall = Fall::of(&of)?;
            let kill = fall.killed(&of)?;
            let mut finding = fall.clone().timed(of.finding(Self {
                container: of.name(),
                probe: kill.probe,
                answer: scene.look.quote(surroundings::answer(kill.event)),
                fall,
            }));
            finding.certainty = kill.certainty;
            finding.evidence.push(Evidence::Event {
                reason: kill.event.reason.to_string(),
                message: scene.look.quote(surroundings::message(kill.event)),
                at: event_time(kill.event),
            });
            Some(finding)
        })
    }

    fn text(&self) -> Text {
        self.words(&self.container.text())
            .and(texts::restarts(self.fall.restarts))
    }

    fn told(&self) -> Text {
        self.words(&self.container.bare())
    }

    fn problem(&self) -> Option<Problem> {
        self.fall.again.then_some(Problem::KilledByProbe)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::advice(texts::mend_probe()).or_back())
    }
}
