//! What a run says of its own accord: on hold, parked, not known.

use crate::{
    model::{Locale, Text, Timestamp, ago, code},
    text,
};

/// Something is waited for.
pub(crate) fn waiting() -> Text {
    text! { en: ["Waiting"], zh: ["等待中"] }
}

/// The caches say nothing now.
pub(crate) fn not_observed(trouble: Option<Text>) -> Text {
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

/// What a hold wrote.
pub(crate) fn rollout_is_paused() -> Text {
    let field = || code("spec.paused");
    text! {
        en: ["The rollout is paused in the cluster (", field(), ")."],
        zh: ["集群中的发布已暂停（", field(), "）。"],
    }
}

/// Until when.
pub(crate) fn hold_lapses(at: Timestamp) -> Text {
    text! {
        en: ["Nothing more is done until somebody resumes it. If nobody does, the hold lapses ", ago(at), " and the run goes on."],
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
pub(crate) fn unfinished(name: &str) -> Text {
    let name = |locale| code(step(name).plain_in(locale));
    text! {
        en: ["Whether ", name(Locale::En), " took effect is not known."],
        zh: ["无法确认“", name(Locale::ZhCn), "”是否生效。"],
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

/// What a step does, by the name under which it is stored. A name without a text of its own is shown as it is.
pub(crate) fn step(name: &str) -> Text {
    match name {
        step::RESTORE => text! { en: [step::RESTORE], zh: ["恢复模板"] },
        step::SCALE => text! { en: [step::SCALE], zh: ["扩缩容"] },
        step::FOLLOW => text! { en: [step::FOLLOW], zh: ["跟踪进度"] },
        step::RESTORE_BACK => text! { en: [step::RESTORE_BACK], zh: ["恢复之前运行的版本"] },
        step::SCALE_BACK => text! { en: [step::SCALE_BACK], zh: ["恢复副本数"] },
        step::FOLLOW_BACK => text! { en: [step::FOLLOW_BACK], zh: ["跟踪恢复进度"] },
        step::RESTART => text! { en: [step::RESTART], zh: ["重启"] },
        step::PAUSE => text! { en: [step::PAUSE], zh: ["暂停发布"] },
        step::RESUME => text! { en: [step::RESUME], zh: ["恢复发布"] },
        step::SET_RESOURCES => text! { en: [step::SET_RESOURCES], zh: ["修改资源"] },
        step::SET_BOUNDS => text! { en: [step::SET_BOUNDS], zh: ["修改上下限"] },
        step::SET_KEY => text! { en: [step::SET_KEY], zh: ["设置配置项"] },
        step::SET_IMAGE => text! { en: [step::SET_IMAGE], zh: ["更换镜像"] },
        step::EXECUTE => text! { en: [step::EXECUTE], zh: ["执行命令"] },
        step::CREATE_POD => text! { en: [step::CREATE_POD], zh: ["创建 Pod"] },
        step::WAIT_FOR_POD => text! { en: [step::WAIT_FOR_POD], zh: ["等待其结束"] },
        step::READ_POD => text! { en: [step::READ_POD], zh: ["读取日志"] },
        step::DELETE_POD => text! { en: [step::DELETE_POD], zh: ["删除 Pod"] },
        other => Text::from(other),
    }
}

/// The names under which steps are stored. Tickets of earlier releases are taken up by them: they never change.
pub(crate) mod step {
    pub(crate) const RESTORE: &str = "restore the template";
    pub(crate) const SCALE: &str = "scale";
    pub(crate) const FOLLOW: &str = "follow";
    pub(crate) const RESTORE_BACK: &str = "restore what ran before";
    pub(crate) const SCALE_BACK: &str = "set the count back";
    pub(crate) const FOLLOW_BACK: &str = "follow the way back";
    pub(crate) const RESTART: &str = "restart";
    pub(crate) const PAUSE: &str = "pause";
    pub(crate) const RESUME: &str = "resume";
    pub(crate) const SET_RESOURCES: &str = "set the resources";
    pub(crate) const SET_BOUNDS: &str = "set the bounds";
    pub(crate) const SET_KEY: &str = "set the key";
    pub(crate) const SET_IMAGE: &str = "set the image";
    pub(crate) const EXECUTE: &str = "run the command";
    pub(crate) const CREATE_POD: &str = "create the pod";
    pub(crate) const WAIT_FOR_POD: &str = "wait for its end";
    pub(crate) const READ_POD: &str = "read its log";
    pub(crate) const DELETE_POD: &str = "delete the pod";
}

/// The plan is of a release that this one does not know.
pub(crate) fn unreadable() -> Text {
    text! {
        en: ["This release of the bot cannot read what is left to do: it was asked of another one"],
        zh: ["当前版本的机器人无法读取剩余的操作：该工单由其他版本创建"],
    }
}

/// What becomes of a parked run then.
pub(crate) fn unreadable_stays_parked() -> Text {
    text! {
        en: ["It stays parked: this release of the bot cannot read what is left to do. It goes on under the release that it was asked of."],
        zh: ["仍保持等待：当前版本的机器人无法读取剩余的操作。换回创建该工单的版本后会继续。"],
    }
}

/// A change that cannot be taken up again.
pub(crate) fn not_taken_up_again() -> Text {
    text! {
        en: ["The bot was stopped while this ran, and this cannot be taken up again. What was begun is not known to be done."],
        zh: ["执行期间机器人停止，且该操作无法继续。已开始的步骤无法确认是否完成。"],
    }
}
