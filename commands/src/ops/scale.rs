//! `/ceo scale`: how many pods.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    autoscaled,
    contract::{Args, Change, Context, Draft, Finished, Risk, Spec},
    count_change::{CountChange, REPLICAS_FIELD, operations},
    diff, impact, options,
    rights::{self, GET, LIST, PATCH, Rbac},
    room,
    template_change::PAUSED,
};
use crate::{
    cluster::{Patch, WorkloadObject, precondition_of},
    failure::Failure,
    health::hpa::HpaState,
    input::{BadInput, Input, Opt, SEEN, Value, options_to_line},
    model::{Action, Report, Scope, Style, Workload, WorkloadKind, WorkloadName},
    policy::Verb,
    texts::{self, workflow::step},
    ticket::{Directive, Precondition},
    workflow::Run,
};

const REPLICAS: Opt<i32> = Opt::integer("replicas", 0..=i32::MAX).about(texts::scale::replicas);

/// The command.
pub struct Scale;

/// Its words.
pub struct ScaleArgs {
    workload: WorkloadName,
    replicas: i32,
    /// How many there were when the button was drawn that asks.
    seen: Option<i64>,
}

impl Args for ScaleArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let workload = input.take(&options::SCALABLE)?;
        let replicas = input.take(&REPLICAS)?;
        if workload.kind == Some(WorkloadKind::DaemonSet) {
            return Err(no_count(&workload.name));
        }
        let seen = input.take(&options::WHEN_DRAWN)?;
        Ok(Self {
            workload,
            replicas,
            seen,
        })
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
        .stands_for(&["kubectl scale"])
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
        still_so(&name, args.seen, from)?;
        if let Some(scaler) = autoscaled::by(&workload, cx.view).await? {
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
        risks.extend(room::too_small(
            &object,
            count.to.saturating_sub(count.from),
            cx.view,
        ));
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
        let change = CountChange {
            run,
            workload: &plan.workload,
            precondition: &plan.precondition,
            from: plan.from,
            to: plan.to,
        };
        change.run(button(&plan.workload, plan.from, plan.to)).await
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

/// A button that was drawn at another count proposes what nobody means any more.
fn still_so(name: &str, seen: Option<i64>, now: i32) -> Result<(), BadInput> {
    match seen {
        Some(then) if then != i64::from(now) => {
            let overtaken = BadInput::new(texts::scale::overtaken_button(name, then, now));
            Err(overtaken.hint(texts::rollback::look_first(name)))
        }
        _ => Ok(()),
    }
}

/// A button that asks for the count before. It says how many there were when it was drawn: pressed when that has changed,
/// it does nothing.
fn button(workload: &Workload, count: i32, drawn_at: i32) -> Action {
    let line = BTreeMap::from([
        (
            options::SCALABLE.name().to_owned(),
            Value::Text(workload.to_string()),
        ),
        (REPLICAS.name().to_owned(), Value::Int(count.into())),
        (SEEN.to_owned(), Value::Int(drawn_at.into())),
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

pub(super) fn over_limit(asked: i32, limit: u32) -> BadInput {
    BadInput::new(texts::scale::over_limit(asked, limit)).hint(texts::scale::who_sets_the_limit())
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
        let stored: crate::workflow::Written = serde_json::from_str("7").unwrap();
        assert_eq!(
            stored.generation, 7,
            "the first release stored the generation alone"
        );
    }

    #[test]
    fn a_button_of_another_count_does_nothing() {
        assert!(still_so("deployment/api", Some(5), 5).is_ok());
        assert!(still_so("deployment/api", None, 5).is_ok());
        let refused = still_so("deployment/api", Some(5), 7).unwrap_err().what.plain();
        assert!(refused.contains("had 5 replicas; it has 7 now"), "{refused}");
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
