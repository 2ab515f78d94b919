//! What a change means for those who use the object: what it warns of, which pods are replaced.

use super::contract::Risk;
use crate::{
    cluster::{Tool, WorkloadObject},
    model::{Text, Timestamp, WorkloadKind},
    texts,
};

/// The field that says how pods are replaced: a plan that tells the effect rests on it.
pub(super) fn pace_field(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Deployment => "/spec/strategy",
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => "/spec/updateStrategy",
    }
}

/// What the tool that owns an object, if any, does to a change that is made beside it.
pub(super) fn put_back_by(object: &WorkloadObject) -> Option<Text> {
    let managed = object.managed()?;
    let kind = object.kind().kind();
    let of = managed.of.as_deref();
    Some(match managed.by {
        Tool::ArgoCd => texts::managed::by_argo_cd(kind, of),
        Tool::Flux => texts::managed::by_flux(kind, of),
        Tool::Helm => texts::managed::by_helm(kind, of),
    })
}

/// What the object itself warns of.
pub(super) fn risks(object: &WorkloadObject) -> Vec<Risk> {
    let note = put_back_by(object);
    note.map(|note| Risk {
        note,
        raises_to: None,
    })
    .into_iter()
    .collect()
}

/// What replacing pods means for those who use them, where some run the new template already. The count is that of the
/// time of asking: an autoscaler may change it until the run, and that voids nothing.
pub(super) fn replacement(object: &WorkloadObject, already: i32, now: Timestamp) -> Text {
    let pace = object.pace();
    let desired = object.desired();
    let already = already.clamp(0, desired);
    let replaced = texts::impact::replaced(desired - already, already, desired);
    let as_of = |effect: Text| texts::impact::as_of(&effect, now);
    if pace.on_delete {
        return as_of(texts::impact::on_delete(&replaced));
    }
    if pace.recreate {
        return as_of(texts::impact::recreate(&replaced));
    }
    let floor = (desired - pace.max_unavailable).max(0);
    let bounds = format!(
        "maxUnavailable {}, maxSurge {}",
        pace.max_unavailable, pace.max_surge
    );
    as_of(texts::impact::rolling(&replaced, floor, &bounds))
}
