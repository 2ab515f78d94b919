//! `/ceo get pods`: the pods of a workload, of a selector, or of the namespace, the troubled ones first.

use std::sync::Arc;

use super::super::{
    contract::{Answer, Args, Context, Query, Spec},
    impact, options, quote, rights,
};
use crate::{
    cluster::{ClusterError, Select},
    failure::Failure,
    health::{self, PodState},
    input::{BadInput, Choice, Input, Opt},
    line,
    model::{Report, Scope, Table, Timestamp, Tone, WorkloadName, code, since, spell},
    objects::Pod,
    policy::Verb,
    texts,
};

/// Rows on one page.
const PAGE: usize = 20;
/// The widest name: the table has to fit a phone.
const NAME: usize = 24;

/// The command.
pub struct GetPods;

#[derive(Clone, Copy)]
enum Sort {
    Trouble,
    Name,
    Age,
    Restarts,
}

impl Choice for Sort {
    const ALL: &'static [(&'static str, Self)] = &[
        ("trouble", Self::Trouble),
        ("name", Self::Name),
        ("age", Self::Age),
        ("restarts", Self::Restarts),
    ];
}

const SELECTOR: Opt<Option<String>> = Opt::text("selector").about(texts::get::pods::selector).optional();
const SORT: Opt<Option<Sort>> = Opt::choice("sort").about(texts::get::pods::sort).optional();

/// Its words.
pub struct GetPodsArgs {
    workload: Option<WorkloadName>,
    selector: Option<String>,
    sort: Sort,
    scope: Scope,
}

impl Args for GetPodsArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let workload = input.take(&options::ANY_WORKLOAD)?;
        let selector = input.take(&SELECTOR)?;
        if workload.is_some() && selector.is_some() {
            return Err(BadInput::new(line![
                code("workload"),
                " and ",
                code("selector"),
                " exclude each other"
            ])
            .hint("Give one of them: a workload brings its own selector."));
        }
        Ok(Self {
            scope: workload
                .as_ref()
                .map_or_else(|| input.here(), WorkloadName::scope),
            workload,
            selector,
            sort: input.take(&SORT)?.unwrap_or(Sort::Trouble),
        })
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

impl Query for GetPods {
    const SPEC: Spec = Spec::new("get pods", Verb::Read)
        .about(texts::get::pods::summary)
        .options(&[&options::ANY_WORKLOAD, &SELECTOR, &SORT])
        .rbac(rights::READ_WORKLOADS);
    type Args = GetPodsArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let (cluster, namespace) = (
            &args.scope.cluster,
            args.scope.namespace.as_deref().unwrap_or_default(),
        );
        let (mut pods, of) = match (&args.workload, &args.selector) {
            (Some(name), _) => {
                let workload = cx.view.resolve(name).await?;
                let cached = cx.view.cached(cluster, namespace)?;
                (cached.pods_of(&workload), workload.short())
            }
            (None, Some(selector)) => {
                let select = Select {
                    labels: Some(selector.clone()),
                    ..Select::default()
                };
                let listed: Vec<Pod> = cx
                    .view
                    .list(cluster, namespace, &select)
                    .await
                    .map_err(|e| unreadable(e, selector))?;
                (
                    listed.into_iter().map(Arc::new).collect(),
                    format!("selector {selector}"),
                )
            }
            (None, None) => {
                let cached = cx.view.cached(cluster, namespace)?;
                cached.fresh()?;
                (cached.list(), "all workloads".to_owned())
            }
        };
        let speak = pods.iter().any(quote::says_something);
        let quotes = quote::redactor(&args.scope, speak, cx).await;
        pods = quote::pods(pods, quotes.as_deref());
        sort(&mut pods, args.sort);
        let place = format!("{cluster} / {namespace}");
        if pods.is_empty() {
            let report = Report::new(Tone::Waiting, line!["No pods: ", of]).at(place);
            return Ok(Answer::Once(Box::new(report)));
        }
        let title = title(&pods, &of);
        let pages = pods
            .chunks(PAGE)
            .map(|chunk| page(chunk, &title, (&place, cx.now)))
            .collect();
        Ok(Answer::Pages(pages))
    }
}

/// The API server's own words for a selector that it cannot read.
fn unreadable(error: ClusterError, selector: &str) -> Failure {
    match error {
        ClusterError::Invalid { message } => {
            let bad = BadInput::new(line![
                code(format!("selector: {selector}")),
                " cannot be read: ",
                message
            ]);
            bad.hint(line![
                "Write it like ",
                code("app=postgres"),
                " or ",
                code("tier in (web, api)"),
                "."
            ])
            .into()
        }
        other => other.into(),
    }
}

fn sort(pods: &mut [Arc<Pod>], by: Sort) {
    let name = |p: &Arc<Pod>| p.metadata.name.clone();
    match by {
        Sort::Name => pods.sort_by_cached_key(name),
        Sort::Age => pods.sort_by_cached_key(|p| (std::cmp::Reverse(created(p)), name(p))),
        Sort::Restarts => {
            pods.sort_by_cached_key(|p| (std::cmp::Reverse(health::state(p).restarts), name(p)));
        }
        Sort::Trouble => pods.sort_by_cached_key(|p| {
            let state = health::state(p);
            (!troubled(&state), std::cmp::Reverse(state.restarts), name(p))
        }),
    }
}

/// In trouble, and not just on its way up or down.
fn troubled(state: &PodState) -> bool {
    state.problem.as_ref().is_some_and(|p| !p.kind.is_passing())
}

fn created(pod: &Pod) -> Option<Timestamp> {
    pod.metadata.creation_timestamp
}

fn title(pods: &[Arc<Pod>], of: &str) -> crate::model::Text {
    let wrong = pods.iter().filter(|p| troubled(&health::state(p))).count();
    let n = i32::try_from(pods.len()).unwrap_or(i32::MAX);
    match wrong {
        0 => line![impact::pods(n), " of ", of.to_owned()],
        _ => line![
            impact::pods(n),
            " of ",
            of.to_owned(),
            format!(", {wrong} in trouble")
        ],
    }
}

fn page(pods: &[Arc<Pod>], title: &crate::model::Text, (place, now): (&str, Timestamp)) -> Report {
    let tone = if pods.iter().any(|p| troubled(&health::state(p))) {
        Tone::Waiting
    } else {
        Tone::Good
    };
    let mut report = Report::new(tone, title.clone()).at(place);
    let head = ["NAME", "READY", "STATUS", "RESTARTS", "AGE"];
    for pod in pods {
        let state = health::state(pod);
        if let Some(problem) = state.problem.filter(|p| !p.kind.is_passing())
            && report.blocks.len() < 5
        {
            report.add(line![code(state.name), ": ", problem.text]);
        }
    }
    report.table(Table {
        head: head.map(crate::model::Text::from).to_vec(),
        rows: pods
            .iter()
            .map(|p| row(p, now).into_iter().map(crate::model::Text::from).collect())
            .collect(),
    })
}

fn row(pod: &Pod, now: Timestamp) -> Vec<String> {
    let state = health::state(pod);
    let age = created(pod).map(|at| spell(since(at, now))).unwrap_or_default();
    let reason = state.last_end.as_ref().and_then(|end| end.reason.clone());
    let restarts = match reason {
        Some(reason) if state.restarts > 0 => format!("{} {reason}", state.restarts),
        _ => state.restarts.to_string(),
    };
    vec![
        shorten(&pod.metadata.name),
        format!("{}/{}", state.containers.0, state.containers.1),
        state.status,
        restarts,
        age.split(' ').take(2).collect::<Vec<_>>().join(" "),
    ]
}

/// The end of a pod's name tells it from its siblings, so the middle goes.
fn shorten(name: &str) -> String {
    let n = name.chars().count();
    if n <= NAME {
        return name.to_owned();
    }
    let head: String = name.chars().take(NAME - 12).collect();
    let tail: String = name.chars().skip(n - 11).collect();
    format!("{head}…{tail}")
}
