//! What a run says of its own accord: on hold, parked, not known.

use crate::{
    model::{Text, Timestamp, ago, code},
    text,
};

/// Something is waited for.
pub(crate) fn waiting() -> Text {
    text! { en: ["Waiting"], zh: ["等待中"] }
}

/// The caches say nothing now.
pub(crate) fn not_observed(trouble: Option<String>) -> Text {
    match trouble {
        Some(trouble) => text! {
            en: ["The cluster does not answer (", trouble.clone(), "). What was written stays; the bot looks again."],
            zh: ["集群无法连接（", trouble, "）。已写入的变更保持不变，稍后重新查看。"],
        },
        None => text! {
            en: ["Its objects are still being read. What was written stays; the bot looks again."],
            zh: ["正在读取集群对象。已写入的变更保持不变，稍后重新查看。"],
        },
    }
}

/// Written, and the caches have not seen it yet.
pub(crate) fn written() -> Text {
    text! {
        en: ["Written. Waiting for the cluster to take it up."],
        zh: ["已写入，等待集群处理。"],
    }
}

/// The run stands still.
pub(crate) fn on_hold() -> Text {
    text! { en: ["On hold"], zh: ["已暂停"] }
}

/// Until when.
pub(crate) fn hold_lapses(at: Timestamp) -> Text {
    text! {
        en: ["Nothing more is done until somebody resumes it. Nobody's word for long: the hold lapses ", ago(at), ", and the run goes on."],
        zh: ["恢复之前不再执行任何操作。若无人处理，暂停将于 ", ago(at), " 过期并继续执行。"],
    }
}

/// The button.
pub(crate) fn hold() -> Text {
    text! { en: ["Hold"], zh: ["暂停"] }
}

/// The button.
pub(crate) fn resume() -> Text {
    text! { en: ["Resume"], zh: ["恢复"] }
}

/// The button.
pub(crate) fn roll_back_now() -> Text {
    text! { en: ["Roll back now"], zh: ["立即回滚"] }
}

/// The button.
pub(crate) fn approve() -> Text {
    text! { en: ["Approve"], zh: ["批准"] }
}

/// The button.
pub(crate) fn deny() -> Text {
    text! { en: ["Deny"], zh: ["拒绝"] }
}

/// The object is not there any more.
pub(crate) fn gone(name: &str) -> Text {
    let name = code(name);
    text! {
        en: [name.clone(), " was deleted meanwhile: whether this was done to it is not known"],
        zh: [name, " 已被删除，无法确认该操作是否已执行"],
    }
}

/// Another object has its name.
pub(crate) fn replaced(name: &str) -> Text {
    let name = code(name);
    text! {
        en: [name.clone(), " was deleted and created anew meanwhile: whether this was done before is not known"],
        zh: [name, " 已被删除并重新创建，无法确认此前是否已执行"],
    }
}

/// Somebody changed the object while the bot was away.
pub(crate) fn not_known(name: &str) -> Text {
    let name = code(name);
    text! {
        en: ["Whether this was done is not known: ", name.clone(), " was changed meanwhile, and nothing on it tells"],
        zh: ["无法确认是否已执行：", name, " 期间被变更，对象上没有可依据的记录"],
    }
}

/// Another object has the name of what was to be created.
pub(crate) fn another(name: &str) -> Text {
    let name = code(name);
    text! {
        en: ["Whether this was created is not known: there is ", name.clone(), ", and it is not of this step"],
        zh: ["无法确认是否已创建：已存在 ", name, "，但并非由本步骤创建"],
    }
}

/// What was done and what is not known, when a run ended before its end.
pub(crate) fn unfinished(step: &str) -> Text {
    text! {
        en: ["Whether ", code(step), " took effect is not known."],
        zh: ["无法确认 ", code(step), " 是否生效。"],
    }
}

/// A parked run was overtaken.
pub(crate) fn overtaken_while_parked() -> Text {
    text! {
        en: ["Somebody changed the object while this waited. Nothing is rolled back by itself."],
        zh: ["等待期间对象被他人变更。不会自动回滚。"],
    }
}

/// Signed off.
pub(crate) fn signed_off(ticket: crate::model::TicketId) -> Text {
    text! { en: ["Signed off: ticket ", ticket], zh: ["已签核：工单 ", ticket] }
}

/// Waits for something.
pub(crate) fn parked() -> Text {
    text! { en: ["It waits."], zh: ["等待中。"] }
}

/// Somebody else changed what was done.
pub(crate) fn overtaken() -> Text {
    text! { en: ["Somebody changed it since"], zh: ["之后已被他人变更"] }
}

/// Their word stands.
pub(crate) fn theirs_stands() -> Text {
    text! {
        en: ["What was done since stands; nothing is done again."],
        zh: ["他人之后的变更保持不变，不会重复执行。"],
    }
}

/// It is not tried twice.
pub(crate) fn not_sent_again() -> Text {
    text! {
        en: ["It was not sent again. Look at the object before you ask for anything more."],
        zh: ["没有重复发送。请先查看对象，再提出新的申请。"],
    }
}

/// A late click on a parked run.
pub(crate) fn goes_on_by_itself() -> Text {
    text! {
        en: ["This waits, and goes on by itself when its time has come."],
        zh: ["等待中，到时间会自动继续。"],
    }
}

/// Somebody else is asked.
pub(crate) fn not_yours_to_sign(who: &Text) -> Text {
    text! {
        en: ["This is not yours to sign off. ", who, " can."],
        zh: ["您不能签核，可由 ", who, " 签核。"],
    }
}

/// The approval does not hold any more.
pub(crate) fn approvers_no_more() -> Text {
    text! {
        en: ["It does not go on: those who approved it are approvers no more."],
        zh: ["不再继续：批准人已不再是审批人。"],
    }
}
