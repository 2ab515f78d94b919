//! A world for a test: a cluster, a chat, and the real bot between them as a process of its own. A test reads as a
//! conversation; [`World::finish`] fails on what a conversation leaves behind: unread messages, protocol offences,
//! unannounced errors, leaked secrets, an unclean exit.

mod bot;
mod cluster;
mod settings;
mod witness;

use std::{
    collections::BTreeSet,
    future::Future,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
pub use bot::{Bot, processor_time_of};
pub use cluster::{BOT_USER, Cluster, Draw};
pub use settings::{POLICY, Setup};
pub use witness::StoredTicket;

use crate::discord::{Asked, DiscordSim, Message, Person};

/// How long anything may take before a test gives up: far longer than it takes, so that a slow machine fails nothing.
pub const PATIENCE: Duration = Duration::from_secs(45);

/// The people and places of the simulated chat.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    /// The channel of cards and commands.
    pub ops: u64,
    /// The channel of alerts.
    pub alerts: u64,
    /// The channel of the audit's witness.
    pub audit: u64,
    /// May read and change, and asks for releases.
    pub operator: u64,
    /// Approves.
    pub lead: u64,
    /// Approves too.
    pub second_lead: u64,
    /// May only read.
    pub viewer: u64,
    /// May nothing.
    pub outsider: u64,
    /// The role of operators.
    pub operator_role: u64,
    /// The role of leads.
    pub lead_role: u64,
    /// The role of viewers.
    pub viewer_role: u64,
}

/// The ids of every test's chat.
pub const IDS: Ids = Ids {
    ops: 3000,
    alerts: 3001,
    audit: 3002,
    operator: 501,
    lead: 502,
    second_lead: 503,
    viewer: 504,
    outsider: 505,
    operator_role: 111,
    lead_role: 222,
    viewer_role: 333,
};

/// A cluster, a chat and the bot.
pub struct World {
    /// The chat.
    pub discord: DiscordSim,
    /// The cluster, simulated or real.
    pub cluster: Cluster,
    /// The process under test.
    pub bot: Bot,
    setup: Setup,
    dir: tempfile::TempDir,
    expected: BTreeSet<String>,
}

impl Drop for World {
    /// A test that failed shows what the bot wrote.
    fn drop(&mut self) {
        if std::thread::panicking() || std::env::var_os("CEO_TEST_LOG").is_some() {
            eprintln!("the bot wrote last:\n{}", self.bot.tail());
        }
    }
}

impl World {
    /// A world with the usual settings, the bot ready in it.
    ///
    /// # Errors
    /// When a part of it does not start.
    pub async fn start() -> anyhow::Result<Self> {
        Self::with(Setup::default()).await
    }

    /// A world with other settings.
    ///
    /// # Errors
    /// When a part of it does not start.
    pub async fn with(setup: Setup) -> anyhow::Result<Self> {
        let mut world = Self::before_the_bot(setup).await?;
        world.bot.start().await?;
        world.ready().await?;
        Ok(world)
    }

    /// A world in which the bot was not started yet.
    ///
    /// # Errors
    /// When a part of it does not start.
    pub async fn before_the_bot(setup: Setup) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let discord = DiscordSim::start(setup.chat_options()).await?;
        people(&discord);
        let cluster = Cluster::open(dir.path()).await?;
        let config = setup.write(dir.path(), &discord, &cluster)?;
        let bot = Bot::new(config, dir.path())?;
        witness::forbid_unpermitted_writes(&cluster, &dir.path().join("ceo.db"));
        Ok(Self {
            discord,
            cluster,
            bot,
            setup,
            dir,
            expected: BTreeSet::new(),
        })
    }

    /// Waits until the bot says that it is ready, and people see its command: it is registered beside everything else.
    ///
    /// # Errors
    /// When it does not get ready; with what it wrote last.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        self.bot.ready(PATIENCE).await?;
        let registered = || async { Ok((!self.discord.commands().is_empty()).then_some(())) };
        until(PATIENCE, registered).await
    }

    /// The world's directory: settings, store, certificates.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The bot's store.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.dir.path().join("ceo.db")
    }

    /// Writes other settings, for the next start of the bot.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn resettle(&mut self, change: impl FnOnce(&mut Setup)) -> anyhow::Result<()> {
        change(&mut self.setup);
        self.setup.write(self.dir.path(), &self.discord, &self.cluster)?;
        Ok(())
    }

    /// Who may read and change.
    #[must_use]
    pub fn operator(&self) -> Person {
        self.discord.person(IDS.operator)
    }

    /// Who approves.
    #[must_use]
    pub fn lead(&self) -> Person {
        self.discord.person(IDS.lead)
    }

    /// Who approves too.
    #[must_use]
    pub fn second_lead(&self) -> Person {
        self.discord.person(IDS.second_lead)
    }

    /// Who may only read.
    #[must_use]
    pub fn viewer(&self) -> Person {
        self.discord.person(IDS.viewer)
    }

    /// A person types a command in #ops, and the answer is awaited.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ask(&self, person: &Person, line: &str) -> anyhow::Result<Message> {
        let asked = person
            .slash(IDS.ops, line)
            .await
            .with_context(|| format!("typing {line}"))?;
        settle(&asked)
            .await
            .with_context(|| format!("the answer to {line}"))
    }

    /// A person presses a button, and the answer is awaited.
    ///
    /// # Errors
    /// When there is none, or no such button.
    pub async fn press(&self, person: &Person, message: u64, button: &str) -> anyhow::Result<Message> {
        let asked = person
            .press(message, button)
            .await
            .with_context(|| format!("pressing {button}"))?;
        settle(&asked)
            .await
            .with_context(|| format!("the answer to {button}"))
    }

    /// The newest public message of the bot in a channel that says all of this, awaited.
    ///
    /// # Errors
    /// When none comes in time; with what the channel holds.
    pub async fn told(&self, channel: u64, words: &[&str]) -> anyhow::Result<Message> {
        let find = || async {
            let found = self.discord.messages(channel).into_iter().rev().find(|m| {
                m.from_bot && !m.deleted && m.only_for.is_none() && words.iter().all(|w| m.text().contains(w))
            });
            Ok(found)
        };
        match until(PATIENCE, find).await {
            Ok(message) => {
                self.discord.mark_read(message.id);
                Ok(message)
            }
            Err(error) => {
                let all: Vec<String> = self.discord.messages(channel).iter().map(Message::text).collect();
                Err(error.context(format!(
                    "nothing in {channel} says {words:?}; it holds:\n{}",
                    all.join("\n---\n")
                )))
            }
        }
    }

    /// Waits until so many tickets ended so.
    ///
    /// # Errors
    /// When they do not.
    pub async fn ended(&self, outcome: &str, count: usize) -> anyhow::Result<()> {
        let store = self.store();
        let look = || async {
            let all = witness::tickets(&store).await?;
            Ok((all.iter().filter(|t| t.outcome == outcome).count() >= count).then_some(()))
        };
        until(PATIENCE, look)
            .await
            .with_context(|| format!("{count} tickets that ended {outcome}"))
    }

    /// The tickets in the bot's store, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tickets(&self) -> anyhow::Result<Vec<StoredTicket>> {
        witness::tickets(&self.store()).await
    }

    /// Announces that the bot will write an ERROR line that contains this.
    pub fn expect_error(&mut self, text: &str) {
        self.expected.insert(text.to_owned());
    }

    /// Ends the world: the bot stops on SIGTERM, and nothing may be left over.
    ///
    /// # Errors
    /// When something is.
    pub async fn finish(mut self) -> anyhow::Result<()> {
        let code = self.bot.stop().await?;
        if code != 0 {
            bail!("the bot ended with {code}:\n{}", self.bot.tail());
        }
        let mut left = Vec::new();
        left.extend(
            self.discord
                .violations()
                .iter()
                .map(|v| format!("the chat: {v:?}")),
        );
        left.extend(
            self.cluster
                .violations()
                .into_iter()
                .map(|v| format!("the cluster: {v}")),
        );
        left.extend(
            self.bot
                .errors(&self.expected)
                .into_iter()
                .map(|l| format!("unannounced error: {l}")),
        );
        left.extend(self.leaks()?);
        // The heads of the audit are for who verifies it, and nothing else may stand beside them.
        let is_head = |m: &Message| m.channel_id == IDS.audit && m.text().contains("audit verify");
        let unread = self.discord.unread();
        let unread = unread.iter().filter(|m| !is_head(m));
        left.extend(unread.map(|m| format!("nobody read: {}", m.text())));
        self.cluster.close().await?;
        if left.is_empty() {
            Ok(())
        } else {
            bail!("the world was not left clean:\n{}", left.join("\n"))
        }
    }

    /// Takes away what was made, without a look at it: for a test that has nothing to do in this cluster.
    ///
    /// # Errors
    /// When the cluster does not let it.
    pub async fn leave(mut self) -> anyhow::Result<()> {
        self.cluster.close().await
    }

    /// Where a secret of the settings stands that must stand nowhere.
    fn leaks(&self) -> anyhow::Result<Vec<String>> {
        let mut secrets = vec![self.discord.bot_token()];
        secrets.extend(self.cluster.secrets());
        let mut found = Vec::new();
        for secret in secrets {
            if self.bot.log().contains(&secret) {
                found.push("a secret is in the log".to_owned());
            }
            for channel in [IDS.ops, IDS.alerts, IDS.audit] {
                if self
                    .discord
                    .messages(channel)
                    .iter()
                    .any(|m| m.text().contains(&secret))
                {
                    found.push(format!("a secret is in a message of {channel}"));
                }
            }
            for name in ["ceo.db", "ceo.db-wal"] {
                let bytes = std::fs::read(self.dir.path().join(name)).unwrap_or_default();
                if bytes.windows(secret.len()).any(|w| w == secret.as_bytes()) {
                    found.push(format!("a secret is in {name}"));
                }
            }
        }
        Ok(found)
    }
}

/// The message with which an interaction is answered: the response, or the private follow-up when the public place was
/// left.
///
/// # Errors
/// When there is none in time.
pub async fn settle(asked: &Asked) -> anyhow::Result<Message> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    match asked.settled_within(PATIENCE).await {
        Ok(message) if !message.deleted => Ok(message),
        other => {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            match asked.followup(0, left.min(Duration::from_secs(5))).await {
                Ok(message) => Ok(message),
                Err(_) => other,
            }
        }
    }
}

/// Looks until there is something to see.
///
/// # Errors
/// When there is nothing in time, or the look fails.
pub async fn until<T, F, Fut>(within: Duration, mut look: F) -> anyhow::Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = anyhow::Result<Option<T>>>,
{
    let deadline = tokio::time::Instant::now() + within;
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if tokio::time::Instant::now() >= deadline {
            bail!("it did not come about within {within:?}");
        }
        // A look every few milliseconds: the condition decides, never the length of this pause.
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

fn people(discord: &DiscordSim) {
    discord.add_channel(IDS.ops, "ops");
    discord.add_channel(IDS.alerts, "alerts");
    discord.add_channel(IDS.audit, "audit");
    discord.add_role(IDS.operator_role, "operator");
    discord.add_role(IDS.lead_role, "lead");
    discord.add_role(IDS.viewer_role, "viewer");
    discord.add_member(IDS.operator, "operator", "operator", &[IDS.operator_role]);
    discord.add_member(IDS.lead, "lead", "lead", &[IDS.lead_role]);
    discord.add_member(IDS.second_lead, "second-lead", "second lead", &[IDS.lead_role]);
    discord.add_member(IDS.outsider, "outsider", "outsider", &[]);
    discord.add_member(IDS.viewer, "viewer", "viewer", &[IDS.viewer_role]);
}
