//! Do the buttons of a run do what they say: Hold, Resume, Roll back now?

use ceo_tests::{
    discord::Message,
    world::{IDS, PATIENCE, Setup, World, until},
};

use crate::{says, says_not};

/// A rollback whose pods are slow to get ready, and its message while it runs.
async fn running(world: &World) -> anyhow::Result<(String, Message)> {
    let app = world.cluster.deploy_two_revisions().await?;
    world
        .cluster
        .sim()?
        .hold_readiness(world.cluster.namespace(), &format!("{app}*"), 0);
    world
        .ask(&world.operator(), &format!("/ceo rollback workload:{app}"))
        .await?;
    let card = world.told(IDS.ops, &["Roll back", "revision 1?"]).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    let going = labelled(world, card.id, "Hold").await?;
    Ok((app, going))
}

/// The message once it has a button.
async fn labelled(world: &World, id: u64, label: &str) -> anyhow::Result<Message> {
    let look = || async {
        let message = world.discord.message(id);
        Ok(message.filter(|m| m.labels().iter().any(|l| l == label)))
    };
    until(PATIENCE, look).await
}

fn release(world: &World, app: &str) -> anyhow::Result<()> {
    world
        .cluster
        .sim()?
        .release_readiness(world.cluster.namespace(), &format!("{app}*"));
    Ok(())
}

/// Whether the rollout is paused in the cluster.
async fn is_paused(world: &World, app: &str, wanted: bool) -> anyhow::Result<()> {
    let look = || async {
        let spec = world.cluster.deployment(app).await?.spec;
        let paused = spec.and_then(|s| s.paused).unwrap_or_default();
        Ok((paused == wanted).then_some(()))
    };
    until(PATIENCE, look).await
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_pauses_the_rollout_and_resume_goes_on() -> anyhow::Result<()> {
    let world = World::start().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (app, going) = running(&world).await?;
    let operator = world.operator();
    says(
        &world.press(&operator, going.id, "Hold").await?,
        &["Told ticket 1"],
    );
    is_paused(&world, &app, true).await?;
    let held = labelled(&world, going.id, "Resume").await?;
    says(&held, &["On hold", "spec.paused"]);
    release(&world, &app)?;
    says(
        &world.press(&operator, held.id, "Resume").await?,
        &["Told ticket 1"],
    );
    is_paused(&world, &app, false).await?;
    let done = world.told(IDS.ops, &["Rolled back", "to revision 1"]).await?;
    assert_eq!(done.id, going.id);
    assert_eq!(world.cluster.image(&app).await?, world.cluster.draw.old);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn roll_back_now_turns_a_run_back_also_from_hold() -> anyhow::Result<()> {
    let world = World::start().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (app, going) = running(&world).await?;
    let operator = world.operator();
    world.press(&operator, going.id, "Hold").await?;
    is_paused(&world, &app, true).await?;
    let held = labelled(&world, going.id, "Roll back now").await?;
    release(&world, &app)?;
    world.press(&operator, held.id, "Roll back now").await?;
    let back = world.told(IDS.ops, &["Turned back"]).await?;
    says_not(&back, &["Rolled back deployment"]);
    is_paused(&world, &app, false).await?;
    assert_eq!(world.cluster.image(&app).await?, world.cluster.draw.new);
    world.ended("rolled_back", 1).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_nobody_ends_lapses() -> anyhow::Result<()> {
    let world = World::with(Setup::default().timing("hold_within", "1s")).await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (app, going) = running(&world).await?;
    world.press(&world.operator(), going.id, "Hold").await?;
    is_paused(&world, &app, true).await?;
    release(&world, &app)?;
    is_paused(&world, &app, false).await?;
    let called = world.told(IDS.ops, &["Your hold has lapsed"]).await?;
    assert!(
        called.content.contains(&format!("<@{}>", IDS.operator)),
        "{}",
        called.content
    );
    world.told(IDS.ops, &["Rolled back", "to revision 1"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scaling_is_turned_back() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let from = world.cluster.draw.replicas;
    let sim = world.cluster.sim()?;
    sim.hold_readiness(world.cluster.namespace(), &format!("{app}*"), 0);
    let operator = world.operator();
    let line = format!("/ceo scale workload:{app} replicas:{}", from + 2);
    let card = world.ask(&operator, &line).await?;
    world.press(&operator, card.id, "Confirm").await?;
    let going = world.told(IDS.ops, &["Scaling deployment/"]).await?;
    let going = labelled(&world, going.id, "Roll back now").await?;
    world.press(&operator, going.id, "Roll back now").await?;
    release(&world, &app)?;
    world
        .told(
            IDS.ops,
            &[&format!("Set deployment/{app} back"), &format!("to {from}")],
        )
        .await?;
    let spec = world.cluster.deployment(&app).await?.spec;
    assert_eq!(spec.and_then(|s| s.replicas), Some(from));
    world.finish().await
}
