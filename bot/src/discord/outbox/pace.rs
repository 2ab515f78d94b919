//! When a message may be touched again: one budget per channel, one pace per message.

use std::time::Duration;

use ceo_commands::model::{Act, Report, Text, Tone};
use tokio::time::Instant;

use crate::discord::settings::Timing;

/// How many requests may go at once after a pause. Discord takes five in five seconds.
const BURST: i32 = 4;
/// One more of those five is kept for the last word about something.
const RESERVE: i32 = -1;

/// A channel's budget: a few at once, then a steady pace.
#[derive(Debug)]
pub(super) struct Budget {
    every: Duration,
    left: i32,
    since: Instant,
}

impl Budget {
    pub(super) fn new(every: Duration, now: Instant) -> Self {
        Self {
            every,
            left: BURST,
            since: now,
        }
    }

    /// When the next request may go: now, or later. The last state of a message does not wait for those that go on.
    pub(super) fn ready(&mut self, now: Instant, last: bool) -> Instant {
        while self.left < BURST && now >= self.since + self.every {
            self.left += 1;
            self.since += self.every;
        }
        if self.left == BURST {
            self.since = now;
        }
        let least = if last { RESERVE } else { 0 };
        if self.left > least {
            return now;
        }
        let missing = u32::try_from(least - self.left).unwrap_or(0) + 1;
        self.since + self.every * missing
    }

    pub(super) fn spend(&mut self, now: Instant) {
        if self.left == BURST {
            self.since = now;
        }
        self.left = (self.left - 1).max(RESERVE);
    }
}

/// What of a report is its state, as against its progress: a change of it is shown sooner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    tone: Tone,
    title: Text,
    buttons: Vec<(Act, String)>,
}

impl Shape {
    pub(super) fn of(report: &Report) -> Self {
        Self {
            tone: report.tone,
            title: report.title.clone(),
            buttons: report
                .actions
                .iter()
                .map(|action| (action.act, action.subject.clone()))
                .collect(),
        }
    }
}

/// What is remembered of a message between its edits. Lost in a restart, at the cost of an edit.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    pub(super) shape: Shape,
    /// When it was touched last.
    pub(super) touched: Instant,
    /// Since when it has been edited without a rest.
    pub(super) busy_since: Instant,
    /// The hash of its files, and the ids that Discord gave them.
    pub(super) files: (String, Vec<String>),
}

impl Memory {
    /// When the message may be edited again, if it may without a change of state. Its last state waits for nothing: until
    /// then it shows what is no longer so, and buttons that do nothing.
    pub(super) fn next(&self, report: &Report, last: bool, timing: &Timing) -> Instant {
        if last {
            return self.touched;
        }
        let same_state = self.shape == Shape::of(report);
        let long = self.touched.duration_since(self.busy_since) >= timing.slow_after;
        self.touched
            + if same_state && long {
                timing.slow_every
            } else {
                timing.edit_every
            }
    }

    /// Notes an edit.
    pub(super) fn touch(&mut self, report: &Report, now: Instant, timing: &Timing) {
        let rested = now.duration_since(self.touched) > timing.slow_every * 3;
        let shape = Shape::of(report);
        if rested || shape != self.shape {
            self.busy_since = now;
        }
        self.shape = shape;
        self.touched = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_steady_pace() {
        let start = Instant::now();
        let every = Duration::from_secs(1);
        let mut budget = Budget::new(every, start);
        for _ in 0..BURST {
            assert_eq!(budget.ready(start, false), start);
            budget.spend(start);
        }
        assert_eq!(budget.ready(start, false), start + every);
        assert_eq!(budget.ready(start, true), start, "an end is told at once");
        let mut now = start;
        let mut sent = 0;
        while now < start + Duration::from_secs(100) {
            let at = budget.ready(now, false);
            if at > now {
                now = at;
                continue;
            }
            budget.spend(now);
            sent += 1;
        }
        assert!((99..=101).contains(&sent), "{sent} in 100 s");
        assert_eq!(
            budget.ready(now + Duration::from_secs(60), false),
            now + Duration::from_secs(60)
        );
    }

    #[test]
    fn the_reserve_is_paid_back_before_anything_else_goes() {
        let start = Instant::now();
        let every = Duration::from_secs(1);
        let mut budget = Budget::new(every, start);
        for _ in 0..BURST {
            budget.spend(start);
        }
        budget.spend(start);
        assert_eq!(budget.ready(start, true), start + every);
        assert_eq!(budget.ready(start, false), start + every * 2);
    }

    #[test]
    fn long_progress_slows_down_and_a_change_of_state_does_not_wait() {
        let timing = Timing::default();
        let start = Instant::now();
        let report = Report::new(Tone::Waiting, "Scaling");
        let mut memory = Memory {
            shape: Shape::of(&report),
            touched: start,
            busy_since: start,
            files: Default::default(),
        };
        assert_eq!(memory.next(&report, false, &timing), start + timing.edit_every);
        let mut now = start;
        for _ in 0..31 {
            now += timing.edit_every;
            memory.touch(&report.clone().line("one more"), now, &timing);
        }
        assert_eq!(memory.next(&report, false, &timing), now + timing.slow_every);
        assert_eq!(
            memory.next(&report, true, &timing),
            now,
            "the last state goes out at once"
        );
        let stuck = Report::new(Tone::Bad, "Stuck");
        assert_eq!(memory.next(&stuck, false, &timing), now + timing.edit_every);
        memory.touch(&stuck, now, &timing);
        assert_eq!(
            memory.next(&stuck, false, &timing),
            now + timing.edit_every,
            "the clock starts anew"
        );
    }
}
