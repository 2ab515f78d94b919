//! Files of reports, by the hash of their bytes. They are stored by the commit that first names them, and deleted by the
//! one after which nothing names them: a ticket that is rewritten at each renewal of its lease carries no bytes.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ceo_commands::{
    model::{File, Report},
    ports::LedgerError,
};
use sqlx::AnyConnection;

use super::{handle::Store, write::Fault};

/// The files that a row names, by hash.
pub(super) struct Named {
    holder: String,
    files: BTreeMap<String, File>,
}

impl Named {
    /// The files of a ticket's or a message's reports.
    pub(super) fn of<'r>(holder: String, reports: impl IntoIterator<Item = &'r Report>) -> Self {
        let files = reports.into_iter().flat_map(Report::files);
        Self {
            holder,
            files: files.map(|file| (file.hash().to_owned(), file.clone())).collect(),
        }
    }
}

/// Brings what a holder names up to date. A file whose bytes nobody has any more is left out: an attachment is no reason
/// to lose an approval.
pub(super) async fn update(named: &Named, db: &mut AnyConnection) -> Result<(), Fault> {
    let before: Vec<String> = sqlx::query_scalar("SELECT hash FROM blob_names WHERE holder = $1")
        .bind(named.holder.clone())
        .fetch_all(&mut *db)
        .await?;
    for (hash, file) in named.files.iter().filter(|(hash, _)| !before.contains(hash)) {
        if !insert(hash, file, db).await? {
            tracing::error!(
                holder = named.holder,
                file = file.name,
                hash,
                "the bytes of a file are gone"
            );
            continue;
        }
        sqlx::query("INSERT INTO blob_names (holder, hash) VALUES ($1, $2)")
            .bind(named.holder.clone())
            .bind(hash.clone())
            .execute(&mut *db)
            .await?;
    }
    for hash in before.iter().filter(|hash| !named.files.contains_key(*hash)) {
        sqlx::query("DELETE FROM blob_names WHERE holder = $1 AND hash = $2")
            .bind(named.holder.clone())
            .bind(hash.clone())
            .execute(&mut *db)
            .await?;
        sqlx::query(
            "DELETE FROM blobs WHERE hash = $1 AND NOT EXISTS (SELECT 1 FROM blob_names WHERE hash = $1)",
        )
        .bind(hash.clone())
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Whether the bytes are there now.
async fn insert(hash: &str, file: &File, db: &mut AnyConnection) -> Result<bool, Fault> {
    let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM blobs WHERE hash = $1")
        .bind(hash.to_owned())
        .fetch_one(&mut *db)
        .await?;
    if known > 0 {
        return Ok(true);
    }
    let Some(bytes) = file.bytes() else {
        return Ok(false);
    };
    sqlx::query("INSERT INTO blobs (hash, size, bytes) VALUES ($1, $2, $3)")
        .bind(hash.to_owned())
        .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
        .bind(STANDARD.encode(bytes))
        .execute(&mut *db)
        .await?;
    Ok(true)
}

/// Forgets what messages name that are no longer there, and the files that nothing names then.
pub(super) async fn sweep(db: &mut AnyConnection) -> Result<(), Fault> {
    sqlx::query(
        "DELETE FROM blob_names WHERE holder LIKE 'message:%' \
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE 'message:' || outbox.name = blob_names.holder)",
    )
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "DELETE FROM blobs WHERE NOT EXISTS (SELECT 1 FROM blob_names WHERE blob_names.hash = blobs.hash)",
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}

impl Store {
    /// The bytes of a file, by their hash; `None` when nothing names it any more.
    ///
    /// # Errors
    /// When the store fails, or what it holds is damaged.
    pub async fn blob(&self, hash: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let query =
            sqlx::query_scalar::<_, String>("SELECT bytes FROM blobs WHERE hash = $1").bind(hash.to_owned());
        let row = self
            .read("reading a file", query.fetch_optional(&self.inner.pool))
            .await?;
        row.map(|text| STANDARD.decode(text))
            .transpose()
            .map_err(|e| LedgerError::Store(format!("the file {hash} is damaged: {e}")))
    }
}
