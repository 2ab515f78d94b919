//! The causes that are known, the worst first. A new one is a file with a type that implements [`Detail`], and a line in
//! the list below: status, incidents and stuck runs know it from then on.

use super::{
    finding::{Finding, Remedy},
    scene::{PodScene, Scene},
};
use crate::{incident::Problem, model::Text};

/// One cause: how it is found, and what is said of it. What it holds are facts; its words are in `texts`.
trait Detail: Into<Cause> {
    /// The word in tests and metrics: `image_pull`.
    const WORD: &'static str;

    /// In a pod, as its own status and the Events tell it.
    fn of_pod(_: PodScene<'_>) -> Option<Finding> {
        None
    }

    /// In a workload as a whole.
    fn of_workload(_: &Scene<'_>) -> Option<Finding> {
        None
    }

    /// What is wrong, in words.
    fn text(&self) -> Text;

    /// The same under a title that names the workload and counts pods and restarts.
    fn told(&self) -> Text {
        self.text()
    }

    /// The kind of incident that it makes.
    fn problem(&self) -> Option<Problem> {
        None
    }

    /// What to do about it.
    fn remedy(&self) -> Option<Remedy> {
        None
    }
}

macro_rules! causes {
    ($($module:ident::$name:ident),* $(,)?) => {
        $(mod $module; pub use $module::$name;)*

        /// What can be wrong, with the facts of the case.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Cause {
            $(#[doc = concat!("See [`", stringify!($name), "`].")] $name($name)),*
        }

        $(impl From<$name> for Cause {
            fn from(detail: $name) -> Self {
                Self::$name(detail)
            }
        })*

        impl Cause {
            /// The word in tests and metrics: `image_pull`.
            #[must_use]
            pub fn word(&self) -> &'static str {
                match self { $(Self::$name(_) => $name::WORD),* }
            }

            /// What is wrong, in words.
            #[must_use]
            pub fn text(&self) -> Text {
                match self { $(Self::$name(detail) => detail.text()),* }
            }

            /// The same under a title that names the workload and counts pods and restarts.
            #[must_use]
            pub fn told(&self) -> Text {
                match self { $(Self::$name(detail) => detail.told()),* }
            }

            /// The kind of incident that it makes, where it is one that is told by itself.
            #[must_use]
            pub fn problem(&self) -> Option<Problem> {
                match self { $(Self::$name(detail) => detail.problem()),* }
            }

            /// What to do about it.
            #[must_use]
            pub fn remedy(&self) -> Option<Remedy> {
                match self { $(Self::$name(detail) => detail.remedy()),* }
            }

            /// Its place in the list: the worst first.
            #[must_use]
            pub fn rank(&self) -> usize {
                const WORDS: &[&str] = &[$($name::WORD),*];
                WORDS.iter().position(|word| *word == self.word()).unwrap_or(WORDS.len())
            }
        }

        /// All that is wrong with a pod, the worst first.
        pub(super) fn of_pod(scene: PodScene<'_>) -> Vec<Finding> {
            [$($name::of_pod(scene)),*].into_iter().flatten().collect()
        }

        /// All that is wrong with a workload beside its pods, the worst first.
        pub(super) fn of_workload(scene: &Scene<'_>) -> Vec<Finding> {
            [$($name::of_workload(scene)),*].into_iter().flatten().collect()
        }
    };
}

pub(super) use start::is_start_error;

causes! {
    memory::OutOfMemory,
    crash::CrashLoop,
    start::CannotStart,
    reference::MissingReference,
    image::ImagePull,
    scheduling::Unschedulable,
    ended::Ended,
    whole::PodFailed,
    warning::Warned,
    probe::ProbeFails,
    gate::Gated,
    quota::QuotaUsedUp,
    refused::Refused,
    held::Held,
    deadline::PastDeadline,
    node::NodeNotReady,
}
