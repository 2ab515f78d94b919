//! What is said of a written change until its end.

use super::{
    common::{lasted, length, pods},
    status,
};
use crate::{
    model::{Text, Timestamp, ago, code},
    text,
};
use std::time::Duration;

/// Somebody deleted the object.
pub(crate) fn gone(name: &str) -> Text {
    text! {
        en: [name, " is gone: somebody deleted it while this ran"],
        zh: [name, " 已不存在：执行期间被人删除"],
    }
}

/// The title when it does not get on.
pub(crate) fn stuck(noun: &Text, name: &str) -> Text {
    text! { en: [noun, " is stuck: ", name], zh: [noun, "停滞：", name] }
}

/// Pods of the new template, where others run beside them: `1 of 3 new pods ready`.
pub(crate) fn new_ready(ready: i32, of: i32) -> Text {
    let noun = if of == 1 {
        " new pod ready"
    } else {
        " new pods ready"
    };
    text! { en: [ready, " of ", of, noun], zh: ["新 Pod ", of, " 个中 ", ready, " 个就绪"] }
}

/// Behind how many are ready: fewer have been for as long as `minReadySeconds` asks.
pub(crate) fn of_which_available(available: i32) -> Text {
    text! { en: [", ", available, " available"], zh: ["，", available, " 个可用"] }
}

/// Past what the Deployment itself allows.
pub(crate) fn past_deadline(ready: &Text) -> Text {
    text! {
        en: [ready, ", past its progress deadline"],
        zh: [ready, "，已超过进度期限"],
    }
}

/// Nothing has moved for a while.
pub(crate) fn no_progress(ready: &Text, idle: Duration) -> Text {
    text! {
        en: [ready, ", no progress for ", lasted(idle)],
        zh: [ready, "，", lasted(idle), "无进展"],
    }
}

/// How it stands, after how long.
pub(crate) fn so_far(ready: &Text, states: &[String], took: Duration) -> Text {
    let states: Text = states
        .iter()
        .fold(Text::default(), |all, one| all.and(" · ").and(one));
    text! {
        en: [ready, &states, " · ", length(took)],
        zh: [ready, &states, " · ", length(took)],
    }
}

/// How it ended, after how long, and how many served at the least.
pub(crate) fn at_its_end(ready: i32, of: i32, took: Duration, least: Option<i32>) -> Text {
    let serving = match least {
        Some(least) if of > 0 => text! {
            en: [", never seen with fewer than ", pods(least), " available"],
            zh: ["，观察到的可用 Pod 不少于 ", least, " 个"],
        },
        _ => Text::default(),
    };
    let ready = status::ready(ready, of);
    text! {
        en: [ready.clone(), " · ", length(took), &serving],
        zh: [ready, " · ", length(took), &serving],
    }
}

/// The field with the images.
pub(crate) fn image() -> Text {
    text! { en: ["Image"], zh: ["镜像"] }
}

/// Somebody wrote the same fields after us.
pub(crate) fn overtaken(noun: &Text, name: &str, by: Option<&str>, at: Option<Timestamp>) -> Text {
    let by = || {
        by.map_or_else(
            || text! { en: ["somebody"], zh: ["他人"] },
            |by| Text::from(code(by)),
        )
    };
    let at = |before: &str| at.map_or_else(Text::default, |at| Text::from(before).and(ago(at)));
    text! {
        en: [noun, " was overtaken: ", name, " was changed again by ", by(), at(" ")],
        zh: [noun, "已被覆盖：", name, " 又被 ", by(), " 变更", at("，")],
    }
}

/// What that means.
pub(crate) fn theirs_is_newer() -> Text {
    text! {
        en: ["What this wrote is no longer what the object asks for. The newer change has its own message, or none."],
        zh: ["本次写入的内容已不再是对象的当前配置。之后的变更可能有自己的消息，也可能没有。"],
    }
}
