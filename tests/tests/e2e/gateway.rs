//! Do commands work again after whatever the gateway does, and is an interaction that comes twice handled once?

use ceo_tests::{
    discord::GatewayFault,
    world::{IDS, PATIENCE, World, until},
};

use crate::says;

async fn survives(fault: GatewayFault) -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let before = (world.discord.identifies(), world.discord.resumes());
    assert!(
        world.discord.gateway_fault(fault) > 0,
        "a session was there to be hit"
    );
    let back = || async {
        let now = (world.discord.identifies(), world.discord.resumes());
        Ok((now != before && world.discord.is_online()).then_some(()))
    };
    until(PATIENCE, back).await?;
    says(
        &world
            .ask(&world.operator(), &format!("/ceo status workload:{app}"))
            .await?,
        &[&app, "healthy"],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn reconnect_asked_for() -> anyhow::Result<()> {
    survives(GatewayFault::Reconnect).await
}

#[tokio::test(flavor = "multi_thread")]
async fn session_invalid() -> anyhow::Result<()> {
    survives(GatewayFault::InvalidSession(false)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_with_4000() -> anyhow::Result<()> {
    survives(GatewayFault::Close(Some(4000))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_with_4009() -> anyhow::Result<()> {
    survives(GatewayFault::Close(Some(4009))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_reset() -> anyhow::Result<()> {
    survives(GatewayFault::Reset).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resume_that_fails() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let before = world.discord.identifies();
    world.discord.faults().fail_resumes(1);
    world.discord.gateway_fault(GatewayFault::Close(Some(4000)));
    until(PATIENCE, || async {
        Ok((world.discord.identifies() > before && world.discord.is_online()).then_some(()))
    })
    .await?;
    says(
        &world
            .ask(&world.operator(), &format!("/ceo status workload:{app}"))
            .await?,
        &["healthy"],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interaction_that_comes_twice_is_handled_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let to = world.cluster.draw.replicas + 1;
    world.discord.faults().duplicate_interactions(1);
    let card = world
        .ask(
            &world.operator(),
            &format!("/ceo scale workload:{app} replicas:{to}"),
        )
        .await?;
    world.discord.faults().duplicate_interactions(1);
    world.press(&world.operator(), card.id, "Confirm").await?;
    world.told(IDS.ops, &["Scaled"]).await?;
    assert_eq!(world.tickets().await?.len(), 1);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interaction_that_is_lost_leaves_nothing_behind() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    world.discord.faults().lose_interactions(1);
    let line = format!("/ceo scale workload:{app} replicas:7");
    let asked = world.operator().slash(IDS.ops, &line).await?;
    let error = asked
        .answer(PATIENCE)
        .await
        .expect_err("nobody answered")
        .to_string();
    assert!(error.contains("did not respond"), "{error}");
    assert!(world.tickets().await?.is_empty());
    world.ask(&world.operator(), &line).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_ends_the_bot_and_says_so() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(Default::default()).await?;
    world
        .bot
        .env("CEO__DISCORD__TOKEN", "not.the-token.at-all-0123456789abcdef");
    world.expect_error("token");
    world.bot.start().await?;
    let code = world.bot.ended(PATIENCE).await?;
    assert_ne!(code, 0);
    assert!(world.bot.log().contains("token"), "{}", world.bot.tail());
    assert!(
        !world.bot.log().contains("not.the-token.at-all"),
        "the token itself is not told"
    );
    world.leave().await
}
