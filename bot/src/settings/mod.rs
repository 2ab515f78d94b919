//! The settings: defaults, then a file (TOML), then the environment (`CEO__DISCORD__TOKEN`; scalars only). Whoever edits
//! them at night gets every mistake at once, each with its key and what was expected there, misspelt keys included.
//! Relative paths are meant from the settings file, so that it does not matter where the bot is started.

mod chat;
mod problem;
mod raw;
mod read;
mod rules;
mod secret;
mod services;
mod template;
#[cfg(test)]
mod tests;
mod timing;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use ceo_commands::{
    model::{ChannelId, Locale, RoleId},
    policy::Rules,
    ports::Limits,
};
pub use problem::Problem;
pub use secret::Secret;
pub use template::template;
pub use timing::Timings;
use url::Url;

/// All of it, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The chat.
    pub discord: Discord,
    /// The clusters; at least one, names unique.
    pub clusters: Vec<Cluster>,
    /// Where tickets, votes and the audit are kept.
    pub store: Store,
    /// The bot's own HTTP server.
    pub http: Http,
    /// Where metrics are read, if anywhere.
    pub prometheus: Option<Prometheus>,
    /// The names that policy rules give to Discord roles.
    pub roles: BTreeMap<String, Vec<RoleId>>,
    /// Who may do what.
    pub policy: Rules,
    /// The durations.
    pub timing: Timings,
    /// The bounds of changes.
    pub limits: Limits,
    /// What is hidden in output.
    pub redact: Redact,
    /// How the bot logs.
    pub log: LogFormat,
}

/// `[discord]`
#[derive(Debug, Clone)]
pub struct Discord {
    /// The bot's token.
    pub token: Secret,
    /// The server ("guild") that the bot serves; it ignores all others.
    pub guild: u64,
    /// What channels read; what one person sees alone is in their own language.
    pub language: Locale,
    /// Where discord.com and its CDN resolve to, for tests.
    pub api_address: Option<SocketAddr>,
    /// One more root certificate (PEM) for REST, for tests and for proxies that open TLS.
    pub extra_ca: Option<Vec<u8>>,
    /// The channels.
    pub channels: Channels,
    /// What a bare workload name means where no place says another: the first cluster and its first namespace.
    pub default_place: (String, String),
    /// What a bare workload name means in a channel.
    pub places: BTreeMap<ChannelId, (String, String)>,
}

/// `[discord.channels]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channels {
    /// Where requests are approved.
    pub ops: ChannelId,
    /// Where incidents are told; the channel `ops` unless set.
    pub alerts: ChannelId,
    /// Where the audit's head is posted; the channel `ops` unless set.
    pub audit: ChannelId,
}

/// `[[clusters]]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its name in messages and rules.
    pub name: String,
    /// Its kubeconfig; `None`: in-cluster, else the default chain.
    pub kubeconfig: Option<PathBuf>,
    /// The kubeconfig's context; `None`: the current one.
    pub context: Option<String>,
    /// The namespaces that the bot sees: the watches' scope and the policy's outer wall. At least one.
    pub namespaces: Vec<String>,
    /// Whether people depend on it; messages say so.
    pub production: bool,
}

/// `[store]`
#[derive(Debug, Clone)]
pub struct Store {
    /// `sqlite:/path/ceo.db` or `postgres://…`; may hold a password.
    pub url: Secret,
}

/// `[http]`
#[derive(Debug, Clone)]
pub struct Http {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What Alertmanager must present; without it its webhook is closed.
    pub alertmanager_token: Option<Secret>,
}

/// `[prometheus]`
#[derive(Debug, Clone)]
pub struct Prometheus {
    /// Its address.
    pub url: Url,
    /// A bearer token.
    pub token: Option<Secret>,
}

/// `[redact]`
#[derive(Debug, Clone, Default)]
pub struct Redact {
    /// Whether the values of the namespaces' Secrets are hidden in logs too. Needs `list` on Secrets.
    pub secret_values: bool,
    /// What else to hide.
    pub patterns: Vec<regex::Regex>,
}

/// How the bot logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Reads and checks the settings.
///
/// # Errors
/// Everything that is wrong with them.
pub fn load(path: &Path, env: &BTreeMap<String, String>) -> Result<Settings, Vec<Problem>> {
    let mut problems = problem::Problems::default();
    let settings = read_all(path, env, &mut problems);
    match settings {
        Some(settings) if problems.is_empty() => Ok(settings),
        _ => Err(problems.finish(env)),
    }
}

/// The variables of the environment that are settings.
#[must_use]
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
        .filter(|(k, _)| k.starts_with("CEO__"))
        .collect()
}

fn read_all(
    path: &Path,
    env: &BTreeMap<String, String>,
    problems: &mut problem::Problems,
) -> Option<Settings> {
    let tree = read::merge(path, env, problems)?;
    let home = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    read::unknown_sections(&tree, problems);
    let timing = services::timing(read::section(&tree, "timing", problems), problems);
    let clusters = services::clusters(read::section(&tree, "clusters", problems), home, problems);
    let discord = chat::discord(
        read::section(&tree, "discord", problems),
        home,
        &clusters,
        problems,
    );
    let store = services::store(read::section(&tree, "store", problems), home, problems);
    let http = services::http(read::section(&tree, "http", problems), problems);
    let prometheus = tree
        .get("prometheus")
        .is_some()
        .then(|| services::prometheus(read::section(&tree, "prometheus", problems), problems));
    let roles = rules::roles(read::section(&tree, "roles", problems), problems);
    let policy = rules::policy(
        read::section(&tree, "policy", problems),
        &roles,
        &clusters,
        problems,
    );
    let limits = rules::limits(read::section(&tree, "limits", problems), &clusters, problems);
    let redact = services::redact(read::section(&tree, "redact", problems), problems);
    let log = services::log(&read::section(&tree, "log", problems), problems);
    Some(Settings {
        discord: discord?,
        clusters,
        store: store?,
        http: http?,
        prometheus: prometheus.flatten(),
        roles,
        policy,
        timing,
        limits,
        redact,
        log,
    })
}
