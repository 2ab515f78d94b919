//! What can go wrong, in kinds that are told differently, and the one function that tells them. An error of the asker, of
//! the rules, of a cluster and of ourselves are four things; an outage is never told as a denial.

use thiserror::Error;

use crate::{
    cluster::ClusterError,
    input::BadInput,
    line,
    model::{Reference, Refusal, Report, Span, Text, Timestamp, Tone, UserId, ago, code},
    policy::{Verb, Who, list_who},
    ports::LedgerError,
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
    /// The cluster failed, refused or did not answer.
    #[error("{0}")]
    Cluster(#[from] ClusterError),
    /// Another thing that we depend on failed.
    #[error("{what} did not answer: {detail}")]
    Dependency {
        /// What: `Discord`, `the store`.
        what: String,
        /// What it said.
        detail: String,
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
        let mut line = line![code(&self.field), " was changed"];
        if let Some(by) = &self.by {
            line = line.and(" by field manager ").and(code(by));
        }
        if let Some(at) = self.at {
            line = line.and(" ").and(ago(at));
        }
        if let Some(how) = &self.how {
            line = line.and(": ").and(how.clone());
        }
        line
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
            what: "The bot's store".to_owned(),
            detail: error.to_string(),
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
            Self::Stale(moved) => Report::new(Tone::Waiting, "Not run: the object changed first")
                .line(moved.line())
                .line("Nothing was done. Ask again to see the new plan."),
            Self::Cluster(error) => error.report(reference),
            Self::Dependency { what, detail } => Report::new(
                Tone::Bad,
                line![what.clone(), " did not answer (", detail.clone(), ")"],
            )
            .line("Nothing was changed. This is an outage, not a missing right. Try again in a moment.")
            .footer(format!("Reference {reference}")),
            Self::Internal(_) => Report::new(Tone::Bad, "The bot failed at this; it is not your doing")
                .line("Nothing further was done. Give the reference to whoever runs the bot.")
                .footer(format!("Reference {reference}")),
        }
    }

    /// The word for metrics: `input`, `refused`, `stale`, `cluster`, `dependency`, `internal`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Input(_) => "input",
            Self::Refused(_) => "refused",
            Self::Stale(_) => "stale",
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
                let title = line!["You may not ", command_phrase(command), " in ", place.clone()];
                let report = Report::new(Tone::Bad, title);
                if who_may.is_empty() {
                    report.line("Nobody may; the policy in the settings would have to allow it.")
                } else {
                    report.line(list_who(who_may).and(line![
                        " may; ask one of them, or see ",
                        code("/ceo help"),
                        "."
                    ]))
                }
            }
            Self::Unsatisfiable {
                command,
                place,
                needs,
            } => Report::new(
                Tone::Bad,
                line!["Nobody could approve ", code(command), " in ", place.clone()],
            )
            .line(
                line!["It needs "]
                    .and(needs.clone())
                    .and(". Nothing was asked. An administrator can change the policy."),
            ),
            Self::Ticket(line) => Report::new(Tone::Off, line.clone()),
        }
    }
}

fn command_phrase(command: &str) -> Span {
    code(format!("/ceo {command}"))
}

/// A sentence for a person who pressed the wrong button.
#[must_use]
pub fn not_yours(owner: UserId) -> Refused {
    Refused::Ticket(line!["This is for ", owner, " to decide, who asked for it."])
}
