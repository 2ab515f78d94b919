//! Follows the log of one pod for as long as the pod lives: opens it, goes on with it where the API server cut it, waits for
//! a container that is not running yet or runs again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::mpsc;

use super::{
    lines::{Broken, Got, Lines, stamped},
    read::Source,
    resume::{Resume, TRUSTED},
    sieve::Sieve,
    trouble::Trouble,
};
use crate::{
    cluster::{Cached, ClusterError, Log},
    health,
    model::{Text, Timestamp},
    objects::Pod,
    texts,
};

/// The pause before a log is opened again, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// What goes by in all streams together.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) lines: AtomicU64,
    pub(super) hidden: AtomicU64,
    pub(super) long: AtomicU64,
    /// Streams that were cut and taken up again.
    pub(super) resumed: AtomicU64,
}

/// What happened to a pod's log. Pods are known by their place in the order in which they came.
#[derive(Debug)]
pub(super) struct News {
    pub(super) pod: usize,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Line(Timestamp, String),
    /// It comes.
    Open,
    /// It does not, for now.
    Trouble(Text),
    /// It will not any more.
    Ended(Text),
}

/// One pod that is followed.
pub(super) struct Tail {
    pub(super) pod: usize,
    pub(super) name: String,
    pub(super) uid: String,
    pub(super) source: Arc<Source>,
    pub(super) cached: Cached,
    pub(super) sieve: Sieve,
    pub(super) totals: Arc<Totals>,
    pub(super) tell: mpsc::Sender<News>,
}

/// How a stream ended.
struct Over {
    lines: u64,
    /// The line within which it ended.
    part: Option<(Timestamp, Vec<u8>)>,
    cut: bool,
}

impl Tail {
    /// Follows to the end of the pod.
    pub(super) async fn run(mut self, start: Log) {
        let container = start.container.clone().unwrap_or_default();
        let mut resume = Resume::new(start);
        let (mut pause, mut part) = (FIRST_PAUSE, None);
        loop {
            match self.source.open(&self.name, &resume.request()).await {
                Ok(lines) => {
                    resume.opened();
                    self.say(What::Open).await;
                    let over = self.pump(lines, &mut resume, part.take()).await;
                    part = over.part;
                    if over.lines > 0 {
                        pause = FIRST_PAUSE;
                    }
                    self.totals
                        .resumed
                        .fetch_add(u64::from(over.cut), Ordering::Relaxed);
                }
                Err(Trouble::Gone) => {}
                Err(Trouble::Cluster(error @ ClusterError::Forbidden { .. })) => {
                    return self.say(What::Ended(error.brief())).await;
                }
                Err(trouble) => self.say(What::Trouble(trouble.words(&container))).await,
            }
            if let Some(why) = self.ended() {
                if let Some((at, text)) = part.take() {
                    self.line(at, &text, false).await;
                }
                return self.say(What::Ended(why)).await;
            }
            if self.tell.is_closed() {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Takes what comes until the stream ends.
    async fn pump(
        &mut self,
        mut lines: Lines,
        resume: &mut Resume,
        mut part: Option<(Timestamp, Vec<u8>)>,
    ) -> Over {
        let mut raw = Vec::new();
        let mut over = Over {
            lines: 0,
            part: None,
            cut: false,
        };
        loop {
            let (cut, whole) = match lines.next(&mut raw, TRUSTED).await {
                Ok(Got::Line { cut }) => (cut, true),
                Ok(Got::Part) => (false, false),
                Ok(Got::End) | Err(Broken::Silent) => break,
                Err(Broken::Cut) => {
                    over.cut = true;
                    break;
                }
            };
            let Some((at, text)) = stamped(&raw) else { continue };
            if !whole {
                // It comes again whole, or not at all: then it was the last word of its container.
                over.part = Some((at, text.to_vec()));
                break;
            }
            if !resume.is_new(at, text) {
                continue;
            }
            over.lines += 1;
            if let Some((when, half)) = part.take()
                && !(when == at && text.starts_with(&half))
            {
                self.line(when, &half, false).await;
            }
            self.line(at, text, cut).await;
        }
        over.part = over.part.or(part);
        over
    }

    async fn line(&mut self, at: Timestamp, text: &[u8], cut: bool) {
        let before = self.sieve.counts;
        let shown = self.sieve.pass(text, cut);
        let now = self.sieve.counts;
        self.totals.lines.fetch_add(1, Ordering::Relaxed);
        self.totals
            .hidden
            .fetch_add(now.hidden - before.hidden, Ordering::Relaxed);
        self.totals
            .long
            .fetch_add(now.long - before.long, Ordering::Relaxed);
        if let Some(text) = shown {
            self.say(What::Line(at, text)).await;
        }
    }

    async fn say(&self, what: What) {
        // Nobody listens any more: the loop sees it.
        let _ = self.tell.send(News { pod: self.pod, what }).await;
    }

    /// Why nothing more can come, when that is so.
    fn ended(&self) -> Option<Text> {
        let Some(pod) = self.cached.get::<Pod>(&self.name) else {
            return Some(texts::logs::pod_gone());
        };
        if *pod.metadata.uid != *self.uid {
            return Some(texts::logs::pod_replaced());
        }
        health::pod::is_over(&pod).then(|| texts::logs::pod_ended(&health::state(&pod).status))
    }
}
