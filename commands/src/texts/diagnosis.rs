//! What is wrong and why, what changed before, and what to do about it: the words of findings, wherever they are told.

use crate::{
    model::{Span, Text, TicketId, Timestamp, UserId, ago},
    text,
};

/// Which part of an object was changed, in the words in which the object's own record is read.
pub(crate) fn part(what: Option<&str>) -> Text {
    let Some(what) = what else {
        return text! { en: ["its spec"], zh: ["spec"] };
    };
    let zh: Vec<&str> = what
        .split(" and ")
        .map(|word| match word {
            "the whole object" => "整个对象",
            "replicas" => "副本数",
            "pause" => "暂停状态",
            "image" => "镜像",
            "environment" => "环境变量",
            "resources" => "资源配置",
            "restart" => "重启",
            "pod template" => "Pod 模板",
            other => other,
        })
        .collect();
    text! { en: [what], zh: [zh.join("、")] }
}

/// Between two differences.
pub(crate) fn comma() -> Text {
    text! { en: [", "], zh: ["，"] }
}

/// Differences that are not told.
pub(crate) fn and_more(n: usize) -> Text {
    text! { en: [" and ", n, " more"], zh: ["，另有 ", n, " 项"] }
}

/// Behind a change: who made it by the bot.
pub(crate) fn by_person(user: UserId, ticket: TicketId) -> Text {
    let link = || Span::TicketLink(ticket);
    text! { en: [" by ", user, " (", link(), ")"], zh: ["，操作者 ", user, "（", link(), "）"] }
}

/// Behind a change: what made it past the bot.
pub(crate) fn by_manager(manager: &str) -> Text {
    if manager.starts_with("kubectl") {
        text! {
            en: [" by kubectl (field manager ", manager, ")"],
            zh: ["，操作者 kubectl（字段管理器 ", manager, "）"],
        }
    } else {
        text! { en: [" by field manager ", manager], zh: ["，字段管理器 ", manager] }
    }
}

/// Behind a change: when.
pub(crate) fn when(at: Timestamp) -> Text {
    text! { en: [" ", ago(at)], zh: ["，", ago(at)] }
}
