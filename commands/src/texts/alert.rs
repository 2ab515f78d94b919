//! `/ceo alert …`.

use crate::{model::Text, text};

/// The group.
pub(crate) fn summary() -> Text {
    text! { en: ["About incidents"], zh: ["处理故障"] }
}

/// The option.
pub(crate) fn incident() -> Text {
    text! { en: ["Its number"], zh: ["故障编号"] }
}

/// What is no number.
pub(crate) fn no_number(given: &str) -> Text {
    let given = crate::model::code(format!("incident: {given}"));
    text! { en: [given.clone(), " is not the number of an incident"], zh: [given, " 不是故障编号"] }
}

/// Where the numbers are.
pub(crate) fn see_status() -> Text {
    let status = crate::model::code("/ceo status");
    text! { en: ["Choose one that is open; ", status.clone(), " lists them."], zh: ["请选择未结束的故障，", status, " 会列出。"] }
}

/// `alert ack`.
pub(crate) fn ack() -> Text {
    text! { en: ["Say that you are on it"], zh: ["认领故障"] }
}

/// It is acked.
pub(crate) fn acked(headline: &Text) -> Text {
    text! { en: ["Acked ", headline], zh: ["已认领：", headline] }
}

/// What that does.
pub(crate) fn others_see() -> Text {
    text! { en: ["The others see that you are on it."], zh: ["其他人会看到由你处理。"] }
}

/// `alert silence`.
pub(crate) fn silence() -> Text {
    text! { en: ["No more of it for a while"], zh: ["暂时静默故障"] }
}

/// It is silenced.
pub(crate) fn silenced(headline: &Text) -> Text {
    text! { en: ["Silenced ", headline], zh: ["已静默：", headline] }
}

/// Until when.
pub(crate) fn silent_until(until: crate::model::Timestamp) -> Text {
    let until = crate::model::ago(until);
    text! {
        en: ["Its message stays as it is until it ends or the silence lapses, ", until.clone(), ". The record goes on."],
        zh: ["故障结束或静默过期（", until, "）之前，消息不再更新；记录照常进行。"],
    }
}
