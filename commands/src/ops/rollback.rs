//! `/ceo rollback`: the pod template of an earlier revision, as `kubectl rollout undo` would restore it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Run,
    contract::{Args, Change, Context, Draft, Finished, Spec},
    diff,
    follow::{Follow, follow},
    impact, options, patch,
    rights::{self, GET, LIST, PATCH, Rbac},
};
use crate::{
    cluster::{Op, Patch, Revision, WorkloadObject, hash, precondition_of, same_template},
    failure::{Failure, Moved},
    input::{BadInput, Input, Opt},
    line,
    model::{Report, Scope, Workload, WorkloadName, code},
    policy::Verb,
    texts,
    ticket::Precondition,
};

const TEMPLATE: &str = "/spec/template";

const REVISION: Opt<Option<i64>> = Opt::revision("revision", "workload")
    .about(texts::rollback::revision)
    .optional();

/// The command.
pub struct Rollback;

/// Its words.
pub struct RollbackArgs {
    workload: WorkloadName,
    revision: Option<i64>,
}

impl Args for RollbackArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            workload: input.take(&options::WORKLOAD)?,
            revision: input.take(&REVISION)?,
        })
    }

    fn scope(&self) -> Scope {
        self.workload.scope()
    }
}

/// What will be done.
#[derive(Debug, Serialize, Deserialize)]
pub struct RollbackPlan {
    workload: Workload,
    revision: i64,
    /// The hash of the template. The template itself may hold what must not be stored, so it is read again.
    template: String,
    #[serde(alias = "hold")]
    precondition: Precondition,
}

impl Change for Rollback {
    const SPEC: Spec = Spec::new("rollback", Verb::Release)
        .about(texts::rollback::summary)
        .private()
        .options(&[&options::WORKLOAD, &REVISION, &options::REASON])
        .rbac(&[
            Rbac::on("apps/deployments", GET | PATCH),
            Rbac::on("apps/statefulsets", GET | PATCH),
            Rbac::on("apps/daemonsets", GET | PATCH),
            Rbac::on("apps/replicasets", LIST),
            Rbac::on("apps/controllerrevisions", LIST),
            rights::EVENTS,
        ]);
    const EVENT: &'static str = "CeoRolledBack";
    type Args = RollbackArgs;
    type Plan = RollbackPlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let workload = cx.view.resolve(&args.workload).await?;
        let object = cx.view.workload(&workload).await?;
        if object.paused() {
            return Err(paused(&workload).into());
        }
        let revisions = cx.view.revisions(&object).await?;
        let revision = choose(&workload, &revisions, args.revision)?;
        if same_template(&object.template(), &revision.template) {
            return Err(same(&workload, revision).into());
        }
        let precondition = precondition_of(&object, &[TEMPLATE]);
        let rehearsed = cx
            .view
            .rehearse(&Patch::on(&object, operations(&revision.template)))
            .await?;
        let mut preview = preview(&workload, &object, revision);
        // What the API server would make of it, not what was sent: admission may have its own mind.
        let after = rehearsed.pointer(TEMPLATE).unwrap_or(&revision.template);
        if let Some(diff) = diff::templates(&object.template(), after) {
            preview.add(diff);
        }
        Ok(Draft {
            preview,
            verb: Verb::Release,
            scopes: vec![workload.scope()],
            risks: impact::risks(&object),
            preconditions: vec![precondition.clone()],
            targets: vec![workload.to_string()],
            plan: RollbackPlan {
                workload,
                revision: revision.number,
                template: hash(Some(&revision.template)),
                precondition,
            },
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        let template = template_of(run, &plan).await?;
        let ops = operations(&template);
        let step = "restore the template";
        let generation = run
            .once(
                step,
                || patch::write(run, &plan.precondition, &ops),
                || {
                    patch::observe(run, &plan.workload, &plan.precondition, |o| {
                        same_template(&o.template(), &template)
                    })
                },
            )
            .await?;
        run.release().await?;
        let name = plan.workload.short();
        let number = plan.revision;
        let what = Follow {
            workload: &plan.workload,
            generation,
            since: run.began(step).unwrap_or_else(|| run.now()),
            doing: line!["Rolling back ", name.clone(), format!(" to revision {number}")],
            noun: format!("Rollback to revision {number}"),
            done: &|object| {
                let line = line!["Rolled back ", name.clone(), format!(" to revision {number}")];
                match object.revision() {
                    Some(now) if now != number => line.and(format!(" (now revision {now})")),
                    _ => line,
                }
            },
            ours: &|object| same_template(&object.template(), &template),
        };
        follow(run, what).await
    }
}

fn operations(template: &Value) -> Vec<Op> {
    vec![Op::replace(TEMPLATE, template.clone())]
}

/// The template that was approved, from the history.
async fn template_of(run: &Run<'_>, plan: &RollbackPlan) -> Result<Value, Failure> {
    let cached = run
        .view()
        .cached(&plan.workload.cluster, &plan.workload.namespace)?
        .workload(&plan.workload);
    let object = match cached {
        Some(object) => object,
        None => run.view().workload(&plan.workload).await?,
    };
    let revisions = run.view().revisions(&object).await?;
    let found = revisions
        .into_iter()
        .find(|r| hash(Some(&r.template)) == plan.template);
    found.map(|r| r.template).ok_or_else(|| {
        Failure::Stale(Moved {
            field: format!("revision {}", plan.revision),
            by: None,
            at: None,
            how: Some(line!["it is gone from the history"]),
        })
    })
}

/// The revision that was named; without a name the newest but one, as kubectl takes it.
fn choose<'r>(
    workload: &Workload,
    revisions: &'r [Revision],
    wanted: Option<i64>,
) -> Result<&'r Revision, BadInput> {
    let mut numbers: Vec<i64> = revisions.iter().map(|r| r.number).collect();
    numbers.sort_unstable();
    let number = match wanted {
        Some(number) => number,
        None => *numbers.iter().rev().nth(1).ok_or_else(|| {
            BadInput::new(line![
                code(workload.short()),
                " has no earlier revision to go back to"
            ])
            .hint("Nothing was changed. Its history holds only what runs now.")
        })?,
    };
    revisions.iter().find(|r| r.number == number).ok_or_else(|| {
        let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        BadInput::new(line![
            code(workload.short()),
            " has no revision ",
            number,
            " any more"
        ])
        .hint(line![
            "Its history holds ",
            list.join(", "),
            ". Nothing was changed."
        ])
    })
}

fn paused(workload: &Workload) -> BadInput {
    BadInput::new(line![
        "The rollout of ",
        code(workload.short()),
        " is paused, so it cannot be rolled back"
    ])
    .hint(line![
        "Resume it first: ",
        code(format!("kubectl rollout resume {}", workload.short())),
        ". Nothing was changed."
    ])
}

fn same(workload: &Workload, revision: &Revision) -> BadInput {
    BadInput::new(line![
        "Revision ",
        revision.number,
        " of ",
        code(workload.short()),
        " is what runs now: the templates are equal"
    ])
    .hint("Nothing was changed. Choose another revision.")
}

fn preview(workload: &Workload, object: &WorkloadObject, revision: &Revision) -> Report {
    let title = line![
        "Roll back ",
        workload.short(),
        format!(" to revision {}?", revision.number)
    ];
    let mut report = Report {
        title,
        ..Report::default()
    }
    .at(workload.scope().place());
    report = report.field("Effect", line![impact::replacement(object, revision.pods)]);
    if let Some(cause) = &revision.change_cause {
        report = report.field(
            format!("Change-cause of revision {}", revision.number),
            line![code(cause)],
        );
    }
    report
}
