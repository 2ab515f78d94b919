//! Everything the simulated Discord knows, behind one lock; and the few operations that keep it consistent and tell the
//! gateway and the people's clients what has changed.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::clock::Clock;
use super::events::Events;
use super::gateway::Sessions;
use super::log::Log;
use super::model::{Channel, Interaction, Kind, Member, Message, Role, Stage};
use super::options::Options;
use super::rates::Buckets;
use super::{json as shapes, permissions};

/// Discord's first millisecond.
const EPOCH_MS: i64 = 1_420_070_400_000;

/// A registered command as the bot sent it, and where.
#[derive(Debug, Clone)]
pub struct Command {
    /// Snowflake; stays when the command is overwritten by one of the same name and type.
    pub id: u64,
    /// Snowflake; new with every change.
    pub version: u64,
    /// `None`: in every guild.
    pub guild: Option<u64>,
    /// The stored definition, without nulls and defaults.
    pub body: Value,
}

impl Command {
    /// The command's name.
    pub fn name(&self) -> &str {
        self.body["name"].as_str().unwrap_or_default()
    }

    /// Discord's command type: 1 is a slash command.
    pub fn kind(&self) -> u64 {
        self.body["type"].as_u64().unwrap_or(1)
    }
}

/// All that is known.
#[derive(Debug)]
pub struct State {
    /// The settings.
    pub options: Arc<Options>,
    /// The time.
    pub clock: Clock,
    /// The secret of the bot.
    pub bot_token: String,
    /// The application, which is also the bot's user id.
    pub application_id: u64,
    /// The guild, which is also the id of `@everyone`.
    pub guild_id: u64,
    /// The guild's owner.
    pub owner_id: u64,
    /// Where the gateway is reached.
    pub gateway_url: String,
    /// Roles by id.
    pub roles: BTreeMap<u64, Role>,
    /// Members by user id.
    pub members: BTreeMap<u64, Member>,
    /// Channels and threads by id.
    pub channels: BTreeMap<u64, Channel>,
    /// Messages by id, deleted ones included.
    pub messages: BTreeMap<u64, Message>,
    /// Interactions by id.
    pub interactions: BTreeMap<u64, Interaction>,
    /// Registered commands in the order of registration.
    pub commands: Vec<Command>,
    /// When commands were created, for the daily limit.
    pub command_creates: Vec<i64>,
    /// Who may use the commands beside administrators: ids of roles, users, or the guild for everybody.
    pub command_grants: Vec<u64>,
    /// Rate buckets.
    pub buckets: Buckets,
    /// Requests and violations.
    pub log: Log,
    /// What the people's clients are told.
    pub events: Events,
    /// Gateway sessions and connections.
    pub sessions: Sessions,
    /// Edits of old messages by channel: when.
    pub old_edits: HashMap<u64, VecDeque<i64>>,
    random: StdRng,
    last_ms: i64,
    sequence: u64,
    changed: watch::Sender<u64>,
}

impl State {
    /// A guild with `@everyone`, an owner, and the bot with its role.
    pub fn new(options: Arc<Options>, clock: Clock) -> Self {
        let mut random = StdRng::seed_from_u64(options.seed);
        let now = clock.now_ms();
        let guild_id = 2000;
        let application_id = 1_000_000_000_000_000_000 + random.random_range(1..1_000_000_000u64);
        let secret: String = (0..38)
            .map(|_| char::from(random.sample(rand::distr::Alphanumeric)))
            .collect();
        let rates = options
            .rates
            .clone()
            .unwrap_or_else(|| super::options::Rates::from_seed(options.seed));
        let mut state = State {
            bot_token: format!("MTAw.{}.{secret}", options.seed % 1000),
            application_id,
            guild_id,
            owner_id: 1,
            gateway_url: String::new(),
            roles: BTreeMap::new(),
            members: BTreeMap::new(),
            channels: BTreeMap::new(),
            messages: BTreeMap::new(),
            interactions: BTreeMap::new(),
            commands: Vec::new(),
            command_creates: Vec::new(),
            command_grants: if options.commands_granted {
                vec![guild_id]
            } else {
                Vec::new()
            },
            buckets: Buckets::new(rates),
            log: Log::default(),
            events: Events::default(),
            sessions: Sessions::default(),
            old_edits: HashMap::new(),
            random,
            last_ms: 0,
            sequence: 0,
            changed: watch::Sender::new(0),
            options,
            clock,
        };
        state.found(now);
        state
    }

    fn found(&mut self, now: i64) {
        let role = |id: u64, name: &str, permissions: u64, managed: bool| Role {
            id,
            name: name.to_owned(),
            color: 0,
            permissions,
            managed,
            mentionable: false,
        };
        let (guild, bot) = (self.guild_id, self.application_id);
        self.roles
            .insert(guild, role(guild, "@everyone", permissions::EVERYONE, false));
        self.roles
            .insert(bot + 1, role(bot + 1, "ceo", permissions::BOT, true));
        let member = |id: u64, name: &str, roles: Vec<u64>, is_bot: bool| Member {
            id,
            username: name.to_owned(),
            display_name: name.to_owned(),
            roles,
            bot: is_bot,
            locale: "en-US".to_owned(),
            joined_ms: now,
        };
        self.members.insert(bot, member(bot, "ceo", vec![bot + 1], true));
        self.members
            .insert(self.owner_id, member(self.owner_id, "owner", Vec::new(), false));
    }

    /// Now, by the simulation's clock.
    pub fn now(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A fresh id that tells its time, as Discord's do.
    pub fn snowflake(&mut self) -> u64 {
        self.sequence += 1;
        self.last_ms = self.last_ms.max(self.now());
        let ms = u64::try_from(self.last_ms - EPOCH_MS).unwrap_or(0);
        (ms << 22) | (self.sequence & 0x3f_ffff)
    }

    /// A secret of `length` letters and digits.
    pub fn secret(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(self.random.sample(rand::distr::Alphanumeric)))
            .collect()
    }

    /// A receiver that sees a new number after every change.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Wakes everybody who waits for a change.
    pub fn touch(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// The slowest possible look-up of an interaction: by its token.
    pub fn by_token(&self, token: &str) -> Option<u64> {
        self.interactions
            .values()
            .find(|one| one.token == token)
            .map(|one| one.id)
    }

    /// Messages of a channel that still exist, oldest first.
    pub fn in_channel(&self, channel: u64) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages
            .values()
            .filter(move |message| message.channel_id == channel && !message.deleted)
    }

    /// Whether a person's client shows a message.
    pub fn visible(&self, message: &Message, user: u64) -> bool {
        !message.deleted
            && message.only_for.is_none_or(|only| only == user)
            && permissions::of(self, user, Some(message.channel_id)) & permissions::VIEW_CHANNEL != 0
    }

    /// Stores a new message and tells everybody.
    pub fn post(&mut self, message: Message) {
        let id = message.id;
        self.messages.insert(id, message);
        self.tell_message(id, "MESSAGE_CREATE");
    }

    /// Tells clients and gateway about a message that is new or changed.
    pub fn tell_message(&mut self, id: u64, event: &str) {
        let Some(message) = self.messages.get(&id) else {
            return;
        };
        let (channel, only) = (message.channel_id, message.only_for);
        let shown = shapes::message(self, message, shapes::Urls::Page);
        self.events.push(
            "message",
            Some(channel),
            only,
            json!({"channel_id": channel.to_string(), "message": shown}),
        );
        if only.is_none() {
            let mut wire = shapes::message_for_bot(self, &self.messages[&id]);
            wire["guild_id"] = json!(self.guild_id.to_string());
            self.sessions
                .dispatch(super::gateway::GUILD_MESSAGES, event, &wire);
        }
        self.touch();
    }

    /// Removes a message and tells everybody.
    pub fn delete_message(&mut self, id: u64) {
        let Some(message) = self.messages.get_mut(&id) else {
            return;
        };
        message.deleted = true;
        let (channel, only) = (message.channel_id, message.only_for);
        let told = json!({"channel_id": channel.to_string(), "id": id.to_string()});
        self.events.push("message_delete", Some(channel), only, told);
        if only.is_none() {
            let wire = json!({"id": id.to_string(), "channel_id": channel.to_string(),
                "guild_id": self.guild_id.to_string()});
            self.sessions
                .dispatch(super::gateway::GUILD_MESSAGES, "MESSAGE_DELETE", &wire);
        }
        self.touch();
    }

    /// Moves an interaction on and tells the person's client.
    pub fn set_stage(&mut self, id: u64, stage: Stage) {
        let now = self.now();
        let Some(interaction) = self.interactions.get_mut(&id) else {
            return;
        };
        if interaction.acked_ms.is_none() && !matches!(stage, Stage::Sent | Stage::Failed(_)) {
            interaction.acked_ms = Some(now);
            interaction.first = Some(stage.clone());
        }
        interaction.stage = stage;
        if interaction.kind != Kind::Autocomplete {
            let user = interaction.user_id;
            let told = shapes::interaction_event(interaction);
            self.events.push("interaction", None, Some(user), told);
        }
        self.touch();
    }

    /// Tells the gateway and the clients that a channel is new or changed.
    pub fn tell_channel(&mut self, id: u64, event: &str) {
        let Some(channel) = self.channels.get(&id) else {
            return;
        };
        let wire = shapes::channel(self, channel);
        self.events.push("channel", None, None, wire.clone());
        self.sessions.dispatch(super::gateway::GUILDS, event, &wire);
        self.touch();
    }

    /// Threads in which nothing was said for as long as they wait for that.
    pub fn silent_threads(&self) -> Vec<u64> {
        let now = self.now();
        let silent = |channel: &&Channel| {
            let Some(thread) = channel.thread.as_ref().filter(|thread| !thread.archived) else {
                return false;
            };
            let last = self
                .in_channel(channel.id)
                .next_back()
                .map_or(thread.created_ms, |last| last.created_ms);
            let patience = i64::try_from(thread.auto_archive_minutes).unwrap_or(i64::MAX / 60_000) * 60_000;
            now - last.max(thread.archive_ms) > patience
        };
        self.channels
            .values()
            .filter(silent)
            .map(|channel| channel.id)
            .collect()
    }

    /// Archives a thread.
    pub fn archive(&mut self, id: u64) {
        let now = self.now();
        if let Some(thread) = self
            .channels
            .get_mut(&id)
            .and_then(|channel| channel.thread.as_mut())
        {
            thread.archived = true;
            thread.archive_ms = now;
        }
        self.tell_channel(id, "THREAD_UPDATE");
    }

    /// The bot's own messages that no test has looked at.
    pub fn unread(&self) -> Vec<Message> {
        let fresh = |message: &&Message| message.from_bot && !message.read && !message.deleted;
        self.messages.values().filter(fresh).cloned().collect()
    }
}
