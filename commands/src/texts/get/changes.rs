//! `/ceo get changes`.

use std::time::Duration;

use crate::{
    model::{Text, TicketId, Timestamp, UserId, bold, code},
    text,
    texts::{common::length, diagnosis},
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["What was changed, and by whom"], zh: ["变更内容与操作者"] }
}

/// The option.
pub(crate) fn since() -> Text {
    text! { en: ["Like 6h, 2d"], zh: ["如 6h、2d"] }
}

/// `5 changes in the last 1 d`
pub(crate) fn title(n: usize, back: Duration) -> Text {
    let changes = if n == 1 { " change" } else { " changes" };
    text! {
        en: [n, changes, " in the last ", length(back)],
        zh: ["最近 ", length(back), "内 ", n, " 项变更"],
    }
}

/// There are none that are on record.
pub(crate) fn none(back: Duration) -> Text {
    text! {
        en: ["No change is on record in the last ", length(back)],
        zh: ["最近 ", length(back), "内没有变更记录"],
    }
}

/// What is not seen.
pub(crate) fn seen_from() -> Text {
    text! {
        en: ["From revisions, field managers, nodes and tickets. What was deleted, and what a later change of the same manager covers, leaves no trace there."],
        zh: ["来源：版本、字段管理器、节点与工单。已删除的对象，以及被同一管理器后续变更覆盖的内容无法体现。"],
    }
}

/// One change: what, on what.
pub(crate) fn change(object: &str, what: &Text) -> Text {
    text! { en: [bold(object), " ", what], zh: [bold(object), " ", what] }
}

/// A revision that is no longer the present one.
pub(crate) fn revision(number: i64, what: &Text) -> Text {
    text! { en: ["revision ", number.to_string(), ": ", what], zh: ["版本 ", number.to_string(), "：", what] }
}

/// By a ticket of the bot.
pub(crate) fn by_person(user: UserId, id: TicketId) -> Text {
    diagnosis::by_person(user, id)
}

/// As the tool itself said.
pub(crate) fn because(cause: &str) -> Text {
    text! { en: [" (", cause, ")"], zh: ["（", cause, "）"] }
}

/// When, at the end.
pub(crate) fn when(at: Timestamp) -> Text {
    diagnosis::when(at)
}

/// Keys that a manager wrote.
pub(crate) fn keys(keys: &[String]) -> Text {
    match keys {
        [] => text! { en: ["was changed"], zh: ["有变更"] },
        keys => {
            let all = || keys.iter().map(|key| Text::from(code(key.clone())));
            let keys = || Text::joined(all(), &diagnosis::comma());
            text! { en: ["keys ", keys()], zh: ["键 ", keys()] }
        }
    }
}

/// More keys than are named.
pub(crate) fn and_more(keys: &Text, n: usize) -> Text {
    text! { en: [keys, " and ", n, " more"], zh: [keys, "，另有 ", n, " 个"] }
}

/// A node that came.
pub(crate) fn joined() -> Text {
    text! { en: ["joined the cluster"], zh: ["加入集群"] }
}

/// A node whose state turned.
pub(crate) fn turned(ready: bool) -> Text {
    if ready {
        text! { en: ["became ready"], zh: ["恢复就绪"] }
    } else {
        text! { en: ["is not ready since then"], zh: ["自此未就绪"] }
    }
}

/// Secrets are left out.
pub(crate) fn secrets_not_known(why: &Text) -> Text {
    text! { en: ["Changes of Secrets are left out: ", why], zh: ["未列出 Secret 的变更：", why] }
}
