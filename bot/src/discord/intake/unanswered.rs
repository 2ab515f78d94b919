//! Who has not had a first sign yet. Many commands at once are all acknowledged before the work on the first of them
//! takes the processor away from the rest: Discord gives each of them three seconds, and people give less.

use std::{collections::HashSet, time::Duration};

use tokio::sync::watch;

/// How long work is put off at most for those who still wait for a sign.
const HELD: Duration = Duration::from_millis(100);

/// The interactions without a first response.
#[derive(Debug)]
pub(super) struct Unanswered(watch::Sender<HashSet<u64>>);

impl Default for Unanswered {
    fn default() -> Self {
        Self(watch::Sender::new(HashSet::new()))
    }
}

impl Unanswered {
    /// One has come.
    pub(super) fn came(&self, id: u64) {
        self.0.send_modify(|all| {
            all.insert(id);
        });
    }

    /// One has had its first response, or will have none.
    pub(super) fn answered(&self, id: u64) {
        self.0.send_if_modified(|all| all.remove(&id) && all.is_empty());
    }

    /// Until nobody waits for a sign, or some time has passed.
    pub(super) async fn nobody(&self) {
        let mut all = self.0.subscribe();
        // The sender lives as long as this borrow of it; time that runs out is no failure.
        let _ = tokio::time::timeout(HELD, all.wait_for(HashSet::is_empty)).await;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn work_waits_for_the_last_sign_and_no_longer_than_it_may() {
        let unanswered = Unanswered::default();
        let nobody = || unanswered.nobody().now_or_never().is_some();
        assert!(nobody());
        unanswered.came(1);
        unanswered.came(2);
        unanswered.answered(1);
        assert!(!nobody(), "one still waits");
        unanswered.answered(2);
        unanswered.answered(2);
        assert!(nobody());
        unanswered.came(3);
        let long = tokio::time::timeout(Duration::from_secs(60), unanswered.nobody());
        assert!(long.await.is_ok(), "who has no sign yet holds up nobody for ever");
    }
}
