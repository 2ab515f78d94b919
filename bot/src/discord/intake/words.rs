//! What the gateway itself has to say, before or instead of the engine.

use ceo_commands::{
    failure::Failure,
    model::{Locale, Reference, Report, Tone},
};

/// Why the engine gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// A button of another version, or whose text is no longer stored.
    Old,
    /// A request from another server, or from a direct message.
    Elsewhere,
    /// Too many requests at once.
    Busy,
    /// It took longer than an answer can be given.
    Late,
    /// Discord sent something that could not be read.
    Unreadable,
    /// The handler failed.
    Failed,
}

impl Trouble {
    /// What the person reads.
    pub(super) fn report(self, locale: Locale, reference: &Reference) -> Report {
        let (en, zh): ([&str; 2], [&str; 2]) = match self {
            Self::Old => (
                ["This button is from an earlier version", "Run the command again."],
                ["此按钮来自旧版本", "请重新执行命令。"],
            ),
            Self::Elsewhere => (
                [
                    "This bot serves another server",
                    "Nothing was done. Ask on the server that it was set up for.",
                ],
                [
                    "此机器人服务于另一个服务器",
                    "未执行任何操作。请在其所属服务器中使用。",
                ],
            ),
            Self::Busy => (
                [
                    "Too many requests at once",
                    "Nothing was done. Try again in a moment.",
                ],
                ["当前请求过多", "未执行任何操作，请稍后重试。"],
            ),
            Self::Late => (
                [
                    "This took too long to be answered here",
                    "Look at the channel and at /ceo guard pending for what was started; give the reference to whoever runs the bot.",
                ],
                [
                    "处理超时，无法在此回复",
                    "请在频道和 /ceo guard pending 中查看已开始的操作，并将编号告知管理员。",
                ],
            ),
            Self::Unreadable => (
                [
                    "The bot could not read this request",
                    "Nothing was done. Give the reference to whoever runs the bot.",
                ],
                ["机器人无法读取此请求", "未执行任何操作。请将编号告知管理员。"],
            ),
            Self::Failed if locale == Locale::ZhCn => (
                ["", ""],
                [
                    "机器人处理失败，并非您的问题",
                    "未执行后续操作。请将编号告知管理员。",
                ],
            ),
            Self::Failed => return Failure::Internal(String::new()).report(reference),
        };
        let [what, todo] = if locale == Locale::ZhCn { zh } else { en };
        let tone = if matches!(self, Self::Failed | Self::Late | Self::Unreadable) {
            Tone::Bad
        } else {
            Tone::Waiting
        };
        Report::new(tone, what)
            .line(todo)
            .footer(format!("Reference {reference}"))
    }
}
