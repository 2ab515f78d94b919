//! The parts, built from the settings.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, anyhow};
use ceo_commands::{
    cluster::{ClusterConfig, Registry},
    engine::{Engine, Home},
    model::Act,
    ports::{Ports, SystemClock},
    redact::Redactor,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    adapters::{EngineDispatcher, StoredRows},
    counted_ledger::CountedLedger,
    maintenance::Maintenance,
    signals::{ChatSignals, ClusterSignals},
    witness::Heads,
};
use crate::{
    catalogue,
    chart::Painter,
    discord::{self, Discord, DiscordSettings, Places},
    http::{Health, HttpState, Metrics},
    manual::ManualOnDisk,
    probe::{self, Prober},
    prometheus::Measured,
    settings::{self, Settings},
    store::{Store, StoreOptions},
    watch::{self, IncidentWatch, Pace, WatchConfig},
};

/// All parts.
pub(super) struct Parts {
    pub(super) store: Store,
    pub(super) rows: Arc<StoredRows>,
    pub(super) registry: Registry,
    pub(super) probes: Arc<Prober>,
    pub(super) discord: Arc<Discord>,
    pub(super) engine: Engine,
    ports: Ports,
    pub(super) dispatcher: Arc<EngineDispatcher>,
    pub(super) http: HttpState,
    pub(super) listener: Listener,
}

/// The HTTP listener, for the one task that takes it.
#[derive(Clone)]
pub(super) struct Listener(Arc<Mutex<Option<TcpListener>>>);

impl Listener {
    async fn bind(address: std::net::SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("http.listen: {address} cannot be listened on"))?;
        tracing::info!(address = %listener.local_addr()?, "HTTP listens");
        Ok(Self(Arc::new(Mutex::new(Some(listener)))))
    }

    pub(super) fn take(&self) -> anyhow::Result<TcpListener> {
        let mut listener = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listener.take().ok_or_else(|| anyhow!("the listener was taken"))
    }
}

impl Parts {
    /// Opens the store and the listener; everything else connects when it is used. Takes up what a former process left.
    pub(super) async fn build(settings: &Settings) -> anyhow::Result<Self> {
        let timing = settings.timing;
        let http = http_state(settings);
        let listener = Listener::bind(settings.http.listen).await?;
        let options = StoreOptions {
            timeout: timing.store_timeout,
            open_timeout: timing.store_open,
            audit_rows: http.metrics.audit_rows(),
            // The one before gets as long to end as it has.
            alone: Some(timing.shutdown_within),
            ..StoreOptions::default()
        };
        let store = Store::open(settings.store.url.expose(), options).await?;
        let configs = settings.clusters.iter().map(cluster_config).collect();
        let observer = ClusterSignals::new(&http);
        let registry = Registry::observed(configs, timing.cluster_timeout, Arc::new(observer)).await;
        let signals = Arc::new(ChatSignals::new(&http));
        let discord = Discord::connect(discord_settings(settings), signals).await?;
        let probes = Arc::new(prober(settings, &registry)?);
        let ports = Ports {
            ledger: Arc::new(CountedLedger::new(store.clone(), http.metrics.clone())),
            members: discord.members(),
            clock: Arc::new(SystemClock),
            timing: timing.ports(),
            limits: settings.limits.clone(),
            redactor: Arc::new(redactor(settings)),
            probes: probes.clone(),
            metrics: Arc::new(Measured::new(settings)?),
            pictures: Arc::new(Painter::default()),
            checks: Arc::new(settings.checks.clone()),
            manual: Arc::new(ManualOnDisk(settings.runbook.clone())),
        };
        let home = Home {
            ops: settings.discord.channels.ops,
            holder: holder(settings),
        };
        let engine = Engine::new(registry.clone(), ports.clone(), settings.policy.clone(), home);
        engine
            .recover()
            .await
            .context("what a former process left could not be taken up")?;
        Ok(Self {
            rows: Arc::new(StoredRows(store.clone())),
            dispatcher: Arc::new(EngineDispatcher::new(engine.clone(), http.metrics.clone())),
            discord: Arc::new(discord),
            store,
            registry,
            probes,
            engine,
            ports,
            http,
            listener,
        })
    }

    /// A watch for incidents over each cluster, with the cluster's name.
    pub(super) fn incidents(&self, settings: &Settings) -> Vec<(String, IncidentWatch)> {
        let timing = settings.timing;
        let pace = Pace {
            debounce: timing.incident_debounce,
            every: timing.incident_look_every,
            evidence_within: timing.incident_evidence_within,
        };
        let watch_of = |cluster: &settings::Cluster| {
            let config = WatchConfig {
                cluster: cluster.name.clone(),
                namespaces: cluster.namespaces.clone(),
                channel: settings.discord.channels.alerts,
                mention: settings.mention.clone(),
                pace,
            };
            let watch = IncidentWatch::new(config, self.registry.view(), self.ports.clone());
            (cluster.name.clone(), watch)
        };
        settings.clusters.iter().map(watch_of).collect()
    }

    /// Ends the incidents of clusters that are no longer in the settings.
    pub(super) fn left_incidents(
        &self,
        settings: &Settings,
        cancel: CancellationToken,
    ) -> impl Future<Output = ()> + use<> {
        let clusters = settings.clusters.iter().map(|c| c.name.clone()).collect();
        let every = settings.timing.incident_look_every;
        watch::close_removed_clusters(self.ports.clone(), clusters, every, cancel)
    }

    pub(super) fn maintenance(&self, settings: &Settings) -> Maintenance {
        Maintenance {
            engine: self.engine.clone(),
            store: self.store.clone(),
            view: self.registry.view(),
            http: self.http.clone(),
            every: settings.timing.sweep_every,
        }
    }

    /// What posts the audit's heads.
    pub(super) fn heads(&self, settings: &Settings) -> Heads {
        let channels = settings.discord.channels;
        Heads {
            store: self.store.clone(),
            witness: self.discord.witness(channels.audit),
            alerts: channels.alerts,
            every: settings.timing.sweep_every,
        }
    }
}

/// What asks the health targets.
fn prober(settings: &Settings, registry: &Registry) -> anyhow::Result<Prober> {
    let pace = probe::Pace {
        within: settings.timing.probe_timeout,
        every: settings.timing.probe_every,
    };
    Prober::new(
        settings.probes.clone(),
        pace,
        registry.view(),
        Arc::new(SystemClock),
    )
    .context("[[probes]]")
}

/// What is told over HTTP. Commands and buttons are counted by name.
fn http_state(settings: &Settings) -> HttpState {
    let buttons = Act::ALL.into_iter().map(Act::word);
    let commands = catalogue::names().into_iter().map(leaked).chain(buttons);
    let clusters = settings.clusters.iter().map(|c| c.name.clone());
    HttpState {
        health: Health::new(Arc::new(SystemClock), settings.timing.gateway_patience),
        metrics: Metrics::new(commands.collect(), clusters.collect()),
    }
}

/// Names of commands live as long as the process, and there are as many as there are commands.
fn leaked(name: String) -> &'static str {
    Box::leak(name.into_boxed_str())
}

/// The cluster as `ceo-commands` wants it.
#[must_use]
pub fn cluster_config(cluster: &settings::Cluster) -> ClusterConfig {
    ClusterConfig {
        name: cluster.name.clone(),
        kubeconfig: cluster.kubeconfig.clone(),
        context: cluster.context.clone(),
        namespaces: cluster.namespaces.clone(),
        production: cluster.production,
    }
}

/// Discord as the module of it wants it.
#[must_use]
pub fn discord_settings(settings: &Settings) -> DiscordSettings {
    let (chat, timing) = (&settings.discord, settings.timing);
    let places = Places {
        cluster: chat.default_place.0.clone(),
        namespace: chat.default_place.1.clone(),
        channels: chat.places.clone(),
        // What is asked for in the witness's channel is told in another: there nothing is edited.
        instead: Some((chat.channels.audit, chat.channels.ops)),
    };
    DiscordSettings {
        redactor: Arc::new(redactor(settings)),
        append_only: Some(chat.channels.audit),
        language: chat.language,
        api_address: chat.api_address.map(|a| a.to_string()),
        extra_ca: chat.extra_ca.clone(),
        timing: discord::Timing {
            request: timing.discord_timeout,
            connect: timing.discord_connect,
            patience: timing.discord_patience,
            retry_pause: timing.discord_retry,
            respond: timing.respond_within,
            respond_try: timing.respond_try,
            suggest: timing.suggest_within,
            handle: timing.answer_within,
            turn: timing.queue_within,
            live_every: timing.live_every,
            live_for: timing.live_for,
            edit_every: timing.edit_every,
            slow_after: timing.edit_slow_after,
            slow_every: timing.edit_slow_every,
            old_after: timing.edit_old_after,
            channel_pace: timing.channel_pace,
            members: timing.members_timeout,
            counts_for: timing.counts_for,
            watch_every: timing.gateway_watch,
            reconnect: timing.reconnect_after,
            drain: timing.drain_within,
        },
        ..DiscordSettings::new(chat.token.expose(), chat.guild, places)
    }
}

/// What takes secrets out of everything that leaves the bot, its log included.
#[must_use]
pub fn redactor(settings: &Settings) -> Redactor {
    Redactor::new(own_secrets(settings))
        .with_patterns(settings.redact.patterns.clone())
        .with_secret_values(settings.redact.secret_values)
}

/// What the bot itself must never repeat, wherever it reads it.
fn own_secrets(settings: &Settings) -> Vec<String> {
    let mut secrets = vec![settings.discord.token.expose().to_owned()];
    secrets.extend(
        settings
            .http
            .alertmanager_token
            .iter()
            .map(|s| s.expose().to_owned()),
    );
    if let Some(prometheus) = &settings.prometheus {
        secrets.extend(prometheus.token.iter().map(|s| s.expose().to_owned()));
        secrets.extend(prometheus.url.password().map(str::to_owned));
    }
    let store = url::Url::parse(settings.store.url.expose()).ok();
    secrets.extend(store.as_ref().and_then(|url| url.password()).map(str::to_owned));
    secrets
}

/// The name under which this process holds runs. A file is locked against others (`StoreOptions::alone`), so there the name outlives a restart and its
/// runs are taken up at once; a database may have several bots, and there the lease decides.
fn holder(settings: &Settings) -> String {
    if settings.store.url.expose().starts_with("sqlite:") {
        return "ceo".to_owned();
    }
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "ceo".to_owned());
    format!("{host}-{}", uuid::Uuid::new_v4().simple())
}
