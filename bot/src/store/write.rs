//! How the store is called: every call has a deadline, every write is one transaction that no other write overlaps.
//!
//! SQLite gets BEGIN IMMEDIATE: a transaction that reads first and asks for the write lock later fails at once when
//! somebody else wrote in between. PostgreSQL gets SERIALIZABLE, and LOCK TABLE as the first statement, which waits
//! *before* the transaction's snapshot is taken: taking turns beats failing and trying again when every commit appends
//! to one chain of hashes. Serialization failures can still come from elsewhere and are tried again.

use std::{future::Future, time::Duration};

use ceo_commands::ports::LedgerError;
use futures::future::BoxFuture;
use sqlx::{Any, AnyConnection, Transaction};
use tokio::time::{Instant, timeout, timeout_at};

use super::handle::{Dialect, Store};

/// How often a transaction is tried when the database says that it collided with another.
const TRIES: u32 = 6;

/// Why a transaction is taken back.
pub(super) enum Fault {
    /// It would break a promise of the ledger.
    Refused(LedgerError),
    /// The database failed.
    Sql(sqlx::Error),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<LedgerError> for Fault {
    fn from(error: LedgerError) -> Self {
        Self::Refused(error)
    }
}

impl Fault {
    /// Whether the same transaction may well pass when it is tried again: serialization failure, deadlock.
    fn passing(&self) -> bool {
        match self {
            Self::Sql(sqlx::Error::Database(error)) => {
                matches!(error.code().as_deref(), Some("40001" | "40P01"))
            }
            Self::Sql(_) | Self::Refused(_) => false,
        }
    }

    fn into_error(self, what: &str) -> LedgerError {
        match self {
            Self::Refused(error) => error,
            Self::Sql(error) => failed(what, &error),
        }
    }
}

/// What is done inside a transaction.
pub(super) type Work<D, T> = for<'c> fn(&'c D, &'c mut AnyConnection) -> BoxFuture<'c, Result<T, Fault>>;

impl Store {
    /// Runs `work` in a transaction of its own: all of it is stored, or nothing.
    pub(super) async fn write<D: Sync, T: Send>(
        &self,
        what: &'static str,
        data: &D,
        work: Work<D, T>,
    ) -> Result<T, LedgerError> {
        let deadline = Instant::now() + self.inner.timeout;
        let late = || late(what, self.inner.timeout);
        let _turn = timeout_at(deadline, self.inner.turn.lock())
            .await
            .map_err(|_| late())?;
        let mut pause = Duration::from_millis(5);
        for _ in 1..TRIES {
            match self.try_write(what, data, work, deadline).await {
                Err(fault) if fault.passing() && Instant::now() + pause < deadline => {
                    tracing::debug!(what, "the transaction collided with another and is tried again");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                end => return end.map_err(|fault| fault.into_error(what)),
            }
        }
        let end = self.try_write(what, data, work, deadline).await;
        end.map_err(|fault| fault.into_error(what))
    }

    async fn try_write<D: Sync, T: Send>(
        &self,
        what: &'static str,
        data: &D,
        work: Work<D, T>,
        deadline: Instant,
    ) -> Result<T, Fault> {
        let body = async {
            let mut transaction = self.begin().await?;
            let value = work(data, &mut transaction).await?;
            Ok::<_, Fault>((transaction, value))
        };
        // A transaction that is dropped is rolled back before its connection is used again.
        let (transaction, value) = timeout_at(deadline, body)
            .await
            .map_err(|_| late(what, self.inner.timeout))??;
        // From here on nobody can say that nothing was stored, so the end has time of its own and errors of its own.
        match timeout(self.inner.timeout, transaction.commit()).await {
            Ok(Ok(())) => Ok(value),
            Ok(Err(error @ sqlx::Error::Database(_))) => Err(error.into()),
            Ok(Err(error)) => Err(unsure(what, &error.to_string()).into()),
            Err(_) => Err(unsure(what, "no answer in time").into()),
        }
    }

    async fn begin(&self) -> Result<Transaction<'static, Any>, sqlx::Error> {
        match self.inner.dialect {
            Dialect::Sqlite => self.inner.pool.begin_with("BEGIN IMMEDIATE").await,
            Dialect::Postgres => {
                let mut transaction = self
                    .inner
                    .pool
                    .begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE")
                    .await?;
                // Not a query: takes no snapshot. Readers pass, other writers wait.
                sqlx::query("LOCK TABLE counters IN EXCLUSIVE MODE")
                    .execute(&mut *transaction)
                    .await?;
                Ok(transaction)
            }
        }
    }

    /// A query with the store's deadline and errors.
    pub(super) async fn read<T>(
        &self,
        what: &'static str,
        query: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, LedgerError> {
        match timeout(self.inner.timeout, query).await {
            Ok(result) => result.map_err(|error| failed(what, &error)),
            Err(_) => Err(late(what, self.inner.timeout)),
        }
    }
}

pub(super) fn failed(what: &str, error: &sqlx::Error) -> LedgerError {
    LedgerError::Store(format!("{what}: {error}"))
}

pub(super) fn late(what: &str, limit: Duration) -> LedgerError {
    LedgerError::Store(format!("{what}: no answer within {} ms", limit.as_millis()))
}

fn unsure(what: &str, why: &str) -> LedgerError {
    LedgerError::Store(format!("{what}: {why}; it is not known whether it was stored"))
}
