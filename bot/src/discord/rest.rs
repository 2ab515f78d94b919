//! Requests to Discord's REST interface: through serenity's rate limiter, with a deadline each, with retries where a retry can
//! do no harm, and never before the time that Discord named.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use backon::{ExponentialBuilder, Retryable};
use ceo_commands::{model::Text, ports::Posted, texts::chat};
use serde_json::Value as Json;
use serenity::{
    all::{ApplicationId, ChannelId, GuildId, InteractionId, MessageId, UserId},
    builder::CreateAttachment,
    http::{Http, HttpError, LightMethod, Multipart, MultipartUpload, RatelimitInfo, Request, Route},
};
use tokio::time::Instant;

use super::{ports::Signals, render::Upload};

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RestError {
    /// Discord understood and said no.
    Refused { status: u16, code: i64, message: String },
    /// Discord failed. Usually nothing happened; not always.
    Failed { status: u16 },
    /// The connection never stood: nothing happened.
    NotSent(Text),
    /// It would have changed a message of a channel in which none is ever changed.
    Kept,
    /// No answer came in time, or it was cut: whether anything happened is not known.
    Unknown(Text),
}

/// Codes of Discord's refusals that mean something here.
pub(crate) mod code {
    /// What serenity says, and so do we, where an answer names no code.
    pub(crate) const NOT_DISCORDS: i64 = -1;
    pub(crate) const UNKNOWN_CHANNEL: i64 = 10003;
    pub(crate) const UNKNOWN_MEMBER: i64 = 10007;
    pub(crate) const UNKNOWN_MESSAGE: i64 = 10008;
    pub(crate) const UNKNOWN_USER: i64 = 10013;
    pub(crate) const UNKNOWN_WEBHOOK: i64 = 10015;
    pub(crate) const UNKNOWN_INTERACTION: i64 = 10062;
    pub(crate) const OLD_EDITS: i64 = 30046;
    pub(crate) const ACKNOWLEDGED: i64 = 40060;
    pub(crate) const NO_ACCESS: i64 = 50001;
    pub(crate) const NO_PERMISSION: i64 = 50013;
    pub(crate) const BAD_TOKEN: i64 = 50027;
}

impl RestError {
    /// Why, within a sentence: an asker reads it where the chat is what their command needs.
    pub(crate) fn words(&self) -> Text {
        match self {
            Self::Refused {
                status,
                code,
                message,
            } => chat::refused(message, *status, *code),
            Self::Failed { status } => chat::failed(*status),
            Self::NotSent(why) => chat::not_reached(why),
            Self::Kept => chat::never_changed(),
            Self::Unknown(why) => chat::no_answer(why),
        }
    }

    /// The code of a refusal.
    pub(crate) fn code(&self) -> Option<i64> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Whether Discord refused what stands in the request, so that a plainer one may be taken.
    pub(crate) fn of_the_body(&self) -> bool {
        match self {
            Self::Refused { status: 413, .. } => true,
            Self::Refused {
                status: 400, code, ..
            } => *code != code::NOT_DISCORDS,
            _ => false,
        }
    }

    /// Whether the same request may succeed later.
    pub(crate) fn passing(&self) -> bool {
        match self {
            Self::Kept => false,
            // Without a code of Discord's it was something on the way that answered.
            Self::Refused { status, code, .. } => {
                matches!(status, 408 | 429) || (*code == code::NOT_DISCORDS && *status != 413)
            }
            Self::Failed { .. } | Self::NotSent(_) | Self::Unknown(_) => true,
        }
    }
}

impl fmt::Display for RestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().plain())
    }
}

impl std::error::Error for RestError {}

/// One request.
#[derive(Clone)]
pub(crate) struct Call<'a> {
    pub(crate) method: LightMethod,
    pub(crate) route: Route<'a>,
    pub(crate) body: Option<&'a Json>,
    pub(crate) files: &'a [Upload],
    pub(crate) params: Option<Vec<(&'static str, String)>>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(method: LightMethod, route: Route<'a>) -> Self {
        Self {
            method,
            route,
            body: None,
            files: &[],
            params: None,
        }
    }
    pub(crate) fn body(mut self, body: &'a Json) -> Self {
        self.body = Some(body);
        self
    }
    pub(crate) fn files(mut self, files: &'a [Upload]) -> Self {
        self.files = files;
        self
    }

    /// Whether it would change or delete a message of a channel.
    fn changes_message_of(&self, channel: u64) -> bool {
        let there = |id: ChannelId| id == channel_id(channel);
        match self.route {
            Route::ChannelMessage { channel_id, .. } => {
                there(channel_id) && !matches!(self.method, LightMethod::Get)
            }
            Route::ChannelMessagesBulkDelete { channel_id } => there(channel_id),
            _ => false,
        }
    }

    fn request(&self) -> Result<Request<'a>, RestError> {
        let malformed = |e: serde_json::Error| RestError::NotSent(chat::request_is_no_json(&e.to_string()));
        let mut request = Request::new(self.route, self.method).params(self.params.clone());
        if self.files.is_empty() {
            if let Some(body) = self.body {
                request = request.body(Some(serde_json::to_vec(body).map_err(malformed)?));
            }
            return Ok(request);
        }
        // serenity names every file of a raw request `files[0]`: it serves for one; see `send_many`.
        let uploads = self
            .files
            .iter()
            .map(|file| CreateAttachment::bytes(file.bytes.clone(), file.name.clone()))
            .collect();
        let payload = self
            .body
            .map(serde_json::to_string)
            .transpose()
            .map_err(malformed)?;
        Ok(request.multipart(Some(Multipart {
            upload: MultipartUpload::Attachments(uploads),
            fields: Vec::new(),
            payload_json: payload,
        })))
    }
}

/// Until when nobody may ask again: per route, and for all of them. serenity waits out a 429 in the request that met it; this
/// holds back the others after a global one, and ours after a wait that was given up.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    until: Mutex<HashMap<String, Instant>>,
}

const EVERYTHING: &str = "*";

impl Gate {
    pub(crate) fn close(&self, info: &RatelimitInfo) {
        let key = if info.global {
            EVERYTHING.to_owned()
        } else {
            key(info.method, &info.path)
        };
        self.shut(key, info.timeout);
    }

    fn shut(&self, key: String, wait: Duration) {
        let now = Instant::now();
        let end = now + wait;
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.retain(|_, end| *end > now);
        let stored = until.entry(key).or_insert(end);
        *stored = (*stored).max(end);
    }

    async fn pass(&self, call: &Call<'_>) {
        // Interactions are exempt from the global limit.
        let exempt = matches!(
            call.route,
            Route::InteractionResponse { .. }
                | Route::WebhookOriginalInteractionResponse { .. }
                | Route::WebhookFollowupMessages { .. }
        );
        let own = key(call.method, &call.route.path());
        loop {
            let end = {
                let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
                let global = until.get(EVERYTHING).copied().filter(|_| !exempt);
                until.get(&own).copied().into_iter().chain(global).max()
            };
            match end {
                Some(end) if end > Instant::now() => tokio::time::sleep_until(end).await,
                _ => return,
            }
        }
    }
}

fn key(method: LightMethod, path: &str) -> String {
    format!("{method:?} {path}")
}

/// How long, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For one request with all waiting for rate limits.
    pub(crate) one: Duration,
    /// Between the first and the second try; doubles.
    pub(crate) pause: Duration,
    /// Retries after the first try.
    pub(crate) retries: usize,
}

/// Discord's REST interface.
pub(crate) struct Rest {
    pub(crate) http: Arc<Http>,
    /// For the requests that serenity cannot make.
    pub(crate) client: reqwest::Client,
    pub(crate) gate: Arc<Gate>,
    pub(crate) signals: Arc<dyn Signals>,
    pub(crate) patience: Patience,
    /// The channel in which no message is ever changed.
    pub(crate) append_only: Option<u64>,
}

impl Rest {
    /// One try. Gives the answer's JSON, `null` for an empty one.
    pub(crate) async fn once(&self, call: Call<'_>) -> Result<Json, RestError> {
        if self
            .append_only
            .is_some_and(|channel| call.changes_message_of(channel))
        {
            return Err(RestError::Kept);
        }
        let within = self.patience.one;
        let result = match tokio::time::timeout(within, self.send(call)).await {
            Ok(result) => result,
            Err(_) => Err(RestError::Unknown(chat::nothing_within(within))),
        };
        let alive = matches!(result, Ok(_) | Err(RestError::Refused { .. }));
        self.signals.rest(alive);
        self.signals.request(match &result {
            Ok(_) => Some(200),
            Err(RestError::Refused { status, .. } | RestError::Failed { status }) => Some(*status),
            Err(RestError::NotSent(_) | RestError::Unknown(_) | RestError::Kept) => None,
        });
        result
    }

    async fn send(&self, call: Call<'_>) -> Result<Json, RestError> {
        if call.files.len() > 1 {
            return self.send_many(&call).await;
        }
        self.gate.pass(&call).await;
        let response = self.http.request(call.request()?).await.map_err(said)?;
        json_of(&response.bytes().await.map_err(sent)?)
    }

    /// A request with several files, each under a name of its own, past serenity. A 429 is waited out here.
    async fn send_many(&self, call: &Call<'_>) -> Result<Json, RestError> {
        loop {
            self.gate.pass(call).await;
            let path = call.route.path();
            let request = self
                .client
                .request(method(call.method), path.as_ref())
                .header(reqwest::header::AUTHORIZATION, self.http.token())
                .header(reqwest::header::USER_AGENT, serenity::constants::USER_AGENT)
                .multipart(form(call)?);
            let response = request.send().await.map_err(sent)?;
            let status = response.status().as_u16();
            let bytes = response.bytes().await.map_err(sent)?;
            match status {
                200..300 => return json_of(&bytes),
                500.. => return Err(RestError::Failed { status }),
                _ => {}
            }
            let said = json_of(&bytes).unwrap_or_default();
            let Some(seconds) = said["retry_after"].as_f64().filter(|_| status == 429) else {
                let message = said["message"].as_str().unwrap_or_default().to_owned();
                let code = said["code"].as_i64().unwrap_or(code::NOT_DISCORDS);
                return Err(RestError::Refused {
                    status,
                    code,
                    message,
                });
            };
            let wait = Duration::try_from_secs_f64(seconds).unwrap_or(self.patience.one);
            let global = said["global"] == Json::Bool(true);
            self.signals.limited(global, wait);
            let shut = if global {
                EVERYTHING.to_owned()
            } else {
                key(call.method, &path)
            };
            self.gate.shut(shut, wait);
        }
    }

    /// As often as patience goes. Only for what does the same when it is done twice.
    pub(crate) async fn again(&self, call: Call<'_>) -> Result<Json, RestError> {
        let backoff = ExponentialBuilder::default()
            .with_min_delay(self.patience.pause)
            .with_max_delay(Duration::from_secs(20))
            .with_max_times(self.patience.retries)
            .with_jitter();
        (|| self.once(call.clone()))
            .retry(backoff)
            .when(RestError::passing)
            .await
    }

    /// Retried only where it is certain that nothing happened.
    pub(crate) async fn unless_sent(&self, call: Call<'_>) -> Result<Json, RestError> {
        let backoff = ExponentialBuilder::default()
            .with_min_delay(self.patience.pause)
            .with_max_times(self.patience.retries)
            .with_jitter();
        (|| self.once(call.clone()))
            .retry(backoff)
            .when(|e| matches!(e, RestError::NotSent(_)))
            .await
    }

    /// The roles of a member, as Discord has them now.
    pub(crate) async fn member(&self, guild: u64, user: u64) -> Result<Json, RestError> {
        let route = Route::GuildMember {
            guild_id: guild_id(guild),
            user_id: UserId::new(user.max(1)),
        };
        self.again(Call::new(LightMethod::Get, route)).await
    }

    /// How many people have each role.
    pub(crate) async fn role_counts(&self, guild: u64) -> Result<Json, RestError> {
        let route = Route::GuildRoleMemberCounts {
            guild_id: guild_id(guild),
        };
        self.again(Call::new(LightMethod::Get, route)).await
    }

    /// The registered commands of the server, with all languages.
    pub(crate) async fn commands(&self, application: u64, guild: u64) -> Result<Json, RestError> {
        let mut call = Call::new(LightMethod::Get, commands_route(application, guild));
        call.params = Some(vec![("with_localizations", "true".to_owned())]);
        self.again(call).await
    }

    /// Replaces the commands of the server.
    pub(crate) async fn put_commands(
        &self,
        application: u64,
        guild: u64,
        all: &Json,
    ) -> Result<Json, RestError> {
        self.again(Call::new(LightMethod::Put, commands_route(application, guild)).body(all))
            .await
    }

    /// Posts a message. `body` holds a nonce that Discord enforces: the caller may repeat it.
    pub(crate) async fn post(&self, channel: u64, body: &Json, files: &[Upload]) -> Result<Json, RestError> {
        let route = Route::ChannelMessages {
            channel_id: channel_id(channel),
        };
        self.once(Call::new(LightMethod::Post, route).body(body).files(files))
            .await
    }

    /// Edits a message of a channel, one try.
    pub(crate) async fn edit(&self, at: Posted, body: &Json, files: &[Upload]) -> Result<Json, RestError> {
        let route = Route::ChannelMessage {
            channel_id: channel_id(at.channel.0),
            message_id: MessageId::new(at.message.max(1)),
        };
        self.once(Call::new(LightMethod::Patch, route).body(body).files(files))
            .await
    }

    /// The first response to an interaction, one try.
    pub(crate) async fn callback(&self, id: u64, token: &str, body: &Json) -> Result<(), RestError> {
        let route = Route::InteractionResponse {
            interaction_id: InteractionId::new(id.max(1)),
            token,
        };
        self.once(Call::new(LightMethod::Post, route).body(body))
            .await
            .map(drop)
    }

    /// Edits the first response.
    pub(crate) async fn edit_original(
        &self,
        to: &Reach,
        body: &Json,
        files: &[Upload],
    ) -> Result<Json, RestError> {
        self.again(
            Call::new(LightMethod::Patch, to.original())
                .body(body)
                .files(files),
        )
        .await
    }

    /// The first response, if there is one. One try.
    pub(crate) async fn original(&self, to: &Reach) -> Result<Json, RestError> {
        self.once(Call::new(LightMethod::Get, to.original())).await
    }

    /// Deletes the first response.
    pub(crate) async fn delete_original(&self, to: &Reach) -> Result<(), RestError> {
        self.again(Call::new(LightMethod::Delete, to.original()))
            .await
            .map(drop)
    }

    /// One more message to the interaction.
    pub(crate) async fn follow_up(
        &self,
        to: &Reach,
        body: &Json,
        files: &[Upload],
    ) -> Result<Json, RestError> {
        let route = Route::WebhookFollowupMessages {
            application_id: to.application(),
            token: &to.token,
        };
        self.unless_sent(Call::new(LightMethod::Post, route).body(body).files(files))
            .await
    }
}

/// How to reach the person behind an interaction.
#[derive(Clone)]
pub(crate) struct Reach {
    pub(crate) application: u64,
    pub(crate) token: String,
}

impl Reach {
    fn application(&self) -> ApplicationId {
        ApplicationId::new(self.application.max(1))
    }
    fn original(&self) -> Route<'_> {
        Route::WebhookOriginalInteractionResponse {
            application_id: self.application(),
            token: &self.token,
        }
    }
}

/// serenity's ids are never zero and panic at it.
fn guild_id(id: u64) -> GuildId {
    GuildId::new(id.max(1))
}
fn channel_id(id: u64) -> ChannelId {
    ChannelId::new(id.max(1))
}
fn commands_route(application: u64, guild: u64) -> Route<'static> {
    Route::GuildCommands {
        application_id: ApplicationId::new(application.max(1)),
        guild_id: guild_id(guild),
    }
}

/// What serenity's error means. No address goes into it: addresses of interactions hold their tokens.
fn said(error: serenity::Error) -> RestError {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            let status = response.status_code.as_u16();
            if status >= 500 {
                return RestError::Failed { status };
            }
            let code = i64::try_from(response.error.code).unwrap_or(code::NOT_DISCORDS);
            let mut message = response.error.message.clone();
            for one in response.error.errors.iter().take(5) {
                message.push_str(&format!("; {}: {}", one.path, one.message));
            }
            RestError::Refused {
                status,
                code,
                message,
            }
        }
        serenity::Error::Http(HttpError::Request(error)) => sent(error),
        other => RestError::Unknown(other.to_string().into()),
    }
}

fn sent(error: reqwest::Error) -> RestError {
    let error = error.without_url();
    let text = Text::from(chain(&error));
    if error.is_connect() || error.is_builder() {
        RestError::NotSent(text)
    } else {
        RestError::Unknown(text)
    }
}

fn json_of(bytes: &[u8]) -> Result<Json, RestError> {
    if bytes.is_empty() {
        return Ok(Json::Null);
    }
    serde_json::from_slice(bytes).map_err(|e| RestError::Unknown(chat::answer_is_no_json(&e.to_string())))
}

fn method(light: LightMethod) -> reqwest::Method {
    match light {
        LightMethod::Delete => reqwest::Method::DELETE,
        LightMethod::Get => reqwest::Method::GET,
        LightMethod::Patch => reqwest::Method::PATCH,
        LightMethod::Post => reqwest::Method::POST,
        LightMethod::Put => reqwest::Method::PUT,
    }
}

fn form(call: &Call<'_>) -> Result<reqwest::multipart::Form, RestError> {
    let mut form = reqwest::multipart::Form::new();
    if let Some(body) = call.body {
        form = form.text("payload_json", body.to_string());
    }
    for (n, file) in call.files.iter().enumerate() {
        let kind = if file.name.ends_with(".png") {
            "image/png"
        } else {
            "application/octet-stream"
        };
        let part = reqwest::multipart::Part::bytes(file.bytes.clone()).file_name(file.name.clone());
        form = form.part(format!("files[{n}]"), part.mime_str(kind).map_err(sent)?);
    }
    Ok(form)
}

/// An error with its causes: reqwest's own words alone say little.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serenity::http::HttpBuilder;
    use tokio::net::TcpListener;

    use super::{super::ports::NoSignals, *};

    const AUDIT: u64 = 3002;

    /// Over a real socket, which is what shows that nothing is sent.
    async fn rest() -> (Rest, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http = HttpBuilder::new("token")
            .proxy(format!("http://{}", listener.local_addr().unwrap()))
            .ratelimiter_disabled(true)
            .build();
        let rest = Rest {
            http: Arc::new(http),
            client: reqwest::Client::new(),
            gate: Arc::default(),
            signals: Arc::new(NoSignals),
            patience: Patience {
                one: Duration::from_secs(5),
                pause: Duration::from_millis(1),
                retries: 0,
            },
            append_only: Some(AUDIT),
        };
        (rest, listener)
    }

    fn message(channel: u64) -> Route<'static> {
        Route::ChannelMessage {
            channel_id: channel_id(channel),
            message_id: MessageId::new(7),
        }
    }

    /// The first line of the request that arrives when `call` is made; the answer never comes.
    async fn arrives(call: Call<'_>) -> String {
        use tokio::io::{AsyncBufReadExt, BufReader};
        let (rest, listener) = rest().await;
        let read = async {
            let (stream, _) = listener.accept().await.unwrap();
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).await.unwrap();
            line
        };
        tokio::select! {
            line = read => line,
            end = rest.once(call) => panic!("it ended before it arrived: {end:?}"),
        }
    }

    #[tokio::test]
    async fn in_the_witnesss_channel_nothing_is_changed_or_deleted() {
        let (rest, listener) = rest().await;
        let body = json!({"content": "another head"});
        let many = Route::ChannelMessagesBulkDelete {
            channel_id: channel_id(AUDIT),
        };
        let changes = [
            Call::new(LightMethod::Patch, message(AUDIT)).body(&body),
            Call::new(LightMethod::Put, message(AUDIT)).body(&body),
            Call::new(LightMethod::Delete, message(AUDIT)),
            Call::new(LightMethod::Post, many).body(&body),
        ];
        for call in changes {
            let method = call.method;
            assert_eq!(rest.again(call.clone()).await, Err(RestError::Kept), "{method:?}");
            assert_eq!(rest.unless_sent(call).await, Err(RestError::Kept), "{method:?}");
        }
        let at = Posted {
            channel: ceo_commands::model::ChannelId(AUDIT),
            message: 7,
        };
        assert_eq!(rest.edit(at, &body, &[]).await, Err(RestError::Kept));
        // A connection that was made would lie in the listener's queue by now.
        let arrived = futures::FutureExt::now_or_never(listener.accept());
        assert!(arrived.is_none(), "a request was sent");
    }

    #[tokio::test]
    async fn it_is_read_there_and_written_elsewhere() {
        let body = json!({"content": "words"});
        let read = arrives(Call::new(LightMethod::Get, message(AUDIT))).await;
        assert!(
            read.starts_with("GET ") && read.contains("/channels/3002/messages/7"),
            "{read}"
        );
        let post = Route::ChannelMessages {
            channel_id: channel_id(AUDIT),
        };
        let posted = arrives(Call::new(LightMethod::Post, post).body(&body)).await;
        assert!(
            posted.starts_with("POST ") && posted.contains("/channels/3002/messages"),
            "{posted}"
        );
        let edited = arrives(Call::new(LightMethod::Patch, message(AUDIT + 1)).body(&body)).await;
        assert!(
            edited.starts_with("PATCH ") && edited.contains("/channels/3003/messages/7"),
            "{edited}"
        );
    }
}
