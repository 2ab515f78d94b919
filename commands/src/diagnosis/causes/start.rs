//! A container cannot be started: no such command, no such user, a hook that fails.

use crate::{
    diagnosis::{
        detail::Detail,
        ends::{Fall, is_start_error},
        finding::{Found, Remedy},
        scene::{ContainerName, PodScene},
    },
    incident::Problem,
    model::Text,
    texts::diagnosis as texts,
};

/// A container that the runtime cannot start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannotStart {
    /// Which.
    pub container: ContainerName,
    /// How it ended when that was tried.
    pub fall: Option<Fall>,
    /// Why, in the runtime's words.
    pub message: Option<String>,
    /// Whether it was tried before.
    pub again: bool,
}

impl Detail for CannotStart {
    const WORD: &'static str = "cannot_start";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        scene.containers().find_map(|of| {
            let fall = Fall::of(&of);
            let waits = of.waits().filter(|(reason, _)| is_start_error(reason));
            if waits.is_none() && !fall.as_ref().is_some_and(|fall| fall.not_started) {
                return None;
            }
            let again = fall.as_ref().is_some_and(|fall| fall.again);
            let cause = Self {
                container: of.name(),
                fall: fall.clone(),
                message: waits.and_then(|(_, message)| message),
                again,
            };
            let finding = of.finding(cause);
            Some(match fall {
                Some(fall) => fall.timed(finding),
                None => finding,
            })
        })
    }

    fn text(&self) -> Text {
        match (&self.message, &self.fall) {
            (None, Some(fall)) => fall.text(&self.container),
            (message, _) => {
                let words = texts::cannot_start(&self.container.text());
                texts::quoted(&words, message.as_deref().unwrap_or_default())
            }
        }
    }

    fn problem(&self) -> Option<Problem> {
        self.again.then_some(Problem::CrashLoopBackOff)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::roll_back())
    }
}
