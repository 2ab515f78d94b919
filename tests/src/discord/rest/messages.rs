//! Messages: create with nonce, files and replies; edit with the rules about attachments; delete, get, list.

use serde_json::Value;

use super::super::json::{self as shapes, Urls};
use super::super::log::Offence;
use super::super::model::{
    Attachment, COMPONENTS_V2, EPHEMERAL, LOADING, Message, Origin, Pings, Revision, SUPPRESS_NOTIFICATIONS,
};
use super::super::permissions::{
    self, ATTACH_FILES, EMBED_LINKS, MANAGE_MESSAGES, MENTION_EVERYONE, READ_MESSAGE_HISTORY, SEND_MESSAGES,
    SEND_MESSAGES_IN_THREADS, VIEW_CHANNEL,
};
use super::super::rules::form::{
    ApiError, Form, empty_message, integer, missing_access, missing_permissions, no_history,
    not_your_message, snowflake, thread_archived, unknown_channel, unknown_message,
};
use super::super::rules::messages::{Context, check};
use super::super::state::State;
use super::{Call, File, Outcome, Reply};

const HOUR_MS: i64 = 3_600_000;
/// How long a nonce is remembered ("the past few minutes").
const NONCE_MS: i64 = 300_000;

/// What the bodies of all routes that make messages have in common.
#[derive(Debug)]
pub(in crate::discord) struct Draft<'a> {
    pub(in crate::discord) channel_id: u64,
    pub(in crate::discord) author_id: u64,
    pub(in crate::discord) body: &'a Value,
    pub(in crate::discord) files: &'a [File],
    pub(in crate::discord) origin: Option<Origin>,
}

/// The check of a message body for a call.
pub(super) fn context(call: &Call, creating: bool) -> Context {
    let largest = call.files.iter().map(|file| file.bytes.len()).max().unwrap_or(0);
    Context {
        creating,
        files: call.files.len(),
        largest,
        interaction: false,
    }
}

/// The bot must see the channel and have these permissions there.
pub(super) fn require(state: &State, channel: u64, bits: u64) -> Result<(), ApiError> {
    if !state.channels.contains_key(&channel) {
        return Err(unknown_channel());
    }
    let have = permissions::of(state, state.application_id, Some(channel));
    if have & VIEW_CHANNEL == 0 {
        return Err(missing_access());
    }
    if have & bits == bits {
        Ok(())
    } else {
        Err(missing_permissions())
    }
}

/// A message made of a request's body; not stored yet.
pub(in crate::discord) fn draft_message(state: &mut State, draft: Draft<'_>) -> Message {
    let Draft {
        channel_id,
        author_id,
        body,
        files,
        origin,
    } = draft;
    let id = state.snowflake();
    let attachments = new_files(state, body, files);
    let content = body["content"].as_str().unwrap_or_default().to_owned();
    let pings = pings(state, &content, &body["allowed_mentions"], author_id);
    if author_id == state.application_id {
        unasked_mention(state, id, &content, body);
    }
    let flags = integer(&body["flags"])
        .and_then(|bits| u64::try_from(bits).ok())
        .unwrap_or(0);
    Message {
        id,
        channel_id,
        author_id,
        from_bot: author_id == state.application_id,
        content,
        embeds: array(&body["embeds"]),
        components: array(&body["components"]),
        attachments,
        flags: flags & !LOADING,
        created_ms: state.now(),
        shown_ms: state.now(),
        edited_ms: None,
        nonce: nonce(body),
        reply_to: None,
        only_for: origin
            .as_ref()
            .filter(|_| flags & EPHEMERAL != 0)
            .map(|origin| origin.user_id),
        origin,
        pings,
        revisions: Vec::new(),
        deleted: false,
        read: false,
        thread_id: None,
    }
}

fn array(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn nonce(body: &Value) -> Option<String> {
    match &body["nonce"] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The uploaded files with what `attachments` says of them.
fn new_files(state: &mut State, body: &Value, files: &[File]) -> Vec<Attachment> {
    let described = body["attachments"].as_array();
    let mut out = Vec::new();
    for file in files {
        let entry =
            described.and_then(|all| all.iter().find(|one| snowflake(&one["id"]) == Some(file.index)));
        let text = |key: &str| entry.and_then(|entry| entry[key].as_str()).map(str::to_owned);
        out.push(Attachment {
            id: state.snowflake(),
            filename: text("filename").unwrap_or_else(|| file.name.clone()),
            description: text("description"),
            content_type: file.content_type.clone(),
            bytes: file.bytes.clone(),
        });
    }
    out
}

/// Ids in `<@1>`, `<@!1>` or `<@&1>`.
fn mentioned(content: &str, prefix: &str) -> Vec<u64> {
    let mut ids: Vec<u64> = content
        .split(prefix)
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .filter_map(|(id, _)| id.trim_start_matches('!').parse().ok())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// A good bot says whom it means to ping, above all when it means nobody.
fn unasked_mention(state: &mut State, id: u64, content: &str, body: &Value) {
    if body["allowed_mentions"].is_null() && has_mention(state, content) {
        let text = format!("message {id} mentions people without allowed_mentions: {content}");
        state.log.offend(Offence::Mention, text);
    }
}

fn has_mention(state: &State, content: &str) -> bool {
    let everyone = content.contains("@everyone") || content.contains("@here");
    let roles = mentioned(content, "<@&")
        .iter()
        .any(|id| state.roles.contains_key(id));
    everyone
        || roles
        || mentioned(content, "<@")
            .iter()
            .any(|id| state.members.contains_key(id))
}

/// Whom a text pings, given `allowed_mentions` and the author's rights.
fn pings(state: &State, content: &str, allowed: &Value, author: u64) -> Pings {
    let parses = |kind: &str| {
        allowed["parse"]
            .as_array()
            .is_some_and(|list| list.iter().any(|one| one == kind))
    };
    let lists = |key: &str, id: u64| {
        allowed[key]
            .as_array()
            .is_some_and(|ids| ids.iter().any(|one| snowflake(one) == Some(id)))
    };
    let all = allowed.is_null();
    let may = permissions::of(state, author, None) & MENTION_EVERYONE != 0;
    let user_ids = mentioned(content, "<@")
        .into_iter()
        .filter(|id| state.members.contains_key(id));
    let role_ids = mentioned(content, "<@&")
        .into_iter()
        .filter(|id| state.roles.contains_key(id));
    Pings {
        users: user_ids
            .filter(|id| all || parses("users") || lists("users", *id))
            .collect(),
        // Discord pings a role for a bot when the role may be mentioned, or when the bot names it on purpose.
        roles: role_ids
            .filter(|id| {
                lists("roles", *id) || ((all || parses("roles")) && (may || state.roles[id].mentionable))
            })
            .collect(),
        everyone: may
            && (all || parses("everyone"))
            && (content.contains("@everyone") || content.contains("@here")),
    }
}

pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let channel = call.id(0)?;
    check(&call.body, context(call, true))?;
    may_send(state, channel, call)?;
    let reply_to = reply_target(state, channel, &call.body)?;
    if call.body["enforce_nonce"] == true
        && let Some(before) = same_nonce(state, &call.body)
    {
        return Ok(Reply::Json(shapes::message(state, before, Urls::Cdn)));
    }
    wake_thread(state, channel)?;
    let author_id = state.application_id;
    let draft = Draft {
        channel_id: channel,
        author_id,
        body: &call.body,
        files: &call.files,
        origin: None,
    };
    let mut message = draft_message(state, draft);
    message.reply_to = reply_to;
    let id = message.id;
    state.post(message);
    Ok(Reply::Json(shapes::message(
        state,
        &state.messages[&id],
        Urls::Cdn,
    )))
}

fn same_nonce<'s>(state: &'s State, body: &Value) -> Option<&'s Message> {
    let nonce = nonce(body)?;
    let now = state.now();
    let young = state
        .messages
        .values()
        .rev()
        .take_while(|message| now - message.created_ms < NONCE_MS);
    let mut own = young.filter(|message| message.author_id == state.application_id && !message.deleted);
    own.find(|message| message.nonce.as_ref() == Some(&nonce))
}

fn may_send(state: &State, channel: u64, call: &Call) -> Result<(), ApiError> {
    let in_thread = state
        .channels
        .get(&channel)
        .is_some_and(|channel| channel.thread.is_some());
    let mut bits = if in_thread {
        SEND_MESSAGES_IN_THREADS
    } else {
        SEND_MESSAGES
    };
    if call.body["embeds"]
        .as_array()
        .is_some_and(|embeds| !embeds.is_empty())
    {
        bits |= EMBED_LINKS;
    }
    if !call.files.is_empty() {
        bits |= ATTACH_FILES;
    }
    require(state, channel, bits)
}

fn reply_target(state: &State, channel: u64, body: &Value) -> Result<Option<u64>, ApiError> {
    let reference = &body["message_reference"];
    if reference.is_null() {
        return Ok(None);
    }
    let target = snowflake(&reference["message_id"]);
    let exists = target
        .and_then(|id| state.messages.get(&id))
        .is_some_and(|message| {
            message.channel_id == channel && !message.deleted && message.only_for.is_none()
        });
    if exists {
        if permissions::of(state, state.application_id, Some(channel)) & READ_MESSAGE_HISTORY == 0 {
            return Err(no_history());
        }
        return Ok(target);
    }
    // `fail_if_not_exists` is true unless said otherwise.
    if reference["fail_if_not_exists"] == false {
        return Ok(None);
    }
    Form::fail(
        "message_reference",
        "MESSAGE_REFERENCE_UNKNOWN_MESSAGE",
        "Unknown message",
    )
}

/// A message un-archives a thread that is not locked.
fn wake_thread(state: &mut State, channel: u64) -> Result<(), ApiError> {
    let now = state.now();
    let Some(thread) = state
        .channels
        .get_mut(&channel)
        .and_then(|channel| channel.thread.as_mut())
    else {
        return Ok(());
    };
    if !thread.archived {
        return Ok(());
    }
    if thread.locked {
        return Err(thread_archived());
    }
    thread.archived = false;
    thread.archive_ms = now;
    state.tell_channel(channel, "THREAD_UPDATE");
    Ok(())
}

/// A message of this channel that the bot can reach by its channel (ephemeral ones it cannot).
pub(super) fn reach(state: &State, channel: u64, id: u64) -> Result<&Message, ApiError> {
    let message = state
        .messages
        .get(&id)
        .filter(|message| message.channel_id == channel && !message.deleted);
    message
        .filter(|message| message.only_for.is_none())
        .ok_or_else(unknown_message)
}

pub(super) fn get(state: &mut State, call: &Call) -> Outcome {
    let channel = call.id(0)?;
    require(state, channel, READ_MESSAGE_HISTORY)?;
    let message = reach(state, channel, call.id(1)?)?;
    Ok(Reply::Json(shapes::message_for_bot(state, message)))
}

fn list_param(call: &Call, name: &str) -> Option<u64> {
    call.param(name).and_then(|value| value.parse().ok())
}

/// Newest first, as Discord lists them; `before`, `after`, `around` and `limit` (50, at most 100).
fn list_messages(state: &State, channel: u64, call: &Call) -> Vec<Value> {
    let limit = usize::try_from(list_param(call, "limit").unwrap_or(50)).unwrap_or(50);
    let before = list_param(call, "before")
        .or(list_param(call, "around").map(|id| id + 1))
        .unwrap_or(u64::MAX);
    let after = list_param(call, "after").unwrap_or(0);
    let public = state
        .in_channel(channel)
        .filter(|message| message.only_for.is_none());
    let chosen = public.filter(|message| message.id < before && message.id > after);
    let mut chosen: Vec<&Message> = if after > 0 {
        chosen.take(limit).collect()
    } else {
        chosen.rev().take(limit).collect()
    };
    chosen.sort_by_key(|message| std::cmp::Reverse(message.id));
    chosen
        .into_iter()
        .map(|message| shapes::message_for_bot(state, message))
        .collect()
}

pub(super) fn list(state: &mut State, call: &Call) -> Outcome {
    let channel = call.id(0)?;
    require(state, channel, 0)?;
    if list_param(call, "limit").is_some_and(|limit| !(1..=100).contains(&limit)) {
        return Form::fail(
            "limit",
            "NUMBER_TYPE_RANGE",
            "int value should be between 1 and 100.",
        );
    }
    let may = permissions::of(state, state.application_id, Some(channel)) & READ_MESSAGE_HISTORY != 0;
    Ok(Reply::Json(if may {
        Value::Array(list_messages(state, channel, call))
    } else {
        Value::Array(Vec::new())
    }))
}

pub(super) fn edit(state: &mut State, call: &Call) -> Outcome {
    let (channel, id) = (call.id(0)?, call.id(1)?);
    check(&call.body, context(call, false))?;
    require(state, channel, 0)?;
    let message = reach(state, channel, id)?;
    if message.author_id != state.application_id {
        return Err(not_your_message());
    }
    if state
        .channels
        .get(&channel)
        .and_then(|place| place.thread.as_ref())
        .is_some_and(|thread| thread.archived)
    {
        return Err(thread_archived());
    }
    let age = state.now() - message.created_ms;
    if age > HOUR_MS {
        old_edit(state, channel)?;
    }
    apply_edit(state, id, call)?;
    Ok(Reply::Json(shapes::message(
        state,
        &state.messages[&id],
        Urls::Cdn,
    )))
}

/// Counts an edit of a message older than an hour: Discord throttles these apart, with a code of its own.
fn old_edit(state: &mut State, channel: u64) -> Result<(), ApiError> {
    let (now, limit) = (state.now(), state.buckets.rates().old_edit);
    let window = i64::try_from(limit.window.as_millis()).unwrap_or(i64::MAX);
    let edits = state.old_edits.entry(channel).or_default();
    edits.retain(|at| now - at < window);
    if edits.len() >= limit.requests as usize {
        let text = "Maximum number of edits to messages older than 1 hour reached. Try again later.";
        let mut error = ApiError::new(429, 30046, text);
        let wait = edits.front().map_or(window, |first| first + window - now);
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds of a window fit a double exactly"
        )]
        let seconds = wait as f64 / 1000.0;
        error.retry_after = Some(seconds);
        return Err(error);
    }
    edits.push_back(now);
    Ok(())
}

/// Applies the body of an edit: fields that are absent stay, null empties, `attachments` lists what is kept.
///
/// # Errors
/// When nothing would be left of the message, or an attachment is named that is not there.
pub(super) fn apply_edit(state: &mut State, id: u64, call: &Call) -> Result<(), ApiError> {
    let now = state.now();
    let uploaded = new_files(state, &call.body, &call.files);
    let old = state.messages.get(&id).cloned().ok_or_else(unknown_message)?;
    let body = &call.body;
    let mut new = old.clone();
    if body.get("content").is_some() {
        new.content = body["content"].as_str().unwrap_or_default().to_owned();
    }
    for (key, target) in [("embeds", &mut new.embeds), ("components", &mut new.components)] {
        if body.get(key).is_some() {
            *target = array(&body[key]);
        }
    }
    if body["attachments"].is_array() {
        new.attachments = kept_files(&old, body, call)?;
    }
    new.attachments.extend(uploaded);
    if let Some(flags) = integer(&body["flags"]).and_then(|bits| u64::try_from(bits).ok()) {
        let fixed = EPHEMERAL | SUPPRESS_NOTIFICATIONS;
        new.flags = (old.flags & (fixed | COMPONENTS_V2)) | (flags & !(fixed | LOADING));
    }
    new.flags &= !LOADING;
    if new.content.trim().is_empty()
        && new.embeds.is_empty()
        && new.components.is_empty()
        && new.attachments.is_empty()
    {
        return Err(empty_message());
    }
    if old.is_loading() {
        // What takes the place of "thinking" is a new message to its readers; later edits ping nobody.
        new.shown_ms = now;
        new.pings = pings(state, &new.content, &body["allowed_mentions"], old.author_id);
        unasked_mention(state, id, &new.content, body);
    } else {
        new.edited_ms = Some(now);
        new.revisions.push(Revision {
            until_ms: now,
            content: old.content,
            embeds: old.embeds,
            components: old.components,
            files: old.attachments.iter().map(|file| file.filename.clone()).collect(),
            flags: old.flags,
        });
    }
    state.messages.insert(id, new);
    state.tell_message(id, "MESSAGE_UPDATE");
    Ok(())
}

fn kept_files(old: &Message, body: &Value, call: &Call) -> Result<Vec<Attachment>, ApiError> {
    let mut kept = Vec::new();
    for entry in array(&body["attachments"]) {
        let id = snowflake(&entry["id"]);
        if let Some(file) = old.attachments.iter().find(|file| Some(file.id) == id) {
            let mut file = file.clone();
            if let Some(text) = entry["description"].as_str() {
                file.description = Some(text.to_owned());
            }
            kept.push(file);
        } else if !call.files.iter().any(|file| Some(file.index) == id) {
            let text = format!("Attachment {} not found", entry["id"]);
            return Form::fail("attachments", "ATTACHMENT_NOT_FOUND", text);
        }
    }
    Ok(kept)
}

pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    let (channel, id) = (call.id(0)?, call.id(1)?);
    require(state, channel, 0)?;
    let own = reach(state, channel, id)?.author_id == state.application_id;
    if !own {
        require(state, channel, MANAGE_MESSAGES)?;
    }
    state.delete_message(id);
    Ok(Reply::Empty)
}
