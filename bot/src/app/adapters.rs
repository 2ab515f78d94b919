//! Joins the ports of `discord` to the engine and to the store: it knows neither, so that each can be tested alone.

use ceo_commands::{
    engine::{self, Ask, Choice, Opening, Partial, Press, Reply},
    model::Act,
    ops::contract::Spec,
    ports::LedgerError,
};
use futures::{FutureExt, future::BoxFuture};

use crate::{
    catalogue, discord,
    discord::{Delivery, OutboxRow, Rows, RowsError},
    http::{CommandOutcome, Metrics, Unhandled},
    store::{Delivered, Store},
};

/// The engine, as Discord sees it.
pub(super) struct EngineDispatcher {
    engine: engine::Engine,
    metrics: Metrics,
}

impl EngineDispatcher {
    pub(super) fn new(engine: engine::Engine, metrics: Metrics) -> Self {
        Self { engine, metrics }
    }

    fn counted(&self, command: &str, reply: Reply) -> Reply {
        match &reply {
            Reply::Repeated => self.metrics.unhandled(Unhandled::Duplicated),
            Reply::Told { outcome, .. } => self.metrics.command(command, CommandOutcome::of_word(outcome)),
            Reply::Live { .. } => self.metrics.command(command, CommandOutcome::Ok),
        }
        reply
    }
}

impl discord::Dispatcher for EngineDispatcher {
    fn opening(&self, ask: &Ask) -> Opening {
        self.engine.opening(ask)
    }

    fn opening_of_press(&self, press: &Press) -> Opening {
        self.engine.opening_of_press(press)
    }

    fn submit(&self, ask: Ask) -> BoxFuture<'_, Reply> {
        async move {
            let command = ask.command.clone();
            self.counted(&command, self.engine.submit(ask).await)
        }
        .boxed()
    }

    fn press(&self, press: Press) -> BoxFuture<'_, Reply> {
        async move {
            // A button that runs a command counts as that command, every other as one of its own kind.
            let command = match press.act {
                Act::Run => press.subject.clone(),
                act => act.word().to_owned(),
            };
            self.counted(&command, self.engine.press(press).await)
        }
        .boxed()
    }

    fn suggest(&self, partial: Partial) -> BoxFuture<'_, Vec<Choice>> {
        self.engine.suggest(partial).boxed()
    }

    fn close_view(&self, view: &str) {
        // A live view is a stream; whoever drops it has ended it.
        tracing::debug!(view, "a live view is over");
    }

    fn catalogue(&self) -> Vec<Spec> {
        catalogue::specs().copied().collect()
    }
}

/// The stored messages, as the outbox sees them.
pub(super) struct StoredRows(pub(super) Store);

fn failed(error: LedgerError) -> RowsError {
    RowsError(error.to_string())
}

impl Rows for StoredRows {
    fn changed(&self) -> tokio::sync::watch::Receiver<u64> {
        self.0.outbox_changed()
    }

    fn undelivered(&self) -> BoxFuture<'_, Result<Vec<OutboxRow>, RowsError>> {
        async move {
            let rows = self.0.undelivered().await.map_err(failed)?;
            Ok(rows.into_iter().map(row).collect())
        }
        .boxed()
    }

    fn attempt(&self, key: &str) -> BoxFuture<'_, Result<(), RowsError>> {
        let key = key.to_owned();
        async move { self.0.attempt(&key).await.map_err(failed) }.boxed()
    }

    fn delivered(&self, d: Delivery) -> BoxFuture<'_, Result<(), RowsError>> {
        async move {
            let delivered = Delivered {
                key: d.key,
                version: d.version,
                hash: d.hash,
                posted: d.posted,
                at: d.at,
            };
            self.0.delivered(delivered).await.map_err(failed)
        }
        .boxed()
    }

    fn broken(&self, key: &str, why: &str) -> BoxFuture<'_, Result<(), RowsError>> {
        let (key, why) = (key.to_owned(), why.to_owned());
        async move { self.0.broken(&key, &why).await.map_err(failed) }.boxed()
    }

    fn left(&self, key: &str) -> BoxFuture<'_, Result<(), RowsError>> {
        let key = key.to_owned();
        async move { self.0.left(&key).await.map_err(failed) }.boxed()
    }

    fn row(&self, key: &str) -> BoxFuture<'_, Result<Option<OutboxRow>, RowsError>> {
        let key = key.to_owned();
        async move { Ok(self.0.outbox_row(&key).await.map_err(failed)?.map(row)) }.boxed()
    }

    fn blob(&self, hash: &str) -> BoxFuture<'_, Result<Option<Vec<u8>>, RowsError>> {
        let hash = hash.to_owned();
        async move { self.0.blob(&hash).await.map_err(failed) }.boxed()
    }

    fn get(&self, key: &str) -> BoxFuture<'_, Result<Option<String>, RowsError>> {
        let key = key.to_owned();
        async move { self.0.get(&key).await.map_err(failed) }.boxed()
    }

    fn put(&self, key: &str, value: &str) -> BoxFuture<'_, Result<(), RowsError>> {
        let (key, value) = (key.to_owned(), value.to_owned());
        async move { self.0.put(&key, &value).await.map_err(failed) }.boxed()
    }
}

fn row(row: crate::store::OutboxRow) -> OutboxRow {
    OutboxRow {
        key: row.key,
        channel: row.channel,
        report: row.report,
        version: row.version,
        priority: row.priority,
        last: row.last,
        message: row.message,
        posted_at: row.posted_at,
        delivered: row.delivered,
        delivered_hash: row.delivered_hash,
        attempted: row.attempted,
    }
}
