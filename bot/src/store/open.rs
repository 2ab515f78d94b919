//! How the store is opened and closed: connections, and tables brought up to date.

use std::{sync::Arc, time::Duration};

use ceo_commands::ports::LedgerError;
use prometheus_client::metrics::counter::Counter;
use sqlx::{
    Executor, SqlSafeStr,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::{Migration, MigrationType, Migrator},
};
use tokio::sync::watch;

use super::{
    file_lock,
    handle::{Dialect, Inner, Store},
    write,
};

/// The tables, in the order in which they came to be: number, name, statements. Listed by hand, because sqlx's macro for
/// it would build SQLite a second time, for the machine that compiles.
const MIGRATIONS: [(i64, &str, &str); 4] = [
    (1, "ledger", include_str!("../../migrations/0001_ledger.sql")),
    (
        2,
        "incidents",
        include_str!("../../migrations/0002_incidents.sql"),
    ),
    (
        3,
        "age_of_values",
        include_str!("../../migrations/0003_age_of_values.sql"),
    ),
    (4, "blobs", include_str!("../../migrations/0004_blobs.sql")),
];

fn migrations() -> Migrator {
    let one = |(number, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(
            number,
            name.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    };
    Migrator::with_migrations(MIGRATIONS.map(one).into())
}

/// How the store is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// How long one call may take, waiting for its turn included. The end of a transaction has as long again.
    pub timeout: Duration,
    /// How long connecting and bringing the tables up to date may take.
    pub open_timeout: Duration,
    /// How many connections at most.
    pub connections: u32,
    /// Counts the audit rows that were stored.
    pub audit_rows: Counter,
    /// Whether this process wants a file for itself, and how long it waits for another one to let go of it. Only a bot that
    /// runs wants that.
    pub alone: Option<Duration>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            open_timeout: Duration::from_secs(30),
            connections: 8,
            audit_rows: Counter::default(),
            alone: None,
        }
    }
}

impl Store {
    /// Opens the store and brings its tables up to date.
    ///
    /// `url` is `sqlite:FILE` (created when missing), `sqlite::memory:` or `postgres://...`.
    ///
    /// # Errors
    /// When the URL is of another kind, the database cannot be reached, another bot holds its file, or its tables are not
    /// ours.
    pub async fn open(url: &str, options: StoreOptions) -> Result<Self, LedgerError> {
        sqlx::any::install_default_drivers();
        let alone = match options.alone {
            Some(within) => file_lock::lock(url, within).await?,
            None => None,
        };
        file_lock::make(url)?;
        let (dialect, url, connections) = plan(url, options.connections)?;
        let connect: AnyConnectOptions = url.parse().map_err(|e| write::failed("reading store.url", &e))?;
        let prepare = session(dialect, options.timeout);
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(options.open_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(move |connection, _| {
                let prepare = prepare.clone();
                Box::pin(async move {
                    for statement in prepare {
                        connection.execute(sqlx::AssertSqlSafe(statement)).await?;
                    }
                    Ok(())
                })
            });
        let open = async {
            let pool = pool
                .connect_with(connect)
                .await
                .map_err(|e| write::failed("opening", &e))?;
            migrations()
                .run(&pool)
                .await
                .map_err(|e| LedgerError::Store(format!("bringing the tables up to date: {e}")))?;
            Ok(pool)
        };
        let pool = tokio::time::timeout(options.open_timeout, open)
            .await
            .map_err(|_| write::late("opening", options.open_timeout))??;
        Ok(Self {
            inner: Arc::new(Inner {
                pool,
                dialect,
                timeout: options.timeout,
                audit_rows: options.audit_rows,
                turn: tokio::sync::Mutex::default(),
                outbox: watch::Sender::new(0),
                attempts: std::sync::Mutex::default(),
                _alone: alone,
            }),
        })
    }

    /// Ends all connections, after the calls that are under way.
    pub async fn close(&self) {
        if tokio::time::timeout(self.inner.timeout, self.inner.pool.close())
            .await
            .is_err()
        {
            tracing::warn!("the store's connections did not end in time");
        }
    }
}

/// Which dialect, the URL with what it lacks, and how many connections make sense.
fn plan(url: &str, connections: u32) -> Result<(Dialect, String, u32), LedgerError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok((Dialect::Postgres, url.to_owned(), connections.max(1)));
    }
    if !url.starts_with("sqlite:") {
        let what = "store.url must begin with sqlite: or postgres://";
        return Err(LedgerError::Store(what.to_owned()));
    }
    if url.contains(":memory:") || url.contains("mode=memory") {
        // Each connection would see an empty database of its own.
        return Ok((Dialect::Sqlite, url.to_owned(), 1));
    }
    let url = match url.split_once('?') {
        Some((_, query)) if query.contains("mode=") => url.to_owned(),
        Some(_) => format!("{url}&mode=rwc"),
        None => format!("{url}?mode=rwc"),
    };
    Ok((Dialect::Sqlite, url, connections.max(1)))
}

/// What each new connection is told first.
fn session(dialect: Dialect, timeout: Duration) -> Vec<String> {
    let wait = timeout.as_millis().max(1);
    match dialect {
        // FULL, not NORMAL: with a write-ahead log, NORMAL may lose the last commits when the power fails, and an
        // approval that people saw must not be forgotten. It costs one fsync a commit, which a chat can pay.
        Dialect::Sqlite => vec![
            format!("PRAGMA busy_timeout = {wait}"),
            "PRAGMA journal_mode = WAL".to_owned(),
            "PRAGMA synchronous = FULL".to_owned(),
            "PRAGMA foreign_keys = ON".to_owned(),
        ],
        // The server gives up too, so that an abandoned call does not keep the turnstile.
        Dialect::Postgres => vec![
            format!("SET statement_timeout = {wait}"),
            format!("SET idle_in_transaction_session_timeout = {}", wait * 2),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_migrations_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let listed = MIGRATIONS.map(|(number, name, _)| format!("{number:04}_{name}.sql"));
        assert_eq!(files, listed);
    }
}
