//! What a change means for those who use the object: what it warns of, which pods are replaced.

use super::contract::Risk;
use crate::{cluster::WorkloadObject, line, model::Text, texts};

/// What the object itself warns of.
pub(super) fn risks(object: &WorkloadObject) -> Vec<Risk> {
    object
        .managed()
        .map(|m| Risk {
            note: line![m.note],
            raises_to: None,
        })
        .into_iter()
        .collect()
}

/// What replacing pods means for those who use them, where some run the new template already.
pub(super) fn replacement(object: &WorkloadObject, already: i32) -> Text {
    let pace = object.pace();
    let desired = object.desired();
    let already = already.clamp(0, desired);
    let replaced = texts::impact::replaced(desired - already, already, desired);
    if pace.on_delete {
        return texts::impact::on_delete(&replaced);
    }
    if pace.recreate {
        return texts::impact::recreate(&replaced);
    }
    let floor = (desired - pace.max_unavailable).max(0);
    let bounds = format!(
        "maxUnavailable {}, maxSurge {}",
        pace.max_unavailable, pace.max_surge
    );
    texts::impact::rolling(&replaced, floor, &bounds)
}

/// `1 pod`, `3 pods`.
pub(super) fn pods(n: i32) -> String {
    if n == 1 {
        "1 pod".to_owned()
    } else {
        format!("{n} pods")
    }
}
