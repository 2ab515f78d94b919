//! `/ceo tune …`: what a workload may use, and between which bounds it is scaled.

pub mod hpa;
pub mod resources;

use super::{Entry, contract::Group};
use crate::texts;

/// The group.
pub(super) const GROUP: Group = Group {
    word: "tune",
    summary: texts::tune::summary,
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![
        Entry::change(resources::TuneResources),
        Entry::change(hpa::TuneHpa),
    ]
}
