//! `/ceo alert …`: what people say about incidents. They change nothing in a cluster and need no second person, but a
//! grant of their own, and they are on record.

pub mod ack;
pub mod silence;

use super::{Entry, contract::Group};
use crate::texts;

/// The group.
pub(super) const GROUP: Group = Group {
    word: "alert",
    summary: texts::alert::summary,
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![Entry::record(ack::Ack), Entry::record(silence::Silence)]
}
