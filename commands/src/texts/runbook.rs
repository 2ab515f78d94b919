//! `/ceo runbook …`.

use crate::{
    model::{Text, code},
    text,
};

/// The group.
pub(crate) fn summary() -> Text {
    text! { en: ["The team's manual"], zh: ["运维手册"] }
}

/// The command.
pub(crate) fn find_summary() -> Text {
    text! { en: ["Sections about something"], zh: ["查找手册章节"] }
}

/// The option.
pub(crate) fn words() -> Text {
    text! { en: ["What to look for"], zh: ["要查找的内容"] }
}

/// The settings name no manual.
pub(crate) fn none() -> Text {
    text! { en: ["No manual is configured"], zh: ["未配置运维手册"] }
}

/// What gives one.
pub(crate) fn how_to_add() -> Text {
    text! {
        en: ["Whoever runs the bot names a Markdown file or a folder of them: ", code("[runbook] path"), "."],
        zh: ["由机器人管理员指定 Markdown 文件或文件夹：", code("[runbook] path"), "。"],
    }
}

/// The manual is not to be read.
pub(crate) fn unreadable(why: &Text) -> Text {
    text! { en: ["The manual cannot be read: ", why], zh: ["运维手册无法读取：", why] }
}

/// Why: what the operating system says.
#[must_use]
pub fn file_unreadable(name: &str, why: &str) -> Text {
    text! { en: [code(name), ": ", why], zh: [code(name), "：", why] }
}

/// Why: it is too large to be one.
#[must_use]
pub fn too_large(mebibytes: u64) -> Text {
    text! { en: ["more than ", mebibytes, " MiB"], zh: ["超过 ", mebibytes, " MiB"] }
}

/// No section has one of the words.
pub(crate) fn nothing(words: &str) -> Text {
    text! { en: ["The manual says nothing about ", code(words)], zh: ["手册中没有与 ", code(words), " 相关的章节"] }
}

/// How much was looked at.
pub(crate) fn looked_at(sections: usize, files: usize) -> Text {
    text! {
        en: ["Looked at ", sections, if sections == 1 { " section" } else { " sections" }, " in ", files, if files == 1 { " file" } else { " files" }, "."],
        zh: ["已查找 ", files, " 个文件中的 ", sections, " 个章节。"],
    }
}

/// Where a section stands.
pub(crate) fn stands_in(file: &str, path: &[String]) -> Text {
    let above = path
        .split_last()
        .map(|(_, above)| above.join(" › "))
        .unwrap_or_default();
    if above.is_empty() {
        return text! { en: [code(file)], zh: [code(file)] };
    }
    text! { en: [code(file), " · ", &above], zh: [code(file), " · ", &above] }
}

/// There is more of a section.
pub(crate) fn goes_on(file: &str) -> Text {
    text! { en: ["It goes on in ", code(file), "."], zh: ["后续内容见 ", code(file), "。"] }
}

/// What does the same in the chat.
pub(crate) fn in_chat(line: &str) -> Text {
    text! { en: ["Here: ", code(line)], zh: ["聊天命令：", code(line)] }
}

/// The button that runs a command.
pub(crate) fn button(path: &str) -> Text {
    let command = format!("/ceo {path}");
    text! { en: [&command], zh: [&command] }
}

/// Where a section stands, within another message.
#[must_use]
pub(crate) fn section(heading: &str, file: &str) -> Text {
    text! { en: [heading, " (", code(file), ")"], zh: [heading, "（", code(file), "）"] }
}

/// Words by which sections are found, as manuals of both languages write them.
pub(crate) mod sought {
    pub(crate) const OOM_KILLED: &str = "OOMKilled OOM 内存不足";
    pub(crate) const CRASH_LOOP: &str = "CrashLoopBackOff";
    pub(crate) const PROBE: &str = "健康检查失败 probe readiness liveness";
    pub(crate) const IMAGE_PULL: &str = "ImagePullBackOff ErrImagePull 镜像拉取";
    pub(crate) const MISSING_REFERENCE: &str = "CreateContainerConfigError 配置错误";
    pub(crate) const VOLUME: &str = "PersistentVolumeClaim PVC FailedMount 存储卷";
    pub(crate) const UNSCHEDULABLE: &str = "FailedScheduling unschedulable 资源不足";
    pub(crate) const QUOTA: &str = "ResourceQuota quota 配额";
    pub(crate) const JOB: &str = "CronJob BackoffLimitExceeded 定时任务";
    pub(crate) const ROLLOUT: &str = "ProgressDeadlineExceeded rollout 滚动更新";
    pub(crate) const NODE: &str = "NotReady kubelet 节点故障";
    pub(crate) const API_SERVER: &str = "apiserver etcd 集群故障";
}
