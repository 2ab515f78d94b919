//! `/ceo get …`: the group, and the heads of columns that several lists have.

pub(crate) mod pods;
pub(crate) mod services;

use std::time::Duration;

use crate::{
    model::{Text, spell},
    text,
    texts::common,
};

/// The group.
pub(crate) fn summary() -> Text {
    text! { en: ["List objects"], zh: ["列出对象"] }
}

/// The head of a column.
pub(crate) fn name() -> Text {
    text! { en: ["NAME"], zh: ["名称"] }
}

/// The head of a column.
pub(crate) fn ready() -> Text {
    text! { en: ["READY"], zh: ["就绪"] }
}

/// The head of a column.
pub(crate) fn status() -> Text {
    text! { en: ["STATUS"], zh: ["状态"] }
}

/// The head of a column.
pub(crate) fn age() -> Text {
    text! { en: ["AGE"], zh: ["时长"] }
}

/// A length of time in one unit, so that it fits a column.
pub(crate) fn brief(length: Duration) -> Text {
    let s = length.as_secs();
    let whole = match s {
        0..60 => s,
        60..3600 => s / 60 * 60,
        3600..86_400 => s / 3600 * 3600,
        _ => s / 86_400 * 86_400,
    };
    let whole = Duration::from_secs(whole);
    text! { en: [spell(whole)], zh: [common::length(whole)] }
}

/// `selector app=postgres`, as a part of a title.
pub(crate) fn of_selector(selector: &str) -> Text {
    text! { en: ["selector ", selector], zh: ["选择器 ", selector] }
}
