//! The simulated Discord against a bot made with serenity, the library of the product: what serenity insists on, what
//! it does when things go wrong, and what the simulation must notice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    reason = "a test fails by panicking, and reads from top to bottom"
)]

#[path = "discord_sim/bot.rs"]
mod bot;
#[path = "discord_sim/gateway.rs"]
mod gateway;
#[path = "discord_sim/page_api.rs"]
mod page_api;
#[path = "discord_sim/rest.rs"]
mod rest;

use std::time::Duration;

use anyhow::Result;
use bot::{CHANNEL, LEAD, OPERATOR, SOON, connect, guild, relaxed};
use ceo_tests::discord::{Answer, Offence};

#[tokio::test]
async fn a_command_is_deferred_and_answered_by_an_edit() -> Result<()> {
    let sim = guild(relaxed()).await?;
    sim.set_locale(OPERATOR, "zh-CN");
    let bot = connect(&sim).await?;
    let olga = sim.person(OPERATOR);
    let asked = olga
        .slash(
            CHANNEL,
            &format!("/ceo echo text:prod/deployment/api count:5 who:<@{LEAD}>"),
        )
        .await?;
    assert!(matches!(
        asked.answer(SOON).await?,
        Answer::Deferred { ephemeral: false } | Answer::Message(_)
    ));
    let message = asked.settled().await?;
    assert_eq!(message.content, "prod/deployment/api 5 leo (1 role, zh-CN)");
    assert!(
        !message.is_loading() && message.edited_ms.is_none(),
        "the answer to a defer is no edit"
    );
    assert_eq!(message.origin.as_ref().unwrap().name, "ceo echo");
    assert!(asked.latency().unwrap() < Duration::from_secs(3));
    assert_eq!(sim.person(LEAD).sees(CHANNEL).len(), 1);
    assert!(sim.unread().is_empty());
    assert!(sim.violations().is_empty(), "{:?}", sim.violations());
    drop(bot);
    Ok(())
}

#[tokio::test]
async fn ephemeral_messages_are_seen_by_the_asker_alone() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let bot = connect(&sim).await?;
    let asked = sim.person(OPERATOR).slash(CHANNEL, "/ceo quick").await?;
    let message = asked.settled().await?;
    assert!(message.is_ephemeral());
    assert_eq!(sim.person(OPERATOR).sees(CHANNEL).len(), 1);
    assert!(sim.person(LEAD).sees(CHANNEL).is_empty());
    let error = bot
        .http
        .get_message(CHANNEL.into(), message.id.into())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("Unknown Message"), "{error}");
    Ok(())
}

#[tokio::test]
async fn the_client_checks_what_a_person_types() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let _bot = connect(&sim).await?;
    let olga = sim.person(OPERATOR);
    for line in [
        "/nope",
        "/ceo",
        "/ceo echo",
        "/ceo echo text:x count:10",
        "/ceo echo text:x who:<@9>",
    ] {
        assert!(olga.slash(CHANNEL, line).await.is_err(), "{line}");
    }
    sim.grant_commands(&[222]);
    assert!(
        olga.slash(CHANNEL, "/ceo quick").await.is_err(),
        "default_member_permissions is 0 and nobody granted it"
    );
    assert_eq!(
        sim.person(LEAD)
            .slash(CHANNEL, "/ceo quick")
            .await?
            .settled()
            .await?
            .content,
        "at once"
    );
    Ok(())
}

#[tokio::test]
async fn suggestions_come_while_typing() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let _bot = connect(&sim).await?;
    let choices = sim
        .person(OPERATOR)
        .autocomplete(CHANNEL, "/ceo echo count:2 text:dep")
        .await?;
    assert_eq!(
        (choices[0].name.as_str(), choices[0].value.as_str()),
        ("dep (known)", Some("dep"))
    );
    assert!(
        sim.person(OPERATOR)
            .autocomplete(CHANNEL, "/ceo echo count:2")
            .await
            .is_err(),
        "no suggestions for count"
    );
    Ok(())
}

#[tokio::test]
async fn buttons_update_acknowledge_and_open_forms() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let _bot = connect(&sim).await?;
    let (olga, leo) = (sim.person(OPERATOR), sim.person(LEAD));
    let card = olga.slash(CHANNEL, "/ceo buttons").await?.settled().await?;
    assert_eq!(card.labels(), ["Update", "Form", "Ack", "Link"]);
    assert!(leo.press(card.id, "Off").await.is_err(), "disabled");
    assert!(
        leo.press(card.id, "Link").await.is_err(),
        "the bot hears nothing of links"
    );
    assert!(leo.press(card.id, "Delete").await.is_err());

    let acknowledged = leo.press(card.id, "Ack").await?.settled().await?;
    assert_eq!(
        (acknowledged.id, acknowledged.content.as_str()),
        (card.id, "acknowledged")
    );
    assert_eq!(acknowledged.revisions[0].content, "choose");

    let form = leo.press(card.id, "Form").await?.modal(SOON).await?;
    assert_eq!(form.title, "Why");
    assert!(leo.submit(&form, &[("reason", "no")]).await.is_err(), "too short");
    assert!(
        leo.submit(&form, &[("cause", "other")]).await.is_err(),
        "no such field"
    );
    assert!(
        olga.submit(&form, &[("reason", "not mine")]).await.is_err(),
        "somebody else's form"
    );
    let answer = leo
        .submit(&form, &[("Reason", "it is down")])
        .await?
        .settled()
        .await?;
    assert_eq!(answer.content, "it is down: from a button");

    let updated = leo.press(card.id, "v1:update").await?.settled().await?;
    assert_eq!(updated.content, "updated by leo");
    assert!(
        leo.press(card.id, "Update").await.is_err(),
        "the buttons are gone"
    );
    assert!(sim.violations().is_empty(), "{:?}", sim.violations());
    Ok(())
}

#[tokio::test]
async fn a_command_may_open_a_form() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let _bot = connect(&sim).await?;
    let olga = sim.person(OPERATOR);
    let form = olga.slash(CHANNEL, "/ceo form").await?.modal(SOON).await?;
    let answer = olga
        .submit(&form, &[("reason", "because")])
        .await?
        .settled()
        .await?;
    assert_eq!(answer.content, "because: from a command");
    assert!(answer.is_ephemeral());
    Ok(())
}

#[tokio::test]
async fn the_first_follow_up_takes_the_place_of_a_deferred_response() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let _bot = connect(&sim).await?;
    let asked = sim.person(OPERATOR).slash(CHANNEL, "/ceo followup").await?;
    let second = asked.followup(0, SOON).await?;
    assert_eq!(
        (second.content.as_str(), second.is_ephemeral()),
        ("second", false)
    );
    let first = asked.settled().await?;
    assert_eq!(first.content, "first, public?");
    assert!(first.is_ephemeral(), "fixed when it was deferred");
    Ok(())
}

#[tokio::test]
async fn files_arrive_with_their_bytes() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let _bot = connect(&sim).await?;
    let message = sim
        .person(OPERATOR)
        .slash(CHANNEL, "/ceo file")
        .await?
        .settled()
        .await?;
    assert_eq!(message.attachments[0].filename, "pod.log");
    assert_eq!(message.attachments[0].bytes.as_ref(), b"line one\nline two");
    assert!(sim.violations().is_empty(), "{:?}", sim.violations());
    Ok(())
}

#[tokio::test]
async fn silence_fails_after_three_seconds_and_a_late_answer_is_refused() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let mut bot = connect(&sim).await?;
    let asked = sim.person(OPERATOR).slash(CHANNEL, "/ceo silent").await?;
    tokio::time::timeout(SOON, bot.life.wait_for(|life| life.commands.len() == 1)).await??;
    sim.advance(Duration::from_secs(4));
    let error = asked.answer(SOON).await.unwrap_err();
    assert_eq!(error.to_string(), "The application did not respond");
    let (id, token) = (asked.id(), asked.interaction()?.token);
    let late = bot
        .http
        .create_interaction_response(id.into(), &token, &serde_json::json!({"type": 5}), vec![])
        .await;
    assert!(late.unwrap_err().to_string().contains("Unknown interaction"));
    Ok(())
}

#[tokio::test]
async fn tokens_die_after_fifteen_minutes() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let bot = connect(&sim).await?;
    let asked = sim.person(OPERATOR).slash(CHANNEL, "/ceo buttons").await?;
    let message = asked.settled().await?;
    let token = asked.interaction()?.token;
    bot.http.get_original_interaction_response(&token).await?;
    sim.advance(Duration::from_secs(901));
    let error = bot
        .http
        .get_original_interaction_response(&token)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("Invalid Webhook Token"), "{error}");
    // By its channel the message is still the bot's.
    let edit = serde_json::json!({"content": "still here"});
    bot.http
        .edit_message(CHANNEL.into(), message.id.into(), &edit, vec![])
        .await?;
    assert_eq!(sim.message(message.id).unwrap().content, "still here");
    Ok(())
}

#[tokio::test]
async fn a_second_first_response_and_an_unasked_mention_are_noticed() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let _bot = connect(&sim).await?;
    let olga = sim.person(OPERATOR);
    let twice = olga.slash(CHANNEL, "/ceo twice").await?.settled().await?;
    assert!(
        twice.content.contains("already been acknowledged"),
        "{}",
        twice.content
    );
    let ping = olga.slash(CHANNEL, "/ceo ping").await?.settled().await?;
    assert_eq!(ping.pings.users, [LEAD]);
    let offences: Vec<Offence> = sim.take_violations().into_iter().map(|one| one.offence).collect();
    assert_eq!(offences, [Offence::DoubleAck, Offence::Mention]);
    assert!(sim.violations().is_empty());
    Ok(())
}

#[tokio::test]
async fn thinking_for_ever_ends_after_fifteen_minutes() -> Result<()> {
    let sim = guild(relaxed()).await?;
    let bot = connect(&sim).await?;
    let asked = sim.person(OPERATOR).slash(CHANNEL, "/ceo silent").await?;
    let (id, token) = (asked.id(), asked.interaction()?.token);
    bot.http
        .create_interaction_response(id.into(), &token, &serde_json::json!({"type": 5}), vec![])
        .await?;
    assert!(matches!(
        asked.answer(SOON).await?,
        Answer::Deferred { ephemeral: false }
    ));
    sim.advance(Duration::from_secs(901));
    assert_eq!(
        asked.settled().await.unwrap_err().to_string(),
        "The application did not respond"
    );
    Ok(())
}
