//! The stream of what people's clients are told. Kept for a while, so that a page which lost its connection can go on
//! where it was.

use std::collections::VecDeque;

use serde_json::Value;

/// How many events are kept.
const KEPT: usize = 5_000;

/// One thing a client is told.
#[derive(Debug, Clone)]
pub struct Event {
    /// Sequence number, from 1.
    pub seq: u64,
    /// `message`, `message_delete`, `interaction`, `commands`, `channel`, `bot` or `typing`.
    pub kind: &'static str,
    /// The channel in which it happened: told only to those who see it.
    pub channel: Option<u64>,
    /// The only person who is told.
    pub only_for: Option<u64>,
    /// What is told.
    pub data: Value,
}

/// The newest events.
#[derive(Debug, Default)]
pub struct Events {
    kept: VecDeque<Event>,
    last: u64,
}

impl Events {
    /// Adds an event.
    pub fn push(&mut self, kind: &'static str, channel: Option<u64>, only_for: Option<u64>, data: Value) {
        self.last += 1;
        self.kept.push_back(Event {
            seq: self.last,
            kind,
            channel,
            only_for,
            data,
        });
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    /// The newest sequence number.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Everything after `seq`; `None` when some of it is forgotten (or was never said).
    pub fn after(&self, seq: u64) -> Option<Vec<Event>> {
        let oldest = self.kept.front().map_or(self.last + 1, |event| event.seq);
        if seq + 1 < oldest || seq > self.last {
            return None;
        }
        Some(
            self.kept
                .iter()
                .filter(|event| event.seq > seq)
                .cloned()
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_was_away_too_long_is_told_so() {
        let mut events = Events::default();
        for _ in 0..KEPT + 10 {
            events.push("typing", None, None, Value::Null);
        }
        assert!(events.after(5).is_none());
        assert_eq!(events.after(10).unwrap().len(), KEPT);
        assert!(events.after(events.last()).unwrap().is_empty());
        assert!(events.after(events.last() + 1).is_none());
    }
}
