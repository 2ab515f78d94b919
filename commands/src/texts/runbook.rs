//! `/ceo runbook …`.

use super::common::names;
use crate::{
    model::{Text, Timestamp, UserId, ago, code},
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

/// The command.
pub(crate) fn note_summary() -> Text {
    text! { en: ["Keeps a note with a section"], zh: ["为手册章节添加备注"] }
}

/// The option.
pub(crate) fn section_option() -> Text {
    text! { en: ["Its heading"], zh: ["章节标题"] }
}

/// The option.
pub(crate) fn note_option() -> Text {
    text! { en: ["What to remember"], zh: ["备注内容"] }
}

/// A note says nothing.
pub(crate) fn empty_note() -> Text {
    text! { en: ["The note is empty"], zh: ["备注为空"] }
}

/// A note is too long.
pub(crate) fn long_note(length: usize, most: usize) -> Text {
    text! {
        en: ["The note has ", length, " characters; at most ", most, " are kept"],
        zh: ["备注有 ", length, " 个字符，最多 ", most, " 个"],
    }
}

/// It is kept.
pub(crate) fn kept_with(heading: &str) -> Text {
    text! { en: ["Noted with \u{201c}", heading, "\u{201d}"], zh: ["已为“", heading, "”添加备注"] }
}

/// What it says.
pub(crate) fn note(text: &str) -> Text {
    Text::from(text)
}

/// Where notes are read.
pub(crate) fn where_notes_are() -> Text {
    text! {
        en: ["It is shown below the section whenever that is found, and stands in the audit."],
        zh: ["查找该章节时会显示在其下方，并保留在审计中。"],
    }
}

/// A note of somebody.
pub(crate) fn note_by(by: Option<UserId>, at: Timestamp, text: &str) -> Text {
    let who = || by.map_or_else(Text::default, |by| Text::from(by).and(" "));
    text! {
        en: ["Note by ", who(), ago(at), ": ", text],
        zh: ["备注（", who(), ago(at), "）：", text],
    }
}

/// Older notes that are not shown.
pub(crate) fn older_notes(more: usize) -> Text {
    text! {
        en: [more, if more == 1 { " older note is" } else { " older notes are" }, " in the audit."],
        zh: ["另有 ", more, " 条较早的备注，见审计。"],
    }
}

/// The books do not answer.
pub(crate) fn notes_unknown() -> Text {
    text! { en: ["Whether there are notes is not known: the bot's store does not answer."], zh: ["是否有备注未知：机器人的存储无响应。"] }
}

/// No section is called so.
pub(crate) fn no_section(asked: &str) -> Text {
    text! { en: ["No section of the manual is called ", code(asked)], zh: ["手册中没有名为 ", code(asked), " 的章节"] }
}

/// More than one is called so.
pub(crate) fn several_sections(asked: &str) -> Text {
    text! { en: ["Several sections are called ", code(asked)], zh: ["有多个章节名为 ", code(asked)] }
}

/// Those that may be meant.
pub(crate) fn sections_near(labels: &[String]) -> Text {
    text! { en: ["Name one of these: ", names(labels)], zh: ["请指定其中之一：", names(labels)] }
}

/// How to find its name.
pub(crate) fn look_for_it() -> Text {
    text! {
        en: ["The headings are offered while you type, and the other command of this group finds them by what they say."],
        zh: ["输入时会提示章节标题，也可用本组的另一条命令按内容查找。"],
    }
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
