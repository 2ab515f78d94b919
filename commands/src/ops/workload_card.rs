//! The card of a workload: the verdict, what is wrong, what runs, who reaches it, who changed it last.

use std::sync::Arc;

use super::buttons;
use crate::{
    cluster::{Cached, WorkloadObject},
    diagnosis::{self, Look},
    health::{self, Rollout, RolloutState},
    line,
    model::{Action, Report, Text, Tone, WorkloadKind},
    objects::{EndpointSlice, HorizontalPodAutoscaler, Ingress, IngressRule, Pod, Service},
    texts::{diagnosis as diagnosis_texts, status as texts},
};

/// Troubles that are told.
const MOST: usize = 4;

/// What is known of a workload; what pods and controllers say in it may be quoted.
pub(super) struct Facts<'a> {
    object: &'a WorkloadObject,
    rollout: Rollout,
    pods: Vec<Arc<Pod>>,
    look: Look<'a>,
    last_change: Option<Text>,
    way_back: Option<Action>,
}

impl<'a> Facts<'a> {
    /// What is looked at, and how.
    pub(super) fn new(
        object: &'a WorkloadObject,
        rollout: Rollout,
        pods: Vec<Arc<Pod>>,
        look: Look<'a>,
    ) -> Self {
        Self {
            object,
            rollout,
            pods,
            look,
            last_change: None,
            way_back: None,
        }
    }

    /// With the last change as it may be told.
    pub(super) fn changed(self, last_change: Option<Text>) -> Self {
        Self { last_change, ..self }
    }

    /// The button to the newest revision that worked, when there is one.
    pub(super) fn back_by(mut self, way_back: Option<Action>) -> Self {
        self.way_back = way_back;
        self
    }
}

/// The card.
pub(super) fn card(facts: &Facts<'_>, cached: &Cached) -> Report {
    let Facts {
        object,
        rollout,
        pods,
        look,
        last_change,
        ..
    } = facts;
    let workload = &object.workload();
    let (tone, verdict) = verdict(rollout, pods, *look);
    let mut report = Report::new(tone, line![workload.short(), " ", verdict])
        .at(workload.scope().place())
        .lines(troubles(facts))
        .line(running(object, rollout));
    if let Some(traffic) = traffic(object, cached) {
        report = report.field(texts::traffic(), traffic);
    }
    report = report.field(texts::scaling(), scaling(facts, cached)).field(
        texts::last_change(),
        last_change.clone().unwrap_or_else(texts::not_known),
    );
    if let Some(advice) = advice(facts).filter(|_| tone == Tone::Bad) {
        report = report.field(diagnosis_texts::remedy(), advice);
    }
    if let Some(managed) = object.managed() {
        report = report.field(texts::note(), managed.note);
    }
    report = report
        .action(buttons::status(workload))
        .action(buttons::logs(workload))
        .action(buttons::pods(workload));
    if tone == Tone::Bad {
        report.actions.extend(facts.way_back.clone());
    }
    report
}

/// The words of the title behind the name, and its colour.
pub(super) fn verdict(rollout: &Rollout, pods: &[Arc<Pod>], look: Look<'_>) -> (Tone, Text) {
    let troubled = pods.iter().any(|pod| diagnosis::of_pod(pod, look).is_some());
    let ready = texts::ready(rollout.ready, rollout.desired);
    match rollout.state {
        RolloutState::Complete if rollout.desired == 0 => (Tone::Off, texts::scaled_to_zero()),
        RolloutState::Complete if !troubled => (Tone::Good, texts::healthy()),
        RolloutState::Complete => (Tone::Waiting, texts::serves_with_trouble(&ready)),
        RolloutState::Stuck => (Tone::Bad, texts::stuck(&ready)),
        RolloutState::Paused => (Tone::Waiting, texts::paused(&ready)),
        RolloutState::Gone => (Tone::Bad, texts::gone()),
        _ if troubled && rollout.serves_in_full() => (Tone::Bad, texts::serves_while_rollout_fails(&ready)),
        _ if troubled => (Tone::Bad, texts::degraded(&ready)),
        _ => (Tone::Waiting, texts::rolling_out(&ready)),
    }
}

/// What is wrong, the same trouble of several pods once, the worst first.
fn troubles(facts: &Facts<'_>) -> Vec<Text> {
    let rollout = &facts.rollout;
    let groups = diagnosis::by_state(facts.pods.iter().map(AsRef::as_ref), facts.look);
    let in_trouble = groups
        .iter()
        .filter_map(|group| Some((group, group.finding.as_ref()?)));
    let mut lines: Vec<Text> = in_trouble
        .take(MOST)
        .map(|(group, finding)| {
            let n = i32::try_from(group.pods.len()).unwrap_or(i32::MAX);
            texts::trouble(n, &group.status, &finding.text())
        })
        .collect();
    lines.extend(diagnosis::refused(rollout, facts.look).map(|finding| finding.text()));
    let idle = rollout.since_progress.filter(|_| !rollout.is_complete());
    lines.extend(idle.map(|idle| texts::no_progress(idle, &rollout.message)));
    lines
}

/// What people can do about the worst of it, beside going back.
fn advice(facts: &Facts<'_>) -> Option<Text> {
    let found = diagnosis::refused(&facts.rollout, facts.look);
    let of_pods = || {
        let found = facts
            .pods
            .iter()
            .filter_map(|pod| diagnosis::of_pod(pod, facts.look));
        found.min_by_key(|finding| finding.cause.rank())
    };
    match found.or_else(of_pods)?.remedy()? {
        diagnosis::Remedy::Advice(advice) => Some(advice),
        diagnosis::Remedy::RollBack => None,
    }
}

/// `3 of 3 pods ready, revision 7, image`
fn running(object: &WorkloadObject, rollout: &Rollout) -> Text {
    let mut line = texts::ready(rollout.ready, rollout.desired);
    if let Some(revision) = object.revision() {
        line.push(texts::revision(revision));
    }
    for (_, image) in object.images() {
        line.push(texts::image(&image));
    }
    if rollout.old_pods > 0 {
        line.push(texts::still_old(rollout.old_pods));
    }
    line
}

/// The Services that lead to a workload, and the Ingresses that lead to those.
fn traffic(object: &WorkloadObject, cached: &Cached) -> Option<Text> {
    let labels = object.template_parts().metadata.labels;
    let mut ways = Vec::new();
    for service in cached.list::<Service>() {
        if !health::service::selects(&service, &labels) {
            continue;
        }
        let name = &service.metadata.name;
        let slices = cached.list::<EndpointSlice>();
        let ends = health::service::endpoints(&service, slices.iter().map(AsRef::as_ref));
        ways.push(texts::service(name, ends.ready.len()));
        for ingress in cached.list::<Ingress>() {
            let hosts = hosts(&ingress, name);
            ways.extend(hosts.iter().map(|host| texts::ingress(host.as_deref())));
        }
    }
    (!ways.is_empty()).then(|| Text::joined(ways, &Text::from(" · ")))
}

/// The hosts under which an Ingress leads to a Service; `None` is any host.
fn hosts(ingress: &Ingress, service: &str) -> Vec<Option<String>> {
    let leads = |rule: &&IngressRule| {
        let mut paths = rule.http.paths.iter();
        paths.any(|p| p.backend.service.as_ref().is_some_and(|s| *s.name == *service))
    };
    let rules = ingress.spec.rules.iter().filter(leads);
    rules
        .map(|rule| rule.host.as_deref().map(str::to_owned))
        .collect()
}

fn scaling(facts: &Facts<'_>, cached: &Cached) -> Text {
    let workload = facts.object.workload();
    let restarts = facts
        .pods
        .iter()
        .map(|p| i64::from(health::state(p).restarts))
        .sum();
    let scalers = cached.list::<HorizontalPodAutoscaler>();
    let scaler = scalers
        .iter()
        .find(|hpa| health::hpa::owns(hpa, workload.kind.kind(), &workload.name));
    let who = match scaler {
        Some(hpa) => {
            let hpa = health::hpa::state(hpa);
            let mut line = texts::hpa(hpa.min, hpa.max, facts.rollout.desired);
            for metric in hpa.metrics {
                line = line.and(", ").and(metric);
            }
            match hpa.problem {
                Some(problem) => line.and(format!(" ({problem})")),
                None => line,
            }
        }
        None if workload.kind == WorkloadKind::DaemonSet => texts::one_on_each_node(),
        None => texts::by_hand(),
    };
    who.and(texts::restarts(restarts))
}
