//! What this module needs of the rest of the bot, as small traits, so that it can be driven by a test without a cluster or
//! a store.

use std::time::Duration;

use ceo_commands::{
    engine::{Ask, Choice, Opening, Partial, Press, Reply},
    model::{ChannelId, Report, Timestamp},
    ops::contract::Spec,
    ports::{Posted, Priority},
};
use futures::future::BoxFuture;
use tokio::sync::watch;

/// The engine, as a chat sees it.
pub trait Dispatcher: Send + Sync + 'static {
    /// How the first response to a command must be. From memory, within 100 ms.
    fn opening(&self, ask: &Ask) -> Opening;
    /// The same for a button or a form.
    fn opening_of_press(&self, press: &Press) -> Opening;
    /// Handles a command.
    fn submit(&self, ask: Ask) -> BoxFuture<'_, Reply>;
    /// Handles a button or a form.
    fn press(&self, press: Press) -> BoxFuture<'_, Reply>;
    /// Completes a half-typed option.
    fn suggest(&self, partial: Partial) -> BoxFuture<'_, Vec<Choice>>;
    /// A live view is over: nobody looks at it any more.
    fn close_view(&self, view: &str);
    /// All commands.
    fn catalogue(&self) -> Vec<Spec>;
}

/// A living message: what it shall show, and what is known of it in the channel.
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
    /// The version that the message shows.
    pub delivered: i64,
    /// What the message shows, as a hash.
    pub delivered_hash: Option<String>,
    /// Whether posting was tried and the outcome never known.
    pub attempted: bool,
}

/// What is stored after a message was brought up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which message.
    pub key: String,
    /// The version that it shows now.
    pub version: i64,
    /// What it shows, as a hash.
    pub hash: String,
    /// Where it stands.
    pub posted: Posted,
    /// When it was posted there.
    pub at: Timestamp,
}

/// The store failed or did not answer in time.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct RowsError(pub String);

/// The stored living messages, and a few stored words.
pub trait Rows: Send + Sync + 'static {
    /// Changes whenever a message shall show something else.
    fn changed(&self) -> watch::Receiver<u64>;
    /// The messages that do not show what they shall. Broken ones are not among them.
    fn undelivered(&self) -> BoxFuture<'_, Result<Vec<OutboxRow>, RowsError>>;
    /// Remembers that a post is about to be tried.
    fn attempt(&self, key: &str) -> BoxFuture<'_, Result<(), RowsError>>;
    /// Remembers what a message shows now.
    fn delivered(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), RowsError>>;
    /// Gives a message up until an administrator has acted.
    fn broken(&self, key: &str, why: &str) -> BoxFuture<'_, Result<(), RowsError>>;
    /// Leaves a message as it is until it shall show something else.
    fn left(&self, key: &str) -> BoxFuture<'_, Result<(), RowsError>>;
    /// One message.
    fn row(&self, key: &str) -> BoxFuture<'_, Result<Option<OutboxRow>, RowsError>>;
    /// The bytes of a stored file, by their hash. `None`: nothing names it any more.
    fn blob(&self, hash: &str) -> BoxFuture<'_, Result<Option<Vec<u8>>, RowsError>>;
    /// A stored word.
    fn get(&self, key: &str) -> BoxFuture<'_, Result<Option<String>, RowsError>>;
    /// Stores a word.
    fn put(&self, key: &str, value: &str) -> BoxFuture<'_, Result<(), RowsError>>;
}

/// What happens here, for health and metrics. Every method does nothing unless it is overridden.
pub trait Signals: Send + Sync + 'static {
    /// The gateway is connected, or no longer.
    fn gateway(&self, _up: bool) {}
    /// A REST request was answered by Discord with something else than a failure of Discord's, or not.
    fn rest(&self, _ok: bool) {}
    /// A REST request ended with this HTTP status; `None`: no answer.
    fn request(&self, _status: Option<u16>) {}
    /// After the first, another session began, or an old one was resumed.
    fn reconnect(&self, _resumed: bool) {}
    /// The gateway acknowledged a heartbeat, after so long.
    fn ack(&self, _latency: Duration) {}
    /// Discord said 429, or its headers made us wait; for so long.
    fn limited(&self, _global: bool, _wait: Duration) {}
    /// The first response to an interaction (`command`, `button`, `form`, `suggest`) was accepted, after so long.
    fn acknowledged(&self, _kind: &'static str, _took: Duration) {}
    /// An interaction ended: `told`, `live`, `repeated`, `failed`, `late`, `unparsed`, `busy`.
    fn handled(&self, _outcome: &'static str) {}
    /// A living message was brought up to date, or not: `posted`, `edited`, `same`, `retried`, `broken`.
    fn delivered(&self, _outcome: &'static str) {}
}

/// Nobody listens.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSignals;

impl Signals for NoSignals {}
