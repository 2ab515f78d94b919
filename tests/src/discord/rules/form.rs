//! Errors as Discord answers them, and the collector that nests form errors by path.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

/// An error answer of the REST interface.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Discord's code; 0 for plain HTTP errors.
    pub code: u32,
    /// Discord's sentence.
    pub message: String,
    /// Nested form errors.
    pub errors: Option<Value>,
    /// On 429: how long to wait, seconds.
    pub retry_after: Option<f64>,
}

impl ApiError {
    /// An error with a code of Discord's list.
    pub fn new(status: u16, code: u32, message: &str) -> Self {
        ApiError {
            status,
            code,
            message: message.to_owned(),
            errors: None,
            retry_after: None,
        }
    }

    /// The body of the answer.
    pub fn body(&self) -> Value {
        let mut body = json!({"message": self.message, "code": self.code});
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        if let Some(seconds) = self.retry_after {
            body["retry_after"] = json!(seconds);
        }
        body
    }
}

/// Shorthand for the errors that many routes share.
macro_rules! known_errors {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal $text:literal;)*) => {
        $($(#[$doc])* pub fn $name() -> ApiError { ApiError::new($status, $code, $text) })*
    };
}

known_errors! {
    /// There is no such channel.
    unknown_channel = 404 10003 "Unknown Channel";
    /// There is no such guild.
    unknown_guild = 404 10004 "Unknown Guild";
    /// There is no such member.
    unknown_member = 404 10007 "Unknown Member";
    /// There is no such message, or the bot cannot see it.
    unknown_message = 404 10008 "Unknown Message";
    /// There is no such user.
    unknown_user = 404 10013 "Unknown User";
    /// The interaction has no response yet, or there is no such webhook.
    unknown_webhook = 404 10015 "Unknown Webhook";
    /// The interaction's token is wrong or older than three seconds.
    unknown_interaction = 404 10062 "Unknown interaction";
    /// There is no such command.
    unknown_command = 404 10063 "Unknown application command";
    /// Another application's commands.
    not_your_application = 403 20012 "You are not authorized to perform this action on this application";
    /// The day's two hundred creations are used up.
    too_many_creates = 400 30034 "Max number of daily application command creates has been reached (200)";
    /// The interaction has had its first response.
    already_acknowledged = 400 40060 "Interaction has already been acknowledged.";
    /// The bot does not see the channel.
    missing_access = 403 50001 "Missing Access";
    /// Somebody else's message.
    not_your_message = 403 50005 "Cannot edit a message authored by another user";
    /// Nothing to say.
    empty_message = 400 50006 "Cannot send an empty message";
    /// The bot may not do that here.
    missing_permissions = 403 50013 "Missing Permissions";
    /// The interaction's fifteen minutes are over.
    invalid_webhook_token = 401 50027 "Invalid Webhook Token";
    /// The body is no JSON.
    bad_json = 400 50109 "The request body contains invalid JSON.";
    /// A form in answer to a form, or suggestions to a button.
    wrong_interaction_type = 400 50035 "Invalid Form Body";
    /// Files that are too large.
    too_large = 413 40005 "Request entity too large";
    /// The thread sleeps.
    thread_archived = 400 50083 "Thread is archived";
    /// One message, one thread.
    thread_exists = 400 160_004 "A thread has already been created for this message";
    /// A reply needs to see what it replies to.
    no_history = 400 160_002 "Cannot reply without permission to read message history";
}

/// Collects form errors.
#[derive(Debug, Default)]
pub struct Form {
    errors: Map<String, Value>,
}

impl Form {
    /// Adds an error at a dotted path such as `embeds.0.title`; the empty path is the body itself.
    pub fn add(&mut self, path: &str, code: &str, message: impl Into<String>) {
        let mut node = &mut self.errors;
        for key in path.split('.').filter(|key| !key.is_empty()) {
            let next = node.entry(key).or_insert_with(|| json!({}));
            let Value::Object(map) = next else { return };
            node = map;
        }
        let list = node.entry("_errors").or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(json!({"code": code, "message": message.into()}));
        }
    }

    /// `path`.`key`.
    pub fn at(path: &str, key: impl std::fmt::Display) -> String {
        if path.is_empty() {
            key.to_string()
        } else {
            format!("{path}.{key}")
        }
    }

    /// A field that must be there.
    pub fn required(&mut self, path: &str) {
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required");
    }

    /// A string of so many characters; absent or null is fine unless it must be there.
    pub fn text(&mut self, path: &str, value: &Value, range: RangeInclusive<usize>, must: bool) {
        let (min, max) = (*range.start(), *range.end());
        match value {
            Value::Null if must => self.required(path),
            Value::Null => {}
            Value::String(text) => {
                let length = text.chars().count();
                if length > max && min == 0 {
                    self.add(
                        path,
                        "BASE_TYPE_MAX_LENGTH",
                        format!("Must be {max} or fewer in length."),
                    );
                } else if length == 0 && must {
                    self.required(path);
                } else if length < min || length > max {
                    let text = format!("Must be between {min} and {max} in length.");
                    self.add(path, "BASE_TYPE_BAD_LENGTH", text);
                }
            }
            other => {
                self.add(
                    path,
                    "STRING_TYPE_CONVERT",
                    format!("Could not interpret \"{other}\" as string."),
                );
            }
        }
    }

    /// An array of at most `max`; its elements (none when it is absent or no array).
    pub fn list<'v>(&mut self, path: &str, value: &'v Value, max: usize) -> &'v [Value] {
        match value {
            Value::Null => &[],
            Value::Array(items) => {
                if items.len() > max {
                    self.add(
                        path,
                        "BASE_TYPE_MAX_LENGTH",
                        format!("Must be {max} or fewer in length."),
                    );
                }
                items
            }
            _ => {
                self.add(
                    path,
                    "LIST_TYPE_CONVERT",
                    "Only iterables may be used in a ListType",
                );
                &[]
            }
        }
    }

    /// A value that must be one of `allowed`.
    pub fn choice(&mut self, path: &str, value: &Value, allowed: &[u64]) -> Option<u64> {
        let number = integer(value).and_then(|number| u64::try_from(number).ok());
        match number {
            Some(number) if allowed.contains(&number) => Some(number),
            _ if value.is_null() => {
                self.required(path);
                None
            }
            _ => {
                let names: Vec<String> = allowed.iter().map(u64::to_string).collect();
                let text = format!("Value must be one of {{{}}}.", names.join(", "));
                self.add(path, "BASE_TYPE_CHOICES", text);
                None
            }
        }
    }

    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    /// # Errors
    /// 50035 with everything that was found.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let mut error = ApiError::new(400, 50035, "Invalid Form Body");
        error.errors = Some(Value::Object(self.errors));
        Err(error)
    }

    /// # Errors
    /// Always: 50035 with this one error.
    pub fn fail<T>(path: &str, code: &str, message: impl Into<String>) -> Result<T, ApiError> {
        let mut form = Form::default();
        form.add(path, code, message);
        form.finish().and_then(|()| Err(wrong_interaction_type()))
    }
}

/// An integer, written as a number or (as Discord allows) as a string.
pub fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A snowflake, written as a string or as a number.
pub fn snowflake(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_errors_are_nested_by_path() {
        let mut form = Form::default();
        form.text("embeds.0.title", &json!("x".repeat(257)), 0..=256, false);
        let error = form.finish().unwrap_err();
        assert_eq!(
            error.body(),
            json!({"message": "Invalid Form Body", "code": 50035, "errors": {"embeds": {"0": {"title": {"_errors": [
                {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 256 or fewer in length."}]}}}}})
        );
    }
}
