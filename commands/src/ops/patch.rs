//! The write of a change that patches one object, and what is seen of it after a crash.

use super::{Observed, Run};
use crate::{
    cluster::{self, CHANGE_CAUSE, Op, WorkloadObject},
    failure::Failure,
    model::Workload,
    ticket::Precondition,
};

/// Writes through the permit, and gives the generation that the write made.
pub(super) async fn write(run: &Run<'_>, precondition: &Precondition, ops: &[Op]) -> Result<i64, Failure> {
    let written = run.writer().write(precondition, ops).await?;
    let generation = written
        .pointer("/metadata/generation")
        .and_then(serde_json::Value::as_i64);
    generation.ok_or_else(|| Failure::Internal("the cluster answered without a generation".to_owned()))
}

/// Whether a write whose answer was lost, or whose process was, took effect: the object is as it was to become. Where it
/// is not but carries the write's mark, or its history does, somebody set it back.
pub(super) async fn observe(
    run: &Run<'_>,
    workload: &Workload,
    precondition: &Precondition,
    ours: impl Fn(&WorkloadObject) -> bool + Send + Sync,
) -> Result<Observed<i64>, Failure> {
    let object = run.view().workload(workload).await?;
    if object.uid() != precondition.uid {
        // Another object of the same name: the write says so.
        return Ok(Observed::NotDone);
    }
    if ours(&object) {
        return Ok(Observed::Done(object.generation()));
    }
    let mark = run.writer().change_cause();
    let mut causes = run
        .view()
        .revisions(&object)
        .await?
        .into_iter()
        .map(|r| r.change_cause);
    let value = object.value();
    let cause = value
        .pointer("/metadata/annotations")
        .and_then(|a| a.get(CHANGE_CAUSE));
    let made = cause.and_then(serde_json::Value::as_str) == Some(mark.as_str())
        || causes.any(|c| c.as_deref() == Some(&mark));
    Ok(if made {
        Observed::Stale(cluster::set_back(precondition, &value))
    } else {
        Observed::NotDone
    })
}
