//! The message of an incident, from its first line to its last, and what its buttons answer.

use std::time::Duration;

use super::common::{lasted as how_long, length, pods as pods_in_words};
use crate::{
    model::{Locale, Span, Text, TicketId, Timestamp, UserId, ago, code},
    text,
};

/// A title: memory.
pub(crate) fn out_of_memory() -> Text {
    text! { en: ["containers run out of memory"], zh: ["容器内存不足"] }
}

/// A title: crashes.
pub(crate) fn crash() -> Text {
    text! { en: ["containers crash"], zh: ["容器反复崩溃"] }
}

/// A title: images.
pub(crate) fn image_pull() -> Text {
    text! { en: ["an image cannot be pulled"], zh: ["镜像拉取失败"] }
}

/// A title: a probe.
pub(crate) fn killed_by_probe() -> Text {
    text! { en: ["the kubelet restarts containers"], zh: ["容器被 kubelet 反复重启"] }
}

/// A title: what is referred to is not there.
pub(crate) fn missing_reference() -> Text {
    text! { en: ["what a container refers to is missing"], zh: ["容器引用的对象不存在"] }
}

/// A title: volumes.
pub(crate) fn volume() -> Text {
    text! { en: ["a volume is not there"], zh: ["存储卷不可用"] }
}

/// A title: pods that are refused.
pub(crate) fn pods_refused() -> Text {
    text! { en: ["pods cannot be made"], zh: ["无法创建 Pod"] }
}

/// A title: pods that are not ready.
pub(crate) fn pods_not_ready() -> Text {
    text! { en: ["pods do not become ready"], zh: ["Pod 未就绪"] }
}

/// A title: a Job.
pub(crate) fn job_failed() -> Text {
    text! { en: ["the Job failed"], zh: ["Job 执行失败"] }
}

/// A title: nodes that do not fit.
pub(crate) fn unschedulable() -> Text {
    text! { en: ["pods fit on no node"], zh: ["Pod 无法调度"] }
}

/// A title: a rollout past its deadline.
pub(crate) fn rollout_deadline() -> Text {
    text! { en: ["the rollout is past its deadline"], zh: ["发布已超期限"] }
}

/// A title: a node.
pub(crate) fn node_not_ready() -> Text {
    text! { en: ["the node is not ready"], zh: ["节点未就绪"] }
}

/// A title: a cluster.
pub(crate) fn no_answer() -> Text {
    text! { en: ["the API server does not answer"], zh: ["API Server 无响应"] }
}

/// Under that, what the last try said.
#[must_use]
pub fn not_reached(why: &Text) -> Text {
    text! {
        en: ["the bot cannot reach it (", why, "): no command works there, and nothing of it is watched"],
        zh: ["机器人无法连接（", why, "）：命令不可用，监视已中断"],
    }
}

/// What it was: a cluster.
pub(crate) fn did_not_answer(lasted: Duration) -> Text {
    text! { en: ["did not answer for ", how_long(lasted)], zh: ["无响应持续 ", how_long(lasted)] }
}

/// `deployment/ceoagent-api: containers crash`
pub(crate) fn headline(owner: &str, title: &Text) -> Text {
    text! { en: [owner, ": ", title], zh: [owner, "：", title] }
}

/// What it was, when it is over: memory.
pub(crate) fn was_out_of_memory(lasted: Duration) -> Text {
    text! { en: ["ran out of memory for ", how_long(lasted)], zh: ["内存不足持续 ", how_long(lasted)] }
}

/// What it was: crashes.
pub(crate) fn did_crash(lasted: Duration) -> Text {
    text! { en: ["crashed for ", how_long(lasted)], zh: ["反复崩溃持续 ", how_long(lasted)] }
}

/// What it was: images.
pub(crate) fn could_not_pull(lasted: Duration) -> Text {
    text! { en: ["could not pull an image for ", how_long(lasted)], zh: ["镜像拉取失败持续 ", how_long(lasted)] }
}

/// What it was: a probe.
pub(crate) fn was_killed_by_probe(lasted: Duration) -> Text {
    text! {
        en: ["was restarted by the kubelet for ", how_long(lasted)],
        zh: ["被 kubelet 反复重启持续 ", how_long(lasted)],
    }
}

/// What it was: what was referred to was not there.
pub(crate) fn missed_reference(lasted: Duration) -> Text {
    text! {
        en: ["lacked what a container refers to for ", how_long(lasted)],
        zh: ["容器引用的对象缺失持续 ", how_long(lasted)],
    }
}

/// What it was: volumes.
pub(crate) fn lacked_volume(lasted: Duration) -> Text {
    text! { en: ["lacked a volume for ", how_long(lasted)], zh: ["存储卷不可用持续 ", how_long(lasted)] }
}

/// What it was: pods that were refused.
pub(crate) fn pods_were_refused(lasted: Duration) -> Text {
    text! { en: ["could not get its pods for ", how_long(lasted)], zh: ["无法创建 Pod 持续 ", how_long(lasted)] }
}

/// What it was: pods that were not ready.
pub(crate) fn pods_were_not_ready(lasted: Duration) -> Text {
    text! { en: ["had pods that were not ready for ", how_long(lasted)], zh: ["Pod 未就绪持续 ", how_long(lasted)] }
}

/// What it was: a Job.
pub(crate) fn job_had_failed(lasted: Duration) -> Text {
    text! { en: ["had failed for ", how_long(lasted)], zh: ["Job 失败状态持续 ", how_long(lasted)] }
}

/// What it was: nodes that did not fit.
pub(crate) fn was_unschedulable(lasted: Duration) -> Text {
    text! {
        en: ["had pods that fit on no node for ", how_long(lasted)],
        zh: ["Pod 无法调度持续 ", how_long(lasted)],
    }
}

/// What it was: a rollout past its deadline.
pub(crate) fn was_past_deadline(lasted: Duration) -> Text {
    text! { en: ["was past its deadline for ", how_long(lasted)], zh: ["发布超期持续 ", how_long(lasted)] }
}

/// What it was: a node.
pub(crate) fn was_not_ready(lasted: Duration) -> Text {
    text! { en: ["was not ready for ", how_long(lasted)], zh: ["未就绪持续 ", how_long(lasted)] }
}

/// `2 of 3 pods`
pub(crate) fn pods(affected: usize, of: u32) -> Text {
    let plural = if of == 1 { "" } else { "s" };
    text! { en: [affected, " of ", of, " pod", plural], zh: [of, " 个 Pod 中 ", affected, " 个"] }
}

/// `1 of 3 nodes`
pub(crate) fn nodes(affected: usize, of: u32) -> Text {
    let plural = if of == 1 { "" } else { "s" };
    text! { en: [affected, " of ", of, " node", plural], zh: [of, " 个节点中 ", affected, " 个"] }
}

/// Behind how many are affected.
pub(crate) fn restarts(n: i64) -> Text {
    match n {
        0 => Text::default(),
        1 => text! { en: [", 1 restart"], zh: ["，已重启 1 次"] },
        n => text! { en: [", ", n, " restarts"], zh: ["，已重启 ", n, " 次"] },
    }
}

/// Behind that: what is left.
pub(crate) fn still_serve(ready: u32, of: u32) -> Text {
    if ready == 0 {
        return text! { en: [", nothing serves"], zh: ["，无可用 Pod"] };
    }
    let verb = if ready == 1 { "serves" } else { "serve" };
    text! { en: [", ", ready, " of ", of, " ", verb], zh: ["，", of, " 个中 ", ready, " 个可用"] }
}

/// What it comes back from, with a link to its message.
pub(crate) fn returned(number: &str, message: &str, ended: Timestamp) -> Text {
    let link = |label: String| Span::MessageLink {
        label,
        key: message.to_owned(),
    };
    text! {
        en: ["It came back: ", link(format!("incident {number}")), " ended ", ago(ended), "."],
        zh: ["故障复发：", link(format!("故障 {number}")), " 已于 ", ago(ended), " 结束。"],
    }
}

/// The memory that a container may use.
pub(crate) fn memory_limit(container: &str, limit: &str) -> Text {
    text! {
        en: ["the memory limit of ", container, " is ", limit],
        zh: [container, " 的内存上限为 ", limit],
    }
}

/// `containers crash, 2 of 3 pods, since 3 minutes ago`
pub(crate) fn state(title: &Text, affected: &Text, opened: Timestamp) -> Text {
    text! {
        en: [title, ", ", affected, ", since ", ago(opened)],
        zh: [title, "，", affected, "，始于 ", ago(opened)],
    }
}

/// The same of what has no pods to count.
pub(crate) fn state_alone(title: &Text, opened: Timestamp) -> Text {
    text! { en: [title, ", since ", ago(opened)], zh: [title, "，始于 ", ago(opened)] }
}

/// Behind that, who is on it.
pub(crate) fn and_acked_by(user: UserId) -> Text {
    text! { en: [", acked by ", user], zh: ["，认领人 ", user] }
}

/// Behind that, since when nothing of it is seen.
pub(crate) fn and_not_seen_since(quiet: Timestamp) -> Text {
    text! { en: [", not seen since ", ago(quiet)], zh: ["，自 ", ago(quiet), "起未再出现"] }
}

/// Why the message is not about now, and when it ends.
pub(crate) fn not_seen_since(quiet: Timestamp, settle: Duration) -> Text {
    text! {
        en: ["Nothing of it seen since ", ago(quiet), "; it counts as over once that is so for ", length(settle), "."],
        zh: ["自 ", ago(quiet), "起未再出现；持续 ", length(settle), "未再出现即视为结束。"],
    }
}

/// The line under the title, of what is not seen any more.
pub(crate) fn at_last(opened: Timestamp, counts: &Text) -> Text {
    text! {
        en: ["since ", ago(opened), ", last seen with ", counts],
        zh: ["始于 ", ago(opened), "，最后所见 ", counts],
    }
}

/// The line under the title.
pub(crate) fn since(opened: Timestamp, counts: &Text) -> Text {
    text! { en: ["since ", ago(opened), ", ", counts], zh: ["始于 ", ago(opened), "，", counts] }
}

/// The same of what has no parts to count.
pub(crate) fn since_alone(opened: Timestamp) -> Text {
    text! { en: ["since ", ago(opened)], zh: ["始于 ", ago(opened)] }
}

/// With a full stop at the end, where none is yet. Names of containers stay as they are, so no letter is made large.
pub(crate) fn sentence(words: &Text) -> Text {
    let ends = |locale, marks: &[char]| words.plain_in(locale).ends_with(marks);
    let en = if ends(Locale::En, &['.', '!', '?', '…']) {
        ""
    } else {
        "."
    };
    let zh = if ends(Locale::ZhCn, &['.', '!', '?', '…', '。', '！', '？']) {
        ""
    } else {
        "。"
    };
    text! { en: [words, en], zh: [words, zh] }
}

/// What a program left behind.
pub(crate) fn said(words: &str) -> Text {
    text! { en: ["It said at its end: ", words], zh: ["退出时的输出：", words] }
}

/// What an Event says.
pub(crate) fn event(message: &str) -> Text {
    text! { en: ["Event: ", message], zh: ["事件：", message] }
}

/// Before the end of a log.
pub(crate) fn last_lines() -> Text {
    text! { en: ["Last lines before the end:"], zh: ["退出前的最后几行日志："] }
}

/// Before what another face of the same trouble looks like now.
pub(crate) fn now(words: &Text) -> Text {
    text! { en: ["now ", words], zh: ["目前 ", words] }
}

/// What the pods before showed, when those that are in trouble now show less.
pub(crate) fn before_that(what: &Text, lasted: Duration, until: Timestamp) -> Text {
    text! {
        en: ["before that, in other pods, for ", length(lasted), " until ", ago(until), ": ", what],
        zh: ["此前在其他 Pod 中（持续 ", length(lasted), "，至 ", ago(until), "）：", what],
    }
}

/// The field for a change that is the first suspect.
pub(crate) fn changed_just_before() -> Text {
    text! { en: ["Changed just before"], zh: ["故障前的变更"] }
}

/// The field for a change after the beginning.
pub(crate) fn changed_since() -> Text {
    text! { en: ["Changed since"], zh: ["故障后的变更"] }
}

/// The field for a change of the past.
pub(crate) fn last_change() -> Text {
    text! { en: ["Last change"], zh: ["最近变更"] }
}

/// The field for the section of the manual.
pub(crate) fn manual() -> Text {
    text! { en: ["Manual"], zh: ["手册"] }
}

/// The field for who is on it.
pub(crate) fn acked() -> Text {
    text! { en: ["Acked"], zh: ["认领"] }
}

/// Who is on it, and how long that took.
pub(crate) fn by_after(user: UserId, took: Duration) -> Text {
    text! { en: ["by ", user, " after ", how_long(took)], zh: [user, "，", how_long(took), "后"] }
}

/// The same, of what is over.
pub(crate) fn acked_by_after(user: UserId, took: Duration) -> Text {
    text! { en: ["acked by ", user, " after ", how_long(took)], zh: [user, " 在 ", how_long(took), "后认领"] }
}

/// The field for the silence.
pub(crate) fn silenced() -> Text {
    text! { en: ["Silenced"], zh: ["静默"] }
}

/// Who asked for silence, and until when.
pub(crate) fn by_lapses(user: UserId, until: Timestamp) -> Text {
    text! { en: ["by ", user, ", lapses ", ago(until)], zh: ["操作者 ", user, "，", ago(until), " 结束"] }
}

/// The small print of what comes and goes.
pub(crate) fn came_back(times: u32) -> Text {
    match times {
        1 => text! { en: ["came back once"], zh: ["复发 1 次"] },
        n => text! { en: ["came back ", n, " times"], zh: ["复发 ", n, " 次"] },
    }
}

/// A button.
pub(crate) fn ack() -> Text {
    text! { en: ["Ack"], zh: ["认领"] }
}

/// A button.
pub(crate) fn silence(lasts: Duration) -> Text {
    text! { en: ["Silence ", length(lasts)], zh: ["静默 ", length(lasts)] }
}

/// The title of what passed.
pub(crate) fn recovered(owner: &str) -> Text {
    text! { en: [owner, ": recovered"], zh: [owner, "：已恢复"] }
}

/// The title of what is gone.
pub(crate) fn over(owner: &str) -> Text {
    text! { en: [owner, ": over"], zh: [owner, "：已结束"] }
}

/// How its workload stood at that moment, where that was not well.
pub(crate) fn left(ready: i32, desired: i32) -> Text {
    let were = if desired == 1 { " was" } else { " were" };
    text! {
        en: ["When that was over, ", ready, " of ", pods_in_words(desired), were, " ready."],
        zh: ["该故障结束时，", pods_in_words(desired), "中 ", ready, " 个就绪。"],
    }
}

/// The same of a Job that gave up.
pub(crate) fn job_stays_failed() -> Text {
    text! { en: ["It has not done its work since."], zh: ["此后未再成功执行。"] }
}

/// What ended it.
pub(crate) fn ended_by(what: &Text) -> Text {
    text! { en: [", ended by ", what], zh: ["，结束原因：", what] }
}

/// How bad it was.
pub(crate) fn at_its_worst(most: &Text, words: &Text) -> Text {
    text! { en: ["At its worst ", most, ": ", words], zh: ["最严重时 ", most, "：", words] }
}

/// The same of what had no pods to count.
pub(crate) fn at_its_worst_alone(words: &Text) -> Text {
    text! { en: ["At its worst: ", words], zh: ["最严重时：", words] }
}

/// To who wants to ack what somebody acked.
pub(crate) fn acked_already(user: UserId, at: Timestamp) -> Text {
    text! { en: [user, " acked this ", ago(at), " already."], zh: [user, " 已于 ", ago(at), " 认领。"] }
}

/// To who wants to silence what is silent.
pub(crate) fn silenced_already(user: UserId, until: Timestamp) -> Text {
    text! {
        en: [user, " silenced this already; that lapses ", ago(until), "."],
        zh: [user, " 已设置静默，", ago(until), " 结束。"],
    }
}

/// To who wants to do something about what is over.
pub(crate) fn ended(at: Timestamp) -> Text {
    text! { en: ["This ended ", ago(at), "."], zh: ["该故障已于 ", ago(at), " 结束。"] }
}

/// In the audit: how long it took.
pub(crate) fn after(took: Duration) -> Text {
    text! { en: ["after ", how_long(took)], zh: [how_long(took), "后"] }
}

/// In the audit: how long it holds.
pub(crate) fn lasting(lasts: Duration) -> Text {
    text! { en: ["for ", length(lasts)], zh: ["持续 ", length(lasts)] }
}

/// What ended it: a node or a pod went.
#[must_use]
pub fn by_removal(owner: &str) -> Text {
    text! { en: ["the removal of ", owner], zh: [owner, " 已移除"] }
}

/// What ended it: a workload went.
#[must_use]
pub fn by_deletion(owner: &str) -> Text {
    text! { en: ["the deletion of ", owner], zh: [owner, " 已删除"] }
}

/// What ended it: nobody looks at that namespace any more.
#[must_use]
pub fn by_settings_namespace() -> Text {
    text! {
        en: ["the settings: this namespace is not watched any more"],
        zh: ["配置变更：不再监视该命名空间"],
    }
}

/// What ended it: nobody looks at that cluster any more.
#[must_use]
pub fn by_settings_cluster() -> Text {
    text! {
        en: ["the settings: this cluster is not watched any more"],
        zh: ["配置变更：不再监视该集群"],
    }
}

/// What ended it: a command of the bot.
pub(crate) fn by_ticket(command: &str, ticket: TicketId, user: UserId) -> Text {
    let link = || Span::TicketLink(ticket);
    text! {
        en: ["the ", command, " of ", link(), " (", user, ")"],
        zh: [link(), " 的 ", code(command), "（", user, "）"],
    }
}

/// What ended it: a change past the bot.
pub(crate) fn by_change(what: &Text) -> Text {
    text! { en: ["a change: ", what], zh: ["变更：", what] }
}

/// What ended it: a change that left no trace of who made it.
pub(crate) fn by_somebody() -> Text {
    text! {
        en: ["a change of its spec that does not tell by whom"],
        zh: ["spec 变更，操作者未知"],
    }
}

/// The same, where a change without a time may have been it.
pub(crate) fn by_somebody_maybe(what: &Text) -> Text {
    text! {
        en: ["a change of its spec, maybe ", what],
        zh: ["spec 变更，可能是", what],
    }
}

/// Why there are no last lines: what is secret is not known.
pub(crate) fn secrets_unreadable(why: &Text) -> Text {
    text! {
        en: ["its log is not shown, because the Secrets to hide in it could not be read: ", why],
        zh: ["未显示日志：无法读取需要隐藏的 Secret：", why],
    }
}

/// Why there are no last lines: they could not be read.
pub(crate) fn log_unreadable(why: &Text) -> Text {
    text! { en: ["its log could not be read: ", why], zh: ["无法读取日志：", why] }
}

/// Why there are no last lines: there were none.
pub(crate) fn log_empty() -> Text {
    text! { en: ["it wrote nothing to its log"], zh: ["没有输出任何日志"] }
}

/// Why there are no last lines: the node has removed them.
pub(crate) fn log_gone() -> Text {
    text! { en: ["its log is gone from the node already"], zh: ["日志已从节点上清除"] }
}
