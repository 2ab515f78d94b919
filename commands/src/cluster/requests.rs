//! Single requests. Each has a timeout and is counted. Reads are repeated when the connection broke or the server asked
//! to wait, within the same timeout; writes are sent once.

use std::time::{Duration, Instant};

use http::Request;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::{ClusterError, errors::Asked, fields::FIELD_MANAGER, paths, registry::Cluster};
use crate::texts::unanswered as say;

/// Pauses before the second and the third try of a read.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// One object's address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address<'a> {
    /// `apps/deployments`.
    pub(super) resource: &'a str,
    /// The namespace; `None` for what belongs to the cluster.
    pub(super) namespace: Option<&'a str>,
    /// The name; with a subresource behind a slash when asked for (`x/log`).
    pub(super) name: &'a str,
}

impl Address<'_> {
    fn path(&self) -> Result<String, ClusterError> {
        let bad = || ClusterError::Invalid {
            message: say::no_name(self.resource, self.name),
        };
        let collection = paths::collection(self.resource, self.namespace).ok_or_else(bad)?;
        if self.name.split('/').all(paths::is_segment) {
            Ok(format!("{collection}/{}", self.name))
        } else {
            Err(bad())
        }
    }
}

impl Cluster {
    /// Says what is asked, for errors.
    pub(super) fn asked<'a>(&'a self, verb: &'static str, address: &Address<'a>) -> Asked<'a> {
        Asked {
            cluster: self.name(),
            verb,
            resource: address.resource,
            namespace: address.namespace.unwrap_or_default(),
            name: address.name,
            writes: false,
        }
    }

    /// Waits for a request no longer than allowed, and counts it.
    pub(super) async fn timed<T>(
        &self,
        asked: &Asked<'_>,
        request: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, ClusterError> {
        self.timed_within(self.timeout, asked, request).await
    }

    async fn timed_within<T>(
        &self,
        limit: Duration,
        asked: &Asked<'_>,
        request: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, ClusterError> {
        let began = Instant::now();
        let answer = match tokio::time::timeout(limit, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(ClusterError::of(&error, asked)),
            Err(_) => Err(ClusterError::too_slow(asked, self.timeout)),
        };
        let outcome = answer.as_ref().err().map_or("ok", ClusterError::word);
        self.observer
            .request(self.name(), asked.verb, outcome, began.elapsed());
        if let Err(error) = &answer {
            tracing::debug!(cluster = self.name(), verb = asked.verb, resource = asked.resource, %error, "request failed");
        }
        answer
    }

    /// Repeats a read while it meets an outage that passes, no longer in all than one request may take.
    pub(super) async fn read<T, F>(
        &self,
        asked: &Asked<'_>,
        mut request: impl FnMut(kube::Client) -> F,
    ) -> Result<T, ClusterError>
    where
        F: Future<Output = kube::Result<T>>,
    {
        let until = Instant::now() + self.timeout;
        let mut pauses = PAUSES.into_iter();
        loop {
            let client = self.client().await?;
            let left = until.saturating_duration_since(Instant::now());
            let error = match self.timed_within(left, asked, request(client)).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let Some(pause) = pauses.next().and_then(|usual| pause_after(&error, usual)) else {
                return Err(error);
            };
            if Instant::now() + pause >= until {
                return Err(error);
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// One object as the API server gives it, read as a type; as [`Value`] no field is lost.
    pub(super) async fn get<T: DeserializeOwned>(&self, address: &Address<'_>) -> Result<T, ClusterError> {
        let path = address.path()?;
        self.read_as(&self.asked("get", address), &path).await
    }

    /// A list, or a page of one, read as a type.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        address: &Address<'_>,
        query: &[(&'static str, String)],
    ) -> Result<T, ClusterError> {
        let path =
            paths::collection(address.resource, address.namespace).ok_or_else(|| ClusterError::Invalid {
                message: say::no_resource(address.resource),
            })?;
        let pairs: Vec<(&str, &str)> = query.iter().map(|(name, text)| (*name, text.as_str())).collect();
        self.read_as(&self.asked("list", address), &with_query(&path, &pairs))
            .await
    }

    /// A list as the API server gives it.
    pub(super) async fn list_values(
        &self,
        address: &Address<'_>,
        label_selector: Option<&str>,
    ) -> Result<Vec<Value>, ClusterError> {
        let labels = label_selector.map(|selector| ("labelSelector", selector.to_owned()));
        let list: Value = self.list(address, labels.as_slice()).await?;
        match list {
            Value::Object(mut fields) => match fields.remove("items") {
                Some(Value::Array(items)) => Ok(items),
                _ => Ok(Vec::new()),
            },
            _ => Ok(Vec::new()),
        }
    }

    pub(super) async fn read_as<T: DeserializeOwned>(
        &self,
        asked: &Asked<'_>,
        path: &str,
    ) -> Result<T, ClusterError> {
        let request = request_of("GET", path, None, Vec::new())?;
        self.read(asked, |client| {
            let request = request.clone();
            async move { client.request::<T>(request).await }
        })
        .await
    }

    /// Sends a JSON patch. Once: it is never repeated here.
    pub(super) async fn patch(
        &self,
        address: &Address<'_>,
        operations: &Value,
        dry_run: bool,
    ) -> Result<Value, ClusterError> {
        let mut query = vec![("fieldManager", FIELD_MANAGER)];
        if dry_run {
            query.push(("dryRun", "All"));
        }
        let path = with_query(&address.path()?, &query);
        let body = operations.to_string().into_bytes();
        let request = request_of("PATCH", &path, Some("application/json-patch+json"), body)?;
        self.send("patch", address, request, !dry_run).await
    }

    /// Creates an object. Once: it is never repeated here.
    pub(super) async fn create(
        &self,
        address: &Address<'_>,
        object: &Value,
        dry_run: bool,
    ) -> Result<Value, ClusterError> {
        let mut query = vec![("fieldManager", FIELD_MANAGER)];
        if dry_run {
            query.push(("dryRun", "All"));
        }
        let path =
            paths::collection(address.resource, address.namespace).ok_or_else(|| ClusterError::Invalid {
                message: say::no_resource(address.resource),
            })?;
        let body = object.to_string().into_bytes();
        let request = request_of("POST", &with_query(&path, &query), Some("application/json"), body)?;
        self.send("create", address, request, !dry_run).await
    }

    /// Applies an object on the server. Once: it is never repeated here.
    pub(super) async fn apply(&self, address: &Address<'_>, object: &Value) -> Result<Value, ClusterError> {
        let path = with_query(&address.path()?, &[("fieldManager", FIELD_MANAGER)]);
        let body = object.to_string().into_bytes();
        let request = request_of("PATCH", &path, Some("application/apply-patch+yaml"), body)?;
        self.send("patch", address, request, true).await
    }

    /// Deletes the object of this uid. Once: it is never repeated here.
    pub(super) async fn delete(&self, address: &Address<'_>, uid: &str) -> Result<Value, ClusterError> {
        let options = serde_json::json!({
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
            "preconditions": { "uid": uid },
        });
        let body = options.to_string().into_bytes();
        let request = request_of("DELETE", &address.path()?, Some("application/json"), body)?;
        self.send("delete", address, request, true).await
    }

    async fn send(
        &self,
        verb: &'static str,
        address: &Address<'_>,
        request: Request<Vec<u8>>,
        writes: bool,
    ) -> Result<Value, ClusterError> {
        let asked = Asked {
            writes,
            ..self.asked(verb, address)
        };
        let client = self.client().await?;
        self.timed(&asked, client.request::<Value>(request)).await
    }
}

/// How long to wait before the next try, when one makes sense. A refused connection is told at once.
fn pause_after(error: &ClusterError, usual: Duration) -> Option<Duration> {
    match error {
        ClusterError::Throttled { retry_after, .. } => Some(retry_after.unwrap_or(usual)),
        ClusterError::Unreachable { detail, .. } if *detail != say::refused() => Some(usual),
        _ => None,
    }
}

/// A path with a query.
pub(super) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in pairs {
        query.append_pair(name, value);
    }
    format!("{path}?{}", query.finish())
}

fn request_of(
    method: &str,
    path: &str,
    content_type: Option<&str>,
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, ClusterError> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("accept", "application/json");
    if let Some(kind) = content_type {
        request = request.header("content-type", kind);
    }
    request.body(body).map_err(|e| ClusterError::Invalid {
        message: say::no_path(path, &e.to_string()),
    })
}
