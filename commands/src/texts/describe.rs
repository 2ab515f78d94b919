//! `/ceo describe`.

use crate::{
    model::{Text, Timestamp, ago, code},
    text,
    texts::diagnosis,
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["One object with its Events"], zh: ["对象详情与相关事件"] }
}

/// The option.
pub(crate) fn object() -> Text {
    text! { en: ["kind/name, any kind"], zh: ["任意类型/名称"] }
}

/// The option.
pub(crate) fn form() -> Text {
    text! { en: ["The whole, as YAML"], zh: ["以 YAML 显示全部"] }
}

/// A name without a kind.
pub(crate) fn no_kind(name: &str) -> Text {
    text! { en: [code(name), " says no kind"], zh: [code(name), " 缺少类型"] }
}

/// When it was made, and what it belongs to.
pub(crate) fn made(at: Option<Timestamp>, owner: Option<&str>) -> Text {
    let made = at.map(|at| text! { en: ["made ", ago(at)], zh: ["创建于 ", ago(at)] });
    let owner = owner.map(|owner| text! { en: ["belongs to ", code(owner)], zh: ["属于 ", code(owner)] });
    Text::joined(made.into_iter().chain(owner), &diagnosis::comma())
}

/// It is being removed.
pub(crate) fn leaves(at: Timestamp) -> Text {
    text! { en: ["is being deleted since ", ago(at)], zh: ["删除中，始于 ", ago(at)] }
}

/// Its labels.
pub(crate) fn labels() -> Text {
    text! { en: ["Labels"], zh: ["标签"] }
}

/// What holds of it.
pub(crate) fn conditions() -> Text {
    text! { en: ["Conditions"], zh: ["状况"] }
}

/// One of them.
pub(crate) fn condition(kind: &str, status: &str, reason: &str, message: &str) -> Text {
    let head = text! { en: [code(kind), " ", status], zh: [code(kind), " ", status] };
    let said: Vec<Text> = [reason, message]
        .into_iter()
        .filter(|s| !s.is_empty())
        .map(Text::from)
        .collect();
    if said.is_empty() {
        return head;
    }
    let said = Text::joined(said, &text! { en: [": "], zh: ["："] });
    text! { en: [&head, ", ", &said], zh: [head, "，", said] }
}

/// What happened to it.
pub(crate) fn events() -> Text {
    text! { en: ["Events"], zh: ["事件"] }
}

/// Nothing did, as far as is kept.
pub(crate) fn no_events() -> Text {
    text! { en: ["none is kept"], zh: ["没有保留的事件"] }
}

/// They are not of a namespace that the bot serves.
pub(crate) fn events_elsewhere() -> Text {
    text! { en: ["not read: they stand in another namespace"], zh: ["未读取：位于其他命名空间"] }
}

/// They could not be read.
pub(crate) fn events_not_known(why: &Text) -> Text {
    text! { en: ["not known: ", why], zh: ["未知：", why] }
}

/// Nodes and the like are for who may read all of a cluster.
pub(crate) fn of_the_cluster(object: &str, cluster: &str) -> Text {
    text! {
        en: [code(object), " belongs to the cluster ", cluster, " as a whole, and you may not read that."],
        zh: [code(object), " 属于整个集群 ", cluster, "，您无权查看。"],
    }
}
