//! What is due, and when: one queue for controllers, scheduler and node, so that the cluster is one sequence of
//! steps and idle when nothing is due.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::kube::key::Key;

/// Who has to look at an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Desk {
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    Endpoints,
    Disruption,
    Quota,
    Autoscaler,
    Claim,
    NodeLifecycle,
    Collector,
    Scheduler,
    Kubelet,
}

impl Desk {
    /// Whether it only tells what many objects come to, so that it may do so later.
    fn sums_up(self) -> bool {
        matches!(self, Self::Endpoints | Self::Disruption | Self::Quota)
    }
}

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Work {
    pub desk: Desk,
    pub key: Key,
}

/// A delaying queue in which every piece of work is at most once, at its earliest time.
#[derive(Default)]
pub(crate) struct Queue {
    order: BTreeMap<(Instant, u64), Work>,
    places: HashMap<Work, (Instant, u64)>,
    rest: HashMap<Work, Instant>,
    count: u64,
}

impl Queue {
    /// Adds work that is due at `due`, or earlier if it is already queued earlier.
    pub(crate) fn add(&mut self, desk: Desk, key: &Key, due: Instant) {
        let work = Work {
            desk,
            key: key.clone(),
        };
        let due = self.rest.get(&work).map_or(due, |rest| due.max(*rest));
        if let Some(place) = self.places.get(&work).copied() {
            if place.0 <= due {
                return;
            }
            self.order.remove(&place);
        }
        self.count += 1;
        let place = (due, self.count);
        self.order.insert(place, work.clone());
        self.places.insert(work, place);
    }

    /// The next work that is due.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<Work> {
        let place = *self
            .order
            .first_key_value()
            .filter(|((due, _), _)| *due <= now)?
            .0;
        let work = self.order.remove(&place)?;
        self.places.remove(&work);
        Some(work)
    }

    /// When the next work is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.order.first_key_value().map(|((due, _), _)| *due)
    }

    /// Remembers how long a piece of work took: a summary that is slow (ten thousand pods behind one service) runs at
    /// most a tenth of the time. What takes steps is never put off: a machine under load would change their order, and
    /// with it what the cluster does.
    pub(crate) fn took(&mut self, work: Work, elapsed: Duration) {
        if !work.desk.sums_up() {
            return;
        }
        if elapsed > Duration::from_millis(2) {
            self.rest.insert(work, Instant::now() + elapsed * 9);
        } else {
            self.rest.remove(&work);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_queued_once_at_its_earliest_time() {
        let mut queue = Queue::default();
        let now = Instant::now();
        let key = Key::namespaced("", "pods", "n", "a");
        queue.add(Desk::Kubelet, &key, now + Duration::from_secs(5));
        queue.add(Desk::Kubelet, &key, now);
        queue.add(Desk::Kubelet, &key, now + Duration::from_secs(1));
        assert_eq!(queue.next(), Some(now));
        assert!(queue.pop(now).is_some());
        assert!(queue.pop(now + Duration::from_secs(9)).is_none());
    }

    #[test]
    fn a_slow_machine_puts_off_summaries_and_no_steps() {
        let mut queue = Queue::default();
        let key = Key::namespaced("", "pods", "n", "a");
        let steps = [Desk::ReplicaSet, Desk::Deployment, Desk::Kubelet];
        for desk in steps.into_iter().chain([Desk::Endpoints]) {
            let work = Work {
                desk,
                key: key.clone(),
            };
            queue.took(work, Duration::from_secs(1));
        }
        let now = Instant::now();
        for desk in [Desk::Endpoints].into_iter().chain(steps) {
            queue.add(desk, &key, now);
        }
        let due: Vec<Desk> = std::iter::from_fn(|| queue.pop(now))
            .map(|work| work.desk)
            .collect();
        assert_eq!(due, steps, "in the order in which they were asked for");
        assert!(queue.next().is_some_and(|at| at > now), "the summary waits");
    }
}
