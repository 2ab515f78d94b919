//! The gateway: serenity holds the session; here it is watched. Three of its ways are worked around (0.12.5): a connection
//! that was closed without a code is read in a busy loop until the next heartbeat; identifying has no upper bound although
//! Discord resets the token after a thousand a day; and events that do not parse vanish without a word.
//!
//! The busy loop never yields. In the bot's own runtime it would hold a worker, with all that waits behind it, and may hold
//! the one that turns the timers and sockets of all others: so serenity's client has a thread and a runtime of its own, and
//! the watch that ends the loop stays outside.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serenity::{
    all::{
        ConnectionStage, Context, Event, EventHandler, GatewayIntents, Interaction, RawEventHandler, Ready,
        ResumedEvent, ShardId,
    },
    async_trait,
    client::ClientBuilder,
    gateway::{GatewayError, ShardManager, ShardMessenger, ShardStageUpdateEvent},
    http::Http,
};
use serenity_tungstenite::tungstenite::Message;
use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
    time::Instant,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{intake::Intake, ports::Signals, rest::RestError, settings::Timing};

/// A slash-command bot needs no privileged intent.
const INTENTS: GatewayIntents = GatewayIntents::GUILDS;
/// Sessions begun within [`WINDOW`] from which on we hold off: far above any day's work, far below Discord's thousand.
const SESSIONS: usize = 40;
const WINDOW: Duration = Duration::from_secs(30 * 60);
/// How long then.
pub(super) const STORM_PAUSE: Duration = Duration::from_secs(10 * 60);
/// How often stage and latency are read.
const POLL_EVERY: Duration = Duration::from_secs(1);
/// How long the way out may take: serenity waits five seconds for a close that nobody answers.
const LEAVE: Duration = Duration::from_secs(7);
/// The only shard: sharding is for 2500 servers, this bot serves one.
const SHARD: ShardId = ShardId(0);

/// Why the gateway was left. Whoever runs the bot reads it, in its log or as the process's last words.
#[derive(Debug)]
pub(super) enum Ended {
    /// It will not be better next time.
    Fatal(Fatal),
    /// Sessions end as soon as they begin.
    Storm,
    /// It may be better next time.
    Passing(Passing),
}

/// What somebody must do first.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fatal {
    #[error(
        "Discord refuses the bot's token (close code 4004). Set discord.token, or token_file, to the token shown under \
         Bot in the developer portal; if it was reset, the old one is dead."
    )]
    BadToken,
    #[error(
        "Discord does not know the intents that the bot asks for (close code 4013). This is an error of the program."
    )]
    UnknownIntents,
    #[error(
        "Discord does not allow the bot's intents (close code 4014). It needs none that is privileged: check that the \
         application is not restricted in the developer portal."
    )]
    RefusedIntents,
}

/// What may pass.
#[derive(Debug, thiserror::Error)]
pub(super) enum Passing {
    #[error("the gateway ended")]
    Over,
    #[error("the gateway's thread ended")]
    ThreadOver,
    #[error("no runtime for the gateway: {0}")]
    NoRuntime(std::io::Error),
    #[error("no thread for the gateway: {0}")]
    NoThread(std::io::Error),
    #[error("{0}")]
    Serenity(String),
    #[error("{0}")]
    Unasked(RestError),
    #[error("the gateway's address {0:?} is none")]
    NoAddress(String),
    #[error("{0:?} is not Discord's gateway")]
    Elsewhere(String),
}

/// What outlives a connection.
pub(super) struct Session {
    intake: Arc<Intake>,
    signals: Arc<dyn Signals>,
    /// The application's id, known from the first `READY` on.
    application: watch::Sender<Option<u64>>,
    begun: Mutex<VecDeque<Instant>>,
}

impl Session {
    pub(super) fn new(intake: Arc<Intake>, signals: Arc<dyn Signals>) -> Self {
        Self {
            intake,
            signals,
            application: watch::Sender::new(None),
            begun: Mutex::default(),
        }
    }

    /// Waits for the first `READY`, and gives the application's id.
    pub(super) async fn application(&self) -> u64 {
        let mut known = self.application.subscribe();
        let id = known.wait_for(Option::is_some).await.map(|id| *id);
        match id {
            Ok(id) => id.unwrap_or_default(),
            // The sender is ours: it live_views.
            Err(_) => std::future::pending().await,
        }
    }

    /// Notes that a session begins.
    fn begins(&self) {
        self.begun
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(Instant::now());
    }

    /// Whether so many began that the next ones would endanger the token.
    fn storms(&self) -> bool {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        while begun.front().is_some_and(|at| at.elapsed() > WINDOW) {
            begun.pop_front();
        }
        begun.len() >= SESSIONS
    }

    fn connected_again(&self, application: Option<u64>) {
        let first = self.application.borrow().is_none();
        if let Some(id) = application {
            self.application.send_replace(Some(id));
        }
        if !first {
            // A new session tells the application's id, a resumed one does not.
            self.signals.reconnect(application.is_none());
        }
        self.signals.gateway(true);
    }
}

/// serenity wants a value of its own for each kind of handler.
struct Handler(Arc<Session>, Handle);

#[async_trait]
impl EventHandler for Handler {
    async fn ready(&self, _: Context, ready: Ready) {
        tracing::info!(session = "new", "the gateway is connected");
        self.0.connected_again(Some(ready.application.id.get()));
    }

    async fn resume(&self, _: Context, _: ResumedEvent) {
        tracing::info!(session = "resumed", "the gateway is connected");
        self.0.connected_again(None);
    }

    async fn shard_stage_update(&self, _: Context, update: ShardStageUpdateEvent) {
        if update.new == ConnectionStage::Identifying {
            self.0.begins();
        }
    }

    async fn interaction_create(&self, _: Context, interaction: Interaction) {
        let _home = self.1.enter();
        self.0.intake.take(interaction);
    }
}

/// Sees what serenity could not parse.
struct Unparsed(Arc<Session>, Handle);

#[async_trait]
impl RawEventHandler for Unparsed {
    async fn raw_event(&self, _: Context, event: Event) {
        if let Event::Unknown(unknown) = event
            && unknown.kind == "INTERACTION_CREATE"
        {
            let _home = self.1.enter();
            self.0.intake.take_unreadable(&unknown.value);
        }
    }
}

/// Holds one connection with all its resumptions, until it ends or is cancelled.
pub(super) async fn run(
    http: Http,
    url: String,
    session: &Arc<Session>,
    timing: &Timing,
    cancel: &CancellationToken,
) -> Result<(), Ended> {
    let thread = Thread::start(http, url, Arc::clone(session)).map_err(Ended::Passing)?;
    let Ok(manager) = thread.manager.await else {
        return Err(match thread.ended.await {
            Ok(Err(error)) => why(&error),
            _ => Ended::Passing(Passing::ThreadOver),
        });
    };
    let mut ended = thread.ended;
    let ended = tokio::select! {
        ended = &mut ended => ended,
        () = watch_over(&manager, session, timing) => {
            leave(&manager, ended).await;
            return Err(Ended::Storm);
        }
        () = cancel.cancelled() => {
            leave(&manager, ended).await;
            return Ok(());
        }
    };
    match ended {
        Ok(Ok(())) => Err(Ended::Passing(Passing::Over)),
        Ok(Err(error)) => Err(why(&error)),
        Err(_) => Err(Ended::Passing(Passing::ThreadOver)),
    }
}

/// serenity's client on a thread of its own.
struct Thread {
    /// Told once the client is built.
    manager: oneshot::Receiver<Arc<ShardManager>>,
    ended: oneshot::Receiver<serenity::Result<()>>,
    /// Ends the thread when it is dropped.
    _stop: DropGuard,
}

impl Thread {
    fn start(http: Http, url: String, session: Arc<Session>) -> Result<Self, Passing> {
        let (told, manager) = oneshot::channel();
        let (telling, ended) = oneshot::channel();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        // The handlers start tasks; those belong to the bot.
        let home = Handle::current();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Passing::NoRuntime)?;
        std::thread::Builder::new()
            .name("gateway".to_owned())
            .spawn(move || {
                let held = hold(http, url, session, home, told);
                let result = runtime.block_on(stopped.run_until_cancelled(held));
                runtime.shutdown_background();
                // Nobody waits any more: then nobody asks how it ended.
                let _ = telling.send(result.unwrap_or(Ok(())));
            })
            .map_err(Passing::NoThread)?;
        Ok(Self {
            manager,
            ended,
            _stop: stop.drop_guard(),
        })
    }
}

/// Builds serenity's client, shows its manager, and holds the session to its end.
async fn hold(
    http: Http,
    url: String,
    session: Arc<Session>,
    home: Handle,
    told: oneshot::Sender<Arc<ShardManager>>,
) -> serenity::Result<()> {
    let mut client = ClientBuilder::new_with_http(http, INTENTS)
        .event_handler(Handler(Arc::clone(&session), home.clone()))
        .raw_event_handler(Unparsed(session, home))
        .await?;
    // serenity has asked for the address itself, and taken the real gateway's if that failed.
    *client.ws_url.lock().await = url;
    if told.send(Arc::clone(&client.shard_manager)).is_err() {
        return Ok(());
    }
    client.start().await
}

/// Closes with 1000, so that Discord shows the bot offline at once.
async fn leave(manager: &Arc<ShardManager>, ended: oneshot::Receiver<serenity::Result<()>>) {
    let left = async {
        // A runner in the busy loop would wait for an answer to its close without end; this makes it give up first.
        if let Some(shard) = manager.runners.lock().await.get(&SHARD) {
            shard.runner_tx.websocket_message(Message::Ping(Vec::new()));
        }
        manager.shutdown_all().await;
        ended.await
    };
    if tokio::time::timeout(LEAVE, left).await.is_err() {
        tracing::warn!("the gateway was not left in time");
    }
}

fn why(error: &serenity::Error) -> Ended {
    match error {
        serenity::Error::Gateway(GatewayError::InvalidAuthentication) => Ended::Fatal(Fatal::BadToken),
        serenity::Error::Gateway(GatewayError::InvalidGatewayIntents) => Ended::Fatal(Fatal::UnknownIntents),
        serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents) => {
            Ended::Fatal(Fatal::RefusedIntents)
        }
        other => Ended::Passing(Passing::Serenity(other.to_string())),
    }
}

/// Tells stage and latency, brings a dead connection to an end, and returns when sessions come too fast.
async fn watch_over(manager: &Arc<ShardManager>, session: &Arc<Session>, timing: &Timing) {
    let mut latency = None;
    let mut up = None;
    let mut tried = Instant::now();
    loop {
        tokio::time::sleep(POLL_EVERY.min(timing.watch_every)).await;
        if session.storms() {
            return;
        }
        let shard = {
            let runners = manager.runners.lock().await;
            runners
                .get(&SHARD)
                .map(|shard| (shard.stage, shard.latency, shard.runner_tx.clone()))
        };
        let now_up = shard
            .as_ref()
            .is_some_and(|(stage, _, tx)| *stage == ConnectionStage::Connected && !is_dead(tx));
        if up != Some(now_up) {
            up = Some(now_up);
            session.signals.gateway(now_up);
        }
        let Some((_, now_latency, runner)) = shard else {
            continue;
        };
        if now_latency.is_some() && now_latency != latency {
            latency = now_latency;
            session.signals.ack(latency.unwrap_or_default());
        }
        if is_dead(&runner) {
            tracing::warn!("the gateway was closed without a code: a new session");
            // The runner has ended already: nobody else will say so.
            manager.shutdown_finished(SHARD);
            manager.restart(SHARD).await;
            tried = Instant::now();
        } else if tried.elapsed() >= timing.watch_every {
            tried = Instant::now();
            // A runner whose socket is closed cannot send this, and ends. One that live_views gets a pong.
            runner.websocket_message(Message::Ping(Vec::new()));
        }
    }
}

/// Whether the shard's runner has ended without being replaced. The channel to it is closed then, which only its `Debug` says.
fn is_dead(runner: &ShardMessenger) -> bool {
    format!("{runner:?}").contains("closed: true")
}
