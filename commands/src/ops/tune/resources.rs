//! `/ceo tune resources`: what a container asks for and what it may use, as `kubectl set resources` sets it.

use std::time::Duration;

use json_patch::PatchOperation;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::{
    contract::{Args, Change, Context, Draft, Finished, Risk, Spec},
    diff, impact, options, quote,
    rights::{self, GET, LIST, PATCH, Rbac},
    rollback, room,
    template_change::{Goal, PAUSED, Steps, TEMPLATE, TemplateChange, Words, must_go_on},
    which_container::{Chosen, chosen},
};
use crate::{
    cluster::{Patch, WorkloadObject, patch, precondition_of},
    failure::Failure,
    health::quantity::{quantity, written},
    input::{BadInput, Input, Opt},
    model::{Action, Report, Scope, Side, Text, Workload, WorkloadName},
    objects::Container,
    policy::Verb,
    ports::metrics::{About, Named, Range, filled},
    texts::{self, tune as say, workflow::step},
    ticket::{Directive, Precondition},
    workflow::Run,
};

const CONTAINER: Opt<Option<String>> = Opt::container("container", "workload")
    .about(texts::image::container)
    .optional();
const CPU_REQUEST: Opt<Option<String>> = Opt::text("cpu_request").about(say::cpu_request).optional();
const CPU_LIMIT: Opt<Option<String>> = Opt::text("cpu_limit").about(say::cpu_limit).optional();
const MEMORY_REQUEST: Opt<Option<String>> = Opt::text("memory_request").about(say::memory_request).optional();
const MEMORY_LIMIT: Opt<Option<String>> = Opt::text("memory_limit").about(say::memory_limit).optional();

/// Takes a field away.
const NONE: &str = "none";
/// Over what time the use is looked at.
const USED_OVER: &str = "7d";

/// The command.
pub struct TuneResources;

/// A field of a container's resources, and what it shall say; `None` takes it away.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    /// `requests` or `limits`.
    part: &'static str,
    /// `cpu` or `memory`.
    resource: &'static str,
    amount: Option<String>,
}

/// Its words.
pub struct TuneResourcesArgs {
    workload: WorkloadName,
    container: Option<String>,
    wanted: Vec<Wanted>,
}

impl Args for TuneResourcesArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let workload = input.take(&options::WORKLOAD)?;
        let container = input.take(&CONTAINER)?;
        let fields = [
            (&CPU_REQUEST, "requests", "cpu"),
            (&CPU_LIMIT, "limits", "cpu"),
            (&MEMORY_REQUEST, "requests", "memory"),
            (&MEMORY_LIMIT, "limits", "memory"),
        ];
        let mut wanted = Vec::new();
        for (option, part, resource) in fields {
            if let Some(given) = input.take(option)? {
                let amount = amount(option.name(), resource, &given)?;
                wanted.push(Wanted {
                    part,
                    resource,
                    amount,
                });
            }
        }
        if wanted.is_empty() {
            let names: Vec<&str> = fields.iter().map(|(option, ..)| option.name()).collect();
            return Err(BadInput::new(say::nothing_given()).hint(say::give_one(&names.join(", "))));
        }
        Ok(Self {
            workload,
            container,
            wanted,
        })
    }

    fn verb(&self) -> Verb {
        Verb::Release
    }

    fn scope(&self) -> Scope {
        self.workload.scope()
    }
}

/// A quantity as it makes sense for a resource: memory in thousandths of a byte, or cores in mebibytes, is a slip.
fn amount(option: &str, resource: &str, given: &str) -> Result<Option<String>, BadInput> {
    if given.eq_ignore_ascii_case(NONE) {
        return Ok(None);
    }
    let least = if resource == "cpu" { 0.001 } else { 1.0 };
    let most = if resource == "cpu" { 100_000.0 } else { 1e18 };
    let fits = quantity(given).is_some_and(|n| (least..=most).contains(&n));
    let of_bytes = given.ends_with('i');
    if fits && !(resource == "cpu" && of_bytes) && !(resource == "memory" && given.ends_with('m')) {
        return Ok(Some(given.to_owned()));
    }
    let how = match resource {
        "cpu" => say::write_cores(),
        _ => say::write_bytes(),
    };
    Err(BadInput::new(say::no_quantity(option, given)).hint(how))
}

/// What will be done.
#[derive(Debug, Serialize, Deserialize)]
pub struct TuneResourcesPlan {
    workload: Workload,
    container: String,
    /// Its place among the containers of the template, which the precondition holds.
    place: usize,
    /// All of its resources, as the API server writes them.
    resources: Value,
    precondition: Precondition,
    /// The button to what ran before, for when this does not work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Action>,
}

impl TuneResourcesPlan {
    fn operations(&self) -> Vec<PatchOperation> {
        vec![patch::add(&path(self.place), self.resources.clone())]
    }
}

/// Where the resources of a container stand.
fn path(place: usize) -> String {
    format!("{TEMPLATE}/spec/containers/{place}/resources")
}

impl Change for TuneResources {
    const SPEC: Spec = Spec::new("tune resources", Verb::Release)
        .stands_for(&["kubectl set resources"])
        .about(say::resources)
        .because(say::example_reason)
        .private()
        .options(&[
            &options::WORKLOAD,
            &MEMORY_LIMIT,
            &MEMORY_REQUEST,
            &CPU_LIMIT,
            &CPU_REQUEST,
            &CONTAINER,
            &options::REASON,
        ])
        .rbac(&[
            Rbac::on("apps/deployments", GET | PATCH),
            Rbac::on("apps/statefulsets", GET | PATCH),
            Rbac::on("apps/daemonsets", GET | PATCH),
            Rbac::on("apps/replicasets", LIST),
            Rbac::on("apps/controllerrevisions", LIST),
            rights::EVENTS,
        ])
        .controlled_by(&[Directive::Hold, Directive::RollBack]);
    const EVENT: &'static str = "CeoResourcesChanged";
    const STEPS: &'static [&'static str] = &[step::SET_RESOURCES, step::FOLLOW];
    type Args = TuneResourcesArgs;
    type Plan = TuneResourcesPlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let workload = cx.view.resolve(&args.workload).await?;
        let object = cx.view.workload(&workload).await?;
        let name = workload.short();
        must_go_on(&object, say::paused)?;
        let chosen = chosen(&object, args.container.as_deref())?;
        let now = &chosen.value["resources"];
        let sent = with(now, &args.wanted);
        within_limits(&sent)?;
        let rehearsed = cx
            .view
            .rehearse(&Patch::on(
                &object,
                vec![patch::add(&path(chosen.place), sent.clone())],
            ))
            .await?;
        // As the API server writes it: `1024Mi` is `1Gi` there.
        let resources = rehearsed.pointer(&path(chosen.place)).cloned().unwrap_or(sent);
        if means_the_same(now, &resources) {
            let same = BadInput::new(say::same(&name, &chosen.container));
            return Err(same.hint(texts::scale::nothing_changed_see(&name)).into());
        }
        let held = &[TEMPLATE, PAUSED, impact::pace_field(workload.kind)];
        let plan = TuneResourcesPlan {
            before: rollback::to_what_runs(&workload, &object, &cx.view.revisions(&object).await?),
            precondition: precondition_of(&object, held),
            place: chosen.place,
            resources,
            container: chosen.container.clone(),
            workload,
        };
        let mut preview = Report {
            title: say::question(&name, &plan.container),
            ..Report::default()
        }
        .at(plan.workload.scope().place())
        .field(texts::impact::effect(), impact::replacement(&object, 0, cx.now));
        if let Some(used) = used(&plan.workload, &chosen, cx).await {
            preview = preview.field(say::used(), used);
        }
        let after = rehearsed.pointer(TEMPLATE).unwrap_or(&Value::Null);
        let quotes = quote::redactor(&plan.workload.scope(), true, cx).await;
        if let Some(diff) = diff::templates(&plan.workload.name, &object.template(), after, quotes.as_deref())
        {
            diff.add_to(&mut preview);
        }
        let mut risks = impact::risks(&object);
        risks.extend(too_large(&object, after, cx));
        Ok(Draft {
            preview,
            verb: Verb::Release,
            scopes: vec![plan.workload.scope()],
            risks,
            preconditions: vec![plan.precondition.clone()],
            targets: vec![plan.workload.to_string()],
            plan,
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        let name = plan.workload.short();
        let words = Words {
            doing: say::changing(&name),
            noun: say::noun(),
            done: Box::new(|_| say::changed(&name)),
            way_back: plan.before.clone(),
        };
        let steps = Steps {
            write: step::SET_RESOURCES,
            follow: step::FOLLOW,
        };
        let goal = Goal::Fields(plan.operations());
        TemplateChange::new(run, &plan.workload, &plan.precondition, goal, steps)
            .run(&words)
            .await
    }
}

/// Resources with what is wanted; a part that says nothing more is left out.
fn with(now: &Value, wanted: &[Wanted]) -> Value {
    let mut all = now.as_object().cloned().unwrap_or_default();
    for one in wanted {
        let part = all.entry(one.part).or_insert_with(|| json!({}));
        if !part.is_object() {
            *part = json!({});
        }
        if let Some(part) = part.as_object_mut() {
            match &one.amount {
                Some(amount) => drop(part.insert(one.resource.to_owned(), json!(amount))),
                None => drop(part.remove(one.resource)),
            }
        }
    }
    all.retain(|_, part| part.as_object().is_none_or(|part| !part.is_empty()));
    Value::Object(all)
}

/// No request above its limit: the API server would refuse it in more words.
fn within_limits(resources: &Value) -> Result<(), BadInput> {
    for resource in ["cpu", "memory"] {
        let of = |part: &str| resources[part][resource].as_str();
        if let (Some(request), Some(limit)) = (of("requests"), of("limits"))
            && quantity(request) > quantity(limit)
        {
            return Err(BadInput::new(say::over_its_limit(resource, request, limit)).hint(say::change_both()));
        }
    }
    Ok(())
}

/// Whether two say the same, however they write it.
fn means_the_same(one: &Value, other: &Value) -> bool {
    let amounts = |resources: &Value| -> Map<String, Value> {
        let parts = resources.as_object().into_iter().flatten();
        let parts = parts.filter_map(|(part, all)| Some((part, all.as_object()?)));
        parts
            .flat_map(|(part, all)| {
                all.iter().map(move |(resource, amount)| {
                    let amount = amount
                        .as_str()
                        .and_then(quantity)
                        .map_or(amount.clone(), |n| json!(n));
                    (format!("{part}/{resource}"), amount)
                })
            })
            .collect()
    };
    amounts(one) == amounts(other)
}

/// Fewer pods of the new size than there shall be fit on the nodes.
fn too_large(object: &WorkloadObject, template: &Value, cx: &Context<'_>) -> Option<Risk> {
    let containers = template.pointer("/spec/containers")?.clone();
    let containers: Vec<Container> = serde_json::from_value(containers).ok()?;
    let fit = room::for_all(object, &containers, cx.view)?;
    let desired = object.desired();
    (fit < desired).then(|| Risk {
        note: say::fewer_fit(fit, desired),
        raises_to: None,
    })
}

/// What the container used in the last week, where a Prometheus knows of this cluster.
async fn used(workload: &Workload, chosen: &Chosen, cx: &Context<'_>) -> Option<Text> {
    if !cx.metrics.is_there() || cx.metrics.home() != workload.cluster {
        return None;
    }
    let scope = workload.scope();
    let named = Named {
        name: workload.name.clone(),
        kind: Some(workload.kind),
    };
    let about = About {
        scope: &scope,
        workload: Some(&named),
        window: Duration::from_secs(300),
    };
    // A container's name is a DNS label: it ends no quotes.
    let of = format!(
        r#"{{namespace="$namespace",pod=~"$pods",container="{}"}}"#,
        chosen.container
    );
    let cpu = format!(
        "quantile_over_time(0.95, rate(container_cpu_usage_seconds_total{of}[$window])[{USED_OVER}:5m])"
    );
    let memory = format!("quantile_over_time(0.95, container_memory_working_set_bytes{of}[{USED_OVER}])");
    let ask = async |query: &str, resource: &str| {
        let range = Range {
            query: filled(query, &about),
            from: cx.now,
            to: cx.now,
            step: Duration::from_secs(60),
            most: 1,
            well: Side::Below,
        };
        let found = cx.metrics.range(range).await.ok().and_then(|found| found.now);
        found.map(|n| Text::from(written(resource, n)))
    };
    Some(match (ask(&cpu, "cpu").await, ask(&memory, "memory").await) {
        (None, None) => say::not_known(),
        (cpu, memory) => {
            let known = |of: Option<Text>| of.unwrap_or_else(say::not_known);
            say::used_so(&known(cpu), &known(memory))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(part: &'static str, resource: &'static str, amount: Option<&str>) -> Wanted {
        Wanted {
            part,
            resource,
            amount: amount.map(str::to_owned),
        }
    }

    #[test]
    fn what_is_a_quantity_and_what_is_a_slip() {
        for (resource, given) in [
            ("cpu", "250m"),
            ("cpu", "1"),
            ("cpu", "1.5"),
            ("memory", "512Mi"),
            ("memory", "1e9"),
            ("memory", "100M"),
        ] {
            assert_eq!(
                amount("x", resource, given).ok(),
                Some(Some(given.to_owned())),
                "{given}"
            );
        }
        for (resource, given) in [
            ("cpu", "512Mi"),
            ("cpu", "0"),
            ("cpu", "-1"),
            ("cpu", "lots"),
            ("cpu", ""),
            ("memory", "400m"),
            ("memory", "0"),
            ("memory", "1 Gi"),
            ("memory", "NaN"),
            ("memory", "inf"),
        ] {
            assert!(amount("x", resource, given).is_err(), "{resource} {given:?}");
        }
        assert_eq!(amount("x", "cpu", "None").ok(), Some(None));
    }

    #[test]
    fn what_is_not_named_stays_and_none_takes_away() {
        let now = json!({ "limits": { "memory": "64Mi", "cpu": "1" }, "requests": { "memory": "32Mi" },
            "claims": [{ "name": "gpu" }] });
        let more = with(&now, &[wanted("limits", "memory", Some("128Mi"))]);
        assert_eq!(
            more,
            json!({ "limits": { "memory": "128Mi", "cpu": "1" }, "requests": { "memory": "32Mi" },
                "claims": [{ "name": "gpu" }] })
        );
        let less = with(&now, &[wanted("requests", "memory", None)]);
        assert_eq!(
            less,
            json!({ "limits": { "memory": "64Mi", "cpu": "1" }, "claims": [{ "name": "gpu" }] })
        );
        assert_eq!(
            with(&Value::Null, &[wanted("requests", "cpu", Some("1"))]),
            json!({ "requests": { "cpu": "1" } })
        );
        assert!(within_limits(&more).is_ok());
        let over = with(&now, &[wanted("requests", "memory", Some("65Mi"))]);
        let told = within_limits(&over).unwrap_err().what.plain();
        assert!(told.contains("65Mi") && told.contains("64Mi"), "{told}");
    }

    #[test]
    fn other_words_for_the_same_amount_change_nothing() {
        let one = json!({ "limits": { "memory": "1Gi", "cpu": "1" } });
        assert!(means_the_same(
            &one,
            &json!({ "limits": { "cpu": "1000m", "memory": "1024Mi" } })
        ));
        assert!(!means_the_same(
            &one,
            &json!({ "limits": { "cpu": "1", "memory": "1G" } })
        ));
        assert!(!means_the_same(
            &one,
            &json!({ "requests": { "memory": "1Gi", "cpu": "1" } })
        ));
        assert!(means_the_same(&Value::Null, &json!({})));
    }

    /// Plans are append-only: one of each release.
    #[test]
    fn plans_of_earlier_releases_are_read() {
        let first = r#"{"workload":{"cluster":"prod","namespace":"shop","kind":"deployment","name":"api"},"container":"api",
            "place":1,"resources":{"limits":{"memory":"128Mi"}},"precondition":{"resource":"apps/deployments",
            "cluster":"prod","namespace":"shop","name":"api","uid":"u1","fields":[["/spec/template","ab"]]}}"#;
        let plan: TuneResourcesPlan = serde_json::from_str(first).unwrap();
        assert_eq!(
            serde_json::to_value(plan.operations()).unwrap(),
            json!([{ "op": "add", "path": "/spec/template/spec/containers/1/resources",
                "value": { "limits": { "memory": "128Mi" } } }])
        );
        assert_eq!(TuneResources::STEPS, ["set the resources", "follow"]);
    }
}
