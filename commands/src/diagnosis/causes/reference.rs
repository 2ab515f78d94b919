//! What a container refers to is missing: a Secret, a ConfigMap, a key.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Found, Remedy},
        scene::{ContainerName, PodScene},
    },
    incident::Problem,
    model::Text,
    texts::{
        causes::{self, Identity},
        diagnosis as texts,
    },
};

/// A Secret, a ConfigMap or a key that a container refers to is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingReference {
    /// Whose.
    pub container: ContainerName,
    /// What, in the kubelet's words.
    pub message: Option<String>,
}

impl MissingReference {
    /// The kind and the name of what is not there, where the kubelet's words tell it.
    #[must_use]
    pub fn object(&self) -> Option<(&'static str, &str)> {
        missing_object(self.message.as_deref()?)
    }
}

/// The kind and the name of a ConfigMap or a Secret of which the kubelet says that it is not there.
#[must_use]
pub fn missing_object(message: &str) -> Option<(&'static str, &str)> {
    let missing = Missing::of(message)?;
    missing.key.is_none().then_some((missing.kind, missing.name))
}

/// What is not there, in the kubelet's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Missing<'m> {
    /// `ConfigMap` or `Secret`.
    kind: &'static str,
    /// Its name.
    name: &'m str,
    /// The key that it lacks, where it is there itself.
    key: Option<&'m str>,
}

impl<'m> Missing<'m> {
    /// `secret "x" not found`; `couldn't find key url in Secret shop/x`.
    fn of(message: &'m str) -> Option<Self> {
        for (word, kind) in [("secret \"", "Secret"), ("configmap \"", "ConfigMap")] {
            if let Some((_, rest)) = message.split_once(word)
                && let Some((name, after)) = rest.split_once('"')
                && after.starts_with(" not found")
            {
                let key = None;
                return Some(Self { kind, name, key });
            }
        }
        let (_, rest) = message.split_once("couldn't find key ")?;
        let (key, rest) = rest.split_once(" in ")?;
        let (kind, rest) = match rest.split_once(' ')? {
            ("Secret", rest) => ("Secret", rest),
            ("ConfigMap", rest) => ("ConfigMap", rest),
            _ => return None,
        };
        let (_, name) = rest.split_once('/')?;
        let name = name.split([' ', ',']).next().unwrap_or(name);
        let key = Some(key);
        Some(Self { kind, name, key })
    }
}

/// Why a container may not run as the user that it would run as, in the kubelet's words.
fn identity(message: &str) -> Option<Identity> {
    match () {
        () if message.contains("runAsNonRoot and image will run as root") => Some(Identity::Root),
        () if message.contains("runAsNonRoot and image has non-numeric user") => Some(Identity::NotNumeric),
        () if message.contains("runAsUser breaks non-root policy") => Some(Identity::SetToRoot),
        () => None,
    }
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
        let message = self.message.as_deref().unwrap_or_default();
        match Missing::of(message) {
            Some(Missing {
                kind,
                name,
                key: None,
            }) => causes::because(&words, &causes::no_such_object(kind, name)),
            Some(Missing {
                kind,
                name,
                key: Some(key),
            }) => causes::because(&words, &causes::no_such_key(kind, name, key)),
            None if message.is_empty() || message.contains("not found") => texts::quoted(&words, message),
            // Something else of how it is set up.
            None => {
                let words = causes::cannot_be_set_up(&self.container.text());
                let words = match identity(message) {
                    Some(why) => causes::because(&words, &causes::identity(why)),
                    None => words,
                };
                texts::quoted(&words, message)
            }
        }
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::MissingReference)
    }

    fn remedy(&self) -> Option<Remedy> {
        let message = self.message.as_deref().unwrap_or_default();
        let advice = match identity(message) {
            Some(_) => causes::mend_identity(&self.container.name),
            None if message.is_empty() || message.contains("not found") || Missing::of(message).is_some() => {
                texts::make_reference()
            }
            None => causes::mend_set_up(&self.container.name),
        };
        Some(Remedy::advice(advice).or_back())
    }
}
