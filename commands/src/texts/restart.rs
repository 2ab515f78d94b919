//! `/ceo restart`.

use crate::{model::Text, text};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Makes all pods anew"], zh: ["滚动重启所有 Pod"] }
}

/// An example of a reason, in the form that asks for one.
pub(crate) fn example_reason() -> Text {
    text! { en: ["it holds on to a database that moved"], zh: ["数据库已迁移，旧连接未释放"] }
}

/// The card's title.
pub(crate) fn question(name: &str) -> Text {
    text! { en: ["Restart ", name, "?"], zh: ["重启 ", name, "？"] }
}

/// The button.
pub(crate) fn button(name: &str) -> Text {
    text! { en: ["Restart ", name], zh: ["重启 ", name] }
}

/// While it goes on.
pub(crate) fn restarting(name: &str) -> Text {
    text! { en: ["Restarting ", name], zh: ["正在重启 ", name] }
}

/// What it is called.
pub(crate) fn noun() -> Text {
    text! { en: ["Restart"], zh: ["重启"] }
}

/// When it is over.
pub(crate) fn restarted(name: &str) -> Text {
    text! { en: ["Restarted ", name], zh: ["已重启 ", name] }
}

/// A paused rollout makes no new pods.
pub(crate) fn paused(name: &str) -> Text {
    text! {
        en: ["The rollout of ", name, " is paused, so it cannot be restarted"],
        zh: [name, " 的发布已暂停，无法重启"],
    }
}

/// There is nothing to restart.
pub(crate) fn no_pods(name: &str) -> Text {
    text! { en: [name, " is scaled to zero: there are no pods to restart"], zh: [name, " 的副本数为 0：没有可重启的 Pod"] }
}

/// Another rollout is under way.
pub(crate) fn in_a_rollout(message: &Text) -> Text {
    text! { en: ["It is in a rollout now: ", message], zh: ["当前正在发布：", message] }
}
