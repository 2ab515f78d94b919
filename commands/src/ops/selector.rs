//! The option that selects objects by their labels, and what the API server says of one that it cannot read.

use crate::{
    cluster::{ClusterError, Select},
    failure::Failure,
    input::{BadInput, Opt},
    model::Text,
    texts,
};

/// `app=postgres`, `tier in (web, api)`.
pub(super) const SELECTOR: Opt<Option<String>> =
    Opt::text("selector").about(texts::options::selector).optional();

/// The most objects that are read for a selector: whoever types one that fits all does not fill the bot's memory.
pub(super) const MOST: u32 = 500;

/// The objects with such labels, no more than [`MOST`].
pub(super) fn select(labels: &str) -> Select {
    Select::labels(labels).at_most(MOST)
}

/// What is to be said when as many came as were asked for.
pub(super) fn limited(came: usize) -> Option<Text> {
    (came >= MOST as usize).then(|| texts::options::only_the_first(came))
}

/// A list that failed, because of the selector or otherwise.
pub(super) fn unreadable(error: ClusterError, labels: &str) -> Failure {
    match error {
        ClusterError::Invalid { message } => {
            BadInput::new(texts::options::unreadable_selector(labels, &message))
                .hint(texts::options::selectors())
                .into()
        }
        other => other.into(),
    }
}
