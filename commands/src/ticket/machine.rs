//! The life of a ticket, as a pure function: a state, an event and a time give the next state and what is to be done
//! about it, or a refusal in a sentence. Clocks are checked here, so inside the transaction that stores the result.

use std::collections::BTreeMap;

use super::{Directive, Lease, Outcome, Stage, Ticket, Vote, tally};
use crate::{
    line,
    model::{Line, RoleId, Timestamp, UserId, ago},
    policy::{Gate, Rules},
};

/// The roles of people as just read from the chat.
pub type RolesNow = BTreeMap<UserId, Vec<RoleId>>;

/// What happens to a ticket.
#[derive(Debug, Clone)]
pub enum Event {
    /// Somebody pressed Confirm.
    Confirm {
        /// Who.
        by: UserId,
    },
    /// Somebody pressed Cancel.
    Cancel {
        /// Who.
        by: UserId,
    },
    /// Somebody pressed Approve or said why not. The roles are those of all who voted, this one included.
    Vote {
        /// The say.
        vote: Vote,
        /// Read when it arrived.
        roles_now: RolesNow,
    },
    /// A process begins the run. The roles are those of all who approved.
    Start {
        /// Which process, until when.
        lease: Lease,
        /// Read when it starts.
        roles_now: RolesNow,
    },
    /// The process that runs it is still there, or another takes over from one that is not.
    Hold(Lease),
    /// A button told the run something.
    Direct {
        /// Who.
        by: UserId,
        /// What.
        directive: Directive,
    },
    /// It is over.
    Finish(Outcome),
    /// Time went by.
    Tick,
}

/// What follows from a step. The engine turns these into rows of one transaction, and into a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A row for the audit: the event's word, and a detail.
    Record(&'static str, String),
    /// The card is to be drawn anew.
    Show,
    /// The run may begin.
    Launch,
}

/// Why an event does nothing, as the person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub Line);

impl Refusal {
    fn new(line: Line) -> Self {
        Self(line)
    }
}

type Stepped = Result<(Ticket, Vec<Effect>), Refusal>;

/// Applies an event. See the module's words; the ticket that comes back has the next version.
///
/// # Errors
/// When the event does not fit the state, the person or the time. Nothing changes then, except that an expired ticket
/// is to be expired by a [`Event::Tick`].
pub fn step(ticket: &Ticket, event: Event, rules: &Rules, now: Timestamp) -> Stepped {
    let next = Ticket {
        version: ticket.version + 1,
        ..ticket.clone()
    };
    match event {
        Event::Confirm { by } => confirm(next, by, rules, now),
        Event::Cancel { by } => cancel(next, by, now),
        Event::Vote { vote, roles_now } => cast(next, vote, &roles_now, rules, now),
        Event::Start { lease, roles_now } => start(next, lease, &roles_now, rules, now),
        Event::Hold(lease) => hold(next, lease, now),
        Event::Direct { by, directive } => direct(next, by, directive),
        Event::Finish(outcome) => finish(next, outcome, now),
        Event::Tick => tick(next, now),
    }
}

fn confirm(mut t: Ticket, by: UserId, rules: &Rules, now: Timestamp) -> Stepped {
    waiting_for(&t, &Stage::AwaitingConfirm, now)?;
    if by != t.requester.user {
        return Err(Refusal::new(line![
            "Only ",
            t.requester.user,
            ", who asked, can confirm this."
        ]));
    }
    same_rules(&t, rules)?;
    ready(&mut t, now);
    Ok((
        t,
        vec![Effect::Record("confirmed", String::new()), Effect::Launch],
    ))
}

fn cancel(mut t: Ticket, by: UserId, now: Timestamp) -> Stepped {
    if !matches!(t.stage, Stage::AwaitingConfirm | Stage::AwaitingApproval) {
        return Err(decided(&t));
    }
    if by != t.requester.user {
        return Err(Refusal::new(line![
            "Only ",
            t.requester.user,
            ", who asked, can take this back."
        ]));
    }
    end(&mut t, Outcome::Cancelled, now);
    Ok((t, vec![Effect::Record("cancelled", String::new()), Effect::Show]))
}

fn cast(mut t: Ticket, vote: Vote, roles_now: &RolesNow, rules: &Rules, now: Timestamp) -> Stepped {
    waiting_for(&t, &Stage::AwaitingApproval, now)?;
    let Some(quorum) = t.quorum().cloned() else {
        return Err(decided(&t));
    };
    if let Some(earlier) = t.votes.iter().find(|v| v.user == vote.user) {
        let what = if earlier.approve { "approved" } else { "denied" };
        return Err(Refusal::new(line![
            "You already ",
            what,
            " this ",
            ago(earlier.at),
            "."
        ]));
    }
    if vote.user == t.requester.user {
        let words = if vote.approve {
            "approve your own request"
        } else {
            "deny your own request; cancel it instead"
        };
        return Err(Refusal::new(line!["You cannot ", words, "."]));
    }
    let none = Vec::new();
    let roles = roles_now.get(&vote.user).unwrap_or(&none);
    let approvers = quorum.approvers();
    if !approvers.iter().any(|w| w.is(vote.user, roles)) {
        let who = crate::failure::list_who(&approvers);
        return Err(Refusal::new(
            line!["This is not yours to decide. "].join(who).and(" can."),
        ));
    }
    same_rules(&t, rules)?;
    t.votes.push(vote.clone());
    if !vote.approve {
        end(&mut t, Outcome::Denied, now);
        let why = vote.reason.unwrap_or_default();
        return Ok((t, vec![Effect::Record("denied", why), Effect::Show]));
    }
    let mut effects = vec![Effect::Record("approved", String::new()), Effect::Show];
    if tally(&quorum, t.requester.user, &t.votes, roles_now).met {
        ready(&mut t, now);
        effects.push(Effect::Launch);
    }
    Ok((t, effects))
}

fn start(mut t: Ticket, lease: Lease, roles_now: &RolesNow, rules: &Rules, now: Timestamp) -> Stepped {
    if t.stage != Stage::Ready {
        return Err(decided(&t));
    }
    if t.execute_by.is_none_or(|by| now >= by) {
        return Err(Refusal::new(line![
            "It did not start in time and has lapsed. Ask again."
        ]));
    }
    same_rules(&t, rules)?;
    if let Some(quorum) = t.quorum() {
        let count = tally(quorum, t.requester.user, &t.votes, roles_now);
        if !count.met {
            // The approval is void, the request is not: somebody else can still approve while the first clock runs.
            t.votes.retain(|v| !count.lapsed.contains(&v.user));
            t.stage = Stage::AwaitingApproval;
            t.execute_by = None;
            let who: Vec<String> = count.lapsed.iter().map(ToString::to_string).collect();
            let detail = format!("no longer approvers: {}", who.join(", "));
            return Ok((t, vec![Effect::Record("approval lapsed", detail), Effect::Show]));
        }
    }
    t.started = Some(now);
    t.stage = Stage::Running(lease);
    Ok((t, vec![Effect::Record("started", String::new()), Effect::Show]))
}

fn hold(mut t: Ticket, lease: Lease, now: Timestamp) -> Stepped {
    match &t.stage {
        Stage::Running(held) if held.holder == lease.holder || now >= held.until => {
            t.stage = Stage::Running(lease);
            Ok((t, vec![]))
        }
        Stage::Running(_) => Err(Refusal::new(line!["Another process runs it."])),
        _ => Err(decided(&t)),
    }
}

fn direct(mut t: Ticket, by: UserId, directive: Directive) -> Stepped {
    if !matches!(t.stage, Stage::Running(_)) {
        return Err(decided(&t));
    }
    if t.directive == directive {
        return Err(Refusal::new(line!["That has been asked for already."]));
    }
    t.directive = directive;
    let word = format!("{directive:?} by {by}");
    Ok((t, vec![Effect::Record("directed", word)]))
}

fn finish(mut t: Ticket, outcome: Outcome, now: Timestamp) -> Stepped {
    if matches!(t.stage, Stage::Done(_)) {
        return Err(decided(&t));
    }
    end(&mut t, outcome, now);
    Ok((t, vec![Effect::Record("finished", String::new()), Effect::Show]))
}

fn tick(mut t: Ticket, now: Timestamp) -> Stepped {
    let over = match t.stage {
        Stage::AwaitingConfirm | Stage::AwaitingApproval => now >= t.approve_by,
        Stage::Ready => t.execute_by.is_some_and(|by| now >= by),
        Stage::Running(_) | Stage::Done(_) => false,
    };
    if !over {
        return Err(Refusal::new(line!["It is not due."]));
    }
    end(&mut t, Outcome::Expired, now);
    Ok((t, vec![Effect::Record("expired", String::new()), Effect::Show]))
}

/// The stage and the first clock.
fn waiting_for(t: &Ticket, stage: &Stage, now: Timestamp) -> Result<(), Refusal> {
    if t.stage != *stage {
        return Err(decided(t));
    }
    if now >= t.approve_by {
        return Err(Refusal::new(line![
            "This lapsed ",
            ago(t.approve_by),
            ". Ask again."
        ]));
    }
    Ok(())
}

fn same_rules(t: &Ticket, rules: &Rules) -> Result<(), Refusal> {
    if t.policy == rules.version {
        return Ok(());
    }
    Err(Refusal::new(line![
        "The policy was changed after this was asked. Ask again under the new one."
    ]))
}

fn ready(t: &mut Ticket, now: Timestamp) {
    t.stage = Stage::Ready;
    t.execute_by = Some(now.checked_add(t.run_within).unwrap_or(Timestamp::MAX));
}

fn end(t: &mut Ticket, outcome: Outcome, now: Timestamp) {
    t.stage = Stage::Done(outcome);
    t.ended = Some(now);
}

/// What a late click reads: what became of it, by whom, when.
fn decided(t: &Ticket) -> Refusal {
    let last = t.votes.last();
    let when = t.ended.or(t.started).unwrap_or(t.created);
    Refusal::new(match (&t.stage, last) {
        (Stage::AwaitingConfirm, _) => line!["This waits for ", t.requester.user, " to confirm it."],
        (Stage::AwaitingApproval, _) => line!["This waits for approval."],
        (Stage::Ready, _) => line!["This is decided and about to start."],
        (Stage::Running(_), Some(v)) if v.approve => {
            line![v.user, " already approved this ", ago(v.at), "; it is running."]
        }
        (Stage::Running(_), _) => line!["This is running since ", ago(when), "."],
        (Stage::Done(Outcome::Denied), Some(v)) => line![v.user, " denied this ", ago(v.at), "."],
        (Stage::Done(Outcome::Cancelled), _) => line![t.requester.user, " took this back ", ago(when), "."],
        (Stage::Done(Outcome::Expired), _) => line!["This lapsed ", ago(when), ". Ask again."],
        (Stage::Done(outcome), _) => line!["This is over (", outcome.word(), ") since ", ago(when), "."],
    })
}

impl Ticket {
    /// The state in which a new ticket begins, by its gate.
    #[must_use]
    pub fn first_stage(gate: &Gate) -> Stage {
        match gate {
            Gate::None => Stage::Ready,
            Gate::Confirm => Stage::AwaitingConfirm,
            Gate::Approve(_) => Stage::AwaitingApproval,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        model::{Actor, ChannelId, Report, Scope, TicketId},
        policy::{Alternative, Quorum, Verb, Who},
    };

    const ASKER: UserId = UserId(1);
    const LEAD: UserId = UserId(2);
    const OTHER: UserId = UserId(3);
    const ROLE: RoleId = RoleId(22);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn rules() -> Rules {
        Rules {
            rules: vec![],
            version: "v1".into(),
        }
    }

    fn ticket(gate: Gate) -> Ticket {
        Ticket {
            id: TicketId(13),
            version: 1,
            released: false,
            command: "rollback".into(),
            typed: String::new(),
            options: Default::default(),
            requester: Actor {
                user: ASKER,
                name: "operator".into(),
                roles: vec![],
            },
            reason: None,
            asked_in: ChannelId(1),
            channel: ChannelId(1),
            verb: Verb::Release,
            scopes: vec![Scope::namespace("prod", "ceoagent")],
            targets: vec![],
            plan: serde_json::Value::Null,
            holds: vec![],
            preview: Report::default(),
            stage: Ticket::first_stage(&gate),
            gate,
            policy: "v1".into(),
            created: at(0),
            approve_by: at(900),
            run_within: Duration::from_secs(600),
            execute_by: None,
            votes: vec![],
            directive: Directive::Continue,
            started: None,
            ended: None,
            shown: Report::default(),
        }
    }

    fn approval(count: u32) -> Ticket {
        let any_of = vec![Alternative {
            count,
            of: vec![Who::Role(ROLE)],
        }];
        ticket(Gate::Approve(Quorum {
            any_of,
            reason: false,
        }))
    }

    fn roles(people: &[UserId]) -> RolesNow {
        people.iter().map(|p| (*p, vec![ROLE])).collect()
    }

    fn vote(user: UserId, approve: bool, now: Timestamp) -> Event {
        let vote = Vote {
            user,
            name: String::new(),
            roles: vec![],
            approve,
            reason: None,
            at: now,
        };
        Event::Vote {
            vote,
            roles_now: roles(&[LEAD, OTHER]),
        }
    }

    fn start(now: Timestamp, people: &[UserId]) -> Event {
        Event::Start {
            lease: Lease {
                holder: "me".into(),
                until: now,
            },
            roles_now: roles(people),
        }
    }

    fn apply(t: &Ticket, event: Event, now: Timestamp) -> Ticket {
        step(t, event, &rules(), now).unwrap().0
    }

    fn refused(t: &Ticket, event: Event, now: Timestamp) -> String {
        step(t, event, &rules(), now).unwrap_err().0.plain()
    }

    #[test]
    fn each_clock_ends_on_its_second() {
        let t = approval(1);
        assert_eq!(apply(&t, vote(LEAD, true, at(899)), at(899)).stage, Stage::Ready);
        assert!(refused(&t, vote(LEAD, true, at(900)), at(900)).contains("lapsed"));
        let ready = apply(&t, vote(LEAD, true, at(10)), at(10));
        assert_eq!(
            ready.execute_by,
            Some(at(610)),
            "the second clock starts when the gate opens"
        );
        assert!(matches!(
            apply(&ready, start(at(609), &[LEAD]), at(609)).stage,
            Stage::Running(_)
        ));
        assert!(refused(&ready, start(at(610), &[LEAD]), at(610)).contains("lapsed"));
        assert!(refused(&ready, Event::Tick, at(609)).contains("not due"));
        assert_eq!(
            apply(&ready, Event::Tick, at(610)).stage,
            Stage::Done(Outcome::Expired)
        );
        assert_eq!(
            apply(&t, Event::Tick, at(900)).stage,
            Stage::Done(Outcome::Expired)
        );
    }

    #[test]
    fn a_vote_is_one_a_person_and_never_the_askers() {
        let t = approval(2);
        let once = apply(&t, vote(LEAD, true, at(1)), at(1));
        assert_eq!(once.stage, Stage::AwaitingApproval);
        assert!(refused(&once, vote(LEAD, true, at(2)), at(2)).contains("already approved"));
        assert!(refused(&t, vote(ASKER, true, at(1)), at(1)).contains("your own request"));
        assert!(refused(&t, vote(UserId(9), true, at(1)), at(1)).contains("not yours"));
        assert_eq!(apply(&once, vote(OTHER, true, at(2)), at(2)).stage, Stage::Ready);
        assert_eq!(
            apply(&once, vote(OTHER, false, at(2)), at(2)).stage,
            Stage::Done(Outcome::Denied)
        );
    }

    #[test]
    fn an_approver_who_is_none_any_more_sends_it_back() {
        let ready = apply(&approval(1), vote(LEAD, true, at(1)), at(1));
        let back = apply(&ready, start(at(2), &[]), at(2));
        assert_eq!(back.stage, Stage::AwaitingApproval);
        assert!(back.votes.is_empty() && back.execute_by.is_none());
        assert_eq!(apply(&back, vote(OTHER, true, at(3)), at(3)).stage, Stage::Ready);
    }

    #[test]
    fn a_confirmation_is_the_askers_alone() {
        let t = ticket(Gate::Confirm);
        assert!(refused(&t, Event::Confirm { by: LEAD }, at(1)).contains("who asked"));
        let ready = apply(&t, Event::Confirm { by: ASKER }, at(1));
        assert_eq!(ready.stage, Stage::Ready);
        assert!(refused(&ready, Event::Confirm { by: ASKER }, at(2)).contains("about to start"));
        assert!(refused(&ready, Event::Cancel { by: ASKER }, at(2)).contains("about to start"));
        assert_eq!(
            apply(&t, Event::Cancel { by: ASKER }, at(1)).stage,
            Stage::Done(Outcome::Cancelled)
        );
    }

    #[test]
    fn other_rules_than_those_it_was_judged_by_stop_it() {
        let other = Rules {
            rules: vec![],
            version: "v2".into(),
        };
        let t = approval(1);
        assert!(
            step(&t, vote(LEAD, true, at(1)), &other, at(1))
                .unwrap_err()
                .0
                .plain()
                .contains("policy was changed")
        );
        let ready = apply(&t, vote(LEAD, true, at(1)), at(1));
        assert!(step(&ready, start(at(2), &[LEAD]), &other, at(2)).is_err());
    }

    #[test]
    fn a_lease_is_taken_over_only_when_it_is_over() {
        let ready = apply(&approval(1), vote(LEAD, true, at(1)), at(1));
        let running = apply(&ready, start(at(30), &[LEAD]), at(2));
        let by = |holder: &str, until| {
            Event::Hold(Lease {
                holder: holder.into(),
                until,
            })
        };
        assert!(refused(&running, by("other", at(60)), at(29)).contains("Another process"));
        assert!(matches!(
            apply(&running, by("me", at(60)), at(29)).stage,
            Stage::Running(_)
        ));
        assert!(
            matches!(apply(&running, by("other", at(60)), at(30)).stage, Stage::Running(l) if l.holder == "other")
        );
    }

    #[test]
    fn every_step_that_changes_a_ticket_changes_its_version() {
        let t = approval(1);
        let ready = apply(&t, vote(LEAD, true, at(1)), at(1));
        assert_eq!((t.version, ready.version), (1, 2));
        let over = apply(
            &apply(&ready, start(at(2), &[LEAD]), at(2)),
            Event::Finish(Outcome::Succeeded),
            at(3),
        );
        assert_eq!(over.version, 4);
        assert!(refused(&over, Event::Finish(Outcome::Failed), at(4)).contains("over"));
    }
}
