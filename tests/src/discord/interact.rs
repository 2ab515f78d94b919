//! How interactions begin: the client's own checks, the event to the bot, and the clock that runs from then on.

use std::sync::{Arc, Weak};

use anyhow::{Context as _, anyhow, bail, ensure};
use serde_json::{Map, Value, json};

use super::gateway::ALWAYS;
use super::model::{Interaction, Kind, Modal, Stage};
use super::permissions::{self, ADMINISTRATOR, USE_APPLICATION_COMMANDS, VIEW_CHANNEL};
use super::rest::{ACK_MS, TOKEN_MS};
use super::rules::form::{integer, snowflake};
use super::state::{Command, State};
use super::{Inner, json as shapes, line};

/// What the client shows when the bot has not answered.
const NO_RESPONSE: &str = "The application did not respond";

/// Somebody in a channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    pub(super) user: u64,
    pub(super) channel: u64,
}

/// A new interaction, before Discord has numbered it.
pub(super) struct Begin {
    pub(super) kind: Kind,
    pub(super) user_id: u64,
    pub(super) channel_id: u64,
    pub(super) name: String,
    pub(super) data: Value,
    pub(super) source: Option<u64>,
}

impl Inner {
    /// Sends an interaction to the bot and starts its clock. Returns its id.
    pub(super) fn begin(self: &Arc<Self>, begin: Begin) -> anyhow::Result<u64> {
        let mut state = self.lock();
        ensure!(
            state.members.contains_key(&begin.user_id),
            "user {} is not in the guild",
            begin.user_id
        );
        let bits = permissions::of(&state, begin.user_id, Some(begin.channel_id));
        ensure!(
            state.channels.contains_key(&begin.channel_id),
            "there is no channel {}",
            begin.channel_id
        );
        ensure!(
            bits & VIEW_CHANNEL != 0,
            "user {} does not see channel {}",
            begin.user_id,
            begin.channel_id
        );
        let (id, token, created_ms) = (state.snowflake(), state.secret(96), state.now());
        let interaction = Interaction {
            id,
            token,
            kind: begin.kind,
            user_id: begin.user_id,
            channel_id: begin.channel_id,
            created_ms,
            acked_ms: None,
            stage: Stage::Sent,
            first: None,
            answer: None,
            name: begin.name,
            data: begin.data,
            source: begin.source,
            original: None,
            followups: Vec::new(),
        };
        let event = shapes::interaction(&state, &interaction);
        state.interactions.insert(id, interaction);
        state.set_stage(id, Stage::Sent);
        for _ in 0..self.faults.take_deliveries() {
            state.sessions.dispatch(ALWAYS, "INTERACTION_CREATE", &event);
        }
        drop(state);
        self.spawn(expire(Arc::downgrade(self), self.clock.clone(), id, created_ms));
        Ok(id)
    }

    /// A slash command with options as Discord nests them.
    pub(super) fn begin_command(
        self: &Arc<Self>,
        kind: Kind,
        at: Seat,
        name: &str,
        options: &Value,
    ) -> anyhow::Result<u64> {
        let Seat { user, channel } = at;
        let (data, full_name) = {
            let state = self.lock();
            let command = find_command(&state, user, name)?;
            let options = options.as_array().cloned().unwrap_or_default();
            let mut full_name = name.to_owned();
            line::check(
                &command.body,
                &options,
                kind == Kind::Autocomplete,
                &mut full_name,
            )?;
            (command_data(&state, command, &options)?, full_name)
        };
        self.begin(Begin {
            kind,
            user_id: user,
            channel_id: channel,
            name: full_name,
            data,
            source: None,
        })
    }

    /// Begins the click of a client that shows an older state of the message.
    pub(super) fn begin_late_press(
        self: &Arc<Self>,
        user: u64,
        message: u64,
        custom_id: &str,
    ) -> anyhow::Result<u64> {
        let channel_id = {
            let state = self.lock();
            let found = state
                .messages
                .get(&message)
                .filter(|message| state.visible(message, user));
            found
                .with_context(|| format!("user {user} sees no message {message}"))?
                .channel_id
        };
        self.begin(Begin {
            kind: Kind::Component,
            user_id: user,
            channel_id,
            name: String::new(),
            data: json!({"component_type": 2, "custom_id": custom_id, "id": 1}),
            source: Some(message),
        })
    }

    /// A click on a button, or a choice in a select.
    pub(super) fn begin_component(
        self: &Arc<Self>,
        user: u64,
        message: u64,
        name: &str,
        values: Option<&[&str]>,
    ) -> anyhow::Result<u64> {
        let (data, channel_id) = {
            let state = self.lock();
            let found = state
                .messages
                .get(&message)
                .filter(|message| state.visible(message, user));
            let found = found.with_context(|| format!("user {user} sees no message {message}"))?;
            let component = component(&found.components, name, values.is_none())
                .with_context(|| format!("message {message} has no {name:?}; it has {:?}", found.labels()))?;
            (component_data(&state, &component, values)?, found.channel_id)
        };
        let name = String::new();
        self.begin(Begin {
            kind: Kind::Component,
            user_id: user,
            channel_id,
            name,
            data,
            source: Some(message),
        })
    }

    /// A form, sent with these values by custom id (or by label).
    pub(super) fn begin_modal(
        self: &Arc<Self>,
        user: u64,
        modal: &Modal,
        values: &[(String, String)],
    ) -> anyhow::Result<u64> {
        let (channel_id, source, name, data) = {
            let state = self.lock();
            let opened = state
                .interactions
                .get(&modal.interaction_id)
                .context("the form belongs to no interaction")?;
            ensure!(opened.user_id == user, "user {user} has no such form");
            let data = modal_data(modal, values)?;
            (opened.channel_id, opened.source, opened.name.clone(), data)
        };
        self.begin(Begin {
            kind: Kind::Modal,
            user_id: user,
            channel_id,
            name,
            data,
            source,
        })
    }
}

/// Marks an interaction as failed when the bot has not answered in three seconds, or never after it had deferred.
async fn expire(inner: Weak<Inner>, clock: super::clock::Clock, id: u64, created_ms: i64) {
    for (after, deferred) in [(ACK_MS, false), (TOKEN_MS, true)] {
        clock.sleep_until(created_ms + after + 1).await;
        let Some(inner) = inner.upgrade() else { return };
        let mut state = inner.lock();
        let Some(one) = state.interactions.get(&id) else {
            return;
        };
        let late = match one.stage {
            Stage::Sent => true,
            Stage::Deferred { update } => deferred && !update,
            _ => return,
        };
        if late {
            state.set_stage(id, Stage::Failed(NO_RESPONSE.to_owned()));
            return;
        }
    }
}

/// The command that a person's client would offer under this name.
pub(super) fn find_command<'s>(state: &'s State, user: u64, name: &str) -> anyhow::Result<&'s Command> {
    let slash = |command: &&Command| command.kind() == 1 && command.name() == name;
    let command = state
        .commands
        .iter()
        .find(slash)
        .with_context(|| format!("there is no command /{name}"))?;
    ensure!(may_use(state, user, command), "user {user} may not use /{name}");
    Ok(command)
}

/// Whether Discord offers a command to somebody: administrators always; others by grant, or by their permissions.
pub(super) fn may_use(state: &State, user: u64, command: &Command) -> bool {
    let bits = permissions::of(state, user, None);
    if bits & ADMINISTRATOR != 0 {
        return true;
    }
    let Some(member) = state.members.get(&user) else {
        return false;
    };
    let granted = |id: &u64| *id == state.guild_id || *id == user || member.roles.contains(id);
    let allowed = match integer(&command.body["default_member_permissions"]) {
        None => true,
        Some(0) => false,
        Some(wanted) => u64::try_from(wanted).is_ok_and(|wanted| bits & wanted == wanted),
    };
    bits & USE_APPLICATION_COMMANDS != 0 && (allowed || state.command_grants.iter().any(granted))
}

fn command_data(state: &State, command: &Command, options: &[Value]) -> anyhow::Result<Value> {
    let mut data =
        json!({"id": command.id.to_string(), "name": command.name(), "type": 1, "options": options});
    if let Some(guild) = command.guild {
        data["guild_id"] = json!(guild.to_string());
    }
    let mut resolved = Map::new();
    resolve(state, options, &mut resolved)?;
    if !resolved.is_empty() {
        data["resolved"] = Value::Object(resolved);
    }
    Ok(data)
}

/// Collects users, members, roles and channels that options name.
fn resolve(state: &State, options: &[Value], out: &mut Map<String, Value>) -> anyhow::Result<()> {
    for option in options {
        if let Some(inner) = option["options"].as_array() {
            resolve(state, inner, out)?;
        }
        let kind = option["type"].as_u64().unwrap_or(0);
        if option["focused"] == true || !matches!(kind, 6..=9) {
            continue;
        }
        let id = snowflake(&option["value"]).with_context(|| format!("{} is no id", option["value"]))?;
        let mut add = |table: &str, value: Value| {
            let table = out.entry(table).or_insert_with(|| json!({}));
            table[id.to_string()] = value;
        };
        if let Some(member) = state.members.get(&id).filter(|_| matches!(kind, 6 | 9)) {
            add("users", shapes::user(member));
            let mut partial = shapes::member(member);
            if let Some(map) = partial.as_object_mut() {
                map.remove("user");
            }
            partial["permissions"] = json!(permissions::of(state, id, None).to_string());
            add("members", partial);
        } else if let Some(role) = state.roles.get(&id).filter(|_| matches!(kind, 8 | 9)) {
            add("roles", shapes::role(state, role));
        } else if let Some(channel) = state.channels.get(&id).filter(|_| kind == 7) {
            let mut partial = shapes::channel(state, channel);
            partial["permissions"] = json!(u64::MAX.to_string());
            add("channels", partial);
        } else {
            bail!("option {}: nothing has the id {id}", option["name"]);
        }
    }
    Ok(())
}

/// The button (or, with `button` false, the select) of this custom id or label.
fn component(components: &[Value], name: &str, button: bool) -> Option<Value> {
    let mut found = None;
    super::model::each_component(components, &mut |one| {
        let fits = (one["type"] == 2) == button && (one["custom_id"] == name || one["label"] == name);
        if fits && found.is_none() {
            found = Some(one.clone());
        }
    });
    found
}

fn component_data(state: &State, component: &Value, values: Option<&[&str]>) -> anyhow::Result<Value> {
    ensure!(
        component["disabled"] != true,
        "{} is disabled",
        component["label"]
    );
    let custom_id = component["custom_id"]
        .as_str()
        .context("a link opens in the browser, the bot hears nothing")?;
    let mut data = json!({"custom_id": custom_id, "component_type": component["type"], "id": 2});
    let Some(values) = values else { return Ok(data) };
    let (min, max) = (
        integer(&component["min_values"]).unwrap_or(1),
        integer(&component["max_values"]).unwrap_or(1),
    );
    let count = i64::try_from(values.len())?;
    ensure!((min..=max).contains(&count), "choose {min} to {max}, not {count}");
    let kind = component["type"].as_u64().unwrap_or(0);
    if kind == 3 {
        let known = |value: &&str| {
            component["options"]
                .as_array()
                .is_some_and(|all| all.iter().any(|o| o["value"] == **value))
        };
        if let Some(unknown) = values.iter().find(|value| !known(value)) {
            bail!("there is no {unknown:?} to choose");
        }
    } else {
        // Selects of users, roles, mentionables and channels resolve like options of those types.
        let option_type = [(5, 6), (6, 8), (7, 9), (8, 7)]
            .iter()
            .find(|pair| pair.0 == kind)
            .map_or(0, |pair| pair.1);
        let options: Vec<Value> = values
            .iter()
            .map(|value| json!({"type": option_type, "value": value}))
            .collect();
        let mut resolved = Map::new();
        resolve(state, &options, &mut resolved)?;
        data["resolved"] = Value::Object(resolved);
    }
    data["values"] = json!(values);
    Ok(data)
}

fn modal_data(modal: &Modal, values: &[(String, String)]) -> anyhow::Result<Value> {
    let mut rest: Vec<&(String, String)> = values.iter().collect();
    let mut rows = Vec::new();
    for (index, row) in modal.components.iter().enumerate() {
        let labelled = row["type"] == 18;
        let input = if labelled {
            &row["component"]
        } else {
            &row["components"][0]
        };
        if !input["custom_id"].is_string() {
            continue;
        }
        let names = [&input["custom_id"], &input["label"], &row["label"]];
        let given = rest
            .iter()
            .position(|(name, _)| names.iter().any(|one| one.as_str() == Some(name)));
        let value = match given {
            Some(at) => rest.remove(at).1.clone(),
            None => input["value"].as_str().unwrap_or_default().to_owned(),
        };
        check_input(input, &value)?;
        let number = 2 * index + 1;
        let part =
            json!({"type": input["type"], "id": number + 1, "custom_id": input["custom_id"], "value": value});
        rows.push(if labelled {
            json!({"type": 18, "id": number, "component": part})
        } else {
            json!({"type": 1, "id": number, "components": [part]})
        });
    }
    if let Some((name, _)) = rest.first() {
        return Err(anyhow!("the form {:?} has no field {name:?}", modal.title));
    }
    Ok(json!({"custom_id": modal.custom_id, "components": rows, "resolved": {}}))
}

/// What the client checks before it sends a form.
fn check_input(input: &Value, value: &str) -> anyhow::Result<()> {
    let length = u64::try_from(value.chars().count())?;
    let required = input["required"] != false;
    let name = &input["custom_id"];
    ensure!(!required || length > 0, "{name} must be filled in");
    let min = input["min_length"].as_u64().unwrap_or(0);
    let max = input["max_length"].as_u64().unwrap_or(4000);
    ensure!(
        length == 0 || length >= min,
        "{name} needs at least {min} characters"
    );
    ensure!(length <= max, "{name} takes at most {max} characters");
    Ok(())
}
