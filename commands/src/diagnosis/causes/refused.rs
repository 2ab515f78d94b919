//! The API server refuses a workload's pods: an admission webhook, a policy, a missing account.

use crate::{
    diagnosis::{detail::Detail, finding::Found, scene::Scene},
    incident::Problem,
    model::Text,
    texts::diagnosis as texts,
};

/// The API server refuses the pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why, in its words; empty where nothing of that may be told.
    pub why: String,
}

impl Detail for Refused {
    const WORD: &'static str = "refused";

    fn of_workload(scene: &Scene<'_>) -> Option<Found<Self>> {
        let why = scene
            .refusal()
            .filter(|why| !why.starts_with("exceeded quota: "))?;
        Some(Found {
            since: scene.refused_since(),
            ..scene.finding(Self { why })
        })
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::PodsRefused)
    }

    fn text(&self) -> Text {
        if self.why.is_empty() {
            texts::pods_cannot_be_made(&texts::refused())
        } else {
            texts::pods_cannot_be_made(&self.why.as_str().into())
        }
    }
}
