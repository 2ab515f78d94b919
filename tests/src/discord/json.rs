//! How the nouns look on the wire. The fields are those which Discord sends, and at least those which serenity 0.12.5
//! insists on.

use serde_json::{Map, Value, json};

use super::clock::iso;
use super::model::HAS_THREAD;
use super::model::{Attachment, Channel, Interaction, Kind, Member, Message, Role, Stage};
use super::permissions;
use super::state::{Command, State};

/// From where attachments are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urls {
    /// Discord's CDN, for the bot.
    Cdn,
    /// The page's own server.
    Page,
}

/// A user.
pub fn user(member: &Member) -> Value {
    json!({
        "id": member.id.to_string(), "username": member.username, "global_name": member.display_name,
        "discriminator": "0", "avatar": null, "bot": member.bot, "system": false, "public_flags": 0, "flags": 0,
        "banner": null, "accent_color": null, "avatar_decoration_data": null, "primary_guild": null,
    })
}

/// The bot's own user with what only the bot itself sees.
pub fn current_user(state: &State) -> Value {
    let mut me = state.members.get(&state.application_id).map_or(Value::Null, user);
    me["verified"] = json!(true);
    me["mfa_enabled"] = json!(true);
    me["email"] = Value::Null;
    me["locale"] = json!("en-US");
    me
}

/// A user by id, who may have left the guild.
pub fn user_by_id(state: &State, id: u64) -> Value {
    match state.members.get(&id) {
        Some(member) => user(member),
        None => json!({"id": id.to_string(), "username": format!("deleted_user_{id}"), "global_name": null,
            "discriminator": "0", "avatar": null, "public_flags": 0}),
    }
}

/// A member of the guild.
pub fn member(member: &Member) -> Value {
    json!({
        "user": user(member), "nick": null, "avatar": null, "banner": null,
        "roles": member.roles.iter().map(u64::to_string).collect::<Vec<_>>(),
        "joined_at": iso(member.joined_ms), "premium_since": null, "deaf": false, "mute": false, "flags": 0,
        "pending": false, "communication_disabled_until": null, "unusual_dm_activity_until": null,
    })
}

/// A role.
pub fn role(state: &State, role: &Role) -> Value {
    let position = state.roles.keys().position(|id| *id == role.id).unwrap_or(0);
    let position = if role.id == state.guild_id {
        0
    } else {
        position.max(1)
    };
    let mut tags = Map::new();
    if role.managed {
        tags.insert("bot_id".to_owned(), json!(state.application_id.to_string()));
    }
    let mut out = json!({
        "id": role.id.to_string(), "name": role.name, "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": null, "tertiary_color": null},
        "hoist": false, "icon": null, "unicode_emoji": null, "position": position,
        "permissions": role.permissions.to_string(), "managed": role.managed, "mentionable": role.mentionable,
        "flags": 0, "description": null,
    });
    if !tags.is_empty() {
        out["tags"] = Value::Object(tags);
    }
    out
}

/// A channel or a thread.
pub fn channel(state: &State, channel: &Channel) -> Value {
    let last = state
        .messages
        .values()
        .rev()
        .find(|m| m.channel_id == channel.id && m.only_for.is_none());
    let last = last.map(|message| message.id.to_string());
    let mut out = json!({
        "id": channel.id.to_string(), "guild_id": state.guild_id.to_string(), "name": channel.name,
        "last_message_id": last, "rate_limit_per_user": 0, "flags": 0,
    });
    if let Some(thread) = &channel.thread {
        let count = state
            .in_channel(channel.id)
            .filter(|message| message.only_for.is_none())
            .count();
        out["type"] = json!(thread.kind);
        out["parent_id"] = json!(thread.parent_id.to_string());
        out["owner_id"] = json!(thread.owner_id.to_string());
        out["message_count"] = json!(count);
        out["total_message_sent"] = json!(count);
        out["member_count"] = json!(thread.members.len().min(50));
        out["thread_metadata"] = json!({
            "archived": thread.archived, "auto_archive_duration": thread.auto_archive_minutes,
            "archive_timestamp": iso(thread.archive_ms), "locked": thread.locked,
            "create_timestamp": iso(thread.created_ms),
        });
    } else {
        let top_level = state.channels.values().filter(|other| other.thread.is_none());
        out["type"] = json!(0);
        out["position"] = json!(top_level.take_while(|other| other.id != channel.id).count());
        out["topic"] = json!(channel.topic);
        out["nsfw"] = json!(false);
        out["parent_id"] = Value::Null;
        out["permission_overwrites"] = channel.overwrites.iter().map(overwrite).collect();
    }
    out
}

fn overwrite(over: &super::model::Overwrite) -> Value {
    json!({"id": over.target.to_string(), "type": u8::from(over.member),
        "allow": over.allow.to_string(), "deny": over.deny.to_string()})
}

/// The guild as `GET /guilds/{id}` shows it.
pub fn guild(state: &State) -> Value {
    let mut out = json!({
        "id": state.guild_id.to_string(), "name": state.options.guild_name, "owner_id": state.owner_id.to_string(),
        "afk_timeout": 300, "widget_enabled": false, "verification_level": 1, "default_message_notifications": 1,
        "explicit_content_filter": 0, "roles": state.roles.values().map(|one| role(state, one)).collect::<Vec<_>>(),
        "emojis": [], "features": ["COMMUNITY"], "mfa_level": 0, "system_channel_flags": 0, "max_members": 500_000,
        "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": "en-US",
        "max_video_channel_users": 25, "max_stage_video_channel_users": 50, "nsfw_level": 0, "stickers": [],
        "premium_progress_bar_enabled": false, "region": "deprecated", "nsfw": false,
    });
    for key in [
        "icon",
        "icon_hash",
        "splash",
        "discovery_splash",
        "afk_channel_id",
        "widget_channel_id",
        "application_id",
        "system_channel_id",
        "rules_channel_id",
        "max_presences",
        "vanity_url_code",
        "description",
        "banner",
        "public_updates_channel_id",
        "safety_alerts_channel_id",
        "incidents_data",
        "hub_type",
        "home_header",
    ] {
        out[key] = Value::Null;
    }
    out
}

/// The guild as GUILD_CREATE shows it.
pub fn guild_create(state: &State) -> Value {
    let mut out = guild(state);
    let bot = state.members.get(&state.application_id);
    let visible = |channel: &&Channel| {
        permissions::of(state, state.application_id, Some(channel.id)) & permissions::VIEW_CHANNEL != 0
    };
    let shown: Vec<&Channel> = state.channels.values().filter(visible).collect();
    let list = |threads: bool| -> Vec<Value> {
        let chosen = shown.iter().filter(|one| {
            one.thread.is_some() == threads && one.thread.as_ref().is_none_or(|thread| !thread.archived)
        });
        chosen.map(|one| channel(state, one)).collect()
    };
    out["joined_at"] = json!(iso(bot.map_or(0, |bot| bot.joined_ms)));
    out["large"] = json!(state.members.len() > 250);
    out["unavailable"] = json!(false);
    out["member_count"] = json!(state.members.len());
    out["voice_states"] = json!([]);
    out["members"] = json!(bot.map(member).into_iter().collect::<Vec<_>>());
    out["channels"] = json!(list(false));
    out["threads"] = json!(list(true));
    out["presences"] = json!([]);
    out["stage_instances"] = json!([]);
    out["guild_scheduled_events"] = json!([]);
    out["soundboard_sounds"] = json!([]);
    out
}

/// The application as its own bot sees it.
pub fn application(state: &State) -> Value {
    json!({
        "id": state.application_id.to_string(), "name": "ceo", "icon": null, "description": "", "summary": "",
        "type": null, "bot_public": false, "bot_require_code_grant": false, "verify_key": "0".repeat(64),
        "flags": 0, "hook": true, "bot": current_user(state), "rpc_origins": [], "redirect_uris": [],
        "interactions_endpoint_url": null, "role_connections_verification_url": null, "tags": [],
        "owner": user_by_id(state, state.owner_id), "team": null, "guild_id": null,
        "approximate_guild_count": 1, "approximate_user_install_count": 0,
        "integration_types_config": {"0": {"oauth2_install_params": {
            "scopes": ["applications.commands", "bot"], "permissions": permissions::BOT.to_string()}}},
        "install_params": {"scopes": ["applications.commands", "bot"], "permissions": permissions::BOT.to_string()},
    })
}

/// A registered command; the localization dictionaries only when asked for.
pub fn command(state: &State, command: &Command, with_localizations: bool) -> Value {
    let mut out = command.body.clone();
    if !with_localizations {
        strip_localizations(&mut out);
    } else if out.get("name_localizations").is_none() {
        out["name_localizations"] = Value::Null;
    }
    if with_localizations && out.get("description_localizations").is_none() {
        out["description_localizations"] = Value::Null;
    }
    for (key, default) in [
        ("type", json!(1)),
        ("default_member_permissions", Value::Null),
        ("nsfw", json!(false)),
        ("contexts", Value::Null),
        ("integration_types", json!([0])),
    ] {
        if out.get(key).is_none() {
            out[key] = default;
        }
    }
    out["id"] = json!(command.id.to_string());
    out["application_id"] = json!(state.application_id.to_string());
    out["version"] = json!(command.version.to_string());
    match command.guild {
        Some(guild) => out["guild_id"] = json!(guild.to_string()),
        None => out["dm_permission"] = json!(true),
    }
    out
}

fn strip_localizations(node: &mut Value) {
    if let Some(map) = node.as_object_mut() {
        map.remove("name_localizations");
        map.remove("description_localizations");
        for key in ["options", "choices"] {
            map.get_mut(key)
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
                .for_each(strip_localizations);
        }
    }
}

fn attachment(message: &Message, file: &Attachment, urls: Urls) -> Value {
    let url = attachment_url(message, file, urls);
    let mut out = json!({
        "id": file.id.to_string(), "filename": file.filename, "size": file.bytes.len(), "url": url,
        "proxy_url": url, "content_type": file.content_type,
    });
    if let Some(text) = &file.description {
        out["description"] = json!(text);
    }
    if let Some((width, height)) = png_size(&file.bytes) {
        out["width"] = json!(width);
        out["height"] = json!(height);
    }
    if message.is_ephemeral() {
        out["ephemeral"] = json!(true);
    }
    out
}

/// Where a file is fetched.
pub fn attachment_url(message: &Message, file: &Attachment, urls: Urls) -> String {
    match urls {
        Urls::Cdn => format!(
            "https://cdn.discordapp.com/attachments/{}/{}/{}",
            message.channel_id, file.id, file.filename
        ),
        Urls::Page => format!(
            "/attachments/{}/{}/{}",
            message.channel_id, message.id, file.filename
        ),
    }
}

fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.get(..24)?;
    let number = |at: usize| {
        header
            .get(at..at + 4)
            .map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
    };
    if header.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some((number(16)?, number(20)?))
    } else {
        None
    }
}

/// Replaces `attachment://name` in embeds by where the file is.
fn resolve_embed(message: &Message, embed: &Value, urls: Urls) -> Value {
    let mut out = embed.clone();
    out["type"] = json!("rich");
    for key in ["image", "thumbnail", "author", "footer"] {
        let field = if matches!(key, "image" | "thumbnail") {
            "url"
        } else {
            "icon_url"
        };
        let name = out[key][field]
            .as_str()
            .and_then(|url| url.strip_prefix("attachment://"));
        let file = name.and_then(|name| message.attachments.iter().find(|file| file.filename == name));
        if let Some(url) = file.map(|file| attachment_url(message, file, urls)) {
            out[key][field] = json!(url);
        }
    }
    out
}

fn message_type(message: &Message) -> u8 {
    match &message.origin {
        Some(origin) if origin.kind == 2 && message.reply_to.is_none() => 20,
        _ if message.reply_to.is_some() => 19,
        _ => 0,
    }
}

/// A message. Everything but the thread it may carry and the message to which it replies, which are nested once.
pub fn message(state: &State, message: &Message, urls: Urls) -> Value {
    let mut out = bare_message(state, message, urls);
    if let Some(reply) = message.reply_to {
        out["message_reference"] = json!({"type": 0, "message_id": reply.to_string(),
            "channel_id": message.channel_id.to_string(), "guild_id": state.guild_id.to_string()});
        let target = state.messages.get(&reply).filter(|target| !target.deleted);
        out["referenced_message"] = target.map_or(Value::Null, |target| bare_message(state, target, urls));
    }
    if let Some(thread) = message.thread_id.and_then(|id| state.channels.get(&id)) {
        out["thread"] = channel(state, thread);
    }
    out
}

/// A message as the bot receives it: without MESSAGE_CONTENT what others write is hidden, unless they mention the bot.
pub fn message_for_bot(state: &State, one: &Message) -> Value {
    let mut out = message(state, one, Urls::Cdn);
    let me = state.application_id;
    let hears = state.options.privileged_intents & (1 << 15) != 0;
    if !hears && one.author_id != me && !one.pings.users.contains(&me) {
        out["content"] = json!("");
        for key in ["embeds", "components", "attachments"] {
            out[key] = json!([]);
        }
    }
    out
}

fn bare_message(state: &State, message: &Message, urls: Urls) -> Value {
    let flags = message.flags
        | if message.thread_id.is_some() {
            HAS_THREAD
        } else {
            0
        };
    let mut out = json!({
        "id": message.id.to_string(), "channel_id": message.channel_id.to_string(),
        "author": user_by_id(state, message.author_id), "content": message.content,
        "timestamp": iso(message.created_ms), "edited_timestamp": message.edited_ms.map(iso), "tts": false,
        "mention_everyone": message.pings.everyone,
        "mentions": message.pings.users.iter().map(|id| user_by_id(state, *id)).collect::<Vec<_>>(),
        "mention_roles": message.pings.roles.iter().map(u64::to_string).collect::<Vec<_>>(),
        "attachments": message.attachments.iter().map(|file| attachment(message, file, urls)).collect::<Vec<_>>(),
        "embeds": message.embeds.iter().map(|embed| resolve_embed(message, embed, urls)).collect::<Vec<_>>(),
        "components": number_components(&message.components), "pinned": false, "flags": flags,
        "type": message_type(message),
    });
    if let Some(nonce) = &message.nonce {
        out["nonce"] = json!(nonce);
    }
    if let Some(origin) = &message.origin {
        out["application_id"] = json!(state.application_id.to_string());
        out["webhook_id"] = json!(state.application_id.to_string());
        let asker = user_by_id(state, origin.user_id);
        out["interaction_metadata"] = json!({
            "id": origin.interaction_id.to_string(), "type": origin.kind, "user": asker, "name": origin.name,
            "authorizing_integration_owners": {"0": state.guild_id.to_string()},
        });
        if origin.kind == 5 {
            out["interaction_metadata"]["triggering_interaction_metadata"] = json!({
                "id": origin.interaction_id.to_string(), "type": 2, "user": user_by_id(state, origin.user_id),
                "name": origin.name, "authorizing_integration_owners": {"0": state.guild_id.to_string()},
            });
        }
        if origin.kind == 3 {
            out["interaction_metadata"]["interacted_message_id"] =
                json!(message.reply_to.unwrap_or(message.id).to_string());
        }
        if origin.kind == 2 {
            out["interaction"] = json!({"id": origin.interaction_id.to_string(), "type": 2, "name": origin.name,
                "user": user_by_id(state, origin.user_id)});
        }
    }
    out
}

/// Discord numbers the components of a message from 1, containers first.
fn number_components(components: &[Value]) -> Vec<Value> {
    fn walk(node: &mut Value, next: &mut u64) {
        if node["id"].as_u64().is_none() {
            node["id"] = json!(*next);
            *next += 1;
        }
        for part in node
            .get_mut("components")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            walk(part, next);
        }
        if node["accessory"].is_object() {
            walk(&mut node["accessory"], next);
        }
    }
    let mut out = components.to_vec();
    let mut next = 1;
    out.iter_mut().for_each(|row| walk(row, &mut next));
    out
}

/// INTERACTION_CREATE.
pub fn interaction(state: &State, one: &Interaction) -> Value {
    let mut asker = state.members.get(&one.user_id).map_or(Value::Null, member);
    let locale = state
        .members
        .get(&one.user_id)
        .map_or("en-US", |asker| asker.locale.as_str());
    asker["permissions"] = json!(permissions::of(state, one.user_id, Some(one.channel_id)).to_string());
    let place = state
        .channels
        .get(&one.channel_id)
        .map_or(Value::Null, |place| channel(state, place));
    let mut out = json!({
        "id": one.id.to_string(), "application_id": state.application_id.to_string(), "type": one.kind as u8,
        "token": one.token, "version": 1, "data": one.data, "guild_id": state.guild_id.to_string(),
        "guild": {"id": state.guild_id.to_string(), "locale": "en-US", "features": ["COMMUNITY"]},
        "channel_id": one.channel_id.to_string(), "channel": place, "member": asker, "locale": locale,
        "guild_locale": "en-US", "entitlements": [], "entitlement_sku_ids": [], "context": 0,
        "app_permissions": permissions::of(state, state.application_id, Some(one.channel_id)).to_string(),
        "authorizing_integration_owners": {"0": state.guild_id.to_string()}, "attachment_size_limit": 10_485_760,
    });
    out["channel"]["permissions"] = out["member"]["permissions"].clone();
    if let Some(source) = one.source.and_then(|id| state.messages.get(&id)) {
        out["message"] = message(state, source, Urls::Cdn);
    }
    out
}

/// What a person's client is told of its own interaction.
pub fn interaction_event(one: &Interaction) -> Value {
    let id = one.id.to_string();
    match &one.stage {
        Stage::Sent => json!({"id": id, "state": "sent"}),
        Stage::Deferred { .. } => json!({"id": id, "state": "deferred"}),
        Stage::Answered => json!({"id": id, "state": "answered"}),
        Stage::Choices(choices) => json!({"id": id, "state": "answered", "choices": choices}),
        Stage::Modal(modal) => json!({"id": id, "state": "modal", "modal": {
            "interaction_id": id, "custom_id": modal.custom_id, "title": modal.title, "components": modal.components}}),
        Stage::Failed(error) => json!({"id": id, "state": "failed", "error": error}),
    }
}

/// Whether an interaction of this kind has a message with which it began.
pub fn has_source(kind: Kind) -> bool {
    matches!(kind, Kind::Component | Kind::Modal)
}
