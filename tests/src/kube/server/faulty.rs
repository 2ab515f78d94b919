//! Applying an injected fault to a request.

use std::future::pending;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream, Bytes};
use futures::Stream;
use http::Response;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use crate::kube::{faults::Effect, status::Failure};

/// What a fault leaves to do.
pub(super) enum Before {
    /// Go on.
    Proceed,
    /// Answer this instead.
    Answer(Answer),
}

/// The part of a fault that comes before the request is handled.
pub(super) async fn before(effect: Option<&Effect>, watch: bool, cut: &CancellationToken) -> Before {
    match effect {
        Some(Effect::Status(code)) => Before::Answer(refusal(*code).into()),
        Some(Effect::RetryAfter(code, seconds)) => {
            let mut answer = Answer::from(refusal(*code));
            answer.retry_after = Some(*seconds);
            Before::Answer(answer)
        }
        Some(Effect::WatchError(code)) if watch => {
            let event = json!({"type": "ERROR", "object": refusal(*code).body()});
            Before::Answer(Answer::new(200, "application/json", format!("{event}\n")))
        }
        Some(Effect::Delay(time)) => {
            tokio::time::sleep(*time).await;
            Before::Proceed
        }
        Some(Effect::Hang) => pending().await,
        Some(Effect::CutBefore) => {
            cut.cancel();
            pending().await
        }
        _ => Before::Proceed,
    }
}

/// The part of a fault that comes after the request took effect.
pub(super) async fn after(
    effect: Option<Effect>,
    response: Response<Body>,
    cut: CancellationToken,
) -> Response<Body> {
    match effect {
        Some(Effect::AppliedThenStatus(code)) => Answer::from(refusal(code)).into_response(),
        Some(Effect::AppliedThenHang) => pending().await,
        Some(Effect::CutAfter) => {
            cut.cancel();
            pending().await
        }
        Some(Effect::CutStream(bytes)) => response.map(|body| {
            Body::from_stream(Cutting {
                inner: body.into_data_stream(),
                left: bytes,
                cut,
            })
        }),
        _ => response,
    }
}

fn refusal(code: u16) -> Failure {
    let (reason, message) = match code {
        400 => (
            "BadRequest",
            "the server rejected our request for an unknown reason",
        ),
        401 => return Failure::unauthorized(),
        403 => ("Forbidden", "forbidden: injected fault"),
        404 => return Failure::no_such_resource(),
        409 => (
            "Conflict",
            "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again",
        ),
        410 => ("Expired", "too old resource version: 1 (2)"),
        429 => ("TooManyRequests", "too many requests, please try again later"),
        503 => (
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
        ),
        504 => (
            "Timeout",
            "request did not complete within requested timeout - context deadline exceeded",
        ),
        _ => ("InternalError", "Internal error occurred: injected fault"),
    };
    Failure {
        code,
        reason,
        message: message.to_owned(),
        details: None,
    }
}

/// A body that breaks the connection after so many bytes.
struct Cutting {
    inner: BodyDataStream,
    left: usize,
    cut: CancellationToken,
}

impl Stream for Cutting {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            self.cut.cancel();
            return Poll::Pending;
        }
        match Pin::new(&mut self.inner).poll_next(context) {
            Poll::Ready(Some(Ok(mut bytes))) => {
                bytes.truncate(self.left);
                self.left -= bytes.len();
                if self.left == 0 {
                    // Polled again once these bytes are on their way; then the connection goes.
                    context.waker().wake_by_ref();
                }
                Poll::Ready(Some(Ok(bytes)))
            }
            other => other,
        }
    }
}
