//! `/ceo rollback`: the pod template of an earlier revision, as `kubectl rollout undo` would restore it.

use json_patch::PatchOperation;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::{
    buttons,
    contract::{Args, Change, Context, Draft, Finished, Spec},
    diff,
    follow::{Follow, Followed, follow, follow_to_end},
    impact, options,
    rights::{self, GET, LIST, PATCH, Rbac},
};
use crate::{
    cluster::{Patch, Revision, WorkloadObject, hash, patch, precondition_of, same_template},
    failure::{Failure, Moved},
    input::{BadInput, Input, Opt, line_about},
    line,
    model::{Action, Report, Scope, Style, Workload, WorkloadKind, WorkloadName, code},
    policy::Verb,
    texts,
    ticket::{Directive, Outcome, Precondition},
    workflow::{Run, Told, Written},
};

const TEMPLATE: &str = "/spec/template";
const PAUSED: &str = "/spec/paused";

const RESTORE: &str = "restore the template";
const FOLLOW: &str = "follow";
const BACK: &str = "restore what ran before";
const FOLLOW_BACK: &str = "follow the way back";

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
        ])
        .controlled_by(&[Directive::Hold, Directive::RollBack]);
    const EVENT: &'static str = "CeoRolledBack";
    const STEPS: &'static [&'static str] = &[RESTORE, FOLLOW];
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
        let before = plan
            .precondition
            .fields
            .first()
            .map_or("", |(_, hash)| hash.as_str());
        let way = Way {
            run,
            plan: &plan,
            to: Template::of(&plan.template),
            back: Template::of(before),
        };
        if run.began(BACK).is_none() {
            let written = way.restore().await?;
            run.release().await?;
            if let Some(finished) = way.follow(written).await? {
                return Ok(finished);
            }
            run.reclaim().await?;
        }
        run.obey(Directive::RollBack);
        let written = way.turn_back().await?;
        run.release().await?;
        let what = way.following_back(written).await?;
        follow_to_end(run, FOLLOW_BACK, &what).await
    }
}

/// A template that is known by its hash, and read from the history when it is needed.
struct Template<'a> {
    hash: &'a str,
    read: OnceCell<Value>,
}

impl<'a> Template<'a> {
    fn of(hash: &'a str) -> Self {
        Self {
            hash,
            read: OnceCell::new(),
        }
    }
}

/// The way there, and back.
struct Way<'a> {
    run: &'a Run<'a>,
    plan: &'a RollbackPlan,
    to: Template<'a>,
    back: Template<'a>,
}

impl Way<'_> {
    async fn template(&self, of: &Template<'_>) -> Result<Value, Failure> {
        of.read
            .get_or_try_init(|| template_of(self.run, self.plan, of.hash))
            .await
            .cloned()
    }

    async fn restore(&self) -> Result<Written, Failure> {
        let object = &self.plan.precondition;
        self.run
            .once(
                RESTORE,
                |writer| async move {
                    let ops = operations(&self.template(&self.to).await?);
                    Ok(Written::of(&writer.patch(object, &ops).await?))
                },
                |before| async move {
                    let template = self.template(&self.to).await?;
                    let visible = |now: &Value| holds(now, &template);
                    self.run.look(RESTORE, object, before, visible).await
                },
            )
            .await
    }

    /// Follows to the end; `None` when it is to be turned back.
    async fn follow(&self, written: Written) -> Result<Option<Finished>, Failure> {
        let what = self.following(written).await?;
        loop {
            if let Some(number) = outstanding(self.run)
                && self.run.directive() == Directive::Continue
            {
                self.pause(&format!("resume {number}"), false).await?;
            }
            match follow(self.run, FOLLOW, &what).await? {
                Followed::Ended(finished) => return Ok(Some(*finished)),
                Followed::Told(Directive::Hold) => {
                    if self.plan.workload.kind == WorkloadKind::Deployment {
                        let number = outstanding(self.run).unwrap_or_else(|| next(self.run));
                        self.pause(&format!("pause {number}"), true).await?;
                    }
                    if self.run.checkpoint().await? == Told::RollBack {
                        return Ok(None);
                    }
                }
                Followed::Told(_) => return Ok(None),
            }
        }
    }

    /// Pauses or resumes the rollout, as a step of its own.
    async fn pause(&self, step: &str, paused: bool) -> Result<(), Failure> {
        let run = self.run;
        let left = run
            .left_by(RESTORE)
            .unwrap_or_else(|| self.plan.precondition.clone());
        let (left, ops) = (&left, &[patch::add(PAUSED, paused)]);
        run.reclaim().await?;
        run.once(
            step,
            |writer| async move { Ok(Written::of(&writer.patch(left, ops).await?)) },
            |before| run.look(step, left, before, |now| patch::is_done_in(ops, now)),
        )
        .await?;
        run.release().await
    }

    /// Resumes and restores, in one patch.
    async fn turn_back(&self) -> Result<Written, Failure> {
        let run = self.run;
        let left = run
            .left_by(RESTORE)
            .unwrap_or_else(|| self.plan.precondition.clone());
        let (left, paused) = (&left, outstanding(run).is_some());
        run.once(
            BACK,
            |writer| async move {
                let mut ops = operations(&self.template(&self.back).await?);
                if paused {
                    ops.push(patch::add(PAUSED, false));
                }
                Ok(Written::of(&writer.patch(left, &ops).await?))
            },
            |before| async move {
                let template = self.template(&self.back).await?;
                run.look(BACK, left, before, |now| holds(now, &template)).await
            },
        )
        .await
    }

    async fn following(&self, written: Written) -> Result<Follow<'_>, Failure> {
        let template = self.run.answered(|| self.template(&self.to)).await.ok();
        let (name, number) = (self.plan.workload.short(), self.plan.revision);
        let ticket = self.run.permit().ticket();
        let mut all = vec![buttons::roll_back_now(ticket)];
        if self.plan.workload.kind == WorkloadKind::Deployment {
            all.insert(0, buttons::hold(ticket));
        }
        Ok(Follow {
            workload: &self.plan.workload,
            generation: written.generation,
            since: self.run.began(RESTORE).unwrap_or_else(|| self.run.now()),
            doing: texts::rollback::rolling_back(&name, number),
            noun: texts::rollback::noun(number),
            done: Box::new(move |object| texts::rollback::rolled_back(&name, number, object.revision())),
            outcome: Outcome::Succeeded,
            buttons: all,
            way_back: button(&self.plan.workload),
            // A history that has lost it says nothing against it.
            ours: Box::new(move |object| {
                template
                    .as_ref()
                    .is_none_or(|template| same_template(&object.template(), template))
            }),
        })
    }

    async fn following_back(&self, written: Written) -> Result<Follow<'_>, Failure> {
        let template = self.run.answered(|| self.template(&self.back)).await.ok();
        let name = self.plan.workload.short();
        Ok(Follow {
            workload: &self.plan.workload,
            generation: written.generation,
            since: self.run.began(BACK).unwrap_or_else(|| self.run.now()),
            doing: texts::rollback::going_back(&name),
            noun: texts::rollback::back_noun(),
            done: Box::new(move |_| texts::rollback::gone_back(&name)),
            outcome: Outcome::RolledBack,
            buttons: vec![],
            way_back: button(&self.plan.workload),
            ours: Box::new(move |object| {
                template
                    .as_ref()
                    .is_none_or(|template| same_template(&object.template(), template))
            }),
        })
    }
}

/// The pause that began and is not resumed.
fn outstanding(run: &Run<'_>) -> Option<usize> {
    (1..next(run))
        .rev()
        .find(|number| !run.is_done(&format!("resume {number}")))
}

/// The number of the next pause.
fn next(run: &Run<'_>) -> usize {
    let mut number = 1;
    while run.began(&format!("pause {number}")).is_some() {
        number += 1;
    }
    number
}

/// A button that asks for the way back.
pub(super) fn button(workload: &Workload) -> Action {
    Action {
        style: Style::Danger,
        ..Action::run(
            Rollback::SPEC.path,
            line_about(workload),
            texts::rollback::button(),
        )
    }
}

fn operations(template: &Value) -> Vec<PatchOperation> {
    vec![patch::replace(TEMPLATE, template.clone())]
}

fn holds(object: &Value, template: &Value) -> bool {
    object
        .pointer(TEMPLATE)
        .is_some_and(|now| same_template(now, template))
}

/// The template of a hash, from the history.
async fn template_of(run: &Run<'_>, plan: &RollbackPlan, wanted: &str) -> Result<Value, Failure> {
    let cached = run
        .view()
        .cached(&plan.workload.cluster, &plan.workload.namespace)?
        .workload(&plan.workload);
    let object = match cached {
        Some(object) => object,
        None => run.view().workload(&plan.workload).await?,
    };
    let revisions = run.view().revisions(&object).await?;
    let found = revisions.into_iter().find(|r| hash(Some(&r.template)) == wanted);
    found.map(|r| r.template).ok_or_else(|| {
        Failure::Stale(Moved {
            field: format!("revision {}", plan.revision),
            by: None,
            at: None,
            how: Some(texts::rollback::gone_from_history()),
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
    let mut report = Report {
        title: texts::rollback::question(&workload.short(), revision.number),
        ..Report::default()
    }
    .at(workload.scope().place());
    report = report.field(
        texts::impact::effect(),
        impact::replacement(object, revision.pods),
    );
    if let Some(cause) = &revision.change_cause {
        report = report.field(
            texts::rollback::change_cause_of(revision.number),
            line![code(cause)],
        );
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plans are append-only: one of each release.
    #[test]
    fn plans_of_earlier_releases_are_read() {
        let first = r#"{"workload":{"cluster":"prod","namespace":"ceoagent","kind":"deployment","name":"api"},"revision":7,
            "template":"cd","hold":{"resource":"apps/deployments","cluster":"prod","namespace":"ceoagent","name":"api",
            "uid":"u1","fields":[["/spec/template","ab"]]}}"#;
        let plan: RollbackPlan = serde_json::from_str(first).unwrap();
        assert_eq!((plan.revision, plan.template.as_str()), (7, "cd"));
        assert_eq!(plan.precondition.fields[0].1, "ab");
        assert_eq!(Rollback::STEPS, ["restore the template", "follow"]);
    }
}
