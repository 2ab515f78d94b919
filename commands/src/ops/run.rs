//! What an executing change may do: write through the permit, remember its steps, show how far it is, obey buttons.

use std::future::Future;

use futures::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    cluster::{ClusterError, View, Writer},
    failure::{Failure, Moved, Refused},
    model::{Report, Text, Timestamp},
    ports::Timing,
    ticket::{Directive, Permit, StepRecord},
};

/// What the engine keeps for a run: steps, the message, the directive. Every write is stored before it is shown.
pub trait Journal: Send + Sync {
    /// The record of a step.
    fn step(&self, name: &str) -> Option<StepRecord>;
    /// Stores that a step begins.
    fn begin<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), Failure>>;
    /// Stores what a step returned.
    fn finish<'a>(&'a self, name: &'a str, result: Value) -> BoxFuture<'a, Result<(), Failure>>;
    /// What a button told the run last.
    fn directive(&self) -> Directive;
    /// Waits until a button tells the run something else than `known`.
    fn directed(&self, known: Directive) -> BoxFuture<'_, Directive>;
    /// Shows how far the run is, in its living message.
    fn show(&self, report: Report) -> BoxFuture<'_, Result<(), Failure>>;
    /// Gives the targets free: the run writes no more.
    fn release(&self) -> BoxFuture<'_, Result<(), Failure>>;
    /// The time.
    fn now(&self) -> Timestamp;
}

/// What a look at the cluster says of a step that began and is not known to have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed<T> {
    /// It took effect, with this result.
    Done(T),
    /// It did not.
    NotDone,
    /// Something else happened to the object.
    Stale(Moved),
}

/// How long to wait for a cluster that did not answer before it is asked again.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(500);

/// The circumstances of a run. It can only be made with a [`Permit`].
pub struct Run<'a> {
    permit: &'a Permit,
    view: &'a View,
    writer: Writer<'a>,
    journal: &'a dyn Journal,
    timing: Timing,
    observing_only: Option<Text>,
}

impl<'a> Run<'a> {
    /// A run under a permit.
    #[must_use]
    pub fn new(
        permit: &'a Permit,
        view: &'a View,
        writer: Writer<'a>,
        journal: &'a dyn Journal,
        timing: Timing,
    ) -> Self {
        Self {
            permit,
            view,
            writer,
            journal,
            timing,
            observing_only: None,
        }
    }

    /// What began may still be looked after, but nothing more is done, for the reason given.
    #[must_use]
    pub fn observing_only(mut self, why: Option<Text>) -> Self {
        self.observing_only = why;
        self
    }

    /// The proof that it may.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        self.permit
    }

    /// The clusters, for reading.
    #[must_use]
    pub fn view(&self) -> &View {
        self.view
    }

    /// The clusters, for writing.
    #[must_use]
    pub fn writer(&self) -> &Writer<'a> {
        &self.writer
    }

    /// The durations.
    #[must_use]
    pub fn timing(&self) -> &Timing {
        &self.timing
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.journal.now()
    }

    /// When a step began; for lengths of time that survive a restart.
    #[must_use]
    pub fn began(&self, step: &str) -> Option<Timestamp> {
        self.journal.step(step).map(|s| s.began)
    }

    /// Acts once, whatever happens. A finished step returns what it stored; a step that began and did not finish is
    /// observed first. When the answer to the act is lost, the cluster is asked until it says whether the act took
    /// effect: only then is it known whether to act again.
    ///
    /// # Errors
    /// A refusal where the run may not act any more ([`Run::observing_only`]). What `act` or `observe` fail with; `Stale` when something else happened to the object; an internal failure when
    /// the stored result is not of this type.
    pub async fn once<T, A, AF, O, OF>(&self, step: &str, act: A, observe: O) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned + Send,
        A: Fn() -> AF + Send + Sync,
        AF: Future<Output = Result<T, Failure>> + Send,
        O: Fn() -> OF + Send + Sync,
        OF: Future<Output = Result<Observed<T>, Failure>> + Send,
    {
        let mut unknown = match self.journal.step(step) {
            Some(StepRecord {
                result: Some(stored), ..
            }) => {
                return serde_json::from_value(stored)
                    .map_err(|e| Failure::Internal(format!("step {step} stored another type: {e}")));
            }
            Some(_) => true,
            None => {
                self.may_act()?;
                self.journal.begin(step).await?;
                false
            }
        };
        let result = loop {
            if unknown {
                match self.observed(&observe).await? {
                    Observed::Done(result) => break result,
                    Observed::NotDone => {}
                    Observed::Stale(moved) => return Err(Failure::Stale(moved)),
                }
            }
            self.may_act()?;
            match act().await {
                Ok(result) => break result,
                Err(Failure::Cluster(error @ ClusterError::Unsure { .. })) => {
                    tracing::warn!(step, %error, "the answer to a write was lost; looking whether it took effect");
                    unknown = true;
                }
                Err(failure) => return Err(failure),
            }
        };
        let stored = serde_json::to_value(&result)
            .map_err(|e| Failure::Internal(format!("step {step} returned what JSON cannot hold: {e}")))?;
        self.journal.finish(step, stored).await?;
        Ok(result)
    }

    fn may_act(&self) -> Result<(), Failure> {
        match &self.observing_only {
            Some(why) => Err(Failure::Refused(Refused::Ticket(why.clone()))),
            None => Ok(()),
        }
    }

    /// Looks until the cluster answers. The deadline of the whole change ends this at last.
    async fn observed<T, O, OF>(&self, observe: &O) -> Result<Observed<T>, Failure>
    where
        O: Fn() -> OF,
        OF: Future<Output = Result<Observed<T>, Failure>>,
    {
        loop {
            match observe().await {
                Err(Failure::Cluster(error)) if error.is_outage() => tokio::time::sleep(LOOK_AGAIN).await,
                seen => return seen,
            }
        }
    }

    /// What a button told the run last.
    #[must_use]
    pub fn directive(&self) -> Directive {
        self.journal.directive()
    }

    /// Waits until a button tells the run something else than `known`.
    pub async fn directed(&self, known: Directive) -> Directive {
        self.journal.directed(known).await
    }

    /// Shows how far the run is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn show(&self, report: Report) -> Result<(), Failure> {
        self.journal.show(report).await
    }

    /// Gives the targets free: from here on the run only watches.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn release(&self) -> Result<(), Failure> {
        self.journal.release().await
    }
}
