//! The stretch of time that is looked at.

use std::time::Duration;

use super::args::Back;
use crate::{
    model::{Limit, Scope, Side, Timestamp},
    ports::metrics::{About, Named, Range},
};

/// How many series of one question are kept.
const KEPT: usize = 12;
/// A rate is taken over no less: four scrapes of a Prometheus as it comes.
const WINDOW: Duration = Duration::from_secs(4 * 60);

/// A stretch of time, measured in steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) length: Duration,
    pub(super) step: Duration,
}

impl Stretch {
    pub(super) fn until(now: Timestamp, back: Back) -> Self {
        let (length, step) = back.lengths();
        let to = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self {
            from: to.checked_sub(length).unwrap_or(Timestamp::MIN),
            to,
            length,
            step,
        }
    }

    pub(super) fn range(&self, query: String, limit: Option<Limit>) -> Range {
        Range {
            query,
            from: self.from,
            to: self.to,
            step: self.step,
            most: KEPT,
            well: limit.map_or(Side::Below, |limit| limit.side),
        }
    }

    pub(super) fn about<'a>(&self, scope: &'a Scope, workload: Option<&'a Named>) -> About<'a> {
        About {
            scope,
            workload,
            window: self.step.max(WINDOW),
        }
    }
}
