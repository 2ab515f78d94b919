//! The clusters for writing. A [`Writer`] comes from a permit, touches its targets only, and writes only while what the
//! plan holds is as it was. A write carries the object's uid and the generation that was just read as preconditions, so
//! sending it again can never do it twice.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use json_patch::PatchOperation;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{
    ClusterError, WorkloadObject, mark::Marks, patch, paths, precondition, registry::Registry,
    requests::Address,
};
use crate::{
    failure::{Failure, Moved},
    model::{Text, Timestamp},
    texts::unanswered as say,
    ticket::{Before, Permit, Precondition},
};

/// So many times a write is tried while the held fields stay equal.
const TRIES: usize = 3;
/// The longest wait that a throttling API server is granted before the write is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a write notes what it changes.
pub trait Notes: Send + Sync {
    /// Stores how the object is, before anything is sent.
    fn about_to_send(&self, before: Before) -> BoxFuture<'_, Result<(), Failure>>;
    /// Remembers how the write left the object, to be stored with the step's end.
    fn left(&self, left: Precondition);
}

/// Writes to the targets of one permit.
pub struct Writer<'p> {
    pub(super) registry: Registry,
    pub(super) permit: &'p Permit,
    words: String,
    step: String,
    notes: Option<Arc<dyn Notes + 'p>>,
}

/// Why a write was not made.
#[derive(Debug, Error)]
pub enum WriteError {
    /// What the plan rests on moved. Nothing was done.
    #[error("stale: {0}")]
    Stale(Moved),
    /// It was made before, and somebody set it back since. Nothing more was done.
    #[error("set back: {0}")]
    SetBack(Moved),
    /// What it is about to change could not be stored. Nothing was sent.
    #[error("{0}")]
    Unnoted(Box<Failure>),
    /// The permit does not name this object. A mistake of ours.
    #[error("the permit does not cover {0}")]
    Outside(String),
    /// The cluster failed, refused or did not answer.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stale(moved) => Self::Stale(moved),
            WriteError::SetBack(moved) => Self::Overtaken(moved),
            WriteError::Unnoted(failure) => *failure,
            WriteError::Cluster(error) => Self::Cluster(error),
            WriteError::Outside(_) => Self::Internal(error.to_string()),
        }
    }
}

/// What an Event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The cluster's name.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// `apps/deployments`.
    pub resource: String,
    /// The object's name.
    pub name: String,
    /// The object's uid.
    pub uid: String,
}

impl From<&Precondition> for Subject {
    fn from(precondition: &Precondition) -> Self {
        Self {
            cluster: precondition.cluster.clone(),
            namespace: precondition.namespace.clone(),
            resource: precondition.resource.clone(),
            name: precondition.name.clone(),
            uid: precondition.uid.clone(),
        }
    }
}

impl From<&WorkloadObject> for Subject {
    fn from(object: &WorkloadObject) -> Self {
        let workload = object.workload();
        Self {
            resource: object.resource(),
            uid: object.uid().to_owned(),
            cluster: workload.cluster,
            namespace: workload.namespace,
            name: workload.name,
        }
    }
}

impl<'p> Writer<'p> {
    pub(super) fn new(registry: Registry, permit: &'p Permit) -> Self {
        Self {
            registry,
            permit,
            words: "change".to_owned(),
            step: "change".to_owned(),
            notes: None,
        }
    }

    /// Says by which command, for the change-cause annotation: `rollback workload:deployment/ceoagent-api`.
    #[must_use]
    pub fn saying(mut self, words: &str) -> Self {
        self.words = one_line(words, 200);
        self
    }

    /// The writer of one step, which notes what it is about to change before it sends.
    #[must_use]
    pub fn for_step(&self, step: &str, notes: Arc<dyn Notes + 'p>) -> Self {
        Self {
            registry: self.registry.clone(),
            permit: self.permit,
            words: self.words.clone(),
            step: one_line(step, 100),
            notes: Some(notes),
        }
    }

    /// What the change-cause annotation will say.
    #[must_use]
    pub fn change_cause(&self) -> String {
        format!(
            "ceo: {} by {}, ticket {}",
            self.words,
            one_line(self.permit.requester(), 60),
            self.permit.ticket()
        )
    }

    /// What the mark of this step says. With the time of the asking it is of one store's ticket only.
    #[must_use]
    pub fn mark(&self) -> String {
        let created = self.permit.created().as_millisecond();
        format!("{}/{created}/{}", self.permit.ticket(), self.step)
    }

    pub(super) fn marks(&self) -> Marks {
        Marks {
            mark: self.mark(),
            cause: self.change_cause(),
        }
    }

    /// Does the operations to the object of a precondition, all or nothing, and gives the object as it is then. Needs `get`
    /// and `patch`. Doing it again after it was done changes nothing and gives the object, too.
    ///
    /// # Errors
    /// [`WriteError::Stale`] when a field of the precondition moved: nothing was done then. [`WriteError::SetBack`] when it
    /// was done before and somebody set it back. [`ClusterError::Unsure`] when no answer came and the object could not be
    /// read afterwards.
    pub async fn patch(
        &self,
        precondition: &Precondition,
        ops: &[PatchOperation],
    ) -> Result<Value, WriteError> {
        if let Some(target) = self.outside(precondition) {
            return Err(WriteError::Outside(target));
        }
        let view = self.registry.view();
        let mut last = None;
        for _ in 0..TRIES {
            let fresh = match (view.fresh(precondition).await, last.take()) {
                (Ok(fresh), _) => fresh,
                // The read that should have told whether an unanswered write was made failed as well.
                (Err(WriteError::Cluster(_)), Some(error @ ClusterError::Unsure { .. })) => {
                    return Err(error.into());
                }
                (Err(error), _) => return Err(error),
            };
            if self.marks().is_on(&fresh) {
                if !patch::is_done_in(ops, &fresh) {
                    return Err(WriteError::SetBack(precondition::set_back(precondition, &fresh)));
                }
                self.left_by(precondition, ops, &fresh);
                return Ok(fresh);
            }
            if let Some(moved) = view.moved(precondition, &fresh).await {
                return Err(WriteError::Stale(moved));
            }
            self.about_to_send(before_of(&fresh)).await?;
            match self.send(precondition, &fresh, ops).await {
                Ok(written) => {
                    self.left_by(precondition, ops, &written);
                    return Ok(written);
                }
                Err(error) => last = Some(self.another_try(precondition, &fresh, error).await?),
            }
        }
        Err(last.map_or_else(|| kept_changing(precondition), WriteError::Cluster))
    }

    /// Notes what is about to be changed; nothing is sent before that is stored.
    pub(super) async fn about_to_send(&self, before: Before) -> Result<(), WriteError> {
        match &self.notes {
            Some(notes) => notes
                .about_to_send(before)
                .await
                .map_err(|failure| WriteError::Unnoted(Box::new(failure))),
            None => Ok(()),
        }
    }

    fn left_by(&self, precondition: &Precondition, ops: &[PatchOperation], written: &Value) {
        let pointers = patch::written(ops);
        self.left(&precondition.cluster, &precondition.resource, written, &pointers);
    }

    /// Notes how the step left the object.
    pub(super) fn left(&self, cluster: &str, resource: &str, written: &Value, pointers: &[&str]) {
        if let Some(notes) = &self.notes {
            notes.left(precondition::precondition_of_value(
                cluster, resource, written, pointers,
            ));
        }
    }

    /// The name of an object that the permit does not cover.
    pub(super) fn outside(&self, precondition: &Precondition) -> Option<String> {
        let target = paths::target(
            &precondition.cluster,
            &precondition.namespace,
            &precondition.resource,
            &precondition.name,
        );
        (!self.permit.targets().contains(&target)).then_some(target)
    }

    async fn send(
        &self,
        precondition: &Precondition,
        fresh: &Value,
        ops: &[PatchOperation],
    ) -> Result<Value, ClusterError> {
        let cluster = self
            .registry
            .in_namespace(&precondition.cluster, &precondition.namespace)?;
        let address = Address {
            resource: &precondition.resource,
            namespace: Some(&precondition.namespace),
            name: &precondition.name,
        };
        let mut all = tests(precondition, fresh);
        all.extend_from_slice(ops);
        all.extend(self.marks().along(fresh, ops));
        let body = serde_json::to_value(all).unwrap_or_default();
        cluster.patch(&address, &body, false).await
    }

    /// Whether another try makes sense, and what to say when it was the last one.
    async fn another_try(
        &self,
        precondition: &Precondition,
        sent_on: &Value,
        error: ClusterError,
    ) -> Result<ClusterError, WriteError> {
        match &error {
            // Another writer came first, or the answer was lost: read again. The preconditions make repeating safe.
            ClusterError::Conflict { .. } | ClusterError::Unsure { .. } => Ok(error),
            ClusterError::Throttled { retry_after, .. } => {
                let pause = retry_after.unwrap_or(Duration::from_millis(500));
                if pause > PATIENCE {
                    return Err(error.into());
                }
                tokio::time::sleep(pause).await;
                Ok(error)
            }
            // A failed test names nothing: only what moved tells it from a patch that is wrong in itself.
            ClusterError::Invalid { message } if is_bare(message) => {
                let again = self.registry.view().fresh(precondition).await?;
                if mark(&again) == mark(sent_on) {
                    Err(error.into())
                } else {
                    Ok(ClusterError::Conflict {
                        message: say::changed_while_written(&precondition.name),
                    })
                }
            }
            _ => Err(error.into()),
        }
    }

    /// Puts an Event on an object, named so that doing it twice hits the same. Needs `create` on `events` of
    /// `events.k8s.io`. What it is for can do without it: callers log the error and go on.
    ///
    /// # Errors
    /// [`ClusterError`], but never that it is there already.
    pub async fn event(
        &self,
        about: impl Into<Subject>,
        reason: &str,
        note: &str,
    ) -> Result<(), ClusterError> {
        let about = about.into();
        let cluster = self.registry.in_namespace(&about.cluster, &about.namespace)?;
        let digest = hex::encode(Sha256::digest(format!("{}/{reason}", self.permit.ticket())));
        let short: String = digest.chars().take(16).collect();
        let event = json!({
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": { "name": format!("{}.{short}", about.name), "namespace": about.namespace },
            "eventTime": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            "reportingController": "ceo",
            "reportingInstance": one_line(self.permit.holder(), 120),
            "action": reason,
            "reason": reason,
            "type": "Normal",
            "note": one_line(note, 1000),
            "regarding": {
                "apiVersion": paths::api_version(&about.resource), "kind": paths::kind(&about.resource),
                "namespace": about.namespace, "name": about.name, "uid": about.uid,
            },
        });
        let address = Address {
            resource: "events.k8s.io/events",
            namespace: Some(&about.namespace),
            name: "",
        };
        match cluster.create(&address, &event, false).await {
            Ok(_) | Err(ClusterError::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Whether it is what a 1.36 API server says to a patch whose `test` failed: nothing. Any other 422 names the field.
fn is_bare(message: &Text) -> bool {
    matches!(
        message.plain().as_str(),
        "the server rejected our request due to an error in our request"
    )
}

/// The tests that make a patch hit exactly the object that was read. Kinds without a generation (a ConfigMap) have only
/// their resource version.
fn tests(precondition: &Precondition, fresh: &Value) -> Vec<PatchOperation> {
    let mut tests = vec![patch::test("/metadata/uid", precondition.uid.clone())];
    for path in ["/metadata/generation", "/metadata/resourceVersion"] {
        if let Some(value) = fresh.pointer(path) {
            tests.push(patch::test(path, value.clone()));
            break;
        }
    }
    tests
}

/// How an object is, before a write is sent.
pub(super) fn before_of(fresh: &Value) -> Before {
    let text = |path: &str| fresh.pointer(path).and_then(Value::as_str).map(str::to_owned);
    Before {
        uid: text("/metadata/uid"),
        generation: fresh.pointer("/metadata/generation").and_then(Value::as_i64),
        resource_version: text("/metadata/resourceVersion"),
    }
}

/// What tells two states of an object apart, as the preconditions do.
fn mark(object: &Value) -> Option<&Value> {
    object
        .pointer("/metadata/generation")
        .or_else(|| object.pointer("/metadata/resourceVersion"))
}

fn kept_changing(precondition: &Precondition) -> WriteError {
    WriteError::Cluster(ClusterError::Conflict {
        message: say::changed_each_time(&precondition.name),
    })
}

/// Text from people in one line of bounded length.
fn one_line(text: &str, most: usize) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(most)
        .collect::<String>()
        .trim()
        .to_owned()
}
