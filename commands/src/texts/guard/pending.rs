//! `/ceo guard pending`.

use crate::{
    model::{Span, Text, TicketId, Timestamp, UserId, ago, bold, code},
    text,
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Requests that wait or run"], zh: ["待审批与执行中的申请"] }
}

/// There are none.
pub(crate) fn nothing() -> Text {
    text! { en: ["Nothing waits and nothing runs"], zh: ["没有待处理或执行中的申请"] }
}

/// How many there are.
pub(crate) fn title(open: usize, yours: usize) -> Text {
    let all = text! { en: ["Open requests: ", open], zh: ["未完成的申请：", open] };
    match yours {
        0 => all,
        _ => {
            text! { en: [&all, ", ", yours, " for you to decide"], zh: [all, "，其中 ", yours, " 个待您处理"] }
        }
    }
}

/// What a request is.
pub(crate) fn request(ticket: TicketId, command: &str, targets: &str, by: UserId) -> Text {
    let link = || Span::TicketLink(ticket);
    text! {
        en: [link(), " ", code(command), " ", targets, " by ", by, " · "],
        zh: [link(), " ", code(command), " ", targets, "，申请人 ", by, " · "],
    }
}

/// Where it stands: its asker has to say yes.
pub(crate) fn awaits_asker(until: Timestamp) -> Text {
    text! { en: ["waits for its asker, lapses ", ago(until)], zh: ["待申请人确认，过期时间 ", ago(until)] }
}

/// Where it stands: others have to.
pub(crate) fn awaits_approval(until: Timestamp) -> Text {
    text! { en: ["waits for approval, lapses ", ago(until)], zh: ["待批准，过期时间 ", ago(until)] }
}

/// Where it stands: between yes and the start.
pub(crate) fn about_to_start() -> Text {
    text! { en: ["is about to start"], zh: ["即将开始"] }
}

/// Where it stands: at work.
pub(crate) fn runs_since(at: Timestamp) -> Text {
    text! { en: ["running since ", ago(at)], zh: ["执行中，开始于 ", ago(at)] }
}

/// Where it stands: done.
pub(crate) fn over() -> Text {
    text! { en: ["is over"], zh: ["已结束"] }
}

/// Behind what the reader has to decide.
pub(crate) fn yours() -> Text {
    text! { en: [" · ", bold("yours to decide")], zh: [" · ", bold("待您处理")] }
}
