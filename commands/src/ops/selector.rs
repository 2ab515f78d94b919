//! The option that selects objects by their labels, and what the API server says of one that it cannot read.

use crate::{
    cluster::{ClusterError, Select},
    failure::Failure,
    input::{BadInput, Opt},
    texts,
};

/// `app=postgres`, `tier in (web, api)`.
pub(super) const SELECTOR: Opt<Option<String>> =
    Opt::text("selector").about(texts::options::selector).optional();

/// The objects with such labels.
pub(super) fn select(labels: &str) -> Select {
    Select {
        labels: Some(labels.to_owned()),
        ..Select::default()
    }
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
