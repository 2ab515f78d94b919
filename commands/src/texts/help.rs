//! `/ceo help`.

use std::time::Duration;

use super::common::length;
use crate::{
    model::{Text, code},
    text,
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["What you and others may do"], zh: ["您与他人可用的命令"] }
}

/// The option.
pub(crate) fn command() -> Text {
    text! { en: ["One command"], zh: ["某一命令"] }
}

/// No such command.
pub(crate) fn unknown(name: &str) -> Text {
    let typed = code(format!("/ceo {name}"));
    text! { en: ["There is no command ", typed.clone()], zh: ["没有命令 ", typed] }
}

/// A command that was meant, perhaps.
pub(crate) fn did_you_mean(path: &str) -> Text {
    let near = code(format!("/ceo {path}"));
    text! { en: ["Did you mean ", near.clone(), "?"], zh: ["是否指 ", near, "？"] }
}

/// The title.
pub(crate) fn title(place: &str) -> Text {
    text! { en: ["What you may do in ", place], zh: ["您在 ", place, " 可用的命令"] }
}

/// Behind a command before which the asker says yes.
pub(crate) fn you_confirm() -> Text {
    text! { en: [" · you confirm"], zh: [" · 需您确认"] }
}

/// Behind a command before which others say yes.
pub(crate) fn needs(whom: &Text, reason: bool) -> Text {
    let reason = if reason {
        text! { en: [", and a reason"], zh: ["，并须说明原因"] }
    } else {
        Text::default()
    };
    text! { en: [" · needs ", whom, &reason], zh: [" · 需 ", whom, reason] }
}

/// Behind a command that nobody may use.
pub(crate) fn nobody() -> Text {
    text! { en: [" · nobody, by the policy"], zh: [" · 按策略无人可用"] }
}

/// In place of the commands of somebody who may use none.
pub(crate) fn nothing() -> Text {
    text! {
        en: ["Nothing, by the policy. An administrator can give you a role."],
        zh: ["按策略，您没有可用的命令。管理员可为您授予角色。"],
    }
}

/// The field with what others may do.
pub(crate) fn ask_others() -> Text {
    text! { en: ["Ask others for"], zh: ["可请他人执行"] }
}

/// The small print.
pub(crate) fn bare_name(place: &str, version: &str) -> Text {
    text! {
        en: ["A bare name means ", place, " here · ceo ", version],
        zh: ["只写名称时，指 ", place, " 中的对象 · ceo ", version],
    }
}

/// `(required, 0 to 50) `, behind an option; the range may be empty.
pub(crate) fn takes(required: bool, range: &Text) -> Text {
    let must = if required {
        text! { en: ["required"], zh: ["必填"] }
    } else {
        text! { en: ["optional"], zh: ["可选"] }
    };
    text! { en: [" (", &must, range, ") "], zh: ["（", must, range, "）"] }
}

/// The bounds of a number; an end without a meaning of its own is left out.
pub(crate) fn from_to(min: i64, max: i64) -> Text {
    if super::input::is_no_bound(max) {
        return text! { en: [", at least ", min.to_string()], zh: ["，不小于 ", min.to_string()] };
    }
    text! { en: [", ", min.to_string(), " to ", max.to_string()], zh: ["，", min.to_string(), " 至 ", max.to_string()] }
}

/// The bounds of a length of time.
pub(crate) fn lengths(min: Duration, max: Duration) -> Text {
    text! {
        en: [", ", length(min), " to ", length(max)],
        zh: ["，", length(min), " 至 ", length(max)],
    }
}

/// The words that it can be.
pub(crate) fn one_of(words: &[&str]) -> Text {
    text! { en: [", ", words.join(" | ")], zh: ["，", words.join(" | ")] }
}

/// The field about who may use a command.
pub(crate) fn who() -> Text {
    text! { en: ["Who"], zh: ["谁可使用"] }
}

/// The reader may.
pub(crate) fn you_may(place: &str) -> Text {
    text! { en: ["You may use it in ", place], zh: ["您可在 ", place, " 使用"] }
}

/// Nobody may.
pub(crate) fn nobody_may(place: &str) -> Text {
    text! {
        en: ["Nobody may use it in ", place, ", by the policy."],
        zh: ["按策略，无人可在 ", place, " 使用。"],
    }
}

/// Others may.
pub(crate) fn they_may(who: &Text, place: &str) -> Text {
    text! { en: [who, " may use it in ", place], zh: [who, " 可在 ", place, " 使用"] }
}

/// The small print of one command.
pub(crate) fn verb(word: &str) -> Text {
    text! { en: ["verb: ", word], zh: ["权限类别：", word] }
}
