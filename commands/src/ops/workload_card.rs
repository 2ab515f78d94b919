//! The card of a workload: the verdict, what is wrong, what runs, who reaches it, who changed it last.

use std::sync::Arc;

use super::{buttons, impact};
use crate::{
    cluster::{Cached, WorkloadObject},
    diagnosis::{self, Finding, Look, Scene, Verdict},
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
    scene: Scene<'a>,
    last_change: Option<Text>,
    way_back: Option<Action>,
}

impl<'a> Facts<'a> {
    /// What is looked at, and how.
    pub(super) fn new(
        object: &'a WorkloadObject,
        rollout: &'a Rollout,
        pods: &'a [Arc<Pod>],
        look: Look<'a>,
    ) -> Self {
        let scene = Scene {
            rollout,
            workload: Some(object),
            pods: pods.iter().map(AsRef::as_ref).collect(),
            look,
        };
        Self {
            object,
            scene,
            last_change: None,
            way_back: None,
        }
    }

    /// With the last change as it may be told.
    pub(super) fn changed(self, last_change: Option<Text>) -> Self {
        Self { last_change, ..self }
    }

    /// As causes see it.
    pub(super) fn scene(&self) -> &Scene<'a> {
        &self.scene
    }

    /// What is wrong, the worst first.
    fn worst(&self) -> Option<Finding> {
        let refused = diagnosis::refused(&self.scene).filter(|found| found.is_due(self.scene.look));
        let pods = self.scene.pods.iter();
        let of_pods = pods.filter_map(|pod| diagnosis::of_pod(pod, self.scene.look));
        refused.or_else(|| of_pods.min_by_key(|finding| finding.cause.rank()))
    }

    /// The button to the newest revision that worked, when there is one.
    pub(super) fn back_by(mut self, way_back: Option<Action>) -> Self {
        self.way_back = way_back;
        self
    }
}

/// The card. `told`: an incident of it is open.
pub(super) fn card(facts: &Facts<'_>, cached: &Cached, told: bool) -> Report {
    let Facts {
        object,
        scene,
        last_change,
        ..
    } = facts;
    let workload = &object.workload();
    let verdict = diagnosis::verdict(scene, told);
    let tone = verdict.tone();
    let mut report = Report::new(tone, line![workload.short(), " ", words(verdict, scene.rollout)])
        .at(workload.scope().place())
        .lines(troubles(facts))
        .line(running(object, scene.rollout));
    if let Some(traffic) = traffic(object, cached) {
        report = report.field(texts::traffic(), traffic);
    }
    report = report.field(texts::scaling(), scaling(facts, cached)).field(
        texts::last_change(),
        last_change.clone().unwrap_or_else(texts::not_known),
    );
    let worst = facts.worst();
    let remedy = worst.as_ref().and_then(Finding::remedy).unwrap_or_default();
    if let Some(advice) = remedy.advice.filter(|_| tone == Tone::Bad) {
        report = report.field(diagnosis_texts::remedy(), advice);
    }
    if let Some(note) = impact::put_back_by(object) {
        report = report.field(texts::note(), note);
    }
    report = report
        .action(buttons::status(workload))
        .action(buttons::logs(workload))
        .action(buttons::pods(workload));
    if tone == Tone::Bad {
        report = report.action(buttons::diagnose(workload, crate::texts::buttons::diagnose()));
    }
    // Going back helps only where the newest template brought it.
    let back = remedy.roll_back || verdict == Verdict::Stuck;
    if tone == Tone::Bad && back && newest_is_to_blame(facts, cached, worst.as_ref()) {
        report.actions.extend(facts.way_back.clone());
    }
    report
}

/// Its verdict, what is wrong and what runs, and how far the rollout has come, in kubectl's words.
pub(super) fn of_rollout(facts: &Facts<'_>) -> Report {
    let Facts { object, scene, .. } = facts;
    let workload = &object.workload();
    let verdict = diagnosis::verdict(scene, false);
    let title = line![workload.short(), " ", words(verdict, scene.rollout)];
    let mut report = Report::new(verdict.tone(), title).at(workload.scope().place());
    if scene.rollout.state != RolloutState::OnDelete {
        report = report.line(scene.rollout.message.clone());
    }
    report
        .lines(troubles(facts))
        .line(running(object, scene.rollout))
        .action(buttons::status(workload))
        .action(buttons::logs(workload))
}

/// Whether what fails is of the newest revision.
fn newest_is_to_blame(facts: &Facts<'_>, cached: &Cached, worst: Option<&Finding>) -> bool {
    let new = cached.new_pods_of(facts.object);
    let pod = worst.and_then(|finding| Some(&finding.subject.as_ref()?.pod));
    pod.is_none_or(|name| new.iter().any(|pod| *pod.metadata.name == **name))
}

/// The words of the title behind the name.
pub(super) fn words(verdict: Verdict, rollout: &Rollout) -> Text {
    let ready = rollout.ready_in_words();
    match verdict {
        Verdict::Gone => texts::gone(),
        Verdict::ScaledToZero => texts::scaled_to_zero(),
        Verdict::NoNode => texts::no_node_matches(),
        Verdict::Healthy => texts::healthy(),
        Verdict::Troubled => texts::serves_with_trouble(&ready),
        Verdict::Starting => texts::starting(&ready),
        Verdict::ScalingDown if rollout.desired == 0 => texts::scaling_to_zero(rollout.pods),
        Verdict::ScalingDown => texts::scaling_down(&ready),
        Verdict::RollingOut => texts::rolling_out(&ready),
        Verdict::Paused => texts::paused(&ready),
        Verdict::OnDelete => texts::waits_for_deletes(&ready),
        Verdict::RolloutFails => texts::serves_while_rollout_fails(&ready),
        Verdict::Stuck => texts::stuck(&ready),
        Verdict::Degraded => texts::degraded(&ready),
        Verdict::Down => texts::down(&ready),
    }
}

/// What is wrong, the same trouble of several pods once, the worst first.
fn troubles(facts: &Facts<'_>) -> Vec<Text> {
    let Scene { rollout, look, .. } = &facts.scene;
    let groups = diagnosis::by_state(facts.scene.pods.iter().copied(), *look);
    let in_trouble = groups
        .iter()
        .filter_map(|group| Some((group, group.finding.as_ref()?)));
    let mut lines: Vec<Text> = in_trouble
        .take(MOST)
        .map(|(group, finding)| {
            let n = i32::try_from(group.pods.len()).unwrap_or(i32::MAX);
            texts::trouble(n, &group.status, &finding.cause.without_status())
        })
        .collect();
    lines.extend(diagnosis::refused(&facts.scene).map(|finding| finding.text()));
    if rollout.state == RolloutState::OnDelete {
        lines.push(rollout.message.clone());
    }
    let idle = rollout.since_progress.filter(|_| !rollout.is_complete());
    lines.extend(idle.map(|idle| texts::no_progress(idle, rollout.new_available(), rollout.desired)));
    lines
}

/// `3 of 3 pods ready, revision 7, image`
fn running(object: &WorkloadObject, rollout: &Rollout) -> Text {
    let mut line = rollout.ready_in_words();
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
        .scene
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
            let mut line = texts::hpa(hpa.min, hpa.max, facts.scene.rollout.desired);
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
