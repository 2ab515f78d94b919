//! An image cannot be pulled.

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

/// An image cannot be pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePull {
    /// Whose.
    pub container: ContainerName,
    /// Which.
    pub image: String,
    /// Why, in the runtime's words.
    pub message: Option<String>,
}

/// Whether a container waits for an image that cannot be pulled.
fn is_image(reason: &str) -> bool {
    matches!(
        reason,
        "ImagePullBackOff"
            | "ErrImagePull"
            | "InvalidImageName"
            | "ErrImageNeverPull"
            | "ErrImagePullBackOff"
            | "ImageInspectError"
            | "RegistryUnavailable"
    )
}

impl ImagePull {
    fn words(&self, container: &Text) -> Text {
        let words = texts::image(container, &self.image);
        texts::quoted(&words, self.message.as_deref().unwrap_or_default())
    }
}

impl Detail for ImagePull {
    const WORD: &'static str = "image_pull";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        scene.containers().find_map(|of| {
            let (_, message) = of.waits().filter(|(reason, _)| is_image(reason))?;
            Some(of.finding(Self {
                container: of.name(),
                image: of.status.image.to_string(),
                message,
            }))
        })
    }

    fn text(&self) -> Text {
        self.words(&self.container.text())
    }

    fn told(&self) -> Text {
        self.words(&self.container.bare())
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::ImagePull)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::advice(texts::mend_image()).or_back())
    }
}
