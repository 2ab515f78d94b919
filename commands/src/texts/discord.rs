//! What stands in every message of the chat, whatever it is about.

use crate::{
    model::{Reference, Text, Timestamp, ago, code},
    text,
};

/// What was left out of a list.
#[must_use]
pub fn more(n: usize) -> Text {
    text! { en: ["… ", n, " more"], zh: ["…… 另有 ", n, " 项"] }
}

/// In place of an empty message.
#[must_use]
pub fn nothing() -> Text {
    text! { en: ["Nothing to show"], zh: ["没有可显示的内容"] }
}

/// What the file with the uncut message is.
#[must_use]
pub fn whole_text() -> Text {
    text! { en: ["The whole text of this message"], zh: ["本消息的完整内容"] }
}

/// At the end of a file that is cut.
#[must_use]
pub fn cut_here() -> Text {
    text! { en: ["[cut here: the file is over Discord's limit]"], zh: ["[此处截断：文件超过 Discord 的大小限制]"] }
}

/// Under the title of a message that Discord refused.
#[must_use]
pub fn could_not_be_shown(reference: &str) -> Text {
    text! {
        en: ["The rest of this message could not be shown. Reference ", reference],
        zh: ["本消息其余内容无法显示。参考号 ", reference],
    }
}

/// Behind a step that was not needed.
#[must_use]
pub fn skipped() -> Text {
    text! { en: ["skipped"], zh: ["已跳过"] }
}

/// The button that ends a live view.
#[must_use]
pub fn stop() -> Text {
    text! { en: ["Stop"], zh: ["停止"] }
}

/// Under a live view that its owner ended.
#[must_use]
pub fn stopped() -> Text {
    text! { en: ["stopped"], zh: ["已停止"] }
}

/// Under a live view whose time is over.
#[must_use]
pub fn paused() -> Text {
    text! { en: ["paused"], zh: ["已暂停"] }
}

/// Above a live view that ended with the process that showed it.
pub fn ended_by_a_restart() -> Text {
    text! {
        en: ["This view ended: the bot was started again. What it shows is as of then."],
        zh: ["该视图已结束：机器人已重启，内容为重启前的状态。"],
    }
}

/// The button that begins it again.
pub fn follow_again() -> Text {
    text! { en: ["Follow"], zh: ["继续跟踪"] }
}

/// The command `/ceo`.
pub fn runbook() -> Text {
    text! { en: ["Kubernetes runbook"], zh: ["Kubernetes 运维手册"] }
}

/// A button of another version, or whose text is no longer stored.
#[must_use]
pub fn old_button() -> [Text; 2] {
    [
        text! { en: ["This button is from an earlier version"], zh: ["此按钮来自旧版本"] },
        text! { en: ["Run the command again."], zh: ["请重新执行命令。"] },
    ]
}

/// A request from another server, or from a direct message.
#[must_use]
pub fn elsewhere() -> [Text; 2] {
    [
        text! { en: ["This bot serves another server"], zh: ["此机器人服务于另一个服务器"] },
        text! {
            en: ["Nothing was done. Ask on the server that it was set up for."],
            zh: ["未执行任何操作。请在其所属服务器中使用。"],
        },
    ]
}

/// Too many requests at once.
#[must_use]
pub fn busy() -> [Text; 2] {
    [
        text! { en: ["Too many requests at once"], zh: ["当前请求过多"] },
        text! {
            en: ["Nothing was done. Try again in a moment."],
            zh: ["未执行任何操作，请稍后重试。"],
        },
    ]
}

/// It took longer than an answer can be given; `where_to_look` is the command that shows what was started.
#[must_use]
pub fn late(where_to_look: &str) -> [Text; 2] {
    [
        text! { en: ["This took too long to be answered here"], zh: ["处理超时，无法在此回复"] },
        text! {
            en: [
                "Look at the channel and at ", code(where_to_look),
                " for what was started; give the reference to whoever runs the bot.",
            ],
            zh: ["请在频道和 ", code(where_to_look), " 中查看已开始的操作，并将参考号告知管理员。"],
        },
    ]
}

/// Discord sent something that could not be read.
#[must_use]
pub fn unreadable() -> [Text; 2] {
    [
        text! { en: ["The bot could not read this request"], zh: ["机器人无法读取此请求"] },
        text! {
            en: ["Nothing was done. Give the reference to whoever runs the bot."],
            zh: ["未执行任何操作。请将参考号告知管理员。"],
        },
    ]
}

/// The small print under what went wrong.
#[must_use]
pub fn reference(reference: &Reference) -> Text {
    text! { en: ["Reference ", &reference.0], zh: ["参考号 ", &reference.0] }
}

/// The title of the daily post of the audit's head.
#[must_use]
pub fn audit_head(rows: i64, day: &str) -> Text {
    let rows_in_words = if rows == 1 { " row by " } else { " rows by " };
    text! { en: ["Audit: ", rows, rows_in_words, day], zh: ["审计：截至 ", day, " 共 ", rows, " 条记录"] }
}

/// The head itself.
#[must_use]
pub fn head(head: &str) -> Text {
    text! { en: ["Head ", code(head)], zh: ["链头 ", code(head)] }
}

/// A day went by without one.
#[must_use]
pub fn no_head() -> Text {
    text! { en: ["The audit has no fresh witness"], zh: ["审计缺少最新的链头见证"] }
}

/// Since when.
#[must_use]
pub fn no_head_since(at: Timestamp) -> Text {
    text! {
        en: ["No head of the audit was posted since ", ago(at), ". What is changed in the database meanwhile may not be found."],
        zh: ["自 ", ago(at), " 起未发布审计链头；此间对数据库的篡改可能无法发现。"],
    }
}

/// Why not.
#[must_use]
pub fn head_refused(why: &str) -> Text {
    text! { en: ["Posting it failed: ", code(why)], zh: ["发布失败：", code(why)] }
}

/// They are posted again.
#[must_use]
pub fn heads_again() -> Text {
    text! { en: ["The audit's heads are posted again"], zh: ["审计链头已恢复发布"] }
}

/// What the head is for.
#[must_use]
pub fn what_a_head_is_for(command: &str) -> Text {
    text! {
        en: ["Whoever doubts the records later runs ", code(command), " with this head."],
        zh: ["日后如需核对记录，请用此链头执行 ", code(command), "。"],
    }
}
