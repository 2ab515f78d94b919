//! The way in: sessions that break, tokens that are wrong, people who come and go.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use ceo_bot::discord::{Discord, NoSignals};
use ceo_commands::model::{RoleId, UserId};
use ceo_tests::discord::{GatewayFault, Offence, Options, RestFault};
use tokio_util::sync::CancellationToken;

use crate::{
    fakes::{FakeDispatcher, FakeRows, LEAD, OPERATOR, OPS, SOON},
    world::{World, guild, options, settings},
};

async fn answers_after(world: &World, fault: GatewayFault) -> Result<()> {
    let before = world.told.reconnects();
    world.sim.gateway_fault(fault);
    let told = Arc::clone(&world.told);
    tokio::time::timeout(SOON * 6, async move {
        while told.reconnects() == before {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await
    .map_err(|_| anyhow::anyhow!("no new session after {fault:?}"))?;
    world.sim.online(SOON * 6).await?;
    let message = world
        .sim
        .person(OPERATOR)
        .slash(OPS, "/ceo get pods")
        .await?
        .settled()
        .await?;
    assert!(message.text().contains("get pods"), "{fault:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_breaks_is_resumed_or_replaced() -> Result<()> {
    let world = World::new().await?;
    for fault in [
        GatewayFault::Reconnect,
        GatewayFault::Reset,
        GatewayFault::Close(Some(4000)),
        GatewayFault::InvalidSession(false),
    ] {
        answers_after(&world, fault).await?;
    }
    assert!(world.sim.resumes() >= 3);
    assert_eq!(
        world.count("PUT", "/commands"),
        1,
        "a new session registers nothing"
    );
    world.finish().await
}

// On one thread: whatever keeps it busy keeps everything waiting.
#[tokio::test(flavor = "current_thread")]
async fn a_close_without_a_code_does_not_spin_until_the_next_heartbeat() -> Result<()> {
    // A heartbeat would end the loop too, and comes far too late here to be what did.
    let late = Duration::from_secs(3600);
    let sim = guild(Options {
        heartbeat: late,
        ..options()
    })
    .await?;
    let settings = settings(&sim);
    let world = World::with(sim, settings, Arc::default()).await?;
    answers_after(&world, GatewayFault::Close(None)).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_ends_the_run_and_says_what_to_do() -> Result<()> {
    let sim = guild(options()).await?;
    let mut settings = settings(&sim);
    settings.token = "wrong".to_owned();
    let discord = Discord::connect(settings, Arc::new(NoSignals)).await?;
    let run = discord.run(
        Arc::<FakeDispatcher>::default(),
        Arc::<FakeRows>::default(),
        CancellationToken::new(),
    );
    let error = tokio::time::timeout(SOON, run).await?.unwrap_err().to_string();
    assert!(error.contains("discord.token"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_gateway_is_not_named_the_real_one_is_not_tried() -> Result<()> {
    let sim = guild(options()).await?;
    // Ours and serenity's own asking both fail for a while.
    sim.faults().rest("GET /gateway$", 7, RestFault::Status(503))?;
    let settings = settings(&sim);
    let world = World::with(sim, settings, Arc::default()).await?;
    world
        .sim
        .person(OPERATOR)
        .slash(OPS, "/ceo get pods")
        .await?
        .settled()
        .await?;
    world.finish().await
}

#[tokio::test]
async fn roles_are_read_as_they_are_now() -> Result<()> {
    let world = World::new().await?;
    assert_eq!(
        world.members.roles(UserId(LEAD)).await?,
        [RoleId(111), RoleId(222)]
    );
    world.sim.set_roles(LEAD, &[111]);
    assert_eq!(world.members.roles(UserId(LEAD)).await?, [RoleId(111)]);
    assert_eq!(
        world.members.roles(UserId(987_654)).await?,
        [],
        "somebody who has left has no roles"
    );
    assert_eq!(world.members.role_counts().await?.get(&RoleId(111)), Some(&2));
    world
        .sim
        .faults()
        .rest("GET /guilds/.*/members/", 50, RestFault::Status(500))?;
    let outage = world.members.roles(UserId(LEAD)).await.unwrap_err().to_string();
    assert!(outage.contains("did not say"), "{outage}");
    world.sim.faults().clear();
    let offences: Vec<_> = world.sim.violations().into_iter().map(|v| v.offence).collect();
    assert!(!offences.contains(&Offence::EarlyRetry));
    world.finish().await
}
