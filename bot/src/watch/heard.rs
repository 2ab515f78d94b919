//! What was heard of a cluster last.

use ceo_commands::model::{Text, Timestamp};
use tokio::time::Instant;

/// What was heard of a cluster last.
#[derive(Default)]
pub(super) struct Heard {
    /// When it was asked.
    pub(super) asked: Option<Instant>,
    /// Since when there was no answer, and why.
    pub(super) silent: Option<(Timestamp, Text)>,
}
