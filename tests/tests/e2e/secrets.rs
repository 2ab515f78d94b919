//! Does a secret stay where it is, whatever goes wrong around it?

use ceo_tests::{
    discord::RestFault,
    world::{IDS, PATIENCE, Setup, World, until},
};
use serde_json::json;

use crate::{says, says_not};

/// Every byte that left the bot: its log, its files, and each request that Discord got.
pub(crate) fn everything(world: &World) -> Vec<u8> {
    let mut all = world.bot.log().into_bytes();
    for name in ["ceo.db", "ceo.db-wal"] {
        all.extend(std::fs::read(world.dir().join(name)).unwrap_or_default());
    }
    for request in world.discord.requests() {
        all.extend(format!("{request:?}").into_bytes());
    }
    for channel in [IDS.ops, IDS.alerts, IDS.audit] {
        for message in world.discord.messages(channel) {
            all.extend(message.text().into_bytes());
            message
                .attachments
                .iter()
                .for_each(|file| all.extend(format!("{file:?}").into_bytes()));
        }
    }
    all
}

pub(crate) fn holds(all: &[u8], secret: &str) -> bool {
    all.windows(secret.len())
        .any(|window| window == secret.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_in_a_template_is_hidden_in_the_diff_and_everywhere_else() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let (first, second) = ("correct-horse-7719", "battery-staple-3304");
    for password in [first, second] {
        let env = json!([
            {"name": "DATABASE_PASSWORD", "value": password},
            {"name": "DATABASE_HOST", "value": format!("postgres-{}", password.len())},
            {"name": "DATABASE_URL", "value": format!("postgres://ceo:{password}@postgres/ceo")},
        ]);
        let containers = json!([{"name": "api", "image": world.cluster.draw.old, "env": env}]);
        world
            .cluster
            .merge(
                &app,
                json!({"spec": {"template": {"spec": {"containers": containers}}}}),
            )
            .await?;
        world.cluster.rolled_out(&app).await?;
    }
    let reason = format!("reason:\"the log says password={second}\"");
    world
        .ask(
            &world.operator(),
            &format!("/ceo rollback workload:{app} revision:2 {reason}"),
        )
        .await?;
    let card = world
        .told(IDS.ops, &["to revision 2?", "env DATABASE_HOST", "[hidden]"])
        .await?;
    says(
        &card,
        &[
            "-  env DATABASE_HOST: postgres-19",
            "+  env DATABASE_HOST: postgres-18",
        ],
    );
    says_not(&card, &[first, second]);
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back"]).await?;
    says(&world.ask(&world.lead(), "/ceo audit").await?, &["[hidden]"]);
    world
        .ask(&world.viewer(), &format!("/ceo status workload:{app}"))
        .await?;
    let all = everything(&world);
    for secret in [first, second] {
        assert!(
            !holds(&all, secret),
            "{secret} is in the log, the store, a message or a request"
        );
    }
    assert!(!holds(&all, &world.discord.bot_token()));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_name_promises_is_hidden_in_variables_arguments_and_annotations() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let names = [
        "DB_PASS",
        "SMTP_PASS",
        "REDIS_AUTH",
        "ENCRYPTION_KEY",
        "JWT_SIGNING_KEY",
    ];
    let mut planted = Vec::new();
    for round in 0..2 {
        let drawn: Vec<String> = (0..=names.len() + 2)
            .map(|_| format!("{:x}/p#{:x},x", rand::random::<u32>(), rand::random::<u64>()))
            .collect();
        let mut env: Vec<serde_json::Value> = names
            .iter()
            .zip(&drawn)
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        let [.., option, note, url] = drawn.as_slice() else {
            anyhow::bail!("too few were drawn")
        };
        env.push(json!({"name": "UPSTREAM", "value": format!("redis://u:{url}@cache:6379/{round}")}));
        let command = ["/bin/sh", "-c", "sleep 100000", "app", "--requirepass", option];
        let template = json!({
            "metadata": {"annotations": {"example.com/smtp-password": note}},
            "spec": {"containers": [{"name": "api", "image": world.cluster.draw.old, "env": env, "command": command}]},
        });
        let patch = json!({ "spec": { "template": template } });
        world.cluster.merge(&app, patch).await?;
        world.cluster.rolled_out(&app).await?;
        planted.extend(drawn);
    }
    let rollback = format!("/ceo rollback workload:{app} revision:2");
    world.ask(&world.operator(), &rollback).await?;
    let card = world.told(IDS.ops, &["to revision 2?"]).await?;
    for name in names {
        says(
            &card,
            &[
                &format!("-  env {name}: [hidden]"),
                &format!("+  env {name}: [hidden]"),
            ],
        );
    }
    says(
        &card,
        &[
            "command: [hidden]",
            "smtp-password: [hidden]",
            "env UPSTREAM: [hidden]",
        ],
    );
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back"]).await?;
    let all = everything(&world);
    for secret in &planted {
        assert!(
            !holds(&all, secret),
            "{secret} is in the log, the store, a message or a request"
        );
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bots_own_tokens_are_nowhere_even_when_all_goes_wrong() -> anyhow::Result<()> {
    let mut world = World::with(Setup::default().timing("cluster_timeout", "1s")).await?;
    let app = world.cluster.deploy().await?;
    let token = world.discord.bot_token();
    let reason = format!("reason:\"is {token} the token?\"");
    world
        .cluster
        .set_image("deployment", &app, world.cluster.draw.new)
        .await?;
    world.cluster.rolled_out(&app).await?;
    world
        .ask(
            &world.operator(),
            &format!("/ceo rollback workload:{app} {reason}"),
        )
        .await?;
    let card = world.told(IDS.ops, &["Roll back", "[hidden]"]).await?;
    says_not(&card, &[&token]);
    world
        .discord
        .faults()
        .rest("/channels/", 2, RestFault::Status(500))?;
    if let Ok(sim) = world.cluster.sim() {
        sim.faults().down(true);
        let line = format!("/ceo scale workload:deployment/{app} replicas:9");
        says(&world.ask(&world.operator(), &line).await?, &["did not answer"]);
        sim.faults().down(false);
    }
    world.bot.kill().await?;
    world.bot.start().await?;
    world.ready().await?;
    let all = everything(&world);
    assert!(!holds(&all, &token), "Discord's token is somewhere");
    for secret in world.cluster.secrets() {
        assert!(!holds(&all, &secret), "the cluster's token is somewhere");
    }
    world.finish().await
}

/// A token of GitHub that is none.
fn token() -> String {
    let letters = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let drawn = (0..36).map(|_| char::from(letters[rand::random_range(0..letters.len())]));
    format!("ghp_{}", drawn.collect::<String>())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_somebody_pastes_by_mistake_is_in_no_line_of_the_log() -> anyhow::Result<()> {
    for format in ["text", "json"] {
        let setup = Setup {
            more: format!("[log]\nformat = \"{format}\"\n"),
            ..Setup::default()
        };
        let world = World::with(setup).await?;
        let token = token();
        for line in [
            format!("/ceo status workload:{token}"),
            format!("/ceo status workload:\"no such thing/{token} at all\""),
            format!("/ceo scale workload:deployment/{token} replicas:3"),
            format!("/ceo logs workload:x grep:\"({token}\""),
        ] {
            let answer = world.ask(&world.operator(), &line).await?;
            says_not(&answer, &[&token]);
        }
        let log = world.bot.log();
        assert!(log.contains("refused"), "what was refused is logged:\n{log}");
        assert!(
            !holds(&everything(&world), &token),
            "the pasted token is kept somewhere:\n{log}"
        );
        if format == "json" {
            for line in log.lines().filter(|line| line.starts_with('{')) {
                serde_json::from_str::<serde_json::Value>(line)?;
            }
        }
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_button_carries_a_secret_that_was_searched_for() -> anyhow::Result<()> {
    let world = World::with(
        Setup::default()
            .timing("live_for", "3s")
            .timing("live_every", "200ms"),
    )
    .await?;
    let app = world.cluster.deploy().await?;
    let token = token();
    let asked = format!("/ceo logs workload:deployment/{app} follow:true grep:{token}");
    let view = world.ask(&world.operator(), &asked).await?;
    let look = || async {
        let message = world.discord.message(view.id);
        Ok(message.filter(|m| m.text().contains("paused")))
    };
    let paused = until(PATIENCE, look).await?;
    says(&paused, &["no button repeats it"]);
    assert!(
        !paused.labels().contains(&"Continue".to_owned()),
        "{:?}",
        paused.labels()
    );
    let once = format!("/ceo logs workload:deployment/{app} grep:{token}");
    let answer = world.ask(&world.operator(), &once).await?;
    says(&answer, &["no button repeats it"]);
    assert!(
        !holds(&everything(&world), &token),
        "it is kept or sent somewhere"
    );
    world.finish().await
}
