//! The HTTP side of the API server: who asks, may they, what is answered.

mod answer;
mod call;
mod dispatch;
mod exec;
mod faulty;
mod listen;
mod logs;
mod patching;
mod proto;
mod proxy;
mod read;
mod removal;
mod reviews;
mod scale;
mod subresource;
mod tls;
mod watching;
mod write;

use std::time::Duration;

use super::{access::Users, execs::Execs, faults::Faults, mutations::Log, node::Node, store::Store};

pub(crate) use listen::serve;
pub(crate) use tls::Identity;

/// All that the handlers share.
pub(crate) struct Api {
    /// The objects.
    pub(crate) store: Store,
    /// Whom logs and proxied requests are asked of.
    pub(crate) node: Node,
    /// Tokens and rights.
    pub(crate) users: Users,
    /// What goes wrong on purpose.
    pub(crate) faults: Faults,
    /// What commands in containers answer.
    pub(crate) execs: Execs,
    /// What was asked.
    pub(crate) log: Log,
    /// What `/version` tells.
    pub(crate) version: String,
    /// `host:port` of the listener.
    pub(crate) address: String,
    /// How often watches that allow it get a bookmark.
    pub(crate) bookmark: Duration,
}
