//! `/ceo scale`: how many pods.

use std::{collections::BTreeMap, sync::Arc};

use json_patch::PatchOperation;
use serde::{Deserialize, Serialize};

use super::{
    buttons,
    contract::{Args, Change, Context, Draft, Finished, Risk, Spec},
    diff,
    follow::{End, Follow, Followed},
    impact, options,
    rights::{self, GET, LIST, PATCH, Rbac},
    room,
    template_change::PAUSED,
};
use crate::{
    cluster::{Patch, Select, View, WorkloadObject, patch, precondition_of},
    failure::{Failure, Moved},
    health::{self, hpa::HpaState},
    input::{BadInput, Input, Opt, Value, options_to_line},
    model::{Action, Report, Scope, Style, Workload, WorkloadKind, WorkloadName},
    objects::{HorizontalPodAutoscaler, Node, Pod},
    policy::Verb,
    texts::{self, workflow::step},
    ticket::{Directive, Outcome, Precondition},
    workflow::{Run, Written},
};

const REPLICAS: Opt<i32> = Opt::integer("replicas", 0..=i32::MAX).about(texts::scale::replicas);

const REPLICAS_FIELD: &str = "/spec/replicas";

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
        .because(texts::scale::example_reason)
        .private()
        .options(&[&options::SCALABLE, &REPLICAS, &options::REASON])
        .rbac(&[
            Rbac::on("apps/deployments", GET | PATCH),
            Rbac::on("apps/statefulsets", GET | PATCH),
            Rbac::on("autoscaling/horizontalpodautoscalers", LIST),
            rights::EVENTS,
        ])
        .controlled_by(&[Directive::RollBack]);
    const EVENT: &'static str = "CeoScaled";
    const STEPS: &'static [&'static str] = &[step::SCALE, step::FOLLOW];
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
        let name = workload.short();
        let from = object.replicas().unwrap_or(1);
        if from == args.replicas {
            let already = BadInput::new(texts::scale::already(&name, from));
            return Err(already.hint(texts::scale::nothing_changed_see(&name)).into());
        }
        if let Some(scaler) = scaler_of(&workload, cx.view).await? {
            return Err(owned(&scaler, &name, from).into());
        }
        let count = Count {
            from,
            to: args.replicas,
        };
        // The card tells that it is paused: that must still be so then.
        let held = if object.paused() {
            &[REPLICAS_FIELD, PAUSED][..]
        } else {
            &[REPLICAS_FIELD]
        };
        let precondition = precondition_of(&object, held);
        cx.view
            .rehearse(&Patch::on(&object, operations(count.to)))
            .await?;
        let mut risks = impact::risks(&object);
        risks.extend(count.risk());
        risks.extend(no_room(&object, count, cx.view));
        Ok(Draft {
            preview: preview(&workload, &object, count),
            verb: if count.to == 0 { Verb::Danger } else { Verb::Change },
            scopes: vec![workload.scope()],
            risks,
            preconditions: vec![precondition.clone()],
            targets: vec![workload.to_string()],
            plan: ScalePlan {
                workload,
                from,
                to: count.to,
                precondition,
            },
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        let scaling = Scaling { run, plan: &plan };
        if run.began(step::SCALE_BACK).is_none() {
            let written = scaling.there().await?;
            run.release().await?;
            // Its only button turns it back.
            if let Followed::Ended(finished) = scaling.following(written).until_told(step::FOLLOW).await? {
                return Ok(*finished);
            }
            run.reclaim().await?;
        }
        run.obey(Directive::RollBack);
        let written = scaling.back().await?;
        run.release().await?;
        scaling
            .following_back(written)
            .to_the_end(step::FOLLOW_BACK)
            .await
    }
}

/// A count before and after.
#[derive(Clone, Copy)]
struct Count {
    from: i32,
    to: i32,
}

impl Count {
    /// Far more than there are now may be a slip of the finger.
    fn risk(self) -> Option<Risk> {
        (self.from > 0 && self.to > self.from.saturating_mul(2)).then(|| Risk {
            note: texts::scale::more_than_double(self.from, self.to),
            raises_to: None,
        })
    }
}

/// More pods than the nodes have room for would only wait. Where the bot may not list nodes nothing is said.
fn no_room(object: &WorkloadObject, count: Count, view: &View) -> Option<Risk> {
    let cluster = object.workload().cluster;
    let nodes = view.cluster_scope(&cluster).ok()?.list::<Node>();
    let infos = view.clusters();
    let of_cluster = infos.iter().filter(|info| info.name == cluster);
    let pods: Vec<Arc<Pod>> = of_cluster
        .flat_map(|info| &info.namespaces)
        .filter_map(|namespace| view.cached(&cluster, namespace).ok())
        .flat_map(|cached| cached.list::<Pod>())
        .collect();
    let pods: Vec<&Pod> = pods.iter().map(AsRef::as_ref).collect();
    let parts = object.template_parts();
    let room = room::for_more(nodes.iter().map(AsRef::as_ref), &pods, &parts.spec.containers)?;
    (count.to.saturating_sub(count.from) > room).then(|| Risk {
        note: texts::scale::no_room(room),
        raises_to: None,
    })
}

/// A scaling that runs.
struct Scaling<'a> {
    run: &'a Run<'a>,
    plan: &'a ScalePlan,
}

impl<'a> Scaling<'a> {
    /// Sets the count, once, unless an autoscaler has taken it over since it was asked.
    async fn there(&self) -> Result<Written, Failure> {
        let (run, plan) = (self.run, self.plan);
        let (object, ops) = (&plan.precondition, &operations(plan.to));
        run.once(
            step::SCALE,
            |writer| async move {
                if let Some(scaler) = scaler_of(&plan.workload, run.view()).await? {
                    return Err(Failure::Stale(Moved {
                        field: format!("hpa/{}", scaler.name),
                        by: None,
                        at: None,
                        how: Some(texts::scale::hpa_since(&plan.workload.short())),
                    }));
                }
                Ok(Written::of(&writer.patch(object, ops).await?))
            },
            |before| run.look(step::SCALE, object, before, |now| patch::is_done_in(ops, now)),
        )
        .await
    }

    /// Sets it back, once.
    async fn back(&self) -> Result<Written, Failure> {
        let (run, plan) = (self.run, self.plan);
        let left = run.left_by(step::SCALE);
        let (object, ops) = (
            &left.unwrap_or_else(|| plan.precondition.clone()),
            &operations(plan.from),
        );
        run.once(
            step::SCALE_BACK,
            |writer| async move { Ok(Written::of(&writer.patch(object, ops).await?)) },
            |before| {
                run.look(step::SCALE_BACK, object, before, |now| {
                    patch::is_done_in(ops, now)
                })
            },
        )
        .await
    }

    fn following(&self, written: Written) -> Follow<'a> {
        let (run, plan) = (self.run, self.plan);
        let (name, from, to) = (plan.workload.short(), plan.from, plan.to);
        let done = texts::scale::scaled(&name, from, to);
        Follow {
            run,
            workload: &plan.workload,
            generation: written.generation,
            since: run.began(step::SCALE).unwrap_or_else(|| run.now()),
            end: End::Count,
            doing: texts::scale::scaling(&name, from, to),
            noun: texts::scale::noun(to),
            done: Box::new(move |_| done.clone()),
            outcome: Outcome::Succeeded,
            buttons: vec![buttons::roll_back_now(run.permit().ticket())],
            way_back: Some(button(&plan.workload, from)),
            ours: Box::new(move |object| object.replicas() == Some(to)),
        }
    }

    fn following_back(&self, written: Written) -> Follow<'a> {
        let (run, plan) = (self.run, self.plan);
        let (name, from) = (plan.workload.short(), plan.from);
        let done = texts::scale::set_back(&name, plan.to, from);
        Follow {
            since: run.began(step::SCALE_BACK).unwrap_or_else(|| run.now()),
            doing: texts::scale::scaling(&name, plan.to, from),
            noun: texts::scale::noun(from),
            done: Box::new(move |_| done.clone()),
            outcome: Outcome::RolledBack,
            buttons: vec![],
            way_back: None,
            ours: Box::new(move |object| object.replicas() == Some(from)),
            ..self.following(written)
        }
    }
}

/// A button that asks for the count before.
fn button(workload: &Workload, count: i32) -> Action {
    let line = BTreeMap::from([
        (
            options::SCALABLE.name().to_owned(),
            Value::Text(workload.to_string()),
        ),
        (REPLICAS.name().to_owned(), Value::Int(count.into())),
    ]);
    Action {
        style: Style::Danger,
        ..Action::run(
            Scale::SPEC.path,
            options_to_line(&line),
            texts::buttons::scale_back(count),
        )
    }
}

fn operations(to: i32) -> Vec<PatchOperation> {
    vec![patch::replace(REPLICAS_FIELD, to)]
}

fn over_limit(asked: i32, limit: u32) -> BadInput {
    BadInput::new(texts::scale::over_limit(asked, limit)).hint(texts::scale::who_sets_the_limit())
}

/// The autoscaler of a workload: it would undo a count that is set by hand, within seconds. Asked of the API server where the
/// caches are not whole: that none is known is no word that there is none.
async fn scaler_of(workload: &Workload, view: &View) -> Result<Option<HpaState>, Failure> {
    let cached = view.cached(&workload.cluster, &workload.namespace)?;
    let whole = cached.knows::<HorizontalPodAutoscaler>() && cached.error().is_none();
    let scalers = if whole {
        cached.list::<HorizontalPodAutoscaler>()
    } else {
        let all = Select::default();
        view.list::<HorizontalPodAutoscaler>(&workload.cluster, &workload.namespace, &all)
            .await?
            .into_iter()
            .map(Arc::new)
            .collect()
    };
    let owns =
        |hpa: &&Arc<HorizontalPodAutoscaler>| health::hpa::owns(hpa, workload.kind.kind(), &workload.name);
    Ok(scalers.iter().find(owns).map(|hpa| health::hpa::state(hpa)))
}

fn owned(scaler: &HpaState, name: &str, now: i32) -> BadInput {
    let bounds = texts::scale::bounds(scaler.min, scaler.max);
    BadInput::new(texts::scale::hpa_owns(&scaler.name, name, &bounds, now))
        .hint(texts::scale::change_the_hpa())
}

fn preview(workload: &Workload, object: &WorkloadObject, Count { from, to }: Count) -> Report {
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

    #[test]
    fn more_than_double_is_told() {
        let told = |from, to| Count { from, to }.risk().is_some();
        for (from, to, tells) in [
            (3, 6, false),
            (3, 7, true),
            (0, 5, false),
            (5, 1, false),
            (1, 3, true),
        ] {
            assert_eq!(told(from, to), tells, "{from} to {to}");
        }
    }
}
