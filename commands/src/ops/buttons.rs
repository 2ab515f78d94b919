//! Buttons that lead from the card of one command to another command.

use crate::{
    input::line_about,
    model::{Action, Workload},
};

/// A button that shows the state of a workload.
pub(super) fn status(workload: &Workload) -> Action {
    Action::run("status", line_about(workload), "Status")
}

/// A button that shows the logs of a workload.
pub(super) fn logs(workload: &Workload) -> Action {
    Action::run("logs", line_about(workload), "Logs")
}
