//! One channel's living messages, one request at a time.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use ceo_commands::{
    model::{ChannelId, Reference, Timestamp},
    ports::Posted,
};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    pace::{Budget, Memory, Shape},
    trouble::{self, Broken, Waits},
};
use crate::discord::{
    notes::Notes,
    ports::{Delivery, OutboxRow, Rows},
    render::{self, Drawn},
    rest::{Rest, RestError, code},
    settings::DiscordSettings,
};

/// Discord's default bound for a file; what a bot's own messages may carry.
const MAX_FILE: usize = 10 * 1024 * 1024;
/// Discord's bound for a nonce.
const NONCE: usize = 25;
/// Longest pause after failures.
const PAUSE_MOST: Duration = Duration::from_secs(30);

/// Works for one channel.
pub(super) struct Worker {
    channel: ChannelId,
    pub(super) rows: Arc<dyn Rows>,
    pub(super) rest: Arc<Rest>,
    pub(super) settings: Arc<DiscordSettings>,
    pub(super) notes: Arc<Notes>,
    budget: Budget,
    memory: HashMap<String, Memory>,
    /// Versions that are delivered, or given up, but stand in an older list.
    done: HashMap<String, i64>,
    failing: HashMap<String, Failing>,
    /// What this worker has shown: the message, and the hash of what it shows.
    shown: HashMap<String, (u64, String)>,
    /// Posts that were begun and not known to be taken.
    tried: HashSet<String>,
}

/// A row whose request failed in a way that may pass.
#[derive(Debug, Clone, Copy)]
struct Failing {
    times: u32,
    until: Instant,
}

/// What became of a row.
pub(super) enum Outcome {
    /// The message shows it.
    Shown(Delivery, Vec<String>),
    /// It shows this already.
    Same(Delivery),
    /// The person for whom it is was told.
    Told(Delivery),
    /// It stays as it is: too old, and only its progress changed.
    Left,
    /// An administrator must act.
    Broken(Broken),
    /// Later.
    Again(Waits),
}

impl Worker {
    pub(super) fn new(
        channel: ChannelId,
        rows: Arc<dyn Rows>,
        rest: Arc<Rest>,
        settings: Arc<DiscordSettings>,
        notes: Arc<Notes>,
    ) -> Self {
        let budget = Budget::new(settings.timing.channel_pace, Instant::now());
        Self {
            channel,
            rows,
            rest,
            settings,
            notes,
            budget,
            memory: HashMap::new(),
            done: HashMap::new(),
            failing: HashMap::new(),
            shown: HashMap::new(),
            tried: HashSet::new(),
        }
    }

    /// Runs until it is cancelled or nobody sends any more.
    pub(super) async fn run(mut self, mut lists: watch::Receiver<Vec<OutboxRow>>, cancel: CancellationToken) {
        loop {
            let now = Instant::now();
            let list = lists.borrow_and_update().clone();
            self.forget(&list);
            let (next, row) = self.choose(list, now);
            match row {
                Some(row) => self.deliver(row).await,
                None => {
                    let wake = next.unwrap_or(now + Duration::from_secs(3600));
                    tokio::select! {
                        () = cancel.cancelled() => return,
                        changed = lists.changed() => if changed.is_err() { return },
                        () = tokio::time::sleep_until(wake) => {}
                    }
                }
            }
            if cancel.is_cancelled() {
                return;
            }
        }
    }

    /// Rows that are no longer in the list are done with; their memory stays for a while, for their next edit.
    fn forget(&mut self, list: &[OutboxRow]) {
        let versions: BTreeMap<&str, i64> = list.iter().map(|row| (row.key.as_str(), row.version)).collect();
        self.done
            .retain(|key, version| versions.get(key.as_str()).is_some_and(|v| v <= version));
        self.failing.retain(|key, _| versions.contains_key(key.as_str()));
        if self.memory.len() > 2000 {
            let now = Instant::now();
            self.shown.retain(|key, _| versions.contains_key(key.as_str()));
            self.memory.retain(|key, memory| {
                versions.contains_key(key.as_str())
                    || now.duration_since(memory.touched) < Duration::from_secs(600)
            });
        }
    }

    /// The row to work on now: answers to people before alerts, what is over before what goes on, then the oldest. Else the
    /// time to look again.
    fn choose(&mut self, list: Vec<OutboxRow>, now: Instant) -> (Option<Instant>, Option<OutboxRow>) {
        let open = list
            .into_iter()
            .filter(|row| self.done.get(&row.key).is_none_or(|done| *done < row.version));
        let mut due: Vec<OutboxRow> = Vec::new();
        let mut next: Option<Instant> = None;
        for row in open {
            let at = self.due(&row, now);
            if at <= now {
                due.push(row);
            } else {
                next = Some(next.map_or(at, |n| n.min(at)));
            }
        }
        let first = due
            .into_iter()
            .min_by_key(|row| (row.priority, !row.last, row.message.is_some(), row.posted_at));
        match first {
            None => (next, None),
            Some(row) => {
                let ready = self.budget.ready(now, row.last);
                if ready <= now {
                    (None, Some(row))
                } else {
                    (Some(ready), None)
                }
            }
        }
    }

    fn due(&self, row: &OutboxRow, now: Instant) -> Instant {
        let calm = match self.memory.get(&row.key) {
            Some(memory) if row.message.is_some() => {
                memory.next(&row.report, row.last, &self.settings.timing)
            }
            _ => now,
        };
        self.failing
            .get(&row.key)
            .map_or(calm, |failing| failing.until.max(calm))
    }

    async fn deliver(&mut self, row: OutboxRow) {
        let outcome = match row.report.mention {
            Some(person) => self.tell(&row, person).await,
            None => self.show(&row).await,
        };
        let signals = Arc::clone(&self.rest.signals);
        match outcome {
            Outcome::Shown(delivery, files) => {
                signals.delivered(if row.message == Some(delivery.posted.message) {
                    "edited"
                } else {
                    "posted"
                });
                self.remember(&row, files);
                let shown = (delivery.posted.message, delivery.hash.clone());
                self.shown.insert(row.key.clone(), shown);
                self.settle(&row, Some(delivery)).await;
            }
            Outcome::Same(delivery) => {
                signals.delivered("same");
                self.settle(&row, Some(delivery)).await;
            }
            Outcome::Left => {
                if let Err(error) = self.rows.left(&row.key).await {
                    tracing::warn!(%error, key = row.key, "a message that is left could not be marked");
                }
                self.settle(&row, None).await;
            }
            Outcome::Told(delivery) => {
                signals.delivered(if delivery.posted.message == 0 {
                    "edited"
                } else {
                    "posted"
                });
                self.settle(&row, Some(delivery)).await;
            }
            Outcome::Broken(why) => {
                signals.delivered("broken");
                let why = why.to_string();
                tracing::error!(channel = %self.channel, key = row.key, why, "a living message is given up");
                if let Err(error) = self.rows.broken(&row.key, &why).await {
                    tracing::warn!(%error, key = row.key, "a broken message could not be marked");
                }
                self.settle(&row, None).await;
            }
            Outcome::Again(why) => {
                signals.delivered("retried");
                self.put_off(row, &why.to_string());
            }
        }
    }

    /// Tries it again later, and later each time.
    fn put_off(&mut self, row: OutboxRow, why: &str) {
        let times = self
            .failing
            .get(&row.key)
            .map_or(0, |f| f.times)
            .saturating_add(1);
        let pause = self
            .settings
            .timing
            .retry_pause
            .saturating_mul(1 << times.min(10))
            .min(PAUSE_MOST);
        tracing::warn!(channel = %self.channel, key = row.key, why, times, ?pause, "a living message waits");
        let until = Instant::now() + pause;
        self.failing.insert(row.key, Failing { times, until });
    }

    /// Stores what was delivered; until that succeeds the row counts as done only here.
    async fn settle(&mut self, row: &OutboxRow, delivery: Option<Delivery>) {
        self.failing.remove(&row.key);
        self.done.insert(row.key.clone(), row.version);
        let Some(delivery) = delivery else {
            return;
        };
        for _ in 0..5 {
            match self.rows.delivered(delivery.clone()).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(%error, key = row.key, "a delivery could not be stored");
                    tokio::time::sleep(self.settings.timing.retry_pause).await;
                }
            }
        }
        // A later start finds the row undelivered; the same nonce and the same content then do no harm.
        tracing::error!(key = row.key, "a delivery was not stored");
    }

    fn remember(&mut self, row: &OutboxRow, files: Vec<String>) {
        let now = Instant::now();
        let hash = self
            .memory
            .get(&row.key)
            .map(|m| m.files.0.clone())
            .unwrap_or_default();
        let entry = self.memory.entry(row.key.clone()).or_insert_with(|| Memory {
            shape: Shape::of(&row.report),
            touched: now,
            busy_since: now,
            files: (hash, Vec::new()),
        });
        entry.touch(&row.report, now, &self.settings.timing);
        entry.files.1 = files;
    }

    async fn show(&mut self, row: &OutboxRow) -> Outcome {
        let files = match crate::discord::load_files(self.rows.as_ref(), &row.report).await {
            Ok(files) => files,
            Err(error) => return Outcome::Again(error.into()),
        };
        let wall = crate::discord::draw::Wall {
            files,
            max_file: MAX_FILE,
            locale: self.settings.language,
            ..crate::discord::wall(self.rows.as_ref(), &row.report, self.settings.guild).await
        };
        let drawn = render::draw(&row.report, &wall);
        let hash = drawn.hash();
        // A list may be older than the last delivery: what was shown by this worker is known here first.
        let (known, shown) = match self.shown.get(&row.key) {
            Some((message, hash)) => (Some(*message), Some(hash)),
            None => (row.message, row.delivered_hash.as_ref()),
        };
        // What another process showed may be gone since: the first time it is looked after by an edit.
        let same = shown == Some(&hash) && self.shown.contains_key(&row.key);
        let Some(message) = known else {
            return self.post_anew(row, &drawn).await;
        };
        let at = row.posted_at.unwrap_or_else(Timestamp::now);
        let posted = Posted {
            channel: row.channel,
            message,
        };
        let delivery = Delivery {
            key: row.key.clone(),
            version: row.version,
            hash: hash.clone(),
            posted,
            at,
        };
        if same {
            return Outcome::Same(delivery);
        }
        if self.too_old(row, at) {
            return Outcome::Left;
        }
        if !crate::discord::store_texts(self.rows.as_ref(), &drawn.button_texts).await {
            return Outcome::Again(Waits::Buttons);
        }
        match self.edit(row, posted, &drawn).await {
            Ok(files) => Outcome::Shown(delivery, files),
            Err(error) => match error.code() {
                Some(code::OLD_EDITS | code::UNKNOWN_MESSAGE) => self.post(row, &drawn, Some(message)).await,
                _ if error.of_the_body() => self.edit_plainly(row, delivery, &error).await,
                _ => self.failed(&error),
            },
        }
    }

    /// Posts what was never known to be posted. Where an earlier try may have arrived, Discord answers with what it took
    /// then, so the message is brought up to date afterwards.
    async fn post_anew(&mut self, row: &OutboxRow, drawn: &Drawn) -> Outcome {
        let uncertain = !self.tried.insert(row.key.clone()) || row.attempted;
        if uncertain {
            match self.earlier(row).await {
                Ok(found) => {
                    if let Some(outcome) = self.adopt(row, drawn, &found).await {
                        return outcome;
                    }
                }
                Err(error) if error.passing() => return Outcome::Again(Waits::Rest(error)),
                // Who may not read the channel has the nonce alone.
                Err(error) => tracing::debug!(key = row.key, %error, "earlier posts are not known"),
            }
        }
        let outcome = self.post(row, drawn, None).await;
        let Outcome::Shown(delivery, files) = outcome else {
            return outcome;
        };
        self.tried.remove(&row.key);
        if !uncertain {
            return Outcome::Shown(delivery, files);
        }
        self.shown
            .insert(row.key.clone(), (delivery.posted.message, String::new()));
        match self.edit(row, delivery.posted, drawn).await {
            Ok(files) => Outcome::Shown(delivery, files),
            Err(error) => self.failed(&error),
        }
    }

    /// Goes on with a post that was taken although its answer was lost: the newest, should there be several.
    async fn adopt(&mut self, row: &OutboxRow, drawn: &Drawn, found: &[Json]) -> Option<Outcome> {
        let (card, doubles) = found.split_first()?;
        let Outcome::Shown(delivery, _) = self.posted(row, card, drawn.hash()) else {
            return None;
        };
        self.tried.remove(&row.key);
        self.shown
            .insert(row.key.clone(), (delivery.posted.message, String::new()));
        Some(match self.edit(row, delivery.posted, drawn).await {
            Ok(files) => {
                self.end_doubles(row, doubles).await;
                Outcome::Shown(delivery, files)
            }
            Err(error) => self.failed(&error),
        })
    }

    /// What Discord refuses as drawn is told without its dress: a card must not go on showing what is no longer so.
    async fn edit_plainly(&mut self, row: &OutboxRow, delivery: Delivery, why: &RestError) -> Outcome {
        let reference = Reference::new();
        tracing::error!(key = row.key, %why, %reference, "Discord refused an edit as drawn");
        let plain = render::draw_plainly(&row.report, &reference.0, self.settings.language);
        self.budget.spend(Instant::now());
        match self.rest.edit(delivery.posted, &plain.uploading(), &[]).await {
            Ok(_) => Outcome::Shown(delivery, Vec::new()),
            Err(error) => self.failed(&error),
        }
    }

    /// Discord throttles edits of messages that are older than an hour: those are for changes of state.
    fn too_old(&self, row: &OutboxRow, posted_at: Timestamp) -> bool {
        let age = ceo_commands::model::since(posted_at, Timestamp::now());
        let same_state = self
            .memory
            .get(&row.key)
            .is_some_and(|memory| memory.shape == Shape::of(&row.report));
        age > self.settings.timing.old_after && !row.last && same_state
    }

    /// Edits, and gives the ids of the attachments. Files that are there already stay where they are.
    async fn edit(&mut self, row: &OutboxRow, at: Posted, drawn: &Drawn) -> Result<Vec<String>, RestError> {
        self.budget.spend(Instant::now());
        let files_hash = drawn.files_hash();
        let known = self
            .memory
            .get(&row.key)
            .filter(|m| !files_hash.is_empty() && m.files.0 == files_hash);
        let answer = match known.map(|memory| memory.files.1.clone()) {
            Some(ids) if !ids.is_empty() => self.rest.edit(at, &drawn.keeping(&ids), &[]).await?,
            _ => self.rest.edit(at, &drawn.uploading(), &drawn.files).await?,
        };
        self.note_files(row, files_hash);
        Ok(attachments(&answer))
    }

    fn note_files(&mut self, row: &OutboxRow, hash: String) {
        let now = Instant::now();
        let entry = self.memory.entry(row.key.clone()).or_insert_with(|| Memory {
            shape: Shape::of(&row.report),
            touched: now,
            busy_since: now,
            files: Default::default(),
        });
        entry.files.0 = hash;
    }

    /// Posts. A nonce made of the key alone lets Discord recognise a post that it has already taken, so that an unknown
    /// outcome is simply tried again. A message that replaces one has another nonce, and replies to the old one.
    async fn post(&mut self, row: &OutboxRow, drawn: &Drawn, instead_of: Option<u64>) -> Outcome {
        if let Err(error) = self.rows.attempt(&row.key).await {
            return Outcome::Again(error.into());
        }
        if !crate::discord::store_texts(self.rows.as_ref(), &drawn.button_texts).await {
            return Outcome::Again(Waits::Buttons);
        }
        let mut body = drawn.uploading();
        body["nonce"] = json!(nonce(&row.key, row.channel, instead_of));
        body["enforce_nonce"] = json!(true);
        if instead_of.is_none() {
            let roles: Vec<String> = drawn.pings.iter().map(ToString::to_string).collect();
            body["allowed_mentions"] = json!({"parse": [], "roles": roles});
        }
        if let Some(old) = instead_of {
            body["message_reference"] = json!({
                "message_id": old.to_string(),
                "channel_id": row.channel.to_string(),
                "guild_id": self.settings.guild.to_string(),
                "fail_if_not_exists": false,
            });
        }
        self.budget.spend(Instant::now());
        let answer = match self.rest.post(row.channel.0, &body, &drawn.files).await {
            Ok(answer) => answer,
            Err(error) if error.of_the_body() => return self.post_plainly(row, body, &error).await,
            Err(error) => return self.failed(&error),
        };
        self.note_files(row, drawn.files_hash());
        self.posted(row, &answer, drawn.hash())
    }

    /// What Discord refuses as drawn is told without its dress, rather than not at all.
    async fn post_plainly(&mut self, row: &OutboxRow, first: Json, why: &RestError) -> Outcome {
        let reference = Reference::new();
        tracing::error!(key = row.key, %why, %reference, "Discord refused a message as drawn");
        let plain = render::draw_plainly(&row.report, &reference.0, self.settings.language);
        let mut body = plain.uploading();
        body["nonce"] = first["nonce"].clone();
        body["enforce_nonce"] = json!(true);
        self.budget.spend(Instant::now());
        match self.rest.post(row.channel.0, &body, &[]).await {
            Ok(answer) => self.posted(row, &answer, plain.hash()),
            Err(error) => self.failed(&error),
        }
    }

    fn posted(&self, row: &OutboxRow, answer: &Json, hash: String) -> Outcome {
        let Some(message) = answer["id"].as_str().and_then(|id| id.parse().ok()) else {
            return Outcome::Again(Waits::Unnamed);
        };
        let delivery = Delivery {
            key: row.key.clone(),
            version: row.version,
            hash,
            posted: Posted {
                channel: row.channel,
                message,
            },
            at: Timestamp::now(),
        };
        Outcome::Shown(delivery, attachments(answer))
    }

    pub(super) fn spend(&mut self) {
        self.budget.spend(Instant::now());
    }

    pub(super) fn failed(&self, error: &RestError) -> Outcome {
        match trouble::of(error) {
            Ok(waits) => Outcome::Again(waits),
            Err(broken) => Outcome::Broken(broken),
        }
    }
}

fn attachments(message: &Json) -> Vec<String> {
    let list = message["attachments"].as_array().into_iter().flatten();
    list.filter_map(|a| a["id"].as_str().map(str::to_owned)).collect()
}

/// The same for the same message, whenever it is tried.
pub(super) fn nonce(key: &str, channel: ChannelId, instead_of: Option<u64>) -> String {
    let digest = Sha256::digest(format!("{channel}\n{}\n{key}", instead_of.unwrap_or_default()));
    hex::encode(digest).chars().take(NONCE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_names_the_message_and_fits() {
        let (a, b) = (ChannelId(1), ChannelId(2));
        assert_eq!(nonce("ticket:13", a, None), nonce("ticket:13", a, None));
        assert_eq!(nonce("ticket:13", a, None).len(), NONCE);
        let all = [
            nonce("ticket:13", a, None),
            nonce("ticket:14", a, None),
            nonce("ticket:13", b, None),
            nonce("ticket:13", a, Some(7)),
        ];
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    }
}
