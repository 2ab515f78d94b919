//! Who may do what, where, and who else must agree. Pure: rules and a question in, a verdict out. Default deny; any
//! deny wins; of several gates the strictest wins; an empty list of approvers denies.

mod crowd;
mod judge;
mod words;

pub use crowd::Crowd;
pub use judge::{denied, forbidden, judge, who_may};
use serde::{Deserialize, Serialize};
pub use words::list_who;

use crate::model::{RoleId, Scope, UserId};

/// How much a command can do. Ordered: a later one needs more trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Shows state.
    Read,
    /// Shows what may hold secrets or people's data: logs, the audit.
    Sensitive,
    /// Changes nothing but the bot's own records.
    Note,
    /// Changes the cluster in a way that is undone as easily.
    Change,
    /// Changes what runs.
    Release,
    /// Can lose data or service.
    Danger,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Sensitive,
        Self::Note,
        Self::Change,
        Self::Release,
        Self::Danger,
    ];

    /// The word in settings and messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Sensitive => "sensitive",
            Self::Note => "note",
            Self::Change => "change",
            Self::Release => "release",
            Self::Danger => "danger",
        }
    }

    /// The gate where no rule says another (section 3 of the design).
    #[must_use]
    pub fn default_gate(self) -> Gate {
        match self {
            Self::Read | Self::Sensitive | Self::Note => Gate::None,
            Self::Change => Gate::Confirm,
            // Without a named approver nobody could agree: who approves is for the settings to say.
            Self::Release => Gate::Approve(Quorum::any(vec![], false)),
            Self::Danger => Gate::Approve(Quorum::any(vec![], true)),
        }
    }
}

/// Somebody, by id. Names are never rights: anybody can change a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Who {
    /// Everybody with the role.
    Role(RoleId),
    /// One person.
    User(UserId),
}

impl Who {
    /// Whether this means that person.
    #[must_use]
    pub fn is(&self, user: UserId, roles: &[RoleId]) -> bool {
        match self {
            Self::Role(role) => roles.contains(role),
            Self::User(id) => *id == user,
        }
    }
}

/// What a rule speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum May {
    /// Every command of a verb.
    Verb(Verb),
    /// One command by its full name: `rollback`, `get pods`.
    Command(String),
}

/// Where a rule holds: globs over cluster and namespace. `*` is any run of characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Where {
    /// Over the cluster's name.
    pub cluster: String,
    /// Over the namespace's name. What belongs to a cluster as a whole is matched only by `*`.
    pub namespace: String,
}

/// So many people of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    /// How many; at least one.
    pub count: u32,
    /// Of whom.
    pub of: Vec<Who>,
}

/// Whose agreement is enough: any one alternative of every rule that asked. The requester never counts; somebody who
/// belongs to the people of two rules counts for both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Quorum {
    /// The alternatives of each rule. A rule without any, and a quorum without rules: nobody can agree, so it is denied.
    pub every: Vec<Vec<Alternative>>,
    /// Whether the requester must say why.
    pub reason: bool,
}

impl Quorum {
    /// What one rule asks for.
    #[must_use]
    pub fn any(alternatives: Vec<Alternative>, reason: bool) -> Self {
        Self {
            every: vec![alternatives],
            reason,
        }
    }
}

/// What stands between a permitted request and its run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gate {
    /// Nothing.
    None,
    /// The requester's own second look.
    Confirm,
    /// Other people.
    Approve(Quorum),
}

/// One rule of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Whom it is about.
    pub who: Vec<Who>,
    /// What it allows or denies.
    pub may: Vec<May>,
    /// Where.
    pub r#where: Vec<Where>,
    /// The gate it asks for; `None` leaves the verb's default.
    pub gate: Option<Gate>,
    /// Whether it forbids instead of allowing.
    pub deny: bool,
}

/// All rules, and a mark that changes with them: an approval is bound to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The rules, in the order of the settings.
    pub rules: Vec<Rule>,
    /// A hash of the rules.
    pub version: String,
}

/// What is judged.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Who asks.
    pub user: UserId,
    /// Their roles now.
    pub roles: &'a [RoleId],
    /// The full name of the command.
    pub command: &'a str,
    /// How much it can do with these arguments.
    pub verb: Verb,
    /// What it would touch. At least one.
    pub scopes: &'a [Scope],
}

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// They may, behind this gate.
    Allowed(Gate),
    /// They may not. Who may is for the message to say ([`who_may`]).
    Denied(Why),
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No rule allows it.
    NoRule,
    /// A rule forbids it.
    Forbidden,
    /// A rule allows it, and a gate that nobody can open stands before it: the settings name no approver.
    NoApprover,
}
