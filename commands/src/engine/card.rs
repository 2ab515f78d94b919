//! What a ticket's message says, stage by stage. What a command itself reports while it runs and at its end is the
//! command's; everything before, and every other end, is worded here.

use crate::{
    line,
    model::{Act, Action, Field, Report, Style, Text, Timestamp, Tone, ago},
    policy::{Gate, Who},
    ticket::{Outcome, Stage, Ticket},
};

/// The message of a ticket as it stands.
pub(crate) fn card(ticket: &Ticket) -> Report {
    match &ticket.stage {
        Stage::AwaitingConfirm => confirm(ticket),
        Stage::AwaitingApproval => approval(ticket),
        Stage::Ready => beginning(ticket, line!["It is about to start now."]),
        Stage::Running(_) => beginning(ticket, line!["It starts now."]),
        Stage::Done(outcome) => ended(ticket, *outcome),
    }
}

/// Who asked, and why.
fn asked(ticket: &Ticket) -> Text {
    match &ticket.reason {
        Some(reason) => line![
            "asked by ",
            ticket.requester.user,
            ": \u{201c}",
            reason.clone(),
            "\u{201d}"
        ],
        None => line!["asked by ", ticket.requester.user],
    }
}

/// `asked by @operator · approved by @lead and @admin`
pub(crate) fn people(ticket: &Ticket) -> Text {
    let mut line = line!["asked by ", ticket.requester.user];
    let yes: Vec<_> = ticket.votes.iter().filter(|v| v.approve).collect();
    for (i, vote) in yes.iter().enumerate() {
        line = line
            .and(if i == 0 { " · approved by " } else { " and " })
            .and(vote.user);
    }
    line
}

fn base(ticket: &Ticket) -> Report {
    let mut report = ticket.preview.clone();
    report.actions.clear();
    report.ticket = Some(ticket.id);
    report.lead(asked(ticket))
}

fn confirm(ticket: &Ticket) -> Report {
    let mut report = base(ticket);
    report.tone = Tone::Waiting;
    report.add(plain_field(
        "Needs",
        line!["your confirmation; it lapses ", ago(ticket.approve_by)],
    ));
    report
        .action(Action::new(Act::Confirm, ticket.id, "Confirm", Style::Danger))
        .action(Action::new(Act::Cancel, ticket.id, "Cancel", Style::Secondary))
}

fn approval(ticket: &Ticket) -> Report {
    let mut report = base(ticket);
    report.tone = Tone::Waiting;
    if let Gate::Approve(quorum) = &ticket.gate {
        let within = crate::model::spell(ticket.run_within);
        let line = quorum
            .in_words()
            .and(", not the asker · lapses ")
            .and(ago(ticket.approve_by))
            .and(format!("; then it must start within {within}"));
        report.add(plain_field("Needs", line));
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
        report.add(plain_field("So far", people(ticket)));
    }
    report
        .action(Action::new(Act::Approve, ticket.id, "Approve", Style::Success))
        .action(Action::new(Act::Deny, ticket.id, "Deny", Style::Danger))
}

fn beginning(ticket: &Ticket, how: Text) -> Report {
    let mut report = base(ticket);
    report.tone = Tone::Info;
    report = report.lead(how);
    report.add(plain_field("People", people(ticket)));
    report
}

fn ended(ticket: &Ticket, outcome: Outcome) -> Report {
    let mut report = base(ticket);
    report.tone = Tone::Off;
    let at = ticket.ended.unwrap_or(ticket.created);
    report.title = line![verdict(outcome), ": "].and(ticket.preview.title.clone());
    report = report.lead(end_line(ticket, outcome, at));
    if matches!(outcome, Outcome::Stale | Outcome::Expired | Outcome::Interrupted) {
        report = again(report, ticket);
    }
    report
}

fn verdict(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "Done",
        Outcome::Failed => "Failed",
        Outcome::Denied => "Denied",
        Outcome::Cancelled => "Cancelled",
        Outcome::Expired => "Lapsed",
        Outcome::Stale => "Not run",
        Outcome::Interrupted => "Interrupted",
        Outcome::RolledBack => "Rolled back",
        Outcome::Overtaken => "Overtaken",
    }
}

fn end_line(ticket: &Ticket, outcome: Outcome, at: Timestamp) -> Text {
    match outcome {
        Outcome::Denied => {
            let Some(vote) = ticket.votes.iter().find(|v| !v.approve) else {
                return line!["Denied ", ago(at), ". Nothing was done."];
            };
            let line = line!["Denied by ", vote.user, " ", ago(at)];
            match &vote.reason {
                Some(why) => line.and(": \u{201c}").and(why).and("\u{201d}. Nothing was done."),
                None => line.and(". Nothing was done."),
            }
        }
        Outcome::Cancelled => line![
            "Taken back by ",
            ticket.requester.user,
            " ",
            ago(at),
            ". Nothing was done."
        ],
        Outcome::Expired if ticket.execute_by.is_some() => {
            line!["Decided, but it could not start in time. Nothing was done."]
        }
        Outcome::Expired => line![
            "Nobody decided in time; it lapsed ",
            ago(at),
            ". Nothing was done."
        ],
        Outcome::Succeeded
        | Outcome::Failed
        | Outcome::Stale
        | Outcome::Interrupted
        | Outcome::RolledBack
        | Outcome::Overtaken => {
            line!["Ended ", ago(at), "."]
        }
    }
}

/// What the message says when the plan no longer fits.
pub(crate) fn stale(ticket: &Ticket, moved: &crate::failure::Moved) -> Report {
    let object = ticket.targets.first().map_or("the object", String::as_str);
    let name = object.splitn(3, '/').nth(2).unwrap_or(object);
    let mut report = Report::new(
        Tone::Waiting,
        line!["Not run: ", name, " changed after this was asked"],
    )
    .line(moved.line())
    .line("Nothing was done. Ask again to see the new plan.")
    .line(people(ticket));
    report.place.clone_from(&ticket.preview.place);
    report.ticket = Some(ticket.id);
    again(report, ticket)
}

/// What the message says when the run failed with an error rather than a verdict.
pub(crate) fn failed(ticket: &Ticket, told: &Report, done: &[String]) -> Report {
    let mut report = Report::new(Tone::Bad, line!["Failed: "].and(ticket.preview.title.clone()));
    report.place.clone_from(&ticket.preview.place);
    report.ticket = Some(ticket.id);
    report.add(told.title.clone());
    report.blocks.extend(told.blocks.iter().cloned());
    report.footer.clone_from(&told.footer);
    report.add(steps_line(done));
    report.add(people(ticket));
    again(report, ticket)
}

fn steps_line(done: &[String]) -> Text {
    if done.is_empty() {
        line!["No step of it was done."]
    } else {
        line!["Steps done: ", done.join(", "), "."]
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
    report.action(Action::run(&ticket.command, line, "Ask again"))
}

fn plain_field(name: &str, line: Text) -> Field {
    Field {
        name: name.into(),
        lines: vec![line],
        inline: false,
    }
}
