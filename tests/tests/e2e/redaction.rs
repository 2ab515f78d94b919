//! Does a secret that a program logs stay out of the chat, its files, the store and the bot's own log?

use anyhow::Context;
use ceo_tests::{
    discord::Message,
    world::{IDS, PATIENCE, Setup, World, until},
};
use k8s_openapi::api::core::v1::Secret;
use kube::api::PostParams;
use serde_json::json;

use crate::{file, says};

/// Random characters with a digit and a capital among them, as keys have.
fn drawn(length: usize) -> String {
    let letters = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let rest =
        (0..length.saturating_sub(3)).map(|_| char::from(letters[rand::random_range(0..letters.len())]));
    "x7K".chars().chain(rest).collect()
}

fn upper(length: usize) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    (0..length)
        .map(|_| char::from(letters[rand::random_range(0..letters.len())]))
        .collect()
}

async fn asked(world: &World, line: &str, word: &str) -> anyhow::Result<Message> {
    let look = || async {
        let answer = world.ask(&world.operator(), line).await?;
        let there = answer.text().contains(word) || file(&answer).is_ok_and(|text| text.contains(word));
        Ok(there.then_some(answer))
    };
    until(PATIENCE, look).await.with_context(|| line.to_owned())
}

/// Everything that left the bot or stayed in it.
fn everywhere(world: &World) -> anyhow::Result<Vec<u8>> {
    let mut all = world.bot.log().into_bytes();
    for channel in [IDS.ops, IDS.alerts, IDS.audit] {
        for message in world.discord.messages(channel) {
            all.extend(message.text().bytes());
            all.extend(message.attachments.iter().flat_map(|file| file.bytes.to_vec()));
        }
    }
    for name in ["ceo.db", "ceo.db-wal"] {
        all.extend(std::fs::read(world.dir().join(name)).unwrap_or_default());
    }
    Ok(all)
}

fn is_nowhere(world: &World, secret: &str) -> anyhow::Result<()> {
    let all = everywhere(world)?;
    let found = all
        .windows(secret.len())
        .any(|window| window == secret.as_bytes());
    anyhow::ensure!(!found, "{secret} got out");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_a_secret_is_hidden_and_its_line_is_whole() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .cluster
        .deploy_as("leaky", 1, world.cluster.draw.old)
        .await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let planted = [
        ("url=postgres://ceo:", drawn(14), "@postgres/ceo"),
        ("Authorization: Bearer ", drawn(30), " refused"),
        ("password=", drawn(12), " was wrong"),
        ("{\"api_key\": \"", drawn(20), "\", \"n\": 1}"),
        ("key id ", format!("AKIA{}", upper(16)), " used"),
        ("google ", format!("AIza{}", drawn(35)), " used"),
        ("push with ", format!("ghp_{}", drawn(36)), " failed"),
        ("pull with ", format!("glpat-{}", drawn(20)), " failed"),
        ("slack ", format!("xoxb-{}", drawn(24)), " failed"),
        ("model ", format!("sk-ant-{}", drawn(40)), " failed"),
        (
            "jwt ",
            format!("eyJ{}.{}.{}", drawn(24), drawn(40), drawn(43)),
            " expired",
        ),
        ("oss ", format!("LTAI{}", drawn(20)), " failed"),
        (
            "AccountName=a;AccountKey=",
            format!("{}==", drawn(86)),
            ";Endpoint=b",
        ),
    ];
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace());
    let log = |line: String| sim.append_log(space, "leaky-*", "api", line);
    for (before, secret, after) in &planted {
        log(format!("{before}{secret}{after}"));
    }
    // A private key goes over several lines.
    let body: Vec<String> = (0..4).map(|_| drawn(64)).collect();
    log("key: -----BEGIN RSA PRIVATE KEY-----".to_owned());
    for line in &body {
        log(line.clone());
    }
    log("-----END RSA PRIVATE KEY----- read".to_owned());
    log("the end of it".to_owned());

    let answer = asked(&world, "/ceo logs workload:leaky", "the end of it").await?;
    says(&answer, &[&format!("{} values hidden", planted.len() + 1)]);
    let text = file(&answer).unwrap_or_else(|_| answer.text());
    for (before, _, after) in &planted {
        let line = format!("{before}[hidden]{after}");
        assert!(text.contains(&line), "{line} is not in:\n{text}");
    }
    assert!(
        text.contains("key: [hidden]") && text.contains("[hidden] read"),
        "{text}"
    );

    // Live it is the same, and a search cannot guess.
    let view = world
        .ask(&world.operator(), "/ceo logs workload:leaky follow:true tail:100")
        .await?;
    let look = || async {
        let message = world.discord.message(view.id);
        Ok(message.filter(|m| m.text().contains("the end of it")))
    };
    until(PATIENCE, look).await?;
    world.operator().press(view.id, "Stop").await?;
    let (_, secret, _) = &planted[2];
    let guess = format!("/ceo logs workload:leaky grep:password={}", &secret[..6]);
    let guessed = world.ask(&world.operator(), &guess).await?;
    says(&guessed, &["No line of", "matches"]);
    for secret in planted.iter().map(|(_, secret, _)| secret).chain(&body) {
        is_nowhere(&world, secret)?;
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_values_of_the_namespaces_secrets_and_of_the_settings_patterns() -> anyhow::Result<()> {
    let setup = Setup {
        more: "[redact]\nsecret_values = true\npatterns = [\"ACME-([0-9]{6})\"]\n".to_owned(),
        ..Setup::default()
    };
    let world = World::with(setup).await?;
    // Nothing about this value looks like a secret.
    let value = format!("plain words & {}", rand::random_range(100_000..999_999_u32));
    let object = json!({"metadata": {"name": "db"}, "stringData": {"phrase": value, "short": "abc"}});
    let secrets = world.cluster.api::<Secret>();
    secrets
        .create(&PostParams::default(), &serde_json::from_value(object)?)
        .await?;
    world
        .cluster
        .deploy_as("leaky", 1, world.cluster.draw.old)
        .await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(&value);
    let url = value.replace(' ', "%20").replace('&', "%26");
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace());
    for line in [
        format!("raw {value} end"),
        format!("encoded {base64} end"),
        format!("in a query ?q={url} end"),
        "ticket ACME-123456 end".to_owned(),
        "abc is short and the end of it".to_owned(),
    ] {
        sim.append_log(space, "leaky-*", "api", line);
    }
    let answer = asked(&world, "/ceo logs workload:leaky", "the end of it").await?;
    says(
        &answer,
        &[
            "raw [hidden] end",
            "encoded [hidden] end",
            "?q=[hidden] end",
            "end",
            "abc is short",
            "4 values hidden",
        ],
    );
    for secret in [value.as_str(), base64.as_str(), url.as_str(), "123456 end"] {
        is_nowhere(&world, secret)?;
    }
    world.finish().await
}
