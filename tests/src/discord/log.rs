//! Every request that came, and everything in them that Discord would not take or that a good bot never does.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;

/// A request that cannot have crossed with the 429: the answer had this long to arrive.
const IN_FLIGHT_MS: i64 = 150;
/// Clocks of two processes agree to so much.
const TOLERANCE_MS: i64 = 10;

/// One REST request and what was answered.
#[derive(Debug, Clone)]
pub struct Request {
    /// When it came, milliseconds since 1970.
    pub at_ms: i64,
    /// HTTP method.
    pub method: String,
    /// Path without `/api/v10` and without the query.
    pub path: String,
    /// The query string.
    pub query: String,
    /// The route's template, `None` when there is no such route.
    pub route: Option<&'static str>,
    /// JSON body, or the `payload_json` of a multipart one; null when there was none.
    pub body: Value,
    /// Names of the files that came along.
    pub files: Vec<String>,
    /// The status that was answered; 0 while there is no answer.
    pub status: u16,
    /// Discord's error code in the answer.
    pub code: Option<u64>,
    /// On 429: how long the bot is to wait, seconds.
    pub retry_after: Option<f64>,
}

/// The kinds of things a good bot does not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Offence {
    /// The body does not fit Discord's OpenAPI document.
    Schema,
    /// Discord refused the request as malformed or over a limit (400).
    Refused,
    /// A second first response to one interaction (40060).
    DoubleAck,
    /// There is no such route.
    UnknownRoute,
    /// A request before `retry_after` had passed.
    EarlyRetry,
    /// Text that mentions people or roles without `allowed_mentions`.
    Mention,
    /// A missing permission (403), asked for again.
    RepeatedForbidden,
    /// A wrong or missing token, or no `DiscordBot` user agent.
    Unauthorized,
    /// A gateway payload that Discord answers with a close code.
    Gateway,
}

/// One offence.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The kind.
    pub offence: Offence,
    /// Which request, and what was wrong.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.offence, self.text)
    }
}

#[derive(Debug, Clone, Copy)]
struct Wait {
    from_ms: i64,
    until_ms: i64,
}

/// Requests, violations, and who has to wait until when.
#[derive(Debug, Default)]
pub struct Log {
    /// Requests in the order in which they came.
    pub requests: Vec<Request>,
    /// Violations, but for those of the schema (see `checked`).
    pub violations: Vec<Violation>,
    /// How many requests have been held against the OpenAPI document.
    pub checked: usize,
    waits: HashMap<String, Wait>,
    forbidden: HashMap<String, u32>,
}

impl Log {
    /// Notes an offence.
    pub fn offend(&mut self, offence: Offence, text: impl Into<String>) {
        self.violations.push(Violation {
            offence,
            text: text.into(),
        });
    }

    /// Notes that `bucket` and this very request must wait until `until_ms`.
    pub fn must_wait(&mut self, bucket: &str, request: &Request, until_ms: i64) {
        let wait = Wait {
            from_ms: request.at_ms,
            until_ms,
        };
        self.waits.insert(fingerprint(request), wait);
        self.waits.insert(bucket.to_owned(), wait);
    }

    /// Notes an offence when `request` comes before its time.
    pub fn check_wait(&mut self, bucket: &str, request: &Request) {
        let early = |wait: &Wait| request.at_ms + TOLERANCE_MS < wait.until_ms;
        let repeated = self.waits.get(&fingerprint(request)).copied().filter(early);
        let in_bucket = self.waits.get(bucket).copied().filter(early);
        let in_bucket = in_bucket.filter(|wait| request.at_ms > wait.from_ms + IN_FLIGHT_MS);
        if let Some(wait) = repeated.or(in_bucket) {
            let left = wait.until_ms - request.at_ms;
            let text = format!(
                "{} {} came {left} ms before retry_after",
                request.method, request.path
            );
            self.offend(Offence::EarlyRetry, text);
        }
    }

    /// Notes an offence when the same permission is missing again and again.
    pub fn forbidden(&mut self, request: &Request, code: u64) {
        let times = self
            .forbidden
            .entry(format!("{} {} {code}", request.method, request.path))
            .or_default();
        *times += 1;
        if *times > 2 {
            let text = format!(
                "{} {} was refused with {code} {times} times",
                request.method, request.path
            );
            self.offend(Offence::RepeatedForbidden, text);
        }
    }
}

fn fingerprint(request: &Request) -> String {
    format!("{} {} {}", request.method, request.path, request.body)
}
