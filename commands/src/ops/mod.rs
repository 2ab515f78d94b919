//! The commands, one file each; a group of commands is a folder. `catalogue` lists them; `contract` says what a command is.

pub mod alert;
pub mod audit;
mod autoscaled;
mod buttons;
pub mod catalogue;
pub mod config;
pub mod contract;
mod count_change;
pub mod describe;
pub mod diagnose;
mod diff;
mod entry;
pub mod exec;
mod follow;
pub mod get;
pub mod guard;
pub mod health;
pub mod help;
pub mod image;
mod impact;
mod listing;
pub mod logs;
pub mod metrics;
mod open_incidents;
mod options;
#[cfg(test)]
mod planted_tests;
mod quote;
pub mod restart;
pub mod rights;
pub mod rollback;
pub mod rollout;
mod room;
pub mod runbook;
pub mod scale;
mod selector;
mod single_card;
pub mod status;
mod template_change;
pub mod tune;
mod which_container;
mod which_revision;
mod workload_card;

pub use entry::{AnyChange, AnyQuery, AnyRecord, Desk, Entry, Handler};
