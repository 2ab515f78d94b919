//! The change of the drill: it decides, creates a Job, waits for it, writes twice, applies a ConfigMap, deletes the Job,
//! parks for a sign-off, and turns back. Every way in which a workflow writes is in it.

use std::time::Duration;

use ceo_commands::{
    cluster::{Patch, Target, patch, precondition_of, target},
    failure::Failure,
    input::{BadInput, Input},
    model::{Report, Scope, Tone, UserId, Workload},
    objects::Pod,
    ops::contract::{Args, Change, Context, Draft, Finished, Spec},
    policy::{Verb, Who},
    ticket::{Outcome, Precondition, Until, Woken},
    workflow::{Look, Run, Waited, Written},
};
use ceo_tests::kube::fixtures;
use serde::{Deserialize, Serialize};

use crate::world::{NS, api};

/// Who asks and who signs off.
pub(crate) const PERSON: UserId = UserId(7);

const DECIDE: &str = "choose the count";
const CREATE: &str = "create the job";
const WAIT: &str = "wait for the job";
const FIRST: &str = "scale up";
const SECOND: &str = "keep fewer revisions";
const APPLY: &str = "apply the settings";
const DELETE: &str = "delete the job";
const ASK: &str = "wait for the sign-off";
const BACK: &str = "scale back";

const REPLICAS: &str = "/spec/replicas";
const HISTORY: &str = "/spec/revisionHistoryLimit";

pub(crate) struct Drill;

pub(crate) struct NoWords(Scope);

impl Args for NoWords {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self(input.here()))
    }

    fn scope(&self) -> Scope {
        self.0.clone()
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct DrillPlan {
    workload: Workload,
    job: Target,
    count: i32,
    object: Precondition,
}

impl Change for Drill {
    const SPEC: Spec = Spec::new("drill", Verb::Change).private();
    const EVENT: &'static str = "CeoDrilled";
    const STEPS: &'static [&'static str] = &[DECIDE, CREATE, WAIT, FIRST, SECOND, APPLY, DELETE, ASK, BACK];
    type Args = NoWords;
    type Plan = DrillPlan;

    async fn plan(&self, _: NoWords, cx: &Context<'_>) -> Result<Draft<DrillPlan>, Failure> {
        let workload = api();
        let object = cx.view.workload(&workload).await?;
        let count = object.replicas().unwrap_or(1);
        cx.view
            .rehearse(&Patch::on(&object, vec![patch::replace(REPLICAS, count + 1)]))
            .await?;
        let job = Target {
            cluster: workload.cluster.clone(),
            namespace: NS.to_owned(),
            resource: "batch/jobs".to_owned(),
            name: "drill".to_owned(),
        };
        let object = precondition_of(&object, &[REPLICAS]);
        Ok(Draft {
            preview: Report::new(Tone::Waiting, "Drill?"),
            verb: Verb::Change,
            scopes: vec![workload.scope()],
            risks: vec![],
            preconditions: vec![object.clone()],
            targets: vec![
                workload.to_string(),
                target("prod", NS, "batch/jobs", "drill"),
                target("prod", NS, "configmaps", "drill"),
            ],
            plan: DrillPlan {
                workload,
                job,
                count,
                object,
            },
        })
    }

    async fn execute(&self, plan: DrillPlan, run: &Run<'_>) -> Result<Finished, Failure> {
        let job = &plan.job;
        let count = run.decide(DECIDE, || async { Ok(plan.count + 1) }).await?;
        let created = run
            .once(
                CREATE,
                |writer| async move {
                    let object = fixtures::job(NS, &job.name, "exit 0", 1);
                    Ok(Written::of(&writer.create(job, object).await?))
                },
                |_| run.look_for_created(CREATE, job),
            )
            .await?;
        let place = plan.workload.scope();
        // However fast the cluster is, the wait says once how far it is: a moment to die at must come in every life.
        let mut said = false;
        let waited = run
            .wait(WAIT, &place, Duration::from_secs(20), |cached, _| {
                let done = cached
                    .list::<Pod>()
                    .iter()
                    .any(|pod| pod.metadata.name.starts_with("drill-") && pod.status.phase == "Succeeded");
                if done && std::mem::replace(&mut said, true) {
                    Look::Met
                } else {
                    Look::Going(Report::new(Tone::Info, "Drilling"))
                }
            })
            .await?;
        if waited != Waited::Met {
            return Ok(ended(Outcome::Failed, "The job did not end"));
        }
        write(run, FIRST, &plan.object, (REPLICAS, count)).await?;
        write(run, SECOND, &plan.object_without_fields(), (HISTORY, 7)).await?;
        apply(run, &plan.settings()).await?;
        let job = plan.job_of(&created);
        let gone = &job;
        run.once(
            DELETE,
            |writer| async move { Ok(writer.delete(gone).await?) },
            |_| run.look_for_deleted(gone),
        )
        .await?;
        run.checkpoint().await?;
        let until = Until::SignOff {
            question: "Is all well?".into(),
            by: vec![Who::User(PERSON)],
            lapses: run.now() + Duration::from_secs(600),
        };
        let woken = run
            .park(ASK, until, Report::new(Tone::Waiting, "Waits for a person"))
            .await?;
        if !matches!(woken, Woken::Refused { .. }) {
            return Ok(ended(Outcome::Succeeded, "Drilled"));
        }
        let left = run.left_by(FIRST).unwrap();
        write(run, BACK, &left, (REPLICAS, plan.count)).await?;
        Ok(ended(Outcome::RolledBack, "Drilled and turned back"))
    }
}

impl DrillPlan {
    fn settings(&self) -> Target {
        Target {
            resource: "configmaps".to_owned(),
            ..self.job.clone()
        }
    }

    fn job_of(&self, created: &Written) -> Precondition {
        Precondition {
            resource: self.job.resource.clone(),
            cluster: self.job.cluster.clone(),
            namespace: self.job.namespace.clone(),
            name: self.job.name.clone(),
            uid: created.uid.clone(),
            fields: vec![],
        }
    }

    fn object_without_fields(&self) -> Precondition {
        Precondition {
            fields: vec![],
            ..self.object.clone()
        }
    }
}

/// Applies the settings, once.
async fn apply(run: &Run<'_>, settings: &Target) -> Result<Written, Failure> {
    let object = &serde_json::json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": settings.name, "namespace": settings.namespace },
        "data": { "state": "drilled" },
    });
    run.once(
        APPLY,
        |writer| async move { Ok(Written::of(&writer.apply(settings, object.clone()).await?)) },
        |before| run.look_for_applied(APPLY, settings, object, before),
    )
    .await
}

async fn write(
    run: &Run<'_>,
    step: &str,
    object: &Precondition,
    to: (&str, i32),
) -> Result<Written, Failure> {
    let ops = &[patch::replace(to.0, to.1)];
    run.once(
        step,
        |writer| async move { Ok(Written::of(&writer.patch(object, ops).await?)) },
        |before| run.look(step, object, before, |now| patch::is_done_in(ops, now)),
    )
    .await
}

fn ended(outcome: Outcome, title: &str) -> Finished {
    Finished {
        outcome,
        report: Report::new(Tone::Good, title),
    }
}
