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
    texts::{causes, diagnosis as texts},
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

/// The command that the runtime cannot execute.
struct Command {
    name: String,
    /// Whether it is there.
    found: bool,
}

impl Command {
    /// In the runtime's words: `exec: "/bin/x": stat /bin/x: no such file or directory`.
    fn of(message: &str) -> Option<Self> {
        let (_, rest) = message.split_once("exec: \"")?;
        let (name, why) = rest.split_once('"')?;
        let missing = why.contains("no such file or directory") || why.contains("executable file not found");
        let found = match missing {
            true => false,
            false if why.contains("permission denied") => true,
            false => return None,
        };
        let name = name.to_owned();
        Some(Self { name, found })
    }
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
                let message = message.as_deref().unwrap_or_default();
                let words = texts::cannot_start(&self.container.text());
                let words = match Command::of(message) {
                    Some(Command { name, found: false }) => {
                        causes::because(&words, &causes::no_such_command(&name))
                    }
                    Some(Command { name, found: true }) => {
                        causes::because(&words, &causes::command_not_executable(&name))
                    }
                    None => words,
                };
                texts::quoted(&words, message)
            }
        }
    }

    fn problem(&self) -> Option<Problem> {
        self.again.then_some(Problem::CrashLoopBackOff)
    }

    fn remedy(&self) -> Option<Remedy> {
        let message = self.message.as_deref().unwrap_or_default();
        Some(match Command::of(message) {
            Some(_) => Remedy::advice(causes::mend_command(&self.container.name)).or_back(),
            None => Remedy::roll_back(),
        })
    }
}
