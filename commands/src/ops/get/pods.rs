//! `/ceo get pods`: the pods of a workload, of a selector, or of the namespace, the troubled ones first.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::Arc,
};

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        listing::{self, Row},
        open_incidents, options, quote, rights, selector,
    },
    family::{Family, Whose},
};
use crate::{
    cluster::{Cached, PodOwner},
    diagnosis::{self, Look},
    failure::Failure,
    health,
    incident::Incident,
    input::{BadInput, Choice, Input, ObjectName, Opt},
    model::{Report, Scope, Text, Timestamp, Tone, short_names, since},
    objects::Pod,
    policy::Verb,
    texts::{self, get},
};

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

const SORT: Opt<Option<Sort>> = Opt::choice("sort").about(get::pods::sort).optional();

/// What has pods.
const KINDS: [&str; 9] = [
    "deployment",
    "statefulset",
    "daemonset",
    "job",
    "cronjob",
    "service",
    "node",
    "persistentvolumeclaim",
    "pod",
];

/// Whose pods, as buttons of earlier releases say it.
const EARLIER: Opt<Option<ObjectName>> = Opt::<ObjectName>::object("workload").optional();

/// Its words.
pub struct GetPodsArgs {
    whose: Whose,
    selector: Option<String>,
    sort: Sort,
    scope: Scope,
}

impl Args for GetPodsArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let of = input.take(&options::FOR)?.or(input.take(&EARLIER)?);
        let whose = Whose::object(of, input);
        let selector = input.take(&selector::SELECTOR)?;
        if whose.of.is_some() && selector.is_some() {
            return Err(
                BadInput::new(texts::options::exclusive("for", "selector")).hint(get::pods::give_one())
            );
        }
        Ok(Self {
            scope: whose.scope(),
            whose,
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
        .stands_for(&["kubectl get pods", "kubectl get pod", "kubectl get po"])
        .about(get::pods::summary)
        .options(&[&options::FOR, &selector::SELECTOR, &SORT])
        .rbac(rights::READ_WORKLOADS);
    type Args = GetPodsArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let place = args.scope.place();
        let (pods, of) = find(&args, cx).await?;
        if pods.is_empty() {
            return Ok(Report::new(Tone::Off, get::pods::none(&of)).at(place).into());
        }
        let around = quote::around(&args.scope, cx)?;
        let open = open_incidents::of(&args.scope, None, cx).await?;
        // What is told as not over is not shown as well beside it.
        let told: HashMap<&str, &Incident> = open
            .iter()
            .flat_map(|incident| incident.affected.iter().map(move |name| (&**name, incident)))
            .collect();
        let seen = Seen::of(&pods, |pod| {
            let wrong = quote::says_something(pod, quote::look(cx, None).among(&around));
            let rank = rank(pod, args.sort, wrong);
            (rank, wrong, wrong || told.contains_key(&*pod.metadata.name))
        });
        let first = seen.first.iter().map(AsRef::as_ref);
        let around = quote::with_volumes(around, &args.scope, first, cx).await;
        let redactor = quote::redactor(&args.scope, seen.speaking > 0, cx).await;
        let look = quote::look(cx, redactor.as_deref()).among(&around);
        let cached = cx.view.cached(&args.scope.cluster, namespace(&args.scope))?;
        let mut rows = rows(&seen.first, &cached, look);
        for row in rows.iter_mut().filter(|row| row.trouble.is_none()) {
            let told = told.get(&*row.name);
            row.trouble = told.map(|incident| get::pods::told(&incident.key.problem.title()));
        }
        let title = get::pods::title(pods.len(), &of, seen.troubled);
        let answer = listing::pages(&title, &place, &[], &rows);
        let limited = match &args.selector {
            Some(_) => selector::limited(rows.len()),
            None => (rows.len() < pods.len()).then(|| get::pods::only(rows.len(), pods.len())),
        };
        Ok(match limited {
            Some(note) => answer.with_footer(&note),
            None => answer,
        })
    }
}

/// What one walk over the pods keeps: those that come first, and how many there are of which sort. However many pods
/// there are, no more are kept than a person can leaf through.
struct Seen {
    first: Vec<Arc<Pod>>,
    speaking: usize,
    troubled: usize,
}

impl Seen {
    /// `look` gives what a pod is ordered by, whether it says something, and whether it counts as in trouble.
    fn of<R: Ord>(pods: &[Arc<Pod>], look: impl Fn(&Pod) -> (R, bool, bool)) -> Self {
        let (mut speaking, mut troubled) = (0, 0);
        let mut first: BinaryHeap<(R, usize)> = BinaryHeap::new();
        for (at, pod) in pods.iter().enumerate() {
            let (rank, speaks, wrong) = look(pod);
            speaking += usize::from(speaks);
            troubled += usize::from(wrong);
            first.push((rank, at));
            if first.len() > selector::MOST as usize {
                first.pop();
            }
        }
        let first = first.into_sorted_vec().into_iter();
        Self {
            first: first.filter_map(|(_, at)| pods.get(at).cloned()).collect(),
            speaking,
            troubled,
        }
    }
}

/// The pods that are asked for, and what they are called together.
async fn find(args: &GetPodsArgs, cx: &Context<'_>) -> Result<(Vec<Arc<Pod>>, Text), Failure> {
    let cluster = args.scope.cluster.as_str();
    let namespace = namespace(&args.scope);
    if let Some(family) = Family::asked(&args.whose, &KINDS, get::top::NOUN.many, cx).await? {
        if family.pods.is_empty() {
            family.must_be()?;
        }
        let of = family.short().into();
        return Ok((family.pods, of));
    }
    if let Some(labels) = &args.selector {
        let listed = cx
            .view
            .list::<Pod>(cluster, namespace, &selector::select(labels))
            .await;
        let pods = listed.map_err(|error| selector::unreadable(error, labels))?;
        return Ok((pods.into_iter().map(Arc::new).collect(), get::of_selector(labels)));
    }
    let cached = cx.view.cached(cluster, namespace)?;
    cached.fresh_again().await?;
    Ok((cached.list(), get::pods::all_workloads()))
}

/// What a pod is ordered by: the least comes first.
fn rank(pod: &Pod, by: Sort, wrong: bool) -> (bool, Reverse<Option<Timestamp>>, Reverse<i64>, Box<str>) {
    let restarts = || Reverse(i64::from(health::state(pod).restarts));
    let (well, created, restarts) = match by {
        Sort::Name => (false, None, Reverse(0)),
        Sort::Age => (false, created(pod), Reverse(0)),
        Sort::Restarts => (false, None, restarts()),
        Sort::Trouble => (!wrong, None, restarts()),
    };
    (well, Reverse(created), restarts, pod.metadata.name.clone())
}

fn namespace(scope: &Scope) -> &str {
    scope.namespace.as_deref().unwrap_or_default()
}

fn created(pod: &Pod) -> Option<Timestamp> {
    pod.metadata.creation_timestamp
}

/// The pods under their owners, in the order in which the first of each comes.
fn rows(pods: &[Arc<Pod>], cached: &Cached, look: Look<'_>) -> Vec<Row> {
    let mut groups: Vec<(Option<String>, Vec<&Pod>)> = Vec::new();
    let mut known: HashMap<Option<String>, usize> = HashMap::new();
    for pod in pods {
        let owner = owner(pod, cached);
        let at = *known.entry(owner.clone()).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, group)) => group.push(pod),
            None => groups.push((owner, vec![pod])),
        }
    }
    let several = groups.len() > 1;
    let mut rows = Vec::with_capacity(pods.len());
    for (owner, pods) in groups {
        let names: Vec<String> = pods.iter().map(|pod| pod.metadata.name.to_string()).collect();
        let labels = match owner {
            Some(_) => short_names(&names),
            None => names,
        };
        let under = owner.filter(|_| several);
        rows.extend(pods.iter().zip(labels).map(|(pod, label)| Row {
            label,
            under: under.clone().map(Text::from),
            ..row(pod, look)
        }));
    }
    rows
}

/// Whose a pod is.
fn owner(pod: &Pod, cached: &Cached) -> Option<String> {
    match cached.controller_of(pod) {
        PodOwner::Workload(workload) => Some(workload.short()),
        PodOwner::ReplicaSet(name) => Some(format!("replicaset/{name}")),
        PodOwner::Unwatched(owner) => Some(format!("{}/{}", owner.kind.to_lowercase(), owner.name)),
        PodOwner::Nobody | PodOwner::Gone => None,
    }
}

fn row(pod: &Pod, look: Look<'_>) -> Row {
    let state = health::state(pod);
    let (ready, all) = state.containers;
    let runs = state.status == "Running";
    // Of one container that does not run its state says it all.
    let counts = (ready < all && (runs || all > 1) && !health::pod::is_over(pod)).then_some((ready, all));
    let ended = state.last_end.as_ref().and_then(|end| end.reason.as_deref());
    let ended = ended.filter(|_| runs && state.restarts > 0);
    let restarts = match state.restarts {
        0 => "0".to_owned(),
        n => format!("{n}x"),
    };
    let age = created(pod)
        .map(|at| get::brief(since(at, look.now)))
        .unwrap_or_default();
    Row {
        label: state.name.clone(),
        under: None,
        cells: vec![
            get::pods::state(&state.status, counts, ended),
            restarts.into(),
            age,
        ],
        name: state.name,
        trouble: diagnosis::of_pod(pod, look).map(|finding| finding.text()),
    }
}
