//! What the caches do not hold of a problem: its evidence, what was changed before, the way back, and what ended it.

use std::{sync::Arc, time::Duration};

use ceo_commands::{
    cluster::{Cached, Revision, WorkloadObject},
    diagnosis::{self, Hiding, Look},
    health::job::JobState,
    incident::{Ending, Found, Incident, LastChange, Left, Sighting},
    model::{Timestamp, Workload, since},
    objects::{Node, Pod},
    ports::LedgerError,
    redact::Redactor,
    texts::incident as texts,
    ticket::Ticket,
};

use super::IncidentWatch;

/// What of a problem is to be found out.
#[derive(Clone, Copy)]
pub(super) struct DetailsRequest<'h> {
    /// What hides the secrets of its namespace.
    pub(super) hiding: &'h Hiding,
    /// Whether its log and its events are to be read.
    pub(super) evidence: bool,
    /// Now.
    pub(super) now: Timestamp,
}

impl IncidentWatch {
    /// Collects what a message needs, without secrets. What fails is missing, and told as such.
    pub(super) async fn details(
        &self,
        cached: &Cached,
        sighting: &Sighting,
        request: DetailsRequest<'_>,
    ) -> Found {
        let mut found = Found::default();
        if request.evidence {
            let time = (self.config.pace.evidence_within, request.now);
            found.evidence = Box::pin(diagnosis::gather(
                &self.view,
                sighting,
                request.hiding,
                time.0,
                time.1,
            ))
            .await;
            found.manual = diagnosis::section_about(self.ports.manual.as_ref(), sighting.key.problem).await;
        }
        let Some((workload, object)) = workload_of(cached, sighting) else {
            return found;
        };
        found.generation = Some(object.generation());
        let revisions = self.revisions(&object);
        match diagnosis::tickets_of(self.ports.ledger.as_ref(), &workload).await {
            Ok(tickets) => {
                let quotes = request.hiding.as_deref().ok();
                let change = diagnosis::last_change(&object, &revisions, &tickets, quotes);
                found.change = change.map(|change| LastChange {
                    line: quotes.unwrap_or(&self.ports.redactor).line(change.line),
                    ..change
                });
            }
            Err(error) => tracing::debug!(%workload, %error, "the last change is not known"),
        }
        match self.ports.ledger.worked(&workload).await {
            Ok(worked) => {
                found.way_back = Some(diagnosis::way_back(
                    cached, &object, &revisions, &worked, sighting,
                ));
            }
            Err(error) => tracing::debug!(%workload, %error, "what worked is not known"),
        }
        found
    }

    /// What hides the secrets of a namespace, as of `age` ago at most. Where no Secrets are to be read it costs nothing.
    pub(super) async fn hiding(&mut self, cached: &Cached, now: Timestamp, age: Duration) -> Arc<Hiding> {
        let usual = &self.ports.redactor;
        if !usual.wants_secret_values() || cached.namespace().is_empty() {
            return Arc::new(Ok(Arc::clone(usual)));
        }
        if let Some((at, hiding)) = self.redactors.get(cached.namespace())
            && since(*at, now) <= age
        {
            return Arc::clone(hiding);
        }
        let read = self
            .view
            .redactor(&self.config.cluster, cached.namespace(), usual);
        let hiding = Arc::new(read.await);
        let kept = (now, Arc::clone(&hiding));
        self.redactors.insert(cached.namespace().to_owned(), kept);
        hiding
    }

    fn revisions(&self, object: &WorkloadObject) -> Vec<Revision> {
        // Only a namespace outside of the settings fails, and that one has no caches.
        self.view.cached_revisions(object).unwrap_or_default()
    }

    /// How an incident ended: when it was last seen, and what was done before that. `unseen` is when a look first saw
    /// nothing of it.
    ///
    /// # Errors
    /// When the store does not say what the bot did.
    pub(super) async fn ending(
        &self,
        cached: &Cached,
        incident: &Incident,
        unseen: Timestamp,
        quotes: Option<&Redactor>,
    ) -> Result<Ending, LedgerError> {
        let key = &incident.key;
        let at = incident.last_seen;
        let Some(workload) = key.workload() else {
            let job = diagnosis::last_job(cached, &key.owner);
            let gone = match key.owner.kind.as_str() {
                "node" => cached.get::<Node>(&key.owner.name).is_none(),
                "pod" => cached.get::<Pod>(&key.owner.name).is_none(),
                "job" | "cronjob" => job == JobState::Gone,
                _ => false,
            };
            let by = gone.then(|| texts::by_removal(&key.owner.to_string()));
            let left = matches!(job, JobState::Failed { .. }).then_some(Left::JobFailed);
            return Ok(Ending { at, by, gone, left });
        };
        let Some(object) = cached.workload(&workload) else {
            return Ok(Ending {
                at,
                by: Some(texts::by_deletion(&key.owner.to_string())),
                gone: true,
                left: None,
            });
        };
        let tickets: Vec<Ticket> = diagnosis::tickets_of(self.ports.ledger.as_ref(), &workload).await?;
        let recovered = diagnosis::recovered_at(cached, key).filter(|at| *at > incident.last_seen);
        let until = recovered.map_or(unseen, |at| at.min(unseen));
        let span = diagnosis::Span {
            opened: incident.opened,
            generation: incident.generation,
            // Who watched knows until when it was so; else only what the store says is known.
            last_seen: if self.seen.contains_key(&incident.id) {
                until
            } else {
                incident.last_seen
            },
            until,
        };
        let by = diagnosis::ended_by(&object, &self.revisions(&object), &tickets, span, quotes);
        let by = by.map(|line| quotes.unwrap_or(&self.ports.redactor).line(line));
        let look = Look::new(self.ports.clock.now(), &self.ports.timing.incident);
        Ok(Ending {
            at,
            by,
            gone: false,
            left: diagnosis::left(cached, &object, look),
        })
    }
}

fn workload_of(cached: &Cached, sighting: &Sighting) -> Option<(Workload, WorkloadObject)> {
    let workload = sighting.key.workload()?;
    let object = cached.workload(&workload)?;
    Some((workload, object))
}
