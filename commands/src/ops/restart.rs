//! `/ceo restart`: makes all pods anew with the template that runs, as `kubectl rollout restart` does.

use json_patch::PatchOperation;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    contract::{Args, Change, Context, Draft, Finished, Spec},
    impact, options,
    rights::{self, GET, PATCH, Rbac},
    template_change::{Goal, PAUSED, Steps, TEMPLATE, TemplateChange, Words, must_go_on},
};
use crate::{
    cluster::{Patch, patch, precondition_of},
    failure::Failure,
    input::{BadInput, Input, line_about},
    model::{Action, Report, Scope, Timestamp, Workload, WorkloadName},
    policy::Verb,
    texts::{self, restart as say, workflow::step},
    ticket::{Directive, Precondition},
    workflow::Run,
};

/// Where a template's annotations stand.
const ANNOTATIONS: &str = "/spec/template/metadata/annotations";
/// The annotation that kubectl writes for this: with another value the template is another one.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// The command.
pub struct Restart;

/// Its words.
pub struct RestartArgs(WorkloadName);

impl Args for RestartArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        input.take(&options::WORKLOAD).map(Self)
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
pub struct RestartPlan {
    workload: Workload,
    /// What the annotation will say.
    at: Timestamp,
    /// Whether the template has annotations already.
    annotated: bool,
    precondition: Precondition,
}

impl RestartPlan {
    fn operations(&self) -> Vec<PatchOperation> {
        let at = Timestamp::from_second(self.at.as_second())
            .unwrap_or(self.at)
            .to_string();
        if self.annotated {
            let name = RESTARTED_AT.replace('/', "~1");
            return vec![patch::add(&format!("{ANNOTATIONS}/{name}"), at)];
        }
        vec![patch::add(ANNOTATIONS, json!({ RESTARTED_AT: at }))]
    }
}

impl Change for Restart {
    const SPEC: Spec = Spec::new("restart", Verb::Change)
        .stands_for(&["kubectl rollout restart"])
        .about(say::summary)
        .because(say::example_reason)
        .private()
        .options(&[&options::WORKLOAD, &options::REASON])
        .rbac(&[
            Rbac::on("apps/deployments", GET | PATCH),
            Rbac::on("apps/statefulsets", GET | PATCH),
            Rbac::on("apps/daemonsets", GET | PATCH),
            rights::EVENTS,
        ])
        .controlled_by(&[Directive::Hold, Directive::RollBack]);
    const EVENT: &'static str = "CeoRestarted";
    const STEPS: &'static [&'static str] = &[step::RESTART, step::FOLLOW];
    type Args = RestartArgs;
    type Plan = RestartPlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let workload = cx.view.resolve(&args.0).await?;
        let object = cx.view.workload(&workload).await?;
        let name = workload.short();
        must_go_on(&object, say::paused)?;
        let rollout = object.rollout(cx.now);
        if rollout.desired == 0 {
            return Err(BadInput::new(say::no_pods(&name)).into());
        }
        let held = &[TEMPLATE, PAUSED, impact::pace_field(workload.kind)];
        let plan = RestartPlan {
            at: cx.now,
            annotated: object
                .value()
                .pointer(ANNOTATIONS)
                .is_some_and(|map| map.is_object()),
            precondition: precondition_of(&object, held),
            workload,
        };
        cx.view.rehearse(&Patch::on(&object, plan.operations())).await?;
        let mut preview = Report {
            title: say::question(&name),
            ..Report::default()
        }
        .at(plan.workload.scope().place());
        if !rollout.is_complete() {
            preview = preview.line(say::in_a_rollout(&rollout.message));
        }
        let effect = impact::replacement(&object, 0, cx.now);
        Ok(Draft {
            preview: preview.field(texts::impact::effect(), effect),
            verb: Verb::Change,
            scopes: vec![plan.workload.scope()],
            risks: impact::risks(&object),
            preconditions: vec![plan.precondition.clone()],
            targets: vec![plan.workload.to_string()],
            plan,
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        let name = plan.workload.short();
        let words = Words {
            doing: say::restarting(&name),
            noun: say::noun(),
            done: Box::new(|_| say::restarted(&name)),
            way_back: None,
        };
        let steps = Steps {
            write: step::RESTART,
            follow: step::FOLLOW,
        };
        let goal = Goal::Fields(plan.operations());
        TemplateChange::new(run, &plan.workload, &plan.precondition, goal, steps)
            .run(&words)
            .await
    }
}

/// A button that asks for it.
pub(super) fn button(workload: &Workload) -> Action {
    Action::run(
        Restart::SPEC.path,
        line_about(workload),
        say::button(&workload.name),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plans are append-only: one of each release.
    #[test]
    fn plans_of_earlier_releases_are_read() {
        let first = r#"{"workload":{"cluster":"prod","namespace":"shop","kind":"deployment","name":"api"},
            "at":"2026-09-21T13:33:50.5Z","annotated":true,"precondition":{"resource":"apps/deployments","cluster":"prod",
            "namespace":"shop","name":"api","uid":"u1","fields":[["/spec/template","ab"]]}}"#;
        let mut plan: RestartPlan = serde_json::from_str(first).unwrap();
        let told = |plan: &RestartPlan| serde_json::to_value(plan.operations()).unwrap();
        assert_eq!(
            told(&plan),
            json!([{ "op": "add", "value": "2026-09-21T13:33:50Z",
                "path": "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt" }])
        );
        plan.annotated = false;
        assert_eq!(
            told(&plan),
            json!([{ "op": "add", "path": "/spec/template/metadata/annotations",
                "value": { "kubectl.kubernetes.io/restartedAt": "2026-09-21T13:33:50Z" } }])
        );
        assert_eq!(Restart::STEPS, ["restart", "follow"]);
    }
}
