//! Options that several commands take.

use crate::{model::Text, text};

/// How a workload is written.
pub(crate) fn workload() -> Text {
    text! { en: ["[ns/]kind/name"], zh: ["[命名空间/]类型/名称"] }
}

/// Why something is asked for.
pub(crate) fn reason() -> Text {
    text! { en: ["Why, for approvers"], zh: ["原因，供审批人参考"] }
}
