//! What a cluster says no with, and how that is told. An outage is never told as a denial, a denial never as an outage,
//! and a request that may have been carried out is never told as one that was not.

use std::time::Duration;

use kube::core::Status;

use super::no_answer::{NoAnswer, reason_of};
use crate::{line, model::Text, texts::unanswered as say};

/// Why a cluster did not do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterError {
    /// It could not be reached: refused, reset, no such host, no trust, or it answered with a 5xx.
    Unreachable {
        /// Which.
        cluster: String,
        /// What happened: `connection refused`.
        detail: Text,
    },
    /// The bot has begun to watch it and does not know all of its objects yet. No request was made.
    StillReading {
        /// Which.
        cluster: String,
    },
    /// It did not answer in time.
    Timeout {
        /// Which.
        cluster: String,
        /// How long was waited.
        after: Duration,
    },
    /// A change was sent and no answer came: it may have been made.
    Unsure {
        /// Which.
        cluster: String,
        /// What happened.
        detail: Text,
    },
    /// It does not know who the bot is (401), or the bot could not get its credentials.
    Unauthorized {
        /// Which.
        cluster: String,
        /// What is wrong with them. Never the credentials themselves.
        detail: Text,
    },
    /// The kubeconfig, or what it names, does not work. No request was made.
    Misconfigured {
        /// Which.
        cluster: String,
        /// What is wrong with them.
        detail: Text,
    },
    /// The bot lacks a right there (RBAC).
    Forbidden {
        /// Which cluster.
        cluster: String,
        /// The verb: `patch`.
        verb: String,
        /// The resource with its group: `deployments.apps`, `pods/log`.
        resource: String,
        /// The namespace; empty for what belongs to the cluster.
        namespace: String,
        /// The API server's words.
        message: Text,
    },
    /// A quota, an admission webhook or policy refused the object. Not a matter of the bot's rights.
    Refused {
        /// The API server's words.
        message: Text,
    },
    /// There is no such object.
    NotFound {
        /// Which cluster.
        cluster: String,
        /// The namespace; empty for what belongs to the cluster.
        namespace: String,
        /// The kind: `deployment`.
        what: String,
        /// The name asked for.
        name: String,
        /// Names that exist and look like it, the nearest first.
        near: Vec<String>,
    },
    /// The cluster does not serve this API (metrics without a metrics server).
    NoApi {
        /// Which cluster.
        cluster: String,
        /// What was asked for.
        api: String,
    },
    /// Somebody else changed the object meanwhile (409).
    Conflict {
        /// The API server's words.
        message: Text,
    },
    /// The API server does not accept the object (400, 422).
    Invalid {
        /// The API server's words.
        message: Text,
    },
    /// An object of that name is there already.
    AlreadyExists {
        /// The API server's words.
        message: Text,
    },
    /// Too many requests.
    Throttled {
        /// Which.
        cluster: String,
        /// When to come again, where it said.
        retry_after: Option<Duration>,
    },
    /// No cluster of that name is in the settings.
    UnknownCluster {
        /// The name asked for.
        name: String,
        /// Those that are.
        known: Vec<String>,
    },
    /// The namespace is outside of what the settings allow.
    OutsideSettings {
        /// The cluster.
        cluster: String,
        /// The namespace asked for.
        namespace: String,
        /// Those that are.
        known: Vec<String>,
    },
    /// Anything else.
    Other {
        /// The HTTP status; 0 when there was no readable answer.
        code: u16,
        /// The API server's word.
        reason: String,
        /// The API server's words.
        message: Text,
    },
}

/// What was asked, to say it when it fails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The cluster's name.
    pub(super) cluster: &'a str,
    /// The verb of RBAC: `get`, `list`, `patch`.
    pub(super) verb: &'static str,
    /// The resource with its group: `apps/deployments`, `pods/log`.
    pub(super) resource: &'a str,
    /// The namespace; empty for what belongs to the cluster.
    pub(super) namespace: &'a str,
    /// The object's name, or empty.
    pub(super) name: &'a str,
    /// Whether it changes something: then a missing answer leaves open whether it did.
    pub(super) writes: bool,
}

impl ClusterError {
    /// Whether another try may well succeed: no answer yet, or an outage.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::StillReading { .. }
                | Self::Timeout { .. }
                | Self::Unsure { .. }
                | Self::Throttled { .. }
        )
    }

    /// Whether the object (or the API) is not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::NoApi { .. })
    }

    /// The word for metrics and logs: `unreachable`, `timeout`, `forbidden`, ...
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::StillReading { .. } => "still_reading",
            Self::Timeout { .. } => "timeout",
            Self::Unsure { .. } => "unsure",
            Self::Unauthorized { .. } => "unauthorized",
            Self::Misconfigured { .. } => "misconfigured",
            Self::Forbidden { .. } => "forbidden",
            Self::Refused { .. } => "refused",
            Self::NotFound { .. } => "not_found",
            Self::NoApi { .. } => "no_api",
            Self::Conflict { .. } => "conflict",
            Self::Invalid { .. } => "invalid",
            Self::AlreadyExists { .. } => "already_exists",
            Self::Throttled { .. } => "throttled",
            Self::UnknownCluster { .. } | Self::OutsideSettings { .. } => "outside_settings",
            Self::Other { .. } => "other",
        }
    }

    /// From what the client library says.
    pub(super) fn of(error: &kube::Error, asked: &Asked<'_>) -> Self {
        match error {
            kube::Error::Api(status) => Self::of_status(status, asked),
            kube::Error::Auth(_) => Self::Unauthorized {
                cluster: asked.cluster.to_owned(),
                // The library's words can hold what a credential command printed.
                detail: say::credentials_failed(),
            },
            kube::Error::SerdeError(e) => Self::Other {
                code: 0,
                reason: "UnreadableAnswer".to_owned(),
                message: say::unreadable(&e.to_string()),
            },
            other => Self::no_answer(asked, &reason_of(other)),
        }
    }

    /// The error of a request that got no answer. A connection that was refused carried nothing, so nothing changed.
    fn no_answer(asked: &Asked<'_>, detail: &NoAnswer) -> Self {
        let cluster = asked.cluster.to_owned();
        if asked.writes && !detail.before_sending {
            return Self::Unsure {
                cluster,
                detail: detail.words.clone(),
            };
        }
        Self::Unreachable {
            cluster,
            detail: detail.words.clone(),
        }
    }

    /// The error of a request that took too long.
    pub(super) fn too_slow(asked: &Asked<'_>, after: Duration) -> Self {
        let cluster = asked.cluster.to_owned();
        if asked.writes {
            Self::Unsure {
                cluster,
                detail: say::nothing_within(after),
            }
        } else {
            Self::Timeout { cluster, after }
        }
    }

    /// From an answer of the API server.
    pub(super) fn of_status(status: &Status, asked: &Asked<'_>) -> Self {
        let message = sentence(&status.message);
        let cluster = asked.cluster.to_owned();
        if status.message.starts_with("admission webhook ") && status.code < 500 {
            return Self::Refused { message };
        }
        match (status.code, status.reason.as_str()) {
            (401, _) => Self::Unauthorized {
                cluster,
                detail: say::answered_401(),
            },
            (403, _) => forbidden(&status.message, asked),
            (404, reason) if reason != "NotFound" => Self::NoApi {
                cluster,
                api: asked.resource.to_owned(),
            },
            (404, _) => Self::NotFound {
                cluster,
                namespace: asked.namespace.to_owned(),
                what: what_is_missing(status, asked),
                name: missing_name(status, asked),
                near: Vec::new(),
            },
            (409, "AlreadyExists") => Self::AlreadyExists { message },
            (409, _) => Self::Conflict { message },
            (400 | 413 | 415 | 422, _) => Self::Invalid { message },
            (429, _) => throttled(status, cluster),
            (504, _) if !asked.writes => Self::Unreachable {
                cluster,
                detail: say::answered(504, &message),
            },
            (500..=599, _) => Self::no_answer(
                asked,
                &NoAnswer {
                    words: say::answered(status.code, &message),
                    // An API server that says so itself did not take the request on; what stands before it may have
                    // passed it on first.
                    before_sending: status.code == 503 && status.reason == "ServiceUnavailable",
                },
            ),
            (code, reason) => Self::Other {
                code,
                reason: reason.to_owned(),
                message,
            },
        }
    }
}

/// The API server's words as a sentence without its last stop.
fn sentence(message: &str) -> Text {
    let text = message.trim().trim_end_matches('.');
    if text.is_empty() {
        say::no_reason()
    } else {
        Text::from(text)
    }
}

fn throttled(status: &Status, cluster: String) -> ClusterError {
    let budget = status
        .details
        .iter()
        .flat_map(|d| &d.causes)
        .find(|cause| cause.reason == "DisruptionBudget");
    if let Some(cause) = budget {
        // An eviction that a PodDisruptionBudget forbids comes as a 429, too.
        return ClusterError::Refused {
            message: line![sentence(&status.message), ": ", sentence(&cause.message)],
        };
    }
    ClusterError::Throttled {
        cluster,
        retry_after: status
            .details
            .as_ref()
            .map(|d| d.retry_after_seconds)
            .filter(|s| *s > 0)
            .map(|s| Duration::from_secs(s.into())),
    }
}

/// A 403 is a missing right only when the authorizer speaks (`User "x" cannot verb resource`); quotas, pod security and
/// admission plugins answer 403 as well.
fn forbidden(message: &str, asked: &Asked<'_>) -> ClusterError {
    let by_authorizer = message
        .split_once(" cannot ")
        .filter(|(before, _)| before.contains("User \"") || before.contains("user \""));
    let Some((_, rest)) = by_authorizer else {
        return ClusterError::Refused {
            message: sentence(message),
        };
    };
    let mut quoted = rest.split('"').skip(1).step_by(2);
    let resource = quoted.next().unwrap_or(asked.resource);
    let group = if rest.contains("in API group") {
        quoted.next().unwrap_or("")
    } else {
        ""
    };
    let verb = rest.split_whitespace().next().unwrap_or(asked.verb);
    ClusterError::Forbidden {
        cluster: asked.cluster.to_owned(),
        verb: verb.to_owned(),
        resource: if group.is_empty() {
            resource.to_owned()
        } else {
            format!("{resource}.{group}")
        },
        namespace: asked.namespace.to_owned(),
        message: sentence(message),
    }
}

/// The kind that is missing: the API server tells when it is another than the one asked for (a missing namespace).
fn what_is_missing(status: &Status, asked: &Asked<'_>) -> String {
    let kind = status.details.as_ref().map_or("", |d| d.kind.as_str());
    let plural = if kind.is_empty() {
        asked.resource.rsplit('/').next().unwrap_or_default()
    } else {
        kind
    };
    super::paths::singular(plural)
}

fn missing_name(status: &Status, asked: &Asked<'_>) -> String {
    status
        .details
        .as_ref()
        .map(|d| d.name.clone())
        .filter(|n| !n.is_empty())
        .unwrap_or_else(|| asked.name.to_owned())
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
