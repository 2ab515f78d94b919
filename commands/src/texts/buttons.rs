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

/// To why something does not work.
pub(crate) fn diagnose() -> Text {
    text! { en: ["Diagnose"], zh: ["诊断"] }
}

/// To the pods of a workload.
pub(crate) fn pods() -> Text {
    text! { en: ["Pods"], zh: ["Pod 列表"] }
}

/// To an earlier revision: `Roll back to 2 (v1.1.0)`.
pub(crate) fn roll_back_to(revision: i64, tag: Option<&str>) -> Text {
    match tag {
        Some(tag) => text! {
            en: ["Roll back to ", revision.to_string(), " (", tag, ")"],
            zh: ["回滚到 ", revision.to_string(), " (", tag, ")"],
        },
        None => text! { en: ["Roll back to ", revision.to_string()], zh: ["回滚到 ", revision.to_string()] },
    }
}

/// To the count before.
pub(crate) fn scale_back(count: i32) -> Text {
    text! { en: ["Set back to ", count], zh: ["恢复至 ", count] }
}
