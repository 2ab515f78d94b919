//! A container ends again and again.

use super::{Detail, Finding, PodScene, Problem, Remedy, Text};
use crate::diagnosis::{ends::Fall, scene::ContainerName};

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

    fn of_pod(scene: PodScene<'_>) -> Option<Finding> {
        scene.containers().find_map(|of| {
            let fall = Fall::of(&of).filter(|fall| fall.again && !fall.out_of_memory)?;
            // What cannot be started has its own cause, which says why.
            if fall.not_started || of.waits().is_some_and(|(reason, _)| super::is_start_error(reason)) {
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
        Some(Remedy::RollBack)
    }
}
