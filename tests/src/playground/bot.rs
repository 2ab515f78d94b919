//! The bot's process: started, started again when it dies, killed on request, ended politely at the end.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// The pause before a dead bot is started again; doubled, up to [`LONGEST`], while it dies within [`SHORT_LIFE`].
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(15);
const SHORT_LIFE: Duration = Duration::from_secs(5);
/// How long a bot that was told to end may take; a running step is finished first.
const GRACE: Duration = Duration::from_secs(15);

enum Order {
    Kill,
    Stop,
}

/// A handle of the bot's process. When it is dropped, the process is killed.
pub struct Bot {
    orders: mpsc::UnboundedSender<Order>,
    keeper: Mutex<Option<JoinHandle<()>>>,
}

/// The bot's process, and the end of its standard input that this process holds: the bot that reads its end knows that
/// the playground is gone, however it went, and goes too.
struct Running {
    child: Child,
    _lifeline: Option<ChildStdin>,
}

struct Recipe {
    program: PathBuf,
    config: PathBuf,
    log: PathBuf,
}

impl Bot {
    /// Starts `program --as-bot --config CONFIG` and keeps it running; its output goes to `log`. The program must end when
    /// its standard input does.
    ///
    /// # Errors
    /// When it cannot be started the first time.
    pub fn start(program: &Path, config: &Path, log: &Path) -> anyhow::Result<Bot> {
        let recipe = Recipe {
            program: program.into(),
            config: config.into(),
            log: log.into(),
        };
        let running = recipe
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        let (orders, inbox) = mpsc::unbounded_channel();
        let keeper = tokio::spawn(keep(recipe, running, inbox));
        Ok(Bot {
            orders,
            keeper: Mutex::new(Some(keeper)),
        })
    }

    /// `kill -9`; it is started again a second later.
    pub fn kill(&self) {
        let _ = self.orders.send(Order::Kill); // no keeper: it has stopped, and nothing runs
    }

    /// `SIGTERM`, and after 15 s `SIGKILL`. Returns when the process is gone.
    pub async fn stop(&self) {
        let _ = self.orders.send(Order::Stop);
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(keeper) = keeper {
            let _ = keeper.await;
        }
    }
}

impl Recipe {
    fn spawn(&self) -> anyhow::Result<Running> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let errors: File = log.try_clone()?;
        let mut command = Command::new(&self.program);
        command.arg("--as-bot").arg("--config").arg(&self.config);
        if let Some(directory) = self.config.parent() {
            command.current_dir(directory);
        }
        command
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(errors)
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0); // Ctrl-C in the terminal is for the playground, which tells the bot itself
        let mut child = command.spawn()?;
        let lifeline = child.stdin.take(); // `Child::wait` would close it
        Ok(Running {
            child,
            _lifeline: lifeline,
        })
    }
}

async fn keep(recipe: Recipe, mut running: Running, mut inbox: mpsc::UnboundedReceiver<Order>) {
    let mut pause = PAUSE;
    loop {
        let born = Instant::now();
        let ended = tokio::select! {
            ended = running.child.wait() => Some(ended),
            order = inbox.recv() => match order {
                Some(Order::Kill) => {
                    let _ = running.child.start_kill(); // already dead: as good
                    let _ = running.child.wait().await;
                    None
                }
                Some(Order::Stop) | None => return end(running).await,
            },
        };
        if let Some(ended) = ended {
            tell(&recipe, ended);
        }
        pause = if ended_early(born) {
            (pause * 2).min(LONGEST)
        } else {
            PAUSE
        };
        tokio::select! {
            () = sleep(pause) => {}
            order = inbox.recv() => if !matches!(order, Some(Order::Kill)) { return },
        }
        match recipe.spawn() {
            Ok(next) => running = next,
            Err(error) => return eprintln!("the bot cannot be started again: {error:#}"),
        }
    }
}

fn ended_early(born: Instant) -> bool {
    born.elapsed() < SHORT_LIFE
}

fn tell(recipe: &Recipe, ended: std::io::Result<ExitStatus>) {
    let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
    let log = std::fs::read_to_string(&recipe.log).unwrap_or_default();
    let last: Vec<&str> = log.lines().rev().take(3).collect();
    eprintln!("the bot has ended ({how}) and is started again; its last lines:");
    for line in last.iter().rev() {
        eprintln!("  {line}");
    }
}

/// Asks the process to end and waits; kills it when it does not.
async fn end(running: Running) {
    let Running { mut child, _lifeline } = running;
    if let Some(id) = child.id() {
        // the shell's own `kill`: there is none in the standard library, and the program may be missing
        let asked = Command::new("sh")
            .arg("-c")
            .arg(format!("kill -TERM {id}"))
            .status()
            .await;
        if asked.is_ok_and(|status| status.success()) && timeout(GRACE, child.wait()).await.is_ok() {
            return;
        }
    }
    let _ = child.start_kill();
    let _ = child.wait().await;
}
