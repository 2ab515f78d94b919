//! The audit: rows that are only ever appended, each bound to the one before by a hash. Who changes, removes or
//! reorders rows in the database breaks the chain; who rewrites the whole chain is caught by a head (number and hash)
//! that was noted elsewhere, as the bot does in the chat every day.

use std::{fmt, io::Write, str::FromStr};

use ceo_commands::ports::{AuditEntry, LedgerError};
use sqlx::{AnyConnection, FromRow, Row, any::AnyRow};

use super::{handle::Store, text, write::Fault};

/// What the first row follows.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How many rows are read at once.
const PAGE: i64 = 500;

/// The end of the chain at some time. Written `SEQ:HASH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// The last row; 0 when there is none.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for AuditHead {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not of the form SEQ:HASH, with 64 hexadecimal digits");
        let (seq, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let seq = seq.parse().ok().filter(|seq| *seq >= 0).ok_or_else(wrong)?;
        let hash = hash.to_ascii_lowercase();
        if hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        Ok(Self { seq, hash })
    }
}

/// The first place where the audit is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audit is broken at row {seq}: {why}")]
pub struct Broken {
    /// The row.
    pub seq: i64,
    /// What is wrong there.
    pub why: String,
}

/// Why an audit was not found whole.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is not whole.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// It could not be read.
    #[error(transparent)]
    Store(#[from] LedgerError),
}

/// A row to append: the text, and what it is searched by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NewRow {
    entry: String,
    keys: Keys,
}

#[derive(Debug, PartialEq, Eq)]
struct Keys {
    actor: String,
    target: String,
    outcome: String,
    ticket: i64,
}

impl Keys {
    fn of(entry: &AuditEntry) -> Self {
        Self {
            actor: entry.actor.map_or_else(String::new, |a| a.0.to_string()),
            target: text::searchable(&entry.target),
            outcome: text::searchable(&entry.outcome),
            ticket: entry.ticket.map_or(0, |t| t.0),
        }
    }
}

impl NewRow {
    pub(super) fn of(entry: &AuditEntry) -> Result<Self, LedgerError> {
        Ok(Self {
            entry: text::canonical(entry)?,
            keys: Keys::of(entry),
        })
    }
}

/// Appends rows to the chain; gives the place of the last one.
pub(super) async fn append(rows: &[NewRow], db: &mut AnyConnection) -> Result<Option<i64>, Fault> {
    if rows.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1";
    let head: Option<(i64, String)> = sqlx::query_as(sql).fetch_optional(&mut *db).await?;
    let (mut seq, mut previous) = head.unwrap_or((0, GENESIS.to_owned()));
    for row in rows {
        seq += 1;
        let hash = text::chain(&previous, &row.entry);
        sqlx::query(
            "INSERT INTO audit (seq, previous, hash, entry, actor, target, outcome, ticket) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(seq)
        .bind(previous)
        .bind(hash.clone())
        .bind(row.entry.clone())
        .bind(row.keys.actor.clone())
        .bind(row.keys.target.clone())
        .bind(row.keys.outcome.clone())
        .bind(row.keys.ticket)
        .execute(&mut *db)
        .await?;
        previous = hash;
    }
    Ok(Some(seq))
}

struct StoredRow {
    seq: i64,
    previous: String,
    hash: String,
    entry: String,
    actor: String,
    target: String,
    outcome: String,
    ticket: i64,
}

// By hand: sqlx's derive would build SQLite a second time, for the machine that compiles.
impl FromRow<'_, AnyRow> for StoredRow {
    fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            seq: row.try_get("seq")?,
            previous: row.try_get("previous")?,
            hash: row.try_get("hash")?,
            entry: row.try_get("entry")?,
            actor: row.try_get("actor")?,
            target: row.try_get("target")?,
            outcome: row.try_get("outcome")?,
            ticket: row.try_get("ticket")?,
        })
    }
}

impl Store {
    /// The end of the chain now, for a witness to note.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn audit_head(&self) -> Result<AuditHead, LedgerError> {
        let query = sqlx::query_as("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
        let head: Option<(i64, String)> = self
            .read("reading the audit's end", query.fetch_optional(&self.inner.pool))
            .await?;
        let (seq, hash) = head.unwrap_or((0, GENESIS.to_owned()));
        Ok(AuditHead { seq, hash })
    }

    /// Walks the whole chain; gives its end when it is whole. The rows that witnesses saw must still be the same.
    ///
    /// # Errors
    /// [`VerifyError::Broken`] with the first row that is not as it was written.
    pub async fn verify(&self, witnesses: &[AuditHead]) -> Result<AuditHead, VerifyError> {
        let mut head = AuditHead {
            seq: 0,
            hash: GENESIS.to_owned(),
        };
        testify(witnesses, &head)?;
        loop {
            let page = self.page(head.seq).await?;
            if page.is_empty() {
                break;
            }
            for row in page {
                head = follow(&head, row)?;
                testify(witnesses, &head)?;
            }
        }
        match witnesses.iter().max_by_key(|seen| seen.seq) {
            Some(seen) if seen.seq > head.seq => Err(Broken {
                seq: head.seq + 1,
                why: format!("it is missing, and the witness saw rows up to {}", seen.seq),
            }
            .into()),
            _ => Ok(head),
        }
    }

    /// Writes all rows as JSON lines `{"entry":{...},"hash":"...","previous":"...","seq":1}` with sorted keys and no
    /// spaces. `hash` is the SHA-256 of `previous` and the text of `entry` as it stands in the line (a text in quotes
    /// is one that somebody has damaged). Gives the number of rows.
    ///
    /// # Errors
    /// When the store or the writer fails.
    pub async fn export(&self, writer: &mut (dyn Write + Send)) -> Result<u64, LedgerError> {
        let (mut last, mut count) = (0, 0);
        loop {
            let page = self.page(last).await?;
            if page.is_empty() {
                break;
            }
            for row in page {
                last = row.seq;
                count += 1;
                let line = line(&row)?;
                writeln!(writer, "{line}")
                    .map_err(|e| LedgerError::Store(format!("writing the export: {e}")))?;
            }
        }
        writer
            .flush()
            .map_err(|e| LedgerError::Store(format!("writing the export: {e}")))?;
        Ok(count)
    }

    async fn page(&self, after: i64) -> Result<Vec<StoredRow>, LedgerError> {
        let query = sqlx::query_as(
            "SELECT seq, previous, hash, entry, actor, target, outcome, ticket FROM audit \
             WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(after)
        .bind(PAGE);
        self.read("reading the audit", query.fetch_all(&self.inner.pool))
            .await
    }
}

fn line(row: &StoredRow) -> Result<String, LedgerError> {
    let value = serde_json::from_str::<serde_json::Value>(&row.entry).unwrap_or_default();
    let whole = text::canonical(&value)? == row.entry;
    let entry = if whole {
        row.entry.clone()
    } else {
        text::canonical(&row.entry)?
    };
    let (hash, previous) = (text::canonical(&row.hash)?, text::canonical(&row.previous)?);
    Ok(format!(
        r#"{{"entry":{entry},"hash":{hash},"previous":{previous},"seq":{}}}"#,
        row.seq
    ))
}

/// Whether `row` is what must come after `head`.
fn follow(head: &AuditHead, row: StoredRow) -> Result<AuditHead, Broken> {
    let seq = head.seq + 1;
    let broken = |why: String| Err(Broken { seq, why });
    if row.seq != seq {
        return broken(format!("it is missing; the next one is row {}", row.seq));
    }
    if row.hash != text::chain(&row.previous, &row.entry) {
        return broken("its text and its hash do not belong together; one was changed".to_owned());
    }
    if row.previous != head.hash {
        return broken(format!(
            "it was not written after what is now row {}; rows were replaced, removed or reordered",
            head.seq
        ));
    }
    let same = serde_json::from_str::<AuditEntry>(&row.entry).map(|entry| {
        let keys = (&row.actor, &row.target, &row.outcome, row.ticket);
        let Keys {
            actor,
            target,
            outcome,
            ticket,
        } = Keys::of(&entry);
        keys == (&actor, &target, &outcome, ticket)
    });
    match same {
        Ok(true) => Ok(AuditHead { seq, hash: row.hash }),
        Ok(false) => broken("the columns that it is searched by were changed".to_owned()),
        Err(error) => broken(format!("its text is no audit entry: {error}")),
    }
}

fn testify(witnesses: &[AuditHead], head: &AuditHead) -> Result<(), Broken> {
    let differs = |seen: &AuditHead| seen.seq == head.seq && seen.hash != head.hash;
    if !witnesses.iter().any(differs) {
        return Ok(());
    }
    Err(Broken {
        seq: head.seq,
        why: "it is not what the witness saw; it or a row before it was written anew".to_owned(),
    })
}
