//! A stored thing that people act on: a ticket, an incident, later a freeze or a checklist. It brings its pure `step`; how
//! it is loaded, kept and shown is said here, so that one function applies every event to every thing.

use std::fmt::Display;

use futures::future::BoxFuture;

use crate::{
    incident::{self, Incident, IncidentId},
    manual::{NewNote, Notebook, NotebookId},
    model::{Actor, Effect, Reference, Refusal, Scope, Text, Timestamp, UserId},
    policy::Rules,
    ports::{AuditEntry, Commit, LedgerError, Ports, Post, Priority, Records, Timing},
    redact::Redactor,
    texts,
};

/// What a step is decided by.
#[derive(Clone, Copy)]
pub struct Laws<'a> {
    /// The rules of who may do what.
    pub rules: &'a Rules,
    /// The durations.
    pub timing: &'a Timing,
    /// Now.
    pub now: Timestamp,
}

/// In whose name something happens, for the record.
#[derive(Clone, Copy)]
pub struct Author<'a> {
    /// The person; `None` for the bot itself.
    pub actor: Option<&'a Actor>,
    /// The full name of the command that it came by; `None` where the thing knows its own.
    pub command: Option<&'a str>,
    /// The mark that messages and logs share.
    pub reference: &'a Reference,
}

/// A thing that is stored with a version, and changed by events alone.
pub trait Stored: Clone + Send + Sync + Sized + 'static {
    /// Its number.
    type Id: Copy + Display + Send + Sync;
    /// What can happen to it.
    type Event: Send;

    /// Its number.
    fn id(&self) -> Self::Id;
    /// Grows by one with each stored change.
    fn version(&self) -> i64;
    /// Reads one.
    fn load(records: &dyn Records, id: Self::Id) -> BoxFuture<'_, Result<Option<Self>, LedgerError>>;
    /// That there is none of this number.
    fn absent(id: Self::Id) -> Text;
    /// The state after an event, and what follows; pure.
    ///
    /// # Errors
    /// Why the event does nothing.
    fn step(&self, event: Self::Event, laws: &Laws<'_>) -> Result<(Self, Vec<Effect>), Refusal>;
    /// What it is about, for the rules.
    fn scopes(&self) -> Vec<Scope>;
    /// Its row of the audit, as far as the thing itself knows it.
    fn row(&self, detail: &str) -> AuditEntry;
    /// Puts what it says by itself in the place of what a run said last.
    fn draw(&mut self) {}
    /// Its message, without secrets, when it has one.
    fn post(&mut self, timing: &Timing, redactor: &Redactor) -> Option<Post>;
    /// What whoever asked for it reads of how it stands, without secrets, when that is news to them.
    fn news(&self, _: &Redactor) -> Option<Post> {
        None
    }
    /// A message of its own that calls somebody, when it has a place for one.
    fn call(&self, _: UserId, _: &Text) -> Option<Post> {
        None
    }
    /// Puts it into a commit, over the state that must be stored now.
    fn keep(self, before: Option<&Self>, commit: &mut Commit);
}

/// The notes of the manual: what happens to them is a row of the audit, and nothing else.
impl Stored for Notebook {
    type Id = NotebookId;
    type Event = NewNote;

    fn id(&self) -> NotebookId {
        NotebookId
    }

    fn version(&self) -> i64 {
        i64::from(self.new.is_some())
    }

    fn load(_: &dyn Records, _: NotebookId) -> BoxFuture<'_, Result<Option<Self>, LedgerError>> {
        Box::pin(std::future::ready(Ok(Some(Self::default()))))
    }

    fn absent(_: NotebookId) -> Text {
        texts::runbook::none()
    }

    fn step(&self, event: NewNote, _: &Laws<'_>) -> Result<(Self, Vec<Effect>), Refusal> {
        Ok(self.with(event))
    }

    fn scopes(&self) -> Vec<Scope> {
        vec![]
    }

    fn row(&self, detail: &str) -> AuditEntry {
        let target = self.new.as_ref().map(|note| note.target.clone());
        AuditEntry {
            target: target.unwrap_or_default(),
            detail: detail.to_owned(),
            ..AuditEntry::default()
        }
    }

    fn post(&mut self, _: &Timing, _: &Redactor) -> Option<Post> {
        None
    }

    fn keep(self, _: Option<&Self>, _: &mut Commit) {}
}

/// What is ready to be stored, and what is known once it is.
pub struct Prepared<T> {
    /// What is to be stored in one transaction; `None` when the step left nothing worth storing.
    pub commit: Option<Commit>,
    /// What follows beyond the books.
    pub effects: Vec<Effect>,
    /// The thing, or what is made of it.
    pub outcome: T,
}

impl<S: Stored> Prepared<S> {
    /// The new state, its message and its rows of the audit, over the state that must be stored now.
    pub fn of(ports: &Ports, before: Option<&S>, next: S, effects: Vec<Effect>, author: &Author<'_>) -> Self {
        let mut next = next;
        if before.is_some_and(|before| before.version() == next.version()) {
            return Self {
                commit: None,
                effects,
                outcome: next,
            };
        }
        let mut commit = Commit::default();
        for effect in &effects {
            match effect {
                Effect::Store | Effect::Launch => {}
                Effect::Show => {
                    next.draw();
                    commit.posts.extend(next.post(&ports.timing, &ports.redactor));
                    commit.posts.extend(next.news(&ports.redactor));
                }
                Effect::Say => {
                    commit.posts.extend(next.post(&ports.timing, &ports.redactor));
                    commit.posts.extend(next.news(&ports.redactor));
                }
                Effect::Call(person, text) => commit.posts.extend(next.call(*person, text)),
                Effect::Record(event, detail) => {
                    let row = next.row(&ports.redactor.text(detail));
                    commit.audit.push(AuditEntry {
                        at: ports.clock.now(),
                        event: (*event).to_owned(),
                        ..author.sign(row)
                    });
                }
            }
        }
        next.clone().keep(before, &mut commit);
        Self {
            commit: Some(commit),
            effects,
            outcome: next,
        }
    }
}

impl<T> Prepared<T> {
    /// The same with something made of the thing.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Prepared<U> {
        Prepared {
            commit: self.commit,
            effects: self.effects,
            outcome: make(self.outcome),
        }
    }
}

impl Author<'_> {
    /// Puts the name under a row. What a command brought about is `ok` where the thing has no word of its own.
    fn sign(&self, row: AuditEntry) -> AuditEntry {
        let outcome = match self.command {
            Some(_) if row.outcome.is_empty() => "ok".to_owned(),
            _ => row.outcome,
        };
        AuditEntry {
            actor: self.actor.map(|a| a.user),
            actor_name: self.actor.map_or_else(|| "ceo".to_owned(), |a| a.name.clone()),
            command: self.command.map_or(row.command, str::to_owned),
            reference: self.reference.to_string(),
            outcome,
            ..row
        }
    }
}

impl Stored for Incident {
    type Id = IncidentId;
    type Event = incident::Event;

    fn id(&self) -> IncidentId {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn load(records: &dyn Records, id: IncidentId) -> BoxFuture<'_, Result<Option<Self>, LedgerError>> {
        records.incident(id)
    }

    fn absent(id: IncidentId) -> Text {
        texts::engine::no_incident(&id.to_string())
    }

    fn step(&self, event: incident::Event, laws: &Laws<'_>) -> Result<(Self, Vec<Effect>), Refusal> {
        incident::step(self, event, laws.now, &laws.timing.incident)
    }

    fn scopes(&self) -> Vec<Scope> {
        vec![self.key.scope()]
    }

    fn row(&self, detail: &str) -> AuditEntry {
        AuditEntry {
            command: "incident".to_owned(),
            target: self.key.target(),
            detail: format!("incident {}, {}: {detail}", self.id, self.key.problem.word()),
            ..AuditEntry::default()
        }
    }

    fn post(&mut self, timing: &Timing, redactor: &Redactor) -> Option<Post> {
        Some(Post {
            key: self.message_key(),
            channel: self.channel,
            report: redactor.report(incident::card(self, &timing.incident)),
            priority: Priority::Alert,
            last: !self.is_open(),
        })
    }

    fn keep(self, before: Option<&Self>, commit: &mut Commit) {
        commit.incidents.push((self, before.map(Self::version)));
    }
}
