//! REST: limits, rates, permissions, and the routes which the product needs, through serenity's own client.

use std::time::{Duration, Instant};

use anyhow::Result;
use ceo_tests::discord::permissions::{BOT, SEND_MESSAGES, VIEW_CHANNEL};
use ceo_tests::discord::{DiscordSim, Limit, Offence, Options, Rates, RestFault};
use serde_json::{Value, json};
use serenity::all::{
    ChannelId, CreateAttachment, CreateMessage, EditAttachments, EditMessage, GuildId, Http,
};

use crate::bot::{CHANNEL, LEAD, OPERATOR, command, guild, relaxed, rest};

const OPS: ChannelId = ChannelId::new(CHANNEL);

async fn world() -> Result<(DiscordSim, Http)> {
    let sim = guild(relaxed()).await?;
    let http = rest(&sim)?;
    Ok((sim, http))
}

async fn post(http: &Http, body: Value) -> serenity::Result<serenity::all::Message> {
    http.send_message(OPS, vec![], &body).await
}

/// Discord's error code in what serenity makes of an answer, with the form errors.
fn refused<T: std::fmt::Debug>(result: serenity::Result<T>) -> (isize, String) {
    match result.err() {
        Some(serenity::Error::Http(serenity::http::HttpError::UnsuccessfulRequest(response))) => {
            (response.error.code, format!("{:?}", response.error.errors))
        }
        other => panic!("not refused by Discord: {other:?}"),
    }
}

#[tokio::test]
async fn the_routes_that_a_doctor_asks() -> Result<()> {
    let (sim, http) = world().await?;
    let guild = GuildId::new(sim.guild_id());
    assert_eq!(http.get_current_user().await?.id.get(), sim.application_id());
    assert_eq!(
        http.get_current_application_info().await?.id.get(),
        sim.application_id()
    );
    assert_eq!(http.get_guild(guild).await?.roles.len(), 4);
    assert_eq!(
        http.get_guild_roles(guild)
            .await?
            .iter()
            .filter(|role| role.name == "lead")
            .count(),
        1
    );
    assert_eq!(http.get_channels(guild).await?[0].name, "ops");
    assert_eq!(http.get_channel(OPS).await?.id(), OPS);
    let member = http.get_member(guild, LEAD.into()).await?;
    assert_eq!(member.roles[0].get(), 222);
    sim.set_roles(LEAD, &[111, 222]);
    assert_eq!(http.get_member(guild, LEAD.into()).await?.roles.len(), 2);
    sim.remove_member(LEAD);
    assert_eq!(refused(http.get_member(guild, LEAD.into()).await).0, 10007);
    assert_eq!(http.get_bot_gateway().await?.shards, 1);
    assert!(sim.violations().is_empty(), "{:?}", sim.violations());
    Ok(())
}

#[tokio::test]
async fn role_member_counts_are_told() -> Result<()> {
    let (sim, _) = world().await?;
    let client = reqwest::Client::builder()
        .resolve("discord.com", sim.rest_addr())
        .add_root_certificate(reqwest::Certificate::from_pem(sim.ca_pem().as_bytes())?)
        .user_agent("DiscordBot (https://example.com, 1)")
        .build()?;
    let url = format!(
        "https://discord.com/api/v10/guilds/{}/roles/member-counts",
        sim.guild_id()
    );
    let get = |token: String| {
        client
            .get(&url)
            .header("authorization", format!("Bot {token}"))
            .send()
    };
    let answer = get(sim.bot_token()).await?;
    assert!(answer.headers().contains_key("x-ratelimit-bucket"));
    let counts: Value = serde_json::from_str(&answer.text().await?)?;
    assert_eq!((&counts["111"], &counts["222"]), (&json!(1), &json!(1)));
    assert!(counts.get(sim.guild_id().to_string()).is_none());
    assert_eq!(get("wrong".to_owned()).await?.status(), 401);
    assert_eq!(sim.take_violations()[0].offence, Offence::Unauthorized);
    Ok(())
}

#[tokio::test]
async fn registering_again_creates_nothing_and_two_hundred_a_day_are_enough() -> Result<()> {
    let (sim, http) = world().await?;
    let guild = GuildId::new(sim.guild_id());
    let first = guild.set_commands(&http, vec![command()]).await?;
    let second = guild.set_commands(&http, vec![command()]).await?;
    assert_eq!((first[0].id, first[0].version), (second[0].id, second[0].version));
    for _ in 0..2 {
        let many = (0..99)
            .map(|n| serenity::all::CreateCommand::new(format!("c{n}")).description("d"))
            .collect();
        guild.set_commands(&http, many).await?;
        guild.set_commands(&http, vec![]).await?;
    }
    guild.set_commands(&http, vec![command()]).await?;
    guild.set_commands(&http, vec![]).await?;
    assert_eq!(refused(guild.set_commands(&http, vec![command()]).await).0, 30034);
    sim.advance(Duration::from_secs(86_401));
    guild.set_commands(&http, vec![command()]).await?;
    let stored = http.get_guild_commands(guild).await?;
    assert!(
        stored[0].description_localizations.is_none(),
        "only with_localizations shows them"
    );
    assert_eq!(
        http.get_guild_commands_with_localizations(guild).await?[0]
            .description_localizations
            .iter()
            .len(),
        1
    );
    Ok(())
}

#[tokio::test]
async fn commands_are_refused_in_discords_words() -> Result<()> {
    let (sim, http) = world().await?;
    let guild = GuildId::new(sim.guild_id());
    let option = |name: &str, required: bool| json!({"type": 3, "name": name, "description": "d", "required": required});
    for (options, wanted) in [
        (json!(vec![option("a", false); 26]), "BASE_TYPE_MAX_LENGTH"),
        (
            json!([option("a", false), option("b", true)]),
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        (
            json!([option("Upper", false)]),
            "APPLICATION_COMMAND_INVALID_NAME",
        ),
    ] {
        let body = json!([{"name": "ceo", "description": "d", "options": options}]);
        let (code, errors) = refused(http.create_guild_commands(guild, &body).await);
        assert!(
            code == 50035 && errors.contains(wanted),
            "{wanted}: {code} {errors}"
        );
    }
    assert_eq!(
        sim.take_violations()
            .iter()
            .filter(|one| one.offence == Offence::Refused)
            .count(),
        3
    );
    assert!(sim.commands().is_empty());
    Ok(())
}

#[tokio::test]
async fn messages_are_refused_in_discords_words() -> Result<()> {
    let (sim, http) = world().await?;
    let row = json!({"type": 1, "components": [
        {"type": 2, "style": 1, "label": "x", "custom_id": "a"}, {"type": 2, "style": 1, "label": "y", "custom_id": "a"}]});
    for (body, wanted) in [
        (
            json!({"content": "x".repeat(2001)}),
            "Must be 2000 or fewer in length.",
        ),
        (
            json!({"embeds": [{"description": "x".repeat(4000)}, {"description": "x".repeat(2001)}]}),
            "MAX_EMBED_SIZE",
        ),
        (
            json!({"content": "x", "components": [row]}),
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            json!({"content": "x", "nonce": "x".repeat(26)}),
            "Must be 25 or fewer",
        ),
        (
            json!({"content": "x", "message_reference": {"message_id": "5"}}),
            "MESSAGE_REFERENCE_UNKNOWN_MESSAGE",
        ),
    ] {
        let (code, errors) = refused(post(&http, body).await);
        assert!(
            code == 50035 && errors.contains(wanted),
            "{wanted}: {code} {errors}"
        );
    }
    assert_eq!(refused(post(&http, json!({})).await).0, 50006);
    assert!(sim.messages(CHANNEL).is_empty());
    let v2 = json!({"flags": 1 << 15, "components": [{"type": 17, "components": [{"type": 10, "content": "# Rollout"}]}]});
    post(&http, v2).await?;
    assert_eq!(sim.messages(CHANNEL)[0].text(), "# Rollout");
    Ok(())
}

#[tokio::test]
async fn a_nonce_that_is_enforced_posts_once() -> Result<()> {
    let (sim, http) = world().await?;
    let body = json!({"content": "card", "nonce": "abc", "enforce_nonce": true});
    let first = post(&http, body.clone()).await?;
    assert_eq!(post(&http, body.clone()).await?.id, first.id);
    assert_eq!(sim.messages(CHANNEL).len(), 1);
    sim.advance(Duration::from_secs(600));
    assert_ne!(
        post(&http, body).await?.id,
        first.id,
        "remembered for minutes, not for ever"
    );
    Ok(())
}

#[tokio::test]
async fn attachments_are_kept_only_when_the_edit_says_so() -> Result<()> {
    let (sim, http) = world().await?;
    let file = |name: &str| CreateAttachment::bytes(name.as_bytes().to_vec(), name);
    let mut message = OPS
        .send_files(
            &http,
            [file("a.log"), file("b.log")],
            CreateMessage::new().content("two"),
        )
        .await?;
    let names = |sim: &DiscordSim| -> Vec<String> {
        sim.messages(CHANNEL)[0]
            .attachments
            .iter()
            .map(|file| file.filename.clone())
            .collect()
    };
    message
        .edit(&http, EditMessage::new().content("still two"))
        .await?;
    assert_eq!(names(&sim), ["a.log", "b.log"]);
    let keep = EditAttachments::new()
        .keep(message.attachments[1].id)
        .add(file("c.log"));
    message.edit(&http, EditMessage::new().attachments(keep)).await?;
    assert_eq!(names(&sim), ["b.log", "c.log"]);
    message
        .edit(&http, EditMessage::new().remove_all_attachments())
        .await?;
    assert!(names(&sim).is_empty());
    assert_eq!(sim.messages(CHANNEL)[0].revisions.len(), 3);
    Ok(())
}

#[tokio::test]
async fn the_limit_is_waited_for_and_not_a_moment_less() -> Result<()> {
    let rates = Rates {
        message_create: Limit::new(3, 1_500),
        ..Rates::relaxed()
    };
    let sim = guild(Options {
        rates: Some(rates),
        ..relaxed()
    })
    .await?;
    let http = rest(&sim)?;
    let start = Instant::now();
    for n in 0..7 {
        post(&http, json!({"content": n.to_string()})).await?;
    }
    assert!(start.elapsed() >= Duration::from_secs(3), "{:?}", start.elapsed());
    sim.faults().rest(
        "POST /channels/3000/messages$",
        1,
        RestFault::TooMany {
            retry_after: Duration::from_millis(700),
            global: false,
        },
    )?;
    let start = Instant::now();
    post(&http, json!({"content": "patient"})).await?;
    assert!(start.elapsed() >= Duration::from_millis(700));
    assert!(sim.requests().iter().any(|request| request.status == 429));
    assert!(sim.violations().is_empty(), "{:?}", sim.violations());
    Ok(())
}

#[tokio::test]
async fn an_early_retry_is_noticed() -> Result<()> {
    let sim = guild(Options {
        rates: Some(Rates {
            message_create: Limit::new(1, 5_000),
            ..Rates::relaxed()
        }),
        ..relaxed()
    })
    .await?;
    let client = reqwest::Client::builder()
        .resolve("discord.com", sim.rest_addr())
        .add_root_certificate(reqwest::Certificate::from_pem(sim.ca_pem().as_bytes())?)
        .user_agent("DiscordBot (https://example.com, 1)")
        .build()?;
    let mut last = Value::Null;
    for _ in 0..3 {
        let request = client.post(format!("https://discord.com/api/v10/channels/{CHANNEL}/messages"));
        let request = request.header("authorization", format!("Bot {}", sim.bot_token()));
        let answer = request
            .header("content-type", "application/json")
            .body(r#"{"content":"x"}"#)
            .send()
            .await?;
        last = serde_json::from_str(&answer.text().await?)?;
    }
    assert_eq!(last["global"], false);
    assert!(last["retry_after"].as_f64().unwrap() > 1.0);
    assert_eq!(sim.take_violations()[0].offence, Offence::EarlyRetry);
    Ok(())
}

#[tokio::test]
async fn old_messages_are_edited_seldom() -> Result<()> {
    let (sim, http) = world().await?;
    let message = post(&http, json!({"content": "old"})).await?;
    sim.advance(Duration::from_secs(3_700));
    for n in 0..3 {
        http.edit_message(OPS, message.id, &json!({"content": n.to_string()}), vec![])
            .await?;
    }
    let again = json!({"content": "again"});
    let fourth = http.edit_message(OPS, message.id, &again, vec![]);
    // serenity waits as it is told; the answer that made it wait is in the log.
    let waits = sim.until("30046", Duration::from_secs(10), |sim| {
        sim.requests()
            .iter()
            .any(|request| request.code == Some(30046) && request.status == 429)
            .then_some(())
    });
    tokio::select! {
        done = fourth => panic!("edited too soon: {done:?}"),
        waited = waits => waited?,
    }
    Ok(())
}

#[tokio::test]
async fn permissions_decide() -> Result<()> {
    let (sim, http) = world().await?;
    sim.set_overwrite(CHANNEL, sim.application_id() + 1, 0, SEND_MESSAGES);
    assert_eq!(refused(post(&http, json!({"content": "x"})).await).0, 50013);
    sim.set_overwrite(CHANNEL, sim.application_id() + 1, 0, VIEW_CHANNEL);
    assert_eq!(refused(post(&http, json!({"content": "x"})).await).0, 50001);
    assert!(sim.violations().is_empty(), "once is no offence");
    for _ in 0..3 {
        assert_eq!(refused(post(&http, json!({"content": "x"})).await).0, 50001);
    }
    assert_eq!(sim.take_violations()[0].offence, Offence::RepeatedForbidden);
    sim.set_overwrite(CHANNEL, sim.application_id() + 1, BOT, 0);
    let mine = post(&http, json!({"content": "x"})).await?;
    let theirs = sim.person(OPERATOR).say(CHANNEL, "hello")?;
    let edit = json!({"content": "y"});
    assert_eq!(
        refused(http.edit_message(OPS, theirs.into(), &edit, vec![]).await).0,
        50005
    );
    assert_eq!(
        refused(http.delete_message(OPS, theirs.into(), None).await).0,
        50013
    );
    http.delete_message(OPS, mine.id, None).await?;
    assert_eq!(
        refused(http.edit_message(OPS, mine.id, &edit, vec![]).await).0,
        10008
    );
    sim.delete_channel(CHANNEL);
    assert_eq!(refused(post(&http, json!({"content": "x"})).await).0, 10003);
    Ok(())
}

#[tokio::test]
async fn threads_hang_on_messages_and_sleep() -> Result<()> {
    let (sim, http) = world().await?;
    let message = post(&http, json!({"content": "incident"})).await?;
    let body = json!({"name": "incident-42", "auto_archive_duration": 1440});
    let thread = http
        .create_thread_from_message(OPS, message.id, &body, None)
        .await?;
    assert_eq!(thread.id.get(), message.id.get());
    let again = http
        .create_thread_from_message(OPS, message.id, &body, None)
        .await;
    assert_eq!(refused(again).0, 160_004);
    let line = http
        .send_message(thread.id, vec![], &json!({"content": "timeline"}))
        .await?;
    http.edit_thread(thread.id, &json!({"archived": true}), None)
        .await?;
    let edit = http
        .edit_message(thread.id, line.id, &json!({"content": "late"}), vec![])
        .await;
    assert_eq!(refused(edit).0, 50083);
    http.send_message(thread.id, vec![], &json!({"content": "wakes it"}))
        .await?;
    assert!(!sim.threads(CHANNEL)[0].thread.as_ref().unwrap().archived);
    assert_eq!(
        refused(http.edit_thread(thread.id, &json!({"locked": true}), None).await).0,
        50013
    );
    Ok(())
}

#[tokio::test]
async fn mentions_ping_only_whom_they_may() -> Result<()> {
    let (sim, http) = world().await?;
    let text = format!("<@{OPERATOR}> <@{LEAD}> <@&222> @everyone");
    for (allowed, users, roles) in [
        (json!({"parse": []}), vec![], vec![]),
        (json!({"parse": ["users"]}), vec![OPERATOR, LEAD], vec![]),
        (
            json!({"users": [LEAD.to_string()], "roles": ["222"]}),
            vec![LEAD],
            vec![222],
        ),
    ] {
        let sent = post(&http, json!({"content": text, "allowed_mentions": allowed})).await?;
        let pings = sim.message(sent.id.get()).unwrap().pings;
        assert_eq!((pings.users, pings.roles, pings.everyone), (users, roles, false));
    }
    assert!(sim.violations().is_empty(), "{:?}", sim.violations());
    Ok(())
}

#[tokio::test]
async fn answers_can_be_lost_with_and_without_their_effect() -> Result<()> {
    let (sim, http) = world().await?;
    let body = |text: &str| json!({"content": text});
    sim.faults()
        .rest("POST /channels/3000/messages$", 1, RestFault::CutBefore)?;
    assert!(post(&http, body("never")).await.is_err());
    assert!(sim.messages(CHANNEL).is_empty());
    sim.faults()
        .rest("POST /channels/3000/messages$", 1, RestFault::CutAfter)?;
    assert!(post(&http, body("posted")).await.is_err());
    assert_eq!(sim.messages(CHANNEL).len(), 1);
    sim.faults().rest("POST", 1, RestFault::Status(503))?;
    assert!(post(&http, body("never")).await.is_err());
    sim.faults().rest(
        "POST",
        1,
        RestFault::Refuse {
            status: 403,
            code: 50013,
            message: "Missing Permissions".into(),
        },
    )?;
    assert_eq!(refused(post(&http, body("never")).await).0, 50013);
    post(&http, body("well")).await?;
    assert_eq!(sim.messages(CHANNEL).len(), 2);
    Ok(())
}

#[tokio::test]
async fn the_global_limit_holds_everything_but_responses() -> Result<()> {
    let rates = Rates {
        global: Limit::new(4, 1_000),
        ..Rates::relaxed()
    };
    let sim = guild(Options {
        rates: Some(rates),
        ..relaxed()
    })
    .await?;
    let http = rest(&sim)?;
    for n in 0..6 {
        post(&http, json!({"content": n.to_string()})).await?;
    }
    let limited: Vec<_> = sim
        .requests()
        .into_iter()
        .filter(|request| request.status == 429)
        .collect();
    assert!(
        !limited.is_empty()
            && limited
                .iter()
                .all(|request| request.retry_after.is_some_and(|wait| wait <= 1.0))
    );
    assert_eq!(sim.messages(CHANNEL).len(), 6);
    assert!(sim.violations().is_empty(), "{:?}", sim.violations());
    Ok(())
}

#[tokio::test]
async fn silent_threads_hide_by_themselves() -> Result<()> {
    let (sim, http) = world().await?;
    let body = json!({"name": "quiet", "type": 11, "auto_archive_duration": 60});
    http.create_thread(OPS, &body, None).await?;
    let archived = |sim: &DiscordSim| sim.threads(CHANNEL)[0].thread.as_ref().unwrap().archived;
    sim.advance(Duration::from_secs(3_500));
    assert!(!archived(&sim));
    sim.advance(Duration::from_secs(200));
    assert!(archived(&sim));
    Ok(())
}
