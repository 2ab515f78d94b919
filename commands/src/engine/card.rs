//! What a ticket's message says, stage by stage. What a command itself reports while it runs and at its end is the
//! command's; everything before, and every other end, is worded here.

use crate::{
    model::{Act, Action, Block, Report, Style, Text, TicketId, Timestamp, Tone, UserId},
    policy::{Gate, Who},
    texts::{self, ticket as say},
    ticket::{Outcome, Stage, Ticket},
};

/// The message of a ticket as it stands.
pub(crate) fn card(ticket: &Ticket) -> Report {
    match &ticket.stage {
        Stage::AwaitingConfirm => confirm(ticket),
        Stage::AwaitingApproval => approval(ticket),
        Stage::Ready => beginning(ticket, say::about_to_start()),
        Stage::Running(_) => beginning(ticket, say::starts()),
        Stage::Parked(_) => beginning(ticket, texts::workflow::parked()),
        Stage::Done(outcome) => ended(ticket, *outcome),
    }
}

/// Who asked, and why.
fn asked(ticket: &Ticket) -> Text {
    say::asked_by(ticket.requester.user, ticket.reason.as_deref())
}

/// `asked by @operator · approved by @lead and @admin`
pub(crate) fn people(ticket: &Ticket) -> Text {
    let asked = say::asked_by(ticket.requester.user, None);
    let yes = approvers(ticket);
    if yes.is_empty() {
        return asked;
    }
    asked.and(say::approved_by(&yes))
}

/// Who approved it.
fn approvers(ticket: &Ticket) -> Vec<UserId> {
    let yes = ticket.votes.iter().filter(|v| v.approve);
    yes.map(|v| v.user).collect()
}

fn base(ticket: &Ticket) -> Report {
    let mut report = ticket.preview.clone();
    report.actions.clear();
    report.ticket = Some(ticket.id);
    // What comes first on the card of a command is to be read first.
    let first = report
        .blocks
        .iter()
        .take_while(|block| matches!(block, Block::Text(_)));
    let first = first.count();
    report.blocks.insert(first, Block::Text(asked(ticket)));
    report
}

fn confirm(ticket: &Ticket) -> Report {
    let mut report = base(ticket);
    report.tone = Tone::Waiting;
    report
        .field(say::field::needs(), say::your_confirmation(ticket.approve_by))
        .action(Action::new(
            Act::Confirm,
            ticket.id,
            say::button::confirm(),
            Style::Danger,
        ))
        .action(Action::new(
            Act::Cancel,
            ticket.id,
            say::button::cancel(),
            Style::Secondary,
        ))
}

fn approval(ticket: &Ticket) -> Report {
    let mut report = base(ticket);
    report.tone = Tone::Waiting;
    if let Gate::Approve(quorum) = &ticket.gate {
        let needs = say::approval(&quorum.in_words(), ticket.approve_by, ticket.run_within);
        report = report.field(say::field::needs(), needs);
        report.ping = quorum
            .approvers()
            .into_iter()
            .filter_map(|w| match w {
                Who::Role(role) => Some(role),
                Who::User(_) => None,
            })
            .collect();
    }
    if !ticket.votes.is_empty() {
        report = report.field(say::field::so_far(), people(ticket));
    }
    report
        .action(Action::new(
            Act::Approve,
            ticket.id,
            say::button::approve(),
            Style::Success,
        ))
        .action(Action::new(
            Act::Deny,
            ticket.id,
            say::button::deny(),
            Style::Danger,
        ))
}

fn beginning(ticket: &Ticket, how: Text) -> Report {
    let mut report = base(ticket);
    report.tone = Tone::Info;
    report.lead(how).field(say::field::people(), people(ticket))
}

fn ended(ticket: &Ticket, outcome: Outcome) -> Report {
    let mut report = base(ticket);
    report.tone = Tone::Off;
    let at = ticket.ended.unwrap_or(ticket.created);
    report.title = say::verdict_of(&verdict(outcome), &ticket.preview.title);
    report = report.lead(end_line(ticket, outcome, at));
    if matches!(outcome, Outcome::Stale | Outcome::Expired | Outcome::Interrupted) {
        report = again(report, ticket);
    }
    report
}

fn verdict(outcome: Outcome) -> Text {
    match outcome {
        Outcome::Succeeded => say::verdict::done(),
        Outcome::Failed => say::verdict::failed(),
        Outcome::Denied => say::verdict::denied(),
        Outcome::Cancelled => say::verdict::cancelled(),
        Outcome::Expired => say::verdict::lapsed(),
        Outcome::Stale => say::verdict::not_run(),
        Outcome::Interrupted => say::verdict::interrupted(),
        Outcome::RolledBack => say::verdict::rolled_back(),
        Outcome::Overtaken => say::verdict::overtaken(),
    }
}

fn end_line(ticket: &Ticket, outcome: Outcome, at: Timestamp) -> Text {
    match outcome {
        Outcome::Denied => {
            let no = ticket.votes.iter().find(|v| !v.approve);
            say::denied(no.map(|v| v.user), at, no.and_then(|v| v.reason.as_deref()))
        }
        Outcome::Cancelled => say::taken_back(ticket.requester.user, at),
        Outcome::Expired if ticket.execute_by.is_some() => say::decided_too_late(),
        Outcome::Expired => say::nobody_decided(at),
        Outcome::Succeeded
        | Outcome::Failed
        | Outcome::Stale
        | Outcome::Interrupted
        | Outcome::RolledBack
        | Outcome::Overtaken => say::ended(at),
    }
}

/// What the asker reads of it: nothing where they did it themselves just now.
pub(crate) fn news(ticket: &Ticket) -> Option<Report> {
    let (tone, title) = match &ticket.stage {
        Stage::AwaitingConfirm | Stage::Done(Outcome::Cancelled) => return None,
        Stage::AwaitingApproval if ticket.votes.is_empty() => return None,
        Stage::AwaitingApproval => (Tone::Waiting, texts::news::more_are_needed(&approvers(ticket))),
        Stage::Done(outcome) => (
            tone_of(*outcome),
            say::verdict_of(&verdict(*outcome), &ticket.preview.title),
        ),
        // The answer to their own confirmation says the rest.
        _ if ticket.quorum().is_none() => return None,
        Stage::Ready => (Tone::Info, texts::news::approved(&approvers(ticket))),
        Stage::Running(_) => (Tone::Info, texts::news::runs(&approvers(ticket))),
        Stage::Parked(_) => (Tone::Waiting, texts::workflow::parked()),
    };
    let mut report = Report::new(tone, title);
    if ticket.stage == Stage::Done(Outcome::Denied) {
        let at = ticket.ended.unwrap_or(ticket.created);
        report.add(end_line(ticket, Outcome::Denied, at));
    }
    report.add(texts::news::see(ticket.channel, ticket.id));
    report.place.clone_from(&ticket.preview.place);
    report.ticket = Some(ticket.id);
    report.mention = Some(ticket.requester.user);
    if ticket.stage == Stage::AwaitingApproval {
        report.actions.push(withdraw(ticket.id));
    }
    Some(report)
}

fn tone_of(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Succeeded | Outcome::RolledBack => Tone::Good,
        Outcome::Failed | Outcome::Interrupted => Tone::Bad,
        Outcome::Overtaken | Outcome::Stale => Tone::Waiting,
        Outcome::Denied | Outcome::Cancelled | Outcome::Expired => Tone::Off,
    }
}

/// The button by which the asker takes it back.
pub(crate) fn withdraw(ticket: TicketId) -> Action {
    Action::new(Act::Cancel, ticket, texts::news::withdraw(), Style::Secondary)
}

/// What the message says when the plan no longer fits.
pub(crate) fn stale(ticket: &Ticket, moved: &crate::failure::Moved) -> Report {
    let object = ticket.targets.first().map(String::as_str);
    let name = object.map_or_else(say::the_object, |object| {
        object.splitn(3, '/').nth(2).unwrap_or(object).into()
    });
    let mut report = Report::new(Tone::Waiting, say::changed_after(&name))
        .line(moved.line())
        .line(texts::failure::ask_again_for_the_plan())
        .line(people(ticket));
    report.place.clone_from(&ticket.preview.place);
    report.ticket = Some(ticket.id);
    again(report, ticket)
}

/// What the message says when the run failed with an error rather than a verdict.
pub(crate) fn failed(ticket: &Ticket, told: &Report, done: &[String], sent: bool) -> Report {
    let mut report = Report::new(
        Tone::Bad,
        say::verdict_of(&say::verdict::failed(), &ticket.preview.title),
    );
    report.place.clone_from(&ticket.preview.place);
    report.ticket = Some(ticket.id);
    report.add(told.title.clone());
    report.blocks.extend(told.blocks.iter().cloned());
    report.footer.clone_from(&told.footer);
    // What was sent and is not known to be done is no reason to say that nothing was.
    if !(sent && done.is_empty()) {
        report.add(steps_line(done));
    }
    report.add(people(ticket));
    again(report, ticket)
}

/// What the message says when somebody else set back or overtook what was done.
pub(crate) fn overtaken(ticket: &Ticket, moved: &crate::failure::Moved, done: &[String]) -> Report {
    let mut report = Report::new(
        Tone::Waiting,
        say::verdict_of(&say::verdict::overtaken(), &ticket.preview.title),
    );
    report.place.clone_from(&ticket.preview.place);
    report.ticket = Some(ticket.id);
    report.add(moved.line());
    report.add(texts::workflow::theirs_stands());
    if !done.is_empty() {
        report.add(steps_line(done));
    }
    report.add(people(ticket));
    again(report, ticket)
}

/// What the message says when a run was stopped and does not go on.
pub(crate) fn interrupted(ticket: &Ticket, why: Text, done: &[String]) -> Report {
    let mut report = Report::new(
        Tone::Bad,
        say::verdict_of(&say::verdict::interrupted(), &ticket.preview.title),
    )
    .line(why);
    report.place.clone_from(&ticket.preview.place);
    report.ticket = Some(ticket.id);
    if !done.is_empty() {
        report.add(steps_line(done));
    }
    report.add(people(ticket));
    again(report, ticket)
}

/// What the message says when a decided ticket does not start.
pub(crate) fn not_started(ticket: &Ticket, line: Text) -> Report {
    let mut report = Report::new(
        Tone::Off,
        say::verdict_of(&verdict(Outcome::Stale), &ticket.preview.title),
    )
    .line(line)
    .line(say::nothing_done())
    .line(people(ticket));
    report.place.clone_from(&ticket.preview.place);
    again(report, ticket)
}

fn steps_line(done: &[String]) -> Text {
    if done.is_empty() {
        say::no_step_done()
    } else {
        say::steps_done(done)
    }
}

/// What the message says while a decided ticket cannot start yet.
pub(crate) fn held_up(ticket: &Ticket, why: Text) -> Report {
    let mut report = beginning(ticket, why);
    report.tone = Tone::Waiting;
    report
}

fn again(report: Report, ticket: &Ticket) -> Report {
    let mut options = ticket.options.clone();
    options.remove(super::interaction::REASON);
    let line = crate::input::options_to_line(&options);
    // A button's id holds 100 characters in all; a longer line would come back cut.
    if line.len() + ticket.command.len() > 80 {
        return report;
    }
    report.action(Action::run(&ticket.command, line, say::button::ask_again()))
}
