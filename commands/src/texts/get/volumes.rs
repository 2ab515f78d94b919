//! `/ceo get volumes`.

use crate::{model::Text, text, texts::get::Noun};

/// What is listed.
pub(crate) const NOUN: Noun = Noun {
    one: "claim",
    many: "claims",
    zh: "存储卷声明",
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Volume claims: state and size"], zh: ["存储卷声明的状态与容量"] }
}

/// It has less than it asks for: it is being made larger.
pub(crate) fn grows(now: &str, asked: &str) -> Text {
    text! { en: [now, ", asked for ", asked], zh: [now, "，申请 ", asked] }
}

/// Nobody tells how full they are.
pub(crate) fn fill_not_known() -> Text {
    text! {
        en: ["How full they are is not known: the Kubernetes API does not tell it."],
        zh: ["使用率未知：Kubernetes API 不提供该数据。"],
    }
}

/// A cell: no pod names it.
pub(crate) fn nobody() -> Text {
    text! { en: ["no pod"], zh: ["无 Pod"] }
}

/// A cell: so many pods name it.
pub(crate) fn pods(n: usize) -> Text {
    text! { en: [n, " pods"], zh: [n, " 个 Pod"] }
}

/// A cell: the cluster's own class.
pub(crate) fn default_class() -> Text {
    text! { en: ["default"], zh: ["默认"] }
}

/// The head of a column.
pub(crate) fn size() -> Text {
    text! { en: ["SIZE"], zh: ["容量"] }
}

/// The head of a column.
pub(crate) fn class() -> Text {
    text! { en: ["CLASS"], zh: ["存储类"] }
}

/// The head of a column.
pub(crate) fn used_by() -> Text {
    text! { en: ["USED BY"], zh: ["使用者"] }
}
