//! The bot as a process: started, killed, started again, stopped; what it wrote is kept and read.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    task::JoinSet,
};

/// The process under test.
pub struct Bot {
    binary: PathBuf,
    config: PathBuf,
    dir: PathBuf,
    child: Option<Child>,
    log: Arc<Mutex<String>>,
    /// Tasks that take what it writes.
    readers: JoinSet<()>,
    env: Vec<(String, String)>,
}

impl Bot {
    pub(super) fn new(config: PathBuf, dir: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            binary: binary()?,
            config,
            dir: dir.to_owned(),
            child: None,
            log: Arc::default(),
            readers: JoinSet::new(),
            env: Vec::new(),
        })
    }

    /// Sets a variable of the environment for the next start.
    pub fn env(&mut self, name: &str, value: &str) {
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the process.
    ///
    /// # Errors
    /// When it runs already or cannot be started.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        if self.child.is_some() {
            bail!("the bot runs already");
        }
        let mut child = Command::new(&self.binary)
            .args(["run", "--config"])
            .arg(&self.config)
            .current_dir(&self.dir)
            .env("RUST_LOG", "info,ceo_bot=debug,ceo_commands=debug")
            .env("NO_COLOR", "1")
            .envs(self.env.iter().map(|(k, v)| (k.as_str(), v.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", self.binary.display()))?;
        if let Some(out) = child.stdout.take() {
            self.readers.spawn(keep(out, Arc::clone(&self.log)));
        }
        if let Some(err) = child.stderr.take() {
            self.readers.spawn(keep(err, Arc::clone(&self.log)));
        }
        self.child = Some(child);
        Ok(())
    }

    /// Waits until `/readyz` says yes.
    ///
    /// # Errors
    /// When the process ends or does not get ready in time.
    pub async fn ready(&mut self, within: Duration) -> anyhow::Result<()> {
        let address = std::fs::read_to_string(self.dir.join("http-address"))?;
        let url = format!("http://{address}/readyz");
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(2))
            .build()?;
        let deadline = tokio::time::Instant::now() + within;
        loop {
            let last = match client.get(&url).send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => answer.text().await.unwrap_or_default(),
                Err(error) => error.to_string(),
            };
            if let Some(status) = self.child.as_mut().and_then(|c| c.try_wait().ok().flatten()) {
                bail!(
                    "the bot ended with {status} before it was ready:\n{}",
                    self.tail()
                );
            }
            if tokio::time::Instant::now() >= deadline {
                bail!("the bot is not ready ({last}):\n{}", self.tail());
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }

    /// Whether the process runs.
    pub fn runs(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("the bot does not run")?;
        child.kill().await?;
        self.read_all().await;
        Ok(())
    }

    /// What it wrote last may still be in the pipes when it has ended.
    async fn read_all(&mut self) {
        let all = async { while self.readers.join_next().await.is_some() {} };
        // A process that inherited the pipes would keep them open: then what came so far must do.
        let _ = tokio::time::timeout(Duration::from_secs(5), all).await;
    }

    /// Sends the process a signal by its short name: `HUP`.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn signal(&self, name: &str) -> anyhow::Result<()> {
        let child = self.child.as_ref().context("the bot does not run")?;
        let pid = child.id().context("the bot has ended")?;
        // The shell's kill, because a signal by library needs unsafe code.
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid.to_string()])
            .status()
            .await?;
        if !sent.success() {
            bail!("kill -{name} failed");
        }
        Ok(())
    }

    /// Runs another command of the same program with the same settings, like `["audit", "verify"]`, and gives its exit
    /// code and what it wrote.
    ///
    /// # Errors
    /// When it cannot be started, or does not end within a minute.
    pub async fn command(&self, words: &[&str]) -> anyhow::Result<(i32, String)> {
        let run = Command::new(&self.binary)
            .args(words)
            .arg("--config")
            .arg(&self.config)
            .current_dir(&self.dir)
            .env("NO_COLOR", "1")
            .envs(self.env.iter().map(|(k, v)| (k.as_str(), v.as_str())))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let done = tokio::time::timeout(Duration::from_secs(60), run)
            .await
            .with_context(|| format!("{words:?} does not end"))??;
        let text = [done.stdout, done.stderr].concat();
        Ok((
            done.status.code().unwrap_or(-1),
            String::from_utf8_lossy(&text).into_owned(),
        ))
    }

    /// SIGTERM, and its exit code.
    ///
    /// # Errors
    /// When it does not run, or does not end within half a minute.
    pub async fn stop(&mut self) -> anyhow::Result<i32> {
        let mut child = self.child.take().context("the bot does not run")?;
        if let Some(pid) = child.id() {
            // The shell's kill, because a signal by library needs unsafe code.
            Command::new("kill")
                .args(["-TERM", &pid.to_string()])
                .status()
                .await?;
        }
        match tokio::time::timeout(Duration::from_secs(30), child.wait()).await {
            Ok(status) => {
                self.read_all().await;
                Ok(status?.code().unwrap_or(-1))
            }
            Err(_) => {
                child.kill().await?;
                bail!("the bot did not end on SIGTERM:\n{}", self.tail())
            }
        }
    }

    /// Waits until it has ended by itself, and gives its exit code.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ended(&mut self, within: Duration) -> anyhow::Result<i32> {
        let mut child = self.child.take().context("the bot does not run")?;
        let status = tokio::time::timeout(within, child.wait())
            .await
            .context("the bot goes on")??;
        self.read_all().await;
        Ok(status.code().unwrap_or(-1))
    }

    /// Everything it wrote.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The most memory that it has held since [`Bot::forget_peak`], and what it holds now: resident, in KiB.
    ///
    /// # Errors
    /// When it does not run.
    pub fn memory(&self) -> anyhow::Result<(u64, u64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let figure = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name));
            let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
            number.with_context(|| format!("no {name} in the process's status"))
        };
        Ok((figure("VmHWM:")?, figure("VmRSS:")?))
    }

    /// Lets the peak of its memory begin anew.
    ///
    /// # Errors
    /// When it does not run.
    pub fn forget_peak(&self) -> anyhow::Result<()> {
        std::fs::write(format!("/proc/{}/clear_refs", self.pid()?), "5")?;
        Ok(())
    }

    /// How long it has kept a processor busy since it started.
    ///
    /// # Errors
    /// When it does not run.
    pub fn processor_time(&self) -> anyhow::Result<Duration> {
        processor_time_of(self.pid()?)
    }

    fn pid(&self) -> anyhow::Result<u32> {
        let child = self.child.as_ref().context("the bot does not run")?;
        child.id().context("the bot has ended")
    }

    /// The last lines that it wrote.
    #[must_use]
    pub fn tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    /// ERROR lines that nobody announced.
    pub(super) fn errors(&self, expected: &BTreeSet<String>) -> Vec<String> {
        let unannounced = |line: &&str| {
            (line.contains(" ERROR ") || line.contains("panicked"))
                && !expected.iter().any(|e| line.contains(e.as_str()))
        };
        self.log()
            .lines()
            .filter(unannounced)
            .map(str::to_owned)
            .collect()
    }
}

async fn keep(from: impl AsyncRead + Unpin + Send + 'static, log: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_str(&line);
        log.push('\n');
    }
}

/// `bot-under-test` lies beside the directory of the test that runs: cargo builds a package's binaries before its
/// integration tests.
fn binary() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    let mut folder = here.parent();
    while let Some(dir) = folder {
        let path = dir.join(format!("bot-under-test{}", std::env::consts::EXE_SUFFIX));
        if path.is_file() {
            return Ok(path);
        }
        folder = dir.parent();
    }
    bail!("no bot-under-test near {}", here.display())
}

/// The processor time that a process has used.
///
/// # Errors
/// When it does not run.
pub fn processor_time_of(pid: u32) -> anyhow::Result<Duration> {
    /// Clock ticks of a second in `/proc`, on every Linux.
    const TICKS: u64 = 100;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("no process status")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |at: usize| -> Option<u64> { fields.get(at)?.parse().ok() };
    let used = ticks(11).zip(ticks(12)).map(|(user, system)| user + system);
    Ok(Duration::from_millis(
        used.context("no times in the process status")? * 1000 / TICKS,
    ))
}
