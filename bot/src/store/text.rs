//! Text as the databases hold it. JSON has its keys sorted, so that the same value is the same text and has the same
//! hash, whoever wrote it.

use ceo_commands::{model, ports::LedgerError};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// A value as [`model::canonical`] JSON.
///
/// # Errors
/// When the value has no JSON form: maps with keys that are not text.
pub(super) fn canonical<T: Serialize>(value: &T) -> Result<String, LedgerError> {
    let value = serde_json::to_value(value).map_err(|e| LedgerError::Store(format!("no JSON form: {e}")))?;
    Ok(model::canonical(&value))
}

/// Reads what [`canonical`] wrote. `what` names the row for whoever has to repair it.
pub(super) fn parse<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, LedgerError> {
    serde_json::from_str(text).map_err(|e| LedgerError::Store(format!("{what} cannot be read: {e}")))
}

/// SHA-256 (hex) over the previous row's hash and this row's text.
pub(super) fn chain(previous: &str, text: &str) -> String {
    hex::encode(Sha256::new().chain_update(previous).chain_update(text).finalize())
}

/// A name or key, which both databases must hold and compare alike.
///
/// # Errors
/// When it holds a NUL: PostgreSQL refuses it, SQLite would cut there.
pub(super) fn key(text: &str) -> Result<&str, LedgerError> {
    if text.contains('\0') {
        return Err(LedgerError::Store(format!(
            "a key must not hold a NUL character: {text:?}"
        )));
    }
    Ok(text)
}

/// Text of a column that only helps to search; the exact text is elsewhere in the row.
pub(super) fn searchable(text: &str) -> String {
    text.replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_depends_on_both_parts() {
        // printf 'ab' | sha256sum
        let ab = "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603";
        assert_eq!(chain("a", "b"), ab);
        assert_ne!(chain("a", "c"), ab);
        assert_ne!(chain("c", "b"), ab);
    }
}
