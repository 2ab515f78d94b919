//! `/ceo alert silence`, and the button *Silence*: no more about this for a while.

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
pub struct Silence;

impl Record for Silence {
    const SPEC: Spec = Spec::new("alert silence", Verb::Note)
        .about(texts::alert::silence)
        .private()
        .options(&[&options::INCIDENT]);
    const BUTTON: Option<Act> = Some(Act::Silence);
    type Args = IncidentId;
    type Of = Incident;

    fn parse(input: &mut Input) -> Result<IncidentId, BadInput> {
        options::incident(input)
    }

    async fn event(&self, id: IncidentId, cx: &RecordContext<'_>) -> Result<EventFor<Incident>, Failure> {
        let event = Event::Silence {
            by: cx.actor.user,
            name: cx.actor.name.clone(),
        };
        Ok(EventFor { id, event, at: None })
    }

    fn told(&self, incident: &Incident) -> Report {
        let report =
            Report::new(Tone::Info, texts::alert::silenced(&incident.headline())).at(place(incident));
        match incident.silenced_until {
            Some(until) => report.line(texts::alert::silent_until(until)),
            None => report,
        }
    }
}
