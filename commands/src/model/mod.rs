//! The nouns that everything else is said with. Pure data: no clock, no socket, no chat, no cluster.

mod actor;
mod figure;
mod file;
mod ids;
mod json;
mod report;
mod scope;
mod short;
mod shortcut;
mod step;
mod text;

pub use actor::{Actor, Locale, Place};
pub use figure::{Limit, Side, Unit};
pub use file::File;
pub use ids::{ChannelId, Reference, RoleId, TicketId, UserId};
/// A moment in UTC.
pub use jiff::Timestamp;
pub use json::canonical;
pub use report::{
    Act, Action, Block, Code, Field, Link, Progress, Report, Step, StepState, Style, Table, Tone,
};
pub use scope::{PodName, Scope, Workload, WorkloadKind, WorkloadName};
pub use short::short_names;
pub use shortcut::Shortcut;
pub use step::{Effect, Refusal};
pub use text::{Span, Text, ago, bold, code, grouped, plain};

/// Plain characters for a human length of time: `41 s`, `6 min 12 s`, `3 h 2 min`, `5 d 4 h`.
#[must_use]
pub fn spell(length: std::time::Duration) -> String {
    let s = length.as_secs();
    let (large, unit, small, part) = match s {
        0..60 => return format!("{s} s"),
        60..3600 => (s / 60, "min", s % 60, "s"),
        3600..86_400 => (s / 3600, "h", (s % 3600) / 60, "min"),
        _ => (s / 86_400, "d", (s % 86_400) / 3600, "h"),
    };
    if small == 0 {
        format!("{large} {unit}")
    } else {
        format!("{large} {unit} {small} {part}")
    }
}

/// How long ago, never negative: clocks of clusters and of this machine differ.
#[must_use]
pub fn since(then: Timestamp, now: Timestamp) -> std::time::Duration {
    std::time::Duration::try_from(now.duration_since(then)).unwrap_or_default()
}
