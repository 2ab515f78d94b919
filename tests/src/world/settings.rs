//! The settings of a test's bot: the usual ones, and what a test changes of them.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Cluster, IDS};
use crate::discord::{DiscordSim, Options, Rates};

/// What a test can change.
#[derive(Debug, Clone)]
pub struct Setup {
    /// `[timing]`, as text: key and value.
    pub timing: Vec<(&'static str, String)>,
    /// The policy, as TOML.
    pub policy: String,
    /// More TOML, whole tables.
    pub more: String,
    /// The chat's rate limits; `None` draws them from the seed.
    pub rates: Option<Rates>,
}

/// The policy of the manual's team: operators change after a second look, releases need a lead, danger needs two.
pub const POLICY: &str = r#"
[[policy]]
who = ["role:viewer"]
may = ["read"]
where = ["*/*"]
[[policy]]
who = ["role:operator", "role:lead"]
may = ["read", "sensitive", "note", "change"]
where = ["*/*"]
[[policy]]
who = ["role:operator", "role:lead"]
may = ["release"]
where = ["*/*"]
gate = { approve = [{ count = 1, of = ["role:lead"] }] }
[[policy]]
who = ["role:operator", "role:lead"]
may = ["danger"]
where = ["*/*"]
gate = { approve = [{ count = 2, of = ["role:lead"] }], reason = true }
"#;

impl Default for Setup {
    fn default() -> Self {
        let timing = [
            ("approve_within", "60s"),
            ("run_within", "30s"),
            ("cluster_timeout", "5s"),
            ("lease", "3s"),
            ("change_deadline", "60s"),
            ("stuck_after", "2s"),
            ("progress_every", "100ms"),
            ("edit_every", "100ms"),
            ("sweep_every", "200ms"),
            ("shutdown_within", "5s"),
            // What a test breaks on its way is no incident there; the tests about incidents set their own pace.
            ("incident_debounce", "1h"),
        ];
        Self {
            timing: timing.iter().map(|(k, v)| (*k, (*v).to_owned())).collect(),
            policy: POLICY.to_owned(),
            more: String::new(),
            rates: Some(Rates::relaxed()),
        }
    }
}

impl Setup {
    /// Settings under which an incident is told and settled within seconds.
    #[must_use]
    pub fn with_quick_incidents() -> Self {
        Self::default()
            .timing("incident_debounce", "50ms")
            .timing("incident_look_every", "200ms")
            .timing("incident_settle", "3s")
            .timing("incident_patience", "100ms")
            .timing("incident_flap", "10m")
            .timing("incident_edit_every", "100ms")
            .timing("incident_evidence_every", "200ms")
    }

    /// Sets a duration.
    #[must_use]
    pub fn timing(mut self, key: &'static str, value: &str) -> Self {
        self.timing.retain(|(k, _)| *k != key);
        self.timing.push((key, value.to_owned()));
        self
    }

    /// Sets the policy.
    #[must_use]
    pub fn policy(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.policy);
        self
    }

    pub(super) fn chat_options(&self) -> Options {
        Options {
            rates: self.rates.clone(),
            // A killed bot comes back at once here; the real five seconds between two IDENTIFYs stay in `gateway.rs`.
            identify_every: Duration::ZERO,
            ..Options::default()
        }
    }

    /// Writes the settings file with what belongs to it, and gives its path.
    pub(super) fn write(
        &self,
        dir: &Path,
        discord: &DiscordSim,
        cluster: &Cluster,
    ) -> anyhow::Result<PathBuf> {
        std::fs::write(dir.join("ca.pem"), discord.ca_pem())?;
        let timing: String = self
            .timing
            .iter()
            .map(|(k, v)| format!("{k} = \"{v}\"\n"))
            .collect();
        let namespaces: Vec<String> = cluster.namespaces().iter().map(|n| format!("\"{n}\"")).collect();
        let text = format!(
            "[discord]\ntoken = \"{token}\"\nguild = \"{guild}\"\napi_address = \"{api}\"\nextra_ca = \"ca.pem\"\n\
             [discord.channels]\nops = \"{ops}\"\nalerts = \"{alerts}\"\naudit = \"{audit}\"\n\
             [[clusters]]\nname = \"{name}\"\nkubeconfig = \"{kubeconfig}\"\nnamespaces = [{namespaces}]\nproduction = true\n\
             [store]\nurl = \"sqlite:ceo.db\"\n[http]\nlisten = \"{http}\"\n\
             [roles]\noperator = [\"{operator}\"]\nlead = [\"{lead}\"]\nviewer = [\"{viewer}\"]\n{policy}\n[timing]\n{timing}\n{more}\n",
            token = discord.bot_token(),
            guild = discord.guild_id(),
            api = discord.rest_addr(),
            ops = IDS.ops,
            alerts = IDS.alerts,
            audit = IDS.audit,
            name = cluster.name(),
            kubeconfig = cluster.kubeconfig().display(),
            namespaces = namespaces.join(", "),
            http = free_address(dir)?,
            operator = IDS.operator_role,
            lead = IDS.lead_role,
            viewer = IDS.viewer_role,
            policy = self.policy,
            more = self.more,
        );
        let path = dir.join("ceo.toml");
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

/// The address of the bot's HTTP: drawn once for a world, so that it is the same after a restart.
fn free_address(dir: &Path) -> anyhow::Result<String> {
    let kept = dir.join("http-address");
    if let Ok(text) = std::fs::read_to_string(&kept) {
        return Ok(text);
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let text = listener.local_addr()?.to_string();
    std::fs::write(kept, &text)?;
    Ok(text)
}
