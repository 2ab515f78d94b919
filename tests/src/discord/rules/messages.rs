//! What a message may contain (limits of Discord's documentation).

use serde_json::Value;

use super::components;
use super::form::{ApiError, Form, empty_message, integer, too_large};
use crate::discord::model::{COMPONENTS_V2, EPHEMERAL, SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS};

/// Bytes of one file.
pub const MAX_FILE: usize = 10 * 1024 * 1024;
/// Bytes of one request.
pub const MAX_REQUEST: usize = 25 * 1024 * 1024;

/// What kind of message body is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context {
    /// Whether a message is created; else edited.
    pub creating: bool,
    /// How many files came along, and the size of the largest.
    pub files: usize,
    /// Bytes of the largest file.
    pub largest: usize,
    /// Whether EPHEMERAL is a flag here.
    pub interaction: bool,
}

/// # Errors
/// What Discord answers to such a body.
pub fn check(body: &Value, context: Context) -> Result<(), ApiError> {
    if context.largest > MAX_FILE {
        return Err(too_large());
    }
    let mut form = Form::default();
    form.text("content", &body["content"], 0..=2000, false);
    embeds(&mut form, body);
    attachments(&mut form, body, context);
    allowed_mentions(&mut form, &body["allowed_mentions"]);
    let flags = flags(&mut form, body, context);
    nonce(&mut form, body);
    let v2 = flags & COMPONENTS_V2 != 0;
    components::check(&mut form, &body["components"], v2);
    if v2 {
        for key in ["content", "embeds", "poll"] {
            let given =
                !body[key].is_null() && body[key] != "" && body[key].as_array().is_none_or(|a| !a.is_empty());
            if given {
                let text =
                    format!("The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2");
                form.add(key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text);
            }
        }
    }
    form.finish()?;
    if context.creating && is_empty(body) && context.files == 0 {
        return Err(empty_message());
    }
    Ok(())
}

fn is_empty(body: &Value) -> bool {
    let nothing = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    [
        "content",
        "embeds",
        "components",
        "attachments",
        "poll",
        "sticker_ids",
    ]
    .iter()
    .all(|key| nothing(&body[*key]))
}

fn embeds(form: &mut Form, body: &Value) {
    let embeds = form.list("embeds", &body["embeds"], 10);
    let mut total = 0;
    for (index, embed) in embeds.iter().enumerate() {
        total += self::embed(form, &format!("embeds.{index}"), embed);
    }
    if total > 6000 {
        form.add(
            "embeds",
            "MAX_EMBED_SIZE_EXCEEDED",
            "Embed size exceeds maximum size of 6000",
        );
    }
}

/// Checks one embed and returns the characters that count.
fn embed(form: &mut Form, path: &str, embed: &Value) -> usize {
    let limits = [
        ("/title", 256),
        ("/description", 4096),
        ("/footer/text", 2048),
        ("/author/name", 256),
    ];
    let mut total = 0;
    for (pointer, max) in limits {
        let value = embed.pointer(pointer).unwrap_or(&Value::Null);
        form.text(
            &format!("{path}{}", pointer.replace('/', ".")),
            value,
            0..=max,
            false,
        );
        total += value.as_str().map_or(0, |text| text.chars().count());
    }
    total += fields(form, path, embed);
    let shown = [
        "title",
        "description",
        "fields",
        "image",
        "thumbnail",
        "footer",
        "author",
    ];
    let empty =
        |key: &&str| embed[*key].is_null() || embed[*key] == "" || embed[*key] == serde_json::json!([]);
    if shown.iter().all(empty) {
        form.required(&Form::at(path, "description"));
    }
    if integer(&embed["color"]).is_some_and(|color| !(0..=0xff_ffff).contains(&color)) {
        let text = "int value should be less than or equal to 16777215.";
        form.add(&Form::at(path, "color"), "NUMBER_TYPE_MAX", text);
    }
    let stamp = embed["timestamp"]
        .as_str()
        .filter(|stamp| stamp.parse::<jiff::Timestamp>().is_err());
    if let Some(stamp) = stamp {
        let text = format!("Could not parse {stamp}. Should be ISO8601.");
        form.add(&Form::at(path, "timestamp"), "DATE_TIME_TYPE_PARSE", text);
    }
    for pointer in [
        "/url",
        "/image/url",
        "/thumbnail/url",
        "/footer/icon_url",
        "/author/url",
        "/author/icon_url",
    ] {
        link(form, path, pointer, embed);
    }
    total
}

/// Checks the fields of an embed and returns the characters that count.
fn fields(form: &mut Form, path: &str, embed: &Value) -> usize {
    let mut total = 0;
    let fields = form.list(&Form::at(path, "fields"), &embed["fields"], 25);
    for (index, field) in fields.iter().enumerate() {
        for (key, max) in [("name", 256), ("value", 1024)] {
            let at = format!("{path}.fields.{index}.{key}");
            form.text(&at, &field[key], 1..=max, true);
            if field[key]
                .as_str()
                .is_some_and(|text| !text.is_empty() && text.trim().is_empty())
            {
                form.required(&at);
            }
            total += field[key].as_str().map_or(0, |text| text.chars().count());
        }
    }
    total
}

fn link(form: &mut Form, path: &str, pointer: &str, embed: &Value) {
    let Some(url) = embed
        .pointer(pointer)
        .and_then(Value::as_str)
        .filter(|url| !url.is_empty())
    else {
        return;
    };
    let at = format!("{path}{}", pointer.replace('/', "."));
    let attachment = url.starts_with("attachment://") && pointer != "/url" && pointer != "/author/url";
    if !attachment
        && !["http://", "https://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
    {
        let scheme = url.split(':').next().unwrap_or_default();
        let text = format!("Scheme \"{scheme}\" is not supported. Scheme must be one of ('http', 'https').");
        form.add(&at, "URL_TYPE_INVALID_SCHEME", text);
    }
    if url.len() > 2048 {
        form.add(&at, "BASE_TYPE_MAX_LENGTH", "Must be 2048 or fewer in length.");
    }
}

fn attachments(form: &mut Form, body: &Value, context: Context) {
    let attachments = form.list("attachments", &body["attachments"], 10);
    for (index, attachment) in attachments.iter().enumerate() {
        form.text(
            &format!("attachments.{index}.description"),
            &attachment["description"],
            0..=1024,
            false,
        );
        if super::form::snowflake(&attachment["id"]).is_none() {
            form.required(&format!("attachments.{index}.id"));
        }
    }
    if context.files > 10 {
        form.add(
            "attachments",
            "BASE_TYPE_MAX_LENGTH",
            "Must be 10 or fewer in length.",
        );
    }
}

fn allowed_mentions(form: &mut Form, allowed: &Value) {
    if allowed.is_null() {
        return;
    }
    let parse = form.list("allowed_mentions.parse", &allowed["parse"], 3);
    for (index, kind) in parse.iter().enumerate() {
        if !matches!(kind.as_str(), Some("users" | "roles" | "everyone")) {
            let text = "Value must be one of ('users', 'roles', 'everyone').";
            form.add(
                &format!("allowed_mentions.parse.{index}"),
                "BASE_TYPE_CHOICES",
                text,
            );
        }
    }
    for key in ["users", "roles"] {
        let list = form.list(&format!("allowed_mentions.{key}"), &allowed[key], 100);
        if !list.is_empty() && parse.iter().any(|kind| kind == key) {
            let text = format!("parse:[\"{key}\"] and {key}: [ids...] are mutually exclusive.");
            form.add(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                text,
            );
        }
    }
}

fn flags(form: &mut Form, body: &Value, context: Context) -> u64 {
    let flags = integer(&body["flags"]).unwrap_or(0);
    let flags = u64::try_from(flags).unwrap_or(0);
    let mut known = SUPPRESS_EMBEDS | COMPONENTS_V2;
    if context.creating {
        known |= SUPPRESS_NOTIFICATIONS;
    }
    if context.interaction {
        known |= EPHEMERAL;
    }
    if context.creating && flags & !known != 0 {
        form.add(
            "flags",
            "BASE_TYPE_INVALID_FLAGS",
            "Invalid flags for this message",
        );
    }
    flags
}

fn nonce(form: &mut Form, body: &Value) {
    if body["nonce"].is_string() {
        form.text("nonce", &body["nonce"], 0..=25, false);
    }
}
