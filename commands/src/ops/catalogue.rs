//! The list of all commands. The slash schema, help, completion, RBAC manifest, README table, audit names and metric
//! labels all derive from it.

use std::sync::LazyLock;

use super::{
    Entry, audit::Audit, get, guard, help::Help, logs::Logs, rollback::Rollback, scale::Scale, status::Status,
};

static ALL: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    [
        vec![Entry::query(Status)],
        get::commands(),
        vec![Entry::query(Logs), Entry::change(Scale), Entry::change(Rollback)],
        guard::commands(),
        vec![Entry::query(Audit), Entry::query(Help)],
    ]
    .into_iter()
    .flatten()
    .collect()
});

/// Every command, in the order of the help.
#[must_use]
pub fn all() -> &'static [Entry] {
    &ALL
}

/// The command of a full name: `get pods`.
#[must_use]
pub fn find(full_name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.spec.full_name() == full_name)
}
