//! Who stands behind a Service, and what is wrong with a node.

use std::sync::Arc;

use super::{
    super::{contract::Context, quote},
    case::{Case, Told},
    pods::Desk,
};
use crate::{
    cluster::Cached,
    diagnosis::{self, Cause, Finding, Link, Look},
    failure::Failure,
    health::{self, pod::is_counted, service::selects},
    input::NodeName,
    model::{Scope, Text, Tone},
    objects::{EndpointSlice, Node, Pod, Service},
    texts::diagnose as texts,
};

/// Pods of a node that are named with what is wrong with them.
const MOST: usize = 5;

/// The pods that shall serve it.
pub(super) fn pods_of(service: &Service, cached: &Cached) -> Vec<Arc<Pod>> {
    let mut pods = cached.list::<Pod>();
    pods.retain(|pod| is_counted(pod) && selects(service, &pod.metadata.labels));
    pods
}

/// A finding about a Service as it is told.
pub(super) fn told(finding: &Finding, desk: &Desk<'_>) -> Told {
    let now = desk.cx.now;
    let sources = ["Service", "Pod", "EndpointSlice"].join(", ");
    Told::of(finding, finding.text(), now).resting_on(texts::objects(&sources, now))
}

/// Why a Service leads to nobody: what explains it first. Nothing where it works, or its pods have time left.
pub(super) fn chain(service: &Service, desk: &Desk<'_>) -> Vec<Told> {
    let Some(finding) = diagnosis::of_service(service, &desk.cached, desk.look()) else {
        return vec![];
    };
    let Cause::BrokenService(broken) = &finding.cause else {
        return vec![];
    };
    let knows = desk.cached.knows::<EndpointSlice>();
    match &broken.link {
        // What the slices would say is not known.
        Link::NoSelector | Link::NotListed { .. } if !knows => vec![],
        Link::NotReady { .. } => {
            let pods = pods_of(service, &desk.cached);
            let causes = desk.causes(pods.iter().map(AsRef::as_ref));
            let root = causes.first().map(|(root, pods)| desk.told(root, *pods));
            root.map(|root| vec![root, told(&finding, desk)])
                .unwrap_or_default()
        }
        _ => vec![told(&finding, desk)],
    }
}

/// The case of a node: its conditions, whether it takes pods, and how its pods are, of the namespaces that the asker may read.
pub(super) fn of_node(name: &NodeName, cx: &Context<'_>) -> Result<Case, Failure> {
    let scope = Scope::cluster(&name.cluster);
    let cached = cx.view.cluster_scope(&name.cluster)?;
    let mut case = Case::new(format!("node/{}", name.name), scope.place());
    if !case.sees::<Node>(&cached) {
        case.unknown = true;
        return Ok(case);
    }
    let node = cached.needed::<Node>(&name.name)?;
    let look = quote::look(cx, Some(cx.redactor));
    let found = diagnosis::of_node(&node, look);
    let state = health::node::state(&node);
    let conditions = match found.is_empty() {
        true => texts::node_ready(),
        false => Text::joined(found.iter().map(Finding::text), &texts::comma()),
    };
    case.looked(texts::conditions_word(), conditions);
    let takes = match state.cordoned {
        true => texts::cordoned(),
        false => texts::open_to_pods(),
    };
    case.looked(texts::scheduling_word(), takes);
    look_at_pods_on(&mut case, &name.name, cx, &name.cluster);
    let mut found = found.iter();
    if let Some(worst) = found.next() {
        let text = texts::node(&name.name, &worst.text());
        case.chain.push(Told::of(worst, text, cx.now));
        case.others.splice(0..0, found.map(Finding::text));
        if state.ready {
            case.tone = Tone::Waiting;
        }
    }
    Ok(case)
}

fn look_at_pods_on(case: &mut Case, node: &str, cx: &Context<'_>, cluster: &str) {
    let known = cx.view.clusters().into_iter().find(|known| known.name == cluster);
    for namespace in known.map(|known| known.namespaces).unwrap_or_default() {
        let scope = Scope::namespace(cluster, &namespace);
        let (Ok(cached), Ok(around)) = (cx.view.cached(cluster, &namespace), quote::around(&scope, cx))
        else {
            continue;
        };
        if !cx.rights.reads(cx.actor, &scope) || !case.sees::<Pod>(&cached) {
            continue;
        }
        let look: Look<'_> = quote::look(cx, None).among(&around);
        let mut pods = cached.list::<Pod>();
        pods.retain(|pod| *pod.spec.node_name == *node && is_counted(pod));
        let found: Vec<Finding> = pods
            .iter()
            .filter_map(|pod| diagnosis::of_pod(pod, look))
            .collect();
        let what = crate::line![texts::pods_word(), " · ", scope.place()];
        case.looked(what, texts::wrong_of(found.len(), pods.len()));
        case.others.extend(found.iter().take(MOST).map(Finding::line));
    }
}
