//! What buttons say that lead to a command.

use crate::{model::Text, text};

/// To the state of a workload.
pub(crate) fn status() -> Text {
    text! { en: ["Status"], zh: ["状态"] }
}

/// To the logs of a workload.
pub(crate) fn logs() -> Text {
    text! { en: ["Logs"], zh: ["日志"] }
}

/// To the pods of a workload.
pub(crate) fn pods() -> Text {
    text! { en: ["Pods"], zh: ["Pod 列表"] }
}

/// To the revision before.
pub(crate) fn roll_back() -> Text {
    text! { en: ["Roll back"], zh: ["回滚"] }
}
