//! What the settings say, once they were found right.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use ceo_commands::{
    model::{ChannelId, Locale, RoleId},
    policy::Rules,
    ports::{Limits, checks::Checks, metrics::Panel, probe},
};
use url::Url;

use crate::catalogue::Extras;

use super::{secret::Secret, timing::Timings};

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
    /// The figures that are worth looking at.
    pub panels: Vec<Panel>,
    /// Where people look further.
    pub links: Links,
    /// Where the service itself is asked how it is.
    pub probes: Vec<Probe>,
    /// What may be run in containers.
    pub checks: Checks,
    /// The team's manual: a Markdown file, or a folder of them.
    pub runbook: Option<PathBuf>,
    /// The names that policy rules give to Discord roles.
    pub roles: BTreeMap<String, Vec<RoleId>>,
    /// Who may do what.
    pub policy: Rules,
    /// The roles that an incident's first message mentions.
    pub mention: Vec<RoleId>,
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
    /// What the channels read. What one person reads alone is in that person's own language.
    pub language: Locale,
    /// Where discord.com and its CDN resolve to, for tests.
    pub api_address: Option<SocketAddr>,
    /// One more root certificate (PEM) for REST, for tests and for proxies that open TLS.
    pub extra_ca: Option<Vec<u8>>,
    /// The channels.
    pub channels: Channels,
    /// The file that the token was read from.
    pub token_file: Option<PathBuf>,
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
    /// Where the audit's heads are posted; used for nothing else.
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
    /// The cluster whose figures it holds, where a query names none.
    pub cluster: String,
}

/// `[links]`: where people look further.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// Grafana.
    pub grafana: Option<Url>,
    /// Prometheus, as a browser reaches it.
    pub prometheus: Option<Url>,
    /// The dashboard of Kubernetes.
    pub kubernetes: Option<Url>,
}

/// `[[probes]]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What is asked.
    pub target: probe::Target,
    /// A root certificate (PEM) that is trusted beside the usual ones.
    pub ca: Option<Vec<u8>>,
}

impl Settings {
    /// The rights that these settings ask for in a cluster beside what every bot needs.
    #[must_use]
    pub fn extras(&self, cluster: &str) -> Extras {
        let passed_on = |target: &probe::Target| matches!(target.way, probe::Way::Proxy(_));
        Extras {
            secret_values: self.redact.secret_values,
            exec: self.checks.enabled,
            probe_pods: self.checks.probe_image.is_some(),
            service_proxy: self
                .probes
                .iter()
                .any(|one| one.target.scope.cluster == cluster && passed_on(&one.target)),
        }
    }
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
