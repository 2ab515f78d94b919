//! What the caches do not hold of a problem: its evidence, what was changed before, the way back, and what ended it.

use std::sync::Arc;

use ceo_commands::{
    cluster::{Cached, ClusterError, Revision, WorkloadObject},
    detect,
    incident::{Ending, Evidence, Found, Incident, Sighting},
    line,
    model::{Timestamp, Workload},
    ports::LedgerError,
    redact::Redactor,
    ticket::Ticket,
};

use super::IncidentWatch;

/// What hides the secrets of a namespace, or why that is not known.
pub(super) type Hiding = Result<Arc<Redactor>, ClusterError>;

impl IncidentWatch {
    /// Collects what a message needs; with the log and the events where there is something to hide their secrets with. What
    /// fails is missing, and told as such.
    pub(super) async fn found(
        &self,
        cached: &Cached,
        sighting: &Sighting,
        (redactor, now): (Option<&Hiding>, Timestamp),
    ) -> Found {
        let mut found = Found::default();
        if let Some(redactor) = redactor {
            let within = self.beat.pace.evidence_within;
            let evidence = Box::pin(detect::gather(&self.view, sighting, within, now)).await;
            found.evidence = evidence.map(|evidence| cleaned(evidence, redactor));
        }
        let Some((workload, object)) = workload_of(cached, sighting) else {
            return found;
        };
        found.generation = Some(object.generation());
        let revisions = self.revisions(&object);
        match detect::tickets_of(self.ports.ledger.as_ref(), &workload).await {
            Ok(tickets) => found.change = detect::last_change(&object, &revisions, &tickets),
            Err(error) => tracing::debug!(%workload, %error, "the last change is not known"),
        }
        match self.ports.incidents.worked(&workload).await {
            Ok(worked) => {
                let known = (revisions.as_slice(), worked.as_slice());
                found.way_back = Some(detect::way_back(cached, &object, known, sighting));
            }
            Err(error) => tracing::debug!(%workload, %error, "what worked is not known"),
        }
        found
    }

    /// What controllers quote, without secrets: before it is compared, stored or shown.
    pub(super) fn clean(&self, mut sighting: Sighting) -> Sighting {
        let redactor = &self.ports.redactor;
        sighting.text = redactor.text(&sighting.text);
        for fact in &mut sighting.facts {
            *fact = redactor.text(fact);
        }
        sighting
    }

    /// What hides the secrets of a namespace.
    pub(super) async fn hiding(&self, cached: &Cached) -> Hiding {
        let usual = &self.ports.redactor;
        self.view
            .redactor(&self.beat.cluster, cached.namespace(), usual)
            .await
    }

    fn revisions(&self, object: &WorkloadObject) -> Vec<Revision> {
        // Only a namespace outside of the settings fails, and that one has no caches.
        self.view.cached_revisions(object).unwrap_or_default()
    }

    /// How an incident ended: when all was ready again, and what was done before that.
    ///
    /// # Errors
    /// When the store does not say what the bot did.
    pub(super) async fn ending(&self, cached: &Cached, incident: &Incident) -> Result<Ending, LedgerError> {
        let key = &incident.key;
        let at = detect::recovered_at(cached, key).unwrap_or(incident.last_seen);
        let Some(workload) = key.workload() else {
            let gone = match key.owner.kind.as_str() {
                "node" => !cached
                    .nodes()
                    .iter()
                    .any(|n| n.metadata.name.as_deref() == Some(&key.owner.name)),
                "pod" => cached.pod(&key.owner.name).is_none(),
                _ => false,
            };
            let by = gone.then(|| line!["the removal of ", key.owner.to_string()]);
            return Ok(Ending { at, by, gone });
        };
        let Some(object) = cached.workload(&workload) else {
            return Ok(Ending {
                at: incident.last_seen,
                by: Some(line!["the deletion of ", key.owner.to_string()]),
                gone: true,
            });
        };
        let tickets: Vec<Ticket> = detect::tickets_of(self.ports.ledger.as_ref(), &workload).await?;
        let by = detect::ended_by(
            &object,
            &self.revisions(&object),
            &tickets,
            (incident.opened, incident.generation),
        );
        Ok(Ending { at, by, gone: false })
    }
}

/// What containers say, without secrets. As one text, because some secrets have many lines. Where it is not known what is
/// secret, nothing is shown.
fn cleaned(mut evidence: Evidence, hiding: &Hiding) -> Evidence {
    match hiding {
        Ok(redactor) => {
            let whole = redactor.text(&evidence.lines.join("\n"));
            evidence.lines = whole.lines().map(str::to_owned).collect();
            let clean = |text: Option<String>| text.map(|text| redactor.text(&text));
            evidence.said = clean(evidence.said);
            evidence.event = clean(evidence.event);
            evidence.no_lines = clean(evidence.no_lines);
        }
        Err(error) => {
            evidence.lines.clear();
            (evidence.said, evidence.event) = (None, None);
            let why = format!("its log is not shown: the Secrets to hide in it could not be read: {error}");
            evidence.no_lines = Some(why);
            evidence.incomplete = true;
        }
    }
    evidence
}

fn workload_of(cached: &Cached, sighting: &Sighting) -> Option<(Workload, WorkloadObject)> {
    let workload = sighting.key.workload()?;
    let object = cached.workload(&workload)?;
    Some((workload, object))
}
