//! A pod failed as a whole: it was evicted, its node is gone, its deadline passed.

use crate::{
    diagnosis::{detail::Detail, finding::Found, scene::PodScene},
    health::pod,
    model::Text,
    texts::diagnosis as texts,
};

/// A pod failed as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodFailed {
    /// In a word: `Evicted`, `NodeLost`, `DeadlineExceeded`.
    pub reason: String,
    /// In a sentence.
    pub message: String,
}

impl Detail for PodFailed {
    const WORD: &'static str = "pod_failed";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        let status = &scene.pod.status;
        let whole = matches!(&*status.reason, "Evicted" | "NodeLost");
        let failed = !status.reason.is_empty() && pod::is_over(scene.pod);
        (whole || failed).then(|| {
            scene.finding(Self {
                reason: status.reason.to_string(),
                message: status.message.to_string(),
            })
        })
    }

    fn text(&self) -> Text {
        let words = match self.reason.as_str() {
            "Evicted" => texts::evicted(),
            "NodeLost" => texts::node_lost(),
            reason => texts::failed(reason),
        };
        texts::quoted(&words, &self.message)
    }
}
