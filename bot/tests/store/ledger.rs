//! Commits: all or nothing, and each refusal by its name.

use std::time::Duration;

use ceo_commands::{
    model::TicketId,
    ports::{AuditFilter, Commit, Ledger, LedgerError, Records, TicketFilter},
    ticket::{Outcome, Stage, Ticket},
};
use serde_json::json;
use sqlx::{Connection, Executor};

use crate::{
    db::Db,
    on_both,
    samples::{STRANGE, after, begun, done, entry, finished, new, next, post, running, stored, ticket, vote},
};

on_both!(
    strange_text_comes_back,
    a_stale_version_conflicts,
    one_running_ticket_per_target,
    one_vote_per_person,
    a_lapsed_vote_makes_room,
    an_event_is_handled_once,
    a_refused_commit_stores_nothing,
    steps_keep_their_order_and_results,
    tickets_by_filter,
    contradictions_and_nul_in_keys_are_refused,
    a_blocked_store_says_so_in_time,
    values_by_name,
);

async fn strange_text_comes_back(db: Db) {
    let mut ticket = ticket(db.store.allocate().await.unwrap(), &["prod/shop/deployment/api"]);
    ticket.votes.push(vote(u64::MAX - 5, true));
    let mut commit = new(&ticket);
    commit.audit.push(entry(STRANGE));
    commit.posts.push(post("ticket:1", STRANGE));
    commit.steps.push(finished("one", json!({ STRANGE: STRANGE })));
    db.store.commit(commit.clone()).await.unwrap();

    let store = db.again().await;
    assert_eq!(store.ticket(ticket.id).await.unwrap(), Some(ticket.clone()));
    assert_eq!(store.steps(ticket.id).await.unwrap(), commit.steps);
    assert_eq!(
        store.audit(AuditFilter::default()).await.unwrap()[0].entry,
        commit.audit[0]
    );
    assert_eq!(
        store.undelivered().await.unwrap()[0].report,
        commit.posts[0].report
    );
    assert_eq!(store.ticket(TicketId(ticket.id.0 + 1)).await.unwrap(), None);
}

async fn a_stale_version_conflicts(db: Db) {
    let first = stored(&db.store, &[]).await;
    let again = db.store.commit(new(&first)).await;
    assert!(
        matches!(again, Err(LedgerError::Conflict)),
        "a number is used once: {again:?}"
    );

    let second = next(&first, Stage::Ready);
    db.store.commit(after(&second)).await.unwrap();
    let late = db.store.commit(after(&next(&first, done()))).await;
    assert!(matches!(late, Err(LedgerError::Conflict)), "{late:?}");
    assert_eq!(db.store.ticket(first.id).await.unwrap(), Some(second));

    let nobody = ticket(TicketId(999), &[]);
    let missing = db.store.commit(after(&next(&nobody, done()))).await;
    assert!(matches!(missing, Err(LedgerError::Conflict)), "{missing:?}");
}

async fn one_running_ticket_per_target(db: Db) {
    let one = stored(&db.store, &["prod/a", "prod/b"]).await;
    let two = stored(&db.store, &["prod/b", "prod/c"]).await;
    let three = stored(&db.store, &["prod/c"]).await;
    let one = next(&one, running());
    db.store.commit(after(&one)).await.unwrap();
    let busy = db.store.commit(after(&next(&two, running()))).await;
    assert!(
        matches!(busy, Err(LedgerError::Busy(id)) if id == one.id),
        "{busy:?}"
    );
    // Another target is free, renewing the own lease is no conflict with oneself, and waiting cards coexist.
    db.store.commit(after(&next(&three, running()))).await.unwrap();
    let one = next(&one, running());
    db.store.commit(after(&one)).await.unwrap();
    let two = next(&two, Stage::Ready);
    db.store.commit(after(&two)).await.unwrap();

    db.store.commit(after(&next(&one, done()))).await.unwrap();
    let busy = db.store.commit(after(&next(&two, running()))).await;
    assert!(
        matches!(busy, Err(LedgerError::Busy(id)) if id == three.id),
        "{busy:?}"
    );

    // The database itself holds to it, whatever a writer forgets to ask.
    let forced = "INSERT INTO ticket_targets (ticket, target, running) VALUES (1, 'prod/c', 1)";
    db.intruder().await.execute(forced).await.unwrap_err();
}

async fn one_vote_per_person(db: Db) {
    let first = stored(&db.store, &[]).await;
    let voted = |from: &Ticket, user| {
        let mut to = next(from, Stage::AwaitingApproval);
        to.votes.push(vote(user, true));
        let commit = Commit {
            votes: vec![vote(user, true)],
            ..after(&to)
        };
        (to, commit)
    };
    let (second, commit) = voted(&first, 7);
    db.store.commit(commit.clone()).await.unwrap();
    let twice = db.store.commit(commit).await;
    assert!(
        matches!(twice, Err(LedgerError::Voted)),
        "the reason, not just a conflict: {twice:?}"
    );
    let twice = db.store.commit(voted(&second, 7).1).await;
    assert!(matches!(twice, Err(LedgerError::Voted)), "{twice:?}");
    let (third, commit) = voted(&second, 8);
    db.store.commit(commit).await.unwrap();
    let read = db.store.ticket(first.id).await.unwrap().unwrap();
    assert_eq!(read.votes, third.votes);
    assert_eq!(db.count("votes").await, 2);

    // The same person may vote on another ticket; a vote that the ticket does not carry is not lost.
    let other = stored(&db.store, &[]).await;
    let commit = Commit {
        votes: vec![vote(7, false)],
        ..after(&next(&other, Stage::AwaitingApproval))
    };
    db.store.commit(commit).await.unwrap();
    assert_eq!(
        db.store.ticket(other.id).await.unwrap().unwrap().votes,
        [vote(7, false)]
    );
}

async fn a_lapsed_vote_makes_room(db: Db) {
    let first = stored(&db.store, &[]).await;
    let mut second = next(&first, Stage::Ready);
    second.votes.push(vote(7, true));
    let commit = Commit {
        votes: second.votes.clone(),
        ..after(&second)
    };
    db.store.commit(commit).await.unwrap();
    let mut third = next(&second, Stage::AwaitingApproval);
    third.votes.clear();
    db.store.commit(after(&third)).await.unwrap();
    assert_eq!(db.count("votes").await, 0);
    let mut fourth = next(&third, Stage::Ready);
    fourth.votes.push(vote(7, true));
    let commit = Commit {
        votes: fourth.votes.clone(),
        ..after(&fourth)
    };
    db.store.commit(commit).await.unwrap();
    assert_eq!(db.store.ticket(first.id).await.unwrap(), Some(fourth));
}

async fn an_event_is_handled_once(db: Db) {
    let once = |event: &str| Commit {
        once: Some(event.to_owned()),
        audit: vec![entry("handled")],
        ..Commit::default()
    };
    assert_eq!(
        db.store.commit(once("interaction:1")).await.unwrap().audit_seq,
        Some(1)
    );
    let again = db.again().await.commit(once("interaction:1")).await;
    assert!(matches!(again, Err(LedgerError::Duplicate)), "{again:?}");
    assert_eq!(
        db.store.commit(once("interaction:2")).await.unwrap().audit_seq,
        Some(2)
    );
    assert_eq!(db.store.commit(Commit::default()).await.unwrap().audit_seq, None);
}

/// Each kind of refusal, in a commit whose other parts are fine, leaves no trace of them.
async fn a_refused_commit_stores_nothing(db: Db) {
    let holder = next(&stored(&db.store, &["prod/a"]).await, running());
    db.store.commit(after(&holder)).await.unwrap();
    let mut subject = next(&stored(&db.store, &["prod/a"]).await, Stage::AwaitingApproval);
    subject.votes.push(vote(7, true));
    let seen = Commit {
        once: Some("seen".to_owned()),
        ..after(&subject)
    };
    db.store.commit(seen).await.unwrap();

    let full = |version: i64, stage: Stage, once: &str, voter: u64| {
        let mut to = next(&subject, stage);
        to.version = version + 1;
        Commit {
            ticket: Some((to, Some(version))),
            votes: vec![vote(voter, true)],
            steps: vec![begun("one")],
            audit: vec![entry("a"), entry("b")],
            posts: vec![post("ticket:x", "x")],
            once: Some(once.to_owned()),
            ..Commit::default()
        }
    };
    let v = subject.version;
    let refused = [
        ("duplicate", full(v, Stage::Ready, "seen", 8)),
        ("voted", full(v, Stage::Ready, "new", 7)),
        ("conflict", full(v + 1, Stage::Ready, "new", 8)),
        ("busy", full(v, running(), "new", 8)),
    ];
    for (word, commit) in refused {
        let error = db.store.commit(commit).await.unwrap_err();
        let fits = match word {
            "duplicate" => matches!(error, LedgerError::Duplicate),
            "voted" => matches!(error, LedgerError::Voted),
            "conflict" => matches!(error, LedgerError::Conflict),
            _ => matches!(error, LedgerError::Busy(id) if id == holder.id),
        };
        assert!(fits, "{word}: {error:?}");
        assert_eq!(
            db.store.ticket(subject.id).await.unwrap().as_ref(),
            Some(&subject),
            "{word}"
        );
        assert!(db.store.steps(subject.id).await.unwrap().is_empty(), "{word}");
        assert_eq!(db.store.audit_head().await.unwrap().seq, 0, "{word}");
        assert!(db.store.outbox_row("ticket:x").await.unwrap().is_none(), "{word}");
        assert_eq!(
            (db.count("handled").await, db.count("votes").await),
            (1, 1),
            "{word}"
        );
    }
    db.store.commit(full(v, Stage::Ready, "new", 8)).await.unwrap();
    assert_eq!(db.store.audit_head().await.unwrap().seq, 2);
    assert!(db.store.outbox_row("ticket:x").await.unwrap().is_some());
}

async fn steps_keep_their_order_and_results(db: Db) {
    let mut now = stored(&db.store, &[]).await;
    for step in [
        begun("zeta"),
        begun("alpha"),
        finished("zeta", json!({"n": 1})),
        begun("mid"),
    ] {
        now = next(&now, running());
        let commit = Commit {
            steps: vec![step],
            ..after(&now)
        };
        db.store.commit(commit).await.unwrap();
    }
    let expected = [finished("zeta", json!({"n": 1})), begun("alpha"), begun("mid")];
    assert_eq!(db.store.steps(now.id).await.unwrap(), expected);

    // Who says "begun" again has not seen the result.
    let blind = Commit {
        steps: vec![begun("zeta")],
        ..after(&next(&now, running()))
    };
    let refused = db.store.commit(blind).await;
    assert!(matches!(refused, Err(LedgerError::Conflict)), "{refused:?}");
    assert_eq!(db.store.steps(now.id).await.unwrap(), expected);
    assert!(db.store.steps(TicketId(999)).await.unwrap().is_empty());
}

async fn tickets_by_filter(db: Db) {
    let a = stored(&db.store, &["prod/x", "prod/y"]).await;
    let b = stored(&db.store, &["prod/y"]).await;
    let c = stored(&db.store, &["prod/yy"]).await;
    db.store.commit(after(&next(&b, done()))).await.unwrap();
    db.store
        .commit(after(&next(&c, Stage::Done(Outcome::Denied))))
        .await
        .unwrap();
    let ids = async |filter: TicketFilter| {
        let found = db.store.tickets(filter).await.unwrap();
        found.into_iter().map(|t| t.id).collect::<Vec<_>>()
    };
    let all = TicketFilter::default;
    let target = |t: &str| Some(t.to_owned());
    assert_eq!(ids(all()).await, [c.id, b.id, a.id]);
    assert_eq!(ids(TicketFilter { limit: 2, ..all() }).await, [c.id, b.id]);
    assert_eq!(ids(TicketFilter { open: true, ..all() }).await, [a.id]);
    assert_eq!(
        ids(TicketFilter {
            target: target("prod/y"),
            ..all()
        })
        .await,
        [b.id, a.id]
    );
    assert_eq!(
        ids(TicketFilter {
            target: target("prod"),
            ..all()
        })
        .await,
        [TicketId(0); 0]
    );
    assert_eq!(
        ids(TicketFilter {
            outcome: Some(Outcome::Denied),
            ..all()
        })
        .await,
        [c.id]
    );
    let both = TicketFilter {
        open: true,
        target: target("prod/y"),
        ..all()
    };
    assert_eq!(ids(both).await, [a.id]);
}

async fn contradictions_and_nul_in_keys_are_refused(db: Db) {
    let good = ticket(db.store.allocate().await.unwrap(), &[]);
    let jump = Commit {
        ticket: Some((good.clone(), Some(good.version + 1))),
        ..Commit::default()
    };
    let homeless = Commit {
        steps: vec![begun("one")],
        ..Commit::default()
    };
    let with = |change: fn(&mut Commit)| {
        let mut commit = new(&good);
        commit.audit.push(entry("never"));
        change(&mut commit);
        commit
    };
    let bad = [
        jump,
        homeless,
        with(|c| c.once = Some("a\0b".to_owned())),
        with(|c| c.steps.push(begun("a\0b"))),
        with(|c| c.posts.push(post("a\0b", "x"))),
        with(|c| c.ticket.as_mut().unwrap().0.targets.push("a\0b".to_owned())),
    ];
    for commit in bad {
        let refused = db.store.commit(commit.clone()).await;
        assert!(
            matches!(refused, Err(LedgerError::Store(_))),
            "{commit:?}: {refused:?}"
        );
    }
    assert_eq!(db.store.ticket(good.id).await.unwrap(), None);
    assert_eq!(db.store.audit_head().await.unwrap().seq, 0);

    // In what people write, a NUL is only text; it can be looked for without it.
    let mut nul = entry("x");
    nul.target = "prod/a\0b".to_owned();
    let commit = Commit {
        audit: vec![nul.clone()],
        ..Commit::default()
    };
    db.store.commit(commit).await.unwrap();
    for words in ["prod/ab", "prod/a\0b"] {
        let filter = AuditFilter {
            target: Some(words.to_owned()),
            ..AuditFilter::default()
        };
        assert_eq!(db.store.audit(filter).await.unwrap()[0].entry, nul);
    }
    db.store.verify(&[]).await.unwrap();
}

async fn a_blocked_store_says_so_in_time(db: Db) {
    let hasty = db.hasty(Duration::from_millis(400)).await;
    let mut intruder = db.intruder().await;
    let (begin, lock) = if db.is_postgres() {
        ("BEGIN", "LOCK TABLE counters IN EXCLUSIVE MODE")
    } else {
        ("BEGIN IMMEDIATE", "UPDATE counters SET value = value")
    };
    let mut holder = intruder.begin_with(begin).await.unwrap();
    holder.execute(lock).await.unwrap();
    let commit = Commit {
        once: Some("blocked".to_owned()),
        ..Commit::default()
    };
    let refused = tokio::time::timeout(Duration::from_secs(20), hasty.commit(commit.clone()))
        .await
        .unwrap();
    assert!(matches!(refused, Err(LedgerError::Store(_))), "{refused:?}");
    hasty.ping().await.expect("readers do not wait for writers");
    holder.rollback().await.unwrap();
    hasty
        .commit(commit)
        .await
        .expect("what was refused left nothing, and the store works on");
}

async fn values_by_name(db: Db) {
    assert_eq!(db.store.get("schema").await.unwrap(), None);
    db.store.put("schema", "1").await.unwrap();
    db.store.put("schema", "2").await.unwrap();
    db.store.put("other", "").await.unwrap();
    let again = db.again().await;
    assert_eq!(again.get("schema").await.unwrap().as_deref(), Some("2"));
    assert_eq!(again.get("other").await.unwrap().as_deref(), Some(""));
    db.store.put("bad", "a\0b").await.unwrap_err();
}

#[tokio::test]
async fn a_store_in_memory_works_and_other_urls_are_refused() {
    use ceo_bot::store::{Store, StoreOptions};
    let store = Store::open("sqlite::memory:", StoreOptions::default())
        .await
        .unwrap();
    let ticket = stored(&store, &["a"]).await;
    assert_eq!(store.ticket(ticket.id).await.unwrap(), Some(ticket));
    for url in ["mysql://root:hunter2@db/ceo", "ceo.db", ""] {
        let error = Store::open(url, StoreOptions::default())
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("sqlite:") && !error.contains("hunter2"), "{error}");
    }
    let nowhere = Store::open("sqlite:/no/such/directory/x.db", StoreOptions::default()).await;
    assert!(matches!(nowhere, Err(LedgerError::Store(_))), "{nowhere:?}");
}
