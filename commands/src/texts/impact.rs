//! What a change means for those who use the object.

use super::common::pods;
use crate::{
    model::{Text, Timestamp, ago},
    text,
};

/// How many pods are replaced; some may run the new template already.
pub(crate) fn replaced(n: i32, already: i32, of: i32) -> Text {
    match already {
        0 => pods(n),
        _ => text! {
            en: [pods(n), " (", already, " of ", of, " run that already)"],
            zh: [pods(n), "（", of, " 个中 ", already, " 个已是该模板）"],
        },
    }
}

/// Only when people delete them.
pub(crate) fn on_delete(replaced: &Text) -> Text {
    text! {
        en: ["nothing until somebody deletes pods (OnDelete), which replaces ", replaced],
        zh: ["在有人删除 Pod 之前无变化（OnDelete）；之后替换 ", replaced],
    }
}

/// All at once.
pub(crate) fn recreate(replaced: &Text) -> Text {
    text! {
        en: [replaced, " end before new ones start (Recreate): nothing serves in between"],
        zh: ["先结束 ", replaced, "，再启动新的（Recreate）：其间服务不可用"],
    }
}

/// One after the other.
pub(crate) fn rolling(replaced: &Text, floor: i32, bounds: &str) -> Text {
    text! {
        en: [replaced, " replaced, at least ", floor, " serving at any time (", bounds, ")"],
        zh: ["替换 ", replaced, "，任何时候至少 ", floor, " 个可用（", bounds, "）"],
    }
}

/// The field of a card that says what a change means.
pub(crate) fn effect() -> Text {
    text! { en: ["Effect"], zh: ["影响"] }
}

/// When the pods were counted.
pub(crate) fn as_of(effect: &Text, then: Timestamp) -> Text {
    text! { en: [effect, "; pods counted ", ago(then)], zh: [effect, "；Pod 数统计于 ", ago(then)] }
}
