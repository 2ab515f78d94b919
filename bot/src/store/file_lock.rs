//! One bot a file. On SQLite the name under which a process holds its runs is always the same, so that it takes them up at
//! once when it comes back; two of them at a time would take each other's runs for their own.

use std::{
    fs::{File, TryLockError},
    io::ErrorKind,
    path::PathBuf,
    time::Duration,
};

use ceo_commands::ports::LedgerError;
use tokio::time::Instant;

use crate::settings::private_file;

/// How often to look whether the other one is gone.
const POLL_EVERY: Duration = Duration::from_millis(100);

/// Locks the file of a database beside it; the lock ends with the process. None where there is no file.
///
/// # Errors
/// When another process keeps it for as long as is waited, or the lock cannot be made.
pub(super) async fn lock(url: &str, within: Duration) -> Result<Option<File>, LedgerError> {
    let Some(path) = file(url).map(beside) else {
        return Ok(None);
    };
    let failed = |what: &str, error: &std::io::Error| {
        LedgerError::Store(format!("{what} {}: {error}", path.display()))
    };
    let file = private_file::options()
        .create(true)
        .truncate(false)
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

/// Makes the file of a database readable for the bot's account alone, where it is not there yet; SQLite gives those beside
/// it the same permissions.
pub(super) fn make(url: &str) -> Result<(), LedgerError> {
    let Some(path) = file(url).filter(|_| !url.contains("mode=ro")) else {
        return Ok(());
    };
    match private_file::options().create_new(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(LedgerError::Store(format!("opening: {path}: {error}"))),
    }
}

/// The file of a database, where it has one.
pub fn file(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && path != ":memory:" && !url.contains("mode=memory")).then_some(path)
}

fn beside(path: &str) -> PathBuf {
    PathBuf::from(format!("{path}.lock"))
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
            assert_eq!(file(url).map(beside), expected.map(PathBuf::from), "{url}");
        }
    }
}
