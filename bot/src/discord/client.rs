//! The connection to Discord: one HTTP client with deadlines for everything, the parts that use it, and the order in which
//! they start and stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use ceo_commands::{model::ChannelId, ops::catalogue, ports::Members};
use serde_json::{Value as Json, json};
use serenity::{
    builder::CreateAllowedMentions,
    http::{HttpBuilder, LightMethod, Ratelimiter, Route},
};
use tokio_util::sync::CancellationToken;

use super::{
    gateway::{self, Passing, Session},
    intake::Intake,
    members::DiscordMembers,
    notes::Notes,
    outbox::Outbox,
    ports::{Dispatcher, Rows, Signals},
    rest::{Call, Gate, Patience, Rest, RestError},
    schema,
    settings::DiscordSettings,
    witness::Witness,
};

/// The hosts that `api_address` stands for.
const HOSTS: [&str; 3] = ["discord.com", "cdn.discordapp.com", "media.discordapp.net"];
/// serenity keeps a bucket for every interaction that there ever was.
const CLEAR_BUCKETS: Duration = Duration::from_secs(3600);
/// Registration that failed is tried again after so long.
const REGISTER_AGAIN: Duration = Duration::from_secs(60);

/// Discord.
pub struct Discord {
    rest: Arc<Rest>,
    settings: Arc<DiscordSettings>,
    signals: Arc<dyn Signals>,
    notes: Arc<Notes>,
    /// For serenity's own client, which replaces the rate limiter's callback.
    client: reqwest::Client,
}

impl Discord {
    /// Prepares the connection; nothing is sent yet.
    ///
    /// # Errors
    /// When the address does not resolve, or the certificate cannot be read.
    pub async fn connect(settings: DiscordSettings, signals: Arc<dyn Signals>) -> anyhow::Result<Self> {
        let client = http_client(&settings).await?;
        let gate = Arc::new(Gate::default());
        let mut limiter = Ratelimiter::new(client.clone(), bot(&settings.token));
        let (closing, telling) = (Arc::clone(&gate), Arc::clone(&signals));
        limiter.set_ratelimit_callback(Box::new(move |info| {
            telling.limited(info.global, info.timeout);
            closing.close(&info);
        }));
        let http = builder(&settings, client.clone()).ratelimiter(limiter).build();
        let patience = Patience {
            one: settings.timing.patience,
            pause: settings.timing.retry_pause,
            retries: 4,
        };
        let rest = Rest {
            http: Arc::new(http),
            client: client.clone(),
            gate,
            signals: Arc::clone(&signals),
            patience,
            append_only: settings.append_only.map(|channel| channel.0),
        };
        Ok(Self {
            rest: Arc::new(rest),
            settings: Arc::new(settings),
            notes: Arc::default(),
            signals,
            client,
        })
    }

    /// The people of the server.
    #[must_use]
    pub fn members(&self) -> Arc<dyn Members> {
        let timing = &self.settings.timing;
        let rest = Arc::clone(&self.rest);
        Arc::new(DiscordMembers::new(
            rest,
            self.settings.guild,
            timing.members,
            timing.counts_for,
        ))
    }

    /// The audit's witness in that channel.
    #[must_use]
    pub fn witness(&self, channel: ChannelId) -> Witness {
        Witness::new(Arc::clone(&self.rest), Arc::clone(&self.settings), channel)
    }

    /// The living messages.
    #[must_use]
    pub fn outbox(&self, rows: Arc<dyn Rows>) -> Outbox {
        let (rest, settings) = (Arc::clone(&self.rest), Arc::clone(&self.settings));
        Outbox::new(rows, rest, settings, Arc::clone(&self.notes))
    }

    /// Takes interactions until it is cancelled: then it leaves the gateway, finishes what it is answering, and returns.
    ///
    /// # Errors
    /// When Discord will never let the bot in as it is set up: the sentence says what to do. Every other failure is waited out.
    pub async fn run(
        &self,
        engine: Arc<dyn Dispatcher>,
        rows: Arc<dyn Rows>,
        cancel: CancellationToken,
    ) -> anyhow::Result<()> {
        let command = schema::command(&engine.catalogue(), catalogue::groups());
        let problems = schema::problems(&command);
        if !problems.is_empty() {
            bail!(
                "Discord would refuse the command: {}",
                problems
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; ")
            );
        }
        let (rest, settings) = (Arc::clone(&self.rest), Arc::clone(&self.settings));
        let intake = Intake::new(engine, rows, rest, settings, cancel.clone());
        let intake = Arc::new(intake.noting(Arc::clone(&self.notes)));
        let session = Arc::new(Session::new(Arc::clone(&intake), Arc::clone(&self.signals)));
        intake.end_left_views();
        let result = tokio::select! {
            result = self.stay_connected(&session, &cancel) => result,
            () = self.register(&session, &command) => Ok(()),
            () = self.clear_buckets() => Ok(()),
        };
        self.signals.gateway(false);
        intake.drain(self.settings.timing.drain).await;
        result
    }

    /// Enters the gateway again and again.
    async fn stay_connected(&self, session: &Arc<Session>, cancel: &CancellationToken) -> anyhow::Result<()> {
        let mut pause = self.settings.timing.reconnect;
        while !cancel.is_cancelled() {
            let entered = tokio::select! {
                () = cancel.cancelled() => return Ok(()),
                url = self.gateway_url() => url,
            };
            let ended = match entered {
                Ok(url) => {
                    let http = builder(&self.settings, self.client.clone()).build();
                    gateway::run(http, url, session, &self.settings.timing, cancel).await
                }
                Err(error) => Err(error),
            };
            if cancel.is_cancelled() {
                return Ok(());
            }
            self.signals.gateway(false);
            match ended {
                Err(gateway::Ended::Fatal(what)) => bail!(what),
                Err(gateway::Ended::Storm) => {
                    pause = gateway::STORM_PAUSE;
                    tracing::error!(
                        ?pause,
                        "too many sessions in a short time: waiting, lest Discord resets the token"
                    );
                }
                Err(gateway::Ended::Passing(why)) => tracing::warn!(%why, ?pause, "the gateway was left"),
                Ok(()) => tracing::warn!(?pause, "the gateway was left"),
            }
            tokio::select! {
                () = cancel.cancelled() => return Ok(()),
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2)
                .min(Duration::from_secs(60))
                .max(self.settings.timing.reconnect);
        }
        Ok(())
    }

    /// Where the gateway is. Asked for by ourselves: serenity would take the real one when this fails.
    async fn gateway_url(&self) -> Result<String, gateway::Ended> {
        let answer = match self.rest.again(Call::new(LightMethod::Get, Route::Gateway)).await {
            Ok(answer) => answer,
            Err(RestError::Refused { status: 401, .. }) => {
                return Err(gateway::Ended::Fatal(gateway::Fatal::BadToken));
            }
            Err(error) => return Err(gateway::Ended::Passing(Passing::Unasked(error))),
        };
        let url = answer["url"].as_str().unwrap_or_default();
        check_gateway(url, self.settings.api_address.is_some()).map_err(gateway::Ended::Passing)?;
        Ok(url.to_owned())
    }

    /// Brings the registered command up to date, once a session stands. Ends never: what is registered stays so.
    async fn register(&self, session: &Session, command: &Json) {
        let application = session.application().await;
        self.rest
            .http
            .set_application_id(serenity::all::ApplicationId::new(application.max(1)));
        while let Err(error) = self.register_once(application, command).await {
            if matches!(error, RestError::Refused { status: 403, .. }) {
                tracing::error!(
                    %error,
                    "the command may not be registered: invite the bot again with the scope applications.commands"
                );
            } else {
                tracing::error!(%error, "the command could not be registered; it is tried again");
            }
            tokio::time::sleep(REGISTER_AGAIN).await;
        }
        std::future::pending::<()>().await;
    }

    async fn register_once(&self, application: u64, command: &Json) -> Result<(), RestError> {
        let guild = self.settings.guild;
        let registered = self.rest.commands(application, guild).await?;
        let registered = registered.as_array().cloned().unwrap_or_default();
        if schema::same(&registered, command) {
            tracing::info!("the registered command is up to date");
            return Ok(());
        }
        self.rest
            .put_commands(application, guild, &json!([command]))
            .await?;
        tracing::info!("the command was registered");
        Ok(())
    }

    async fn clear_buckets(&self) {
        loop {
            tokio::time::sleep(CLEAR_BUCKETS).await;
            if let Some(limiter) = &self.rest.http.ratelimiter {
                // Buckets in use live on in the requests that hold them; what is lost is at most one early 429.
                limiter.routes().write().await.clear();
            }
        }
    }
}

fn bot(token: &str) -> String {
    format!("Bot {}", token.trim().trim_start_matches("Bot "))
}

/// Nobody is pinged unless a body says so.
fn builder(settings: &DiscordSettings, client: reqwest::Client) -> HttpBuilder {
    HttpBuilder::new(bot(&settings.token))
        .client(client)
        .default_allowed_mentions(CreateAllowedMentions::new())
}

async fn http_client(settings: &DiscordSettings) -> anyhow::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .use_rustls_tls()
        .timeout(settings.timing.request)
        .connect_timeout(settings.timing.connect)
        // Many answers at once share one connection of HTTP/2; one that died must not swallow them all.
        .http2_keep_alive_interval(settings.timing.request)
        .http2_keep_alive_timeout(settings.timing.connect)
        .redirect(reqwest::redirect::Policy::none());
    if let Some(pem) = &settings.extra_ca {
        let more = reqwest::Certificate::from_pem_bundle(pem)
            .context("discord.extra_ca holds no PEM certificate")?;
        for certificate in more {
            builder = builder.add_root_certificate(certificate);
        }
    }
    if let Some(address) = &settings.api_address {
        let address = resolve(address, settings.timing.connect).await?;
        builder = builder.no_proxy();
        for host in HOSTS {
            builder = builder.resolve(host, address);
        }
    }
    builder
        .build()
        .context("the HTTP client for Discord could not be built")
}

async fn resolve(address: &str, within: Duration) -> anyhow::Result<SocketAddr> {
    let found = tokio::time::timeout(within, tokio::net::lookup_host(address))
        .await
        .with_context(|| format!("discord.api_address {address:?} was not resolved in time"))?
        .with_context(|| format!("discord.api_address {address:?} is no host:port"))?
        .next();
    found.with_context(|| format!("discord.api_address {address:?} has no address"))
}

/// Only a test's Discord may have a gateway without TLS; the real one is known by its name.
fn check_gateway(url: &str, test: bool) -> Result<(), Passing> {
    let parsed = url::Url::parse(url).map_err(|_| Passing::NoAddress(url.to_owned()))?;
    let host = parsed.host_str().unwrap_or_default();
    match parsed.scheme() {
        "wss" if test || host == "discord.gg" || host.ends_with(".discord.gg") => Ok(()),
        "ws" if test => Ok(()),
        _ => Err(Passing::Elsewhere(url.to_owned())),
    }
}

/// What to set for log filters: at finer levels serenity and the HTTP stack write tokens of interactions into their spans.
pub const QUIET: &str =
    "serenity=warn,serenity::gateway::ws=off,tungstenite=warn,hyper=warn,reqwest=warn,h2=warn,rustls=warn";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_test_may_lead_elsewhere() {
        assert!(check_gateway("wss://gateway.discord.gg", false).is_ok());
        assert!(check_gateway("wss://gateway-us-east1-b.discord.gg", false).is_ok());
        for url in [
            "ws://gateway.discord.gg",
            "wss://evil.example",
            "wss://evildiscord.gg",
            "https://x",
            "",
        ] {
            assert!(check_gateway(url, false).is_err(), "{url}");
        }
        assert!(check_gateway("ws://127.0.0.1:4000/gw", true).is_ok());
        assert!(check_gateway("http://127.0.0.1:4000", true).is_err());
    }

    #[test]
    fn a_token_is_prefixed_once() {
        assert_eq!(bot(" abc "), "Bot abc");
        assert_eq!(bot("Bot abc"), "Bot abc");
    }
}
