//! `/ceo audit`.

use crate::{model::Text, text};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Who did what, and how it ended"], zh: ["谁做了什么，结果如何"] }
}

/// The option.
pub(crate) fn person() -> Text {
    text! { en: ["Only by this person"], zh: ["仅此人"] }
}

/// The option.
pub(crate) fn workload() -> Text {
    text! { en: ["Only this object"], zh: ["仅此对象"] }
}

/// The option.
pub(crate) fn outcome() -> Text {
    text! { en: ["Only what ended so"], zh: ["仅此结果"] }
}

/// The option.
pub(crate) fn ticket() -> Text {
    text! { en: ["Only this ticket"], zh: ["仅此工单"] }
}
