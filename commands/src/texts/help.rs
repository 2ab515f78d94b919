//! `/ceo help`.

use crate::{model::Text, text};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["What you and others may do"], zh: ["您与他人可用的命令"] }
}

/// The option.
pub(crate) fn command() -> Text {
    text! { en: ["One command"], zh: ["某一命令"] }
}
