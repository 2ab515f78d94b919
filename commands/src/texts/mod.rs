//! Every sentence that a person reads: one file a command or room, one typed function a sentence, in all languages at
//! once. Whoever says something calls a function here; which language is drawn is decided where it is drawn.

pub(crate) mod alert;
pub(crate) mod audit;
pub(crate) mod buttons;
pub mod chat;
pub(crate) mod cluster;
pub mod common;
pub(crate) mod describe;
pub(crate) mod diagnose;
pub(crate) mod diagnosis;
pub(crate) mod diff;
pub mod discord;
pub(crate) mod engine;
pub mod failure;
pub(crate) mod follow;
pub(crate) mod get;
pub(crate) mod guard;
pub mod health;
pub(crate) mod help;
pub(crate) mod impact;
pub mod incident;
pub(crate) mod input;
pub(crate) mod logs;
pub(crate) mod managed;
pub mod naming;
pub(crate) mod news;
pub(crate) mod options;
pub(crate) mod policy;
pub mod probe;
pub(crate) mod redact;
pub(crate) mod rollback;
pub(crate) mod scale;
pub(crate) mod status;
pub(crate) mod ticket;
pub(crate) mod unanswered;
pub(crate) mod workflow;
