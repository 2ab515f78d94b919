//! What every cause has to say of itself.

use super::{
    finding::{Found, Remedy},
    scene::{PodScene, Scene},
};
use crate::{incident::Problem, model::Text};

/// One cause: how it is found, and what is said of it. What it holds are facts; its words are in `texts`.
pub(super) trait Detail: Sized {
    /// The word in tests and metrics: `image_pull`.
    const WORD: &'static str;

    /// In a pod, as its own status and the Events tell it.
    fn of_pod(_: PodScene<'_>) -> Option<Found<Self>> {
        None
    }

    /// In a workload as a whole.
    fn of_workload(_: &Scene<'_>) -> Option<Found<Self>> {
        None
    }

    /// What is wrong, in words.
    fn text(&self) -> Text;

    /// The same under a title that names the workload and counts pods and restarts.
    fn told(&self) -> Text {
        self.text()
    }

    /// The same behind the word of kubectl's STATUS column, without that word.
    fn without_status(&self) -> Text {
        self.text()
    }

    /// Whether it often passes by itself within moments, so that a first sight proves little.
    fn may_pass(&self) -> bool {
        self.problem().is_some_and(Problem::may_pass)
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
