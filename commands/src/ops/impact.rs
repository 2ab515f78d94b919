//! What a change means for those who use the object: what it warns of, which pods are replaced.

use super::contract::Risk;
use crate::{cluster::WorkloadObject, line};

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
pub(super) fn replacement(object: &WorkloadObject, already: i32) -> String {
    let pace = object.pace();
    let desired = object.desired();
    let already = already.clamp(0, desired);
    let mut replaced = pods(desired - already);
    if already > 0 {
        replaced.push_str(&format!(" ({already} of {desired} run that already)"));
    }
    if pace.on_delete {
        return format!("nothing until somebody deletes pods (OnDelete); then {replaced} are replaced");
    }
    if pace.recreate {
        return format!("{replaced} end before new ones start (Recreate): nothing serves in between");
    }
    let floor = (desired - pace.max_unavailable).max(0);
    format!(
        "{replaced} replaced, at least {floor} serving at any time (maxUnavailable {}, maxSurge {})",
        pace.max_unavailable, pace.max_surge
    )
}

/// `1 pod`, `3 pods`.
pub(super) fn pods(n: i32) -> String {
    if n == 1 {
        "1 pod".to_owned()
    } else {
        format!("{n} pods")
    }
}
