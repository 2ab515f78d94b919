//! How things stand, in words: ends of containers, rollouts as kubectl tells them, and why no node fits.

use super::common::pods;
use crate::{
    model::{Text, WorkloadKind, code},
    text,
};

/// What an exit code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitMeaning {
    /// It used more memory than its limit.
    OutOfMemory,
    /// It could not be started.
    NotStarted,
    /// It ran past its deadline.
    PastDeadline,
    /// It finished without an error.
    Finished,
    /// The program said that it failed.
    Program,
    /// The container could not be run.
    NotRun,
    /// Its command cannot be executed.
    NotExecutable,
    /// Its command was not found.
    NotFound,
    /// Ended by SIGINT.
    Interrupted,
    /// Aborted by itself.
    Aborted,
    /// A bus error.
    BusError,
    /// An arithmetic error.
    Arithmetic,
    /// Killed by signal 9.
    Killed,
    /// A segmentation fault.
    SegmentationFault,
    /// It was asked to stop.
    Stopped,
    /// Ended by another signal.
    Signal(i32),
}

impl ExitMeaning {
    fn words(self) -> Text {
        match self {
            Self::OutOfMemory => text! {
                en: ["OOMKilled: it used more memory than its limit"],
                zh: ["OOMKilled：内存使用超过上限"],
            },
            Self::NotStarted => text! { en: ["it could not be started"], zh: ["无法启动"] },
            Self::PastDeadline => text! { en: ["it ran past its deadline"], zh: ["运行超过期限"] },
            Self::Finished => text! { en: ["finished without an error"], zh: ["正常结束"] },
            Self::Program => text! { en: ["error of the program"], zh: ["程序自身错误"] },
            Self::NotRun => text! { en: ["the container could not be run"], zh: ["容器无法运行"] },
            Self::NotExecutable => text! { en: ["its command cannot be executed"], zh: ["命令无法执行"] },
            Self::NotFound => text! { en: ["its command was not found"], zh: ["找不到命令"] },
            Self::Interrupted => text! { en: ["ended by SIGINT"], zh: ["被 SIGINT 终止"] },
            Self::Aborted => text! { en: ["aborted, signal 6"], zh: ["异常中止，信号 6"] },
            Self::BusError => text! { en: ["bus error, signal 7"], zh: ["总线错误，信号 7"] },
            Self::Arithmetic => text! { en: ["arithmetic error, signal 8"], zh: ["算术错误，信号 8"] },
            Self::Killed => text! {
                en: ["killed by signal 9: a failed liveness probe, a node without memory, or it did not stop in time"],
                zh: ["被信号 9 强制终止：存活探针失败、节点内存不足或未能按时停止"],
            },
            Self::SegmentationFault => text! {
                en: ["segmentation fault, signal 11"],
                zh: ["段错误，信号 11"],
            },
            Self::Stopped => text! {
                en: ["ended by SIGTERM: it was asked to stop"],
                zh: ["被 SIGTERM 终止：收到停止请求"],
            },
            Self::Signal(n) => text! { en: ["ended by signal ", n], zh: ["被信号 ", n, " 终止"] },
        }
    }
}

/// `exit code 3 (error of the program)`
pub(crate) fn exit(number: i32, meaning: ExitMeaning) -> Text {
    let words = meaning.words();
    text! { en: ["exit code ", number, " (", &words, ")"], zh: ["退出码 ", number, "（", words, "）"] }
}

/// A node whose kubelet is silent.
pub(crate) fn node_silent() -> Text {
    text! { en: ["its kubelet does not report"], zh: ["kubelet 停止上报"] }
}

/// A node whose container runtime is down.
pub(crate) fn node_runtime() -> Text {
    text! { en: ["the container runtime does not answer"], zh: ["容器运行时无响应"] }
}

/// A node without a network.
pub(crate) fn node_network() -> Text {
    text! { en: ["its network is not set up"], zh: ["节点网络未就绪"] }
}

/// A node that shuts down.
pub(crate) fn node_shutdown() -> Text {
    text! { en: ["it shuts down"], zh: ["节点正在关机"] }
}

/// A node of which only its kubelet's words tell.
pub(crate) fn node_says(words: &str) -> Text {
    if words.is_empty() {
        text! { en: ["its kubelet gives no reason"], zh: ["kubelet 未说明原因"] }
    } else {
        text! { en: ["its kubelet says: ", words], zh: ["kubelet 报告：", words] }
    }
}

/// Why nodes do not fit a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// They lack a resource.
    Lack(String),
    /// They are cordoned.
    Cordoned,
    /// They have as many pods as they take.
    Full,
    /// They do not match the node selector or the affinity.
    Selector,
    /// The pod's anti-affinity excludes them.
    AntiAffinity,
    /// The pod there would break the topology spread.
    Spread,
    /// The volume is elsewhere.
    Volume,
    /// The host port is in use.
    Port,
    /// They are not ready.
    NotReady,
    /// They are short of memory.
    MemoryPressure,
    /// They are short of disk.
    DiskPressure,
    /// They are of the control plane.
    ControlPlane,
    /// They have a taint that the pod does not tolerate; without a name where the scheduler gives none.
    Taint(String),
    /// In the scheduler's words.
    Other(String),
}

/// `3 lack memory`
pub(crate) fn unfit(count: u32, why: &Unfit) -> Text {
    let one = count == 1;
    let (is, has) = if one {
        (" is ", " has ")
    } else {
        (" are ", " have ")
    };
    match why {
        Unfit::Lack(resource) => {
            let lack = if one { " lacks " } else { " lack " };
            text! { en: [count, lack, resource], zh: [count, " 个 ", resource, " 不足"] }
        }
        Unfit::Cordoned => text! { en: [count, is, "cordoned"], zh: [count, " 个已停止调度"] },
        Unfit::Full => text! { en: [count, has, "no room for another pod"], zh: [count, " 个 Pod 数已满"] },
        Unfit::Selector => {
            let does = if one { " does" } else { " do" };
            text! { en: [count, does, " not match the node selector"], zh: [count, " 个不符合节点选择器"] }
        }
        Unfit::AntiAffinity => text! {
            en: [count, is, "excluded by anti-affinity"],
            zh: [count, " 个被反亲和性排除"],
        },
        Unfit::Spread => text! {
            en: [count, " would break the topology spread"],
            zh: [count, " 个不满足拓扑分布约束"],
        },
        Unfit::Volume => text! { en: [count, " cannot reach the volume"], zh: [count, " 个无法访问存储卷"] },
        Unfit::Port => text! { en: [count, has, "the host port in use"], zh: [count, " 个主机端口已占用"] },
        Unfit::NotReady => text! { en: [count, is, "not ready"], zh: [count, " 个未就绪"] },
        Unfit::MemoryPressure => text! {
            en: [count, is, "under memory pressure"],
            zh: [count, " 个内存紧张"],
        },
        Unfit::DiskPressure => text! { en: [count, is, "under disk pressure"], zh: [count, " 个磁盘紧张"] },
        Unfit::ControlPlane => {
            text! { en: [count, is, "of the control plane"], zh: [count, " 个是控制平面节点"] }
        }
        Unfit::Taint(key) if key.is_empty() => text! {
            en: [count, has, "a taint that the pod does not tolerate"],
            zh: [count, " 个带有 Pod 不容忍的污点"],
        },
        Unfit::Taint(key) => text! {
            en: [count, has, "the taint ", key],
            zh: [count, " 个带有污点 ", key],
        },
        Unfit::Other(words) => text! { en: [count, " ", words], zh: [count, " 个 ", words] },
    }
}

/// `0 of 4 nodes fit`
pub(crate) fn nodes_fit(fit: &str, all: &str) -> Text {
    let plural = if all == "1" { "" } else { "s" };
    text! {
        en: [fit, " of ", all, " node", plural, " fit"],
        zh: [all, " 个节点中 ", fit, " 个满足条件"],
    }
}

/// The same, with what the others lack.
pub(crate) fn nodes_fit_because(head: &Text, reasons: Vec<Text>) -> Text {
    let all = Text::joined(reasons, &text! { en: [", "], zh: ["，"] });
    text! { en: [head, ": ", &all], zh: [head, "：", all] }
}

/// A pod waits for a claim.
pub(crate) fn claim_unbound() -> Text {
    text! { en: ["a volume claim of the pod is not bound"], zh: ["Pod 的存储卷声明尚未绑定"] }
}

/// A pod names a claim that is not there.
pub(crate) fn no_claim(name: &str) -> Text {
    text! { en: ["the volume claim ", name, " does not exist"], zh: ["存储卷声明 ", name, " 不存在"] }
}

/// A rollout of what does not exist.
pub(crate) fn no_such_object() -> Text {
    text! { en: ["there is no such object"], zh: ["对象不存在"] }
}

/// The controller has not looked yet.
pub(crate) fn spec_unseen(kind: WorkloadKind) -> Text {
    // As kubectl writes them here.
    let kind = match kind {
        WorkloadKind::DaemonSet => "daemon set",
        kind => kind.singular(),
    };
    text! {
        en: ["Waiting for ", kind, " spec update to be observed..."],
        zh: ["等待控制器处理新的 spec"],
    }
}

/// Pods of the newest template are being made.
pub(crate) fn replicas_updated(updated: i32, desired: i32) -> Text {
    text! {
        en: [updated, " out of ", desired, " new replicas have been updated..."],
        zh: [desired, " 个新副本中 ", updated, " 个已更新"],
    }
}

/// Old pods are going.
pub(crate) fn old_replicas(n: i32) -> Text {
    text! { en: [n, " old replicas are pending termination..."], zh: [n, " 个旧副本等待终止"] }
}

/// New pods are starting.
pub(crate) fn replicas_available(available: i32, updated: i32) -> Text {
    text! {
        en: [available, " of ", updated, " updated replicas are available..."],
        zh: [updated, " 个新副本中 ", available, " 个可用"],
    }
}

/// Done.
pub(crate) fn rolled_out() -> Text {
    text! { en: ["successfully rolled out"], zh: ["发布完成"] }
}

/// Past its deadline.
pub(crate) fn past_deadline() -> Text {
    text! { en: ["exceeded its progress deadline"], zh: ["超过发布期限"] }
}

/// Pods are starting.
pub(crate) fn waiting_for_ready(n: i32) -> Text {
    text! { en: ["Waiting for ", n, " pods to be ready..."], zh: ["等待 ", n, " 个 Pod 就绪"] }
}

/// Pods are going.
pub(crate) fn waiting_for_gone(n: i32) -> Text {
    text! { en: ["Waiting for ", n, " pods to go..."], zh: ["等待 ", n, " 个 Pod 终止"] }
}

/// A part of the pods is being replaced.
pub(crate) fn partition(updated: i32, of: i32) -> Text {
    text! {
        en: ["Waiting for partitioned roll out to finish: ", updated, " out of ", of, " new pods have been updated..."],
        zh: ["等待分区发布完成：", of, " 个新 Pod 中 ", updated, " 个已更新"],
    }
}

/// A part of the pods was replaced.
pub(crate) fn partition_done(updated: i32) -> Text {
    text! {
        en: ["partitioned roll out complete: ", updated, " new pods have been updated..."],
        zh: ["分区发布完成：", updated, " 个新 Pod 已更新"],
    }
}

/// A pod on each node is being replaced.
pub(crate) fn pods_updated(updated: i32, desired: i32) -> Text {
    text! {
        en: [updated, " out of ", desired, " new pods have been updated..."],
        zh: [desired, " 个新 Pod 中 ", updated, " 个已更新"],
    }
}

/// A pod on each node is starting.
pub(crate) fn pods_available(available: i32, desired: i32) -> Text {
    text! {
        en: [available, " of ", desired, " updated pods are available..."],
        zh: [desired, " 个新 Pod 中 ", available, " 个可用"],
    }
}

/// Pods are replaced when somebody deletes them.
pub(crate) fn on_delete(updated: i32, desired: i32) -> Text {
    let are = if desired == 1 { " is" } else { " are" };
    text! {
        en: [updated, " of ", pods(desired), are, " of the newest template; the others are replaced when they are deleted"],
        zh: [desired, " 个 Pod 中 ", updated, " 个使用最新模板；其余在被删除后替换（", code("OnDelete"), "）"],
    }
}

/// A Service that selects nothing by itself.
pub(crate) fn no_selector() -> Text {
    text! {
        en: ["it has no selector, and nobody gave it endpoints"],
        zh: ["没有选择器，也未手动配置端点"],
    }
}

/// A Service whose selector matches nothing.
pub(crate) fn selects_nothing(selector: &str) -> Text {
    text! {
        en: ["its selector ", selector, " matches no running pod"],
        zh: ["选择器 ", selector, " 未匹配任何运行中的 Pod"],
    }
}

/// A Service whose pods are not ready.
pub(crate) fn none_ready(pods: usize) -> Text {
    match pods {
        1 => text! { en: ["its only pod is not ready"], zh: ["唯一的 Pod 未就绪"] },
        n => text! { en: ["none of its ", n, " pods is ready"], zh: [n, " 个 Pod 均未就绪"] },
    }
}

/// A claim whose volume is gone.
pub(crate) fn volume_lost(volume: &str) -> Text {
    text! {
        en: ["its volume ", volume, " is gone, and what was on it"],
        zh: ["存储卷 ", volume, " 已丢失，其上数据不可用"],
    }
}

/// A claim of a class that is not there.
pub(crate) fn no_storage_class(name: &str) -> Text {
    text! { en: ["its class ", name, " does not exist"], zh: ["存储类 ", name, " 不存在"] }
}

/// A claim that waits, and what a warning says of it.
pub(crate) fn not_bound(said: &str) -> Text {
    if said.is_empty() {
        text! { en: ["it has no volume yet"], zh: ["尚未绑定存储卷"] }
    } else {
        text! { en: ["it has no volume yet: ", said], zh: ["尚未绑定存储卷：", said] }
    }
}

/// An Ingress without a way to anybody.
pub(crate) fn leads_nowhere() -> Text {
    text! { en: ["it leads nowhere: no rule and no default"], zh: ["没有任何规则和默认后端"] }
}

/// An Ingress whose Service is not there.
pub(crate) fn no_backend(service: &str) -> Text {
    text! { en: ["its Service ", service, " does not exist"], zh: ["后端 Service ", service, " 不存在"] }
}

/// An Ingress whose Service has nobody behind it.
pub(crate) fn backend(service: &str, problem: &Text) -> Text {
    text! { en: ["Service ", service, ": ", problem], zh: ["Service ", service, "：", problem] }
}

/// `CPU 41 % of 70 %`; without a number it is not known.
pub(crate) fn metric(name: &str, now: Option<&str>, target: &str) -> Text {
    match now {
        Some(now) => text! { en: [name, " ", now, " of ", target], zh: [name, " ", now, "，目标 ", target] },
        None => text! { en: [name, " unknown of ", target], zh: [name, " 未知，目标 ", target] },
    }
}
