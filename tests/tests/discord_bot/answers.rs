//! Commands, buttons, forms, completions, live views.

use std::time::Duration;

use anyhow::Result;
use ceo_bot::discord::Timing;
use ceo_commands::model::{Act, Report, Tone};
use ceo_tests::discord::{Answer, Offence, RestFault};
use serde_json::json;

use crate::{
    fakes::{ALERTS, Heard, LEAD, OPERATOR, OPS, SOON},
    world::{World, guild, options, settings},
};

#[tokio::test]
async fn a_command_is_read_and_answered_in_public_and_pings_nobody() -> Result<()> {
    let world = World::new().await?;
    let olga = world.sim.person(OPERATOR);
    let asked = olga
        .slash(ALERTS, "/ceo status workload:deployment/api replicas:5")
        .await?;
    let message = asked.settled().await?;
    assert!(!message.is_ephemeral());
    assert!(
        message
            .text()
            .starts_with("`status replicas:5 workload:deployment/api` is done"),
        "{}",
        message.text()
    );
    assert!(message.pings.users.is_empty() && !message.pings.everyone);
    assert_eq!(message.labels(), ["Ack", "Deny", "Status", "Older"]);
    let heard = world.engine.heard();
    let words = "status replicas:5 workload:deployment/api".to_owned();
    assert_eq!(
        heard,
        [Heard::Ask(
            words,
            OPERATOR,
            vec![111],
            "3001/stage/web".to_owned()
        )]
    );
    let nested = world
        .sim
        .person(LEAD)
        .slash(OPS, "/ceo get pods")
        .await?
        .settled()
        .await?;
    assert!(nested.text().contains("get pods"));
    world.finish().await
}

#[tokio::test]
async fn what_is_private_is_seen_by_the_asker_alone() -> Result<()> {
    let world = World::new().await?;
    let olga = world.sim.person(OPERATOR);
    let secret = olga.slash(OPS, "/ceo secret").await?;
    assert!(secret.settled().await?.is_ephemeral());
    // Opened in public, answered in private: the public place is left.
    let leak = olga.slash(OPS, "/ceo leak").await?;
    let told = leak.followup(0, SOON).await?;
    assert!(told.is_ephemeral() && told.text().contains("You may not see this here"));
    assert!(world.sim.person(LEAD).sees(OPS).is_empty());
    world.finish().await
}

#[tokio::test]
async fn buttons_and_forms_come_back_with_what_they_were_given() -> Result<()> {
    let world = World::new().await?;
    let (olga, leo) = (world.sim.person(OPERATOR), world.sim.person(LEAD));
    let card = olga
        .slash(OPS, "/ceo status workload:api")
        .await?
        .settled()
        .await?;
    let acked = leo.press(card.id, "Ack").await?.settled().await?;
    assert!(acked.is_ephemeral() && acked.text().contains("ack 9"));
    let modal = leo.press(card.id, "Deny").await?.modal(SOON).await?;
    let denied = leo
        .submit(&modal, &[("reason", "not now")])
        .await?
        .settled()
        .await?;
    assert!(denied.text().contains("deny 13"));
    // An extra too long for an id has been kept in the store.
    leo.press(card.id, "Status").await?.settled().await?;
    let long = format!("workload=prod/ceoagent/deployment/{}", "x".repeat(150));
    let form = [("reason".to_owned(), "not now".to_owned())].into();
    assert_eq!(
        world.engine.heard()[1..],
        [
            Heard::Press(Act::Ack, "9".into(), None, None, false),
            Heard::Press(Act::Deny, "13".into(), None, Some(form), false),
            Heard::Press(Act::Run, "status".into(), Some(long), None, false),
        ]
    );
    world.finish().await
}

#[tokio::test]
async fn a_no_to_one_person_does_not_take_the_place_of_what_all_see() -> Result<()> {
    let world = World::new().await?;
    let (olga, leo) = (world.sim.person(OPERATOR), world.sim.person(LEAD));
    let card = olga
        .slash(OPS, "/ceo status workload:api")
        .await?
        .settled()
        .await?;
    let told = leo.press(card.id, "Older").await?.followup(0, SOON).await?;
    assert!(told.is_ephemeral() && told.text().contains("page v"));
    assert_eq!(world.sim.message(card.id).unwrap().text(), card.text());
    // Under a message that only the presser sees, the answer takes its place.
    let own = olga.slash(OPS, "/ceo secret").await?.settled().await?;
    let turned = olga.press(own.id, "Older").await?;
    turned.answer(SOON).await?;
    world
        .sim
        .until("the page is turned", SOON, |sim| {
            sim.message(own.id).filter(|m| m.text().contains("page v"))
        })
        .await?;
    world.finish().await
}

#[tokio::test]
async fn a_command_can_open_a_form_first() -> Result<()> {
    let world = World::new().await?;
    let olga = world.sim.person(OPERATOR);
    let modal = olga.slash(OPS, "/ceo form").await?.modal(SOON).await?;
    let answer = olga.submit(&modal, &[("reason", "x")]).await?.settled().await?;
    assert!(answer.is_ephemeral());
    assert!(
        !world.engine.heard().iter().any(|h| matches!(h, Heard::Ask(..))),
        "a form is no submission"
    );
    world.finish().await
}

#[tokio::test]
async fn completions_are_within_bounds_and_empty_on_failure() -> Result<()> {
    let world = World::new().await?;
    let olga = world.sim.person(OPERATOR);
    let choices = olga.autocomplete(OPS, "/ceo status workload:dep").await?;
    assert_eq!(choices.len(), 25);
    assert_eq!(choices[3].value, json!("dep3"));
    assert!(
        olga.autocomplete(OPS, "/ceo status workload:panic")
            .await?
            .is_empty()
    );
    world.finish().await
}

#[tokio::test]
async fn nothing_is_answered_with_silence() -> Result<()> {
    let sim = guild(options()).await?;
    let mut settings = settings(&sim);
    settings.timing = Timing {
        handle: Duration::from_secs(2),
        ..settings.timing
    };
    let world = World::with(sim, settings, std::sync::Arc::default()).await?;
    let olga = world.sim.person(OPERATOR);
    for (line, words) in [
        ("/ceo panic", "The bot failed at this"),
        ("/ceo explode", "The bot failed at this"),
        ("/ceo slow", "This took too long"),
    ] {
        let asked = olga.slash(OPS, line).await?;
        let opened = asked.answer(SOON).await?;
        let message = if line == "/ceo explode" {
            asked.settled().await?
        } else {
            assert!(
                matches!(opened, Answer::Deferred { ephemeral: false }),
                "{opened:?}"
            );
            asked.followup(0, SOON).await?
        };
        assert!(
            message.is_ephemeral() && message.text().contains(words),
            "{line}: {}",
            message.text()
        );
        assert!(
            message.text().contains("Reference "),
            "{line}: {}",
            message.text()
        );
    }
    world.finish().await
}

#[tokio::test]
async fn an_interaction_delivered_twice_is_handled_once() -> Result<()> {
    let world = World::new().await?;
    world.sim.faults().duplicate_interactions(1);
    world
        .sim
        .person(OPERATOR)
        .slash(OPS, "/ceo get pods")
        .await?
        .settled()
        .await?;
    world
        .sim
        .person(OPERATOR)
        .slash(OPS, "/ceo secret")
        .await?
        .settled()
        .await?;
    assert_eq!(world.engine.heard().len(), 2);
    assert_eq!(world.count("POST", "/callback"), 2);
    world.finish().await
}

#[tokio::test]
async fn the_first_response_survives_what_rest_does() -> Result<()> {
    let world = World::new().await?;
    let olga = world.sim.person(OPERATOR);
    for fault in [
        RestFault::Status(503),
        RestFault::CutBefore,
        RestFault::CutAfter,
        RestFault::Hang,
        RestFault::Slow(Duration::from_millis(700)),
    ] {
        world.sim.faults().rest("POST /interactions/", 1, fault.clone())?;
        let message = olga.slash(OPS, "/ceo get pods").await?.settled().await;
        assert!(message.is_ok(), "{fault:?}: {message:?}");
    }
    for fault in [RestFault::Status(500), RestFault::CutAfter, RestFault::CutBefore] {
        world.sim.faults().rest("PATCH /webhooks/", 2, fault.clone())?;
        let message = olga.slash(OPS, "/ceo get pods").await?.settled().await;
        assert!(message.is_ok(), "{fault:?}: {message:?}");
    }
    world.finish().await
}

#[tokio::test]
async fn a_repeated_event_takes_its_opening_back() -> Result<()> {
    let world = World::new().await?;
    let asked = world.sim.person(OPERATOR).slash(OPS, "/ceo twice").await?;
    asked.answer(SOON).await?;
    world
        .sim
        .until("the opening is taken back", SOON, |sim| {
            sim.messages(OPS).is_empty().then_some(())
        })
        .await?;
    world.finish().await
}

#[tokio::test]
async fn a_live_view_shows_the_newest_and_ends_with_the_last() -> Result<()> {
    let world = World::new().await?;
    let live = world.engine.live();
    let step = |n: u32| Report::new(Tone::Info, format!("step {n}"));
    live.send(step(0))?;
    let olga = world.sim.person(OPERATOR);
    let asked = olga.slash(OPS, "/ceo live").await?;
    let first = asked.settled().await?;
    assert_eq!(
        (first.text().as_str(), first.labels().as_slice()),
        ("step 0", ["Stop".to_owned()].as_slice())
    );
    let before = world.count("PATCH", "/messages/@original");
    for n in 1..=50 {
        live.send(step(n))?;
    }
    let shows = |words: &'static str| {
        world.sim.until(words, SOON, move |sim| {
            sim.message(first.id).filter(|m| m.text() == words)
        })
    };
    shows("step 50").await?;
    assert!(
        world.count("PATCH", "/messages/@original") - before <= 2,
        "fifty states are not fifty edits"
    );
    // Only its owner may stop it.
    let refused = world
        .sim
        .person(LEAD)
        .press(first.id, "Stop")
        .await?
        .settled()
        .await?;
    assert!(
        refused.is_ephemeral() && refused.text().contains("to decide"),
        "{}",
        refused.text()
    );
    assert!(!live.is_closed());
    let kept = world.rows.word("live_views").unwrap_or_default();
    assert!(kept.contains("view7") && kept.contains("token"), "{kept}");
    world.rows.fail_puts(1);
    olga.press(first.id, "Stop").await?.answer(SOON).await?;
    live.closed().await;
    let ended = world
        .sim
        .until("the Stop button goes", SOON, |sim| {
            sim.message(first.id).filter(|m| m.labels().is_empty())
        })
        .await?;
    assert_eq!(ended.text(), "step 50\nstopped");
    // The token of a view that is over is in the store no longer, even if the store failed at its end.
    world.rows.becomes("live_views", "{}").await?;
    let engine = world.engine.clone();
    world.finish().await?;
    assert!(engine.heard().contains(&Heard::Closed("view7".into())));
    Ok(())
}

#[tokio::test]
async fn a_live_view_asks_whether_to_go_on() -> Result<()> {
    let sim = guild(options()).await?;
    let mut settings = settings(&sim);
    settings.timing.live_for = Duration::from_secs(2);
    let world = World::with(sim, settings, std::sync::Arc::default()).await?;
    let live = world.engine.live();
    live.send(Report::new(Tone::Info, "still going"))?;
    let asked = world.sim.person(OPERATOR).slash(OPS, "/ceo live").await?;
    let shown = asked.settled().await?;
    let ended = world
        .sim
        .until("the view ends", SOON, |sim| {
            sim.message(shown.id).filter(|m| m.labels() == ["Continue"])
        })
        .await?;
    assert_eq!(ended.text(), "still going\npaused");
    assert_eq!(ended.button("Continue").unwrap()["custom_id"], "v1:run:live:");
    assert!(live.is_closed(), "the stream was let go");
    world.finish().await
}

#[tokio::test]
async fn a_picture_and_the_whole_text_go_along() -> Result<()> {
    let world = World::new().await?;
    let message = world
        .sim
        .person(OPERATOR)
        .slash(OPS, "/ceo big")
        .await?
        .settled()
        .await?;
    let files: Vec<_> = message
        .attachments
        .iter()
        .map(|f| (f.filename.as_str(), f.bytes.len()))
        .collect();
    assert_eq!(files[0], ("chart.png", 3));
    assert_eq!(files[1].0, "full.txt");
    assert!(
        files[1].1 > 3000 && message.text().contains("… 380 more"),
        "{}",
        message.text()
    );
    assert_eq!(
        message.attachments[0].description.as_deref(),
        Some("CPU over time")
    );
    world.finish().await
}

#[tokio::test]
async fn an_old_button_and_an_unreadable_event_are_answered() -> Result<()> {
    let world = World::new().await?;
    let guild = world.sim.guild_id().to_string();
    let token = "an-unreadable-token";
    world.sim.dispatch(
        "INTERACTION_CREATE",
        &json!({"id": "77001", "application_id": world.sim.application_id().to_string(), "type": 2, "token": token,
            "guild_id": guild, "data": {}, "surprise": true}),
    );
    world
        .sim
        .until("a raw callback", SOON, |sim| {
            sim.requests()
                .into_iter()
                .find(|r| r.path.contains("/interactions/77001/") && r.status != 0)
        })
        .await?;
    // That interaction was made up, so the simulation refuses it; nothing else may have happened.
    let offences: Vec<_> = world
        .sim
        .take_violations()
        .into_iter()
        .map(|v| v.offence)
        .collect();
    assert!(offences.iter().all(|o| *o == Offence::Refused), "{offences:?}");
    world.finish().await
}

/// A command as Discord sends it, from a server or, without one, from a direct message.
fn raw_command(world: &World, id: u64, guild: Option<u64>) -> serde_json::Value {
    let user = json!({"id": OPERATOR.to_string(), "username": "olga", "global_name": "Olga", "discriminator": "0", "avatar": null});
    let mut event = json!({"id": id.to_string(), "application_id": world.sim.application_id().to_string(), "type": 2,
        "token": format!("token-{id}"), "version": 1, "channel_id": OPS.to_string(), "locale": "en-US", "entitlements": [],
        "app_permissions": "0", "authorizing_integration_owners": {}, "attachment_size_limit": 1,
        "data": {"id": "5", "name": "ceo", "type": 1, "options": [{"name": "status", "type": 1, "options": [
            {"name": "workload", "type": 3, "value": "deployment/api"}]}]}});
    match guild {
        Some(guild) => {
            event["guild_id"] = json!(guild.to_string());
            event["member"] = json!({"user": user, "roles": ["111"], "joined_at": "2026-01-01T00:00:00+00:00", "deaf": false,
                "mute": false, "flags": 0, "permissions": "8"});
        }
        None => event["user"] = user,
    }
    event
}

#[tokio::test]
async fn a_command_of_another_server_or_of_nobodys_is_refused() -> Result<()> {
    let world = World::new().await?;
    let own = world.sim.guild_id();
    for (id, guild) in [(78001, Some(own + 1)), (78002, None), (78003, Some(own))] {
        let event = raw_command(&world, id, guild);
        world.sim.dispatch("INTERACTION_CREATE", &event);
        let path = format!("/interactions/{id}/");
        let answered = |sim: &ceo_tests::discord::DiscordSim| {
            let all = sim.requests().into_iter();
            all.filter(|r| r.path.contains(&path))
                .map(|r| r.body.to_string())
                .next()
        };
        let body = world.sim.until("a callback", SOON, answered).await?;
        assert_eq!(
            body.contains("This bot serves another server"),
            guild != Some(own),
            "{guild:?}: {body}"
        );
    }
    // These interactions were made up, so the simulation refuses the answers.
    world.sim.take_violations();
    world.finish().await
}
