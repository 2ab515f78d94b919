//! Why a living message waits, or is given up. Only logs and the store tell it: who would read it in the chat is whom the
//! message did not reach.

use crate::discord::{
    ports::RowsError,
    rest::{RestError, code},
};

/// Why a message waits for another try.
#[derive(Debug, thiserror::Error)]
pub(super) enum Waits {
    /// Discord failed, or did not answer.
    #[error("{0}")]
    Rest(RestError),
    /// The store failed, or did not answer.
    #[error("{0}")]
    Store(#[from] RowsError),
    /// What a long button stands for is stored before it is shown.
    #[error("the store did not take the buttons")]
    Buttons,
    /// An answer to a post that has no id.
    #[error("Discord did not name the message that it took")]
    Unnamed,
}

/// Why a message is given up, and what an administrator must do.
#[derive(Debug, thiserror::Error)]
#[error("{why}; {fix}")]
pub(super) struct Broken {
    why: RestError,
    fix: Fix,
}

#[derive(Debug, thiserror::Error)]
enum Fix {
    #[error("the channel does not exist any more: set another one in [discord.channels]")]
    NoChannel,
    #[error("let the bot see the channel: permission View Channel")]
    Unseen,
    #[error("give the bot Send Messages, Embed Links, Attach Files and Read Message History in the channel")]
    NoPermission,
    #[error("see the error")]
    Other,
}

/// What a refusal means: another try later, or that somebody must act first.
pub(super) fn of(error: &RestError) -> Result<Waits, Broken> {
    let fix = match error.code() {
        Some(code::UNKNOWN_CHANNEL) => Fix::NoChannel,
        Some(code::NO_ACCESS) => Fix::Unseen,
        Some(code::NO_PERMISSION) => Fix::NoPermission,
        _ if error.passing() || matches!(error, RestError::Refused { status: 401, .. }) => {
            return Ok(Waits::Rest(error.clone()));
        }
        _ => Fix::Other,
    };
    let why = error.clone();
    Err(Broken { why, fix })
}
