//! `/ceo alert …`: what people say about incidents. They change nothing in a cluster and need no second person, but a
//! grant of their own, and they are on record.

pub mod ack;
pub mod silence;

use super::{Entry, contract::Group};
use crate::{
    incident::IncidentId,
    input::{BadInput, Input, Opt, Suggest},
    texts,
};

/// The group.
pub(super) const GROUP: Group = Group {
    word: "alert",
    summary: texts::alert::summary,
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![Entry::record(ack::Ack), Entry::record(silence::Silence)]
}

/// Which incident.
const INCIDENT: Opt<String> = Opt::text("incident")
    .suggest(Suggest::Incident)
    .about(texts::alert::incident);

fn incident(input: &mut Input) -> Result<IncidentId, BadInput> {
    let given = input.take(&INCIDENT)?;
    given
        .parse()
        .map_err(|_| BadInput::new(texts::alert::no_number(&given)).hint(texts::alert::see_status()))
}
