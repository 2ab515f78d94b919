//! `/ceo tune hpa`: between which counts an autoscaler may move a workload, and which use of CPU it aims at.

use json_patch::PatchOperation;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{
    autoscaled,
    contract::{Args, Change, Context, Draft, Finished, Risk, Spec},
    diff, options,
    rights::{self, GET, LIST, PATCH, Rbac},
    scale,
};
use crate::{
    cluster::{Patch, patch, precondition_of_value, target as target_in_words},
    failure::Failure,
    health::hpa::HpaState,
    input::{BadInput, Input, Opt},
    model::{Report, Scope, Text, Timestamp, Tone, Workload, WorkloadName},
    policy::Verb,
    texts::{self, tune as say, workflow::step},
    ticket::{Outcome, Precondition},
    workflow::{Run, Written},
};

/// Autoscalers, as paths and rights write them.
const SCALERS: &str = "autoscaling/horizontalpodautoscalers";
const MIN: Opt<Option<i32>> = Opt::integer("min", 0..=i32::MAX).about(say::min).optional();
const MAX: Opt<Option<i32>> = Opt::integer("max", 1..=i32::MAX).about(say::max).optional();
const CPU: Opt<Option<i32>> = Opt::integer("cpu", 1..=1000).about(say::cpu).optional();

/// The command.
pub struct TuneHpa;

/// Its words.
pub struct TuneHpaArgs {
    workload: WorkloadName,
    min: Option<i32>,
    max: Option<i32>,
    cpu: Option<i32>,
}

impl Args for TuneHpaArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let args = Self {
            workload: input.take(&options::SCALABLE)?,
            min: input.take(&MIN)?,
            max: input.take(&MAX)?,
            cpu: input.take(&CPU)?,
        };
        if args.min.is_none() && args.max.is_none() && args.cpu.is_none() {
            return Err(BadInput::new(say::nothing_given())
                .hint(say::give_one(&[MIN.name(), MAX.name(), CPU.name()].join(", "))));
        }
        Ok(args)
    }

    fn verb(&self) -> Verb {
        Verb::Release
    }

    fn scope(&self) -> Scope {
        self.workload.scope()
    }
}

/// What an autoscaler is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Bounds {
    min: i32,
    max: i32,
    /// The use of CPU that it aims at, in percent of the request, and where among its metrics that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cpu: Option<(usize, i32)>,
}

impl Bounds {
    /// As the object says.
    fn of(object: &Value) -> Self {
        let spec = &object["spec"];
        let number = |value: &Value| value.as_i64().and_then(|n| i32::try_from(n).ok());
        let metrics = spec["metrics"].as_array().into_iter().flatten().enumerate();
        let cpu = metrics
            .filter(|(_, metric)| metric["type"] == "Resource" && metric["resource"]["name"] == "cpu")
            .find_map(|(at, metric)| {
                let aims = number(&metric["resource"]["target"]["averageUtilization"])?;
                Some((at, aims))
            });
        Self {
            min: number(&spec["minReplicas"]).unwrap_or(1),
            max: number(&spec["maxReplicas"]).unwrap_or_default(),
            cpu,
        }
    }

    /// What leads from others to these.
    fn operations(&self, from: &Self) -> Vec<PatchOperation> {
        let mut ops = Vec::new();
        if self.min != from.min {
            ops.push(patch::add("/spec/minReplicas", self.min));
        }
        if self.max != from.max {
            ops.push(patch::add("/spec/maxReplicas", self.max));
        }
        if let (Some((at, cpu)), true) = (self.cpu, self.cpu != from.cpu) {
            let path = format!("/spec/metrics/{at}/resource/target/averageUtilization");
            ops.push(patch::replace(&path, cpu));
        }
        ops
    }

    fn in_words(&self) -> Text {
        let bounds = texts::scale::bounds(self.min, self.max);
        say::bounds_now(&bounds, self.cpu.map(|(_, cpu)| cpu.into()))
    }
}

/// What will be done.
#[derive(Debug, Serialize, Deserialize)]
pub struct TuneHpaPlan {
    workload: Workload,
    name: String,
    from: Bounds,
    to: Bounds,
    precondition: Precondition,
}

impl Change for TuneHpa {
    const SPEC: Spec = Spec::new("tune hpa", Verb::Release)
        .stands_for(&["kubectl autoscale", "kubectl edit hpa", "kubectl patch hpa"])
        .about(say::hpa)
        .because(say::example_reason_of_bounds)
        .private()
        .options(&[&options::SCALABLE, &MIN, &MAX, &CPU, &options::REASON])
        .rbac(&[Rbac::on(SCALERS, GET | LIST | PATCH), rights::EVENTS]);
    const EVENT: &'static str = "CeoAutoscalerChanged";
    const STEPS: &'static [&'static str] = &[step::SET_BOUNDS];
    type Args = TuneHpaArgs;
    type Plan = TuneHpaPlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let workload = cx.view.resolve(&args.workload).await?;
        let short = workload.short();
        let Some(scaler) = autoscaled::by(&workload, cx.view).await? else {
            return Err(BadInput::new(say::no_hpa(&short))
                .hint(say::scale_by_hand(&short))
                .into());
        };
        let (cluster, namespace) = (&workload.cluster, &workload.namespace);
        let object = cx.view.value(cluster, namespace, SCALERS, &scaler.name).await?;
        let from = Bounds::of(&object);
        let to = wanted(&args, &from, &scaler)?;
        let limit = cx.limits.replicas_in(&workload.scope());
        if i64::from(to.max) > i64::from(limit) && to.max > from.max {
            return Err(scale::over_limit(to.max, limit).into());
        }
        if to == from {
            return Err(BadInput::new(say::same_bounds(&scaler.name)).into());
        }
        let precondition = precondition_of_value(cluster, SCALERS, &object, &["/spec"]);
        cx.view
            .rehearse(&rehearsal(&precondition, to.operations(&from)))
            .await?;
        let target = target_in_words(cluster, namespace, SCALERS, &scaler.name);
        let plan = TuneHpaPlan {
            workload,
            name: scaler.name,
            from,
            to,
            precondition,
        };
        Ok(Draft {
            preview: preview(&plan, scaler.current, cx.now),
            verb: Verb::Release,
            scopes: vec![plan.workload.scope()],
            risks: (plan.to.min == 0)
                .then(|| Risk {
                    note: say::down_to_none(),
                    raises_to: None,
                })
                .into_iter()
                .collect(),
            preconditions: vec![plan.precondition.clone()],
            targets: vec![target],
            plan,
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        let (object, ops) = (&plan.precondition, &plan.to.operations(&plan.from));
        run.once(
            step::SET_BOUNDS,
            |writer| async move { Ok(Written::of(&writer.patch(object, ops).await?)) },
            |before| {
                run.look(step::SET_BOUNDS, object, before, |now| {
                    patch::is_done_in(ops, now)
                })
            },
        )
        .await?;
        let report = Report::new(
            Tone::Good,
            say::bounds_changed(&plan.name, &plan.workload.short()),
        )
        .at(plan.workload.scope().place())
        .line(plan.to.in_words())
        .action(super::super::buttons::status(&plan.workload));
        Ok(Finished {
            outcome: Outcome::Succeeded,
            report,
        })
    }
}

/// The operations on the object that was read, and no other of its name.
fn rehearsal(object: &Precondition, mut ops: Vec<PatchOperation>) -> Patch {
    ops.insert(0, patch::test("/metadata/uid", object.uid.as_str()));
    Patch {
        cluster: object.cluster.clone(),
        namespace: object.namespace.clone(),
        resource: object.resource.clone(),
        name: object.name.clone(),
        ops,
    }
}

/// The bounds that are asked for.
fn wanted(args: &TuneHpaArgs, from: &Bounds, scaler: &HpaState) -> Result<Bounds, BadInput> {
    let to = Bounds {
        min: args.min.unwrap_or(from.min),
        max: args.max.unwrap_or(from.max),
        cpu: match (args.cpu, from.cpu) {
            (Some(cpu), Some((at, _))) => Some((at, cpu)),
            (Some(_), None) => {
                let metrics = Text::joined(scaler.metrics.iter().cloned(), &Text::from(", "));
                return Err(BadInput::new(say::no_cpu_metric(&scaler.name)).hint(say::scales_by(&metrics)));
            }
            (None, now) => now,
        },
    };
    if to.min > to.max {
        return Err(BadInput::new(say::min_above_max(to.min, to.max)));
    }
    Ok(to)
}

/// The card. `pods`: how many there are now.
fn preview(plan: &TuneHpaPlan, pods: i32, now: Timestamp) -> Report {
    let (from, to) = (&plan.from, &plan.to);
    let mut report = Report {
        title: say::bounds_question(&plan.name, &plan.workload.short()),
        ..Report::default()
    }
    .at(plan.workload.scope().place());
    if from.min != to.min {
        report.add(diff::single("minReplicas", &from.min, &to.min));
    }
    if from.max != to.max {
        report.add(diff::single("maxReplicas", &from.max, &to.max));
    }
    if let (Some((_, before)), Some((_, after))) = (from.cpu, to.cpu)
        && before != after
    {
        report.add(diff::single("averageUtilization", &before, &after));
    }
    let effect = if pods > 0 && pods < to.min {
        say::grows(pods, to.min)
    } else if pods > to.max {
        say::shrinks(pods, to.max)
    } else {
        say::stays(pods)
    };
    report.field(texts::impact::effect(), texts::impact::as_of(&effect, now))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object() -> Value {
        json!({ "spec": { "minReplicas": 2, "maxReplicas": 10, "metrics": [
            { "type": "Resource", "resource": { "name": "memory", "target": { "averageUtilization": 80 } } },
            { "type": "Resource", "resource": { "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 70 } } },
        ] } })
    }

    #[test]
    fn only_what_differs_is_written() {
        let from = Bounds::of(&object());
        assert_eq!(
            from,
            Bounds {
                min: 2,
                max: 10,
                cpu: Some((1, 70))
            }
        );
        let to = Bounds {
            max: 12,
            cpu: Some((1, 60)),
            ..from.clone()
        };
        assert_eq!(
            serde_json::to_value(to.operations(&from)).unwrap(),
            json!([{ "op": "add", "path": "/spec/maxReplicas", "value": 12 },
                { "op": "replace", "path": "/spec/metrics/1/resource/target/averageUtilization", "value": 60 }])
        );
        assert!(from.operations(&from).is_empty());
        assert_eq!(
            Bounds::of(&json!({ "spec": { "maxReplicas": 3 } })).min,
            1,
            "its default"
        );
        assert!(to.in_words().plain().contains("CPU at 60 %"));
    }

    /// Plans are append-only: one of each release.
    #[test]
    fn plans_of_earlier_releases_are_read() {
        let first = r#"{"workload":{"cluster":"prod","namespace":"shop","kind":"deployment","name":"api"},"name":"api",
            "from":{"min":1,"max":3,"cpu":[0,70]},"to":{"min":2,"max":3,"cpu":[0,70]},"precondition":{
            "resource":"autoscaling/horizontalpodautoscalers","cluster":"prod","namespace":"shop","name":"api","uid":"u1",
            "fields":[["/spec","ab"]]}}"#;
        let plan: TuneHpaPlan = serde_json::from_str(first).unwrap();
        assert_eq!(plan.to.operations(&plan.from).len(), 1);
        assert_eq!(TuneHpa::STEPS, ["set the bounds"]);
    }
}
