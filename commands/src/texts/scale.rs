//! `/ceo scale`.

use super::common::pods;
use crate::{
    model::{Text, code},
    text,
};

/// An example of a reason, in the form that asks for one.
pub(crate) fn example_reason() -> Text {
    text! { en: ["twice the requests since nine"], zh: ["九点起请求量翻倍"] }
}

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Set the number of pods"], zh: ["设置 Pod 数量"] }
}

/// The option.
pub(crate) fn replicas() -> Text {
    text! { en: ["How many pods"], zh: ["Pod 数量"] }
}

/// While it goes on.
pub(crate) fn scaling(name: &str, from: i32, to: i32) -> Text {
    text! {
        en: ["Scaling ", name, " from ", i64::from(from), " to ", i64::from(to)],
        zh: ["正在将 ", name, " 从 ", i64::from(from), " 扩缩容至 ", i64::from(to)],
    }
}

/// What it is called.
pub(crate) fn noun(to: i32) -> Text {
    text! { en: ["Scaling to ", i64::from(to)], zh: ["扩缩容至 ", i64::from(to)] }
}

/// When it is over.
pub(crate) fn scaled(name: &str, from: i32, to: i32) -> Text {
    text! {
        en: ["Scaled ", name, " from ", i64::from(from), " to ", i64::from(to)],
        zh: ["已将 ", name, " 从 ", i64::from(from), " 扩缩容至 ", i64::from(to)],
    }
}

/// When it was turned back.
pub(crate) fn set_back(name: &str, to: i32, from: i32) -> Text {
    text! {
        en: ["Set ", name, " back from ", i64::from(to), " to ", i64::from(from)],
        zh: ["已将 ", name, " 从 ", i64::from(to), " 恢复至 ", i64::from(from)],
    }
}

/// The title of the card.
pub(crate) fn question(name: &str, from: i32, to: i32) -> Text {
    let zh = if to > from { "扩容至 " } else { "缩容至 " };
    text! {
        en: ["Scale ", name, " from ", from, " to ", to, "?"],
        zh: ["将 ", name, " 从 ", from, " 个副本", zh, to, " 个？"],
    }
}

/// What scaling to zero means.
pub(crate) fn all_end(from: i32) -> Text {
    text! {
        en: [if from == 1 { "its only pod ends" } else { "all its pods end" }, ", nothing serves afterwards"],
        zh: ["全部 ", pods(from), "将终止，之后不再提供服务"],
    }
}

/// What scaling up means.
pub(crate) fn added(more: i32) -> Text {
    text! { en: [pods(more), " added"], zh: ["新增 ", pods(more)] }
}

/// What scaling down means.
pub(crate) fn some_end(fewer: i32, stay: i32) -> Text {
    text! { en: [pods(fewer), " end and ", pods(stay), " stay"], zh: [pods(fewer), "将终止，保留 ", pods(stay)] }
}

/// A note of the card.
pub(crate) fn paused_all_the_same() -> Text {
    text! {
        en: ["The rollout is paused; the count changes all the same."],
        zh: ["发布已暂停，副本数仍会变更。"],
    }
}

/// A DaemonSet cannot be scaled.
pub(crate) fn no_count(name: &str) -> Text {
    let name = || code(format!("daemonset/{name}"));
    text! {
        en: [name(), " has no replicas: it runs one pod on each node"],
        zh: [name(), " 没有副本数：每个节点运行一个 Pod"],
    }
}

/// What to do about that.
pub(crate) fn what_has_a_count() -> Text {
    text! { en: ["Scale a Deployment or a StatefulSet."], zh: ["请对 Deployment 或 StatefulSet 扩缩容。"] }
}

/// More than the settings allow.
pub(crate) fn over_limit(asked: i32, limit: u32) -> Text {
    let asked = || code(format!("replicas: {asked}"));
    text! {
        en: [asked(), " is over the limit of ", limit, " for this namespace"],
        zh: [asked(), " 超过该命名空间的上限 ", limit],
    }
}

/// Whose limit that is.
pub(crate) fn who_sets_the_limit() -> Text {
    text! { en: ["The limit is set in the settings by an administrator."], zh: ["上限由管理员在配置中设置。"] }
}

/// There is nothing to do.
pub(crate) fn already(name: &str, count: i32) -> Text {
    let plural = if count == 1 { " replica" } else { " replicas" };
    text! { en: [code(name), " has ", count, plural, " already"], zh: [code(name), " 已经是 ", count, " 个副本"] }
}

/// A button that was drawn at another count.
pub(crate) fn overtaken_button(name: &str, then: i64, now: i32) -> Text {
    let plural = if then == 1 { " replica" } else { " replicas" };
    text! {
        en: ["This button is from when ", code(name), " had ", then, plural, "; it has ", now, " now"],
        zh: ["该按钮生成时 ", code(name), " 为 ", then, " 个副本，现在为 ", now, " 个"],
    }
}

/// What to look at instead.
pub(crate) fn nothing_changed_see(name: &str) -> Text {
    let status = || code(format!("/ceo status workload:{name}"));
    text! { en: ["Nothing was changed. See ", status(), "."], zh: ["未做任何变更。请查看 ", status(), "。"] }
}

/// From how many to how many.
pub(crate) fn bounds(min: i32, max: i32) -> Text {
    text! { en: [min, " to ", max], zh: [min, " 至 ", max] }
}

/// An autoscaler decides.
pub(crate) fn hpa_owns(hpa: &str, name: &str, bounds: &Text, now: i32) -> Text {
    text! {
        en: ["The HPA ", code(hpa), " owns the count of ", code(name), " (", bounds, ", now ", now, ")"],
        zh: [code(name), " 的副本数由 HPA ", code(hpa), " 管理（", bounds, "，当前 ", now, "）"],
    }
}

/// What to do about that.
pub(crate) fn change_the_hpa() -> Text {
    text! {
        en: ["A count set by hand would be undone within seconds. Nothing was changed; change the HPA's bounds instead."],
        zh: ["手动设置的副本数会在数秒内被还原。未做任何变更，请改为调整 HPA 的上下限。"],
    }
}

/// The count is no longer the bot's to set.
pub(crate) fn hpa_since(name: &str) -> Text {
    text! {
        en: ["it owns the count of ", code(name), " since this was asked"],
        zh: ["申请后已由其管理 ", code(name), " 的副本数"],
    }
}

/// A note of the card.
pub(crate) fn more_than_double(from: i32, to: i32) -> Text {
    text! {
        en: ["this is more than double: ", from, " now, ", to, " then"],
        zh: ["超过当前的两倍：现为 ", from, " 个，将变为 ", to, " 个"],
    }
}

/// A note of the card.
pub(crate) fn no_room(room: i32) -> Text {
    text! {
        en: ["the nodes have room for ", pods(room), " more at the most, by what they ask for; the others would wait"],
        zh: ["按资源请求计算，节点最多还能容纳 ", pods(room), "，其余将处于等待"],
    }
}
