//! The live views that this process shows, so that their Stop buttons find them, and as they are stored for the process after
//! this one.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use ceo_commands::model::{Locale, Report, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// The most that one person has at a time; one more ends the oldest.
const A_PERSON: usize = 5;

/// A view, as far as it takes to end it in another's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LeftView {
    pub(super) application: u64,
    pub(super) token: String,
    pub(super) until: Timestamp,
    pub(super) locale: Locale,
    /// What is said then.
    pub(super) last: Report,
}

/// All that are shown now, by their ids.
pub(super) type LeftViews = BTreeMap<String, LeftView>;

/// The live views that this process shows.
#[derive(Default)]
pub(super) struct LiveViews(Mutex<HashMap<String, Shown>>);

#[derive(Clone)]
struct Shown {
    owner: UserId,
    stop: CancellationToken,
    since: Instant,
}

impl LiveViews {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Shown>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn open(&self, view: &str, owner: UserId) -> CancellationToken {
        let stop = CancellationToken::new();
        let mut views = self.lock();
        let theirs = views
            .values()
            .filter(|shown| shown.owner == owner && !shown.stop.is_cancelled());
        let mut theirs: Vec<Shown> = theirs.cloned().collect();
        theirs.sort_by_key(|shown| shown.since);
        let too_many = (theirs.len() + 1).saturating_sub(A_PERSON);
        theirs.iter().take(too_many).for_each(|shown| shown.stop.cancel());
        let shown = Shown {
            owner,
            stop: stop.clone(),
            since: Instant::now(),
        };
        views.insert(view.to_owned(), shown);
        stop
    }

    pub(super) fn close(&self, view: &str) {
        self.lock().remove(view);
    }

    pub(super) fn find(&self, view: &str) -> Option<(UserId, CancellationToken)> {
        let views = self.lock();
        let shown = views.get(view)?;
        Some((shown.owner, shown.stop.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_follows_a_few_and_the_oldest_ends() {
        let live_views = LiveViews::default();
        let other = live_views.open("other", UserId(6));
        let all: Vec<CancellationToken> = (0..A_PERSON + 2)
            .map(|n| live_views.open(&n.to_string(), UserId(5)))
            .collect();
        let ended: Vec<bool> = all.iter().map(CancellationToken::is_cancelled).collect();
        assert_eq!(ended.iter().filter(|ended| **ended).count(), 2, "{ended:?}");
        assert!(ended[0] && ended[1] && !other.is_cancelled());
    }

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
