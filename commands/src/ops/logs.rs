//! `/ceo logs`: the logs of a workload's pods merged by time, or of one pod; searched, freed of secrets, and bounded in memory
//! whatever the cluster sends. `follow` shows them as they come.

mod containers;
mod draw;
mod follow;
mod kept;
mod lines;
mod read;
mod resume;
mod show;
mod sieve;
mod tail;
mod target;
mod trouble;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use k8s_openapi::api::core::v1::Pod;

use self::{
    containers::{Chosen, Names},
    read::{Reading, Source, read},
    sieve::{Grep, Sieve},
    target::{Asked, Target},
    trouble::Trouble,
};
use super::{
    contract::{Answer, Args, Context, OptionKind, OptionSpec, Query, Rbac, Reach, Spec, Suggest, Text},
    parts,
};
use crate::{
    cluster::{Cached, Log, View},
    failure::Failure,
    health,
    input::{BadInput, Input, Since, Value},
    line,
    model::{Place, Report, Scope, Timestamp, Tone, code, spell},
    policy::Verb,
    redact::Redactor,
};

/// Most lines of each pod that can be asked for.
const TAIL_MOST: i64 = 100_000;
/// Newest lines of each pod, when nothing else bounds what is asked for.
const TAIL: i64 = 500;
/// Furthest back. Nodes keep far less.
const BACK: Duration = Duration::from_secs(30 * 86_400);
/// Pods that are read at the same time.
const PODS: usize = 40;

/// The command.
pub struct Logs;

/// Its words.
pub struct LogsArgs {
    asked: Asked,
    container: Option<String>,
    since: Option<Since>,
    tail: Option<i64>,
    grep: Option<Grep>,
    previous: bool,
    follow: bool,
    share: bool,
    /// As they were given, for buttons that ask again.
    options: BTreeMap<String, Value>,
}

impl LogsArgs {
    /// Newest lines of each pod; a search that is not bounded otherwise goes through all that there is.
    fn tail(&self) -> Option<i64> {
        match (self.tail, self.since, &self.grep) {
            (Some(tail), ..) => Some(tail),
            (None, None, None) => Some(TAIL),
            _ => None,
        }
    }
}

impl Args for LogsArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let options = input.options().clone();
        let args = Self {
            asked: Asked::parse(input)?,
            container: input.text("container")?,
            since: input.since("since", Duration::from_secs(1)..=BACK)?,
            tail: input.integer("tail", 1..=TAIL_MOST)?,
            grep: Grep::parse(input)?,
            previous: input.flag("previous")?,
            follow: input.flag("follow")?,
            share: input.flag("share")?,
            options,
        };
        if args.previous && args.follow {
            let what = line![code("previous"), " and ", code("follow"), " exclude each other"];
            return Err(BadInput::new(what).hint("A container that has ended logs nothing more."));
        }
        Ok(args)
    }

    fn verb(&self) -> Verb {
        Verb::Sensitive
    }

    fn scope(&self) -> Scope {
        self.asked.scope()
    }

    fn shared(&self) -> bool {
        self.share
    }
}

const fn option(name: &'static str, kind: OptionKind, (en, zh): (&'static str, &'static str)) -> OptionSpec {
    OptionSpec {
        name,
        summary: Text { en, zh },
        kind,
        required: false,
        suggest: None,
    }
}

impl Query for Logs {
    const SPEC: Spec = Spec {
        name: "logs",
        group: None,
        summary: Text {
            en: "Logs of a workload or a pod",
            zh: "工作负载或 Pod 的日志",
        },
        verb: Verb::Sensitive,
        private: true,
        options: &[
            OptionSpec {
                summary: Text {
                    en: "[cluster/][ns/]kind/name or pod/name",
                    zh: "[集群/][命名空间/]类型/名称 或 pod/名称",
                },
                suggest: Some(Suggest::WorkloadOrPod),
                ..parts::WORKLOAD
            },
            OptionSpec {
                suggest: Some(Suggest::Container("workload")),
                ..option("container", OptionKind::Text, ("Which container", "容器"))
            },
            option(
                "since",
                OptionKind::Text,
                ("How far back: 15m, 2h", "多久以来：15m、2h"),
            ),
            option(
                "tail",
                OptionKind::Integer {
                    min: 1,
                    max: TAIL_MOST,
                },
                ("Newest lines of each pod", "每个 Pod 最新的行数"),
            ),
            option("grep", OptionKind::Text, ("Regular expression", "正则表达式")),
            option(
                "invert",
                OptionKind::Bool,
                ("Lines without a match", "不匹配的行"),
            ),
            option(
                "previous",
                OptionKind::Bool,
                ("The container before", "上一个容器"),
            ),
            option("follow", OptionKind::Bool, ("Live", "实时")),
            option("share", OptionKind::Bool, ("For the channel to see", "频道可见")),
        ],
        controls: &[],
        rbac: &[
            Rbac {
                group: "",
                resource: "pods/log",
                verbs: &["get"],
                reach: Reach::Namespace,
            },
            Rbac {
                group: "",
                resource: "pods",
                verbs: &["get", "list", "watch"],
                reach: Reach::Namespace,
            },
        ],
    };
    type Args = LogsArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        not_in_the_future(args.since, cx.now)?;
        let target = Target::find(args.asked.clone(), cx).await?;
        let cached = cx.view.cached(target.cluster(), target.namespace())?;
        parts::fresh(&cached, target.cluster())?;
        let container = Names::of(&target, &cached).choose(args.container.as_deref(), &target.short())?;
        let redactor = redactor(&target, cx).await?;
        let sieve = Sieve::new(redactor, args.grep.clone());
        let source = Arc::new(Source {
            view: cx.view.clone(),
            cluster: target.cluster().to_owned(),
            namespace: target.namespace().to_owned(),
            patience: cx.ports.timing.cluster_timeout,
        });
        let scene = Scene::of(target, container, &cached);
        if args.follow {
            return Ok(Answer::Live(follow::follow(scene, args, (source, sieve), cx)));
        }
        if scene.pods.is_empty() {
            return Ok(Answer::Once(Box::new(no_pods(&scene))));
        }
        once(&scene, &args, (&source, &sieve), cx).await
    }
}

/// What is looked at.
struct Scene {
    target: Target,
    container: Chosen,
    /// The pods that are read.
    pods: Vec<String>,
    /// Pods that are not read because no node has them yet.
    waiting: Vec<(usize, Trouble)>,
    /// Pods beyond the bound.
    more: usize,
    /// Whether a container of theirs has ended before.
    restarted: bool,
}

impl Scene {
    fn of(target: Target, container: Chosen, cached: &Cached) -> Self {
        let mut pods = target.pods(cached);
        let more = pods.len().saturating_sub(PODS);
        if more > 0 {
            // The troubled first, then the youngest.
            pods.sort_by_cached_key(|pod| {
                let state = health::state(pod);
                (state.ready, std::cmp::Reverse(state.created))
            });
            pods.truncate(PODS);
        }
        let waiting = pods
            .iter()
            .enumerate()
            .filter_map(|(n, pod)| Some((n, Trouble::of_pod(pod)?)))
            .collect();
        Self {
            target,
            container,
            waiting,
            more,
            restarted: pods.iter().any(|pod| health::state(pod).restarts > 0),
            pods: pods.iter().map(|pod| name(pod)).collect(),
        }
    }
}

fn name(pod: &Pod) -> String {
    pod.metadata.name.clone().unwrap_or_default()
}

async fn once(
    scene: &Scene,
    args: &LogsArgs,
    (source, sieve): (&Arc<Source>, &Sieve),
    cx: &Context<'_>,
) -> Result<Answer, Failure> {
    let which = Log {
        previous: args.previous,
        tail_lines: args.tail(),
        ..log(scene, args.since)
    };
    let mut reading = read(source, &scene.pods, &which, sieve).await;
    for (pod, trouble) in &scene.waiting {
        // The API server answers nothing at all for such a pod.
        reading.troubles.retain(|(other, _)| other != pod);
        reading.troubles.push((*pod, trouble.clone()));
    }
    let refused = reading.troubles.iter().filter_map(|(_, trouble)| match trouble {
        Trouble::Cluster(error) => Some(error),
        _ => None,
    });
    if refused.clone().count() == scene.pods.len()
        && let Some(error) = refused.clone().next()
    {
        return Err(error.clone().into());
    }
    let silent = reading.counts.lines == 0 && reading.troubles.is_empty() && args.since.is_some();
    let last = if silent {
        newest_line(scene, args, source).await
    } else {
        None
    };
    let report = show::report(scene, args, &reading, (last, cx.now));
    Ok(Answer::Once(Box::new(report)))
}

fn log(scene: &Scene, since: Option<Since>) -> Log {
    let (since_seconds, since_time) = match since {
        // By the node's clock, which wrote the times.
        Some(Since::Ago(length)) => (Some(i64::try_from(length.as_secs()).unwrap_or(i64::MAX)), None),
        Some(Since::At(at)) => (None, Some(at)),
        None => (None, None),
    };
    Log {
        container: Some(scene.container.name.clone()),
        since_seconds,
        since_time,
        timestamps: true,
        ..Log::default()
    }
}

/// When a log that is silent now said something last.
async fn newest_line(scene: &Scene, args: &LogsArgs, source: &Arc<Source>) -> Option<Timestamp> {
    let which = Log {
        previous: args.previous,
        tail_lines: Some(1),
        ..log(scene, None)
    };
    let some: Vec<String> = scene.pods.iter().take(5).cloned().collect();
    let all = Sieve::new(Arc::new(Redactor::default()), None);
    let Reading { kept, .. } = read(source, &some, &which, &all).await;
    kept.last().map(|line| line.at)
}

fn no_pods(scene: &Scene) -> Report {
    let report = Report::new(Tone::Waiting, line![scene.target.short(), " has no pods"])
        .at(scene.target.place())
        .line("So there is nothing that logs. It may be scaled to zero, or its pods cannot be made.");
    match &scene.target {
        Target::Workload(workload) => report.action(parts::status_button(workload)),
        Target::Pod(_) => report,
    }
}

fn not_in_the_future(since: Option<Since>, now: Timestamp) -> Result<(), BadInput> {
    let Some(Since::At(at)) = since else { return Ok(()) };
    let example = line!["Write it like ", code("15m"), " or ", code("2h"), "."];
    if at > now {
        return Err(BadInput::new(line![code(format!("since: {at}")), " is in the future"]).hint(example));
    }
    if crate::model::since(at, now) > BACK {
        return Err(
            BadInput::new(line![code(format!("since: {at}")), " is out of range"]).hint(line![
                "It must be within the last ",
                spell(BACK),
                "."
            ]),
        );
    }
    Ok(())
}

/// What hides secrets in logs of this namespace. Where the settings say so, the values of its Secrets are among them: when
/// they cannot be read nothing is shown.
async fn redactor(target: &Target, cx: &Context<'_>) -> Result<Arc<Redactor>, Failure> {
    let usual = &cx.ports.redactor;
    let redactor = cx.view.redactor(target.cluster(), target.namespace(), usual);
    Ok(redactor.await?)
}

/// The containers of a half-typed workload or pod, as the watches know them: for completion.
#[must_use]
pub fn containers(view: &View, text: &str, place: &Place) -> Vec<String> {
    let options = BTreeMap::from([("workload".to_owned(), Value::Text(text.to_owned()))]);
    let Ok(asked) = Asked::parse(&mut Input::new(options, place.clone())) else {
        return Vec::new();
    };
    let scope = asked.scope();
    let Ok(cached) = view.cached(&scope.cluster, scope.namespace.as_deref().unwrap_or_default()) else {
        return Vec::new();
    };
    let target = match asked {
        Asked::Pod(pod) => Target::Pod(pod),
        Asked::Workload(name) => {
            let kinds = crate::model::WorkloadKind::ALL.into_iter();
            let mut known = kinds
                .filter(|kind| name.kind.is_none_or(|wanted| wanted == *kind))
                .map(|kind| name.of_kind(kind))
                .filter(|workload| cached.workload(workload).is_some());
            match known.next() {
                Some(workload) => Target::Workload(workload),
                None => return Vec::new(),
            }
        }
    };
    Names::of(&target, &cached).all()
}

#[cfg(test)]
#[path = "logs/tests.rs"]
mod tests;
