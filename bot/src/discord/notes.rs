//! The notes of those who asked: answers that only they see, and that can be changed for as long as Discord takes the token
//! of the interaction. Kept in memory alone: a token is as good as the bot's word, and lives for minutes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use ceo_commands::model::{Locale, TicketId};
use tokio::time::Instant;

use super::rest::Reach;

/// Discord takes a token for 15 minutes.
const LIVES: Duration = Duration::from_secs(14 * 60 + 30);

/// A note that can still be changed.
#[derive(Clone)]
pub(super) struct Note {
    pub(super) reach: Reach,
    pub(super) locale: Locale,
    until: Instant,
}

/// The newest note of each ticket.
#[derive(Default)]
pub(super) struct Notes(Mutex<HashMap<TicketId, Note>>);

impl Notes {
    /// Keeps the note that answers an interaction of that time.
    pub(super) fn keep(&self, ticket: TicketId, reach: Reach, locale: Locale, received: Instant) {
        let until = received + LIVES;
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        notes.retain(|_, note| note.until > now);
        let note = Note { reach, locale, until };
        notes.insert(ticket, note);
    }

    /// The note of a ticket, while it can be changed.
    pub(super) fn of(&self, ticket: TicketId, now: Instant) -> Option<Note> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(&ticket).filter(|note| note.until > now).cloned()
    }

    /// Discord does not take its token any more.
    pub(super) fn forget(&self, ticket: TicketId) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&ticket);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_there_for_as_long_as_its_token_lives() {
        let notes = Notes::default();
        let reach = Reach {
            application: 1,
            token: "t".to_owned(),
        };
        let now = Instant::now();
        notes.keep(TicketId(1), reach, Locale::En, now);
        let there = |ticket, at| notes.of(TicketId(ticket), at).is_some();
        assert!(there(1, now + LIVES - Duration::from_secs(1)));
        assert!(!there(1, now + LIVES));
        assert!(!there(2, now));
        notes.forget(TicketId(1));
        assert!(!there(1, now));
    }
}
