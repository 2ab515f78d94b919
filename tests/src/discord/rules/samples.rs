//! Good and bad bodies for each kind of route: the rules written here must judge them as Discord does, and Discord's own
//! OpenAPI document (where it exists) must not refuse what the rules take.

use serde_json::{Value, json};

use super::{callbacks, commands, messages, threads};
use crate::discord::log::Request;
use crate::discord::model::Kind;
use crate::discord::openapi;

const COMMANDS: &str = "/applications/1/guilds/2/commands";
const FOLLOW_UP: &str = "/webhooks/1/tok";
const ORIGINAL: &str = "/webhooks/1/tok/messages/@original";
const CALLBACK: &str = "/interactions/9/tok/callback";
const MESSAGES: &str = "/channels/3/messages";
const MESSAGE: &str = "/channels/3/messages/5";
const THREADS: &str = "/channels/3/threads";
const HANGING: &str = "/channels/3/messages/5/threads";

/// A body, and whether Discord takes it.
type Sample = (&'static str, &'static str, Value, bool);

fn refused(method: &str, path: &str, body: &Value) -> Option<Value> {
    let context = |creating| messages::Context {
        creating,
        interaction: true,
        ..Default::default()
    };
    let verdict = match (method, path) {
        ("PUT", _) => commands::check_all(body),
        ("POST", CALLBACK) => {
            let kind = if body["type"] == 8 {
                Kind::Autocomplete
            } else {
                Kind::Component
            };
            callbacks::check(body, kind, true, context(true)).map(|_| ())
        }
        ("POST", THREADS | HANGING) => threads::check(body, true),
        ("POST", _) => messages::check(body, context(true)),
        _ => messages::check(body, context(false)),
    };
    verdict.err().map(|error| error.body())
}

fn by_document(method: &str, path: &str, body: &Value) -> Vec<String> {
    let request = Request {
        at_ms: 0,
        method: method.to_owned(),
        path: path.to_owned(),
        query: String::new(),
        route: None,
        body: body.clone(),
        files: Vec::new(),
        status: 200,
        code: None,
        retry_after: None,
    };
    openapi::check(None, &[request])
}

fn judge(samples: Vec<Sample>) {
    for (method, path, body, taken) in samples {
        let ours = refused(method, path, &body);
        assert_eq!(ours.is_none(), taken, "{method} {path} {body}: {ours:?}");
        let theirs = by_document(method, path, &body);
        assert!(!taken || theirs.is_empty(), "{method} {path} {body}: {theirs:?}");
    }
}

/// `base` with the value at a JSON pointer replaced or added.
fn with(base: &Value, pointer: &str, value: Value) -> Value {
    let mut out = base.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = out.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        other => other[key] = value,
    }
    out
}

fn text_option() -> Value {
    json!({"type": 3, "name": "app", "description": "Deployment", "required": true, "autocomplete": true})
}

fn command() -> Value {
    json!({"name": "ceo", "description": "Kubernetes ops", "type": 1, "default_member_permissions": "0",
        "contexts": [0], "integration_types": [0], "description_localizations": {"zh-CN": "集群操作"},
        "options": [{"type": 2, "name": "deploy", "description": "Deploy", "options": [
            {"type": 1, "name": "restart", "description": "Restart", "options": [text_option()]}]}]})
}

fn button() -> Value {
    json!({"type": 2, "style": 4, "label": "Approve", "custom_id": "ceo:approve:42"})
}

fn embed() -> Value {
    json!({"title": "t", "description": "d", "color": 0x57_f287, "fields": [{"name": "n", "value": "v"}],
        "timestamp": "2026-01-01T00:00:00Z"})
}

fn message() -> Value {
    json!({"content": "hi", "embeds": [embed()], "components": [{"type": 1, "components": [button()]}],
        "allowed_mentions": {"parse": []}, "attachments": [{"id": 0, "filename": "a.png"}]})
}

fn modal() -> Value {
    json!({"type": 9, "data": {"custom_id": "m", "title": "Scale", "components": [
        {"type": 1, "components": [{"type": 4, "custom_id": "n", "style": 1, "label": "Replicas"}]}]}})
}

fn subcommands(count: usize, options: usize, length: usize) -> Value {
    let option = |j| json!({"type": 3, "name": format!("o{j}"), "description": "y".repeat(length)});
    let one = |i| {
        let options: Vec<Value> = (0..options).map(option).collect();
        json!({"type": 1, "name": format!("s{i}"), "description": "x".repeat(length), "options": options})
    };
    (0..count).map(one).collect()
}

#[test]
fn commands_are_judged_as_discord_judges_them() {
    let plain = |name: &str| json!({"type": 3, "name": name, "description": "d"});
    let unordered = json!([plain("a"), with(&plain("b"), "/required", json!(true))]);
    let changed = |pointer, value| json!([with(&command(), pointer, value)]);
    judge(vec![
        ("PUT", COMMANDS, json!([command()]), true),
        ("PUT", "/applications/1/commands", json!([command()]), true),
        ("PUT", COMMANDS, json!({"name": "ceo"}), false),
        ("PUT", COMMANDS, json!([command(), command()]), false),
        ("PUT", COMMANDS, changed("/options", subcommands(25, 0, 1)), true),
        ("PUT", COMMANDS, changed("/options", subcommands(26, 0, 1)), false),
        (
            "PUT",
            COMMANDS,
            changed("/options", subcommands(15, 4, 100)),
            true,
        ),
        (
            "PUT",
            COMMANDS,
            changed("/options", subcommands(16, 4, 100)),
            false,
        ),
        ("PUT", COMMANDS, changed("/name", json!("CEO")), false),
        ("PUT", COMMANDS, changed("/name", json!("集群")), true),
        (
            "PUT",
            COMMANDS,
            changed("/description", json!("x".repeat(101))),
            false,
        ),
        (
            "PUT",
            COMMANDS,
            changed("/description_localizations", json!({"zh": "x"})),
            false,
        ),
        (
            "PUT",
            COMMANDS,
            changed("/options/0/options/0/options", unordered),
            false,
        ),
        (
            "PUT",
            COMMANDS,
            changed("/options/0/options/0/type", json!(2)),
            false,
        ),
        (
            "PUT",
            COMMANDS,
            changed("/options", json!([text_option(), subcommands(1, 0, 1)[0]])),
            false,
        ),
    ]);
}

#[test]
fn responses_are_judged_as_discord_judges_them() {
    let labelled = json!({"type": 9, "data": {"custom_id": "m", "title": "Scale", "components": [
        {"type": 18, "label": "Reason", "component": {"type": 4, "custom_id": "n", "style": 2}},
        {"type": 18, "label": "Strategy", "component": {"type": 3, "custom_id": "s",
            "options": [{"label": "a", "value": "a"}]}}]}});
    let choice = |name: String| json!({"name": name, "value": "a"});
    let choices = |list: Vec<Value>| json!({"type": 8, "data": {"choices": list}});
    let mut ephemeral = message();
    ephemeral["flags"] = json!(64);
    judge(vec![
        ("POST", CALLBACK, json!({"type": 4, "data": ephemeral}), true),
        ("POST", CALLBACK, json!({"type": 5, "data": {"flags": 64}}), true),
        ("POST", CALLBACK, json!({"type": 5}), true),
        (
            "POST",
            CALLBACK,
            json!({"type": 5, "data": {"flags": 1 << 15}}),
            false,
        ),
        ("POST", CALLBACK, json!({"type": 6}), true),
        ("POST", CALLBACK, json!({"type": 7, "data": message()}), true),
        ("POST", CALLBACK, modal(), true),
        ("POST", CALLBACK, labelled, true),
        (
            "POST",
            CALLBACK,
            with(&modal(), "/data/title", json!("x".repeat(46))),
            false,
        ),
        (
            "POST",
            CALLBACK,
            with(&modal(), "/data/components", json!([])),
            false,
        ),
        ("POST", CALLBACK, json!({"type": 99}), false),
        ("POST", CALLBACK, json!({"data": {}}), false),
        ("POST", CALLBACK, choices(vec![choice("a".to_owned())]), true),
        ("POST", CALLBACK, choices(vec![choice("a".to_owned()); 26]), false),
        ("POST", CALLBACK, choices(vec![choice("a".repeat(101))]), false),
        (
            "POST",
            CALLBACK,
            json!({"type": 4, "data": {"content": "x".repeat(2001)}}),
            false,
        ),
        ("POST", CALLBACK, json!({"type": 4, "data": {}}), false),
    ]);
}

#[test]
fn contents_are_judged_as_discord_judges_them() {
    let changed = |pointer, value| with(&message(), pointer, value);
    judge(vec![
        ("POST", FOLLOW_UP, message(), true),
        ("POST", FOLLOW_UP, json!({"content": 5}), false),
        ("POST", FOLLOW_UP, json!({"content": "x".repeat(2001)}), false),
        ("PATCH", ORIGINAL, message(), true),
        ("PATCH", ORIGINAL, json!({"content": "x".repeat(2001)}), false),
        ("PATCH", "/webhooks/1/tok/messages/77", message(), true),
        ("PATCH", MESSAGE, message(), true),
        ("POST", MESSAGES, message(), true),
        ("POST", MESSAGES, json!({}), false),
        (
            "POST",
            MESSAGES,
            changed("/content", json!("x".repeat(2001))),
            false,
        ),
        (
            "POST",
            MESSAGES,
            changed("/allowed_mentions/parse", json!(["all"])),
            false,
        ),
    ]);
}

#[test]
fn embeds_are_judged_as_discord_judges_them() {
    let long = json!({"description": "x".repeat(4000)});
    for (pointer, value) in [
        ("/embeds/0/title", json!("x".repeat(257))),
        ("/embeds", json!(vec![embed(); 11])),
        ("/embeds", json!([long, long])),
        ("/embeds/0/fields/0/value", json!(" ")),
        ("/embeds/0/url", json!("ftp://x")),
        ("/embeds/0/timestamp", json!("yesterday")),
        ("/embeds/0/color", json!(1 << 24)),
    ] {
        let body = with(&message(), pointer, value);
        judge(vec![
            ("POST", MESSAGES, body.clone(), false),
            ("PATCH", MESSAGE, body, false),
        ]);
    }
}

#[test]
fn components_are_judged_as_discord_judges_them() {
    let row = json!({"type": 1, "components": [button()]});
    let text = json!({"type": 10, "content": "# Rollout"});
    let container = json!({"type": 17, "accent_color": 5, "components": [text, {"type": 14}, row]});
    let v2 = json!({"flags": 1 << 15, "components": [container]});
    let changed = |pointer: &str, value| with(&message(), pointer, value);
    let button_with = |key: &str, value| changed(&format!("/components/0/components/0/{key}"), value);
    judge(vec![
        ("POST", MESSAGES, v2.clone(), true),
        ("POST", MESSAGES, with(&v2, "/content", json!("x")), false),
        ("POST", MESSAGES, with(&v2, "/flags", json!(0)), false),
        (
            "POST",
            MESSAGES,
            button_with("custom_id", json!("x".repeat(101))),
            false,
        ),
        ("POST", MESSAGES, button_with("style", json!(5)), false),
        (
            "POST",
            MESSAGES,
            button_with("label", json!("x".repeat(81))),
            false,
        ),
        (
            "PATCH",
            ORIGINAL,
            changed("/components/0/components", json!(vec![button(); 6])),
            false,
        ),
        (
            "PATCH",
            ORIGINAL,
            changed("/components", json!([row, row])),
            false,
        ),
    ]);
}

#[test]
fn threads_are_judged_as_discord_judges_them() {
    judge(vec![
        (
            "POST",
            HANGING,
            json!({"name": "incident-42", "auto_archive_duration": 1440}),
            true,
        ),
        (
            "POST",
            HANGING,
            json!({"name": "x", "auto_archive_duration": 61}),
            false,
        ),
        ("POST", HANGING, json!({}), false),
        (
            "POST",
            THREADS,
            json!({"name": "incident", "type": 11, "auto_archive_duration": 60}),
            true,
        ),
        (
            "POST",
            THREADS,
            json!({"name": "x".repeat(101), "type": 11}),
            false,
        ),
    ]);
}

/// Where Discord's document exists it is really read, and refuses what its schemas refuse.
#[test]
fn the_document_refuses_what_its_schemas_refuse() {
    if by_document("POST", "/nope", &json!({})).is_empty() {
        eprintln!("Discord's OpenAPI document is not here: nothing to compare with");
        return;
    }
    for (method, path, body) in [
        ("POST", MESSAGES, json!({"content": 5})),
        (
            "POST",
            MESSAGES,
            with(&message(), "/embeds/0/title", json!("x".repeat(257))),
        ),
        (
            "PUT",
            COMMANDS,
            json!([with(&command(), "/description", json!("x".repeat(101)))]),
        ),
        ("POST", CALLBACK, json!({"type": 99})),
        ("POST", HANGING, json!({})),
    ] {
        assert!(
            !by_document(method, path, &body).is_empty(),
            "{method} {path} {body}"
        );
    }
    let numerals = json!({"content": "x", "message_reference": {"message_id": 5}, "flags": "4"});
    assert_eq!(by_document("POST", MESSAGES, &numerals), Vec::<String>::new());
}
