//! Incidents on SQL. They are stored by the ledger's commits, in one transaction with their message and their audit row;
//! here is what belongs to that, and the queries.

use ceo_commands::{
    incident::{Incident, IncidentId},
    model::{Timestamp, Workload},
    ports::{IncidentFilter, LedgerError},
};
use futures::future::BoxFuture;
use sqlx::AnyConnection;

use super::{handle::Store, text, write::Fault};

/// An incident as a row.
pub(super) struct IncidentRow {
    id: IncidentId,
    expect: Option<i64>,
    version: i64,
    name: String,
    cluster: String,
    namespace: String,
    owner: String,
    open: bool,
    closed: i64,
    body: String,
}

impl IncidentRow {
    /// # Errors
    /// When the version does not follow the expected one, or a name cannot be stored.
    pub(super) fn of(incident: &Incident, expect: Option<i64>) -> Result<Self, LedgerError> {
        let (id, version) = (incident.id, incident.version);
        if let Some(expect) = expect
            && version != expect + 1
        {
            let what = format!(
                "incident {id} has version {version} where {} must follow",
                expect + 1
            );
            return Err(LedgerError::Store(what));
        }
        Ok(Self {
            id,
            expect,
            version,
            name: text::key(&incident.key.to_string())?.to_owned(),
            cluster: text::key(&incident.key.cluster)?.to_owned(),
            namespace: incident.key.namespace.clone().unwrap_or_default(),
            owner: incident.key.owner.to_string(),
            open: incident.is_open(),
            closed: incident.closed.map_or(0, Timestamp::as_millisecond),
            body: text::canonical(incident)?,
        })
    }
}

/// Inserts the incident, or replaces the version that is expected to be there.
pub(super) async fn upsert(row: &IncidentRow, db: &mut AnyConnection) -> Result<(), Fault> {
    if row.open {
        // The unique index would refuse it too; PostgreSQL ends a transaction at its first error, so it is asked first.
        let sql = "SELECT COUNT(*) FROM incidents WHERE name = $1 AND open = 1 AND id <> $2";
        let others: i64 = sqlx::query_scalar(sql)
            .bind(row.name.clone())
            .bind(row.id.0)
            .fetch_one(&mut *db)
            .await?;
        if others > 0 {
            return Err(LedgerError::Conflict.into());
        }
    }
    let sql = match row.expect {
        None => {
            "INSERT INTO incidents (id, version, name, cluster, namespace, owner, open, closed, body) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING"
        }
        Some(_) => {
            "UPDATE incidents SET version = $2, name = $3, cluster = $4, namespace = $5, owner = $6, open = $7, \
                    closed = $8, body = $9 \
             WHERE id = $1 AND version = $10"
        }
    };
    let mut query = sqlx::query(sql)
        .bind(row.id.0)
        .bind(row.version)
        .bind(row.name.clone())
        .bind(row.cluster.clone())
        .bind(row.namespace.clone())
        .bind(row.owner.clone())
        .bind(i64::from(row.open))
        .bind(row.closed)
        .bind(row.body.clone());
    if let Some(expect) = row.expect {
        query = query.bind(expect);
    }
    if query.execute(db).await?.rows_affected() == 0 {
        return Err(LedgerError::Conflict.into());
    }
    Ok(())
}

fn read(id: i64, body: &str) -> Result<Incident, LedgerError> {
    text::parse(&format!("incident {id}"), body)
}

/// A number for a new incident.
pub(super) fn next(store: &Store) -> BoxFuture<'_, Result<IncidentId, LedgerError>> {
    Box::pin(store.write("giving out a number", &(), |(), db| {
        Box::pin(async move {
            let sql = "UPDATE counters SET value = value + 1 WHERE name = 'incident' RETURNING value";
            Ok(IncidentId(sqlx::query_scalar(sql).fetch_one(db).await?))
        })
    }))
}

/// One incident.
pub(super) fn one(store: &Store, id: IncidentId) -> BoxFuture<'_, Result<Option<Incident>, LedgerError>> {
    Box::pin(async move {
        let sql = "SELECT id, body FROM incidents WHERE id = $1";
        let query = sqlx::query_as::<_, (i64, String)>(sql).bind(id.0);
        let row = store
            .read("reading an incident", query.fetch_optional(&store.inner.pool))
            .await?;
        row.map(|(id, body)| read(id, &body)).transpose()
    })
}

/// Incidents, newest first.
pub(super) fn some(
    store: &Store,
    filter: IncidentFilter,
) -> BoxFuture<'_, Result<Vec<Incident>, LedgerError>> {
    Box::pin(async move {
        let query = sqlx::query_as::<_, (i64, String)>(
            "SELECT id, body FROM incidents \
             WHERE (open = 1 OR closed >= $1) \
               AND ($2 = '' OR cluster = $2) \
               AND ($3 = '' OR namespace = $3) \
               AND ($4 = '' OR owner = $4) \
             ORDER BY id DESC LIMIT $5",
        )
        .bind(filter.closed_since.map_or(i64::MAX, Timestamp::as_millisecond))
        .bind(filter.cluster.unwrap_or_default())
        .bind(filter.namespace.unwrap_or_default())
        .bind(filter.owner.map_or_else(String::new, |o| o.to_string()))
        .bind(if filter.limit == 0 {
            i64::MAX
        } else {
            i64::from(filter.limit)
        });
        let rows = store
            .read("reading incidents", query.fetch_all(&store.inner.pool))
            .await?;
        rows.into_iter().map(|(id, body)| read(id, &body)).collect()
    })
}

/// The marks of what worked.
pub(super) fn worked<'s>(
    store: &'s Store,
    workload: &Workload,
) -> BoxFuture<'s, Result<Vec<String>, LedgerError>> {
    let workload = workload.to_string();
    Box::pin(async move {
        let sql = "SELECT mark FROM worked WHERE workload = $1 ORDER BY at DESC, mark LIMIT 100";
        let query = sqlx::query_scalar(sql).bind(workload);
        store
            .read("reading what worked", query.fetch_all(&store.inner.pool))
            .await
    })
}

/// Notes what works.
pub(super) fn note_worked(
    store: &Store,
    marks: Vec<(Workload, String)>,
) -> BoxFuture<'_, Result<(), LedgerError>> {
    Box::pin(async move {
        let rows: Vec<(String, String)> = marks.into_iter().map(|(w, mark)| (w.to_string(), mark)).collect();
        for (workload, mark) in &rows {
            text::key(workload)?;
            text::key(mark)?;
        }
        let data = (rows, Timestamp::now().as_millisecond());
        store
            .write("noting what works", &data, |(rows, now), db| {
                Box::pin(async move {
                    for (workload, mark) in rows {
                        sqlx::query(
                            "INSERT INTO worked (workload, mark, at) VALUES ($1, $2, $3) \
                         ON CONFLICT (workload, mark) DO UPDATE SET at = excluded.at",
                        )
                        .bind(workload.clone())
                        .bind(mark.clone())
                        .bind(*now)
                        .execute(&mut *db)
                        .await?;
                    }
                    Ok(())
                })
            })
            .await
    })
}
