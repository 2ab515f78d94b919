//! `/ceo get jobs`: the Jobs of the namespace or of a CronJob, how they ended, the failed ones first, then the newest.

use std::{cmp::Reverse, sync::Arc};

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        listing::{List, Row},
        options, quote,
        rights::{LIST, Rbac},
    },
    family::{Family, Whose, is_made_by, known},
};
use crate::{
    diagnosis::{self, Look},
    failure::Failure,
    health::job::{self, JobState},
    model::{Text, since},
    objects::{Job, Pod},
    policy::Verb,
    texts::get::{self, jobs as say},
};

/// The command.
pub struct GetJobs;

impl Query for GetJobs {
    const SPEC: Spec = Spec::new("get jobs", Verb::Read)
        .stands_for(&["kubectl get jobs", "kubectl get job"])
        .about(say::summary)
        .options(&[&options::FOR])
        .rbac(&[Rbac::on("batch/jobs", LIST), Rbac::on("core/pods", LIST)]);
    type Args = Whose;

    async fn answer(&self, whose: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let scope = whose.scope();
        let family = Family::asked(&whose, &["job", "cronjob"], say::NOUN.many, cx).await?;
        let mut jobs: Vec<Arc<Job>> = known(&scope, cx).await?;
        if let Some(family) = &family {
            jobs.retain(|job| {
                let made = family.kind == "cronjob" && is_made_by(&job.metadata, "CronJob", &family.name);
                made || family.is("job", &job.metadata.name)
            });
            if jobs.is_empty() {
                family.must_be()?;
            }
        }
        jobs.sort_by_key(|job| Reverse(job.metadata.creation_timestamp));
        let pods: Vec<Arc<Pod>> = known(&scope, cx).await?;
        let around = quote::around(&scope, cx)?;
        let redactor = quote::redactor(&scope, !jobs.is_empty(), cx).await;
        let look = quote::look(cx, redactor.as_deref()).among(&around);
        Ok(List {
            what: say::NOUN,
            of: Family::called(family.as_ref()),
            heads: vec![get::name(), get::state(), say::done(), say::took(), get::age()],
            rows: jobs.iter().map(|job| row(job, &pods, look)).collect(),
            notes: vec![],
        }
        .answer(&scope))
    }
}

fn row(job: &Job, pods: &[Arc<Pod>], look: Look<'_>) -> Row {
    let state = job::state(Some(job));
    let status = job.status.as_ref();
    let succeeded = status.and_then(|s| s.succeeded).unwrap_or_default();
    let done = match job.spec.completions {
        Some(of) => format!("{succeeded}/{of}"),
        None => succeeded.to_string(),
    };
    let began = status.and_then(|s| s.start_time);
    let ended = match &state {
        JobState::Complete { at } | JobState::Failed { at, .. } => *at,
        JobState::Running { .. } => Some(look.now),
        JobState::Gone | JobState::Waiting | JobState::Suspended => None,
    };
    let took = began
        .zip(ended)
        .map(|(began, ended)| get::brief(since(began, ended)));
    let age = job
        .metadata
        .creation_timestamp
        .map(|at| get::brief(since(at, look.now)));
    let cells = vec![
        word(&state).into(),
        done.into(),
        took.unwrap_or_default(),
        age.unwrap_or_default(),
    ];
    Row::new(&*job.metadata.name, cells).because(trouble(job, &state, pods, look))
}

/// As kubectl writes it.
fn word(state: &JobState) -> &'static str {
    match state {
        JobState::Gone => "",
        JobState::Waiting => "Pending",
        JobState::Running { .. } => "Running",
        JobState::Suspended => "Suspended",
        JobState::Complete { .. } => "Complete",
        JobState::Failed { .. } => "Failed",
    }
}

/// Why it gave up, or what is wrong with a pod of it while it runs.
fn trouble(job: &Job, state: &JobState, pods: &[Arc<Pod>], look: Look<'_>) -> Option<Text> {
    if let Some(finding) = diagnosis::gave_up(job, look) {
        return Some(finding.text());
    }
    if state.is_over() {
        return None;
    }
    let mut own = pods.iter().filter(|pod| {
        let owner = pod.metadata.controller();
        owner.is_some_and(|owner| *owner.uid == *job.metadata.uid)
    });
    let finding = own.find_map(|pod| diagnosis::of_pod(pod, look))?;
    Some(say::pod(&finding.text()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{incident, model::Timestamp};

    fn told(status: &Value) -> (Vec<String>, String) {
        let job: Job = serde_json::from_value(json!({ "metadata": { "name": "backup", "uid": "u",
            "creationTimestamp": "2026-11-22T20:00:00Z" }, "spec": { "completions": 2 }, "status": status }))
        .unwrap();
        let now: Timestamp = "2026-11-22T20:10:00Z".parse().unwrap();
        let timing = incident::Timing::default();
        let row = row(&job, &[], Look::new(now, &timing));
        let trouble = row.trouble.map(|t| t.plain()).unwrap_or_default();
        (row.cells.iter().map(Text::plain).collect(), trouble)
    }

    #[test]
    fn a_job_is_told_by_how_it_ended() {
        let began = "2026-11-22T20:00:05Z";
        let (cells, trouble) = told(
            &json!({ "startTime": began, "succeeded": 2, "completionTime": "2026-11-22T20:00:47Z",
            "conditions": [ { "type": "Complete", "status": "True" } ] }),
        );
        assert_eq!(
            (cells.join(" ").as_str(), trouble.as_str()),
            ("Complete 2/2 42s 10m", "")
        );
        let (cells, trouble) = told(
            &json!({ "startTime": began, "failed": 3, "conditions": [ { "type": "Failed",
            "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": "2026-11-22T20:02:05Z" } ] }),
        );
        assert_eq!(cells.join(" "), "Failed 0/2 2m 10m");
        assert!(trouble.contains("3 pods of it failed"), "{trouble}");
        let (cells, trouble) = told(&json!({ "startTime": began, "active": 1 }));
        assert_eq!(
            (cells.join(" ").as_str(), trouble.as_str()),
            ("Running 0/2 9m 10m", "")
        );
    }
}
