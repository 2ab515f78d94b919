//! The playground as a process: however it ends, its bot ends too.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

const WITHIN: Duration = Duration::from_secs(60);

struct Running {
    child: Child,
    state: tempfile::TempDir,
}

/// Starts the playground as a person does, and waits until its bot is in.
async fn start() -> anyhow::Result<Running> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let state = tempfile::tempdir()?;
    let mut child = Command::new(env!("CARGO_BIN_EXE_playground"))
        .args(["--port", "0", "--state"])
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
    Ok(Running { child, state })
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
    let mut playground = start().await?;
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
    let mut playground = start().await?;
    let state = playground.state.path().to_owned();
    assert_eq!(bots(&state)?.len(), 1, "one bot runs");
    let ended = playground.ends_by("KILL").await?;
    assert!(!ended.success());
    eventually("the bot has ended", async || Ok(bots(&state)?.is_empty())).await?;
    let log = std::fs::read_to_string(state.join("bot.log"))?;
    assert!(log.contains("the playground is gone"), "{log}");
    Ok(())
}
