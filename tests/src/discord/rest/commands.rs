//! Registering application commands, per guild and globally.

use serde_json::{Value, json};

use super::super::json as shapes;
use super::super::rules::commands as rules;
use super::super::rules::form::{
    ApiError, Form, not_your_application, too_many_creates, unknown_command, unknown_guild,
};
use super::super::state::{Command, State};
use super::{Call, Outcome, Reply};

const DAY_MS: i64 = 86_400_000;

/// Where commands are registered: in the guild, or everywhere.
fn scope(state: &State, call: &Call, in_guild: bool) -> Result<Option<u64>, ApiError> {
    if call.id(0)? != state.application_id {
        return Err(not_your_application());
    }
    if !in_guild {
        return Ok(None);
    }
    if call.id(1)? == state.guild_id {
        Ok(Some(state.guild_id))
    } else {
        Err(unknown_guild())
    }
}

fn localized(call: &Call) -> bool {
    call.param("with_localizations") == Some("true")
}

fn read(state: &State, call: &Call, in_guild: bool) -> Outcome {
    let guild = scope(state, call, in_guild)?;
    let ours = state.commands.iter().filter(|command| command.guild == guild);
    Ok(Reply::Json(
        ours.map(|command| shapes::command(state, command, localized(call)))
            .collect(),
    ))
}

fn read_one(state: &State, call: &Call, in_guild: bool) -> Outcome {
    let guild = scope(state, call, in_guild)?;
    let id = call.id(if in_guild { 2 } else { 1 })?;
    let command = state
        .commands
        .iter()
        .find(|command| command.guild == guild && command.id == id);
    Ok(Reply::Json(shapes::command(
        state,
        command.ok_or_else(unknown_command)?,
        true,
    )))
}

/// Counts creations against the day's limit.
fn count_creates(state: &mut State, count: usize) -> Result<(), ApiError> {
    let now = state.now();
    state.command_creates.retain(|at| now - at < DAY_MS);
    if state.command_creates.len() + count > state.options.daily_command_creates {
        return Err(too_many_creates());
    }
    state.command_creates.extend(std::iter::repeat_n(now, count));
    Ok(())
}

/// Stores a definition; one of the same name and type keeps its id, and its version when nothing changed.
fn store(state: &mut State, guild: Option<u64>, body: &Value) -> Command {
    let mut body = body.clone();
    rules::normalize(&mut body);
    for key in ["id", "application_id", "version", "guild_id", "dm_permission"] {
        if let Some(map) = body.as_object_mut() {
            map.remove(key);
        }
    }
    let fresh = state.snowflake();
    let kind = body["type"].as_u64().unwrap_or(1);
    let name = body["name"].clone();
    let same = |old: &&mut Command| old.guild == guild && old.kind() == kind && old.body["name"] == name;
    if let Some(old) = state.commands.iter_mut().find(same) {
        if old.body != body {
            old.body = body;
            old.version = fresh;
        }
        return old.clone();
    }
    let command = Command {
        id: fresh,
        version: fresh,
        guild,
        body,
    };
    state.commands.push(command.clone());
    command
}

fn told(state: &mut State) {
    state.events.push("commands", None, None, json!({}));
    state.touch();
}

fn exists(state: &State, guild: Option<u64>, body: &Value) -> bool {
    let kind = body["type"].as_u64().unwrap_or(1);
    state
        .commands
        .iter()
        .any(|old| old.guild == guild && old.kind() == kind && old.body["name"] == body["name"])
}

fn write_all(state: &mut State, call: &Call, in_guild: bool) -> Outcome {
    let guild = scope(state, call, in_guild)?;
    rules::check_all(&call.body)?;
    let bodies = call.body.as_array().cloned().unwrap_or_default();
    let created = bodies.iter().filter(|body| !exists(state, guild, body)).count();
    count_creates(state, created)?;
    let stored: Vec<Command> = bodies.iter().map(|body| store(state, guild, body)).collect();
    state
        .commands
        .retain(|old| old.guild != guild || stored.iter().any(|new| new.id == old.id));
    told(state);
    Ok(Reply::Json(
        stored
            .iter()
            .map(|command| shapes::command(state, command, true))
            .collect(),
    ))
}

fn write_one(state: &mut State, call: &Call, in_guild: bool) -> Outcome {
    let guild = scope(state, call, in_guild)?;
    let mut form = Form::default();
    rules::check(&mut form, "", &call.body);
    form.finish()?;
    let existed = exists(state, guild, &call.body);
    if !existed {
        count_creates(state, 1)?;
    }
    let command = store(state, guild, &call.body);
    told(state);
    let shown = shapes::command(state, &command, true);
    Ok(if existed {
        Reply::Json(shown)
    } else {
        Reply::Created(shown)
    })
}

fn change(state: &mut State, call: &Call, in_guild: bool) -> Outcome {
    let guild = scope(state, call, in_guild)?;
    let id = call.id(if in_guild { 2 } else { 1 })?;
    let version = state.snowflake();
    let at = state
        .commands
        .iter()
        .position(|old| old.guild == guild && old.id == id)
        .ok_or_else(unknown_command)?;
    let mut body = state.commands[at].body.clone();
    for (key, value) in call.body.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    let mut form = Form::default();
    rules::check(&mut form, "", &body);
    form.finish()?;
    rules::normalize(&mut body);
    state.commands[at].body = body;
    state.commands[at].version = version;
    told(state);
    Ok(Reply::Json(shapes::command(state, &state.commands[at], true)))
}

fn remove(state: &mut State, call: &Call, in_guild: bool) -> Outcome {
    let guild = scope(state, call, in_guild)?;
    let id = call.id(if in_guild { 2 } else { 1 })?;
    let before = state.commands.len();
    state.commands.retain(|old| old.guild != guild || old.id != id);
    if state.commands.len() == before {
        return Err(unknown_command());
    }
    told(state);
    Ok(Reply::Empty)
}

pub(super) fn list(state: &mut State, call: &Call) -> Outcome {
    read(state, call, true)
}

pub(super) fn list_global(state: &mut State, call: &Call) -> Outcome {
    read(state, call, false)
}

pub(super) fn get(state: &mut State, call: &Call) -> Outcome {
    read_one(state, call, true)
}

pub(super) fn get_global(state: &mut State, call: &Call) -> Outcome {
    read_one(state, call, false)
}

pub(super) fn overwrite(state: &mut State, call: &Call) -> Outcome {
    write_all(state, call, true)
}

pub(super) fn overwrite_global(state: &mut State, call: &Call) -> Outcome {
    write_all(state, call, false)
}

pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    write_one(state, call, true)
}

pub(super) fn create_global(state: &mut State, call: &Call) -> Outcome {
    write_one(state, call, false)
}

pub(super) fn edit(state: &mut State, call: &Call) -> Outcome {
    change(state, call, true)
}

pub(super) fn edit_global(state: &mut State, call: &Call) -> Outcome {
    change(state, call, false)
}

pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    remove(state, call, true)
}

pub(super) fn delete_global(state: &mut State, call: &Call) -> Outcome {
    remove(state, call, false)
}

/// The grants that an administrator has made under Server settings, Integrations.
pub(super) fn permissions(state: &mut State, call: &Call) -> Outcome {
    scope(state, call, true)?;
    if state.command_grants.is_empty() {
        return Ok(Reply::Json(json!([])));
    }
    let grants: Vec<Value> = state
        .command_grants
        .iter()
        .map(|id| {
            json!({"id": id.to_string(), "type": if state.members.contains_key(id) { 2 } else { 1 },
            "permission": true})
        })
        .collect();
    let application = state.application_id.to_string();
    Ok(Reply::Json(
        json!([{"id": application, "application_id": application,
        "guild_id": state.guild_id.to_string(), "permissions": grants}]),
    ))
}
