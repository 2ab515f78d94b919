//! `/ceo rollback`: the pod template of an earlier revision, as `kubectl rollout undo` would restore it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    contract::{Args, Change, Context, Draft, Finished, Spec},
    diff, impact, options, quote,
    rights::{self, GET, LIST, PATCH, Rbac},
    template_change::{PAUSED, Steps, TEMPLATE, TemplateChange, Words, operations},
};
use crate::{
    cluster::{Patch, Revision, WorkloadObject, hash, precondition_of, same_template, split_image},
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

/// What ran when the button was drawn that asks.
const WHEN_DRAWN: Opt<Option<i64>> = Opt::long(SEEN, 0..=i64::MAX).optional();

/// The longest tag on a button, whose label holds 34 characters.
const TAG: usize = 16;

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
            seen: input.take(&WHEN_DRAWN)?,
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
        if object.paused() {
            return Err(BadInput::new(say::paused(&name))
                .hint(say::resume_first(&name))
                .into());
        }
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
        TemplateChange::new(run, &plan.workload, &plan.precondition, &plan.template, steps)
            .run(&words)
            .await
    }
}

/// A button that was drawn when something else ran proposes what nobody means any more.
fn still_so(name: &str, seen: Option<i64>, revisions: &[Revision]) -> Result<(), BadInput> {
    let now = revisions.iter().find(|r| r.current).map(|r| r.number);
    match (seen, now) {
        (Some(then), Some(now)) if then != now => {
            Err(BadInput::new(say::overtaken_button(name, then, now)).hint(say::look_first(name)))
        }
        _ => Ok(()),
    }
}

/// The revision that was named; without a name the newest that worked, and where none is known to have worked the newest
/// that is not known to have failed.
fn choose<'r>(
    name: &str,
    revisions: &'r [Revision],
    wanted: Option<i64>,
    history: &History,
) -> Result<&'r Revision, BadInput> {
    let numbers = |of: &dyn Fn(&&Revision) -> bool| {
        let mut numbers: Vec<i64> = revisions.iter().filter(of).map(|r| r.number).collect();
        numbers.sort_unstable();
        numbers.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    if let Some(number) = wanted {
        let found = revisions.iter().find(|r| r.number == number);
        let none = || BadInput::new(say::no_such(name, number)).hint(say::it_holds(&numbers(&|_| true)));
        return found.ok_or_else(none);
    }
    let by_itself = [Standing::Worked, Standing::NotKnown];
    let found = by_itself
        .into_iter()
        .find_map(|standing| history.newest(revisions, standing));
    found.ok_or_else(|| match numbers(&|r| !r.current).as_slice() {
        [] => BadInput::new(say::no_earlier(name)).hint(say::only_this()),
        failed => BadInput::new(say::none_worked(name)).hint(say::name_one(failed)),
    })
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

/// The change-cause, where it is of this revision: tools that change a template without saying why leave the words of the
/// change before on it.
fn own_cause<'r>(revision: &'r Revision, all: &[Revision]) -> Option<&'r str> {
    let cause = revision.change_cause.as_deref()?;
    let earlier = |other: &&Revision| {
        other.name != revision.name
            && other.change_cause.as_deref() == Some(cause)
            && other.created < revision.created
    };
    (!all.iter().any(|other| earlier(&other))).then_some(cause)
}

/// The button to another revision that worked; what runs now is one, too.
fn instead(workload: &Workload, to: &Revision, all: &[Revision], history: &History) -> Option<Action> {
    let others = all.iter().filter(|r| r.number != to.number);
    let best = others
        .filter(|r| history.standing(r) == Standing::Worked)
        .max_by_key(|r| r.number)?;
    Some(button(workload, best, None))
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

/// What tells a revision from others at a glance: the tag, where all its containers have one and the same.
fn tag(revision: &Revision) -> Option<&str> {
    let mut tags = revision.images.iter().map(|(_, image)| split_image(image).1);
    let first = tags.next().filter(|tag| !tag.is_empty())?;
    (first.chars().count() <= TAG && tags.all(|tag| tag == first)).then_some(first)
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

    fn revision(number: i64, cause: Option<&str>) -> Revision {
        Revision {
            number,
            name: format!("api-{number}"),
            template: serde_json::json!({ "n": number }),
            images: vec![("api".to_owned(), format!("acme/api:v{number}"))],
            created: crate::model::Timestamp::from_second(number).ok(),
            change_cause: cause.map(str::to_owned),
            current: false,
            pods: 0,
        }
    }

    /// Four revisions of which the last runs; marks as the watch notes them.
    fn chosen(wanted: Option<i64>, marks: &[&str]) -> Result<i64, String> {
        let mut all: Vec<Revision> = (1..=4).map(|n| revision(n, None)).collect();
        all[3].current = true;
        let history = History::noted(marks);
        choose("deployment/api", &all, wanted, &history)
            .map(|r| r.number)
            .map_err(|bad| bad.what.plain())
    }

    #[test]
    fn without_a_name_it_goes_to_the_newest_that_worked() {
        for (marks, goes_to) in [
            // The one before crashed, the one before that worked.
            (&["api-2", "!api-3", "api-4"][..], 2),
            // What worked once and failed later has worked.
            (&["api-3", "!api-3"], 3),
            (&["api-1", "api-2"], 2),
            // Nothing is known to have worked: the newest that is not known to have failed.
            (&["!api-3"], 2),
            (&[], 3),
        ] {
            assert_eq!(chosen(None, marks), Ok(goes_to), "{marks:?}");
        }
        let refused = chosen(None, &["!api-1", "!api-2", "!api-3", "api-4"]).unwrap_err();
        assert!(refused.contains("known to have worked"), "{refused}");
        assert_eq!(chosen(Some(3), &["!api-3"]), Ok(3), "who names one gets it");
        assert!(chosen(Some(9), &[]).unwrap_err().contains("no revision 9"));
    }

    #[test]
    fn a_cause_that_was_left_behind_is_not_told_as_that_of_the_revision() {
        let all = [
            revision(1, Some("kubectl set image api=acme/api:v1")),
            revision(2, Some("kubectl set image api=acme/api:v1")),
            revision(3, Some("bump to v3")),
            revision(4, None),
        ];
        let told: Vec<_> = all.iter().map(|r| own_cause(r, &all)).collect();
        let own = Some("kubectl set image api=acme/api:v1");
        assert_eq!(told, [own, None, Some("bump to v3"), None]);
    }

    #[test]
    fn a_button_of_another_time_does_nothing() {
        let mut all: Vec<Revision> = (1..=4).map(|n| revision(n, None)).collect();
        all[3].current = true;
        assert!(still_so("deployment/api", Some(4), &all).is_ok());
        assert!(still_so("deployment/api", None, &all).is_ok());
        let refused = still_so("deployment/api", Some(3), &all).unwrap_err();
        assert!(
            refused
                .what
                .plain()
                .contains("ran revision 3; it runs revision 4 now")
        );
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
    }
}
