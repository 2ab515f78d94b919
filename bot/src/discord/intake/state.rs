//! What taking and answering interactions needs: the parts, and what is under way.

use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    live_views::{LeftViews, LiveViews},
    seen::Seen,
    unanswered::Unanswered,
};
use crate::discord::{
    notes::Notes,
    ports::{Dispatcher, Rows, Signals},
    rest::Rest,
    settings::DiscordSettings,
};

/// Takes interactions and answers them.
pub(in crate::discord) struct Intake {
    pub(super) engine: Arc<dyn Dispatcher>,
    pub(super) rest: Arc<Rest>,
    pub(super) rows: Arc<dyn Rows>,
    pub(super) signals: Arc<dyn Signals>,
    pub(super) settings: Arc<DiscordSettings>,
    pub(super) turns: Arc<Semaphore>,
    pub(super) seen: Mutex<Seen>,
    pub(super) unanswered: Unanswered,
    pub(super) live_views: LiveViews,
    /// The same as they are stored, for the process after this one.
    pub(super) shown: tokio::sync::Mutex<LeftViews>,
    pub(super) notes: Arc<Notes>,
    pub(super) tasks: TaskTracker,
    pub(super) cancel: CancellationToken,
}

impl Intake {
    pub(in crate::discord) fn new(
        engine: Arc<dyn Dispatcher>,
        rows: Arc<dyn Rows>,
        rest: Arc<Rest>,
        settings: Arc<DiscordSettings>,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            engine,
            rows,
            signals: Arc::clone(&rest.signals),
            rest,
            turns: Arc::new(Semaphore::new(settings.at_once.max(1))),
            settings,
            seen: Mutex::default(),
            unanswered: Unanswered::default(),
            live_views: LiveViews::default(),
            shown: tokio::sync::Mutex::default(),
            notes: Arc::default(),
            tasks: TaskTracker::new(),
            cancel,
        }
    }

    /// Keeps the notes of askers where the living messages find them.
    pub(in crate::discord) fn noting(self, notes: Arc<Notes>) -> Self {
        Self { notes, ..self }
    }
}
