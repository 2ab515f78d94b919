//! `/ceo rollout …`.

use std::time::Duration;

use super::common::{length, pods};
use crate::{
    model::{Text, Timestamp, ago, code},
    text,
};

/// The group.
pub(crate) fn summary() -> Text {
    text! { en: ["Rollouts of workloads"], zh: ["工作负载的发布"] }
}

/// `rollout status`.
pub(crate) fn status() -> Text {
    text! { en: ["Follows a rollout to its end"], zh: ["跟踪发布直至结束"] }
}

/// `rollout history`.
pub(crate) fn history() -> Text {
    text! { en: ["Revisions, and which worked"], zh: ["历史版本及是否正常" ] }
}

/// `rollout pause`.
pub(crate) fn pause() -> Text {
    text! { en: ["Stops a rollout where it is"], zh: ["暂停发布"] }
}

/// `rollout resume`.
pub(crate) fn resume() -> Text {
    text! { en: ["Goes on with a paused rollout"], zh: ["继续已暂停的发布"] }
}

/// The option of `rollout history`.
pub(crate) fn revision() -> Text {
    text! { en: ["Compare with now"], zh: ["与当前模板比较"] }
}

/// An example of a reason to pause.
pub(crate) fn reason_to_pause() -> Text {
    text! { en: ["two pods first, then we look"], zh: ["先发布两个 Pod 观察"] }
}

/// An example of a reason to go on.
pub(crate) fn reason_to_resume() -> Text {
    text! { en: ["the first pods are sound"], zh: ["首批 Pod 正常"] }
}

/// What has no such switch.
pub(crate) fn only_deployments(name: &str) -> Text {
    text! {
        en: [name, " cannot be paused: Kubernetes pauses Deployments only"],
        zh: [name, " 无法暂停：Kubernetes 只能暂停 Deployment"],
    }
}

/// What can be done there.
pub(crate) fn no_switch() -> Text {
    text! {
        en: ["A StatefulSet is held by the partition of its update strategy, a DaemonSet by OnDelete."],
        zh: ["StatefulSet 可用更新策略的 partition 控制，DaemonSet 可用 OnDelete。"],
    }
}

/// There is nothing to pause.
pub(crate) fn paused_already(name: &str) -> Text {
    text! { en: ["The rollout of ", name, " is paused already"], zh: [name, " 的发布已经暂停"] }
}

/// There is nothing to go on with.
pub(crate) fn not_paused(name: &str) -> Text {
    text! { en: ["The rollout of ", name, " is not paused"], zh: [name, " 的发布没有暂停"] }
}

/// Where to look.
pub(crate) fn see_status(name: &str) -> Text {
    let line = format!("/ceo rollout status workload:{name}");
    text! { en: ["See ", code(line.clone()), "."], zh: ["请查看 ", code(line.clone()), "。"] }
}

/// The card's title.
pub(crate) fn pause_question(name: &str) -> Text {
    text! { en: ["Pause the rollout of ", name, "?"], zh: ["暂停 ", name, " 的发布？"] }
}

/// What it means while a rollout goes on.
pub(crate) fn stops_where_it_is(old: i32, new: i32) -> Text {
    text! {
        en: ["no more pods are replaced; ", pods(old), " of the old template and ", pods(new), " of the new one serve on as they are"],
        zh: ["不再替换 Pod；旧模板的 ", pods(old), "和新模板的 ", pods(new), "保持不变"],
    }
}

/// What it means while none goes on.
pub(crate) fn holds_the_next() -> Text {
    text! {
        en: ["no rollout goes on; a new image or template makes no pods until it is resumed. Pods that end are made anew as before"],
        zh: ["当前没有发布；恢复之前，新的镜像或模板不会生成 Pod。已退出的 Pod 仍会照旧重建"],
    }
}

/// When it is.
pub(crate) fn paused(name: &str) -> Text {
    text! { en: ["Paused the rollout of ", name], zh: ["已暂停 ", name, " 的发布"] }
}

/// How long it stays so.
pub(crate) fn stays_paused() -> Text {
    text! { en: ["It stays so until somebody resumes it."], zh: ["在恢复之前保持暂停。"] }
}

/// The button.
pub(crate) fn resume_button() -> Text {
    text! { en: ["Resume"], zh: ["恢复"] }
}

/// The card's title.
pub(crate) fn resume_question(name: &str) -> Text {
    text! { en: ["Resume the rollout of ", name, "?"], zh: ["恢复 ", name, " 的发布？"] }
}

/// Nothing waits for it.
pub(crate) fn nothing_waits() -> Text {
    text! { en: ["no pods: all run the template that is asked for"], zh: ["不影响 Pod：全部已运行所要求的模板"] }
}

/// While it goes on.
pub(crate) fn resuming(name: &str) -> Text {
    text! { en: ["Going on with the rollout of ", name], zh: ["正在继续 ", name, " 的发布"] }
}

/// What it is called.
pub(crate) fn noun() -> Text {
    text! { en: ["Rollout"], zh: ["发布"] }
}

/// What is followed, while nothing of it is known yet.
pub(crate) fn noun_of(name: &str) -> Text {
    text! { en: ["Rollout of ", name], zh: [name, " 的发布"] }
}

/// When it is over.
pub(crate) fn resumed(name: &str) -> Text {
    text! { en: ["The rollout of ", name, " went on to its end"], zh: [name, " 的发布已继续并完成"] }
}

/// Under the title of a rollout that is followed.
pub(crate) fn watched_for(watched: Duration) -> Text {
    text! { en: ["followed for ", length(watched)], zh: ["已跟踪 ", length(watched)] }
}

/// A cluster that does not answer while a rollout is followed.
pub(crate) fn not_seen_now(at: Option<Timestamp>) -> Text {
    match at {
        Some(at) => text! {
            en: ["The API server does not answer: this is as of ", ago(at), "."],
            zh: ["API server 没有应答：以上为 ", ago(at), " 的状态。"],
        },
        None => text! {
            en: ["The API server does not answer: how it is now is not known."],
            zh: ["API server 没有应答：当前状态未知。"],
        },
    }
}

/// What the view waits for at its beginning.
pub(crate) fn behind() -> Text {
    text! {
        en: ["The newest change of it has not reached this view yet."],
        zh: ["最新的变更尚未同步到此视图。"],
    }
}

/// The title of a history.
pub(crate) fn history_of(name: &str, n: usize) -> Text {
    let noun = if n == 1 { " revision" } else { " revisions" };
    text! { en: [name, ": ", n, noun], zh: [name, "：", n, " 个版本"] }
}

/// What is asked for now.
pub(crate) fn asked_for_now() -> Text {
    text! { en: ["asked for now"], zh: ["当前要求"] }
}

/// How many pods it has.
pub(crate) fn with_pods(n: i32) -> Text {
    pods(n)
}

/// It ran in full once.
pub(crate) fn worked() -> Text {
    text! { en: ["worked"], zh: ["曾正常运行"] }
}

/// It did not.
pub(crate) fn failed() -> Text {
    text! { en: ["failed"], zh: ["曾失败"] }
}

/// The bot did not see it.
pub(crate) fn not_known() -> Text {
    text! { en: ["not known whether it worked"], zh: ["是否正常未知"] }
}

/// When it was made.
pub(crate) fn made(at: Timestamp) -> Text {
    text! { en: ["made ", ago(at)], zh: ["创建于 ", ago(at)] }
}

/// The title of a comparison.
pub(crate) fn compared(name: &str, revision: i64) -> Text {
    text! {
        en: [name, ": revision ", revision.to_string(), " beside what is asked for now"],
        zh: [name, "：版本 ", revision.to_string(), " 与当前模板的差异"],
    }
}

/// How to read it.
pub(crate) fn read_as() -> Text {
    text! {
        en: ["`-` is what is asked for now, `+` is that revision."],
        zh: ["`-` 为当前模板，`+` 为该版本。"],
    }
}

/// There is no difference.
pub(crate) fn the_same() -> Text {
    text! { en: ["It is the template that is asked for now."], zh: ["与当前模板相同。"] }
}

/// Under a history.
pub(crate) fn as_seen_by_the_bot() -> Text {
    text! {
        en: ["Whether a revision worked is what this bot saw: all its pods ready at a time, or a rollout that failed."],
        zh: ["“曾正常运行/曾失败”以本机器人的观察为准：所有 Pod 曾同时就绪，或发布失败。"],
    }
}
