//! Are those who could approve counted as the rules will judge them?

use ceo_tests::world::{IDS, POLICY, Setup, World};

use crate::says;

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_rule_denies_is_no_possible_approver() -> anyhow::Result<()> {
    let deny = format!(
        "{POLICY}[[policy]]\nwho = [\"user:{}\"]\nmay = [\"release\"]\nwhere = [\"*/*\"]\ndeny = true\n",
        IDS.second_lead
    );
    let world = World::with(Setup::default().policy(&deny)).await?;
    let app = world.cluster.deploy_two_revisions().await?;
    let line = format!("/ceo rollback workload:deployment/{app} revision:1");
    // Two people are leads, one of them is denied it.
    let asked = world.ask(&world.operator(), &line).await?;
    says(&asked, &["Asked for approval", "1 person can approve"]);
    let card = world.told(IDS.ops, &["Roll back", "revision 1?"]).await?;
    let vote = world.press(&world.second_lead(), card.id, "Approve").await?;
    says(&vote, &["forbids this to you"]);
    // And when the other one asks, nobody is left.
    let nobody = world.ask(&world.lead(), &line).await?;
    says(&nobody, &["there are not enough such people besides you"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_sees_a_gate_that_a_denial_has_closed() -> anyhow::Result<()> {
    let deny = format!(
        "{POLICY}[[policy]]\nwho = [\"role:lead\"]\nmay = [\"rollback\"]\nwhere = [\"*/*\"]\ndeny = true\n"
    );
    let world = World::before_the_bot(Setup::default().policy(&deny)).await?;
    let (code, text) = world.bot.command(&["check"]).await?;
    assert!(text.contains("FAILED  approvers policy[2]"), "{text}");
    assert!(text.contains("1 of role:lead: too few people"), "{text}");
    assert_eq!(code, 1, "{text}");
    world.leave().await
}
