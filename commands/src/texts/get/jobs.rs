//! `/ceo get jobs`.

use crate::{model::Text, text, texts::get::Noun};

/// What is listed.
pub(crate) const NOUN: Noun = Noun {
    one: "Job",
    many: "Jobs",
    zh: "Job",
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Jobs and how they ended"], zh: ["Job 及其结果"] }
}

/// A pod of it is in trouble.
pub(crate) fn pod(why: &Text) -> Text {
    text! { en: ["a pod of it: ", why], zh: ["其 Pod：", why] }
}

/// The head of a column: pods that did their work of how many.
pub(crate) fn done() -> Text {
    text! { en: ["DONE"], zh: ["完成"] }
}

/// The head of a column: how long it took, or takes so far.
pub(crate) fn took() -> Text {
    text! { en: ["TOOK"], zh: ["用时"] }
}
