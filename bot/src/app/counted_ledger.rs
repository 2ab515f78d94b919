//! The store as the engine's ledger, with the tickets counted as they move.

use ceo_commands::{
    incident::IncidentId,
    model::{TicketId, Workload},
    ports::{Commit, Committed, Ledger, LedgerError, Over},
};
use futures::{FutureExt, future::BoxFuture};

use crate::{http::Metrics, store::Store};

/// The ledger.
pub(super) struct CountedLedger {
    store: Store,
    metrics: Metrics,
}

impl CountedLedger {
    pub(super) fn new(store: Store, metrics: Metrics) -> Self {
        Self { store, metrics }
    }
}

impl Ledger for CountedLedger {
    fn allocate(&self) -> BoxFuture<'_, Result<TicketId, LedgerError>> {
        self.store.allocate()
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, LedgerError>> {
        // A commit of a step or a lease alone leaves the stage as it is: only what people or time decided is in the audit.
        let stage = commit
            .ticket
            .as_ref()
            .filter(|_| !commit.audit.is_empty())
            .map(|(ticket, _)| ticket.stage.clone());
        async move {
            let committed = self.store.commit(commit).await?;
            if let Some(stage) = &stage {
                self.metrics.ticket(stage);
            }
            Ok(committed)
        }
        .boxed()
    }

    fn next_incident(&self) -> BoxFuture<'_, Result<IncidentId, LedgerError>> {
        self.store.next_incident()
    }

    fn note_worked(&self, marks: Vec<(Workload, String)>) -> BoxFuture<'_, Result<(), LedgerError>> {
        self.store.note_worked(marks)
    }
}

impl Over for CountedLedger {
    type Below = Store;

    fn below(&self) -> &Store {
        &self.store
    }
}
