//! Whether a Job has done its work.

use crate::{model::Timestamp, objects::Job};

/// How a Job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// There is no such Job.
    Gone,
    /// It has not begun, or nobody counted its pods yet.
    Waiting,
    /// It runs.
    Running {
        /// Pods at work.
        active: i32,
        /// Pods that finished well.
        succeeded: i32,
        /// Pods that ended with an error.
        failed: i32,
    },
    /// It is held.
    Suspended,
    /// It did its work.
    Complete {
        /// When.
        at: Option<Timestamp>,
    },
    /// It gave up.
    Failed {
        /// The controller's word: `BackoffLimitExceeded`, `DeadlineExceeded`.
        reason: String,
        /// The controller's sentence.
        message: String,
        /// When.
        at: Option<Timestamp>,
    },
}

impl JobState {
    /// Whether there is nothing more to wait for.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Gone | Self::Complete { .. } | Self::Failed { .. })
    }
}

/// How a Job stands. Only the final conditions count: `FailureTarget` and `SuccessCriteriaMet` come before the pods are gone.
#[must_use]
pub fn state(job: Option<&Job>) -> JobState {
    let Some(job) = job else { return JobState::Gone };
    let Some(status) = &job.status else {
        return JobState::Waiting;
    };
    let holds = |kind: &str| {
        let mut conditions = status.conditions.iter();
        conditions.find(|c| c.type_ == *kind && c.status == "True")
    };
    if let Some(c) = holds("Failed") {
        return JobState::Failed {
            reason: c.reason.as_deref().unwrap_or_default().to_owned(),
            message: c.message.as_deref().unwrap_or_default().to_owned(),
            at: c.last_transition_time,
        };
    }
    if holds("Complete").is_some() {
        return JobState::Complete {
            at: status.completion_time,
        };
    }
    if holds("Suspended").is_some() || job.spec.suspend {
        return JobState::Suspended;
    }
    let active = status.active.unwrap_or_default();
    let (succeeded, failed) = (
        status.succeeded.unwrap_or_default(),
        status.failed.unwrap_or_default(),
    );
    if active + succeeded + failed == 0 {
        return JobState::Waiting;
    }
    JobState::Running {
        active,
        succeeded,
        failed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states_of_jobs() {
        // 07-failing-pods: jobs-after-80s
        let failed = json!({ "failed": 2, "conditions": [
            { "type": "FailureTarget", "status": "True", "reason": "BackoffLimitExceeded", "message": "m" },
            { "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded",
              "message": "Job has reached the specified backoff limit" } ] });
        let complete = json!({ "succeeded": 1, "completionTime": "2026-11-22T20:01:42Z", "conditions": [
            { "type": "SuccessCriteriaMet", "status": "True" }, { "type": "Complete", "status": "True" } ] });
        let almost =
            json!({ "active": 1, "conditions": [ { "type": "SuccessCriteriaMet", "status": "True" } ] });
        let of = |status| {
            state(Some(
                &serde_json::from_value(json!({ "metadata": {}, "status": status })).unwrap(),
            ))
        };
        assert!(matches!(of(failed), JobState::Failed { reason, .. } if reason == "BackoffLimitExceeded"));
        assert!(matches!(of(complete), JobState::Complete { at: Some(_) }));
        assert!(matches!(of(almost), JobState::Running { active: 1, .. }));
        assert_eq!(of(json!({})), JobState::Waiting);
        assert_eq!(state(None), JobState::Gone);
    }
}
