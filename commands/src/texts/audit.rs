//! `/ceo audit`.

use crate::{
    model::{Text, TicketId, bold},
    text,
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Who did what, and how it ended"], zh: ["谁做了什么，结果如何"] }
}

/// The option.
pub(crate) fn person() -> Text {
    text! { en: ["Only by this person"], zh: ["仅此人"] }
}

/// The option.
pub(crate) fn workload() -> Text {
    text! { en: ["Only this object"], zh: ["仅此对象"] }
}

/// The option.
pub(crate) fn outcome() -> Text {
    text! { en: ["Only what ended so"], zh: ["仅此结果"] }
}

/// The option.
pub(crate) fn ticket() -> Text {
    text! { en: ["Only this ticket"], zh: ["仅此工单"] }
}

/// The title.
pub(crate) fn title() -> Text {
    text! { en: ["On record"], zh: ["审计记录"] }
}

/// The title when there is nothing.
pub(crate) fn nothing() -> Text {
    text! { en: ["Nothing on record fits"], zh: ["没有符合条件的记录"] }
}

/// What to do about that.
pub(crate) fn ask_for_more() -> Text {
    text! {
        en: ["Leave out an option to see more; without any, all is shown."],
        zh: ["减少选项可查看更多记录；不带选项时显示全部。"],
    }
}

/// The order, when nothing narrows the list.
pub(crate) fn newest_first() -> Text {
    text! { en: ["newest first"], zh: ["最新在前"] }
}

/// A ticket, as a part of a line.
pub(crate) fn of_ticket(ticket: TicketId) -> Text {
    text! { en: ["ticket ", ticket], zh: ["工单 ", ticket] }
}

/// How many there are; `cut` when there are more.
pub(crate) fn entries(n: usize, cut: bool) -> Text {
    if cut {
        text! { en: ["the newest ", n, " entries"], zh: ["最新 ", n, " 条记录"] }
    } else {
        text! { en: [n, if n == 1 { " entry" } else { " entries" }], zh: ["共 ", n, " 条记录"] }
    }
}

/// Who did it, when nobody did.
pub(crate) fn the_bot() -> Text {
    text! { en: ["the bot"], zh: ["机器人"] }
}

/// Events whose name is more than a word. They stand in the record as they are here, for ever.
pub(crate) mod event {
    pub(crate) const APPROVAL_LAPSED: &str = "approval lapsed";
    pub(crate) const HOLD_LAPSED: &str = "hold lapsed";
    pub(crate) const SIGNED_OFF: &str = "signed off";
    pub(crate) const NOT_SIGNED_OFF: &str = "not signed off";
}

/// What happened. The record itself keeps the English word.
pub(crate) fn event(word: &str) -> Text {
    let zh = match word {
        "asked" => "申请",
        "answered" => "答复",
        "refused" => "拒绝执行",
        "confirmed" => "确认",
        "cancelled" => "撤回",
        "approved" => "批准",
        "denied" => "拒绝",
        event::APPROVAL_LAPSED => "批准过期",
        event::HOLD_LAPSED => "暂停过期",
        event::SIGNED_OFF => "签核通过",
        event::NOT_SIGNED_OFF => "签核未通过",
        "parked" => "等待",
        "woken" => "继续执行",
        "started" => "开始执行",
        "directed" => "指示",
        "finished" => "结束",
        "expired" => "过期",
        "opened" => "故障开始",
        "reopened" => "故障复发",
        "changed" => "故障变化",
        "recovered" => "故障恢复",
        "acked" => "认领",
        "silenced" => "静默",
        other => other,
    };
    text! { en: [bold(word)], zh: [bold(zh)] }
}

/// How it ended. The record itself keeps the English word.
pub(crate) fn ended(word: &str) -> Text {
    let zh = match word {
        "succeeded" => "成功",
        "failed" => "失败",
        "denied" => "被拒绝",
        "cancelled" => "已撤回",
        "expired" => "已过期",
        "stale" => "对象已变更",
        "interrupted" => "已中断",
        "rolled back" => "已回滚",
        "overtaken" => "已被后续变更取代",
        other => other,
    };
    text! { en: [word], zh: [zh] }
}
