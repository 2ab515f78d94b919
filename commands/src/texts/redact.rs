//! What is said about what is hidden.

use crate::{model::Text, text};

/// Why a button is missing.
pub(crate) fn no_button() -> Text {
    text! {
        en: ["what was typed looks like it holds a secret, so no button repeats it"],
        zh: ["输入内容疑似包含密钥，故不提供重复该操作的按钮"],
    }
}
