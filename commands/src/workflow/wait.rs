//! `wait`: until the caches show what is waited for. What was not observed does not count: an outage or a restart uses
//! none of the time up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Run;
use crate::{
    cluster::Cached,
    failure::Failure,
    model::{Report, Scope, Timestamp, Tone, since},
    texts,
    ticket::{Directive, StepRecord},
};

/// How much observed time may be lost by a crash.
const STORE_EVERY: Duration = Duration::from_secs(5);

/// What the caches show of what is waited for.
#[derive(Debug, Clone, PartialEq)]
pub enum Look {
    /// They are of before our own write.
    Behind(Report),
    /// Not yet.
    Going(Report),
    /// It has come.
    Met,
    /// The object is gone.
    Gone,
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waited {
    /// What was waited for has come.
    Met,
    /// It has not come in the time that was observed.
    TimedOut,
    /// The object is gone.
    Gone,
    /// A button said something: the wait has not ended, and may be taken up again.
    #[serde(skip)]
    Told(Directive),
}

impl Run<'_> {
    /// Waits until the caches of a namespace show what is waited for, showing how far it is. The predicate is looked at
    /// before the clock, and only while the caches are whole.
    ///
    /// # Errors
    /// When the settings do not open the namespace, or the run was taken over by another process.
    pub async fn wait<C>(
        &self,
        step: &str,
        place: &Scope,
        within: Duration,
        condition: C,
    ) -> Result<Waited, Failure>
    where
        C: FnMut(&Cached, Timestamp) -> Look + Send,
    {
        if let Some(stored) = self.stored(step)? {
            return Ok(stored);
        }
        let mut condition = condition;
        let mut clock = Clock::start(self, step).await?;
        let mut shown = None;
        let namespace = place.namespace.as_deref().unwrap_or_default();
        let cached = self.view().cached(&place.cluster, namespace)?;
        let mut changes = cached.changed();
        loop {
            changes.mark_unchanged();
            let whole = cached.synced() && cached.error().is_none();
            let report = match whole.then(|| condition(&cached, self.now())) {
                Some(Look::Met) => return self.ended(step, &clock, Waited::Met).await,
                Some(Look::Gone) => return self.ended(step, &clock, Waited::Gone).await,
                Some(Look::Going(report) | Look::Behind(report)) => report,
                None => not_observed(&cached, shown.as_ref()),
            };
            clock.tick(self, whole).await?;
            if clock.observed >= within {
                return self.ended(step, &clock, Waited::TimedOut).await;
            }
            if let Some(told) = self.unobeyed() {
                return Ok(Waited::Told(told));
            }
            if shown.as_ref() != Some(&report) {
                self.show(report.clone()).await?;
                shown = Some(report);
            }
            // Woken by the cluster at once for the end; by the clock for what only time tells; by a button.
            let pause = self
                .timing()
                .progress_every
                .min(within.saturating_sub(clock.observed));
            tokio::select! {
                _ = changes.changed() => {}
                () = tokio::time::sleep(pause.max(Duration::from_millis(1))) => {}
                _ = self.journal.directed(self.directive()) => {}
            }
        }
    }

    async fn ended(&self, step: &str, clock: &Clock, waited: Waited) -> Result<Waited, Failure> {
        self.journal.keep(clock.record.clone()).await?;
        self.finish(step, &waited).await?;
        Ok(waited)
    }
}

/// What was shown last stays, with why it is not known to be so.
fn not_observed(cached: &Cached, shown: Option<&Report>) -> Report {
    let trouble = cached.error().map(|(what, _)| what);
    let mut report = Report::new(Tone::Waiting, texts::workflow::waiting());
    if let Some(shown) = shown {
        report.title.clone_from(&shown.title);
        report.place.clone_from(&shown.place);
    }
    report.line(texts::workflow::not_observed(trouble))
}

/// The time that was observed.
struct Clock {
    record: StepRecord,
    observed: Duration,
    stored: Duration,
    /// When it was looked at last, when that look saw anything.
    last: Option<Timestamp>,
}

impl Clock {
    async fn start(run: &Run<'_>, step: &str) -> Result<Self, Failure> {
        let record = match run.journal.step(step) {
            Some(record) => record,
            None => {
                let record = StepRecord {
                    name: step.to_owned(),
                    began: run.now(),
                    ..StepRecord::default()
                };
                run.journal.keep(record.clone()).await?;
                record
            }
        };
        let observed = Duration::from_millis(record.observed_ms);
        Ok(Self {
            record,
            observed,
            stored: observed,
            last: None,
        })
    }

    async fn tick(&mut self, run: &Run<'_>, whole: bool) -> Result<(), Failure> {
        let now = run.now();
        if let Some(last) = self.last
            && whole
        {
            self.observed += since(last, now);
        }
        self.last = whole.then_some(now);
        self.record.observed_ms = u64::try_from(self.observed.as_millis()).unwrap_or(u64::MAX);
        if self.observed >= self.stored + STORE_EVERY {
            self.stored = self.observed;
            run.journal.keep(self.record.clone()).await?;
        }
        Ok(())
    }
}
