//! A simulated Discord: one guild with channels, roles and people; REST over TLS for `discord.com`; the gateway; and the
//! clients of the people, who type slash commands, press buttons and fill forms.
//!
//! It enforces what Discord enforces: limits, rate buckets, three seconds for the first response and fifteen minutes
//! for the rest, who sees what and who may what. Everything is state behind one lock (`state`) and sockets
//! (`rest`, `gateway`, `person_api`); the bot may be killed and started again, the guild goes on. What a bot did
//! wrong is in [`DiscordSim::violations`].
//!
//! ```text
//! Person --interact--> State --gateway--> bot --rest--> State --events--> Person, page
//! ```

pub mod clock;
pub mod events;
pub mod faults;
pub mod gateway;
mod interact;
pub mod json;
pub mod line;
pub mod log;
pub mod model;
mod openapi;
pub mod options;
pub mod page;
pub mod permissions;
pub mod person;
pub mod person_api;
pub mod rates;
mod rest;
pub mod rules;
mod sim;
pub mod state;
mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use faults::{Faults, GatewayFault, RestFault};
pub use log::{Offence, Request, Violation};
pub use model::{Attachment, Interaction, Kind, Message, Modal, Stage};
pub use options::{Limit, Options, Rates};
pub use person::{Answer, Asked, Person};
pub use rules::commands::characters;
pub use state::State;

use clock::Clock;

/// What all handles of one simulation share. When the last handle goes, its tasks end.
#[derive(Debug)]
pub(crate) struct Inner {
    state: Mutex<State>,
    faults: Faults,
    clock: Clock,
    ca_pem: String,
    rest: SocketAddr,
    gateway: SocketAddr,
    page: Mutex<Option<SocketAddr>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Inner {
    /// The state; a panic of another holder does not spoil it for the rest.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Looks after every change until `find` finds something or the time is up.
    pub(crate) async fn until<T>(
        &self,
        within: Duration,
        mut find: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        let mut changed = self.lock().watch();
        let deadline = Instant::now() + within;
        loop {
            changed.borrow_and_update();
            if let Some(found) = find(&mut self.lock()) {
                return Some(found);
            }
            if !matches!(
                tokio::time::timeout_at(deadline, changed.changed()).await,
                Ok(Ok(()))
            ) {
                return None;
            }
        }
    }
}

/// A running simulated Discord. Clones are handles of the same one.
#[derive(Debug, Clone)]
pub struct DiscordSim {
    inner: Arc<Inner>,
}

impl DiscordSim {
    /// Starts REST and gateway, and the person API when `page_listen` is set.
    ///
    /// # Errors
    /// When an address cannot be had, or the certificate can be neither read nor made.
    pub async fn start(options: Options) -> anyhow::Result<DiscordSim> {
        let identity = tls::Identity::load_or_make(options.state_dir.as_deref())?;
        let acceptor = identity.acceptor()?;
        let rest = TcpListener::bind(options.listen).await.context("REST address")?;
        let gateway = TcpListener::bind(options.gateway_listen)
            .await
            .context("gateway address")?;
        let clock = Clock::new(options.clock_offset);
        let page_listen = options.page_listen;
        let mut state = State::new(Arc::new(options), clock.clone());
        state.gateway_url = format!("ws://{}/gw", gateway.local_addr()?);
        let inner = Arc::new(Inner {
            state: Mutex::new(state),
            faults: Faults::default(),
            clock,
            ca_pem: identity.ca.clone(),
            rest: rest.local_addr()?,
            gateway: gateway.local_addr()?,
            page: Mutex::new(None),
            tasks: Mutex::new(JoinSet::new()),
        });
        let weak: Weak<Inner> = Arc::downgrade(&inner);
        inner.spawn(rest::accept_loop(weak.clone(), rest, acceptor));
        inner.spawn(gateway::accept_loop(weak, gateway));
        let sim = DiscordSim { inner };
        if let Some(listen) = page_listen {
            let router = person_api::router(sim.clone());
            sim.serve_page(listen, router).await?;
        }
        Ok(sim)
    }

    /// Serves a router (the person API, with whatever is added to it) until the simulation ends. Returns its address.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn serve_page(&self, listen: SocketAddr, router: axum::Router) -> anyhow::Result<SocketAddr> {
        let listener = TcpListener::bind(listen).await.context("page address")?;
        let address = listener.local_addr()?;
        *self.inner.page.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
        self.inner.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::warn!(%error, "page");
            }
        });
        Ok(address)
    }
}
