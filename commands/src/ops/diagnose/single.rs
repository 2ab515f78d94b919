//! Why a pod by itself or a Job does not work.

use std::sync::Arc;

use super::{
    super::{buttons, contract::Context, single_card},
    case::{Case, Told},
    pods::Desk,
    roots::explain,
};
use crate::{
    diagnosis,
    failure::Failure,
    health::{exit, pod},
    incident::Subject,
    input::JobName,
    model::{PodName, Scope},
    objects::{Job, Pod},
    texts::diagnose as texts,
};

/// The case of a pod.
pub(super) async fn of_pod(name: &PodName, cx: &Context<'_>) -> Result<Case, Failure> {
    let scope = name.scope();
    let mut desk = Desk::open(scope.clone(), cx).await?;
    let pod = match desk.cached.get::<Pod>(&name.name) {
        Some(pod) => pod,
        None => Arc::new(single_card::read(&scope, &name.name, cx).await?),
    };
    if diagnosis::of_pod(&pod, desk.look()).is_some() {
        desk.listen().await;
    }
    let mut case = Case::new(format!("pod/{}", name.name), scope.place());
    desk.look_at_pods(&mut case, std::slice::from_ref(&pod));
    let finding = diagnosis::of_pod(&pod, desk.look());
    let (tone, verdict) = single_card::verdict_of_pod(&pod, finding.as_ref());
    case.verdict = Some(verdict);
    if let Some(finding) = &finding {
        case.tone = tone;
        let told = desk.told(finding, 1);
        explain(&mut case, &desk, finding, told).await;
    }
    case.actions.push(buttons::logs(name));
    if let Some(owner) = desk.cached.owner_of(&pod) {
        let label = texts::button_of(&owner.short());
        case.actions.push(buttons::diagnose(&owner, label));
    }
    Ok(case)
}

/// The case of a Job.
pub(super) async fn of_job(name: &JobName, cx: &Context<'_>) -> Result<Case, Failure> {
    let scope = Scope::namespace(&name.cluster, &name.namespace);
    let mut desk = Desk::open(scope.clone(), cx).await?;
    let job = match desk.cached.get::<Job>(&name.name) {
        Some(job) => Job::clone(&job),
        None => single_card::read(&scope, &name.name, cx).await?,
    };
    desk.listen().await;
    let mut case = Case::new(format!("job/{}", name.name), scope.place());
    fill_job(&mut case, &desk, &job).await;
    Ok(case)
}

/// What is known of a Job, in a case.
pub(super) async fn fill_job(case: &mut Case, desk: &Desk<'_>, job: &Job) {
    let name = &job.metadata.name;
    let (tone, verdict) = single_card::verdict_of_job(job);
    case.looked(texts::job_word(), verdict.clone());
    case.verdict = Some(verdict);
    let mut pods = desk.cached.list::<Pod>();
    pods.retain(|pod| {
        let owner = pod.metadata.controller();
        owner.is_some_and(|owner| *owner.uid == *job.metadata.uid)
    });
    desk.look_at_pods(case, &pods);
    let causes = desk.causes(pods.iter().map(AsRef::as_ref));
    if let Some(finding) = diagnosis::gave_up(job, desk.look()) {
        case.tone = tone;
        let failed = pods.iter().filter(|pod| pod.status.phase == "Failed");
        let last = failed.max_by_key(|pod| pod.metadata.creation_timestamp);
        let end = last.and_then(|pod| Some((pod, pod::last_end(pod)?)));
        let mut text = texts::job(name, &finding.text());
        let mut evidence = None;
        if let Some((_, end)) = &end {
            let exit = exit::words(end.exit_code, end.reason.as_deref());
            text = texts::last_pod_ended(&text, &end.container, &exit);
            evidence = Some(texts::ended(&exit, end.at));
        }
        let mut told = Told::of(&finding, text, desk.cx.now);
        told.evidence.extend(evidence);
        let subject = end.map(|(pod, end)| Subject {
            pod: pod.metadata.name.to_string(),
            container: Some(end.container),
            ended: end.at,
            running: false,
        });
        explain(case, desk, &diagnosis::Finding { subject, ..finding }, told).await;
    } else if let Some((finding, count)) = causes.first() {
        case.tone = crate::model::Tone::Bad;
        let told = desk.told(finding, *count);
        explain(case, desk, finding, told).await;
    }
    if let Some(pod) = pods.last() {
        let name = PodName {
            cluster: desk.scope.cluster.clone(),
            namespace: desk.cached.namespace().to_owned(),
            name: pod.metadata.name.to_string(),
        };
        case.actions.push(buttons::logs(&name));
    }
}
