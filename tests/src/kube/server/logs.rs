//! The route of the `log` subresource; the logs themselves are the node's.

use axum::body::Body;
use futures::StreamExt as _;

use super::Api;
use super::answer::Answer;
use super::call::{Call, Target};
use crate::kube::{
    logs::{self, LogAnswer, LogRequest},
    status::Failure,
};

/// The log of a container.
pub(super) fn log(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    if call.method != http::Method::GET {
        return Err(Failure::method_not_allowed());
    }
    let pod = api
        .store
        .get_shared(&target.named())
        .ok_or_else(|| target.not_found())?;
    let number = |name: &str| match call.param(name).map(str::parse::<i64>) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(Failure::bad_request(format!("{name}: must be a number"))),
    };
    let request = LogRequest {
        container: call.param("container").map(str::to_owned),
        follow: call.flag("follow"),
        previous: call.flag("previous"),
        since_seconds: number("sinceSeconds")?,
        since_time: call.param("sinceTime").map(str::to_owned),
        timestamps: call.flag("timestamps"),
        tail_lines: number("tailLines")?,
        limit_bytes: number("limitBytes")?,
    };
    Ok(match logs::read(&api.node, &pod, &request)? {
        LogAnswer::Text(text) => Answer::new(200, "text/plain", text),
        LogAnswer::Follow(stream) => Answer::new(
            200,
            "text/plain",
            Body::from_stream(stream.map(Ok::<_, std::convert::Infallible>)),
        ),
        LogAnswer::Empty => Answer::new(204, "text/plain", Body::empty()),
    })
}
