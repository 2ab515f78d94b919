//! `/ceo get pods`.

use crate::{model::Text, text};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Pods: state, restarts, age"], zh: ["Pod 的状态、重启次数与时长"] }
}

/// The option.
pub(crate) fn selector() -> Text {
    text! { en: ["Like app=postgres"], zh: ["标签，如 app=postgres"] }
}

/// The option.
pub(crate) fn sort() -> Text {
    text! { en: ["What comes first"], zh: ["排序"] }
}
