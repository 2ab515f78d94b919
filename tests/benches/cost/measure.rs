//! Figures and how they are told.

use std::{
    fmt,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::Context;
use ceo_tests::world::{Setup, World};

/// What was measured, beside what is to be reached.
#[derive(Default)]
pub(crate) struct Table(Vec<[String; 3]>);

impl Table {
    /// A figure.
    pub(crate) fn row(&mut self, what: &str, figure: impl fmt::Display, wanted: &str) {
        let row = [what.to_owned(), figure.to_string(), wanted.to_owned()];
        println!("  {}: {} ({})", row[0], row[1], row[2]);
        self.0.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | figure | to reach |\n| --- | --- | --- |")?;
        self.0
            .iter()
            .try_for_each(|[what, figure, wanted]| writeln!(f, "| {what} | {figure} | {wanted} |"))
    }
}

/// A length of time in milliseconds.
pub(crate) fn ms(length: Duration) -> String {
    format!("{:.1} ms", length.as_secs_f64() * 1000.0)
}

/// Kibibytes in mebibytes.
pub(crate) fn mib(kib: u64) -> String {
    format!(
        "{:.1} MiB",
        f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0
    )
}

/// The settings of an installation: every duration as shipped, and a chat that never slows the bot down.
pub(crate) fn as_shipped() -> Setup {
    Setup {
        timing: vec![],
        ..Setup::default()
    }
}

/// The middle one and the one below which 99 of 100 lie.
pub(crate) fn p50_p99(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    let at = |share: usize| {
        times
            .get((times.len().saturating_sub(1)) * share / 100)
            .copied()
            .unwrap_or_default()
    };
    (at(50), at(99))
}

/// How long a command of the chat takes until its answer is there, the middle of some.
pub(crate) async fn asked(world: &World, line: &str, times: usize) -> anyhow::Result<Duration> {
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let began = Instant::now();
        world.ask(&world.operator(), line).await?;
        took.push(began.elapsed());
    }
    Ok(p50_p99(took).0)
}

/// How long lines of a shell take.
pub(crate) async fn shell(world: &World, lines: &str) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let status = tokio::process::Command::new("sh")
        .args(["-c", lines])
        .current_dir(world.dir())
        .env("KUBECONFIG", world.dir().join("kubeconfig"))
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .status()
        .await
        .context("starting the shell")?;
    anyhow::ensure!(status.success(), "{lines} ended with {status}");
    Ok(began.elapsed())
}

/// How much of one core the bot uses while nothing happens.
pub(crate) async fn idle_share(world: &World, length: Duration) -> anyhow::Result<f64> {
    let before = world.bot.processor_time()?;
    tokio::time::sleep(length).await;
    let used = world.bot.processor_time()? - before;
    Ok(used.as_secs_f64() / length.as_secs_f64())
}
