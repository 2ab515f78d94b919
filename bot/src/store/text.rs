//! Text as the databases hold it. JSON has its keys sorted, so that the same value is the same text and has the same
//! hash, whoever wrote it.

use std::fmt::Write as _;

use ceo_commands::ports::LedgerError;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// JSON without spaces and with sorted keys. Control characters are escaped, NUL among them, so that a PostgreSQL TEXT,
/// which cannot hold a NUL, can hold it.
///
/// # Errors
/// When the value has no JSON form: maps with keys that are not text.
pub(super) fn canonical<T: Serialize>(value: &T) -> Result<String, LedgerError> {
    let value = serde_json::to_value(value).map_err(|e| LedgerError::Store(format!("no JSON form: {e}")))?;
    let mut out = String::new();
    put(&value, &mut out);
    Ok(out)
}

/// serde_json sorts keys only while no crate of the build turns `preserve_order` on; this does always.
fn put(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                put(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                put(&Value::String(key.clone()), out);
                out.push(':');
                put(&map[key], out);
            }
            out.push('}');
        }
        // Writing to a String does not fail.
        scalar => drop(write!(out, "{scalar}")),
    }
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
    fn keys_are_sorted_at_every_depth_and_nul_is_escaped() {
        let value = serde_json::json!({"b": [{"z": 1, "a": null}], "a": "x\u{0}\n\"é", "B": 1.5});
        let text = canonical(&value).unwrap();
        assert_eq!(text, r#"{"B":1.5,"a":"x\u0000\n\"é","b":[{"a":null,"z":1}]}"#);
        assert!(!text.contains('\0'));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn the_chain_depends_on_both_parts() {
        // printf 'ab' | sha256sum
        let ab = "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603";
        assert_eq!(chain("a", "b"), ab);
        assert_ne!(chain("a", "c"), ab);
        assert_ne!(chain("c", "b"), ab);
    }
}
