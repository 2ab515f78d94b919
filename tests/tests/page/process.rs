//! The playground as a process: however it ends, its bot ends too.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use ceo_tests::browser::{Key, start_or_skip};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

const WITHIN: Duration = Duration::from_secs(60);

struct Running {
    child: Child,
    state: tempfile::TempDir,
    url: String,
}

/// Starts the playground as a person does, and waits until its bot is in.
async fn start(port: u16) -> anyhow::Result<Running> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let state = tempfile::tempdir()?;
    let mut child = Command::new(env!("CARGO_BIN_EXE_playground"))
        .args(["--port", &port.to_string(), "--state"])
        .arg(state.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let url = timeout(WITHIN, async {
        while let Some(line) = lines.next_line().await? {
            if let Some(url) = line.split_whitespace().find(|word| word.starts_with("http://")) {
                return Ok(url.to_owned());
            }
        }
        bail!("it ended without an address")
    })
    .await??;
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} }); // a full pipe would stop it
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .build()?;
    eventually("the bot is online", async || {
        let answer = client.get(format!("{url}api/world")).send().await?;
        let world: Value = answer.json().await?;
        Ok(world["bot"]["online"] == true)
    })
    .await?;
    Ok(Running { child, state, url })
}

async fn eventually(what: &str, holds: impl AsyncFn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let end = Instant::now() + WITHIN;
    while !holds().await? {
        if Instant::now() > end {
            bail!("not within {WITHIN:?}: {what}");
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// The processes that run with the settings in this directory: the bots of one playground.
fn bots(state: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let config = state.canonicalize()?.join("settings.toml");
    let config = config.to_str().context("a path that is no text")?;
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let process = entry?.path();
        // No file: it has ended in between, or is no process.
        let command = std::fs::read(process.join("cmdline")).unwrap_or_default();
        if command
            .split(|byte| *byte == 0)
            .any(|word| word == config.as_bytes())
        {
            found.push(process);
        }
    }
    Ok(found)
}

impl Running {
    /// Sends a signal by its short name, and waits for the end.
    async fn ends_by(&mut self, signal: &str) -> anyhow::Result<ExitStatus> {
        let id = self.child.id().context("it has ended")?;
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &id.to_string()])
            .status()
            .await?;
        anyhow::ensure!(sent.success(), "kill -{signal} failed");
        let ended = timeout(WITHIN, self.child.wait()).await;
        Ok(ended.with_context(|| format!("it goes on after {signal}"))??)
    }
}

#[tokio::test]
async fn on_sigterm_the_bot_is_stopped_before_the_playground_ends() -> anyhow::Result<()> {
    let mut playground = start(0).await?;
    let state = playground.state.path().to_owned();
    assert_eq!(bots(&state)?.len(), 1, "one bot runs");
    let ended = playground.ends_by("TERM").await?;
    assert!(ended.success(), "{ended}");
    assert_eq!(bots(&state)?, Vec::<PathBuf>::new(), "the bot has ended before");
    let log = std::fs::read_to_string(state.join("bot.log"))?;
    assert!(
        !log.contains("the playground is gone"),
        "it was asked to stop, not left alone:\n{log}"
    );
    Ok(())
}

#[tokio::test]
async fn a_playground_that_is_killed_leaves_no_bot_behind() -> anyhow::Result<()> {
    let mut playground = start(0).await?;
    let state = playground.state.path().to_owned();
    assert_eq!(bots(&state)?.len(), 1, "one bot runs");
    let ended = playground.ends_by("KILL").await?;
    assert!(!ended.success());
    eventually("the bot has ended", async || Ok(bots(&state)?.is_empty())).await?;
    let log = std::fs::read_to_string(state.join("bot.log"))?;
    assert!(log.contains("the playground is gone"), "{log}");
    Ok(())
}

#[tokio::test]
async fn the_page_finds_a_new_playground_and_forgets_the_old_one() -> anyhow::Result<()> {
    let _turn = crate::ONE.acquire().await?;
    let Some(browser) = start_or_skip("the_page_finds_a_new_playground_and_forgets_the_old_one").await?
    else {
        return Ok(());
    };
    let mut old = start(0).await?;
    let port: u16 = old
        .url
        .trim_end_matches('/')
        .rsplit(':')
        .next()
        .context("a port")?
        .parse()?;
    browser.size(1280, 900).await?;
    browser.open(&old.url).await?;
    browser
        .wait("document.activeElement?.id === 'line' && !document.querySelector('.banner')")
        .await?;
    browser.keys(&format!("of the old one{}", Key::ENTER)).await?;
    browser.wait_text(".message", "of the old one").await?;
    browser
        .keys(&format!("/ceo status{}{}", Key::ESCAPE, Key::ENTER))
        .await?;
    browser.wait_text(".message .above", "used /ceo status").await?;
    browser.keys("half a line").await?;
    old.ends_by("KILL").await?;
    browser
        .wait_text(".banner", "The playground does not answer")
        .await?;
    let new = start(port).await?;
    browser.wait("!document.querySelector('.banner')").await?;
    browser
        .wait("document.querySelectorAll('#chat li.message').length === 0")
        .await?;
    assert_eq!(
        browser
            .run("return document.querySelector('#line').value", &[])
            .await?,
        "half a line",
        "what a person is typing stays"
    );
    browser
        .keys(&format!(" goes to the new one{}", Key::ENTER))
        .await?;
    browser
        .wait_text(".message", "half a line goes to the new one")
        .await?;
    browser
        .keys(&format!("/ceo status{}{}", Key::ESCAPE, Key::ENTER))
        .await?;
    browser.wait_text(".embed", "deployment/ceoagent-api").await?;
    let text = browser.text("#chat").await?;
    assert!(!text.contains("of the old one"), "{text}");
    drop(new);
    Ok(())
}
