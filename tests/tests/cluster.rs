//! The product's access to clusters over a socket, against the simulated API server: what it reads and watches, what it
//! writes and refuses to write, and what it says when the cluster fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that meets what it does not expect must fail, also in its helpers"
)]

#[path = "cluster/drill.rs"]
mod drill;
#[path = "cluster/drilling.rs"]
mod drilling;
#[path = "cluster/dying.rs"]
mod dying;
#[path = "cluster/outages.rs"]
mod outages;
#[path = "cluster/pages.rs"]
mod pages;
#[path = "cluster/reads.rs"]
mod reads;
#[path = "cluster/world.rs"]
mod world;
#[path = "cluster/writes.rs"]
mod writes;
