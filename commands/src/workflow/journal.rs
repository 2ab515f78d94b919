//! What the engine keeps for a run. Every write is stored before it is shown; a store that does not answer is waited for.

use futures::future::BoxFuture;

use crate::{
    failure::Failure,
    model::{Report, Timestamp},
    ticket::{Directive, Parked, StepRecord, Woken},
};

/// Steps, the message, the directive.
pub trait Journal: Send + Sync {
    /// The record of a step.
    fn step(&self, name: &str) -> Option<StepRecord>;
    /// Stores a step as it stands.
    fn keep(&self, step: StepRecord) -> BoxFuture<'_, Result<(), Failure>>;
    /// What a button told the run last.
    fn directive(&self) -> Directive;
    /// Waits until a button tells the run something else than `known`.
    fn directed(&self, known: Directive) -> BoxFuture<'_, Directive>;
    /// The run stands still on somebody's word, or goes on: time on hold is no running time.
    fn on_hold(&self, held: bool);
    /// A hold that nobody ended is over: the directive is to go on.
    fn hold_lapsed(&self) -> BoxFuture<'_, Result<(), Failure>>;
    /// Shows how far the run is, in its living message.
    fn show(&self, report: Report) -> BoxFuture<'_, Result<(), Failure>>;
    /// Gives the targets free: the run writes no more.
    fn release(&self) -> BoxFuture<'_, Result<(), Failure>>;
    /// Takes the targets again, for a write after all; one who took them meanwhile is waited for.
    fn reclaim(&self) -> BoxFuture<'_, Result<(), Failure>>;
    /// What woke the run at a step, when it was parked there.
    fn woken(&self, step: &str) -> Option<Woken>;
    /// Puts the run aside. Does not come back: the task ends here.
    fn park(&self, parked: Parked, report: Report) -> BoxFuture<'_, Result<(), Failure>>;
    /// The time.
    fn now(&self) -> Timestamp;
}
