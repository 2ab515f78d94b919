//! Logs as they come: one report that changes, with the newest lines and how many come. Pods that are new join, pods that end
//! leave; it ends by itself, with its target, or when it is stopped.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::{Stream, stream};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};
use tracing::Instrument;

use super::{
    draw,
    kept::Shown,
    question::Question,
    read::Source,
    scene::{PODS, Scene, name},
    show,
    sieve::{Counts, Sieve},
    tail::{News, Tail, Totals, What},
    target::Target,
};
use crate::{
    cluster::{Cached, Log},
    model::{Action, Report, Text, Timestamp, Tone},
    ports::Clock,
    texts,
};

/// The longest that anybody looks; a chat asks before whether to go on.
const FOLLOW_FOR: Duration = Duration::from_secs(14 * 60);
/// Lines of each pod from before it is followed.
const BEFORE: i64 = 10;
/// Newest lines that are held.
const HELD: usize = 40;
/// Over how long the rate is taken.
const RATE_OVER: Duration = Duration::from_secs(10);
/// Within what time the lines from before have come, which are no part of the rate.
const BACKLOG_WITHIN: Duration = Duration::from_secs(1);
/// News that wait.
const WAITING: usize = 256;
/// How long the streams may run on after their target is gone.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Whose logs are followed, and how.
pub(crate) struct Following {
    pub(crate) scene: Scene,
    pub(crate) question: Question,
    pub(crate) source: Arc<Source>,
    pub(crate) sieve: Sieve,
    pub(crate) cached: Cached,
    pub(crate) clock: Arc<dyn Clock>,
    /// How often a new report is made.
    pub(crate) every: Duration,
    /// The button that follows again, when it is over.
    pub(crate) again: Action,
}

/// Follows logs until they end or nobody looks any more.
pub(crate) fn follow(what: Following, span: tracing::Span) -> impl Stream<Item = Report> + Send + 'static {
    let (tell, inlet) = mpsc::channel(WAITING);
    let live = Live {
        every: what.every.min(Duration::from_secs(2)),
        what,
        tell,
        tails: JoinSet::new(),
        pods: Vec::new(),
        by_uid: BTreeMap::new(),
        totals: Arc::default(),
        matched: 0,
        held: VecDeque::new(),
        began: Instant::now(),
        rate: VecDeque::new(),
        gone_since: None,
    };
    let (show, shown) = watch::channel(Report::default());
    // Ends with the stream: `show` is closed when nobody holds the other end.
    tokio::spawn(live.run(inlet, show).instrument(span));
    stream::unfold(shown, |mut shown| async move {
        shown.changed().await.ok()?;
        let report = shown.borrow_and_update().clone();
        Some((report, shown))
    })
}

/// A pod that is or was followed.
struct Followed {
    name: String,
    state: State,
}

enum State {
    Opening,
    Open,
    Trouble(Text),
    Ended(Text),
}

struct Live {
    what: Following,
    every: Duration,
    tell: mpsc::Sender<News>,
    tails: JoinSet<()>,
    pods: Vec<Followed>,
    by_uid: BTreeMap<String, usize>,
    totals: Arc<Totals>,
    matched: u64,
    held: VecDeque<Shown>,
    began: Instant,
    rate: VecDeque<(Instant, u64)>,
    gone_since: Option<Instant>,
}

impl Live {
    async fn run(mut self, mut inlet: mpsc::Receiver<News>, show: watch::Sender<Report>) {
        let mut changes = self.what.cached.changed();
        let mut tick = tokio::time::interval(self.every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let end = tokio::time::sleep(FOLLOW_FOR);
        tokio::pin!(end);
        self.join(true);
        let why = loop {
            tokio::select! {
                () = show.closed() => return,
                () = &mut end => break texts::logs::over_after(FOLLOW_FOR.as_secs() / 60),
                Some(news) = inlet.recv() => self.take(news),
                Ok(()) = changes.changed() => self.join(false),
                _ = tick.tick() => {
                    if let Some(why) = self.over() {
                        break why;
                    }
                    let report = self.report(None);
                    show.send_if_modified(|shown| {
                        let differs = *shown != report;
                        *shown = report;
                        differs
                    });
                }
            }
        };
        while let Ok(news) = inlet.try_recv() {
            self.take(news);
        }
        show.send_replace(self.report(Some(&why)));
    }

    /// Follows the pods that are not followed yet.
    fn join(&mut self, at_first: bool) {
        for pod in self.what.scene.target.pods(&self.what.cached) {
            let uid = pod.metadata.uid.to_string();
            if self.by_uid.contains_key(&uid) || self.tails.len() >= PODS {
                continue;
            }
            let place = self.pods.len();
            self.by_uid.insert(uid.clone(), place);
            self.pods.push(Followed {
                name: name(&pod),
                state: State::Opening,
            });
            // A pod that comes later, or has not run yet, is new from its first line on.
            let statuses = &pod.status.container_statuses;
            let begun = statuses
                .iter()
                .chain(&pod.status.init_container_statuses)
                .any(|c| {
                    c.name == *self.what.scene.container.name
                        && (c.restart_count > 0 || c.state.running.is_some() || c.state.terminated.is_some())
                });
            let tail = Tail {
                pod: place,
                name: name(&pod),
                uid,
                source: Arc::clone(&self.what.source),
                cached: self.what.cached.clone(),
                sieve: self.what.sieve.clone(),
                totals: Arc::clone(&self.totals),
                tell: self.tell.clone(),
            };
            let span = tracing::debug_span!("tail", pod = tail.name);
            self.tails
                .spawn(tail.run(self.start(at_first && begun)).instrument(span));
        }
    }

    fn start(&self, from_before: bool) -> Log {
        let mut log = self.what.scene.log(&self.what.question);
        log.follow = true;
        if from_before {
            let bounded = self.what.question.tail.is_some() || self.what.question.since.is_some();
            log.tail_lines = if bounded {
                self.what.question.tail
            } else {
                Some(BEFORE)
            };
        } else {
            (log.since_seconds, log.since_time) = (None, None);
        }
        log
    }

    fn take(&mut self, news: News) {
        let state = match news.what {
            What::Line(at, text) => {
                self.matched += 1;
                return self.hold(Shown {
                    at,
                    pod: news.pod,
                    text,
                });
            }
            What::Open => State::Open,
            What::Trouble(words) => State::Trouble(words),
            What::Ended(words) => State::Ended(words),
        };
        if let Some(pod) = self.pods.get_mut(news.pod) {
            pod.state = state;
        }
        // Ended tasks make room for new pods.
        while self.tails.try_join_next().is_some() {}
    }

    /// Keeps the newest lines in the order of their times.
    fn hold(&mut self, line: Shown) {
        let place = self.held.iter().rposition(|held| held.at <= line.at);
        self.held.insert(place.map_or(0, |at| at + 1), line);
        if self.held.len() > HELD {
            self.held.pop_front();
        }
    }

    /// Why it is over, when it is.
    fn over(&mut self) -> Option<Text> {
        if self.what.scene.target.exists(&self.what.cached) {
            self.gone_since = None;
            let ended = |pod: &Followed| matches!(pod.state, State::Ended(_));
            return match (&self.what.scene.target, self.pods.first()) {
                (Target::Pod(_), Some(pod)) if self.pods.iter().all(ended) => match &pod.state {
                    State::Ended(words) => Some(words.clone()),
                    _ => None,
                },
                _ => None,
            };
        }
        let since = *self.gone_since.get_or_insert_with(Instant::now);
        let silent = self.pods.iter().all(|pod| matches!(pod.state, State::Ended(_)));
        (silent || since.elapsed() > LAST_WORDS)
            .then(|| texts::logs::target_gone(&self.what.scene.target.short()))
    }

    /// Lines a second, over the last while.
    fn rate(&mut self) -> f64 {
        let (now, total) = (Instant::now(), self.totals.lines.load(Ordering::Relaxed));
        if now.duration_since(self.began) < BACKLOG_WITHIN {
            return 0.0;
        }
        self.rate.push_back((now, total));
        while self.rate.len() > 2
            && self
                .rate
                .get(1)
                .is_some_and(|(at, _)| now.duration_since(*at) >= RATE_OVER)
        {
            self.rate.pop_front();
        }
        let Some((at, before)) = self.rate.front() else {
            return 0.0;
        };
        let seconds = now.duration_since(*at).as_secs_f64().max(1.0);
        total.saturating_sub(*before) as f64 / seconds
    }

    fn counts(&self) -> Counts {
        Counts {
            lines: self.totals.lines.load(Ordering::Relaxed),
            matched: self.matched,
            hidden: self.totals.hidden.load(Ordering::Relaxed),
            long: self.totals.long.load(Ordering::Relaxed),
        }
    }

    fn report(&mut self, over: Option<&Text>) -> Report {
        let now: Timestamp = self.what.clock.now();
        let present = |pod: &&Followed| !matches!(pod.state, State::Ended(_));
        self.what.scene.pods = self
            .pods
            .iter()
            .filter(present)
            .map(|pod| pod.name.clone())
            .collect();
        let rate = self.rate();
        let tone = if over.is_some() { Tone::Off } else { Tone::Info };
        let Following { scene, question, .. } = &self.what;
        let mut report = Report::new(tone, texts::logs::title(&scene.target.short()))
            .at(scene.target.place())
            .line(show::asked(scene, question, question.tail, &self.counts(), now))
            .lines(self.troubles());
        let names: Vec<String> = self.pods.iter().map(|pod| pod.name.clone()).collect();
        if !self.held.is_empty() {
            report.add(draw::live(self.held.iter(), &draw::marks(&names)));
        } else if over.is_none() {
            report.add(texts::logs::nothing_so_far());
        } else {
            report.add(texts::logs::nothing_came());
        }
        match over {
            Some(why) => report.footer(why).action(self.what.again.clone()),
            // In the small print, which says "stopped" instead when it is: a rate is of now alone.
            None => report
                .footer(texts::logs::rate(&readable(rate)))
                .footer(self.footer()),
        }
    }

    fn troubles(&self) -> Vec<Text> {
        let told = self.pods.iter().filter_map(|pod| match &pod.state {
            State::Trouble(words) => Some(texts::logs::of_pod(&pod.name, words)),
            _ => None,
        });
        told.take(3).collect()
    }

    fn footer(&self) -> Text {
        let mut text = texts::logs::in_utc();
        let ended = self
            .pods
            .iter()
            .filter(|pod| matches!(pod.state, State::Ended(_)))
            .count();
        if ended > 0 {
            text.push(texts::logs::ended(i32::try_from(ended).unwrap_or(i32::MAX)));
        }
        let resumed = self.totals.resumed.load(Ordering::Relaxed);
        if resumed > 0 {
            text.push(texts::logs::resumed(resumed));
        }
        text
    }
}

/// `0`, `0.4`, `12`
fn readable(rate: f64) -> String {
    match rate {
        r if r <= 0.0 => "0".to_owned(),
        r if r < 9.5 => format!("{r:.1}"),
        r => format!("{r:.0}"),
    }
}
