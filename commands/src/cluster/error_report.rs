//! What people read when a cluster fails, refuses or does not answer: one line of what, one of what to do.

use std::fmt;

use super::ClusterError;
use crate::{
    line,
    model::{Reference, Report, Text, Tone},
    texts::{cluster as say, common, unanswered},
};

impl ClusterError {
    /// What the asker reads: one line of what, one of what to do.
    #[must_use]
    pub fn report(&self, reference: &Reference) -> Report {
        let tone = match self {
            Self::NotFound { .. }
            | Self::UnknownCluster { .. }
            | Self::OutsideSettings { .. }
            | Self::StillReading { .. } => Tone::Waiting,
            _ => Tone::Bad,
        };
        Report::new(tone, self.what().capital())
            .lines(self.what_to_do())
            .footer(common::reference(reference))
    }

    /// All of it in one line, within a sentence: what happened, and the other side's own words.
    #[must_use]
    pub fn brief(&self) -> Text {
        match self.message() {
            Some(message) => say::in_its_words(&self.what(), &message),
            None => self.what(),
        }
    }

    /// What, within a sentence, for a part of an answer that is not known because of it. A missing right is named with what
    /// gives it.
    #[must_use]
    pub fn in_a_line(&self) -> Text {
        match self {
            Self::Forbidden { resource, .. } if resource == "secrets" => {
                say::and_more(&self.what(), &say::secrets_by_setting())
            }
            Self::Forbidden { verb, resource, .. } => {
                say::and_more(&self.what(), &say::lacks_verb(verb, resource))
            }
            _ => self.what(),
        }
    }

    /// Why, where nothing came back: the words for a sentence that says so itself.
    #[must_use]
    pub fn silence(&self) -> Option<Text> {
        match self {
            Self::Unreachable { detail, .. } => Some(detail.clone()),
            Self::Timeout { after, .. } => Some(unanswered::nothing_within(*after)),
            _ => None,
        }
    }

    /// What happened.
    fn what(&self) -> Text {
        match self {
            Self::Unreachable { cluster, detail } => say::unreachable(cluster, detail),
            Self::StillReading { cluster } => say::still_reading(cluster),
            Self::Timeout { cluster, after } => say::too_slow(cluster, *after),
            Self::Unsure { cluster, detail } => say::unconfirmed(cluster, detail),
            Self::Throttled { cluster, .. } => say::slow_down(cluster),
            Self::Unauthorized { cluster, .. } => say::bad_credentials(cluster),
            Self::Misconfigured { cluster, .. } => say::bad_settings(cluster),
            Self::NotFound {
                cluster,
                namespace,
                what,
                name,
                ..
            } => say::no_such(what, name, &place(cluster, namespace)),
            Self::NoApi { cluster, api } => say::no_api(cluster, api),
            Self::UnknownCluster { name, .. } => say::no_such_cluster(name),
            Self::OutsideSettings {
                cluster, namespace, ..
            } => say::outside_settings(cluster, namespace),
            Self::Forbidden {
                verb,
                resource,
                namespace,
                cluster,
                ..
            } => say::bot_may_not(verb, resource, &place(cluster, namespace)),
            Self::Refused { .. } => say::refused(),
            Self::Conflict { .. } => say::conflict(),
            Self::Invalid { .. } => say::invalid(),
            Self::AlreadyExists { .. } => say::exists(),
            Self::Other { .. } => say::unexpected(),
        }
    }

    /// What the other side said, where what happened does not tell it yet.
    fn message(&self) -> Option<Text> {
        match self {
            Self::Unauthorized { detail, .. } | Self::Misconfigured { detail, .. } => Some(detail.clone()),
            Self::Forbidden { message, .. }
            | Self::Refused { message }
            | Self::Conflict { message }
            | Self::Invalid { message }
            | Self::AlreadyExists { message } => Some(message.clone()),
            Self::Other {
                code,
                reason,
                message,
            } => Some(line![u32::from(*code), " ", reason, ": ", message]),
            _ => None,
        }
    }

    /// What to do, and what is known of the change.
    fn what_to_do(&self) -> Vec<Text> {
        let message = self.message().unwrap_or_default();
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } => vec![say::outage_of_a_read()],
            Self::StillReading { .. } => vec![say::reading_takes_seconds()],
            Self::Unsure { .. } => vec![say::may_have_been_made(), say::outage_not_a_right()],
            Self::Throttled { retry_after, .. } => vec![say::try_again_in(*retry_after)],
            Self::Unauthorized { .. } => {
                vec![say::said_and_nothing_changed(&message), say::renew_credentials()]
            }
            Self::Misconfigured { .. } => vec![say::said_and_nothing_changed(&message), say::run_check()],
            Self::NotFound { near, .. } => say::did_you_mean(near).into_iter().collect(),
            Self::NoApi { .. } => vec![say::not_installed()],
            Self::UnknownCluster { known, .. } => vec![say::known_are(known)],
            Self::OutsideSettings { known, .. } => vec![say::looks_at(known)],
            Self::Forbidden { verb, resource, .. } => {
                vec![say::lacks_verb(verb, resource), say::server_said(&message)]
            }
            Self::Refused { .. } => vec![say::said(&message), say::quota_or_admission()],
            Self::Conflict { .. } => vec![say::said(&message), say::ask_again_for_the_state()],
            Self::Invalid { .. } | Self::AlreadyExists { .. } => {
                vec![say::said(&message), say::nothing_changed()]
            }
            Self::Other { .. } => vec![say::said_and_nothing_changed(&message)],
        }
    }
}

/// For logs: what people read, in English.
impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.brief().plain())
    }
}

impl std::error::Error for ClusterError {}

/// `prod/ceoagent`, or `prod`.
fn place(cluster: &str, namespace: &str) -> String {
    if namespace.is_empty() {
        cluster.to_owned()
    } else {
        format!("{cluster}/{namespace}")
    }
}
