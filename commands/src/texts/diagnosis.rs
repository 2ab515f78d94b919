//! What is wrong and why, what changed before, and what to do about it: the words of findings, wherever they are told.

use crate::{
    model::{Span, Text, TicketId, Timestamp, UserId, ago, code},
    text,
};

/// A part of a workload's spec that was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    Spec,
    Replicas,
    Pause,
    Image,
    Environment,
    Resources,
    Restart,
    Template,
}

/// Which parts of an object were changed.
pub(crate) fn parts(parts: &[Part]) -> Text {
    let words = |part: &Part| match part {
        Part::Whole => ("the whole object", "整个对象"),
        Part::Spec => ("its spec", "spec"),
        Part::Replicas => ("replicas", "副本数"),
        Part::Pause => ("pause", "暂停状态"),
        Part::Image => ("image", "镜像"),
        Part::Environment => ("environment", "环境变量"),
        Part::Resources => ("resources", "资源配置"),
        Part::Restart => ("restart", "重启"),
        Part::Template => ("pod template", "Pod 模板"),
    };
    let all: Vec<_> = parts.iter().map(words).collect();
    let en: Vec<&str> = all.iter().map(|(en, _)| *en).collect();
    let zh: Vec<&str> = all.iter().map(|(_, zh)| *zh).collect();
    text! { en: [en.join(" and ")], zh: [zh.join("、")] }
}

/// Between two changes.
pub(crate) fn semicolon() -> Text {
    text! { en: ["; "], zh: ["；"] }
}

/// Behind a change of which nothing tells who made it.
pub(crate) fn by_nobody_told() -> Text {
    text! { en: ["; the object does not tell by whom"], zh: ["；对象未记录操作者"] }
}

/// A change of the number of replicas, of which the API server records no time.
pub(crate) fn scaled_at_some_time(manager: &str) -> Text {
    text! {
        en: ["replicas by ", manager, ", time not recorded"],
        zh: ["副本数，操作者 ", manager, "，时间未记录"],
    }
}

/// The same where the watch saw it come.
pub(crate) fn scaled_seen(manager: &str, from: i32, to: i32, at: Timestamp) -> Text {
    text! {
        en: ["replicas ", from, " → ", to, " by ", manager, ", seen ", ago(at)],
        zh: ["副本数 ", from, " → ", to, "，操作者 ", manager, "，观察到的时间 ", ago(at)],
    }
}

/// Between two differences.
pub(crate) fn comma() -> Text {
    text! { en: [", "], zh: ["，"] }
}

/// Differences that are not told.
pub(crate) fn and_more(n: usize) -> Text {
    text! { en: [" and ", n, " more"], zh: ["，另有 ", n, " 项"] }
}

/// Behind a change: who made it by the bot.
pub(crate) fn by_person(user: UserId, ticket: TicketId) -> Text {
    let link = || Span::TicketLink(ticket);
    text! { en: [" by ", user, " (", link(), ")"], zh: ["，操作者 ", user, "（", link(), "）"] }
}

/// Behind a change: what made it past the bot.
pub(crate) fn by_manager(manager: &str) -> Text {
    if manager.starts_with("kubectl") {
        text! {
            en: [" by kubectl (field manager ", manager, ")"],
            zh: ["，操作者 kubectl（字段管理器 ", manager, "）"],
        }
    } else {
        text! { en: [" by field manager ", manager], zh: ["，字段管理器 ", manager] }
    }
}

/// Behind a change: when.
pub(crate) fn when(at: Timestamp) -> Text {
    text! { en: [" ", ago(at)], zh: ["，", ago(at)] }
}

/// A container, in front of what is wrong with it: `container api`.
pub(crate) fn container(name: &str, init: bool) -> Text {
    if init {
        text! { en: ["init container ", name], zh: ["初始化容器 ", name] }
    } else {
        text! { en: ["container ", name], zh: ["容器 ", name] }
    }
}

/// Behind a sentence, what somebody else says of it.
pub(crate) fn quoted(words: &Text, message: &str) -> Text {
    let message = message.trim_end_matches(['.', ':', ' ']);
    if message.is_empty() {
        return words.clone();
    }
    text! { en: [words, " (", message, ")"], zh: [words, "（", message, "）"] }
}

/// Behind what is wrong with a container: how often it was started again.
pub(crate) fn restarts(n: i32) -> Text {
    match n {
        0 => Text::default(),
        1 => text! { en: [", 1 restart"], zh: ["，已重启 1 次"] },
        n => text! { en: [", ", n, " restarts"], zh: ["，已重启 ", n, " 次"] },
    }
}

/// A container that ended, and how often.
pub(crate) fn ended(container: &Text, exit: &Text, times: i32) -> Text {
    let times = restarts(times);
    text! { en: [container, ", ", exit, &times], zh: [container, "，", exit, times] }
}

/// The same under a title that says how many and how often.
pub(crate) fn ends_with(container: &str, exit: &Text, soon: bool) -> Text {
    let (en, zh) = if soon {
        (" within seconds of its start", "，启动后数秒内退出")
    } else {
        ("", "")
    };
    text! { en: [container, " ends with ", exit, en], zh: [container, " 退出，", exit, zh] }
}

/// A container that ends, and nothing tells how.
pub(crate) fn ends_again(container: &Text) -> Text {
    text! { en: [container, " ends again and again"], zh: [container, " 反复退出"] }
}

/// An image that cannot be pulled.
pub(crate) fn image(container: &Text, image: &str) -> Text {
    if image.is_empty() {
        text! { en: [container, " waits: its image cannot be pulled"], zh: [container, " 等待中：镜像拉取失败"] }
    } else {
        text! {
            en: [container, " waits: ", image, " cannot be pulled"],
            zh: [container, " 等待中：镜像 ", image, " 拉取失败"],
        }
    }
}

/// A Secret, a ConfigMap or a key that is not there.
pub(crate) fn reference_missing(container: &Text) -> Text {
    text! {
        en: [container, " waits: what it refers to is missing"],
        zh: [container, " 等待中：引用的对象不存在"],
    }
}

/// A container that the runtime refuses.
pub(crate) fn cannot_start(container: &Text) -> Text {
    text! { en: [container, " cannot be started"], zh: [container, " 无法启动"] }
}

/// A readiness probe that fails.
pub(crate) fn readiness_fails(container: &Text) -> Text {
    text! {
        en: [container, " runs and is not ready: its readiness probe fails"],
        zh: [container, " 已运行但未就绪：就绪探针失败"],
    }
}

/// A readiness probe that has time left.
pub(crate) fn readiness_waits(container: &Text) -> Text {
    text! {
        en: [container, " runs and is not ready yet: its readiness probe has not passed"],
        zh: [container, " 已运行但尚未就绪：就绪探针尚未通过"],
    }
}

/// A container that is killed by its liveness probe.
pub(crate) fn killed_by_liveness(container: &Text) -> Text {
    text! {
        en: [container, " is restarted by the kubelet: its liveness probe fails"],
        zh: [container, " 被 kubelet 重启：存活探针失败"],
    }
}

/// A container that is killed by its startup probe.
pub(crate) fn killed_by_startup(container: &Text) -> Text {
    text! {
        en: [container, " is restarted by the kubelet: its startup probe did not pass in time"],
        zh: [container, " 被 kubelet 重启：启动探针未在期限内通过"],
    }
}

/// A startup probe that has not passed.
pub(crate) fn startup_fails(container: &Text) -> Text {
    text! {
        en: [container, " runs and has not started up: its startup probe has not passed"],
        zh: [container, " 已运行但启动未完成：启动探针尚未通过"],
    }
}

/// A pod without a node.
pub(crate) fn pending(why: &Text) -> Text {
    text! { en: ["Pending, ", why], zh: ["Pending，", why] }
}

/// No node takes a pod.
pub(crate) fn no_node_fits() -> Text {
    text! { en: ["no node fits"], zh: ["没有满足条件的节点"] }
}

/// A pod waits for a claim that is there.
pub(crate) fn claim_unbound(claims: &[String]) -> Text {
    match claims {
        [one] => text! {
            en: ["its volume claim ", code(one), " is not bound"],
            zh: ["存储卷声明 ", code(one), " 尚未绑定"],
        },
        [] => text! { en: ["a volume claim of it is not bound"], zh: ["存储卷声明尚未绑定"] },
        many => text! {
            en: ["a volume claim of it is not bound (", many.join(", "), ")"],
            zh: ["存储卷声明尚未绑定（", many.join("、"), "）"],
        },
    }
}

/// A pod waits for a claim that is not there.
pub(crate) fn claim_missing(name: &str) -> Text {
    text! {
        en: ["its volume claim ", code(name), " does not exist"],
        zh: ["存储卷声明 ", code(name), " 不存在"],
    }
}

/// A pod whose node is not ready.
pub(crate) fn on_failing_node(node: &str, since: Option<Timestamp>, why: &Text) -> Text {
    match since {
        Some(at) => text! {
            en: ["its node ", code(node), " is not ready since ", ago(at), ": ", why],
            zh: ["所在节点 ", code(node), " 自 ", ago(at), " 起未就绪：", why],
        },
        None => text! {
            en: ["its node ", code(node), " is not ready: ", why],
            zh: ["所在节点 ", code(node), " 未就绪：", why],
        },
    }
}

/// A sentence, and another that belongs to it.
pub(crate) fn and_also(words: &Text, more: &Text) -> Text {
    text! { en: [words, "; ", more], zh: [words, "；", more] }
}

/// Why a pod stays where it is: its volume can be used on these nodes only, and none of them is ready.
pub(crate) fn tied_to_failing(claim: &str, volume: &str, nodes: &[String]) -> Text {
    match nodes {
        [node] => text! {
            en: ["it cannot start elsewhere: its volume ", code(claim), " (", volume, ") is on ", code(node),
                 ", which is not ready"],
            zh: ["无法在其他节点启动：存储卷 ", code(claim), "（", volume, "）位于节点 ", code(node), "，该节点未就绪"],
        },
        several => text! {
            en: ["it cannot start elsewhere: its volume ", code(claim), " (", volume, ") can be used only on ",
                 several.join(", "), ", and none of them is ready"],
            zh: ["无法在其他节点启动：存储卷 ", code(claim), "（", volume, "）只能在节点 ", several.join("、"),
                 " 上使用，这些节点均未就绪"],
        },
    }
}

/// The same where no such node is there any more.
pub(crate) fn tied_to_gone(claim: &str, volume: &str, places: &[String]) -> Text {
    text! {
        en: ["it cannot start elsewhere: its volume ", code(claim), " (", volume, ") is tied to ", places.join(", "),
             ", where there is no node"],
        zh: ["无法在其他节点启动：存储卷 ", code(claim), "（", volume, "）仅限 ", places.join("、"),
             " 使用，集群中没有对应的节点"],
    }
}

/// What to do about a volume that is where no node is ready.
pub(crate) fn bring_node_back() -> Text {
    text! {
        en: ["bring the node back; if it stays away, restore the data to a new volume"],
        zh: ["恢复该节点；若无法恢复，将数据恢复到新的存储卷"],
    }
}

/// A workload of which nothing serves.
pub(crate) fn workload_down(name: &str, ready: &Text) -> Text {
    text! { en: [code(name), " is down: ", ready], zh: [code(name), " 不可用：", ready] }
}

/// A workload that serves with fewer pods.
pub(crate) fn workload_lacks(name: &str, ready: &Text) -> Text {
    text! { en: [code(name), " serves with less: ", ready], zh: [code(name), " 可用但容量不足：", ready] }
}

/// A Job whose pods failed too often.
pub(crate) fn job_tried(pods: i32) -> Text {
    match pods {
        0 => text! { en: ["its pods failed more often than it allows"], zh: ["Pod 失败次数超过上限"] },
        1 => text! { en: ["1 pod of it failed, and it allows no more"], zh: ["1 个 Pod 失败，已达重试上限"] },
        n => text! {
            en: [n, " pods of it failed, and it allows no more"],
            zh: [n, " 个 Pod 失败，已达重试上限"],
        },
    }
}

/// A Job that took too long.
pub(crate) fn job_late() -> Text {
    text! { en: ["it took longer than its deadline"], zh: ["运行超过期限"] }
}

/// A scheduling gate.
pub(crate) fn gated() -> Text {
    text! { en: ["a scheduling gate holds it back"], zh: ["被调度门控阻止"] }
}

/// The kubelet threw it out.
pub(crate) fn evicted() -> Text {
    text! { en: ["it was evicted"], zh: ["已被驱逐"] }
}

/// Its node is gone.
pub(crate) fn node_lost() -> Text {
    text! { en: ["its node is gone"], zh: ["所在节点已丢失"] }
}

/// The pod failed as a whole.
pub(crate) fn failed(reason: &str) -> Text {
    text! { en: ["it failed: ", reason], zh: ["已失败：", reason] }
}

/// What an Event says of a pod that does not start: `failed mount: …`. Chinese keeps the reason as `kubectl` shows it.
pub(crate) fn warned(reason: &str, words: &str, message: &str) -> Text {
    text! { en: [words, ": ", message], zh: [reason, "：", message] }
}

/// A pod, in front of what is wrong with it.
pub(crate) fn pod(name: &str, words: &Text) -> Text {
    text! { en: ["Pod ", code(name), ": ", words], zh: ["Pod ", code(name), "：", words] }
}

/// Pods that are refused before they are made: now, or when it was tried last.
pub(crate) fn pods_cannot_be_made(why: &Text, tried: Option<Timestamp>) -> Text {
    match tried {
        None => text! { en: ["Pods cannot be made: ", why], zh: ["无法创建 Pod：", why] },
        Some(at) => text! {
            en: ["The last try to make a pod, ", ago(at), ", was refused: ", why],
            zh: ["最近一次创建 Pod（", ago(at), "）被拒绝：", why],
        },
    }
}

/// A quota without room.
pub(crate) fn quota(name: &str, numbers: &str) -> Text {
    text! {
        en: ["the quota ", name, " is used up (", numbers, ")"],
        zh: ["配额 ", name, " 已用尽（", numbers, "）"],
    }
}

/// The API server refuses pods, and its reason may not be told.
pub(crate) fn refused() -> Text {
    text! { en: ["the API server refuses them"], zh: ["被集群拒绝"] }
}

/// A pause.
pub(crate) fn paused() -> Text {
    text! {
        en: ["The rollout is paused; it goes on when it is resumed."],
        zh: ["发布已暂停，恢复后继续。"],
    }
}

/// A controller that does not react.
pub(crate) fn unseen() -> Text {
    text! {
        en: ["The controller has not looked at the change yet; it may be down or busy."],
        zh: ["控制器尚未处理该变更，可能未运行或繁忙。"],
    }
}

/// With a full stop.
pub(crate) fn stop(words: &Text) -> Text {
    text! { en: [words, "."], zh: [words, "。"] }
}

/// A rollout past its deadline.
pub(crate) fn no_progress(revision: Option<i64>, available: i32, desired: i32, old: i32) -> Text {
    let to = revision.map_or_else(
        Text::default,
        |n| text! { en: [" to revision ", n.to_string()], zh: ["（版本 ", n.to_string(), "）"] },
    );
    let still = match old {
        0 => Text::default(),
        1 => text! { en: [", 1 pod still runs an older one"], zh: ["，1 个 Pod 仍是旧版本"] },
        n => text! { en: [", ", n, " pods still run an older one"], zh: ["，", n, " 个 Pod 仍是旧版本"] },
    };
    text! {
        en: ["the rollout", &to, " makes no progress: ", available, " of ", desired, " new pods available", &still],
        zh: ["发布", to, "无进展：", desired, " 个新 Pod 中 ", available, " 个可用", still],
    }
}

/// The field for what to do.
pub(crate) fn remedy() -> Text {
    text! { en: ["Do"], zh: ["处理"] }
}

/// What to do about memory.
pub(crate) fn raise_memory() -> Text {
    text! {
        en: ["find what uses the memory, or raise the container's memory limit"],
        zh: ["排查内存占用，或提高容器的内存上限"],
    }
}

/// What to do about an image.
pub(crate) fn mend_image() -> Text {
    text! {
        en: ["check the image's name and tag, and the pull secret"],
        zh: ["检查镜像名称、标签与拉取凭据"],
    }
}

/// What to do about what is missing.
pub(crate) fn make_reference() -> Text {
    text! {
        en: ["create what it refers to, or mend the reference"],
        zh: ["创建所引用的对象，或修正引用"],
    }
}

/// What to do about a probe that kills.
pub(crate) fn mend_probe() -> Text {
    text! {
        en: ["see why the probe gets no answer: its port and path, or a program that hangs"],
        zh: ["检查探针的端口与路径，以及程序是否卡死"],
    }
}

/// What to do about a volume claim.
pub(crate) fn make_volume() -> Text {
    text! {
        en: ["create the claim or a volume for it, or check its storage class"],
        zh: ["创建存储卷声明或对应的存储卷，或检查 StorageClass"],
    }
}

/// What to do about nodes.
pub(crate) fn make_room() -> Text {
    text! {
        en: ["free or add nodes, or ask for less in the pod's requests"],
        zh: ["释放或增加节点，或降低 Pod 的资源请求"],
    }
}

/// What to do about a quota.
pub(crate) fn raise_quota() -> Text {
    text! {
        en: ["raise the quota, or ask for fewer or smaller pods"],
        zh: ["提高配额，或减少 Pod 数量与资源请求"],
    }
}
