//! `/ceo exec …`: commands in containers.

pub mod check;
pub mod free;
pub mod probe;
mod told;

use super::{Entry, contract::Group};
use crate::texts;

/// The group.
pub(super) const GROUP: Group = Group {
    word: "exec",
    summary: texts::exec::summary,
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![
        Entry::query(check::ExecCheck),
        Entry::change(probe::ExecProbe),
        Entry::change(free::ExecFree),
    ]
}
