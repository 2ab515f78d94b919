//! An answer on its way out.

use axum::body::Body;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use crate::kube::status::Failure;

/// What a handler answers.
pub(crate) struct Answer {
    /// Status code.
    pub(crate) status: u16,
    /// `Content-Type`.
    pub(crate) content_type: &'static str,
    /// Sentences for `Warning` headers.
    pub(crate) warnings: Vec<String>,
    /// `Retry-After`, in seconds.
    pub(crate) retry_after: Option<u32>,
    /// Further headers.
    pub(crate) headers: Vec<(HeaderName, String)>,
    /// The body.
    pub(crate) body: Body,
}

impl Answer {
    /// A body of some type.
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Body>) -> Answer {
        Answer {
            status,
            content_type,
            warnings: Vec::new(),
            retry_after: None,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// A JSON object.
    pub(crate) fn json(status: u16, value: &Value) -> Answer {
        Answer::new(status, "application/json", value.to_string())
    }

    /// Plain text.
    pub(crate) fn text(status: u16, text: impl Into<String>) -> Answer {
        Answer::new(status, "text/plain; charset=utf-8", text.into())
    }

    /// The 404 for a path that is not served.
    pub(crate) fn page_not_found() -> Answer {
        Answer::text(404, "404 page not found\n")
    }

    /// The HTTP response.
    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(self.body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache, private"),
        );
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        for warning in self.warnings {
            let text = format!("299 - \"{}\"", warning.replace('\\', "\\\\").replace('"', "\\\""));
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.append(header::WARNING, value);
            }
        }
        response
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Answer {
        let mut answer = Answer::json(failure.code, &failure.body());
        if failure.code == 429 {
            answer.retry_after = Some(1);
        }
        answer
    }
}
