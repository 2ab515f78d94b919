//! A fresh database for a test.

use std::time::{Duration, Instant};

use ceo_bot::store::{Store, StoreOptions};
use sqlx::{AnyConnection, Connection, Executor};
use tempfile::TempDir;

use crate::postgres::Server;

/// An empty database, and the store on it.
pub struct Db {
    pub url: String,
    pub store: Store,
    _directory: Option<TempDir>,
}

impl Db {
    pub async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("a store.db").display());
        Self {
            store: open(&url).await,
            url,
            _directory: Some(directory),
        }
    }

    pub async fn postgres() -> Option<Self> {
        let url = new_database().await?;
        Some(Self {
            store: open(&url).await,
            url,
            _directory: None,
        })
    }

    /// A database that was dumped, and the store that takes it over.
    pub async fn taken_over_sqlite(dump: &str) -> Self {
        sqlx::any::install_default_drivers();
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("a store.db").display());
        load(&format!("{url}?mode=rwc"), dump).await;
        Self {
            store: open(&url).await,
            url,
            _directory: Some(directory),
        }
    }

    /// The same on PostgreSQL.
    pub async fn taken_over_postgres(dump: &str) -> Option<Self> {
        let url = new_database().await?;
        load(&url, dump).await;
        Some(Self {
            store: open(&url).await,
            url,
            _directory: None,
        })
    }

    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres:")
    }

    /// A second store on the same database, as another process would have.
    pub async fn again(&self) -> Store {
        open(&self.url).await
    }

    /// The same with another patience.
    pub async fn hasty(&self, timeout: Duration) -> Store {
        let options = StoreOptions {
            timeout,
            ..StoreOptions::default()
        };
        Store::open(&self.url, options).await.unwrap()
    }

    /// A connection that keeps no promises.
    pub async fn intruder(&self) -> AnyConnection {
        AnyConnection::connect(&self.url).await.unwrap()
    }

    /// Runs statements behind the store's back.
    pub async fn tamper(&self, statements: &str) {
        let statements = sqlx::AssertSqlSafe(statements.to_owned());
        sqlx::raw_sql(statements)
            .execute(&mut self.intruder().await)
            .await
            .unwrap();
    }

    pub async fn count(&self, table: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        sqlx::query_scalar(sql)
            .fetch_one(&mut self.intruder().await)
            .await
            .unwrap()
    }
}

pub async fn open(url: &str) -> Store {
    let options = StoreOptions {
        timeout: Duration::from_secs(60),
        ..StoreOptions::default()
    };
    Store::open(url, options).await.unwrap()
}

/// The URL of an empty database on the server of the tests.
async fn new_database() -> Option<String> {
    let server = Server::get()?;
    let name = format!("t{}", uuid::Uuid::new_v4().simple());
    let mut admin = until_up(server).await;
    admin
        .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await
        .unwrap();
    Some(server.url(&name))
}

/// Runs a dump.
async fn load(url: &str, dump: &str) {
    let mut connection = AnyConnection::connect(url).await.unwrap();
    let dump = sqlx::AssertSqlSafe(dump.to_owned());
    sqlx::raw_sql(dump).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn until_up(server: &Server) -> AnyConnection {
    sqlx::any::install_default_drivers();
    let deadline = Instant::now() + Duration::from_secs(90);
    loop {
        match AnyConnection::connect(&server.url("postgres")).await {
            Ok(connection) => return connection,
            Err(error) => assert!(Instant::now() < deadline, "{error}\n{}", server.log()),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
