//! `/ceo guard …`.

pub(crate) mod pending;

use crate::{model::Text, text};

/// The group.
pub(crate) fn summary() -> Text {
    text! { en: ["Requests and approvals"], zh: ["申请与审批"] }
}
