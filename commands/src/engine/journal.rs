//! What is remembered of a run while it runs. Each write renews the lease in the same transaction: a process that was
//! taken for dead finds that out before it acts again.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::future::BoxFuture;
use serde_json::Value;
use tokio::sync::watch;

use super::{Inner, submit};
use crate::{
    failure::Failure,
    model::{Report, Timestamp},
    ops::Journal,
    ports::{Commit, LedgerError},
    ticket::{Directive, Lease, Stage, StepRecord, Ticket},
};

/// How often a write is tried again when a button changed the ticket first.
const TRIES: usize = 8;

pub(crate) struct TicketJournal {
    inner: Arc<Inner>,
    ticket: tokio::sync::Mutex<Ticket>,
    steps: Mutex<BTreeMap<String, StepRecord>>,
    directive: watch::Receiver<Directive>,
    /// Whether another process holds the run now.
    lost: AtomicBool,
}

impl TicketJournal {
    pub(crate) fn new(
        inner: Arc<Inner>,
        ticket: Ticket,
        steps: Vec<StepRecord>,
        directive: watch::Receiver<Directive>,
    ) -> Self {
        let steps = steps.into_iter().map(|s| (s.name.clone(), s)).collect();
        Self {
            inner,
            ticket: tokio::sync::Mutex::new(ticket),
            steps: Mutex::new(steps),
            directive,
            lost: AtomicBool::new(false),
        }
    }

    /// Whether the lease was found to be another's: whatever the run says then is no word about the ticket.
    pub(crate) fn lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// The names of the steps that are finished.
    pub(crate) fn done(&self) -> Vec<String> {
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        steps
            .values()
            .filter(|s| s.result.is_some())
            .map(|s| s.name.clone())
            .collect()
    }

    /// The ticket as last stored.
    pub(crate) async fn ticket(&self) -> Ticket {
        self.ticket.lock().await.clone()
    }

    /// Renews the lease.
    pub(crate) async fn renew(&self) -> Result<(), Failure> {
        self.amend(|_, _| {}).await
    }

    /// Changes the ticket, renews the lease, and stores both with what the change adds.
    pub(crate) async fn amend(
        &self,
        change: impl Fn(&mut Ticket, &mut Commit) + Send,
    ) -> Result<(), Failure> {
        let mut stored = self.ticket.lock().await;
        for _ in 0..TRIES {
            let mut next = Ticket {
                version: stored.version + 1,
                ..stored.clone()
            };
            next.stage = Stage::Running(self.lease());
            let mut commit = Commit::default();
            change(&mut next, &mut commit);
            commit.ticket = Some((next.clone(), Some(stored.version)));
            match self.inner.ports.ledger.commit(commit).await {
                Ok(_) => {
                    *stored = next;
                    return Ok(());
                }
                Err(LedgerError::Conflict) => *stored = self.reload(&stored).await?,
                Err(error) => return Err(submit::store_failed(error)),
            }
        }
        Err(Failure::Internal(format!(
            "ticket {} changed {TRIES} times while it was written",
            stored.id
        )))
    }

    async fn reload(&self, stored: &Ticket) -> Result<Ticket, Failure> {
        let ticket = super::press::load(&self.inner, stored.id).await?;
        match &ticket.stage {
            Stage::Running(lease) if lease.holder == self.inner.home.holder => Ok(ticket),
            _ => {
                self.lost.store(true, Ordering::Relaxed);
                let detail = format!("ticket {} was taken over by another process", stored.id);
                Err(Failure::Internal(detail))
            }
        }
    }

    fn lease(&self) -> Lease {
        lease(&self.inner)
    }

    fn record(&self, record: StepRecord) {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        steps.insert(record.name.clone(), record);
    }
}

/// A lease of this process, from now.
pub(crate) fn lease(inner: &Inner) -> Lease {
    let until = inner
        .now()
        .checked_add(inner.ports.timing.lease)
        .unwrap_or(Timestamp::MAX);
    Lease {
        holder: inner.home.holder.clone(),
        until,
    }
}

impl Journal for TicketJournal {
    fn step(&self, name: &str) -> Option<StepRecord> {
        self.steps
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }

    fn begin<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let record = StepRecord {
                name: name.to_owned(),
                began: self.inner.now(),
                result: None,
            };
            self.amend(|_, commit| commit.steps.push(record.clone())).await?;
            self.record(record);
            Ok(())
        })
    }

    fn finish<'a>(&'a self, name: &'a str, result: Value) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let began = self.step(name).map_or_else(|| self.inner.now(), |s| s.began);
            let record = StepRecord {
                name: name.to_owned(),
                began,
                result: Some(result),
            };
            self.amend(|_, commit| commit.steps.push(record.clone())).await?;
            self.record(record);
            Ok(())
        })
    }

    fn directive(&self) -> Directive {
        *self.directive.borrow()
    }

    fn directed(&self, known: Directive) -> BoxFuture<'_, Directive> {
        let mut directive = self.directive.clone();
        Box::pin(async move {
            let told = directive.wait_for(|now| *now != known).await.map(|now| *now);
            match told {
                Ok(now) => now,
                // The sender lives as long as the run; without it nobody can tell anything any more.
                Err(_) => std::future::pending().await,
            }
        })
    }

    fn show(&self, report: Report) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.amend(|ticket, commit| {
                let mut report = report.clone();
                report.ticket = Some(ticket.id);
                ticket.shown = self.inner.ports.redactor.report(report);
                commit.posts.push(submit::post(&self.inner, ticket));
            })
            .await
        })
    }

    fn release(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(self.amend(|ticket, _| ticket.released = true))
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }
}
