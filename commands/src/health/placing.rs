//! Why nodes do not take a pod, with the values: the labels that it wants, the taints that it does not bear, what is free,
//! who holds a port or keeps it away. The scheduler counts; this names.

use std::collections::BTreeMap;

use super::{
    quantity::{amount, taken, written, written_down},
    scheduling::NodesFit,
    volume::{accepts, holds},
};
use crate::{
    objects::{
        LabelSelector, Node, NodeTerm, Occupant, PersistentVolume, PodTerm, Requirement, Taint, Toleration,
    },
    texts::{
        diagnose::{Best, Held, Lack, Obstacle},
        health::Unfit,
    },
};

/// What stands around a pod that waits for a node.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// All nodes.
    pub nodes: &'a [&'a Node],
    /// The pods on them; `None` where they are not known.
    pub occupants: Option<&'a [Occupant]>,
    /// Whether these are all of them.
    pub whole: bool,
    /// The volumes of the pod, each with its claim.
    pub volumes: &'a [(String, PersistentVolume)],
}

/// What keeps a pod off the nodes, as the scheduler counts it in `fit`, each once and with its values.
#[must_use]
pub fn obstacles(pod: &Occupant, around: Around<'_>, fit: &NodesFit) -> Vec<Obstacle> {
    let NodesFit::Counted { reasons, .. } = fit else {
        return vec![];
    };
    let mut all: Vec<Obstacle> = Vec::new();
    for (_, why) in reasons {
        let found = match why {
            Unfit::Lack(resource) => vec![Obstacle::Lack(lack(pod, around, resource, reasons))],
            Unfit::Selector => labels(pod, around),
            Unfit::Taint(_) | Unfit::ControlPlane => taints(pod, around),
            Unfit::AntiAffinity => apart(pod, around),
            Unfit::Other(words) if words.starts_with("didn't satisfy existing pods anti-affinity") => {
                kept_away(pod, around)
            }
            Unfit::Other(words) if words.starts_with("didn't match pod affinity") => alone(pod, around),
            Unfit::Port => ports(pod, around),
            Unfit::Volume => volumes(around),
            Unfit::Full => full(around).into_iter().collect(),
            Unfit::Spread => spread(pod),
            _ => vec![],
        };
        for one in found {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all
}

/// The nodes that would take it if they had the room.
fn open<'a>(pod: &Occupant, around: Around<'a>) -> Vec<&'a Node> {
    let takes = |node: &&&Node| {
        let mut taints = node.spec.taints.iter();
        !node.spec.unschedulable && taints.all(|taint| bears(pod, taint)) && likes(pod, node)
    };
    let open: Vec<&Node> = around.nodes.iter().filter(takes).copied().collect();
    match open.is_empty() {
        true => around.nodes.to_vec(),
        false => open,
    }
}

/// What the pods of a node ask for, of those that are known.
fn used(around: Around<'_>, node: &str, resource: &str) -> Option<f64> {
    let on = around
        .occupants?
        .iter()
        .filter(|pod| *pod.spec.node_name == *node);
    Some(on.map(|pod| taken(pod, resource)).sum())
}

fn lack(pod: &Occupant, around: Around<'_>, resource: &str, reasons: &[(Option<u32>, Unfit)]) -> Lack {
    let others = reasons.iter().filter_map(|(_, why)| match why {
        Unfit::Lack(other) if other != resource => Some(other.as_str()),
        _ => None,
    });
    let others: Vec<&str> = others.collect();
    let of = |node: &&Node| {
        let all = amount(&node.status.allocatable, resource).filter(|all| *all > 0.0)?;
        let name = &*node.metadata.name;
        let free = used(around, name, resource).map(|used| (all - used).max(0.0));
        // Something else that it lacks there would keep it away still.
        let has = |other: &&str| {
            let all = amount(&node.status.allocatable, other).unwrap_or_default();
            used(around, name, other).is_some_and(|used| taken(pod, other) <= all - used)
        };
        let fits = around.whole && free.is_some_and(|free| free > 0.0) && others.iter().all(has);
        Some((name.to_owned(), all, free, fits))
    };
    let asks = taken(pod, resource);
    let all = around.nodes.iter();
    let largest = all.filter_map(|node| amount(&node.status.allocatable, resource));
    let beyond = largest
        .max_by(f64::total_cmp)
        .is_some_and(|largest| asks > largest);
    // More than any node has in all: then the largest of all is told, whether it would take the pod or not.
    let nodes = if beyond {
        around.nodes.to_vec()
    } else {
        open(pod, around)
    };
    let most = nodes.iter().filter_map(of).max_by(|a, b| {
        let rank = |(_, all, free, _): &(String, f64, Option<f64>, bool)| match free {
            Some(free) if !beyond => *free,
            _ => *all,
        };
        rank(a).total_cmp(&rank(b)).then_with(|| b.0.cmp(&a.0))
    });
    Lack {
        resource: resource.to_owned(),
        asks: written(resource, asks),
        beyond,
        best: most.map(|(node, all, free, fits)| Best {
            node,
            all: written(resource, all),
            free: free.map(|free| written_down(resource, free)),
            exact: around.whole,
            fits,
        }),
    }
}

/// One thing that a pod wants of the labels of its node.
struct Wish<'p> {
    words: String,
    key: Option<&'p str>,
    holds: Box<dyn Fn(&Node) -> bool + 'p>,
}

fn wishes(pod: &Occupant) -> Vec<Wish<'_>> {
    let selector = pod.spec.node_selector.iter().map(|(key, value)| Wish {
        words: format!("{key}={value}"),
        key: Some(key),
        holds: Box::new(move |node| node.metadata.labels.get(key) == Some(value)),
    });
    let terms = &pod.spec.affinity.node_affinity.required.node_selector_terms;
    let mut all: Vec<Wish<'_>> = selector.collect();
    match &**terms {
        [] => {}
        [term] if term.match_fields.is_empty() => {
            all.extend(term.match_expressions.iter().map(|rule| Wish {
                words: rule_text(rule),
                key: Some(&rule.key),
                holds: Box::new(|node| holds(rule, node.metadata.labels.get(&rule.key))),
            }));
        }
        terms => all.push(Wish {
            words: terms_text(terms),
            key: None,
            holds: Box::new(|node| terms.iter().any(|term| accepts(term, node))),
        }),
    }
    all
}

/// Whether a node is as a pod wants it.
fn likes(pod: &Occupant, node: &Node) -> bool {
    wishes(pod).iter().all(|wish| (wish.holds)(node))
}

fn labels(pod: &Occupant, around: Around<'_>) -> Vec<Obstacle> {
    let lacking = wishes(pod).into_iter().filter_map(|wish| {
        let (has, lacks): (Vec<&&Node>, Vec<&&Node>) =
            around.nodes.iter().partition(|node| (wish.holds)(node));
        if lacks.is_empty() {
            return None;
        }
        let mut others: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for node in lacks {
            let value = wish
                .key
                .and_then(|key| Some((key, node.metadata.labels.get(key)?)));
            if let Some((key, value)) = value {
                let same = others.entry(format!("{key}={value}")).or_default();
                same.push(node.metadata.name.to_string());
            }
        }
        let others = others
            .into_iter()
            .map(|(label, nodes)| format!("{label} ({})", few(&nodes)));
        Some(Obstacle::Label {
            wanted: wish.words,
            has: names(&has),
            others: others.collect(),
        })
    });
    lacking.collect()
}

/// So many names are told in a row.
const FEW: usize = 3;

/// The first of many names.
fn few(names: &[String]) -> String {
    let first = names.iter().take(FEW).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(FEW) {
        0 => first,
        more => format!("{first}, +{more}"),
    }
}

fn names(nodes: &[&&Node]) -> Vec<String> {
    nodes.iter().map(|node| node.metadata.name.to_string()).collect()
}

/// `disktype in (hdd, ssd)`
fn rule_text(rule: &Requirement) -> String {
    let values: Vec<&str> = rule.values.iter().map(|value| &**value).collect();
    let key = &*rule.key;
    match (&*rule.operator, values.as_slice()) {
        ("In", [one]) => format!("{key}={one}"),
        ("In", all) => format!("{key} in ({})", all.join(", ")),
        ("NotIn", all) => format!("{key} notin ({})", all.join(", ")),
        ("Exists", _) => key.to_owned(),
        ("DoesNotExist", _) => format!("!{key}"),
        ("Gt", [bound]) => format!("{key} > {bound}"),
        ("Lt", [bound]) => format!("{key} < {bound}"),
        (operator, all) => format!("{key} {operator} {}", all.join(", ")),
    }
}

fn term_text(term: &NodeTerm) -> String {
    let rules = term.match_expressions.iter().chain(&term.match_fields);
    rules.map(rule_text).collect::<Vec<_>>().join(", ")
}

fn terms_text(terms: &[NodeTerm]) -> String {
    terms.iter().map(term_text).collect::<Vec<_>>().join(" | ")
}

fn selector_text(selector: &LabelSelector) -> String {
    let labels = selector
        .match_labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"));
    let rules = selector.match_expressions.iter().map(rule_text);
    labels.chain(rules).collect::<Vec<_>>().join(",")
}

/// Whether a pod bears a taint, or one can not tell.
fn bears(pod: &Occupant, taint: &Taint) -> bool {
    let by = |toleration: &Toleration| {
        let effect = toleration.effect.is_empty() || toleration.effect == taint.effect;
        let any = toleration.key.is_empty() && toleration.operator == "Exists";
        let value = match &*toleration.operator {
            "" | "Equal" => toleration.value == taint.value,
            // Operators that are not known here may mean it.
            _ => true,
        };
        effect && (any || (toleration.key == taint.key && value))
    };
    taint.effect == "PreferNoSchedule" || pod.spec.tolerations.iter().any(by)
}

/// What the scheduler counts under names of its own.
const TOLD_OTHERWISE: &[&str] = &[
    "node.kubernetes.io/unschedulable",
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
];

fn taints(pod: &Occupant, around: Around<'_>) -> Vec<Obstacle> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for node in around.nodes {
        for taint in &node.spec.taints {
            if bears(pod, taint) || TOLD_OTHERWISE.contains(&&*taint.key) {
                continue;
            }
            let value = match &*taint.value {
                "" => String::new(),
                value => format!("={value}"),
            };
            let words = format!("{}{value}:{}", taint.key, taint.effect);
            all.entry(words).or_default().push(node.metadata.name.to_string());
        }
    }
    let told = all
        .into_iter()
        .map(|(taint, nodes)| Obstacle::Taint { taint, nodes });
    told.collect()
}

fn held(pod: &Occupant) -> Held {
    Held {
        namespace: pod.metadata.namespace.to_string(),
        pod: pod.metadata.name.to_string(),
        node: pod.spec.node_name.to_string(),
    }
}

/// Whether a term of one pod means another one. What depends on labels of namespaces counts as no.
fn means(term: &PodTerm, own: &str, other: &Occupant) -> bool {
    let here = match (&term.namespace_selector, &*term.namespaces) {
        (Some(_), _) => false,
        (None, []) => other.metadata.namespace == *own,
        (None, named) => named.contains(&other.metadata.namespace),
    };
    let selector = term.label_selector.as_ref();
    here && selector.is_some_and(|selector| selector.means(&other.metadata.labels))
}

fn on_nodes(around: Around<'_>) -> impl Iterator<Item = &Occupant> {
    let all = around.occupants.unwrap_or_default().iter();
    all.filter(|pod| !pod.spec.node_name.is_empty())
}

fn apart(pod: &Occupant, around: Around<'_>) -> Vec<Obstacle> {
    let terms = pod.spec.affinity.pod_anti_affinity.required.iter();
    let told = terms.filter_map(|term| {
        let others = on_nodes(around).filter(|other| means(term, &pod.metadata.namespace, other));
        let pods: Vec<Held> = others.map(held).collect();
        (!pods.is_empty()).then(|| Obstacle::Apart {
            selector: term
                .label_selector
                .as_ref()
                .map(selector_text)
                .unwrap_or_default(),
            place: term.topology_key.to_string(),
            theirs: false,
            pods,
        })
    });
    told.collect()
}

fn kept_away(pod: &Occupant, around: Around<'_>) -> Vec<Obstacle> {
    let mut all: BTreeMap<(String, String), Vec<Held>> = BTreeMap::new();
    for other in on_nodes(around) {
        let terms = other.spec.affinity.pod_anti_affinity.required.iter();
        for term in terms.filter(|term| means(term, &other.metadata.namespace, pod)) {
            let selector = term
                .label_selector
                .as_ref()
                .map(selector_text)
                .unwrap_or_default();
            let key = (selector, term.topology_key.to_string());
            all.entry(key).or_default().push(held(other));
        }
    }
    let told = all.into_iter().map(|((selector, place), pods)| Obstacle::Apart {
        selector,
        place,
        theirs: true,
        pods,
    });
    told.collect()
}

fn alone(pod: &Occupant, around: Around<'_>) -> Vec<Obstacle> {
    if around.occupants.is_none() {
        return vec![];
    }
    let own = &pod.metadata.namespace;
    let terms = pod.spec.affinity.pod_affinity.required.iter();
    let nowhere = terms.filter(|term| {
        let elsewhere = term.namespace_selector.is_some() || !term.namespaces.is_empty();
        !elsewhere && !on_nodes(around).any(|other| means(term, own, other))
    });
    let told = nowhere.map(|term| Obstacle::Alone {
        selector: term
            .label_selector
            .as_ref()
            .map(selector_text)
            .unwrap_or_default(),
        place: term.topology_key.to_string(),
    });
    told.collect()
}

/// The ports of its node that a pod takes.
fn taken_ports(pod: &Occupant) -> Vec<(i32, &str)> {
    let all = pod.spec.containers.iter().chain(&pod.spec.init_containers);
    let ports = all.flat_map(|container| &container.ports);
    let protocol = |word: &'static str, said: &str| said.is_empty().then_some(word);
    ports
        .filter(|port| port.host_port != 0)
        .map(|port| {
            (
                port.host_port,
                protocol("TCP", &port.protocol).unwrap_or(&port.protocol),
            )
        })
        .collect()
}

fn ports(pod: &Occupant, around: Around<'_>) -> Vec<Obstacle> {
    let told = taken_ports(pod).into_iter().filter_map(|wanted| {
        let holders = on_nodes(around).filter(|other| taken_ports(other).contains(&wanted));
        let pods: Vec<Held> = holders.map(held).collect();
        (!pods.is_empty()).then_some(Obstacle::Port { port: wanted.0, pods })
    });
    told.collect()
}

fn volumes(around: Around<'_>) -> Vec<Obstacle> {
    let told = around.volumes.iter().filter_map(|(claim, volume)| {
        let terms = &volume.spec.node_affinity.required.node_selector_terms;
        let fits = |node: &&&Node| terms.iter().any(|term| accepts(term, node));
        let nodes: Vec<&&Node> = around.nodes.iter().filter(fits).collect();
        let some = !terms.is_empty() && nodes.len() < around.nodes.len();
        some.then(|| Obstacle::Volume {
            claim: claim.clone(),
            volume: volume.metadata.name.to_string(),
            wants: terms_text(terms),
            nodes: names(&nodes),
        })
    });
    told.collect()
}

fn full(around: Around<'_>) -> Option<Obstacle> {
    let of = |node: &&Node| {
        let most = amount(&node.status.allocatable, "pods")?;
        Some((node.metadata.name.to_string(), most))
    };
    let all = around.nodes.iter().filter_map(of);
    let (node, most) = all.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let most = written("pods", most);
    Some(Obstacle::Full { node, most })
}

fn spread(pod: &Occupant) -> Vec<Obstacle> {
    let hard = pod.spec.topology_spread_constraints.iter();
    let hard = hard.filter(|one| one.when_unsatisfiable != "ScheduleAnyway");
    let told = hard.map(|one| Obstacle::Spread {
        place: one.topology_key.to_string(),
        skew: one.max_skew,
    });
    told.collect()
}
