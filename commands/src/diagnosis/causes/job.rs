//! A Job gave up.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Found},
        scene::Look,
    },
    health::job::{self, JobState},
    incident::Problem,
    model::Text,
    objects::Job,
    texts::diagnosis as texts,
};

/// A Job gave up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFailed {
    /// The controller's word: `BackoffLimitExceeded`, `DeadlineExceeded`.
    pub reason: String,
    /// The controller's sentence; empty where nothing of that may be told.
    pub message: String,
    /// Pods that failed.
    pub pods: i32,
}

impl JobFailed {
    /// In a Job.
    pub(in crate::diagnosis) fn of_job(job: &Job, look: Look<'_>) -> Option<Found<Self>> {
        let JobState::Failed { reason, message, at } = job::state(Some(job)) else {
            return None;
        };
        let pods = job.status.as_ref().and_then(|s| s.failed).unwrap_or_default();
        Some(Found {
            since: at.unwrap_or(look.now),
            ..Found::of(
                Self {
                    message: look.quote(&message),
                    reason,
                    pods,
                },
                Certainty::Seen,
                look.now,
            )
        })
    }
}

impl Detail for JobFailed {
    const WORD: &'static str = "job_failed";

    fn text(&self) -> Text {
        match self.reason.as_str() {
            "BackoffLimitExceeded" => texts::job_tried(self.pods),
            "DeadlineExceeded" => texts::job_late(),
            reason => texts::quoted(&texts::failed(reason), &self.message),
        }
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::JobFailed)
    }
}
