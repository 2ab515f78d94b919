//! `/ceo runbook …`: the team's own manual.

pub mod find;
mod in_chat;
pub mod note;

use super::{Entry, contract::Group};
use crate::texts;

/// The group.
pub(super) const GROUP: Group = Group {
    word: "runbook",
    summary: texts::runbook::summary,
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![Entry::query(find::RunbookFind), Entry::record(note::RunbookNote)]
}
