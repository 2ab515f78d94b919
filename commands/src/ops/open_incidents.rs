//! What is told as wrong and not over yet.

use super::contract::Context;
use crate::{
    failure::Failure,
    incident::{Incident, Owner},
    model::{Scope, Workload},
    ports::IncidentFilter,
};

/// The open incidents of a workload, or of the whole namespace with the nodes under it as far as the person may read those.
pub(super) async fn of(
    scope: &Scope,
    workload: Option<&Workload>,
    cx: &Context<'_>,
) -> Result<Vec<Incident>, Failure> {
    let filter = IncidentFilter {
        cluster: Some(scope.cluster.clone()),
        owner: workload.map(Owner::of),
        ..IncidentFilter::default()
    };
    let nodes = workload.is_none() && cx.rights.reads(cx.actor, &Scope::cluster(&scope.cluster));
    let mut incidents = cx.records.incidents(filter).await?;
    incidents.retain(|i| match &i.key.namespace {
        Some(_) => i.key.namespace == scope.namespace,
        None => nodes,
    });
    Ok(incidents)
}
