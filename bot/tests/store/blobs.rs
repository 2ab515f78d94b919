//! Files: stored by the commit that first names them, once, and deleted with the last name.

use ceo_commands::{
    model::{File, Report, TicketId},
    ports::{Commit, Ledger, LedgerError, Post, Records},
    ticket::Ticket,
};

use crate::{
    db::Db,
    on_both,
    samples::{after, at, new, next, post, report, running, ticket},
};

on_both!(
    a_file_is_stored_once_and_by_whoever_names_it_first,
    a_ticket_that_is_renewed_carries_no_bytes,
    a_file_goes_with_its_last_name,
    what_is_not_committed_leaves_no_file,
    a_file_that_is_gone_keeps_nothing_from_being_stored,
    a_swept_message_takes_its_files_along,
    a_file_of_the_first_release_moves_when_its_row_is_written_again,
);

/// Bytes that are no text, and more of them than a row should hold.
fn bytes(of: u8) -> Vec<u8> {
    (0..50_000_u32).map(|n| (n % 251) as u8 ^ of).collect()
}

fn with_file(title: &str, of: u8) -> Report {
    report(title).file(File::new("log.txt", "all of it", bytes(of)))
}

fn hash(of: u8) -> String {
    File::new("x", "y", bytes(of)).hash().to_owned()
}

async fn stored_ticket(db: &Db, shown: Report) -> Ticket {
    let ticket = Ticket {
        shown,
        ..ticket(db.store.allocate().await.unwrap(), &[])
    };
    db.store.commit(new(&ticket)).await.unwrap();
    ticket
}

fn showing(key: &str, report: Report) -> Post {
    Post {
        report,
        ..post(key, "")
    }
}

async fn show(db: &Db, key: &str, report: Report) {
    let commit = Commit {
        posts: vec![showing(key, report)],
        ..Commit::default()
    };
    db.store.commit(commit).await.unwrap();
}

async fn a_file_is_stored_once_and_by_whoever_names_it_first(db: Db) {
    let first = stored_ticket(&db, with_file("one", 1)).await;
    show(&db, "ticket:1", with_file("one", 1)).await;
    stored_ticket(&db, with_file("another", 1)).await;
    assert_eq!(db.count("blobs").await, 1);
    assert_eq!(db.count("blob_names").await, 3);
    assert_eq!(db.store.blob(&hash(1)).await.unwrap(), Some(bytes(1)));
    assert_eq!(db.store.blob(&hash(2)).await.unwrap(), None);

    // What is read names the file and does not hold it.
    let read = db.store.ticket(first.id).await.unwrap().unwrap();
    assert_eq!(read, first);
    let file = read.shown.files().next().unwrap();
    assert_eq!(
        (file.hash(), file.size(), file.bytes()),
        (hash(1).as_str(), 50_000, None)
    );
    let row = db.store.outbox_row("ticket:1").await.unwrap().unwrap();
    assert_eq!(row.report.files().next().unwrap().bytes(), None);
}

async fn a_ticket_that_is_renewed_carries_no_bytes(db: Db) {
    let ticket = stored_ticket(&db, with_file("one", 1)).await;
    let read = db.store.ticket(ticket.id).await.unwrap().unwrap();
    let renewed = next(&read, running());
    db.store.commit(after(&renewed)).await.unwrap();
    assert_eq!(db.store.blob(&hash(1)).await.unwrap(), Some(bytes(1)));
    let mut connection = db.intruder().await;
    let longest: i64 = sqlx::query_scalar("SELECT MAX(LENGTH(body)) FROM tickets")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!(longest < 10_000, "{longest} characters");
}

async fn a_file_goes_with_its_last_name(db: Db) {
    let ticket = stored_ticket(&db, with_file("one", 1)).await;
    show(&db, "ticket:1", with_file("one", 1)).await;
    let second = Ticket {
        shown: with_file("two", 2),
        ..next(&ticket, running())
    };
    db.store.commit(after(&second)).await.unwrap();
    assert_eq!(
        db.store.blob(&hash(1)).await.unwrap(),
        Some(bytes(1)),
        "the message names it still"
    );
    show(&db, "ticket:1", report("none")).await;
    assert_eq!(db.store.blob(&hash(1)).await.unwrap(), None);
    assert_eq!(db.store.blob(&hash(2)).await.unwrap(), Some(bytes(2)));
    assert_eq!((db.count("blobs").await, db.count("blob_names").await), (1, 1));
}

async fn what_is_not_committed_leaves_no_file(db: Db) {
    let ticket = stored_ticket(&db, report("one")).await;
    let late = Ticket {
        version: 7,
        shown: with_file("late", 1),
        ..ticket
    };
    let error = db.store.commit(after(&late)).await.unwrap_err();
    assert!(matches!(error, LedgerError::Conflict), "{error}");
    assert_eq!((db.count("blobs").await, db.count("blob_names").await), (0, 0));
}

/// An attachment is no reason to lose an approval.
async fn a_file_that_is_gone_keeps_nothing_from_being_stored(db: Db) {
    let ticket = stored_ticket(&db, with_file("one", 1)).await;
    let read = db.store.ticket(ticket.id).await.unwrap().unwrap();
    db.tamper("DELETE FROM blob_names; DELETE FROM blobs").await;
    db.store.commit(after(&next(&read, running()))).await.unwrap();
    assert_eq!(db.store.blob(&hash(1)).await.unwrap(), None);
    // Whoever has the bytes brings them back.
    show(&db, "ticket:1", with_file("one", 1)).await;
    assert_eq!(db.store.blob(&hash(1)).await.unwrap(), Some(bytes(1)));
}

async fn a_swept_message_takes_its_files_along(db: Db) {
    let last = Post {
        last: true,
        ..showing("note", with_file("one", 1))
    };
    let commit = Commit {
        posts: vec![last, showing("other", with_file("two", 2))],
        ..Commit::default()
    };
    db.store.commit(commit).await.unwrap();
    db.tamper("UPDATE outbox SET delivered = version, delivered_at = 1")
        .await;
    db.store.sweep(at(0)).await.unwrap();
    assert_eq!(db.store.blob(&hash(1)).await.unwrap(), None);
    assert_eq!(db.store.blob(&hash(2)).await.unwrap(), Some(bytes(2)));
}

async fn a_file_of_the_first_release_moves_when_its_row_is_written_again(db: Db) {
    let ticket = stored_ticket(&db, with_file("one", 1)).await;
    let old = format!("\"bytes\":\"{}\"", hex::encode(bytes(3)));
    let new_form = format!("\"hash\":\"{}\"", hash(1));
    db.tamper(&format!(
        "UPDATE tickets SET body = REPLACE(body, '{new_form}', '{old}')"
    ))
    .await;
    let read = db.store.ticket(ticket.id).await.unwrap().unwrap();
    assert_eq!(read.shown.files().next().unwrap().hash(), hash(3));
    db.store.commit(after(&next(&read, running()))).await.unwrap();
    assert_eq!(db.store.blob(&hash(3)).await.unwrap(), Some(bytes(3)));
    let again = db.store.ticket(TicketId(ticket.id.0)).await.unwrap().unwrap();
    assert_eq!(again.shown.files().next().unwrap().bytes(), None);
}
