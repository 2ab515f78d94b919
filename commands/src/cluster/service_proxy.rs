//! HTTP requests to a Service through the API server, as `kubectl get --raw /api/v1/namespaces/N/services/S:P/proxy/path`
//! makes them. They reach a Service from wherever the API server is reached.

use http_body_util::{BodyExt, Limited};
use kube::core::Status;

use super::{ClusterError, View, errors::Asked, paths, view::asked};
use crate::texts::unanswered as say;

/// How much of an answer is read.
const MOST: usize = 64 * 1024;

/// What came of a request to a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passed {
    /// A pod behind it answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The first 64 KiB of the answer; empty when there is more.
        body: Vec<u8>,
    },
    /// The API server found nobody to pass it to, in its own words: no endpoints, no such port, connection refused.
    NotPassed(String),
}

impl View {
    /// Asks a Service's port (`ceoagent-api:80`, `https:ceoagent-api:web`) for a path. Needs `get` on `services/proxy`, which
    /// reaches everything that the Service serves.
    ///
    /// # Errors
    /// [`ClusterError`] when the API server does not answer or does not let the bot; what it says of the Service is in
    /// [`Passed::NotPassed`].
    pub async fn through_service(
        &self,
        cluster: &str,
        namespace: &str,
        service: &str,
        path: &str,
    ) -> Result<Passed, ClusterError> {
        let cluster = self.registry.in_namespace(cluster, namespace)?;
        let collection = paths::collection("services", Some(namespace))
            .filter(|_| paths::is_segment(service) && path.starts_with('/'));
        let Some(collection) = collection else {
            return Err(ClusterError::Invalid {
                message: say::no_name("services", service),
            });
        };
        let address = format!("{collection}/{service}/proxy{path}");
        let asked = Asked {
            name: service,
            ..asked(cluster, "get", "services/proxy", namespace)
        };
        let client = cluster.client().await?;
        let request = http::Request::get(&address)
            .body(kube::client::Body::empty())
            .map_err(|e| ClusterError::Invalid {
                message: say::no_path(&address, &e.to_string()),
            })?;
        // Once: whoever asks how a service is wants to know of the first failure.
        let answer = cluster.timed(&asked, async {
            let answer = client.send(request).await?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), MOST).collect().await;
            let body = body.map(|all| all.to_bytes().to_vec()).unwrap_or_default();
            match status_object(status, &body) {
                Some(refusal) if matches!(refusal.code, 401 | 403 | 429) => {
                    Err(kube::Error::Api(Box::new(refusal)))
                }
                Some(refusal) => Ok(Passed::NotPassed(refusal.message)),
                None => Ok(Passed::Answered { status, body }),
            }
        });
        answer.await
    }
}

/// The API server's own refusal; what a pod answers is no `Status`.
fn status_object(status: u16, body: &[u8]) -> Option<Status> {
    if status < 400 {
        return None;
    }
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    if value["kind"] != "Status" || value["apiVersion"] != "v1" {
        return None;
    }
    serde_json::from_value(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pod_answers_is_not_taken_for_the_api_servers_word() {
        let own = br#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"no endpoints available for service \"x\"","reason":"ServiceUnavailable","code":503}"#;
        let said = status_object(503, own).map(|status| status.message);
        assert_eq!(said.as_deref(), Some("no endpoints available for service \"x\""));
        for of_a_pod in [
            &br#"{"status":"down","code":503}"#[..],
            b"{}",
            b"db down",
            b"<html>503</html>",
            b"",
        ] {
            assert!(status_object(503, of_a_pod).is_none());
        }
        assert!(status_object(200, own).is_none(), "an answer is an answer");
    }
}
