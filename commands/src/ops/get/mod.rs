//! `/ceo get …`: lists of objects.

pub mod pods;

use super::{
    Entry,
    contract::{Group, Text},
};

/// The group.
pub const GROUP: Group = Group {
    word: "get",
    summary: Text {
        en: "List objects",
        zh: "列出对象",
    },
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![Entry::query(pods::GetPods)]
}
