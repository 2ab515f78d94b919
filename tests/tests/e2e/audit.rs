//! Does the record show to each person what is theirs to read, is it calm under refusals, and can nobody rewrite its
//! witness?

use ceo_commands::model::{Report, Tone};
use ceo_tests::{
    discord::Message,
    world::{IDS, PATIENCE, World, until},
};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{says, says_not};

async fn database(world: &World) -> anyhow::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(world.store());
    Ok(options.connect().await?)
}

/// The head of the day in the witness's channel.
async fn head(world: &World) -> anyhow::Result<Message> {
    let look = || async { Ok(world.discord.messages(IDS.audit).into_iter().next()) };
    let head: Message = until(PATIENCE, look).await?;
    world.discord.mark_read(head.id);
    Ok(head)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_witness_cannot_be_rewritten_by_who_holds_the_database() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let scale = format!("/ceo scale workload:deployment/{app} replicas:2");
    says(&world.ask(&world.viewer(), &scale).await?, &["You may not"]);
    let posted = head(&world).await?;
    says(&posted, &["Head"]);
    let (code, told) = world.bot.command(&["audit", "verify"]).await?;
    assert!(
        code == 0 && told.contains("The audit is whole") && told.contains("Held against 1 heads: row "),
        "{told}"
    );

    // Whoever holds the database has the bot edit that message, and speak there in its name.
    world.bot.stop().await?;
    let mut db = database(&world).await?;
    for (name, message) in [
        ("audit-head:today", posted.id.to_string()),
        ("another", String::new()),
    ] {
        let report = Report::new(Tone::Info, "Audit").line("Head 1:00");
        sqlx::query(
            "INSERT INTO outbox (name, channel, report, version, priority, final, posted_channel, message, waiting_since, \
             attempted, delivered, delivered_hash, delivered_at, posted_at) \
             VALUES ($1, $2, $3, 7, 'alert', 0, $2, $4, 1, 0, 1, '', 1, 1)",
        )
        .bind(name)
        .bind(IDS.audit.to_string())
        .bind(serde_json::to_string(&report)?)
        .bind(message)
        .execute(&mut db)
        .await?;
    }
    db.close().await?;
    world.expect_error("a stored message for the audit's channel is not posted");
    world.bot.start().await?;
    world.ready().await?;
    says(&world.ask(&world.viewer(), &scale).await?, &["You may not"]);
    let there = world.discord.messages(IDS.audit);
    assert_eq!(there.len(), 1, "one head a day, and nothing else");
    assert_eq!(
        (there[0].id, there[0].text()),
        (posted.id, posted.text()),
        "it stands as it was posted"
    );

    // The whole chain is written anew: only the witness shows it.
    let mut db = database(&world).await?;
    sqlx::query("DELETE FROM audit").execute(&mut db).await?;
    db.close().await?;
    let (code, told) = world.bot.command(&["audit", "verify"]).await?;
    assert!(
        code == 1 && told.contains("the audit is broken at row 1"),
        "{told}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_without_a_witness_says_so() -> anyhow::Result<()> {
    let world = World::start().await?;
    says(&world.ask(&world.viewer(), "/ceo audit").await?, &["You may not"]);
    head(&world).await?;
    world
        .discord
        .faults()
        .rest("GET /channels/", 100, ceo_tests::discord::RestFault::Status(503))?;
    let (code, told) = world.bot.command(&["audit", "verify"]).await?;
    assert!(code == 0 && told.contains("could not be read"), "{told}");
    assert!(told.contains("held against no head"), "{told}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_person_reads_the_rows_of_their_places_only() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (cluster, own) = (world.cluster.name(), world.cluster.namespace().to_owned());
    let rule = format!(
        "[[policy]]\nwho = [\"role:viewer\"]\nmay = [\"sensitive\"]\nwhere = [\"{cluster}/{own}\"]\n"
    );
    world.bot.stop().await?;
    world.resettle(|setup| setup.policy.push_str(&rule))?;
    world.bot.start().await?;
    world.ready().await?;
    let app = world.cluster.deploy().await?;
    says(
        &world
            .ask(&world.operator(), &format!("/ceo logs workload:deployment/{app}"))
            .await?,
        &[&app],
    );
    // A row about another place, and one about none, as the bot writes them.
    let mut db = database(&world).await?;
    for (seq, target) in [
        (901, format!("{cluster}/payments/deployment/till")),
        (902, String::new()),
    ] {
        let entry = format!(
            r#"{{"actor":"{}","actor_name":"x","at":"2026-11-25T03:00:00Z","command":"logs","detail":"secret-{seq}","event":"answered","outcome":"ok","reference":"r","target":"{target}","ticket":null}}"#,
            IDS.operator
        );
        sqlx::query(
            "INSERT INTO audit (seq, previous, hash, entry, actor, target, outcome, ticket) VALUES ($1, 'p' || $2, 'h' || $2, $3, '', '', '', 0)",
        )
        .bind(seq)
        .bind(format!("{seq}"))
        .bind(entry)
        .execute(&mut db)
        .await?;
    }
    db.close().await?;
    let all = world.ask(&world.operator(), "/ceo audit").await?;
    says(&all, &["secret-901", "secret-902", &app, "#901 "]);
    let theirs = world.ask(&world.viewer(), "/ceo audit").await?;
    says(&theirs, &[&app]);
    says_not(&theirs, &["secret-901", "secret-902"]);
    world.leave().await
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_on_record_once_a_minute_and_never_as_done() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    for replicas in 2..8 {
        let scale = format!("/ceo scale workload:deployment/{app} replicas:{replicas}");
        says(&world.ask(&world.viewer(), &scale).await?, &["You may not"]);
    }
    let record = world.ask(&world.lead(), "/ceo audit").await?;
    assert_eq!(record.text().matches("refused").count(), 1, "{}", record.text());
    let (_, rows) = world.bot.command(&["audit", "export"]).await?;
    let refused: Vec<serde_json::Value> = rows
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|row: &serde_json::Value| row["entry"]["event"] == "refused")
        .collect();
    assert_eq!(refused.len(), 1, "{rows}");
    assert_eq!(
        refused[0]["entry"]["outcome"], "refused",
        "a refusal is nothing that was done"
    );
    world.finish().await
}
