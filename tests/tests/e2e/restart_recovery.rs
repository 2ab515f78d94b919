//! Is nothing run twice and nothing approved lost, wherever the bot is killed?

use std::time::Duration;

use ceo_tests::{
    discord::RestFault,
    kube::faults::Effect,
    world::{IDS, PATIENCE, Setup, World, until},
};

use crate::says;

/// A world whose Deployment has two revisions. None in a real cluster: what it is asked, and when it hangs, is what all of
/// this is about.
async fn world() -> anyhow::Result<Option<(World, String)>> {
    world_with(Setup::default()).await
}

async fn world_with(setup: Setup) -> anyhow::Result<Option<(World, String)>> {
    let world = World::with(setup.timing("cluster_timeout", "3s")).await?;
    if world.cluster.is_real() {
        world.finish().await?;
        return Ok(None);
    }
    let app = world.cluster.deploy_two_revisions().await?;
    Ok(Some((world, app)))
}

/// How many times the bot really wrote the Deployment.
fn writes(world: &World, app: &str) -> anyhow::Result<usize> {
    let all = world.cluster.sim()?.mutations();
    let mine = |m: &&ceo_tests::kube::mutations::Mutation| {
        m.user.contains("ceo-bot")
            && !m.dry_run
            && m.code < 300
            && m.key.plural == "deployments"
            && m.key.name == app
    };
    Ok(all.iter().filter(mine).count())
}

/// Takes leave once the askers were told of so many ends. Their own notes went with the process that wrote them, so they
/// are told in a reply that mentions them.
async fn finish(world: World, ends: usize) -> anyhow::Result<()> {
    let told = || async {
        let news = news(&world);
        Ok((news.len() == ends).then_some(news))
    };
    for id in until(PATIENCE, told).await? {
        world.discord.mark_read(id);
    }
    world.finish().await
}

fn news(world: &World) -> Vec<u64> {
    let mention = format!("<@{}>", IDS.operator);
    let all = world.discord.messages(IDS.ops);
    let news = all.iter().filter(|m| m.content.starts_with(&mention));
    news.map(|m| m.id).collect()
}

async fn again(world: &mut World) -> anyhow::Result<()> {
    world.bot.start().await?;
    world.ready().await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_a_card_waits() -> anyhow::Result<()> {
    let Some((mut world, app)) = world().await? else {
        return Ok(());
    };
    let confirm = world
        .ask(
            &world.operator(),
            &format!("/ceo scale workload:{app} replicas:6"),
        )
        .await?;
    world
        .ask(&world.operator(), &format!("/ceo rollback workload:{app}"))
        .await?;
    let card = world.told(IDS.ops, &["Roll back", "revision 1?"]).await?;
    world.bot.kill().await?;
    again(&mut world).await?;
    says(
        &world.press(&world.lead(), card.id, "Approve").await?,
        &["Approved: ticket 2"],
    );
    let done = world.told(IDS.ops, &["Rolled back"]).await?;
    assert_eq!(done.id, card.id, "the same message goes on");
    says(
        &world.press(&world.operator(), confirm.id, "Confirm").await?,
        &["ticket 1"],
    );
    world.told(IDS.ops, &["Scaled", "to 6"]).await?;
    assert_eq!(writes(&world, &app)?, 2);
    finish(world, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_quorum_and_run() -> anyhow::Result<()> {
    let Some((mut world, app)) = world().await? else {
        return Ok(());
    };
    world
        .ask(&world.operator(), &format!("/ceo rollback workload:{app}"))
        .await?;
    let card = world.told(IDS.ops, &["Roll back", "revision 1?"]).await?;
    // The run reads the object first; that read hangs, and the bot dies there.
    world
        .cluster
        .sim()?
        .faults()
        .inject("GET", "/deployments/", 1, Effect::Hang)?;
    world.press(&world.lead(), card.id, "Approve").await?;
    until(PATIENCE, || async {
        Ok((world.cluster.sim()?.faults().waiting() == 0).then_some(()))
    })
    .await?;
    world.bot.kill().await?;
    assert_eq!(writes(&world, &app)?, 0);
    again(&mut world).await?;
    world.told(IDS.ops, &["Rolled back", "approved by"]).await?;
    assert_eq!(writes(&world, &app)?, 1);
    finish(world, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_write_took_effect() -> anyhow::Result<()> {
    killed_at_the_write(Effect::Hang).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_write_took_effect() -> anyhow::Result<()> {
    killed_at_the_write(Effect::AppliedThenHang).await
}

/// The step has begun, and its result is not stored.
async fn killed_at_the_write(effect: Effect) -> anyhow::Result<()> {
    let Some((mut world, app)) = world().await? else {
        return Ok(());
    };
    let card = killed_at(&mut world, &app, effect).await?;
    again(&mut world).await?;
    let done = world.told(IDS.ops, &["Rolled back", "to revision 1"]).await?;
    assert_eq!(done.id, card);
    assert_eq!(
        writes(&world, &app)?,
        1,
        "written once, whether or not the answer arrived"
    );
    assert_eq!(world.cluster.image(&app).await?, world.cluster.draw.old);
    finish(world, 1).await
}

/// The write hangs before or after its effect, and the bot dies there. Gives the card.
async fn killed_at(world: &mut World, app: &str, effect: Effect) -> anyhow::Result<u64> {
    let written = usize::from(matches!(effect, Effect::AppliedThenHang));
    world
        .ask(&world.operator(), &format!("/ceo rollback workload:{app}"))
        .await?;
    let card = world.told(IDS.ops, &["Roll back", "revision 1?"]).await?;
    let faults = world.cluster.sim()?.faults();
    faults.inject("PATCH", "/deployments/", 1, effect)?;
    world.press(&world.lead(), card.id, "Approve").await?;
    until(PATIENCE, || async {
        let there = world.cluster.sim()?.faults().waiting() == 0 && writes(world, app)? == written;
        Ok(there.then_some(()))
    })
    .await?;
    world.bot.kill().await?;
    Ok(card.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_set_back_meanwhile_is_not_done_again() -> anyhow::Result<()> {
    let Some((mut world, app)) = world().await? else {
        return Ok(());
    };
    killed_at(&mut world, &app, Effect::AppliedThenHang).await?;
    let new = world.cluster.draw.new;
    world.cluster.set_image("deployment", &app, new).await?;
    again(&mut world).await?;
    let over = world.told(IDS.ops, &["spec.template", "kubectl-set"]).await?;
    says(
        &over,
        &["Overtaken", "this change had been made, and was set back since"],
    );
    crate::says_not(&over, &["Nothing was done", "Not run"]);
    assert_eq!(writes(&world, &app)?, 1);
    assert_eq!(world.cluster.image(&app).await?, new);
    finish(world, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_away_after_a_restart_is_waited_for() -> anyhow::Result<()> {
    let Some((mut world, app)) = world().await? else {
        return Ok(());
    };
    killed_at(&mut world, &app, Effect::AppliedThenHang).await?;
    world.cluster.sim()?.faults().down(true);
    world.bot.start().await?;
    // Long enough for the run to be taken up and to find nobody.
    tokio::time::sleep(Duration::from_secs(2)).await;
    world.cluster.sim()?.faults().down(false);
    world.ready().await?;
    let done = world.told(IDS.ops, &["Rolled back", "to revision 1"]).await?;
    crate::says_not(&done, &["No step of it was done", "Nothing was"]);
    assert_eq!(writes(&world, &app)?, 1);
    finish(world, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_is_none_any_more_starts_no_write() -> anyhow::Result<()> {
    let Some((mut world, app)) = world().await? else {
        return Ok(());
    };
    killed_at(&mut world, &app, Effect::Hang).await?;
    world.discord.set_roles(IDS.lead, &[IDS.operator_role]);
    again(&mut world).await?;
    let over = world
        .told(IDS.ops, &["Not run", "an approver lost the role"])
        .await?;
    says(&over, &["Nothing was done"]);
    assert_eq!(writes(&world, &app)?, 0);
    finish(world, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_interrupted_too_long_ago_starts_no_write() -> anyhow::Result<()> {
    let setup = Setup::default().timing("change_deadline", "4s");
    let Some((mut world, app)) = world_with(setup).await? else {
        return Ok(());
    };
    killed_at(&mut world, &app, Effect::Hang).await?;
    // The time is what this is about.
    tokio::time::sleep(Duration::from_secs(4)).await;
    again(&mut world).await?;
    world
        .told(
            IDS.ops,
            &["Not run", "the time for this is over", "Nothing was done"],
        )
        .await?;
    assert_eq!(writes(&world, &app)?, 0);
    finish(world, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_follows() -> anyhow::Result<()> {
    let Some((mut world, app)) = world().await? else {
        return Ok(());
    };
    // Back to an image that cannot be pulled any more would never end; so the pods are slow to get ready instead.
    let sim = world.cluster.sim()?;
    sim.hold_readiness(world.cluster.namespace(), &format!("{app}*"), 0);
    world
        .ask(&world.operator(), &format!("/ceo rollback workload:{app}"))
        .await?;
    let card = world.told(IDS.ops, &["Roll back", "revision 1?"]).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolling back", "of"]).await?;
    until(PATIENCE, || async {
        Ok((writes(&world, &app)? == 1).then_some(()))
    })
    .await?;
    world.bot.kill().await?;
    world
        .cluster
        .sim()?
        .release_readiness(world.cluster.namespace(), &format!("{app}*"));
    world.cluster.rolled_out(&app).await?;
    again(&mut world).await?;
    let done = world.told(IDS.ops, &["Rolled back", "to revision 1"]).await?;
    assert_eq!(done.id, card.id);
    assert_eq!(writes(&world, &app)?, 1);
    finish(world, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_posting_a_message_and_storing_its_id() -> anyhow::Result<()> {
    let Some((mut world, app)) = world().await? else {
        return Ok(());
    };
    // Discord takes the card and its answer never arrives.
    world
        .discord
        .faults()
        .rest("POST /channels/", 1, RestFault::HangAfter)?;
    world
        .ask(&world.operator(), &format!("/ceo rollback workload:{app}"))
        .await?;
    let card = world.told(IDS.ops, &["Roll back", "revision 1?"]).await?;
    world.bot.kill().await?;
    again(&mut world).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    let done = world.told(IDS.ops, &["Rolled back"]).await?;
    assert_eq!(done.id, card.id, "the card was not posted a second time");
    let cards = world
        .discord
        .messages(IDS.ops)
        .iter()
        .filter(|m| m.text().contains("ticket 1") && !news(&world).contains(&m.id))
        .count();
    assert_eq!(cards, 1 + private(&world));
    finish(world, 1).await
}

/// Answers that only one person saw.
fn private(world: &World) -> usize {
    let all = world.discord.messages(IDS.ops);
    all.iter()
        .filter(|m| m.only_for.is_some() && m.text().contains("ticket 1"))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lapsed_while_the_bot_was_dead_is_told_as_lapsed() -> anyhow::Result<()> {
    let world = World::with(Setup::default().timing("approve_within", "2s")).await?;
    let mut world = world;
    let app = world.cluster.deploy_two_revisions().await?;
    world
        .ask(&world.operator(), &format!("/ceo rollback workload:{app}"))
        .await?;
    let card = world.told(IDS.ops, &["Roll back", "revision 1?"]).await?;
    world.bot.kill().await?;
    let over = card.created_ms + 2100;
    until(PATIENCE, || async {
        Ok((world.discord.now_ms() > over).then_some(()))
    })
    .await?;
    again(&mut world).await?;
    let lapsed = world.told(IDS.ops, &["Lapsed", "Nobody decided"]).await?;
    assert_eq!(lapsed.id, card.id);
    assert!(!lapsed.labels().iter().any(|l| l == "Approve"));
    finish(world, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_hands_a_run_over() -> anyhow::Result<()> {
    let Some((mut world, app)) = world().await? else {
        return Ok(());
    };
    world
        .cluster
        .sim()?
        .hold_readiness(world.cluster.namespace(), &format!("{app}*"), 0);
    world
        .ask(&world.operator(), &format!("/ceo rollback workload:{app}"))
        .await?;
    let card = world.told(IDS.ops, &["Roll back", "revision 1?"]).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    until(PATIENCE, || async {
        Ok((writes(&world, &app)? == 1).then_some(()))
    })
    .await?;
    let began = std::time::Instant::now();
    assert_eq!(world.bot.stop().await?, 0);
    assert!(began.elapsed() < Duration::from_secs(20));
    world
        .cluster
        .sim()?
        .release_readiness(world.cluster.namespace(), &format!("{app}*"));
    again(&mut world).await?;
    world.told(IDS.ops, &["Rolled back", "to revision 1"]).await?;
    assert_eq!(writes(&world, &app)?, 1);
    finish(world, 1).await
}
