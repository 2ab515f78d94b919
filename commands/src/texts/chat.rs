//! Why the chat did not give or take something, in the few words that stand in brackets or behind a colon. They reach the
//! asker where the chat itself is what a command needs: people, and their roles.

use std::time::Duration;

use super::{common::short_length, unanswered};
use crate::{model::Text, text};

/// A refusal with its status, its code and Discord's words, which may be none.
#[must_use]
pub fn refused(message: &str, status: u16, code: i64) -> Text {
    let message = if message.is_empty() {
        unanswered::no_reason()
    } else {
        Text::from(message)
    };
    let status = u32::from(status);
    text! {
        en: ["Discord refused: ", &message, " (HTTP ", status, ", code ", code.to_string(), ")"],
        zh: ["Discord 拒绝：", message, "（HTTP ", status, "，代码 ", code.to_string(), "）"],
    }
}

/// Discord failed.
#[must_use]
pub fn failed(status: u16) -> Text {
    let status = u32::from(status);
    text! { en: ["Discord failed (HTTP ", status, ")"], zh: ["Discord 出错（HTTP ", status, "）"] }
}

/// The connection never stood.
#[must_use]
pub fn not_reached(why: &Text) -> Text {
    text! { en: ["Discord could not be reached: ", why], zh: ["无法连接 Discord：", why] }
}

/// A message that would have been changed where none ever is.
#[must_use]
pub fn never_changed() -> Text {
    text! { en: ["messages of that channel are never changed"], zh: ["该频道的消息不可修改"] }
}

/// No answer, or none that can be read.
#[must_use]
pub fn no_answer(why: &Text) -> Text {
    text! { en: ["no answer from Discord: ", why], zh: ["Discord 无响应：", why] }
}

/// Time ran out.
#[must_use]
pub fn nothing_within(after: Duration) -> Text {
    text! { en: ["nothing within ", short_length(after)], zh: [short_length(after), "内无响应"] }
}

/// What was to be sent cannot be.
#[must_use]
pub fn request_is_no_json(why: &str) -> Text {
    text! { en: ["the body is no JSON: ", why], zh: ["请求体不是有效的 JSON：", why] }
}

/// What came back cannot be read.
#[must_use]
pub fn answer_is_no_json(why: &str) -> Text {
    text! { en: ["the answer is no JSON: ", why], zh: ["应答不是有效的 JSON：", why] }
}

/// A member as Discord never gives one.
#[must_use]
pub fn member_without_roles() -> Text {
    text! { en: ["a member without a list of roles"], zh: ["成员信息中没有角色列表"] }
}

/// Counts of members as Discord never gives them.
#[must_use]
pub fn no_list_of_roles() -> Text {
    text! { en: ["the list of roles is none"], zh: ["角色列表无法解析"] }
}
