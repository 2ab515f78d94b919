//! `/ceo guard pending`: what waits for somebody.

use super::super::contract::{Answer, Args, Context, Query, Spec};
use crate::{
    failure::Failure,
    input::{BadInput, Input},
    model::{Report, Scope, Text, Tone},
    policy::Verb,
    ports::TicketFilter,
    texts::{self, guard::pending},
    ticket::{Stage, Ticket},
};

/// Tickets on one page.
const PAGE: usize = 8;

/// The command.
pub struct GuardPending;

/// Its words: none.
pub struct GuardPendingArgs {
    scope: Scope,
}

impl Args for GuardPendingArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self { scope: input.here() })
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

impl Query for GuardPending {
    const SPEC: Spec = Spec::new("guard pending", Verb::Read)
        .about(pending::summary)
        .private();
    type Args = GuardPendingArgs;

    async fn answer(&self, _: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let filter = TicketFilter {
            open: true,
            ..TicketFilter::default()
        };
        let open = cx.records.tickets(filter).await?;
        // A ticket is shown to whoever may read all that it touches.
        let seen: Vec<&Ticket> = open
            .iter()
            .filter(|t| t.scopes.iter().all(|s| cx.rights.reads(cx.actor, s)))
            .collect();
        if seen.is_empty() {
            return Ok(Report::new(Tone::Good, pending::nothing()).into());
        }
        let yours = seen.iter().filter(|t| waits_for(t, cx)).count();
        let title = pending::title(seen.len(), yours);
        let page = |tickets: &[&Ticket]| {
            Report::new(Tone::Info, &title).lines(tickets.iter().map(|ticket| row(ticket, cx)))
        };
        Ok(Answer::Pages(seen.chunks(PAGE).map(page).collect()))
    }
}

fn waits_for(ticket: &Ticket, cx: &Context<'_>) -> bool {
    match &ticket.stage {
        Stage::AwaitingConfirm => ticket.requester.user == cx.actor.user,
        Stage::AwaitingApproval => {
            ticket.requester.user != cx.actor.user
                && !ticket.votes.iter().any(|v| v.user == cx.actor.user)
                && ticket
                    .quorum()
                    .is_some_and(|q| q.approvers().iter().any(|w| w.is(cx.actor.user, &cx.actor.roles)))
        }
        _ => false,
    }
}

fn row(ticket: &Ticket, cx: &Context<'_>) -> Text {
    let by = ticket.requester.user;
    let request = pending::request(ticket.id, &ticket.command, &ticket.targets.join(", "), by);
    let stands = match &ticket.stage {
        Stage::AwaitingConfirm => pending::awaits_asker(ticket.approve_by),
        Stage::AwaitingApproval => pending::awaits_approval(ticket.approve_by),
        Stage::Ready => pending::about_to_start(),
        Stage::Running(_) => pending::runs_since(ticket.started.unwrap_or(ticket.created)),
        Stage::Parked(_) => texts::workflow::parked(),
        Stage::Done(_) => pending::over(),
    };
    let line = request.and(stands);
    if waits_for(ticket, cx) {
        line.and(pending::yours())
    } else {
        line
    }
}
