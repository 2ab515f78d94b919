//! `once`: acts once, whatever happens in between.

use std::{future::Future, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use super::{Observed, Run};
use crate::{
    cluster::{ClusterError, Writer},
    failure::Failure,
    ticket::Before,
};

/// How long to wait for a cluster that did not answer before it is asked again.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(500);

impl<'a> Run<'a> {
    /// Acts once, whatever happens. A finished step returns what it stored. Before the act's writer sends, it stores how
    /// the object was; a step that began and is not known to have ended is observed first, and only what is known not to
    /// have been done is sent again. A cluster that does not answer is waited for: the deadline of the whole change ends
    /// this at last. What the act needs to read it reads inside itself.
    ///
    /// # Errors
    /// A refusal where the run may not act any more ([`Run::observing_only`]); [`Failure::Overtaken`] when it was done and
    /// somebody set it back; [`Failure::NotKnown`] when that cannot be told; what `act` and `observe` fail with.
    pub async fn once<T, A, AF, O, OF>(&self, step: &str, act: A, observe: O) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned + Send + Sync,
        A: Fn(Writer<'a>) -> AF + Send + Sync,
        AF: Future<Output = Result<T, Failure>> + Send,
        O: Fn(Option<Before>) -> OF + Send + Sync,
        OF: Future<Output = Result<Observed<T>, Failure>> + Send,
    {
        if let Some(stored) = self.stored(step)? {
            return Ok(stored);
        }
        let mut unknown = self.journal.step(step).is_some();
        let result = loop {
            if unknown {
                let before = self.journal.step(step).and_then(|record| record.before);
                match self.answered(|| observe(before.clone())).await? {
                    Observed::Done(result) => break result,
                    Observed::NotDone => {}
                    Observed::SetBack(moved) => return Err(Failure::Overtaken(moved)),
                    Observed::NotKnown(what) => return Err(Failure::NotKnown(what)),
                }
            }
            self.may_act()?;
            match act(self.writer(step)).await {
                Ok(result) => break result,
                Err(Failure::Cluster(error @ ClusterError::Unsure { .. })) => {
                    tracing::warn!(step, %error, "the answer to a write was lost; looking whether it took effect");
                    unknown = true;
                }
                Err(Failure::Cluster(error)) if error.is_outage() => {
                    tracing::warn!(step, %error, "a step waits for its cluster");
                    unknown = self.journal.step(step).is_some();
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                Err(failure) => return Err(failure),
            }
        };
        self.finish(step, &result).await?;
        Ok(result)
    }

    /// Decides once: what was decided is stored, and decided no second time. For branches that pick steps.
    ///
    /// # Errors
    /// What `decide` fails with; a cluster that does not answer is waited for.
    pub async fn decide<T, D, DF>(&self, step: &str, decide: D) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned + Send + Sync,
        D: Fn() -> DF + Send + Sync,
        DF: Future<Output = Result<T, Failure>> + Send,
    {
        if let Some(stored) = self.stored(step)? {
            return Ok(stored);
        }
        let result = self.answered(decide).await?;
        self.finish(step, &result).await?;
        Ok(result)
    }

    /// Asks until the cluster answers. The deadline of the whole change ends this at last.
    ///
    /// # Errors
    /// What `ask` fails with, but no outage.
    pub async fn answered<T, F, FF>(&self, ask: F) -> Result<T, Failure>
    where
        F: Fn() -> FF,
        FF: Future<Output = Result<T, Failure>>,
    {
        loop {
            match ask().await {
                Err(Failure::Cluster(error)) if error.is_outage() => tokio::time::sleep(LOOK_AGAIN).await,
                answer => return answer,
            }
        }
    }
}
