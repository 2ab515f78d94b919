//! Pictures of figures over time. What stands in one is decided by who asks for it; how it looks, by whoever draws.

use std::time::Duration;

use futures::future::BoxFuture;

use crate::model::{Limit, Timestamp, Unit};

/// A figure at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// What: no NaN, which is no figure.
    pub figure: f64,
}

/// A line of a plot. Where points lie further apart than a step nothing was measured, and nothing is drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// What it is of; drawn where a plot has several lines. Free of secrets.
    pub name: String,
    /// Its points, in order.
    pub points: Vec<Point>,
}

/// One figure over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plot {
    /// What is measured, in words that can be drawn.
    pub title: String,
    /// In what.
    pub unit: Unit,
    /// What it is now; none where that is not known.
    pub now: Option<String>,
    /// What it may be.
    pub limit: Option<Limit>,
    /// Whether it is over its limit now.
    pub over: bool,
    /// Its lines, the worst first.
    pub lines: Vec<Line>,
}

/// A moment that is marked in each plot by a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// Its number, as the message tells it.
    pub number: usize,
}

/// A picture: one plot, or several side by side, over the same time.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The beginning.
    pub from: Timestamp,
    /// The end.
    pub to: Timestamp,
    /// How far measurements lie apart.
    pub step: Duration,
    /// What is drawn.
    pub plots: Vec<Plot>,
    /// What happened meanwhile.
    pub marks: Vec<Mark>,
}

/// Draws.
pub trait Pictures: Send + Sync {
    /// Whether all letters of a text can be drawn.
    fn writes(&self, text: &str) -> bool;
    /// A chart as PNG.
    ///
    /// # Errors
    /// Why not, for the log.
    fn chart(&self, chart: Chart) -> BoxFuture<'_, Result<Vec<u8>, String>>;
}

/// Draws nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPictures;

impl Pictures for NoPictures {
    fn writes(&self, _: &str) -> bool {
        false
    }

    fn chart(&self, _: Chart) -> BoxFuture<'_, Result<Vec<u8>, String>> {
        Box::pin(std::future::ready(Err(String::new())))
    }
}
