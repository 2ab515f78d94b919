//! `/ceo guard pending`.

use crate::{model::Text, text};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Requests that wait or run"], zh: ["待审批与执行中的申请"] }
}
