//! The store as the engine's ledger, with the tickets counted as they move.

use ceo_commands::{
    incident::{Incident, IncidentId},
    model::{TicketId, Workload},
    ports::{
        AuditFilter, AuditRow, Commit, Committed, IncidentFilter, Ledger, LedgerError, Posted, Records,
        TicketFilter,
    },
    ticket::{StepRecord, Ticket},
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

impl Records for CountedLedger {
    fn ticket(&self, id: TicketId) -> BoxFuture<'_, Result<Option<Ticket>, LedgerError>> {
        self.store.ticket(id)
    }

    fn tickets(&self, filter: TicketFilter) -> BoxFuture<'_, Result<Vec<Ticket>, LedgerError>> {
        self.store.tickets(filter)
    }

    fn steps(&self, id: TicketId) -> BoxFuture<'_, Result<Vec<StepRecord>, LedgerError>> {
        self.store.steps(id)
    }

    fn audit(&self, filter: AuditFilter) -> BoxFuture<'_, Result<Vec<AuditRow>, LedgerError>> {
        self.store.audit(filter)
    }

    fn posted(&self, key: String) -> BoxFuture<'_, Result<Option<Posted>, LedgerError>> {
        self.store.posted(key)
    }

    fn incident(&self, id: IncidentId) -> BoxFuture<'_, Result<Option<Incident>, LedgerError>> {
        self.store.incident(id)
    }

    fn incidents(&self, filter: IncidentFilter) -> BoxFuture<'_, Result<Vec<Incident>, LedgerError>> {
        self.store.incidents(filter)
    }

    fn worked(&self, workload: &Workload) -> BoxFuture<'_, Result<Vec<String>, LedgerError>> {
        self.store.worked(workload)
    }
}
