//! What is done every few seconds: lapsed tickets are tidied up, runs whose process is gone are taken over, the clusters'
//! state is told.

use std::time::Duration;

use ceo_commands::{cluster::View, engine::Engine, model::Timestamp};
use tokio_util::sync::CancellationToken;

use crate::{
    discord::components::BUTTON_TEXTS,
    http::{HttpState, Part},
    store::Store,
};

/// How long events and finished messages are remembered: an interaction lives 15 minutes, a reader may be a week late.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long the text of a button is remembered that does not fit into its id: as long as somebody may still press it.
const BUTTONS_REMEMBERED: Duration = Duration::from_secs(30 * 24 * 3600);
/// How often what is older is forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(3600);
/// How often the outbox is looked at while the process waits for it.
const POLL_EVERY: Duration = Duration::from_millis(50);

/// Keeps things up.
pub(super) struct Maintenance {
    pub(super) engine: Engine,
    pub(super) store: Store,
    pub(super) view: View,
    pub(super) http: HttpState,
    pub(super) every: Duration,
}

impl Maintenance {
    /// Until it is cancelled. A store that does not answer is told of by the task that asks it for signs of life, too.
    pub(super) async fn run(self, cancel: CancellationToken) {
        let mut forget = tokio::time::Instant::now();
        loop {
            self.clusters();
            if let Err(error) = self.engine.tick().await {
                tracing::warn!(%error, "tickets were not tidied up");
            }
            if forget <= tokio::time::Instant::now() {
                forget += FORGET_EVERY;
                self.forget().await;
            }
            if let Ok(rows) = self.store.undelivered().await {
                self.http.metrics.outbox_depth(rows.len());
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(self.every) => {}
            }
        }
    }

    fn clusters(&self) {
        for cluster in self.view.clusters() {
            let part = match cluster.error {
                Some(why) => Part::Fails(why.plain()),
                None if cluster.synced => Part::Works,
                None => Part::Unknown,
            };
            self.http.health.cluster(&cluster.name, part);
        }
    }

    async fn forget(&self) {
        let before = Timestamp::now() - REMEMBERED;
        if let Err(error) = self.store.sweep(before).await {
            tracing::warn!(%error, "old messages were not forgotten");
        }
        let before = Timestamp::now() - BUTTONS_REMEMBERED;
        if let Err(error) = self.store.forget_values(BUTTON_TEXTS, before).await {
            tracing::warn!(%error, "the texts of old buttons were not forgotten");
        }
    }
}

/// Until every message shows what it shall. Ends never when the store does not answer; the caller has a deadline.
pub(super) async fn shown(store: &Store) {
    loop {
        match store.undelivered().await {
            Ok(rows) if rows.is_empty() => return,
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "the outbox could not be read"),
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}
