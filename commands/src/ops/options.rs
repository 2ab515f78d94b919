//! Options that several commands take.

use crate::{input::Opt, model::WorkloadName, texts};

/// The workload that a command is about.
pub(super) const WORKLOAD: Opt<WorkloadName> = Opt::workload("workload").about(texts::options::workload);

/// The same where it may be left out.
pub(super) const ANY_WORKLOAD: Opt<Option<WorkloadName>> = WORKLOAD.optional();

/// The same where it must have a count.
pub(super) const SCALABLE: Opt<WorkloadName> = Opt::scalable("workload").about(texts::options::workload);

/// Why something is asked for. It is for those who approve: the engine takes it, the commands never see it.
pub(super) const REASON: Opt<Option<String>> = Opt::text("reason").about(texts::options::reason).optional();
