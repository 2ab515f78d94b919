//! The one way in which what is stored changes: an event is applied to the state as it is now and committed over exactly
//! that state; when somebody else was faster, it is applied again to what they stored.

use std::future::Future;

use super::{inner::Inner, rows::load};
use crate::{
    failure::Failure,
    model::{Actor, Effect, Reference, TicketId},
    ports::{Commit, LedgerError},
    stored::{Author, Laws, Prepared, Stored},
    texts,
    ticket::{Event, Ticket},
};

/// How often an event is tried again when somebody else was faster.
const TRIES: usize = 8;

/// What was stored, and what follows beyond the books.
pub(crate) struct Settled<T> {
    /// The thing, or what is made of it.
    pub(crate) outcome: T,
    /// What follows.
    pub(crate) effects: Vec<Effect>,
}

/// Prepares and commits, again while somebody else is faster. `once` names an event of the chat; `None` comes back when
/// it was handled before.
///
/// # Errors
/// What `prepare` fails with, and a store that failed.
pub(crate) async fn transition<T, F, P>(
    inner: &Inner,
    once: Option<&str>,
    prepare: F,
) -> Result<Option<Settled<T>>, Failure>
where
    F: Fn() -> P + Send,
    P: Future<Output = Result<Prepared<T>, Failure>> + Send,
    T: Send,
{
    for _ in 0..TRIES {
        let prepared = prepare().await?;
        let settled = Settled {
            outcome: prepared.outcome,
            effects: prepared.effects,
        };
        let Some(commit) = prepared.commit else {
            return Ok(Some(settled));
        };
        let commit = Commit {
            once: once.map(str::to_owned),
            ..commit
        };
        match inner.ports.ledger.commit(commit).await {
            Ok(_) => return Ok(Some(settled)),
            Err(LedgerError::Conflict | LedgerError::Voted) => {}
            Err(LedgerError::Duplicate) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::Dependency {
        what: texts::failure::store(),
        detail: texts::engine::kept_changing(TRIES),
    })
}

/// The state of a thing after an event, ready to be stored.
///
/// # Errors
/// When the event does nothing.
pub(crate) fn prepare<S: Stored>(
    inner: &Inner,
    before: &S,
    event: S::Event,
    author: &Author<'_>,
) -> Result<Prepared<S>, Failure> {
    let laws = Laws {
        rules: &inner.rules,
        timing: &inner.ports.timing,
        now: inner.now(),
    };
    let (next, effects) = before.step(event, &laws)?;
    Ok(Prepared::of(&inner.ports, Some(before), next, effects, author))
}

/// The author of what happens to a ticket.
pub(crate) fn author<'a>(actor: Option<&'a Actor>, reference: &'a Reference) -> Author<'a> {
    Author {
        actor,
        command: None,
        reference,
    }
}

/// Ends a ticket whose time is over. Losing a race here is no harm: the winner moved it on.
pub(crate) async fn expire_if_due(inner: &Inner, id: TicketId, reference: &Reference) {
    let author = author(None, reference);
    let author = &author;
    let settled = transition(inner, None, || async move {
        let ticket: Ticket = load(inner, id).await?;
        prepare(inner, &ticket, Event::Tick, author)
    });
    match settled.await {
        Ok(_) | Err(Failure::Refused(_)) => {}
        Err(error) => tracing::warn!(ticket = %id, why = %error, "a lapsed ticket was not tidied up"),
    }
}
