//! Two simulated worlds and the means to drive the real bot between them.
//!
//! [`kube`] is a Kubernetes API server with the controllers that make rollouts move; [`discord`] is Discord's REST
//! interface and gateway with the people who use it. Both are an independent reading of the protocols: they import
//! nothing of the product. [`world`] puts the bot between them as a process for the tests, [`playground`] does so for
//! people, and [`browser`] drives a real browser for the page. [`prometheus`] answers what was measured.

pub mod browser;
pub mod discord;
pub mod kube;
pub mod playground;
pub mod prometheus;
pub mod world;
