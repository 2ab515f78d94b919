//! What is kept of a log: its first lines and as many of its newest as fit, however many go by.

use std::collections::VecDeque;

use crate::model::Timestamp;

/// First lines that are kept.
pub(super) const FIRST: usize = 2;
/// Most bytes of newest lines.
const BUDGET: usize = 2 << 20;
/// What a line costs beside its text.
const LINE: usize = 64;

/// A line as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) at: Timestamp,
    /// Which pod, by its place among those that are read.
    pub(super) pod: usize,
    pub(super) text: String,
}

/// The first and the newest lines.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) first: Vec<Shown>,
    pub(super) newest: VecDeque<Shown>,
    bytes: usize,
    /// Lines between the first and the newest that were let go.
    pub(super) dropped: u64,
}

impl Kept {
    pub(super) fn push(&mut self, line: Shown) {
        if self.first.len() < FIRST {
            self.first.push(line);
            return;
        }
        self.bytes += line.text.len() + LINE;
        self.newest.push_back(line);
        while self.bytes > BUDGET {
            let Some(old) = self.newest.pop_front() else { break };
            self.bytes -= old.text.len() + LINE;
            self.dropped += 1;
        }
    }

    /// How many lines are held.
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.newest.len()
    }

    /// All that are held, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Shown> {
        self.first.iter().chain(&self.newest)
    }

    /// The newest line.
    pub(super) fn last(&self) -> Option<&Shown> {
        self.newest.back().or(self.first.last())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_lines_take_no_more_than_the_budget() {
        let mut kept = Kept::default();
        for n in 0..1_000_000 {
            kept.push(Shown {
                at: Timestamp::UNIX_EPOCH,
                pod: 0,
                text: n.to_string(),
            });
        }
        assert!(kept.bytes <= BUDGET);
        assert_eq!(kept.first.len(), FIRST);
        assert_eq!(kept.last().unwrap().text, "999999");
        assert_eq!(kept.dropped + kept.len() as u64, 1_000_000);
        let texts: Vec<&str> = kept.iter().take(2).map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["0", "1"]);
    }
}
