//! `/ceo get top`: what pods use now, beside what they ask for and may have.

use std::{collections::HashMap, sync::Arc};

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        listing::{List, Row},
        options,
        rights::{self, LIST, Rbac},
    },
    family::{Family, Whose, known},
};
use crate::{
    cluster::{ClusterError, Folded, Select},
    failure::Failure,
    health::quantity::{self, amount, percent},
    input::{BadInput, Choice, Input, Opt},
    model::{Report, Scope, Text, Tone},
    objects::{Container, Pod, PodMetrics},
    policy::Verb,
    texts::{
        diagnosis::semicolon,
        get::{self, top as say},
    },
};

/// From so many percent of a limit on a pod is told.
const NEAR: u32 = 90;
/// The most pods whose metrics are read: the API gives them in one answer.
const MOST: u32 = 20_000;

/// The command.
pub struct GetTop;

#[derive(Clone, Copy)]
enum Sort {
    Memory,
    Cpu,
    Name,
}

impl Choice for Sort {
    const ALL: &'static [(&'static str, Self)] =
        &[("memory", Self::Memory), ("cpu", Self::Cpu), ("name", Self::Name)];
}

const SORT: Opt<Option<Sort>> = Opt::choice("sort").about(say::sort).optional();

/// Its words.
pub struct GetTopArgs {
    whose: Whose,
    sort: Sort,
}

impl Args for GetTopArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            whose: Whose::parse(input)?,
            sort: input.take(&SORT)?.unwrap_or(Sort::Memory),
        })
    }

    fn scope(&self) -> Scope {
        self.whose.scope()
    }
}

/// What a pod uses.
#[derive(Clone, Copy, Default)]
struct Usage {
    cpu: f64,
    memory: f64,
}

/// A pod with what it uses.
struct Measured {
    pod: Arc<Pod>,
    usage: Usage,
}

impl Query for GetTop {
    const SPEC: Spec = Spec::new("get top", Verb::Read)
        .stands_for(&["kubectl top pods", "kubectl top pod"])
        .about(say::summary)
        .options(&[&options::FOR, &SORT])
        .rbac(&[Rbac::on("metrics.k8s.io/pods", LIST), Rbac::on("core/pods", LIST)])
        .also(&rights::ONE);
    type Args = GetTopArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let GetTopArgs { whose, sort } = args;
        let scope = whose.scope();
        let family = Family::of(&whose, cx).await?;
        let pods = match &family {
            Some(family) => family.pods.clone(),
            None => known(&scope, cx).await?,
        };
        if let (Some(family), true) = (&family, pods.is_empty()) {
            family.must_be()?;
        }
        let usages = match usages(&scope, cx).await {
            Ok(usages) => usages,
            Err(ClusterError::NoApi { cluster, .. }) => {
                let report = Report::new(Tone::Waiting, say::no_metrics(&cluster)).at(scope.place());
                return Ok(report.line(say::install()).into());
            }
            Err(other) => return Err(other.into()),
        };
        let running = pods.iter().filter(|pod| pod.status.phase == "Running").count();
        let mut measured: Vec<Measured> = pods
            .into_iter()
            .filter_map(|pod| {
                let usage = *usages.get(&*pod.metadata.name)?;
                Some(Measured { pod, usage })
            })
            .collect();
        order(&mut measured, sort);
        let mut notes = vec![];
        if !measured.is_empty() {
            notes.push(sum(&measured));
        }
        let unmeasured = running.saturating_sub(measured.len());
        notes.extend((unmeasured > 0).then(|| say::unmeasured(unmeasured)));
        let list = List {
            what: say::NOUN,
            of: Family::called(family.as_ref()),
            heads: vec![get::name(), "CPU".into(), get::nodes::memory()],
            rows: measured.iter().map(row).collect(),
            notes,
        };
        Ok(list.answer(&scope).with_footer(&say::columns()))
    }
}

async fn usages(scope: &Scope, cx: &Context<'_>) -> Result<HashMap<Box<str>, Usage>, ClusterError> {
    let select = Select::default().at_most(MOST);
    let take = |all: &mut HashMap<Box<str>, Usage>, of: PodMetrics| {
        let sum = |name: &str| of.containers.iter().filter_map(|c| amount(&c.usage, name)).sum();
        let usage = Usage {
            cpu: sum("cpu"),
            memory: sum("memory"),
        };
        all.insert(of.metadata.name, usage);
    };
    let found: Folded<HashMap<Box<str>, Usage>> = cx.view.fold(scope, &select, take).await?;
    Ok(found.value)
}

fn order(measured: &mut [Measured], sort: Sort) {
    let value = |m: &Measured| match sort {
        Sort::Memory => m.usage.memory,
        Sort::Cpu => m.usage.cpu,
        Sort::Name => 0.0,
    };
    measured.sort_by(|a, b| {
        let name = || a.pod.metadata.name.cmp(&b.pod.metadata.name);
        value(b).total_cmp(&value(a)).then_with(name)
    });
}

fn sum(measured: &[Measured]) -> Text {
    let total = measured.iter().fold(Usage::default(), |sum, m| Usage {
        cpu: sum.cpu + m.usage.cpu,
        memory: sum.memory + m.usage.memory,
    });
    say::sum(&quantity::cores(total.cpu), &quantity::bytes(total.memory))
}

/// The limit of a pod; none where one of its containers has none.
fn limit(pod: &Pod, resource: &str) -> Option<f64> {
    let of = |container: &Container| amount(&container.resources.limits, resource);
    let sidecars = pod
        .spec
        .init_containers
        .iter()
        .filter(|c| c.restart_policy == "Always");
    pod.spec.containers.iter().chain(sidecars).map(of).sum()
}

fn row(measured: &Measured) -> Row {
    let Measured { pod, usage } = measured;
    let cell = |resource: &str, used: f64| {
        let write = |value: f64| quantity::written(resource, value);
        let asked = Some(quantity::asked(pod, resource)).filter(|asked| *asked > 0.0);
        let or_none = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), write);
        let limit = or_none(limit(pod, resource));
        Text::from(format!("{}/{}/{limit}", write(used), or_none(asked)))
    };
    let near = |resource: &str, used: f64, told: fn(u32) -> Text| {
        let share = percent(used, limit(pod, resource)?)?;
        (share >= NEAR).then(|| told(share))
    };
    let wrong: Vec<Text> = [
        near("memory", usage.memory, say::memory_near_limit),
        near("cpu", usage.cpu, say::cpu_near_limit),
    ]
    .into_iter()
    .flatten()
    .collect();
    let trouble = (!wrong.is_empty()).then(|| Text::joined(wrong, &semicolon()));
    let cells = vec![cell("cpu", usage.cpu), cell("memory", usage.memory)];
    Row::new(&*pod.metadata.name, cells).because(trouble)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(containers: &Value, cpu: f64, memory: f64) -> (String, Option<String>) {
        let pod: Pod = serde_json::from_value(
            json!({ "metadata": { "name": "p" }, "spec": { "containers": containers } }),
        )
        .unwrap();
        let row = row(&Measured {
            pod: Arc::new(pod),
            usage: Usage { cpu, memory },
        });
        let cells: Vec<String> = row.cells.iter().map(Text::plain).collect();
        (cells.join(" "), row.trouble.map(|t| t.plain()))
    }

    #[test]
    fn use_stands_beside_request_and_limit() {
        let mib = 1_048_576.0;
        let one = json!([ { "name": "a", "resources": { "requests": { "cpu": "100m", "memory": "64Mi" },
            "limits": { "memory": "128Mi" } } } ]);
        assert_eq!(
            told(&one, 0.05, 100.0 * mib),
            ("50m/100m/- 100Mi/64Mi/128Mi".to_owned(), None)
        );
        let (_, trouble) = told(&one, 0.05, 120.0 * mib);
        assert_eq!(
            trouble.as_deref(),
            Some("uses 93 % of its memory limit; at 100 % it is killed")
        );
        let two =
            json!([ { "name": "a", "resources": { "limits": { "memory": "128Mi" } } }, { "name": "b" } ]);
        assert_eq!(
            told(&two, 0.5, 200.0 * mib),
            ("500m/-/- 200Mi/-/-".to_owned(), None),
            "one container without a limit leaves the pod without one"
        );
    }
}
