//! The cards of what makes no pods for others: a pod by itself, a Job.

use super::{
    buttons,
    contract::{Answer, Context},
    quote,
};
use crate::{
    cluster::{Kind, Select, missing},
    diagnosis::{self, Finding},
    failure::Failure,
    health::{self, job::JobState, pod},
    input::JobName,
    line,
    model::{PodName, Report, Scope, Text, Timestamp, Tone, ago, code},
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
    let around = quote::with_volumes(quote::around(&scope, cx)?, &scope, [&pod], cx).await;
    let said = quote::says_something(&pod, quote::look(cx, None).among(&around));
    let redactor = quote::redactor(&scope, said, cx).await;
    let look = quote::look(cx, redactor.as_deref()).among(&around);
    let finding = diagnosis::of_pod(&pod, look);
    let state = health::state(&pod);
    let fails = finding.as_ref().is_some_and(diagnosis::Finding::is_failure);
    let (tone, verdict) = verdict_of_pod(&pod, finding.as_ref());
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

/// How a pod is, in a colour and in words behind its name.
pub(super) fn verdict_of_pod(pod: &Pod, finding: Option<&Finding>) -> (Tone, Text) {
    let state = health::state(pod);
    match finding {
        Some(finding) if finding.is_failure() => (Tone::Bad, texts::pod_fails()),
        Some(_) => (Tone::Waiting, texts::pod_in_trouble()),
        None if state.terminating => (Tone::Off, texts::pod_leaves()),
        None if pod::is_over(pod) => (Tone::Off, texts::pod_ended()),
        None if state.ready => (Tone::Good, texts::healthy()),
        None => (Tone::Waiting, texts::pod_starts()),
    }
}

/// How a Job is, in a colour and in words behind its name.
pub(super) fn verdict_of_job(job: &Job) -> (Tone, Text) {
    let when = |at: Option<Timestamp>| at.map(|at| line![" ", ago(at)]).unwrap_or_default();
    match health::job::state(Some(job)) {
        JobState::Failed { at, .. } => (Tone::Bad, texts::job_failed().and(when(at))),
        JobState::Complete { at } => (Tone::Good, texts::job_done().and(when(at))),
        JobState::Suspended => (Tone::Waiting, texts::job_suspended()),
        JobState::Running {
            active,
            succeeded,
            failed,
        } => (Tone::Waiting, texts::job_runs(active, succeeded, failed)),
        JobState::Waiting | JobState::Gone => (Tone::Waiting, texts::job_waits()),
    }
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
    let (tone, verdict) = verdict_of_job(&job);
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
pub(super) async fn read<K: Kind>(scope: &Scope, name: &str, cx: &Context<'_>) -> Result<K, Failure> {
    let namespace = scope.namespace.as_deref().unwrap_or_default();
    let select = Select::fields(format!("metadata.name={name}"));
    let listed: Vec<K> = cx.view.list(&scope.cluster, namespace, &select).await?;
    let found = listed.into_iter().next();
    Ok(found.ok_or_else(|| missing::<K>(scope, name, []))?)
}
