//! The person API for the page, over plain HTTP: the world, messages, events, and what people do. Only the page itself
//! may use it: `Host` and `Origin` are checked.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{Path, Query, Request, State as Shared};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::Stream;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::events::Event;
use super::json::{self as shapes, Urls};
use super::model::{Modal, Stage};
use super::permissions::{self, VIEW_CHANNEL};
use super::person::Asked;
use super::state::State;
use super::{
    DiscordSim,
    rules::{commands::LOCALES, form::snowflake},
};

/// The routes of the person API; the playground adds its page to them.
pub fn router(sim: DiscordSim) -> Router {
    Router::new()
        .route("/api/world", get(world))
        .route("/api/channels/{id}/messages", get(messages).post(say))
        .route("/api/events", get(events))
        .route("/api/interactions", post(interact))
        .route("/api/autocomplete", post(autocomplete))
        .route("/api/locale", post(locale))
        .route("/attachments/{channel}/{message}/{filename}", get(attachment))
        .with_state(sim.clone())
        .layer(from_fn_with_state(sim, same_origin))
}

/// An error the page shows.
#[derive(Debug)]
pub struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Refused(StatusCode::BAD_REQUEST, format!("{error:#}"))
    }
}

fn bad(text: &str) -> Refused {
    Refused(StatusCode::BAD_REQUEST, text.to_owned())
}

/// Other sites must not act in a person's name: the request's `Host` is this server, and so is its `Origin`.
pub async fn same_origin(Shared(sim): Shared<DiscordSim>, request: Request, next: Next) -> Response {
    if from_this_page(&sim, request.headers()) {
        next.run(request).await
    } else {
        Refused(StatusCode::FORBIDDEN, "not from this page".to_owned()).into_response()
    }
}

fn from_this_page(sim: &DiscordSim, headers: &HeaderMap) -> bool {
    let port = sim.page_addr().map_or(0, |address| address.port());
    let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let text = |name| {
        headers
            .get(name)
            .map(|value: &http::HeaderValue| value.to_str().unwrap_or("?"))
    };
    let host_fits = text(header::HOST).is_some_and(|host| hosts.iter().any(|one| one == host));
    let same = |origin: &str| {
        hosts
            .iter()
            .any(|one| origin.strip_prefix("http://") == Some(one))
    };
    host_fits && text(header::ORIGIN).is_none_or(same)
}

async fn world(Shared(sim): Shared<DiscordSim>) -> Json<Value> {
    let commands = sim.commands();
    let state = sim.inner.lock();
    let role = |id: &u64| {
        state
            .roles
            .get(id)
            .map(|role| json!({"id": role.id.to_string(), "name": role.name, "color": role.color}))
    };
    let people = state.members.values().filter(|member| !member.bot);
    let people: Vec<Value> = people
        .map(|one| {
            json!({"id": one.id.to_string(), "username": one.username, "display_name": one.display_name,
                "roles": one.roles.iter().filter_map(role).collect::<Vec<_>>(), "bot": false, "locale": one.locale})
        })
        .collect();
    let channels: Vec<Value> = state
        .channels
        .values()
        .map(|one| {
            let mut out = json!({"id": one.id.to_string(), "name": one.name, "type": 0, "topic": one.topic});
            if let Some(thread) = &one.thread {
                out["type"] = json!(thread.kind);
                out["parent_id"] = json!(thread.parent_id.to_string());
                out["archived"] = json!(thread.archived);
            }
            out
        })
        .collect();
    let bot = state
        .members
        .get(&state.application_id)
        .map(|bot| bot.username.clone());
    Json(json!({
        "guild": {"id": state.guild_id.to_string(), "name": state.options.guild_name}, "me_options": people,
        "channels": channels, "roles": state.roles.keys().filter_map(role).collect::<Vec<_>>(),
        "bot": {"id": state.application_id.to_string(), "username": bot, "online": state.sessions.is_online()},
        "commands": commands, "last_event": state.events.last(), "now_ms": state.now(),
    }))
}

#[derive(Debug, Deserialize)]
struct Viewer {
    r#as: u64,
    limit: Option<usize>,
}

async fn messages(
    Shared(sim): Shared<DiscordSim>,
    Path(channel): Path<u64>,
    Query(viewer): Query<Viewer>,
) -> Result<Json<Value>, Refused> {
    let state = sim.inner.lock();
    if permissions::of(&state, viewer.r#as, Some(channel)) & VIEW_CHANNEL == 0 {
        return Err(Refused(
            StatusCode::FORBIDDEN,
            "this person does not see that channel".to_owned(),
        ));
    }
    let visible = state
        .in_channel(channel)
        .filter(|message| state.visible(message, viewer.r#as));
    let mut newest: Vec<Value> = visible
        .rev()
        .take(viewer.limit.unwrap_or(100))
        .map(|message| shapes::message(&state, message, Urls::Page))
        .collect();
    newest.reverse();
    Ok(Json(Value::Array(newest)))
}

#[derive(Debug, Deserialize)]
struct Said {
    r#as: Value,
    content: String,
}

async fn say(
    Shared(sim): Shared<DiscordSim>,
    Path(channel): Path<u64>,
    Json(said): Json<Said>,
) -> Result<Json<Value>, Refused> {
    let id = sim.person(user(&said.r#as)?).say(channel, &said.content)?;
    Ok(Json(json!({"id": id.to_string()})))
}

#[derive(Debug, Deserialize)]
struct Client {
    r#as: Value,
    locale: String,
}

/// Switches the language of a person's client, as Discord's own settings do.
async fn locale(Shared(sim): Shared<DiscordSim>, Json(client): Json<Client>) -> Result<Json<Value>, Refused> {
    let user = user(&client.r#as)?;
    if !LOCALES.contains(&client.locale.as_str()) {
        return Err(bad("`locale` is none of Discord's"));
    }
    if !sim.inner.lock().members.contains_key(&user) {
        return Err(bad("there is no such person"));
    }
    sim.set_locale(user, &client.locale);
    Ok(Json(json!({"locale": client.locale})))
}

fn user(value: &Value) -> Result<u64, Refused> {
    snowflake(value).ok_or_else(|| bad("`as` is a user's id"))
}

/// Whether a person is told of an event.
fn told(state: &State, event: &Event, user: u64) -> bool {
    event.only_for.is_none_or(|only| only == user)
        && event
            .channel
            .is_none_or(|channel| permissions::of(state, user, Some(channel)) & VIEW_CHANNEL != 0)
}

struct Follower {
    sim: DiscordSim,
    user: u64,
    last: u64,
    queue: VecDeque<SseEvent>,
    changed: tokio::sync::watch::Receiver<u64>,
}

impl Follower {
    /// Fetches what is new; a `reset` when some of it is forgotten.
    fn fetch(&mut self) {
        let state = self.sim.inner.lock();
        let last = state.events.last();
        match state.events.after(self.last) {
            None => {
                self.queue
                    .push_back(SseEvent::default().id(last.to_string()).event("reset").data("{}"));
            }
            Some(events) => {
                let shown = events.iter().filter(|event| told(&state, event, self.user));
                self.queue.extend(shown.map(|event| {
                    SseEvent::default()
                        .id(event.seq.to_string())
                        .event(event.kind)
                        .data(event.data.to_string())
                }));
            }
        }
        self.last = last;
    }
}

async fn events(
    Shared(sim): Shared<DiscordSim>,
    Query(viewer): Query<Viewer>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<SseEvent, Infallible>>> {
    let given = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok());
    let (last, changed) = {
        let state = sim.inner.lock();
        (given.unwrap_or(state.events.last()), state.watch())
    };
    let follower = Follower {
        sim,
        user: viewer.r#as,
        last,
        queue: VecDeque::new(),
        changed,
    };
    let stream = futures::stream::unfold(follower, |mut follower| async move {
        loop {
            if let Some(event) = follower.queue.pop_front() {
                return Some((Ok(event), follower));
            }
            follower.changed.borrow_and_update();
            follower.fetch();
            if follower.queue.is_empty() && follower.changed.changed().await.is_err() {
                return None;
            }
        }
    });
    Sse::new(stream).keep_alive(
        KeepAlive::new()
            .interval(Duration::from_secs(15))
            .text("still here"),
    )
}

async fn interact(Shared(sim): Shared<DiscordSim>, Json(body): Json<Value>) -> Result<Json<Value>, Refused> {
    let person = sim.person(user(&body["as"])?);
    let text = |key: &str| body[key].as_str().unwrap_or_default();
    let id = |key: &str| snowflake(&body[key]).ok_or_else(|| bad(&format!("`{key}` is an id")));
    let asked: Asked = match text("kind") {
        "command" => {
            person
                .command(id("channel_id")?, text("command"), &body["options"])
                .await?
        }
        "line" => person.slash(id("channel_id")?, text("line")).await?,
        "button" => person.press(id("message_id")?, text("custom_id")).await?,
        "select" => {
            let values = body["values"].as_array().map(Vec::as_slice).unwrap_or_default();
            let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            person
                .select(id("message_id")?, text("custom_id"), &values)
                .await?
        }
        "modal" => {
            let modal = opened(&sim, id("interaction_id")?)?;
            let fields = body["fields"].as_object().into_iter().flatten();
            let fields: Vec<(&str, &str)> = fields
                .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
                .collect();
            person.submit(&modal, &fields).await?
        }
        other => return Err(bad(&format!("there is no interaction {other:?}"))),
    };
    Ok(Json(json!({"id": asked.id().to_string()})))
}

/// The form that an interaction was answered with.
fn opened(sim: &DiscordSim, interaction: u64) -> Result<Modal, Refused> {
    match sim
        .inner
        .lock()
        .interactions
        .get(&interaction)
        .map(|one| one.stage.clone())
    {
        Some(Stage::Modal(modal)) => Ok(modal),
        _ => Err(bad("that interaction has opened no form")),
    }
}

async fn autocomplete(
    Shared(sim): Shared<DiscordSim>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refused> {
    let person = sim.person(user(&body["as"])?);
    let channel = snowflake(&body["channel_id"]).ok_or_else(|| bad("`channel_id` is an id"))?;
    let name = body["command"].as_str().unwrap_or_default();
    let choices = person.suggestions(channel, name, &body["options"]).await?;
    let choices: Vec<Value> = choices
        .into_iter()
        .map(|choice| json!({"name": choice.name, "value": choice.value}))
        .collect();
    Ok(Json(json!({"choices": choices})))
}

async fn attachment(
    Shared(sim): Shared<DiscordSim>,
    Path((channel, message, filename)): Path<(u64, u64, String)>,
) -> Response {
    let state = sim.inner.lock();
    let found = state
        .messages
        .get(&message)
        .filter(|one| one.channel_id == channel && !one.deleted);
    match found.and_then(|one| one.attachments.iter().find(|file| file.filename == filename)) {
        // The page must never run what a bot uploads.
        Some(file) => (
            [
                (header::CONTENT_TYPE, file.content_type.clone()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
                (
                    header::CONTENT_SECURITY_POLICY,
                    "default-src 'none'; sandbox".to_owned(),
                ),
            ],
            file.bytes.clone(),
        )
            .into_response(),
        None => Refused(StatusCode::NOT_FOUND, "there is no such file".to_owned()).into_response(),
    }
}
