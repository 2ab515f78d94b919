//! A server that plays the person API to the page, word by word as a test wants it: answers that come late, errors,
//! lost connections. What a real simulation and a real bot would say is tested end to end elsewhere.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::Stream;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// Ids of the people, as the page knows them.
pub(crate) const OPERATOR: &str = "10";
pub(crate) const LEAD: &str = "20";
/// Ids of the channels.
pub(crate) const OPS: &str = "3000";
pub(crate) const ALERTS: &str = "3001";

struct Told {
    seq: u64,
    kind: String,
    data: Value,
    only_for: Option<String>,
}

#[derive(Default)]
struct Script {
    world: Value,
    messages: Vec<(Value, Option<String>)>,
    events: Vec<Told>,
    last_id: u64,
    posts: Vec<Value>,
    choices: VecDeque<(Duration, Value)>,
    asked: Vec<Value>,
    refuse: Option<String>,
    down: bool,
    held: Option<Vec<Value>>,
}

/// The server; clones are handles of the same one.
#[derive(Clone)]
pub(crate) struct Stage {
    script: Arc<Mutex<Script>>,
    changed: watch::Sender<u64>,
    address: SocketAddr,
}

impl Stage {
    /// Starts with a guild of three people, two channels, and a command tree with every kind of option.
    pub(crate) async fn start() -> anyhow::Result<Stage> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let script = Script {
            world: world(),
            last_id: 1_400_000_000_000_000_000,
            ..Script::default()
        };
        let stage = Stage {
            script: Arc::new(Mutex::new(script)),
            changed: watch::Sender::new(0),
            address: listener.local_addr()?,
        };
        let api = Router::new()
            .route("/api/world", get(tell_world))
            .route(
                "/api/channels/{id}/messages",
                get(tell_messages).post(take_message),
            )
            .route("/api/events", get(tell_events))
            .route("/api/interactions", post(take_interaction))
            .route("/api/autocomplete", post(tell_choices))
            .route("/api/menu", get(|| async { Json(json!([])) }))
            .route("/api/hints", get(|| async { Json(hints()) }))
            .route(
                "/attachments/{channel}/{message}/{file}",
                get(|| async { "one\ntwo <img src=x>\n3\n4\n5\n6\n7\n8\n" }),
            )
            .with_state(stage.clone());
        let app = api.merge(ceo_tests::discord::page::router());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(stage)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    fn lock(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the page something.
    pub(crate) fn emit(&self, kind: &str, data: Value, only_for: Option<&str>) {
        let mut script = self.lock();
        let seq = script.events.len() as u64 + 1;
        script.events.push(Told {
            seq,
            kind: kind.into(),
            data,
            only_for: only_for.map(str::to_owned),
        });
        drop(script);
        self.changed.send_modify(|count| *count += 1);
    }

    /// The bot (or whom `message` names as author) says something in #ops; returns the message's id.
    pub(crate) fn says(&self, message: Value) -> String {
        self.says_to(message, None)
    }

    /// The same for one person only.
    pub(crate) fn says_to(&self, message: Value, only_for: Option<&str>) -> String {
        let mut script = self.lock();
        script.last_id += 4096;
        let id = script.last_id.to_string();
        let mut whole = json!({
            "id": id, "channel_id": OPS, "author": { "id": "900", "username": "ceo", "bot": true }, "content": "",
            "embeds": [], "components": [], "attachments": [], "flags": if only_for.is_some() { 64 } else { 0 },
            "timestamp": "2026-01-02T03:04:05.000Z", "edited_timestamp": null,
        });
        merge(&mut whole, message);
        script.messages.push((whole.clone(), only_for.map(str::to_owned)));
        drop(script);
        self.emit(
            "message",
            json!({ "channel_id": whole["channel_id"], "message": whole }),
            only_for,
        );
        id
    }

    /// The bot edits a message.
    pub(crate) fn edits(&self, id: &str, change: Value) {
        let mut script = self.lock();
        let Some((message, only_for)) = script.messages.iter_mut().find(|(one, _)| one["id"] == id) else {
            panic!("the test edits a message that is not there: {id}");
        };
        message["edited_timestamp"] = json!("2026-01-02T03:05:00.000Z");
        merge(message, change);
        let (message, only_for) = (message.clone(), only_for.clone());
        drop(script);
        self.emit(
            "message",
            json!({ "channel_id": message["channel_id"], "message": message }),
            only_for.as_deref(),
        );
    }

    /// The next answers to autocomplete: each after a delay.
    pub(crate) fn will_suggest(&self, after_ms: u64, choices: &[&str]) {
        let choices = choices
            .iter()
            .map(|one| json!({ "name": one, "value": one }))
            .collect();
        self.lock()
            .choices
            .push_back((Duration::from_millis(after_ms), choices));
    }

    /// The next POST is answered with 400 and this text.
    pub(crate) fn will_refuse(&self, why: &str) {
        self.lock().refuse = Some(why.to_owned());
    }

    /// Whether the server answers nothing but 503, as one that restarts behind a proxy.
    pub(crate) fn down(&self, down: bool) {
        self.lock().down = down;
        self.changed.send_modify(|count| *count += 1);
    }

    /// Questions for a channel's messages are not answered from now on, until [`Stage::lets_go`].
    pub(crate) fn holds(&self) {
        self.lock().held = Some(Vec::new());
    }

    pub(crate) fn lets_go(&self) {
        self.lock().held = None;
        self.changed.send_modify(|count| *count += 1);
    }

    /// Waits for the `number`th question (from 1) that is held.
    pub(crate) async fn held(&self, number: usize) -> anyhow::Result<Value> {
        self.nth(number, |script| script.held.as_deref().unwrap_or_default())
            .await
    }

    /// The bot's commands are these and no others.
    pub(crate) fn registers(&self, commands: Value) {
        self.lock().world["commands"] = commands;
        self.emit("commands", json!({}), None);
    }

    /// Waits for the `number`th question (from 1) for choices.
    pub(crate) async fn asked(&self, number: usize) -> anyhow::Result<Value> {
        self.nth(number, |script| &script.asked).await
    }

    /// Waits for the `number`th thing (from 1) that the page sent, and gives it with the id it was answered with.
    pub(crate) async fn post(&self, number: usize) -> anyhow::Result<(Value, String)> {
        let body = self.nth(number, |script| &script.posts).await?;
        Ok((body, interaction_id(number)))
    }

    async fn nth(&self, number: usize, list: impl Fn(&Script) -> &[Value]) -> anyhow::Result<Value> {
        let mut changed = self.changed.subscribe();
        let wait = async {
            loop {
                changed.borrow_and_update();
                if let Some(body) = list(&self.lock()).get(number - 1).cloned() {
                    return body;
                }
                if changed.changed().await.is_err() {
                    return Value::Null;
                }
            }
        };
        timeout(Duration::from_secs(20), wait)
            .await
            .with_context(|| format!("the page sent no number {number}"))
    }
}

/// The id with which the `number`th POST is answered.
fn interaction_id(number: usize) -> String {
    (7_000 + number).to_string()
}

fn merge(whole: &mut Value, part: Value) {
    if let (Some(whole), Value::Object(part)) = (whole.as_object_mut(), part) {
        whole.extend(part);
    }
}

type Shared = State<Stage>;
type Query1 = Query<std::collections::HashMap<String, String>>;

fn unavailable() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "down").into_response()
}

async fn tell_world(State(stage): Shared) -> Response {
    let script = stage.lock();
    if script.down {
        unavailable()
    } else {
        Json(script.world.clone()).into_response()
    }
}

async fn tell_messages(State(stage): Shared, Path(channel): Path<String>, Query(query): Query1) -> Response {
    let mut changed = stage.changed.subscribe();
    if let Some(held) = &mut stage.lock().held {
        held.push(json!(channel));
    }
    stage.changed.send_modify(|count| *count += 1);
    while stage.lock().held.is_some() {
        if changed.changed().await.is_err() {
            return unavailable();
        }
    }
    let script = stage.lock();
    if script.down {
        return unavailable();
    }
    let me = query.get("as").cloned();
    let seen = script
        .messages
        .iter()
        .filter(|(one, only)| one["channel_id"] == channel && (only.is_none() || *only == me));
    Json(seen.map(|(one, _)| one.clone()).collect::<Vec<_>>()).into_response()
}

fn record(stage: &Stage, body: Value) -> Response {
    let mut script = stage.lock();
    if let Some(why) = script.refuse.take() {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response();
    }
    script.posts.push(body);
    let id = interaction_id(script.posts.len());
    drop(script);
    stage.changed.send_modify(|count| *count += 1);
    Json(json!({ "id": id })).into_response()
}

async fn take_message(
    State(stage): Shared,
    Path(channel): Path<String>,
    Json(mut body): Json<Value>,
) -> Response {
    body["channel_id"] = json!(channel);
    record(&stage, body)
}

async fn take_interaction(State(stage): Shared, Json(body): Json<Value>) -> Response {
    record(&stage, body)
}

async fn tell_choices(State(stage): Shared, Json(body): Json<Value>) -> Response {
    let (delay, choices) = {
        let mut script = stage.lock();
        script.asked.push(body);
        script.choices.pop_front().unwrap_or((Duration::ZERO, json!([])))
    };
    stage.changed.send_modify(|count| *count += 1);
    sleep(delay).await;
    Json(json!({ "choices": choices })).into_response()
}

async fn tell_events(State(stage): Shared, Query(query): Query1, headers: HeaderMap) -> Response {
    if stage.lock().down {
        return unavailable();
    }
    let last = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok()?.parse().ok());
    let from = last.unwrap_or_else(|| stage.lock().events.len() as u64);
    Sse::new(follow(stage, query.get("as").cloned(), from)).into_response()
}

fn follow(stage: Stage, me: Option<String>, from: u64) -> impl Stream<Item = Result<Event, Infallible>> {
    let changed = stage.changed.subscribe();
    futures::stream::unfold(
        (stage, me, from, changed),
        |(stage, me, mut from, mut changed)| async move {
            loop {
                changed.borrow_and_update();
                let next = {
                    let script = stage.lock();
                    if script.down {
                        return None;
                    }
                    let told = script
                        .events
                        .iter()
                        .find(|one| one.seq > from && (one.only_for.is_none() || one.only_for == me));
                    told.map(|one| {
                        (
                            one.seq,
                            Event::default()
                                .id(one.seq.to_string())
                                .event(&one.kind)
                                .data(one.data.to_string()),
                        )
                    })
                };
                if let Some((seq, event)) = next {
                    from = seq;
                    return Some((Ok(event), (stage, me, from, changed)));
                }
                changed.changed().await.ok()?;
            }
        },
    )
}

fn hints() -> Value {
    json!([{ "as": "lead", "line": "/ceo status workload:deployment/web", "text": "See <b>how</b> it is" }])
}

fn world() -> Value {
    let person = |id: &str, name: &str, role: &str, color: u32| {
        json!({ "id": id, "username": name, "display_name": name, "bot": false,
                "roles": [{ "id": role, "name": name, "color": color }] })
    };
    let workload = json!({ "type": 3, "name": "workload", "description": "kind/name", "required": true, "autocomplete": true });
    json!({
        "guild": { "id": "2000", "name": "playground" },
        "me_options": [person(OPERATOR, "operator", "111", 0x3b_a5_5c), person(LEAD, "lead", "222", 0xe6_7e_22)],
        "channels": [{ "id": OPS, "name": "ops", "type": 0 }, { "id": ALERTS, "name": "alerts", "type": 0 }],
        "bot": { "id": "900", "username": "ceo", "online": true },
        "roles": [{ "id": "111", "name": "operator", "color": 1 }, { "id": "222", "name": "lead", "color": 2 }],
        "commands": [{ "id": "1", "name": "ceo", "type": 1, "description": "runbook", "options": [
            { "type": 1, "name": "status", "description": "State of a workload", "options": [
                { "type": 3, "name": "workload", "description": "kind/name", "autocomplete": true }] },
            { "type": 1, "name": "scale", "description": "Change the number of replicas", "options": [
                workload,
                { "type": 4, "name": "replicas", "description": "How many", "required": true, "min_value": 0, "max_value": 50 },
                { "type": 3, "name": "reason", "description": "Why" }] },
            { "type": 2, "name": "get", "description": "lists", "options": [
                { "type": 1, "name": "pods", "description": "Pods and what is wrong", "options": [
                    { "type": 3, "name": "sort", "description": "By what", "choices": [
                        { "name": "age", "value": "age" }, { "name": "restarts", "value": "restarts" }] },
                    { "type": 5, "name": "wide", "description": "More columns" }] }] },
        ] }],
    })
}
