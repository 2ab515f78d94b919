//! Living messages: posted once, edited calmly, never lost, never doubled.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use ceo_commands::model::{Act, Action, File, Report, RoleId, Style, Tone};
use ceo_tests::discord::{DiscordSim, Rates, RestFault};

use crate::{
    fakes::{ALERTS, OPS, SOON},
    world::{World, guild, options, settings},
};

fn card(words: &str) -> Report {
    Report::new(Tone::Waiting, words.to_owned()).action(Action::new(
        Act::Approve,
        13,
        "Approve",
        Style::Success,
    ))
}

#[tokio::test]
async fn a_message_is_posted_with_its_ping_and_edited_without() -> Result<()> {
    let world = World::new().await?;
    let mut report = card("Roll back?");
    report.ping = vec![RoleId(222)];
    world.rows.show("ticket:13", OPS, report.clone(), false);
    world.rows.settled("ticket:13").await?;
    let posted = world
        .sim
        .expect_message(OPS, SOON, |m| m.text().contains("Roll back?"))
        .await?;
    assert_eq!(posted.pings.roles, [222]);
    report.tone = Tone::Good;
    report.title = "Rolled back".into();
    world.rows.show("ticket:13", OPS, report.clone(), true);
    let row = world.rows.settled("ticket:13").await?;
    assert_eq!(row.message, Some(posted.id));
    assert!(
        world
            .sim
            .message(posted.id)
            .is_some_and(|m| m.text().contains("Rolled back"))
    );
    // The same content again costs nothing.
    let before = world.sim.requests().len();
    world.rows.show("ticket:13", OPS, report, true);
    world.rows.settled("ticket:13").await?;
    assert_eq!(world.sim.requests().len(), before);
    assert_eq!(world.sim.messages(OPS).len(), 1);
    assert_eq!(world.told.deliveries(), ["posted", "edited", "same"]);
    world.finish().await
}

#[tokio::test]
async fn many_states_are_few_edits_and_the_last_one_shows() -> Result<()> {
    let world = World::new().await?;
    world.rows.show("ticket:1", OPS, card("0 of 200"), false);
    world.rows.settled("ticket:1").await?;
    for n in 1..=200 {
        world
            .rows
            .show("ticket:1", OPS, card(&format!("{n} of 200")), n == 200);
        tokio::task::yield_now().await;
    }
    let row = world.rows.settled("ticket:1").await?;
    assert_eq!(row.version, 201);
    assert!(world.sim.messages(OPS)[0].text().contains("200 of 200"));
    assert!(world.count("PATCH", "/channels/3000/messages/") <= 3);
    world.finish().await
}

#[tokio::test]
async fn an_unknown_outcome_is_tried_again_and_doubles_nothing() -> Result<()> {
    let world = World::new().await?;
    for (n, fault) in [
        RestFault::CutAfter,
        RestFault::HangAfter,
        RestFault::Status(502),
        RestFault::CutBefore,
    ]
    .into_iter()
    .enumerate()
    {
        world
            .sim
            .faults()
            .rest("POST /channels/3000/messages$", 2, fault)?;
        let key = format!("ticket:{n}");
        world.rows.show(&key, OPS, card(&key), false);
        world.rows.settled(&key).await?;
        assert_eq!(world.sim.messages(OPS).len(), n + 1, "{key}");
    }
    world.finish().await
}

#[tokio::test]
async fn a_post_whose_answer_was_lost_is_found_when_its_nonce_is_forgotten() -> Result<()> {
    let world = World::new().await?;
    let (faults, taken) = (world.sim.faults(), |sim: &DiscordSim| {
        (!sim.messages(OPS).is_empty()).then_some(())
    });
    faults.rest("POST /channels/3000/messages$", 1000, RestFault::CutAfter)?;
    world.rows.show("ticket:13", OPS, card("asked"), false);
    world.sim.until("taken", SOON, taken).await?;
    let (sim, rows) = world.stop().await?;
    assert_eq!(rows.stored("ticket:13").unwrap().message, None, "no answer came");
    sim.faults().clear();
    sim.advance(Duration::from_secs(600));
    rows.show("ticket:13", OPS, card("approved"), false);
    let settings = settings(&sim);
    let world = World::with(sim, settings, Arc::clone(&rows)).await?;
    let row = rows.settled("ticket:13").await?;
    let all = world.sim.messages(OPS);
    let texts: Vec<_> = all.iter().map(|m| m.text()).collect();
    assert_eq!(texts, ["approved"], "one card of one thing");
    assert_eq!(row.message, Some(all[0].id));
    world.finish().await
}

#[tokio::test]
async fn a_double_of_a_card_loses_its_buttons() -> Result<()> {
    let world = World::new().await?;
    world.rows.show("ticket:13", OPS, card("asked"), false);
    let first = world.rows.settled("ticket:13").await?.message.unwrap();
    // What the store says after it was put back to an older copy: a post was begun, and no more.
    world.sim.advance(Duration::from_secs(600));
    world.rows.show("ticket:13 ", OPS, card("asked again"), false);
    let second = world.rows.settled("ticket:13 ").await?.message.unwrap();
    let (sim, rows) = world.stop().await?;
    rows.show("ticket:13", OPS, card("approved"), false);
    rows.edit("ticket:13", |row| (row.message, row.attempted) = (None, true));
    let settings = settings(&sim);
    let world = World::with(sim, settings, Arc::clone(&rows)).await?;
    let kept = rows.settled("ticket:13").await?.message.unwrap();
    let labels = |id: u64| world.sim.message(id).unwrap().labels();
    assert_eq!((kept, labels(kept)), (second, vec!["Approve".to_owned()]));
    world
        .sim
        .until("the double's buttons go", SOON, |sim| {
            sim.message(first).filter(|m| m.labels().is_empty())
        })
        .await?;
    world.finish().await
}

#[tokio::test]
async fn a_bot_that_starts_again_goes_on_where_it_was() -> Result<()> {
    let world = World::new().await?;
    world.rows.show("ticket:1", OPS, card("asked"), false);
    world.rows.settled("ticket:1").await?;
    let puts = world.count("PUT", "/commands");
    let (sim, rows) = world.stop().await?;
    rows.show("ticket:1", OPS, card("approved"), false);
    rows.show("ticket:2", OPS, card("another"), false);
    let settings = settings(&sim);
    let world = World::with(sim, settings, Arc::clone(&rows)).await?;
    rows.settled("ticket:1").await?;
    rows.settled("ticket:2").await?;
    let texts: Vec<_> = world.sim.messages(OPS).iter().map(|m| m.text()).collect();
    assert_eq!(texts, ["approved", "another"]);
    assert_eq!(
        (puts, world.count("PUT", "/commands")),
        (1, 1),
        "an unchanged command is not registered again"
    );
    world.finish().await
}

#[tokio::test]
async fn a_message_that_is_gone_or_too_old_gets_a_successor() -> Result<()> {
    let world = World::new().await?;
    world.rows.show("ticket:1", OPS, card("asked"), false);
    let first = world.rows.settled("ticket:1").await?.message;
    let refuse = |status, code, message: &str| RestFault::Refuse {
        status,
        code,
        message: message.to_owned(),
    };
    let old = "Maximum number of edits to messages older than 1 hour reached. Try again later";
    world
        .sim
        .faults()
        .rest("PATCH /channels/3000/messages/", 1, refuse(429, 30046, old))?;
    world.rows.show("ticket:1", OPS, card("approved"), false);
    let second = world.rows.settled("ticket:1").await?.message;
    assert_ne!(first, second);
    let successor = second.and_then(|id| world.sim.message(id)).unwrap();
    assert_eq!(
        (successor.reply_to, successor.text().as_str()),
        (first, "approved")
    );
    world.sim.faults().rest(
        "PATCH /channels/3000/messages/",
        1,
        refuse(404, 10008, "Unknown Message"),
    )?;
    world.rows.show("ticket:1", OPS, card("done"), true);
    let third = world.rows.settled("ticket:1").await?.message;
    assert_eq!(third.and_then(|id| world.sim.message(id)).unwrap().text(), "done");
    world.finish().await
}

#[tokio::test]
async fn what_is_not_discords_answer_passes() -> Result<()> {
    let world = World::new().await?;
    for (status, key) in [(404, "ticket:1"), (400, "ticket:2"), (403, "ticket:3")] {
        let faults = world.sim.faults();
        faults.rest("POST /channels/3000/messages$", 1, RestFault::Status(status))?;
        world.rows.show(key, OPS, card("asked"), false);
        let first = world.rows.settled(key).await?.message;
        let faults = world.sim.faults();
        faults.rest("PATCH /channels/3000/messages/", 1, RestFault::Status(status))?;
        world.rows.show(key, OPS, card("approved"), false);
        let second = world.rows.settled(key).await?.message;
        assert_eq!(first, second, "a proxy's answer makes no second card");
        assert_eq!(
            world.rows.why_broken(key),
            None,
            "{status} without a code is nobody's last word"
        );
        let shown = second.and_then(|id| world.sim.message(id)).unwrap();
        assert_eq!(shown.text(), "approved");
    }
    world.sim.take_violations();
    world.finish().await
}

#[tokio::test]
async fn no_message_of_the_witnesss_channel_is_changed_or_posted_by_a_row() -> Result<()> {
    let sim = guild(options()).await?;
    let mut settings = settings(&sim);
    settings.append_only = Some(ceo_commands::model::ChannelId(ALERTS));
    let world = World::with(sim, settings, Arc::default()).await?;
    world.rows.show("audit-head:1", ALERTS, card("Head 1:00"), false);
    world.rows.show("ticket:1", OPS, card("asked"), false);
    world.rows.settled("ticket:1").await?;
    assert!(world.rows.why_broken("audit-head:1").is_some());
    assert!(world.sim.messages(ALERTS).is_empty());
    world.finish().await
}

#[tokio::test]
async fn a_channel_that_is_closed_to_the_bot_is_given_up_once() -> Result<()> {
    let world = World::new().await?;
    let everyone = world.sim.guild_id();
    world.sim.set_overwrite(ALERTS, everyone, 0, 1 << 11);
    world
        .sim
        .set_overwrite(ALERTS, world.sim.application_id(), 0, 1 << 11);
    world.rows.show("incident:1", ALERTS, card("pods crash"), false);
    world
        .sim
        .until("given up", SOON, |sim| {
            sim.requests()
                .iter()
                .any(|r| r.path == "/channels/3001/messages" && r.status == 403)
                .then_some(())
        })
        .await?;
    world.rows.show("ticket:1", OPS, card("elsewhere goes on"), false);
    world.rows.settled("ticket:1").await?;
    let why = world.rows.why_broken("incident:1").unwrap();
    assert!(why.contains("Send Messages") && why.contains("50013"), "{why}");
    assert_eq!(world.count("POST", "/channels/3001/messages"), 1);
    world.finish().await
}

#[tokio::test]
async fn answers_go_before_alerts_and_no_limit_is_hit_twice() -> Result<()> {
    let mut options = options();
    options.rates = Some(Rates::from_seed(7));
    let sim = guild(options).await?;
    let mut settings = settings(&sim);
    settings.timing.channel_pace = Duration::from_millis(200);
    let world = World::with(sim, settings, Arc::default()).await?;
    for n in 0..12 {
        let key = format!("incident:{n}");
        world.rows.alert(&key, OPS, Report::new(Tone::Bad, key.clone()));
    }
    world.rows.settled("incident:0").await?;
    world.rows.show("ticket:1", OPS, card("somebody waits"), false);
    world.rows.settled("ticket:1").await?;
    for n in 0..12 {
        world.rows.settled(&format!("incident:{n}")).await?;
    }
    let texts: Vec<_> = world.sim.messages(OPS).iter().map(|m| m.text()).collect();
    let place = texts.iter().position(|t| t == "somebody waits").unwrap();
    assert!(place < 8, "the answer stands at {place} of {texts:?}");
    world.finish().await
}

#[tokio::test]
async fn a_named_wait_is_waited() -> Result<()> {
    let world = World::new().await?;
    let wait = Duration::from_millis(1500);
    for global in [false, true] {
        let fault = RestFault::TooMany {
            retry_after: wait,
            global,
        };
        world
            .sim
            .faults()
            .rest("POST /channels/3000/messages$", 1, fault)?;
        let key = format!("ticket:{global}");
        let began = std::time::Instant::now();
        world.rows.show(&key, OPS, card(&key), false);
        world.rows.settled(&key).await?;
        assert!(began.elapsed() >= wait);
    }
    world.finish().await
}

#[tokio::test]
async fn a_file_stays_when_only_the_words_change() -> Result<()> {
    let world = World::new().await?;
    let with_file =
        |words: &str, bytes: &[u8]| card(words).file(File::new("chart.png", "CPU", bytes.to_vec()));
    world.rows.show("ticket:1", OPS, with_file("one", b"a"), false);
    let message = world.rows.settled("ticket:1").await?.message.unwrap();
    let uploads = || {
        world
            .sim
            .requests()
            .iter()
            .filter(|r| !r.files.is_empty())
            .count()
    };
    assert_eq!(uploads(), 1);
    world.rows.show("ticket:1", OPS, with_file("two", b"a"), false);
    world.rows.settled("ticket:1").await?;
    assert_eq!(uploads(), 1, "the same file is not sent again");
    assert_eq!(world.sim.message(message).unwrap().attachments.len(), 1);
    world.rows.show("ticket:1", OPS, with_file("three", b"b"), false);
    world.rows.settled("ticket:1").await?;
    let shown = world.sim.message(message).unwrap();
    assert_eq!(
        (
            uploads(),
            shown.attachments.len(),
            shown.attachments[0].bytes.as_ref()
        ),
        (2, 1, b"b".as_slice())
    );
    world.rows.show("ticket:1", OPS, card("four"), true);
    world.rows.settled("ticket:1").await?;
    assert!(world.sim.message(message).unwrap().attachments.is_empty());
    world.finish().await
}
