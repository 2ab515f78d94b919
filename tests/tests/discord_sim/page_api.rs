//! The person API over HTTP, as the page uses it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use ceo_tests::discord::{DiscordSim, Options};
use serde_json::{Value, json};

use crate::bot::{CHANNEL, LEAD, OPERATOR, SOON, connect, guild, relaxed};

async fn page() -> Result<(DiscordSim, String)> {
    let sim = guild(Options {
        page_listen: Some(([127, 0, 0, 1], 0).into()),
        ..relaxed()
    })
    .await?;
    let base = format!("http://{}", sim.page_addr().context("a page")?);
    Ok((sim, base))
}

async fn get(url: String) -> Result<Value> {
    Ok(serde_json::from_str(&reqwest::get(url).await?.text().await?)?)
}

async fn post(url: &str, body: Value) -> Result<(u16, Value)> {
    let request = reqwest::Client::new()
        .post(url)
        .header("content-type", "application/json");
    let answer = request.body(body.to_string()).send().await?;
    Ok((
        answer.status().as_u16(),
        serde_json::from_str(&answer.text().await?)?,
    ))
}

/// The events of a stream, as (event, data).
struct Stream {
    answer: reqwest::Response,
    text: String,
}

impl Stream {
    async fn open(base: &str, user: u64, last: Option<u64>) -> Result<Stream> {
        let mut request = reqwest::Client::new().get(format!("{base}/api/events?as={user}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        Ok(Stream {
            answer: request.send().await?,
            text: String::new(),
        })
    }

    async fn next(&mut self) -> Result<(String, Value)> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    block
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(str::trim)
                };
                let found = field("event:")
                    .zip(field("data:"))
                    .map(|(event, data)| (event.to_owned(), data.to_owned()));
                self.text = rest.to_owned();
                if let Some((event, data)) = found {
                    return Ok((event, serde_json::from_str(&data)?));
                }
                continue;
            }
            let chunk = tokio::time::timeout(SOON, self.answer.chunk())
                .await??
                .context("the stream has ended")?;
            self.text.push_str(std::str::from_utf8(&chunk)?);
        }
    }

    async fn until(&mut self, event: &str, fits: impl Fn(&Value) -> bool) -> Result<Value> {
        loop {
            let (name, data) = self.next().await?;
            if name == event && fits(&data) {
                return Ok(data);
            }
        }
    }
}

/// Does something as Olga in the channel.
async fn act(base: &str, mut body: Value) -> Result<(u16, Value)> {
    body["as"] = json!(OPERATOR.to_string());
    body["channel_id"] = json!(CHANNEL.to_string());
    post(&format!("{base}/api/interactions"), body).await
}

#[tokio::test]
async fn a_page_shows_the_world() -> Result<()> {
    let (sim, base) = page().await?;
    let _bot = connect(&sim).await?;
    let world = get(format!("{base}/api/world")).await?;
    assert_eq!(world["commands"][0]["name"], "ceo");
    assert_eq!(
        world["commands"][0]["description_localizations"]["zh-CN"],
        "集群操作"
    );
    assert_eq!(world["channels"][0]["name"], "ops");
    let olga = world["me_options"]
        .as_array()
        .context("people")?
        .iter()
        .find(|one| one["username"] == "olga");
    assert_eq!(olga.context("olga")?["roles"][0]["name"], "operator");
    Ok(())
}

#[tokio::test]
async fn a_page_sends_commands_and_forms() -> Result<()> {
    let (sim, base) = page().await?;
    let _bot = connect(&sim).await?;
    let mut mine = Stream::open(&base, OPERATOR, None).await?;
    let (status, sent) = act(&base, json!({"kind": "line", "line": "/ceo echo text:hello"})).await?;
    assert_eq!(status, 200, "{sent}");
    mine.until("interaction", |data| {
        data["id"] == sent["id"] && data["state"] == "sent"
    })
    .await?;
    let told = mine
        .until("message", |data| data["message"]["flags"] == 0)
        .await?;
    assert_eq!(told["message"]["content"], "hello (1 role, en-US)");
    assert_eq!(told["message"]["interaction_metadata"]["name"], "ceo echo");

    let form =
        json!({"kind": "command", "command": "ceo", "options": [{"type": 1, "name": "form", "options": []}]});
    let (_, sent) = act(&base, form).await?;
    let opened = mine.until("interaction", |data| data["state"] == "modal").await?;
    assert_eq!(
        opened["modal"]["components"][0]["components"][0]["custom_id"],
        "reason"
    );
    let filled = json!({"kind": "modal", "interaction_id": sent["id"], "custom_id": "v1:why",
        "fields": {"reason": "because"}});
    assert_eq!(act(&base, filled).await?.0, 200);
    let told = mine
        .until("message", |data| data["message"]["flags"] == 64)
        .await?;
    assert_eq!(told["message"]["content"], "because: from a command");

    let (status, refused) = act(&base, json!({"kind": "line", "line": "/ceo echo"})).await?;
    assert_eq!(status, 400);
    assert!(refused["error"].as_str().context("a reason")?.contains("text"));
    Ok(())
}

#[tokio::test]
async fn a_page_is_given_suggestions() -> Result<()> {
    let (sim, base) = page().await?;
    let _bot = connect(&sim).await?;
    let typing = json!([{"type": 1, "name": "echo", "options": [
        {"type": 3, "name": "text", "value": "po", "focused": true}]}]);
    let body = json!({"as": OPERATOR.to_string(), "channel_id": CHANNEL.to_string(), "command": "ceo", "options": typing});
    let (_, suggested) = post(&format!("{base}/api/autocomplete"), body).await?;
    assert_eq!(suggested["choices"][0]["name"], "po (known)");
    Ok(())
}

#[tokio::test]
async fn others_are_told_only_what_they_may_see() -> Result<()> {
    let (sim, base) = page().await?;
    let _bot = connect(&sim).await?;
    let last = get(format!("{base}/api/world")).await?["last_event"]
        .as_u64()
        .context("a number")?;
    sim.person(OPERATOR)
        .slash(CHANNEL, "/ceo quick")
        .await?
        .settled()
        .await?;
    let (status, said) = post(
        &format!("{base}/api/channels/{CHANNEL}/messages"),
        json!({"as": OPERATOR.to_string(), "content": "good morning"}),
    )
    .await?;
    assert_eq!(status, 200, "{said}");
    let mut theirs = Stream::open(&base, LEAD, Some(last)).await?;
    let (event, data) = theirs.next().await?;
    assert_eq!(
        (event.as_str(), &data["message"]["content"]),
        ("message", &json!("good morning"))
    );
    let list = |user: u64| {
        get(format!(
            "{base}/api/channels/{CHANNEL}/messages?as={user}&limit=100"
        ))
    };
    assert_eq!(list(LEAD).await?.as_array().context("messages")?.len(), 1);
    assert_eq!(list(OPERATOR).await?.as_array().context("messages")?.len(), 2);
    let mut stale = Stream::open(&base, LEAD, Some(1_000_000)).await?;
    assert_eq!(stale.next().await?.0, "reset");
    Ok(())
}

#[tokio::test]
async fn files_are_served_and_never_run() -> Result<()> {
    let (sim, base) = page().await?;
    let _bot = connect(&sim).await?;
    sim.person(OPERATOR)
        .slash(CHANNEL, "/ceo file")
        .await?
        .settled()
        .await?;
    let messages = get(format!("{base}/api/channels/{CHANNEL}/messages?as={OPERATOR}")).await?;
    let url = messages[0]["attachments"][0]["url"]
        .as_str()
        .context("an address")?
        .to_owned();
    let answer = reqwest::get(format!("{base}{url}")).await?;
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(answer.bytes().await?.as_ref(), b"line one\nline two");
    Ok(())
}

#[tokio::test]
async fn other_sites_are_turned_away() -> Result<()> {
    let (_sim, base) = page().await?;
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .build()?;
    let status = |name: &'static str, value: &'static str| {
        let request = client.get(format!("{base}/api/world")).header(name, value);
        async move { anyhow::Ok(request.send().await?.status().as_u16()) }
    };
    assert_eq!(status("accept", "application/json").await?, 200);
    assert_eq!(status("origin", "https://example.com").await?, 403);
    assert_eq!(status("host", "example.com").await?, 403);
    assert_eq!(
        client
            .get(format!("{base}/api/world"))
            .header("origin", &base)
            .send()
            .await?
            .status(),
        200
    );
    Ok(())
}
