//! Discord's REST interface over TLS: connections, faults, the log, authorization, rate limits; then the route's
//! handler.

mod body;
mod channels;
mod commands;
mod guilds;
mod interactions;
mod messages;
mod routes;
mod webhooks;

pub(super) use body::File;
pub(super) use interactions::ACK_MS;
pub(super) use messages::{Draft, draft_message};
pub(super) use webhooks::TOKEN_MS;

use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request as HttpRequest, Response, header};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::Inner;
use super::faults::RestFault;
use super::log::{Offence, Request};
use super::rates::{Class, Standing, Verdict};
use super::rules::form::ApiError;
use super::state::State;
use routes::Found;

/// What a handler answers.
pub(super) type Outcome = Result<Reply, ApiError>;

/// A successful answer.
#[derive(Debug)]
pub(super) enum Reply {
    /// 200 with JSON.
    Json(Value),
    /// 201 with JSON.
    Created(Value),
    /// 204.
    Empty,
    /// A file.
    File(Bytes, String),
}

/// A request as its handler sees it.
#[derive(Debug)]
pub(super) struct Call {
    /// The values of the template's placeholders.
    pub(super) params: Vec<String>,
    /// Query parameters.
    pub(super) query: Vec<(String, String)>,
    /// JSON, or `payload_json`.
    pub(super) body: Value,
    /// Uploaded files.
    pub(super) files: Vec<File>,
}

impl Call {
    /// A placeholder as a snowflake.
    pub(super) fn id(&self, index: usize) -> Result<u64, ApiError> {
        let text = self.params.get(index).map_or("", String::as_str);
        match text.parse() {
            Ok(id) => Ok(id),
            Err(_) => {
                let message = format!("Value \"{text}\" is not snowflake.");
                super::rules::form::Form::fail("id", "NUMBER_TYPE_COERCE", message)
            }
        }
    }

    /// A query parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The connection is to be cut without an answer.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// Takes REST connections until the simulation ends.
pub(super) async fn accept_loop(inner: Weak<Inner>, listener: TcpListener, tls: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        let Some(strong) = inner.upgrade() else { return };
        let (inner, tls) = (inner.clone(), tls.clone());
        strong.spawn(async move {
            let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_secs(10), tls.accept(stream)).await
            else {
                return;
            };
            let service = hyper::service::service_fn(move |request| serve(inner.clone(), request));
            let server = auto::Builder::new(TokioExecutor::new());
            let served = server.serve_connection(TokioIo::new(stream), service);
            if let Err(error) = served.await {
                tracing::debug!(%error, "REST connection");
            }
        });
    }
}

async fn serve(inner: Weak<Inner>, request: HttpRequest<Incoming>) -> Result<Response<Body>, Cut> {
    let Some(inner) = inner.upgrade() else {
        return Err(Cut);
    };
    let (parts, incoming) = request.into_parts();
    let received = match body::receive(&parts.headers, Body::new(incoming)).await {
        Ok(received) => Ok(received),
        Err(body::Unread::Refused(error)) => Err(error),
        Err(body::Unread::Cut) => return Err(Cut),
    };
    let arrived = Arrived::new(&parts, received);
    let (index, fault) = inner.note(&arrived);
    match fault {
        None => {}
        Some(RestFault::CutBefore) => return Err(Cut),
        Some(RestFault::Hang) => return hang(inner).await,
        Some(RestFault::Slow(delay)) => tokio::time::sleep(delay).await,
        Some(RestFault::CutAfter) => {
            inner.answer(index, arrived);
            return Err(Cut);
        }
        Some(RestFault::HangAfter) => {
            inner.answer(index, arrived);
            return hang(inner).await;
        }
        Some(other) => return Ok(inner.refuse(index, &arrived, &other)),
    }
    Ok(inner.answer(index, arrived))
}

/// Never answers; the simulation may end meanwhile.
async fn hang(inner: Arc<Inner>) -> Result<Response<Body>, Cut> {
    drop(inner);
    std::future::pending().await
}

/// A request that has been read.
struct Arrived {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    found: Option<Found>,
    call: Call,
    unreadable: Option<ApiError>,
}

impl Arrived {
    fn new(parts: &http::request::Parts, received: Result<body::Received, ApiError>) -> Self {
        let method = parts.method.as_str().to_owned();
        let path = parts.uri.path();
        let path = path
            .strip_prefix("/api/v10")
            .or_else(|| path.strip_prefix("/api"))
            .unwrap_or(path)
            .to_owned();
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let (received, unreadable) = match received {
            Ok(received) => (received, None),
            Err(error) => (body::Received::default(), Some(error)),
        };
        let found = routes::find(&method, &path);
        let params = found
            .as_ref()
            .map(|found| found.params.clone())
            .unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let call = Call {
            params,
            query: pairs,
            body: received.json,
            files: received.files,
        };
        Arrived {
            method,
            path,
            query,
            headers: parts.headers.clone(),
            found,
            call,
            unreadable,
        }
    }

    fn bucket(&self) -> String {
        self.found.as_ref().map_or_else(
            || format!("{} {}", self.method, self.path),
            |found| found.bucket.clone(),
        )
    }
}

impl Inner {
    /// Writes a request into the log and says which fault is planned for it.
    fn note(&self, arrived: &Arrived) -> (usize, Option<RestFault>) {
        let mut state = self.lock();
        let request = Request {
            at_ms: state.now(),
            method: arrived.method.clone(),
            path: arrived.path.clone(),
            query: arrived.query.clone(),
            route: arrived.found.as_ref().map(|found| found.template),
            body: arrived.call.body.clone(),
            files: arrived.call.files.iter().map(|file| file.name.clone()).collect(),
            status: 0,
            code: None,
            retry_after: None,
        };
        state.log.check_wait(&arrived.bucket(), &request);
        state.log.requests.push(request);
        let index = state.log.requests.len() - 1;
        state.touch();
        drop(state);
        (
            index,
            self.faults
                .take_rest(&format!("{} {}", arrived.method, arrived.path)),
        )
    }

    /// An answer that a fault has put in place of the real one.
    fn refuse(&self, index: usize, arrived: &Arrived, fault: &RestFault) -> Response<Body> {
        let mut state = self.lock();
        match fault {
            RestFault::TooMany { retry_after, global } => {
                let seconds = retry_after.as_secs_f64();
                too_many(&mut state, index, arrived, seconds, *global)
            }
            RestFault::Status(status) => {
                if let Some(request) = state.log.requests.get_mut(index) {
                    request.status = *status;
                }
                state.touch();
                let text = format!("{status}: simulated trouble");
                response(*status, HeaderMap::new(), Body::from(text), "text/plain")
            }
            RestFault::Refuse {
                status,
                code,
                message,
            } => {
                if let Some(request) = state.log.requests.get_mut(index) {
                    (request.status, request.code) = (*status, Some(u64::from(*code)));
                }
                state.touch();
                // Not the bot's fault, so no offence.
                json_response(
                    *status,
                    HeaderMap::new(),
                    &ApiError::new(*status, *code, message).body(),
                )
            }
            _ => finish(&mut state, index, Ok(Reply::Empty), HeaderMap::new()),
        }
    }

    /// Checks and handles a request, and logs what came of it.
    fn answer(&self, index: usize, mut arrived: Arrived) -> Response<Body> {
        let mut state = self.lock();
        if let Err(error) = authorize(&mut state, &arrived) {
            return finish(&mut state, index, Err(error), HeaderMap::new());
        }
        let Some(found) = arrived.found.take() else {
            let text = format!("{} {}", arrived.method, arrived.path);
            state.log.offend(Offence::UnknownRoute, text);
            return finish(
                &mut state,
                index,
                Err(ApiError::new(404, 0, "404: Not Found")),
                HeaderMap::new(),
            );
        };
        let now = state.now();
        let mut headers = HeaderMap::new();
        match state.buckets.take(found.class, &found.bucket, now) {
            Verdict::Pass(None) => {}
            Verdict::Pass(Some(standing)) => rate_headers(&mut headers, &standing),
            Verdict::Wait(standing) => {
                arrived.found = Some(found);
                let mut answer = too_many(
                    &mut state,
                    index,
                    &arrived,
                    seconds(standing.reset_after_ms),
                    false,
                );
                rate_headers(answer.headers_mut(), &standing);
                return answer;
            }
            Verdict::WaitGlobally(ms) => {
                arrived.found = Some(found);
                return too_many(&mut state, index, &arrived, seconds(ms), true);
            }
        }
        let outcome = match arrived.unreadable.take() {
            Some(error) => Err(error),
            None => (found.handler)(&mut state, &arrived.call),
        };
        if let Err(error) = &outcome
            && let Some(seconds) = error.retry_after
        {
            arrived.found = Some(found);
            insert(&mut headers, "retry-after", &seconds.ceil().to_string());
            note_wait(&mut state, index, &arrived, seconds, true);
        }
        finish(&mut state, index, outcome, headers)
    }
}

fn too_many(
    state: &mut State,
    index: usize,
    arrived: &Arrived,
    seconds: f64,
    global: bool,
) -> Response<Body> {
    let mut headers = HeaderMap::new();
    let scope = if global { "global" } else { "user" };
    insert(&mut headers, "x-ratelimit-scope", scope);
    // Whole seconds in the header, as Discord has it; the body is exact.
    insert(&mut headers, "retry-after", &seconds.ceil().to_string());
    if global {
        insert(&mut headers, "x-ratelimit-global", "true");
    } else {
        insert(&mut headers, "x-ratelimit-remaining", "0");
        insert(&mut headers, "x-ratelimit-reset-after", &format!("{seconds:.3}"));
    }
    note_wait(state, index, arrived, seconds, global);
    let body = json!({"message": "You are being rate limited.", "retry_after": seconds, "global": global});
    json_response(429, headers, &body)
}

fn note_wait(state: &mut State, index: usize, arrived: &Arrived, seconds: f64, only_this: bool) {
    let now = state.now();
    #[expect(clippy::cast_possible_truncation, reason = "waits are seconds, not eons")]
    let until = now + (seconds * 1000.0) as i64;
    let bucket = if only_this {
        format!("only {}", arrived.path)
    } else {
        arrived.bucket()
    };
    let Some(request) = state.log.requests.get_mut(index) else {
        return;
    };
    request.status = 429;
    request.retry_after = Some(seconds);
    let mut request = request.clone();
    request.at_ms = now;
    state.log.must_wait(&bucket, &request, until);
    state.touch();
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of minutes fit a double exactly"
)]
fn seconds(ms: i64) -> f64 {
    (ms.max(1) as f64) / 1000.0
}

/// Whether the request may be made at all: the token, and the user agent that Discord asks for.
fn authorize(state: &mut State, arrived: &Arrived) -> Result<(), ApiError> {
    let text = |name| {
        arrived
            .headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .unwrap_or("")
    };
    if arrived.path.starts_with("/attachments/") {
        return Ok(());
    }
    if !text(header::USER_AGENT).starts_with("DiscordBot (") {
        let text = format!("{} {}: no DiscordBot user agent", arrived.method, arrived.path);
        state.log.offend(Offence::Unauthorized, text);
    }
    if text(header::HeaderName::from_static("x-audit-log-reason")).len() > 512 {
        let text = format!("{} {}: audit reason over 512", arrived.method, arrived.path);
        state.log.offend(Offence::Refused, text);
    }
    let open = arrived.found.as_ref().is_some_and(|found| {
        matches!(found.class, Class::Webhook | Class::Callback) || found.template == "/gateway"
    });
    if open || text(header::AUTHORIZATION) == format!("Bot {}", state.bot_token) {
        return Ok(());
    }
    state.log.offend(
        Offence::Unauthorized,
        format!("{} {}: wrong token", arrived.method, arrived.path),
    );
    Err(ApiError::new(401, 0, "401: Unauthorized"))
}

/// Logs the outcome of a request and makes the HTTP answer of it.
fn finish(state: &mut State, index: usize, outcome: Outcome, headers: HeaderMap) -> Response<Body> {
    let status = match &outcome {
        Ok(Reply::Json(_) | Reply::File(..)) => 200,
        Ok(Reply::Created(_)) => 201,
        Ok(Reply::Empty) => 204,
        Err(error) => error.status,
    };
    let request = state.log.requests.get_mut(index).map(|request| {
        request.status = status;
        request.code = outcome.as_ref().err().map(|error| u64::from(error.code));
        request.clone()
    });
    if let (Some(request), Err(error)) = (request, &outcome) {
        offences(state, &request, error);
    }
    state.touch();
    match outcome {
        Ok(Reply::Json(value) | Reply::Created(value)) => json_response(status, headers, &value),
        Ok(Reply::Empty) => response(status, headers, Body::empty(), "text/plain"),
        Ok(Reply::File(bytes, kind)) => response(status, headers, Body::from(bytes), &kind),
        Err(error) => json_response(status, headers, &error.body()),
    }
}

fn offences(state: &mut State, request: &Request, error: &ApiError) {
    let text = format!("{} {}: {}", request.method, request.path, error.body());
    match (error.status, error.code) {
        (_, 40060) => state.log.offend(Offence::DoubleAck, text),
        (400 | 413, _) => state.log.offend(Offence::Refused, text),
        (403, code) => state.log.forbidden(request, u64::from(code)),
        _ => {}
    }
}

fn rate_headers(headers: &mut HeaderMap, standing: &Standing) {
    insert(headers, "x-ratelimit-limit", &standing.limit.to_string());
    insert(headers, "x-ratelimit-remaining", &standing.remaining.to_string());
    insert(
        headers,
        "x-ratelimit-reset",
        &format!("{:.3}", seconds(standing.reset_ms)),
    );
    insert(
        headers,
        "x-ratelimit-reset-after",
        &format!("{:.3}", seconds(standing.reset_after_ms)),
    );
    insert(headers, "x-ratelimit-bucket", &standing.hash);
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn json_response(status: u16, headers: HeaderMap, value: &Value) -> Response<Body> {
    response(status, headers, Body::from(value.to_string()), "application/json")
}

fn response(status: u16, headers: HeaderMap, body: Body, kind: &str) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() =
        http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = headers;
    insert(response.headers_mut(), "content-type", kind);
    response
}
