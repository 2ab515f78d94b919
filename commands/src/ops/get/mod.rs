//! `/ceo get …`: lists of objects.

pub mod pods;
pub mod services;

use super::{Entry, contract::Group};
use crate::texts;

/// The group.
pub(super) const GROUP: Group = Group {
    word: "get",
    summary: texts::get::summary,
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![Entry::query(pods::GetPods), Entry::query(services::GetServices)]
}
