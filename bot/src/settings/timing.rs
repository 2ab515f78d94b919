//! The durations of the bot, all of them: one table gives the keys, the defaults, the bounds and the explanations, so
//! that tests need no other seam to make time short.

use std::{collections::BTreeMap, time::Duration};

use ceo_commands::{incident, ports};

use super::problem::{Problems, suggestion};

/// A key of `[timing]`.
pub(super) struct Key {
    /// Its name.
    pub(super) name: &'static str,
    /// What holds without it.
    pub(super) default: &'static str,
    /// What it is.
    pub(super) about: &'static str,
}

macro_rules! timings {
    ($( $(#[doc = $about:literal])+ $name:ident = $default:literal, at least $least:literal; )*) => {
        /// How long, how often. Texts like `15m`, `2s`, `300ms`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Timings { $( $(#[doc = $about])+ pub $name: Duration, )* }

        /// The table.
        pub(super) const KEYS: &[Key] = &[
            $( Key { name: stringify!($name), default: $default, about: concat!($($about),+) }, )*
        ];

        impl Timings {
            /// Reads the table's keys out of texts; what is missing has its default.
            pub(super) fn read(given: &BTreeMap<String, String>, problems: &mut Problems) -> Self {
                Self { $( $name: read_one(given, stringify!($name), $default, $least, problems), )* }
            }
        }
    };
}

timings! {
    /// How long a request can be confirmed or approved.
    approve_within = "15m", at least "100ms";
    /// How long after that it can still start.
    run_within = "10m", at least "100ms";
    /// How long one request to a cluster may take.
    cluster_timeout = "5s", at least "10ms";
    /// How long one request to Discord may take.
    discord_timeout = "10s", at least "10ms";
    /// How long connecting to Discord may take.
    discord_connect = "5s", at least "10ms";
    /// How long one request to Discord may take with all waiting for rate limits and all retries of the network.
    discord_patience = "60s", at least "10ms";
    /// The pause before the first retry of a request to Discord; it doubles.
    discord_retry = "500ms", at least "1ms";
    /// How long the first response to an interaction may take. Discord's own bound is 3 s.
    respond_within = "2700ms", at least "10ms";
    /// How long one try of that may take.
    respond_try = "1200ms", at least "10ms";
    /// How long completions may take.
    suggest_within = "2s", at least "10ms";
    /// How long the work on one interaction may take. Its token lives 15 minutes.
    answer_within = "14m", at least "100ms";
    /// How long an interaction waits for its turn when too many are worked on.
    queue_within = "30s", at least "10ms";
    /// How long reading a person's roles may take.
    members_timeout = "5s", at least "10ms";
    /// How long the number of people in each role is believed.
    counts_for = "10s", at least "1ms";
    /// The pause before the gateway is entered again; it doubles up to a minute.
    reconnect_after = "5s", at least "1ms";
    /// How often the gateway connection is tried for life.
    gateway_watch = "5s", at least "10ms";
    /// How long the gateway may be down while the rest of Discord works before /healthz says no.
    gateway_patience = "10m", at least "100ms";
    /// How long one transaction of the store may take.
    store_timeout = "5s", at least "10ms";
    /// How long opening the store may take, bringing its tables up to date included.
    store_open = "30s", at least "10ms";
    /// How long one request to Prometheus may take.
    prometheus_timeout = "5s", at least "10ms";
    /// How long asking Grafana whether it takes admin/admin may take.
    grafana_timeout = "2s", at least "10ms";
    /// How often Grafana is asked that at most.
    grafana_every = "6h", at least "10ms";
    /// How long one question to a health target may take.
    probe_timeout = "5s", at least "10ms";
    /// How often the health targets are asked while nobody wants to know.
    probe_every = "30s", at least "10ms";
    /// How long one line of `ceo-bot check` may take.
    check_timeout = "10s", at least "10ms";
    /// How long a run's lease holds without a sign of life from the bot that runs it.
    lease = "30s", at least "50ms";
    /// How long a change may take before its message says so and the bot stops waiting for it.
    change_deadline = "30m", at least "100ms";
    /// How long a hold lasts that nobody ends; then the run goes on and says so.
    hold_within = "30m", at least "100ms";
    /// How long a change may make no progress until its message says "stuck" and why.
    stuck_after = "60s", at least "50ms";
    /// How often a running change looks and shows.
    progress_every = "2s", at least "10ms";
    /// How often one message is edited at most.
    edit_every = "2s", at least "10ms";
    /// How long a message is edited at that pace; then at slow_every, unless its state changes.
    edit_slow_after = "60s", at least "10ms";
    /// How often a message is edited after that.
    edit_slow_every = "10s", at least "10ms";
    /// From which age on a message is edited only when its state changes: Discord throttles edits after an hour.
    edit_old_after = "55m", at least "100ms";
    /// The sustained pace of requests to one channel; four may go at once.
    channel_pace = "1s", at least "1ms";
    /// How often a live answer is edited.
    live_every = "2s", at least "10ms";
    /// How long a live answer goes on before it asks whether to continue.
    live_for = "14m", at least "100ms";
    /// How often what has lapsed is tidied up and what was left behind is taken over.
    sweep_every = "5s", at least "10ms";
    /// How long the clusters' objects must be quiet, or may change at most, until they are looked at for incidents.
    incident_debounce = "1s", at least "1ms";
    /// How often they are looked at when nothing changes.
    incident_look_every = "15s", at least "10ms";
    /// How long a problem must not have held until it is told as over; a crash loop runs for seconds in between.
    incident_settle = "2m", at least "10ms";
    /// How long a problem that often passes by itself (an image, a node, a pod without a node) must hold until it is told.
    incident_patience = "20s", at least "1ms";
    /// How long after its end a problem that comes back is the same incident.
    incident_flap = "30m", at least "10ms";
    /// How often an incident's message is changed at most by what is seen.
    incident_edit_every = "10s", at least "10ms";
    /// How long reading the log and the events for an incident may take.
    incident_evidence_within = "3s", at least "10ms";
    /// How often they are read again at most.
    incident_evidence_every = "60s", at least "10ms";
    /// How long after a mention (`alerts.mention`) the messages of new incidents mention nobody.
    incident_mention_every = "5m", at least "10ms";
    /// How long the button Silence lasts.
    incident_silence = "1h", at least "10ms";
    /// How long everything under way has on SIGTERM: answers, leases, messages.
    shutdown_within = "20s", at least "100ms";
    /// How much of that the answers to people have.
    drain_within = "5s", at least "10ms";
}

impl Default for Timings {
    /// What holds where the settings say nothing.
    fn default() -> Self {
        Self::read(&BTreeMap::new(), &mut Problems::default())
    }
}

impl Timings {
    /// The part that commands see.
    #[must_use]
    pub fn ports(&self) -> ports::Timing {
        ports::Timing {
            approve_within: self.approve_within,
            run_within: self.run_within,
            cluster_timeout: self.cluster_timeout,
            lease: self.lease,
            change_deadline: self.change_deadline,
            hold_within: self.hold_within,
            stuck_after: self.stuck_after,
            progress_every: self.progress_every,
            incident: incident::Timing {
                settle: self.incident_settle,
                patience: self.incident_patience,
                flap: self.incident_flap,
                edit_every: self.incident_edit_every,
                evidence_every: self.incident_evidence_every,
                mention_every: self.incident_mention_every,
                silence: self.incident_silence,
            },
        }
    }

    /// What can only be said of several durations together.
    pub(super) fn check(&self, problems: &mut Problems) {
        let pairs = [
            ("progress_every", self.progress_every, "lease", self.lease),
            (
                "incident_look_every",
                self.incident_look_every,
                "incident_settle",
                self.incident_settle,
            ),
            (
                "stuck_after",
                self.stuck_after,
                "change_deadline",
                self.change_deadline,
            ),
        ];
        for (short_key, short, long_key, long) in pairs {
            if short >= long && !problems.at(&format!("timing.{short_key}")) {
                problems.add(
                    format!("timing.{short_key}"),
                    format!(
                        "{} is not shorter than timing.{long_key} ({}); it must be",
                        humantime::format_duration(short),
                        humantime::format_duration(long)
                    ),
                );
            }
        }
    }
}

fn read_one(
    given: &BTreeMap<String, String>,
    name: &str,
    default: &str,
    least: &str,
    problems: &mut Problems,
) -> Duration {
    // The defaults and bounds are literals of the table above; a test reads each of them.
    let literal = |text: &str| humantime::parse_duration(text).unwrap_or_default();
    let Some(text) = given.get(name) else {
        return literal(default);
    };
    match humantime::parse_duration(text) {
        Ok(length) if length >= literal(least) => length,
        Ok(_) => {
            problems.add(
                format!("timing.{name}"),
                format!("\"{text}\" is too short; at least {least}"),
            );
            literal(default)
        }
        Err(_) => {
            problems.add(
                format!("timing.{name}"),
                format!("\"{text}\" is not a length of time; expected a text like \"{default}\", \"90s\" or \"1h 30m\""),
            );
            literal(default)
        }
    }
}

/// Tells of keys that are not in the table.
pub(super) fn unknown(given: &BTreeMap<String, String>, problems: &mut Problems) {
    for name in given.keys() {
        if KEYS.iter().all(|k| k.name != name) {
            problems.add(
                format!("timing.{name}"),
                format!(
                    "there is no such key{}",
                    suggestion(name, KEYS.iter().map(|k| k.name))
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_table_are_lengths_and_fit_together() {
        for key in KEYS {
            assert!(
                humantime::parse_duration(key.default).is_ok_and(|d| !d.is_zero()),
                "{}",
                key.name
            );
            assert!(!key.about.trim().is_empty());
        }
        let mut problems = Problems::default();
        let timings = Timings::read(&BTreeMap::new(), &mut problems);
        timings.check(&mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(
            timings.ports(),
            ports::Timing::default(),
            "the two sets of defaults differ"
        );
    }
}
