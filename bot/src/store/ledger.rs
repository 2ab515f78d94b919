//! The ledger's contract on SQL: the queries, and the door to [`super::commit`].

use ceo_commands::{
    incident::{Incident, IncidentId},
    model::{TicketId, UserId, Workload},
    ports::{
        AuditFilter, AuditRow, Commit, Committed, IncidentFilter, Ledger, LedgerError, Posted, Records,
        TicketFilter,
    },
    ticket::{StepRecord, Ticket},
};
use futures::future::BoxFuture;

use super::{commit, handle::Store, incidents, text};

impl Ledger for Store {
    fn allocate(&self) -> BoxFuture<'_, Result<TicketId, LedgerError>> {
        Box::pin(self.write("giving out a number", &(), |(), db| {
            Box::pin(async move {
                let sql = "UPDATE counters SET value = value + 1 WHERE name = 'ticket' RETURNING value";
                Ok(TicketId(sqlx::query_scalar(sql).fetch_one(db).await?))
            })
        }))
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, LedgerError>> {
        Box::pin(async move {
            let parts = commit::CommitRows::of(commit)?;
            let committed = self
                .write("storing a commit", &parts, |parts, db| {
                    Box::pin(commit::store(parts, db))
                })
                .await?;
            self.inner.audit_rows.inc_by(parts.audit_rows());
            if parts.has_posts() {
                self.inner.outbox.send_modify(|changes| *changes += 1);
            }
            Ok(committed)
        })
    }

    fn next_incident(&self) -> BoxFuture<'_, Result<IncidentId, LedgerError>> {
        incidents::next(self)
    }

    fn note_worked(&self, marks: Vec<(Workload, String)>) -> BoxFuture<'_, Result<(), LedgerError>> {
        incidents::note_worked(self, marks)
    }
}

impl Records for Store {
    fn ticket(&self, id: TicketId) -> BoxFuture<'_, Result<Option<Ticket>, LedgerError>> {
        Box::pin(async move {
            let query = sqlx::query_scalar("SELECT body FROM tickets WHERE id = $1").bind(id.0);
            let body: Option<String> = self
                .read("reading a ticket", query.fetch_optional(&self.inner.pool))
                .await?;
            body.map(|body| text::parse(&format!("ticket {id}"), &body))
                .transpose()
        })
    }

    fn tickets(&self, filter: TicketFilter) -> BoxFuture<'_, Result<Vec<Ticket>, LedgerError>> {
        Box::pin(async move {
            let query = sqlx::query_as::<_, (i64, String)>(
                "SELECT id, body FROM tickets \
                 WHERE ($1 = 0 OR stage <> 'done') \
                   AND ($2 = '' OR outcome = $2) \
                   AND ($3 = '' OR EXISTS (SELECT 1 FROM ticket_targets t WHERE t.target = $3 AND t.ticket = id)) \
                 ORDER BY id DESC LIMIT $4",
            )
            .bind(i64::from(filter.open))
            .bind(filter.outcome.map_or("", |o| o.word()).to_owned())
            .bind(filter.target.unwrap_or_default())
            .bind(at_most(filter.limit));
            let rows = self
                .read("reading tickets", query.fetch_all(&self.inner.pool))
                .await?;
            rows.into_iter()
                .map(|(id, body)| text::parse(&format!("ticket {id}"), &body))
                .collect()
        })
    }

    fn steps(&self, id: TicketId) -> BoxFuture<'_, Result<Vec<StepRecord>, LedgerError>> {
        Box::pin(async move {
            let query =
                sqlx::query_scalar::<_, String>("SELECT body FROM steps WHERE ticket = $1 ORDER BY place")
                    .bind(id.0);
            let rows = self
                .read("reading steps", query.fetch_all(&self.inner.pool))
                .await?;
            rows.iter()
                .map(|body| text::parse(&format!("a step of ticket {id}"), body))
                .collect()
        })
    }

    fn audit(&self, filter: AuditFilter) -> BoxFuture<'_, Result<Vec<AuditRow>, LedgerError>> {
        Box::pin(async move {
            // replace() finds a part of a text alike on both databases; LIKE differs in case and needs escapes.
            let query = sqlx::query_as::<_, (i64, String, String)>(
                "SELECT seq, hash, entry FROM audit \
                 WHERE ($1 = '' OR actor = $1) \
                   AND ($2 = '' OR replace(target, $2, '') <> target) \
                   AND ($3 = '' OR outcome = $3) \
                   AND ($4 = 0 OR ticket = $4) \
                   AND seq < $5 \
                 ORDER BY seq DESC LIMIT $6",
            )
            .bind(filter.actor.map_or_else(String::new, |UserId(id)| id.to_string()))
            .bind(text::searchable(&filter.target.unwrap_or_default()))
            .bind(text::searchable(&filter.outcome.unwrap_or_default()))
            .bind(filter.ticket.map_or(0, |t| t.0))
            .bind(filter.before.unwrap_or(i64::MAX))
            .bind(at_most(filter.limit));
            let rows = self
                .read("reading the audit", query.fetch_all(&self.inner.pool))
                .await?;
            rows.into_iter()
                .map(|(seq, hash, entry)| {
                    let entry = text::parse(&format!("audit row {seq}"), &entry)?;
                    Ok(AuditRow { seq, hash, entry })
                })
                .collect()
        })
    }

    fn posted(&self, key: String) -> BoxFuture<'_, Result<Option<Posted>, LedgerError>> {
        Box::pin(async move { self.place(&key).await })
    }

    fn incident(&self, id: IncidentId) -> BoxFuture<'_, Result<Option<Incident>, LedgerError>> {
        incidents::one(self, id)
    }

    fn incidents(&self, filter: IncidentFilter) -> BoxFuture<'_, Result<Vec<Incident>, LedgerError>> {
        incidents::some(self, filter)
    }

    fn worked(&self, workload: &Workload) -> BoxFuture<'_, Result<Vec<String>, LedgerError>> {
        incidents::worked(self, workload)
    }
}

/// A limit for SQL; 0 means all.
fn at_most(limit: u32) -> i64 {
    if limit == 0 { i64::MAX } else { i64::from(limit) }
}
