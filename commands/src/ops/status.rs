//! `/ceo status`: how a workload is, what is wrong first, and who changed it last; or the whole namespace on one card.

use std::sync::Arc;

use super::{
    contract::{Answer, Args, Context, Query, Spec},
    open_incidents, options, quote, rights, rollback, single_card,
    workload_card::{self, Facts},
};
use crate::{
    cluster::{Cached, WorkloadObject},
    diagnosis::{self, History, Look, Standing},
    failure::Failure,
    incident::{self, Incident, Owner},
    input::{BadInput, Input, Runnable},
    line,
    model::{Action, Block, Field, Report, Scope, Text, Tone, Workload, WorkloadName, code, since},
    objects::Pod,
    policy::Verb,
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
    about: Option<Runnable>,
    scope: Scope,
}

impl Args for StatusArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let about = input.take(&options::ANYTHING)?;
        let scope = about.as_ref().map_or_else(|| input.here(), Runnable::scope);
        Ok(Self { about, scope })
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

impl Query for Status {
    const SPEC: Spec = Spec::new("status", Verb::Read)
        .stands_for(&[
            "kubectl get deployment",
            "kubectl get deploy",
            "kubectl get deployments",
            "kubectl get statefulset",
            "kubectl get daemonset",
        ])
        .about(texts::status::summary)
        .options(&[&options::ANYTHING])
        .rbac(rights::READ_WORKLOADS);
    type Args = StatusArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let namespace = args.scope.namespace.as_deref().unwrap_or_default();
        let cached = cx.view.cached(&args.scope.cluster, namespace)?;
        match &args.about {
            None => {
                cached.fresh_again().await?;
                let open = open_incidents::of(&args.scope, None, cx).await?;
                let around = quote::around(&args.scope, cx)?;
                let report = overview(&args.scope, &cached, &open, quote::look(cx, None).among(&around));
                Ok(report.block(told(&open, None)).into())
            }
            Some(Runnable::Workload(name)) => of_workload(name, &args.scope, cx).await,
            Some(Runnable::Pod(name)) => single_card::of_pod(name, cx).await,
            Some(Runnable::Job(name)) => single_card::of_job(name, cx).await,
        }
    }
}

/// The button to the newest revision that worked.
pub(super) async fn way_back(
    object: &WorkloadObject,
    cached: &Cached,
    cx: &Context<'_>,
) -> Result<Option<Action>, Failure> {
    let workload = object.workload();
    let history = History::of(cached, &workload, cx.records.worked(&workload).await?);
    let revisions = cx.view.cached_revisions(object)?;
    let running = revisions.iter().find(|r| r.current).map(|r| r.number);
    let best = history.newest(&revisions, Standing::Worked);
    Ok(best.map(|best| rollback::button(&workload, best, running)))
}

async fn of_workload(name: &WorkloadName, scope: &Scope, cx: &Context<'_>) -> Result<Answer, Failure> {
    let cached = cx.view.cached(&name.cluster, &name.namespace)?;
    let workload = cx.view.resolve(name).await?;
    cached.fresh_again().await?;
    let object = match cached.workload(&workload) {
        Some(object) => object,
        None => cx.view.workload(&workload).await?,
    };
    let tickets = diagnosis::tickets_of(cx.records, &workload).await?;
    let open = open_incidents::of(scope, Some(&workload), cx).await?;
    let pods = cached.pods_of(&workload);
    let around = quote::around(scope, cx)?;
    let around = quote::with_volumes(around, scope, pods.iter().map(AsRef::as_ref), cx).await;
    let rollout = object.rollout(cx.now);
    let says_something = |pod: &Arc<Pod>| quote::says_something(pod, quote::look(cx, None).among(&around));
    let anything_said = !rollout.is_complete() || pods.iter().any(says_something);
    let redactor = quote::redactor(scope, anything_said, cx).await;
    let look = quote::look(cx, redactor.as_deref()).among(&around);
    let revisions = cx.view.cached_revisions(&object)?;
    // Values of variables are told only where it is known what is secret; on a healthy workload no Secret is read.
    let quotes = redactor.as_deref().filter(|_| anything_said);
    let change = diagnosis::last_change(&object, &revisions, &tickets, quotes);
    let facts = Facts::new(&object, &rollout, &pods, look)
        .changed(change.map(|change| change.line))
        .back_by(way_back(&object, &cached, cx).await?);
    let card = workload_card::card(&facts, &cached, !open.is_empty());
    Ok(card.block(told(&open, Some(&workload))).into())
}

/// What is open about a workload, or in the whole namespace.
fn told(incidents: &[Incident], workload: Option<&Workload>) -> Block {
    let told = incidents.iter().take(MOST_INCIDENTS).map(|i| match workload {
        Some(_) => incident::state_in_words(i),
        None => line![code(i.key.owner.to_string()), ": ", incident::state_in_words(i)],
    });
    let mut lines: Vec<Text> = told.collect();
    if incidents.len() > MOST_INCIDENTS {
        lines.push(texts::discord::more(incidents.len() - MOST_INCIDENTS));
    }
    if lines.is_empty() {
        lines.push(texts::status::none());
    }
    Field::of(texts::status::open_incidents(), lines).into()
}

fn overview(scope: &Scope, cached: &Cached, open: &[Incident], look: Look<'_>) -> Report {
    let mut rows: Vec<(u8, Text)> = Vec::new();
    for object in cached.workloads() {
        let workload = object.workload();
        let rollout = object.rollout(look.now);
        let pods = cached.pods_of(&workload);
        let owner = Owner::of(&workload);
        let told = open.iter().any(|i| i.key.owner == owner);
        let verdict = diagnosis::verdict(Facts::new(&object, &rollout, &pods, look).scene(), told);
        let words = workload_card::words(verdict, &rollout);
        let (rank, mark) = match verdict.tone() {
            Tone::Bad => (0, "🔴 "),
            Tone::Waiting => (1, "🟡 "),
            Tone::Off => (3, "⚪ "),
            Tone::Good | Tone::Info => (2, "🟢 "),
        };
        let count = format!(" ({})", rollout.ready_in_numbers());
        rows.push((rank, line![mark, code(workload.short()), " ", words, count]));
    }
    rows.sort_by_key(|(rank, _)| *rank);
    let (worst, total) = (rows.first().map_or(2, |(rank, _)| *rank), rows.len());
    let wrong = rows.iter().filter(|(rank, _)| *rank < 2).count();
    let tone = match worst {
        0 => Tone::Bad,
        1 => Tone::Waiting,
        _ => Tone::Good,
    };
    let title = match wrong {
        0 => texts::status::all_well(&scope.to_string(), total),
        _ => texts::status::need_a_look(&scope.to_string(), wrong, total),
    };
    let mut report = Report::new(tone, title).lines(rows.into_iter().take(MOST).map(|(_, line)| line));
    if total > MOST {
        report = report.line(texts::discord::more(total - MOST));
    }
    match cached.error() {
        Some((trouble, at)) => {
            let age = at.map(|at| since(at, look.now)).unwrap_or_default();
            report.field(
                texts::status::as_of(),
                texts::status::silent_cluster(age, &trouble),
            )
        }
        None => report,
    }
}
