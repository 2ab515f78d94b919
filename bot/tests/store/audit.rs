//! The chain: whole after honest work, and every kind of tampering found at its first row.

use ceo_bot::store::{AuditHead, VerifyError};
use ceo_commands::{
    model::{TicketId, UserId},
    ports::{AuditFilter, Commit, Ledger, Records},
};
use sha2::{Digest, Sha256};

use crate::{
    db::Db,
    on_both,
    samples::{STRANGE, entry},
};

on_both!(
    a_whole_chain_verifies,
    tampering_is_found_at_its_first_row,
    a_witness_finds_what_the_chain_cannot,
    the_export_can_be_checked_by_anybody,
    rows_by_filter,
);

/// `count` rows, some of them in one commit.
async fn filled(db: &Db, count: usize) {
    let mut left = count;
    while left > 0 {
        let now = left.min(3);
        let audit = (0..now)
            .map(|i| entry(&format!("row {}", count - left + i + 1)))
            .collect();
        let commit = Commit {
            audit,
            ..Commit::default()
        };
        db.store.commit(commit).await.unwrap();
        left -= now;
    }
}

async fn a_whole_chain_verifies(db: Db) {
    let empty = db.store.verify(&[]).await.unwrap();
    assert_eq!(empty.seq, 0);
    // More than is read at once.
    let many = Commit {
        audit: (0..1203).map(|i| entry(&i.to_string())).collect(),
        ..Commit::default()
    };
    assert_eq!(db.store.commit(many).await.unwrap().audit_seq, Some(1203));
    let head = db.store.verify(&[]).await.unwrap();
    assert_eq!(head.seq, 1203);
    assert_eq!(head, db.store.audit_head().await.unwrap());
    assert_eq!(head.to_string().parse(), Ok(head.clone()));
    // Earlier heads stay true while the chain grows.
    filled(&db, 4).await;
    assert_eq!(
        db.store.verify(std::slice::from_ref(&head)).await.unwrap().seq,
        1207
    );
    assert_eq!(
        db.store.verify(std::slice::from_ref(&empty)).await.unwrap().seq,
        1207
    );

    for wrong in ["", "7", "7:", "x:00", "-1:ab", "3:zz"] {
        wrong.parse::<AuditHead>().unwrap_err();
    }
}

async fn tampering_is_found_at_its_first_row(db: Db) {
    let swap = "UPDATE audit SET seq = -3 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; \
                UPDATE audit SET seq = 4 WHERE seq = -3;";
    // The forger who knows the rule gives the changed row its right hash, so that only the next row tells.
    let forged = entry("row 3 forged");
    let text = serde_json::to_value(&forged).unwrap().to_string();
    let rows = db_rows_after(&db, 7).await;
    let hash = hex::encode(Sha256::digest(format!("{}{text}", rows[1].1)));
    let rehash = format!("UPDATE audit SET entry = '{text}', hash = '{hash}' WHERE seq = 3");
    let cases: [(&str, &str, i64, &str); 9] = [
        (
            "a text changed",
            "UPDATE audit SET entry = replace(entry, 'row 3', 'row X') WHERE seq = 3",
            3,
            "changed",
        ),
        (
            "a hash changed",
            "UPDATE audit SET hash = previous WHERE seq = 3",
            3,
            "changed",
        ),
        ("a text changed with its hash", &rehash, 4, "not written after"),
        (
            "a search column changed",
            "UPDATE audit SET actor = '8' WHERE seq = 2",
            2,
            "searched",
        ),
        ("a row removed", "DELETE FROM audit WHERE seq = 5", 5, "missing"),
        (
            "the first removed",
            "DELETE FROM audit WHERE seq = 1",
            1,
            "missing",
        ),
        (
            "a row removed and the rest moved up",
            "DELETE FROM audit WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; \
             UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5; \
             UPDATE audit SET seq = 5 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = 7",
            2,
            "not written after",
        ),
        ("two rows swapped", swap, 3, "not written after"),
        (
            "a row before the first",
            "UPDATE audit SET seq = 0 WHERE seq = 7",
            7,
            "missing",
        ),
    ];
    for (what, statements, seq, why) in cases {
        db.tamper("CREATE TABLE audit_kept AS SELECT * FROM audit").await;
        db.tamper(statements).await;
        let found = db.store.verify(&[]).await;
        if what == "a row before the first" {
            // Row 0 is not read at all: the chain begins at 1, and this is a shorter one. Its head tells.
            assert_eq!(found.unwrap().seq, 6, "{what}");
        } else {
            match found {
                Err(VerifyError::Broken(broken)) => {
                    assert_eq!(broken.seq, seq, "{what}: {broken}");
                    assert!(broken.why.contains(why), "{what}: {broken}");
                }
                other => panic!("{what}: {other:?}"),
            }
        }
        db.tamper("DELETE FROM audit; INSERT INTO audit SELECT * FROM audit_kept; DROP TABLE audit_kept")
            .await;
        assert_eq!(db.store.verify(&[]).await.unwrap().seq, 7, "after {what}");
    }
    // A second history cannot be hung on the same row.
    let fork = "INSERT INTO audit SELECT 99, previous, hash, entry, actor, target, outcome, ticket FROM audit WHERE seq = 4";
    sqlx::query(fork)
        .execute(&mut db.intruder().await)
        .await
        .unwrap_err();
}

/// Fills the audit; gives `(seq, hash)` of each row.
async fn db_rows_after(db: &Db, count: usize) -> Vec<(i64, String)> {
    filled(db, count).await;
    let sql = "SELECT seq, hash FROM audit ORDER BY seq";
    sqlx::query_as(sql)
        .fetch_all(&mut db.intruder().await)
        .await
        .unwrap()
}

async fn a_witness_finds_what_the_chain_cannot(db: Db) {
    filled(&db, 6).await;
    let witness = db.store.audit_head().await.unwrap();
    // The end cut off, and other rows written since: the chain is whole, and not the one that was.
    db.tamper("DELETE FROM audit WHERE seq > 4").await;
    assert_eq!(db.store.verify(&[]).await.unwrap().seq, 4);
    let broken = |result: Result<AuditHead, VerifyError>| match result {
        Err(VerifyError::Broken(broken)) => broken,
        other => panic!("{other:?}"),
    };
    let cut = broken(db.store.verify(std::slice::from_ref(&witness)).await);
    assert_eq!(cut.seq, 5, "{cut}");
    filled(&db, 3).await;
    assert_eq!(db.store.verify(&[]).await.unwrap().seq, 7);
    let anew = broken(db.store.verify(std::slice::from_ref(&witness)).await);
    assert_eq!(anew.seq, 6, "{anew}");
    // All of it written anew, by the rules.
    db.tamper("DELETE FROM audit").await;
    let anew = Commit {
        audit: (0..9).map(|i| entry(&format!("invented {i}"))).collect(),
        ..Commit::default()
    };
    db.store.commit(anew).await.unwrap();
    assert_eq!(db.store.verify(&[]).await.unwrap().seq, 9);
    let anew = broken(db.store.verify(std::slice::from_ref(&witness)).await);
    assert_eq!(anew.seq, 6, "{anew}");
}

async fn the_export_can_be_checked_by_anybody(db: Db) {
    let commit = Commit {
        audit: vec![entry(STRANGE), entry("two"), entry("three")],
        ..Commit::default()
    };
    db.store.commit(commit).await.unwrap();
    let mut out = Vec::new();
    assert_eq!(db.store.export(&mut out).await.unwrap(), 3);
    let mut previous = "0".repeat(64);
    for (i, line) in std::str::from_utf8(&out).unwrap().lines().enumerate() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["seq"], i + 1);
        assert_eq!(value["previous"], previous.as_str());
        let text = line
            .strip_prefix(r#"{"entry":"#)
            .unwrap()
            .split_once(r#","hash":""#)
            .unwrap()
            .0;
        previous = hex::encode(Sha256::digest(format!("{previous}{text}")));
        assert_eq!(value["hash"], previous.as_str());
        assert_eq!(value["entry"]["event"], "asked");
    }
    assert_eq!(previous, db.store.audit_head().await.unwrap().hash);
    // A damaged row is shown, not hidden.
    db.tamper("UPDATE audit SET entry = 'no \"json' WHERE seq = 2")
        .await;
    let mut out = Vec::new();
    assert_eq!(db.store.export(&mut out).await.unwrap(), 3);
    assert!(
        String::from_utf8(out)
            .unwrap()
            .contains(r#"{"entry":"no \"json","hash""#)
    );
}

async fn rows_by_filter(db: Db) {
    let mut other = entry("other");
    other.actor = None;
    other.outcome = "refused".to_owned();
    other.ticket = None;
    other.target = "prod/100%_shop".to_owned();
    let commit = Commit {
        audit: vec![entry("1"), other, entry("3"), entry("4")],
        ..Commit::default()
    };
    db.store.commit(commit).await.unwrap();
    let seqs = async |filter: AuditFilter| {
        let rows = db.store.audit(filter).await.unwrap();
        rows.into_iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    let all = AuditFilter::default;
    let target = |t: &str| Some(t.to_owned());
    assert_eq!(seqs(all()).await, [4, 3, 2, 1]);
    assert_eq!(seqs(AuditFilter { limit: 2, ..all() }).await, [4, 3]);
    assert_eq!(
        seqs(AuditFilter {
            limit: 2,
            before: Some(3),
            ..all()
        })
        .await,
        [2, 1]
    );
    assert_eq!(
        seqs(AuditFilter {
            actor: Some(UserId(7)),
            ..all()
        })
        .await,
        [4, 3, 1]
    );
    assert_eq!(
        seqs(AuditFilter {
            ticket: Some(TicketId(1)),
            ..all()
        })
        .await,
        [4, 3, 1]
    );
    assert_eq!(
        seqs(AuditFilter {
            outcome: target("refused"),
            ..all()
        })
        .await,
        [2]
    );
    assert_eq!(
        seqs(AuditFilter {
            target: target("deployment/api"),
            ..all()
        })
        .await,
        [4, 3, 1]
    );
    assert_eq!(
        seqs(AuditFilter {
            target: target("0%_s"),
            ..all()
        })
        .await,
        [2],
        "no wildcards"
    );
    assert_eq!(
        seqs(AuditFilter {
            target: target("%"),
            ..all()
        })
        .await,
        [2],
        "no wildcards"
    );
    assert_eq!(
        seqs(AuditFilter {
            target: target("PROD"),
            ..all()
        })
        .await,
        [0; 0],
        "case counts"
    );
}
