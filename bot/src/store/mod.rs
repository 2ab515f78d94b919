//! What must survive a crash: tickets, votes, steps, the audit and the living messages. One file of SQLite by default,
//! PostgreSQL by URL, with the same tables and the same statements.
//!
//! ```text
//! handle.rs   the store itself: connections, its turn of writers, what it remembers
//! open.rs     how it is opened and closed, and the migrations
//! values.rs   small values by name
//! ledger.rs   the contract of `commands`: one commit, one transaction; and the queries
//!   commit.rs   what a commit does inside its transaction
//! write.rs    how a transaction is opened, ended, timed and tried again
//! incidents.rs what went wrong: the rows and the queries
//! blobs.rs    files of reports, by the hash of their bytes
//! audit.rs    the chain of hashes: append, verify, export
//! outbox.rs   the side of the worker that makes the chat show what the ledger says
//! text.rs     canonical JSON, hashes, and what text a database can hold
//! ```

mod audit;
mod blobs;
mod commit;
mod file_lock;
mod handle;
mod incidents;
mod ledger;
mod open;
mod outbox;
mod text;
mod values;
mod write;

pub use audit::{AuditHead, Broken, VerifyError};
pub use file_lock::file;
pub use handle::Store;
pub use open::StoreOptions;
pub use outbox::{Delivered, OutboxRow};
