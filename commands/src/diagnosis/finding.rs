//! What was found, as a value: the cause, about whom, how certain, what it rests on, and what to do about it.

use crate::{
    incident::Subject,
    model::{Text, Timestamp},
};

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The cluster says so itself.
    Seen,
    /// It follows from what the cluster says, unless something unusual is going on.
    Likely,
    /// It may be so: a first sign that may pass.
    Possible,
}

/// What a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// How a container ended.
    Ended {
        /// Its exit code.
        code: i32,
        /// The kubelet's word.
        reason: Option<String>,
        /// When.
        at: Option<Timestamp>,
    },
    /// What a container waits for, in the kubelet's words.
    Waiting {
        /// In a word.
        reason: String,
        /// In a sentence.
        message: Option<String>,
    },
    /// A condition of an object that holds, or does not.
    Condition {
        /// Which: `PodScheduled`.
        kind: &'static str,
        /// Since when.
        since: Option<Timestamp>,
    },
    /// What an Event says.
    Event {
        /// In a word: `Unhealthy`.
        reason: String,
        /// In a sentence.
        message: String,
        /// When it was last seen.
        at: Option<Timestamp>,
    },
}

/// What to do about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remedy {
    /// Whether going back to an older revision helps, if the newest one brought it: offered as the guarded command.
    pub roll_back: bool,
    /// What only people can do.
    pub advice: Option<Text>,
}

impl Remedy {
    /// Go back.
    pub(super) fn roll_back() -> Self {
        Self {
            roll_back: true,
            advice: None,
        }
    }

    /// What people can do.
    pub(super) fn advice(words: Text) -> Self {
        Self {
            roll_back: false,
            advice: Some(words),
        }
    }

    /// Or go back.
    pub(super) fn or_back(self) -> Self {
        Self {
            roll_back: true,
            ..self
        }
    }
}

/// What was found in a pod, a node or a workload; `C` is what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<C> {
    /// What is wrong.
    pub cause: C,
    /// The pod and the container that show it; `None` for the workload or the node as a whole.
    pub subject: Option<Subject>,
    /// How sure that is.
    pub certainty: Certainty,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Restarts of the pod.
    pub restarts: i32,
    /// Since when it holds, as the objects tell.
    pub since: Timestamp,
    /// The last moment at which it is known to have held.
    pub last: Timestamp,
}

impl<C> Found<C> {
    /// Of something as a whole, as it is now; nothing is said of what it rests on.
    pub(super) fn of(cause: C, certainty: Certainty, now: Timestamp) -> Self {
        Self {
            cause,
            subject: None,
            certainty,
            evidence: vec![],
            restarts: 0,
            since: now,
            last: now,
        }
    }

    /// The same, its cause as another type.
    pub(super) fn map<D>(self, cause: impl FnOnce(C) -> D) -> Found<D> {
        Found {
            cause: cause(self.cause),
            subject: self.subject,
            certainty: self.certainty,
            evidence: self.evidence,
            restarts: self.restarts,
            since: self.since,
            last: self.last,
        }
    }
}
