//! `/ceo rollback`.

use super::common::names;
use crate::{
    model::{Text, code},
    text,
};

/// An example of a reason, in the form that asks for one.
pub(crate) fn example_reason() -> Text {
    text! { en: ["v1.2.0 cannot reach the database"], zh: ["v1.2.0 无法连接数据库"] }
}

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Go back to an earlier revision"], zh: ["回滚到之前的版本"] }
}

/// The option.
pub(crate) fn revision() -> Text {
    text! { en: ["Default: last good"], zh: ["默认：最近正常版本"] }
}

/// While it goes on.
pub(crate) fn rolling_back(name: &str, revision: i64) -> Text {
    text! { en: ["Rolling back ", name, " to revision ", revision.to_string()], zh: ["正在将 ", name, " 回滚到版本 ", revision.to_string()] }
}

/// What it is called.
pub(crate) fn noun(revision: i64) -> Text {
    text! { en: ["Rollback to revision ", revision.to_string()], zh: ["回滚到版本 ", revision.to_string()] }
}

/// When it is over.
pub(crate) fn rolled_back(name: &str, revision: i64, now: Option<i64>) -> Text {
    match now {
        Some(now) if now != revision => text! {
            en: ["Rolled back ", name, " to revision ", revision.to_string(), " (now revision ", now.to_string(), ")"],
            zh: ["已将 ", name, " 回滚到版本 ", revision.to_string(), "（现为版本 ", now.to_string(), "）"],
        },
        _ => {
            text! { en: ["Rolled back ", name, " to revision ", revision.to_string()], zh: ["已将 ", name, " 回滚到版本 ", revision.to_string()] }
        }
    }
}

/// While it is turned back.
pub(crate) fn going_back(name: &str) -> Text {
    text! { en: ["Going back to what ran before on ", name], zh: ["正在恢复 ", name, " 之前运行的版本"] }
}

/// What that is called.
pub(crate) fn back_noun() -> Text {
    text! { en: ["The way back"], zh: ["恢复操作"] }
}

/// When it was turned back.
pub(crate) fn gone_back(name: &str) -> Text {
    text! { en: ["Turned back: ", name, " runs again what it ran before"], zh: ["已恢复：", name, " 重新运行之前的版本"] }
}

/// The history does not hold it any more.
pub(crate) fn gone_from_history() -> Text {
    text! { en: ["it is gone from the history"], zh: ["历史记录中已不存在"] }
}

/// The title of the card.
pub(crate) fn question(name: &str, revision: i64) -> Text {
    text! {
        en: ["Roll back ", name, " to revision ", revision.to_string(), "?"],
        zh: ["将 ", name, " 回滚到版本 ", revision.to_string(), "？"],
    }
}

/// The field with what that revision says of itself.
pub(crate) fn change_cause_of(revision: i64) -> Text {
    text! { en: ["Change-cause of revision ", revision.to_string()], zh: ["版本 ", revision.to_string(), " 的 change-cause"] }
}

/// What is known of a revision.
pub(crate) fn worked() -> Text {
    text! { en: ["worked"], zh: ["曾正常运行"] }
}

/// What is known of a revision.
pub(crate) fn failed() -> Text {
    text! { en: ["failed"], zh: ["曾失败"] }
}

/// What is known of a revision.
pub(crate) fn not_known() -> Text {
    text! { en: ["not known"], zh: ["未知"] }
}

/// A revision among those that can be chosen.
pub(crate) fn choice(number: i64, standing: &Text, images: &str) -> Text {
    text! { en: [number.to_string(), " (", standing, "): ", images], zh: [number.to_string(), "（", standing, "）：", images] }
}

/// The first line of a card: the revision that is asked for was seen to fail.
pub(crate) fn it_failed(revision: i64) -> Text {
    text! {
        en: ["Revision ", revision.to_string(), " failed when it ran: it never became ready, as far as the bot saw."],
        zh: ["注意：版本 ", revision.to_string(), " 运行时失败，机器人未见其就绪。"],
    }
}

/// The first line of a card: nothing is known of the revision that is asked for.
pub(crate) fn it_is_not_known(revision: i64) -> Text {
    text! {
        en: ["Whether revision ", revision.to_string(), " ever worked is not known: the bot has not seen it ready for long."],
        zh: ["注意：无法确认版本 ", revision.to_string(), " 是否曾正常运行，机器人未见其持续就绪。"],
    }
}

/// The first line of a card: there is nothing to go back from.
pub(crate) fn present_is_healthy(revision: Option<i64>) -> Text {
    match revision {
        Some(revision) => text! {
            en: ["What runs now, revision ", revision.to_string(), ", is healthy."],
            zh: ["注意：当前运行的版本 ", revision.to_string(), " 状态正常。"],
        },
        None => text! { en: ["What runs now is healthy."], zh: ["注意：当前运行的版本状态正常。"] },
    }
}

/// There is nothing to go back to.
pub(crate) fn no_earlier(name: &str) -> Text {
    text! { en: [code(name), " has no earlier revision to go back to"], zh: [code(name), " 没有可回滚的历史版本"] }
}

/// Why.
pub(crate) fn only_this() -> Text {
    text! {
        en: ["Nothing was changed. Its history holds only what runs now."],
        zh: ["未做任何变更。历史记录中只有当前版本。"],
    }
}

/// There are earlier revisions, and each was seen to fail.
pub(crate) fn none_worked(name: &str) -> Text {
    text! {
        en: ["No earlier revision of ", code(name), " is known to have worked"],
        zh: [code(name), " 没有已知正常运行过的历史版本"],
    }
}

/// What to do about that.
pub(crate) fn name_one(numbers: &[String]) -> Text {
    text! {
        en: ["Its history holds ", names(numbers), ", which failed. Name one to go there all the same. Nothing was changed."],
        zh: ["历史版本 ", names(numbers), " 均曾失败。如仍要回滚，请指定版本。未做任何变更。"],
    }
}

/// The history does not hold what was asked for.
pub(crate) fn no_such(name: &str, number: i64) -> Text {
    text! {
        en: [code(name), " has no revision ", number.to_string(), " any more"],
        zh: [code(name), " 已没有版本 ", number.to_string()],
    }
}

/// What it holds.
pub(crate) fn it_holds(numbers: &[String]) -> Text {
    text! {
        en: ["Its history holds ", names(numbers), ". Nothing was changed."],
        zh: ["历史版本有 ", names(numbers), "。未做任何变更。"],
    }
}

/// A paused rollout is not rolled back.
pub(crate) fn paused(name: &str) -> Text {
    text! {
        en: ["The rollout of ", code(name), " is paused, so it cannot be rolled back"],
        zh: [code(name), " 的发布已暂停，无法回滚"],
    }
}

/// What to do about that.
pub(crate) fn resume_first(name: &str) -> Text {
    let resume = || code(format!("/ceo rollout resume workload:{name}"));
    text! {
        en: ["Resume it first: ", resume(), ". Nothing was changed."],
        zh: ["请先恢复：", resume(), "。未做任何变更。"],
    }
}

/// There is nothing to do.
pub(crate) fn same(name: &str, number: i64) -> Text {
    text! {
        en: ["Revision ", number.to_string(), " of ", code(name), " is what runs now: the templates are equal"],
        zh: [code(name), " 当前运行的就是版本 ", number.to_string(), "，模板相同"],
    }
}

/// What to do about that.
pub(crate) fn choose_another() -> Text {
    text! { en: ["Nothing was changed. Choose another revision."], zh: ["未做任何变更。请选择其他版本。"] }
}

/// A button was drawn when something else ran.
pub(crate) fn overtaken_button(name: &str, then: i64, now: i64) -> Text {
    text! {
        en: ["This button is from when ", code(name), " ran revision ", then.to_string(), "; it runs revision ", now.to_string(), " now"],
        zh: ["该按钮生成时 ", code(name), " 运行版本 ", then.to_string(), "，现在运行版本 ", now.to_string()],
    }
}

/// What to do about that.
pub(crate) fn look_first(name: &str) -> Text {
    let status = || code(format!("/ceo status workload:{name}"));
    text! {
        en: ["Nothing was asked. See how it is now: ", status(), "."],
        zh: ["未提交任何申请。请先查看当前状态：", status(), "。"],
    }
}
