//! What a ticket's message says, stage by stage. What a command itself reports while it runs and at its end is the
//! command's; everything before, and every other end, is worded here.

use crate::{
    line,
    model::{Act, Action, Field, Line, Report, Style, Timestamp, Tone, ago},
    policy::{Gate, Who},
    ticket::{Outcome, Stage, Ticket},
};

/// The message of a ticket as it stands.
pub(crate) fn card(ticket: &Ticket) -> Report {
    match &ticket.stage {
        Stage::AwaitingConfirm => confirm(ticket),
        Stage::AwaitingApproval => approval(ticket),
        Stage::Ready => beginning(ticket, "is about to start"),
        Stage::Running(_) => beginning(ticket, "starts"),
        Stage::Done(outcome) => ended(ticket, *outcome),
    }
}

/// Who asked, and why.
fn asked(ticket: &Ticket) -> Line {
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
pub(crate) fn people(ticket: &Ticket) -> Line {
    let mut line = line!["asked by ", ticket.requester.user];
    let yes: Vec<_> = ticket.votes.iter().filter(|v| v.approve).collect();
    for (i, vote) in yes.iter().enumerate() {
        line = line
            .and(if i == 0 { " · approved by " } else { " and " })
            .and(vote.user);
    }
    line
}

/// Where, with the ticket's number.
pub(crate) fn place(ticket: &Ticket, place: Option<String>) -> Option<String> {
    let number = format!("ticket {}", ticket.id);
    Some(match place {
        Some(place) if place.ends_with(&number) => place,
        Some(place) => format!("{place} · {number}"),
        None => number,
    })
}

fn base(ticket: &Ticket) -> Report {
    let mut report = ticket.preview.clone();
    report.actions.clear();
    report.place = place(ticket, report.place.take());
    report.lines.insert(0, asked(ticket));
    report
}

fn confirm(ticket: &Ticket) -> Report {
    let mut report = base(ticket);
    report.tone = Tone::Waiting;
    report.fields.push(plain_field(
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
        report.fields.push(plain_field("Needs", line));
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
        report.fields.push(plain_field("So far", people(ticket)));
    }
    report
        .action(Action::new(Act::Approve, ticket.id, "Approve", Style::Success))
        .action(Action::new(Act::Deny, ticket.id, "Deny", Style::Danger))
}

fn beginning(ticket: &Ticket, what: &str) -> Report {
    let mut report = base(ticket);
    report.tone = Tone::Info;
    report.lines.insert(0, line!["It ", what, " now."]);
    report.fields.push(plain_field("People", people(ticket)));
    report
}

fn ended(ticket: &Ticket, outcome: Outcome) -> Report {
    let mut report = base(ticket);
    report.tone = Tone::Off;
    let at = ticket.ended.unwrap_or(ticket.created);
    report.title = line![verdict(outcome), ": "].join(ticket.preview.title.clone());
    report.lines.insert(0, end_line(ticket, outcome, at));
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
    }
}

fn end_line(ticket: &Ticket, outcome: Outcome, at: Timestamp) -> Line {
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
        Outcome::Succeeded | Outcome::Failed | Outcome::Stale | Outcome::Interrupted => {
            line!["Ended ", ago(at), "."]
        }
    }
}

/// What the message says when the plan no longer fits.
pub(crate) fn stale(ticket: &Ticket, moved: &crate::failure::Moved) -> Report {
    let place = base(ticket).place;
    let object = ticket.targets.first().map_or("the object", String::as_str);
    let name = object.splitn(3, '/').nth(2).unwrap_or(object);
    let mut report = Report::new(
        Tone::Waiting,
        line!["Not run: ", name, " changed after this was asked"],
    )
    .line(moved.line())
    .line("Nothing was done. Ask again to see the new plan.")
    .line(people(ticket));
    report.place = place;
    again(report, ticket)
}

/// What the message says when the run failed with an error rather than a verdict.
pub(crate) fn failed(ticket: &Ticket, told: &Report, done: &[String]) -> Report {
    let place = base(ticket).place;
    let mut report = Report::new(Tone::Bad, line!["Failed: "].join(ticket.preview.title.clone()));
    report.place = place;
    report.lines.push(told.title.clone());
    report.lines.extend(told.lines.iter().cloned());
    report.footer.clone_from(&told.footer);
    report.lines.push(steps_line(done));
    report.lines.push(people(ticket));
    again(report, ticket)
}

fn steps_line(done: &[String]) -> Line {
    if done.is_empty() {
        line!["No step of it was done."]
    } else {
        line!["Steps done: ", done.join(", "), "."]
    }
}

/// What the message says while a decided ticket cannot start yet.
pub(crate) fn held_up(ticket: &Ticket, why: Line) -> Report {
    let mut report = beginning(ticket, "waits");
    report.tone = Tone::Waiting;
    report.lines[0] = why;
    report
}

fn again(report: Report, ticket: &Ticket) -> Report {
    let mut options = ticket.options.clone();
    options.remove(super::guard::REASON);
    let line = crate::input::options_to_line(&options);
    // A button's id holds 100 characters in all; a longer line would come back cut.
    if line.len() + ticket.command.len() > 80 {
        return report;
    }
    report.action(Action::run(&ticket.command, line, "Ask again"))
}

fn plain_field(name: &str, line: Line) -> Field {
    Field {
        name: name.to_owned(),
        lines: vec![line],
        inline: false,
    }
}
