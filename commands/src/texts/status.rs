//! `/ceo status`, and the card of a workload.

use super::common::{lasted, pods};
use crate::{
    model::{Text, code},
    text,
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["State of workload or namespace"], zh: ["工作负载或命名空间的状态"] }
}

/// `2 of 3 pods ready`
pub(crate) fn ready(ready: i32, desired: i32) -> Text {
    text! { en: [ready, " of ", pods(desired), " ready"], zh: [pods(desired), "中 ", ready, " 个就绪"] }
}

/// Behind how many are ready, where there are more than are wanted.
pub(crate) fn to_go(extra: i32) -> Text {
    text! { en: [", ", extra, " to go"], zh: ["，其中 ", extra, " 个待移除"] }
}

/// The verdict of a workload of which no pods are wanted.
pub(crate) fn scaled_to_zero() -> Text {
    text! { en: ["is scaled to zero"], zh: ["已缩容至 0"] }
}

/// The verdict of a DaemonSet that no node matches.
pub(crate) fn no_node_matches() -> Text {
    text! { en: ["runs nowhere: no node matches"], zh: ["未运行：没有匹配的节点"] }
}

/// Pods are starting.
pub(crate) fn starting(ready: &Text) -> Text {
    text! { en: ["is starting: ", ready], zh: ["启动中：", ready] }
}

/// Pods are going.
pub(crate) fn scaling_down(ready: &Text) -> Text {
    text! { en: ["is scaling down: ", ready], zh: ["正在缩容：", ready] }
}

/// All pods are going.
pub(crate) fn scaling_to_zero(left: i32) -> Text {
    text! { en: ["is scaling to zero: ", pods(left), " left"], zh: ["正在缩容至 0：剩余 ", pods(left)] }
}

/// Pods are replaced when somebody deletes them.
pub(crate) fn waits_for_deletes(ready: &Text) -> Text {
    text! { en: ["waits until old pods are deleted: ", ready], zh: ["等待手动删除旧 Pod：", ready] }
}

/// No pod serves.
pub(crate) fn down(ready: &Text) -> Text {
    text! { en: ["is down: ", ready], zh: ["不可用：", ready] }
}

/// All is well.
pub(crate) fn healthy() -> Text {
    text! { en: ["is healthy"], zh: ["运行正常"] }
}

/// The rollout is complete, and pods are in trouble.
pub(crate) fn serves_with_trouble(ready: &Text) -> Text {
    text! { en: ["serves, with trouble: ", ready], zh: ["可用，但有异常：", ready] }
}

/// The rollout is past its deadline.
pub(crate) fn stuck(ready: &Text) -> Text {
    text! { en: ["is stuck in a rollout: ", ready], zh: ["发布停滞：", ready] }
}

/// The rollout is paused.
pub(crate) fn paused(ready: &Text) -> Text {
    text! { en: ["is paused in a rollout: ", ready], zh: ["发布已暂停：", ready] }
}

/// There is no such object any more.
pub(crate) fn gone() -> Text {
    text! { en: ["is gone"], zh: ["已不存在"] }
}

/// Old pods serve, the new ones do not come up.
pub(crate) fn serves_while_rollout_fails(ready: &Text) -> Text {
    text! { en: ["serves, but its rollout fails: ", ready], zh: ["可用，但发布失败：", ready] }
}

/// Too few pods serve, and some are in trouble.
pub(crate) fn degraded(ready: &Text) -> Text {
    text! { en: ["is degraded: ", ready], zh: ["异常：", ready] }
}

/// On its way.
pub(crate) fn rolling_out(ready: &Text) -> Text {
    text! { en: ["is rolling out: ", ready], zh: ["正在发布：", ready] }
}

/// Pods that share a trouble.
pub(crate) fn trouble(n: i32, status: &str, why: &Text) -> Text {
    text! { en: [pods(n), " ", status, ": ", why], zh: [pods(n), " ", status, "：", why] }
}

/// A rollout that does not move.
pub(crate) fn no_progress(idle: std::time::Duration, available: i32, desired: i32) -> Text {
    text! {
        en: ["The rollout has made no progress for ", lasted(idle), ": ", available, " of ", desired, " new pods available"],
        zh: ["发布已 ", lasted(idle), " 无进展：", desired, " 个新 Pod 中 ", available, " 个可用"],
    }
}

/// Behind how many pods are ready.
pub(crate) fn revision(number: i64) -> Text {
    text! { en: [", revision ", number.to_string()], zh: ["，版本 ", number.to_string()] }
}

/// Behind the revision.
pub(crate) fn image(image: &str) -> Text {
    text! { en: [", ", code(image)], zh: ["，", code(image)] }
}

/// Behind the images.
pub(crate) fn still_old(n: i32) -> Text {
    text! { en: ["; ", pods(n), " still on an older template"], zh: ["；仍有 ", pods(n), "使用旧模板"] }
}

/// The verdict of a pod in which something fails.
pub(crate) fn pod_fails() -> Text {
    text! { en: ["fails"], zh: ["异常"] }
}

/// The verdict of a pod in which something was wrong a moment ago, or that somebody holds back.
pub(crate) fn pod_in_trouble() -> Text {
    text! { en: ["needs a look"], zh: ["需要关注"] }
}

/// The verdict of a pod on its way out.
pub(crate) fn pod_leaves() -> Text {
    text! { en: ["is terminating"], zh: ["正在终止"] }
}

/// The verdict of a pod that is over.
pub(crate) fn pod_ended() -> Text {
    text! { en: ["has ended"], zh: ["已结束"] }
}

/// The verdict of a pod on its way up.
pub(crate) fn pod_starts() -> Text {
    text! { en: ["is starting"], zh: ["启动中"] }
}

/// What `kubectl get pods` shows of it.
pub(crate) fn pod_numbers(status: &str, ready: u32, all: u32, times: i32) -> Text {
    let plural = if times == 1 { "" } else { "s" };
    text! {
        en: [status, ", ", ready, " of ", all, " containers ready, ", times, " restart", plural],
        zh: [status, "，", all, " 个容器中 ", ready, " 个就绪，已重启 ", times, " 次"],
    }
}

/// Where a pod is.
pub(crate) fn on_node(node: &str) -> Text {
    text! { en: ["on node ", code(node)], zh: ["所在节点 ", code(node)] }
}

/// The verdict of a Job that gave up.
pub(crate) fn job_failed() -> Text {
    text! { en: ["failed"], zh: ["执行失败"] }
}

/// The verdict of a Job that did its work.
pub(crate) fn job_done() -> Text {
    text! { en: ["is complete"], zh: ["已完成"] }
}

/// The verdict of a Job that is held.
pub(crate) fn job_suspended() -> Text {
    text! { en: ["is suspended"], zh: ["已挂起"] }
}

/// The verdict of a Job that has not begun.
pub(crate) fn job_waits() -> Text {
    text! { en: ["has not begun"], zh: ["尚未开始"] }
}

/// The verdict of a Job at work.
pub(crate) fn job_runs(active: i32, succeeded: i32, failed: i32) -> Text {
    text! {
        en: ["runs: ", active, " active, ", succeeded, " succeeded, ", failed, " failed"],
        zh: ["执行中：", active, " 个运行，", succeeded, " 个成功，", failed, " 个失败"],
    }
}

/// The field about Services and Ingresses.
pub(crate) fn traffic() -> Text {
    text! { en: ["Traffic"], zh: ["流量"] }
}

/// A Service before a workload.
pub(crate) fn service(name: &str, ready: usize) -> Text {
    match ready {
        0 => {
            text! { en: ["Service ", name, ": no endpoint is ready"], zh: ["Service ", name, "：没有就绪的端点"] }
        }
        1 => text! { en: ["Service ", name, ": 1 endpoint ready"], zh: ["Service ", name, "：1 个端点就绪"] },
        n => {
            text! { en: ["Service ", name, ": ", n, " endpoints ready"], zh: ["Service ", name, "：", n, " 个端点就绪"] }
        }
    }
}

/// An Ingress before a Service; without a host it takes any.
pub(crate) fn ingress(host: Option<&str>) -> Text {
    match host {
        Some(host) => Text::from(format!("Ingress {host}")),
        None => text! { en: ["Ingress any host"], zh: ["Ingress 任意主机"] },
    }
}

/// The field about the number of pods.
pub(crate) fn scaling() -> Text {
    text! { en: ["Scaling"], zh: ["扩缩容"] }
}

/// Who decides on the number: an autoscaler.
pub(crate) fn hpa(min: i32, max: i32, now: i32) -> Text {
    text! { en: ["HPA ", min, " to ", max, ", now ", now], zh: ["HPA ", min, " 至 ", max, "，当前 ", now] }
}

/// Who decides on the number: the nodes.
pub(crate) fn one_on_each_node() -> Text {
    text! { en: ["one pod on each node that matches"], zh: ["每个匹配的节点一个 Pod"] }
}

/// Who decides on the number: people.
pub(crate) fn by_hand() -> Text {
    text! { en: ["by hand"], zh: ["手动"] }
}

/// Restarts of all pods together.
pub(crate) fn restarts(n: i64) -> Text {
    let plural = if n == 1 { "" } else { "s" };
    text! {
        en: [" · ", n, " restart", plural, " of its pods"],
        zh: [" · Pod 共重启 ", n, " 次"],
    }
}

/// The field about who changed it.
pub(crate) fn last_change() -> Text {
    text! { en: ["Last change"], zh: ["最近变更"] }
}

/// When nothing tells who changed it.
pub(crate) fn not_known() -> Text {
    text! { en: ["not known"], zh: ["未知"] }
}

/// The field for what is worth knowing.
pub(crate) fn note() -> Text {
    text! { en: ["Note"], zh: ["注意"] }
}

/// The field about incidents.
pub(crate) fn open_incidents() -> Text {
    text! { en: ["Open incidents"], zh: ["未恢复的故障"] }
}

/// No incidents.
pub(crate) fn none() -> Text {
    text! { en: ["none"], zh: ["无"] }
}

fn workloads(n: usize) -> Text {
    text! { en: [n, if n == 1 { " workload" } else { " workloads" }], zh: [n, " 个工作负载"] }
}

/// The title of a namespace in which nothing is wrong.
pub(crate) fn all_well(place: &str, n: usize) -> Text {
    text! { en: [place, ": ", workloads(n), ", all well"], zh: [place, "：", workloads(n), "，全部正常"] }
}

/// The title of a namespace in which something is.
pub(crate) fn need_a_look(place: &str, wrong: usize, n: usize) -> Text {
    text! {
        en: [place, ": ", wrong, " of ", workloads(n), if wrong == 1 { " needs a look" } else { " need a look" }],
        zh: [place, "：", workloads(n), "中 ", wrong, " 个需要关注"],
    }
}

/// The field that says how old what is shown is.
pub(crate) fn as_of() -> Text {
    text! { en: ["As of"], zh: ["数据时间"] }
}

/// What is shown is old because the cluster is silent.
pub(crate) fn silent_cluster(age: std::time::Duration, trouble: &Text) -> Text {
    text! {
        en: [lasted(age), " ago: the cluster does not answer (", trouble, ")"],
        zh: [lasted(age), "前：集群无响应（", trouble, "）"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Locale;

    #[test]
    fn one_is_told_as_one() {
        let title = |wrong, n| need_a_look("prod/shop", wrong, n);
        assert_eq!(title(1, 1).plain(), "prod/shop: 1 of 1 workload needs a look");
        assert_eq!(title(1, 3).plain(), "prod/shop: 1 of 3 workloads needs a look");
        assert_eq!(title(2, 3).plain(), "prod/shop: 2 of 3 workloads need a look");
        assert_eq!(
            title(1, 1).plain_in(Locale::ZhCn),
            "prod/shop：1 个工作负载中 1 个需要关注"
        );
        assert_eq!(
            all_well("prod/shop", 1).plain(),
            "prod/shop: 1 workload, all well"
        );
    }
}
