//! The circumstances of a run.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};

use super::{Journal, steps};
use crate::{
    cluster::{ClusterError, Notes, View, Writer},
    failure::{Failure, Refused},
    model::{Report, Text, Timestamp},
    ports::Timing,
    redact::Redactor,
    ticket::{Before, Directive, Permit, Precondition, StepRecord},
};

/// How the steps of this life left their objects, until each is stored with its step's end.
type Left = Arc<Mutex<BTreeMap<String, Precondition>>>;

/// The circumstances of a run. It can only be made with a [`Permit`].
pub struct Run<'a> {
    permit: &'a Permit,
    view: &'a View,
    writer: Writer<'a>,
    pub(super) journal: &'a dyn Journal,
    timing: Timing,
    steps: &'static [&'static str],
    observing_only: Option<Text>,
    redactor: Arc<Redactor>,
    left: Left,
    /// The word of a button that is being obeyed: a wait is not ended by it again.
    pub(super) obeyed: Mutex<Directive>,
}

/// Notes of a step's writes.
struct StepNotes<'a> {
    journal: &'a dyn Journal,
    step: String,
    left: Left,
}

impl Notes for StepNotes<'_> {
    fn about_to_send(&self, before: Before) -> BoxFuture<'_, Result<(), Failure>> {
        let known = self.journal.step(&self.step);
        let record = StepRecord {
            name: self.step.clone(),
            began: known.map_or_else(|| self.journal.now(), |step| step.began),
            before: Some(before),
            ..StepRecord::default()
        };
        self.journal.keep(record)
    }

    fn left(&self, left: Precondition) {
        let mut all = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(self.step.clone(), left);
    }
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
            steps: &[],
            observing_only: None,
            redactor: Arc::default(),
            left: Left::default(),
            obeyed: Mutex::default(),
        }
    }

    /// Says that a button's word is being obeyed: no wait is ended by it any more.
    pub fn obey(&self, directive: Directive) {
        *self.obeyed.lock().unwrap_or_else(PoisonError::into_inner) = directive;
    }

    /// What a button told the run, when that is not obeyed yet.
    pub(super) fn unobeyed(&self) -> Option<Directive> {
        let told = self.journal.directive();
        let obeyed = *self.obeyed.lock().unwrap_or_else(PoisonError::into_inner);
        (told != Directive::Continue && told != obeyed).then_some(told)
    }

    /// The steps that the command declares: its message shows all of them from the start.
    #[must_use]
    pub fn of_steps(mut self, steps: &'static [&'static str]) -> Self {
        self.steps = steps;
        self
    }

    /// What hides secrets in what programs write.
    #[must_use]
    pub fn hiding(mut self, redactor: &Arc<Redactor>) -> Self {
        self.redactor = Arc::clone(redactor);
        self
    }

    /// What hides secrets in what programs of a namespace write. Needs `list` on `secrets` where the settings have their
    /// values hidden.
    ///
    /// # Errors
    /// [`ClusterError`]; then nothing that programs wrote may be stored or shown.
    pub async fn redactor(&self, cluster: &str, namespace: &str) -> Result<Arc<Redactor>, ClusterError> {
        self.view.redactor(cluster, namespace, &self.redactor).await
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

    /// The clusters, for the writes of a step: each notes what it is about to change before it is sent.
    #[must_use]
    pub fn writer(&self, step: &str) -> Writer<'a> {
        let notes = StepNotes {
            journal: self.journal,
            step: step.to_owned(),
            left: Arc::clone(&self.left),
        };
        self.writer.for_step(step, Arc::new(notes))
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

    /// Whether a step is done.
    #[must_use]
    pub fn is_done(&self, step: &str) -> bool {
        self.journal.step(step).is_some_and(|s| s.is_done())
    }

    /// Shows how far the run is, with all of its steps.
    ///
    /// # Errors
    /// When the run was taken over by another process.
    pub async fn show(&self, report: Report) -> Result<(), Failure> {
        self.journal.show(self.with_steps(report)).await
    }

    /// A report with the steps under it; what has one thing to do says it in its own words.
    #[must_use]
    pub fn with_steps(&self, report: Report) -> Report {
        steps::under(report, self.steps, self.journal, steps::Moment::Running)
    }

    /// Gives the targets free: from here on the run only watches.
    ///
    /// # Errors
    /// When the run was taken over by another process.
    pub async fn release(&self) -> Result<(), Failure> {
        self.journal.release().await
    }

    /// Takes the targets again, for a write after all.
    ///
    /// # Errors
    /// When the run was taken over by another process.
    pub async fn reclaim(&self) -> Result<(), Failure> {
        self.journal.reclaim().await
    }

    /// The object and its fields as a step left them.
    #[must_use]
    pub fn left_by(&self, step: &str) -> Option<Precondition> {
        self.journal.step(step)?.left
    }

    pub(super) fn may_act(&self) -> Result<(), Failure> {
        match &self.observing_only {
            Some(why) => Err(Failure::Refused(Refused::Ticket(why.clone()))),
            None => Ok(()),
        }
    }

    /// What a finished step stored.
    pub(super) fn stored<T: DeserializeOwned>(&self, step: &str) -> Result<Option<T>, Failure> {
        let Some(record) = self.journal.step(step).filter(StepRecord::is_done) else {
            return Ok(None);
        };
        let read = serde_json::from_value(record.result.unwrap_or_default());
        read.map(Some)
            .map_err(|e| Failure::Internal(format!("step {step} stored another type: {e}")))
    }

    /// Stores what a step returned, and how it left its object.
    pub(super) async fn finish<T: Serialize>(&self, step: &str, result: &T) -> Result<(), Failure> {
        let result = serde_json::to_value(result)
            .map_err(|e| Failure::Internal(format!("step {step} returned what JSON cannot hold: {e}")))?;
        let now = self.now();
        let known = self.journal.step(step).unwrap_or_else(|| StepRecord {
            name: step.to_owned(),
            began: now,
            ..StepRecord::default()
        });
        let left = self
            .left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(step);
        let record = StepRecord {
            ended: Some(now),
            left: left.or(known.left.clone()),
            result: Some(result),
            ..known
        };
        self.journal.keep(record).await
    }

    /// Remembers how a step left its object, when that was seen afterwards.
    pub(super) fn remember_left(&self, step: &str, left: Precondition) {
        let mut all = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(step.to_owned(), left);
    }
}
