//! The first response to an interaction.

use serde_json::{Value, json};

use super::super::json::{self as shapes, Urls};
use super::super::model::{EPHEMERAL, Interaction, Kind, LOADING, Message, Modal, Origin, Stage};
use super::super::rules::callbacks::check;
use super::super::rules::form::{ApiError, already_acknowledged, unknown_interaction, unknown_message};
use super::super::state::State;
use super::messages::{apply_edit, context};
use super::{Call, Draft, Outcome, Reply, draft_message};

/// How long an interaction waits for its first response.
pub(in crate::discord) const ACK_MS: i64 = 3_000;

/// The interaction of `/interactions/{id}/{token}/callback`, when it may still have its first response.
fn waiting(state: &State, call: &Call) -> Result<Interaction, ApiError> {
    let token = call.params.get(1).map_or("", String::as_str);
    let found = state
        .interactions
        .get(&call.id(0)?)
        .filter(|one| one.token == token);
    let one = found.ok_or_else(unknown_interaction)?;
    match one.stage {
        Stage::Sent if state.now() - one.created_ms <= ACK_MS => Ok(one.clone()),
        Stage::Sent | Stage::Failed(_) if one.acked_ms.is_none() => Err(unknown_interaction()),
        _ => Err(already_acknowledged()),
    }
}

/// The interaction of which a message tells.
pub(super) fn origin(one: &Interaction) -> Origin {
    Origin {
        interaction_id: one.id,
        kind: one.kind as u8,
        name: one.name.clone(),
        user_id: one.user_id,
    }
}

pub(super) fn callback(state: &mut State, call: &Call) -> Outcome {
    let one = waiting(state, call)?;
    let kind = check(&call.body, one.kind, one.source.is_some(), context(call, true))?;
    // The files and fields of the message are in `data`.
    let data = Call {
        params: call.params.clone(),
        query: Vec::new(),
        body: call.body["data"].clone(),
        files: call.files.clone(),
    };
    match kind {
        4 => respond(state, &one, &data, Stage::Answered),
        5 => {
            let flags = call.body["data"]["flags"].as_u64().unwrap_or(0);
            let loading = Call {
                body: json!({"flags": flags}),
                files: Vec::new(),
                ..data
            };
            respond(state, &one, &loading, Stage::Deferred { update: false });
        }
        6 => {
            set_original(state, &one, one.source);
            state.set_stage(one.id, Stage::Deferred { update: true });
        }
        7 => {
            let source = one.source.ok_or_else(unknown_message)?;
            apply_edit(state, source, &data)?;
            set_original(state, &one, Some(source));
            answered_by(state, one.id, source);
            state.set_stage(one.id, Stage::Answered);
        }
        8 => {
            let choices = data.body["choices"].as_array().cloned().unwrap_or_default();
            state.set_stage(one.id, Stage::Choices(choices));
        }
        _ => state.set_stage(one.id, Stage::Modal(modal(one.id, &data.body))),
    }
    if call.param("with_response") == Some("true") {
        Ok(with_response(state, &one, kind))
    } else {
        Ok(Reply::Empty)
    }
}

/// Posts the response message; a deferred one says "thinking".
fn respond(state: &mut State, one: &Interaction, call: &Call, stage: Stage) {
    let author_id = state.application_id;
    let origin = Some(origin(one));
    let draft = Draft {
        channel_id: one.channel_id,
        author_id,
        body: &call.body,
        files: &call.files,
        origin,
    };
    let mut message = draft_message(state, draft);
    if matches!(stage, Stage::Deferred { .. }) {
        message.flags = (message.flags & EPHEMERAL) | LOADING;
    }
    if shapes::has_source(one.kind) {
        message.reply_to = one.source;
    }
    let id = message.id;
    set_original(state, one, Some(id));
    if stage == Stage::Answered {
        answered_by(state, one.id, id);
    }
    state.post(message);
    state.set_stage(one.id, stage);
}

fn set_original(state: &mut State, one: &Interaction, message: Option<u64>) {
    if let Some(one) = state.interactions.get_mut(&one.id) {
        one.original = message;
    }
}

/// Notes which message is the answer, when none has been yet.
pub(super) fn answered_by(state: &mut State, interaction: u64, message: u64) {
    if let Some(one) = state.interactions.get_mut(&interaction) {
        one.answer.get_or_insert(message);
    }
}

fn modal(interaction_id: u64, data: &Value) -> Modal {
    let text = |key: &str| data[key].as_str().unwrap_or_default().to_owned();
    let components = data["components"].as_array().cloned().unwrap_or_default();
    Modal {
        interaction_id,
        custom_id: text("custom_id"),
        title: text("title"),
        components,
    }
}

fn with_response(state: &State, one: &Interaction, kind: u64) -> Reply {
    let message: Option<&Message> = state
        .interactions
        .get(&one.id)
        .and_then(|one| one.original)
        .and_then(|id| state.messages.get(&id));
    let mut out = json!({"interaction": {"id": one.id.to_string(), "type": one.kind as u8,
        "response_message_loading": kind == 5,
        "response_message_ephemeral": message.is_some_and(Message::is_ephemeral)}});
    if let Some(message) = message.filter(|_| matches!(kind, 4 | 5 | 7)) {
        out["interaction"]["response_message_id"] = json!(message.id.to_string());
        out["resource"] = json!({"type": kind, "message": shapes::message(state, message, Urls::Cdn)});
    } else {
        out["resource"] = json!({"type": kind});
    }
    debug_assert!(one.kind != Kind::Autocomplete || kind == 8);
    Reply::Json(out)
}
