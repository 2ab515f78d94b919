//! What each sentence claims, and whether it was so.

mod changes;
mod code;
mod incidents;
mod jobs;
mod nodes;
mod plain;
mod runs;
mod verdicts;

use std::{collections::BTreeMap, fmt::Write as _, sync::LazyLock};

use ceo_tests::{
    discord::{DiscordSim, Message},
    kube::{mutations::Mutation, sim::KubeSim},
    world::{BOT_USER, IDS},
};
use regex::{Captures, Regex};

use crate::{
    facts::{self, Facts, Timeline},
    pieces::{self, Part, Piece},
    record::{History, Out},
};

/// How old what a message says may be when it is first seen, milliseconds: a watch, a look, an edit's turn.
const LAG: i64 = 4_000;
/// The longest that anything waits for its turn in a storm.
const STORM: i64 = 20_000;
/// How long an incident stays open after the last of it, and a look.
const HELD: i64 = 2_500;
/// What is shown a moment before this recorder saw it.
const AHEAD: i64 = 300;

/// What sentences are held against.
pub(crate) struct Known {
    pub(crate) timelines: BTreeMap<String, Timeline>,
    /// When the bot could not know, or not say, what went on.
    away: Vec<crate::record::Span>,
    /// What the bot wrote into the cluster, and took effect.
    pub(crate) writes: Vec<Mutation>,
    pub(crate) messages: Vec<Message>,
    /// What the cluster held beside workloads.
    pub(crate) around: facts::Around,
    /// When the act ended.
    pub(crate) ended: i64,
}

impl Known {
    /// When it was at the earliest that what was shown now asked for its turn: the chat takes five changes of a channel in
    /// five seconds, and in a storm each waits.
    fn asked_by(&self, channel: u64, shown: i64) -> i64 {
        let writes = |from: i64, to: i64| {
            let here = self.messages.iter().filter(|m| m.channel_id == channel);
            here.flat_map(|m| m.revisions.iter().map(|r| r.until_ms).chain([m.created_ms]))
                .filter(|at| *at > from && *at <= to)
                .count()
        };
        let mut asked = shown;
        while shown - asked < STORM && writes(asked - 5_000, asked) >= 4 {
            asked -= 1_000;
        }
        asked
    }
}

/// A rule: which sentences it is about, and what makes them so.
pub(crate) struct Rule {
    pattern: Regex,
    is_so: fn(&Look<'_>, &Captures<'_>) -> Result<(), String>,
}

/// A rule of a pattern for the whole of a sentence.
pub(crate) fn rule(pattern: &str, is_so: fn(&Look<'_>, &Captures<'_>) -> Result<(), String>) -> Rule {
    let whole = format!("^(?:{pattern})$");
    Rule {
        pattern: Regex::new(&whole).unwrap_or_else(|e| panic!("{whole}: {e}")),
        is_so,
    }
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let all = [
        verdicts::rules(),
        runs::rules(),
        changes::rules(),
        jobs::rules(),
        incidents::rules(),
        nodes::rules(),
        plain::rules(),
    ];
    all.into_iter().flatten().collect()
});

/// A sentence beside what is known.
pub(crate) struct Look<'a> {
    pub(crate) known: &'a Known,
    pub(crate) piece: &'a Piece,
}

/// Every sentence that was not so, or that no rule knows.
pub(crate) fn judge(history: &History, discord: &DiscordSim, sim: &KubeSim) -> Vec<String> {
    let messages: Vec<Message> = [IDS.ops, IDS.alerts]
        .into_iter()
        .flat_map(|channel| discord.messages(channel))
        .filter(|message| message.from_bot)
        .collect();
    let known = Known {
        timelines: facts::timelines(history),
        around: facts::around(history),
        away: history.away.clone(),
        writes: sim
            .mutations()
            .into_iter()
            .filter(|m| m.user == BOT_USER && m.took_effect() && !m.key.plural.ends_with("reviews"))
            .collect(),
        messages,
        ended: crate::record::now(),
    };
    let (mut dump, mut wrong, mut seen) = (String::new(), Vec::new(), 0);
    for message in &known.messages {
        for piece in pieces::of(message) {
            seen += 1;
            let look = Look {
                known: &known,
                piece: &piece,
            };
            let verdict = look.verdict();
            let said = verdict.as_ref().err().map_or("so", String::as_str);
            let _ = writeln!(
                dump,
                "{said}\t{:?}\t{}@{}\t{}",
                piece.part, piece.message, piece.shown, piece.text
            );
            wrong.extend(verdict.err().map(|why| look.blame(&why)));
        }
    }
    println!("{seen} sentences, {} of them not so", wrong.len());
    if let Some(path) = std::env::var_os("CEO_TRUTH_DUMP") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let _ = file.map(|mut file| std::io::Write::write_all(&mut file, dump.as_bytes()));
    }
    wrong
}

impl Look<'_> {
    fn verdict(&self) -> Result<(), String> {
        self.times()?;
        if self.piece.part == Part::Code {
            return code::is_so(self);
        }
        let known = RULES
            .iter()
            .find_map(|rule| Some((rule, rule.pattern.captures(&self.piece.text)?)));
        match known {
            Some((rule, captures)) => (rule.is_so)(self, &captures),
            None => Err("no rule knows this sentence".to_owned()),
        }
    }

    /// What has been is not yet to come, and what is to come has not been when it was said first.
    fn times(&self) -> Result<(), String> {
        static TIME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(lapses |lapse )?<t:(\d+):R>").unwrap());
        for time in TIME.captures_iter(&self.piece.text) {
            let at = number(&time, 2);
            let lapses = time.get(1).is_some();
            holds(lapses || at <= self.piece.shown / 1000 + 1, || {
                format!("{at} is yet to come")
            })?;
            holds(
                !lapses || at >= self.piece.shown / 1000 - 2 || self.out_at_all(),
                || format!("{at} was over when it was said"),
            )?;
        }
        Ok(())
    }

    /// Whether anything was out at a time of which the sentence may speak.
    pub(crate) fn out_at_all(&self) -> bool {
        [Out::Bot, Out::Cluster, Out::Discord, Out::Store]
            .into_iter()
            .any(|what| self.out(what))
    }

    /// The message in which it stands.
    pub(crate) fn message(&self) -> Option<&Message> {
        self.known.messages.iter().find(|m| m.id == self.piece.message)
    }

    fn blame(&self, why: &str) -> String {
        format!(
            "{:?} \"{}\": {why}\n    message {} at {} (out: {:?}) in:\n      {}",
            self.piece.part,
            self.piece.text,
            self.piece.message,
            self.piece.shown,
            self.known
                .away
                .iter()
                .filter(|span| span.to > self.piece.shown - 20_000)
                .collect::<Vec<_>>(),
            self.piece.whole.replace('\n', "\n      ")
        )
    }

    /// The first moment of which the sentence may speak. While the bot could not look, what it knew last stands.
    pub(crate) fn from(&self) -> i64 {
        // What was wrong is told as such until it has been well for a while.
        let held = if self.piece.channel == IDS.alerts { HELD } else { 0 };
        let mut from = self.known.asked_by(self.piece.channel, self.piece.shown) - LAG - held;
        // Latest first: one outage may lead into the one before.
        for span in self.known.away.iter().rev() {
            if span.from <= self.piece.shown && span.to >= from {
                from = from.min(span.from - LAG);
            }
        }
        from
    }

    /// Whether this was out at a time of which the sentence may speak.
    pub(crate) fn out(&self, what: Out) -> bool {
        let mut spans = self.known.away.iter().filter(|span| span.what == what);
        // What was said during an outage of the chat is seen after it.
        let from = self.from() - 2 * LAG;
        spans.any(|span| span.from <= self.to() && span.to >= from)
    }

    /// The last moment of which it may speak.
    pub(crate) fn to(&self) -> i64 {
        self.piece.shown + AHEAD
    }

    /// The workload that a text names, else the one that the message is about.
    pub(crate) fn workload(&self, text: &str) -> Result<(&str, &Timeline), String> {
        static NAME: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?:deployment|statefulset|daemonset|cronjob|job)/w[0-9a-f]{6}").unwrap()
        });
        static STEM: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"w[0-9a-f]{6}").unwrap());
        let all = &self.known.timelines;
        // A pod's name begins with that of what owns it.
        if let Some(stem) = STEM.find(text).filter(|_| !text.contains('/')) {
            let of_pod = all.iter().find(|(key, _)| key.ends_with(stem.as_str()));
            return of_pod
                .map(|(name, line)| (name.as_str(), line))
                .ok_or_else(|| format!("there never was a {}", stem.as_str()));
        }
        let places = [text, &self.piece.title, &self.piece.whole];
        let name = places
            .iter()
            .find_map(|place| NAME.find(place))
            .ok_or("it names no workload")?;
        let found = all.get_key_value(name.as_str());
        // The Jobs of a CronJob are kept with it, by its name and a number.
        let cron = || all.get_key_value(&name.as_str().replace("job/", "cronjob/"));
        found
            .or_else(cron)
            .map(|(name, line)| (name.as_str(), line))
            .ok_or_else(|| format!("there never was a {}", name.as_str()))
    }

    /// Whether at some moment of which the sentence may speak this was so of its workload.
    pub(crate) fn was(&self, text: &str, so: impl Fn(&Facts) -> bool) -> Result<(), String> {
        let (name, line) = self.workload(text)?;
        if line.during(self.from(), self.to()).any(so) {
            return Ok(());
        }
        let mut moments: Vec<String> = line.during(self.from(), self.to()).map(Facts::short).collect();
        // The newest tell most.
        moments.drain(..moments.len().saturating_sub(12));
        Err(format!("{name} was never so; it was {}", moments.join("; ")))
    }

    /// The ticket that the message is about.
    pub(crate) fn ticket(&self) -> Option<i64> {
        static TICKET: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"ticket (\d+)").unwrap());
        TICKET.captures(&self.piece.whole)?[1].parse().ok()
    }

    /// What the bot wrote for that ticket before the sentence was seen.
    pub(crate) fn written(&self, ticket: i64) -> impl Iterator<Item = &Mutation> {
        let to = self.to();
        self.known.writes.iter().filter(move |write| {
            let mark = write
                .after
                .as_ref()
                .and_then(|after| after["metadata"]["annotations"]["ceo/step"].as_str());
            let of = mark.and_then(|mark| mark.split_once('/')?.0.parse().ok());
            of == Some(ticket) && write.time.as_millisecond() <= to
        })
    }

    /// Messages in which the same is told elsewhere: an incident of that workload in #alerts.
    pub(crate) fn alerts(&self) -> impl Iterator<Item = &Message> {
        self.known.messages.iter().filter(|m| m.channel_id == IDS.alerts)
    }
}

/// A number of a sentence.
pub(crate) fn number(captures: &Captures<'_>, group: usize) -> i64 {
    let text = captures.get(group).map_or("", |m| m.as_str());
    text.replace(',', "").parse().unwrap_or(0)
}

/// What a condition says when it does not hold.
pub(crate) fn holds(so: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if so { Ok(()) } else { Err(otherwise()) }
}
