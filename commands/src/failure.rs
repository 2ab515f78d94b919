//! What can go wrong, in kinds that are told differently, and the one function that tells them. An error of the asker, of
//! the rules, of a cluster and of ourselves are four things; an outage is never told as a denial.

use thiserror::Error;

use crate::{
    cluster::ClusterError,
    input::BadInput,
    model::{Reference, Refusal, Report, Text, Timestamp, Tone, UserId},
    policy::{Verb, Who, list_who},
    ports::LedgerError,
    texts::{self, common, failure as say},
};

/// Why a command did not do what was asked.
#[derive(Debug, Error)]
pub enum Failure {
    /// The asker's words do not fit.
    #[error("{0}")]
    Input(#[from] BadInput),
    /// The rules, or the state of a ticket, say no.
    #[error("{0}")]
    Refused(#[from] Refused),
    /// What the plan rests on changed first. Nothing was done.
    #[error("stale: {0}")]
    Stale(Moved),
    /// A step was done, and somebody set it back or overtook it since.
    #[error("overtaken: {0}")]
    Overtaken(Moved),
    /// Whether a step was done cannot be told, so it is not done again.
    #[error("not known: {}", .0.plain())]
    NotKnown(Text),
    /// The cluster failed, refused or did not answer.
    #[error("{0}")]
    Cluster(#[from] ClusterError),
    /// Another thing that we depend on failed.
    #[error("{} did not answer: {}", .what.plain(), .detail.plain())]
    Dependency {
        /// What: `Discord`, `the store`.
        what: Text,
        /// What it said.
        detail: Text,
    },
    /// We failed.
    #[error("{0}")]
    Internal(String),
}

impl From<Refusal> for Failure {
    fn from(Refusal(line): Refusal) -> Self {
        Self::Refused(Refused::Ticket(line))
    }
}

/// What moved under a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// What: `spec.template`.
    pub field: String,
    /// Who moved it: a field manager.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// From what to what, in a few words.
    pub how: Option<Text>,
}

impl std::fmt::Display for Moved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.line().plain())
    }
}

impl Moved {
    /// `spec.template was changed by kubectl-set 2 minutes ago: image v1.2.0 → v1.2.1`
    #[must_use]
    pub fn line(&self) -> Text {
        say::moved(&self.field, self.by.as_deref(), self.at, self.how.as_ref())
    }
}

/// A no that is nobody's error.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// No rule allows it to this person here.
    #[error("not allowed: {command} in {place}")]
    NotAllowed {
        /// The full name of the command.
        command: String,
        /// Its verb.
        verb: Verb,
        /// Where.
        place: String,
        /// Who may.
        who_may: Vec<Who>,
    },
    /// The gate cannot be opened by anybody.
    #[error("nobody can approve: {command} in {place}")]
    Unsatisfiable {
        /// The full name of the command.
        command: String,
        /// Where.
        place: String,
        /// What is asked for, and what there is.
        needs: Text,
    },
    /// The state of a ticket says no; the sentence is finished.
    #[error("{}", .0.plain())]
    Ticket(Text),
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Dependency {
            what: say::store(),
            detail: error.words(),
        }
    }
}

impl Failure {
    /// What the asker reads: one line of what, one of what to do.
    #[must_use]
    pub fn report(&self, reference: &Reference) -> Report {
        match self {
            Self::Input(bad) => {
                let report = Report::new(Tone::Waiting, bad.what.clone());
                match &bad.hint {
                    Some(hint) => report.line(hint.clone()),
                    None => report,
                }
            }
            Self::Refused(refused) => refused.report(),
            Self::Stale(moved) => Report::new(Tone::Waiting, say::changed_first())
                .line(moved.line())
                .line(say::ask_again_for_the_plan()),
            Self::Overtaken(moved) => {
                Report::new(Tone::Waiting, texts::workflow::overtaken()).line(moved.line())
            }
            Self::NotKnown(what) => Report::new(Tone::Bad, what.clone())
                .line(texts::workflow::not_sent_again())
                .footer(common::reference(reference)),
            Self::Cluster(error) => error.report(reference),
            Self::Dependency { what, detail } => Report::new(Tone::Bad, say::no_answer(what, detail))
                .line(say::outage_try_again())
                .footer(common::reference(reference)),
            Self::Internal(_) => Report::new(Tone::Bad, say::our_fault())
                .line(say::tell_the_reference())
                .footer(common::reference(reference)),
        }
    }

    /// The word for metrics: `input`, `refused`, `stale`, `cluster`, `dependency`, `internal`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Input(_) => "input",
            Self::Refused(_) => "refused",
            Self::Stale(_) | Self::Overtaken(_) => "stale",
            Self::NotKnown(_) => "not_known",
            // Somebody named what is not there.
            Self::Cluster(ClusterError::NotFound { .. }) => "input",
            Self::Cluster(_) => "cluster",
            Self::Dependency { .. } => "dependency",
            Self::Internal(_) => "internal",
        }
    }
}

impl Refused {
    fn report(&self) -> Report {
        match self {
            Self::NotAllowed {
                command,
                place,
                who_may,
                ..
            } => {
                let report = Report::new(Tone::Bad, say::may_not(command, place));
                if who_may.is_empty() {
                    report.line(say::nobody_may())
                } else {
                    report.line(say::these_may(&list_who(who_may)))
                }
            }
            Self::Unsatisfiable {
                command,
                place,
                needs,
            } => Report::new(Tone::Bad, say::nobody_could_approve(command, place))
                .line(say::needs_and_nothing_asked(needs)),
            Self::Ticket(line) => Report::new(Tone::Off, line.clone()),
        }
    }
}

/// A sentence for a person who pressed the wrong button.
#[must_use]
pub fn not_yours(owner: UserId) -> Refused {
    Refused::Ticket(say::not_yours(owner))
}
