//! What derives from the list of commands and is no command itself: the README's table, the manifests of rights, the
//! names that settings may use.

mod rbac;
mod table;

use ceo_commands::{
    ops::{Handler, contract::Spec},
    policy::Verb,
};
pub use rbac::{Account, Extras, Need, manifest, needs};
pub use table::table;

/// The specs of all commands, in the order of the catalogue.
pub fn specs() -> impl Iterator<Item = &'static Spec> {
    ceo_commands::ops::catalogue::all()
        .iter()
        .map(|entry| &entry.spec)
}

/// The paths of all commands.
#[must_use]
pub fn names() -> Vec<String> {
    specs().map(|s| s.path.to_owned()).collect()
}

/// How much a command can do at least.
#[must_use]
pub fn verb_of(name: &str) -> Option<Verb> {
    specs().find(|s| s.path == name).map(|s| s.verb)
}

/// Whether a command changes a cluster: only then something can stand before it.
#[must_use]
pub fn changes(name: &str) -> bool {
    ceo_commands::ops::catalogue::all()
        .iter()
        .any(|entry| entry.spec.path == name && matches!(entry.handler, Handler::Change(_)))
}
