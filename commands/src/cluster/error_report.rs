//! What people read when a cluster fails, refuses or does not answer: one line of what, one of what to do.

use super::ClusterError;
use crate::{
    model::{Reference, Report, Text, Tone},
    texts::{cluster as say, common},
};

impl ClusterError {
    /// What the asker reads: one line of what, one of what to do.
    #[must_use]
    pub fn report(&self, reference: &Reference) -> Report {
        let (title, lines) = self.words();
        let tone = match self {
            Self::NotFound { .. }
            | Self::UnknownCluster { .. }
            | Self::OutsideSettings { .. }
            | Self::StillReading { .. } => Tone::Waiting,
            _ => Tone::Bad,
        };
        Report::new(tone, title)
            .lines(lines)
            .footer(common::reference(reference))
    }

    /// The sentences: what, and what to do.
    fn words(&self) -> (Text, Vec<Text>) {
        match self {
            Self::Unreachable { .. }
            | Self::StillReading { .. }
            | Self::Timeout { .. }
            | Self::Unsure { .. }
            | Self::Throttled { .. }
            | Self::Unauthorized { .. }
            | Self::Misconfigured { .. } => self.words_of_an_outage(),
            Self::NotFound { .. }
            | Self::NoApi { .. }
            | Self::UnknownCluster { .. }
            | Self::OutsideSettings { .. } => self.words_of_what_is_missing(),
            Self::Forbidden {
                verb,
                resource,
                namespace,
                cluster,
                message,
            } => (
                say::bot_may_not(verb, resource, &place(cluster, namespace)),
                vec![say::lacks_verb(verb, resource), say::server_said(message)],
            ),
            Self::Refused { message } => (
                say::refused(),
                vec![say::said(message), say::quota_or_admission()],
            ),
            Self::Conflict { message } => (
                say::conflict(),
                vec![say::said(message), say::ask_again_for_the_state()],
            ),
            Self::Invalid { message } => (say::invalid(), vec![say::said(message), say::nothing_changed()]),
            Self::AlreadyExists { message } => {
                (say::exists(), vec![say::said(message), say::nothing_changed()])
            }
            Self::Other {
                code,
                reason,
                message,
            } => (
                say::unexpected(),
                vec![say::said_and_nothing_changed(&format!(
                    "{code} {reason}: {message}"
                ))],
            ),
        }
    }

    fn words_of_an_outage(&self) -> (Text, Vec<Text>) {
        match self {
            Self::Unreachable { cluster, detail } => {
                (say::unreachable(cluster, detail), vec![say::outage_of_a_read()])
            }
            Self::StillReading { cluster } => {
                (say::still_reading(cluster), vec![say::reading_takes_seconds()])
            }
            Self::Timeout { cluster, after } => {
                (say::too_slow(cluster, *after), vec![say::outage_of_a_read()])
            }
            Self::Unsure { cluster, detail } => (
                say::unconfirmed(cluster, detail),
                vec![say::may_have_been_made(), say::outage_not_a_right()],
            ),
            Self::Throttled { cluster, retry_after } => {
                (say::slow_down(cluster), vec![say::try_again_in(*retry_after)])
            }
            Self::Unauthorized { cluster, detail } => (
                say::bad_credentials(cluster),
                vec![say::said_and_nothing_changed(detail), say::renew_credentials()],
            ),
            Self::Misconfigured { cluster, detail } => (
                say::bad_settings(cluster),
                vec![say::said_and_nothing_changed(detail), say::run_check()],
            ),
            other => (Text::from(other.to_string()), Vec::new()),
        }
    }

    fn words_of_what_is_missing(&self) -> (Text, Vec<Text>) {
        match self {
            Self::NotFound {
                cluster,
                namespace,
                what,
                name,
                near,
            } => (
                say::no_such(what, name, &place(cluster, namespace)),
                say::did_you_mean(near).into_iter().collect(),
            ),
            Self::NoApi { cluster, api } => (say::no_api(cluster, api), vec![say::not_installed()]),
            Self::UnknownCluster { name, known } => (say::no_such_cluster(name), vec![say::known_are(known)]),
            Self::OutsideSettings {
                cluster,
                namespace,
                known,
            } => (
                say::outside_settings(cluster, namespace),
                vec![say::looks_at(known)],
            ),
            other => (Text::from(other.to_string()), Vec::new()),
        }
    }
}

/// `prod/ceoagent`, or `prod`.
fn place(cluster: &str, namespace: &str) -> String {
    if namespace.is_empty() {
        cluster.to_owned()
    } else {
        format!("{cluster}/{namespace}")
    }
}
