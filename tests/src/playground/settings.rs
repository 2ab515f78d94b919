//! The settings with which the playground starts the bot: one cluster, three roles, and rules under which each person
//! meets something else: the operator asks and the lead approves, or the other way round; the viewer only looks.

use std::path::{Path, PathBuf};

use super::cluster;
use super::guild::{ALERTS, AUDIT, LEAD, OPERATOR, OPS, VIEWER};
use crate::discord::DiscordSim;
use crate::kube::access::Rules;
use crate::kube::sim::KubeSim;
use crate::prometheus::PrometheusSim;

/// The manual of the team that runs the service.
const MANUAL: &str = include_str!("runbook.zh-CN.md");

/// The bot's token for the cluster.
const TOKEN: &str = "playground-bot";

/// What the bot stands between.
pub(super) struct Around<'a> {
    pub(super) discord: &'a DiscordSim,
    pub(super) kube: &'a KubeSim,
    pub(super) prometheus: &'a PrometheusSim,
}

/// Writes `settings.toml`, `ca.pem` and `kubeconfig`, readable by their owner only, and returns the settings' path.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(directory: &Path, around: &Around<'_>, language: &str) -> anyhow::Result<PathBuf> {
    let Around {
        discord,
        kube,
        prometheus,
    } = around;
    kube.add_user("system:serviceaccount:ceo:ceo", TOKEN, Rules::admin());
    secretly(&directory.join("ca.pem"), discord.ca_pem())?;
    secretly(
        &directory.join("kubeconfig"),
        &kube.kubeconfig_for("prod", cluster::NAMESPACE, TOKEN),
    )?;
    std::fs::write(directory.join("runbook.zh-CN.md"), MANUAL)?;
    let config = directory.join("settings.toml");
    secretly(&config, &toml(discord, &prometheus.url(), language))?;
    Ok(config)
}

/// Nobody plays for the minutes that a real night takes: incidents are told and told as over within seconds, each change
/// of their message is seen at once, and what is broken a second time is a new incident, not the old one come back. It
/// stays slow enough that the moments between two crashes of a loop are no recovery.
const TIMING: &str = r#"[timing]
incident_patience = "3s"
incident_settle = "10s"
incident_look_every = "2s"
incident_edit_every = "1s"
incident_evidence_every = "5s"
incident_flap = "30s"
live_every = "1s"
progress_every = "1s"
edit_every = "1s"
"#;

fn toml(discord: &DiscordSim, prometheus: &str, language: &str) -> String {
    let (token, guild, api) = (discord.bot_token(), discord.guild_id(), discord.rest_addr());
    let namespace = cluster::NAMESPACE;
    let timing = TIMING;
    format!(
        r#"# Written by the playground.
[discord]
token = "{token}"
guild = "{guild}"
language = "{language}"
api_address = "{api}"
extra_ca = "ca.pem"

[discord.channels]
ops = "{OPS}"
alerts = "{ALERTS}"
audit = "{AUDIT}"

[[clusters]]
name = "prod"
kubeconfig = "kubeconfig"
context = "prod"
namespaces = ["{namespace}"]
production = true

[store]
url = "sqlite:ceo.db"

[http]
listen = "127.0.0.1:0"

[exec]
enabled = true

[runbook]
path = "runbook.zh-CN.md"

[[probes]]
name = "api"
service = "ceoagent-api:80"

[prometheus]
url = "{prometheus}"

[links]
grafana = "{prometheus}"
prometheus = "{prometheus}"

[[panels]]
name = "decisions"
query = "sum(rate(decisions_total[$window]))"

{timing}
[roles]
operator = ["{OPERATOR}"]
lead = ["{LEAD}"]
viewer = ["{VIEWER}"]

[[policy]]
who = ["role:viewer", "role:operator", "role:lead"]
may = ["read"]
where = ["*/*"]

[[policy]]
who = ["role:operator", "role:lead"]
may = ["sensitive", "note", "change"]
where = ["*/*"]

# Whoever asks, the other one decides.
[[policy]]
who = ["role:operator"]
may = ["release", "danger"]
where = ["*/*"]
gate = {{ approve = [{{ count = 1, of = ["role:lead"] }}], reason = true }}

[[policy]]
who = ["role:lead"]
may = ["release", "danger"]
where = ["*/*"]
gate = {{ approve = [{{ count = 1, of = ["role:operator"] }}], reason = true }}
"#
    )
}

/// The files hold tokens of the simulators only, but a habit is a habit.
fn secretly(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
