//! What stands in every message of the chat, whatever it is about.

use crate::{model::Text, text};

/// What was left out of a list.
#[must_use]
pub fn more(n: usize) -> Text {
    text! { en: ["… ", n, " more"], zh: ["…… 另有 ", n, " 项"] }
}

/// In place of an empty message.
#[must_use]
pub fn nothing() -> Text {
    text! { en: ["Nothing to show"], zh: ["没有可显示的内容"] }
}

/// What the file with the uncut message is.
#[must_use]
pub fn whole_text() -> Text {
    text! { en: ["The whole text of this message"], zh: ["本消息的完整内容"] }
}

/// Under the title of a message that Discord refused.
#[must_use]
pub fn could_not_be_shown(reference: &str) -> Text {
    text! {
        en: ["The rest of this message could not be shown. Reference ", reference],
        zh: ["本消息其余内容无法显示。参考号 ", reference],
    }
}

/// Behind a step that was not needed.
#[must_use]
pub fn skipped() -> Text {
    text! { en: ["skipped"], zh: ["已跳过"] }
}

/// The button that ends a live view.
#[must_use]
pub fn stop() -> Text {
    text! { en: ["Stop"], zh: ["停止"] }
}

/// Under a live view that its owner ended.
#[must_use]
pub fn stopped() -> Text {
    text! { en: ["stopped"], zh: ["已停止"] }
}

/// Under a live view whose time is over.
#[must_use]
pub fn paused() -> Text {
    text! { en: ["paused"], zh: ["已暂停"] }
}

/// The command `/ceo`.
pub fn runbook() -> Text {
    text! { en: ["Kubernetes runbook"], zh: ["Kubernetes 运维手册"] }
}
