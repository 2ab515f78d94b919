//! The permission to change a cluster is a value, and [`claim`] is the only place that makes one: it stores the step
//! from Ready to Running by compare-and-swap, and only then hands out the permit. Nothing else can: the fields are
//! private to this module.

use super::{Effect, Event, Lease, Refusal, Stage, Ticket, machine::RolesNow, step};
use crate::{
    model::{TicketId, Timestamp},
    policy::Rules,
    ports::{Commit, Ledger, LedgerError},
};

/// Proof that a ticket runs, by this process, now.
#[derive(Debug)]
pub struct Permit {
    ticket: TicketId,
    created: Timestamp,
    holder: String,
    targets: Vec<String>,
    requester: String,
}

impl Permit {
    /// Which ticket.
    #[must_use]
    pub fn ticket(&self) -> TicketId {
        self.ticket
    }

    /// When it was asked: with the number it names the ticket among those of all stores.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// Which process.
    #[must_use]
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// The objects that may be written: `cluster/namespace/kind/name`.
    #[must_use]
    pub fn targets(&self) -> &[String] {
        &self.targets
    }

    /// The name of who asked, for the change-cause annotation.
    #[must_use]
    pub fn requester(&self) -> &str {
        &self.requester
    }

    fn of(ticket: &Ticket, holder: &str) -> Self {
        Self {
            ticket: ticket.id,
            created: ticket.created,
            holder: holder.to_owned(),
            targets: ticket.targets.clone(),
            requester: ticket.requester.name.clone(),
        }
    }
}

/// Why no permit was given.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The machine says no.
    #[error("{}", .0.0.plain())]
    Refused(Refusal),
    /// The approval no longer stands; the ticket waits again.
    #[error("the approval lapsed")]
    Lapsed(Box<Ticket>),
    /// The ledger says no.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What goes into the transaction beside the ticket: rows that the caller makes from the effects.
pub type CommitOf<'a> = &'a (dyn Fn(&mut Ticket, Vec<Effect>) -> Commit + Send + Sync);

/// What a start is decided by.
pub struct Start<'a> {
    /// Which process, until when.
    pub lease: Lease,
    /// The roles of the ticket's people, as just read.
    pub roles_now: RolesNow,
    /// The rules of now.
    pub rules: &'a Rules,
    /// Now.
    pub now: Timestamp,
}

/// Takes a Ready ticket, or a parked one whose time has come, to Running, in one transaction with what `commit_of` adds,
/// and gives the permit.
///
/// # Errors
/// When the ticket is not ready, too late, its approvers lost their roles, another run holds the target, or the store
/// failed. Nothing runs then.
pub async fn claim(
    ledger: &dyn Ledger,
    ticket: &Ticket,
    start: Start<'_>,
    commit_of: CommitOf<'_>,
) -> Result<(Permit, Ticket), ClaimError> {
    let Start {
        lease,
        roles_now,
        rules,
        now,
    } = start;
    let holder = lease.holder.clone();
    let event = match ticket.stage {
        Stage::Parked(_) => Event::Wake { lease, roles_now },
        _ => Event::Start { lease, roles_now },
    };
    let (mut next, effects) = step(ticket, event, rules, now).map_err(ClaimError::Refused)?;
    let mut commit = commit_of(&mut next, effects);
    commit.ticket = Some((next.clone(), Some(ticket.version)));
    ledger.commit(commit).await?;
    if !matches!(next.stage, Stage::Running(_)) {
        return Err(ClaimError::Lapsed(Box::new(next)));
    }
    Ok((Permit::of(&next, &holder), next))
}

/// Takes over a Running ticket whose holder gave no sign of life, or goes on with one's own after a restart. Its people are
/// not asked for again.
///
/// # Errors
/// When another process holds it, it is over, or the store failed.
pub async fn take_over(
    ledger: &dyn Ledger,
    ticket: &Ticket,
    start: Start<'_>,
) -> Result<(Permit, Ticket), ClaimError> {
    let holder = start.lease.holder.clone();
    let event = Event::Renew(start.lease, Box::default());
    let (next, _) = step(ticket, event, start.rules, start.now).map_err(ClaimError::Refused)?;
    let commit = Commit {
        ticket: Some((next.clone(), Some(ticket.version))),
        ..Commit::default()
    };
    ledger.commit(commit).await?;
    Ok((Permit::of(&next, &holder), next))
}
