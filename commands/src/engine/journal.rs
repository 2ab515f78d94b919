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
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{
    inner::Inner,
    rows::load,
    transition::{self, author, transition},
};
use crate::{
    failure::Failure,
    model::{Reference, Report, TicketId, Timestamp},
    ticket::{Directive, Event, Lease, News, Parked, Stage, StepRecord, Ticket, Woken, WokenAt},
    workflow::Journal,
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
    id: TicketId,
    /// What woke the run.
    woken: Option<WokenAt>,
    running: Mutex<Running>,
    /// Told once the run is put aside.
    parked: Notify,
}

/// How long a run has run; on hold it does not.
struct Running {
    ran: Duration,
    since: Option<Instant>,
}

impl Running {
    fn total(&self) -> Duration {
        self.ran + self.since.map(|since| since.elapsed()).unwrap_or_default()
    }
}

impl TicketJournal {
    pub(crate) fn new(
        inner: Arc<Inner>,
        ticket: Ticket,
        steps: Vec<StepRecord>,
        directive: watch::Receiver<Directive>,
    ) -> Self {
        let steps = steps.into_iter().map(|s| (s.name.clone(), s)).collect();
        let running = Running {
            ran: Duration::from_millis(ticket.ran_ms),
            since: Some(Instant::now()),
        };
        Self {
            inner,
            id: ticket.id,
            woken: ticket.woken.clone(),
            running: Mutex::new(running),
            parked: Notify::new(),
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

    /// How long the run has run, all its lives together.
    pub(crate) fn ran(&self) -> Duration {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .total()
    }

    /// Comes back when the run has run for so long.
    pub(crate) async fn overdue(&self, deadline: Duration) {
        loop {
            let left = deadline.saturating_sub(self.ran());
            if left.is_zero() {
                return;
            }
            // On hold nothing is used up, so the rest is looked at again and again.
            tokio::time::sleep(left.min(Duration::from_secs(1))).await;
        }
    }

    /// Comes back when the run was put aside.
    pub(crate) async fn parked(&self) {
        self.parked.notified().await;
    }

    /// The name of the step that began and is not known to have ended.
    pub(crate) fn unfinished(&self) -> Option<String> {
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = |s: &&StepRecord| !s.is_done() && s.before.is_some();
        steps.values().find(sent).map(|s| s.name.clone())
    }

    /// The names of the steps that are finished, in the order in which they began.
    pub(crate) fn done(&self) -> Vec<String> {
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let mut done: Vec<&StepRecord> = steps.values().filter(|s| s.is_done()).collect();
        done.sort_by_key(|s| s.began);
        done.into_iter().map(|s| s.name.clone()).collect()
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
            let news = News {
                ran: Some(self.ran()),
                ..news.clone()
            };
            let event = Event::Renew(lease(&self.inner), Box::new(news));
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
                Err(Failure::Internal(format!(
                    "ticket {id} was taken over by another process"
                )))
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

    fn keep(&self, step: StepRecord) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.note(News::default(), vec![step.clone()]).await?;
            self.record(step);
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
            released: Some(true),
            ..News::default()
        };
        Box::pin(self.note(news, vec![]))
    }

    fn reclaim(&self) -> BoxFuture<'_, Result<(), Failure>> {
        let news = News {
            released: Some(false),
            ..News::default()
        };
        Box::pin(self.note(news, vec![]))
    }

    fn on_hold(&self, held: bool) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let ran = running.total();
        *running = Running {
            ran,
            since: (!held).then(Instant::now),
        };
    }

    fn hold_lapsed(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async move {
            let news = News {
                lapsed_hold: true,
                ..News::default()
            };
            self.note(news, vec![]).await?;
            if let Some(run) = self.inner.runs.get(&self.id) {
                run.send_replace(Directive::Continue);
            }
            Ok(())
        })
    }

    fn woken(&self, step: &str) -> Option<Woken> {
        self.woken
            .as_ref()
            .filter(|woken| woken.step == step)
            .map(|woken| woken.by.clone())
    }

    fn park(&self, parked: Parked, report: Report) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async move {
            let mut stored = self.ticket.lock().await;
            let mut report = report;
            report.ticket = Some(self.id);
            let reference = Reference::new();
            let (author, parked, report) = (&author(None, &reference), &parked, &report);
            loop {
                let settled = transition(&self.inner, None, || async move {
                    let ticket = self.reload(self.id).await?;
                    let event = Event::Park {
                        holder: self.inner.home.holder.clone(),
                        parked: Box::new(parked.clone()),
                        report: Box::new(report.clone()),
                    };
                    transition::prepare(&self.inner, &ticket, event, author)
                });
                match settled.await {
                    Ok(Some(settled)) => {
                        *stored = settled.outcome;
                        self.parked.notify_one();
                        return Ok(());
                    }
                    Ok(None) | Err(Failure::Dependency { .. }) => tokio::time::sleep(LOOK_AGAIN).await,
                    Err(failure) => return Err(failure),
                }
            }
        })
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }
}
