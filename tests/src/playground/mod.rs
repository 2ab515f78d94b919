//! The playground: both simulators, the real bot between them, and a page to chat in. No account, no cluster, no Docker.
//!
//! ```text
//! browser --page--> DiscordSim <--REST, gateway-- bot (this program once more) --kube-rs--> KubeSim
//!    '----/api/menu--> menu: things to break, each a small function over the simulators
//! ```

mod bot;
mod cluster;
mod figures;
mod guild;
mod hints;
mod menu;
mod routes;
mod settings;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use tokio::task::JoinSet;

use crate::discord::{self, DiscordSim};
use crate::kube::sim::{self, KubeSim, Pace};
use crate::prometheus::PrometheusSim;

pub use bot::Bot;

/// The port that is tried first; the next free one is taken when it is not to be had.
const PORT: u16 = 8888;

/// What a person may choose on the command line.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The page's port; without one the first free one from 8888 on.
    pub port: Option<u16>,
    /// Where settings, database and log are kept; without it in a directory that is removed at the end.
    pub state: Option<PathBuf>,
    /// How fast the cluster moves; without it slowly enough to watch.
    pub pace: Option<Pace>,
    /// The language of what a channel reads, as Discord names it; without one English.
    pub language: Option<String>,
}

/// What the menu works on.
pub struct World {
    /// The simulated Discord.
    pub discord: DiscordSim,
    /// The simulated cluster.
    pub kube: KubeSim,
    /// The bot's process.
    pub bot: Bot,
}

/// A running playground. Dropping it kills the bot; [`Playground::stop`] lets it finish first.
pub struct Playground {
    /// Both simulators and the bot.
    pub world: Arc<World>,
    address: SocketAddr,
    directory: PathBuf,
    temporary: Option<tempfile::TempDir>,
    tasks: JoinSet<()>,
    /// It answers as long as it is held.
    _prometheus: PrometheusSim,
}

impl Playground {
    /// Starts the simulators, writes the bot's settings, starts `program --as-bot --config FILE` as the bot and serves
    /// the page. Returns when the page answers; the cluster and the bot come up meanwhile.
    ///
    /// # Errors
    /// When a port cannot be had, the directory cannot be written, or the program cannot be started.
    pub async fn start(options: Options, program: &Path) -> anyhow::Result<Playground> {
        // the page's client and the API server's both need one; a second provider in the process makes rustls panic
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (directory, temporary) = directory(options.state)?;
        let kube = KubeSim::start(sim::Options {
            pace: options.pace.unwrap_or_else(Pace::leisurely),
            ..sim::Options::default()
        })
        .await
        .context("the simulated cluster does not start")?;
        cluster::install(&kube)?;
        let discord = DiscordSim::start(discord::Options {
            guild_name: "ceo playground".into(),
            ..Default::default()
        })
        .await
        .context("the simulated Discord does not start")?;
        guild::people(&discord);
        let language = options.language.as_deref().unwrap_or("en");
        let prometheus = figures::start()
            .await
            .context("the simulated Prometheus does not start")?;
        let around = settings::Around {
            discord: &discord,
            kube: &kube,
            prometheus: &prometheus,
        };
        let config = settings::write(&directory, &around, language).context("the bot's settings")?;
        let bot = Bot::start(program, &config, &directory.join("bot.log"))?;
        let world = Arc::new(World { discord, kube, bot });
        let address = serve(&world, options.port).await?;
        let mut tasks = JoinSet::new();
        let history = world.clone();
        tasks.spawn(async move { cluster::give_history(&history.kube).await });
        let used = world.clone();
        tasks.spawn(async move { cluster::traffic(&used.kube).await });
        Ok(Playground {
            world,
            address,
            directory,
            temporary,
            tasks,
            _prometheus: prometheus,
        })
    }

    /// Where the page is.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Where settings, database and log are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Asks the bot to finish, waits for it, and removes what was temporary.
    pub async fn stop(mut self) {
        self.world.bot.stop().await;
        self.tasks.shutdown().await;
        if let Some(temporary) = self.temporary.take()
            && let Err(error) = temporary.close()
        {
            eprintln!("{} could not be removed: {error}", self.directory.display());
        }
    }
}

fn directory(state: Option<PathBuf>) -> anyhow::Result<(PathBuf, Option<tempfile::TempDir>)> {
    match state {
        Some(directory) => {
            std::fs::create_dir_all(&directory).with_context(|| directory.display().to_string())?;
            let directory = directory
                .canonicalize()
                .with_context(|| directory.display().to_string())?;
            Ok((directory, None))
        }
        None => {
            let temporary = tempfile::Builder::new().prefix("ceo-playground-").tempdir()?;
            Ok((temporary.path().to_owned(), Some(temporary)))
        }
    }
}

/// Serves the page on the asked port, or on the first free one from 8888 on.
async fn serve(world: &Arc<World>, port: Option<u16>) -> anyhow::Result<SocketAddr> {
    let on = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let router = || routes::router(world.clone());
    if let Some(port) = port {
        return world
            .discord
            .serve_page(on(port), router())
            .await
            .with_context(|| format!("port {port}"));
    }
    for port in PORT..PORT + 50 {
        if let Ok(address) = world.discord.serve_page(on(port), router()).await {
            return Ok(address);
        }
    }
    world.discord.serve_page(on(0), router()).await
}
