//! `/ceo rollout …`: rollouts as kubectl knows them, followed live, paused and resumed through the guard.

pub mod history;
pub mod pause;
pub mod resume;
pub mod status;
mod switch;

use super::{Entry, contract::Group};
use crate::texts::rollout as say;

/// The group.
pub(super) const GROUP: Group = Group {
    word: "rollout",
    summary: say::summary,
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![
        Entry::query(status::RolloutStatus),
        Entry::query(history::RolloutHistory),
        Entry::change(pause::Pause),
        Entry::change(resume::Resume),
    ]
}
