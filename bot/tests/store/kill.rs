//! What was acknowledged survives a kill, and what was not is there whole or not at all.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use ceo_commands::{
    model::TicketId,
    ports::{AuditFilter, Commit, Ledger, Records, TicketFilter},
};
use serde_json::json;

use crate::{
    db::{Db, open},
    on_both,
    samples::{entry, finished, new, post, running, ticket},
};

/// Tells the child which database to write to.
const URL: &str = "CEO_TEST_KILL_URL";

on_both!(acknowledged_commits_survive_a_kill);

async fn acknowledged_commits_survive_a_kill(db: Db) {
    db.store.close().await;
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "kill::writes_until_it_is_killed",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(URL, &db.url)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let stored = lines
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("stored ")?.parse().ok());
        acknowledged.extend(stored.take(15 + 7 * round).map(TicketId));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(acknowledged.len(), 15 + 22 + 29);

    let store = db.again().await;
    let tickets = store.tickets(TicketFilter::default()).await.unwrap();
    for id in &acknowledged {
        assert!(
            tickets.iter().any(|t| t.id == *id),
            "ticket {id} was acknowledged and is gone"
        );
    }
    let keys: Vec<_> = store
        .undelivered()
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.key)
        .collect();
    for ticket in &tickets {
        let filter = AuditFilter {
            ticket: Some(ticket.id),
            ..AuditFilter::default()
        };
        assert_eq!(
            store.audit(filter).await.unwrap().len(),
            2,
            "ticket {}",
            ticket.id
        );
        assert_eq!(
            store.steps(ticket.id).await.unwrap().len(),
            1,
            "ticket {}",
            ticket.id
        );
        assert!(keys.contains(&ticket.message_key()), "ticket {}", ticket.id);
    }
    assert_eq!(keys.len(), tickets.len());
    assert_eq!(store.verify(&[]).await.unwrap().seq, 2 * tickets.len() as i64);
    let fresh = store.allocate().await.unwrap();
    assert!(tickets.iter().all(|t| t.id < fresh), "no number is given twice");
}

/// Not a test of its own: the process that is killed.
#[tokio::test]
#[ignore = "the process that acknowledged_commits_survive_a_kill starts and kills"]
async fn writes_until_it_is_killed() {
    let Ok(url) = std::env::var(URL) else { return };
    let store = open(&url).await;
    loop {
        let mut ticket = ticket(store.allocate().await.unwrap(), &[]);
        ticket.targets = vec![format!("prod/{}", ticket.id)];
        ticket.stage = running();
        let mut rows = [entry("one"), entry("two")];
        for row in &mut rows {
            row.ticket = Some(ticket.id);
        }
        let commit = Commit {
            steps: vec![finished("one", json!(1))],
            audit: rows.to_vec(),
            posts: vec![post(&ticket.message_key(), "x")],
            ..new(&ticket)
        };
        store.commit(commit).await.unwrap();
        println!("stored {}", ticket.id);
    }
}
