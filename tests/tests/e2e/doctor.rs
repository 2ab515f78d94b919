//! Does `ceo-bot check` find what is wrong and say how to mend it; are the rights of `ceo-bot rbac` enough; does the audit
//! show a change; and do the signals do what the README says?

use std::time::Duration;

use ceo_bot::catalogue;
use ceo_commands::ops::rights::Reach;
use ceo_tests::{
    kube::{access::Rules, fixtures::install},
    world::{BOT_USER, IDS, PATIENCE, Setup, World, until},
};
use serde_json::json;

use crate::says;

/// Fails unless a program's words hold all of these.
#[track_caller]
fn told(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word:?} is not in:\n{text}");
    }
}

/// The token by which the bot speaks to the cluster.
fn bots_token(world: &World) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(world.dir().join("kubeconfig"))?;
    let token = text
        .split("token:")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    Ok(token.unwrap_or_default().trim_matches('"').to_owned())
}

/// Exactly the rights that `ceo-bot rbac` prints.
fn printed_rights(namespace: &str) -> Rules {
    catalogue::needs(catalogue::Extras::default())
        .into_iter()
        .fold(Rules::none(), |rules, need| {
            let role = json!({"rules": [{
                "apiGroups": [need.group], "resources": [need.resource], "verbs": [need.verb],
            }]});
            let place = (need.reach == Reach::Namespace).then_some(namespace);
            rules.allow_role(place, &role)
        })
}

fn give(world: &World, rules: Rules) -> anyhow::Result<()> {
    let (sim, token) = (world.cluster.sim()?, bots_token(world)?);
    sim.add_user(BOT_USER, &token, rules);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_well_in_a_good_world() -> anyhow::Result<()> {
    let world = World::start().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    give(&world, printed_rights(world.cluster.namespace()))?;
    let (code, text) = world.bot.command(&["check"]).await?;
    let rights = format!("rights in prod/{}", world.cluster.namespace());
    told(
        &text,
        &[
            "Discord token",
            "#ops",
            "#audit",
            "role lead",
            "Kubernetes v1.",
            &rights,
            "SQLite: opened",
            "All is well.",
        ],
    );
    assert_eq!(code, 0, "{text}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_with_its_remedy() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(Setup {
        more: "[prometheus]\nurl = \"http://127.0.0.1:9\"\n[redact]\nsecret_values = true\n\
               [alerts]\nmention = [\"role:operator\"]\n"
            .to_owned(),
        ..Setup::default()
    })
    .await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    give(
        &world,
        printed_rights(world.cluster.namespace()).without("deployments", "patch"),
    )?;
    // Everybody's role has the server's id.
    world
        .discord
        .set_overwrite(IDS.audit, world.discord.guild_id(), 0, 1 << 14);
    // Nobody's notifications are worth a word before the channel is there.
    let (_, text) = world.bot.command(&["check"]).await?;
    told(
        &text,
        &[
            "@lead will not be notified of requests",
            "@operator will not be notified of incidents",
            "allow anyone to @mention this role",
        ],
    );
    world.discord.delete_channel(IDS.alerts);
    world.discord.set_roles(IDS.second_lead, &[]);
    let (code, text) = world.bot.command(&["check"]).await?;
    told(
        &text,
        &[
            "the bot lacks Embed Links",
            "is discord.channels.alerts right",
            "missing: list secrets; patch deployments",
            "-> ceo-bot rbac",
            "FAILED  Prometheus",
            "2 of role:lead: too few people",
        ],
    );
    assert!(!text.contains("notified of incidents"), "{text}");
    assert_eq!(code, 1, "{text}");

    world.bot.env("CEO__DISCORD__TOKEN", "of.another.bot");
    let (code, text) = world.bot.command(&["check"]).await?;
    told(
        &text,
        &["FAILED  Discord token", "-> Developer Portal", "Reset Token"],
    );
    assert_eq!(code, 1, "{text}");

    world.bot.env("CEO__DISCORD__GUILD", "nowhere");
    world.bot.env("CEO__TIMING__LEASE", "soon");
    for command in ["check", "run"] {
        let (code, text) = world.bot.command(&[command]).await?;
        told(
            &text,
            &[
                "discord.guild",
                "(from the environment variable CEO__DISCORD__GUILD)",
                "timing.lease",
            ],
        );
        assert_eq!(code, if command == "run" { 2 } else { 1 }, "{text}");
    }
    world.leave().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_rights_are_enough() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(Setup::with_quick_incidents()).await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    give(&world, printed_rights(world.cluster.namespace()))?;
    world.bot.start().await?;
    world.ready().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    let (operator, to) = (world.operator(), world.cluster.draw.replicas + 1);
    let card = world
        .ask(
            &operator,
            &format!("/ceo scale workload:deployment/{app} replicas:{to}"),
        )
        .await?;
    world.press(&operator, card.id, "Confirm").await?;
    world.told(IDS.ops, &["Scaled deployment/"]).await?;
    world
        .ask(&operator, &format!("/ceo rollback workload:deployment/{app}"))
        .await?;
    let card = world.told(IDS.ops, &["Roll back deployment/"]).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back deployment/"]).await?;
    says(
        &world
            .ask(&operator, &format!("/ceo status workload:deployment/{app}"))
            .await?,
        &["is healthy"],
    );
    world.ask(&operator, "/ceo get pods").await?;
    // An incident with its evidence.
    crate::incidents::run(&world, &app, "echo no database; exit 3").await?;
    world
        .told(IDS.alerts, &["containers crash", "no database"])
        .await?;
    world
        .ask(&operator, &format!("/ceo logs workload:deployment/{app}"))
        .await?;
    let sim = world.cluster.sim()?;
    let refused: Vec<String> = sim
        .requests()
        .iter()
        .filter(|r| r.status == 403)
        .map(|r| format!("{} {}", r.method, r.path))
        .collect();
    assert!(refused.is_empty(), "the cluster refused {refused:?}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_shows_a_change() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let to = world.cluster.draw.replicas + 1;
    let card = world
        .ask(
            &operator,
            &format!("/ceo scale workload:deployment/{app} replicas:{to}"),
        )
        .await?;
    world.press(&operator, card.id, "Withdraw").await?;

    let (code, whole) = world.bot.command(&["audit", "verify"]).await?;
    told(&whole, &["The audit is whole"]);
    assert_eq!(code, 0, "{whole}");
    let head = whole
        .split("Its head: ")
        .nth(1)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default()
        .to_owned();
    let (code, rows) = world.bot.command(&["audit", "export"]).await?;
    told(&rows, &["\"asked\"", "\"cancelled\"", &app]);
    assert_eq!(code, 0, "{rows}");

    rewrite(&world, &app).await?;
    for words in [
        vec!["audit", "verify"],
        vec!["audit", "verify", "--witness", &head],
    ] {
        let (code, text) = world.bot.command(&words).await?;
        told(&text, &["the audit is broken at row"]);
        assert_eq!(code, 1, "{text}");
    }
    world.finish().await
}

/// What somebody with access to the file would do to hide whom a row is about.
async fn rewrite(world: &World, app: &str) -> anyhow::Result<()> {
    use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
    let mut db = SqliteConnectOptions::new()
        .filename(world.store())
        .connect()
        .await?;
    let done = sqlx::query("UPDATE audit SET entry = replace(entry, $1, 'another')")
        .bind(app)
        .execute(&mut db)
        .await?;
    assert!(done.rows_affected() > 0, "nothing was rewritten");
    db.close().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_count_what_was_asked_and_how_it_went() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let (operator, to) = (world.operator(), world.cluster.draw.replicas + 1);
    let scale = format!("/ceo scale workload:deployment/{app} replicas:{to}");
    world.ask(&operator, "/ceo status").await?;
    world.ask(&operator, "/ceo status workload:nowhere").await?;
    world.ask(&world.viewer(), &scale).await?;
    let card = world.ask(&operator, &scale).await?;
    world.press(&operator, card.id, "Confirm").await?;
    world.told(IDS.ops, &["Scaled deployment/"]).await?;
    let address = std::fs::read_to_string(world.dir().join("http-address"))?;
    let text = reqwest::get(format!("http://{address}/metrics"))
        .await?
        .text()
        .await?;
    for (command, outcome) in [
        ("status", "ok"),
        ("status", "input"),
        ("scale", "refused"),
        ("scale", "ok"),
        ("confirm", "ok"),
    ] {
        told(
            &text,
            &[&format!(
                "ceo_commands_total{{command=\"{command}\",outcome=\"{outcome}\"}} 1\n"
            )],
        );
    }
    told(&text, &["ceo_rest_requests_total{status=\"2xx\"}"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_reads_the_kubeconfig_again() -> anyhow::Result<()> {
    let world = World::start().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let app = world.cluster.deploy().await?;
    let ask = format!("/ceo status workload:deployment/{app}");
    says(&world.ask(&world.operator(), &ask).await?, &[&app]);
    let (sim, old) = (world.cluster.sim()?, bots_token(&world)?);
    let new = format!("renewed-{old}");
    sim.add_user(BOT_USER, &new, Rules::admin());
    std::fs::write(world.dir().join("kubeconfig"), sim.kubeconfig(&new))?;
    sim.revoke_token(&old);
    world.bot.signal("HUP").await?;
    until(PATIENCE, || async {
        Ok(world
            .bot
            .log()
            .contains("reading the kubeconfigs again")
            .then_some(()))
    })
    .await?;
    let to = world.cluster.draw.replicas + 1;
    let asked = || async {
        let words = format!("/ceo scale workload:deployment/{app} replicas:{to}");
        let card = world.ask(&world.operator(), &words).await?;
        Ok(card.labels().contains(&"Confirm".to_owned()).then_some(()))
    };
    until(PATIENCE, asked).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_cannot_start_ends_the_bot() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(Setup::default()).await?;
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    world
        .bot
        .env("CEO__HTTP__LISTEN", &taken.local_addr()?.to_string());
    world.bot.start().await?;
    assert_eq!(world.bot.ended(PATIENCE).await?, 1);
    told(&world.bot.log(), &["http.listen"]);
    world.bot.env("CEO__HTTP__LISTEN", "127.0.0.1:0");
    world.bot.env("CEO__STORE__URL", "sqlite:no/such/folder/ceo.db");
    world.bot.start().await?;
    assert_eq!(world.bot.ended(PATIENCE).await?, 1);
    world.leave().await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bots_on_one_file_are_refused() -> anyhow::Result<()> {
    let mut world = World::with(Setup::default().timing("shutdown_within", "1s")).await?;
    world.bot.env("CEO__HTTP__LISTEN", "127.0.0.1:0");
    let (code, text) = world.bot.command(&["run"]).await?;
    told(&text, &["another bot holds", "ceo.db.lock", "PostgreSQL"]);
    assert_eq!(code, 1, "{text}");
    // Reading beside it is fine.
    let (code, text) = world.bot.command(&["audit", "verify"]).await?;
    assert_eq!(code, 0, "{text}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_leaves_at_once() -> anyhow::Result<()> {
    let mut world = World::with(Setup::default().timing("shutdown_within", "10m")).await?;
    // A message that Discord will not take keeps the bot waiting for it.
    world.discord.faults().rest(
        "POST /channels/.*/messages",
        10_000,
        ceo_tests::discord::RestFault::Status(503),
    )?;
    let app = world.cluster.deploy().await?;
    let to = world.cluster.draw.replicas + 1;
    let operator = world.operator();
    let card = world
        .ask(
            &operator,
            &format!("/ceo scale workload:deployment/{app} replicas:{to}"),
        )
        .await?;
    world.press(&operator, card.id, "Confirm").await?;
    world.bot.signal("TERM").await?;
    until(PATIENCE, || async {
        Ok(world.bot.log().contains("stopping").then_some(()))
    })
    .await?;
    world.bot.signal("TERM").await?;
    assert_eq!(world.bot.ended(Duration::from_secs(10)).await?, 1);
    told(&world.bot.log(), &["leaving at once"]);
    world.leave().await
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_others_can_read_or_share_is_told() -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::start().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let mode = |name: &str| -> anyhow::Result<u32> {
        Ok(std::fs::metadata(world.dir().join(name))?.permissions().mode() & 0o777)
    };
    for name in ["ceo.db", "ceo.db-wal", "ceo.db.lock"] {
        assert_eq!(mode(name)?, 0o600, "{name}");
    }
    let (_, text) = world.bot.command(&["check"]).await?;
    for word in [
        "can be read by",
        "insecure-skip-tls-verify",
        "share the ClusterRoleBinding",
    ] {
        assert!(!text.contains(word), "{word} is told of a good world:\n{text}");
    }
    std::fs::set_permissions(world.store(), std::fs::Permissions::from_mode(0o644))?;
    let path = world.dir().join("kubeconfig");
    let kubeconfig: Vec<String> = std::fs::read_to_string(&path)?
        .lines()
        .map(|line| match line.split_once("certificate-authority-data:") {
            Some((before, _)) => format!("{before}insecure-skip-tls-verify: true"),
            None => line.to_owned(),
        })
        .collect();
    std::fs::write(&path, kubeconfig.join("\n"))?;
    let account =
        |namespace: &str| json!({"kind": "ServiceAccount", "name": "ceo-bot", "namespace": namespace});
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": "ceo-bot"}, "subjects": [account("ceo"), account("staging")],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "ceo-bot"}});
    install(world.cluster.sim()?.store(), binding)?;
    let (_, text) = world.bot.command(&["check"]).await?;
    told(
        &text,
        &[
            "ceo.db can be read by everybody on this machine",
            "insecure-skip-tls-verify is on",
            "share the ClusterRoleBinding ceo-bot: ceo/ceo-bot, staging/ceo-bot",
        ],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_hold_the_token_is_for_its_owner_alone() -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::before_the_bot(Setup::default()).await?;
    let settings = world.dir().join("ceo.toml");
    let written = std::fs::read_to_string(&settings)?;
    let mode = |path: &std::path::Path| -> anyhow::Result<u32> {
        Ok(std::fs::metadata(path)?.permissions().mode() & 0o777)
    };
    std::fs::remove_file(&settings)?;
    let (code, text) = world.bot.command(&["init"]).await?;
    assert_eq!((code, mode(&settings)?), (0, 0o600), "{text}");

    // The token in a file of its own: whoever can read it is told of, and no longer once nobody can.
    let token = world.dir().join("token");
    std::fs::write(&token, world.discord.bot_token())?;
    let by_file: Vec<&str> = written
        .lines()
        .map(|line| {
            if line.starts_with("token = ") {
                "token_file = \"token\""
            } else {
                line
            }
        })
        .collect();
    std::fs::write(&settings, by_file.join("\n"))?;
    assert_eq!(mode(&settings)?, 0o600, "writing into it leaves its permissions");
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644))?;
    let (_, text) = world.bot.command(&["check"]).await?;
    told(
        &text,
        &["token can be read by everybody on this machine", "-> chmod 600 "],
    );
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600))?;
    let (_, text) = world.bot.command(&["check"]).await?;
    assert!(!text.contains("token can be read by"), "{text}");
    told(&text, &["ok      Discord token"]);
    world.leave().await
}
