//! The switch that pauses a rollout. Only Deployments have it.

use super::super::options;
use crate::{
    input::{BadInput, Input},
    model::{WorkloadKind, WorkloadName},
    texts::rollout as say,
};

/// The workload whose switch is meant.
///
/// # Errors
/// When it is of a kind that has none.
pub(super) fn switched(input: &mut Input) -> Result<WorkloadName, BadInput> {
    let name = input.take(&options::WORKLOAD)?;
    match name.kind {
        None | Some(WorkloadKind::Deployment) => Ok(name),
        Some(kind) => Err(no_switch(&format!("{}/{}", kind.singular(), name.name))),
    }
}

/// What has none.
pub(super) fn no_switch(name: &str) -> BadInput {
    BadInput::new(say::only_deployments(name)).hint(say::no_switch())
}
