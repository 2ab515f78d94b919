//! What tests and the playground do with a running simulation: set up the guild, break things, read what happened.

use std::net::SocketAddr;
use std::sync::PoisonError;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::sync::watch;

use super::faults::{Faults, GatewayFault};
use super::gateway::{ALWAYS, GUILDS};
use super::log::{Request, Violation};
use super::model::{Channel, Member, Message, Overwrite, Role};
use super::options::Rates;
use super::person::Person;
use super::{DiscordSim, json as shapes, openapi};

impl DiscordSim {
    /// Where REST listens: the bot's `discord.api_address`.
    pub fn rest_addr(&self) -> SocketAddr {
        self.inner.rest
    }

    /// Where the gateway listens.
    pub fn gateway_addr(&self) -> SocketAddr {
        self.inner.gateway
    }

    /// Where the person API listens, when it does.
    pub fn page_addr(&self) -> Option<SocketAddr> {
        *self.inner.page.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The certificate authority (PEM): the bot's `discord.extra_ca`.
    pub fn ca_pem(&self) -> &str {
        &self.inner.ca_pem
    }

    /// The bot's token.
    pub fn bot_token(&self) -> String {
        self.inner.lock().bot_token.clone()
    }

    /// The application's id, which is the bot's user id too.
    pub fn application_id(&self) -> u64 {
        self.inner.lock().application_id
    }

    /// The guild's id, which is the id of the role `@everyone` too.
    pub fn guild_id(&self) -> u64 {
        self.inner.lock().guild_id
    }

    /// The simulation's time, milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.inner.clock.now_ms()
    }

    /// Puts the simulation's clock forward: tokens and messages grow older, windows end, silent threads hide.
    pub fn advance(&self, by: Duration) {
        self.inner.clock.advance(by);
        let mut state = self.inner.lock();
        for id in state.silent_threads() {
            state.archive(id);
        }
        state.touch();
    }

    /// Adds a text channel.
    pub fn add_channel(&self, id: u64, name: &str) {
        let mut state = self.inner.lock();
        let channel = Channel {
            id,
            name: name.to_owned(),
            topic: None,
            overwrites: Vec::new(),
            thread: None,
        };
        state.channels.insert(id, channel);
        state.tell_channel(id, "CHANNEL_CREATE");
    }

    /// Sets the line that says what a channel is for.
    pub fn set_topic(&self, id: u64, topic: &str) {
        let mut state = self.inner.lock();
        if let Some(channel) = state.channels.get_mut(&id) {
            channel.topic = Some(topic.to_owned());
            state.tell_channel(id, "CHANNEL_UPDATE");
        }
    }

    /// Deletes a message, as a moderator does.
    pub fn delete_message(&self, id: u64) {
        self.inner.lock().delete_message(id);
    }

    /// Deletes a channel with its messages.
    pub fn delete_channel(&self, id: u64) {
        let mut state = self.inner.lock();
        let Some(channel) = state.channels.get(&id) else {
            return;
        };
        let gone = shapes::channel(&state, channel);
        state.channels.remove(&id);
        state.sessions.dispatch(GUILDS, "CHANNEL_DELETE", &gone);
        state.events.push("channel", None, None, gone);
        state.touch();
    }

    /// Allows and denies permissions to a role or member in a channel; replaces what was set before.
    pub fn set_overwrite(&self, channel: u64, target: u64, allow: u64, deny: u64) {
        let mut state = self.inner.lock();
        let member = state.members.contains_key(&target);
        let Some(place) = state.channels.get_mut(&channel) else {
            return;
        };
        place.overwrites.retain(|over| over.target != target);
        place.overwrites.push(Overwrite {
            target,
            member,
            allow,
            deny,
        });
        state.tell_channel(channel, "CHANNEL_UPDATE");
    }

    /// Adds a role without permissions of its own.
    pub fn add_role(&self, id: u64, name: &str) {
        // A colour by id, so that roles can be told apart on the page.
        let palette = [0x57_f287, 0xfe_e75c, 0x58_65f2, 0xeb_459e, 0xed_4245, 0x3b_a55c];
        let color = palette[usize::try_from(id).unwrap_or(0) % palette.len()];
        let role = Role {
            id,
            name: name.to_owned(),
            color,
            permissions: 0,
            managed: false,
            mentionable: false,
        };
        let mut state = self.inner.lock();
        let wire =
            serde_json::json!({"guild_id": state.guild_id.to_string(), "role": shapes::role(&state, &role)});
        state.roles.insert(id, role);
        state.sessions.dispatch(GUILDS, "GUILD_ROLE_CREATE", &wire);
        state.touch();
    }

    /// Sets the permission bits of a role; the bot's own role is `application_id() + 1`.
    pub fn set_role_permissions(&self, role: u64, permissions: u64) {
        let mut state = self.inner.lock();
        let Some(role) = state.roles.get_mut(&role) else {
            return;
        };
        role.permissions = permissions;
        let role = role.clone();
        let wire =
            serde_json::json!({"guild_id": state.guild_id.to_string(), "role": shapes::role(&state, &role)});
        state.sessions.dispatch(GUILDS, "GUILD_ROLE_UPDATE", &wire);
        state.touch();
    }

    /// Adds somebody to the guild.
    pub fn add_member(&self, id: u64, username: &str, display_name: &str, roles: &[u64]) {
        let mut state = self.inner.lock();
        let member = Member {
            id,
            username: username.to_owned(),
            display_name: display_name.to_owned(),
            roles: roles.to_vec(),
            bot: false,
            locale: "en-US".to_owned(),
            joined_ms: state.now(),
        };
        state.members.insert(id, member);
        state.touch();
    }

    /// Gives somebody these roles and no others.
    pub fn set_roles(&self, user: u64, roles: &[u64]) {
        let mut state = self.inner.lock();
        if let Some(member) = state.members.get_mut(&user) {
            member.roles = roles.to_vec();
        }
        state.touch();
    }

    /// Sets the language of somebody's client, such as `zh-CN`.
    pub fn set_locale(&self, user: u64, locale: &str) {
        if let Some(member) = self.inner.lock().members.get_mut(&user) {
            locale.clone_into(&mut member.locale);
        }
    }

    /// Somebody leaves the guild.
    pub fn remove_member(&self, user: u64) {
        let mut state = self.inner.lock();
        state.members.remove(&user);
        state.touch();
    }

    /// Who may use the commands beside administrators: roles, users, or the guild's id for everybody.
    pub fn grant_commands(&self, to: &[u64]) {
        let mut state = self.inner.lock();
        state.command_grants = to.to_vec();
        state.events.push("commands", None, None, serde_json::json!({}));
        state.touch();
    }

    /// A person at a client. The user must be a member when acting.
    pub fn person(&self, user: u64) -> Person {
        Person::new(self.clone(), user)
    }

    /// What is to go wrong.
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// Makes the open gateway connections misbehave now. Returns how many there were.
    pub fn gateway_fault(&self, fault: GatewayFault) -> usize {
        self.inner.lock().sessions.fault(fault)
    }

    /// Sends an arbitrary gateway event to every session. Returns to how many.
    pub fn dispatch(&self, name: &str, data: &Value) -> usize {
        self.inner.lock().sessions.dispatch(ALWAYS, name, data)
    }

    /// Other rate limits from now on.
    pub fn set_rates(&self, rates: Rates) {
        self.inner.lock().buckets.set_rates(rates);
    }

    /// The rate limits in force.
    pub fn rates(&self) -> Rates {
        self.inner.lock().buckets.rates().clone()
    }

    /// Whether a bot is connected.
    pub fn is_online(&self) -> bool {
        self.inner.lock().sessions.is_online()
    }

    /// How often a bot has identified itself since the start.
    pub fn identifies(&self) -> usize {
        self.inner.lock().sessions.identifies()
    }

    /// How often a session was resumed since the start.
    pub fn resumes(&self) -> u64 {
        self.inner.lock().sessions.resumes()
    }

    /// Waits until a bot is connected.
    ///
    /// # Errors
    /// When none comes in time.
    pub async fn online(&self, within: Duration) -> anyhow::Result<()> {
        let online = self
            .inner
            .until(within, |state| state.sessions.is_online().then_some(()))
            .await;
        online.context("no bot has connected in time")
    }

    /// Every REST request so far.
    pub fn requests(&self) -> Vec<Request> {
        self.inner.lock().log.requests.clone()
    }

    /// Everything that Discord would not take, or that a good bot never does. Holds the bodies of new requests against
    /// Discord's OpenAPI document where that exists, which takes a moment the first time.
    pub fn violations(&self) -> Vec<Violation> {
        let (fresh, path) = {
            let mut state = self.inner.lock();
            let fresh = state
                .log
                .requests
                .get(state.log.checked..)
                .unwrap_or_default()
                .to_vec();
            // An answer that is still to come is looked at next time.
            let done = fresh.iter().take_while(|request| request.status != 0).count();
            state.log.checked += done;
            (
                fresh.into_iter().take(done).collect::<Vec<_>>(),
                state.options.openapi.clone(),
            )
        };
        let found = openapi::check(path.as_deref(), &fresh);
        let mut state = self.inner.lock();
        for text in found {
            state.log.offend(super::log::Offence::Schema, text);
        }
        state.log.violations.clone()
    }

    /// The violations so far, which are forgotten: for tests that provoke them.
    pub fn take_violations(&self) -> Vec<Violation> {
        let taken = self.violations();
        self.inner.lock().log.violations.clear();
        taken
    }

    /// The messages of a channel that exist, oldest first, ephemeral ones included.
    pub fn messages(&self, channel: u64) -> Vec<Message> {
        self.inner.lock().in_channel(channel).cloned().collect()
    }

    /// A message, deleted or not.
    pub fn message(&self, id: u64) -> Option<Message> {
        self.inner.lock().messages.get(&id).cloned()
    }

    /// The threads of a channel.
    pub fn threads(&self, channel: u64) -> Vec<Channel> {
        let state = self.inner.lock();
        let inside = |one: &&Channel| {
            one.thread
                .as_ref()
                .is_some_and(|thread| thread.parent_id == channel)
        };
        state.channels.values().filter(inside).cloned().collect()
    }

    /// The registered commands as Discord shows them.
    pub fn commands(&self) -> Vec<Value> {
        let state = self.inner.lock();
        state
            .commands
            .iter()
            .map(|command| shapes::command(&state, command, true))
            .collect()
    }

    /// A receiver that sees a new number after every change.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.inner.lock().watch()
    }

    /// Looks after every change until `find` finds something.
    ///
    /// # Errors
    /// When it does not in time; `what` names it.
    pub async fn until<T>(
        &self,
        what: &str,
        within: Duration,
        mut find: impl FnMut(&DiscordSim) -> Option<T>,
    ) -> anyhow::Result<T> {
        let mut changed = self.changed();
        let deadline = tokio::time::Instant::now() + within;
        loop {
            changed.borrow_and_update();
            if let Some(found) = find(self) {
                return Ok(found);
            }
            if !matches!(
                tokio::time::timeout_at(deadline, changed.changed()).await,
                Ok(Ok(()))
            ) {
                bail!("not in {within:?}: {what}");
            }
        }
    }

    /// Waits for a message of the bot in a channel that `fits`, and marks it as read.
    ///
    /// # Errors
    /// When there is none in time; the error shows what there is.
    pub async fn expect_message(
        &self,
        channel: u64,
        within: Duration,
        mut fits: impl FnMut(&Message) -> bool,
    ) -> anyhow::Result<Message> {
        let found = self.inner.until(within, |state| {
            let found = state
                .in_channel(channel)
                .filter(|message| message.from_bot)
                .find(|message| fits(message));
            let id = found.map(|message| message.id)?;
            let message = state.messages.get_mut(&id)?;
            message.read = true;
            Some(message.clone())
        });
        if let Some(message) = found.await {
            return Ok(message);
        }
        let there: Vec<String> = self.messages(channel).iter().map(Message::text).collect();
        bail!("no such message in {within:?}; there are: {there:#?}")
    }

    /// The bot's messages that no test has looked at.
    pub fn unread(&self) -> Vec<Message> {
        self.inner.lock().unread()
    }

    /// Marks a message as looked at.
    pub fn mark_read(&self, id: u64) {
        if let Some(message) = self.inner.lock().messages.get_mut(&id) {
            message.read = true;
        }
    }
}
