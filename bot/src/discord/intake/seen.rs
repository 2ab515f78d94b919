//! The interactions that were taken already: Discord may deliver one twice.

use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

/// How long an id is remembered: as long as Discord could deliver it again.
const REMEMBERED: Duration = Duration::from_secs(15 * 60);
/// Most ids remembered.
const REMEMBERED_MOST: usize = 20_000;

#[derive(Default)]
pub(super) struct Seen {
    order: VecDeque<(Instant, u64)>,
    ids: HashSet<u64>,
}

impl Seen {
    /// Whether this id is new.
    pub(super) fn first(&mut self, id: u64, now: Instant) -> bool {
        while let Some((at, old)) = self.order.front().copied() {
            if now.duration_since(at) < REMEMBERED && self.order.len() < REMEMBERED_MOST {
                break;
            }
            self.order.pop_front();
            self.ids.remove(&old);
        }
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back((now, id));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_forgotten_in_time() {
        let mut seen = Seen::default();
        let now = Instant::now();
        assert!(seen.first(1, now));
        assert!(!seen.first(1, now + Duration::from_secs(60)));
        assert!(seen.first(2, now + REMEMBERED));
        assert!(seen.first(1, now + REMEMBERED), "forgotten after its time");
        for id in 0..2 * REMEMBERED_MOST as u64 {
            seen.first(1000 + id, now + REMEMBERED);
        }
        assert!(seen.ids.len() <= REMEMBERED_MOST && seen.ids.len() == seen.order.len());
    }
}
