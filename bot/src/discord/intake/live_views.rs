//! The live views that this process shows, so that their Stop buttons find them.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use ceo_commands::model::UserId;
use tokio_util::sync::CancellationToken;

/// The live views that this process shows.
#[derive(Default)]
pub(super) struct LiveViews(Mutex<HashMap<String, (UserId, CancellationToken)>>);

impl LiveViews {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, (UserId, CancellationToken)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn open(&self, view: &str, owner: UserId) -> CancellationToken {
        let stop = CancellationToken::new();
        self.lock().insert(view.to_owned(), (owner, stop.clone()));
        stop
    }

    pub(super) fn close(&self, view: &str) {
        self.lock().remove(view);
    }

    pub(super) fn find(&self, view: &str) -> Option<(UserId, CancellationToken)> {
        self.lock().get(view).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_known_while_it_is_shown() {
        let live_views = LiveViews::default();
        let stop = live_views.open("v", UserId(5));
        let (owner, found) = live_views.find("v").unwrap();
        found.cancel();
        assert!(stop.is_cancelled() && owner == UserId(5));
        live_views.close("v");
        assert!(live_views.find("v").is_none());
    }
}
