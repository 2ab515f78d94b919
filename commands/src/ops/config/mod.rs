//! `/ceo config …`: keys of ConfigMaps, and the way back.

mod key_change;
pub mod set;
pub mod undo;
mod users;

use super::{Entry, contract::Group};
use crate::texts;

/// The group.
pub(super) const GROUP: Group = Group {
    word: "config",
    summary: texts::config::summary,
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![Entry::change(set::ConfigSet), Entry::change(undo::ConfigUndo)]
}
