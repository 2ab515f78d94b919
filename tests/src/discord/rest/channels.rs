//! Channels, and threads in them: made from a message or alone, archived, renamed.

use serde_json::{Value, json};

use super::super::json as shapes;
use super::super::model::{Channel, Thread};
use super::super::permissions::{self, CREATE_PUBLIC_THREADS, MANAGE_THREADS};
use super::super::rules::form::{ApiError, integer, missing_permissions, thread_archived, thread_exists};
use super::super::rules::threads;
use super::super::state::State;
use super::messages::{reach, require};
use super::{Call, Outcome, Reply};

pub(super) fn get(state: &mut State, call: &Call) -> Outcome {
    let id = call.id(0)?;
    require(state, id, 0)?;
    Ok(Reply::Json(shapes::channel(state, &state.channels[&id])))
}

pub(super) fn typing(state: &mut State, call: &Call) -> Outcome {
    let id = call.id(0)?;
    require(state, id, 0)?;
    let told = json!({"channel_id": id.to_string(), "user_id": state.application_id.to_string()});
    state.events.push("typing", Some(id), None, told);
    state.touch();
    Ok(Reply::Empty)
}

fn make(state: &mut State, parent_id: u64, body: &Value, id: u64, kind: u64) -> Outcome {
    if state
        .channels
        .get(&parent_id)
        .is_some_and(|parent| parent.thread.is_some())
    {
        return Err(ApiError::new(
            400,
            50024,
            "Cannot execute action on this channel type",
        ));
    }
    let now = state.now();
    let thread = Thread {
        parent_id,
        owner_id: state.application_id,
        kind,
        auto_archive_minutes: integer(&body["auto_archive_duration"])
            .and_then(|m| u64::try_from(m).ok())
            .unwrap_or(4320),
        archived: false,
        locked: false,
        archive_ms: now,
        created_ms: now,
        members: vec![state.application_id],
    };
    let name = body["name"].as_str().unwrap_or_default().to_owned();
    let channel = Channel {
        id,
        name,
        topic: None,
        overwrites: Vec::new(),
        thread: Some(thread),
    };
    state.channels.insert(id, channel);
    state.tell_channel(id, "THREAD_CREATE");
    Ok(Reply::Created(shapes::channel(state, &state.channels[&id])))
}

/// A thread that hangs on a message has that message's id.
pub(super) fn thread_from_message(state: &mut State, call: &Call) -> Outcome {
    let (channel, message) = (call.id(0)?, call.id(1)?);
    threads::check(&call.body, true)?;
    require(state, channel, CREATE_PUBLIC_THREADS)?;
    reach(state, channel, message)?;
    if state.channels.contains_key(&message) {
        return Err(thread_exists());
    }
    let made = make(state, channel, &call.body, message, 11)?;
    if let Some(message) = state.messages.get_mut(&message) {
        message.thread_id = Some(message.id);
    }
    state.tell_message(message, "MESSAGE_UPDATE");
    Ok(made)
}

pub(super) fn create_thread(state: &mut State, call: &Call) -> Outcome {
    let channel = call.id(0)?;
    threads::check(&call.body, true)?;
    require(state, channel, 0)?;
    let kind = integer(&call.body["type"])
        .and_then(|kind| u64::try_from(kind).ok())
        .unwrap_or(12);
    let bits = if kind == 12 {
        1 << 36
    } else {
        CREATE_PUBLIC_THREADS
    };
    require(state, channel, bits)?;
    let id = state.snowflake();
    make(state, channel, &call.body, id, kind)
}

pub(super) fn join_thread(state: &mut State, call: &Call) -> Outcome {
    let id = call.id(0)?;
    require(state, id, 0)?;
    let user = match call.params.get(1).map(String::as_str) {
        Some("@me") => state.application_id,
        _ => call.id(1)?,
    };
    match state
        .channels
        .get_mut(&id)
        .and_then(|channel| channel.thread.as_mut())
    {
        Some(thread) if thread.archived => Err(thread_archived()),
        Some(thread) => {
            if !thread.members.contains(&user) {
                thread.members.push(user);
            }
            Ok(Reply::Empty)
        }
        None => Err(ApiError::new(
            400,
            50024,
            "Cannot execute action on this channel type",
        )),
    }
}

/// Threads only: name, archived, locked. A thread's owner may archive and rename it; locking needs MANAGE_THREADS.
pub(super) fn edit(state: &mut State, call: &Call) -> Outcome {
    let id = call.id(0)?;
    threads::check(&call.body, false)?;
    require(state, id, 0)?;
    let (now, me) = (state.now(), state.application_id);
    let manages = permissions::of(state, me, Some(id)) & MANAGE_THREADS != 0;
    let Some(channel) = state.channels.get_mut(&id) else {
        return Err(missing_permissions());
    };
    let Some(thread) = channel.thread.as_mut() else {
        return Err(missing_permissions());
    };
    let body = &call.body;
    let locks = body["locked"].as_bool().is_some_and(|lock| lock != thread.locked);
    if !manages && (thread.owner_id != me || locks) {
        return Err(missing_permissions());
    }
    let archived = body["archived"].as_bool();
    let renames = body.get("name").is_some() || body.get("auto_archive_duration").is_some();
    if thread.archived && archived != Some(false) && renames {
        return Err(thread_archived());
    }
    if let Some(archived) = archived {
        thread.archived = archived;
        thread.archive_ms = now;
    }
    thread.locked = body["locked"].as_bool().unwrap_or(thread.locked);
    if let Some(minutes) = body["auto_archive_duration"].as_u64() {
        thread.auto_archive_minutes = minutes;
    }
    if let Some(name) = body["name"].as_str() {
        name.clone_into(&mut channel.name);
    }
    state.tell_channel(id, "THREAD_UPDATE");
    Ok(Reply::Json(shapes::channel(state, &state.channels[&id])))
}

pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    let id = call.id(0)?;
    require(state, id, MANAGE_THREADS)?;
    let gone = shapes::channel(state, &state.channels[&id]);
    state.channels.remove(&id);
    let event = if gone["thread_metadata"].is_object() {
        "THREAD_DELETE"
    } else {
        "CHANNEL_DELETE"
    };
    state
        .sessions
        .dispatch(super::super::gateway::GUILDS, event, &gone);
    state.events.push("channel", None, None, gone.clone());
    state.touch();
    Ok(Reply::Json(gone))
}
