//! The places where the service answers, asked over HTTP as its users ask it.

use std::time::Duration;

use futures::future::BoxFuture;

use crate::model::{Scope, Text, Timestamp};

/// How a target is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By its address, from where the bot runs.
    Url(String),
    /// Through the API server of its cluster, to a Service's port: `ceoagent-api:80`.
    Proxy(String),
}

impl Way {
    /// As it is written in the settings.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Url(address) | Self::Proxy(address) => address,
        }
    }
}

/// A place where the service answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name in the settings, its own.
    pub name: String,
    /// Whose readers may ask.
    pub scope: Scope,
    /// How it is reached.
    pub way: Way,
    /// What is asked for: `/health`.
    pub paths: Vec<String>,
}

/// What came of asking once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An answer.
    Answered {
        /// The HTTP status.
        status: u16,
        /// How the answer begins, as it came.
        begins: String,
    },
    /// No answer of the target's own, and why.
    None(Text),
}

impl Outcome {
    /// Whether it is an answer that says that all is well: 2xx.
    #[must_use]
    pub fn is_well(&self) -> bool {
        matches!(self, Self::Answered { status, .. } if (200..300).contains(status))
    }
}

/// One question and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// What was asked for.
    pub path: String,
    /// What came.
    pub outcome: Outcome,
    /// How long that took.
    pub took: Duration,
    /// When the certificate ends that was shown, where one was.
    pub certificate_ends: Option<Timestamp>,
    /// The last of these questions, this one included.
    pub lately: Lately,
}

/// What came of the last questions of one path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lately {
    /// How many were asked.
    pub asked: usize,
    /// How many of them were not answered well.
    pub failed: usize,
    /// The time in which half of the answers came; none without an answer.
    pub p50: Option<Duration>,
    /// The time in which 95 of 100 answers came; none without an answer.
    pub p95: Option<Duration>,
    /// When the first of them was asked.
    pub since: Option<Timestamp>,
}

/// Asks the targets of the settings. What came of it is remembered for a while.
pub trait Probes: Send + Sync {
    /// The targets, in the order of the settings.
    fn targets(&self) -> &[Target];
    /// Asks a target for all its paths, side by side, each within the time that the settings give it.
    fn probe<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Vec<Probed>>;
}

/// Where no target is in the settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTargets;

impl Probes for NoTargets {
    fn targets(&self) -> &[Target] {
        &[]
    }

    fn probe<'a>(&'a self, _: &'a Target) -> BoxFuture<'a, Vec<Probed>> {
        Box::pin(std::future::ready(Vec::new()))
    }
}
