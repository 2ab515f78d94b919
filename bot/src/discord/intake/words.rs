//! What the gateway itself has to say, before or instead of the engine.

use ceo_commands::{
    failure::Failure,
    model::{Reference, Report, Tone},
    ops::{contract::Query, guard::pending::GuardPending},
    texts::discord as texts,
};

use crate::discord::schema;

/// Why the engine gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// A button of another version, or whose text is no longer stored.
    Old,
    /// A request from another server, or from a direct message.
    Elsewhere,
    /// Too many requests at once.
    Busy,
    /// It took longer than an answer can be given.
    Late,
    /// Discord sent something that could not be read.
    Unreadable,
    /// The handler failed.
    Failed,
}

impl Trouble {
    /// What the person reads.
    pub(super) fn report(self, reference: &Reference) -> Report {
        let (tone, [what, todo]) = match self {
            Self::Old => (Tone::Waiting, texts::old_button()),
            Self::Elsewhere => (Tone::Waiting, texts::elsewhere()),
            Self::Busy => (Tone::Waiting, texts::busy()),
            Self::Late => (Tone::Bad, texts::late(&where_to_look())),
            Self::Unreadable => (Tone::Bad, texts::unreadable()),
            Self::Failed => return Failure::Internal(String::new()).report(reference),
        };
        Report::new(tone, what)
            .line(todo)
            .footer(texts::reference(reference))
    }
}

/// The command that shows what was started.
fn where_to_look() -> String {
    format!("/{} {}", schema::NAME, GuardPending::SPEC.path)
}
