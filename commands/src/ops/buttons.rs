//! Buttons that lead from the card of one command to another command.

use crate::{
    input::{line_about, line_of},
    model::{Act, Action, Shortcut, Style, Text, TicketId, Workload},
    texts,
};

/// A button that stops a run between steps.
pub(super) fn hold(ticket: TicketId) -> Action {
    Action::new(Act::Hold, ticket, texts::workflow::hold(), Style::Secondary)
}

/// A button that turns a run back.
pub(super) fn roll_back_now(ticket: TicketId) -> Action {
    Action::new(
        Act::RollBackNow,
        ticket,
        texts::workflow::roll_back_now(),
        Style::Danger,
    )
}

/// A button that shows the state of a workload.
pub(super) fn status(workload: &Workload) -> Action {
    Action::run(
        Shortcut::Status.path(),
        line_about(workload),
        texts::buttons::status(),
    )
}

/// A button that shows the logs of a workload or a pod.
pub(super) fn logs(of: &impl ToString) -> Action {
    Action::run(
        Shortcut::Logs.path(),
        line_about(of.to_string()),
        texts::buttons::logs(),
    )
}

/// A button that asks why something does not work.
pub(super) fn diagnose(of: &impl ToString, label: Text) -> Action {
    let asks = Shortcut::Diagnose;
    Action::run(asks.path(), line_of(asks.about(), of.to_string()), label)
}

/// A button that lists the pods of a workload.
pub(super) fn pods(workload: &Workload) -> Action {
    let lists = Shortcut::Pods;
    Action::run(
        lists.path(),
        line_of(lists.about(), workload),
        texts::buttons::pods(),
    )
}
