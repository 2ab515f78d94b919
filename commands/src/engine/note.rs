//! Notes of people on an incident: "I am on it", and "no more about this for a while". They change nothing in a cluster
//! and need no second person, but a grant of their own, and they are on record.

use std::sync::Arc;

use super::{Inner, Press, Reply, submit};
use crate::{
    failure::{Failure, Refused},
    incident::{self, Effect, Event, Incident, IncidentId, Refusal, card, place},
    line,
    model::{Act, Reference, Report, Tone, ago},
    policy::{Gate, Verb},
    ports::{AuditEntry, Commit, LedgerError, Post, Priority},
};

/// How often a note is tried again when the watch changed the incident first.
const TRIES: usize = 8;

/// The command that a note stands for, as the policy and the audit name it.
fn command(act: Act) -> &'static str {
    if act == Act::Silence {
        "alert silence"
    } else {
        "alert ack"
    }
}

/// Takes *Ack* or *Silence*.
pub(super) async fn note(inner: &Arc<Inner>, press: &Press, reference: &Reference) -> Result<Reply, Failure> {
    let id = press.subject.parse().map_err(|_| no_incident(&press.subject))?;
    for _ in 0..TRIES {
        let incident = load(inner, id).await?;
        may(inner, press, &incident)?;
        let (by, name) = (press.actor.user, press.actor.name.clone());
        let event = match press.act {
            Act::Silence => Event::Silence { by, name },
            _ => Event::Ack { by, name },
        };
        let timing = &inner.ports.timing.incident;
        let (next, effects) = incident::step(&incident, event, inner.now(), timing)
            .map_err(|Refusal(line)| Failure::Refused(Refused::Ticket(line)))?;
        match store(inner, press, (&incident, &next), (&effects, reference)).await {
            Ok(()) => return Ok(told(press.act, &next)),
            Err(LedgerError::Conflict) => {}
            Err(LedgerError::Duplicate) => return Ok(Reply::Repeated),
            Err(error) => return Err(submit::store_failed(error)),
        }
    }
    Err(Failure::Dependency {
        what: "The bot's store".to_owned(),
        detail: format!("incident {id} changed {TRIES} times while this was noted"),
    })
}

fn no_incident(subject: &str) -> Failure {
    Failure::Refused(Refused::Ticket(line![
        "There is no incident ",
        subject,
        " here. It may be from before the store was renewed."
    ]))
}

async fn load(inner: &Inner, id: IncidentId) -> Result<Incident, Failure> {
    let found = inner
        .ports
        .incidents
        .incident(id)
        .await
        .map_err(submit::store_failed)?;
    found.ok_or_else(|| no_incident(&id.to_string()))
}

/// Whoever may take notes there may; the press is all the confirmation that a note needs.
fn may(inner: &Inner, press: &Press, incident: &Incident) -> Result<(), Failure> {
    let command = command(press.act);
    let scope = incident.key.scope();
    let gate = inner.gate_of(&press.actor, command, Verb::Note, std::slice::from_ref(&scope))?;
    match gate {
        Gate::None | Gate::Confirm => Ok(()),
        Gate::Approve(_) => Err(Failure::Refused(Refused::Ticket(line![
            "The policy wants the approval of others for notes, and a button cannot ask for it. Nothing was noted."
        ]))),
    }
}

async fn store(
    inner: &Inner,
    press: &Press,
    (before, next): (&Incident, &Incident),
    (effects, reference): (&[Effect], &Reference),
) -> Result<(), LedgerError> {
    let mut commit = Commit {
        once: Some(press.event.clone()),
        incidents: vec![(next.clone(), Some(before.version))],
        ..Commit::default()
    };
    for effect in effects {
        match effect {
            Effect::Store => {}
            Effect::Show => commit.posts.push(Post {
                key: next.message_key(),
                channel: next.channel,
                report: inner
                    .ports
                    .redactor
                    .report(card(next, &inner.ports.timing.incident)),
                priority: Priority::Alert,
                last: !next.is_open(),
            }),
            Effect::Record(event, detail) => commit.audit.push(AuditEntry {
                at: inner.now(),
                actor: Some(press.actor.user),
                actor_name: press.actor.name.clone(),
                event: (*event).to_owned(),
                command: command(press.act).to_owned(),
                target: next.key.target(),
                ticket: None,
                outcome: "ok".to_owned(),
                detail: format!("incident {}, {}: {detail}", next.id, next.key.problem.word()),
                reference: reference.to_string(),
            }),
        }
    }
    inner.ports.ledger.commit(commit).await.map(|_| ())
}

fn told(act: Act, incident: &Incident) -> Reply {
    let mut report = match (act, incident.silenced_until) {
        (Act::Silence, Some(until)) => {
            Report::new(Tone::Info, line!["Silenced ", incident.headline()]).line(line![
                "Its message stays as it is until it ends or the silence lapses, ",
                ago(until),
                ". The record goes on."
            ])
        }
        _ => Report::new(Tone::Info, line!["Acked ", incident.headline()])
            .line(line!["The others see that you are on it."]),
    };
    report.place = Some(place(incident).into());
    Reply::told(Box::new(report), true)
}
