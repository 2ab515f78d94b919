//! What the parts of the engine share: the clusters, the ports, the rules, and what is kept in memory.

use std::{sync::Arc, time::Duration};

use dashmap::{DashMap, DashSet};
use futures::StreamExt;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{interaction::Reply, refusals::Refusals, views::Views};
use crate::{
    cluster::{Registry, View},
    model::{ChannelId, TicketId, Timestamp},
    ops::catalogue::Catalogue,
    policy::Rules,
    ports::Ports,
    ticket::Directive,
};

/// How long an event's id is remembered in memory; chats repeat within seconds.
const SEEN_FOR: Duration = Duration::from_secs(15 * 60);

/// Where the engine's messages go, and who it is among its equals.
#[derive(Debug, Clone)]
pub struct Home {
    /// The channel of the cards that others must approve.
    pub ops: ChannelId,
    /// The name under which this process holds running tickets; the same after a restart when no other process can
    /// use the store.
    pub holder: String,
}

pub(crate) struct Inner {
    pub(crate) catalogue: Catalogue,
    pub(crate) registry: Registry,
    pub(crate) view: View,
    pub(crate) ports: Ports,
    pub(crate) rules: Arc<Rules>,
    pub(crate) home: Home,
    pub(crate) tasks: TaskTracker,
    pub(crate) cancel: CancellationToken,
    pub(crate) views: Views,
    pub(crate) runs: DashMap<TicketId, tokio::sync::watch::Sender<Directive>>,
    /// The tickets that a task of this process takes care of.
    pub(crate) taken: DashSet<TicketId>,
    pub(crate) refusals: Refusals,
    seen: DashMap<String, Timestamp>,
}

impl Inner {
    pub(crate) fn new(
        catalogue: Catalogue,
        registry: Registry,
        ports: Ports,
        rules: Rules,
        home: Home,
    ) -> Self {
        Self {
            catalogue,
            view: registry.view(),
            registry,
            ports,
            rules: Arc::new(rules),
            home,
            tasks: TaskTracker::new(),
            cancel: CancellationToken::new(),
            views: Views::default(),
            runs: DashMap::new(),
            taken: DashSet::new(),
            refusals: Refusals::default(),
            seen: DashMap::new(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Whether an event was seen before; remembers it.
    pub(crate) fn repeated(&self, event: &str) -> bool {
        self.seen.insert(event.to_owned(), self.now()).is_some()
    }

    /// A reply without secrets: the last thing before it leaves.
    pub(crate) fn clean(&self, reply: Reply) -> Reply {
        match reply {
            Reply::Told {
                report,
                private,
                note,
                outcome,
            } => Reply::Told {
                report: Box::new(self.ports.redactor.report(*report)),
                private,
                note,
                outcome,
            },
            Reply::Live { view, owner, stream } => {
                let redactor = Arc::clone(&self.ports.redactor);
                let stream = Box::pin(stream.map(move |report| redactor.report(report)));
                Reply::Live { view, owner, stream }
            }
            Reply::Repeated => Reply::Repeated,
        }
    }

    pub(crate) fn forget(&self) {
        let now = self.now();
        self.seen.retain(|_, at| crate::model::since(*at, now) < SEEN_FOR);
        self.views.forget(now);
    }
}
