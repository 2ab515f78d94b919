//! The cards of what makes no pods for others: a pod by itself, a Job.

use super::{
    buttons,
    contract::{Answer, Context},
    quote,
};
use crate::{
    cluster::{ClusterError, Kind, Select},
    diagnosis,
    failure::Failure,
    health::{self, job::JobState, pod},
    input::JobName,
    line,
    model::{PodName, Report, Scope, Text, Tone, ago, code},
    objects::{Job, Pod},
    texts::{diagnosis as diagnosis_texts, status as texts},
};

/// A pod.
pub(super) async fn of_pod(name: &PodName, cx: &Context<'_>) -> Result<Answer, Failure> {
    let scope = name.scope();
    let cached = cx.view.cached(&name.cluster, &name.namespace)?;
    let pod = match cached.get::<Pod>(&name.name) {
        Some(pod) => Pod::clone(&pod),
        None => read(&scope, &name.name, cx).await?,
    };
    let around = quote::around(&scope, cx)?;
    let said = quote::says_something(&pod, quote::look(cx, None).among(&around));
    let redactor = quote::redactor(&scope, said, cx).await;
    let look = quote::look(cx, redactor.as_deref()).among(&around);
    let finding = diagnosis::of_pod(&pod, look);
    let state = health::state(&pod);
    let fails = finding.as_ref().is_some_and(diagnosis::Finding::is_failure);
    let (tone, verdict) = match () {
        () if fails => (Tone::Bad, texts::pod_fails()),
        () if finding.is_some() => (Tone::Waiting, texts::pod_in_trouble()),
        () if state.terminating => (Tone::Off, texts::pod_leaves()),
        () if pod::is_over(&pod) => (Tone::Off, texts::pod_ended()),
        () if state.ready => (Tone::Good, texts::healthy()),
        () => (Tone::Waiting, texts::pod_starts()),
    };
    let (ready, all) = state.containers;
    let report = Report::new(tone, line![code(format!("pod/{}", name.name)), " ", verdict])
        .at(scope.place())
        .lines(finding.as_ref().map(diagnosis::Finding::text))
        .line(texts::pod_numbers(&state.status, ready, all, state.restarts));
    let report = match &state.node {
        Some(node) => report.line(texts::on_node(node)),
        None => report,
    };
    let advice = finding.and_then(|finding| finding.remedy()?.advice);
    Ok(match advice {
        Some(advice) if fails => report.field(diagnosis_texts::remedy(), advice),
        _ => report,
    }
    .action(buttons::logs(name))
    .into())
}

/// A Job.
pub(super) async fn of_job(name: &JobName, cx: &Context<'_>) -> Result<Answer, Failure> {
    let scope = Scope::namespace(&name.cluster, &name.namespace);
    let cached = cx.view.cached(&name.cluster, &name.namespace)?;
    let job = match cached.get::<Job>(&name.name) {
        Some(job) => Job::clone(&job),
        None => read(&scope, &name.name, cx).await?,
    };
    let around = quote::around(&scope, cx)?;
    let redactor = quote::redactor(&scope, true, cx).await;
    let look = quote::look(cx, redactor.as_deref()).among(&around);
    let when = |at: Option<crate::model::Timestamp>| at.map(|at| line![" ", ago(at)]).unwrap_or_default();
    let (tone, verdict) = match health::job::state(Some(&job)) {
        JobState::Failed { at, .. } => (Tone::Bad, texts::job_failed().and(when(at))),
        JobState::Complete { at } => (Tone::Good, texts::job_done().and(when(at))),
        JobState::Suspended => (Tone::Waiting, texts::job_suspended()),
        JobState::Running {
            active,
            succeeded,
            failed,
        } => (Tone::Waiting, texts::job_runs(active, succeeded, failed)),
        JobState::Waiting | JobState::Gone => (Tone::Waiting, texts::job_waits()),
    };
    let pods = cached.list::<Pod>();
    let own = pods.iter().filter(|pod| {
        let owner = pod.metadata.controller();
        owner.is_some_and(|owner| *owner.uid == *job.metadata.uid)
    });
    let found: Vec<Text> = own
        .filter_map(|pod| Some(diagnosis::of_pod(pod, look)?.line()))
        .take(4)
        .collect();
    let why = diagnosis::gave_up(&job, look).map(|finding| finding.text());
    Ok(
        Report::new(tone, line![code(format!("job/{}", name.name)), " ", verdict])
            .at(scope.place())
            .lines(why.into_iter().chain(found))
            .into(),
    )
}

/// What the watches do not have (yet), read live: by a list, which needs no right that the watches do not need.
async fn read<K: Kind>(scope: &Scope, name: &str, cx: &Context<'_>) -> Result<K, Failure> {
    let namespace = scope.namespace.as_deref().unwrap_or_default();
    let select = Select::fields(format!("metadata.name={name}"));
    let listed: Vec<K> = cx.view.list(&scope.cluster, namespace, &select).await?;
    let missing = || ClusterError::NotFound {
        cluster: scope.cluster.clone(),
        namespace: namespace.to_owned(),
        what: K::API.kind.to_lowercase(),
        name: name.to_owned(),
        near: vec![],
    };
    Ok(listed.into_iter().next().ok_or_else(missing)?)
}
