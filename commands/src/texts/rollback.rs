//! `/ceo rollback`.

use crate::{model::Text, text};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Go back to an earlier revision"], zh: ["回滚到之前的版本"] }
}

/// The option.
pub(crate) fn revision() -> Text {
    text! { en: ["Default: previous"], zh: ["默认：上一个版本"] }
}

/// While it goes on.
pub(crate) fn rolling_back(name: &str, revision: i64) -> Text {
    text! { en: ["Rolling back ", name, " to revision ", revision], zh: ["正在将 ", name, " 回滚到版本 ", revision] }
}

/// What it is called.
pub(crate) fn noun(revision: i64) -> Text {
    text! { en: ["Rollback to revision ", revision], zh: ["回滚到版本 ", revision] }
}

/// When it is over.
pub(crate) fn rolled_back(name: &str, revision: i64, now: Option<i64>) -> Text {
    match now {
        Some(now) if now != revision => text! {
            en: ["Rolled back ", name, " to revision ", revision, " (now revision ", now, ")"],
            zh: ["已将 ", name, " 回滚到版本 ", revision, "（现为版本 ", now, "）"],
        },
        _ => {
            text! { en: ["Rolled back ", name, " to revision ", revision], zh: ["已将 ", name, " 回滚到版本 ", revision] }
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

/// The button.
pub(crate) fn button() -> Text {
    text! { en: ["Roll back"], zh: ["回滚"] }
}

/// The title of the card.
pub(crate) fn question(name: &str, revision: i64) -> Text {
    text! {
        en: ["Roll back ", name, " to revision ", revision, "?"],
        zh: ["将 ", name, " 回滚到版本 ", revision, "？"],
    }
}

/// The field with what that revision says of itself.
pub(crate) fn change_cause_of(revision: i64) -> Text {
    text! { en: ["Change-cause of revision ", revision], zh: ["版本 ", revision, " 的 change-cause"] }
}
