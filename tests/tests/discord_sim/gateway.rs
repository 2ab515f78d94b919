//! What serenity does when the gateway misbehaves, and that interactions survive it.

use std::time::Duration;

use anyhow::Result;
use ceo_tests::discord::{GatewayFault, Offence, Options};
use serenity::all::GatewayIntents;

use crate::bot::{CHANNEL, OPERATOR, SOON, connect, connect_with, guild, relaxed};

async fn still_answers(sim: &ceo_tests::discord::DiscordSim) -> Result<()> {
    let message = sim
        .person(OPERATOR)
        .slash(CHANNEL, "/ceo quick")
        .await?
        .settled()
        .await?;
    assert_eq!(message.content, "at once");
    Ok(())
}

#[tokio::test]
async fn sessions_are_resumed_and_miss_nothing() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let mut bot = connect(&sim).await?;
    let faults = [
        GatewayFault::Reconnect,
        GatewayFault::Close(Some(4000)),
        GatewayFault::Close(Some(1001)),
        GatewayFault::Reset,
    ];
    for (round, fault) in faults.into_iter().enumerate() {
        still_answers(&sim).await?;
        assert_eq!(sim.gateway_fault(fault), 1);
        // Asked while the connection is going down: answered by the replay.
        let asked = sim.person(OPERATOR).slash(CHANNEL, "/ceo quick").await?;
        assert_eq!(asked.settled().await?.content, "at once", "{fault:?}");
        tokio::time::timeout(SOON, bot.life.wait_for(|life| life.resumes == round + 1)).await??;
    }
    assert_eq!((sim.identifies(), sim.resumes()), (1, 4));
    Ok(())
}

#[tokio::test]
async fn a_session_that_cannot_be_resumed_is_begun_anew() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let mut bot = connect(&sim).await?;
    sim.faults().fail_resumes(1);
    sim.gateway_fault(GatewayFault::Reconnect);
    tokio::time::timeout(SOON, bot.life.wait_for(|life| life.readies == 2)).await??;
    still_answers(&sim).await?;
    sim.gateway_fault(GatewayFault::InvalidSession(false));
    tokio::time::timeout(SOON, bot.life.wait_for(|life| life.readies == 3)).await??;
    still_answers(&sim).await?;
    assert_eq!((sim.identifies(), sim.resumes()), (3, 0));
    Ok(())
}

#[tokio::test]
async fn a_bot_whose_heartbeats_are_not_acknowledged_connects_again() -> Result<()> {
    let sim = guild(Options {
        heartbeat: Duration::from_millis(600),
        ..relaxed()
    })
    .await?;
    let mut bot = connect(&sim).await?;
    sim.gateway_fault(GatewayFault::StopAcks);
    tokio::time::timeout(
        Duration::from_secs(40),
        bot.life.wait_for(|life| life.readies + life.resumes == 2),
    )
    .await??;
    still_answers(&sim).await
}

#[tokio::test]
async fn an_interaction_may_arrive_twice_or_never() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let mut bot = connect(&sim).await?;
    sim.faults().duplicate_interactions(1);
    let asked = sim.person(OPERATOR).slash(CHANNEL, "/ceo silent").await?;
    tokio::time::timeout(SOON, bot.life.wait_for(|life| life.commands.len() == 2)).await??;
    assert_eq!(bot.life.borrow().commands[0], bot.life.borrow().commands[1]);
    assert_eq!(bot.life.borrow().commands[0].0, asked.id());

    sim.faults().lose_interactions(1);
    let lost = sim.person(OPERATOR).slash(CHANNEL, "/ceo quick").await?;
    sim.advance(Duration::from_secs(4));
    assert!(lost.answer(SOON).await.is_err());
    still_answers(&sim).await
}

#[tokio::test]
async fn the_guild_goes_on_while_the_bot_is_away() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let bot = connect(&sim).await?;
    let card = sim
        .person(OPERATOR)
        .slash(CHANNEL, "/ceo buttons")
        .await?
        .settled()
        .await?;
    bot.shards.shutdown_all().await;
    drop(bot);
    sim.until("offline", SOON, |sim| (!sim.is_online()).then_some(()))
        .await?;
    let alone = sim.person(OPERATOR).slash(CHANNEL, "/ceo quick").await?;
    sim.advance(Duration::from_secs(4));
    assert_eq!(
        alone.answer(SOON).await.unwrap_err().to_string(),
        "The application did not respond"
    );
    // Commands and messages are Discord's: a new bot finds them, and the old buttons work.
    let mut bot = connect_with(&sim, GatewayIntents::GUILDS).await?;
    tokio::time::timeout(SOON, bot.life.wait_for(|life| life.readies == 1)).await??;
    let updated = sim
        .person(OPERATOR)
        .press(card.id, "Update")
        .await?
        .settled()
        .await?;
    assert_eq!(updated.content, "updated by olga");
    Ok(())
}

#[tokio::test]
async fn privileged_intents_are_refused_for_good() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let mut bot = connect_with(&sim, GatewayIntents::GUILDS | GatewayIntents::GUILD_MEMBERS).await?;
    let ended = tokio::time::timeout(SOON, &mut bot.task).await??;
    assert!(ended.unwrap_err().to_string().to_lowercase().contains("intents"));
    assert_eq!(sim.take_violations()[0].offence, Offence::Gateway);
    Ok(())
}

#[tokio::test]
async fn a_close_frame_without_a_code_is_survived() -> Result<()> {
    // serenity spins on the dead socket until its next heartbeat, so that is set close.
    let sim = guild(Options {
        heartbeat: Duration::from_secs(2),
        ..relaxed()
    })
    .await?;
    let mut bot = connect(&sim).await?;
    sim.gateway_fault(GatewayFault::Close(None));
    let again = |life: &crate::bot::Life| life.readies + life.resumes == 2;
    tokio::time::timeout(Duration::from_secs(40), bot.life.wait_for(again)).await??;
    still_answers(&sim).await
}
