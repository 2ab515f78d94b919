//! `/ceo get …`.

pub(crate) mod pods;

use crate::{model::Text, text};

/// The group.
pub(crate) fn summary() -> Text {
    text! { en: ["List objects"], zh: ["列出对象"] }
}
