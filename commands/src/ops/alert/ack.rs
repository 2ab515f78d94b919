//! `/ceo alert ack`, and the button *Ack*: "I am on it".

use super::super::{
    contract::{EventFor, Record, RecordContext, Spec},
    options,
};
use crate::{
    failure::Failure,
    incident::{Event, Incident, IncidentId, place},
    input::{BadInput, Input},
    model::{Act, Report, Tone},
    policy::Verb,
    texts,
};

/// The command.
pub struct Ack;

impl Record for Ack {
    const SPEC: Spec = Spec::new("alert ack", Verb::Note)
        .about(texts::alert::ack)
        .private()
        .options(&[&options::INCIDENT]);
    const BUTTON: Option<Act> = Some(Act::Ack);
    type Args = IncidentId;
    type Of = Incident;

    fn parse(input: &mut Input) -> Result<IncidentId, BadInput> {
        options::incident(input)
    }

    async fn event(&self, id: IncidentId, cx: &RecordContext<'_>) -> Result<EventFor<Incident>, Failure> {
        let event = Event::Ack {
            by: cx.actor.user,
            name: cx.actor.name.clone(),
        };
        Ok(EventFor { id, event, at: None })
    }

    fn told(&self, incident: &Incident) -> Report {
        Report::new(Tone::Info, texts::alert::acked(&incident.headline()))
            .line(texts::alert::others_see())
            .at(place(incident))
    }
}
