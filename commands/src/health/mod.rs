//! Whether things are well: pure predicates over objects. `status`, `diagnose`, waits and watchers all ask here, so that
//! they never disagree.

pub mod cause;
pub mod exit;
pub mod hpa;
pub mod job;
pub mod node;
pub mod pod;
pub mod problem;
pub mod quoted;
pub mod rollout;
pub mod scheduling;
pub mod service;

pub use cause::{Cause, cause};
pub use pod::{Group, PodState, by_state, state};
pub use problem::{Problem, ProblemKind, why_not_ready};
pub use quoted::{quoted_pod, quoted_rollout};
pub use rollout::{Rollout, RolloutState};
