//! A store that an earlier release wrote is taken over: its tables are brought up to date, everything in it is read, and
//! what was open goes on. The fixtures are dumps (`sqlite3 .dump`, `pg_dump --inserts`) of stores that the release's own
//! code wrote; they are never edited, and a later release adds its own beside them.

use std::collections::BTreeMap;

use ceo_commands::{
    incident::{IncidentId, Problem},
    model::{RoleId, TicketId, Timestamp, UserId, Workload, WorkloadKind},
    policy::{Alternative, Gate, May, Quorum, Rule, Rules, Verb, Where, Who},
    ports::{AuditFilter, Commit, IncidentFilter, Ledger, LedgerError, Records, TicketFilter},
    ticket::{Directive, Event, Lease, Outcome, Stage, Ticket, step},
};

use crate::{
    db::Db,
    samples::{entry, finished, vote},
};

mod a_store_of_the_first_release_is_taken_over {
    use super::{Db, everything};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        everything(Db::taken_over_sqlite(include_str!("taken_over/first.sqlite.sql")).await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        let dump = include_str!("taken_over/first.postgres.sql");
        if let Some(db) = Db::taken_over_postgres(dump).await {
            everything(db).await;
        }
    }
}

async fn everything(db: Db) {
    let before = db.store.verify(&[]).await.unwrap();
    assert_eq!(
        before.seq, 19,
        "a row for each asked, and one for each of seven ends"
    );
    the_tickets(&db).await;
    the_steps_and_the_votes(&db).await;
    the_incidents(&db).await;
    the_messages(&db).await;
    the_audit_and_the_values(&db).await;
    what_waits_is_confirmed_and_runs(&db).await;
    what_has_a_vote_gets_another(&db).await;
    what_ran_is_taken_up(&db).await;
    the_files_have_moved(&db).await;
    the_numbers_go_on(&db).await;
    // The rows of then are still what they were, and the new ones follow them.
    let after = db.store.verify(std::slice::from_ref(&before)).await.unwrap();
    assert!(after.seq > before.seq, "{after} follows {before}");
}

/// The moments of the fixture.
fn at(second: i64) -> Timestamp {
    Timestamp::new(1_790_000_000 + second, 123_000_000).unwrap()
}

async fn ticket(db: &Db, id: i64) -> Ticket {
    db.store.ticket(TicketId(id)).await.unwrap().expect("a ticket")
}

async fn the_tickets(db: &Db) {
    let filter = |open, outcome| TicketFilter {
        open,
        outcome,
        ..TicketFilter::default()
    };
    let all = db.store.tickets(filter(false, None)).await.unwrap();
    let ids: Vec<i64> = all.iter().map(|t| t.id.0).collect();
    assert_eq!(ids, (1..=12).rev().collect::<Vec<_>>());
    let open = db.store.tickets(filter(true, None)).await.unwrap();
    let words: Vec<&str> = open.iter().rev().map(|t| t.stage.word()).collect();
    assert_eq!(
        words,
        [
            "awaiting_confirm",
            "awaiting_approval",
            "ready",
            "running",
            "running"
        ]
    );
    let ends = [
        (Outcome::Succeeded, 6),
        (Outcome::Failed, 7),
        (Outcome::Denied, 8),
        (Outcome::Cancelled, 9),
        (Outcome::Expired, 10),
        (Outcome::Stale, 11),
        (Outcome::Interrupted, 12),
    ];
    for (outcome, id) in ends {
        let found = db.store.tickets(filter(false, Some(outcome))).await.unwrap();
        assert_eq!(
            found.iter().map(|t| t.id.0).collect::<Vec<_>>(),
            [id],
            "{outcome:?}"
        );
        assert_eq!(found[0].stage, Stage::Done(outcome));
        assert_eq!(found[0].ended, Some(at(120)));
    }
    for ticket in &all {
        the_ticket(ticket);
    }
    the_quorum(&ticket(db, 2).await);
    let lease = Lease {
        holder: "process-1".to_owned(),
        until: at(90),
    };
    let runs = ticket(db, 4).await;
    assert_eq!(runs.stage, Stage::Running(lease));
    assert_eq!(runs.directive, Directive::RollBack);
    assert!(!runs.released && ticket(db, 5).await.released);
}

/// What every ticket of the fixture holds.
fn the_ticket(ticket: &Ticket) {
    let id = ticket.id;
    let app = ticket.targets[0]
        .strip_prefix("prod/ceoagent/deployment/")
        .expect("a target");
    assert_eq!(ticket.requester.user, UserId(501), "{id}");
    assert_eq!(ticket.requester.name, "operator");
    assert_eq!(ticket.requester.roles, [RoleId(111)]);
    assert_eq!(ticket.reason.as_deref(), Some("v2 answers with 500 自 v2 发布起"));
    assert_eq!((ticket.asked_in.0, ticket.channel.0), (3000, 3000));
    assert_eq!(ticket.options.len(), 3);
    assert_eq!(ticket.scopes.len(), 2);
    assert_eq!(ticket.created, at(id.0));
    assert_eq!(ticket.approve_by, at(900 + id.0));
    assert_eq!(ticket.run_within.as_secs(), 600);
    assert_eq!(ticket.plan["workload"]["name"], *app);
    let (verb, field) = match ticket.command.as_str() {
        "scale" => (Verb::Change, "/spec/replicas"),
        _ => (Verb::Release, "/spec/template"),
    };
    assert_eq!(ticket.verb, verb);
    assert_eq!(ticket.preconditions.len(), 1, "{id}");
    assert_eq!(ticket.preconditions[0].uid, format!("5d9c1c0e-{app}"));
    assert_eq!(ticket.preconditions[0].fields[0].0, field);
    for report in [&ticket.preview, &ticket.shown] {
        let text = report.plain();
        for words in [
            "Roll back deployment/ceoagent-api to revision 7",
            "a second line, with 中文 and \"quotes\"",
            "Traffic: 3 of 3 pods ready",
            "Image: api:v2 → api:v1",
        ] {
            assert!(text.contains(words), "{words} is not in {text}");
        }
        let stored = serde_json::to_string(report).unwrap();
        for words in [
            "https://example.com/runbook",
            "+image: api:v1",
            "diff.txt",
            "production · a1b2c3",
        ] {
            assert!(stored.contains(words), "{words} is not in {stored}");
        }
        assert_eq!(report.actions.len(), 2);
    }
    let shown = ticket.shown.plain();
    assert!(
        shown.contains(&format!("Stage: {}", ticket.stage.word())),
        "{shown}"
    );
}

fn the_quorum(ticket: &Ticket) {
    let quorum = ticket.quorum().expect("a quorum");
    assert!(quorum.reason);
    let alternatives: Vec<_> = quorum.every.concat();
    assert_eq!(alternatives[0].of, [Who::Role(RoleId(222))]);
    assert_eq!(alternatives[1].of, [Who::User(UserId(502))]);
    assert_eq!((alternatives[0].count, alternatives[1].count), (2, 1));
}

async fn the_steps_and_the_votes(db: &Db) {
    let steps = db.store.steps(TicketId(4)).await.unwrap();
    assert_eq!(steps.len(), 2);
    assert_eq!(
        steps[0].result,
        Some(serde_json::json!({"found": [1, "two", null]}))
    );
    assert_eq!(
        (steps[1].name.as_str(), &steps[1].result),
        ("restore the template", &None)
    );
    assert_eq!(steps[1].began, at(61));
    assert_eq!(
        db.store.steps(TicketId(5)).await.unwrap()[0].result,
        Some(12.into())
    );

    let voters = |ticket: Ticket| {
        ticket
            .votes
            .iter()
            .map(|v| (v.user.0, v.approve))
            .collect::<Vec<_>>()
    };
    assert_eq!(voters(ticket(db, 2).await), [(503, true)]);
    assert_eq!(voters(ticket(db, 4).await), [(502, true), (503, true)]);
    let denied = ticket(db, 8).await;
    assert_eq!(denied.votes[0].reason.as_deref(), Some("not on a Friday"));
    assert_eq!(voters(denied), [(502, false)]);
}

async fn the_incidents(db: &Db) {
    let open = db.store.incidents(IncidentFilter::default()).await.unwrap();
    assert_eq!(open.iter().map(|i| i.id.0).collect::<Vec<_>>(), [5, 3, 2, 1]);
    let past = IncidentFilter {
        closed_since: Some(at(400)),
        ..IncidentFilter::default()
    };
    assert_eq!(db.store.incidents(past).await.unwrap().len(), 6);
    let problems = [
        Problem::CrashLoopBackOff,
        Problem::ImagePull,
        Problem::NodeNotReady,
        Problem::OomKilled,
        Problem::Unschedulable,
        Problem::RolloutDeadline,
    ];
    let mut all = Vec::new();
    for (id, problem) in (1..).zip(problems) {
        let incident = db
            .store
            .incident(IncidentId(id))
            .await
            .unwrap()
            .expect("an incident");
        assert_eq!(incident.key.problem, problem);
        assert_eq!((incident.opened, incident.last_seen), (at(10), at(20)));
        assert_eq!(
            (incident.most, incident.of, incident.restarts, incident.flaps),
            (2, 3, 4, 1)
        );
        assert_eq!(incident.affected, ["ceoagent-api-a", "ceoagent-api-b"]);
        all.push(incident);
    }
    let change = all[0].change.as_ref().expect("a last change");
    assert_eq!(change.line.plain(), "image api:v2 by @501");
    assert_eq!((all[0].generation, all[0].way_back), (Some(8), Some(7)));
    let evidence = all[0].evidence.as_ref().expect("evidence");
    assert_eq!(evidence.lines, ["booting", "FATAL: 没有数据库"]);
    assert!(evidence.about.running && evidence.incomplete);
    assert_eq!(all[1].acked.as_ref().map(|n| n.by), Some(UserId(501)));
    assert!(all[2].is_silent(at(3599)) && !all[2].is_silent(at(3600)));
    assert_eq!(all[2].key.owner.to_string(), "node/n1");
    let ending = all[3].ending.as_ref().expect("an ending");
    let by = ending.by.as_ref().map(|line| line.plain());
    assert_eq!(by.as_deref(), Some("the rollback of ticket 6"));
    assert_eq!((all[3].closed, ending.at), (Some(at(500)), at(480)));
    assert!(all[5].ending.as_ref().is_some_and(|e| e.gone && e.by.is_none()));
}

async fn the_messages(db: &Db) {
    let undelivered = db.store.undelivered().await.unwrap();
    assert_eq!(undelivered.len(), 18 - 3, "every row can be read and shown");
    let delivered = [
        ("ticket:1", 3000, 9001),
        ("ticket:2", 3000, 9002),
        ("incident:1", 3001, 9101),
    ];
    for (key, channel, message) in delivered {
        let posted = db.store.posted(key.to_owned()).await.unwrap().expect("posted");
        assert_eq!((posted.channel.0, posted.message), (channel, message), "{key}");
        let row = db.store.outbox_row(key).await.unwrap().expect("a row");
        assert_eq!((row.message, row.posted_at), (Some(message), Some(at(70))));
        assert_eq!(row.delivered_hash.as_deref(), Some("ab12"));
    }
    let begun = db.store.outbox_row("ticket:3").await.unwrap().expect("a row");
    assert!(begun.attempted && begun.message.is_none());
    let last = db.store.outbox_row("ticket:6").await.unwrap().expect("a row");
    assert!(last.last && !last.attempted && last.message.is_none());
    assert!(
        last.report.plain().contains("Stage: done"),
        "{}",
        last.report.plain()
    );
}

async fn the_audit_and_the_values(db: &Db) {
    let filter = AuditFilter {
        ticket: Some(TicketId(6)),
        ..AuditFilter::default()
    };
    let rows = db.store.audit(filter).await.unwrap();
    let events: Vec<_> = rows
        .iter()
        .map(|r| (r.entry.event.as_str(), r.entry.outcome.as_str()))
        .collect();
    assert_eq!(events, [("finished", "succeeded"), ("asked", "")]);
    assert_eq!(rows[0].entry.actor, Some(UserId(501)));
    assert!(rows[0].entry.detail.contains("\u{0} ‘detail’"));

    let workload = Workload {
        cluster: "prod".to_owned(),
        namespace: "ceoagent".to_owned(),
        kind: WorkloadKind::Deployment,
        name: "ceoagent-api".to_owned(),
    };
    let worked = db.store.worked(&workload).await.unwrap();
    assert_eq!(worked, ["ceoagent-api-6d4cf56db6"]);
    let button = db.store.get("button:0123456789abcdef01234567").await.unwrap();
    assert_eq!(
        button.as_deref(),
        Some("workload=prod/ceoagent/deployment/ceoagent-api")
    );

    let again = Commit {
        once: Some("interaction:1".to_owned()),
        ..Commit::default()
    };
    let error = db.store.commit(again).await.unwrap_err();
    assert!(matches!(error, LedgerError::Duplicate), "{error}");
}

/// The rules under which the fixture's tickets were judged.
fn rules() -> Rules {
    let rule = |verb, gate| Rule {
        who: vec![Who::Role(RoleId(111))],
        may: vec![May::Verb(verb)],
        r#where: vec![Where {
            cluster: "*".to_owned(),
            namespace: "*".to_owned(),
        }],
        gate,
        deny: false,
    };
    let alternatives = vec![
        Alternative {
            count: 2,
            of: vec![Who::Role(RoleId(222))],
        },
        Alternative {
            count: 1,
            of: vec![Who::User(UserId(502))],
        },
    ];
    let approve = Gate::Approve(Quorum::any(alternatives, true));
    Rules {
        rules: vec![rule(Verb::Change, None), rule(Verb::Release, Some(approve))],
        version: "5feceb66ffc8".to_owned(),
    }
}

/// One step further, stored with a row for the audit.
async fn advance(db: &Db, ticket: &Ticket, event: Event, second: i64) -> Ticket {
    let (next, effects) = step(ticket, event, &rules(), at(second)).expect("a step");
    let mut commit = Commit {
        ticket: Some((next.clone(), Some(ticket.version))),
        audit: vec![entry(&format!("{effects:?}"))],
        ..Commit::default()
    };
    commit.votes = next
        .votes
        .iter()
        .filter(|v| !ticket.votes.contains(v))
        .cloned()
        .collect();
    db.store.commit(commit).await.expect("a commit");
    let stored = db.store.ticket(ticket.id).await.unwrap().expect("a ticket");
    assert_eq!(stored, next, "it is read as it was stored");
    stored
}

fn lease() -> Lease {
    Lease {
        holder: "process-2".to_owned(),
        until: at(700),
    }
}

async fn what_waits_is_confirmed_and_runs(db: &Db) {
    let waits = ticket(db, 1).await;
    assert_eq!(waits.gate, Gate::Confirm);
    let confirm = Event::Confirm {
        by: UserId(501),
        roles: vec![RoleId(111)],
    };
    let ready = advance(db, &waits, confirm, 100).await;
    let start = Event::Start {
        lease: lease(),
        roles_now: BTreeMap::from([(UserId(501), vec![RoleId(111)])]),
    };
    let runs = advance(db, &ready, start, 101).await;
    let finish = Event::Finish {
        holder: lease().holder,
        outcome: Outcome::Succeeded,
        report: Box::default(),
    };
    let over = advance(db, &runs, finish, 102).await;
    assert_eq!(over.stage, Stage::Done(Outcome::Succeeded));
}

async fn what_has_a_vote_gets_another(db: &Db) {
    let waits = ticket(db, 2).await;
    let roles = vec![RoleId(222)];
    let second = Event::Vote {
        vote: vote(504, true),
        roles_now: BTreeMap::from([(UserId(503), roles.clone()), (UserId(504), roles)]),
    };
    let ready = advance(db, &waits, second, 100).await;
    assert_eq!(ready.stage, Stage::Ready, "two of the role have agreed");
    let start = Event::Start {
        lease: lease(),
        roles_now: BTreeMap::from([
            (UserId(501), vec![RoleId(111)]),
            (UserId(503), vec![RoleId(222)]),
            (UserId(504), vec![RoleId(222)]),
        ]),
    };
    advance(db, &ready, start, 101).await;
}

/// The process that ran it is gone: another takes the lease, and the step that had begun gets its result.
async fn what_ran_is_taken_up(db: &Db) {
    let runs = ticket(db, 4).await;
    let held = advance(db, &runs, Event::Renew(lease(), Box::default()), 100).await;
    let next = Ticket {
        version: held.version + 1,
        ..held.clone()
    };
    let commit = Commit {
        ticket: Some((next, Some(held.version))),
        steps: vec![finished("restore the template", 13.into())],
        ..Commit::default()
    };
    db.store.commit(commit).await.unwrap();
    let steps = db.store.steps(TicketId(4)).await.unwrap();
    assert_eq!(steps.iter().filter(|s| s.result.is_some()).count(), 2);
}

/// The first release kept the bytes of files in the rows; who writes a row again stores them by their hash.
async fn the_files_have_moved(db: &Db) {
    let ticket = ticket(db, 1).await;
    let file = ticket.preview.files().next().expect("a file");
    assert_eq!(file.bytes(), None, "the row names it only");
    let bytes = db.store.blob(file.hash()).await.unwrap().expect("its bytes");
    assert_eq!(bytes, "all of it \u{0}\u{1f680}\n".as_bytes());
}

async fn the_numbers_go_on(db: &Db) {
    assert_eq!(db.store.allocate().await.unwrap(), TicketId(13));
    assert_eq!(db.store.next_incident().await.unwrap(), IncidentId(7));
}
