//! `/ceo rollback`: the pod template of an earlier revision, as `kubectl rollout undo` would restore it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    contract::{Args, Change, Context, Draft, Finished, Spec},
    diff, impact, options, quote,
    rights::{self, GET, LIST, PATCH, Rbac},
    template_change::{Goal, PAUSED, Steps, TEMPLATE, TemplateChange, Words, must_go_on, operations},
    which_revision::{choose, own_cause, still_so, tag},
};
use crate::{
    cluster::{Patch, Revision, WorkloadObject, hash, precondition_of, same_template},
    diagnosis::{History, Standing},
    failure::Failure,
    input::{BadInput, Input, Opt, SEEN, Value, options_to_line},
    line,
    model::{Action, Report, Scope, Style, Text, Workload, WorkloadName, code},
    policy::Verb,
    texts::{self, rollback as say, workflow::step},
    ticket::{Directive, Precondition},
    workflow::Run,
};

const REVISION: Opt<Option<i64>> = Opt::revision("revision", "workload")
    .about(say::revision)
    .optional();

/// The command.
pub struct Rollback;

/// Its words.
pub struct RollbackArgs {
    workload: WorkloadName,
    revision: Option<i64>,
    seen: Option<i64>,
}

impl Args for RollbackArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            workload: input.take(&options::WORKLOAD)?,
            revision: input.take(&REVISION)?,
            seen: input.take(&options::WHEN_DRAWN)?,
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
    /// The button to another revision that worked, for when this one does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instead: Option<Action>,
}

impl Change for Rollback {
    const SPEC: Spec = Spec::new("rollback", Verb::Release)
        .stands_for(&["kubectl rollout undo"])
        .about(say::summary)
        .because(say::example_reason)
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
    const STEPS: &'static [&'static str] = &[step::RESTORE, step::FOLLOW];
    type Args = RollbackArgs;
    type Plan = RollbackPlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let workload = cx.view.resolve(&args.workload).await?;
        let object = cx.view.workload(&workload).await?;
        let name = workload.short();
        must_go_on(&object, say::paused)?;
        let revisions = cx.view.revisions(&object).await?;
        let cached = cx.view.cached(&workload.cluster, &workload.namespace)?;
        let history = History::of(&cached, &workload, cx.records.worked(&workload).await?);
        still_so(&name, args.seen, &revisions)?;
        let revision = choose(&name, &revisions, args.revision, &history)?;
        if same_template(&object.template(), &revision.template) {
            let same = BadInput::new(say::same(&name, revision.number));
            return Err(same.hint(say::choose_another()).into());
        }
        let precondition = precondition_of(&object, &[TEMPLATE, PAUSED, impact::pace_field(workload.kind)]);
        let rehearsed = cx
            .view
            .rehearse(&Patch::on(&object, operations(&revision.template)))
            .await?;
        let mut preview = Report {
            title: say::question(&name, revision.number),
            ..Report::default()
        }
        .at(workload.scope().place())
        .lines(warnings(&object, revision, &history, cx))
        .field(
            texts::impact::effect(),
            impact::replacement(&object, revision.pods, cx.now),
        );
        if let Some(cause) = own_cause(revision, &revisions) {
            preview = preview.field(say::change_cause_of(revision.number), line![code(cause)]);
        }
        // What the API server would make of it, not what was sent: admission may have its own mind.
        let after = rehearsed.pointer(TEMPLATE).unwrap_or(&revision.template);
        let quotes = quote::redactor(&workload.scope(), true, cx).await;
        if let Some(diff) = diff::templates(&workload.name, &object.template(), after, quotes.as_deref()) {
            diff.add_to(&mut preview);
        }
        Ok(Draft {
            preview,
            verb: Verb::Release,
            scopes: vec![workload.scope()],
            risks: impact::risks(&object),
            preconditions: vec![precondition.clone()],
            targets: vec![workload.to_string()],
            plan: RollbackPlan {
                instead: instead(&workload, revision, &revisions, &history),
                workload,
                revision: revision.number,
                template: hash(Some(&revision.template)),
                precondition,
            },
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        let (name, number) = (plan.workload.short(), plan.revision);
        let words = Words {
            doing: say::rolling_back(&name, number),
            noun: say::noun(number),
            done: Box::new(|object| say::rolled_back(&name, number, object.revision())),
            way_back: plan.instead.clone(),
        };
        let steps = Steps {
            write: step::RESTORE,
            follow: step::FOLLOW,
        };
        let goal = Goal::OfHistory(&plan.template);
        TemplateChange::new(run, &plan.workload, &plan.precondition, goal, steps)
            .run(&words)
            .await
    }
}

/// What an approver must read first.
fn warnings(object: &WorkloadObject, to: &Revision, history: &History, cx: &Context<'_>) -> Vec<Text> {
    let of_target = match history.standing(to) {
        Standing::Worked => None,
        Standing::Failed => Some(say::it_failed(to.number)),
        Standing::NotKnown => Some(say::it_is_not_known(to.number)),
    };
    let rollout = object.rollout(cx.now);
    let healthy = rollout.is_complete() && rollout.desired > 0;
    let of_present = healthy.then(|| say::present_is_healthy(object.revision()));
    of_target.into_iter().chain(of_present).collect()
}

/// The button to another revision that worked; what runs now is one, too.
fn instead(workload: &Workload, to: &Revision, all: &[Revision], history: &History) -> Option<Action> {
    let others = all.iter().filter(|r| r.number != to.number);
    let best = others
        .filter(|r| history.standing(r) == Standing::Worked)
        .max_by_key(|r| r.number)?;
    Some(button(workload, best, Some(number_after(to, all))))
}

/// The number under which a revision runs once it is taken up again: the controller gives it the next one, unless it is the
/// last already.
fn number_after(to: &Revision, all: &[Revision]) -> i64 {
    let last = all.iter().map(|r| r.number).max().unwrap_or(to.number);
    if to.number == last { last } else { last + 1 }
}

/// A button that takes a workload back to a revision. It says what ran when it was drawn: pressed when something else
/// runs, it does nothing.
pub(super) fn button(workload: &Workload, to: &Revision, running: Option<i64>) -> Action {
    let mut line: BTreeMap<String, Value> = BTreeMap::from([
        (
            options::WORKLOAD.name().to_owned(),
            Value::Text(workload.to_string()),
        ),
        (REVISION.name().to_owned(), Value::Int(to.number)),
    ]);
    line.extend(running.map(|running| (SEEN.to_owned(), Value::Int(running))));
    let label = texts::buttons::roll_back_to(to.number, tag(to));
    Action {
        style: Style::Danger,
        ..Action::run(Rollback::SPEC.path, options_to_line(&line), label)
    }
}

/// The button to what runs now, as it will be numbered once the new template has the next number.
pub(super) fn to_what_runs(workload: &Workload, object: &WorkloadObject, all: &[Revision]) -> Option<Action> {
    let template = object.template();
    let now = all.iter().find(|one| same_template(&one.template, &template))?;
    let last = all.iter().map(|one| one.number).max()?;
    Some(button(workload, now, Some(last + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::which_revision::tests::revision;

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

    #[test]
    fn the_button_names_where_it_goes() {
        let workload = Workload {
            cluster: "prod".to_owned(),
            namespace: "shop".to_owned(),
            kind: crate::model::WorkloadKind::Deployment,
            name: "api".to_owned(),
        };
        let all: Vec<Revision> = (1..=4).map(|n| revision(n, None)).collect();
        let history = History::noted(&["api-2", "api-3", "!api-4"]);
        let button = instead(&workload, &all[2], &all, &history).unwrap();
        assert_eq!(button.label.plain(), "Roll back to 2 (v2)");
        assert!(instead(&workload, &all[2], &all, &History::noted(&["api-3"])).is_none());
        let line = button.extra.unwrap();
        assert!(line.contains("seen=5"), "revision 3 runs as 5 then: {line}");
        assert_eq!(number_after(&all[3], &all), 4);
    }
}
