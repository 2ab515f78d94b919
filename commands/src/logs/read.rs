//! Reads the logs of several pods once and merges them by time. Each pod's log is read by a task of its own, no faster than
//! the merge takes its lines, so that a bounded number of them is in memory.

use std::{cmp::Reverse, collections::BinaryHeap, future::Future, sync::Arc, time::Duration};

use tokio::{sync::mpsc, task::JoinSet, time::Instant};
use tracing::Instrument;

use super::{
    kept::{Kept, Shown},
    lines::{self, Broken, Got, Lines},
    sieve::{Counts, Sieve},
    trouble::Trouble,
};
use crate::{
    cluster::{Log, View},
    model::Timestamp,
};

/// Lines of one pod that wait to be merged.
const WAITING: usize = 32;
/// How long reading may take in all: the person waits.
const READ_WITHIN: Duration = Duration::from_secs(40);
/// How much longer the merge waits to be told how far each came.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Where logs come from.
pub(crate) struct Source {
    pub(crate) view: View,
    pub(crate) cluster: String,
    pub(crate) namespace: String,
    /// How long to wait for more of a log that is read once.
    pub(crate) patience: Duration,
}

impl Source {
    /// Opens a log.
    pub(super) async fn open(&self, pod: &str, which: &Log) -> Result<Lines, Trouble> {
        let stream = self.view.log_stream(&self.cluster, &self.namespace, pod, which);
        stream.await.map(Lines::new).map_err(Trouble::of)
    }
}

/// What was read.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) kept: Kept,
    pub(super) counts: Counts,
    /// By the pod's place, where there was any.
    pub(super) troubles: Vec<(usize, Trouble)>,
    /// Whether the time was over before the logs were.
    pub(super) unfinished: bool,
}

enum Piece {
    Line(Timestamp, String),
    End(Counts, Ending),
}

/// Why a log was not read any further.
enum Ending {
    /// There is no more.
    Whole,
    /// The time was over.
    Late,
    Trouble(Trouble),
}

/// Reads the logs of pods.
pub(super) async fn read(source: &Arc<Source>, pods: &[String], which: &Log, sieve: &Sieve) -> Reading {
    let until = Instant::now() + READ_WITHIN;
    let mut tasks = JoinSet::new();
    let mut inlets = Vec::with_capacity(pods.len());
    for pod in pods {
        let (tell, inlet) = mpsc::channel(WAITING);
        let span = tracing::debug_span!("log", pod);
        let (source, pod, which) = (Arc::clone(source), pod.clone(), which.clone());
        let patience = source.patience;
        let open = async move { source.open(&pod, &which).await };
        let work = one(open, patience, sieve.clone(), tell, until);
        tasks.spawn(work.instrument(span));
        inlets.push(inlet);
    }
    let merge = Merge {
        heads: inlets.iter().map(|_| None).collect(),
        inlets,
        order: BinaryHeap::new(),
        reading: Reading::default(),
        until: until + LAST_WORDS,
    };
    // Dropping the tasks ends them: nothing is read that nobody takes.
    merge.run().await
}

/// Reads one log.
async fn one(
    open: impl Future<Output = Result<Lines, Trouble>>,
    patience: Duration,
    mut sieve: Sieve,
    tell: mpsc::Sender<Piece>,
    until: Instant,
) {
    let reading = async {
        match open.await {
            Ok(lines) => pass(lines, patience, &mut sieve, &tell).await,
            Err(trouble) => Ending::Trouble(trouble),
        }
    };
    let ending = tokio::time::timeout_at(until, reading)
        .await
        .unwrap_or(Ending::Late);
    // Nobody takes it: then nobody needs it.
    let _ = tell.send(Piece::End(sieve.counts, ending)).await;
}

async fn pass(mut lines: Lines, patience: Duration, sieve: &mut Sieve, tell: &mpsc::Sender<Piece>) -> Ending {
    let (mut raw, mut stamp) = (Vec::new(), Vec::new());
    loop {
        let cut = match lines.next(&mut raw, patience).await {
            Ok(Got::Line { cut }) => cut,
            Ok(Got::Part) => false,
            Ok(Got::End) => return Ending::Whole,
            Err(Broken::Silent) => return Ending::Trouble(Trouble::Stalled),
            Err(Broken::Cut) => return Ending::Trouble(Trouble::Cut),
        };
        let text = match lines::split(&raw) {
            Some((of_line, text)) => {
                stamp.clear();
                stamp.extend_from_slice(of_line);
                text
            }
            None => match Trouble::of_line(&raw) {
                Some(trouble) => return Ending::Trouble(trouble),
                None => &raw,
            },
        };
        if let Some(shown) = sieve.pass(text, cut)
            && tell
                .send(Piece::Line(lines::time(&stamp).unwrap_or(Timestamp::MIN), shown))
                .await
                .is_err()
        {
            return Ending::Whole;
        }
    }
}

struct Merge {
    inlets: Vec<mpsc::Receiver<Piece>>,
    heads: Vec<Option<String>>,
    order: BinaryHeap<Reverse<(Timestamp, usize)>>,
    reading: Reading,
    until: Instant,
}

impl Merge {
    async fn run(mut self) -> Reading {
        for pod in 0..self.inlets.len() {
            self.pull(pod).await;
        }
        while let Some(Reverse((at, pod))) = self.order.pop() {
            if let Some(text) = self.heads.get_mut(pod).and_then(Option::take) {
                self.reading.kept.push(Shown { at, pod, text });
            }
            self.pull(pod).await;
        }
        self.reading
    }

    /// Takes the next line of a pod, or its end.
    async fn pull(&mut self, pod: usize) {
        let Some(inlet) = self.inlets.get_mut(pod) else {
            return;
        };
        match tokio::time::timeout_at(self.until, inlet.recv()).await {
            Ok(Some(Piece::Line(at, text))) => {
                if let Some(head) = self.heads.get_mut(pod) {
                    *head = Some(text);
                    self.order.push(Reverse((at, pod)));
                }
            }
            Ok(Some(Piece::End(counts, ending))) => {
                self.reading.counts.add(counts);
                match ending {
                    Ending::Whole => {}
                    Ending::Late => self.reading.unfinished = true,
                    Ending::Trouble(trouble) => self.reading.troubles.push((pod, trouble)),
                }
            }
            Ok(None) => {}
            Err(_) => self.reading.unfinished = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, TryStreamExt, stream};

    use super::*;
    use crate::redact::Redactor;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[tokio::test]
    async fn what_takes_too_long_tells_how_far_it_came() {
        let line = || Ok::<_, std::io::Error>(b"2026-11-22T20:00:00Z plain\n".to_vec());
        let endless = stream::iter([line(), line(), line()]).chain(stream::pending());
        let lines = Lines::new(Box::pin(endless.into_async_read()));
        let sieve = Sieve::new(Arc::new(Redactor::default()), None);
        let (tell, mut inlet) = mpsc::channel(9);
        let until = Instant::now() + Duration::from_millis(200);
        one(async { Ok(lines) }, Duration::from_secs(9), sieve, tell, until).await;
        let mut seen = 0;
        while let Some(piece) = inlet.recv().await {
            match piece {
                Piece::Line(..) => seen += 1,
                Piece::End(counts, Ending::Late) => {
                    assert_eq!((seen, counts.lines), (3, 3));
                    return;
                }
                Piece::End(..) => panic!("it ended otherwise"),
            }
        }
        panic!("it did not end");
    }

    #[tokio::test]
    async fn lines_are_merged_by_time_and_a_pod_that_hangs_ends_with_the_time() {
        let (a, from_a) = mpsc::channel(9);
        let (b, from_b) = mpsc::channel(9);
        for (to, seconds) in [(&a, [1, 4, 5]), (&b, [2, 3, 9])] {
            for second in seconds {
                to.send(Piece::Line(at(second), second.to_string()))
                    .await
                    .unwrap();
            }
        }
        let counts = Counts {
            lines: 3,
            ..Counts::default()
        };
        a.send(Piece::End(counts, Ending::Trouble(Trouble::Cut)))
            .await
            .unwrap();
        let merge = Merge {
            heads: vec![None, None],
            inlets: vec![from_a, from_b],
            order: BinaryHeap::new(),
            reading: Reading::default(),
            until: Instant::now() + Duration::from_millis(50),
        };
        let reading = merge.run().await;
        let order: Vec<&str> = reading.kept.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(order, ["1", "2", "3", "4", "5", "9"]);
        assert_eq!(reading.counts.lines, 3);
        assert_eq!(reading.troubles, [(0, Trouble::Cut)]);
        assert!(reading.unfinished, "b never ended");
    }
}
