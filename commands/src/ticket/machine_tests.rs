//! Every step of a ticket's life, and every no.

use std::time::Duration;

use super::*;
use crate::{
    model::{Actor, ChannelId, Report, Scope, TicketId},
    policy::{Alternative, May, Quorum, Rule, Verb, Where, Who},
};

const ASKER: UserId = UserId(1);
const LEAD: UserId = UserId(2);
const OTHER: UserId = UserId(3);
const ROLE: RoleId = RoleId(22);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn rules() -> Rules {
    let everybody = Rule {
        who: vec![Who::User(ASKER), Who::Role(ROLE)],
        may: vec![May::Verb(Verb::Release)],
        r#where: vec![Where {
            cluster: "*".into(),
            namespace: "*".into(),
        }],
        gate: Some(Gate::None),
        deny: false,
    };
    Rules {
        rules: vec![everybody],
        version: "v1".into(),
    }
}

fn confirm(by: UserId) -> Event {
    Event::Confirm { by, roles: vec![] }
}

fn finish(holder: &str, outcome: Outcome) -> Event {
    Event::Finish {
        holder: holder.into(),
        outcome,
        report: Box::default(),
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
        preconditions: vec![],
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
        held_by: None,
        woken: None,
        ran_ms: 0,
        started: None,
        ended: None,
        shown: Report::default(),
    }
}

fn approval(count: u32) -> Ticket {
    let leads = Alternative {
        count,
        of: vec![Who::Role(ROLE)],
    };
    ticket(Gate::Approve(Quorum::any(vec![leads], false)))
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
    assert!(refused(&t, confirm(LEAD), at(1)).contains("who asked"));
    let ready = apply(&t, confirm(ASKER), at(1));
    assert_eq!(ready.stage, Stage::Ready);
    assert!(refused(&ready, confirm(ASKER), at(2)).contains("about to start"));
    assert!(refused(&ready, Event::Cancel { by: ASKER }, at(2)).contains("about to start"));
    let of_another = refused(&t, Event::Cancel { by: LEAD }, at(1));
    assert_eq!(of_another, click::only_takes_back(ASKER).plain());
    assert_eq!(
        apply(&t, Event::Cancel { by: ASKER }, at(1)).stage,
        Stage::Done(Outcome::Cancelled)
    );
}

#[test]
fn what_runs_or_is_over_does_not_start_again() {
    let ready = apply(&approval(1), vote(LEAD, true, at(1)), at(1));
    let running = apply(&ready, start(at(2), &[LEAD]), at(2));
    refused(&running, start(at(3), &[LEAD]), at(3));
    let done = apply(&running, finish("me", Outcome::Succeeded), at(4));
    assert!(
        done.execute_by.is_some_and(|by| at(5) < by),
        "only its stage says no"
    );
    refused(&done, start(at(5), &[LEAD]), at(5));
}

#[test]
fn a_sign_off_is_of_those_who_are_asked() {
    let mut parked = approval(1);
    parked.stage = Stage::Parked(Parked {
        step: "look".into(),
        until: Until::SignOff {
            question: "is it well?".into(),
            by: vec![Who::Role(ROLE)],
            lapses: at(100),
        },
    });
    let sign = |roles: Vec<RoleId>| Event::Sign {
        vote: Vote {
            user: OTHER,
            name: String::new(),
            roles,
            approve: true,
            reason: None,
            at: at(1),
        },
    };
    refused(&parked, sign(vec![RoleId(99)]), at(1));
    let signed = apply(&parked, sign(vec![ROLE]), at(1));
    // The engine wakes it at once.
    let now = Until::Time(at(1));
    assert!(matches!(&signed.stage, Stage::Parked(parked) if parked.until == now));
}

/// The rules, with the gate that a release has now, and another rule that speaks of somebody else.
fn rules_now(gate: Gate, deny: Option<Who>) -> Rules {
    let mut rules = rules();
    rules.rules[0].gate = Some(gate);
    rules.rules.push(Rule {
        who: vec![deny.unwrap_or(Who::User(UserId(99)))],
        deny: deny.is_some(),
        ..rules.rules[0].clone()
    });
    rules.version = "v2".into();
    rules
}

fn leads(count: u32) -> Gate {
    let of = vec![Who::Role(ROLE)];
    Gate::Approve(Quorum::any(vec![Alternative { count, of }], false))
}

#[test]
fn the_gate_is_judged_again_and_only_a_stricter_one_stops_it() {
    let ready = apply(&approval(1), vote(LEAD, true, at(1)), at(1));
    let begin = |ticket: &Ticket, rules: &Rules| {
        step(ticket, start(at(30), &[LEAD]), rules, at(2)).map_err(|no| no.0.plain())
    };
    let runs = |gate| {
        let started = begin(&ready, &rules_now(gate, None));
        started.map(|(t, _)| matches!(t.stage, Stage::Running(_)))
    };
    assert_eq!(runs(leads(1)), Ok(true), "an edit of another rule voids nothing");
    assert_eq!(runs(Gate::Confirm), Ok(true), "milder than what was passed");
    assert!(runs(leads(2)).unwrap_err().contains("asks for more now"));
    let with_reason = Gate::Approve(Quorum::any(
        vec![Alternative {
            count: 1,
            of: vec![Who::Role(ROLE)],
        }],
        true,
    ));
    assert!(runs(with_reason).unwrap_err().contains("asks for more now"));
    // A row that somebody wrote as decided, behind a gate that the rules do not know.
    let forged = Ticket {
        stage: Stage::Ready,
        execute_by: Some(at(600)),
        ..ticket(Gate::None)
    };
    assert!(
        begin(&forged, &rules_now(leads(1), None))
            .unwrap_err()
            .contains("asks for more now")
    );
    // Nobody is asked to approve what would not run.
    let told = step(
        &approval(1),
        vote(LEAD, true, at(1)),
        &rules_now(leads(2), None),
        at(1),
    );
    assert!(told.unwrap_err().0.plain().contains("asks for more now"));
    let no = step(
        &approval(1),
        vote(LEAD, false, at(1)),
        &rules_now(leads(2), None),
        at(1),
    );
    assert_eq!(
        no.unwrap().0.stage,
        Stage::Done(Outcome::Denied),
        "a no needs no rule"
    );
}

#[test]
fn a_rule_that_forbids_it_binds_approvers_too() {
    let forbids = |who| rules_now(leads(1), Some(who));
    let t = approval(1);
    let told = step(&t, vote(LEAD, true, at(1)), &forbids(Who::User(LEAD)), at(1));
    assert!(told.unwrap_err().0.plain().contains("forbids this to you"));
    let other = step(&t, vote(OTHER, true, at(1)), &forbids(Who::User(LEAD)), at(1));
    assert_eq!(other.unwrap().0.stage, Stage::Ready);
    // One who was forbidden it after the vote is an approver no more.
    let ready = apply(&t, vote(LEAD, true, at(1)), at(1));
    let back = step(&ready, start(at(30), &[LEAD]), &forbids(Who::User(LEAD)), at(2))
        .unwrap()
        .0;
    assert_eq!(back.stage, Stage::AwaitingApproval);
    assert!(back.votes.is_empty());
}

#[test]
fn who_holds_a_run_is_known() {
    let ready = apply(&approval(1), vote(LEAD, true, at(1)), at(1));
    let running = apply(&ready, start(at(30), &[LEAD]), at(2));
    let told = |t: &Ticket, by, directive| apply(t, Event::Direct { by, directive }, at(3));
    let held = told(&running, OTHER, Directive::Hold);
    assert_eq!(held.held_by, Some(OTHER));
    assert_eq!(told(&held, LEAD, Directive::Continue).held_by, None);
}

#[test]
fn a_lease_is_taken_over_only_when_it_is_over() {
    let ready = apply(&approval(1), vote(LEAD, true, at(1)), at(1));
    let running = apply(&ready, start(at(30), &[LEAD]), at(2));
    let by = |holder: &str, until| {
        let lease = Lease {
            holder: holder.into(),
            until,
        };
        Event::Renew(lease, Box::default())
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
        finish("me", Outcome::Succeeded),
        at(3),
    );
    assert_eq!(over.version, 4);
    assert!(refused(&over, finish("me", Outcome::Failed), at(4)).contains("over"));
}

#[test]
fn of_a_run_only_its_holder_says_how_it_ended() {
    let ready = apply(&approval(1), vote(LEAD, true, at(1)), at(1));
    let running = apply(&ready, start(at(30), &[LEAD]), at(2));
    assert!(refused(&running, finish("other", Outcome::Failed), at(3)).contains("Another process"));
    let over = apply(&running, finish("me", Outcome::Succeeded), at(3));
    assert_eq!(over.stage, Stage::Done(Outcome::Succeeded));
}

#[test]
fn who_may_no_longer_ask_cannot_confirm_and_is_not_run() {
    let rules = Rules {
        rules: vec![Rule {
            who: vec![Who::Role(ROLE)],
            ..rules().rules.remove(0)
        }],
        ..rules()
    };
    let told = |t: &Ticket, event, now| step(t, event, &rules, now).unwrap_err().0.plain();
    let t = ticket(Gate::Confirm);
    assert!(told(&t, confirm(ASKER), at(1)).contains("may not do this any more"));
    let with_role = Event::Confirm {
        by: ASKER,
        roles: vec![ROLE],
    };
    let ready = step(&t, with_role, &rules, at(1)).unwrap().0;
    assert!(told(&ready, start(at(30), &[LEAD]), at(2)).contains("may not do this any more"));
    let running = step(&ready, start(at(30), &[ASKER]), &rules, at(2)).unwrap().0;
    assert!(matches!(running.stage, Stage::Running(_)));
}
