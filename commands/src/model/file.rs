//! A file that goes with a report. What is stored, compared and passed on is its hash: the bytes of a fresh one travel
//! along until the store has them, and whoever draws it later loads them by the hash.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Text;

/// A file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct File {
    /// Its name, with extension.
    pub name: String,
    /// What is in it, in words, for those who cannot see it.
    pub description: Text,
    hash: String,
    size: u64,
    #[serde(skip)]
    fresh: Option<Arc<[u8]>>,
}

/// As it is stored. The first release stored the bytes themselves, as hexadecimal digits.
#[derive(Deserialize)]
struct Stored {
    name: String,
    description: Text,
    hash: Option<String>,
    #[serde(default)]
    size: u64,
    bytes: Option<String>,
}

/// Why a stored file is none.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error(transparent)]
    Hex(#[from] hex::FromHexError),
    #[error("the file {0} has neither a hash nor bytes")]
    Empty(String),
}

impl TryFrom<Stored> for File {
    type Error = Unreadable;

    fn try_from(stored: Stored) -> Result<Self, Unreadable> {
        let bytes = stored.bytes.map(hex::decode).transpose()?;
        match (stored.hash, bytes) {
            (Some(hash), _) => Ok(Self {
                name: stored.name,
                description: stored.description,
                hash,
                size: stored.size,
                fresh: None,
            }),
            (None, Some(bytes)) => Ok(Self::new(stored.name, stored.description, bytes)),
            (None, None) => Err(Unreadable::Empty(stored.name)),
        }
    }
}

impl File {
    /// A fresh file.
    pub fn new(name: impl Into<String>, description: impl Into<Text>, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self {
            name: name.into(),
            description: description.into(),
            hash: hash(&bytes),
            size: bytes.len() as u64,
            fresh: Some(bytes),
        }
    }

    /// SHA-256 (hex) of its bytes.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// How many bytes it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its bytes, as long as it is fresh; afterwards they are in the store, under its hash.
    #[must_use]
    pub fn bytes(&self) -> Option<&Arc<[u8]>> {
        self.fresh.as_ref()
    }

    /// Passes its words, and its bytes where they are text, through `f`. What is in the store went through it before.
    pub(super) fn map_text(&mut self, f: &dyn Fn(&str) -> String) {
        self.description.map_text(f);
        let text = self
            .fresh
            .as_deref()
            .and_then(|bytes| std::str::from_utf8(bytes).ok());
        if let Some(text) = text {
            let mapped = f(text);
            if mapped != text {
                let description = std::mem::take(&mut self.description);
                *self = Self::new(std::mem::take(&mut self.name), description, mapped.into_bytes());
            }
        }
    }
}

/// SHA-256 (hex) of bytes.
fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The same name, words and bytes; whether they are fresh is no difference.
impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.name == other.name && self.description == other.description
    }
}

impl Eq for File {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_stored_by_its_hash_alone() {
        let fresh = File::new("a.txt", "all of it", b"the bytes".to_vec());
        let stored = serde_json::to_string(&fresh).unwrap();
        assert!(
            !stored.contains("the bytes") && !stored.contains(&hex::encode("the bytes")),
            "{stored}"
        );
        let read: File = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, fresh);
        assert_eq!((read.hash(), read.size(), read.bytes()), (fresh.hash(), 9, None));
    }

    #[test]
    fn a_file_of_the_first_release_is_fresh_again() {
        let read: File =
            serde_json::from_str(r#"{"name":"a.txt","description":"all","bytes":"6869"}"#).unwrap();
        assert_eq!(read, File::new("a.txt", "all", b"hi".to_vec()));
        assert_eq!(read.bytes().map(|b| b.to_vec()), Some(b"hi".to_vec()));
        for wrong in [
            r#"{"name":"a","description":"b"}"#,
            r#"{"name":"a","description":"b","bytes":"xyz"}"#,
        ] {
            assert!(serde_json::from_str::<File>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn hiding_changes_the_hash_too() {
        let mut file = File::new("a.txt", "s3cret", b"a s3cret".to_vec());
        let before = file.hash().to_owned();
        file.map_text(&|t| t.replace("s3cret", "[hidden]"));
        assert_eq!(file, File::new("a.txt", "[hidden]", b"a [hidden]".to_vec()));
        assert_ne!(file.hash(), before);
    }
}
