//! An image cannot be pulled.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Found, Remedy},
        scene::{ContainerName, PodScene},
    },
    incident::Problem,
    model::Text,
    texts::{
        causes::{self, PullError},
        diagnosis as texts,
    },
};

/// An image cannot be pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePull {
    /// Whose.
    pub container: ContainerName,
    /// Which.
    pub image: String,
    /// Why, where the runtime's words tell it.
    pub why: Option<PullError>,
    /// Why, in the runtime's words.
    pub message: Option<String>,
}

/// Why, in the words of the runtime and the registry.
fn why(reason: &str, message: &str) -> Option<PullError> {
    let message = message.to_lowercase();
    let contains = |words: &[&str]| words.iter().any(|word| message.contains(word));
    match () {
        () if reason == "InvalidImageName" => Some(PullError::NoName),
        () if contains(&["repository does not exist or may require"]) => {
            Some(PullError::NotFoundOrUnauthorized)
        }
        () if contains(&["toomanyrequests", "429 too many"]) => Some(PullError::TooMany),
        () if contains(&[
            "unauthorized",
            "no basic auth",
            "authentication required",
            "403 forbidden",
            "access denied",
            "authorization failed",
        ]) =>
        {
            Some(PullError::Unauthorized)
        }
        () if contains(&[
            "no such host",
            "i/o timeout",
            "connection refused",
            "network is unreachable",
            "x509:",
            "tls handshake",
            "no route to host",
            "deadline exceeded",
        ]) =>
        {
            Some(PullError::Unreachable)
        }
        () if contains(&["not found", "manifest unknown"]) => Some(PullError::NotFound),
        () => None,
    }
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
        let words = match self.why {
            Some(why) => causes::because(&words, &causes::pull(why)),
            None => words,
        };
        texts::quoted(&words, self.message.as_deref().unwrap_or_default())
    }
}

impl Detail for ImagePull {
    const WORD: &'static str = "image_pull";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        scene.containers().find_map(|of| {
            let (reason, message) = of.waits().filter(|(reason, _)| is_image(reason))?;
            // What is told of it is cut: what it says may stand in what is left out.
            let whole = of.status.state.waiting.as_ref().map(|waiting| &*waiting.message);
            Some(of.finding(Self {
                container: of.name(),
                image: of.status.image.to_string(),
                why: why(reason, whole.unwrap_or_default()),
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
        let advice = self.why.map_or_else(texts::mend_image, causes::mend_pull);
        Some(Remedy::advice(advice).or_back())
    }
}
