//! `/ceo get nodes`.

use crate::{
    model::{Text, code},
    text,
    texts::get::Noun,
};

/// What is listed.
pub(crate) const NOUN: Noun = Noun {
    one: "node",
    many: "nodes",
    zh: "节点",
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Nodes: state and room"], zh: ["节点状态与余量"] }
}

/// A node that runs short of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Short {
    /// Of memory.
    Memory,
    /// Of disk.
    Disk,
    /// Of process numbers.
    Processes,
    /// Its network is not set up.
    Network,
}

/// What it runs short of.
pub(crate) fn short(of: Short) -> Text {
    match of {
        Short::Memory => text! { en: ["short of memory"], zh: ["内存紧张"] },
        Short::Disk => text! { en: ["short of disk"], zh: ["磁盘紧张"] },
        Short::Processes => text! { en: ["short of process numbers"], zh: ["进程数紧张"] },
        Short::Network => text! { en: ["without a network"], zh: ["网络不可用"] },
    }
}

/// It is not ready.
pub(crate) fn not_ready(why: &Text) -> Text {
    text! { en: ["not ready: ", why], zh: ["未就绪：", why] }
}

/// Its pods ask for all that it has.
pub(crate) fn full(resource: &str, percent: u32) -> Text {
    text! {
        en: [percent, " % of its ", resource, " is asked for"],
        zh: [resource, " 请求已占 ", percent, " %"],
    }
}

/// `kubelet v1.36.2, containerd://2.1.4 on 3`
pub(crate) fn versions(kubelet: &str, runtime: &str, n: usize) -> Text {
    let nodes = if n == 1 { " node" } else { " nodes" };
    text! {
        en: ["kubelet ", code(kubelet), ", ", code(runtime), " on ", n, nodes],
        zh: ["kubelet ", code(kubelet), "，", code(runtime), "：", n, " 个节点"],
    }
}

/// The object's namespace is not for this person.
pub(crate) fn may_not(place: &str) -> Text {
    text! { en: ["You may not read in ", place, "."], zh: ["您无权查看 ", place, "。"] }
}

/// What the sums leave out.
pub(crate) fn seen_only(namespaces: &[String]) -> Text {
    text! {
        en: ["CPU and MEM: the share of the node that pods ask for, as far as the bot sees them (", namespaces.join(", "), "). Others may take more."],
        zh: ["CPU 与内存为请求量占可分配量的比例，仅统计机器人可见的 Pod（", namespaces.join("、"), "），实际占用可能更多。"],
    }
}

/// The head of a column.
pub(crate) fn memory() -> Text {
    text! { en: ["MEM"], zh: ["内存"] }
}

/// The head of a column.
pub(crate) fn pods() -> Text {
    text! { en: ["PODS"], zh: ["Pod"] }
}
