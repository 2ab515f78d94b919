//! JSON that is the same text whenever it is the same value, so that it has the same hash whoever wrote it.

use std::fmt::Write as _;

use serde_json::Value;

/// JSON without blanks and with sorted keys. Control characters are escaped, NUL among them, so that every database can
/// hold it.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    put(value, &mut out);
    out
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth_and_nul_is_escaped() {
        let value = serde_json::json!({"b": [{"z": 1, "a": null}], "a": "x\u{0}\n\"é", "B": 1.5});
        let text = canonical(&value);
        assert_eq!(text, r#"{"B":1.5,"a":"x\u0000\n\"é","b":[{"a":null,"z":1}]}"#);
        assert!(!text.contains('\0'));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
