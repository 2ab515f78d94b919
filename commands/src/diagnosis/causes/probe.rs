//! A container runs, and a probe says that it is not ready.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Evidence, Found, Remedy},
        scene::{ContainerName, InContainer, PodScene},
        surroundings::{self, ProbeKind},
    },
    health::{Unready, pod},
    incident::Problem,
    model::{Text, since},
    objects::{Event, event_time},
    texts::diagnosis as texts,
};

/// A container runs and does not become ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeFails {
    /// Which.
    pub container: ContainerName,
    /// Whether it has started up: then it is the readiness probe, else the startup probe.
    pub started: bool,
    /// Whether the probe is known to fail; else it has time left, and has only not passed yet.
    pub fails: bool,
    /// What the probe answered, where that is known.
    pub answer: String,
}

/// The warning that says so: of this run, and of as many failures as count.
fn failure<'a>(of: &InContainer<'a>, unready: &Unready) -> Option<&'a Event> {
    let wanted = if unready.started {
        ProbeKind::Readiness
    } else {
        ProbeKind::Startup
    };
    let threshold = i32::try_from(unready.threshold).unwrap_or(i32::MAX);
    of.unhealthy(|kind, event| {
        kind == wanted && surroundings::since_its_start(event, of.status) && event.times() >= threshold
    })
}

impl Detail for ProbeFails {
    const WORD: &'static str = "not_ready";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        let look = scene.look;
        if pod::is_ready(Some(scene.pod)) {
            return None;
        }
        // An init container has no readiness that anybody waits for.
        let mut running = scene.containers().filter(|of| !of.init);
        let (of, unready) = running.find_map(|of| Some((of, Unready::of(scene.pod, of.status)?)))?;
        let event = failure(&of, &unready);
        let begun = unready.running_since;
        // A start-up probe may fail as often as it is allowed to: that is what it is for.
        let says_so =
            event.is_some() && unready.started && begun.is_none_or(|at| since(at, look.now) >= look.patience);
        let fails = says_so || unready.is_overdue(scene.pod, look.patience, look.now);
        if !fails && !scene.late {
            return None;
        }
        let mut finding = of.finding(Self {
            container: of.name(),
            started: unready.started,
            fails,
            answer: event
                .map(|e| look.quote(surroundings::answer(e)))
                .unwrap_or_default(),
        });
        finding.certainty = match (fails, event) {
            (true, Some(_)) => Certainty::Seen,
            (true, None) => Certainty::Likely,
            (false, _) => Certainty::Possible,
        };
        finding.evidence.extend(event.map(|event| Evidence::Event {
            reason: event.reason.to_string(),
            message: look.quote(surroundings::message(event)),
            at: event_time(event),
        }));
        Some(finding)
    }

    fn text(&self) -> Text {
        let container = self.container.text();
        let words = match (self.started, self.fails) {
            (true, true) => texts::readiness_fails(&container),
            (true, false) => texts::readiness_waits(&container),
            (false, _) => texts::startup_fails(&container),
        };
        texts::quoted(&words, &self.answer)
    }

    fn problem(&self) -> Option<Problem> {
        self.fails.then_some(Problem::NotReady)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::roll_back())
    }
}
