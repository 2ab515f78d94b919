//! `/ceo exec probe`: asks a health target from within its namespace, as the other pods there would: a pod is made for it,
//! read and deleted.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::{
    contract::{Args, Change, Context, Draft, Finished, Spec},
    options,
};
use crate::{
    cluster::{Cached, Log, Target as Object, precondition_of_value},
    failure::Failure,
    health,
    input::{BadInput, Input, Opt},
    model::{Report, Scope, Table, Text, Tone},
    objects::{Pod, Service},
    policy::Verb,
    ports::probe::{Target, Way},
    texts::{self, exec as say, probe as words, workflow::step},
    ticket::Outcome,
    workflow::{Look, Run, Waited, Written},
};

/// Which one.
pub(in crate::ops) const TARGET: Opt<String> = Opt::health_target("target").about(words::target);

/// How long one question may take, in seconds.
const SECONDS: u64 = 5;
/// How long the pod may take to be scheduled, to pull its image, to ask and to end.
const WITHIN: Duration = Duration::from_secs(120);
/// What stands before each answer in the pod's log.
const MARK: &str = "ceo ";
const CONTAINER: &str = "probe";

/// The command.
pub struct ExecProbe;

/// Its words.
pub struct ExecProbeArgs {
    target: String,
    here: Scope,
}

impl Args for ExecProbeArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            target: input.take(&TARGET)?,
            here: input.here(),
        })
    }

    fn verb(&self) -> Verb {
        Verb::Change
    }

    fn scope(&self) -> Scope {
        self.here.clone()
    }
}

/// What will be done.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExecProbePlan {
    pod: Object,
    image: String,
    target: String,
    /// What is asked for, and by which address.
    asked: Vec<Question>,
}

/// One path and its address as pods of the namespace know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Question {
    path: String,
    url: String,
}

/// What a pod's log says of one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    /// The HTTP status; 0: none came.
    status: u16,
    took: Duration,
    /// Why none came, in curl's words.
    error: String,
}

/// What came of the pod, as its step stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Came {
    /// It ended, and wrote this.
    Answers { node: Option<String>, all: Vec<Answer> },
    /// It was not seen to end; how it stood last.
    NotEnded(String),
    /// Somebody deleted it.
    Gone,
}

impl Change for ExecProbe {
    const SPEC: Spec = Spec::new("exec probe", Verb::Change)
        .about(say::probe_summary)
        .private()
        .options(&[&TARGET, &options::REASON])
        .within(Duration::from_secs(10 * 60));
    const EVENT: &'static str = "CeoProbed";
    const STEPS: &'static [&'static str] = &[
        step::CREATE_POD,
        step::WAIT_FOR_POD,
        step::READ_POD,
        step::DELETE_POD,
    ];
    type Args = ExecProbeArgs;
    type Plan = ExecProbePlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let Some(image) = cx.checks.probe_image.clone() else {
            return Err(BadInput::new(say::no_probe_image())
                .hint(say::how_to_name_probe_image())
                .into());
        };
        let all = cx.probes.targets().iter();
        let readable: Vec<&Target> = all.filter(|one| cx.rights.reads(cx.actor, &one.scope)).collect();
        let Some(target) = readable.iter().find(|one| one.name == args.target) else {
            let names: Vec<String> = readable.iter().map(|one| one.name.clone()).collect();
            return Err(BadInput::new(words::no_such(&args.target))
                .hint(words::there_are(&names))
                .into());
        };
        let scope = &target.scope;
        let namespace = scope.namespace.clone().unwrap_or_default();
        let cached = cx.view.cached(&scope.cluster, &namespace)?;
        let base = base_of(target, &cached)?;
        let asked: Vec<Question> = target
            .paths
            .iter()
            .map(|path| Question {
                url: format!("{base}{path}"),
                path: path.clone(),
            })
            .collect();
        let pod = Object {
            cluster: scope.cluster.clone(),
            namespace,
            resource: "pods".to_owned(),
            name: format!("ceo-probe-{:08x}", rand::random::<u32>()),
        };
        cx.view.rehearse_new(&pod, &made(&pod, &image, &asked)).await?;
        Ok(Draft {
            preview: preview(&target.name, &image, &asked).at(scope.place()),
            verb: Verb::Change,
            scopes: vec![scope.clone()],
            risks: vec![],
            preconditions: vec![],
            targets: vec![pod.in_words()],
            plan: ExecProbePlan {
                pod,
                image,
                target: target.name.clone(),
                asked,
            },
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        let pod = &plan.pod;
        let object = &made(pod, &plan.image, &plan.asked);
        let created: Written = run
            .once(
                step::CREATE_POD,
                |writer| async move { Ok(Written::of(&writer.create(pod, object.clone()).await?)) },
                |_| run.look_for_created(step::CREATE_POD, pod),
            )
            .await?;
        let mut seen = false;
        let waited = run
            .wait(step::WAIT_FOR_POD, &scope_of(pod), WITHIN, |cached, _| {
                look(cached, &plan, &mut seen)
            })
            .await?;
        let came = run.decide(step::READ_POD, || read(run, &plan, waited)).await?;
        let there =
            json!({ "metadata": { "name": pod.name, "namespace": pod.namespace, "uid": created.uid } });
        let there = &precondition_of_value(&pod.cluster, &pod.resource, &there, &[]);
        run.once(
            step::DELETE_POD,
            |writer| async move { Ok(writer.delete(there).await?) },
            |_| run.look_for_deleted(there),
        )
        .await?;
        Ok(told(&plan, &came))
    }
}

/// The address before the paths, as pods of the namespace reach it.
fn base_of(target: &Target, cached: &Cached) -> Result<String, BadInput> {
    let service = match &target.way {
        Way::Url(url) => return Ok(url.trim_end_matches('/').to_owned()),
        Way::Proxy(service) => service,
    };
    let parts: Vec<&str> = service.split(':').collect();
    let (scheme, name, port) = match parts.as_slice() {
        [scheme, name, port] => (*scheme, *name, *port),
        [name, port] => ("http", *name, *port),
        _ => return Err(BadInput::new(say::no_port(service))),
    };
    let of_name = || {
        let found = cached.get::<Service>(name)?;
        let mut ports = found.spec.ports.iter();
        ports.find(|one| *one.name == *port).map(|one| one.port)
    };
    let number = port.parse().ok().or_else(of_name);
    let Some(number) = number else {
        return Err(BadInput::new(say::no_port(service)));
    };
    Ok(format!("{scheme}://{name}.{}.svc:{number}", cached.namespace()))
}

/// The pod: one container without rights, which asks each address once and writes what came.
fn made(pod: &Object, image: &str, asked: &[Question]) -> Value {
    let written = format!("{MARK}%{{http_code}} %{{time_total}} %{{errormsg}}\\n");
    let seconds = SECONDS.to_string();
    let mut args = vec!["-s", "--max-time", &seconds, "-w", &written];
    for one in asked {
        args.extend(["-o", "/dev/null", &one.url]);
    }
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": pod.name, "namespace": pod.namespace,
            "labels": { "app.kubernetes.io/name": "ceo-probe", "app.kubernetes.io/managed-by": "ceo" } },
        "spec": {
            "restartPolicy": "Never",
            "activeDeadlineSeconds": WITHIN.as_secs(),
            "terminationGracePeriodSeconds": 1,
            "automountServiceAccountToken": false,
            "securityContext": { "runAsNonRoot": true, "runAsUser": 65534, "seccompProfile": { "type": "RuntimeDefault" } },
            "containers": [{
                "name": CONTAINER, "image": image, "command": ["curl"], "args": args,
                "resources": { "requests": { "cpu": "10m", "memory": "16Mi" }, "limits": { "cpu": "100m", "memory": "64Mi" } },
                "securityContext": { "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                    "capabilities": { "drop": ["ALL"] } },
            }],
        },
    })
}

fn scope_of(pod: &Object) -> Scope {
    Scope::namespace(&pod.cluster, &pod.namespace)
}

/// Whether the pod has ended. It comes to the caches a moment after it was made; seen once, and absent, it is gone.
fn look(cached: &Cached, plan: &ExecProbePlan, seen: &mut bool) -> Look {
    let asking = || Report::new(Tone::Info, say::asking(&plan.target)).at(scope_of(&plan.pod).place());
    match cached.get::<Pod>(&plan.pod.name) {
        Some(pod) if health::pod::is_over(&pod) => Look::Met,
        Some(pod) => {
            *seen = true;
            Look::Going(asking().line(say::pod_is(&plan.pod.name, &health::state(&pod).status)))
        }
        None if *seen => Look::Gone,
        None => Look::Behind(asking().line(texts::workflow::written())),
    }
}

async fn read(run: &Run<'_>, plan: &ExecProbePlan, waited: Waited) -> Result<Came, Failure> {
    let pod = &plan.pod;
    let cached = run.view().cached(&pod.cluster, &pod.namespace)?;
    let seen = cached.get::<Pod>(&pod.name);
    if waited != Waited::Met {
        return Ok(match seen {
            Some(seen) => Came::NotEnded(health::state(&seen).status),
            None => Came::Gone,
        });
    }
    let which = Log {
        container: Some(CONTAINER.to_owned()),
        ..Log::default()
    };
    let log = run
        .view()
        .log(&pod.cluster, &pod.namespace, &pod.name, &which)
        .await?;
    let redactor = run.redactor(&pod.cluster, &pod.namespace).await?;
    Ok(Came::Answers {
        node: seen.and_then(|seen| health::state(&seen).node),
        all: answers(&redactor.quote(&log)),
    })
}

/// The answers that a log tells of, in the order of the questions.
fn answers(log: &str) -> Vec<Answer> {
    let marked = log.lines().filter_map(|line| line.strip_prefix(MARK));
    let one = |line: &str| {
        let mut parts = line.splitn(3, ' ');
        let status = parts.next()?.parse().ok()?;
        let took: f64 = parts.next()?.parse().ok()?;
        Some(Answer {
            status,
            took: Duration::try_from_secs_f64(took).ok()?,
            error: parts.next().unwrap_or_default().trim().to_owned(),
        })
    };
    marked.filter_map(one).collect()
}

fn preview(target: &str, image: &str, asked: &[Question]) -> Report {
    let urls: BTreeSet<&str> = asked.iter().map(|one| one.url.as_str()).collect();
    let report = Report {
        title: say::probe_question(target),
        ..Report::default()
    };
    report
        .field(say::asks(), say::addresses(&urls.into_iter().collect::<Vec<_>>()))
        .field(texts::impact::effect(), say::probe_effect(image, WITHIN))
}

fn told(plan: &ExecProbePlan, came: &Came) -> Finished {
    let (all, node) = match came {
        Came::Answers { node, all } => (all, node),
        Came::NotEnded(state) => {
            let report = Report::new(Tone::Bad, say::probe_not_ended(&plan.target, WITHIN));
            return failed(plan, report.line(say::pod_was(&plan.pod.name, state)));
        }
        Came::Gone => return failed(plan, Report::new(Tone::Bad, say::probe_gone(&plan.pod.name))),
    };
    let well = |answer: &&Answer| (200..300).contains(&answer.status);
    let bad = plan.asked.len() - all.iter().filter(well).count().min(plan.asked.len());
    let tone = match bad {
        0 => Tone::Good,
        _ if bad == plan.asked.len() => Tone::Bad,
        _ => Tone::Waiting,
    };
    let row = |(question, answer): (&Question, Option<&Answer>)| {
        let status = match answer {
            Some(answer) if answer.status > 0 => Text::from(u32::from(answer.status)),
            _ => words::nothing(),
        };
        let took = answer.map_or_else(words::nothing, |answer| words::took(answer.took));
        vec![question.path.as_str().into(), status, took]
    };
    let asked = || {
        let answers = all.iter().map(Some).chain(std::iter::repeat(None));
        plan.asked.iter().zip(answers)
    };
    let silent = asked().filter_map(|(question, answer)| match answer {
        Some(answer) if answer.status > 0 => None,
        Some(answer) if !answer.error.is_empty() => Some(say::silent(&question.path, &answer.error)),
        _ => Some(say::silent_without_words(&question.path)),
    });
    let report = Report::new(tone, words::title_of_one(&plan.target, bad, plan.asked.len()))
        .at(scope_of(&plan.pod).place())
        .line(say::asked_from(&plan.pod.name, node.as_deref()))
        .lines(silent.collect::<Vec<_>>())
        .table(Table {
            head: vec![words::path(), words::status(), words::now()],
            rows: asked().map(row).collect(),
        });
    Finished {
        outcome: Outcome::Succeeded,
        report,
    }
}

fn failed(plan: &ExecProbePlan, report: Report) -> Finished {
    Finished {
        outcome: Outcome::Failed,
        report: report.at(scope_of(&plan.pod).place()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_read_in_the_order_of_the_questions() {
        let log = "ceo 200 0.012345 \nnoise\nceo 000 5.001 Could not resolve host: api.shop.svc\nceo x y\nceo 503 0.1\n";
        let read = answers(log);
        let told: Vec<(u16, u128, &str)> = read
            .iter()
            .map(|one| (one.status, one.took.as_millis(), one.error.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (200, 12, ""),
                (0, 5001, "Could not resolve host: api.shop.svc"),
                (503, 100, "")
            ]
        );
    }

    #[test]
    fn a_service_is_asked_by_its_name_and_the_number_of_its_port() {
        let service = json!({ "kind": "Service", "metadata": { "name": "api", "namespace": "shop", "uid": "s" },
            "spec": { "ports": [{ "name": "web", "port": 8080 }] } });
        let cached = Cached::holding("prod", "shop", &[service]);
        let base = |way: Way| {
            let target = Target {
                name: "api".to_owned(),
                scope: Scope::namespace("prod", "shop"),
                way,
                paths: vec![],
            };
            base_of(&target, &cached).map_err(|bad| bad.what.plain())
        };
        let proxy = |text: &str| Way::Proxy(text.to_owned());
        assert_eq!(base(proxy("api:80")).unwrap(), "http://api.shop.svc:80");
        assert_eq!(base(proxy("https:api:web")).unwrap(), "https://api.shop.svc:8080");
        assert!(base(proxy("api:admin")).is_err_and(|told| told.contains("api:admin")));
        assert_eq!(
            base(Way::Url("https://a.example/".to_owned())).unwrap(),
            "https://a.example"
        );
    }

    /// Plans are append-only: one of each release.
    #[test]
    fn plans_of_earlier_releases_are_read() {
        let first = r#"{"pod":{"cluster":"prod","namespace":"shop","resource":"pods","name":"ceo-probe-1"},"image":"curl:8",
            "target":"api","asked":[{"path":"/health","url":"http://api.shop.svc:80/health"}]}"#;
        let plan: ExecProbePlan = serde_json::from_str(first).unwrap();
        assert_eq!(plan.asked.len(), 1);
        assert_eq!(
            ExecProbe::STEPS,
            [
                "create the pod",
                "wait for its end",
                "read its log",
                "delete the pod"
            ]
        );
    }
}
