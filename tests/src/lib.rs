//! Two simulated worlds and the means to drive the real bot between them.
//!
//! [`kube`] is a Kubernetes API server with the controllers that make rollouts move; [`discord`] is Discord's REST
//! interface and gateway with the people who use it. Both are an independent reading of the protocols: they import
//! nothing of the product.

pub mod discord;
pub mod kube;
