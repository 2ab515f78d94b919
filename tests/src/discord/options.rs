//! How a simulated Discord is set up: where it listens, which rate limits it draws, what it keeps between runs.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// The settings of one simulated Discord. `Options::default()` listens on free ports of 127.0.0.1.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where REST listens (TLS).
    pub listen: SocketAddr,
    /// Where the gateway listens (plain WebSocket).
    pub gateway_listen: SocketAddr,
    /// Decides everything that is left to chance: bucket sizes, ids.
    pub seed: u64,
    /// Rate limits; `None` draws them from the seed.
    pub rates: Option<Rates>,
    /// Where the person API and the page listen (plain HTTP); `None`: not at all.
    pub page_listen: Option<SocketAddr>,
    /// A directory where the certificate is kept, so that a restarted simulation has the same one.
    pub state_dir: Option<PathBuf>,
    /// How far ahead of the machine's clock the simulation starts.
    pub clock_offset: Duration,
    /// The heartbeat interval in HELLO (Discord's is about 41.25 s).
    pub heartbeat: Duration,
    /// How long a disconnected session can be resumed.
    pub resume_window: Duration,
    /// The shortest time between two IDENTIFYs (5 s); tests that restart the bot in a hurry set less.
    pub identify_every: Duration,
    /// The guild's name.
    pub guild_name: String,
    /// Whether everybody in the guild may use the bot's commands although their `default_member_permissions` say
    /// otherwise, as an administrator grants under Server settings, Integrations. With `false` the grants are made
    /// by `DiscordSim::grant_commands`.
    pub commands_granted: bool,
    /// The application's privileged intents that are switched on in the developer portal (none).
    pub privileged_intents: u64,
    /// How many times a day a guild's commands may be created (200).
    pub daily_command_creates: usize,
    /// Where Discord's OpenAPI document lies; absent: `$DISCORD_OPENAPI`, then `../shared/discord/openapi.json` beside
    /// the workspace.
    pub openapi: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Options {
            listen: any,
            gateway_listen: any,
            seed: rand::rng().random(),
            rates: None,
            page_listen: None,
            state_dir: None,
            clock_offset: Duration::ZERO,
            heartbeat: Duration::from_millis(41_250),
            resume_window: Duration::from_secs(180),
            identify_every: Duration::from_secs(5),
            guild_name: "CEOAgent operations".to_owned(),
            commands_granted: true,
            privileged_intents: 0,
            daily_command_creates: 200,
            openapi: None,
        }
    }
}

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests in one window.
    pub requests: u32,
    /// The window's length.
    pub window: Duration,
}

impl Limit {
    /// `requests` in `millis` milliseconds.
    pub const fn new(requests: u32, millis: u64) -> Self {
        Limit {
            requests,
            window: Duration::from_millis(millis),
        }
    }
}

/// Rate limits by kind of route. Discord publishes none of them: a good bot reads the headers, so the sizes vary with
/// the seed around those that were observed.
#[derive(Debug, Clone)]
pub struct Rates {
    /// Creating messages, per channel.
    pub message_create: Limit,
    /// Editing messages, per channel.
    pub message_edit: Limit,
    /// Deleting messages, per channel.
    pub message_delete: Limit,
    /// Follow-ups and edits of responses, per interaction.
    pub webhook: Limit,
    /// Registering commands, per guild.
    pub commands: Limit,
    /// Threads, per channel.
    pub threads: Limit,
    /// Everything else, per guild or channel.
    pub other: Limit,
    /// Edits of messages older than an hour, per channel (error 30046).
    pub old_edit: Limit,
    /// All requests of the bot together, save callbacks and follow-ups.
    pub global: Limit,
}

impl Rates {
    /// Limits around the observed ones, drawn from `seed`.
    pub fn from_seed(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        Rates {
            message_create: Limit::new(random.random_range(4..=6), 5_000),
            message_edit: Limit::new(random.random_range(4..=6), 5_000),
            message_delete: Limit::new(random.random_range(4..=6), 1_000),
            webhook: Limit::new(random.random_range(4..=6), 2_000),
            commands: Limit::new(random.random_range(2..=5), 20_000),
            threads: Limit::new(random.random_range(5..=10), 10_000),
            other: Limit::new(random.random_range(8..=12), 1_000),
            old_edit: Limit::new(random.random_range(2..=4), 20_000),
            global: Limit::new(50, 1_000),
        }
    }

    /// Limits that no test reaches, for tests about something else.
    pub fn relaxed() -> Self {
        let wide = Limit::new(100_000, 1_000);
        Rates {
            message_create: wide,
            message_edit: wide,
            message_delete: wide,
            webhook: wide,
            commands: wide,
            threads: wide,
            other: wide,
            old_edit: Limit::new(3, 20_000),
            global: wide,
        }
    }
}
