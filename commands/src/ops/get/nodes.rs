//! `/ceo get nodes`: how the nodes are, and how much of them pods ask for; or only those that an object's pods are on.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        listing::{List, Row},
        options,
        rights::{LIST, Rbac},
    },
    family::{Family, Whose, known},
};
use crate::{
    failure::{Failure, Refused},
    health::{
        node::{self, NodeTrouble},
        quantity::{self, amount, percent},
    },
    input::{BadInput, Input, ObjectName},
    model::{Scope, Text},
    objects::{Node, Pod},
    policy::Verb,
    redact::Redactor,
    texts::get::{self, nodes as say},
};

/// The command.
pub struct GetNodes;

/// Its words. Nodes belong to the cluster, so they are for who may read all of it.
pub struct GetNodesArgs(Whose);

impl Args for GetNodesArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Whose::parse(input).map(|whose| Self(whose.in_cluster()))
    }

    fn scope(&self) -> Scope {
        self.0.scope()
    }
}

/// What the pods of a node ask for.
#[derive(Default)]
struct Taken {
    cpu: f64,
    memory: f64,
    pods: f64,
}

impl Query for GetNodes {
    const SPEC: Spec = Spec::new("get nodes", Verb::Read)
        .stands_for(&["kubectl get nodes", "kubectl get node"])
        .about(say::summary)
        .options(&[&options::FOR])
        .rbac(&[Rbac::in_cluster("core/nodes", LIST)]);
    type Args = GetNodesArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let scope = args.scope();
        // Nodes are judged by the cluster; whose pods they carry is for who may read there.
        let of = args.0.of.as_ref().map(ObjectName::scope);
        if let Some(of) = of.filter(|of| !cx.rights.reads(cx.actor, of)) {
            return Err(Failure::Refused(Refused::Ticket(say::may_not(&of.to_string()))));
        }
        let family = Family::of(&args.0, cx).await?;
        let mut nodes: Vec<Arc<Node>> = known(&scope, cx).await?;
        if let Some(family) = &family {
            let on = |node: &Arc<Node>| {
                family
                    .pods
                    .iter()
                    .any(|pod| *pod.spec.node_name == *node.metadata.name)
            };
            nodes.retain(|node| family.is("node", &node.metadata.name) || on(node));
            if nodes.is_empty() {
                family.must_be()?;
            }
        }
        let namespaces: Vec<String> = cx
            .view
            .clusters()
            .into_iter()
            .filter(|cluster| cluster.name == scope.cluster)
            .flat_map(|cluster| cluster.namespaces)
            .filter(|namespace| {
                cx.rights
                    .reads(cx.actor, &Scope::namespace(&scope.cluster, namespace.as_str()))
            })
            .collect();
        let taken = taken(&scope, &namespaces, cx)?;
        let mut notes = versions(&nodes);
        notes.push(say::seen_only(&namespaces));
        let rows = nodes.iter().map(|node| row(node, &taken, cx));
        Ok(List {
            what: say::NOUN,
            of: Family::called(family.as_ref()),
            heads: vec![
                get::name(),
                get::state(),
                "CPU".into(),
                say::memory(),
                say::pods(),
            ],
            rows: rows.collect(),
            notes,
        }
        .answer(&scope))
    }
}

/// What is asked for on each node by the pods that the person may see.
fn taken(scope: &Scope, namespaces: &[String], cx: &Context<'_>) -> Result<HashMap<String, Taken>, Failure> {
    let mut taken: HashMap<String, Taken> = HashMap::new();
    for namespace in namespaces {
        for pod in cx.view.cached(&scope.cluster, namespace)?.list::<Pod>() {
            if pod.spec.node_name.is_empty() || matches!(&*pod.status.phase, "Succeeded" | "Failed") {
                continue;
            }
            let of = taken.entry(pod.spec.node_name.to_string()).or_default();
            of.cpu += quantity::asked(&pod, "cpu");
            of.memory += quantity::asked(&pod, "memory");
            of.pods += 1.0;
        }
    }
    Ok(taken)
}

/// Which versions run, each with how many nodes.
fn versions(nodes: &[Arc<Node>]) -> Vec<Text> {
    let mut found: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for info in nodes.iter().filter_map(|node| node.status.node_info.as_ref()) {
        *found
            .entry((&info.kubelet_version, &info.container_runtime_version))
            .or_default() += 1;
    }
    let line = |((kubelet, runtime), n): ((&str, &str), usize)| say::versions(kubelet, runtime, n);
    found.into_iter().map(line).collect()
}

fn row(node: &Node, taken: &HashMap<String, Taken>, cx: &Context<'_>) -> Row {
    let state = node::state(node);
    let none = Taken::default();
    let taken = taken.get(&state.name).unwrap_or(&none);
    let has = &node.status.allocatable;
    let share = |name: &str, taken: f64| {
        let percent = amount(has, name).and_then(|all| percent(taken, all));
        percent.map_or_else(|| "-".to_owned(), |percent| format!("{percent} %"))
    };
    let pods = match has.get("pods") {
        Some(all) => format!("{:.0}/{all}", taken.pods),
        None => format!("{:.0}", taken.pods),
    };
    let cells = vec![
        state.status.clone().into(),
        share("cpu", taken.cpu).into(),
        share("memory", taken.memory).into(),
        pods.into(),
    ];
    Row::new(&state.name, cells).because(trouble(node, taken, Some(cx.redactor)))
}

/// What is wrong with a node. A cordon is somebody's wish.
fn trouble(node: &Node, taken: &Taken, quotes: Option<&Redactor>) -> Option<Text> {
    let state = node::state(node);
    let mut wrong: Vec<Text> = Vec::new();
    if !state.ready {
        wrong.push(say::not_ready(&NodeTrouble::of(&state, quotes).text()));
    }
    wrong.extend(state.pressures.iter().filter_map(|of| match *of {
        "memory" => Some(say::short(say::Short::Memory)),
        "disk" => Some(say::short(say::Short::Disk)),
        "processes" => Some(say::short(say::Short::Processes)),
        "network" => Some(say::short(say::Short::Network)),
        _ => None,
    }));
    let full = |name: &str, shown: &str, taken: f64| {
        let percent = percent(taken, amount(&node.status.allocatable, name)?)?;
        (percent >= FULL).then(|| say::full(shown, percent))
    };
    wrong.extend(full("cpu", "CPU", taken.cpu));
    wrong.extend(full("memory", "memory", taken.memory));
    wrong.extend(full("pods", "pods", taken.pods));
    (!wrong.is_empty()).then(|| Text::joined(wrong, &crate::texts::diagnosis::comma()))
}

/// From so many percent on a node has hardly room.
const FULL: u32 = 95;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn node(conditions: &[(&str, &str)], cordoned: bool) -> Node {
        let conditions: Vec<_> = conditions
            .iter()
            .map(|(kind, status)| json!({ "type": kind, "status": status, "message": "container runtime is down" }))
            .collect();
        serde_json::from_value(json!({ "metadata": { "name": "n" }, "spec": { "unschedulable": cordoned },
            "status": { "conditions": conditions, "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "110" } } }))
        .unwrap()
    }

    #[test]
    fn what_is_wrong_with_a_node_is_told_and_a_cordon_is_not_wrong() {
        let taken = |cpu: f64| Taken {
            cpu,
            ..Taken::default()
        };
        let ready = ("Ready", "True");
        for (node, cpu, told) in [
            (node(&[ready], false), 1.0, None),
            (node(&[ready], true), 1.0, None),
            (
                node(&[("Ready", "False")], false),
                1.0,
                Some("not ready: the container runtime does not answer"),
            ),
            (
                node(
                    &[ready, ("MemoryPressure", "True"), ("DiskPressure", "True")],
                    false,
                ),
                1.0,
                Some("short of memory, short of disk"),
            ),
            (node(&[ready], false), 3.99, Some("99 % of its CPU is asked for")),
        ] {
            let trouble = trouble(&node, &taken(cpu), Some(&Redactor::default()));
            assert_eq!(trouble.map(|t| t.plain()).as_deref(), told);
        }
    }
}
