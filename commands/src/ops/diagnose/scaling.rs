//! Why an autoscaler does not scale.

use super::{
    super::{buttons, contract::Context},
    case::{Case, Told},
    pods::Desk,
};
use crate::{
    cluster::Cached,
    diagnosis::{self, Cause, Finding, Scaling},
    failure::Failure,
    health::hpa,
    input::ObjectName,
    model::{Text, Tone, Workload, WorkloadKind},
    objects::{Deployment, HorizontalPodAutoscaler, StatefulSet},
    texts::{diagnose as texts, get::hpa as words},
};

/// The case of an autoscaler.
pub(super) async fn of_autoscaler(name: &ObjectName, cx: &Context<'_>) -> Result<Case, Failure> {
    let scope = name.scope();
    let mut desk = Desk::open(scope.clone(), cx).await?;
    let mut case = Case::new(format!("hpa/{}", name.name), scope.place());
    if !case.sees::<HorizontalPodAutoscaler>(&desk.cached) {
        case.unknown = true;
        return Ok(case);
    }
    let hpa = desk.cached.needed::<HorizontalPodAutoscaler>(&name.name)?;
    desk.listen().await;
    let target = &hpa.spec.scale_target_ref;
    let short = format!("{}/{}", target.kind.to_lowercase(), target.name);
    let there = known(&desk.cached, &target.kind);
    let is_there = there
        .as_ref()
        .map(|names| names.iter().any(|known| **known == *target.name));
    let found = match is_there {
        Some(true) => texts::is_there(&short),
        Some(false) => texts::is_not_there(&short),
        None => texts::not_known(&short),
    };
    case.looked(texts::target_word(), found);
    let state = hpa::state(&hpa);
    let metrics = match state.metrics.is_empty() {
        true => texts::none(),
        false => Text::joined(state.metrics, &texts::comma()),
    };
    case.looked(texts::metrics_word(), metrics);
    case.looked(
        texts::pods_word(),
        words::pods(state.current, state.min, state.max),
    );
    if let Some(finding) = of(&hpa, &desk) {
        if matches!(&finding.cause, Cause::CannotScale(cause) if matches!(cause.why, Scaling::AtMaximum { .. }))
        {
            case.tone = Tone::Waiting;
        }
        let read = texts::objects("HorizontalPodAutoscaler", cx.now);
        case.chain
            .push(Told::of(&finding, finding.text(), cx.now).resting_on(read));
    }
    let kind = WorkloadKind::parse(&target.kind.to_lowercase()).filter(|_| is_there == Some(true));
    if let Some(kind) = kind {
        let workload = Workload {
            cluster: scope.cluster.clone(),
            namespace: name.namespace.clone(),
            kind,
            name: target.name.to_string(),
        };
        let label = texts::button_of(&workload.short());
        case.actions.push(buttons::diagnose(&workload, label));
    }
    Ok(case)
}

/// What is wrong with an autoscaler of the desk's namespace.
pub(super) fn of(hpa: &HorizontalPodAutoscaler, desk: &Desk<'_>) -> Option<Finding> {
    let known = known(&desk.cached, &hpa.spec.scale_target_ref.kind);
    diagnosis::of_autoscaler(hpa, known, desk.look())
}

/// The names of a kind that can be scaled, where they are known.
fn known(cached: &Cached, kind: &str) -> Option<Vec<String>> {
    match kind {
        "Deployment" => cached.knows::<Deployment>().then(|| cached.names::<Deployment>()),
        "StatefulSet" => cached
            .knows::<StatefulSet>()
            .then(|| cached.names::<StatefulSet>()),
        _ => None,
    }
}
