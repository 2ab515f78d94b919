//! `/ceo get top`.

use crate::{
    model::{Text, code},
    text,
    texts::get::Noun,
};

/// What is listed.
pub(crate) const NOUN: Noun = Noun {
    one: "pod",
    many: "pods",
    zh: "Pod",
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["CPU and memory of pods"], zh: ["Pod 的 CPU 与内存用量"] }
}

/// The cluster measures nothing.
pub(crate) fn no_metrics(cluster: &str) -> Text {
    text! {
        en: ["What pods use is not known: ", cluster, " has no metrics API"],
        zh: ["用量未知：", cluster, " 没有 metrics API"],
    }
}

/// What would help.
pub(crate) fn install() -> Text {
    text! {
        en: ["It comes with metrics-server (", code("metrics.k8s.io"), "), which is not installed there or does not answer."],
        zh: ["该 API 由 metrics-server 提供（", code("metrics.k8s.io"), "），当前未安装或无响应。"],
    }
}

/// All together.
pub(crate) fn sum(cpu: &str, memory: &str) -> Text {
    text! { en: ["Together ", cpu, " CPU and ", memory, " memory"], zh: ["合计 CPU ", cpu, "，内存 ", memory] }
}

/// What a cell holds.
pub(crate) fn columns() -> Text {
    text! { en: ["used/requested/limit; - is none"], zh: ["用量/请求/上限；- 表示未设置"] }
}

/// Pods that nobody has measured yet.
pub(crate) fn unmeasured(n: usize) -> Text {
    text! { en: ["Not measured yet: ", n, if n == 1 { " pod" } else { " pods" }], zh: ["尚无数据：", n, " 个 Pod"] }
}

/// Its memory is nearly all that it may have: then it is killed.
pub(crate) fn memory_near_limit(percent: u32) -> Text {
    text! {
        en: ["uses ", percent, " % of its memory limit; at 100 % it is killed"],
        zh: ["内存已达上限的 ", percent, " %，达到 100 % 将被终止"],
    }
}

/// Its CPU is nearly all that it may have: then it is slowed down.
pub(crate) fn cpu_near_limit(percent: u32) -> Text {
    text! {
        en: ["uses ", percent, " % of its CPU limit; at 100 % it is slowed down"],
        zh: ["CPU 已达上限的 ", percent, " %，达到 100 % 将被限速"],
    }
}

/// What comes first.
pub(crate) fn sort() -> Text {
    text! { en: ["What comes first"], zh: ["排序"] }
}
