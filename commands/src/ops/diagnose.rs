//! `/ceo diagnose`: why something does not work: the cause in one sentence, how certain it is, what it rests on, what was
//! looked at for it and what was not, what changed, and what to do. Where nothing is wrong it says so, and invents nothing.

mod attached;
mod card;
mod case;
mod claims;
mod cronjobs;
mod place;
mod pods;
mod probes;
mod pulls;
mod reads;
mod rewritten;
mod room;
mod roots;
mod routes;
mod scaling;
mod service;
mod single;
mod traffic;
mod workload;

use super::{
    contract::{Answer, Args, Context, Query, Spec},
    rights::{GET, LIST, READ, READ_WORKLOADS, Rbac},
};
use crate::{
    diagnosis,
    failure::Failure,
    input::{BadInput, Input, Opt, Suspect},
    model::Scope,
    policy::Verb,
    texts::diagnose as texts,
};

const WHAT: Opt<Option<Suspect>> = Opt::<Suspect>::suspect("what").about(texts::what).optional();

/// What it reads: what is watched, and the others.
const RIGHTS: [Rbac; READ_WORKLOADS.len() + OTHERS.len()] = {
    let mut rights = [OTHERS[0]; READ_WORKLOADS.len() + OTHERS.len()];
    let mut n = 0;
    while n < READ_WORKLOADS.len() {
        rights[n] = READ_WORKLOADS[n];
        n += 1;
    }
    let mut more = 0;
    while more < OTHERS.len() {
        rights[n] = OTHERS[more];
        (n, more) = (n + 1, more + 1);
    }
    rights
};

/// What it reads beside that: the last words of containers, and what explains a cause, where it may.
const OTHERS: [Rbac; 11] = [
    Rbac::on("core/pods", GET),
    Rbac::on("core/pods/log", GET),
    Rbac::in_cluster("core/nodes", READ),
    Rbac::on("core/configmaps", LIST),
    Rbac::on("core/persistentvolumeclaims", LIST),
    Rbac::in_cluster("storage.k8s.io/storageclasses", LIST),
    Rbac::in_cluster("storage.k8s.io/volumeattachments", LIST),
    Rbac::in_cluster("core/persistentvolumes", GET | LIST),
    Rbac::on("networking.k8s.io/networkpolicies", LIST),
    Rbac::in_cluster("networking.k8s.io/ingressclasses", LIST),
    Rbac::on("batch/cronjobs", LIST),
];

/// The command.
pub struct Diagnose;

/// Its words.
pub struct DiagnoseArgs {
    what: Option<Suspect>,
    scope: Scope,
}

impl Args for DiagnoseArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let what = input.take(&WHAT)?;
        let scope = what.as_ref().map_or_else(|| input.here(), Suspect::scope);
        Ok(Self { what, scope })
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

impl Query for Diagnose {
    const SPEC: Spec = Spec::new("diagnose", Verb::Sensitive)
        .about(texts::summary)
        .options(&[&WHAT])
        .rbac(&RIGHTS);
    type Args = DiagnoseArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let mut case = match &args.what {
            None => return Ok(place::overview(&args.scope, cx).await?.into()),
            Some(Suspect::Workload(name)) => workload::case(name, cx).await?,
            Some(Suspect::Pod(name)) => single::of_pod(name, cx).await?,
            Some(Suspect::Job(name)) => single::of_job(name, cx).await?,
            Some(Suspect::CronJob(name)) => cronjobs::of_cronjob(name, cx).await?,
            Some(Suspect::Service(name)) => service::of_service(name, cx).await?,
            Some(Suspect::Ingress(name)) => routes::of_ingress(name, cx).await?,
            Some(Suspect::Claim(name)) => claims::of_claim(name, cx).await?,
            Some(Suspect::Autoscaler(name)) => scaling::of_autoscaler(name, cx).await?,
            Some(Suspect::Node(name)) => traffic::of_node(name, cx)?,
        };
        if let Some(problem) = case.chain.iter().find_map(|told| told.problem) {
            case.manual = diagnosis::section_about(cx.manual, problem).await;
        }
        Ok(card::card(case).into())
    }
}
