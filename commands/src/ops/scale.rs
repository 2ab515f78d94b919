//! `/ceo scale`: how many pods.

use json_patch::PatchOperation;
use serde::{Deserialize, Serialize};

use super::{
    buttons,
    contract::{Args, Change, Context, Draft, Finished, Spec},
    diff,
    follow::{Follow, Followed, follow, follow_to_end},
    impact, options,
    rights::{self, GET, PATCH, Rbac},
    rollback,
};
use crate::{
    cluster::{Patch, WorkloadObject, patch, precondition_of},
    failure::Failure,
    health,
    input::{BadInput, Input, Opt},
    model::{Report, Scope, Workload, WorkloadKind, WorkloadName},
    objects::HorizontalPodAutoscaler,
    policy::Verb,
    texts,
    ticket::{Directive, Outcome, Precondition},
    workflow::{Run, Written},
};

const REPLICAS: Opt<i32> = Opt::integer("replicas", 0..=i32::MAX).about(texts::scale::replicas);

const REPLICAS_FIELD: &str = "/spec/replicas";

const SCALE: &str = "scale";
const FOLLOW: &str = "follow";
const BACK: &str = "set the count back";
const FOLLOW_BACK: &str = "follow the way back";

/// The command.
pub struct Scale;

/// Its words.
pub struct ScaleArgs {
    workload: WorkloadName,
    replicas: i32,
}

impl Args for ScaleArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let workload = input.take(&options::SCALABLE)?;
        let replicas = input.take(&REPLICAS)?;
        if workload.kind == Some(WorkloadKind::DaemonSet) {
            return Err(no_count(&workload.name));
        }
        Ok(Self { workload, replicas })
    }

    fn verb(&self) -> Verb {
        if self.replicas == 0 {
            Verb::Danger
        } else {
            Verb::Change
        }
    }

    fn scope(&self) -> Scope {
        self.workload.scope()
    }
}

fn no_count(name: &str) -> BadInput {
    BadInput::new(texts::scale::no_count(name)).hint(texts::scale::what_has_a_count())
}

/// What will be done.
#[derive(Debug, Serialize, Deserialize)]
pub struct ScalePlan {
    workload: Workload,
    from: i32,
    to: i32,
    #[serde(alias = "hold")]
    precondition: Precondition,
}

impl Change for Scale {
    const SPEC: Spec = Spec::new("scale", Verb::Change)
        .about(texts::scale::summary)
        .private()
        .options(&[&options::SCALABLE, &REPLICAS, &options::REASON])
        .rbac(&[
            Rbac::on("apps/deployments", GET | PATCH),
            Rbac::on("apps/statefulsets", GET | PATCH),
            rights::EVENTS,
        ])
        .controlled_by(&[Directive::RollBack]);
    const EVENT: &'static str = "CeoScaled";
    const STEPS: &'static [&'static str] = &[SCALE, FOLLOW];
    type Args = ScaleArgs;
    type Plan = ScalePlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let workload = cx.view.resolve(&args.workload).await?;
        if workload.kind == WorkloadKind::DaemonSet {
            return Err(no_count(&workload.name).into());
        }
        let limit = cx.limits.replicas_in(&workload.scope());
        if i64::from(args.replicas) > i64::from(limit) {
            return Err(over_limit(args.replicas, limit).into());
        }
        let object = cx.view.workload(&workload).await?;
        let from = object.replicas().unwrap_or(1);
        if from == args.replicas {
            return Err(already(&workload, from).into());
        }
        refuse_hpa(&workload, from, cx)?;
        let precondition = precondition_of(&object, &[REPLICAS_FIELD]);
        cx.view
            .rehearse(&Patch::on(&object, operations(args.replicas)))
            .await?;
        let preview = preview(&workload, &object, (from, args.replicas));
        Ok(Draft {
            preview,
            verb: if args.replicas == 0 {
                Verb::Danger
            } else {
                Verb::Change
            },
            scopes: vec![workload.scope()],
            risks: impact::risks(&object),
            preconditions: vec![precondition.clone()],
            targets: vec![workload.to_string()],
            plan: ScalePlan {
                workload,
                from,
                to: args.replicas,
                precondition,
            },
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        if run.began(BACK).is_none() {
            let written = set(run, SCALE, (&plan.precondition, plan.to)).await?;
            run.release().await?;
            let what = following(run, &plan, (SCALE, written));
            // Its only button turns it back.
            if let Followed::Ended(finished) = follow(run, FOLLOW, &what).await? {
                return Ok(*finished);
            }
            run.reclaim().await?;
        }
        run.obey(Directive::RollBack);
        let left = run.left_by(SCALE).unwrap_or_else(|| plan.precondition.clone());
        let written = set(run, BACK, (&left, plan.from)).await?;
        run.release().await?;
        follow_to_end(run, FOLLOW_BACK, &following_back(run, &plan, written)).await
    }
}

/// Sets the count, once.
async fn set(run: &Run<'_>, step: &str, (object, count): (&Precondition, i32)) -> Result<Written, Failure> {
    let ops = &operations(count);
    run.once(
        step,
        |writer| async move { Ok(Written::of(&writer.patch(object, ops).await?)) },
        |before| run.look(step, object, before, |now| patch::is_done_in(ops, now)),
    )
    .await
}

fn following<'a>(run: &Run<'_>, plan: &'a ScalePlan, (step, written): (&str, Written)) -> Follow<'a> {
    let (name, from, to) = (plan.workload.short(), plan.from, plan.to);
    let done = texts::scale::scaled(&name, from, to);
    Follow {
        workload: &plan.workload,
        generation: written.generation,
        since: run.began(step).unwrap_or_else(|| run.now()),
        doing: texts::scale::scaling(&name, from, to),
        noun: texts::scale::noun(to),
        done: Box::new(move |_| done.clone()),
        outcome: Outcome::Succeeded,
        buttons: vec![buttons::roll_back_now(run.permit().ticket())],
        way_back: rollback::button(&plan.workload),
        ours: Box::new(move |object| object.replicas() == Some(to)),
    }
}

fn following_back<'a>(run: &Run<'_>, plan: &'a ScalePlan, written: Written) -> Follow<'a> {
    let (name, from) = (plan.workload.short(), plan.from);
    let done = texts::scale::set_back(&name, plan.to, from);
    Follow {
        doing: texts::scale::scaling(&name, plan.to, from),
        noun: texts::scale::noun(from),
        done: Box::new(move |_| done.clone()),
        outcome: Outcome::RolledBack,
        buttons: vec![],
        ours: Box::new(move |object| object.replicas() == Some(from)),
        ..following(run, plan, (BACK, written))
    }
}

fn operations(to: i32) -> Vec<PatchOperation> {
    vec![patch::replace(REPLICAS_FIELD, to)]
}

fn over_limit(asked: i32, limit: u32) -> BadInput {
    BadInput::new(texts::scale::over_limit(asked, limit)).hint(texts::scale::who_sets_the_limit())
}

fn already(workload: &Workload, count: i32) -> BadInput {
    let name = workload.short();
    BadInput::new(texts::scale::already(&name, count)).hint(texts::scale::nothing_changed_see(&name))
}

/// An autoscaler would undo a count that is set by hand, within seconds.
fn refuse_hpa(workload: &Workload, from: i32, cx: &Context<'_>) -> Result<(), Failure> {
    let cached = cx.view.cached(&workload.cluster, &workload.namespace)?;
    let scalers = cached.list::<HorizontalPodAutoscaler>();
    let Some(hpa) = scalers
        .iter()
        .find(|hpa| health::hpa::owns(hpa, workload.kind.kind(), &workload.name))
    else {
        return Ok(());
    };
    let health::hpa::HpaState { name, min, max, .. } = health::hpa::state(hpa);
    let bounds = texts::scale::bounds(min, max);
    Err(
        BadInput::new(texts::scale::hpa_owns(&name, &workload.short(), &bounds, from))
            .hint(texts::scale::change_the_hpa())
            .into(),
    )
}

fn preview(workload: &Workload, object: &WorkloadObject, (from, to): (i32, i32)) -> Report {
    let mut report = Report {
        title: texts::scale::question(&workload.short(), from, to),
        ..Report::default()
    }
    .at(workload.scope().place());
    report.add(diff::single("replicas", &from, &to));
    let effect = match to {
        0 => texts::scale::all_end(from),
        _ if to > from => texts::scale::added(to - from),
        _ => texts::scale::some_end(from - to, to),
    };
    report = report.field(texts::impact::effect(), effect);
    if object.paused() {
        report = report.field(texts::status::note(), texts::scale::paused_all_the_same());
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plans are append-only: one of each release.
    #[test]
    fn plans_of_earlier_releases_are_read() {
        let first = r#"{"workload":{"cluster":"prod","namespace":"ceoagent","kind":"deployment","name":"api"},"from":3,"to":5,
            "hold":{"resource":"apps/deployments","cluster":"prod","namespace":"ceoagent","name":"api","uid":"u1",
            "fields":[["/spec/replicas","ab"]]}}"#;
        let plan: ScalePlan = serde_json::from_str(first).unwrap();
        assert_eq!((plan.from, plan.to), (3, 5));
        assert_eq!(
            plan.precondition.fields,
            [("/spec/replicas".to_owned(), "ab".to_owned())]
        );
        assert_eq!(Scale::STEPS, ["scale", "follow"]);
        let stored: Written = serde_json::from_str("7").unwrap();
        assert_eq!(
            stored.generation, 7,
            "the first release stored the generation alone"
        );
    }
}
