//! Container logs and the rules of the `log` subresource.
//!
//! A log is a list of lines with times, a formula for lines (so that a million of them take no memory), or both. A
//! reader takes a shared `Book` out of the node and goes on without it, so that following a log holds no lock.

use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::{Value, json};

mod book;

use super::controllers::meta::{name, text};
use super::node::Node;
use super::status::{Cause, Failure};
use book::Book;
pub(crate) use book::Logs;

/// `PodLogOptions`, as parsed from the query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogRequest {
    /// The container; needed when the pod has several.
    pub container: Option<String>,
    /// Keep the connection and send what follows.
    pub follow: bool,
    /// The terminated container before this one.
    pub previous: bool,
    /// Only what is younger than so many seconds.
    pub since_seconds: Option<i64>,
    /// Only what is younger than this time (RFC 3339).
    pub since_time: Option<String>,
    /// Begin each line with its time.
    pub timestamps: bool,
    /// Only so many lines from the end.
    pub tail_lines: Option<i64>,
    /// At most so many bytes.
    pub limit_bytes: Option<i64>,
}

/// The answer of the `log` subresource.
pub enum LogAnswer {
    /// 200, `text/plain`.
    Text(Bytes),
    /// 200, `text/plain`, as it comes.
    Follow(BoxStream<'static, Bytes>),
    /// 204: the pod has not been scheduled.
    Empty,
}

/// Reads the log of a container of a pod that exists.
///
/// # Errors
/// The recorded refusals: no such container, none named, waiting to start, no previous one.
pub fn read(node: &Node, pod: &Value, request: &LogRequest) -> Result<LogAnswer, Failure> {
    validate(pod, request)?;
    let container = choose(pod, request)?;
    if text(pod, "/spec/nodeName").is_empty() {
        return Ok(LogAnswer::Empty);
    }
    let id = find(pod, &container, request.previous)?;
    let book = node.lock().logs.book(&id);
    let Some(book) = book else {
        return Ok(LogAnswer::Text(
            format!("unable to retrieve container logs for {id}").into(),
        ));
    };
    let Some(start) = book.start(request) else {
        return Err(Failure::bad_request("parsing time in sinceTime"));
    };
    let large = book.is_large();
    let reader = Reader {
        book,
        next: start,
        left: request
            .limit_bytes
            .map(|limit| usize::try_from(limit).unwrap_or(0)),
        timestamps: request.timestamps,
        follow: request.follow,
    };
    if request.follow || large {
        return Ok(LogAnswer::Follow(stream::unfold(reader, Reader::step).boxed()));
    }
    Ok(LogAnswer::Text(reader.all()))
}

struct Reader {
    book: Arc<Book>,
    next: u64,
    left: Option<usize>,
    timestamps: bool,
    follow: bool,
}

impl Reader {
    /// What is there and not yet read, up to the limit; `None` when there is nothing.
    fn take(&mut self) -> Option<Bytes> {
        let (mut bytes, next) = self.book.read(self.next, self.timestamps);
        self.next = next;
        if let Some(left) = &mut self.left {
            bytes.truncate(*left);
            *left -= bytes.len();
        }
        (!bytes.is_empty()).then_some(bytes)
    }

    fn all(mut self) -> Bytes {
        let mut all = BytesMut::new();
        while let Some(bytes) = self.take() {
            all.put_slice(&bytes);
        }
        all.freeze()
    }

    async fn step(mut self) -> Option<(Bytes, Reader)> {
        loop {
            let mut changed = self.book.changed.subscribe();
            let closed = self.book.is_closed();
            if let Some(bytes) = self.take() {
                return Some((bytes, self));
            }
            if !self.follow || closed || self.left == Some(0) {
                return None;
            }
            match self.book.tick {
                // A tick is made when it is read: look again at its time.
                Some(tick) => {
                    let _ = tokio::time::timeout(tick.max(Duration::from_millis(1)), changed.changed()).await;
                }
                None => changed.changed().await.ok()?,
            }
        }
    }
}

fn validate(pod: &Value, request: &LogRequest) -> Result<(), Failure> {
    let mut causes = Vec::new();
    let mut least = |field: &str, value: Option<i64>, least: i64| {
        if let Some(value) = value.filter(|value| *value < least) {
            let detail = format!("must be greater than or equal to {least}");
            causes.push(Cause::invalid(field, &json!(value), &detail));
        }
    };
    least("tailLines", request.tail_lines, 0);
    least("limitBytes", request.limit_bytes, 1);
    least("sinceSeconds", request.since_seconds, 1);
    if request.since_seconds.is_some() && request.since_time.is_some() {
        causes.push(Cause::forbidden(
            "",
            "at most one of `sinceTime` or `sinceSeconds` may be specified",
        ));
    }
    if causes.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid("", "PodLogOptions", name(pod), &causes))
    }
}

fn names(pod: &Value, field: &str) -> Vec<String> {
    let list = pod["spec"][field].as_array().into_iter().flatten();
    list.filter_map(|container| container["name"].as_str().map(str::to_owned))
        .collect()
}

fn choose(pod: &Value, request: &LogRequest) -> Result<String, Failure> {
    let (main, init) = (names(pod, "containers"), names(pod, "initContainers"));
    match &request.container {
        Some(wanted) if wanted.is_empty() => {}
        Some(wanted) if main.contains(wanted) || init.contains(wanted) => return Ok(wanted.clone()),
        Some(wanted) => {
            let message = format!("container {wanted} is not valid for pod {}", name(pod));
            return Err(Failure::bad_request(message));
        }
        None => {}
    }
    match main.as_slice() {
        [only] => Ok(only.clone()),
        many => {
            let mut message = format!(
                "a container name must be specified for pod {}, choose one of: [{}]",
                name(pod),
                many.join(" ")
            );
            if !init.is_empty() {
                message.push_str(&format!(" or one of the init containers: [{}]", init.join(" ")));
            }
            Err(Failure::bad_request(message))
        }
    }
}

/// The container whose log is meant, in the order in which the kubelet looks for it.
fn find(pod: &Value, container: &str, previous: bool) -> Result<String, Failure> {
    let refuse = |message: String| Err(Failure::bad_request(message));
    let pod_name = name(pod);
    let statuses = ["containerStatuses", "initContainerStatuses"];
    let mut all = statuses
        .iter()
        .flat_map(|field| pod["status"][*field].as_array().into_iter().flatten());
    let Some(status) = all.find(|status| status["name"] == container) else {
        return refuse(format!(
            "container {container:?} in pod {pod_name:?} is not available"
        ));
    };
    let last = text(status, "/lastState/terminated/containerID");
    let ended = text(status, "/state/terminated/containerID");
    if previous {
        return if last.is_empty() {
            refuse(format!(
                "previous terminated container {container:?} in pod {pod_name:?} not found"
            ))
        } else {
            Ok(last.to_owned())
        };
    }
    if status["state"]["running"].is_object() {
        return Ok(text(status, "/containerID").to_owned());
    }
    if !ended.is_empty() {
        return Ok(ended.to_owned());
    }
    if !last.is_empty() {
        return Ok(last.to_owned());
    }
    let reason = text(status, "/state/waiting/reason");
    let told = match reason {
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        other => other,
    };
    refuse(format!(
        "container {container:?} in pod {pod_name:?} is waiting to start: {told}"
    ))
}

#[cfg(test)]
mod tests {
    use super::book::CHUNK;
    use super::*;

    fn text_of(answer: LogAnswer) -> String {
        match answer {
            LogAnswer::Text(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            _ => String::new(),
        }
    }

    fn node() -> Node {
        let store = crate::kube::store::Store::new(1);
        Node::new(&store, &crate::kube::sim::Pace::fast(), 1)
    }

    fn pod(state: Value, last: Value) -> Value {
        json!({"metadata": {"name": "p"}, "spec": {"nodeName": "node-1", "containers": [{"name": "api"}]},
               "status": {"containerStatuses": [{"name": "api", "containerID": "c2", "state": state, "lastState": last}]}})
    }

    #[test]
    fn tail_limit_and_refusals() {
        let node = node();
        node.lock().logs.open(
            "c2",
            &(0..9).map(|n| format!("line {n}")).collect::<Vec<_>>(),
            None,
        );
        let running = pod(json!({"running": {}}), json!({}));
        let request = LogRequest {
            tail_lines: Some(3),
            limit_bytes: Some(10),
            ..LogRequest::default()
        };
        assert_eq!(text_of(read(&node, &running, &request).unwrap()), "line 6\nlin");
        let previous = LogRequest {
            previous: true,
            ..LogRequest::default()
        };
        let refusal = read(&node, &running, &previous).err().unwrap();
        assert_eq!(
            refusal.message,
            "previous terminated container \"api\" in pod \"p\" not found"
        );
        let gone = pod(
            json!({"running": {}}),
            json!({"terminated": {"containerID": "c1"}}),
        );
        assert_eq!(
            text_of(read(&node, &gone, &previous).unwrap()),
            "unable to retrieve container logs for c1"
        );
    }

    #[tokio::test]
    async fn a_million_generated_lines_are_streamed() {
        let node = node();
        node.lock().logs.open("c2", &[], None);
        node.lock()
            .logs
            .generate("c2", 1_000_000, Arc::new(|n| format!("line {n}").into_bytes()));
        let running = pod(json!({"running": {}}), json!({}));
        let Ok(LogAnswer::Follow(stream)) = read(&node, &running, &LogRequest::default()) else {
            panic!()
        };
        let lines: usize = stream
            .fold(0, |sum, chunk| async move {
                assert!(chunk.len() < 2 * CHUNK);
                sum + chunk.iter().filter(|byte| **byte == b'\n').count()
            })
            .await;
        assert_eq!(lines, 1_000_000);
    }

    #[tokio::test]
    async fn following_ends_with_the_container() {
        let node = node();
        node.lock().logs.open("c2", &["first".into()], None);
        let running = pod(json!({"running": {}}), json!({}));
        let request = LogRequest {
            follow: true,
            ..LogRequest::default()
        };
        let Ok(LogAnswer::Follow(mut stream)) = read(&node, &running, &request) else {
            panic!()
        };
        assert_eq!(stream.next().await.unwrap(), "first\n");
        node.lock().logs.append("c2", Bytes::from_static(b"\xff"));
        assert_eq!(stream.next().await.unwrap(), &b"\xff\n"[..]);
        node.lock().logs.close("c2");
        assert!(stream.next().await.is_none());
    }
}
