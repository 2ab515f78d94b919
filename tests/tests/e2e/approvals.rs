//! Does an approval mean what the people think it means, whoever presses what and when?

use ceo_tests::{
    discord::{Message, RestFault},
    kube::faults::Effect,
    world::{IDS, PATIENCE, Setup, World, settle, until},
};
use serde_json::json;

use crate::{says, says_not};

/// A Deployment with two revisions, and a card that asks to go back to the first.
async fn asked(world: &World) -> anyhow::Result<(String, Message)> {
    let app = world.cluster.deploy_two_revisions().await?;
    let card = ask_again(world, &app, 1).await?;
    Ok((app, card))
}

async fn ask_again(world: &World, app: &str, ticket: u32) -> anyhow::Result<Message> {
    let answer = world
        .ask(
            &world.operator(),
            &format!("/ceo rollback workload:deployment/{app} revision:1"),
        )
        .await?;
    says(&answer, &[&format!("Asked for approval: ticket {ticket}")]);
    world
        .told(
            IDS.ops,
            &[&format!("ticket {ticket}"), "Roll back", "revision 1?"],
        )
        .await
}

async fn still_new(world: &World, app: &str) -> anyhow::Result<()> {
    assert_eq!(
        world.cluster.image(app).await?,
        world.cluster.draw.new,
        "nothing was done"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn four_eyes() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    // A lead asks: the other lead can approve, the asker cannot, and neither can an operator or a viewer.
    world
        .ask(&world.lead(), &format!("/ceo rollback workload:deployment/{app}"))
        .await?;
    let card = world.told(IDS.ops, &["Roll back", "revision 1?"]).await?;
    for (person, words) in [
        (world.lead(), "cannot approve your own request"),
        (world.operator(), "not yours to decide"),
        (world.viewer(), "not yours to decide"),
    ] {
        let answer = world.press(&person, card.id, "Approve").await?;
        says(&answer, &[words]);
        assert!(answer.is_ephemeral());
    }
    still_new(&world, &app).await?;
    world.press(&world.second_lead(), card.id, "Approve").await?;
    world
        .told(
            IDS.ops,
            &["Rolled back", &format!("approved by <@{}>", IDS.second_lead)],
        )
        .await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_after_the_first_clock_counts_for_nothing() -> anyhow::Result<()> {
    // The sweeper sleeps: the clock is checked when the vote arrives, not when somebody tidies up.
    let setup = Setup::default()
        .timing("approve_within", "1500ms")
        .timing("sweep_every", "1h");
    let world = World::with(setup).await?;
    let (app, card) = asked(&world).await?;
    let lapses = card.created_ms + 1600;
    until(PATIENCE, || async {
        Ok((world.discord.now_ms() > lapses).then_some(()))
    })
    .await?;
    says(
        &world.press(&world.lead(), card.id, "Approve").await?,
        &["lapsed"],
    );
    let lapsed = world.told(IDS.ops, &["Lapsed", "Nobody decided in time"]).await?;
    assert_eq!(lapsed.labels(), ["Ask again"]);
    still_new(&world, &app).await?;
    world.finish().await
}

/// A scaling whose write hangs in the cluster holds the object; what is approved meanwhile has to wait.
async fn occupied(world: &World, app: &str) -> anyhow::Result<()> {
    let sim = world.cluster.sim()?;
    let operator = world.operator();
    let more = world.cluster.draw.replicas + 1;
    let card = world
        .ask(
            &operator,
            &format!("/ceo scale workload:deployment/{app} replicas:{more}"),
        )
        .await?;
    sim.faults().inject("PATCH", "/deployments/", 1, Effect::Hang)?;
    world.press(&operator, card.id, "Confirm").await?;
    until(PATIENCE, || async {
        Ok((sim.faults().waiting() == 0).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_in_time_lapses_between_quorum_and_run() -> anyhow::Result<()> {
    let setup = Setup::default()
        .timing("run_within", "2s")
        .timing("cluster_timeout", "12s");
    let world = World::with(setup).await?;
    let (app, card) = asked(&world).await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    occupied(&world, &app).await?;
    says(
        &world.press(&world.lead(), card.id, "Approve").await?,
        &["Approved"],
    );
    world
        .told(IDS.ops, &["It waits: ticket 2 is changing the same object"])
        .await?;
    world
        .told(IDS.ops, &["could not start in time", "Nothing was done"])
        .await?;
    still_new(&world, &app).await?;
    world.told(IDS.ops, &["Scaled"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_approve_at_the_same_moment_are_two() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    world
        .ask(
            &world.operator(),
            &format!("/ceo scale workload:{app} replicas:0 reason:quiet"),
        )
        .await?;
    let card = world.told(IDS.ops, &["Scale deployment/", "to 0?"]).await?;
    // Both find no vote yet, and then wait for the roles.
    let slow = RestFault::Slow(std::time::Duration::from_millis(400));
    world.discord.faults().rest("GET /guilds/.*/members/", 2, slow)?;
    let (lead, second) = (world.lead(), world.second_lead());
    let (one, other) = tokio::join!(
        world.press(&lead, card.id, "Approve"),
        world.press(&second, card.id, "Approve"),
    );
    says(&one?, &["Approved"]);
    says(&other?, &["Approved"]);
    world.told(IDS.ops, &["Scaled", "to 0"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_taken_away_between_vote_and_run_takes_the_vote_along() -> anyhow::Result<()> {
    let world = World::with(Setup::default().timing("cluster_timeout", "4s")).await?;
    let (app, card) = asked(&world).await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    occupied(&world, &app).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["It waits"]).await?;
    world.discord.set_roles(IDS.lead, &[IDS.operator_role]);
    // The object is free again; at the start the roles are read anew, and the vote of a former lead is none.
    let open = world.told(IDS.ops, &["revision 1?", "Needs"]).await?;
    assert_eq!(open.labels(), ["Approve", "Deny"]);
    still_new(&world, &app).await?;
    world.press(&world.second_lead(), card.id, "Approve").await?;
    world
        .told(
            IDS.ops,
            &["Rolled back", &format!("approved by <@{}>", IDS.second_lead)],
        )
        .await?;
    world.told(IDS.ops, &["Scaled", "ticket 2"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_one_vote_and_late_clicks_read_what_became_of_it() -> anyhow::Result<()> {
    let policy = ceo_tests::world::POLICY.replace(
        "count = 1, of = [\"role:lead\"]",
        "count = 2, of = [\"role:lead\"]",
    );
    let world = World::with(Setup::default().policy(&policy)).await?;
    let (app, card) = asked(&world).await?;
    says(
        &world.press(&world.lead(), card.id, "Approve").await?,
        &["more people are needed"],
    );
    says(
        &world.press(&world.lead(), card.id, "Approve").await?,
        &["You already approved"],
    );
    still_new(&world, &app).await?;
    world.press(&world.second_lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back"]).await?;
    let late = world.lead().press_anyway(card.id, "v1:approve:1").await?;
    says(&settle(&late).await?, &["over"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clicks_at_once_run_it_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (app, card) = asked(&world).await?;
    let (first, second) = (world.lead(), world.second_lead());
    let (a, b) = tokio::join!(first.press(card.id, "Approve"), second.press(card.id, "Approve"));
    let (a, b) = (settle(&a?).await?, settle(&b?).await?);
    let approved = [&a, &b]
        .iter()
        .filter(|m| m.text().contains("Approved: ticket 1"))
        .count();
    assert!(approved >= 1, "{}\n{}", a.text(), b.text());
    world.told(IDS.ops, &["Rolled back"]).await?;
    assert_eq!(world.cluster.image(&app).await?, world.cluster.draw.old);
    assert_eq!(
        world.cluster.deployment(&app).await?.metadata.generation,
        Some(3),
        "written once"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_taken_away_takes_its_vote_along() -> anyhow::Result<()> {
    let policy = ceo_tests::world::POLICY.replace(
        "count = 1, of = [\"role:lead\"]",
        "count = 2, of = [\"role:lead\"]",
    );
    let world = World::with(Setup::default().policy(&policy)).await?;
    let (app, card) = asked(&world).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    world.discord.set_roles(IDS.lead, &[IDS.operator_role]);
    // The second vote would make two; but only one of them is a lead's now.
    says(
        &world.press(&world.second_lead(), card.id, "Approve").await?,
        &["more people are needed"],
    );
    still_new(&world, &app).await?;
    world.discord.set_roles(IDS.lead, &[IDS.lead_role]);
    says(
        &world.press(&world.lead(), card.id, "Approve").await?,
        &["You already approved"],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_held_field_makes_it_stale() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (app, card) = asked(&world).await?;
    world
        .cluster
        .merge(
            &app,
            json!({"spec": {"template": {"metadata": {"annotations": {"who": "somebody"}}}}}),
        )
        .await?;
    let answer = world.press(&world.lead(), card.id, "Approve").await?;
    says(&answer, &["Not run"]);
    says_not(&answer, &["Approved"]);
    let stale = world
        .told(IDS.ops, &["Not run", &format!("deployment/{app} changed")])
        .await?;
    says(&stale, &["spec.template", "field manager", "Nothing was done"]);
    assert_eq!(stale.id, card.id);
    assert_eq!(stale.labels(), ["Ask again"]);
    still_new(&world, &app).await?;
    // Asking again shows the new plan.
    world.cluster.rolled_out(&app).await?;
    let again = world.press(&world.operator(), stale.id, "Ask again").await?;
    says(&again, &["Asked for approval: ticket 2"]);
    let card = world.told(IDS.ops, &["ticket 2", "revision 1?"]).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back", "ticket 2"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_count_of_pods_is_no_drift_of_a_rollback() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (app, card) = asked(&world).await?;
    let more = world.cluster.draw.replicas + 1;
    world
        .cluster
        .merge(&app, json!({"spec": {"replicas": more}}))
        .await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back"]).await?;
    let spec = world.cluster.deployment(&app).await?.spec;
    assert_eq!(
        spec.and_then(|s| s.replicas),
        Some(more),
        "the autoscaler's count stays"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_ends_it_and_says_why() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (app, card) = asked(&world).await?;
    let lead = world.lead();
    let asked = lead.press(card.id, "Deny").await?;
    let form = asked.modal(PATIENCE).await?;
    let sent = lead.submit(&form, &[("reason", "the freeze is on")]).await?;
    says(&settle(&sent).await?, &["Denied"]);
    let denied = world
        .told(IDS.ops, &["Denied by", "the freeze is on", "Nothing was done"])
        .await?;
    assert!(denied.labels().is_empty());
    let late = world.second_lead().press_anyway(card.id, "v1:approve:1").await?;
    says(&settle(&late).await?, &[&format!("<@{}> denied this", IDS.lead)]);
    still_new(&world, &app).await?;
    world.finish().await
}

/// The asker's own note, once it says so.
async fn note_says(world: &World, note: u64, words: &[&str]) -> anyhow::Result<Message> {
    let look = || async {
        let message = world.discord.message(note);
        Ok(message.filter(|m| words.iter().all(|word| m.text().contains(word))))
    };
    until(PATIENCE, look).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_askers_note_follows_the_ticket() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    let (operator, lead) = (world.operator(), world.lead());
    let line = format!("/ceo rollback workload:deployment/{app} revision:1");

    // A no, with its reason.
    let note = world.ask(&operator, &line).await?;
    assert_eq!(note.labels(), ["Withdraw"]);
    let card = world.told(IDS.ops, &["revision 1?", "ticket 1"]).await?;
    let link = format!("/{}/{}", IDS.ops, card.id);
    says(&note, &[&link]);
    let form = lead.press(card.id, "Deny").await?.modal(PATIENCE).await?;
    settle(&lead.submit(&form, &[("reason", "not during the sale")]).await?).await?;
    let denied = note_says(
        &world,
        note.id,
        &[&format!("<@{}>", IDS.lead), "not during the sale"],
    )
    .await?;
    says(&denied, &["Denied", &link]);
    assert!(denied.labels().is_empty() && denied.is_ephemeral());
    world.told(IDS.ops, &["Denied by"]).await?;

    // Taken back by the asker, who needs nobody for it.
    let note = world.ask(&operator, &line).await?;
    world.told(IDS.ops, &["revision 1?", "ticket 2"]).await?;
    world.press(&operator, note.id, "Withdraw").await?;
    world.told(IDS.ops, &["Withdrawn", "ticket 2"]).await?;

    // A yes, and how it ended.
    let note = world.ask(&operator, &line).await?;
    let card = world.told(IDS.ops, &["revision 1?", "ticket 3"]).await?;
    world.press(&lead, card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back", "ticket 3"]).await?;
    let ended = note_says(&world, note.id, &["Done:"]).await?;
    assert!(ended.labels().is_empty());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_could_approve_is_not_asked() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    world.discord.set_roles(IDS.second_lead, &[]);
    // The only lead asks: there is nobody else.
    let answer = world
        .ask(&world.lead(), &format!("/ceo rollback workload:deployment/{app}"))
        .await?;
    says(&answer, &["Nobody could approve", "besides you"]);
    assert!(world.tickets().await?.is_empty());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cards_on_one_target() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (app, first) = asked(&world).await?;
    let second = ask_again(&world, &app, 2).await?;
    assert_ne!(first.id, second.id, "cards that wait coexist");
    let pending = world.ask(&world.lead(), "/ceo guard pending").await?;
    says(&pending, &["Open requests: 2, 2 for you to decide"]);
    world.press(&world.lead(), second.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back", "ticket 2"]).await?;
    world.press(&world.lead(), first.id, "Approve").await?;
    says(
        &world.told(IDS.ops, &["Not run", "ticket 1"]).await?,
        &["spec.template"],
    );
    says(
        &world.ask(&world.lead(), "/ceo guard pending").await?,
        &["Nothing waits"],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_the_chats_roles_is_no_denial() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (app, card) = asked(&world).await?;
    world
        .discord
        .faults()
        .rest("members", 100, RestFault::Status(503))?;
    let answer = world.press(&world.lead(), card.id, "Approve").await?;
    says(&answer, &["Discord did not answer", "outage", "Reference"]);
    says_not(&answer, &["may not", "not yours"]);
    world.discord.faults().clear();
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back"]).await?;
    assert_eq!(world.cluster.image(&app).await?, world.cluster.draw.old);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_on_record() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (app, card) = asked(&world).await?;
    world.press(&world.viewer(), card.id, "Approve").await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back"]).await?;
    let record = world.ask(&world.lead(), "/ceo audit").await?;
    assert!(record.is_ephemeral());
    says(
        &record,
        &[
            "asked",
            "refused",
            "approved",
            "started",
            "finished",
            &app,
            "succeeded",
        ],
    );
    let narrow = world.ask(&world.lead(), "/ceo audit outcome:succeeded").await?;
    says(&narrow, &["finished"]);
    says_not(&narrow, &["refused"]);
    says(&world.ask(&world.viewer(), "/ceo audit").await?, &["You may not"]);
    world.finish().await
}
