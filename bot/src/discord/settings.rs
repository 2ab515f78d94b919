//! What this module must be told. Durations have defaults that fit Discord; tests make them short.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use ceo_commands::{
    model::{ChannelId, Locale, Place},
    redact::Redactor,
};

/// Everything that is set from outside.
#[derive(Clone)]
pub struct DiscordSettings {
    /// The bot's token.
    pub token: String,
    /// The one server that is served.
    pub guild: u64,
    /// Where `discord.com` and its CDN resolve to, `host:port`; only with it may the gateway be `ws://`.
    pub api_address: Option<String>,
    /// One more root certificate for REST, PEM.
    pub extra_ca: Option<Vec<u8>>,
    /// What channels read; what one person sees alone is in their own language.
    pub language: Locale,
    /// What a bare name means, per channel.
    pub places: Places,
    /// The channel in which no message is ever changed: the audit's witness.
    pub append_only: Option<ChannelId>,
    /// Interactions that are worked on at once; more wait.
    pub at_once: usize,
    /// Takes secrets out of what is made here.
    pub redactor: Arc<Redactor>,
    /// The durations.
    pub timing: Timing,
}

impl DiscordSettings {
    /// With defaults for all but these.
    #[must_use]
    pub fn new(token: impl Into<String>, guild: u64, places: Places) -> Self {
        Self {
            token: token.into(),
            guild,
            language: Locale::default(),
            api_address: None,
            extra_ca: None,
            places,
            append_only: None,
            at_once: 64,
            redactor: Arc::default(),
            timing: Timing::default(),
        }
    }
}

impl fmt::Debug for DiscordSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiscordSettings")
            .field("token", &"[hidden]")
            .field("guild", &self.guild)
            .field("api_address", &self.api_address)
            .field("timing", &self.timing)
            .finish_non_exhaustive()
    }
}

/// The cluster and namespace that a name without them belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// In a channel that is not named below.
    pub cluster: String,
    /// In a channel that is not named below.
    pub namespace: String,
    /// Cluster and namespace of single channels.
    pub channels: BTreeMap<ChannelId, (String, String)>,
    /// A channel in which no message may stand that changes, and the one that takes them.
    pub instead: Option<(ChannelId, ChannelId)>,
}

impl Places {
    /// The place of a channel.
    #[must_use]
    pub fn of(&self, channel: ChannelId) -> Place {
        let (cluster, namespace) = match self.channels.get(&channel) {
            Some((cluster, namespace)) => (cluster, namespace),
            None => (&self.cluster, &self.namespace),
        };
        let channel = match self.instead {
            Some((kept, instead)) if kept == channel => instead,
            _ => channel,
        };
        Place {
            channel,
            cluster: cluster.clone(),
            namespace: namespace.clone(),
        }
    }
}

/// The durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// For one exchange with Discord's REST interface.
    pub request: Duration,
    /// For the connection under it.
    pub connect: Duration,
    /// For one request with all waiting for rate limits.
    pub patience: Duration,
    /// Before the first retry; doubles.
    pub retry_pause: Duration,
    /// Until the first response to an interaction must be accepted. Discord's own bound is 3 s.
    pub respond: Duration,
    /// For one try of it.
    pub respond_try: Duration,
    /// Until completions must be there.
    pub suggest: Duration,
    /// For the work on one interaction. Its token live_views 15 min.
    pub handle: Duration,
    /// How long an interaction waits for its turn when too many are worked on.
    pub turn: Duration,
    /// Between edits of a live view.
    pub live_every: Duration,
    /// How long a live view live_views before it asks whether to go on.
    pub live_for: Duration,
    /// Between edits of a living message.
    pub edit_every: Duration,
    /// How long a living message is edited at that pace; then at `slow_every`, unless its state changes.
    pub slow_after: Duration,
    /// Between edits of one that has been edited for long.
    pub slow_every: Duration,
    /// From when on a living message is edited only on a change of state: Discord throttles edits after an hour.
    pub old_after: Duration,
    /// Sustained pace of requests to one channel; four may go at once.
    pub channel_pace: Duration,
    /// Until a person's roles must be there.
    pub members: Duration,
    /// How long the number of people per role is believed.
    pub counts_for: Duration,
    /// How often the gateway connection is tried for life.
    pub watch_every: Duration,
    /// Before the gateway is entered anew; doubles.
    pub reconnect: Duration,
    /// At the end, for what is being answered.
    pub drain: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let s = Duration::from_secs;
        Self {
            request: s(10),
            connect: s(5),
            patience: s(60),
            retry_pause: Duration::from_millis(500),
            respond: Duration::from_millis(2700),
            respond_try: Duration::from_millis(1200),
            suggest: s(2),
            handle: s(14 * 60),
            turn: s(30),
            live_every: s(2),
            live_for: s(14 * 60),
            edit_every: s(2),
            slow_after: s(60),
            slow_every: s(10),
            old_after: s(55 * 60),
            channel_pace: s(1),
            members: s(5),
            counts_for: s(10),
            watch_every: s(5),
            reconnect: s(5),
            drain: s(5),
        }
    }
}
