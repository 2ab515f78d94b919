//! The worker's side: newest content, urgent first, nothing lost between a post and its answer.

use ceo_bot::store::{Delivered, OutboxRow, Store};
use ceo_commands::{
    model::{ChannelId, Timestamp},
    ports::{Commit, Ledger, Post, Posted, Priority, Records},
};

use crate::{
    db::Db,
    on_both,
    samples::{at, post, report},
};

on_both!(
    the_newest_content_is_handed_out,
    a_delivery_is_remembered,
    what_the_chat_refuses_rests_until_it_changes,
    what_is_left_as_it_is_holds_nobody_up,
    urgent_messages_come_first,
    sweeping_keeps_what_is_needed,
    texts_of_buttons_are_forgotten_and_other_values_are_not,
);

async fn show(store: &Store, posts: &[Post]) {
    let commit = Commit {
        posts: posts.to_vec(),
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
}

async fn keys(store: &Store) -> Vec<String> {
    store
        .undelivered()
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.key)
        .collect()
}

fn place(message: u64) -> Posted {
    Posted {
        channel: ChannelId(3000),
        message,
    }
}

fn shows(key: &str, version: i64, hash: &str, posted: Posted, at: Timestamp) -> Delivered {
    Delivered {
        key: key.to_owned(),
        version,
        hash: hash.to_owned(),
        posted,
        at,
    }
}

async fn the_newest_content_is_handed_out(db: Db) {
    let mut changed = db.store.outbox_changed();
    show(&db.store, &[post("a", "one")]).await;
    assert!(changed.has_changed().unwrap());
    changed.mark_unchanged();
    let new = OutboxRow {
        key: "a".to_owned(),
        channel: ChannelId(3000),
        report: report("one"),
        version: 1,
        priority: Priority::Answer,
        last: false,
        message: None,
        posted_at: None,
        delivered: 0,
        delivered_hash: None,
        attempted: false,
    };
    assert_eq!(db.store.undelivered().await.unwrap(), [new.clone()]);
    // The same again is no news; two in one commit are one newest.
    show(&db.store, &[post("a", "one")]).await;
    assert_eq!(db.store.outbox_row("a").await.unwrap(), Some(new));
    show(&db.store, &[post("a", "two"), post("a", "three")]).await;
    assert!(changed.has_changed().unwrap());
    let row = db.store.outbox_row("a").await.unwrap().unwrap();
    assert_eq!((row.version, row.report), (3, report("three")));
    let end = Post {
        last: true,
        ..post("a", "three")
    };
    show(&db.store, &[end]).await;
    let row = db.store.outbox_row("a").await.unwrap().unwrap();
    assert!(row.last && row.version == 4);
    assert_eq!(db.store.outbox_row("b").await.unwrap(), None);
}

async fn a_delivery_is_remembered(db: Db) {
    show(&db.store, &[post("a", "one")]).await;
    assert_eq!(db.store.posted("a".to_owned()).await.unwrap(), None);
    db.store.attempt("a").await.unwrap();
    // A kill between the post and its answer.
    let store = db.again().await;
    assert!(store.undelivered().await.unwrap()[0].attempted);

    show(&store, &[post("a", "two")]).await;
    store
        .delivered(shows("a", 1, "h1", place(u64::MAX), at(10)))
        .await
        .unwrap();
    assert_eq!(store.posted("a".to_owned()).await.unwrap(), Some(place(u64::MAX)));
    let row = &store.undelivered().await.unwrap()[0];
    assert_eq!(
        (row.version, row.delivered, row.attempted),
        (2, 1, false),
        "what came meanwhile is still to be shown"
    );
    assert_eq!(
        (row.message, row.delivered_hash.as_deref()),
        (Some(u64::MAX), Some("h1"))
    );
    let millis = |row: &OutboxRow| row.posted_at.map(Timestamp::as_millisecond);
    assert_eq!(millis(row), Some(at(10).as_millisecond()));

    store
        .delivered(shows("a", 2, "h2", place(u64::MAX), at(20)))
        .await
        .unwrap();
    assert!(store.undelivered().await.unwrap().is_empty());
    let row = store.outbox_row("a").await.unwrap().unwrap();
    assert_eq!(
        millis(&row),
        Some(at(10).as_millisecond()),
        "an edit does not make the message younger"
    );

    store
        .delivered(shows("a", 2, "h2", place(5), at(30)))
        .await
        .unwrap();
    let row = store.outbox_row("a").await.unwrap().unwrap();
    assert_eq!(
        (row.message, millis(&row)),
        (Some(5), Some(at(30).as_millisecond())),
        "posted anew"
    );

    let elsewhere = Post {
        channel: ChannelId(3001),
        ..post("a", "two")
    };
    show(&store, &[elsewhere]).await;
    let row = store.outbox_row("a").await.unwrap().unwrap();
    assert_eq!(
        (row.message, row.posted_at, row.delivered_hash),
        (None, None, None),
        "there is no message there yet"
    );
}

async fn what_the_chat_refuses_rests_until_it_changes(db: Db) {
    show(&db.store, &[post("a", "bad"), post("b", "good")]).await;
    assert_eq!(keys(&db.store).await, ["a", "b"]);
    db.store.broken("a", "50035: Invalid Form Body").await.unwrap();
    assert_eq!(keys(&db.store).await, ["b"]);
    show(&db.store, &[post("a", "bad")]).await;
    assert_eq!(keys(&db.store).await, ["b"], "the same is as bad as before");
    assert_eq!(
        keys(&db.again().await).await,
        ["a", "b"],
        "a new process tries once more"
    );

    show(&db.store, &[post("a", "better")]).await;
    assert_eq!(keys(&db.store).await, ["a", "b"]);
    // While the worker is told no about that one, a commit comes in: it is not what was refused.
    show(&db.store, &[post("a", "best")]).await;
    db.store.broken("a", "50035: Invalid Form Body").await.unwrap();
    let rows = db.store.undelivered().await.unwrap();
    assert_eq!(rows[0].report, report("best"));
    db.store
        .delivered(shows("a", rows[0].version, "h", place(1), at(1)))
        .await
        .unwrap();
    assert_eq!(keys(&db.store).await, ["b"]);
}

async fn what_is_left_as_it_is_holds_nobody_up(db: Db) {
    show(&db.store, &[post("a", "old"), post("b", "good")]).await;
    assert_eq!(keys(&db.store).await, ["a", "b"]);
    db.store.left("a").await.unwrap();
    assert_eq!(
        keys(&db.store).await,
        ["b"],
        "whoever waits for all to be shown does not wait for it"
    );
    show(&db.store, &[post("a", "new")]).await;
    assert_eq!(keys(&db.store).await, ["a", "b"]);
}

async fn urgent_messages_come_first(db: Db) {
    let alert = |key: &str| Post {
        priority: Priority::Alert,
        ..post(key, "x")
    };
    show(
        &db.store,
        &[alert("1"), post("2", "x"), alert("3"), post("4", "x")],
    )
    .await;
    assert_eq!(keys(&db.store).await, ["2", "4", "1", "3"]);
}

async fn sweeping_keeps_what_is_needed(db: Db) {
    let last = |key: &str| Post {
        last: true,
        ..post(key, "x")
    };
    show(
        &db.store,
        &[last("old"), last("young"), last("waiting"), post("living", "x")],
    )
    .await;
    for (key, when) in [("old", at(0)), ("young", at(100)), ("living", at(0))] {
        db.store
            .delivered(shows(key, 1, "h", place(1), when))
            .await
            .unwrap();
    }
    let once = |event: &str| Commit {
        once: Some(event.to_owned()),
        ..Commit::default()
    };
    db.store.commit(once("event")).await.unwrap();
    db.store.sweep(at(50)).await.unwrap();
    let mut left = Vec::new();
    for key in ["old", "young", "waiting", "living"] {
        if db.store.outbox_row(key).await.unwrap().is_some() {
            left.push(key);
        }
    }
    assert_eq!(left, ["young", "waiting", "living"]);
    db.store
        .commit(once("event"))
        .await
        .expect_err("the event is younger than that");
    db.store.sweep(Timestamp::MAX).await.unwrap();
    db.store.commit(once("event")).await.unwrap();
}

async fn texts_of_buttons_are_forgotten_and_other_values_are_not(db: Db) {
    for name in ["button:a", "buttonless", "head"] {
        db.store.put(name, "x").await.unwrap();
    }
    db.store.forget_values("button:", at(0)).await.unwrap();
    assert!(db.store.get("button:a").await.unwrap().is_some(), "it is younger");
    db.store.forget_values("button:", Timestamp::MAX).await.unwrap();
    assert_eq!(db.store.get("button:a").await.unwrap(), None);
    for name in ["buttonless", "head"] {
        assert!(db.store.get(name).await.unwrap().is_some(), "{name}");
    }
}
