//! `/ceo guard …`: what is asked for and who decides it.

pub mod pending;

use super::{
    Entry,
    contract::{Group, Text},
};

/// The group.
pub const GROUP: Group = Group {
    word: "guard",
    summary: Text {
        en: "Requests and approvals",
        zh: "请求与审批",
    },
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![Entry::query(pending::GuardPending)]
}
