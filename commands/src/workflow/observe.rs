//! What a look at the cluster says of a step that began and is not known to have ended.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Run;
use crate::{
    cluster::{CHANGE_CAUSE, ClusterError, Target, fields_of, mark_of, precondition_of_value, set_back},
    failure::{Failure, Moved},
    model::Text,
    texts,
    ticket::{Before, Precondition},
};

/// What is known of a step that began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed<T> {
    /// It took effect, with this result.
    Done(T),
    /// It did not.
    NotDone,
    /// It did, and somebody set it back since.
    SetBack(Moved),
    /// Nothing that is there tells; in a sentence.
    NotKnown(Text),
}

/// An object as a write left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredWritten")]
pub struct Written {
    /// Its identity.
    pub uid: String,
    /// Its generation: older states in the caches are of before.
    pub generation: i64,
}

/// The first release stored the generation alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredWritten {
    Generation(i64),
    Whole { uid: String, generation: i64 },
}

impl From<StoredWritten> for Written {
    fn from(stored: StoredWritten) -> Self {
        match stored {
            StoredWritten::Generation(generation) => Self {
                uid: String::new(),
                generation,
            },
            StoredWritten::Whole { uid, generation } => Self { uid, generation },
        }
    }
}

impl Written {
    /// From the API server's answer.
    #[must_use]
    pub fn of(object: &Value) -> Self {
        let uid = object.pointer("/metadata/uid").and_then(Value::as_str);
        let generation = object.pointer("/metadata/generation").and_then(Value::as_i64);
        Self {
            uid: uid.unwrap_or_default().to_owned(),
            generation: generation.unwrap_or_default(),
        }
    }
}

impl Run<'_> {
    /// Looks whether a step's write to an existing object took effect: unchanged since before it was sent, not done;
    /// changed and its result visible, done; the step's mark without the result, set back; anything else is not known.
    ///
    /// # Errors
    /// When the object cannot be read.
    pub async fn look(
        &self,
        step: &str,
        object: &Precondition,
        before: Option<Before>,
        visible: impl Fn(&Value) -> bool + Send + Sync,
    ) -> Result<Observed<Written>, Failure> {
        let fresh = match self
            .view()
            .value(&object.cluster, &object.namespace, &object.resource, &object.name)
            .await
        {
            Ok(fresh) => fresh,
            Err(ClusterError::NotFound { .. }) => {
                return Ok(Observed::NotKnown(texts::workflow::gone(&object.name)));
            }
            Err(error) => return Err(error.into()),
        };
        let same = fresh.pointer("/metadata/uid").and_then(Value::as_str) == Some(object.uid.as_str());
        if !same {
            return Ok(Observed::NotKnown(texts::workflow::replaced(&object.name)));
        }
        let writer = self.writer(step);
        let marked = mark_of(&fresh) == Some(writer.mark().as_str());
        let changed = marked || before.as_ref().is_none_or(|before| is_changed(before, &fresh));
        if changed && visible(&fresh) {
            let pointers: Vec<&str> = object
                .fields
                .iter()
                .map(|(pointer, _)| pointer.as_str())
                .collect();
            self.remember_left(
                step,
                precondition_of_value(&object.cluster, &object.resource, &fresh, &pointers),
            );
            return Ok(Observed::Done(Written::of(&fresh)));
        }
        // The first release knew no mark of its own, and stored nothing before it sent.
        let of_first_release = before.is_none() && cause_of(&fresh) == Some(writer.change_cause().as_str());
        Ok(if marked || of_first_release {
            Observed::SetBack(set_back(object, &fresh))
        } else if changed {
            Observed::NotKnown(texts::workflow::not_known(&object.name))
        } else {
            Observed::NotDone
        })
    }

    /// Looks whether the object that a step creates is there, by that step.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn look_for_created(&self, step: &str, target: &Target) -> Result<Observed<Written>, Failure> {
        match self
            .view()
            .value(&target.cluster, &target.namespace, &target.resource, &target.name)
            .await
        {
            Ok(there) if mark_of(&there) == Some(self.writer(step).mark().as_str()) => {
                Ok(Observed::Done(Written::of(&there)))
            }
            Ok(_) => Ok(Observed::NotKnown(texts::workflow::another(&target.name))),
            Err(ClusterError::NotFound { .. }) => Ok(Observed::NotDone),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks whether a step's application of an object took effect: the step's mark with all that the object says, done;
    /// the mark alone, set back; unchanged since before it was sent, not done.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn look_for_applied(
        &self,
        step: &str,
        target: &Target,
        object: &Value,
        before: Option<Before>,
    ) -> Result<Observed<Written>, Failure> {
        let before = before.unwrap_or_default();
        let there = match self
            .view()
            .value(&target.cluster, &target.namespace, &target.resource, &target.name)
            .await
        {
            Ok(there) => there,
            Err(ClusterError::NotFound { .. }) if before.uid.is_none() => return Ok(Observed::NotDone),
            Err(ClusterError::NotFound { .. }) => {
                return Ok(Observed::NotKnown(texts::workflow::gone(&target.name)));
            }
            Err(error) => return Err(error.into()),
        };
        let fields = fields_of(object);
        let pointers: Vec<&str> = fields.iter().map(String::as_str).collect();
        let now = precondition_of_value(&target.cluster, &target.resource, &there, &pointers);
        if mark_of(&there) == Some(self.writer(step).mark().as_str()) {
            let is_there = |path: &&str| there.pointer(path) == object.pointer(path);
            if !pointers.iter().all(is_there) {
                return Ok(Observed::SetBack(set_back(&now, &there)));
            }
            self.remember_left(step, now);
            return Ok(Observed::Done(Written::of(&there)));
        }
        let same = before.uid.as_deref() == Some(now.uid.as_str());
        Ok(if same && !is_changed(&before, &there) {
            Observed::NotDone
        } else {
            Observed::NotKnown(texts::workflow::not_known(&target.name))
        })
    }

    /// Looks whether the object that a step deletes is gone, or on its way.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn look_for_deleted(&self, object: &Precondition) -> Result<Observed<()>, Failure> {
        match self
            .view()
            .value(&object.cluster, &object.namespace, &object.resource, &object.name)
            .await
        {
            Ok(there) => {
                let same =
                    there.pointer("/metadata/uid").and_then(Value::as_str) == Some(object.uid.as_str());
                let stays = there.pointer("/metadata/deletionTimestamp").is_none();
                Ok(if same && stays {
                    Observed::NotDone
                } else {
                    Observed::Done(())
                })
            }
            Err(ClusterError::NotFound { .. }) => Ok(Observed::Done(())),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether an object is another than before the write was sent. Its status may say what it likes.
fn is_changed(before: &Before, now: &Value) -> bool {
    match before.generation {
        Some(then) => now.pointer("/metadata/generation").and_then(Value::as_i64) != Some(then),
        None => {
            let version = now.pointer("/metadata/resourceVersion").and_then(Value::as_str);
            version != before.resource_version.as_deref()
        }
    }
}

fn cause_of(object: &Value) -> Option<&str> {
    object
        .pointer("/metadata/annotations")?
        .get(CHANGE_CAUSE)?
        .as_str()
}
