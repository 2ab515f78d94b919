//! The commands, one file each. `catalogue` lists them; `contract` says what a command is.

pub mod audit;
pub mod catalogue;
pub mod contract;
mod diff;
mod entry;
mod follow;
pub mod get_pods;
pub mod guard_pending;
pub mod help;
pub mod logs;
mod parts;
pub mod rollback;
mod run;
pub mod scale;
pub mod status;

pub use entry::{AnyChange, AnyQuery, Entry, Handler};
pub use run::{Journal, Observed, Run};
