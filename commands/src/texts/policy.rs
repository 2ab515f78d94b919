//! People and quorums in words.

use crate::{model::Text, text};

/// `1 of @lead`.
pub(crate) fn count_of(count: u32, people: &Text) -> Text {
    text! { en: [count, " of ", people], zh: [people, " 中 ", count, " 人"] }
}

/// Between alternatives of which one is enough.
pub(crate) fn or_else() -> Text {
    text! { en: [", or "], zh: ["，或 "] }
}

/// Between what is all asked for.
pub(crate) fn and_also() -> Text {
    text! { en: ["; and "], zh: ["；以及 "] }
}
