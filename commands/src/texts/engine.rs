//! What a person reads between a command or a click and its answer.

use std::time::Duration;

use super::common::length;
use crate::{
    model::{ChannelId, Span, Text, TicketId, Timestamp, UserId, ago, code},
    text,
};

pub(crate) fn no_command(name: &str) -> Text {
    let command = || code(format!("/ceo {name}"));
    text! { en: ["There is no command ", command()], zh: ["没有命令 ", command()] }
}

pub(crate) fn see_help() -> Text {
    text! { en: ["See ", code("/ceo help"), "."], zh: ["请查看 ", code("/ceo help"), "。"] }
}

pub(crate) fn no_approver_named() -> Text {
    text! { en: ["an approver, and the policy names none"], zh: ["审批人（策略未指定任何审批人）"] }
}

pub(crate) fn too_few_besides_you(quorum: &Text) -> Text {
    text! {
        en: [quorum, ", and there are not enough such people besides you"],
        zh: [quorum, "（除您之外人数不足）"],
    }
}

/// The form that asks why.
pub(crate) mod reason_form {
    use super::{Text, text};

    pub(crate) fn title(command: &str) -> Text {
        text! { en: ["Why? /ceo ", command], zh: ["原因：/ceo ", command] }
    }

    pub(crate) fn label() -> Text {
        text! { en: ["Reason, for those who approve"], zh: ["原因（供审批人参考）"] }
    }

    pub(crate) fn example() -> Text {
        text! { en: ["what is wrong, and what this mends"], zh: ["问题现象，以及该操作的作用"] }
    }
}

/// The form that asks an approver why not.
pub(crate) mod deny_form {
    use super::{Text, text};

    pub(crate) fn title(ticket: &str) -> Text {
        text! { en: ["Deny ticket ", ticket], zh: ["拒绝工单 ", ticket] }
    }

    pub(crate) fn label() -> Text {
        text! { en: ["Why not? The asker reads this"], zh: ["拒绝原因（申请人可见）"] }
    }

    pub(crate) fn example() -> Text {
        text! { en: ["the freeze is still on"], zh: ["仍处于冻结期"] }
    }
}

pub(crate) fn needs_a_reason() -> Text {
    text! { en: ["This needs a reason, for those who approve it"], zh: ["请填写原因，供审批人参考"] }
}

pub(crate) fn too_many_changes(most: u32) -> Text {
    text! {
        en: [
            "You have ", most, " changes that wait or started within the last hour, which is the limit. Withdraw one that \
             waits, or try later; the limit is set by an administrator."
        ],
        zh: ["您已有 ", most, " 个等待中或一小时内开始的变更，达到上限。请撤回一个等待中的申请或稍后再试；上限由管理员设置。"],
    }
}

pub(crate) fn asked_for_approval(id: TicketId) -> Text {
    text! { en: ["Asked for approval: ticket ", id], zh: ["已提交审批：工单 ", id] }
}

pub(crate) fn it_is_in(channel: ChannelId, id: TicketId) -> Text {
    let link = || Span::TicketLink(id);
    text! { en: ["It is in ", channel, ": ", link()], zh: ["位于 ", channel, "：", link()] }
}

pub(crate) fn needs_and_lapses(quorum: &Text, could: u64, lapses: Timestamp) -> Text {
    let people = if could == 1 { " person" } else { " people" };
    text! {
        en: ["It needs ", quorum, "; ", could, people, " can approve. It lapses ", ago(lapses), "."],
        zh: ["需要 ", quorum, "批准，共有 ", could, " 人可以批准，", ago(lapses), "过期。"],
    }
}

pub(crate) fn started(id: TicketId) -> Text {
    text! { en: ["Started: ticket ", id], zh: ["已开始：工单 ", id] }
}

pub(crate) fn confirmed(id: TicketId) -> Text {
    text! { en: ["Confirmed: ticket ", id], zh: ["已确认：工单 ", id] }
}

pub(crate) fn approved(id: TicketId) -> Text {
    text! { en: ["Approved: ticket ", id], zh: ["已批准：工单 ", id] }
}

pub(crate) fn progress_in(channel: ChannelId, id: TicketId) -> Text {
    let link = || Span::TicketLink(id);
    text! { en: ["Its progress is in ", channel, ": ", link()], zh: ["进度见 ", channel, "：", link()] }
}

pub(crate) fn more_approvals() -> Text {
    text! { en: ["Approved; more people are needed"], zh: ["已批准，仍需更多人批准"] }
}

pub(crate) fn form_lapsed() -> Text {
    text! {
        en: ["This form has lapsed. Run the command again; nothing was done."],
        zh: ["表单已过期，请重新执行命令。未做任何变更。"],
    }
}

pub(crate) fn other_version() -> Text {
    text! {
        en: ["This button is from another version of the bot. Run the command again."],
        zh: ["该按钮来自其他版本的机器人，请重新执行命令。"],
    }
}

pub(crate) fn click_counted() -> Text {
    text! { en: ["This click was counted already."], zh: ["该操作已处理过。"] }
}

pub(crate) fn pages_lapsed() -> Text {
    text! { en: ["These pages have lapsed. Run the command again."], zh: ["分页已过期，请重新执行命令。"] }
}

pub(crate) fn pages_of(owner: UserId) -> Text {
    text! {
        en: ["These pages are ", owner, "'s. Run the command yourself to turn them."],
        zh: ["这是 ", owner, " 的查询结果，如需翻页请自行执行命令。"],
    }
}

pub(crate) fn previous() -> Text {
    text! { en: ["Previous"], zh: ["上一页"] }
}

pub(crate) fn next() -> Text {
    text! { en: ["Next"], zh: ["下一页"] }
}

pub(crate) fn page_of(page: usize, pages: usize) -> Text {
    text! { en: ["page ", page, " of ", pages], zh: ["第 ", page, " 页，共 ", pages, " 页"] }
}

pub(crate) fn no_approval_for_records() -> Text {
    text! {
        en: ["The policy wants the approval of others for this, and it cannot be asked for here. Nothing was noted."],
        zh: ["策略要求他人批准，而此操作不支持审批。未作记录。"],
    }
}

pub(crate) fn no_incident(id: &str) -> Text {
    text! {
        en: ["There is no incident ", id, " here. It may be from before the store was renewed."],
        zh: ["没有故障 ", id, "，可能是存储重建之前的故障。"],
    }
}

pub(crate) fn stopped_too_long() -> Text {
    text! {
        en: ["The bot was stopped before it wrote anything, and the time for this is over. Ask again."],
        zh: ["机器人在写入之前停止，时限已过，请重新申请。"],
    }
}

pub(crate) fn stopped_and_role_lost() -> Text {
    text! {
        en: ["The bot was stopped before it wrote anything, and meanwhile an approver lost the role. Ask again."],
        zh: ["机器人在写入之前停止，其间有审批人失去角色，请重新申请。"],
    }
}

pub(crate) fn waits_for_roles() -> Text {
    text! {
        en: ["It waits: Discord does not say whether its people still have their roles."],
        zh: ["等待中：Discord 未返回相关人员的角色。"],
    }
}

pub(crate) fn waits_for_ticket(other: TicketId) -> Text {
    text! {
        en: ["It waits: ticket ", other, " is changing the same object."],
        zh: ["等待中：工单 ", other, " 正在变更同一对象。"],
    }
}

pub(crate) fn waits_for_store() -> Text {
    text! { en: ["It waits: the bot's store does not answer."], zh: ["等待中：机器人的存储无响应。"] }
}

pub(crate) fn not_ended_in_time(deadline: Duration) -> Text {
    text! {
        en: ["It did not end within ", length(deadline), "; the bot no longer watches it. The cluster goes on by itself."],
        zh: [length(deadline), "内未结束，机器人不再跟踪，集群会自行继续。"],
    }
}

pub(crate) fn told_to_go_on(id: TicketId) -> Text {
    text! { en: ["Told ticket ", id, " to go on"], zh: ["已通知工单 ", id, " 继续执行"] }
}

pub(crate) fn told_to_hold(id: TicketId) -> Text {
    text! { en: ["Told ticket ", id, " to hold"], zh: ["已通知工单 ", id, " 暂停执行"] }
}

pub(crate) fn told_to_roll_back(id: TicketId) -> Text {
    text! { en: ["Told ticket ", id, " to roll back"], zh: ["已通知工单 ", id, " 回滚"] }
}

pub(crate) fn told_to_promote(id: TicketId) -> Text {
    text! { en: ["Told ticket ", id, " to skip the rest of the wait"], zh: ["已通知工单 ", id, " 跳过剩余等待"] }
}

pub(crate) fn told_to_stop(id: TicketId) -> Text {
    text! { en: ["Told ticket ", id, " to stop"], zh: ["已通知工单 ", id, " 停止"] }
}

pub(crate) fn see_ticket(id: TicketId) -> Text {
    text! { en: ["See ", Span::TicketLink(id)], zh: ["见 ", Span::TicketLink(id)] }
}

/// Why the store did not take something.
pub(crate) fn kept_changing(times: usize) -> Text {
    text! {
        en: ["it changed ", times, " times while this was stored"],
        zh: ["写入期间内容已变化 ", times, " 次"],
    }
}

/// The field of a card with a reason to look twice.
pub(crate) fn note() -> Text {
    text! { en: ["Note"], zh: ["注意"] }
}

/// Behind what was refused, on record.
pub(crate) fn and_more_refusals(what: &str, more: u32) -> Text {
    text! {
        en: [what, " (and ", more, " more like it)"],
        zh: [what, "（另有 ", more, " 次同类拒绝）"],
    }
}

/// Pages for which there is no room.
pub(crate) fn pages_left_out(n: usize) -> Text {
    let pages = if n == 1 {
        " more page is"
    } else {
        " more pages are"
    };
    text! {
        en: [n, pages, " left out; the whole is in the file"],
        zh: ["另有 ", n, " 页未显示，完整列表见附件"],
    }
}

/// What is in the file of that.
pub(crate) fn the_whole() -> Text {
    text! { en: ["The whole list"], zh: ["完整列表"] }
}
