//! Watches over every write that reaches the simulated cluster: what the bot changes must belong to a ticket that runs at
//! that moment, as the bot's own store says.

use std::path::Path;

use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

use super::{Cluster, cluster::BOT_USER};
use crate::kube::mutations::Mutation;

pub(super) fn forbid_unpermitted_writes(cluster: &Cluster, store: &Path) {
    let Ok(sim) = cluster.sim() else { return };
    let store = store.to_owned();
    sim.on_mutation(move |mutation| check(mutation, &store));
}

fn check(mutation: &Mutation, store: &Path) -> Result<(), String> {
    if mutation.user != BOT_USER || mutation.dry_run || is_review(mutation) {
        return Ok(());
    }
    match running_targets(store) {
        Ok(targets) if !targets.is_empty() => Ok(()),
        Ok(_) => Err(format!("a write without a running ticket: {mutation:?}")),
        Err(error) => Err(format!(
            "a write, and the store does not say whether a ticket runs: {error}"
        )),
    }
}

/// Asking what one may is a POST that changes nothing.
fn is_review(mutation: &Mutation) -> bool {
    mutation.key.plural.ends_with("reviews")
}

/// The tickets that run now. The hook is called on the simulator's runtime, so the query gets a thread of its own.
fn running_targets(store: &Path) -> Result<Vec<i64>, String> {
    let store = store.to_owned();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let all = runtime.block_on(tickets(&store))?;
        Ok::<_, anyhow::Error>(
            all.into_iter()
                .filter(|t| t.stage == "running")
                .map(|t| t.id)
                .collect(),
        )
    };
    let joined = std::thread::spawn(work)
        .join()
        .map_err(|_| "the query panicked".to_owned())?;
    joined.map_err(|e| e.to_string())
}

/// A ticket as the store holds it.
#[derive(Debug, Clone)]
pub struct StoredTicket {
    /// Its number.
    pub id: i64,
    /// The word of its stage.
    pub stage: String,
    /// The word of its outcome, empty while it has none.
    pub outcome: String,
}

/// All tickets of a store, oldest first; read-only.
pub(super) async fn tickets(store: &Path) -> anyhow::Result<Vec<StoredTicket>> {
    let options = SqliteConnectOptions::new().filename(store).read_only(true);
    let mut db = options.connect().await?;
    let rows: Vec<(i64, String, String)> =
        sqlx::query_as("SELECT id, stage, outcome FROM tickets ORDER BY id")
            .fetch_all(&mut db)
            .await?;
    db.close().await?;
    Ok(rows
        .into_iter()
        .map(|(id, stage, outcome)| StoredTicket { id, stage, outcome })
        .collect())
}
