//! What is asked of whom follows from what the plan found, not from the command alone.

use ceo_commands::ops::contract::Risk;

use super::*;

/// A drill that turns out to be dangerous once the objects are known.
struct Rising;

impl Change for Rising {
    const SPEC: Spec = Drill::SPEC;
    const EVENT: &'static str = Drill::EVENT;
    const STEPS: &'static [&'static str] = Drill::STEPS;
    type Args = NoWords;
    type Plan = DrillPlan;

    async fn plan(&self, args: NoWords, cx: &Context<'_>) -> Result<Draft<DrillPlan>, Failure> {
        let mut draft = Drill.plan(args, cx).await?;
        draft.risks.push(Risk {
            note: "it is the last one".into(),
            raises_to: Some(Verb::Danger),
        });
        draft.preview = draft.preview.line("it sets password=hunter22");
        Ok(draft)
    }

    async fn execute(&self, plan: DrillPlan, run: &Run<'_>) -> Result<Finished, Failure> {
        Drill.execute(plan, run).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_plan_makes_dangerous_is_asked_of_those_who_decide_dangers() {
    let sim = cluster().await;
    let home = tempfile::tempdir().unwrap();
    let mut rules = stricter_rules();
    rules.rules[0].may = vec![May::Verb(Verb::Danger)];
    rules.rules.extend(super::rules().rules);
    let given = Given {
        catalogue: Catalogue::of(vec![Entry::change(Rising)]),
        rules,
        until: |_| true,
        ..Given::new(&sim, &home)
    };
    let ticket = given.live().await.0.unwrap();
    let told = ticket.shown.plain();
    assert_eq!(ticket.stage, Stage::AwaitingApproval, "{told}");
    assert_eq!(ticket.verb, Verb::Danger);
    assert!(matches!(ticket.gate, Gate::Approve(_)), "{told}");
    assert!(writes(&sim).is_empty());
    // What a plan found goes to the store, and from there to everybody: without secrets.
    let stored = serde_json::to_string(&ticket).unwrap();
    assert!(
        stored.contains("[hidden]") && !stored.contains("hunter22"),
        "{stored}"
    );
}
