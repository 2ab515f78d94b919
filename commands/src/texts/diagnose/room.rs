//! What keeps a pod off the nodes, with the values.

use super::super::common::names;
use crate::{
    model::{Text, code},
    text,
};

/// So many names are told in a row.
const FEW: usize = 3;

/// Why some nodes do not take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// It asks for more of a resource than is free.
    Lack(Lack),
    /// It wants what the labels of nodes do not say.
    Label {
        /// `disktype=ssd`
        wanted: String,
        /// The nodes that have it.
        has: Vec<String>,
        /// What the others have: `disktype=hdd (n1, n2)`.
        others: Vec<String>,
    },
    /// Nodes have a taint that it does not bear.
    Taint {
        /// `dedicated=gpu:NoSchedule`
        taint: String,
        /// The nodes.
        nodes: Vec<String>,
    },
    /// A pod keeps it off a node, by its own anti-affinity or by that pod's.
    Apart {
        /// `app=api`
        selector: String,
        /// What counts as one place.
        place: String,
        /// Whether the pods that are there want it so.
        theirs: bool,
        /// The pods, each with its node.
        pods: Vec<Held>,
    },
    /// It wants to be near pods that are nowhere.
    Alone {
        /// `app=api`
        selector: String,
        /// What counts as one place.
        place: String,
    },
    /// A port of the node is taken.
    Port {
        /// Which.
        port: i32,
        /// By these pods, each with its node.
        pods: Vec<Held>,
    },
    /// Its volume is elsewhere.
    Volume {
        /// The claim.
        claim: String,
        /// The volume.
        volume: String,
        /// `topology.kubernetes.io/zone in (a)`
        wants: String,
        /// The nodes where it can be used.
        nodes: Vec<String>,
    },
    /// Nodes have as many pods as they take.
    Full {
        /// The node with the most room.
        node: String,
        /// So many it takes.
        most: String,
    },
    /// It would be spread too unevenly.
    Spread {
        /// What counts as one place.
        place: String,
        /// So many more there may be in one than in another.
        skew: i32,
    },
}

/// A pod that holds something of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub pod: String,
    /// The node.
    pub node: String,
}

/// What a pod asks for, and what is free of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// Of what.
    pub resource: String,
    /// So much it asks for.
    pub asks: String,
    /// Whether that is more than any node has in all.
    pub beyond: bool,
    /// The node with the most of it; `None` where no node has any.
    pub best: Option<Best>,
}

/// The node that has the most free of what a pod asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Best {
    /// Its name.
    pub node: String,
    /// So much its pods may ask for in all.
    pub all: String,
    /// So much is free; at most, where not all pods are known.
    pub free: Option<String>,
    /// Whether all its pods are known.
    pub exact: bool,
    /// Whether a pod that asks for no more than that would go there.
    pub fits: bool,
}

/// One reason.
pub(crate) fn obstacle(what: &Obstacle, may_name: &dyn Fn(&str) -> bool) -> Text {
    match what {
        Obstacle::Lack(lack) => lacks(lack),
        Obstacle::Label { wanted, has, others } => label(wanted, has, others),
        Obstacle::Taint { taint, nodes } => text! {
            en: ["it does not tolerate the taint ", code(taint.clone()), " of ", few(nodes)],
            zh: ["未容忍 ", few(nodes), " 的污点 ", code(taint.clone())],
        },
        Obstacle::Apart {
            selector,
            place,
            theirs: false,
            pods,
        } => text! {
            en: ["it wants no node with the same ", code(place.clone()), " as pods with ", code(selector.clone()), ", and there are ", holders(pods, may_name)],
            zh: ["反亲和性要求不与 ", code(selector.clone()), " 的 Pod 处于相同的 ", code(place.clone()), "，而现有 ", holders(pods, may_name)],
        },
        Obstacle::Apart {
            selector,
            place,
            theirs: true,
            pods,
        } => text! {
            en: ["others keep pods with ", code(selector.clone()), " away from their ", code(place.clone()), ": ", holders(pods, may_name)],
            zh: ["其他 Pod 的反亲和性不允许 ", code(selector.clone()), " 与其处于相同的 ", code(place.clone()), "：", holders(pods, may_name)],
        },
        Obstacle::Alone { selector, place } => text! {
            en: ["it wants the same ", code(place.clone()), " as pods with ", code(selector.clone()), ", and no such pod runs in its namespace"],
            zh: ["亲和性要求与 ", code(selector.clone()), " 的 Pod 处于相同的 ", code(place.clone()), "，但命名空间内没有这样的 Pod 在运行"],
        },
        Obstacle::Port { port, pods } => text! {
            en: ["host port ", port.to_string(), " is taken by ", holders(pods, may_name)],
            zh: ["主机端口 ", port.to_string(), " 已被占用：", holders(pods, may_name)],
        },
        Obstacle::Volume {
            claim,
            volume,
            wants,
            nodes,
        } => text! {
            en: ["its claim ", code(claim.clone()), " is bound to volume ", code(volume.clone()), ", which can be used only where ", code(wants.clone()), " (nodes there: ", few(nodes), ")"],
            zh: ["存储卷声明 ", code(claim.clone()), " 绑定的存储卷 ", code(volume.clone()), " 只能在 ", code(wants.clone()), " 的节点上使用（现有节点：", few(nodes), "）"],
        },
        Obstacle::Full { node, most } => text! {
            en: ["no node takes more than ", most.clone(), " pods (", code(node.clone()), ")"],
            zh: ["单个节点最多容纳 ", most.clone(), " 个 Pod（", code(node.clone()), "）"],
        },
        Obstacle::Spread { place, skew } => text! {
            en: ["its pods may differ by ", skew.to_string(), " at most between values of ", code(place.clone())],
            zh: ["其 Pod 在各 ", code(place.clone()), " 之间的数量差不得超过 ", skew.to_string()],
        },
    }
}

/// What it asks for, and what there is.
fn lacks(lack: &Lack) -> Text {
    let (resource, asks) = (&lack.resource, &lack.asks);
    let Some(Best {
        node,
        all,
        free,
        exact,
        fits,
    }) = &lack.best
    else {
        return text! {
            en: ["it requests ", asks.clone(), " of ", code(resource.clone()), ", and no node has any"],
            zh: ["请求 ", code(resource.clone()), " ", asks.clone(), "，但没有节点提供该资源"],
        };
    };
    match free {
        _ if lack.beyond => super::steps::asks_too_much(resource, asks, node, all),
        None => text! {
            en: ["it requests ", asks.clone(), " of ", resource.clone(), "; ", code(node.clone()), " has ", all.clone(), " in all, how much of it is free is not known"],
            zh: ["请求 ", resource.clone(), " ", asks.clone(), "；", code(node.clone()), " 共有 ", all.clone(), "，剩余量未知"],
        },
        Some(free) if !exact => text! {
            en: ["it requests ", asks.clone(), " of ", resource.clone(), "; the most that may be free for it is ", free.clone(), " of ", all.clone(), " on ", code(node.clone()), ", less what pods of other namespaces request"],
            zh: ["请求 ", resource.clone(), " ", asks.clone(), "；可用节点中剩余最多的是 ", code(node.clone()), "，共 ", all.clone(), "，最多剩余 ", free.clone(), "，尚未扣除其他命名空间的 Pod 的请求"],
        },
        Some(free) => {
            let would = match fits {
                true => text! {
                    en: [" (a request of no more than that would fit)"],
                    zh: ["（请求不超过该值即可调度）"],
                },
                false => Text::default(),
            };
            text! {
                en: ["it requests ", asks.clone(), " of ", resource.clone(), "; the most that is free for it is ", free.clone(), " of ", all.clone(), " on ", code(node.clone()), &would],
                zh: ["请求 ", resource.clone(), " ", asks.clone(), "；可用节点中剩余最多的是 ", code(node.clone()), "，共 ", all.clone(), "，剩余 ", free.clone(), would],
            }
        }
    }
}

/// A label that it wants of its node, who has it, and what the others have.
fn label(wanted: &str, has: &[String], others: &[String]) -> Text {
    match (has, others) {
        ([], []) => text! {
            en: ["no node has the label ", code(wanted)],
            zh: ["没有节点带有标签 ", code(wanted)],
        },
        ([], others) => text! {
            en: ["no node has the label ", code(wanted), "; nodes have ", few(others)],
            zh: ["没有节点带有标签 ", code(wanted), "；现有 ", few(others)],
        },
        (has, _) => text! {
            en: ["only ", few(has), " has the label ", code(wanted)],
            zh: ["只有 ", few(has), " 带有标签 ", code(wanted)],
        },
    }
}

/// The first of many names.
fn few(all: &[String]) -> Text {
    let first = names(&all[..all.len().min(FEW)]);
    match all.len().saturating_sub(FEW) {
        0 => first,
        more => text! {
            en: [&first, " and ", more.to_string(), " more"],
            zh: [first, " 等 ", all.len().to_string(), " 个"],
        },
    }
}

/// Pods, each with its node; those of namespaces that the asker may not read without their names.
fn holders(pods: &[Held], may_name: &dyn Fn(&str) -> bool) -> Text {
    let one = |held: &Held| match may_name(&held.namespace) {
        true => text! {
            en: ["pod ", code(held.pod.clone()), " on ", held.node.clone()],
            zh: [held.node.clone(), " 上的 Pod ", code(held.pod.clone())],
        },
        false => text! {
            en: ["a pod of another namespace on ", held.node.clone()],
            zh: [held.node.clone(), " 上其他命名空间的 Pod"],
        },
    };
    let told = Text::joined(pods.iter().take(FEW).map(one), &super::comma());
    match pods.len().saturating_sub(FEW) {
        0 => told,
        more => text! {
            en: [&told, " and ", more.to_string(), " more"],
            zh: [told, " 等 ", pods.len().to_string(), " 个"],
        },
    }
}

/// What is wrong, and one thing more.
pub(crate) fn and_also(words: &Text, more: &Text) -> Text {
    text! { en: [words, "; ", more], zh: [words, "；", more] }
}

/// The pods of other namespaces are not known.
pub(crate) fn others_not_counted(why: &Text) -> Text {
    text! {
        en: ["pods of other namespaces: ", why],
        zh: ["其他命名空间的 Pod：", why],
    }
}
