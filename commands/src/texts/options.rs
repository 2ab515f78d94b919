//! Options that several commands take.

use crate::{
    model::{Text, code},
    text,
    texts::common::or,
};

/// How a workload is written.
pub(crate) fn workload() -> Text {
    text! { en: ["[ns/]kind/name"], zh: ["[命名空间/]类型/名称"] }
}

/// Whose objects are listed.
pub(crate) fn of() -> Text {
    text! { en: ["Of kind/name"], zh: ["所属对象，类型/名称"] }
}

/// An option that names an object of a kind that has none of what is listed.
pub(crate) fn has_none(object: &str, what: &str) -> Text {
    text! {
        en: [code(format!("for:{object}")), ": that is nothing which has ", what],
        zh: [code(format!("for:{object}")), "：该类对象没有对应的 ", what],
    }
}

/// What can be given.
pub(crate) fn give(kinds: &[&str]) -> Text {
    let all = || kinds.iter().map(|kind| Text::from(code(format!("{kind}/…"))));
    text! { en: ["Give one of ", or(all()), "."], zh: ["可用：", or(all()), "。"] }
}

/// Why something is asked for.
pub(crate) fn reason() -> Text {
    text! { en: ["Why, for approvers"], zh: ["原因，供审批人参考"] }
}

/// The option.
pub(crate) fn selector() -> Text {
    text! { en: ["Like app=postgres"], zh: ["标签，如 app=postgres"] }
}

/// Two options of which one makes the other pointless.
pub(crate) fn exclusive(one: &str, other: &str) -> Text {
    text! {
        en: [code(one), " and ", code(other), " exclude each other"],
        zh: [code(one), " 与 ", code(other), " 不能同时使用"],
    }
}

/// A selector that the API server refuses, in its own words.
pub(crate) fn unreadable_selector(selector: &str, message: &Text) -> Text {
    let typed = code(format!("selector: {selector}"));
    text! { en: [typed.clone(), " cannot be read: ", message], zh: ["无法解析 ", typed, "：", message] }
}

/// No more were asked for.
pub(crate) fn only_the_first(n: usize) -> Text {
    text! {
        en: ["Only the first ", n, " were read, and there may be more: narrow the selector."],
        zh: ["仅读取前 ", n, " 个，可能还有更多：请缩小选择器范围。"],
    }
}

/// How selectors are written.
pub(crate) fn selectors() -> Text {
    text! {
        en: ["Write it like ", code("app=postgres"), " or ", code("tier in (web, api)"), "."],
        zh: ["写法如 ", code("app=postgres"), " 或 ", code("tier in (web, api)"), "。"],
    }
}
