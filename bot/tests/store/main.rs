//! The store's promises, on SQLite and on PostgreSQL alike.
//!
//! PostgreSQL is started from the machine's own binaries, once for all tests, and ends with this process. Where there
//! are none, its half is skipped aloud; with `CI=true` that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::cloned_ref_to_slice_refs,
    unreachable_pub,
    reason = "a test fails by panicking, and reads from top to bottom"
)]

mod audit;
mod blobs;
mod concurrency;
mod db;
mod incidents;
mod kill;
mod ledger;
mod outbox;
mod postgres;
mod samples;
mod taken_over;

/// Makes two tests of one function: `name::sqlite` and `name::postgres`.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(crate::db::Db::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(db) = crate::db::Db::postgres().await {
                    super::$name(db).await;
                }
            }
        }
    )* };
}
pub(crate) use on_both;
