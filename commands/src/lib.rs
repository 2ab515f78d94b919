//! A Kubernetes runbook as commands. Chat-neutral: it knows Kubernetes, not Discord, SQL or HTTP servers.

pub mod cluster;
pub mod diagnosis;
pub mod engine;
pub mod failure;
pub mod health;
pub mod incident;
pub mod input;
mod logs;
pub mod manual;
pub mod model;
pub mod objects;
pub mod ops;
pub mod policy;
pub mod ports;
pub mod redact;
pub mod stored;
pub mod texts;
pub mod ticket;
pub mod workflow;
