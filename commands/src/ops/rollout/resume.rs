//! `/ceo rollout resume`: goes on with a paused rollout, as `kubectl rollout resume` does it, and follows it to its end.

use serde::{Deserialize, Serialize};

use super::{
    super::{
        contract::{Args, Change, Context, Draft, Finished, Spec},
        diff,
        follow::{End, Follow},
        impact, options, quote,
        rights::{self, GET, LIST, PATCH, Rbac},
        template_change::{PAUSED, TEMPLATE},
    },
    switch::{no_switch, switched},
};
use crate::{
    cluster::{Patch, Revision, WorkloadObject, patch, precondition_of},
    failure::Failure,
    input::{BadInput, Input, line_about},
    model::{Action, Report, Scope, Workload, WorkloadKind, WorkloadName},
    policy::Verb,
    texts::{self, rollout as say, workflow::step},
    ticket::{Outcome, Precondition},
    workflow::{Run, Written},
};

/// The command.
pub struct Resume;

/// Its words.
pub struct ResumeArgs(WorkloadName);

impl Args for ResumeArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        switched(input).map(Self)
    }

    fn verb(&self) -> Verb {
        Verb::Change
    }

    fn scope(&self) -> Scope {
        self.0.scope()
    }
}

/// What will be done.
#[derive(Debug, Serialize, Deserialize)]
pub struct ResumePlan {
    workload: Workload,
    precondition: Precondition,
}

impl Change for Resume {
    const SPEC: Spec = Spec::new("rollout resume", Verb::Change)
        .stands_for(&["kubectl rollout resume"])
        .about(say::resume)
        .because(say::reason_to_resume)
        .private()
        .options(&[&options::WORKLOAD, &options::REASON])
        .rbac(&[
            Rbac::on("apps/deployments", GET | PATCH),
            Rbac::on("apps/replicasets", LIST),
            rights::EVENTS,
        ]);
    const EVENT: &'static str = "CeoResumed";
    const STEPS: &'static [&'static str] = &[step::RESUME, step::FOLLOW];
    type Args = ResumeArgs;
    type Plan = ResumePlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let workload = cx.view.resolve(&args.0).await?;
        let name = workload.short();
        if workload.kind != WorkloadKind::Deployment {
            return Err(no_switch(&name).into());
        }
        let object = cx.view.workload(&workload).await?;
        if !object.paused() {
            return Err(BadInput::new(say::not_paused(&name))
                .hint(say::see_status(&name))
                .into());
        }
        let revisions = cx.view.revisions(&object).await?;
        // What goes on is the template of now, at the pace of now.
        let held = &[PAUSED, TEMPLATE, impact::pace_field(workload.kind)];
        let precondition = precondition_of(&object, held);
        cx.view
            .rehearse(&Patch::on(&object, vec![patch::add(PAUSED, false)]))
            .await?;
        let mut preview = Report {
            title: say::resume_question(&name),
            ..Report::default()
        }
        .at(workload.scope().place());
        let already = revisions.iter().find(|r| r.current).map_or(0, |r| r.pods);
        let running = runs_now(&revisions);
        preview = match running {
            None => preview.field(
                texts::impact::effect(),
                texts::impact::as_of(&say::nothing_waits(), cx.now),
            ),
            Some(_) => preview.field(
                texts::impact::effect(),
                impact::replacement(&object, already, cx.now),
            ),
        };
        if let Some(running) = running {
            let quotes = quote::redactor(&workload.scope(), true, cx).await;
            let now = object.template();
            if let Some(diff) = diff::templates(&workload.name, &running.template, &now, quotes.as_deref()) {
                diff.add_to(&mut preview);
            }
        }
        Ok(Draft {
            preview,
            verb: Verb::Change,
            scopes: vec![workload.scope()],
            risks: impact::risks(&object),
            preconditions: vec![precondition.clone()],
            targets: vec![workload.to_string()],
            plan: ResumePlan {
                workload,
                precondition,
            },
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        let (object, ops) = (&plan.precondition, &[patch::add(PAUSED, false)]);
        let written = run
            .once(
                step::RESUME,
                |writer| async move { Ok(Written::of(&writer.patch(object, ops).await?)) },
                |before| run.look(step::RESUME, object, before, |now| patch::is_done_in(ops, now)),
            )
            .await?;
        run.release().await?;
        let name = plan.workload.short();
        let follow = Follow {
            run,
            workload: &plan.workload,
            generation: written.generation,
            since: run.began(step::RESUME).unwrap_or_else(|| run.now()),
            end: End::Template,
            doing: say::resuming(&name),
            noun: say::noun(),
            done: Box::new(move |_| say::resumed(&name)),
            outcome: Outcome::Succeeded,
            buttons: vec![],
            way_back: None,
            ours: Box::new(|object: &WorkloadObject| !object.paused()),
        };
        follow.to_the_end(step::FOLLOW).await
    }
}

/// The newest of the older templates that has pods still; `None` when all run the one that is asked for.
fn runs_now(revisions: &[Revision]) -> Option<&Revision> {
    let older = revisions.iter().filter(|r| !r.current && r.pods > 0);
    older.max_by_key(|r| r.number)
}

/// A button that asks for it.
pub(in crate::ops) fn button(workload: &Workload) -> Action {
    Action::run(Resume::SPEC.path, line_about(workload), say::resume_button())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::which_revision::tests::revision;

    /// Plans are append-only: one of each release.
    #[test]
    fn plans_of_earlier_releases_are_read() {
        let first = r#"{"workload":{"cluster":"prod","namespace":"shop","kind":"deployment","name":"api"},
            "precondition":{"resource":"apps/deployments","cluster":"prod","namespace":"shop","name":"api","uid":"u1",
            "fields":[["/spec/paused","ab"],["/spec/template","cd"]]}}"#;
        let plan: ResumePlan = serde_json::from_str(first).unwrap();
        assert_eq!(plan.precondition.fields.len(), 2);
        assert_eq!(Resume::STEPS, ["resume", "follow"]);
    }

    #[test]
    fn what_runs_now_is_the_newest_older_template_with_pods() {
        let mut all: Vec<Revision> = (1..=4).map(|n| revision(n, None)).collect();
        all[3].current = true;
        assert!(runs_now(&all).is_none());
        (all[0].pods, all[2].pods, all[3].pods) = (1, 2, 1);
        assert_eq!(runs_now(&all).map(|r| r.number), Some(3));
    }
}
