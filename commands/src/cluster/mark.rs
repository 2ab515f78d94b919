//! The mark of a write: an annotation of our own with ticket and step, written together with what it marks. After a crash
//! it tells what was set back since from what was never done. Nobody else writes it, unlike the change-cause.

use json_patch::PatchOperation;
use serde_json::{Map, Value, json};

use super::{
    fields::{CHANGE_CAUSE, MARK, escape},
    patch,
};

/// Where annotations are.
const MAP: &str = "/metadata/annotations";
/// What the change-cause belongs to.
const TEMPLATE: &str = "/spec/template";

/// What a write says of itself.
#[derive(Debug, Clone)]
pub(super) struct Marks {
    /// `13/1790000000000/restore the template`.
    pub(super) mark: String,
    /// `ceo: rollback … by operator, ticket 13`.
    pub(super) cause: String,
}

impl Marks {
    /// The annotations that go along with a patch. The change-cause belongs to a template: Kubernetes copies it to the
    /// revision that runs, so a write that makes no revision must not touch it.
    pub(super) fn along(&self, fresh: &Value, operations: &[PatchOperation]) -> Vec<PatchOperation> {
        let mut notes = vec![(MARK, &self.mark)];
        if patch::written(operations)
            .iter()
            .any(|path| path.starts_with(TEMPLATE))
        {
            notes.push((CHANGE_CAUSE, &self.cause));
        }
        notes.retain(|(name, _)| {
            let path = format!("{MAP}/{}", escape(name));
            !operations.iter().any(|op| op.path().as_str() == path)
        });
        let there =
            fresh.pointer(MAP).is_some_and(Value::is_object) || patch::written(operations).contains(&MAP);
        if there {
            let one =
                |(name, text): (&str, &String)| patch::add(&format!("{MAP}/{}", escape(name)), text.clone());
            return notes.into_iter().map(one).collect();
        }
        // A map that is not there must be made with its first entries.
        let map: Map<String, Value> = notes
            .into_iter()
            .map(|(name, text)| (name.to_owned(), json!(text)))
            .collect();
        vec![patch::add(MAP, Value::Object(map))]
    }

    /// An object with the mark in it.
    pub(super) fn on(&self, mut object: Value) -> Value {
        object["metadata"]["annotations"][MARK] = json!(self.mark);
        object
    }

    /// Whether this very write was made already, by an earlier try or an earlier life.
    pub(super) fn is_on(&self, object: &Value) -> bool {
        mark_of(object) == Some(self.mark.as_str())
    }
}

/// The mark on an object.
#[must_use]
pub fn mark_of(object: &Value) -> Option<&str> {
    object.pointer(MAP)?.get(MARK)?.as_str()
}
