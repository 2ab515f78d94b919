//! What is remembered of a run while it runs. Each write renews the lease in the same transaction: a process that was
//! taken for dead finds that out before it acts again.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use serde_json::Value;
use tokio::sync::watch;

use super::{
    inner::Inner,
    rows::load,
    transition::{self, author, transition},
};
use crate::{
    failure::Failure,
    model::{Reference, Report, TicketId, Timestamp},
    ops::Journal,
    ticket::{Directive, Event, Lease, News, Stage, StepRecord, Ticket},
};

/// How long to wait for a store that did not answer before it is asked again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

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
        self.note(News::default(), vec![]).await
    }

    /// Stores what the run has to say, with its steps, and renews the lease in the same transaction. A store that does not
    /// answer is waited for.
    async fn note(&self, news: News, steps: Vec<StepRecord>) -> Result<(), Failure> {
        let mut stored = self.ticket.lock().await;
        loop {
            match self.try_note(&stored, &news, &steps).await {
                Ok(ticket) => {
                    *stored = ticket;
                    return Ok(());
                }
                Err(failure @ Failure::Dependency { .. }) => {
                    tracing::warn!(why = %failure, "what a run has to say waits for the store");
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn try_note(&self, stored: &Ticket, news: &News, steps: &[StepRecord]) -> Result<Ticket, Failure> {
        let reference = Reference::new();
        let author = &author(None, &reference);
        let known = &Mutex::new(Some(stored.clone()));
        let settled = transition(&self.inner, None, || async move {
            let fresh = known.lock().unwrap_or_else(PoisonError::into_inner).take();
            let ticket = match fresh {
                Some(ticket) => ticket,
                None => self.reload(stored.id).await?,
            };
            let event = Event::Renew(lease(&self.inner), Box::new(news.clone()));
            let mut prepared = transition::prepare(&self.inner, &ticket, event, author)?;
            if let Some(commit) = &mut prepared.commit {
                commit.steps.extend_from_slice(steps);
            }
            Ok(prepared)
        });
        match settled.await? {
            Some(settled) => Ok(settled.outcome),
            None => Err(Failure::Internal(
                "a note of a run was taken for a click".to_owned(),
            )),
        }
    }

    async fn reload(&self, id: TicketId) -> Result<Ticket, Failure> {
        let ticket = load(&self.inner, id).await?;
        match &ticket.stage {
            Stage::Running(lease) if lease.holder == self.inner.home.holder => Ok(ticket),
            _ => {
                self.lost.store(true, Ordering::Relaxed);
                let detail = format!("ticket {id} was taken over by another process");
                Err(Failure::Internal(detail))
            }
        }
    }

    /// Lets go of the lease, so that the next process goes on at once.
    pub(crate) async fn let_go(&self) -> Result<(), Failure> {
        let stored = self.ticket.lock().await;
        let reference = Reference::new();
        let author = &author(None, &reference);
        let id = stored.id;
        transition(&self.inner, None, || async move {
            let ticket = self.reload(id).await?;
            let lease = Lease {
                until: self.inner.now(),
                ..lease(&self.inner)
            };
            transition::prepare(&self.inner, &ticket, Event::Renew(lease, Box::default()), author)
        })
        .await
        .map(|_| ())
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
            self.note(News::default(), vec![record.clone()]).await?;
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
            self.note(News::default(), vec![record.clone()]).await?;
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
            let mut report = report;
            report.ticket = Some(self.ticket.lock().await.id);
            let news = News {
                shown: Some(report),
                ..News::default()
            };
            self.note(news, vec![]).await
        })
    }

    fn release(&self) -> BoxFuture<'_, Result<(), Failure>> {
        let news = News {
            released: true,
            ..News::default()
        };
        Box::pin(self.note(news, vec![]))
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }
}
