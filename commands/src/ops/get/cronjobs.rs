//! `/ceo get cronjobs`: when each runs, when it ran last, and how that ended.

use std::sync::Arc;

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        listing::{self, List, Row},
        options, quote,
        rights::{LIST, Rbac},
    },
    family::{Family, MOST, Whose, is_made_by, known},
};
use crate::{
    cluster::{Folded, Select},
    diagnosis::{self, Look},
    failure::Failure,
    health::job::{self, JobState},
    model::since,
    objects::{CronJob, Job},
    policy::Verb,
    texts::get::{
        self,
        cronjobs::{self as say, Run},
    },
};

/// The command.
pub struct GetCronJobs;

impl Query for GetCronJobs {
    const SPEC: Spec = Spec::new("get cronjobs", Verb::Read)
        .stands_for(&["kubectl get cronjobs", "kubectl get cronjob"])
        .about(say::summary)
        .options(&[&options::FOR])
        .rbac(&[Rbac::on("batch/cronjobs", LIST), Rbac::on("batch/jobs", LIST)]);
    type Args = Whose;

    async fn answer(&self, whose: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let scope = whose.scope();
        let family = Family::asked(&whose, &["cronjob"], say::NOUN.many, cx).await?;
        let select = Select::default().at_most(MOST);
        let take = |all: &mut Vec<CronJob>, cronjob: CronJob| {
            if family
                .as_ref()
                .is_none_or(|family| family.is("cronjob", &cronjob.metadata.name))
            {
                all.push(cronjob);
            }
        };
        let found: Folded<Vec<CronJob>> = cx.view.fold(&scope, &select, take).await?;
        let jobs: Vec<Arc<Job>> = known(&scope, cx).await?;
        let redactor = quote::redactor(&scope, !found.value.is_empty(), cx).await;
        let look = quote::look(cx, redactor.as_deref());
        Ok(List {
            what: say::NOUN,
            of: Family::called(family.as_ref()),
            heads: vec![get::name(), say::schedule(), say::last(), get::state()],
            rows: found
                .value
                .iter()
                .map(|cronjob| row(cronjob, &jobs, look))
                .collect(),
            notes: listing::unread(&found).into_iter().collect(),
        }
        .answer(&scope))
    }
}

fn row(cronjob: &CronJob, jobs: &[Arc<Job>], look: Look<'_>) -> Row {
    let spec = &cronjob.spec;
    let schedule = match &spec.time_zone {
        Some(zone) => format!("{} {zone}", spec.schedule),
        None => spec.schedule.to_string(),
    };
    let schedule = if spec.suspend {
        say::suspended(&schedule)
    } else {
        schedule.into()
    };
    let last = cronjob.status.last_schedule_time;
    let run = last_run(cronjob, jobs, look);
    let trouble = match &run {
        Run::Failed { job, why } => Some(say::failed(job, why, cronjob.status.last_successful_time)),
        _ => None,
    };
    let ago = last.map(|at| get::brief(since(at, look.now))).unwrap_or_default();
    Row::new(&*cronjob.metadata.name, vec![schedule, ago, say::run(&run)]).because(trouble)
}

/// How the newest of its Jobs ended; where that is gone, what its own record says.
fn last_run(cronjob: &CronJob, jobs: &[Arc<Job>], look: Look<'_>) -> Run {
    let own = jobs
        .iter()
        .filter(|job| is_made_by(&job.metadata, "CronJob", &cronjob.metadata.name));
    let status = &cronjob.status;
    if let Some(newest) = own.max_by_key(|job| job.metadata.creation_timestamp) {
        return match job::state(Some(newest)) {
            JobState::Complete { .. } => Run::Succeeded,
            JobState::Failed { .. } => Run::Failed {
                job: newest.metadata.name.to_string(),
                why: diagnosis::gave_up(newest, look)
                    .map(|finding| finding.text())
                    .unwrap_or_default(),
            },
            JobState::Gone | JobState::Waiting | JobState::Running { .. } | JobState::Suspended => {
                Run::Running
            }
        };
    }
    match (status.last_schedule_time, status.last_successful_time) {
        (None, _) => Run::Never,
        (Some(began), Some(done)) if done >= began => Run::Succeeded,
        _ if !status.active.is_empty() => Run::Running,
        _ => Run::NotKnown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{incident, model::Timestamp};

    fn run(status: &Value, jobs: &[Value]) -> Run {
        let cronjob: CronJob = serde_json::from_value(
            json!({ "metadata": { "name": "backup" }, "spec": { "schedule": "0 3 * * *" },
                "status": status }),
        )
        .unwrap();
        let jobs: Vec<Arc<Job>> = jobs
            .iter()
            .enumerate()
            .map(|(n, status)| {
                let made = Timestamp::from_second(i64::try_from(n).unwrap())
                    .unwrap()
                    .to_string();
                let owner = json!({ "kind": "CronJob", "name": "backup", "controller": true });
                let job = json!({ "status": status, "metadata": { "name": format!("backup-{n}"),
                    "creationTimestamp": made, "ownerReferences": [owner] } });
                Arc::new(serde_json::from_value(job).unwrap())
            })
            .collect();
        let timing = incident::Timing::default();
        last_run(
            &cronjob,
            &jobs,
            Look::new(Timestamp::from_second(1000).unwrap(), &timing),
        )
    }

    #[test]
    fn the_newest_job_tells_how_the_last_run_ended() {
        let complete = json!({ "conditions": [ { "type": "Complete", "status": "True" } ] });
        let failed = json!({ "failed": 1, "conditions": [ { "type": "Failed", "status": "True", "reason": "DeadlineExceeded" } ] });
        let none = json!({});
        assert_eq!(run(&none, &[]), Run::Never);
        assert_eq!(run(&none, &[failed.clone(), complete.clone()]), Run::Succeeded);
        let Run::Failed { job, why } = run(&none, &[complete, failed]) else {
            panic!("not told as failed")
        };
        assert_eq!(
            (job.as_str(), why.plain().as_str()),
            ("backup-1", "it took longer than its deadline")
        );
    }

    #[test]
    fn where_its_jobs_are_gone_its_own_record_tells() {
        let at = |second: i64| Timestamp::from_second(second).unwrap().to_string();
        let ran = |last: i64, success: i64| json!({ "lastScheduleTime": at(last), "lastSuccessfulTime": at(success) });
        assert_eq!(run(&ran(100, 130), &[]), Run::Succeeded);
        assert_eq!(
            run(&ran(100, 90), &[]),
            Run::NotKnown,
            "a failure that nobody saw is not told as one"
        );
    }
}
