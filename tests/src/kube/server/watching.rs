//! `watch`: initial events, changes, bookmarks, expiry.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};

use super::Api;
use super::answer::Answer;
use super::call::{Call, Form, Target};
use crate::kube::{
    selector::Selector,
    status::Failure,
    store::{EventKind, StoreEvent},
    table::{self, Include},
};

/// How long a watch lasts that names no time.
const LASTS: Duration = Duration::from_secs(45 * 60);
/// Events are sent together up to this size.
const CHUNK: usize = 64 * 1024;

/// Opens a watch.
pub(super) fn watch(api: &Arc<Api>, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let seconds = call
        .param("timeoutSeconds")
        .and_then(|text| text.parse::<u64>().ok())
        .filter(|s| *s > 0);
    let version = call.param("resourceVersion").unwrap_or_default();
    let Ok(from) = (if version.is_empty() {
        Ok(0)
    } else {
        version.parse::<u64>()
    }) else {
        return Err(Failure::bad_request(format!(
            "resourceVersion: Invalid value: {version:?}"
        )));
    };
    let listing = call.flag("sendInitialEvents");
    if listing && call.param("resourceVersionMatch") != Some("NotOlderThan") {
        let message = "sendInitialEvents is invalid: resourceVersionMatch must be set to NotOlderThan";
        return Err(Failure::bad_request(message));
    }
    let refuses_initial = call
        .query
        .get("sendInitialEvents")
        .is_some_and(|value| value == "false");
    let watcher = Watcher {
        api: api.clone(),
        target: target.clone(),
        selector: call.selector(target.resource.plural)?,
        form: call.form(),
        include: call.include(),
        bookmarks: call.flag("allowWatchBookmarks"),
        initial: listing || (from == 0 && !refuses_initial),
        from,
        until: Instant::now() + seconds.map_or(LASTS, Duration::from_secs),
        headed: false,
    };
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(watcher.run(sender));
    let stream = ReceiverStream::new(receiver).map(Ok::<Bytes, std::convert::Infallible>);
    let content_type = match call.form() {
        Form::Object => "application/json",
        Form::Table => "application/json;as=Table;g=meta.k8s.io;v=v1",
        Form::Metadata => "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    };
    Ok(Answer::new(200, content_type, Body::from_stream(stream)))
}

/// One open watch.
struct Watcher {
    api: Arc<Api>,
    target: Target,
    selector: Selector,
    form: Form,
    include: Include,
    bookmarks: bool,
    initial: bool,
    from: u64,
    until: Instant,
    headed: bool,
}

type Sender = mpsc::Sender<Bytes>;

/// The client has gone away.
struct Gone;

impl Watcher {
    async fn run(mut self, sender: Sender) {
        let sent = self.follow(&sender).await;
        if sent.is_ok() && self.bookmarks {
            let last = self.bookmark(false);
            // The client may have gone in this moment; then nobody misses the bookmark.
            let _ = sender.send(last).await;
        }
    }

    async fn follow(&mut self, sender: &Sender) -> Result<(), Gone> {
        let mut changes = self.api.store.changes();
        if self.initial {
            self.send_initial(sender).await?;
        }
        let mut next_bookmark = Instant::now() + self.api.bookmark;
        loop {
            changes.mark_unchanged();
            match self
                .api
                .store
                .since_of(self.target.resource.group, self.target.resource.plural, self.from)
            {
                Ok((events, newest)) => {
                    self.send_events(sender, &events).await?;
                    self.from = newest.max(self.from);
                }
                Err(expired) => {
                    let failure = Failure::expired(expired.to_string());
                    let event = json!({"type": "ERROR", "object": failure.body()});
                    self.bookmarks = false;
                    return send(sender, line(&event)).await;
                }
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return Ok(()) },
                () = tokio::time::sleep_until(self.until) => return Ok(()),
                () = tokio::time::sleep_until(next_bookmark), if self.bookmarks => {
                    next_bookmark = Instant::now() + self.api.bookmark;
                    let bookmark = self.bookmark(false);
                    send(sender, bookmark).await?;
                }
                () = sender.closed() => return Err(Gone),
            }
        }
    }

    async fn send_initial(&mut self, sender: &Sender) -> Result<(), Gone> {
        let resource = self.target.resource;
        let namespace = self.target.namespace.as_deref();
        let (objects, rv) = self
            .api
            .store
            .list_shared(resource.group, resource.plural, namespace);
        self.from = rv;
        let mut chunk = Vec::new();
        for object in &objects {
            if !self.selector.matches(object) {
                continue;
            }
            self.write(&mut chunk, "ADDED", object);
            if chunk.len() > CHUNK {
                send(sender, std::mem::take(&mut chunk).into()).await?;
            }
        }
        if self.bookmarks {
            chunk.extend_from_slice(&self.bookmark(true));
        }
        send(sender, chunk.into()).await
    }

    async fn send_events(&mut self, sender: &Sender, events: &[StoreEvent]) -> Result<(), Gone> {
        let mut chunk = Vec::new();
        for event in events {
            if self.target.namespace.is_some() && event.key.namespace != self.target.namespace {
                continue;
            }
            if let Some((kind, object)) = self.seen(event) {
                self.write(&mut chunk, kind, &object);
            }
            if chunk.len() > CHUNK {
                send(sender, std::mem::take(&mut chunk).into()).await?;
            }
        }
        send(sender, chunk.into()).await
    }

    /// How an event looks through the selector: an object that leaves it is deleted for this watcher.
    fn seen(&self, event: &StoreEvent) -> Option<(&'static str, Arc<Value>)> {
        let before = event
            .previous
            .as_ref()
            .is_some_and(|object| self.selector.matches(object));
        let after = event.kind != EventKind::Deleted && self.selector.matches(&event.object);
        let kind = match (before, after) {
            (false, false) => return None,
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
        };
        let left = kind == "DELETED" && event.kind == EventKind::Modified;
        let object = match (&event.previous, left) {
            (Some(previous), true) => {
                // The state that the watcher knew, with the version of the change that took it away.
                let mut object = Value::clone(previous);
                object["metadata"]["resourceVersion"] = json!(event.rv.to_string());
                Arc::new(object)
            }
            _ => event.object.clone(),
        };
        Some((kind, object))
    }

    fn write(&mut self, chunk: &mut Vec<u8>, kind: &str, object: &Value) {
        chunk.extend_from_slice(b"{\"type\":\"");
        chunk.extend_from_slice(kind.as_bytes());
        chunk.extend_from_slice(b"\",\"object\":");
        let written = match self.form {
            Form::Object if self.target.converts() => {
                serde_json::to_writer(&mut *chunk, &self.target.outward(object))
            }
            Form::Object => serde_json::to_writer(&mut *chunk, object),
            Form::Metadata => serde_json::to_writer(&mut *chunk, &table::partial(object)),
            Form::Table => {
                let plural = self.target.resource.plural;
                let mut table = table::table(plural, std::iter::once(object), self.include, !self.headed);
                table["metadata"]["resourceVersion"] = object["metadata"]["resourceVersion"].clone();
                self.headed = true;
                serde_json::to_writer(&mut *chunk, &table)
            }
        };
        debug_assert!(written.is_ok(), "a value is always written to memory");
        chunk.extend_from_slice(b"}\n");
    }

    fn bookmark(&self, initial: bool) -> Bytes {
        let mut metadata = json!({"resourceVersion": self.from.to_string()});
        if initial {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let object = match self.form {
            Form::Table => json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                "columnDefinitions": null, "rows": []}),
            Form::Metadata => {
                json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata})
            }
            Form::Object => {
                json!({"kind": self.target.resource.kind, "apiVersion": self.target.api_version(),
                "metadata": metadata})
            }
        };
        line(&json!({"type": "BOOKMARK", "object": object}))
    }
}

fn line(event: &Value) -> Bytes {
    Bytes::from(format!("{event}\n"))
}

async fn send(sender: &Sender, bytes: Bytes) -> Result<(), Gone> {
    if bytes.is_empty() {
        return Ok(());
    }
    sender.send(bytes).await.map_err(|_| Gone)
}
