//! What becomes of an incident is stored: its state, its message and its audit row together.

use std::time::Duration;

use ceo_commands::{
    incident::{self, Effect, Ending, Event, Incident},
    model::{Reference, Text, Timestamp},
    ports::{IncidentFilter, LedgerError, Ports},
    stored::{Author, Prepared},
    texts::incident as texts,
};
use tokio_util::sync::CancellationToken;

/// Stores a state over the version that is expected. Losing a race is no harm: the next look starts from what the winner
/// stored. Says whether it is.
pub(super) async fn commit(
    ports: &Ports,
    before: Option<&Incident>,
    next: Incident,
    effects: Vec<Effect>,
) -> bool {
    for effect in &effects {
        if let Effect::Record(event, _) = effect {
            let (ns, target) = (next.key.scope().to_string(), next.key.owner.to_string());
            tracing::info!(incident = %next.id, ns, target, problem = next.key.problem.word(), event, "an incident");
        }
    }
    let key = next.key.clone();
    let author = Author {
        actor: None,
        command: None,
        reference: &Reference::new(),
    };
    let Some(commit) = Prepared::of(ports, before, next, effects, &author).commit else {
        return false;
    };
    let committed = ports.ledger.commit(commit).await;
    match &committed {
        Ok(_) => {}
        Err(LedgerError::Conflict) => tracing::debug!(incident = %key, "somebody was faster"),
        Err(error) => failed(&key, error),
    }
    committed.is_ok()
}

pub(super) fn failed(key: &incident::Key, error: &LedgerError) {
    tracing::warn!(incident = %key, %error, "an incident could not be stored; the next look tries again");
}

/// Ends an incident in a part of the world that the settings do not name any more: nobody looks there.
pub(super) async fn close_removed(ports: &Ports, incident: &Incident, by: Text, now: Timestamp) {
    let ending = Ending {
        at: incident.last_seen,
        by: Some(by),
        gone: true,
        left: None,
    };
    let timing = ports.timing.incident;
    if let Ok((next, effects)) = incident::step(incident, Event::Unseen(ending), now, &timing) {
        commit(ports, Some(incident), next, effects).await;
    }
}

/// Ends the incidents of clusters that the settings do not name any more, and waits until it is cancelled.
pub async fn close_removed_clusters(
    ports: Ports,
    clusters: Vec<String>,
    every: Duration,
    cancel: CancellationToken,
) {
    loop {
        match ports.ledger.incidents(IncidentFilter::default()).await {
            Ok(open) => {
                let left: Vec<Incident> = open
                    .into_iter()
                    .filter(|i| i.is_open() && !clusters.contains(&i.key.cluster))
                    .collect();
                if left.is_empty() {
                    return cancel.cancelled().await;
                }
                for incident in &left {
                    close_removed(&ports, incident, texts::by_settings_cluster(), ports.clock.now()).await;
                }
            }
            // Without the store nobody knows what is open. It is told of by the task that asks it for life.
            Err(error) => tracing::debug!(%error, "incidents could not be read"),
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
    }
}
