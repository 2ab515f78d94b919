//! `/ceo get hpa`.

use crate::{model::Text, text, texts::get::Noun};

/// What is listed.
pub(crate) const NOUN: Noun = Noun {
    one: "HPA",
    many: "HPAs",
    zh: "HPA",
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Autoscalers: now and target"], zh: ["HPA 当前值与目标值"] }
}

/// It would want more pods than it may have.
pub(crate) fn at_maximum(max: i32) -> Text {
    text! { en: ["at its maximum of ", max], zh: ["已达上限 ", max] }
}

/// It cannot scale, in the controller's words.
pub(crate) fn cannot(words: &str) -> Text {
    if words.is_empty() {
        text! { en: ["it cannot scale now"], zh: ["目前无法扩缩容"] }
    } else {
        text! { en: ["it cannot scale now: ", words], zh: ["目前无法扩缩容：", words] }
    }
}

/// Pods now, and the bounds.
pub(crate) fn pods(now: i32, min: i32, max: i32) -> Text {
    text! { en: [now, " (", min, " to ", max, ")"], zh: [now, "（", min, " 至 ", max, "）"] }
}

/// Between two metrics of a cell.
pub(crate) fn comma() -> Text {
    crate::texts::diagnosis::comma()
}

/// A metric that is none of a resource.
pub(crate) fn other_metrics() -> Text {
    text! { en: ["by other metrics"], zh: ["其他指标"] }
}

/// The head of a column.
pub(crate) fn of() -> Text {
    text! { en: ["OF"], zh: ["对象"] }
}

/// The head of a column.
pub(crate) fn replicas() -> Text {
    text! { en: ["PODS"], zh: ["副本"] }
}

/// The head of a column.
pub(crate) fn metrics() -> Text {
    text! { en: ["METRICS"], zh: ["指标"] }
}
