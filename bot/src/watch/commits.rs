//! What becomes of an incident is stored: its state, its message and its audit row together.

use std::time::Duration;

use ceo_commands::{
    incident::{self, Effect, Ending, Event, Incident, card},
    model::{Reference, Timestamp},
    ports::{AuditEntry, Commit, IncidentFilter, LedgerError, Ports, Post, Priority},
};
use tokio_util::sync::CancellationToken;

/// Stores a state over the version that is expected. Losing a race is no harm: the next look starts from what the winner
/// stored.
pub(super) async fn commit(
    ports: &Ports,
    (expect, next): (Option<i64>, Incident),
    effects: Vec<Effect>,
    now: Timestamp,
) {
    if !effects.contains(&Effect::Store) {
        return;
    }
    let mut commit = Commit::default();
    for effect in effects {
        match effect {
            Effect::Store => {}
            Effect::Show => commit.posts.push(Post {
                key: next.message_key(),
                channel: next.channel,
                report: ports.redactor.report(card(&next, &ports.timing.incident)),
                priority: Priority::Alert,
                last: !next.is_open(),
            }),
            Effect::Record(event, detail) => commit.audit.push(row(&next, (event, &detail), now)),
        }
    }
    let key = next.key.clone();
    commit.incidents.push((next, expect));
    match ports.ledger.commit(commit).await {
        Ok(_) => {}
        Err(LedgerError::Conflict) => tracing::debug!(incident = %key, "somebody was faster"),
        Err(error) => failed(&key, &error),
    }
}

fn row(incident: &Incident, (event, detail): (&'static str, &str), now: Timestamp) -> AuditEntry {
    let (ns, target) = (incident.key.scope().to_string(), incident.key.owner.to_string());
    let problem = incident.key.problem.word();
    tracing::info!(incident = %incident.id, ns, target, problem, event, "an incident");
    AuditEntry {
        at: now,
        actor: None,
        actor_name: "ceo".to_owned(),
        event: event.to_owned(),
        command: "incident".to_owned(),
        target: incident.key.target(),
        ticket: None,
        outcome: String::new(),
        detail: format!("incident {}, {problem}: {detail}", incident.id),
        reference: Reference::new().to_string(),
    }
}

pub(super) fn failed(key: &incident::Key, error: &LedgerError) {
    tracing::warn!(incident = %key, %error, "an incident could not be stored; the next look tries again");
}

/// Ends an incident in a part of the world that the settings do not name any more: nobody looks there.
pub(super) async fn close_removed(ports: &Ports, incident: &Incident, place: &str, now: Timestamp) {
    let ending = Ending {
        at: incident.last_seen,
        by: Some(format!("the settings: this {place} is not watched any more").into()),
        gone: true,
    };
    let timing = ports.timing.incident;
    if let Ok((next, effects)) = incident::step(incident, Event::Unseen(ending), now, &timing) {
        commit(ports, (Some(incident.version), next), effects, now).await;
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
        match ports.incidents.incidents(IncidentFilter::default()).await {
            Ok(open) => {
                let left: Vec<Incident> = open
                    .into_iter()
                    .filter(|i| i.is_open() && !clusters.contains(&i.key.cluster))
                    .collect();
                if left.is_empty() {
                    return cancel.cancelled().await;
                }
                for incident in &left {
                    close_removed(&ports, incident, "cluster", ports.clock.now()).await;
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
