//! `/ceo guard pending`: what waits for somebody.

use super::super::contract::{Answer, Args, Context, Query, Spec};
use crate::{
    failure::Failure,
    input::{BadInput, Input},
    line,
    model::{Report, Scope, Span, Tone, ago, code},
    policy::Verb,
    ports::TicketFilter,
    texts,
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
        .about(texts::guard::pending::summary)
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
            let report = Report::new(Tone::Good, "Nothing waits and nothing runs");
            return Ok(Answer::Once(Box::new(report)));
        }
        let yours = seen.iter().filter(|t| waits_for(t, cx)).count();
        let title = match yours {
            0 => line!["Open requests: ", seen.len()],
            _ => line!["Open requests: ", seen.len(), ", ", yours, " for you to decide"],
        };
        let pages = seen
            .chunks(PAGE)
            .map(|chunk| {
                let rows = chunk.iter().map(|t| row(t, cx));
                Report::new(Tone::Info, title.clone()).lines(rows)
            })
            .collect();
        Ok(Answer::Pages(pages))
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

fn row(ticket: &Ticket, cx: &Context<'_>) -> crate::model::Text {
    let line = line![
        Span::TicketLink(ticket.id),
        " ",
        code(&ticket.command),
        " ",
        ticket.targets.join(", "),
        " by ",
        ticket.requester.user,
        " · "
    ];
    let line = match &ticket.stage {
        Stage::AwaitingConfirm => line
            .and("waits for its asker, lapses ")
            .and(ago(ticket.approve_by)),
        Stage::AwaitingApproval => line
            .and("waits for approval, lapses ")
            .and(ago(ticket.approve_by)),
        Stage::Ready => line.and("is about to start"),
        Stage::Running(_) => line
            .and("runs since ")
            .and(ago(ticket.started.unwrap_or(ticket.created))),
        Stage::Done(_) => line.and("is over"),
    };
    if waits_for(ticket, cx) {
        line.and(" · ").and(crate::model::bold("yours to decide"))
    } else {
        line
    }
}
