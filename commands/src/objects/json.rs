//! JSON that is kept as compact text and read only when somebody asks: a pod template of forty variables is two kilobytes
//! so, and thirty as values.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// A piece of an object as compact JSON. Nothing is lost: also not a field that this build does not know.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Json(Box<str>);

impl Json {
    /// As a value; null when there is none.
    #[must_use]
    pub fn value(&self) -> Value {
        self.read().unwrap_or_default()
    }

    /// The part of it that a type knows; `None` when there is none, or it is of another shape.
    #[must_use]
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Option<T> {
        serde_json::from_str(&self.0).ok()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = Vec::new();
        serde_transcode::transcode(deserializer, &mut serde_json::Serializer::new(&mut text))
            .map_err(D::Error::custom)?;
        let text = String::from_utf8(text).map_err(D::Error::custom)?;
        Ok(Self(text.into_boxed_str()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_field_is_lost_and_no_blank_kept() {
        let text = r#"{ "b": [1, -2.5, null, true, { "new field": "é\n" }],  "a": "" }"#;
        let kept: Json = serde_json::from_str(text).unwrap();
        assert_eq!(kept.value(), serde_json::from_str::<Value>(text).unwrap());
        assert!(kept.0.len() < text.len());
        // A watch event may come with its object before its type: then it is read from a buffer.
        let buffered: Json = serde_json::from_value(json!({ "x": 1 })).unwrap();
        assert_eq!(buffered.value(), json!({ "x": 1 }));
        assert_eq!(Json::default().value(), Value::Null);
    }
}
