//! `/ceo status`.

use crate::{model::Text, text};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["State of workload or namespace"], zh: ["工作负载或命名空间的状态"] }
}
