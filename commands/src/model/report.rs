//! A chat-neutral document. What a person reads is built here from typed pieces; how it is drawn, escaped and cut to
//! a chat's limits is the business of the one module that knows that chat.

use serde::{Deserialize, Serialize};

use super::{File, Locale, RoleId, Text, TicketId, Timestamp, UserId};

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

/// A titled part of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What it is about: `Traffic`, `Last change`.
    pub name: Text,
    /// What is to say.
    pub lines: Vec<Text>,
    /// Whether it may stand beside its neighbours.
    pub inline: bool,
}

impl Field {
    /// Of full width.
    #[must_use]
    pub fn of(name: impl Into<Text>, lines: Vec<Text>) -> Self {
        Self {
            name: name.into(),
            lines,
            inline: false,
        }
    }
}

/// Columns of short texts. At most 60 characters wide, so that a phone shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// The head of each column.
    pub head: Vec<Text>,
    /// One list of cells a row.
    pub rows: Vec<Vec<Text>>,
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
    pub label: Text,
    /// What it looks like.
    pub style: Style,
}

impl Action {
    /// A button.
    pub fn new(act: Act, subject: impl ToString, label: impl Into<Text>, style: Style) -> Self {
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
    pub fn run(command: &str, args: impl Into<String>, label: impl Into<Text>) -> Self {
        Self {
            act: Act::Run,
            subject: command.to_owned(),
            extra: Some(args.into()),
            label: label.into(),
            style: Style::Secondary,
        }
    }
}

/// A button that leads out of the chat: the browser opens it, and the bot hears nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it says; at most 34 characters.
    pub label: Text,
    /// Where it leads: http or https, at most 512 characters, no secret.
    pub url: String,
}

/// Where a step of a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It has ended well after so many seconds.
    Done(u64),
    /// It runs, since then.
    Running(Timestamp),
    /// It has not begun.
    ToCome,
    /// It is not needed this time.
    Skipped,
    /// It failed, or its end is not known.
    Failed,
}

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What it does: `Back up the database`.
    pub name: Text,
    /// Where it stands.
    pub state: StepState,
}

/// A part of a report, in the order in which it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A line or a paragraph.
    Text(Text),
    /// How far it has come, drawn as a bar before the text that follows.
    Progress(Progress),
    /// A diff or a log.
    Code(Code),
    /// Columns.
    Table(Table),
    /// The steps of a run, all of them from the start.
    Steps(Vec<Step>),
    /// A titled part. Discord shows these after everything else but pictures.
    Field(Field),
    /// A file.
    File(File),
}

/// What is told to a person: the verdict first, then what supports it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "stored::Report")]
pub struct Report {
    /// The verdict in one line.
    pub title: Text,
    /// How things stand.
    pub tone: Tone,
    /// Where: `prod / ceoagent`. Drawn beside the title.
    pub place: Option<Text>,
    /// The ticket that it is about, drawn beside the place.
    pub ticket: Option<TicketId>,
    /// What supports the verdict.
    pub blocks: Vec<Block>,
    /// Small print: cluster, reference.
    pub footer: Option<Text>,
    /// Buttons; with the links at most 25.
    pub actions: Vec<Action>,
    /// Buttons that lead out of the chat, behind the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Roles that this message may ping, once, when it is first posted. Everybody else is never pinged.
    pub ping: Vec<RoleId>,
    /// The one person for whom this is: it is posted as a reply to the message of its ticket, and mentions them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mention: Option<UserId>,
}

impl Report {
    /// A report that says one thing.
    pub fn new(tone: Tone, title: impl Into<Text>) -> Self {
        Self {
            tone,
            title: title.into(),
            ..Self::default()
        }
    }

    /// Adds a part at the end: a text, a titled part, a diff, columns.
    #[must_use]
    pub fn block(mut self, block: impl Into<Block>) -> Self {
        self.add(block);
        self
    }

    /// Adds a part at the end, in place.
    pub fn add(&mut self, block: impl Into<Block>) {
        self.blocks.push(block.into());
    }

    /// Adds a supporting line.
    #[must_use]
    pub fn line(self, line: impl Into<Text>) -> Self {
        self.block(Block::Text(line.into()))
    }

    /// Adds supporting lines.
    #[must_use]
    pub fn lines<T: Into<Text>>(mut self, lines: impl IntoIterator<Item = T>) -> Self {
        self.blocks
            .extend(lines.into_iter().map(|line| Block::Text(line.into())));
        self
    }

    /// Adds a line before everything else.
    #[must_use]
    pub fn lead(mut self, line: impl Into<Text>) -> Self {
        self.blocks.insert(0, Block::Text(line.into()));
        self
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: impl Into<Text>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds a titled part of full width.
    #[must_use]
    pub fn field(self, name: impl Into<Text>, line: impl Into<Text>) -> Self {
        self.block(Field::of(name, vec![line.into()]))
    }

    /// Adds a diff or a log.
    #[must_use]
    pub fn code(self, code: Code) -> Self {
        self.block(Block::Code(code))
    }

    /// Adds columns.
    #[must_use]
    pub fn table(self, table: Table) -> Self {
        self.block(Block::Table(table))
    }

    /// Adds how far it has come; the text after it says what is measured.
    #[must_use]
    pub fn progress(self, progress: Progress) -> Self {
        self.block(Block::Progress(progress))
    }

    /// Adds a file.
    #[must_use]
    pub fn file(self, file: File) -> Self {
        self.block(Block::File(file))
    }

    /// Adds a button.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    /// Adds buttons that lead out of the chat.
    #[must_use]
    pub fn links(mut self, links: impl IntoIterator<Item = Link>) -> Self {
        self.links.extend(links);
        self
    }

    /// Adds to the small print.
    #[must_use]
    pub fn footer(mut self, text: impl Into<Text>) -> Self {
        let text = text.into();
        self.footer = Some(match self.footer {
            Some(before) => before.and(" · ").and(text),
            None => text,
        });
        self
    }

    /// The lines that stand outside of titled parts.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Text(text) => Some(text),
            _ => None,
        })
    }

    /// The titled parts.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Field(field) => Some(field),
            _ => None,
        })
    }

    /// The diffs and logs.
    pub fn codes(&self) -> impl Iterator<Item = &Code> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Code(code) => Some(code),
            _ => None,
        })
    }

    /// The tables.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        })
    }

    /// The files.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.blocks.iter().filter_map(|block| match block {
            Block::File(file) => Some(file),
            _ => None,
        })
    }

    /// Every text that is drawn in a language: title, lines, titled parts, steps.
    pub fn all_texts(&self) -> impl Iterator<Item = &Text> {
        let blocks = self.blocks.iter().flat_map(|block| -> Vec<&Text> {
            match block {
                Block::Text(text) => vec![text],
                Block::Field(field) => std::iter::once(&field.name).chain(&field.lines).collect(),
                Block::Table(table) => table.head.iter().chain(table.rows.iter().flatten()).collect(),
                Block::Steps(steps) => steps.iter().map(|step| &step.name).collect(),
                Block::File(file) => vec![&file.description],
                Block::Progress(_) | Block::Code(_) => vec![],
            }
        });
        std::iter::once(&self.title)
            .chain(&self.place)
            .chain(blocks)
            .chain(&self.footer)
    }

    /// Passes every text of it, in every language, through `f`: the one way by which secrets are taken out.
    pub fn map_text(&mut self, f: &dyn Fn(&str) -> String) {
        self.title.map_text(f);
        for text in self.place.iter_mut().chain(&mut self.footer) {
            text.map_text(f);
        }
        for block in &mut self.blocks {
            block.map_text(f);
        }
    }

    /// All English words without formatting, for logs, tests and the audit.
    #[must_use]
    pub fn plain(&self) -> String {
        self.plain_in(Locale::En)
    }

    /// All words in a language without formatting.
    #[must_use]
    pub fn plain_in(&self, locale: Locale) -> String {
        let mut out = self.title.plain_in(locale);
        for block in &self.blocks {
            match block {
                Block::Text(text) => out.push_str(&format!("\n{}", text.plain_in(locale))),
                Block::Field(field) => {
                    for line in &field.lines {
                        let (name, line) = (field.name.plain_in(locale), line.plain_in(locale));
                        out.push_str(&format!("\n{name}: {line}"));
                    }
                }
                Block::Steps(steps) => {
                    for step in steps {
                        out.push_str(&format!("\n{}", step.name.plain_in(locale)));
                    }
                }
                Block::Progress(_) | Block::Code(_) | Block::Table(_) | Block::File(_) => {}
            }
        }
        out
    }
}

macro_rules! block_of {
    ($($part:ty => $variant:ident),*) => {
        $(impl From<$part> for Block { fn from(part: $part) -> Self { Self::$variant(part) } })*
    };
}
block_of!(Text => Text, Progress => Progress, Code => Code, Table => Table, Field => Field, File => File);

impl Block {
    fn map_text(&mut self, f: &dyn Fn(&str) -> String) {
        match self {
            Self::Text(text) => text.map_text(f),
            Self::Progress(_) => {}
            Self::Code(code) => code.text = f(&code.text),
            Self::Table(table) => {
                let cells = table.head.iter_mut().chain(table.rows.iter_mut().flatten());
                cells.for_each(|cell| cell.map_text(f));
            }
            Self::Steps(steps) => steps.iter_mut().for_each(|step| step.name.map_text(f)),
            Self::Field(field) => {
                field.name.map_text(f);
                field.lines.iter_mut().for_each(|line| line.map_text(f));
            }
            Self::File(file) => file.map_text(f),
        }
    }
}

/// What a store may hold: the reports of this release, and those of the first one, which had a place for each part.
mod stored {
    use serde::Deserialize;

    use super::{
        Action, Block, Code, Field, File, Link, Progress, RoleId, Table, Text, TicketId, Tone, UserId,
    };

    #[derive(Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    pub(super) struct Report {
        title: Text,
        tone: Tone,
        place: Option<Text>,
        ticket: Option<TicketId>,
        blocks: Vec<Block>,
        footer: Option<Text>,
        actions: Vec<Action>,
        links: Vec<Link>,
        ping: Vec<RoleId>,
        mention: Option<UserId>,
        lines: Vec<Text>,
        progress: Option<Progress>,
        code: Option<Code>,
        table: Option<Table>,
        fields: Vec<Field>,
        file: Option<File>,
    }

    impl From<Report> for super::Report {
        fn from(stored: Report) -> Self {
            let first_release = stored
                .progress
                .map(Block::Progress)
                .into_iter()
                .chain(stored.lines.into_iter().map(Block::Text))
                .chain(stored.code.map(Block::Code))
                .chain(stored.table.map(Block::Table))
                .chain(stored.fields.into_iter().map(Block::Field))
                .chain(stored.file.map(Block::File));
            Self {
                title: stored.title,
                tone: stored.tone,
                place: stored.place,
                ticket: stored.ticket,
                blocks: first_release.chain(stored.blocks).collect(),
                footer: stored.footer,
                actions: stored.actions,
                links: stored.links,
                ping: stored.ping,
                mention: stored.mention,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{line, model::code};

    /// As the first release wrote it.
    const FIRST: &str = r#"{"title":[{"Plain":"Scale "},{"Code":"deployment/web"}],"tone":"Waiting",
        "place":"prod / shop · ticket 3","lines":[[{"Plain":"asked by "},{"User":"7"}]],
        "progress":{"done":1,"total":3},"code":{"language":"diff","text":"-1\n+3"},
        "table":{"head":["A"],"rows":[["x"]]},
        "fields":[{"name":"Effect","lines":[[{"Plain":"2 pods added"}]],"inline":false}],
        "footer":"Reference 7c21e0","file":{"name":"a.txt","description":"all","bytes":"6869"},
        "actions":[{"act":"confirm","subject":"3","extra":null,"label":"Confirm","style":"Danger"}],"ping":["222"]}"#;

    #[test]
    fn a_report_of_the_first_release_is_read() {
        let report: Report = serde_json::from_str(FIRST).unwrap();
        assert_eq!(
            report.plain_in(Locale::ZhCn),
            "Scale deployment/web\nasked by @7\nEffect: 2 pods added"
        );
        assert_eq!(report.files().next().unwrap().bytes().unwrap()[..], *b"hi");
        assert!(matches!(report.blocks[0], Block::Progress(_)));
        assert_eq!(report.actions[0].label.plain(), "Confirm");
        let again: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
        assert_eq!(again, report);
    }

    #[test]
    fn every_part_is_cleaned() {
        let key = || line![code("s3cret")];
        let mut report = Report::new(Tone::Info, key())
            .at(key())
            .line(key())
            .field(key(), key())
            .code(Code {
                language: String::new(),
                text: "s3cret".into(),
            })
            .table(Table {
                head: vec![key()],
                rows: vec![vec![key()]],
            })
            .file(File::new("a", key(), b"s3cret".to_vec()))
            .block(Block::Steps(vec![Step {
                name: key(),
                state: StepState::ToCome,
            }]))
            .footer(key());
        report.map_text(&|t| t.replace("s3cret", "[hidden]"));
        assert!(
            !serde_json::to_string(&report).unwrap().contains("s3cret"),
            "{report:?}"
        );
        assert!(!report.files().any(|f| f.bytes().unwrap()[..] == *b"s3cret"));
    }
}
