//! The clusters: reads and rehearsals by [`View`], writes by [`Writer`], which needs a permit.
//!
//! A [`Registry`] holds a connection and the watch caches of each cluster. [`View`] reads live or from the caches, and
//! its only request that names a change is [`View::rehearse`], always a dry run. [`Writer`] comes from a
//! [`crate::ticket::Permit`], writes to its targets only, and only while what the plan holds has not moved.

mod access;
mod api_kind;
mod arriving;
mod caches;
mod compare;
mod doors;
mod error_report;
mod errors;
mod exec;
mod fields;
mod kinds;
mod lists;
mod logs;
mod mark;
mod no_answer;
mod object;
mod owners;
mod pace;
pub mod patch;
mod paths;
mod precondition;
mod registry;
mod requests;
mod resolve;
mod revisions;
mod scalings;
mod secrets;
mod served;
mod service_proxy;
mod store;
mod view;
mod watches;
mod whole;
mod writer;

pub use access::Right;
pub use api_kind::{ApiKind, Kind, KindScope};
pub use caches::{CacheEvent, Cached, WatchState};
pub use compare::{short_images, split_image, template_changes};
pub use errors::ClusterError;
pub use exec::{Ended, InContainer, Ran};
pub use fields::{CHANGE_CAUSE, Changed, FIELD_MANAGER, MARK, escape, ticket_in};
pub use kinds::{Stores, WATCHED, Watched};
pub use lists::Folded;
pub use logs::{Log, LogStream};
pub use mark::mark_of;
pub use no_answer::why_no_answer;
pub use object::{Managed, Scaled, Tool, TypedWorkload, WorkloadObject};
pub use owners::PodOwner;
pub use pace::Pace;
pub use patch::Patch;
pub use paths::{resource_of, target};
pub use precondition::{hash, precondition_of, precondition_of_value, set_back};
pub use registry::{ClusterConfig, Observer, Registry, skips_verification};
pub use resolve::{missing, near_of};
#[cfg(test)]
pub(crate) use revisions::of_list as revisions_of;
pub use revisions::{Revision, only_lacks, same_template};
pub use scalings::SeenScaling;
pub(crate) use secrets::NOT_OF_HELM;
pub use served::Served;
pub use service_proxy::Passed;
pub use view::{ClusterInfo, Select, View};
pub use watches::NamedTask;
pub use whole::Target;
pub(crate) use whole::fields_of;
pub use writer::{Notes, Subject, WriteError, Writer};
