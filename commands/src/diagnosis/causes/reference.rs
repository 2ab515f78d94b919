//! What a container refers to is missing: a Secret, a ConfigMap, a key.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Found, Remedy},
        scene::{ContainerName, PodScene},
    },
    incident::Problem,
    model::Text,
    texts::diagnosis as texts,
};

/// A Secret, a ConfigMap or a key that a container refers to is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingReference {
    /// Whose.
    pub container: ContainerName,
    /// What, in the kubelet's words.
    pub message: Option<String>,
}

impl Detail for MissingReference {
    const WORD: &'static str = "bad_config";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        scene.containers().find_map(|of| {
            let (_, message) = of
                .waits()
                .filter(|(reason, _)| *reason == "CreateContainerConfigError")?;
            let container = of.name();
            Some(of.finding(Self { container, message }))
        })
    }

    fn text(&self) -> Text {
        let words = texts::reference_missing(&self.container.text());
        texts::quoted(&words, self.message.as_deref().unwrap_or_default())
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::MissingReference)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::advice(texts::make_reference()).or_back())
    }
}
