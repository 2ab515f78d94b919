//! `/ceo status`: how a workload is, what is wrong first, and who changed it last; or the whole namespace on one card.

use std::sync::Arc;

use super::{
    contract::{Answer, Args, Context, Query, Spec},
    options, quote, rights, rollback,
    workload_card::{self, Facts, verdict},
};
use crate::{
    cluster::{Cached, WorkloadObject},
    diagnosis::{self, History, Standing},
    failure::Failure,
    incident::{self, Owner},
    input::{BadInput, Input},
    line,
    model::{Action, Block, Field, Report, Scope, Text, Tone, Workload, WorkloadName, code, since},
    objects::Pod,
    policy::Verb,
    ports::IncidentFilter,
    texts,
};

/// Workloads that are named on the card of a namespace.
const MOST: usize = 20;
/// Incidents that are named on a card.
const MOST_INCIDENTS: usize = 5;

/// The command.
pub struct Status;

/// Its words.
pub struct StatusArgs {
    workload: Option<WorkloadName>,
    scope: Scope,
}

impl Args for StatusArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let workload = input.take(&options::ANY_WORKLOAD)?;
        let scope = workload
            .as_ref()
            .map_or_else(|| input.here(), WorkloadName::scope);
        Ok(Self { workload, scope })
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

impl Query for Status {
    const SPEC: Spec = Spec::new("status", Verb::Read)
        .about(texts::status::summary)
        .options(&[&options::ANY_WORKLOAD])
        .rbac(rights::READ_WORKLOADS);
    type Args = StatusArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let namespace = args.scope.namespace.as_deref().unwrap_or_default();
        let cached = cx.view.cached(&args.scope.cluster, namespace)?;
        let Some(name) = &args.workload else {
            cached.fresh_again().await?;
            let open = open_incidents(&args.scope, None, cx).await?;
            return Ok(overview(&args.scope, &cached, cx).block(open).into());
        };
        let workload = cx.view.resolve(name).await?;
        cached.fresh_again().await?;
        let object = match cached.workload(&workload) {
            Some(object) => object,
            None => cx.view.workload(&workload).await?,
        };
        let tickets = diagnosis::tickets_of(cx.records, &workload).await?;
        let open = open_incidents(&args.scope, Some(&workload), cx).await?;
        let pods = cached.pods_of(&workload);
        let rollout = object.rollout(cx.now);
        let says_something = |pod: &Arc<Pod>| quote::says_something(pod, quote::look(cx, None));
        let anything_said = !rollout.is_complete() || pods.iter().any(says_something);
        let redactor = quote::redactor(&args.scope, anything_said, cx).await;
        let revisions = cx.view.cached_revisions(&object)?;
        // Values of variables are told only where it is known what is secret; on a healthy workload no Secret is read.
        let quotes = redactor.as_deref().filter(|_| anything_said);
        let change = diagnosis::last_change(&object, &revisions, &tickets, quotes);
        let facts = Facts::new(&object, rollout, pods, quote::look(cx, redactor.as_deref()))
            .changed(change.map(|change| change.line))
            .back_by(way_back(&object, &cached, cx).await?);
        Ok(workload_card::card(&facts, &cached).block(open).into())
