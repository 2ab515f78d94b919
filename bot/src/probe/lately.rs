//! What came of the last questions of each path, for as long as this process lives.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use ceo_commands::{model::Timestamp, ports::probe::Lately};

/// How many questions are remembered of each path: an hour, at one every thirty seconds.
const KEPT: usize = 120;

/// One question.
#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Timestamp,
    /// How long the answer took; none where none came.
    took: Option<Duration>,
    well: bool,
}

/// The last questions, by target and path.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashMap<String, VecDeque<Sample>>>);

impl Memory {
    /// Remembers a question, and gives what came of the last ones with it.
    pub(super) fn add(&self, key: String, at: Timestamp, took: Option<Duration>, well: bool) -> Lately {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let samples = all.entry(key).or_default();
        if samples.len() == KEPT {
            samples.pop_front();
        }
        samples.push_back(Sample { at, took, well });
        lately(samples)
    }
}

fn lately(samples: &VecDeque<Sample>) -> Lately {
    let mut times: Vec<Duration> = samples.iter().filter_map(|sample| sample.took).collect();
    times.sort_unstable();
    Lately {
        asked: samples.len(),
        failed: samples.iter().filter(|sample| !sample.well).count(),
        p50: percentile(&times, 50),
        p95: percentile(&times, 95),
        since: samples.front().map(|sample| sample.at),
    }
}

/// The smallest of the sorted times that so many of a hundred do not exceed (nearest rank).
fn percentile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Timestamp {
        Timestamp::from_second(n).unwrap()
    }

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let memory = Memory::default();
        let mut last = Lately::default();
        for n in 1..=100 {
            let took = (n != 7).then(|| Duration::from_millis(u64::try_from(n).unwrap()));
            last = memory.add("api/health".to_owned(), second(n), took, n % 10 != 7);
        }
        assert_eq!((last.asked, last.failed), (100, 10));
        // 99 answers: 7 ms is missing.
        assert_eq!(last.p50, Some(Duration::from_millis(51)));
        assert_eq!(last.p95, Some(Duration::from_millis(96)));
        assert_eq!(last.since, Some(second(1)));
    }

    #[test]
    fn what_was_never_answered_has_no_time_and_one_answer_is_its_own_percentile() {
        let memory = Memory::default();
        let none = memory.add("a".to_owned(), second(1), None, false);
        assert_eq!((none.p50, none.p95, none.failed), (None, None, 1));
        let one = memory.add("b".to_owned(), second(1), Some(Duration::from_millis(3)), true);
        assert_eq!(one.p50, one.p95);
        assert_eq!(one.p95, Some(Duration::from_millis(3)));
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let memory = Memory::default();
        let mut last = Lately::default();
        for n in 0..200 {
            last = memory.add("a".to_owned(), second(n), None, n >= 80);
        }
        assert_eq!((last.asked, last.failed), (KEPT, 0));
        assert_eq!(last.since, Some(second(80)));
    }
}
