//! Reads the logs of several pods once and merges them by time. Each pod's log is read by a task of its own, no faster than
//! the merge takes its lines, so that a bounded number of them is in memory.

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc, time::Duration};

use tokio::{sync::mpsc, task::JoinSet, time::Instant};
use tracing::Instrument;

use super::{
    kept::{Kept, Shown},
    lines::{Broken, Got, Lines, stamped},
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

/// Where logs come from.
pub(super) struct Source {
    pub(super) view: View,
    pub(super) cluster: String,
    pub(super) namespace: String,
    /// How long to wait for more of a log that is read once.
    pub(super) patience: Duration,
}

impl Source {
    /// Opens a log.
    pub(super) async fn open(&self, pod: &str, which: &Log) -> Result<Lines, Trouble> {
        let stream = self.view.log_stream(&self.cluster, &self.namespace, (pod, which));
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
    End(Counts, Option<Trouble>),
}

/// Reads the logs of pods.
pub(super) async fn read(source: &Arc<Source>, pods: &[String], which: &Log, sieve: &Sieve) -> Reading {
    let mut tasks = JoinSet::new();
    let mut inlets = Vec::with_capacity(pods.len());
    for pod in pods {
        let (tell, inlet) = mpsc::channel(WAITING);
        let span = tracing::debug_span!("log", pod);
        let work = one(
            Arc::clone(source),
            pod.clone(),
            which.clone(),
            (sieve.clone(), tell),
        );
        tasks.spawn(work.instrument(span));
        inlets.push(inlet);
    }
    let merge = Merge {
        heads: inlets.iter().map(|_| None).collect(),
        inlets,
        order: BinaryHeap::new(),
        reading: Reading::default(),
        until: Instant::now() + READ_WITHIN,
    };
    // Dropping the tasks ends them: nothing is read that nobody takes.
    merge.run().await
}

/// Reads one log.
async fn one(source: Arc<Source>, pod: String, which: Log, (mut sieve, tell): (Sieve, mpsc::Sender<Piece>)) {
    let trouble = match source.open(&pod, &which).await {
        Ok(lines) => pass(lines, source.patience, (&mut sieve, &tell)).await,
        Err(trouble) => Some(trouble),
    };
    // Nobody takes it: then nobody needs it.
    let _ = tell.send(Piece::End(sieve.counts, trouble)).await;
}

async fn pass(
    mut lines: Lines,
    patience: Duration,
    (sieve, tell): (&mut Sieve, &mpsc::Sender<Piece>),
) -> Option<Trouble> {
    let (mut raw, mut last) = (Vec::new(), Timestamp::MIN);
    loop {
        let cut = match lines.next(&mut raw, patience).await {
            Ok(Got::Line { cut }) => cut,
            Ok(Got::Part) => false,
            Ok(Got::End) => return None,
            Err(Broken::Silent) => return Some(Trouble::Stalled),
            Err(Broken::Cut) => return Some(Trouble::Cut),
        };
        let text = match stamped(&raw) {
            Some((at, text)) => {
                last = at;
                text
            }
            None => match Trouble::of_line(&raw) {
                Some(trouble) => return Some(trouble),
                None => &raw,
            },
        };
        if let Some(shown) = sieve.pass(text, cut)
            && tell.send(Piece::Line(last, shown)).await.is_err()
        {
            return None;
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
            Ok(Some(Piece::End(counts, trouble))) => {
                self.reading.counts.add(counts);
                self.reading.troubles.extend(trouble.map(|t| (pod, t)));
            }
            Ok(None) => {}
            Err(_) => self.reading.unfinished = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
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
        a.send(Piece::End(counts, Some(Trouble::Cut))).await.unwrap();
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
