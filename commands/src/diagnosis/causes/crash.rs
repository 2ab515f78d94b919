//! A container ends again and again.

use crate::{
    diagnosis::{
        detail::Detail,
        ends::{Fall, is_start_error},
        finding::{Found, Remedy},
        scene::{ContainerName, PodScene},
    },
    incident::Problem,
    model::Text,
};

/// A container ends again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrashLoop {
    /// Which.
    pub container: ContainerName,
    /// How it ended, and how often.
    pub fall: Fall,
}

impl Detail for CrashLoop {
    const WORD: &'static str = "crash_loop";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        scene.containers().find_map(|of| {
            let fall = Fall::of(&of).filter(|fall| fall.again && !fall.out_of_memory)?;
            // What cannot be started has its own cause, which says why.
            if fall.not_started
                || fall.killed(&of).is_some()
                || of.waits().is_some_and(|(reason, _)| is_start_error(reason))
            {
                return None;
            }
            let container = of.name();
            let cause = Self { container, fall };
            Some(cause.fall.clone().timed(of.finding(cause)))
        })
    }

    fn text(&self) -> Text {
        self.fall.text(&self.container)
    }

    fn told(&self) -> Text {
        self.fall.told(&self.container)
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::CrashLoopBackOff)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::roll_back())
    }
}
