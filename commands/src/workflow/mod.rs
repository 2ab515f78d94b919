//! What a change of many steps is written with. Four words: `once` acts and stores the result before it is shown; `wait`
//! waits on what the caches show, counting only the time that was observed; `checkpoint` obeys what buttons said; `park`
//! ends the task and keeps the ticket until a time or a person's sign-off.
//!
//! `execute` is re-entrant: after a restart it is called again, finished steps return what they stored, and a step that
//! had begun is observed before anything is sent again. What cannot be known is told as that.

mod checkpoint;
mod journal;
mod observe;
mod once;
mod park;
mod run;
pub mod steps;
mod wait;

pub use checkpoint::Told;
pub use journal::Journal;
pub use observe::{Observed, Written};
pub use run::Run;
pub use wait::{Look, Waited};
