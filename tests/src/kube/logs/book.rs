//! The logs that a node keeps: lines with times, or a formula for a million of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::LogRequest;

/// How much of a log is sent at a time.
pub(super) const CHUNK: usize = 64 * 1024;

type Formula = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// Lines that are made when they are read.
#[derive(Clone)]
struct Generated {
    count: u64,
    line: Formula,
    begin: Timestamp,
    step: SignedDuration,
}

impl Generated {
    fn time(&self, index: u64) -> Timestamp {
        let nanos = self.step.as_nanos().saturating_mul(i128::from(index));
        self.begin
            .saturating_add(SignedDuration::from_nanos_i128(nanos))
            .unwrap_or(Timestamp::MAX)
    }
}

#[derive(Default)]
struct Pages {
    generated: Option<Generated>,
    lines: Vec<(Timestamp, Bytes)>,
    ticks: i64,
    closed: bool,
}

/// The log of one container.
pub(crate) struct Book {
    pages: Mutex<Pages>,
    pub(super) changed: watch::Sender<()>,
    opened: Timestamp,
    pub(super) tick: Option<Duration>,
}

impl Book {
    fn lock(&self) -> MutexGuard<'_, Pages> {
        // Pages are changed in single pushes, so that they are sound even after a panic elsewhere.
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lines that the container logs of its own accord, up to now.
    fn catch_up(&self) {
        let Some(tick) = self.tick.filter(|tick| !tick.is_zero()) else {
            return;
        };
        let mut pages = self.lock();
        if pages.closed {
            return;
        }
        let since = Timestamp::now().duration_since(self.opened).as_millis();
        let count = i64::try_from(since / i128::try_from(tick.as_millis().max(1)).unwrap_or(1)).unwrap_or(0);
        while pages.ticks < count {
            pages.ticks += 1;
            let number = pages.ticks;
            let after = SignedDuration::try_from(tick)
                .unwrap_or_default()
                .saturating_mul(i32::try_from(number).unwrap_or(i32::MAX));
            let time = self.opened.saturating_add(after).unwrap_or(self.opened);
            let told = time.strftime("%Y-%m-%dT%H:%M:%S+00:00");
            pages
                .lines
                .push((time, format!("level=info ts={told} msg=tick n={number}").into()));
        }
    }

    /// The first line that the request wants.
    pub(super) fn start(&self, request: &LogRequest) -> Option<u64> {
        self.catch_up();
        let pages = self.lock();
        let made = pages.generated.as_ref().map_or(0, |generated| generated.count);
        let total = made + pages.lines.len() as u64;
        let tail = request
            .tail_lines
            .map_or(0, |tail| total.saturating_sub(u64::try_from(tail).unwrap_or(0)));
        let since = match (&request.since_time, request.since_seconds) {
            (Some(time), _) => Some(time.parse::<Timestamp>().ok()?),
            (None, Some(seconds)) => Some(
                Timestamp::now()
                    .saturating_sub(SignedDuration::from_secs(seconds))
                    .unwrap_or(Timestamp::MIN),
            ),
            (None, None) => None,
        };
        let Some(since) = since else { return Some(tail) };
        let young = match &pages.generated {
            Some(generated) if generated.count > 0 && generated.time(generated.count - 1) >= since => {
                first_since(generated, since)
            }
            _ => made + pages.lines.partition_point(|(time, _)| *time < since) as u64,
        };
        Some(tail.max(young))
    }

    /// The lines from `from` on, at most [`CHUNK`] bytes or one line; and the line after them.
    pub(super) fn read(&self, from: u64, timestamps: bool) -> (Bytes, u64) {
        self.catch_up();
        let pages = self.lock();
        let made = pages.generated.as_ref().map_or(0, |generated| generated.count);
        let total = made + pages.lines.len() as u64;
        let (mut out, mut index) = (BytesMut::new(), from);
        while index < total && out.len() < CHUNK {
            let stamp = |out: &mut BytesMut, time: Timestamp| {
                if timestamps {
                    out.put_slice(time.strftime("%Y-%m-%dT%H:%M:%S%.9fZ ").to_string().as_bytes());
                }
            };
            match &pages.generated {
                Some(generated) if index < made => {
                    stamp(&mut out, generated.time(index));
                    out.put_slice(&(generated.line)(index));
                }
                _ => {
                    let Some((time, line)) = usize::try_from(index - made)
                        .ok()
                        .and_then(|place| pages.lines.get(place))
                    else {
                        break;
                    };
                    stamp(&mut out, *time);
                    out.put_slice(line);
                }
            }
            out.put_u8(b'\n');
            index += 1;
        }
        (out.freeze(), index)
    }

    /// Whether lines are made when they are read, so that the whole is not to be held at once.
    pub(super) fn is_large(&self) -> bool {
        self.lock().generated.is_some()
    }

    /// Whether the container has ended.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }
}

/// The first of the lines that are made which is as young as that; behind the last where none is.
fn first_since(generated: &Generated, since: Timestamp) -> u64 {
    let (mut low, mut high) = (0, generated.count);
    while low < high {
        let middle = low + (high - low) / 2;
        if generated.time(middle) < since {
            low = middle + 1
        } else {
            high = middle
        }
    }
    low
}

/// The logs of all containers, by container id.
#[derive(Default)]
pub(crate) struct Logs {
    books: HashMap<String, Arc<Book>>,
}

impl Logs {
    /// The log of a container.
    pub(super) fn book(&self, id: &str) -> Option<Arc<Book>> {
        self.books.get(id).cloned()
    }

    /// Opens the log of a container that starts.
    pub(crate) fn open(&mut self, id: &str, lines: &[String], tick: Option<Duration>) {
        let opened = Timestamp::now();
        let lines = lines
            .iter()
            .map(|line| (opened, Bytes::from(line.clone())))
            .collect();
        let pages = Mutex::new(Pages {
            lines,
            ..Pages::default()
        });
        let book = Book {
            pages,
            changed: watch::Sender::new(()),
            opened,
            tick,
        };
        self.books.insert(id.to_owned(), Arc::new(book));
    }

    /// Adds a line.
    pub(crate) fn append(&mut self, id: &str, line: Bytes) {
        if let Some(book) = self.books.get(id) {
            book.catch_up();
            book.lock().lines.push((Timestamp::now(), line));
            book.changed.send_replace(());
        }
    }

    /// Puts a formula before the lines: `count` lines, the last one as old as now.
    pub(crate) fn generate(&mut self, id: &str, count: u64, line: Formula) {
        let Some(book) = self.books.get(id) else { return };
        let step = SignedDuration::from_millis(1);
        let span = SignedDuration::from_millis(i64::try_from(count).unwrap_or(i64::MAX / 2));
        let begin = Timestamp::now().saturating_sub(span).unwrap_or(Timestamp::MIN);
        book.lock().generated = Some(Generated {
            count,
            line,
            begin,
            step,
        });
        book.changed.send_replace(());
    }

    /// The container ended: nothing more comes.
    pub(crate) fn close(&mut self, id: &str) {
        if let Some(book) = self.books.get(id) {
            book.catch_up();
            book.lock().closed = true;
            book.changed.send_replace(());
        }
    }

    /// The dead container is removed from its node.
    pub(crate) fn remove(&mut self, id: &str) {
        self.books.remove(id);
    }
}
