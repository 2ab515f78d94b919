//! What was looked at beside pods and Services, and how it is.

use super::super::common::{names, or};
use crate::{
    model::{Text, Timestamp, ago, code},
    text,
};

/// A volume claim.
pub(crate) fn claim_word() -> Text {
    text! { en: ["volume claim"], zh: ["存储卷声明"] }
}

/// Volume claims.
pub(crate) fn claims_word() -> Text {
    text! { en: ["volume claims"], zh: ["存储卷声明"] }
}

/// Storage classes.
pub(crate) fn classes_word() -> Text {
    text! { en: ["storage class"], zh: ["存储类"] }
}

/// Ingress classes.
pub(crate) fn ingress_classes_word() -> Text {
    text! { en: ["ingress class"], zh: ["IngressClass"] }
}

/// Ingresses.
pub(crate) fn ingresses_word() -> Text {
    text! { en: ["Ingresses"], zh: ["Ingress"] }
}

/// Autoscalers.
pub(crate) fn autoscalers_word() -> Text {
    text! { en: ["autoscalers"], zh: ["自动扩缩容"] }
}

/// Hosts of an Ingress.
pub(crate) fn hosts_word() -> Text {
    text! { en: ["hosts"], zh: ["域名"] }
}

/// Certificates.
pub(crate) fn certificates_word() -> Text {
    text! { en: ["certificates"], zh: ["证书"] }
}

/// Network policies.
pub(crate) fn policies_word() -> Text {
    text! { en: ["NetworkPolicies"], zh: ["NetworkPolicy"] }
}

/// What an autoscaler scales.
pub(crate) fn target_word() -> Text {
    text! { en: ["what it scales"], zh: ["扩缩容目标"] }
}

/// What an autoscaler measures.
pub(crate) fn metrics_word() -> Text {
    text! { en: ["metrics"], zh: ["指标"] }
}

/// When a CronJob makes Jobs.
pub(crate) fn schedule_word() -> Text {
    text! { en: ["schedule"], zh: ["调度计划"] }
}

/// The Jobs of a CronJob.
pub(crate) fn runs_word() -> Text {
    text! { en: ["its Jobs"], zh: ["其 Job"] }
}

/// A claim that has its volume.
pub(crate) fn is_bound(volume: &str) -> Text {
    text! { en: ["is bound to volume ", volume], zh: ["已绑定存储卷 ", volume] }
}

/// A claim that nobody uses yet.
pub(crate) fn waits_for_its_first_pod() -> Text {
    text! { en: ["waits for the first pod that uses it"], zh: ["等待首个使用它的 Pod"] }
}

/// A claim whose pod has no node yet.
pub(crate) fn waits_for_its_pod() -> Text {
    text! { en: ["waits for its pod to get a node"], zh: ["等待其 Pod 完成调度"] }
}

/// How full a volume is tells nobody whom the bot asks.
pub(crate) fn fill_not_known() -> Text {
    text! {
        en: ["how full its volume is: only the kubelet knows"],
        zh: ["存储卷使用率：仅 kubelet 可知"],
    }
}

/// What is wanted of what there is.
pub(crate) fn wanted_of(wanted: &str, known: &[String]) -> Text {
    match wanted {
        "" => text! { en: ["none named, there are: ", names(known)], zh: ["未指定，现有：", names(known)] },
        wanted => text! {
            en: [code(wanted), ", there are: ", names(known)],
            zh: [code(wanted), "，现有：", names(known)],
        },
    }
}

/// Names that look like what is missing.
pub(crate) fn looks_like(near: &[String]) -> Text {
    let near = or(near.iter().map(|name| code(name.clone()).into()));
    text! { en: [&near, " was meant, its name looks like it"], zh: ["应为 ", near, "，名称相近"] }
}

/// A host that nobody knows, and Services whose names look like it.
pub(crate) fn unknown_host(host: &str, near: &[String]) -> Text {
    let near = or(near.iter().map(|name| code(name.clone()).into()));
    text! {
        en: ["its last lines name the host ", code(host), ", which is no Service here; there is ", &near],
        zh: ["其末尾日志提到主机 ", code(host), "，此处没有该 Service；相近的有 ", near],
    }
}

/// A certificate, and how long it is good.
pub(crate) fn certificate(secret: &str, ends: Option<Timestamp>) -> Text {
    match ends {
        Some(at) => {
            text! { en: [code(secret), " ends ", ago(at)], zh: [code(secret), " 到期时间 ", ago(at)] }
        }
        None => text! { en: [code(secret), " not known"], zh: [code(secret), " 未知"] },
    }
}

/// Nothing wrong with it.
pub(crate) fn nothing_wrong_there() -> Text {
    text! { en: ["nothing wrong"], zh: ["正常"] }
}

/// Nobody behind it.
pub(crate) fn leads_to_nobody() -> Text {
    text! { en: ["it leads to nobody"], zh: ["没有可用的后端"] }
}

/// What an Ingress suffers from.
pub(crate) fn ingress_to_service(ingress: &str, service: &str) -> Text {
    text! {
        en: ["Ingress ", code(ingress), ": its Service ", code(service), " leads to nobody"],
        zh: ["Ingress ", code(ingress), "：其 Service ", code(service), " 没有可用的后端"],
    }
}

/// It is there.
pub(crate) fn is_there(name: &str) -> Text {
    text! { en: [code(name)], zh: [code(name)] }
}

/// It is not.
pub(crate) fn is_not_there(name: &str) -> Text {
    text! { en: [code(name), " is not there"], zh: [code(name), " 不存在"] }
}

/// Whether it is is not known.
pub(crate) fn not_known(name: &str) -> Text {
    text! { en: [code(name), ", not known whether it is there"], zh: [code(name), "，是否存在未知"] }
}

/// How many objects.
pub(crate) fn so_many_objects(n: usize) -> Text {
    text! { en: [n], zh: [n, " 个"] }
}

/// When a CronJob makes Jobs, and when it did last.
pub(crate) fn schedule(schedule: &str, last: Option<Timestamp>) -> Text {
    match last {
        Some(at) => text! {
            en: [code(schedule), ", last ", ago(at)],
            zh: [code(schedule), "，上次运行 ", ago(at)],
        },
        None => text! { en: [code(schedule), ", not run yet"], zh: [code(schedule), "，尚未运行"] },
    }
}

/// A CronJob that makes no Jobs for now.
pub(crate) fn is_suspended() -> Text {
    text! { en: ["is suspended: it makes no Jobs"], zh: ["已挂起，不会创建 Job"] }
}

/// A CronJob whose newest Job failed.
pub(crate) fn its_newest_failed() -> Text {
    text! { en: ["failed when it ran last"], zh: ["最近一次运行失败"] }
}

/// What the controller of an object says of it.
pub(crate) fn controller_says(kind: &str, name: &str, reason: &str, message: &str) -> Text {
    match message {
        "" => text! {
            en: [kind, " ", code(name), ": its controller says ", reason],
            zh: [kind, " ", code(name), "：控制器报告 ", reason],
        },
        message => text! {
            en: [kind, " ", code(name), ": its controller says ", reason, ": ", message],
            zh: [kind, " ", code(name), "：控制器报告 ", reason, "：", message],
        },
    }
}

/// What a workload refers to was written since its pods began.
pub(crate) fn rewritten(kind: &str, name: &str, by: &str, at: Timestamp, pods: usize) -> Text {
    let n = i32::try_from(pods).unwrap_or(i32::MAX);
    let is = if n == 1 { " is older" } else { " are older" };
    text! {
        en: [kind, " ", code(name), " was written by ", by, " ", ago(at), "; ", super::super::common::pods(n), is],
        zh: [kind, " ", code(name), " 由 ", by, " 修改于 ", ago(at), "；", super::super::common::pods(n), " 早于该修改"],
    }
}

/// A pod asks for more than the largest node has.
pub(crate) fn asks_too_much(resource: &str, asks: &str, node: &str, most: &str) -> Text {
    text! {
        en: ["it requests ", asks, " of ", resource, "; the largest node ", code(node), " has ", most, " in all"],
        zh: ["请求 ", resource, " ", asks, "；最大的节点 ", code(node), " 共有 ", most],
    }
}

/// What a probe asks, and what its container says it opens.
pub(crate) fn probe_asks(field: &str, port: &str, declared: &[String], fits: bool) -> Text {
    if fits {
        text! {
            en: [code(field), " asks ", code(port), "; the container declares ", names(declared)],
            zh: [code(field), " 访问 ", code(port), "；容器声明的端口：", names(declared)],
        }
    } else {
        text! {
            en: [code(field), " asks ", code(port), ", and the container declares only ", names(declared)],
            zh: [code(field), " 访问 ", code(port), "，而容器仅声明了 ", names(declared)],
        }
    }
}
