//! What goes in and out of the engine. A chat translates its own events to these and back.

use std::collections::BTreeMap;

use crate::{
    input::{SEEN, Value},
    model::{Act, Actor, Locale, Place, Report, Text, TicketId, UserId},
    ops::contract::ReportStream,
};

/// The option that says why; the engine takes it, the commands never see it.
pub(crate) const REASON: &str = "reason";
/// The longest reason.
pub(crate) const REASON_MAX: u16 = 400;

/// A command that a person typed, or a button or a schedule in their name.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Names the event, so that one delivered twice is handled once.
    pub event: String,
    /// Who asks.
    pub actor: Actor,
    /// Where.
    pub place: Place,
    /// In which language they read.
    pub locale: Locale,
    /// The command's full name: `scale`, `get pods`.
    pub command: String,
    /// The options given.
    pub options: BTreeMap<String, Value>,
}

impl Ask {
    /// The words as typed, for people: `scale workload:deployment/ceoagent-api replicas:5`.
    #[must_use]
    pub fn typed(&self) -> String {
        let mut words = self.command.clone();
        for (name, value) in self.options.iter().filter(|(name, _)| *name != SEEN) {
            words.push_str(&format!(" {name}:{value}"));
        }
        words
    }
}

/// A button that a person pressed, or the form that it opened, filled in.
#[derive(Debug, Clone)]
pub struct Press {
    /// Names the event, so that one delivered twice is handled once.
    pub event: String,
    /// Who pressed.
    pub actor: Actor,
    /// Where.
    pub place: Place,
    /// In which language they read.
    pub locale: Locale,
    /// What the button does.
    pub act: Act,
    /// The ticket, the view, or the command's name.
    pub subject: String,
    /// The rest of the button's id.
    pub extra: Option<String>,
    /// The form's fields, when this is a filled-in form.
    pub form: Option<BTreeMap<String, String>>,
    /// Whether the message under the button is one that only this person sees: an answer may then replace it.
    pub on_private: bool,
}

/// How the first response must be; the chat fixes this within its first seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// An answer for the asker alone.
    Private,
    /// An answer for the channel.
    Public,
    /// The private message under the button is replaced by the answer.
    Replace,
    /// A form first; its answer comes back as another event.
    Modal(Form),
}

/// A form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What its submission means; travels in the form's id like a button's.
    pub act: Act,
    /// As in a button.
    pub subject: String,
    /// As in a button.
    pub extra: Option<String>,
    /// Its title, at most 45 characters.
    pub title: Text,
    /// Its fields, one to five.
    pub fields: Vec<FormField>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Its name.
    pub id: String,
    /// What it asks, at most 45 characters.
    pub label: Text,
    /// Whether it has several lines.
    pub paragraph: bool,
    /// Whether it must be filled in.
    pub required: bool,
    /// The most characters.
    pub max: u16,
    /// An example.
    pub placeholder: Text,
}

/// What the person gets.
pub enum Reply {
    /// One report. `private` may be stricter than the opening: then the public place is left and the asker alone told.
    Told {
        /// What.
        report: Box<Report>,
        /// Whether for the asker alone.
        private: bool,
        /// The ticket whose asker reads this: it may be changed as the ticket goes on.
        note: Option<TicketId>,
        /// How it went, the word for metrics: `ok`, or [`crate::failure::Failure::kind`].
        outcome: &'static str,
    },
    /// Reports that replace one another.
    Live {
        /// Names the view, for its Stop button.
        view: String,
        /// Whose it is.
        owner: UserId,
        /// The reports.
        stream: ReportStream,
    },
    /// The event was handled before: nothing to say, the first handling answers.
    Repeated,
}

impl Reply {
    /// An answer that is no failure.
    #[must_use]
    pub fn told(report: Box<Report>, private: bool) -> Self {
        Self::Told {
            report,
            private,
            note: None,
            outcome: "ok",
        }
    }
}

impl Reply {
    /// The same as the note of a ticket's asker.
    #[must_use]
    pub fn noting(self, ticket: TicketId) -> Self {
        match self {
            Self::Told {
                report,
                private,
                outcome,
                ..
            } => Self::Told {
                report,
                private,
                note: Some(ticket),
                outcome,
            },
            other => other,
        }
    }
}

/// A half-typed command.
#[derive(Debug, Clone)]
pub struct Partial {
    /// Who types.
    pub actor: Actor,
    /// Where.
    pub place: Place,
    /// What they read.
    pub locale: Locale,
    /// The command's full name.
    pub command: String,
    /// The options so far.
    pub options: BTreeMap<String, Value>,
    /// The option being typed.
    pub focused: String,
    /// What stands there.
    pub text: String,
}

/// A completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is shown, at most 100 characters.
    pub name: String,
    /// What is sent, at most 100 characters.
    pub value: String,
}
