//! The bot's Discord half, started against the simulated Discord.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ceo_bot::discord::{Discord, DiscordSettings, Places, Signals, Timing};
use ceo_commands::{model::ChannelId, ports::Members};
use ceo_tests::discord::{DiscordSim, Options, Rates};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::fakes::{ALERTS, FakeDispatcher, FakeRows, LEAD, OPERATOR, OPS, SOON, lock};

/// Keeps what the bot told of itself.
#[derive(Default)]
pub(crate) struct RecordedSignals {
    pub(crate) outcomes: Mutex<Vec<&'static str>>,
    pub(crate) deliveries: Mutex<Vec<&'static str>>,
    pub(crate) reconnects: Mutex<u32>,
}

impl Signals for RecordedSignals {
    fn handled(&self, outcome: &'static str) {
        lock(&self.outcomes).push(outcome);
    }
    fn delivered(&self, outcome: &'static str) {
        lock(&self.deliveries).push(outcome);
    }
    fn reconnect(&self, _: bool) {
        *lock(&self.reconnects) += 1;
    }
}

impl RecordedSignals {
    pub(crate) fn deliveries(&self) -> Vec<&'static str> {
        lock(&self.deliveries).clone()
    }
    pub(crate) fn reconnects(&self) -> u32 {
        *lock(&self.reconnects)
    }
}

/// The simulated Discord with the bot's Discord half against it.
pub(crate) struct World {
    pub(crate) sim: DiscordSim,
    pub(crate) engine: Arc<FakeDispatcher>,
    pub(crate) rows: Arc<FakeRows>,
    pub(crate) told: Arc<RecordedSignals>,
    pub(crate) members: Arc<dyn Members>,
    pub(crate) run: JoinHandle<anyhow::Result<()>>,
    pub(crate) outbox: JoinHandle<()>,
    pub(crate) cancel: CancellationToken,
}

pub(crate) fn options() -> Options {
    Options {
        rates: Some(Rates::relaxed()),
        identify_every: Duration::ZERO,
        ..Options::default()
    }
}

/// A guild with an operator and a lead.
pub(crate) async fn guild(options: Options) -> anyhow::Result<DiscordSim> {
    // The second test of a process finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sim = DiscordSim::start(options).await?;
    sim.add_channel(OPS, "ops");
    sim.add_channel(ALERTS, "alerts");
    sim.add_role(111, "operator");
    sim.add_role(222, "lead");
    sim.add_member(OPERATOR, "olga", "Olga", &[111]);
    sim.add_member(LEAD, "leo", "Leo", &[111, 222]);
    Ok(sim)
}

pub(crate) fn settings(sim: &DiscordSim) -> DiscordSettings {
    let places = Places {
        cluster: "prod".into(),
        namespace: "ceoagent".into(),
        channels: [(ChannelId(ALERTS), ("stage".to_owned(), "web".to_owned()))].into(),
        instead: None,
    };
    let mut settings = DiscordSettings::new(sim.bot_token(), sim.guild_id(), places);
    settings.api_address = Some(sim.rest_addr().to_string());
    settings.extra_ca = Some(sim.ca_pem().as_bytes().to_vec());
    settings.timing = Timing {
        request: Duration::from_secs(3),
        retry_pause: Duration::from_millis(50),
        edit_every: Duration::from_millis(300),
        channel_pace: Duration::from_millis(50),
        live_every: Duration::from_millis(300),
        reconnect: Duration::from_millis(500),
        watch_every: Duration::from_secs(1),
        counts_for: Duration::from_millis(500),
        ..Timing::default()
    };
    settings
}

impl World {
    pub(crate) async fn new() -> anyhow::Result<World> {
        let sim = guild(options()).await?;
        let settings = settings(&sim);
        World::with(sim, settings, Arc::default()).await
    }

    /// Starts the bot and waits until people can use it.
    pub(crate) async fn with(
        sim: DiscordSim,
        settings: DiscordSettings,
        rows: Arc<FakeRows>,
    ) -> anyhow::Result<World> {
        let (engine, told) = (
            Arc::new(FakeDispatcher::default()),
            Arc::new(RecordedSignals::default()),
        );
        let discord = Discord::connect(settings, told.clone()).await?;
        let cancel = CancellationToken::new();
        let members = discord.members();
        let outbox = tokio::spawn(discord.outbox(rows.clone()).run(cancel.clone()));
        let (e, r, c) = (engine.clone(), rows.clone(), cancel.clone());
        let run = tokio::spawn(async move { discord.run(e, r, c).await });
        sim.online(SOON).await?;
        sim.until("the command is registered", SOON, |sim| {
            (!sim.commands().is_empty()).then_some(())
        })
        .await?;
        Ok(World {
            sim,
            engine,
            rows,
            told,
            members,
            run,
            outbox,
            cancel,
        })
    }

    /// Stops the bot; it must end in order and in time.
    pub(crate) async fn stop(self) -> anyhow::Result<(DiscordSim, Arc<FakeRows>)> {
        self.cancel.cancel();
        tokio::time::timeout(SOON, self.outbox).await??;
        tokio::time::timeout(SOON, self.run).await???;
        Ok((self.sim, self.rows))
    }

    /// Nothing that Discord would refuse was sent.
    pub(crate) async fn finish(self) -> anyhow::Result<()> {
        let (sim, _) = self.stop().await?;
        let violations = sim.violations();
        anyhow::ensure!(violations.is_empty(), "{violations:#?}");
        Ok(())
    }

    /// How many requests went to a route, `METHOD template`.
    pub(crate) fn count(&self, method: &str, path: &str) -> usize {
        let requests = self.sim.requests();
        requests
            .iter()
            .filter(|r| r.method == method && r.path.contains(path))
            .count()
    }
}
