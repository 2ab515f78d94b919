//! What follows from a step of a stored thing. Tickets, incidents and what comes later decide purely; the engine carries
//! out what they name.

use super::{Text, UserId};

/// What follows from a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The new state must be stored, whether or not anybody is told.
    Store,
    /// The message must show the new state.
    Show,
    /// The message must show what the step itself put into it.
    Say,
    /// Somebody must be called to it, in a message of its own.
    Call(UserId, Text),
    /// A row for the audit: the event's word, and a detail.
    Record(&'static str, String),
    /// The run may begin.
    Launch,
}

/// Why an event does nothing, as the person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub Text);
