//! A pod does not start, and an Event says why: a volume that cannot be mounted, a network that cannot be set up.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Evidence, Found, Remedy},
        scene::{InContainer, PodScene},
        surroundings,
    },
    health::pod,
    incident::Problem,
    model::Text,
    objects::event_time,
    texts::diagnosis as texts,
};

/// What an Event says of a pod that does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warned {
    /// In a word: `FailedMount`.
    pub reason: String,
    /// In a sentence.
    pub message: String,
}

impl Detail for Warned {
    const WORD: &'static str = "warned";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        if pod::is_ready(Some(scene.pod)) || !scene.containers().all(|of| is_starting(&of)) {
            return None;
        }
        let event = scene.warning(|event| {
            let belongs = surroundings::belongs(event, scene.pod, scene.look.now);
            // What is wrong before there is a node has its own cause.
            belongs && !scene.pod.spec.node_name.is_empty()
        })?;
        let (reason, message) = (
            event.reason.to_string(),
            scene.look.quote(surroundings::message(event)),
        );
        let mut finding = scene.finding(Self {
            reason: reason.clone(),
            message: message.clone(),
        });
        finding.certainty = Certainty::Likely;
        let at = event_time(event);
        finding.evidence.push(Evidence::Event { reason, message, at });
        Some(finding)
    }

    fn text(&self) -> Text {
        texts::warned(&self.reason, &spaced(&self.reason), &self.message)
    }

    fn problem(&self) -> Option<Problem> {
        let volume = matches!(
            self.reason.as_str(),
            "FailedMount" | "FailedAttachVolume" | "FailedMapVolume"
        );
        volume.then_some(Problem::Volume)
    }

    fn may_pass(&self) -> bool {
        true
    }

    fn remedy(&self) -> Option<Remedy> {
        let missing = self.message.contains("not found");
        missing.then(|| Remedy::advice(texts::make_reference()).or_back())
    }
}

/// Whether a container has not got so far that anything could be wrong with itself.
fn is_starting(of: &InContainer<'_>) -> bool {
    let waits = of.waits();
    of.is_done()
        || waits.is_some_and(|(reason, _)| matches!(reason, "ContainerCreating" | "PodInitializing" | ""))
}

/// `FailedMount` as words: `failed mount`.
fn spaced(reason: &str) -> String {
    let mut out = String::with_capacity(reason.len() + 4);
    for c in reason.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
