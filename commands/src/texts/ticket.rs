//! What a ticket's message says, stage by stage, and what a click on it that is not taken reads.

use std::time::Duration;

use super::common::length;
use crate::{
    model::{Text, TicketId, Timestamp, UserId, ago},
    text,
};

/// `asked by @operator`, with the reason in quotation marks.
pub(crate) fn asked_by(user: UserId, reason: Option<&str>) -> Text {
    match reason {
        Some(reason) => text! {
            en: ["asked by ", user, ": \u{201c}", reason, "\u{201d}"],
            zh: ["申请人：", user, "，原因：\u{201c}", reason, "\u{201d}"],
        },
        None => text! { en: ["asked by ", user], zh: ["申请人：", user] },
    }
}

/// ` · approved by @lead and @admin`
pub(crate) fn approved_by(users: &[UserId]) -> Text {
    let all = || {
        let and = text! { en: [" and "], zh: ["、"] };
        Text::joined(users.iter().map(|user| Text::from(*user)), &and)
    };
    text! { en: [" · approved by ", all()], zh: [" · 批准人：", all()] }
}

/// ` · audit 4f1c9a`
pub(crate) fn audit_mark(reference: &str) -> Text {
    text! { en: [" · audit ", reference], zh: [" · 审计号 ", reference] }
}

/// Names of the parts of a card.
pub(crate) mod field {
    use super::{Text, text};

    pub(crate) fn needs() -> Text {
        text! { en: ["Needs"], zh: ["需要"] }
    }

    pub(crate) fn so_far() -> Text {
        text! { en: ["So far"], zh: ["目前"] }
    }

    pub(crate) fn people() -> Text {
        text! { en: ["People"], zh: ["相关人员"] }
    }
}

/// What the buttons of a card say.
pub(crate) mod button {
    use super::{Text, text};

    pub(crate) fn confirm() -> Text {
        text! { en: ["Confirm"], zh: ["确认"] }
    }

    pub(crate) fn cancel() -> Text {
        text! { en: ["Withdraw"], zh: ["撤回"] }
    }

    pub(crate) fn approve() -> Text {
        text! { en: ["Approve"], zh: ["批准"] }
    }

    pub(crate) fn deny() -> Text {
        text! { en: ["Deny"], zh: ["拒绝"] }
    }

    pub(crate) fn ask_again() -> Text {
        text! { en: ["Ask again"], zh: ["重新申请"] }
    }
}

pub(crate) fn your_confirmation(lapses: Timestamp) -> Text {
    text! {
        en: ["your confirmation; it lapses ", ago(lapses)],
        zh: ["您的确认，", ago(lapses), "过期"],
    }
}

/// Who must agree, until when, and how soon it must start then.
pub(crate) fn approval(quorum: &Text, lapses: Timestamp, run_within: Duration) -> Text {
    text! {
        en: [quorum, ", not the asker · lapses ", ago(lapses), "; then it must start within ", length(run_within)],
        zh: [quorum, "批准，申请人除外 · ", ago(lapses), "过期；批准后须在 ", length(run_within), "内开始"],
    }
}

pub(crate) fn about_to_start() -> Text {
    text! { en: ["It is about to start now."], zh: ["即将开始。"] }
}

pub(crate) fn starts() -> Text {
    text! { en: ["It starts now."], zh: ["现在开始。"] }
}

/// How it ended, in a word.
pub(crate) mod verdict {
    use super::{Text, text};

    pub(crate) fn done() -> Text {
        text! { en: ["Done"], zh: ["已完成"] }
    }

    pub(crate) fn failed() -> Text {
        text! { en: ["Failed"], zh: ["失败"] }
    }

    pub(crate) fn rolled_back() -> Text {
        text! { en: ["Rolled back"], zh: ["已回滚"] }
    }

    pub(crate) fn overtaken() -> Text {
        text! { en: ["Overtaken"], zh: ["已被其他变更取代"] }
    }

    pub(crate) fn denied() -> Text {
        text! { en: ["Denied"], zh: ["已拒绝"] }
    }

    pub(crate) fn cancelled() -> Text {
        text! { en: ["Withdrawn"], zh: ["已撤回"] }
    }

    pub(crate) fn lapsed() -> Text {
        text! { en: ["Lapsed"], zh: ["已过期"] }
    }

    pub(crate) fn not_run() -> Text {
        text! { en: ["Not run"], zh: ["未执行"] }
    }

    pub(crate) fn interrupted() -> Text {
        text! { en: ["Interrupted"], zh: ["已中断"] }
    }
}

/// How it ended, before what it was.
pub(crate) fn verdict_of(verdict: &Text, title: &Text) -> Text {
    text! { en: [verdict, ": ", title], zh: [verdict, "：", title] }
}

/// Who said no, when and why.
pub(crate) fn denied(by: Option<UserId>, at: Timestamp, why: Option<&str>) -> Text {
    let by = by.map_or_else(
        Text::default,
        |by| text! { en: [" by ", by], zh: ["由 ", by, " "] },
    );
    let why = why.map_or_else(Text::default, |why| {
        text! { en: [": \u{201c}", why, "\u{201d}"], zh: ["：\u{201c}", why, "\u{201d}"] }
    });
    text! {
        en: ["Denied", by.clone(), " ", ago(at), why.clone(), ". Nothing was done."],
        zh: [by, "拒绝，", ago(at), why, "。未做任何变更。"],
    }
}

pub(crate) fn taken_back(by: UserId, at: Timestamp) -> Text {
    text! {
        en: ["Withdrawn by ", by, " ", ago(at), ". Nothing was done."],
        zh: [by, " 已撤回，", ago(at), "。未做任何变更。"],
    }
}

pub(crate) fn decided_too_late() -> Text {
    text! {
        en: ["Decided, but it could not start in time. Nothing was done."],
        zh: ["已获批准，但未能按时开始。未做任何变更。"],
    }
}

pub(crate) fn nobody_decided(at: Timestamp) -> Text {
    text! {
        en: ["Nobody decided in time; it lapsed ", ago(at), ". Nothing was done."],
        zh: ["无人在时限内处理，", ago(at), "过期。未做任何变更。"],
    }
}

pub(crate) fn ended(at: Timestamp) -> Text {
    text! { en: ["Ended ", ago(at), "."], zh: [ago(at), "结束。"] }
}

/// The title when the plan no longer fits.
pub(crate) fn changed_after(name: &Text) -> Text {
    text! {
        en: ["Not run: ", name, " changed after this was asked"],
        zh: ["未执行：", name, " 在申请后已被修改"],
    }
}

pub(crate) fn the_object() -> Text {
    text! { en: ["the object"], zh: ["对象"] }
}

pub(crate) fn nothing_done() -> Text {
    text! { en: ["Nothing was done."], zh: ["未做任何变更。"] }
}

/// Answers to clicks that are not taken.
pub(crate) mod click {
    use super::{Text, Timestamp, UserId, ago, text};

    pub(crate) fn only_confirms(asker: UserId) -> Text {
        text! { en: ["Only ", asker, ", who asked, can confirm this."], zh: ["只有申请人 ", asker, " 可以确认。"] }
    }

    pub(crate) fn only_takes_back(asker: UserId) -> Text {
        text! { en: ["Only ", asker, ", who asked, can withdraw this."], zh: ["只有申请人 ", asker, " 可以撤回。"] }
    }

    pub(crate) fn voted_already(approved: bool, at: Timestamp) -> Text {
        let (en, zh) = if approved {
            ("approved", "批准")
        } else {
            ("denied", "拒绝")
        };
        text! { en: ["You already ", en, " this ", ago(at), "."], zh: ["您已于 ", ago(at), zh, "。"] }
    }

    pub(crate) fn not_your_own(approve: bool) -> Text {
        if approve {
            text! { en: ["You cannot approve your own request."], zh: ["不能批准自己的申请。"] }
        } else {
            text! {
                en: ["You cannot deny your own request; withdraw it instead."],
                zh: ["不能拒绝自己的申请，请改为撤回。"],
            }
        }
    }

    pub(crate) fn not_yours(who_can: &Text) -> Text {
        text! { en: ["This is not yours to decide. ", who_can, " can."], zh: ["您无权处理该申请，可由 ", who_can, " 处理。"] }
    }

    pub(crate) fn started_too_late() -> Text {
        text! { en: ["It did not start in time and has lapsed. Ask again."], zh: ["未能按时开始，已过期，请重新申请。"] }
    }

    pub(crate) fn role_gone(asker: UserId) -> Text {
        text! {
            en: [asker, ", who asked, may not do this any more: a role is gone, or the policy was changed."],
            zh: ["申请人 ", asker, " 已无此权限：角色已被移除或策略已变更。"],
        }
    }

    pub(crate) fn another_process() -> Text {
        text! { en: ["Another process runs it."], zh: ["该工单正由另一进程执行。"] }
    }

    pub(crate) fn asked_already() -> Text {
        text! { en: ["That has been asked for already."], zh: ["该指令已提交过。"] }
    }

    pub(crate) fn not_due() -> Text {
        text! { en: ["It is not due."], zh: ["尚未到期。"] }
    }

    pub(crate) fn lapsed(at: Timestamp) -> Text {
        text! { en: ["This lapsed ", ago(at), ". Ask again."], zh: ["已于 ", ago(at), "过期，请重新申请。"] }
    }

    pub(crate) fn stricter_now() -> Text {
        text! {
            en: ["The policy asks for more now than when this was asked. Ask again under the new one."],
            zh: ["申请后策略变得更严格，请按新策略重新申请。"],
        }
    }

    pub(crate) fn forbidden_to_you() -> Text {
        text! {
            en: ["A rule of the policy forbids this to you, so your approval does not count."],
            zh: ["策略禁止您执行此操作，因此您的批准无效。"],
        }
    }

    pub(crate) fn waits_for(asker: UserId) -> Text {
        text! { en: ["This waits for ", asker, " to confirm it."], zh: ["正在等待 ", asker, " 确认。"] }
    }

    pub(crate) fn waits_for_approval() -> Text {
        text! { en: ["This waits for approval."], zh: ["正在等待审批。"] }
    }

    pub(crate) fn decided() -> Text {
        text! { en: ["This is decided and about to start."], zh: ["已批准，即将开始。"] }
    }

    pub(crate) fn approved_and_runs(by: UserId, at: Timestamp) -> Text {
        text! { en: [by, " already approved this ", ago(at), "; it is running."], zh: [by, " 已于 ", ago(at), "批准，正在执行。"] }
    }

    pub(crate) fn runs_since(at: Timestamp) -> Text {
        text! { en: ["This has been running since ", ago(at), "."], zh: ["自 ", ago(at), "起正在执行。"] }
    }

    pub(crate) fn denied(by: UserId, at: Timestamp) -> Text {
        text! { en: [by, " denied this ", ago(at), "."], zh: [by, " 已于 ", ago(at), "拒绝。"] }
    }

    pub(crate) fn taken_back(by: UserId, at: Timestamp) -> Text {
        text! { en: [by, " withdrew this ", ago(at), "."], zh: [by, " 已于 ", ago(at), "撤回。"] }
    }

    pub(crate) fn over(verdict: &Text, at: Timestamp) -> Text {
        text! {
            en: ["This is over (", verdict, ") since ", ago(at), "."],
            zh: ["已于 ", ago(at), "结束（", verdict, "）。"],
        }
    }
}

pub(crate) fn absent(id: TicketId) -> Text {
    text! {
        en: ["There is no ticket ", id, " here. It may be from before the store was renewed."],
        zh: ["没有工单 ", id, "，可能是存储重建之前的工单。"],
    }
}

pub(crate) fn no_step_done() -> Text {
    text! { en: ["No step of it was done."], zh: ["未执行任何步骤。"] }
}

pub(crate) fn steps_done(steps: &[String]) -> Text {
    let steps = || {
        Text::joined(
            steps.iter().map(|name| super::workflow::step(name)),
            &text! { en: [", "], zh: ["、"] },
        )
    };
    text! { en: ["Steps done: ", steps(), "."], zh: ["已完成步骤：", steps(), "。"] }
}

/// A detail of the audit.
pub(crate) fn no_longer_approvers(people: &[UserId]) -> Text {
    let who = || {
        people
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    text! { en: ["no longer approvers: ", who()], zh: ["已不是审批人：", who()] }
}

/// What opened the gate is not in the bot's own record.
pub(crate) fn not_on_record() -> Text {
    text! {
        en: ["The decision that this rests on is not in the audit. Nothing is run on its word; ask again."],
        zh: ["审计中没有该决定的记录，不予执行，请重新申请。"],
    }
}

/// What the Event on an object says.
pub(crate) fn note_on_object(what: &Text, id: TicketId, asker: &str) -> Text {
    text! {
        en: [what, " (ticket ", id, ", asked by ", asker, ")"],
        zh: [what, "（工单 ", id, "，申请人 ", asker, "）"],
    }
}
