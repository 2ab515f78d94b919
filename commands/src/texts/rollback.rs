//! `/ceo rollback`.

use crate::{model::Text, text};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Go back to an earlier revision"], zh: ["回滚到之前的版本"] }
}

/// The option.
pub(crate) fn revision() -> Text {
    text! { en: ["Default: previous"], zh: ["默认：上一个版本"] }
}
