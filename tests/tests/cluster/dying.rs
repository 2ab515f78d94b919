//! The store of a process that dies or fails at a given moment: at the storing of something.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use ceo_bot::store::Store;
use ceo_commands::{
    incident::IncidentId,
    model::{TicketId, Workload},
    ports::{Commit, Committed, Ledger, LedgerError, Over},
    ticket::{Stage, Until},
};
use futures::future::BoxFuture;

/// What goes wrong, and when: at the storing of something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mishap {
    pub(crate) at: String,
    pub(crate) what: What,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// The process dies before it is stored.
    DiesBefore,
    /// The process dies just after it was stored.
    DiesAfter,
    /// The store fails, this once.
    StoreFails,
}

/// The store of a process that dies at a given moment, as seen by everything in it: nothing answers any more.
pub(crate) struct Dying {
    pub(crate) store: Store,
    pub(crate) mishap: Option<Mishap>,
    pub(crate) dead: Arc<AtomicBool>,
    /// Whether the store has failed its once.
    pub(crate) failed: AtomicBool,
    pub(crate) seen: Mutex<Vec<String>>,
    pub(crate) stage: Mutex<String>,
}

impl Dying {
    /// What a commit is about, when it is a moment of its own.
    fn moment(&self, commit: &Commit) -> Option<String> {
        if let Some(step) = commit.steps.first() {
            let part = match &step.before {
                _ if step.is_done() => "ended",
                Some(_) => "is about to be sent",
                None => "begins",
            };
            return Some(format!("{} {part}", step.name));
        }
        let (ticket, _) = commit.ticket.as_ref()?;
        let mut word = ticket.stage.word().to_owned();
        if let Stage::Parked(parked) = &ticket.stage
            && matches!(parked.until, Until::Time(_))
        {
            word = "signed".to_owned();
        }
        let mut stage = self.stage.lock().unwrap();
        if *stage == word {
            return (!commit.posts.is_empty()).then(|| "says how far it is".to_owned());
        }
        let from = std::mem::replace(&mut *stage, word.clone());
        Some(format!("{from} becomes {word}"))
    }

    async fn die(&self) -> ! {
        self.dead.store(true, Ordering::SeqCst);
        std::future::pending().await
    }
}

impl Ledger for Dying {
    fn allocate(&self) -> BoxFuture<'_, Result<TicketId, LedgerError>> {
        self.store.allocate()
    }
    fn next_incident(&self) -> BoxFuture<'_, Result<IncidentId, LedgerError>> {
        self.store.next_incident()
    }
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, LedgerError>> {
        Box::pin(async move {
            if self.dead.load(Ordering::SeqCst) {
                self.die().await;
            }
            let moment = self.moment(&commit);
            let happens = |what| match (&moment, &self.mishap) {
                (Some(moment), Some(mishap)) => mishap.at == *moment && mishap.what == what,
                _ => false,
            };
            if happens(What::DiesBefore) {
                self.die().await;
            }
            if happens(What::StoreFails) && !self.failed.swap(true, Ordering::SeqCst) {
                return Err(LedgerError::Store("the disk is full".to_owned()));
            }
            let committed = self.store.commit(commit).await;
            if happens(What::DiesAfter) {
                self.die().await;
            }
            self.seen.lock().unwrap().extend(moment);
            committed
        })
    }
    fn note_worked(&self, marks: Vec<(Workload, String)>) -> BoxFuture<'_, Result<(), LedgerError>> {
        self.store.note_worked(marks)
    }
}

impl Over for Dying {
    type Below = Store;

    fn below(&self) -> &Store {
        &self.store
    }
}
