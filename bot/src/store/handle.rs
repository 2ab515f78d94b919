//! The store itself: its connections, and what this process remembers beside them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use prometheus_client::metrics::counter::Counter;
use sqlx::AnyPool;
use tokio::{sync::watch, time::Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// The store. Cheap to clone; all clones share the connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) pool: AnyPool,
    pub(super) dialect: Dialect,
    pub(super) timeout: Duration,
    pub(super) audit_rows: Counter,
    /// Writers of this process queue here, in order: the busy loop of SQLite is not fair, and on PostgreSQL those who
    /// wait for the turnstile would keep the readers from their connections.
    pub(super) turn: tokio::sync::Mutex<()>,
    pub(super) outbox: watch::Sender<u64>,
    pub(super) attempts: std::sync::Mutex<HashMap<String, Attempt>>,
    /// Held as long as the store lives.
    pub(super) _alone: Option<std::fs::File>,
}

/// What this process knows of a message beyond its row. Forgotten at a restart, so that what was broken is tried again.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    /// The oldest version that was handed out and of which nothing was heard yet.
    pub(super) handed: Option<i64>,
    /// The newest version that the chat refuses, and since when.
    pub(super) broken: Option<(i64, Instant)>,
    /// The newest version that is left as it is: the message is too old for an edit that changes little.
    pub(super) left: Option<i64>,
}
