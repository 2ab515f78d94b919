//! The one door: slash commands, buttons and schedules all enter here.
//!
//! ```text
//! interaction  what goes in and out         views   pages and forms, in memory
//! inner        what the parts share         card    what a ticket's message says
//! rows         a ticket as a stored thing   guard   the rules, applied
//! refusals     what is on record of those who may not
//! transition   events on stored things, committed; again when somebody else was faster
//! journal      what is remembered of a run  finish  how a run ends
//! drive        a run beside its lease, its deadline and the shutdown
//! claim        when a ticket starts, goes on, or lapses
//! records      commands that write the books
//! submit       takes commands               press   takes buttons
//! suggest      completes a half-typed option
//! ```
//! Each uses only what stands before it.

mod card;
mod claim;
mod drive;
mod finish;
mod guard;
mod inner;
mod interaction;
mod journal;
mod press;
mod records;
mod refusals;
mod rows;
mod spelling;
mod submit;
mod suggest;
mod transition;
mod turn;
mod views;

use std::sync::Arc;

pub use inner::Home;
pub(crate) use inner::Inner;
pub use interaction::{Ask, Choice, Form, FormField, Opening, Partial, Press, Reply};

use crate::{
    cluster::Registry,
    ops::catalogue::Catalogue,
    policy::Rules,
    ports::{LedgerError, Ports},
};

/// Takes requests and buttons, and runs what may run.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

impl Engine {
    /// An engine over clusters, ports and rules, with the product's commands.
    #[must_use]
    pub fn new(registry: Registry, ports: Ports, rules: Rules, home: Home) -> Self {
        Self::with_catalogue(Catalogue::product(), registry, ports, rules, home)
    }

    /// The same with other commands.
    #[must_use]
    pub fn with_catalogue(
        catalogue: Catalogue,
        registry: Registry,
        ports: Ports,
        rules: Rules,
        home: Home,
    ) -> Self {
        Self {
            inner: Arc::new(Inner::new(catalogue, registry, ports, rules, home)),
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

    /// Completes a half-typed option, without asking a cluster. Shows only what the person may read.
    pub async fn suggest(&self, partial: Partial) -> Vec<Choice> {
        suggest::suggest(&self.inner, &partial).await
    }

    /// Takes up what a former process left: runs what was decided, goes on with what ran.
    ///
    /// # Errors
    /// When the store does not answer; nothing was taken up then.
    pub async fn recover(&self) -> Result<(), LedgerError> {
        claim::recover(&self.inner).await
    }

    /// Tidies up: expires what nobody decided, takes over runs whose process is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn tick(&self) -> Result<(), LedgerError> {
        self.inner.forget();
        submit::record_refusals(&self.inner, false).await?;
        claim::tick(&self.inner).await
    }

    /// Stops taking up runs and waits until those under way have stored where they stand.
    pub async fn drain(&self) {
        self.inner.cancel.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        if let Err(error) = submit::record_refusals(&self.inner, true).await {
            tracing::warn!(%error, "refusals that were only counted are not on record");
        }
    }
}
