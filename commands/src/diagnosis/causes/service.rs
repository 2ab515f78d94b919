//! A Service leads to nobody, or to where nobody listens: the first link that is broken on the way from its selector over
//! the pods and their readiness to their ports.

use std::{sync::Arc, time::Duration};

use crate::{
    cluster::Cached,
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Found, Remedy},
        scene::Look,
    },
    health::{
        pod::{self, is_counted},
        service::{endpoints, labels_text, selects},
    },
    model::{Text, Timestamp, since},
    objects::{EndpointSlice, Pod, Service, TargetPort},
    texts::diagnose as texts,
};

/// Labels as alike as this may be meant to be the same.
const ALIKE: f64 = 0.8;

/// A Service that leads to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenService {
    /// Its name.
    pub service: String,
    /// What is broken.
    pub link: Link,
}

/// A link between a Service and those who serve it, that is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// It selects nothing, and nobody gave it endpoints.
    NoSelector,
    /// No pod has its labels.
    Selector {
        /// Its labels.
        selector: String,
        /// Pods that nearly have them.
        near: Option<NearMiss>,
    },
    /// It selects the pods of a workload that has none.
    NoPods {
        /// Which: `deployment/api`.
        workload: String,
        /// How many it shall have.
        desired: i32,
    },
    /// Its pods are not ready.
    NotReady {
        /// How many there are.
        pods: usize,
    },
    /// It leads to a port by a name that no container of its pods has.
    PortName {
        /// The name.
        wanted: String,
        /// What they have.
        declared: Vec<String>,
    },
    /// It leads to a port that is none of those which its pods say they open.
    PortNumber {
        /// The number.
        wanted: i32,
        /// What they say.
        declared: Vec<String>,
    },
    /// Its pods are ready, and no EndpointSlice has them.
    NotListed {
        /// How many are ready.
        pods: usize,
    },
}

/// Labels that are nearly those of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// Whose pods have them: `deployment/api`.
    pub owner: String,
    /// The label in which they differ.
    pub key: String,
    /// What the selector wants.
    pub wanted: String,
    /// What they have; `None` when they lack the label.
    pub has: Option<String>,
}

impl BrokenService {
    /// In a Service, as the caches know those who serve it.
    pub(in crate::diagnosis) fn of_service(
        service: &Service,
        cached: &Cached,
        look: Look<'_>,
    ) -> Option<Found<Self>> {
        let (link, certainty) = broken(service, cached, look)?;
        Some(Found::of(
            Self {
                service: service.metadata.name.to_string(),
                link,
            },
            certainty,
            look.now,
        ))
    }
}

fn broken(service: &Service, cached: &Cached, look: Look<'_>) -> Option<(Link, Certainty)> {
    if service.spec.type_ == "ExternalName" {
        return None;
    }
    let slices = cached.list::<EndpointSlice>();
    let listed = endpoints(service, slices.iter().map(AsRef::as_ref));
    if service.spec.selector.is_empty() {
        return listed
            .ready
            .is_empty()
            .then_some((Link::NoSelector, Certainty::Seen));
    }
    let pods = cached.list::<Pod>();
    let runs = |pod: &&Arc<Pod>| is_counted(pod);
    let own: Vec<&Pod> = pods
        .iter()
        .filter(runs)
        .map(AsRef::as_ref)
        .filter(|pod| selects(service, &pod.metadata.labels))
        .collect();
    if own.is_empty() {
        return Some((nobody(service, cached, &pods), Certainty::Seen));
    }
    let ready: Vec<&Pod> = own
        .iter()
        .copied()
        .filter(|pod| pod::is_ready(Some(pod)))
        .collect();
    if ready.is_empty() {
        return Some((Link::NotReady { pods: own.len() }, Certainty::Seen));
    }
    port(service, &own).or_else(|| {
        let pods = ready.len();
        let lost = listed.ready.is_empty() && settled(service, cached, &ready, look);
        lost.then_some((Link::NotListed { pods }, Certainty::Possible))
    })
}

/// So long the controller of the slices may take, and the watches may be apart.
const SLICES: Duration = Duration::from_secs(15);

/// Whether the controller of the slices has had its time: the Service is there and the pods have been ready for long, and none
/// of them is leaving.
fn settled(service: &Service, cached: &Cached, ready: &[&Pod], look: Look<'_>) -> bool {
    let leaves =
        |pod: &Arc<Pod>| pod.metadata.deletion_timestamp.is_some() && selects(service, &pod.metadata.labels);
    let long = |at: Option<Timestamp>| at.is_none_or(|at| since(at, look.now) >= look.patience.max(SLICES));
    let ready_long = |pod: &&Pod| {
        let condition = pod.status.condition("Ready");
        long(condition.and_then(|condition| condition.last_transition_time))
    };
    long(service.metadata.creation_timestamp)
        && ready.iter().all(ready_long)
        && !cached.list::<Pod>().iter().any(leaves)
}

/// No pod has its labels: a workload that has none, or labels that are nearly the same, or nothing that is known.
fn nobody(service: &Service, cached: &Cached, pods: &[Arc<Pod>]) -> Link {
    let workloads = cached.workloads();
    let meant = workloads
        .iter()
        .find(|object| selects(service, &object.template_parts().metadata.labels));
    match meant {
        Some(object) => Link::NoPods {
            workload: object.workload().short(),
            desired: object.desired(),
        },
        None => Link::Selector {
            selector: labels_text(&service.spec.selector),
            near: near(service, cached, pods),
        },
    }
}

/// The pods whose labels differ in one only, and in that little.
fn near(service: &Service, cached: &Cached, pods: &[Arc<Pod>]) -> Option<NearMiss> {
    let selector = &service.spec.selector;
    let count = selector.iter().count();
    let mut best: Option<(f64, NearMiss)> = None;
    for pod in pods.iter().filter(|pod| is_counted(pod)) {
        let labels = &pod.metadata.labels;
        let mut differ = selector
            .iter()
            .filter(|(key, value)| labels.get(key) != Some(value));
        let (Some((key, wanted)), None) = (differ.next(), differ.next()) else {
            continue;
        };
        let has = labels.get(key);
        let alike = match has {
            Some(has) => strsim::jaro_winkler(&has.to_lowercase(), &wanted.to_lowercase()),
            // All the others are the same.
            None if count > 1 => ALIKE,
            None => continue,
        };
        if alike >= ALIKE && best.as_ref().is_none_or(|(most, _)| alike > *most) {
            let near = NearMiss {
                owner: cached.called(pod),
                key: key.to_owned(),
                wanted: wanted.to_owned(),
                has: has.map(str::to_owned),
            };
            best = Some((alike, near));
        }
    }
    best.map(|(_, near)| near)
}

/// A port of the Service that leads nowhere in each of its pods. Containers may open ports that they do not declare.
fn port(service: &Service, pods: &[&Pod]) -> Option<(Link, Certainty)> {
    let containers = || {
        pods.iter()
            .flat_map(|pod| pod.spec.containers.iter().chain(pod.spec.init_containers.iter()))
    };
    let ports = || containers().flat_map(|container| &container.ports);
    let mut declared: Vec<String> = ports()
        .map(|port| match &*port.name {
            "" => port.container_port.to_string(),
            name => format!("{name} ({})", port.container_port),
        })
        .collect();
    declared.sort();
    declared.dedup();
    let says_nothing = |pod: &&Pod| pod.spec.containers.iter().all(|c| c.ports.is_empty());
    let all_tell = !pods.iter().any(says_nothing);
    service
        .spec
        .ports
        .iter()
        .find_map(|port| match &port.target_port {
            Some(TargetPort::Name(name)) => {
                let lacks = !ports().any(|known| known.name == *name);
                lacks.then(|| {
                    let (wanted, declared) = (name.to_string(), declared.clone());
                    (Link::PortName { wanted, declared }, Certainty::Seen)
                })
            }
            other => {
                let wanted = match other {
                    Some(TargetPort::Number(number)) if *number != 0 => *number,
                    _ => port.port,
                };
                let lacks = all_tell && !ports().any(|known| known.container_port == wanted);
                lacks.then(|| {
                    let declared = declared.clone();
                    (Link::PortNumber { wanted, declared }, Certainty::Possible)
                })
            }
        })
}

impl Detail for BrokenService {
    const WORD: &'static str = "broken_service";

    fn text(&self) -> Text {
        let why = match &self.link {
            Link::NoSelector => crate::texts::health::no_selector(),
            Link::Selector { selector, near: None } => crate::texts::health::selects_nothing(selector),
            Link::Selector {
                selector,
                near: Some(near),
            } => texts::selects_nothing_near(selector, &near.owner, &near_label(near)),
            Link::NoPods { workload, desired: 0 } => texts::selects_scaled_to_zero(workload),
            Link::NoPods { workload, .. } => texts::selects_no_pods(workload),
            Link::NotReady { pods } => crate::texts::health::none_ready(*pods),
            Link::PortName { wanted, declared } => texts::no_port_of_that_name(wanted, declared),
            Link::PortNumber { wanted, declared } => texts::no_such_port(*wanted, declared),
            Link::NotListed { pods } => texts::not_listed(*pods),
        };
        texts::service(&self.service, &why)
    }

    fn remedy(&self) -> Option<Remedy> {
        let service = &self.service;
        Some(Remedy::advice(match &self.link {
            Link::NoSelector => texts::give_endpoints(service),
            Link::Selector { near: None, .. } => texts::mend_selector(service),
            Link::Selector { near: Some(near), .. } => {
                texts::set_selector(service, &near.key, near.has.as_deref())
            }
            Link::NoPods { workload, desired: 0 } => texts::scale_up(workload),
            Link::PortName { .. } | Link::PortNumber { .. } => texts::set_target_port(service),
            Link::NoPods { .. } | Link::NotReady { .. } | Link::NotListed { .. } => return None,
        }))
    }
}

/// `app=api`, or that the label `app` is missing.
fn near_label(near: &NearMiss) -> Text {
    match &near.has {
        Some(has) => crate::model::code(format!("{}={has}", near.key)).into(),
        None => texts::lacks_label(&near.key),
    }
}
