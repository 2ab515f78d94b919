//! Refusals on record: one row a person and command a minute, with how many more there were. Somebody who is refused a
//! thousand times shall not fill the audit.

use std::time::Duration;

use dashmap::DashMap;

use crate::{
    model::{Timestamp, UserId, since},
    ports::AuditEntry,
    texts::engine as say,
};

/// How long after a row the next ones are only counted.
const APART: Duration = Duration::from_secs(60);

/// What was refused within the last minute.
#[derive(Default)]
pub(crate) struct Refusals {
    last: DashMap<(UserId, String), Counted>,
}

struct Counted {
    since: Timestamp,
    more: u32,
    last: AuditEntry,
}

impl Refusals {
    /// The row to write for a refusal; `None` when it is only counted.
    pub(crate) fn note(&self, row: AuditEntry) -> Option<AuditEntry> {
        let Some(actor) = row.actor else { return Some(row) };
        let key = (actor, row.command.clone());
        let mut known = self.last.entry(key).or_insert_with(|| Counted {
            since: Timestamp::MIN,
            more: 0,
            last: row.clone(),
        });
        if known.since != Timestamp::MIN && since(known.since, row.at) < APART {
            known.more = known.more.saturating_add(1);
            known.last = row;
            return None;
        }
        let told = with_more(row.clone(), known.more);
        *known = Counted {
            since: row.at,
            more: 0,
            last: row,
        };
        Some(told)
    }

    /// The rows of those that were only counted and whose minute is over; and at the end of all of them.
    pub(crate) fn due(&self, now: Timestamp, all: bool) -> Vec<AuditEntry> {
        let mut rows = Vec::new();
        self.last.retain(|_, known| {
            let goes_on = !all && since(known.since, now) < APART;
            if !goes_on && known.more > 0 {
                rows.push(with_more(known.last.clone(), known.more - 1));
            }
            goes_on
        });
        rows
    }
}

fn with_more(mut row: AuditEntry, more: u32) -> AuditEntry {
    if more > 0 {
        row.detail = say::and_more_refusals(&row.detail, more).plain();
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(user: u64, command: &str, second: i64) -> AuditEntry {
        AuditEntry {
            at: Timestamp::from_second(1_000 + second).unwrap(),
            actor: Some(UserId(user)),
            command: command.to_owned(),
            event: "refused".to_owned(),
            detail: "You may not".to_owned(),
            ..AuditEntry::default()
        }
    }

    #[test]
    fn one_row_a_person_and_command_a_minute_and_the_rest_is_counted() {
        let refusals = Refusals::default();
        assert!(refusals.note(row(1, "scale", 0)).is_some());
        for second in 1..40 {
            assert_eq!(refusals.note(row(1, "scale", second)), None);
        }
        assert!(refusals.note(row(1, "rollback", 3)).is_some(), "another command");
        assert!(refusals.note(row(2, "scale", 3)).is_some(), "another person");
        let next = refusals.note(row(1, "scale", 61)).unwrap();
        assert_eq!(next.detail, "You may not (and 39 more like it)");
    }

    #[test]
    fn what_was_counted_is_written_when_the_minute_is_over() {
        let refusals = Refusals::default();
        for second in 0..5 {
            refusals.note(row(1, "scale", second));
        }
        refusals.note(row(2, "scale", 0));
        let at = |second: i64| Timestamp::from_second(1_000 + second).unwrap();
        assert!(refusals.due(at(30), false).is_empty());
        let rows = refusals.due(at(60), false);
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0].detail, "You may not (and 3 more like it)");
        assert_eq!(rows[0].at, at(4));
        assert!(refusals.due(at(200), false).is_empty());
        refusals.note(row(3, "scale", 300));
        refusals.note(row(3, "scale", 301));
        assert_eq!(refusals.due(at(302), true).len(), 1, "at the end nothing is left");
    }
}
