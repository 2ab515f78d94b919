//! `/ceo tune …`.

use crate::{
    model::{Text, code},
    text,
};

/// The group.
pub(crate) fn summary() -> Text {
    text! { en: ["Resources and autoscaling"], zh: ["资源与自动伸缩"] }
}

/// `tune resources`.
pub(crate) fn resources() -> Text {
    text! { en: ["Requests and limits"], zh: ["资源请求与上限"] }
}

/// An option of it.
pub(crate) fn cpu_request() -> Text {
    text! { en: ["Like 250m, or none"], zh: ["例如 250m，或 none"] }
}

/// An option of it.
pub(crate) fn cpu_limit() -> Text {
    text! { en: ["Like 1, or none"], zh: ["例如 1，或 none"] }
}

/// An option of it.
pub(crate) fn memory_request() -> Text {
    text! { en: ["Like 256Mi, or none"], zh: ["例如 256Mi，或 none"] }
}

/// An option of it.
pub(crate) fn memory_limit() -> Text {
    text! { en: ["Like 512Mi, or none"], zh: ["例如 512Mi，或 none"] }
}

/// An example of a reason.
pub(crate) fn example_reason() -> Text {
    text! { en: ["it is killed at its memory limit"], zh: ["内存达到上限被终止"] }
}

/// Nothing was asked for.
pub(crate) fn nothing_given() -> Text {
    text! { en: ["Say what shall change"], zh: ["请指定要修改的内容"] }
}

/// Which options there are.
pub(crate) fn give_one(names: &str) -> Text {
    text! {
        en: ["Give at least one of ", code(names), "."],
        zh: ["请至少指定 ", code(names), " 之一。"],
    }
}

/// A word that is no quantity.
pub(crate) fn no_quantity(option: &str, given: &str) -> Text {
    text! {
        en: [code(option), ": ", code(given), " is no quantity of Kubernetes"],
        zh: [code(option), "：", code(given), " 不是 Kubernetes 数量"],
    }
}

/// What cores are written like.
pub(crate) fn write_cores() -> Text {
    text! {
        en: ["Cores are written ", code("250m"), " (a quarter) or ", code("2"), "; ", code("none"), " takes the field away."],
        zh: ["CPU 写作 ", code("250m"), "（四分之一核）或 ", code("2"), "；", code("none"), " 表示移除。"],
    }
}

/// What memory is written like.
pub(crate) fn write_bytes() -> Text {
    text! {
        en: ["Memory is written ", code("512Mi"), " or ", code("2Gi"), "; ", code("none"), " takes the field away."],
        zh: ["内存写作 ", code("512Mi"), " 或 ", code("2Gi"), "；", code("none"), " 表示移除。"],
    }
}

/// `cpu_request`, more than the limit.
pub(crate) fn over_its_limit(resource: &str, request: &str, limit: &str) -> Text {
    text! {
        en: ["The ", resource, " request ", code(request), " would be above the limit ", code(limit)],
        zh: [resource, " 请求 ", code(request), " 将超过上限 ", code(limit)],
    }
}

/// What to do then.
pub(crate) fn change_both() -> Text {
    text! { en: ["Give both, or a smaller request."], zh: ["请同时指定二者，或使用更小的请求。"] }
}

/// It is so already.
pub(crate) fn same(name: &str, container: &str) -> Text {
    text! {
        en: [code(container), " of ", name, " has these resources already"],
        zh: [name, " 的 ", code(container), " 已是这些资源"],
    }
}

/// The card's title.
pub(crate) fn question(name: &str, container: &str) -> Text {
    text! { en: ["Change the resources of ", container, " in ", name, "?"], zh: ["修改 ", name, " 中 ", container, " 的资源？"] }
}

/// While it goes on.
pub(crate) fn changing(name: &str) -> Text {
    text! { en: ["Changing the resources of ", name], zh: ["正在修改 ", name, " 的资源"] }
}

/// What it is called.
pub(crate) fn noun() -> Text {
    text! { en: ["Change of resources"], zh: ["资源变更"] }
}

/// When it is over.
pub(crate) fn changed(name: &str) -> Text {
    text! { en: ["Changed the resources of ", name], zh: ["已修改 ", name, " 的资源"] }
}

/// A paused rollout makes no new pods.
pub(crate) fn paused(name: &str) -> Text {
    text! {
        en: ["The rollout of ", name, " is paused, so new resources would reach no pod"],
        zh: [name, " 的发布已暂停，新的资源不会用于任何 Pod"],
    }
}

/// Fewer pods fit than there are.
pub(crate) fn fewer_fit(fit: i32, of: i32) -> Text {
    let noun = if of == 1 { " pod" } else { " pods" };
    text! {
        en: ["By their requests the nodes have room for ", fit, " of ", of, noun, " at the most: the others would wait."],
        zh: ["按请求计算，节点最多容纳 ", of, " 个 Pod 中的 ", fit, " 个：其余将等待调度。"],
    }
}

/// The field of what was measured.
pub(crate) fn used() -> Text {
    text! { en: ["Used in the last 7 days (95 % of the time at most)"], zh: ["近 7 天用量（P95）"] }
}

/// What was measured, in the pod that used most.
pub(crate) fn used_so(cpu: &Text, memory: &Text) -> Text {
    text! {
        en: ["CPU ", cpu, ", memory ", memory, ", in the pod that used most"],
        zh: ["CPU ", cpu, "，内存 ", memory, "（用量最高的 Pod）"],
    }
}

/// Nothing was measured, or nobody answered.
pub(crate) fn not_known() -> Text {
    text! { en: ["not known"], zh: ["未知"] }
}

/// `tune hpa`.
pub(crate) fn hpa() -> Text {
    text! { en: ["Bounds of an autoscaler"], zh: ["自动伸缩的上下限"] }
}

/// An option of it.
pub(crate) fn min() -> Text {
    text! { en: ["The fewest pods"], zh: ["最少 Pod 数"] }
}

/// An option of it.
pub(crate) fn max() -> Text {
    text! { en: ["The most pods"], zh: ["最多 Pod 数"] }
}

/// An option of it.
pub(crate) fn cpu() -> Text {
    text! { en: ["CPU, % of request"], zh: ["CPU 目标（请求的百分比）"] }
}

/// An example of a reason.
pub(crate) fn example_reason_of_bounds() -> Text {
    text! { en: ["the sale begins at nine"], zh: ["九点开始促销"] }
}

/// There is none.
pub(crate) fn no_hpa(name: &str) -> Text {
    text! { en: ["No autoscaler scales ", name], zh: [name, " 没有自动伸缩"] }
}

/// What to do then.
pub(crate) fn scale_by_hand(name: &str) -> Text {
    let line = format!("/ceo scale workload:{name}");
    text! { en: ["Set its count with ", code(line.clone()), "."], zh: ["请用 ", code(line.clone()), " 设置副本数。"] }
}

/// The bounds contradict each other.
pub(crate) fn min_above_max(min: i32, max: i32) -> Text {
    text! { en: ["The fewest pods (", min, ") would be more than the most (", max, ")"], zh: ["最少 Pod 数（", min, "）将大于最多（", max, "）"] }
}

/// It has no such metric, so there is nothing to aim at.
pub(crate) fn no_cpu_metric(hpa: &str) -> Text {
    text! { en: ["hpa/", hpa, " does not scale by CPU"], zh: ["hpa/", hpa, " 不按 CPU 伸缩"] }
}

/// What it scales by.
pub(crate) fn scales_by(metrics: &Text) -> Text {
    text! { en: ["It scales by: ", metrics], zh: ["伸缩依据：", metrics] }
}

/// It is so already.
pub(crate) fn same_bounds(hpa: &str) -> Text {
    text! { en: ["hpa/", hpa, " has these bounds already"], zh: ["hpa/", hpa, " 已是这些设置"] }
}

/// The card's title.
pub(crate) fn bounds_question(hpa: &str, name: &str) -> Text {
    text! { en: ["Change hpa/", hpa, " of ", name, "?"], zh: ["修改 ", name, " 的 hpa/", hpa, "？"] }
}

/// What it means now.
pub(crate) fn grows(from: i32, to: i32) -> Text {
    text! {
        en: ["it grows from ", from, " to at least ", to, " pods at once"],
        zh: ["立即从 ", from, " 个 Pod 增加到至少 ", to, " 个"],
    }
}

/// What it means now.
pub(crate) fn shrinks(from: i32, to: i32) -> Text {
    text! {
        en: ["it shrinks from ", from, " to at most ", to, " pods at once"],
        zh: ["立即从 ", from, " 个 Pod 减少到最多 ", to, " 个"],
    }
}

/// What it means now.
pub(crate) fn stays(now: i32) -> Text {
    let verb = if now == 1 { " pod stays" } else { " pods stay" };
    text! { en: [now, verb, " within the bounds; what it wants from then on it decides itself"], zh: ["当前 ", now, " 个 Pod 在范围内；之后由其自行决定"] }
}

/// At its fewest there is none.
pub(crate) fn down_to_none() -> Text {
    text! { en: ["With a minimum of 0 it may take all pods away."], zh: ["最少为 0 时可能移除所有 Pod。"] }
}

/// When it is.
pub(crate) fn bounds_changed(hpa: &str, name: &str) -> Text {
    text! { en: ["Changed hpa/", hpa, " of ", name], zh: ["已修改 ", name, " 的 hpa/", hpa] }
}

/// What it is now, read back.
pub(crate) fn bounds_now(bounds: &Text, cpu: Option<i64>) -> Text {
    match cpu {
        Some(cpu) => {
            text! { en: [bounds, " pods, CPU at ", cpu, " % of the request"], zh: [bounds, " 个 Pod，CPU 目标为请求的 ", cpu, " %"] }
        }
        None => text! { en: [bounds, " pods"], zh: [bounds, " 个 Pod"] },
    }
}
