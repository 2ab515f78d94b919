//! Small values by name: hashes of what was registered or posted, texts of buttons.

use ceo_commands::{model::Timestamp, ports::LedgerError};

use super::{handle::Store, text};

impl Store {
    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// When it gives none in time.
    pub async fn ping(&self) -> Result<(), LedgerError> {
        let query = sqlx::query_scalar::<_, i64>("SELECT value FROM counters WHERE name = 'ticket'");
        self.read("a sign of life", query.fetch_one(&self.inner.pool))
            .await?;
        Ok(())
    }

    /// A value stored by name: hashes of what was registered or posted.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn get(&self, name: &str) -> Result<Option<String>, LedgerError> {
        let query = sqlx::query_scalar("SELECT value FROM kv WHERE name = $1").bind(name.to_owned());
        self.read("reading a value", query.fetch_optional(&self.inner.pool))
            .await
    }

    /// Stores a value by name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put(&self, name: &str, value: &str) -> Result<(), LedgerError> {
        let now = Timestamp::now().as_millisecond();
        let row = (text::key(name)?.to_owned(), text::key(value)?.to_owned(), now);
        self.write("storing a value", &row, |(name, value, now), db| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO kv (name, value, at) VALUES ($1, $2, $3) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
                )
                .bind(name.clone())
                .bind(value.clone())
                .bind(*now)
                .execute(db)
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Forgets the values whose names begin so and that were stored before a moment. Each drawing of a button stores its
    /// text anew, so that those of living messages stay.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_values(&self, prefix: &str, before: Timestamp) -> Result<(), LedgerError> {
        let now = Timestamp::now().as_millisecond();
        let data = (format!("{prefix}%"), before.as_millisecond(), now);
        self.write("forgetting values", &data, |(names, before, now), db| {
            Box::pin(async move {
                // What was stored before ages were noted is as old as this.
                sqlx::query("UPDATE kv SET at = $2 WHERE name LIKE $1 AND at = 0")
                    .bind(names.clone())
                    .bind(*now)
                    .execute(&mut *db)
                    .await?;
                sqlx::query("DELETE FROM kv WHERE name LIKE $1 AND at < $2")
                    .bind(names.clone())
                    .bind(*before)
                    .execute(&mut *db)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
