//! What explains a cause: the claims that a pod waits for, what is named in a container's last words, names that are nearly
//! those that are missing.

use std::sync::Arc;

use super::{
    attached,
    case::{Case, Told},
    claims,
    pods::{Desk, ends},
    probes, pulls, room, traffic,
};
use crate::{
    cluster::near_of,
    diagnosis::{self, Cause, Certainty, Finding, Way},
    health::pod::is_ready,
    model::Text,
    objects::{ConfigMap, NetworkPolicy, Node, Pod, SecretKeys, Service, TargetPort},
    texts::diagnose as texts,
};

/// A cause with its container's last words, behind what explains it.
pub(super) async fn explain(case: &mut Case, desk: &Desk<'_>, finding: &Finding, mut told: Told) {
    told.evidence.extend(probes::asked(desk, finding).await);
    if let Some(subject) = finding.subject.as_ref().filter(|_| ends(finding)) {
        desk.look_at_words(case, subject).await;
        return by_words(case, desk, finding, told).await;
    }
    match &finding.cause {
        Cause::Unschedulable(cause) => {
            if !cause.claims.is_empty() {
                let roots = claims::behind(case, desk, &cause.claims).await;
                case.chain.extend(roots);
            }
            add(&mut told, room::of_nodes(case, desk, finding).await);
        }
        Cause::MissingReference(cause) => {
            if let Some((kind, name)) = cause.object() {
                near(case, desk, kind, name).await;
            }
        }
        Cause::ImagePull(_) => add(&mut told, pulls::logins(case, desk, finding).await),
        Cause::Warned(cause) => {
            add(&mut told, attached::holders(case, desk, finding).await);
            if let Some((kind, name)) = diagnosis::missing_object(&cause.message) {
                near(case, desk, kind, name).await;
            }
        }
        _ => {}
    }
    case.chain.push(told);
}

/// Says more of a cause in the same sentence.
fn add(told: &mut Told, more: Vec<Text>) {
    for why in more {
        told.text = texts::and_also(&told.text, &why);
    }
}

/// A cause with what the last words of its container mean, where they are the kernel's.
async fn meant(case: &Case, desk: &Desk<'_>, finding: &Finding, mut told: Told) -> Told {
    match meaning(case, desk, finding).await {
        Some(meaning) => {
            add(&mut told, vec![meaning]);
            told.at_most(Certainty::Likely)
        }
        None => told,
    }
}

async fn meaning(case: &Case, desk: &Desk<'_>, finding: &Finding) -> Option<Text> {
    let subject = finding.subject.as_ref()?;
    let (view, cluster) = (desk.cx.view, &desk.scope.cluster);
    let container = subject.container.as_deref()?;
    if case.lines.is_empty() {
        return None;
    }
    let read = view.value(cluster, desk.cached.namespace(), "pods", &subject.pod);
    let pod = desk.in_time(read).await.ok()?;
    let meaning = diagnosis::meaning(&case.lines, &pod, container)?;
    let node = pod["spec"]["nodeName"].as_str();
    let nodes = view.cluster_scope(cluster).ok();
    let node = node.and_then(|name| nodes.as_ref()?.get::<Node>(name));
    let architecture = node
        .as_ref()
        .and_then(|node| node.metadata.labels.get("kubernetes.io/arch"));
    Some(texts::meaning(&meaning, architecture))
}

/// What the last words of a container explain.
async fn by_words(case: &mut Case, desk: &Desk<'_>, finding: &Finding, told: Told) {
    if let Some(right) = diagnosis::lacks_right(&case.lines, desk.look()) {
        case.chain.push(Told::of(&right, right.text(), desk.cx.now));
        case.chain.push(told);
        return;
    }
    let Some(service) = desk.blamed(case) else {
        if let Some((host, near)) = unknown_host(case, desk) {
            case.others
                .push(texts::perhaps(&texts::unknown_host(&host, &near)));
        }
        let told = meant(case, desk, finding, told).await;
        case.chain.push(told);
        return;
    };
    let mut chain = traffic::chain(&service, desk);
    if chain.is_empty() {
        chain.extend(shut_out(case, desk, finding, &service).await);
    }
    if chain.is_empty() {
        case.looked(
            texts::service_word(&service.metadata.name),
            texts::nothing_wrong_there(),
        );
        let told = meant(case, desk, finding, told).await;
        case.chain.push(told);
        return;
    }
    let inferred = chain.into_iter().map(|told| told.at_most(Certainty::Likely));
    case.chain.extend(inferred);
    let text = texts::names_service(&told.text, &service.metadata.name);
    case.chain.push(Told { text, ..told });
}

/// A host of which the last words say that nobody knows it, and which is nearly a Service.
fn unknown_host(case: &Case, desk: &Desk<'_>) -> Option<(String, Vec<String>)> {
    if !desk.cached.knows::<Service>() {
        return None;
    }
    let services = desk.cached.list::<Service>();
    diagnosis::unknown_host(&case.lines, desk.cached.namespace(), &services)
}

/// The network policies that keep the pod from the Service that its last words name.
async fn shut_out(case: &mut Case, desk: &Desk<'_>, finding: &Finding, service: &Service) -> Option<Told> {
    let policies = desk.read::<NetworkPolicy>().await.known(case, desk)?;
    case.looked(texts::policies_word(), texts::so_many_objects(policies.len()));
    let subject = finding.subject.as_ref()?;
    let from = desk.cached.get::<Pod>(&subject.pod)?;
    let pods = traffic::pods_of(service, &desk.cached);
    let to = pods.iter().find(|pod| is_ready(Some(pod)))?;
    let (from_name, to_name) = (desk.cached.called(&from), desk.cached.called(to));
    let ports = service
        .spec
        .ports
        .iter()
        .filter_map(|port| number(port.target_port.as_ref(), port.port, to));
    let found: Option<Vec<Finding>> = ports
        .map(|port| {
            let way = Way {
                from: (&from, &from_name),
                to: (to, &to_name),
                port,
            };
            diagnosis::shut_between(&policies, way, desk.look())
        })
        .collect();
    // One port that is open may be the one that was meant.
    let first = found?.into_iter().next()?;
    let read = texts::objects(&["NetworkPolicy", "Pod", "Service"].join(", "), desk.cx.now);
    Some(Told::of(&first, first.text(), desk.cx.now).resting_on(read))
}

/// The number of a port of pods; `None` where it has a name that nobody has.
fn number(target: Option<&TargetPort>, same: i32, pod: &Pod) -> Option<i32> {
    match target {
        Some(TargetPort::Number(number)) if *number != 0 => Some(*number),
        Some(TargetPort::Name(name)) => pod.spec.named_port(name),
        _ => Some(same),
    }
}

/// Names of ConfigMaps or Secrets that look like one that is missing.
async fn near(case: &mut Case, desk: &Desk<'_>, kind: &str, name: &str) {
    let names: Option<Vec<String>> = match kind {
        "ConfigMap" => desk.read::<ConfigMap>().await.known(case, desk).map(|all| {
            all.iter()
                .map(|object| object.metadata.name.to_string())
                .collect()
        }),
        _ => desk.read::<SecretKeys>().await.known(case, desk).map(|all| {
            all.iter()
                .map(|object| object.metadata.name.to_string())
                .collect()
        }),
    };
    let Some(names) = names else { return };
    let near = near_of(name, names.iter().cloned());
    let found: Text = texts::so_many_objects(names.len());
    case.looked(kind.into(), found);
    if !near.is_empty() && !names.iter().any(|known| known == name) {
        case.others.push(texts::perhaps(&texts::looks_like(&near)));
    }
}

/// The network policies that let nobody in to the pods of a Service.
pub(super) async fn isolated(case: &mut Case, desk: &Desk<'_>, pods: &[Arc<Pod>]) -> Option<Told> {
    let pod = pods.first()?;
    let policies = desk.read::<NetworkPolicy>().await.known(case, desk)?;
    case.looked(texts::policies_word(), texts::so_many_objects(policies.len()));
    let name = desk.cached.called(pod);
    let found = diagnosis::shut_from_all(&policies, pod, &name, desk.look())?;
    let read = texts::objects(&["NetworkPolicy", "Pod"].join(", "), desk.cx.now);
    Some(Told::of(&found, found.text(), desk.cx.now).resting_on(read))
}
