//! What is told when a command did not do what was asked: one line of what, one of what to do.

use crate::{
    model::{Span, Text, Timestamp, UserId, ago, code},
    text,
};

/// `spec.template was changed by field manager kubectl-set 2 minutes ago: image v1.2.0 → v1.2.1`
pub(crate) fn moved(field: &str, by: Option<&str>, at: Option<Timestamp>, how: Option<&Text>) -> Text {
    let by = by.map_or_else(Text::default, |by| {
        text! { en: [" by field manager ", code(by)], zh: ["，操作者为字段管理器 ", code(by)] }
    });
    let at = at.map_or_else(
        Text::default,
        |at| text! { en: [" ", ago(at)], zh: ["，", ago(at)] },
    );
    let how = how.map_or_else(Text::default, |how| text! { en: [": ", how], zh: ["：", how] });
    text! { en: [code(field), " was changed", by.clone(), at.clone(), how.clone()], zh: [code(field), " 已被修改", by, at, how] }
}

pub(crate) fn changed_first() -> Text {
    text! { en: ["Not run: the object changed first"], zh: ["未执行：对象已先被修改"] }
}

pub(crate) fn ask_again_for_the_plan() -> Text {
    text! {
        en: ["Nothing was done. Ask again to see the new plan."],
        zh: ["未做任何变更。请重新申请以查看新的变更计划。"],
    }
}

/// The title of an outage of something that the bot rests on.
pub(crate) fn no_answer(what: &Text, detail: &Text) -> Text {
    text! { en: [what, " did not answer (", detail, ")"], zh: [what, "无响应（", detail, "）"] }
}

pub(crate) fn outage_try_again() -> Text {
    text! {
        en: ["Nothing was changed. This is an outage, not a missing right. Try again in a moment."],
        zh: ["未做任何变更。这是服务故障，并非权限不足，请稍后重试。"],
    }
}

pub(crate) fn our_fault() -> Text {
    text! { en: ["The bot failed at this; it is not your doing"], zh: ["机器人处理失败，与您的操作无关"] }
}

pub(crate) fn tell_the_reference() -> Text {
    text! {
        en: ["Nothing further was done. Give the reference to whoever runs the bot."],
        zh: ["未再执行任何操作。请将参考号告知机器人的维护人员。"],
    }
}

/// The bot's own database, as people call it.
#[must_use]
pub fn store() -> Text {
    text! { en: ["The bot's store"], zh: ["机器人的存储"] }
}

/// Why the store did not take or give something.
pub(crate) mod ledger {
    use super::{Text, text};
    use crate::model::TicketId;

    pub(crate) fn changed_meanwhile() -> Text {
        text! { en: ["it changed meanwhile"], zh: ["期间已被修改"] }
    }

    pub(crate) fn busy(other: TicketId) -> Text {
        text! { en: ["ticket ", other, " runs on the same target"], zh: ["工单 ", other, " 正在操作同一对象"] }
    }

    pub(crate) fn voted() -> Text {
        text! { en: ["this person has voted already"], zh: ["该审批人已表态"] }
    }

    pub(crate) fn handled_before() -> Text {
        text! { en: ["the event was handled before"], zh: ["该事件已处理过"] }
    }

    pub(crate) fn failed(why: &str) -> Text {
        text! { en: ["the store failed: ", why], zh: ["存储出错：", why] }
    }
}

fn command(name: &str) -> Span {
    code(format!("/ceo {name}"))
}

pub(crate) fn may_not(name: &str, place: &str) -> Text {
    text! {
        en: ["You may not use ", command(name), " in ", place],
        zh: ["您无权在 ", place, " 中使用 ", command(name)],
    }
}

pub(crate) fn nobody_may() -> Text {
    text! {
        en: ["Nobody may; the policy in the settings would have to allow it."],
        zh: ["无人有此权限，需先在配置的策略中放行。"],
    }
}

pub(crate) fn these_may(who: &Text) -> Text {
    text! {
        en: [who, " may; ask one of them, or see ", code("/ceo help"), "."],
        zh: [who, " 有此权限，请联系其中一位，或查看 ", code("/ceo help"), "。"],
    }
}

pub(crate) fn nobody_could_approve(name: &str, place: &str) -> Text {
    text! {
        en: ["Nobody could approve ", code(name), " in ", place],
        zh: [place, " 中的 ", code(name), " 无人可以批准"],
    }
}

pub(crate) fn needs_and_nothing_asked(needs: &Text) -> Text {
    text! {
        en: ["It needs ", needs, ". Nothing was asked. An administrator can change the policy."],
        zh: ["需要 ", needs, "批准。未提交申请。可由管理员调整策略。"],
    }
}

/// For a person who pressed somebody else's button.
pub(crate) fn not_yours(owner: UserId) -> Text {
    text! {
        en: ["This is for ", owner, " to decide, who asked for it."],
        zh: ["应由申请人 ", owner, " 决定。"],
    }
}
