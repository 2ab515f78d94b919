//! A chat-neutral document. What a person reads is built here from typed pieces; how it is drawn, escaped and cut to
//! a chat's limits is the business of the one module that knows that chat.

use serde::{Deserialize, Serialize};

use super::{ChannelId, RoleId, TicketId, UserId};
use crate::model::Timestamp;

/// How things stand. A colour repeats the word of the title, it never replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Tone {
    /// All is well, or it ended well (green).
    Good,
    /// Waiting or degraded (yellow).
    Waiting,
    /// Failed or failing (red).
    Bad,
    /// Neither (blurple).
    #[default]
    Info,
    /// Cancelled, expired, of no more interest (grey).
    Off,
}

/// One piece of a line. `Plain`, `Bold` and `Code` hold text from anywhere, clusters included: the renderer makes it
/// harmless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Span {
    /// Text as it is.
    Plain(String),
    /// Emphasised text.
    Bold(String),
    /// A literal: a name, an image, a value.
    Code(String),
    /// A moment, shown as a distance to now (`3 minutes ago`).
    Ago(Timestamp),
    /// A moment, shown as a date and a time in the reader's zone.
    At(Timestamp),
    /// A person. Never pings.
    User(UserId),
    /// A role. Pings only when the report's `ping` names it.
    Role(RoleId),
    /// A channel.
    Channel(ChannelId),
    /// A link.
    Link {
        /// What is shown.
        label: String,
        /// Where it leads.
        url: String,
    },
    /// A link to the living message of a ticket, once that is posted; the renderer resolves it.
    TicketLink(TicketId),
}

impl From<&str> for Span {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}
impl From<String> for Span {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}
impl From<&String> for Span {
    fn from(text: &String) -> Self {
        Self::Plain(text.clone())
    }
}
impl From<UserId> for Span {
    fn from(user: UserId) -> Self {
        Self::User(user)
    }
}
impl From<RoleId> for Span {
    fn from(role: RoleId) -> Self {
        Self::Role(role)
    }
}
impl From<ChannelId> for Span {
    fn from(channel: ChannelId) -> Self {
        Self::Channel(channel)
    }
}
impl From<TicketId> for Span {
    fn from(ticket: TicketId) -> Self {
        Self::Plain(ticket.to_string())
    }
}
macro_rules! span_of_number {
    ($($t:ty),*) => { $(impl From<$t> for Span { fn from(n: $t) -> Self { Self::Plain(n.to_string()) } })* };
}
span_of_number!(i32, i64, u32, u64, usize);

/// A literal: a name, an image, a value.
pub fn code(text: impl Into<String>) -> Span {
    Span::Code(text.into())
}
/// Emphasised text.
pub fn bold(text: impl Into<String>) -> Span {
    Span::Bold(text.into())
}
/// A moment as a distance to now.
#[must_use]
pub fn ago(at: Timestamp) -> Span {
    Span::Ago(at)
}

/// A line of text: typed pieces, drawn one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line(pub Vec<Span>);

impl Line {
    /// The text without any dress, for logs, tests and the audit.
    #[must_use]
    pub fn plain(&self) -> String {
        self.0
            .iter()
            .map(|span| match span {
                Span::Plain(t) | Span::Bold(t) | Span::Code(t) => t.clone(),
                Span::Ago(at) | Span::At(at) => at.to_string(),
                Span::User(id) => format!("@{id}"),
                Span::Role(id) => format!("@&{id}"),
                Span::Channel(id) => format!("#{id}"),
                Span::Link { label, .. } => label.clone(),
                Span::TicketLink(id) => format!("ticket {id}"),
            })
            .collect()
    }

    /// Adds a piece.
    #[must_use]
    pub fn and(mut self, span: impl Into<Span>) -> Self {
        self.0.push(span.into());
        self
    }

    /// Adds all pieces of another line.
    #[must_use]
    pub fn join(mut self, other: Line) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Passes every text of it through `f`.
    pub fn map_text(&mut self, f: &dyn Fn(&str) -> String) {
        for span in &mut self.0 {
            if let Span::Plain(text) | Span::Bold(text) | Span::Code(text) = span {
                *text = f(text);
            }
        }
    }
}

impl<T: Into<Span>> From<T> for Line {
    fn from(span: T) -> Self {
        Self(vec![span.into()])
    }
}

/// A [`Line`] from pieces: `line!["3 of ", total, " pods ready, image ", code(image)]`.
#[macro_export]
macro_rules! line {
    ($($piece:expr),* $(,)?) => { $crate::model::Line(vec![$($crate::model::Span::from($piece)),*]) };
}

/// A titled part of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What it is about: `Traffic`, `Last change`.
    pub name: String,
    /// What is to say.
    pub lines: Vec<Line>,
    /// Whether it may stand beside its neighbours.
    pub inline: bool,
}

/// Columns of short texts. At most 60 characters wide, so that a phone shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// The head of each column.
    pub head: Vec<String>,
    /// One list of cells a row.
    pub rows: Vec<Vec<String>>,
}

/// Text in which every character counts: a log, a diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// How to colour it: `diff`, `ansi`, `yaml` or empty.
    pub language: String,
    /// The text.
    pub text: String,
}

/// How far something has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is done.
    pub done: u32,
    /// Of how much; at least one.
    pub total: u32,
}

/// A file that goes with a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name, with extension.
    pub name: String,
    /// What is in it, in words, for those who cannot see it.
    pub description: String,
    /// Its bytes.
    #[serde(with = "bytes_as_text")]
    pub bytes: Vec<u8>,
}

mod bytes_as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex::encode(bytes))
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

/// What a button does. Its name is the middle of the `custom_id`: `v1:<action>:<subject>[:<extra>]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The asker wants it done.
    Confirm,
    /// The asker takes it back.
    Cancel,
    /// An approver agrees.
    Approve,
    /// An approver refuses; a form asks why.
    Deny,
    /// Stops a run where it stands.
    Hold,
    /// Lets a held run go on.
    Resume,
    /// Turns a run into its way back.
    RollBackNow,
    /// Skips the rest of a soak.
    Promote,
    /// Ends a live view.
    Stop,
    /// Turns a page; `extra` is the page.
    Page,
    /// Starts a command; the subject is its name, `extra` its arguments.
    Run,
    /// "I am on it."
    Ack,
    /// No more messages about this for a while.
    Silence,
    /// The logs of the subject.
    Logs,
    /// Shows the evidence tree.
    Diagnose,
    /// Lets a live view go on.
    Continue,
}

impl Act {
    /// Every action, for reading a `custom_id`.
    pub const ALL: [Self; 16] = [
        Self::Confirm,
        Self::Cancel,
        Self::Approve,
        Self::Deny,
        Self::Hold,
        Self::Resume,
        Self::RollBackNow,
        Self::Promote,
        Self::Stop,
        Self::Page,
        Self::Run,
        Self::Ack,
        Self::Silence,
        Self::Logs,
        Self::Diagnose,
        Self::Continue,
    ];

    /// The word in the `custom_id`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Cancel => "cancel",
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::RollBackNow => "rollback_now",
            Self::Promote => "promote",
            Self::Stop => "stop",
            Self::Page => "page",
            Self::Run => "run",
            Self::Ack => "ack",
            Self::Silence => "silence",
            Self::Logs => "logs",
            Self::Diagnose => "diagnose",
            Self::Continue => "continue",
        }
    }

    /// The action of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.word() == word)
    }
}

/// What a button looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Style {
    /// The thing one would do (blurple).
    Primary,
    /// Anything else (grey).
    Secondary,
    /// Yes (green).
    Success,
    /// That changes or ends something (red).
    Danger,
}

/// A button under a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What it does.
    pub act: Act,
    /// A ticket's or a view's id, or a command's name. No colon, no secret.
    pub subject: String,
    /// More for the same action: a page, a workload. May hold colons.
    pub extra: Option<String>,
    /// What it says; at most 34 characters.
    pub label: String,
    /// What it looks like.
    pub style: Style,
}

impl Action {
    /// A button.
    pub fn new(act: Act, subject: impl ToString, label: impl Into<String>, style: Style) -> Self {
        Self {
            act,
            subject: subject.to_string(),
            extra: None,
            label: label.into(),
            style,
        }
    }

    /// A button that starts a command, as if it had been typed: `Action::run("status", "workload=prod/ns/deployment/x", "Status")`.
    /// Arguments are `name=value` joined by `;`.
    pub fn run(command: &str, args: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            act: Act::Run,
            subject: command.to_owned(),
            extra: Some(args.into()),
            label: label.into(),
            style: Style::Secondary,
        }
    }
}

/// What is told to a person: the verdict first, then what supports it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// The verdict in one line.
    pub title: Line,
    /// How things stand.
    pub tone: Tone,
    /// Where: `prod / ceoagent · ticket 13`. Drawn beside the title.
    pub place: Option<String>,
    /// What supports the verdict.
    pub lines: Vec<Line>,
    /// How far it has come; drawn as a bar.
    pub progress: Option<Progress>,
    /// A diff or a log.
    pub code: Option<Code>,
    /// Columns.
    pub table: Option<Table>,
    /// Titled parts.
    pub fields: Vec<Field>,
    /// Small print: cluster, reference.
    pub footer: Option<String>,
    /// A file.
    pub file: Option<File>,
    /// Buttons; at most 25.
    pub actions: Vec<Action>,
    /// Roles that this message may ping, once, when it is first posted. Everybody else is never pinged.
    pub ping: Vec<RoleId>,
}

impl Report {
    /// A report that says one thing.
    pub fn new(tone: Tone, title: impl Into<Line>) -> Self {
        Self {
            tone,
            title: title.into(),
            ..Self::default()
        }
    }

    /// Adds a supporting line.
    #[must_use]
    pub fn line(mut self, line: impl Into<Line>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds a titled part of full width.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, line: impl Into<Line>) -> Self {
        self.fields.push(Field {
            name: name.into(),
            lines: vec![line.into()],
            inline: false,
        });
        self
    }

    /// Adds a button.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    /// Sets the small print.
    #[must_use]
    pub fn footer(mut self, text: impl Into<String>) -> Self {
        self.footer = Some(text.into());
        self
    }

    /// Passes every text of it through `f`: the one way by which secrets are taken out.
    pub fn map_text(&mut self, f: &dyn Fn(&str) -> String) {
        let fields = self.fields.iter_mut().flat_map(|field| field.lines.iter_mut());
        for line in std::iter::once(&mut self.title)
            .chain(self.lines.iter_mut())
            .chain(fields)
        {
            line.map_text(f);
        }
        if let Some(code) = &mut self.code {
            code.text = f(&code.text);
        }
        if let Some(table) = &mut self.table {
            for cell in table.rows.iter_mut().flatten() {
                *cell = f(cell);
            }
        }
        if let Some(footer) = &mut self.footer {
            *footer = f(footer);
        }
        if let Some(file) = &mut self.file
            && let Ok(text) = std::str::from_utf8(&file.bytes)
        {
            file.bytes = f(text).into_bytes();
        }
    }

    /// All text without dress, for logs, tests and the audit.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut out = self.title.plain();
        for line in &self.lines {
            out.push('\n');
            out.push_str(&line.plain());
        }
        for field in &self.fields {
            for line in &field.lines {
                out.push_str(&format!("\n{}: {}", field.name, line.plain()));
            }
        }
        out
    }
}
