//! `/ceo logs`.

use crate::{model::Text, text};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Logs of a workload or a pod"], zh: ["工作负载或 Pod 的日志"] }
}

/// The option.
pub(crate) fn workload() -> Text {
    text! { en: ["kind/name, pod/name"], zh: ["类型/名称 或 pod/名称"] }
}

/// The option.
pub(crate) fn container() -> Text {
    text! { en: ["Which container"], zh: ["容器"] }
}

/// The option.
pub(crate) fn since() -> Text {
    text! { en: ["Like 15m, 2h"], zh: ["如 15m、2h"] }
}

/// The option.
pub(crate) fn tail() -> Text {
    text! { en: ["Lines of each pod"], zh: ["每个 Pod 的最新行数"] }
}

/// The option.
pub(crate) fn grep() -> Text {
    text! { en: ["Regular expression"], zh: ["正则表达式"] }
}

/// The option.
pub(crate) fn invert() -> Text {
    text! { en: ["Without a match"], zh: ["不匹配的行"] }
}

/// The option.
pub(crate) fn previous() -> Text {
    text! { en: ["The container before"], zh: ["上一个容器"] }
}

/// The option.
pub(crate) fn follow() -> Text {
    text! { en: ["Live"], zh: ["实时"] }
}

/// The option.
pub(crate) fn share() -> Text {
    text! { en: ["Show to the channel"], zh: ["频道可见"] }
}
