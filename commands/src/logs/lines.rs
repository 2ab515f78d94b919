//! A log as it comes, cut into lines. However long a line is, a bounded part of it is kept.

use std::{
    future::{Future, poll_fn},
    task::Poll,
    time::Duration,
};

use futures::AsyncBufReadExt;

use crate::{cluster::LogStream, model::Timestamp};

/// How much of a line is kept; what is searched and redacted.
pub(super) const KEEP: usize = 16 * 1024;
/// The longest time stamp that the kubelet writes, with some to spare.
const STAMP: usize = 48;

/// Lines of one log.
pub(super) struct Lines {
    stream: LogStream,
}

/// What came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Got {
    /// A line; `cut` when there was more of it than is kept.
    Line { cut: bool },
    /// The log ended within a line.
    Part,
    /// The log ended.
    End,
}

/// Why nothing more came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// Nothing for so long.
    Silent,
    /// The connection broke.
    Cut,
}

impl Lines {
    pub(super) fn new(stream: LogStream) -> Self {
        Self { stream }
    }

    /// Waits until bytes are there, or the log's end. Most often they are, and no clock is asked.
    async fn readable(&mut self, patience: Duration) -> Result<(), Broken> {
        let mut wait = None;
        poll_fn(|cx| match self.stream.as_mut().poll_fill_buf(cx) {
            Poll::Ready(Ok(_)) => Poll::Ready(Ok(())),
            Poll::Ready(Err(_)) => Poll::Ready(Err(Broken::Cut)),
            Poll::Pending => {
                let wait = wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
                wait.as_mut().poll(cx).map(|()| Err(Broken::Silent))
            }
        })
        .await
    }

    /// Reads the next line into `line`, without its end. Waits for bytes no longer than `patience` each time.
    pub(super) async fn next(&mut self, line: &mut Vec<u8>, patience: Duration) -> Result<Got, Broken> {
        line.clear();
        let (mut cut, mut begun) = (false, false);
        loop {
            self.readable(patience).await?;
            let chunk = self.stream.fill_buf().await.map_err(|_| Broken::Cut)?;
            if chunk.is_empty() {
                return Ok(if begun { Got::Part } else { Got::End });
            }
            begun = true;
            let end = memchr::memchr(b'\n', chunk);
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            let room = KEEP.saturating_sub(line.len());
            cut |= part.len() > room;
            line.extend_from_slice(part.get(..room).unwrap_or(part));
            let used = end.map_or(chunk.len(), |at| at + 1);
            self.stream.consume_unpin(used);
            if end.is_some() {
                return Ok(Got::Line { cut });
            }
        }
    }
}

/// The time before a line, and the line. `None` when there is none: the kubelet says something itself then.
pub(super) fn stamped(line: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (stamp, rest) = split(line)?;
    Some((time(stamp)?, rest))
}

/// The time of a stamp.
pub(super) fn time(stamp: &[u8]) -> Option<Timestamp> {
    std::str::from_utf8(stamp).ok()?.parse().ok()
}

/// What looks like a stamp, unread, and the line behind it: of a million lines that are searched only a few are shown, and
/// only their times are of interest.
pub(super) fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = line.iter().take(STAMP).position(|byte| *byte == b' ');
    let (stamp, rest) = match end {
        Some(at) => (line.get(..at)?, line.get(at + 1..)?),
        None if line.len() <= STAMP => (line, &[][..]),
        None => return None,
    };
    let looks = stamp.get(10) == Some(&b'T')
        && stamp.get(4) == Some(&b'-')
        && stamp.iter().all(|b| b.is_ascii_digit() || b"-+:.TZ".contains(b));
    looks.then_some((stamp, rest))
}

#[cfg(test)]
mod tests {
    use futures::{TryStreamExt, stream};

    use super::*;

    pub(super) fn log(chunks: Vec<Result<Vec<u8>, std::io::Error>>) -> Lines {
        Lines::new(Box::pin(stream::iter(chunks).into_async_read()))
    }

    #[tokio::test]
    async fn lines_are_cut_to_a_bound_and_told_apart() {
        let mut lines = log(vec![
            Ok(b"one\ntw".to_vec()),
            Ok(b"o\n\n".to_vec()),
            Ok(vec![b'x'; 1_000_000]),
            Ok(b"end\npart".to_vec()),
        ]);
        let (mut line, wait) = (Vec::new(), Duration::from_secs(1));
        for expected in ["one", "two", ""] {
            assert_eq!(lines.next(&mut line, wait).await, Ok(Got::Line { cut: false }));
            assert_eq!(line, expected.as_bytes());
        }
        assert_eq!(lines.next(&mut line, wait).await, Ok(Got::Line { cut: true }));
        assert_eq!(line.len(), KEEP);
        assert_eq!(lines.next(&mut line, wait).await, Ok(Got::Part));
        assert_eq!(line, b"part");
        assert_eq!(lines.next(&mut line, wait).await, Ok(Got::End));
    }

    #[tokio::test]
    async fn a_cut_and_a_silence_are_no_end() {
        let broken = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let mut lines = log(vec![Ok(b"a\nb".to_vec()), Err(broken)]);
        let (mut line, wait) = (Vec::new(), Duration::from_secs(1));
        assert_eq!(lines.next(&mut line, wait).await, Ok(Got::Line { cut: false }));
        assert_eq!(lines.next(&mut line, wait).await, Err(Broken::Cut));
        let wait = Duration::from_millis(20);
        let silent = stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let mut lines = Lines::new(Box::pin(silent.into_async_read()));
        assert_eq!(lines.next(&mut line, wait).await, Err(Broken::Silent));
    }

    #[test]
    fn the_time_before_a_line() {
        let (at, rest) = stamped(b"2026-11-22T20:02:59.188160391Z line 82").unwrap();
        assert_eq!(
            (at.to_string().as_str(), rest),
            ("2026-11-22T20:02:59.188160391Z", &b"line 82"[..])
        );
        let (at, rest) = stamped(b"2026-11-22T20:02:59+08:00 ").unwrap();
        assert_eq!(
            (at.to_string().as_str(), rest),
            ("2026-11-22T12:02:59Z", &b""[..])
        );
        assert!(stamped(b"2026-11-22T20:02:59Z").is_some_and(|(_, rest)| rest.is_empty()));
        assert_eq!(
            stamped(b"unable to retrieve container logs for containerd://45"),
            None
        );
        assert_eq!(stamped(b""), None);
    }
}
