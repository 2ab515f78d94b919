//! `/ceo diagnose`: why something does not work, how certain that is, and what was looked at; and the words of the causes
//! that lie in Services and nodes.

mod meaning;
mod pulls;
mod room;
mod steps;
mod volumes;

pub(crate) use meaning::*;
pub(crate) use pulls::*;
pub(crate) use room::*;
pub(crate) use steps::*;
pub(crate) use volumes::*;

use super::common::{names, pods};
use crate::{
    model::{Text, Timestamp, ago, code},
    text,
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Why something does not work"], zh: ["诊断故障原因"] }
}

/// What it is about.
pub(crate) fn what() -> Text {
    text! { en: ["What to look into"], zh: ["诊断对象"] }
}

/// The button to it for one of several.
pub(crate) fn button_of(name: &str) -> Text {
    text! { en: ["Diagnose ", name], zh: ["诊断 ", name] }
}

/// The title when there is nothing to tell.
pub(crate) fn nothing_wrong(name: &str) -> Text {
    text! { en: ["Nothing wrong found with ", code(name)], zh: ["未发现 ", code(name), " 存在异常"] }
}

/// The title when it is not known.
pub(crate) fn unknown(name: &str) -> Text {
    text! { en: [code(name), ": not known"], zh: [code(name), "：情况未知"] }
}

/// The title when a cause was found.
pub(crate) fn does_not_work(name: &str) -> Text {
    text! { en: [code(name), " does not work as it should"], zh: [code(name), " 存在异常"] }
}

/// The title when something may be a cause.
pub(crate) fn may_not_work(name: &str) -> Text {
    text! { en: [code(name), " may not work as it should"], zh: [code(name), " 可能存在异常"] }
}

/// Behind how a workload is: whom a Service does not lead to.
pub(crate) fn not_led_to(verdict: &Text) -> Text {
    text! {
        en: [verdict, ", but a Service does not lead to it"],
        zh: [verdict, "，但有 Service 未能将流量导向它"],
    }
}

/// The field of the cause.
pub(crate) fn cause() -> Text {
    text! { en: ["Cause"], zh: ["原因"] }
}

/// Before what follows from the cause.
pub(crate) fn follows(what: &Text) -> Text {
    text! { en: ["Hence: ", what], zh: ["由此导致：", what] }
}

/// Before what may be.
pub(crate) fn perhaps(what: &Text) -> Text {
    text! { en: ["Perhaps: ", what], zh: ["疑似：", what] }
}

/// What the cluster says itself.
pub(crate) fn seen() -> Text {
    text! { en: ["Certainty: seen, the cluster says so itself"], zh: ["可信度：已确认，集群状态直接表明"] }
}

/// What follows from what the cluster says.
pub(crate) fn inferred() -> Text {
    text! {
        en: ["Certainty: inferred from what the cluster and the programs say"],
        zh: ["可信度：推断，依据集群状态与程序输出"],
    }
}

/// What may be so.
pub(crate) fn possible() -> Text {
    text! {
        en: ["Certainty: possible, nothing seen proves it"],
        zh: ["可信度：可能，尚无直接证据"],
    }
}

/// The field of what it rests on.
pub(crate) fn evidence() -> Text {
    text! { en: ["Evidence"], zh: ["证据"] }
}

/// The field of what is wrong beside it.
pub(crate) fn also() -> Text {
    text! { en: ["Also found"], zh: ["其他发现"] }
}

/// The field of what was looked at.
pub(crate) fn looked_at() -> Text {
    text! { en: ["Looked at"], zh: ["已检查"] }
}

/// The field of what was not.
pub(crate) fn not_looked_at() -> Text {
    text! { en: ["Not looked at"], zh: ["未检查"] }
}

/// A thing that was looked at, and what was found there.
pub(crate) fn step(number: usize, what: &Text, found: &Text) -> Text {
    text! { en: [number, ". ", what, ": ", found], zh: [number, ". ", what, "：", found] }
}

/// A thing that was not looked at, and why.
pub(crate) fn missed(what: &Text, why: &Text) -> Text {
    text! { en: [what, ": ", why], zh: [what, "：", why] }
}

/// What keeps a kind from being known where nothing is known of why.
pub(crate) fn still_read() -> Text {
    text! { en: ["they are still being read"], zh: ["仍在读取中"] }
}

/// A kind that is not known as it is now: `nodes: the bot may not list them (…)`.
pub(crate) fn not_seen(plural: &str, why: &Text) -> Text {
    text! {
        en: [plural, ": the bot does not see them now (", why, ")"],
        zh: [plural, "：机器人当前无法读取（", why, "）"],
    }
}

/// The rollout of a workload.
pub(crate) fn rollout() -> Text {
    text! { en: ["rollout"], zh: ["发布"] }
}

/// Pods.
pub(crate) fn pods_word() -> Text {
    text! { en: ["pods"], zh: ["Pod"] }
}

/// A Job.
pub(crate) fn job_word() -> Text {
    text! { en: ["Job"], zh: ["Job"] }
}

/// Jobs.
pub(crate) fn jobs_word() -> Text {
    text! { en: ["Jobs"], zh: ["Job"] }
}

/// Workloads.
pub(crate) fn workloads_word() -> Text {
    text! { en: ["workloads"], zh: ["工作负载"] }
}

/// Services.
pub(crate) fn services_word() -> Text {
    text! { en: ["Services"], zh: ["Service"] }
}

/// Nodes.
pub(crate) fn nodes_word() -> Text {
    text! { en: ["nodes"], zh: ["节点"] }
}

/// A Service by its name.
pub(crate) fn service_word(name: &str) -> Text {
    text! { en: ["Service ", name], zh: ["Service ", name] }
}

/// The selector of a Service.
pub(crate) fn selector_word() -> Text {
    text! { en: ["selector"], zh: ["选择器"] }
}

/// EndpointSlices.
pub(crate) fn slices_word() -> Text {
    text! { en: ["EndpointSlices"], zh: ["EndpointSlice"] }
}

/// The ports of a Service.
pub(crate) fn ports_word() -> Text {
    text! { en: ["ports"], zh: ["端口"] }
}

/// Conditions of a node.
pub(crate) fn conditions_word() -> Text {
    text! { en: ["conditions"], zh: ["节点状况"] }
}

/// Scheduling on a node.
pub(crate) fn scheduling_word() -> Text {
    text! { en: ["scheduling"], zh: ["调度"] }
}

/// Events.
pub(crate) fn events_word() -> Text {
    text! { en: ["warnings (Events)"], zh: ["告警事件"] }
}

/// The last lines of a container.
pub(crate) fn log_word(container: &str) -> Text {
    text! { en: ["last lines of container ", container], zh: ["容器 ", container, " 的末尾日志"] }
}

/// How many things of a name: `3 Running`.
pub(crate) fn so_many(n: usize, word: &str) -> Text {
    text! { en: [n, " ", word], zh: [n, " ", word] }
}

/// Between two counts.
pub(crate) fn comma() -> Text {
    text! { en: [", "], zh: ["，"] }
}

/// Nothing of the kind.
pub(crate) fn none() -> Text {
    text! { en: ["none"], zh: ["无"] }
}

/// How many are wrong.
pub(crate) fn wrong_of(wrong: usize, all: usize) -> Text {
    match wrong {
        0 => text! { en: [all, ", nothing wrong"], zh: [all, " 个，均正常"] },
        _ => text! { en: [wrong, " of ", all, " with trouble"], zh: [all, " 个中 ", wrong, " 个异常"] },
    }
}

/// How many lines.
pub(crate) fn lines(n: usize) -> Text {
    text! { en: [n, if n == 1 { " line" } else { " lines" }], zh: [n, " 行"] }
}

/// The pods that a selector matches.
pub(crate) fn selects(selector: &str, n: i32) -> Text {
    text! { en: [code(selector), " matches ", pods(n)], zh: [code(selector), " 匹配 ", pods(n)] }
}

/// The endpoints of a Service.
pub(crate) fn endpoints(ready: usize, not_ready: usize) -> Text {
    text! { en: [ready, " ready, ", not_ready, " not"], zh: [ready, " 个就绪，", not_ready, " 个未就绪"] }
}

/// Where the ports of a Service lead: `80 to 8080`.
pub(crate) fn leads(from: i32, to: &str) -> Text {
    text! { en: [from.to_string(), " to ", to], zh: [from.to_string(), " 至 ", to] }
}

/// A node that is kept free.
pub(crate) fn cordoned() -> Text {
    text! { en: ["cordoned: new pods are kept off it"], zh: ["已禁止调度：不接收新 Pod"] }
}

/// A node that takes pods.
pub(crate) fn open_to_pods() -> Text {
    text! { en: ["it takes new pods"], zh: ["可接收新 Pod"] }
}

/// A node that is ready.
pub(crate) fn node_ready() -> Text {
    text! { en: ["ready"], zh: ["就绪"] }
}

/// A node, in front of what is wrong with it.
pub(crate) fn node(name: &str, why: &Text) -> Text {
    text! { en: ["Node ", code(name), ": ", why], zh: ["节点 ", code(name), "：", why] }
}

/// A Job, in front of why it gave up.
pub(crate) fn job(name: &str, why: &Text) -> Text {
    text! { en: ["Job ", code(name), ": ", why], zh: ["Job ", code(name), "：", why] }
}

/// Behind a cause that several pods share.
pub(crate) fn in_all(what: &Text, n: usize) -> Text {
    match n {
        0 | 1 => what.clone(),
        n => text! { en: [what, "; ", n, " pods in all"], zh: [what, "；共 ", n, " 个 Pod"] },
    }
}

/// Behind how a container ends: whom its last words name.
pub(crate) fn names_service(what: &Text, service: &str) -> Text {
    text! {
        en: [what, "; its last lines name the Service ", code(service)],
        zh: [what, "；其末尾日志提到 Service ", code(service)],
    }
}

/// Evidence: how a container ended.
pub(crate) fn ended(exit: &Text, at: Option<Timestamp>) -> Text {
    match at {
        Some(at) => {
            text! { en: ["pod status: ", exit, " ", ago(at)], zh: ["Pod 状态：", exit, "，", ago(at)] }
        }
        None => text! { en: ["pod status: ", exit], zh: ["Pod 状态：", exit] },
    }
}

/// Evidence: what a container waits for.
pub(crate) fn waits(reason: &str, message: &str, at: Timestamp) -> Text {
    let why = match message {
        "" => Text::default(),
        message => text! { en: [" (", message, ")"], zh: ["（", message, "）"] },
    };
    text! {
        en: ["pod status: waits, ", reason, &why, ", read ", ago(at)],
        zh: ["Pod 状态：等待，", reason, why, "，读取于 ", ago(at)],
    }
}

/// Evidence: a condition.
pub(crate) fn condition(kind: &str, since: Option<Timestamp>) -> Text {
    match since {
        Some(at) => {
            text! { en: ["condition ", kind, ", since ", ago(at)], zh: ["状况 ", kind, "，始于 ", ago(at)] }
        }
        None => text! { en: ["condition ", kind], zh: ["状况 ", kind] },
    }
}

/// Evidence: an Event.
pub(crate) fn event(reason: &str, message: &str, at: Option<Timestamp>) -> Text {
    let when = at.map_or_else(
        Text::default,
        |at| text! { en: [" ", ago(at)], zh: ["，", ago(at)] },
    );
    match message {
        "" => text! { en: ["Event ", reason, &when], zh: ["事件 ", reason, when] },
        message => {
            text! { en: ["Event ", reason, ": ", message, &when], zh: ["事件 ", reason, "：", message, when] }
        }
    }
}

/// Evidence: objects as the watches have them.
pub(crate) fn objects(what: &str, at: Timestamp) -> Text {
    text! { en: [what, ", read ", ago(at)], zh: [what, "，读取于 ", ago(at)] }
}

/// The newest revision that was seen to work.
pub(crate) fn worked(revision: i64) -> Text {
    text! { en: ["revision ", revision.to_string(), " was seen to work"], zh: ["版本 ", revision.to_string(), " 曾正常运行"] }
}

/// What runs now has worked before.
pub(crate) fn this_worked() -> Text {
    text! {
        en: ["the revision that runs was seen to work before: look for a change elsewhere"],
        zh: ["当前版本此前曾正常运行，变化可能在其他地方"],
    }
}

/// The field of that.
pub(crate) fn last_worked() -> Text {
    text! { en: ["Last worked"], zh: ["上次正常"] }
}

/// The pods of something are on their way.
pub(crate) fn on_their_way() -> Text {
    text! {
        en: ["its pods are starting, and have time left for that"],
        zh: ["Pod 正在启动，尚未超出启动时限"],
    }
}

/// How the last pod of a Job ended.
pub(crate) fn last_pod_ended(why: &Text, container: &str, exit: &Text) -> Text {
    text! {
        en: [why, ": container ", container, ", ", exit],
        zh: [why, "：容器 ", container, "，", exit],
    }
}

/// A Service, in front of what is wrong with it.
pub(crate) fn service(name: &str, why: &Text) -> Text {
    text! { en: ["Service ", code(name), ": ", why], zh: ["Service ", code(name), "：", why] }
}

/// A selector that nearly matches.
pub(crate) fn selects_nothing_near(selector: &str, owner: &str, label: &Text) -> Text {
    text! {
        en: ["its selector ", code(selector), " matches no running pod; ", code(owner), " comes nearest with ", label],
        zh: ["选择器 ", code(selector), " 未匹配任何运行中的 Pod；最接近的是 ", code(owner), "（", label, "）"],
    }
}

/// A label that pods lack.
pub(crate) fn lacks_label(key: &str) -> Text {
    text! { en: ["no label ", code(key)], zh: ["缺少标签 ", code(key)] }
}

/// The workload behind a Service has no pods by somebody's wish.
pub(crate) fn selects_scaled_to_zero(workload: &str) -> Text {
    text! {
        en: ["it leads to ", code(workload), ", which is scaled to zero"],
        zh: ["指向的 ", code(workload), " 已缩容至 0"],
    }
}

/// The workload behind a Service has no pods.
pub(crate) fn selects_no_pods(workload: &str) -> Text {
    text! {
        en: ["it leads to ", code(workload), ", which has no running pod"],
        zh: ["指向的 ", code(workload), " 没有运行中的 Pod"],
    }
}

/// A name of a port that nobody has.
pub(crate) fn no_port_of_that_name(wanted: &str, declared: &[String]) -> Text {
    text! {
        en: ["its targetPort ", code(wanted), " is the name of no port of its pods (they have: ", names(declared), ")"],
        zh: ["targetPort ", code(wanted), " 在其 Pod 中没有同名端口（现有：", names(declared), "）"],
    }
}

/// A port that nobody declares.
pub(crate) fn no_such_port(wanted: i32, declared: &[String]) -> Text {
    text! {
        en: ["its targetPort ", wanted.to_string(), " is none of the ports that its pods declare (", names(declared), ")"],
        zh: ["targetPort ", wanted.to_string(), " 不在其 Pod 声明的端口之中（", names(declared), "）"],
    }
}

/// Pods that are ready and not listed.
pub(crate) fn not_listed(n: usize) -> Text {
    text! {
        en: [pods(i32::try_from(n).unwrap_or(i32::MAX)), " ready, and none is in its EndpointSlices"],
        zh: [pods(i32::try_from(n).unwrap_or(i32::MAX)), "已就绪，但未列入 EndpointSlice"],
    }
}

/// What to do about a Service that nobody gives endpoints.
pub(crate) fn give_endpoints(service: &str) -> Text {
    text! {
        en: ["set ", code("spec.selector"), " of Service ", service, ", or create EndpointSlices for it"],
        zh: ["设置 Service ", service, " 的 ", code("spec.selector"), "，或为其创建 EndpointSlice"],
    }
}

/// What to do about a selector.
pub(crate) fn mend_selector(service: &str) -> Text {
    text! {
        en: ["set ", code("spec.selector"), " of Service ", service, " to the labels of the pods that shall serve"],
        zh: ["将 Service ", service, " 的 ", code("spec.selector"), " 改为目标 Pod 的标签"],
    }
}

/// The same where the label is known.
pub(crate) fn set_selector(service: &str, key: &str, value: Option<&str>) -> Text {
    let field = || code(format!("spec.selector.{key}"));
    match value {
        Some(value) => text! {
            en: ["set ", field(), " of Service ", service, " to ", code(value)],
            zh: ["将 Service ", service, " 的 ", field(), " 改为 ", code(value)],
        },
        None => text! {
            en: ["take ", field(), " out of Service ", service, ", or give the pods that label"],
            zh: ["从 Service ", service, " 中移除 ", field(), "，或为 Pod 添加该标签"],
        },
    }
}

/// What to do about a workload without pods.
pub(crate) fn scale_up(workload: &str) -> Text {
    text! { en: ["set ", code("spec.replicas"), " of ", workload], zh: ["调整 ", workload, " 的 ", code("spec.replicas")] }
}

/// What to do about a port.
pub(crate) fn set_target_port(service: &str) -> Text {
    text! {
        en: ["set ", code("spec.ports[].targetPort"), " of Service ", service, " to a port that its pods open"],
        zh: ["将 Service ", service, " 的 ", code("spec.ports[].targetPort"), " 改为 Pod 实际监听的端口"],
    }
}

fn lack(what: &str) -> (&'static str, &'static str) {
    match what {
        "memory" => ("it runs short of memory", "内存不足"),
        "disk" => ("it runs short of disk", "磁盘不足"),
        "processes" => ("it runs short of process ids", "进程号不足"),
        _ => ("its network is not available", "网络不可用"),
    }
}

/// What a node lacks.
pub(crate) fn node_short(of: &[&'static str]) -> Text {
    let all: Vec<_> = of.iter().map(|what| lack(what)).collect();
    let en: Vec<&str> = all.iter().map(|(en, _)| *en).collect();
    let zh: Vec<&str> = all.iter().map(|(_, zh)| *zh).collect();
    text! { en: [en.join(", ")], zh: [zh.join("，")] }
}

/// What to do about that.
pub(crate) fn free_the_node(of: &[&'static str]) -> Text {
    if of.contains(&"network") {
        return text! {
            en: ["look at the network plugin on the node"],
            zh: ["检查该节点上的网络插件"],
        };
    }
    text! {
        en: ["free what it lacks: see which pods use it, or move them to other nodes"],
        zh: ["释放所缺资源：查看占用较多的 Pod，或将其迁移到其他节点"],
    }
}

/// The title for a namespace in which things need a look.
pub(crate) fn place_needs_a_look(place: &str, n: usize) -> Text {
    text! {
        en: [place, ": ", n, if n == 1 { " thing does not work" } else { " things do not work" }],
        zh: [place, "：", n, " 项异常"],
    }
}

/// The worst of a namespace comes first.
pub(crate) fn worst_first() -> Text {
    text! { en: ["The worst first"], zh: ["按严重程度排列"] }
}
