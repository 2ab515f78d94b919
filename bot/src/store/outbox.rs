//! The worker's side of the living messages: what the chat does not show yet, and what came of showing it.
//!
//! The rows that say what shall be shown are written by commits; nothing here changes them, so a worker that is slow,
//! dead or doubled can at worst draw a message once too often, never lose one.

use std::{
    collections::HashMap,
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use ceo_commands::{
    model::{ChannelId, Report, Timestamp},
    ports::{LedgerError, Posted, Priority},
};

use sqlx::{FromRow, Row, any::AnyRow};
use tokio::time::Instant;

use super::{
    blobs,
    handle::{Attempt, Store},
    text,
};

/// After so long what the chat refused is tried again.
const BROKEN_FOR: Duration = Duration::from_secs(600);

/// A living message: what it shall show, and what is known of what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// What it is about, unique: `ticket:13`.
    pub key: String,
    /// Where it shall stand.
    pub channel: ChannelId,
    /// What it shall show.
    pub report: Report,
    /// Grows with each change of what it shall show.
    pub version: i64,
    /// How urgent it is.
    pub priority: Priority,
    /// Whether this is its last state.
    pub last: bool,
    /// The message in `channel`, once it was posted there.
    pub message: Option<u64>,
    /// When that message was posted.
    pub posted_at: Option<Timestamp>,
    /// The version that was delivered last; 0 for none.
    pub delivered: i64,
    /// The hash of the body that was delivered last, as the worker gave it.
    pub delivered_hash: Option<String>,
    /// Whether a post was begun whose answer was never stored. Post again with the same nonce and `enforce_nonce`.
    pub attempted: bool,
}

/// What a message shows after it was brought up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Which message.
    pub key: String,
    /// The version that it shows now.
    pub version: i64,
    /// The hash of its body, as the worker gave it.
    pub hash: String,
    /// Where it stands.
    pub posted: Posted,
    /// Since when.
    pub at: Timestamp,
}

struct StoredRow {
    name: String,
    channel: String,
    report: String,
    version: i64,
    priority: String,
    last: i64,
    attempted: i64,
    delivered: i64,
    delivered_hash: String,
    posted_channel: String,
    message: String,
    posted_at: i64,
}

// By hand: sqlx's derive would build SQLite a second time, for the machine that compiles.
impl FromRow<'_, AnyRow> for StoredRow {
    fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            name: row.try_get("name")?,
            channel: row.try_get("channel")?,
            report: row.try_get("report")?,
            version: row.try_get("version")?,
            priority: row.try_get("priority")?,
            last: row.try_get("final")?,
            attempted: row.try_get("attempted")?,
            delivered: row.try_get("delivered")?,
            delivered_hash: row.try_get("delivered_hash")?,
            posted_channel: row.try_get("posted_channel")?,
            message: row.try_get("message")?,
            posted_at: row.try_get("posted_at")?,
        })
    }
}

impl StoredRow {
    fn read(self) -> Result<OutboxRow, LedgerError> {
        let channel = id(&self.channel)?;
        // A message in another channel is not the one to edit.
        let there = self.posted_channel == self.channel && !self.message.is_empty();
        Ok(OutboxRow {
            report: text::parse(&format!("the message {}", self.name), &self.report)?,
            channel: ChannelId(channel),
            version: self.version,
            priority: if self.priority == "answer" {
                Priority::Answer
            } else {
                Priority::Alert
            },
            last: self.last != 0,
            message: if there { Some(id(&self.message)?) } else { None },
            posted_at: if there {
                Timestamp::from_millisecond(self.posted_at).ok()
            } else {
                None
            },
            delivered: self.delivered,
            delivered_hash: (there && !self.delivered_hash.is_empty()).then_some(self.delivered_hash),
            attempted: self.attempted != 0,
            key: self.name,
        })
    }
}

impl Store {
    /// Changes whenever a commit of this process has changed what messages shall show.
    #[must_use]
    pub fn outbox_changed(&self) -> tokio::sync::watch::Receiver<u64> {
        self.inner.outbox.subscribe()
    }

    /// The messages that do not show yet what they shall: answers to people first, then
    /// those that have waited longest.
    /// Those that the chat refused as they are now are left out.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn undelivered(&self) -> Result<Vec<OutboxRow>, LedgerError> {
        let query = sqlx::query_as::<_, StoredRow>(
            "SELECT name, channel, report, version, priority, final, attempted, delivered, delivered_hash, \
                    posted_channel, message, posted_at \
             FROM outbox WHERE delivered < version \
             ORDER BY CASE priority WHEN 'answer' THEN 0 ELSE 1 END, waiting_since, name",
        );
        let rows = self
            .read("reading the outbox", query.fetch_all(&self.inner.pool))
            .await?;
        let mut attempts = self.attempts();
        let mut open = Vec::with_capacity(rows.len());
        for row in rows {
            let known = attempts.entry(row.name.clone()).or_default();
            let broken = known
                .broken
                .is_some_and(|(version, since)| version >= row.version && since.elapsed() < BROKEN_FOR);
            if broken || known.left.is_some_and(|left| left >= row.version) {
                continue;
            }
            known.handed.get_or_insert(row.version);
            match row.read() {
                Ok(row) => open.push(row),
                // One damaged row must not keep all others from being shown.
                Err(error) => tracing::error!(%error, "a message cannot be shown"),
            }
        }
        Ok(open)
    }

    /// One message.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn outbox_row(&self, key: &str) -> Result<Option<OutboxRow>, LedgerError> {
        let query = sqlx::query_as::<_, StoredRow>(
            "SELECT name, channel, report, version, priority, final, attempted, delivered, delivered_hash, \
                    posted_channel, message, posted_at \
             FROM outbox WHERE name = $1",
        )
        .bind(key.to_owned());
        let row = self
            .read("reading the outbox", query.fetch_optional(&self.inner.pool))
            .await?;
        row.map(StoredRow::read).transpose()
    }

    /// Notes that a message is about to be posted. Until [`Store::delivered`], nobody knows whether it was.
    ///
    /// # Errors
    /// When the store fails. Do not post then.
    pub async fn attempt(&self, key: &str) -> Result<(), LedgerError> {
        self.write("noting an attempt", &key.to_owned(), |key, db| {
            Box::pin(async move {
                let sql = "UPDATE outbox SET attempted = 1 WHERE name = $1";
                sqlx::query(sql).bind(key.clone()).execute(db).await?;
                Ok(())
            })
        })
        .await
    }

    /// Notes what a message shows now. A message that was not known before counts as posted at that time.
    ///
    /// # Errors
    /// When the store fails. The message is delivered again then.
    pub async fn delivered(&self, delivered: Delivered) -> Result<(), LedgerError> {
        self.write("noting a delivery", &delivered, |delivered, db| {
            Box::pin(async move {
                sqlx::query(
                    "UPDATE outbox SET attempted = 0, delivered = $2, delivered_hash = $3, delivered_at = $6, \
                            posted_at = CASE WHEN posted_channel = $4 AND message = $5 THEN posted_at ELSE $6 END, \
                            posted_channel = $4, message = $5 \
                     WHERE name = $1",
                )
                .bind(delivered.key.clone())
                .bind(delivered.version)
                .bind(delivered.hash.clone())
                .bind(delivered.posted.channel.0.to_string())
                .bind(delivered.posted.message.to_string())
                .bind(delivered.at.as_millisecond())
                .execute(db)
                .await?;
                Ok(())
            })
        })
        .await?;
        self.attempts().remove(&delivered.key);
        Ok(())
    }

    /// Notes that the chat refuses the message until an administrator has acted. It is not handed out again until it shall
    /// show something else, ten minutes have passed, or the process starts anew: people may still need it.
    ///
    /// Meant is the oldest version that was handed out since the last word about this message: a commit that came in
    /// between is never lost.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn broken(&self, key: &str, why: &str) -> Result<(), LedgerError> {
        let now = self.version_of(key).await?;
        let mut attempts = self.attempts();
        let known = attempts.entry(key.to_owned()).or_default();
        let version = known.handed.take().or(now).unwrap_or(0);
        let before = known.broken.map_or(0, |(version, _)| version);
        known.broken = Some((version.max(before), Instant::now()));
        tracing::warn!(
            key,
            version,
            why,
            "the chat refuses a message; it is left until it changes"
        );
        Ok(())
    }

    /// Notes that a message stays as it is until it shall show something else.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn left(&self, key: &str) -> Result<(), LedgerError> {
        let now = self.version_of(key).await?;
        let mut attempts = self.attempts();
        let known = attempts.entry(key.to_owned()).or_default();
        known.left = known.left.max(known.handed.take().or(now));
        Ok(())
    }

    async fn version_of(&self, key: &str) -> Result<Option<i64>, LedgerError> {
        let sql = "SELECT version FROM outbox WHERE name = $1";
        let query = sqlx::query_scalar::<_, i64>(sql).bind(key.to_owned());
        self.read("reading the outbox", query.fetch_optional(&self.inner.pool))
            .await
    }

    /// Forgets events handled before that time, and messages that showed their last state before it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self, before: Timestamp) -> Result<(), LedgerError> {
        self.write("tidying", &before.as_millisecond(), |before, db| {
            Box::pin(async move {
                sqlx::query("DELETE FROM handled WHERE at < $1")
                    .bind(*before)
                    .execute(&mut *db)
                    .await?;
                sqlx::query(
                    "DELETE FROM outbox WHERE final = 1 AND delivered >= version AND delivered_at < $1",
                )
                .bind(*before)
                .execute(&mut *db)
                .await?;
                blobs::sweep(db).await
            })
        })
        .await
    }

    /// Where the message of a key stands.
    pub(super) async fn place(&self, key: &str) -> Result<Option<Posted>, LedgerError> {
        let query = sqlx::query_as::<_, (String, String)>(
            "SELECT posted_channel, message FROM outbox WHERE name = $1 AND message <> ''",
        )
        .bind(key.to_owned());
        let row = self
            .read("reading the outbox", query.fetch_optional(&self.inner.pool))
            .await?;
        row.map(|(channel, message)| {
            let channel = ChannelId(id(&channel)?);
            Ok(Posted {
                channel,
                message: id(&message)?,
            })
        })
        .transpose()
    }

    /// The lock guards plain data that is whole between any two statements, so a panic elsewhere leaves nothing torn.
    fn attempts(&self) -> MutexGuard<'_, HashMap<String, Attempt>> {
        self.inner.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn id(text: &str) -> Result<u64, LedgerError> {
    text.parse()
        .map_err(|_| LedgerError::Store(format!("`{text}` is no id of the chat")))
}
