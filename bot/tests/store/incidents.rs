//! Are incidents stored with their message and their audit row or not at all, once per trouble, and found again?

use std::time::Duration;

use ceo_commands::{
    incident::{Birth, Event, Found, Incident, Key, Owner, Problem, Sighting, Timing, open, step},
    model::{ChannelId, Workload, WorkloadKind},
    ports::{Commit, IncidentFilter, Ledger, LedgerError, Records},
};

use crate::{
    db::Db,
    on_both,
    samples::{STRANGE, at, entry, post},
};

on_both!(
    an_incident_comes_with_its_message_and_its_row_or_not_at_all,
    one_trouble_is_open_once,
    states_are_swapped_not_overwritten,
    what_is_asked_for_is_found,
    what_worked_is_remembered,
    another_process_reads_the_same,
);

fn sighting(owner: &str, problem: Problem) -> Sighting {
    Sighting {
        key: Key {
            cluster: "prod".to_owned(),
            namespace: Some("shop".to_owned()),
            owner: Owner::new("deployment", owner),
            problem,
        },
        affected: vec!["a".to_owned()],
        beside: vec![],
        uids: std::collections::BTreeMap::new(),
        of: 3,
        serves: None,
        restarts: 2,
        text: STRANGE.into(),
        facts: vec![STRANGE.into()],
        said: None,
        since: at(0),
        last: at(10),
        subject: None,
    }
}

async fn new(db: &Db, owner: &str, problem: Problem) -> Incident {
    let id = db.store.next_incident().await.unwrap();
    open(
        &sighting(owner, problem),
        Found::default(),
        Birth {
            id,
            channel: ChannelId(3001),
            mention: &[],
            returned: None,
            now: at(10),
        },
    )
    .0
}

fn commit(incident: &Incident, expect: Option<i64>) -> Commit {
    Commit {
        incidents: vec![(incident.clone(), expect)],
        ..Commit::default()
    }
}

async fn stored(db: &Db, owner: &str, problem: Problem) -> Incident {
    let incident = new(db, owner, problem).await;
    db.store.commit(commit(&incident, None)).await.unwrap();
    incident
}

fn over(incident: &Incident, second: i64) -> Incident {
    let ending = ceo_commands::incident::Ending {
        at: at(second),
        by: None,
        gone: false,
        left: None,
    };
    let timing = Timing {
        settle: Duration::ZERO,
        ..Timing::default()
    };
    step(incident, Event::Unseen(ending), at(second), &timing)
        .unwrap()
        .0
}

async fn an_incident_comes_with_its_message_and_its_row_or_not_at_all(db: Db) {
    let incident = new(&db, "api", Problem::CrashLoopBackOff).await;
    let whole = Commit {
        audit: vec![entry("opened")],
        posts: vec![post(&incident.message_key(), "crashes")],
        ..commit(&incident, None)
    };
    db.store.commit(whole.clone()).await.unwrap();
    assert_eq!(
        db.store.incident(incident.id).await.unwrap(),
        Some(incident.clone())
    );
    assert_eq!(
        (
            db.count("incidents").await,
            db.count("outbox").await,
            db.count("audit").await
        ),
        (1, 1, 1)
    );
    let again = Commit {
        posts: vec![post("incident:other", "crashes")],
        ..whole
    };
    assert!(matches!(db.store.commit(again).await, Err(LedgerError::Conflict)));
    assert_eq!(
        (
            db.count("incidents").await,
            db.count("outbox").await,
            db.count("audit").await
        ),
        (1, 1, 1)
    );
}

async fn one_trouble_is_open_once(db: Db) {
    let first = stored(&db, "api", Problem::CrashLoopBackOff).await;
    let double = new(&db, "api", Problem::CrashLoopBackOff).await;
    assert_ne!(first.id, double.id, "a number is never given twice");
    let refused = db.store.commit(commit(&double, None)).await;
    assert!(matches!(refused, Err(LedgerError::Conflict)), "{refused:?}");
    stored(&db, "api", Problem::ImagePull).await;
    stored(&db, "worker", Problem::CrashLoopBackOff).await;
    let closed = over(&first, 60);
    db.store
        .commit(commit(&closed, Some(first.version)))
        .await
        .unwrap();
    db.store.commit(commit(&double, None)).await.unwrap();
    // The old one cannot come back beside the new one.
    let event = Event::Seen(
        Box::new(sighting("api", Problem::CrashLoopBackOff)),
        Box::default(),
    );
    let back = step(&closed, event, at(70), &Timing::default()).unwrap().0;
    let refused = db.store.commit(commit(&back, Some(closed.version))).await;
    assert!(matches!(refused, Err(LedgerError::Conflict)), "{refused:?}");
}

async fn states_are_swapped_not_overwritten(db: Db) {
    let incident = stored(&db, "api", Problem::CrashLoopBackOff).await;
    let ack = |name: &str| Event::Ack {
        by: ceo_commands::model::UserId(1),
        name: name.to_owned(),
    };
    let timing = Timing::default();
    let one = step(&incident, ack("one"), at(20), &timing).unwrap().0;
    let two = step(&incident, ack("two"), at(21), &timing).unwrap().0;
    db.store
        .commit(commit(&one, Some(incident.version)))
        .await
        .unwrap();
    let late = db.store.commit(commit(&two, Some(incident.version))).await;
    assert!(matches!(late, Err(LedgerError::Conflict)), "{late:?}");
    assert_eq!(db.store.incident(incident.id).await.unwrap(), Some(one.clone()));
    let jump = Incident { version: 9, ..one };
    assert!(matches!(
        db.store.commit(commit(&jump, Some(2))).await,
        Err(LedgerError::Store(_))
    ));
}

async fn what_is_asked_for_is_found(db: Db) {
    let first = stored(&db, "api", Problem::CrashLoopBackOff).await;
    let second = stored(&db, "worker", Problem::OomKilled).await;
    let closed = over(&first, 100);
    db.store
        .commit(commit(&closed, Some(first.version)))
        .await
        .unwrap();
    let ids = |filter: IncidentFilter| async {
        let found = db.store.incidents(filter).await.unwrap();
        found.into_iter().map(|i| i.id).collect::<Vec<_>>()
    };
    let all = IncidentFilter {
        closed_since: Some(at(0)),
        ..IncidentFilter::default()
    };
    assert_eq!(ids(IncidentFilter::default()).await, [second.id], "what is open");
    assert_eq!(ids(all.clone()).await, [second.id, first.id], "newest first");
    for (filter, expected) in [
        (
            IncidentFilter {
                closed_since: Some(at(101)),
                ..all.clone()
            },
            vec![second.id],
        ),
        (
            IncidentFilter {
                owner: Some(Owner::new("deployment", "api")),
                ..all.clone()
            },
            vec![first.id],
        ),
        (
            IncidentFilter {
                cluster: Some("other".to_owned()),
                ..all.clone()
            },
            vec![],
        ),
        (
            IncidentFilter {
                namespace: Some("shop".to_owned()),
                limit: 1,
                ..all.clone()
            },
            vec![second.id],
        ),
    ] {
        assert_eq!(ids(filter.clone()).await, expected, "{filter:?}");
    }
}

async fn what_worked_is_remembered(db: Db) {
    let workload = |name: &str| Workload {
        cluster: "prod".to_owned(),
        namespace: "shop".to_owned(),
        kind: WorkloadKind::Deployment,
        name: name.to_owned(),
    };
    assert!(db.store.worked(&workload("api")).await.unwrap().is_empty());
    let pair = |name: &str, mark: &str| (workload(name), mark.to_owned());
    let marks = vec![pair("api", "api-1"), pair("worker", "worker-1")];
    db.store.note_worked(marks.clone()).await.unwrap();
    db.store.note_worked(marks).await.unwrap();
    db.store.note_worked(vec![pair("api", "api-2")]).await.unwrap();
    let mut known = db.store.worked(&workload("api")).await.unwrap();
    known.sort();
    assert_eq!(known, ["api-1", "api-2"]);
    assert_eq!(db.count("worked").await, 3);
}

async fn another_process_reads_the_same(db: Db) {
    let incident = stored(&db, "api", Problem::CrashLoopBackOff).await;
    let again = db.again().await;
    assert_eq!(
        again.incidents(IncidentFilter::default()).await.unwrap(),
        [incident]
    );
    let (here, there) = (
        db.store.next_incident().await.unwrap(),
        again.next_incident().await.unwrap(),
    );
    assert!(
        here < there,
        "numbers are given out by the database: {here} {there}"
    );
}
