//! Many at once, from several stores on one database as several processes would have: nothing fails, nothing is lost.

use std::collections::BTreeSet;

use ceo_commands::ports::{AuditFilter, Commit, Ledger, LedgerError, Records, TicketFilter};

use crate::{
    db::Db,
    on_both,
    samples::{after, entry, new, next, post, running, stored, ticket},
};

const TASKS: usize = 200;

on_both!(two_hundred_at_once, one_of_many_wins_the_target);

async fn two_hundred_at_once(db: Db) {
    let stores = [db.store.clone(), db.again().await, db.again().await];
    let tasks: Vec<_> = (0..TASKS)
        .map(|i| {
            let store = stores[i % stores.len()].clone();
            tokio::spawn(async move {
                let ticket = ticket(store.allocate().await?, &["prod/a"]);
                let commit = Commit {
                    audit: vec![entry(&format!("{i} first")), entry(&format!("{i} second"))],
                    posts: vec![post(&ticket.message_key(), "x")],
                    once: Some(format!("event:{i}")),
                    ..new(&ticket)
                };
                store.commit(commit).await?;
                Ok::<_, LedgerError>(ticket.id)
            })
        })
        .collect();
    let mut ids = BTreeSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap().expect("no transaction fails"));
    }
    assert_eq!(ids.len(), TASKS, "no number is given twice");
    assert_eq!(
        db.store.tickets(TicketFilter::default()).await.unwrap().len(),
        TASKS
    );
    assert_eq!(db.store.undelivered().await.unwrap().len(), TASKS);
    let rows = db.store.audit(AuditFilter::default()).await.unwrap();
    let details: BTreeSet<_> = rows.iter().map(|row| &row.entry.detail).collect();
    assert_eq!(details.len(), 2 * TASKS, "no audit row is lost");
    for pair in rows.chunks(2) {
        let word = |i: usize| pair[i].entry.detail.split_once(' ').unwrap();
        assert_eq!(
            (word(0).0, word(0).1, word(1).1),
            (word(1).0, "second", "first"),
            "rows of a commit stay together"
        );
    }
    assert_eq!(db.store.verify(&[]).await.unwrap().seq, 2 * TASKS as i64);
}

async fn one_of_many_wins_the_target(db: Db) {
    let stores = [db.store.clone(), db.again().await];
    let mut tickets = Vec::new();
    for _ in 0..12 {
        tickets.push(stored(&db.store, &["prod/a"]).await);
    }
    let tasks: Vec<_> = tickets
        .iter()
        .enumerate()
        .map(|(i, ticket)| {
            let (store, to) = (stores[i % stores.len()].clone(), next(ticket, running()));
            tokio::spawn(async move { (to.id, store.commit(after(&to)).await) })
        })
        .collect();
    let (mut winners, mut held_by) = (Vec::new(), BTreeSet::new());
    for task in tasks {
        match task.await.unwrap() {
            (id, Ok(_)) => winners.push(id),
            (_, Err(LedgerError::Busy(by))) => {
                held_by.insert(by);
            }
            (_, Err(other)) => panic!("{other:?}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(
        held_by.into_iter().collect::<Vec<_>>(),
        winners,
        "the others learn who"
    );
}

/// PostgreSQL may still end a transaction with a serialization failure (backups and people have transactions too).
#[tokio::test]
async fn a_collision_is_tried_again_and_not_for_ever() {
    let Some(db) = Db::postgres().await else { return };
    let trap = |times: u32| {
        format!(
            "CREATE SEQUENCE IF NOT EXISTS tries; ALTER SEQUENCE tries RESTART; \
             CREATE OR REPLACE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'collision' USING ERRCODE = '40001'; END IF; \
             RETURN NEW; END $$; \
             CREATE OR REPLACE TRIGGER collide BEFORE INSERT ON kv FOR EACH ROW EXECUTE FUNCTION collide();"
        )
    };
    db.tamper(&trap(3)).await;
    db.store.put("a", "1").await.unwrap();
    assert_eq!(db.store.get("a").await.unwrap().as_deref(), Some("1"));
    db.tamper(&trap(1_000_000)).await;
    let error = db.store.put("b", "1").await.unwrap_err().to_string();
    assert!(error.contains("collision"), "{error}");
    assert_eq!(db.store.get("b").await.unwrap(), None);
}
