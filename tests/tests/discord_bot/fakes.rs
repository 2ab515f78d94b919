//! An engine with scripted commands, and a store in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, bail};
use ceo_bot::discord::{Delivery, Dispatcher, OutboxRow, Rows, RowsError};
use ceo_commands::{
    engine::{Ask, Choice, Form, FormField, Opening, Partial, Press, Reply},
    input::{AnyOption, Opt},
    model::{Act, Action, ChannelId, Code, File, Report, Style, Text, Tone, WorkloadName, code},
    ops::contract::{ReportStream, Spec},
    policy::Verb,
    ports::Priority,
    text,
};
use futures::{StreamExt, future::BoxFuture};
use tokio::sync::{mpsc, watch};

pub(crate) const OPS: u64 = 3000;
pub(crate) const ALERTS: u64 = 3001;
pub(crate) const OPERATOR: u64 = 501;
pub(crate) const LEAD: u64 = 502;
pub(crate) const SOON: Duration = Duration::from_secs(30);

const NONE: &[&dyn AnyOption] = &[];
fn words() -> Text {
    text! { en: ["A command of the test"], zh: ["测试命令"] }
}
const WORKLOAD: Opt<WorkloadName> = Opt::workload("workload").about(words);
const REPLICAS: Opt<Option<i32>> = Opt::integer("replicas", 0..=50).about(words).optional();

fn spec(path: &'static str, options: &'static [&'static dyn AnyOption]) -> Spec {
    Spec::new(path, Verb::Read).about(words).options(options)
}

/// What the engine was asked, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    Ask(String, u64, Vec<u64>, String),
    Press(
        Act,
        String,
        Option<String>,
        Option<BTreeMap<String, String>>,
        bool,
    ),
    Closed(String),
}

#[derive(Default)]
pub(crate) struct FakeDispatcher {
    heard: Mutex<Vec<Heard>>,
    live: Mutex<Option<ReportStream>>,
}

impl FakeDispatcher {
    pub(crate) fn heard(&self) -> Vec<Heard> {
        lock(&self.heard).clone()
    }

    /// The next `live` command shows what is sent here.
    pub(crate) fn live(&self) -> mpsc::UnboundedSender<Report> {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let stream = futures::stream::poll_fn(move |cx| receiver.poll_recv(cx)).boxed();
        *lock(&self.live) = Some(stream);
        sender
    }

    fn reply(&self, ask: &Ask) -> Reply {
        let told = |report: Report, private| Reply::Told {
            outcome: "ok",
            report: Box::new(report),
            private,
            note: None,
        };
        match ask.command.as_str() {
            "leak" => told(Report::new(Tone::Bad, "You may not see this here"), true),
            "big" => told(big(), false),
            "twice" => Reply::Repeated,
            "live" => match lock(&self.live).take() {
                Some(stream) => Reply::Live {
                    view: "view7".to_owned(),
                    owner: ask.actor.user,
                    stream,
                },
                None => Reply::Repeated,
            },
            _ => told(
                Report::new(Tone::Good, ceo_commands::line![code(ask.typed()), " is done"])
                    .line("evil @everyone <@502> **bold**")
                    .action(Action::new(Act::Ack, "9", "Ack", Style::Primary))
                    .action(Action::new(Act::Deny, "13", "Deny", Style::Danger))
                    .action(Action::run(
                        "status",
                        format!("workload=prod/ceoagent/deployment/{}", "x".repeat(150)),
                        "Status",
                    ))
                    .action(Action::new(Act::Page, "v", "Older", Style::Secondary)),
                false,
            ),
        }
    }
}

/// A picture, and more words than fit.
fn big() -> Report {
    Report::new(Tone::Info, "Metrics")
        .code(Code {
            language: String::new(),
            text: (0..400).map(|n| format!("line {n}\n")).collect(),
        })
        .file(File::new("chart.png", "CPU over time", vec![1, 2, 3]))
}

impl Dispatcher for FakeDispatcher {
    fn opening(&self, ask: &Ask) -> Opening {
        assert!(ask.command != "explode", "a panic on purpose");
        match ask.command.as_str() {
            "secret" => Opening::Private,
            "form" => Opening::Modal(form("deny")),
            _ => Opening::Public,
        }
    }

    fn opening_of_press(&self, press: &Press) -> Opening {
        match press.act {
            Act::Deny if press.form.is_none() => Opening::Modal(form("deny")),
            Act::Page => Opening::Replace,
            _ if press.on_private => Opening::Replace,
            _ => Opening::Private,
        }
    }

    fn submit(&self, ask: Ask) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let roles = ask.actor.roles.iter().map(|role| role.0).collect();
            let place = format!(
                "{}/{}/{}",
                ask.place.channel, ask.place.cluster, ask.place.namespace
            );
            lock(&self.heard).push(Heard::Ask(ask.typed(), ask.actor.user.0, roles, place));
            assert!(ask.command != "panic", "a panic on purpose");
            if ask.command == "slow" {
                tokio::time::sleep(Duration::from_secs(3600)).await;
            }
            self.reply(&ask)
        })
    }

    fn press(&self, press: Press) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let words = format!("{} {}", press.act.word(), press.subject);
            lock(&self.heard).push(Heard::Press(
                press.act,
                press.subject,
                press.extra,
                press.form,
                press.on_private,
            ));
            Reply::Told {
                outcome: "ok",
                report: Box::new(Report::new(Tone::Good, code(words))),
                private: true,
                note: None,
            }
        })
    }

    fn suggest(&self, partial: Partial) -> BoxFuture<'_, Vec<Choice>> {
        Box::pin(async move {
            assert!(partial.text != "panic", "a panic on purpose");
            (0..30)
                .map(|n| Choice {
                    name: format!("{} {n}", partial.command),
                    value: format!("{}{n}", partial.text),
                })
                .collect()
        })
    }

    fn close_view(&self, view: &str) {
        lock(&self.heard).push(Heard::Closed(view.to_owned()));
    }

    fn catalogue(&self) -> Vec<Spec> {
        let mut all = vec![spec("status", &[&WORKLOAD, &REPLICAS]), spec("get pods", NONE)];
        for name in [
            "secret", "leak", "big", "twice", "live", "explode", "panic", "slow", "form",
        ] {
            all.push(spec(name, NONE));
        }
        all
    }
}

fn form(what: &str) -> Form {
    Form {
        act: Act::Deny,
        subject: "13".into(),
        extra: None,
        title: format!("Why {what}?").into(),
        fields: vec![FormField {
            id: "reason".into(),
            label: "Reason".into(),
            paragraph: true,
            required: true,
            max: 200,
            placeholder: "Because".into(),
        }],
    }
}

pub(crate) fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A store in memory, which outlives the bot.
pub(crate) struct FakeRows {
    rows: Mutex<BTreeMap<String, OutboxRow>>,
    broken: Mutex<BTreeMap<String, String>>,
    words: Mutex<BTreeMap<String, String>>,
    failing_puts: Mutex<u32>,
    blobs: Mutex<BTreeMap<String, Vec<u8>>>,
    changed: watch::Sender<u64>,
}

impl Default for FakeRows {
    fn default() -> Self {
        Self {
            rows: Mutex::default(),
            blobs: Mutex::default(),
            broken: Mutex::default(),
            words: Mutex::default(),
            failing_puts: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }
}

impl FakeRows {
    /// Lets the next words that are put fail.
    pub(crate) fn fail_puts(&self, times: u32) {
        *lock(&self.failing_puts) = times;
    }

    /// A word, as it is stored.
    pub(crate) fn word(&self, key: &str) -> Option<String> {
        lock(&self.words).get(key).cloned()
    }

    /// Waits until a word is this.
    pub(crate) async fn becomes(&self, key: &str, value: &str) -> anyhow::Result<()> {
        let mut changed = self.changed.subscribe();
        let is = async {
            changed
                .wait_for(|_| self.word(key).as_deref() == Some(value))
                .await
                .map(drop)
        };
        let waited = tokio::time::timeout(SOON, is).await;
        Ok(waited.with_context(|| format!("{key} is {:?}", self.word(key)))??)
    }

    /// Says what a message that somebody waits for shall show.
    pub(crate) fn show(&self, key: &str, channel: u64, report: Report, last: bool) {
        self.put_row((key, channel), report, last, Priority::Answer);
    }

    /// Says what an alert shall show.
    pub(crate) fn alert(&self, key: &str, channel: u64, report: Report) {
        self.put_row((key, channel), report, false, Priority::Alert);
    }

    fn put_row(&self, (key, channel): (&str, u64), report: Report, last: bool, priority: Priority) {
        let mut rows = lock(&self.rows);
        let row = rows.entry(key.to_owned()).or_insert_with(|| OutboxRow {
            key: key.to_owned(),
            channel: ChannelId(channel),
            report: Report::default(),
            version: 0,
            priority,
            last: false,
            message: None,
            posted_at: None,
            delivered: 0,
            delivered_hash: None,
            attempted: false,
        });
        for file in report.files() {
            if let Some(bytes) = file.bytes() {
                lock(&self.blobs).insert(file.hash().to_owned(), bytes.to_vec());
            }
        }
        // What comes out of a store names its files only.
        row.report = serde_json::from_value(serde_json::to_value(&report).unwrap()).unwrap();
        row.version += 1;
        row.last = last;
        drop(rows);
        self.changed.send_modify(|n| *n += 1);
    }

    pub(crate) fn stored(&self, key: &str) -> Option<OutboxRow> {
        lock(&self.rows).get(key).cloned()
    }

    pub(crate) fn edit(&self, key: &str, edit: impl FnOnce(&mut OutboxRow)) {
        if let Some(row) = lock(&self.rows).get_mut(key) {
            edit(row);
        }
    }

    pub(crate) fn why_broken(&self, key: &str) -> Option<String> {
        lock(&self.broken).get(key).cloned()
    }

    /// Waits until the message shows what it shall.
    pub(crate) async fn settled(&self, key: &str) -> anyhow::Result<OutboxRow> {
        let mut changed = self.changed.subscribe();
        let wait = async {
            loop {
                changed.borrow_and_update();
                if let Some(row) = self.stored(key)
                    && row.delivered == row.version
                {
                    return Ok(row);
                }
                if changed.changed().await.is_err() {
                    bail!("the store is gone");
                }
            }
        };
        tokio::time::timeout(SOON, wait)
            .await
            .with_context(|| format!("{key} was not delivered: {:?}", self.stored(key)))?
    }
}

impl Rows for FakeRows {
    fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
    fn undelivered(&self) -> BoxFuture<'_, Result<Vec<OutboxRow>, RowsError>> {
        let broken = lock(&self.broken).clone();
        let open = lock(&self.rows)
            .values()
            .filter(|row| row.delivered < row.version && !broken.contains_key(&row.key))
            .cloned()
            .collect();
        Box::pin(async move { Ok(open) })
    }
    fn attempt(&self, key: &str) -> BoxFuture<'_, Result<(), RowsError>> {
        self.edit(key, |row| row.attempted = true);
        Box::pin(async { Ok(()) })
    }
    fn delivered(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), RowsError>> {
        self.edit(&delivery.key, |row| {
            row.delivered = delivery.version;
            row.delivered_hash = Some(delivery.hash.clone());
            row.message = Some(delivery.posted.message);
            row.posted_at = Some(delivery.at);
            row.attempted = false;
        });
        self.changed.send_modify(|n| *n += 1);
        Box::pin(async { Ok(()) })
    }
    fn broken(&self, key: &str, why: &str) -> BoxFuture<'_, Result<(), RowsError>> {
        lock(&self.broken).insert(key.to_owned(), why.to_owned());
        self.changed.send_modify(|n| *n += 1);
        Box::pin(async { Ok(()) })
    }
    fn left(&self, key: &str) -> BoxFuture<'_, Result<(), RowsError>> {
        self.broken(key, "left as it is")
    }
    fn row(&self, key: &str) -> BoxFuture<'_, Result<Option<OutboxRow>, RowsError>> {
        let row = self.stored(key);
        Box::pin(async move { Ok(row) })
    }
    fn blob(&self, hash: &str) -> BoxFuture<'_, Result<Option<Vec<u8>>, RowsError>> {
        let bytes = lock(&self.blobs).get(hash).cloned();
        Box::pin(async move { Ok(bytes) })
    }
    fn get(&self, key: &str) -> BoxFuture<'_, Result<Option<String>, RowsError>> {
        let word = lock(&self.words).get(key).cloned();
        Box::pin(async move { Ok(word) })
    }
    fn put(&self, key: &str, value: &str) -> BoxFuture<'_, Result<(), RowsError>> {
        let mut failing = lock(&self.failing_puts);
        if *failing > 0 {
            *failing -= 1;
            return Box::pin(async { Err(RowsError("it is told to fail".to_owned())) });
        }
        lock(&self.words).insert(key.to_owned(), value.to_owned());
        self.changed.send_modify(|n| *n += 1);
        Box::pin(async { Ok(()) })
    }
}
