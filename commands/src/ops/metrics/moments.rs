//! What happened meanwhile: rollouts, and what the bot did. A figure that turns with one has its reason there.

use std::collections::BTreeSet;

use super::stretch::Stretch;
use crate::{
    cluster::{ClusterError, Revision, ticket_in},
    model::{Scope, Text, TicketId, Timestamp},
    ops::contract::Context,
    ports::{TicketFilter, chart::Mark},
    texts::metrics as say,
    ticket::Ticket,
};

/// How many moments are marked: the last.
const MOST: usize = 6;
/// Tickets that are looked through.
const TICKETS: u32 = 200;

/// A moment, and what happened then.
type Moment = (Timestamp, Text);

/// What happened in a stretch: the marks of the picture, and the lines that tell them.
#[derive(Default)]
pub(super) struct Happened {
    pub(super) marks: Vec<Mark>,
    pub(super) lines: Vec<Text>,
}

impl Happened {
    /// Reads it. What is not known is a line, too.
    pub(super) async fn read(here: &Scope, stretch: Stretch, cx: &Context<'_>) -> Self {
        let mut notes = Vec::new();
        // Without tickets the revisions are marked all the same.
        let tickets = started(here, stretch, cx).await.unwrap_or_else(|why| {
            notes.push(say::changes_not_known(&why));
            vec![]
        });
        let (mut all, told) = revisions(here, stretch, cx).await.unwrap_or_else(|error| {
            notes.push(say::rollouts_not_known(&error.in_a_line()));
            Default::default()
        });
        let others = tickets.into_iter().filter(|ticket| !told.contains(&ticket.id));
        all.extend(others.filter_map(|ticket| {
            let line = say::ticket(&ticket.shown.title, ticket.id);
            Some((ticket.started?, line))
        }));
        let mut happened = Self::of(all);
        happened.lines.extend(notes);
        happened
    }

    /// The last moments, by numbers.
    fn of(mut all: Vec<Moment>) -> Self {
        all.sort_by_key(|(at, _)| *at);
        let left = all.len().saturating_sub(MOST);
        let mut happened = Self::default();
        for (n, (at, what)) in all.into_iter().skip(left).enumerate() {
            let number = n + 1;
            happened.marks.push(Mark { at, number });
            happened.lines.push(say::moment(number, &what, at));
        }
        if left > 0 {
            happened.lines.push(say::earlier_moments(left));
        }
        happened
    }
}

/// The revisions that were made then, and the tickets that made them.
async fn revisions(
    here: &Scope,
    stretch: Stretch,
    cx: &Context<'_>,
) -> Result<(Vec<Moment>, BTreeSet<TicketId>), ClusterError> {
    let namespace = here.namespace.as_deref().unwrap_or_default();
    let cached = cx.view.cached(&here.cluster, namespace)?;
    cached.fresh_again().await?;
    let (mut all, mut told) = (Vec::new(), BTreeSet::new());
    for object in cached.workloads() {
        let workload = object.workload();
        let made = |revision: &Revision| {
            let at = revision
                .created
                .filter(|at| *at >= stretch.from && *at <= stretch.to)?;
            let ticket = revision.change_cause.as_deref().and_then(ticket_in);
            let line = say::revision(&workload.short(), revision.number);
            Some((at, ticket, line))
        };
        for (at, ticket, line) in cx.view.cached_revisions(&object)?.iter().filter_map(made) {
            told.extend(ticket);
            let line = ticket.map_or_else(|| line.clone(), |ticket| say::ticket(&line, ticket));
            all.push((at, line));
        }
    }
    Ok((all, told))
}

/// The tickets of this place that began to run then.
async fn started(here: &Scope, stretch: Stretch, cx: &Context<'_>) -> Result<Vec<Ticket>, Text> {
    let filter = TicketFilter {
        limit: TICKETS,
        ..TicketFilter::default()
    };
    let tickets = cx.records.tickets(filter).await.map_err(|error| error.words())?;
    let then = |ticket: &Ticket| {
        let started = ticket.started;
        ticket.scopes.contains(here) && started.is_some_and(|at| at >= stretch.from && at <= stretch.to)
    };
    Ok(tickets.into_iter().filter(then).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_moments_are_numbered_and_the_others_counted() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let all = (0..9).rev().map(|n| (at(n), Text::from(format!("change {n}"))));
        let happened = Happened::of(all.collect());
        let marks: Vec<(usize, i64)> = happened
            .marks
            .iter()
            .map(|mark| (mark.number, mark.at.as_second()))
            .collect();
        assert_eq!(marks, [(1, 3), (2, 4), (3, 5), (4, 6), (5, 7), (6, 8)]);
        assert_eq!(happened.lines.len(), 7);
        assert!(
            happened.lines[0].plain().starts_with("1 · change 3"),
            "{:?}",
            happened.lines
        );
        assert!(
            happened.lines[6].plain().contains("3 earlier"),
            "{:?}",
            happened.lines
        );
        assert!(Happened::of(vec![]).lines.is_empty());
    }
}
