//! `/ceo get pods`.

use crate::{model::Text, text, texts::common};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Pods: state, restarts, age"], zh: ["Pod 的状态、重启次数与时长"] }
}

/// The option.
pub(crate) fn sort() -> Text {
    text! { en: ["What comes first"], zh: ["排序"] }
}

/// What to do about that.
pub(crate) fn give_one() -> Text {
    text! {
        en: ["Give one of them: a workload brings its own selector."],
        zh: ["二者择一：工作负载自带选择器。"],
    }
}

/// All of a namespace.
pub(crate) fn all_workloads() -> Text {
    text! { en: ["all workloads"], zh: ["所有工作负载"] }
}

/// There are none.
pub(crate) fn none(of: &Text) -> Text {
    text! { en: ["No pods: ", of], zh: ["没有 Pod：", of] }
}

/// `3 pods of deployment/x, 1 in trouble`
pub(crate) fn title(n: usize, of: &Text, wrong: usize) -> Text {
    let n = i32::try_from(n).unwrap_or(i32::MAX);
    let all = text! { en: [common::pods(n), " of ", of], zh: [of, "：", common::pods(n)] };
    match wrong {
        0 => all,
        _ => text! { en: [&all, ", ", wrong, " in trouble"], zh: [all, "，", wrong, " 个异常"] },
    }
}

/// More than anybody leafs through.
pub(crate) fn only(shown: usize, of: usize) -> Text {
    text! {
        en: ["Listed are the first ", shown, " of ", of, ": name a workload or give a selector to see others."],
        zh: ["仅列出 ", of, " 个中的前 ", shown, " 个：请指定工作负载或选择器以查看其他 Pod。"],
    }
}

/// The state of a pod, in kubectl's word, and what is not plain from that: how many of its containers are ready, and how
/// one of them ended before.
pub(crate) fn state(status: &str, ready: Option<(u32, u32)>, ended: Option<&str>) -> Text {
    let ready = ready.map_or_else(String::new, |(n, all)| format!(" {n}/{all}"));
    let state = format!("{status}{ready}");
    match ended {
        None => Text::from(state),
        Some(ended) => text! { en: [&state, ", was ", ended], zh: [state, "，曾 ", ended] },
    }
}

/// A pod that looks well and is one of those of an open incident.
pub(crate) fn told(title: &Text) -> Text {
    text! { en: ["well now; its incident is open still: ", title], zh: ["目前正常；故障尚未确认恢复：", title] }
}
