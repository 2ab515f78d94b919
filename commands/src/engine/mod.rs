//! The one door: slash commands, buttons and schedules all enter here. `submit` takes requests, `press` buttons, `guard`
//! judges, `card` words what a ticket shows, `runner` runs it, `journal` remembers the run.

mod card;
mod guard;
mod interaction;
mod journal;
mod note;
mod press;
mod runner;
mod submit;
mod suggest;
mod views;

use std::{sync::Arc, time::Duration};

use dashmap::{DashMap, DashSet};
use futures::StreamExt;
pub use interaction::{Ask, Choice, Form, FormField, Opening, Partial, Press, Reply};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    cluster::{Registry, View},
    model::{ChannelId, TicketId, Timestamp},
    policy::Rules,
    ports::Ports,
    ticket::Directive,
};

/// Where the engine's messages go, and who it is among its equals.
#[derive(Debug, Clone)]
pub struct Home {
    /// The channel of the cards that others must approve.
    pub ops: ChannelId,
    /// The name under which this process holds running tickets; the same after a restart when no other process can
    /// use the store.
    pub holder: String,
}

/// Takes requests and buttons, and runs what may run.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) registry: Registry,
    pub(crate) view: View,
    pub(crate) ports: Ports,
    pub(crate) rules: Arc<Rules>,
    pub(crate) home: Home,
    pub(crate) tasks: TaskTracker,
    pub(crate) cancel: CancellationToken,
    pub(crate) views: views::Views,
    pub(crate) runs: DashMap<TicketId, tokio::sync::watch::Sender<Directive>>,
    /// The tickets that a task of this process takes care of.
    pub(crate) taken: DashSet<TicketId>,
    seen: DashMap<String, Timestamp>,
}

/// How long an event's id is remembered in memory; chats repeat within seconds.
const SEEN_FOR: Duration = Duration::from_secs(15 * 60);

impl Engine {
    /// An engine over clusters, ports and rules.
    #[must_use]
    pub fn new(registry: Registry, ports: Ports, rules: Rules, home: Home) -> Self {
        let inner = Inner {
            view: registry.view(),
            registry,
            ports,
            rules: Arc::new(rules),
            home,
            tasks: TaskTracker::new(),
            cancel: CancellationToken::new(),
            views: views::Views::default(),
            runs: DashMap::new(),
            taken: DashSet::new(),
            seen: DashMap::new(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// How the first response to a command must be. From memory alone.
    #[must_use]
    pub fn opening(&self, ask: &Ask) -> Opening {
        self.inner.opening(ask)
    }

    /// Takes a command. Never silent: whatever goes wrong is a report.
    pub async fn submit(&self, ask: Ask) -> Reply {
        if self.inner.repeated(&ask.event) {
            return Reply::Repeated;
        }
        self.inner.clean(submit::submit(&self.inner, ask).await)
    }

    /// How the first response to a button must be. From memory alone.
    #[must_use]
    pub fn opening_of_press(&self, press: &Press) -> Opening {
        self.inner.opening_of_press(press)
    }

    /// Takes a button or a filled-in form. Never silent.
    pub async fn press(&self, press: Press) -> Reply {
        if self.inner.repeated(&press.event) {
            return Reply::Repeated;
        }
        self.inner.clean(press::press(&self.inner, press).await)
    }

    /// Completes a half-typed option, from the watch caches. Shows only what the person may read.
    pub async fn suggest(&self, partial: Partial) -> Vec<Choice> {
        suggest::suggest(&self.inner, &partial)
    }

    /// Takes up what a former process left: runs what was decided, goes on with what ran.
    ///
    /// # Errors
    /// When the store does not answer; nothing was taken up then.
    pub async fn recover(&self) -> Result<(), crate::ports::LedgerError> {
        runner::recover(&self.inner).await
    }

    /// Tidies up: expires what nobody decided, takes over runs whose process is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn tick(&self) -> Result<(), crate::ports::LedgerError> {
        self.inner.forget();
        runner::tick(&self.inner).await
    }

    /// Stops taking up runs and waits until those under way have stored where they stand.
    pub async fn drain(&self) {
        self.inner.cancel.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }
}

impl Inner {
    fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Whether an event was seen before; remembers it.
    fn repeated(&self, event: &str) -> bool {
        self.seen.insert(event.to_owned(), self.now()).is_some()
    }

    /// A reply without secrets: the last thing before it leaves.
    fn clean(&self, reply: Reply) -> Reply {
        match reply {
            Reply::Told {
                report,
                private,
                outcome,
            } => Reply::Told {
                report: Box::new(self.ports.redactor.report(*report)),
                private,
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

    fn forget(&self) {
        let now = self.now();
        self.seen.retain(|_, at| crate::model::since(*at, now) < SEEN_FOR);
        self.views.forget(now);
    }
}
