//! The guild, its roles, members and channels; the application; the gateway's address.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::json as shapes;
use super::super::permissions::{self, VIEW_CHANNEL};
use super::super::rules::form::{
    ApiError, missing_access, unknown_channel, unknown_guild, unknown_member, unknown_user,
};
use super::super::state::State;
use super::{Call, Outcome, Reply};

pub(super) fn gateway(state: &mut State, _: &Call) -> Outcome {
    Ok(Reply::Json(json!({"url": state.gateway_url})))
}

pub(super) fn gateway_bot(state: &mut State, _: &Call) -> Outcome {
    let used = state.sessions.identifies();
    Ok(Reply::Json(
        json!({"url": state.gateway_url, "shards": 1, "session_start_limit": {
        "total": 1000, "remaining": 1000_usize.saturating_sub(used), "reset_after": 86_400_000, "max_concurrency": 1}}),
    ))
}

pub(super) fn me(state: &mut State, _: &Call) -> Outcome {
    Ok(Reply::Json(shapes::current_user(state)))
}

pub(super) fn my_guilds(state: &mut State, _: &Call) -> Outcome {
    let bits = permissions::of(state, state.application_id, None);
    Ok(Reply::Json(
        json!([{"id": state.guild_id.to_string(), "name": state.options.guild_name, "icon": null,
        "banner": null, "owner": false, "permissions": bits.to_string(), "features": ["COMMUNITY"]}]),
    ))
}

pub(super) fn user(state: &mut State, call: &Call) -> Outcome {
    let member = state.members.get(&call.id(0)?).ok_or_else(unknown_user)?;
    Ok(Reply::Json(shapes::user(member)))
}

pub(super) fn application(state: &mut State, _: &Call) -> Outcome {
    Ok(Reply::Json(shapes::application(state)))
}

/// The guild of the request's first placeholder must be the one there is.
fn ours(state: &State, call: &Call) -> Result<(), ApiError> {
    if call.id(0)? == state.guild_id {
        Ok(())
    } else {
        Err(unknown_guild())
    }
}

pub(super) fn guild(state: &mut State, call: &Call) -> Outcome {
    ours(state, call)?;
    let mut out = shapes::guild(state);
    if call.param("with_counts") == Some("true") {
        out["approximate_member_count"] = json!(state.members.len());
        out["approximate_presence_count"] = json!(state.members.len());
    }
    Ok(Reply::Json(out))
}

pub(super) fn roles(state: &mut State, call: &Call) -> Outcome {
    ours(state, call)?;
    Ok(Reply::Json(
        state
            .roles
            .values()
            .map(|role| shapes::role(state, role))
            .collect(),
    ))
}

pub(super) fn role(state: &mut State, call: &Call) -> Outcome {
    ours(state, call)?;
    let role = state
        .roles
        .get(&call.id(1)?)
        .ok_or_else(|| ApiError::new(404, 10011, "Unknown Role"))?;
    Ok(Reply::Json(shapes::role(state, role)))
}

/// Members by role id; `@everyone` is not among them, and bots count like people.
pub(super) fn role_member_counts(state: &mut State, call: &Call) -> Outcome {
    ours(state, call)?;
    let counts: BTreeMap<String, usize> = state
        .roles
        .keys()
        .filter(|id| **id != state.guild_id)
        .map(|id| {
            (
                id.to_string(),
                state
                    .members
                    .values()
                    .filter(|member| member.roles.contains(id))
                    .count(),
            )
        })
        .collect();
    Ok(Reply::Json(json!(counts)))
}

pub(super) fn channels(state: &mut State, call: &Call) -> Outcome {
    ours(state, call)?;
    let visible = |id| permissions::of(state, state.application_id, Some(id)) & VIEW_CHANNEL != 0;
    let shown = state
        .channels
        .values()
        .filter(|channel| channel.thread.is_none() && visible(channel.id));
    Ok(Reply::Json(
        shown.map(|channel| shapes::channel(state, channel)).collect(),
    ))
}

pub(super) fn active_threads(state: &mut State, call: &Call) -> Outcome {
    ours(state, call)?;
    let active = state
        .channels
        .values()
        .filter(|one| one.thread.as_ref().is_some_and(|thread| !thread.archived));
    let threads: Vec<Value> = active.map(|channel| shapes::channel(state, channel)).collect();
    Ok(Reply::Json(json!({"threads": threads, "members": []})))
}

/// Listing members needs the privileged GUILD_MEMBERS intent.
pub(super) fn members(state: &mut State, call: &Call) -> Outcome {
    ours(state, call)?;
    if state.options.privileged_intents & (1 << 1) == 0 {
        return Err(missing_access());
    }
    let limit = call
        .param("limit")
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(1);
    Ok(Reply::Json(
        state.members.values().take(limit).map(shapes::member).collect(),
    ))
}

pub(super) fn member(state: &mut State, call: &Call) -> Outcome {
    ours(state, call)?;
    let member = state.members.get(&call.id(1)?).ok_or_else(unknown_member)?;
    Ok(Reply::Json(shapes::member(member)))
}

/// The CDN: `/attachments/{channel}/{attachment}/{name}`.
pub(super) fn attachment(state: &mut State, call: &Call) -> Outcome {
    let (channel, id) = (call.id(0)?, call.id(1)?);
    let files = state.in_channel(channel).flat_map(|message| &message.attachments);
    let file = files
        .into_iter()
        .find(|file| file.id == id)
        .ok_or_else(unknown_channel)?;
    Ok(Reply::File(file.bytes.clone(), file.content_type.clone()))
}
