//! What somebody wants to see of a log, whosever it is.

use std::time::Duration;

use super::sieve::Grep;
use crate::{
    input::{BadInput, Since},
    model::{Timestamp, since},
    texts,
};

/// Most lines of each pod that can be asked for.
pub(crate) const TAIL_MOST: i64 = 100_000;
/// Newest lines of each pod, when nothing else bounds what is asked for.
pub(super) const TAIL: i64 = 500;
/// The same where only what they have in common is told.
const TAIL_OF_PATTERNS: i64 = 10_000;
/// Furthest back. Nodes keep far less.
pub(crate) const BACK: Duration = Duration::from_secs(30 * 86_400);

/// How much of a log, and which lines of it.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) since: Option<Since>,
    /// Newest lines of each pod, where that was said.
    pub(crate) tail: Option<i64>,
    pub(crate) grep: Option<Grep>,
    /// Of the container that ran before the present one.
    pub(crate) previous: bool,
    /// What is said again and again, once, instead of the lines.
    pub(crate) patterns: bool,
}

impl Question {
    /// Newest lines of each pod; a search that is not bounded otherwise goes through all that there is.
    pub(crate) fn tail(&self) -> Option<i64> {
        match (self.tail, self.since, &self.grep) {
            (Some(tail), ..) => Some(tail),
            (None, None, None) if self.patterns => Some(TAIL_OF_PATTERNS),
            (None, None, None) => Some(TAIL),
            _ => None,
        }
    }

    /// Refuses a beginning that has not been, or of which no node knows any more.
    ///
    /// # Errors
    /// When it is one: the sentence says which moments are taken.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), BadInput> {
        let Some(Since::At(at)) = self.since else {
            return Ok(());
        };
        if at > now {
            return Err(
                BadInput::new(texts::logs::in_the_future(&at.to_string())).hint(texts::logs::beginnings())
            );
        }
        if since(at, now) > BACK {
            let what = texts::logs::too_long_ago(&at.to_string());
            return Err(BadInput::new(what).hint(texts::logs::within_the_last(BACK)));
        }
        Ok(())
    }
}
