//! Two simulated worlds: a Kubernetes API server with the controllers that make rollouts move, and Discord with its people.

pub mod discord;
pub mod kube;
