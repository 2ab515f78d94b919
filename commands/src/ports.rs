//! What the commands need from the world and the bot gives: a ledger, the people, a clock. Each is object-safe, so that
//! one `Ports` value serves every command.

pub mod chart;
pub mod checks;
pub mod manual;
pub mod metrics;
pub mod probe;

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::{
    incident::{self, Incident, IncidentId, Owner},
    model::{ChannelId, Report, RoleId, Text, TicketId, Timestamp, UserId, Workload},
    texts::failure::ledger,
    ticket::{Outcome, StepRecord, Ticket, Vote},
};

/// The time. Injected, so that boundaries can be tested to the millisecond.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A row of the audit, before it has a place in the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who; `None` for the bot itself.
    pub actor: Option<UserId>,
    /// What they were called then.
    pub actor_name: String,
    /// What happened: `asked`, `confirmed`, `approved`, `denied`, `refused`, `cancelled`, `expired`, `started`, `held`, `finished`, `failed`, `answered`.
    pub event: String,
    /// The full name of the command.
    pub command: String,
    /// The workload or scope, as text.
    pub target: String,
    /// The ticket.
    pub ticket: Option<TicketId>,
    /// How it ended: an outcome's word, `refused`, `ok` or empty.
    pub outcome: String,
    /// What was said or found, already redacted.
    pub detail: String,
    /// The mark that the messages and the logs share.
    pub reference: String,
}

/// A row of the audit in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place, from 1.
    pub seq: i64,
    /// SHA-256 (hex) over the previous row's hash and this row's stored text.
    pub hash: String,
    /// What it says.
    pub entry: AuditEntry,
}

/// Which rows of the audit; an empty filter means all. Newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// By this person.
    pub actor: Option<UserId>,
    /// Whose target contains this text.
    pub target: Option<String>,
    /// With this outcome.
    pub outcome: Option<String>,
    /// Of this ticket.
    pub ticket: Option<TicketId>,
    /// Only rows with a smaller `seq`.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// How urgent a message is when a channel's budget is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Somebody waits for it.
    Answer,
    /// It tells something new by itself.
    Alert,
}

/// What a living message shall show. The newest wins; how often it is drawn is the outbox's business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// What the message is about, unique: `ticket:13`, `incident:prod/ceoagent/...`.
    pub key: String,
    /// Where it stands.
    pub channel: ChannelId,
    /// What it shows.
    pub report: Report,
    /// How urgent it is.
    pub priority: Priority,
    /// Whether the message is in its last state: worth an edit even after an hour.
    pub last: bool,
}

/// What is stored together, or not at all.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// The ticket's new state with the version that must be stored now (`ticket.version` is the new one, one more).
    /// `None` in `expect_version`: the ticket is new.
    pub ticket: Option<(Ticket, Option<i64>)>,
    /// New votes of that ticket.
    pub votes: Vec<Vote>,
    /// Steps of that ticket, new or with a result now.
    pub steps: Vec<StepRecord>,
    /// Incidents' new states, each with the version that must be stored now; `None`: the incident is new. A second open
    /// one of the same key is a conflict.
    pub incidents: Vec<(Incident, Option<i64>)>,
    /// Rows for the audit, in order.
    pub audit: Vec<AuditEntry>,
    /// Messages to show.
    pub posts: Vec<Post>,
    /// An event (interaction, webhook) that must not have been handled before.
    pub once: Option<String>,
}

/// What the ledger says after a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The place of the last audit row written, when one was.
    pub audit_seq: Option<i64>,
}

/// Why the ledger did not commit. Nothing was stored.
#[derive(Debug)]
pub enum LedgerError {
    /// Somebody else stored a newer state of the ticket or the incident first.
    Conflict,
    /// Another running ticket holds one of the targets.
    Busy(TicketId),
    /// That person has voted on this ticket.
    Voted,
    /// The event was handled before.
    Duplicate,
    /// The store failed or did not answer in time.
    Store(String),
}

impl LedgerError {
    /// Why, within a sentence.
    #[must_use]
    pub fn words(&self) -> Text {
        match self {
            Self::Conflict => ledger::changed_meanwhile(),
            Self::Busy(other) => ledger::busy(*other),
            Self::Voted => ledger::voted(),
            Self::Duplicate => ledger::handled_before(),
            Self::Store(why) => ledger::failed(why),
        }
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().plain())
    }
}

impl std::error::Error for LedgerError {}

/// Which tickets. Newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TicketFilter {
    /// Only those that are not over.
    pub open: bool,
    /// Only those that touch this target (`cluster/namespace/kind/name`).
    pub target: Option<String>,
    /// Only those that ended so.
    pub outcome: Option<Outcome>,
    /// At most so many; 0 for all.
    pub limit: u32,
}

/// Where a living message was posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// The channel.
    pub channel: ChannelId,
    /// The message's id.
    pub message: u64,
}

/// What is stored, for reading.
pub trait Records: Send + Sync {
    /// A ticket with its votes.
    fn ticket(&self, id: TicketId) -> BoxFuture<'_, Result<Option<Ticket>, LedgerError>>;
    /// Tickets, newest first.
    fn tickets(&self, filter: TicketFilter) -> BoxFuture<'_, Result<Vec<Ticket>, LedgerError>>;
    /// The steps of a ticket, in the order in which they began.
    fn steps(&self, id: TicketId) -> BoxFuture<'_, Result<Vec<StepRecord>, LedgerError>>;
    /// Rows of the audit, newest first.
    fn audit(&self, filter: AuditFilter) -> BoxFuture<'_, Result<Vec<AuditRow>, LedgerError>>;
    /// Where the message of a key was posted, when it was.
    fn posted(&self, key: String) -> BoxFuture<'_, Result<Option<Posted>, LedgerError>>;
    /// One incident.
    fn incident(&self, id: IncidentId) -> BoxFuture<'_, Result<Option<Incident>, LedgerError>>;
    /// Incidents, newest first.
    fn incidents(&self, filter: IncidentFilter) -> BoxFuture<'_, Result<Vec<Incident>, LedgerError>>;
    /// The marks of a workload's revisions that were seen to work for a while or to fail (see [`crate::diagnosis::History`]).
    fn worked(&self, workload: &Workload) -> BoxFuture<'_, Result<Vec<String>, LedgerError>>;
}

/// A store that stands over another one: it adds to what is stored, and reads what the other reads.
pub trait Over: Send + Sync {
    /// The other.
    type Below: Records;
    /// The other.
    fn below(&self) -> &Self::Below;
}

impl<T: Over> Records for T {
    fn ticket(&self, id: TicketId) -> BoxFuture<'_, Result<Option<Ticket>, LedgerError>> {
        self.below().ticket(id)
    }
    fn tickets(&self, filter: TicketFilter) -> BoxFuture<'_, Result<Vec<Ticket>, LedgerError>> {
        self.below().tickets(filter)
    }
    fn steps(&self, id: TicketId) -> BoxFuture<'_, Result<Vec<StepRecord>, LedgerError>> {
        self.below().steps(id)
    }
    fn audit(&self, filter: AuditFilter) -> BoxFuture<'_, Result<Vec<AuditRow>, LedgerError>> {
        self.below().audit(filter)
    }
    fn posted(&self, key: String) -> BoxFuture<'_, Result<Option<Posted>, LedgerError>> {
        self.below().posted(key)
    }
    fn incident(&self, id: IncidentId) -> BoxFuture<'_, Result<Option<Incident>, LedgerError>> {
        self.below().incident(id)
    }
    fn incidents(&self, filter: IncidentFilter) -> BoxFuture<'_, Result<Vec<Incident>, LedgerError>> {
        self.below().incidents(filter)
    }
    fn worked(&self, workload: &Workload) -> BoxFuture<'_, Result<Vec<String>, LedgerError>> {
        self.below().worked(workload)
    }
}

/// The bot's own books: tickets, votes, steps, incidents, audit and messages, each commit in one transaction.
pub trait Ledger: Records {
    /// A number for a new ticket, never given twice.
    fn allocate(&self) -> BoxFuture<'_, Result<TicketId, LedgerError>>;
    /// A number for a new incident, never given twice.
    fn next_incident(&self) -> BoxFuture<'_, Result<IncidentId, LedgerError>>;
    /// Stores all of it or nothing.
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, LedgerError>>;
    /// Notes marks of revisions that work or fail.
    fn note_worked(&self, marks: Vec<(Workload, String)>) -> BoxFuture<'_, Result<(), LedgerError>>;
}

/// Why the people could not be read. An outage of the chat, never a denial.
#[derive(Debug, thiserror::Error)]
#[error("the chat did not say who has which role: {}", .0.plain())]
pub struct MembersError(pub Text);

/// The people of the chat, read from it at the time of asking.
pub trait Members: Send + Sync {
    /// The roles of a person now. Empty for somebody who has left.
    fn roles(&self, user: UserId) -> BoxFuture<'_, Result<Vec<RoleId>, MembersError>>;
    /// How many people have each role.
    fn role_counts(&self) -> BoxFuture<'_, Result<BTreeMap<RoleId, u64>, MembersError>>;
}

/// Which incidents: those that are open, and those of the past that are asked for. Newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IncidentFilter {
    /// Also those that were closed at this time or later.
    pub closed_since: Option<Timestamp>,
    /// Of this cluster.
    pub cluster: Option<String>,
    /// Of this namespace.
    pub namespace: Option<String>,
    /// Of this owner.
    pub owner: Option<Owner>,
    /// At most so many; 0 for all.
    pub limit: u32,
}

/// The durations of the guard and of the runs; settings of `[timing]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long a request can be confirmed or approved.
    pub approve_within: Duration,
    /// How long after that it can start.
    pub run_within: Duration,
    /// How long one request to a cluster may take.
    pub cluster_timeout: Duration,
    /// How long a run's lease holds without a sign of life.
    pub lease: Duration,
    /// How long a change may take before it is told as stuck and left to itself.
    pub change_deadline: Duration,
    /// How long a hold lasts that nobody ends.
    pub hold_within: Duration,
    /// How long without progress until the message says "stuck" and why.
    pub stuck_after: Duration,
    /// How often a running change looks and shows.
    pub progress_every: Duration,
    /// Those of incidents.
    pub incident: incident::Timing,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            approve_within: Duration::from_secs(15 * 60),
            run_within: Duration::from_secs(10 * 60),
            cluster_timeout: Duration::from_secs(5),
            lease: Duration::from_secs(30),
            change_deadline: Duration::from_secs(30 * 60),
            hold_within: Duration::from_secs(30 * 60),
            stuck_after: Duration::from_secs(60),
            progress_every: Duration::from_secs(2),
            incident: incident::Timing::default(),
        }
    }
}

/// Bounds that an administrator sets beside the policy.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// The most replicas, by place; the first that matches holds. None: 100.
    pub replicas: Vec<(crate::policy::Where, u32)>,
    /// The most changes that one person starts in an hour; none: no bound.
    pub changes_an_hour: Option<u32>,
}

impl Limits {
    /// The most replicas in a scope.
    #[must_use]
    pub fn replicas_in(&self, scope: &crate::model::Scope) -> u32 {
        let found = self.replicas.iter().find(|(place, _)| place.covers(scope));
        found.map_or(100, |(_, most)| *most)
    }
}

/// All of it.
#[derive(Clone)]
pub struct Ports {
    /// Tickets, incidents, audit, messages.
    pub ledger: Arc<dyn Ledger>,
    /// The people.
    pub members: Arc<dyn Members>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The durations.
    pub timing: Timing,
    /// The bounds.
    pub limits: Limits,
    /// Takes secrets out of everything that leaves.
    pub redactor: Arc<crate::redact::Redactor>,
    /// Asks the service itself how it is.
    pub probes: Arc<dyn probe::Probes>,
    /// Reads what was measured.
    pub metrics: Arc<dyn metrics::Metrics>,
    /// Draws it.
    pub pictures: Arc<dyn chart::Pictures>,
    /// What may be run in containers.
    pub checks: Arc<checks::Checks>,
    /// The team's own manual.
    pub manual: Arc<dyn manual::Manual>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Scope, policy::Where};

    #[test]
    fn where_no_limit_is_set_a_hundred_replicas_are_the_most() {
        let here = Scope::namespace("prod", "ceoagent");
        assert_eq!(Limits::default().replicas_in(&here), 100);
        let of = |cluster: &str, most| {
            let (cluster, namespace) = (cluster.to_owned(), "*".to_owned());
            (Where { cluster, namespace }, most)
        };
        let limits = Limits {
            replicas: vec![of("staging", 5), of("prod", 500), of("*", 7)],
            changes_an_hour: None,
        };
        assert_eq!(limits.replicas_in(&here), 500, "the first that matches");
        let elsewhere = Limits {
            replicas: vec![of("staging", 5)],
            changes_an_hour: None,
        };
        assert_eq!(elsewhere.replicas_in(&here), 100);
    }
}
