//! `/ceo describe`: one object of any kind that the cluster serves, with what holds of it and what happened to it; or the whole
//! of it as YAML. No value of a Secret is shown.

use std::{cmp::Reverse, fmt::Write};

use serde_json::Value;

use super::{
    contract::{Answer, Args, Context, Query, Spec},
    rights::{self, GET, LIST, Rbac},
};
use crate::{
    cluster::{KindScope, Select, Served},
    diagnosis,
    failure::{Failure, Refused},
    health,
    input::{BadInput, Choice, Input, ObjectName, Opt},
    line,
    model::{Block, Code, Field, Report, Scope, Text, Timestamp, Tone, code},
    objects::{Event, Pod, event_time},
    policy::Verb,
    redact::Redactor,
    texts::{self, describe as say, get, status},
};

/// Events that are told.
const EVENTS: usize = 6;
/// Events that are looked at.
const MOST: u32 = 500;
/// Conditions that are told.
const CONDITIONS: usize = 8;

/// How it is shown.
#[derive(Clone, Copy)]
enum Form {
    Yaml,
}

impl Choice for Form {
    const ALL: &'static [(&'static str, Self)] = &[("yaml", Self::Yaml)];
}

const OBJECT: Opt<ObjectName> = Opt::<ObjectName>::object("object").about(say::object);
const AS: Opt<Option<Form>> = Opt::choice("as").about(say::form).optional();

/// The command.
pub struct Describe;

/// Its words.
pub struct DescribeArgs {
    object: ObjectName,
    form: Option<Form>,
}

impl Args for DescribeArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            object: input.take(&OBJECT)?,
            form: input.take(&AS)?,
        })
    }

    fn scope(&self) -> Scope {
        self.object.scope()
    }
}

impl Query for Describe {
    const SPEC: Spec = Spec::new("describe", Verb::Read)
        .stands_for(&["kubectl describe"])
        .about(say::summary)
        .options(&[&OBJECT, &AS])
        .rbac(&[
            Rbac::on("apps/replicasets", GET),
            Rbac::on("apps/controllerrevisions", GET),
            Rbac::on("core/pods", GET),
            Rbac::on("core/services", GET),
            Rbac::on("core/configmaps", GET),
            Rbac::on("core/events", GET | LIST),
            Rbac::on("core/persistentvolumeclaims", GET),
            Rbac::on("core/resourcequotas", GET),
            Rbac::on("core/limitranges", GET),
            Rbac::on("discovery.k8s.io/endpointslices", GET),
            Rbac::on("networking.k8s.io/ingresses", GET),
            Rbac::on("networking.k8s.io/networkpolicies", GET),
            Rbac::on("autoscaling/horizontalpodautoscalers", GET),
            Rbac::on("policy/poddisruptionbudgets", GET),
            Rbac::on("batch/jobs", GET),
            Rbac::on("batch/cronjobs", GET),
            Rbac::in_cluster("core/nodes", GET),
            Rbac::in_cluster("storage.k8s.io/storageclasses", GET),
        ])
        .also(&rights::ONE);
    type Args = DescribeArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let name = &args.object;
        let served = kind(name, cx).await?;
        let scope = match served.scope {
            KindScope::Namespaced => name.scope(),
            KindScope::Cluster => Scope::cluster(&name.cluster),
        };
        let short = format!("{}/{}", served.kind.to_lowercase(), name.name);
        if scope.namespace.is_none() && !cx.rights.reads(cx.actor, &scope) {
            let why = say::of_the_cluster(&short, &scope.cluster);
            return Err(Failure::Refused(Refused::Ticket(why)));
        }
        let object = cx.view.served_object(&scope, &served, &name.name).await?;
        let redactor = match &scope.namespace {
            Some(namespace) => cx.view.redactor(&scope.cluster, namespace, cx.redactor).await?,
            None => cx.redactor.clone(),
        };
        let shown = redactor.object(&object);
        let title = line![code(short)];
        if args.form.is_some() {
            let report = Report::new(Tone::Info, title).at(scope.place());
            return Ok(report.code(yaml(&shown)).into());
        }
        let (events, warned) = events(&scope, &object, &redactor, cx).await;
        let (lines, wrong) = about_a_pod(&served, &object, &redactor, cx);
        let tone = if wrong || warned {
            Tone::Waiting
        } else {
            Tone::Info
        };
        let report = Report::new(tone, title)
            .at(scope.place())
            .lines(lines)
            .lines(head(&object))
            .code(yaml(&essence(&shown)));
        Ok(report
            .block(conditions(&shown))
            .block(labels(&shown))
            .block(events)
            .into())
    }
}

/// The kind that was named; a bare name is a workload's.
async fn kind(name: &ObjectName, cx: &Context<'_>) -> Result<Served, Failure> {
    if let Some(kind) = &name.kind {
        return Ok(cx.view.served(&name.cluster, kind).await?);
    }
    let Some(workload) = name.workload() else {
        let missing = BadInput::new(say::no_kind(&name.name));
        return Err(missing.hint(texts::input::objects_look_like()).into());
    };
    let workload = cx.view.resolve(&workload).await?;
    Ok(cx.view.served(&name.cluster, workload.kind.singular()).await?)
}

/// When it was made, whose it is, and whether it is going.
fn head(object: &Value) -> Vec<Text> {
    let metadata = &object["metadata"];
    let time = |field: &str| {
        metadata[field]
            .as_str()
            .and_then(|at| at.parse::<Timestamp>().ok())
    };
    let owners = metadata["ownerReferences"].as_array().into_iter().flatten();
    let owner = owners
        .filter(|owner| owner["controller"] == true)
        .find_map(|owner| {
            Some(format!(
                "{}/{}",
                owner["kind"].as_str()?.to_lowercase(),
                owner["name"].as_str()?
            ))
        });
    let made = say::made(time("creationTimestamp"), owner.as_deref());
    let leaves = time("deletionTimestamp").map(say::leaves);
    leaves
        .into_iter()
        .chain([made])
        .filter(|line| !line.is_empty())
        .collect()
}

/// What is told of a pod beside its fields, and whether something is wrong with it.
fn about_a_pod(served: &Served, object: &Value, redactor: &Redactor, cx: &Context<'_>) -> (Vec<Text>, bool) {
    let pod = (served.kind == "Pod").then(|| serde_json::from_value::<Pod>(object.clone()).ok());
    let Some(pod) = pod.flatten() else {
        return (vec![], false);
    };
    let state = health::state(&pod);
    let (ready, all) = state.containers;
    let finding = diagnosis::of_pod(&pod, super::quote::look(cx, Some(redactor)));
    let wrong = finding.is_some();
    let why = finding.map(|finding| finding.text());
    let numbers = status::pod_numbers(&state.status, ready, all, state.restarts);
    (why.into_iter().chain([numbers]).collect(), wrong)
}

/// What somebody chose and what became of it: without what is told beside it.
fn essence(shown: &Value) -> Value {
    let mut essence = shown.clone();
    if let Some(fields) = essence.as_object_mut() {
        for told in ["metadata", "apiVersion", "kind"] {
            fields.remove(told);
        }
    }
    if let Some(status) = essence.get_mut("status").and_then(Value::as_object_mut) {
        status.remove("conditions");
    }
    essence
}

fn yaml(value: &Value) -> Code {
    // A value of JSON can always be written; were it not, its JSON says the same.
    let text = serde_saphyr::to_string(value).unwrap_or_else(|_| format!("{value:#}"));
    Code {
        language: "yaml".to_owned(),
        text,
    }
}

fn field(name: Text, lines: Vec<Text>) -> Block {
    Field::of(name, lines).into()
}

fn labels(shown: &Value) -> Block {
    let mut text = String::new();
    for (key, value) in shown["metadata"]["labels"].as_object().into_iter().flatten() {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}{key}={}", value.as_str().unwrap_or_default());
    }
    let line = if text.is_empty() {
        texts::common::names(&[])
    } else {
        text.into()
    };
    field(say::labels(), vec![line])
}

/// Those that are not as they shall be stand out by their words; the object's own order is kept.
fn conditions(shown: &Value) -> Block {
    let all = shown["status"]["conditions"].as_array().into_iter().flatten();
    let text = |condition: &Value, name: &str| condition[name].as_str().unwrap_or_default().to_owned();
    let mut lines: Vec<Text> = all
        .take(CONDITIONS)
        .map(|c| {
            say::condition(
                &text(c, "type"),
                &text(c, "status"),
                &text(c, "reason"),
                &text(c, "message"),
            )
        })
        .collect();
    if lines.is_empty() {
        lines.push(texts::common::names(&[]));
    }
    field(say::conditions(), lines)
}

/// The newest Events about it, and whether one is a warning.
async fn events(scope: &Scope, object: &Value, redactor: &Redactor, cx: &Context<'_>) -> (Block, bool) {
    let metadata = &object["metadata"];
    let uid = metadata["uid"].as_str().unwrap_or_default();
    // Events about what belongs to the cluster stand in a namespace that the bot need not see.
    let Some(_) = &scope.namespace else {
        return (field(say::events(), vec![say::events_elsewhere()]), false);
    };
    let select = Select::fields(format!(
        "involvedObject.name={}",
        metadata["name"].as_str().unwrap_or_default()
    ))
    .at_most(MOST);
    let mut events: Vec<Event> = match cx.view.list_in(scope, &select).await {
        Ok(events) => events,
        Err(error) => {
            let why = say::events_not_known(&error.in_a_line());
            return (field(say::events(), vec![why]), false);
        }
    };
    events.retain(|event| *event.involved_object.uid == *uid);
    events.sort_by_key(|event| (event.type_ != "Warning", Reverse(event_time(event))));
    let warned = events.first().is_some_and(|event| event.type_ == "Warning");
    let told = |event: &Event| {
        let message = redactor.quote_in_a_line(&event.message);
        get::events::told(
            &event.reason,
            i64::from(event.times()),
            event_time(event),
            &message,
        )
    };
    let mut lines: Vec<Text> = events.iter().take(EVENTS).map(told).collect();
    if lines.is_empty() {
        lines.push(say::no_events());
    }
    (field(say::events(), lines), warned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_is_what_is_told_nowhere_else() {
        let object = json!({ "apiVersion": "v1", "kind": "Thing", "metadata": { "name": "x" }, "spec": { "a": 1 },
            "status": { "phase": "Ready", "conditions": [ { "type": "Ready", "status": "True" } ] } });
        assert_eq!(
            essence(&object),
            json!({ "spec": { "a": 1 }, "status": { "phase": "Ready" } })
        );
        let text = yaml(&essence(&object)).text;
        assert!(
            text.contains("spec:") && text.contains("a: 1") && text.contains("phase: Ready"),
            "{text}"
        );
    }

    #[test]
    fn whose_it_is_and_that_it_goes_is_told() {
        let at = "2026-11-22T20:00:00Z";
        let object = json!({ "metadata": { "creationTimestamp": at, "deletionTimestamp": at, "ownerReferences": [
            { "kind": "ReplicaSet", "name": "api-5d8f", "controller": true } ] } });
        let told: Vec<String> = head(&object).iter().map(Text::plain).collect();
        assert_eq!(told.len(), 2);
        assert!(told[0].starts_with("is being deleted"), "{told:?}");
        assert!(told[1].ends_with("belongs to replicaset/api-5d8f"), "{told:?}");
        assert!(head(&json!({})).is_empty());
    }
}
