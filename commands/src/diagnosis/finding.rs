//! What was found, as a value: the cause, about whom, how certain, what it rests on, and what to do about it.

use super::Cause;
use crate::{
    incident::{Problem, Subject},
    model::{Text, Timestamp},
    texts::diagnosis as texts,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Go back to an older revision: offered as the guarded command.
    RollBack,
    /// What only people can do.
    Advice(Text),
}

/// What is wrong, and why it is thought so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub cause: Cause,
    /// The pod and the container that show it; `None` for the workload or the node as a whole.
    pub subject: Option<Subject>,
    /// How sure that is.
    pub certainty: Certainty,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What to do about it.
    pub remedy: Option<Remedy>,
    /// Restarts of the pod.
    pub restarts: i32,
    /// Since when it holds, as the objects tell.
    pub since: Timestamp,
    /// The last moment at which it is known to have held.
    pub last: Timestamp,
}

impl Finding {
    /// What is wrong, in words; what an Event adds to it stands behind.
    #[must_use]
    pub fn text(&self) -> Text {
        let words = self.cause.text();
        let said = self.evidence.iter().find_map(|evidence| match evidence {
            Evidence::Event { reason, message, .. } if reason == "Unhealthy" => Some(message),
            _ => None,
        });
        match said {
            Some(message) => texts::quoted(&words, message),
            None => words,
        }
    }

    /// The same with the pod in front, where it is one's.
    #[must_use]
    pub fn line(&self) -> Text {
        match &self.subject {
            Some(subject) => texts::pod(&subject.pod, &self.text()),
            None => self.text(),
        }
    }

    /// The kind of incident that it makes, where it is one of those that are told by themselves.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        self.cause.problem()
    }
}
