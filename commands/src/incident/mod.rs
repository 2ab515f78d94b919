//! What went wrong with a workload or a node, from the first sight to its end. A [`Sighting`] is what one look sees; an
//! [`Incident`] is what is remembered and told in one message. [`step`] decides, purely; [`fold`] says which sightings
//! belong to which incidents; [`card`] words what people read.

mod card;
mod fold;
mod machine;

use std::{collections::BTreeMap, fmt, time::Duration};

pub use crate::model::{Effect, Refusal};
pub use card::{card, place, state_in_words};
pub use fold::{Folded, fold};
pub use machine::{Birth, Event, Found, due, due_in, open, reopens, step, wants_evidence};
use serde::{Deserialize, Serialize};

use crate::{
    model::{ChannelId, RoleId, Scope, Text, Timestamp, UserId, Workload, WorkloadKind},
    texts::{diagnosis, incident as texts, runbook::sought},
};

/// What can go wrong. Ordered: the first explains the later ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// A container was killed because it used more memory than its limit.
    OomKilled,
    /// A container ends again and again.
    CrashLoopBackOff,
    /// The kubelet ends a container again and again because a probe of it fails.
    KilledByProbe,
    /// An image cannot be pulled.
    ImagePull,
    /// A Secret, a ConfigMap or a key that a container refers to is missing.
    MissingReference,
    /// A volume cannot be mounted, or its claim is not bound.
    Volume,
    /// No node fits a pod.
    Unschedulable,
    /// The API server refuses a workload's pods.
    PodsRefused,
    /// Pods run and do not become ready.
    NotReady,
    /// A Job gave up.
    JobFailed,
    /// A rollout made no progress within its deadline.
    RolloutDeadline,
    /// A node's kubelet does not say that it is ready.
    NodeNotReady,
    /// The API server of a cluster does not answer.
    NoAnswer,
}

impl Problem {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::OomKilled,
        Self::CrashLoopBackOff,
        Self::KilledByProbe,
        Self::ImagePull,
        Self::MissingReference,
        Self::Volume,
        Self::Unschedulable,
        Self::PodsRefused,
        Self::NotReady,
        Self::JobFailed,
        Self::RolloutDeadline,
        Self::NodeNotReady,
        Self::NoAnswer,
    ];

    /// The word in keys, in the store and in metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OomKilled => "oom_killed",
            Self::CrashLoopBackOff => "crash_loop",
            Self::KilledByProbe => "killed_by_probe",
            Self::ImagePull => "image_pull",
            Self::MissingReference => "missing_reference",
            Self::Volume => "volume",
            Self::Unschedulable => "unschedulable",
            Self::PodsRefused => "pods_refused",
            Self::NotReady => "not_ready",
            Self::JobFailed => "job_failed",
            Self::RolloutDeadline => "rollout_deadline",
            Self::NodeNotReady => "node_not_ready",
            Self::NoAnswer => "no_answer",
        }
    }

    /// What the title of the message says is wrong.
    #[must_use]
    pub fn title(self) -> Text {
        match self {
            Self::OomKilled => texts::out_of_memory(),
            Self::CrashLoopBackOff => texts::crash(),
            Self::KilledByProbe => texts::killed_by_probe(),
            Self::ImagePull => texts::image_pull(),
            Self::MissingReference => texts::missing_reference(),
            Self::Volume => texts::volume(),
            Self::Unschedulable => texts::unschedulable(),
            Self::PodsRefused => texts::pods_refused(),
            Self::NotReady => texts::pods_not_ready(),
            Self::JobFailed => texts::job_failed(),
            Self::RolloutDeadline => texts::rollout_deadline(),
            Self::NodeNotReady => texts::node_not_ready(),
            Self::NoAnswer => texts::no_answer(),
        }
    }

    /// The same of something over.
    fn lasted(self, length: Duration) -> Text {
        match self {
            Self::OomKilled => texts::was_out_of_memory(length),
            Self::CrashLoopBackOff => texts::did_crash(length),
            Self::KilledByProbe => texts::was_killed_by_probe(length),
            Self::ImagePull => texts::could_not_pull(length),
            Self::MissingReference => texts::missed_reference(length),
            Self::Volume => texts::lacked_volume(length),
            Self::Unschedulable => texts::was_unschedulable(length),
            Self::PodsRefused => texts::pods_were_refused(length),
            Self::NotReady => texts::pods_were_not_ready(length),
            Self::JobFailed => texts::job_had_failed(length),
            Self::RolloutDeadline => texts::was_past_deadline(length),
            Self::NodeNotReady => texts::was_not_ready(length),
            Self::NoAnswer => texts::did_not_answer(length),
        }
    }

    /// What people can do about it, where that is the same each time.
    #[must_use]
    pub fn advice(self) -> Option<Text> {
        match self {
            Self::OomKilled => Some(diagnosis::raise_memory()),
            Self::ImagePull => Some(diagnosis::mend_image()),
            Self::Unschedulable => Some(diagnosis::make_room()),
            _ => None,
        }
    }

    /// The words by which a manual's section about it is found, in the languages of manuals.
    #[must_use]
    pub fn sought(self) -> &'static str {
        match self {
            Self::OomKilled => sought::OOM_KILLED,
            Self::CrashLoopBackOff => sought::CRASH_LOOP,
            Self::KilledByProbe | Self::NotReady => sought::PROBE,
            Self::ImagePull => sought::IMAGE_PULL,
            Self::MissingReference => sought::MISSING_REFERENCE,
            Self::Volume => sought::VOLUME,
            Self::Unschedulable => sought::UNSCHEDULABLE,
            Self::PodsRefused => sought::QUOTA,
            Self::JobFailed => sought::JOB,
            Self::RolloutDeadline => sought::ROLLOUT,
            Self::NodeNotReady => sought::NODE,
            Self::NoAnswer => sought::API_SERVER,
        }
    }

    /// Whether `other`, of the same owner, is only another face of this one and gets no message of its own.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        match self {
            Self::OomKilled => matches!(
                other,
                Self::CrashLoopBackOff
                    | Self::KilledByProbe
                    | Self::NotReady
                    | Self::JobFailed
                    | Self::RolloutDeadline
            ),
            Self::CrashLoopBackOff => matches!(
                other,
                Self::KilledByProbe | Self::NotReady | Self::JobFailed | Self::RolloutDeadline
            ),
            Self::KilledByProbe => matches!(other, Self::NotReady | Self::RolloutDeadline),
            Self::ImagePull
            | Self::MissingReference
            | Self::Volume
            | Self::Unschedulable
            | Self::PodsRefused
            | Self::NotReady => other == Self::RolloutDeadline,
            Self::JobFailed | Self::RolloutDeadline | Self::NodeNotReady | Self::NoAnswer => false,
        }
    }

    /// Whether a container ends in it, so that its last words tell something.
    #[must_use]
    pub fn is_an_end(self) -> bool {
        matches!(
            self,
            Self::OomKilled | Self::CrashLoopBackOff | Self::KilledByProbe | Self::JobFailed
        )
    }

    /// Whether it often passes by itself within moments, so that a first sight proves little.
    #[must_use]
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            Self::NoAnswer
                | Self::ImagePull
                | Self::MissingReference
                | Self::Volume
                | Self::Unschedulable
                | Self::PodsRefused
                | Self::NotReady
                | Self::NodeNotReady
        )
    }
}

/// Whose problem it is: a workload, a node, or what else owns pods. A pod that nothing owns owns itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Owner {
    /// Its kind as kubectl writes it: `deployment`, `job`, `pod`, `node`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

impl Owner {
    /// An owner of a kind.
    pub fn new(kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            name: name.into(),
        }
    }

    /// A workload as an owner.
    #[must_use]
    pub fn of(workload: &Workload) -> Self {
        Self::new(workload.kind.singular(), &workload.name)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// What an incident is about. At most one open incident has a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The cluster's name in the settings.
    pub cluster: String,
    /// The namespace; `None` for what belongs to the cluster as a whole.
    pub namespace: Option<String>,
    /// Whose problem it is.
    pub owner: Owner,
    /// What is wrong.
    pub problem: Problem,
}

impl Key {
    /// The scope that policy rules see.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope {
            cluster: self.cluster.clone(),
            namespace: self.namespace.clone(),
        }
    }

    /// The owner as a workload that commands take, when it is one.
    #[must_use]
    pub fn workload(&self) -> Option<Workload> {
        let kind = WorkloadKind::ALL
            .into_iter()
            .find(|k| k.singular() == self.owner.kind)?;
        Some(Workload {
            cluster: self.cluster.clone(),
            namespace: self.namespace.clone()?,
            kind,
            name: self.owner.name.clone(),
        })
    }

    /// Whether it is about the same owner.
    #[must_use]
    pub fn same_owner(&self, other: &Self) -> bool {
        self.owner == other.owner && self.cluster == other.cluster && self.namespace == other.namespace
    }

    /// Whether it is about a cluster as a whole.
    #[must_use]
    pub fn is_cluster(&self) -> bool {
        self.problem == Problem::NoAnswer
    }

    /// The owner's full name: `prod/ceoagent/deployment/ceoagent-api`, `prod/node/n1`.
    #[must_use]
    pub fn target(&self) -> String {
        format!("{}/{}", self.scope(), self.owner)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.target(), self.problem.word())
    }
}

/// The container that shows a problem best: whose log is worth reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The pod.
    pub pod: String,
    /// The container; `None` where none got so far.
    pub container: Option<String>,
    /// When it last ended.
    pub ended: Option<Timestamp>,
    /// Whether it runs again, so that what it said before is the log of the container before.
    pub running: bool,
}

/// What one look at the caches sees of one problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What is wrong with whom.
    pub key: Key,
    /// Who is affected, by name: pods, or the node itself.
    pub affected: Vec<String>,
    /// Who of them shows only another face of it, which has no message of its own.
    pub beside: Vec<String>,
    /// The uids of those that are pods, by name: a pod of a StatefulSet has the name of the one before it.
    pub uids: BTreeMap<String, String>,
    /// Of how many: as many as its owner shall have, the extra ones of a rollout left out.
    pub of: u32,
    /// How many of them serve; `None` where that is not known.
    pub serves: Option<u32>,
    /// Restarts of the affected pods.
    pub restarts: i64,
    /// What is wrong, in words: `api ends with exit code 3 (error of the program)`.
    pub text: Text,
    /// What else is to say.
    pub facts: Vec<Text>,
    /// What a program left in its termination log: evidence that is in the caches.
    pub said: Option<String>,
    /// Since when it holds, as the objects tell.
    pub since: Timestamp,
    /// The last moment at which it is known to have held: now, or the end of a container that runs again.
    pub last: Timestamp,
    /// Whose log and events are evidence.
    pub subject: Option<Subject>,
}

/// What was collected about a problem beyond the caches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is about.
    pub about: Subject,
    /// The last lines before the end.
    pub lines: Vec<String>,
    /// Why there are none.
    pub no_lines: Option<Text>,
    /// What the program left in its termination log.
    pub said: Option<String>,
    /// What the newest warning about the pod says.
    pub event: Option<String>,
    /// Why the pod cannot start on another node, where a volume keeps it.
    #[serde(default)]
    pub tied: Option<Text>,
    /// Whether an outage kept some of it back: worth another try.
    pub incomplete: bool,
    /// When it was collected.
    pub at: Timestamp,
}

/// The last change of the owner before the problem, as far as known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastChange {
    /// What, and by whom.
    pub line: Text,
    /// When.
    pub at: Option<Timestamp>,
}

/// The way out of a failing revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WayBack {
    /// The revision that worked.
    pub to: i64,
    /// The failing one.
    pub from: i64,
}

/// Who took note of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// Who.
    pub by: UserId,
    /// What they are called.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// How an incident ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// When the condition last held, or when all was ready again.
    pub at: Timestamp,
    /// What ended it: `the rollback of ticket 13`.
    pub by: Option<Text>,
    /// Whether its owner is gone, so that nothing recovered.
    pub gone: bool,
    /// What its owner lacked for all that: then it did not recover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
}

/// What the owner of a problem lacks when that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// Not all pods of a workload were ready: they start, or something else is wrong, which has its own message.
    Pods {
        /// So many were.
        ready: i32,
        /// Of so many.
        desired: i32,
    },
    /// A Job has given up, and nothing ran it again.
    JobFailed,
}

/// The incident before, of one that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Its number.
    pub from: IncidentId,
    /// When that ended.
    pub ended: Timestamp,
}

/// The number of an incident. Given out by the store, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub i64);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl IncidentId {
    /// The key of its living message.
    #[must_use]
    pub fn message_key(self) -> String {
        format!("incident:{self}")
    }
}

impl std::str::FromStr for IncidentId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(IncidentId)
    }
}

/// A problem that is told: one message from first sight to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// Grows by one with each stored change: the store compares and swaps.
    pub version: i64,
    /// What is wrong with whom. The problem may become one that covers it.
    pub key: Key,
    /// Where its message stands.
    pub channel: ChannelId,
    /// When it began.
    pub opened: Timestamp,
    /// The last moment at which it is known to have held.
    pub last_seen: Timestamp,
    /// Since when looks at whole and fresh caches see nothing of it, though not for long enough to call it over.
    #[serde(default)]
    pub quiet: Option<Timestamp>,
    /// Who is affected now, by name.
    pub affected: Vec<String>,
    /// Who showed what the title says when that was last seen, by uid where they are pods.
    #[serde(default)]
    pub shown_by: Vec<String>,
    /// What its title said before, of pods none of which is affected any more.
    #[serde(default)]
    pub former: Option<Former>,
    /// The most that were affected at a time.
    pub most: u32,
    /// Of how many.
    pub of: u32,
    /// How many of them serve.
    pub serves: Option<u32>,
    /// Restarts, the most that were seen.
    pub restarts: i64,
    /// What is wrong, in words.
    pub text: Text,
    /// What else is to say.
    pub facts: Vec<Text>,
    /// How often it came back shortly after it had been told as over.
    pub flaps: u32,
    /// The one that it comes back from, which has a message of its own.
    pub returned: Option<Returned>,
    /// What was collected.
    pub evidence: Option<Evidence>,
    /// The last change of the owner that is known.
    pub change: Option<LastChange>,
    /// The generation of the owner when it began: a later one was changed since.
    pub generation: Option<i64>,
    /// The revision that worked, where the failing one is newer.
    pub way_back: Option<i64>,
    /// The section of the team's manual that is about it.
    #[serde(default)]
    pub manual: Option<Text>,
    /// The failing one: whoever presses the button when another runs by then means something else.
    #[serde(default)]
    pub fails: Option<i64>,
    /// Who is called once, by the message's first post.
    #[serde(default)]
    pub mention: Vec<RoleId>,
    /// Who said "I am on it".
    pub acked: Option<Noted>,
    /// Who asked for silence.
    pub silenced: Option<Noted>,
    /// Until when.
    pub silenced_until: Option<Timestamp>,
    /// When it was told as over, and how it ended.
    pub closed: Option<Timestamp>,
    /// How it ended.
    pub ending: Option<Ending>,
    /// When its message was last changed.
    pub shown: Timestamp,
}

/// What an incident was before the pods that showed it were replaced by others, which show less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// What was wrong, in words.
    pub text: Text,
    /// The last moment at which that is known to have held.
    pub until: Timestamp,
    /// Since when it is what the title says now.
    pub replaced: Timestamp,
}

impl Incident {
    /// Since when it is what its title says.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        self.former.as_ref().map_or(self.opened, |former| former.replaced)
    }

    /// The key of its living message.
    #[must_use]
    pub fn message_key(&self) -> String {
        self.id.message_key()
    }

    /// Whether it goes on.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// Whether nobody wants to read about it now.
    #[must_use]
    pub fn is_silent(&self, now: Timestamp) -> bool {
        self.silenced_until.is_some_and(|until| now < until)
    }

    /// `deployment/ceoagent-api: containers crash`
    #[must_use]
    pub fn headline(&self) -> Text {
        texts::headline(&self.key.owner.to_string(), &self.key.problem.title())
    }
}

/// The durations of incidents; settings of `[timing]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long a condition must not have held until it is told as over. A container that crashes in a loop runs for
    /// seconds in between, which is no recovery.
    pub settle: Duration,
    /// How long a condition that often passes by itself must hold until it is told.
    pub patience: Duration,
    /// How long after its end a problem that comes back is the same incident.
    pub flap: Duration,
    /// How often a message is changed at most by what is seen. What people do is shown at once.
    pub edit_every: Duration,
    /// How often the log and the events of a problem are read again at most.
    pub evidence_every: Duration,
    /// How long after a mention new incidents mention nobody.
    pub mention_every: Duration,
    /// How long *Silence* lasts.
    pub silence: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(2 * 60),
            patience: Duration::from_secs(20),
            flap: Duration::from_secs(30 * 60),
            edit_every: Duration::from_secs(10),
            evidence_every: Duration::from_secs(60),
            mention_every: Duration::from_secs(5 * 60),
            silence: Duration::from_secs(3600),
        }
    }
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod stored_tests;
