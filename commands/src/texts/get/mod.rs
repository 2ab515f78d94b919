//! `/ceo get …`: the group, and the heads of columns that several lists have.

pub(crate) mod pods;
pub(crate) mod services;

use std::time::Duration;

use crate::{model::Text, text};

/// The group.
pub(crate) fn summary() -> Text {
    text! { en: ["List objects"], zh: ["列出对象"] }
}

/// The head of a column.
pub(crate) fn name() -> Text {
    text! { en: ["NAME"], zh: ["名称"] }
}

/// A length of time as kubectl's columns have it, in one unit: `10m`, `3h`, `2d`.
pub(crate) fn brief(length: Duration) -> Text {
    let s = length.as_secs();
    Text::from(match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{}m", s / 60),
        3600..86_400 => format!("{}h", s / 3600),
        _ => format!("{}d", s / 86_400),
    })
}

/// `selector app=postgres`, as a part of a title.
pub(crate) fn of_selector(selector: &str) -> Text {
    text! { en: ["selector ", selector], zh: ["选择器 ", selector] }
}
