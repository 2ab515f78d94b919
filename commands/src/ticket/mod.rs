//! A requested change from the first look to its end. [`step`] decides, purely; [`permit`] is the only door to a run.

mod machine;
pub mod permit;
mod votes;

pub use crate::model::{Effect, Refusal};
pub use machine::{Event, News, RolesNow, stands, step};
pub use permit::Permit;
use serde::{Deserialize, Serialize};
use serde_json::Value;
pub use votes::{Tally, tally};

use crate::{
    model::{Actor, ChannelId, Report, Scope, Text, TicketId, Timestamp, UserId},
    policy::{Gate, Quorum, Verb, Who},
};

/// Where a ticket stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The requester is to look once more.
    AwaitingConfirm,
    /// Others are to agree.
    AwaitingApproval,
    /// May run, until `execute_by`.
    Ready,
    /// Runs, held by one process until the lease ends; then any process may take it over.
    Running(Lease),
    /// Waits for a time or for people, and holds nothing meanwhile: no lease, no target, no task.
    Parked(Parked),
    /// Over.
    Done(Outcome),
}

impl Stage {
    /// The word stored and filtered by: `awaiting_confirm`, `awaiting_approval`, `ready`, `running`, `parked`, `done`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::AwaitingConfirm => "awaiting_confirm",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Ready => "ready",
            Self::Running(_) => "running",
            Self::Parked(_) => "parked",
            Self::Done(_) => "done",
        }
    }
}

/// Who runs a ticket, and until when that is believed without a sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The process.
    pub holder: String,
    /// When it ends unless renewed.
    pub until: Timestamp,
}

/// Where a run was parked, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// The step that waits.
    pub step: String,
    /// For what.
    pub until: Until,
}

/// What a parked run waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// A time.
    Time(Timestamp),
    /// Somebody of these looks, and says whether it goes on.
    SignOff {
        /// What is to be looked at, in a sentence.
        question: Text,
        /// Who may say.
        by: Vec<Who>,
        /// When nobody is waited for any longer.
        lapses: Timestamp,
    },
}

/// What woke a parked run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Woken {
    /// Its time came.
    Due,
    /// Somebody signed off.
    Signed {
        /// Who.
        by: UserId,
        /// When.
        at: Timestamp,
    },
    /// Somebody said no.
    Refused {
        /// Who.
        by: UserId,
        /// When.
        at: Timestamp,
        /// Why.
        why: Option<String>,
    },
    /// Nobody said anything in time.
    Lapsed,
}

/// What woke the run, at which step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WokenAt {
    /// The step that waited.
    pub step: String,
    /// What ended the wait.
    pub by: Woken,
}

/// How a ticket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Done as planned.
    Succeeded,
    /// Begun, and not as planned.
    Failed,
    /// An approver said no.
    Denied,
    /// The requester took it back.
    Cancelled,
    /// Nobody decided in time, or it did not start in time.
    Expired,
    /// What the plan rests on changed first. Nothing was done.
    Stale,
    /// The process ended in the middle, and the change cannot be taken up again.
    Interrupted,
    /// Begun, and turned back.
    #[serde(rename = "rolled_back")]
    RolledBack,
    /// Begun, and somebody else changed the same thing since. What they did stands.
    Overtaken,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Succeeded,
        Self::Failed,
        Self::Denied,
        Self::Cancelled,
        Self::Expired,
        Self::Stale,
        Self::Interrupted,
        Self::RolledBack,
        Self::Overtaken,
    ];

    /// The word in the store, in filters and in messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Stale => "stale",
            Self::Interrupted => "interrupted",
            Self::RolledBack => "rolled_back",
            Self::Overtaken => "overtaken",
        }
    }
}

/// One person's say. One a person and ticket; a second is refused by the ledger too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Who.
    pub user: UserId,
    /// What they are called.
    pub name: String,
    /// Their roles as read when they voted.
    pub roles: Vec<crate::model::RoleId>,
    /// Yes or no.
    pub approve: bool,
    /// Why, for a no.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// An object that a plan rests on: its identity, and the fields that the plan writes or depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precondition {
    /// `apps/v1/Deployment`-like: group and plural of the API, `apps/deployments`.
    pub resource: String,
    /// The object.
    pub cluster: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its identity: another object of the same name is not the same.
    pub uid: String,
    /// JSON pointers of the held fields, with the SHA-256 (hex) of each field's canonical JSON.
    pub fields: Vec<(String, String)>,
}

/// What a button told a running change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Directive {
    /// Go on.
    #[default]
    Continue,
    /// Stop where it stands, change nothing more.
    Hold,
    /// End without finishing.
    Cancel,
    /// Skip the rest of a soak.
    Promote,
    /// Turn back.
    RollBack,
}

/// An object as it was just before a write was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// Its identity; `None`: it was not there.
    pub uid: Option<String>,
    /// Its generation, for kinds that have one.
    pub generation: Option<i64>,
    /// Its resource version.
    pub resource_version: Option<String>,
}

/// What a step of a run did. Neither `ended` nor `result`: begun, and not known to be finished.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The step's name, unique in its ticket.
    pub name: String,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// The object as it was before the write was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// The object and its fields as the step left them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Precondition>,
    /// How long a wait has seen what it waits for, in milliseconds: what was not seen does not count.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub observed_ms: u64,
    /// What it returned.
    pub result: Option<Value>,
}

impl StepRecord {
    /// Whether it is known to be finished. The first release stored no end, and a step that returns nothing stores a
    /// result that reads as none.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.ended.is_some() || self.result.is_some()
    }
}

/// A requested change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its number.
    pub id: TicketId,
    /// Grows by one with each stored change: the ledger compares and swaps.
    pub version: i64,
    /// The full name of the command: `scale`.
    pub command: String,
    /// The words that were typed, for people: `workload:deployment/ceoagent-api replicas:5`.
    pub typed: String,
    /// The options as given, to ask the same again.
    pub options: std::collections::BTreeMap<String, crate::input::Value>,
    /// Who asked.
    pub requester: Actor,
    /// Why, when they said.
    pub reason: Option<String>,
    /// Where it was asked.
    pub asked_in: ChannelId,
    /// Where its living message is.
    pub channel: ChannelId,
    /// How much it does.
    pub verb: Verb,
    /// What it touches.
    pub scopes: Vec<Scope>,
    /// The objects that at most one running ticket may touch; `cluster/namespace/kind/name`.
    pub targets: Vec<String>,
    /// Whether the run has written all that it will and only watches now: another ticket may take the targets.
    pub released: bool,
    /// The plan, in the command's own words.
    pub plan: Value,
    /// What the plan rests on. `holds`: their name in tickets of earlier releases.
    #[serde(alias = "holds")]
    pub preconditions: Vec<Precondition>,
    /// What the card shows.
    pub preview: Report,
    /// What stands before the run.
    pub gate: Gate,
    /// The rules under which it was judged.
    pub policy: String,
    /// When it was asked.
    pub created: Timestamp,
    /// Until when it can be confirmed or approved.
    pub approve_by: Timestamp,
    /// How long it may take from the opening of the gate to the start.
    #[serde(with = "millis")]
    pub run_within: std::time::Duration,
    /// Until when it must have started, set when the gate opened.
    pub execute_by: Option<Timestamp>,
    /// Where it stands.
    pub stage: Stage,
    /// What was said about it.
    pub votes: Vec<Vote>,
    /// What a button told the run.
    pub directive: Directive,
    /// Who holds it, while it is on hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<UserId>,
    /// What woke it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub woken: Option<WokenAt>,
    /// How long it has run in all, in milliseconds; time on hold, parked, or without a bot does not count.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ran_ms: u64,
    /// When it started to run.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What its living message shows now.
    pub shown: Report,
}

impl Ticket {
    /// The quorum, where there is one.
    #[must_use]
    pub fn quorum(&self) -> Option<&Quorum> {
        match &self.gate {
            Gate::Approve(quorum) => Some(quorum),
            Gate::None | Gate::Confirm => None,
        }
    }

    /// The key of its living message.
    #[must_use]
    pub fn message_key(&self) -> String {
        message_key(self.id)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(length: &Duration, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u64(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
        u64::deserialize(d).map(Duration::from_millis)
    }
}

/// The outbox key of a ticket's living message.
#[must_use]
pub fn message_key(id: TicketId) -> String {
    format!("ticket:{id}")
}

/// The outbox key of what its asker reads of it.
#[must_use]
pub fn news_key(id: TicketId) -> String {
    format!("news:{id}")
}
