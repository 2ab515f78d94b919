//! A ticket as a stored thing: its row of the audit, its living message, its place in a commit.

use futures::future::BoxFuture;

use super::{card, inner::Inner, interaction::Ask};
use crate::{
    failure::Failure,
    model::{Effect, Reference, Refusal, Report, Scope, Text, TicketId, Tone, UserId},
    ports::{AuditEntry, Commit, LedgerError, Post, Priority, Records, Timing},
    redact::Redactor,
    stored::{Laws, Stored},
    texts,
    ticket::{self, Stage, Ticket},
};

impl Stored for Ticket {
    type Id = TicketId;
    type Event = ticket::Event;

    fn id(&self) -> TicketId {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn load(records: &dyn Records, id: TicketId) -> BoxFuture<'_, Result<Option<Self>, LedgerError>> {
        records.ticket(id)
    }

    fn absent(id: TicketId) -> Text {
        texts::ticket::absent(id)
    }

    fn step(&self, event: ticket::Event, laws: &Laws<'_>) -> Result<(Self, Vec<Effect>), Refusal> {
        ticket::step(self, event, laws.rules, laws.now)
    }

    fn scopes(&self) -> Vec<Scope> {
        self.scopes.clone()
    }

    fn row(&self, detail: &str) -> AuditEntry {
        AuditEntry {
            command: self.command.clone(),
            target: target(self),
            ticket: Some(self.id),
            outcome: match &self.stage {
                Stage::Done(outcome) => outcome.word().to_owned(),
                _ => String::new(),
            },
            detail: detail.to_owned(),
            ..AuditEntry::default()
        }
    }

    fn draw(&mut self) {
        self.shown = card::card(self);
    }

    fn post(&mut self, _: &Timing, redactor: &Redactor) -> Option<Post> {
        self.shown = redactor.report(std::mem::take(&mut self.shown));
        // What was asked for in private and never decided has no message of its own.
        let decided = self.execute_by.is_some() || self.started.is_some();
        (self.quorum().is_some() || decided).then(|| Post {
            key: self.message_key(),
            channel: self.channel,
            report: self.shown.clone(),
            priority: Priority::Answer,
            last: matches!(self.stage, Stage::Done(_)),
        })
    }

    fn news(&self, redactor: &Redactor) -> Option<Post> {
        Some(Post {
            key: ticket::news_key(self.id),
            channel: self.channel,
            report: redactor.report(card::news(self)?),
            priority: Priority::Answer,
            last: matches!(self.stage, Stage::Done(_)),
        })
    }

    fn call(&self, person: UserId, text: &Text) -> Option<Post> {
        let mut report = Report::new(Tone::Waiting, text.clone());
        report.ticket = Some(self.id);
        report.mention = Some(person);
        Some(Post {
            key: format!("call:{}:{}", self.id, self.version),
            channel: self.channel,
            report,
            priority: Priority::Answer,
            last: true,
        })
    }

    fn keep(self, before: Option<&Self>, commit: &mut Commit) {
        let known = before.map_or(0, |before| before.votes.len());
        commit.votes = self.votes.iter().skip(known).cloned().collect();
        commit.ticket = Some((self, before.map(Self::version)));
    }
}

/// What a ticket is about, for the audit.
fn target(ticket: &Ticket) -> String {
    if ticket.targets.is_empty() {
        return ticket
            .scopes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
    }
    ticket.targets.join(", ")
}

/// A row of the audit about a request that has no ticket.
pub(crate) fn row_of_ask(inner: &Inner, ask: &Ask, event: &str, reference: &Reference) -> AuditEntry {
    AuditEntry {
        at: inner.now(),
        actor: Some(ask.actor.user),
        actor_name: ask.actor.name.clone(),
        event: event.to_owned(),
        command: ask.command.clone(),
        reference: reference.to_string(),
        ..AuditEntry::default()
    }
}

/// A ticket as it is stored now.
pub(crate) async fn load(inner: &Inner, id: TicketId) -> Result<Ticket, Failure> {
    let found = inner.ports.ledger.ticket(id).await?;
    Ok(found.ok_or_else(|| Refusal(Ticket::absent(id)))?)
}
