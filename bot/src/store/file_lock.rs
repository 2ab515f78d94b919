//! One bot a file. On SQLite the name under which a process holds its runs is always the same, so that it takes them up at
//! once when it comes back; two of them at a time would take each other's runs for their own.

use std::{
    fs::{File, TryLockError},
    path::PathBuf,
    time::Duration,
};

use ceo_commands::ports::LedgerError;
use tokio::time::Instant;

/// How often to look whether the other one is gone.
const POLL_EVERY: Duration = Duration::from_millis(100);

/// Locks the file of a database beside it; the lock ends with the process. None where there is no file.
///
/// # Errors
/// When another process keeps it for as long as is waited, or the lock cannot be made.
pub(super) async fn lock(url: &str, within: Duration) -> Result<Option<File>, LedgerError> {
    let Some(path) = beside(url) else {
        return Ok(None);
    };
    let failed = |what: &str, error: &std::io::Error| {
        LedgerError::Store(format!("{what} {}: {error}", path.display()))
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| failed("opening", &error))?;
    let until = Instant::now() + within;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if Instant::now() < until => tokio::time::sleep(POLL_EVERY).await,
            Err(TryLockError::WouldBlock) => {
                return Err(LedgerError::Store(format!(
                    "another bot holds {}. One bot uses a file: stop the other one, give this one a store.url of its own, or \
                     use PostgreSQL for several",
                    path.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(failed("locking", &error)),
        }
    }
}

fn beside(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(format!("{path}.lock")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_stands_beside_the_file() {
        for (url, expected) in [
            ("sqlite:ceo.db", Some("ceo.db.lock")),
            ("sqlite:///data/ceo.db?mode=rwc", Some("/data/ceo.db.lock")),
            ("sqlite::memory:", None),
            ("postgres://db/ceo", None),
        ] {
            assert_eq!(beside(url), expected.map(PathBuf::from), "{url}");
        }
    }
}
