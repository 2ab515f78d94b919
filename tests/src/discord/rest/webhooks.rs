//! What follows a first response: the original response read, edited, deleted; follow-up messages. All by the
//! interaction's token, for fifteen minutes.

use super::super::json::{self as shapes, Urls};
use super::super::model::{EPHEMERAL, Interaction, Kind, Stage};
use super::super::rules::form::{ApiError, invalid_webhook_token, unknown_message, unknown_webhook};
use super::super::rules::messages::{Context, check};
use super::super::state::State;
use super::interactions::{answered_by, origin};
use super::messages::{apply_edit, context};
use super::{Call, Draft, Outcome, Reply, draft_message};

/// How long an interaction's token is good.
pub(in crate::discord) const TOKEN_MS: i64 = 900_000;

/// The interaction whose token is in the path, acknowledged and young enough.
fn acknowledged(state: &State, call: &Call) -> Result<Interaction, ApiError> {
    let token = call.params.get(1).map_or("", String::as_str);
    if call.id(0)? != state.application_id {
        return Err(unknown_webhook());
    }
    let id = state.by_token(token).ok_or_else(invalid_webhook_token)?;
    let one = &state.interactions[&id];
    if state.now() - one.created_ms > TOKEN_MS {
        return Err(invalid_webhook_token());
    }
    if one.acked_ms.is_none() || one.kind == Kind::Autocomplete {
        return Err(unknown_webhook());
    }
    Ok(one.clone())
}

/// `@original` or the id of a message that belongs to this interaction.
fn message_id(state: &State, one: &Interaction, call: &Call) -> Result<u64, ApiError> {
    let id = match call.params.get(2).map(String::as_str) {
        Some("@original") => one.original.ok_or_else(unknown_message)?,
        _ => call.id(2)?,
    };
    let belongs = one.original == Some(id) || one.followups.contains(&id);
    let alive = state.messages.get(&id).is_some_and(|message| !message.deleted);
    if belongs && alive {
        Ok(id)
    } else {
        Err(unknown_message())
    }
}

pub(super) fn get(state: &mut State, call: &Call) -> Outcome {
    let one = acknowledged(state, call)?;
    let id = message_id(state, &one, call)?;
    Ok(Reply::Json(shapes::message(
        state,
        &state.messages[&id],
        Urls::Cdn,
    )))
}

pub(super) fn edit(state: &mut State, call: &Call) -> Outcome {
    let one = acknowledged(state, call)?;
    let id = message_id(state, &one, call)?;
    check(
        &call.body,
        Context {
            interaction: true,
            ..context(call, false)
        },
    )?;
    apply_edit(state, id, call)?;
    if one.original == Some(id) {
        settle(state, &one, id);
    }
    Ok(Reply::Json(shapes::message(
        state,
        &state.messages[&id],
        Urls::Cdn,
    )))
}

/// A deferred interaction has its answer.
fn settle(state: &mut State, one: &Interaction, message: u64) {
    if matches!(one.stage, Stage::Deferred { .. } | Stage::Failed(_)) {
        answered_by(state, one.id, message);
        state.set_stage(one.id, Stage::Answered);
    }
}

pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    let one = acknowledged(state, call)?;
    let id = message_id(state, &one, call)?;
    state.delete_message(id);
    if one.original == Some(id) {
        settle(state, &one, id);
    }
    Ok(Reply::Empty)
}

/// A follow-up; the first one after a "thinking" response takes that one's place, ephemerality included.
pub(super) fn follow_up(state: &mut State, call: &Call) -> Outcome {
    let one = acknowledged(state, call)?;
    check(
        &call.body,
        Context {
            interaction: true,
            ..context(call, true)
        },
    )?;
    let thinking = one
        .original
        .filter(|_| one.stage == Stage::Deferred { update: false });
    if let Some(id) = thinking {
        apply_edit(state, id, call)?;
        settle(state, &one, id);
        return Ok(Reply::Json(shapes::message(
            state,
            &state.messages[&id],
            Urls::Cdn,
        )));
    }
    let (author_id, origin) = (state.application_id, Some(origin(&one)));
    let draft = Draft {
        channel_id: one.channel_id,
        author_id,
        body: &call.body,
        files: &call.files,
        origin,
    };
    let mut message = draft_message(state, draft);
    // A follow-up is shown as a reply to the response, to those who see both.
    let response = one.original.and_then(|id| state.messages.get(&id));
    let visible = response.is_some_and(|first| !first.is_ephemeral() || message.flags & EPHEMERAL != 0);
    message.reply_to = one.original.filter(|_| visible);
    let id = message.id;
    if let Some(one) = state.interactions.get_mut(&one.id) {
        one.followups.push(id);
    }
    state.post(message);
    if one.stage == (Stage::Deferred { update: true }) {
        settle(state, &one, id);
    }
    Ok(Reply::Json(shapes::message(
        state,
        &state.messages[&id],
        Urls::Cdn,
    )))
}
