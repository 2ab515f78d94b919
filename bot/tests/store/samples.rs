//! Tickets, votes, entries and posts to store.

use std::time::Duration;

use ceo_commands::{
    model::{Actor, ChannelId, Report, RoleId, Scope, TicketId, Timestamp, Tone, UserId},
    policy::{Gate, Verb},
    ports::{AuditEntry, Commit, Ledger, Post, Priority},
    ticket::{Directive, Lease, Outcome, Precondition, Stage, StepRecord, Ticket, Vote},
};

/// Text that breaks those who are careless: NUL, quotes, SQL, marks, other planes, control characters, odd spaces.
pub const STRANGE: &str = "a\u{0}b 'q' \"d\" \\ $1 ? % _ ; DROP TABLE audit; -- 你好 🚀 e\u{301} \u{202e}rtl\u{7f}\r\n\t\u{2028}\u{feff}\u{10ffff}";

/// The time of all samples, to the nanosecond.
pub fn at(second: i64) -> Timestamp {
    Timestamp::new(1_700_000_000 + second, 123_456_789).unwrap()
}

pub fn ticket(id: TicketId, targets: &[&str]) -> Ticket {
    Ticket {
        options: Default::default(),
        released: false,
        id,
        version: 1,
        command: "scale".to_owned(),
        typed: "workload:deployment/api replicas:5".to_owned(),
        requester: Actor {
            user: UserId(u64::MAX),
            name: STRANGE.to_owned(),
            roles: vec![RoleId(1), RoleId(u64::MAX)],
        },
        reason: Some(STRANGE.to_owned()),
        asked_in: ChannelId(3000),
        channel: ChannelId(u64::MAX - 1),
        verb: Verb::Change,
        scopes: vec![Scope::namespace("prod", "shop")],
        targets: targets.iter().map(|&t| t.to_owned()).collect(),
        plan: serde_json::json!({"replicas": 5, "large": u64::MAX, "half": 0.5, STRANGE: [null, true, STRANGE], "": {}}),
        preconditions: vec![Precondition {
            resource: "apps/deployments".to_owned(),
            cluster: "prod".to_owned(),
            namespace: "shop".to_owned(),
            name: "api".to_owned(),
            uid: "u-1".to_owned(),
            fields: vec![("/spec/replicas".to_owned(), "ab".to_owned())],
        }],
        preview: report(STRANGE),
        gate: Gate::Confirm,
        policy: "v1".to_owned(),
        created: at(0),
        approve_by: at(900),
        run_within: Duration::from_millis(600_001),
        execute_by: None,
        stage: Stage::AwaitingConfirm,
        votes: vec![],
        directive: Directive::Continue,
        held_by: None,
        woken: None,
        ran_ms: 0,
        started: None,
        ended: None,
        shown: report("shown"),
    }
}

/// The ticket one version on, in another stage.
pub fn next(ticket: &Ticket, stage: Stage) -> Ticket {
    Ticket {
        version: ticket.version + 1,
        stage,
        ..ticket.clone()
    }
}

pub fn running() -> Stage {
    Stage::Running(Lease {
        holder: "process-1".to_owned(),
        until: at(30),
    })
}

pub fn done() -> Stage {
    Stage::Done(Outcome::Succeeded)
}

pub fn vote(user: u64, approve: bool) -> Vote {
    Vote {
        user: UserId(user),
        name: STRANGE.to_owned(),
        roles: vec![RoleId(2)],
        approve,
        reason: None,
        at: at(60),
    }
}

pub fn begun(name: &str) -> StepRecord {
    StepRecord {
        name: name.to_owned(),
        began: at(5),
        result: None,
        ..StepRecord::default()
    }
}

pub fn finished(name: &str, result: serde_json::Value) -> StepRecord {
    StepRecord {
        result: Some(result),
        ..begun(name)
    }
}

pub fn entry(detail: &str) -> AuditEntry {
    AuditEntry {
        at: at(1),
        actor: Some(UserId(7)),
        actor_name: "ann".to_owned(),
        event: "asked".to_owned(),
        command: "scale".to_owned(),
        target: "prod/shop/deployment/api".to_owned(),
        ticket: Some(TicketId(1)),
        outcome: "ok".to_owned(),
        detail: detail.to_owned(),
        reference: "00ff00".to_owned(),
    }
}

pub fn report(title: &str) -> Report {
    Report::new(Tone::Waiting, title).line(STRANGE).footer("small")
}

pub fn post(key: &str, title: &str) -> Post {
    Post {
        key: key.to_owned(),
        channel: ChannelId(3000),
        report: report(title),
        priority: Priority::Answer,
        last: false,
    }
}

/// A commit of a new ticket.
pub fn new(ticket: &Ticket) -> Commit {
    Commit {
        ticket: Some((ticket.clone(), None)),
        ..Commit::default()
    }
}

/// A commit of a ticket's next version.
pub fn after(next: &Ticket) -> Commit {
    Commit {
        ticket: Some((next.clone(), Some(next.version - 1))),
        ..Commit::default()
    }
}

/// A stored new ticket.
pub async fn stored(ledger: &dyn Ledger, targets: &[&str]) -> Ticket {
    let ticket = ticket(ledger.allocate().await.unwrap(), targets);
    ledger.commit(new(&ticket)).await.unwrap();
    ticket
}
