//! `/ceo scale`.

use crate::{model::Text, text};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Set the number of pods"], zh: ["设置 Pod 数量"] }
}

/// The option.
pub(crate) fn replicas() -> Text {
    text! { en: ["How many pods"], zh: ["Pod 数量"] }
}
