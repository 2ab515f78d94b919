//! Makes Discord match the stored living messages. One worker a channel; each always works on the newest state, so a message
//! that changes ten times while it waits is drawn once. What is not done when the bot ends is done after its start.

mod earlier;
mod news;
mod pace;
mod trouble;
mod worker;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use ceo_commands::model::ChannelId;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use self::worker::Worker;
use super::{
    notes::Notes,
    ports::{OutboxRow, Rows},
    rest::Rest,
    settings::DiscordSettings,
};

/// Reads again after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Reads again even if nothing said that something changed.
const READ_EVERY: Duration = Duration::from_secs(30);

/// The living messages of all channels.
pub struct Outbox {
    rows: Arc<dyn Rows>,
    rest: Arc<Rest>,
    settings: Arc<DiscordSettings>,
    notes: Arc<Notes>,
}

impl Outbox {
    pub(super) fn new(
        rows: Arc<dyn Rows>,
        rest: Arc<Rest>,
        settings: Arc<DiscordSettings>,
        notes: Arc<Notes>,
    ) -> Self {
        Self {
            rows,
            rest,
            settings,
            notes,
        }
    }

    /// Runs until it is cancelled. Requests that are on their way are finished first.
    pub async fn run(self, cancel: CancellationToken) {
        let mut channels: BTreeMap<ChannelId, watch::Sender<Vec<OutboxRow>>> = BTreeMap::new();
        let mut workers = JoinSet::new();
        let mut changed = self.rows.changed();
        while !cancel.is_cancelled() {
            changed.borrow_and_update();
            let pause = match self.rows.undelivered().await {
                Ok(rows) => {
                    for key in self.hand_out(rows, &mut channels, &mut workers, &cancel) {
                        tracing::error!(key, "a stored message for the audit's channel is not posted");
                        if let Err(error) = self.rows.left(&key).await {
                            tracing::warn!(%error, key, "it could not be marked");
                        }
                    }
                    READ_EVERY
                }
                Err(error) => {
                    tracing::warn!(%error, "the outbox could not be read");
                    STORE_PAUSE
                }
            };
            tokio::select! {
                () = cancel.cancelled() => break,
                ended = changed.changed() => if ended.is_err() {
                    // The store is gone; its owner ends the process. Until then there is nothing to wait for but the time.
                    tokio::time::sleep(STORE_PAUSE).await;
                },
                () = tokio::time::sleep(pause) => {}
                Some(ended) = workers.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a worker of the outbox died; its channel gets a new one");
                    }
                    channels.retain(|_, rows| !rows.is_closed());
                }
            }
        }
        drop(channels);
        while workers.join_next().await.is_some() {}
    }

    /// Gives the rows to the workers of their channels; the keys of those that are refused are given back.
    fn hand_out(
        &self,
        rows: Vec<OutboxRow>,
        channels: &mut BTreeMap<ChannelId, watch::Sender<Vec<OutboxRow>>>,
        workers: &mut JoinSet<()>,
        cancel: &CancellationToken,
    ) -> Vec<String> {
        let mut by_channel: BTreeMap<ChannelId, Vec<OutboxRow>> =
            channels.keys().map(|c| (*c, Vec::new())).collect();
        // No stored row may speak in the witness's channel: whoever writes into the database could put a head there.
        let kept = self.settings.append_only;
        let mut refused = Vec::new();
        for row in rows {
            if Some(row.channel) == kept {
                refused.push(row.key);
            } else {
                by_channel.entry(row.channel).or_default().push(row);
            }
        }
        for (channel, rows) in by_channel {
            let sender = channels.entry(channel).or_insert_with(|| {
                let (sender, receiver) = watch::channel(Vec::new());
                let worker = Worker::new(
                    channel,
                    Arc::clone(&self.rows),
                    Arc::clone(&self.rest),
                    Arc::clone(&self.settings),
                    Arc::clone(&self.notes),
                );
                workers.spawn(worker.run(receiver, cancel.clone()));
                sender
            });
            sender.send_if_modified(|old| {
                let other = *old != rows;
                if other {
                    *old = rows;
                }
                other
            });
        }
        refused
    }
}
