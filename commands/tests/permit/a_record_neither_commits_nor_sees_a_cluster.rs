use ceo_commands::{
    failure::Failure,
    incident::{Incident, IncidentId},
    input::{BadInput, Input},
    model::Report,
    ops::{
        alert::ack::Ack,
        contract::{EventFor, Record, RecordContext, Spec},
    },
    ports::Commit,
};

struct Sneaky;

impl Record for Sneaky {
    const SPEC: Spec = Ack::SPEC;
    type Args = IncidentId;
    type Of = Incident;

    fn parse(input: &mut Input) -> Result<IncidentId, BadInput> {
        Ack::parse(input)
    }

    async fn event(&self, id: IncidentId, cx: &RecordContext<'_>) -> Result<EventFor<Incident>, Failure> {
        cx.records.commit(Commit::default()).await?;
        let _ = cx.view.clusters();
        Ack.event(id, cx).await
    }

    fn told(&self, incident: &Incident) -> Report {
        Ack.told(incident)
    }
}

fn main() {}
