//! Commands that write the bot's own books: an event for one stored thing, judged by where that thing is.

use super::{
    guard::Judged,
    inner::Inner,
    interaction::{Ask, Reply},
    transition::transition,
};
use crate::{
    failure::{Failure, Refused},
    model::{Reference, Scope},
    ops::{AnyRecord, Desk, contract::RecordContext},
    policy::Gate,
    stored::Author,
    texts::engine as say,
};

/// Takes a record.
pub(crate) async fn record(
    inner: &Inner,
    ask: &Ask,
    judged: &Judged,
    record: &dyn AnyRecord,
    reference: &Reference,
) -> Result<Reply, Failure> {
    let may = |scopes: &[Scope]| may(inner, ask, judged, scopes);
    let cx = RecordContext {
        actor: &ask.actor,
        place: &ask.place,
        locale: ask.locale,
        now: inner.now(),
        records: inner.ports.ledger.as_ref(),
        manual: inner.ports.manual.as_ref(),
    };
    let desk = Desk {
        ports: &inner.ports,
        rules: &inner.rules,
        author: Author {
            actor: Some(&ask.actor),
            command: Some(&ask.command),
            reference,
        },
        may: &may,
    };
    let settled = transition(inner, Some(&ask.event), || {
        record.prepare(judged.input.clone(), &cx, &desk)
    });
    Ok(match settled.await? {
        Some(settled) => Reply::told(Box::new(settled.outcome), true),
        None => Reply::Repeated,
    })
}

/// Whoever may use the command there may do it; the asking is all the confirmation that it needs.
fn may(inner: &Inner, ask: &Ask, judged: &Judged, scopes: &[Scope]) -> Result<(), Failure> {
    let spec = &judged.entry.spec;
    match inner.gate(&ask.actor, spec, spec.verb, scopes)? {
        Gate::None | Gate::Confirm => Ok(()),
        Gate::Approve(_) => Err(Failure::Refused(Refused::Ticket(say::no_approval_for_records()))),
    }
}
