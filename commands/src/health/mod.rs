//! Whether things are well: pure predicates over objects. `status`, `diagnose`, waits and watchers all ask here, so that
//! they never disagree.

pub mod certificate;
pub mod exit;
pub mod hpa;
pub mod ingress;
pub mod job;
pub mod network;
pub mod node;
pub mod placing;
pub mod pod;
pub mod quantity;
pub mod quota;
pub mod quoted;
pub mod readiness;
pub mod registry;
pub mod rollout;
pub mod scheduling;
pub mod service;
pub mod static_volume;
pub mod volume;

pub use pod::{PodState, state};
pub use quoted::quoted_pod;
pub use readiness::Unready;
pub use rollout::{Rollout, RolloutState};
