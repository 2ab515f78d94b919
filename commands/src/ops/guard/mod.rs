//! `/ceo guard …`: what is asked for and who decides it.

pub mod pending;

use super::{Entry, contract::Group};
use crate::texts;

/// The group.
pub(super) const GROUP: Group = Group {
    word: "guard",
    summary: texts::guard::summary,
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![Entry::query(pending::GuardPending)]
}
