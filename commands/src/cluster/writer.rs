//! The clusters for writing. A [`Writer`] comes from a permit, touches its targets only, and writes only while what the
//! plan holds is as it was. A write carries the object's uid and the generation that was just read as preconditions, so
//! sending it again can never do it twice.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{
    CHANGE_CAUSE, ClusterError, Op, WorkloadObject, escape, paths, precondition, registry::Registry,
    requests::Address,
};
use crate::{
    failure::{Failure, Moved},
    model::Timestamp,
    ticket::{Permit, Precondition},
};

/// So many times a write is tried while the held fields stay equal.
const TRIES: usize = 3;
/// What a 1.36 API server says to a patch whose `test` failed: nothing. Any other 422 names the field.
const BARE: &str = "the server rejected our request due to an error in our request";
/// The longest wait that a throttling API server is granted before the write is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes to the targets of one permit.
pub struct Writer<'p> {
    registry: Registry,
    permit: &'p Permit,
    words: String,
}

/// Why a write was not made.
#[derive(Debug, Error)]
pub enum WriteError {
    /// What the plan rests on moved. Nothing was done.
    #[error("stale: {0}")]
    Stale(Moved),
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
        }
    }

    /// Says by which command, for the change-cause annotation: `rollback workload:deployment/ceoagent-api`.
    #[must_use]
    pub fn saying(mut self, words: &str) -> Self {
        self.words = one_line(words, 200);
        self
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

    /// Does the operations to the held object, all or nothing, and gives the object as it is then. Needs `get` and `patch`.
    /// Doing it again after it was done changes nothing and gives the object, too.
    ///
    /// # Errors
    /// [`WriteError::Stale`] when a held field moved, or when it was done and somebody set it back: nothing was done then. [`ClusterError::Unsure`] when no answer came
    /// and the object could not be read afterwards.
    pub async fn write(&self, precondition: &Precondition, ops: &[Op]) -> Result<Value, WriteError> {
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
            if self.is_marked(&fresh) {
                let done = ops.iter().all(|op| op.is_done_in(&fresh));
                return if done {
                    Ok(fresh)
                } else {
                    Err(WriteError::Stale(precondition::set_back(precondition, &fresh)))
                };
            }
            if let Some(moved) = view.moved(precondition, &fresh).await {
                return Err(WriteError::Stale(moved));
            }
            match self.send(precondition, &fresh, ops).await {
                Ok(written) => return Ok(written),
                Err(error) => last = Some(self.another_try(precondition, &fresh, error).await?),
            }
        }
        Err(last.map_or_else(|| kept_changing(precondition), WriteError::Cluster))
    }

    /// The name of an object that the permit does not cover.
    fn outside(&self, precondition: &Precondition) -> Option<String> {
        let target = paths::target(
            &precondition.cluster,
            &precondition.namespace,
            &precondition.resource,
            &precondition.name,
        );
        (!self.permit.targets().contains(&target)).then_some(target)
    }

    /// Whether this very write was made already, by an earlier try or an earlier life: a ticket writes an object once.
    fn is_marked(&self, fresh: &Value) -> bool {
        let cause = fresh
            .pointer("/metadata/annotations")
            .and_then(|a| a.get(CHANGE_CAUSE));
        cause.and_then(Value::as_str) == Some(self.change_cause().as_str())
    }

    async fn send(
        &self,
        precondition: &Precondition,
        fresh: &Value,
        ops: &[Op],
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
        all.extend(self.annotation(fresh, ops));
        let body = serde_json::to_value(all).unwrap_or_default();
        cluster.patch(&address, &body, false).await
    }

    /// The operation that says why. A map that is not there must be made with its first entry.
    fn annotation(&self, fresh: &Value, ops: &[Op]) -> Option<Op> {
        const MAP: &str = "/metadata/annotations";
        let path = format!("{MAP}/{}", escape(CHANGE_CAUSE));
        if ops.iter().any(|op| op.path() == path) {
            return None;
        }
        let there = fresh.pointer(MAP).is_some_and(Value::is_object);
        let made = ops
            .iter()
            .any(|op| op.path() == MAP && matches!(op, Op::Add { .. } | Op::Replace { .. }));
        Some(if there || made {
            Op::add(path, self.change_cause())
        } else {
            Op::add(MAP, json!({ CHANGE_CAUSE: self.change_cause() }))
        })
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
            ClusterError::Invalid { message } if message == BARE => {
                let again = self.registry.view().fresh(precondition).await?;
                if mark(&again) == mark(sent_on) {
                    Err(error.into())
                } else {
                    Ok(ClusterError::Conflict {
                        message: format!("{} changed while it was written", precondition.name),
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

/// The tests that make a patch hit exactly the object that was read. Kinds without a generation (a ConfigMap) have only
/// their resource version.
fn tests(precondition: &Precondition, fresh: &Value) -> Vec<Op> {
    let mut tests = vec![Op::test("/metadata/uid", precondition.uid.clone())];
    for path in ["/metadata/generation", "/metadata/resourceVersion"] {
        if let Some(value) = fresh.pointer(path) {
            tests.push(Op::test(path, value.clone()));
            break;
        }
    }
    tests
}

/// What tells two states of an object apart, as the preconditions do.
fn mark(object: &Value) -> Option<&Value> {
    object
        .pointer("/metadata/generation")
        .or_else(|| object.pointer("/metadata/resourceVersion"))
}

fn kept_changing(precondition: &Precondition) -> WriteError {
    WriteError::Cluster(ClusterError::Conflict {
        message: format!("{} changed each time it was written", precondition.name),
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
