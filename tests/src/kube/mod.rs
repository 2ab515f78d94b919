//! A simulated Kubernetes API server, with the controllers and the node that make rollouts move.
//!
//! It is an independent reading of the protocol: it answers as the recordings of a real 1.36 cluster do, and imports
//! nothing of the product. [`sim::KubeSim`] starts one; [`store::Store`] holds its objects.

// The API server.
pub mod access;
pub mod admission;
pub mod apply;
pub mod convert;
pub mod defaults;
pub mod discovery;
pub mod execs;
pub mod faults;
pub mod key;
mod lifecycle;
pub mod managed;
pub mod mutations;
pub mod namespaces;
pub mod openapi;
pub mod patch;
pub mod resources;
pub mod schema;
pub mod selector;
pub mod server;
pub mod sim;
pub mod status;
pub mod store;
pub mod table;
pub mod validate;

// The controllers, the scheduler and the node.
pub mod controllers;
pub(crate) mod crowd;
pub mod events;
pub mod fixtures;
pub mod logs;
pub mod metrics;
pub mod node;
pub mod scenario;
pub mod scheduler;
