//! What goes wrong now, as the watch caches know it. Level-triggered: each look starts from nothing, so that a restart, a
//! lost event or a cut watch loses no problem and invents none. Beside that, what a problem's message needs and the caches
//! do not have: evidence, the last change, the way back.

mod causes;
mod chain;
mod change;
mod detail;
mod ended;
mod ends;
mod evidence;
mod finding;
mod found;
mod meaning;
mod scene;
mod section;
mod serving;
mod sightings;
mod surroundings;
mod tied;
mod verdict;
mod volumes;
mod way_back;
mod words;

pub use causes::*;
pub use chain::{named_service, unknown_host};
pub use change::{last_change, maker, tickets_of};
pub use ended::{Span, ended_by, last_job, left, recovered_at};
pub use ends::Fall;
pub use evidence::{Hiding, Said, Words, gather};
pub use finding::{Certainty, Evidence, Found, Remedy};
pub use found::{
    Group, by_state, gave_up, lacks_right, of_autoscaler, of_claim, of_ingress, of_node, of_pod, of_service,
    of_workload, refused, shut_between, shut_from_all, unscheduled, why_stuck,
};
pub use meaning::meaning;
pub use scene::{ContainerName, Look, Scene};
pub use section::section_about;
pub use serving::count;
pub use sightings::{JOB_COUNTS, sightings, sightings_of_nodes};
pub use surroundings::{ProbeKind, Surroundings};
pub use tied::Tied;
pub use verdict::{Verdict, verdict};
pub use volumes::tied;
pub use way_back::{History, Standing, fails, way_back, works};

#[cfg(test)]
mod tests;
