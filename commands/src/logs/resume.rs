//! Goes on with a log that was cut, without loss and without doubling. The API server takes `sinceTime` in whole seconds, so
//! the lines of the last second come again: those that were seen are known by their time and their text.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use tokio::time::Instant;

use crate::{cluster::Log, model::Timestamp};

/// Most lines of one second that are told apart by their text; beyond that, by their time alone.
const APART: usize = 20_000;

/// Where a followed log stands.
pub(super) struct Resume {
    start: Log,
    /// When a stream was first open.
    opened: Option<Instant>,
    /// The lines of the newest second.
    seen: Seen,
    /// Of a stream that goes on: lines that come again.
    again: Option<Seen>,
}

/// What tells a line from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Mark {
    at: Timestamp,
    text: u64,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    second: Option<i64>,
    newest: Option<Timestamp>,
    lines: HashMap<Mark, u32>,
    /// More lines than are told apart.
    many: bool,
}

impl Resume {
    pub(super) fn new(start: Log) -> Self {
        Self {
            start,
            opened: None,
            seen: Seen::default(),
            again: None,
        }
    }

    /// What to ask for now.
    pub(super) fn request(&mut self) -> Log {
        let Some(second) = self.seen.second else {
            return self.the_start();
        };
        self.again = Some(self.seen.clone());
        Log {
            since_time: Timestamp::from_second(second).ok(),
            since_seconds: None,
            tail_lines: None,
            ..self.start.clone()
        }
    }

    /// A stream is open.
    pub(super) fn opened(&mut self) {
        self.opened.get_or_insert_with(Instant::now);
    }

    /// A log that was open and silent: whatever is in it now is new.
    fn the_start(&self) -> Log {
        let Some(opened) = self.opened else {
            return self.start.clone();
        };
        let waited = i64::try_from(opened.elapsed().as_secs()).unwrap_or(i64::MAX);
        Log {
            tail_lines: None,
            since_seconds: self.start.since_seconds.map(|s| s.saturating_add(waited)),
            ..self.start.clone()
        }
    }

    /// Whether a line is new; remembers it.
    pub(super) fn is_new(&mut self, at: Timestamp, line: &[u8]) -> bool {
        let mark = Mark { at, text: hash(line) };
        if let Some(again) = &mut self.again {
            if again.takes_away(mark) {
                return false;
            }
            if again.second.is_some_and(|second| at.as_second() > second) {
                self.again = None;
            }
        }
        self.seen.add(mark);
        true
    }
}

impl Seen {
    fn add(&mut self, mark: Mark) {
        let second = mark.at.as_second();
        match self.second {
            // Older than the newest second: it is not asked for again.
            Some(newest) if second < newest => return,
            Some(newest) if second == newest => {}
            _ => {
                *self = Self {
                    second: Some(second),
                    ..Self::default()
                }
            }
        }
        self.newest = self.newest.max(Some(mark.at));
        if self.lines.len() >= APART {
            self.many = true;
        } else {
            *self.lines.entry(mark).or_default() += 1;
        }
    }

    /// Whether a line was seen; it counts once.
    fn takes_away(&mut self, mark: Mark) -> bool {
        if self.second.is_some_and(|second| mark.at.as_second() < second) {
            return true;
        }
        if self.many {
            return self.newest.is_some_and(|newest| mark.at <= newest);
        }
        match self.lines.get_mut(&mark) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
}

fn hash(line: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

/// How long a silent stream is trusted. A container may be silent for hours and its stream alive; asking again is cheap and
/// finds a connection that died without a word.
pub(super) const TRUSTED: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-22T20:02:{text}Z").parse().unwrap()
    }

    #[test]
    fn equal_lines_at_equal_times_are_all_counted() {
        let mut resume = Resume::new(Log::default());
        for line in ["a", "a", "b"] {
            assert!(resume.is_new(at("59.5"), line.as_bytes()));
        }
        let request = resume.request();
        assert_eq!(request.since_time, Some(at("59")));
        // The third `a` came while the stream was down.
        let new: Vec<bool> = ["a", "a", "b", "a"]
            .iter()
            .map(|line| resume.is_new(at("59.5"), line.as_bytes()))
            .collect();
        assert_eq!(new, [false, false, false, true]);
    }

    #[test]
    fn a_silent_log_is_asked_for_from_where_it_began() {
        let start = Log {
            tail_lines: Some(10),
            ..Log::default()
        };
        let mut resume = Resume::new(start.clone());
        assert_eq!(resume.request().tail_lines, Some(10), "it was never open");
        resume.opened();
        assert_eq!(resume.request().tail_lines, None);
    }

    #[test]
    fn a_flood_within_a_second_is_told_apart_by_time() {
        let mut resume = Resume::new(Log::default());
        let time = |n: usize| Timestamp::new(100, i32::try_from(n).unwrap()).unwrap();
        for n in 0..2 * APART {
            assert!(resume.is_new(time(n), b"x"));
        }
        resume.request();
        assert!(!resume.is_new(time(2 * APART - 1), b"x"));
        assert!(resume.is_new(time(2 * APART), b"x"));
        assert!(resume.seen.lines.len() <= APART);
    }

    proptest! {
        /// Cut anywhere, any number of times: every line comes through once, in order.
        #[test]
        fn nothing_is_lost_and_nothing_doubled(
            steps in prop::collection::vec((0_i64..900_000_000, 0_u8..3), 1..60),
            cuts in prop::collection::vec(0_usize..60, 0..6),
        ) {
            let mut nanos = 0_i64;
            let log: Vec<(Timestamp, Vec<u8>)> = steps
                .iter()
                .map(|(step, text)| {
                    // Every third line at the time of the line before.
                    nanos += if step % 3 == 0 { 0 } else { *step };
                    (Timestamp::from_nanosecond(i128::from(nanos)).unwrap(), vec![b'a' + text])
                })
                .collect();
            let mut cuts = cuts;
            cuts.sort_unstable();
            cuts.push(log.len());
            let (mut resume, mut got) = (Resume::new(Log::default()), Vec::new());
            for cut in cuts {
                let since = resume.request().since_time.unwrap_or(Timestamp::MIN);
                for (at, line) in log.iter().take(cut).filter(|(at, _)| *at >= since) {
                    if resume.is_new(*at, line) {
                        got.push((*at, line.clone()));
                    }
                }
            }
            prop_assert_eq!(got, log);
        }
    }
}
