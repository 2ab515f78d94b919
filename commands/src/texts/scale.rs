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

/// While it goes on.
pub(crate) fn scaling(name: &str, from: i32, to: i32) -> Text {
    text! {
        en: ["Scaling ", name, " from ", i64::from(from), " to ", i64::from(to)],
        zh: ["正在将 ", name, " 从 ", i64::from(from), " 扩缩容至 ", i64::from(to)],
    }
}

/// What it is called.
pub(crate) fn noun(to: i32) -> Text {
    text! { en: ["Scaling to ", i64::from(to)], zh: ["扩缩容至 ", i64::from(to)] }
}

/// When it is over.
pub(crate) fn scaled(name: &str, from: i32, to: i32) -> Text {
    text! {
        en: ["Scaled ", name, " from ", i64::from(from), " to ", i64::from(to)],
        zh: ["已将 ", name, " 从 ", i64::from(from), " 扩缩容至 ", i64::from(to)],
    }
}

/// When it was turned back.
pub(crate) fn set_back(name: &str, to: i32, from: i32) -> Text {
    text! {
        en: ["Set ", name, " back from ", i64::from(to), " to ", i64::from(from)],
        zh: ["已将 ", name, " 从 ", i64::from(to), " 恢复至 ", i64::from(from)],
    }
}
