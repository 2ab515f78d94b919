//! Options that several commands take.

use crate::{
    incident::IncidentId,
    input::{BadInput, Input, ObjectName, Opt, Runnable, SEEN, Suggest},
    model::WorkloadName,
    texts,
};

/// The workload that a command is about.
pub(super) const WORKLOAD: Opt<WorkloadName> = Opt::workload("workload").about(texts::options::workload);

/// The same where it may be left out, and may be a pod or a Job as well.
pub(super) const ANYTHING: Opt<Option<Runnable>> = Opt::<Runnable>::runnable("workload")
    .about(texts::options::workload)
    .optional();

/// Whose objects are listed.
pub(super) const FOR: Opt<Option<ObjectName>> = Opt::<ObjectName>::object("for")
    .about(texts::options::of)
    .optional();

/// The same where it must have a count.
pub(super) const SCALABLE: Opt<WorkloadName> = Opt::scalable("workload").about(texts::options::workload);

/// What was so when the button was drawn that asks: the revision that ran, the number of replicas. No person types it.
pub(super) const WHEN_DRAWN: Opt<Option<i64>> = Opt::long(SEEN, 0..=i64::MAX).optional();

/// Why something is asked for. It is for those who approve: the engine takes it, the commands never see it.
pub(super) const REASON: Opt<Option<String>> = Opt::text("reason").about(texts::options::reason).optional();

/// Which incident.
pub(super) const INCIDENT: Opt<String> = Opt::text("incident")
    .suggest(Suggest::Incident)
    .about(texts::alert::incident);

/// The incident that was named.
///
/// # Errors
/// When that is no number.
pub(super) fn incident(input: &mut Input) -> Result<IncidentId, BadInput> {
    let given = input.take(&INCIDENT)?;
    given
        .parse()
        .map_err(|_| BadInput::new(texts::alert::no_number(&given)).hint(texts::alert::see_status()))
}
