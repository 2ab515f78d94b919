//! `/ceo rollout pause`: the Deployment controller leaves the rollout as it is, as `kubectl rollout pause` does it.

use serde::{Deserialize, Serialize};

use super::{
    super::{
        contract::{Args, Change, Context, Draft, Finished, Spec},
        impact, options,
        rights::{self, GET, PATCH, Rbac},
        template_change::PAUSED,
    },
    resume,
    switch::{no_switch, switched},
};
use crate::{
    cluster::{Patch, WorkloadObject, patch, precondition_of},
    failure::Failure,
    input::{BadInput, Input},
    model::{Report, Scope, Text, Timestamp, Tone, Workload, WorkloadKind, WorkloadName},
    policy::Verb,
    texts::{self, rollout as say, workflow::step},
    ticket::{Outcome, Precondition},
    workflow::{Run, Written},
};

/// The command.
pub struct Pause;

/// Its words.
pub struct PauseArgs(WorkloadName);

impl Args for PauseArgs {
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
pub struct PausePlan {
    workload: Workload,
    precondition: Precondition,
}

impl Change for Pause {
    const SPEC: Spec = Spec::new("rollout pause", Verb::Change)
        .stands_for(&["kubectl rollout pause"])
        .about(say::pause)
        .because(say::reason_to_pause)
        .private()
        .options(&[&options::WORKLOAD, &options::REASON])
        .rbac(&[Rbac::on("apps/deployments", GET | PATCH), rights::EVENTS]);
    const EVENT: &'static str = "CeoPaused";
    const STEPS: &'static [&'static str] = &[step::PAUSE];
    type Args = PauseArgs;
    type Plan = PausePlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let workload = cx.view.resolve(&args.0).await?;
        let name = workload.short();
        if workload.kind != WorkloadKind::Deployment {
            return Err(no_switch(&name).into());
        }
        let object = cx.view.workload(&workload).await?;
        if object.paused() {
            return Err(BadInput::new(say::paused_already(&name))
                .hint(say::see_status(&name))
                .into());
        }
        let precondition = precondition_of(&object, &[PAUSED]);
        cx.view
            .rehearse(&Patch::on(&object, vec![patch::add(PAUSED, true)]))
            .await?;
        let preview = Report {
            title: say::pause_question(&name),
            ..Report::default()
        }
        .at(workload.scope().place())
        .field(texts::impact::effect(), effect(&object, cx.now));
        Ok(Draft {
            preview,
            verb: Verb::Change,
            scopes: vec![workload.scope()],
            risks: impact::risks(&object),
            preconditions: vec![precondition.clone()],
            targets: vec![workload.to_string()],
            plan: PausePlan {
                workload,
                precondition,
            },
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        let (object, ops) = (&plan.precondition, &[patch::add(PAUSED, true)]);
        run.once(
            step::PAUSE,
            |writer| async move { Ok(Written::of(&writer.patch(object, ops).await?)) },
            |before| run.look(step::PAUSE, object, before, |now| patch::is_done_in(ops, now)),
        )
        .await?;
        let report = Report::new(Tone::Good, say::paused(&plan.workload.short()))
            .at(plan.workload.scope().place())
            .line(say::stays_paused())
            .action(resume::button(&plan.workload));
        Ok(Finished {
            outcome: Outcome::Succeeded,
            report,
        })
    }
}

/// What it means for the pods, as of the time of asking.
fn effect(object: &WorkloadObject, now: Timestamp) -> Text {
    let rollout = object.rollout(now);
    let means = if rollout.is_complete() {
        say::holds_the_next()
    } else {
        say::stops_where_it_is(rollout.old_pods, rollout.updated)
    };
    texts::impact::as_of(&means, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plans are append-only: one of each release.
    #[test]
    fn plans_of_earlier_releases_are_read() {
        let first = r#"{"workload":{"cluster":"prod","namespace":"shop","kind":"deployment","name":"api"},
            "precondition":{"resource":"apps/deployments","cluster":"prod","namespace":"shop","name":"api","uid":"u1",
            "fields":[["/spec/paused","ab"]]}}"#;
        let plan: PausePlan = serde_json::from_str(first).unwrap();
        assert_eq!(plan.workload.name, "api");
        assert_eq!(Pause::STEPS, ["pause"]);
    }
}
