//! The registry: which images there are, what their digests are, and what the services in them answer.

use serde_json::Value;

use super::HttpAnswer;
use super::behaviour::{Readiness, Scenario, Who};
use super::container::Shown;
use super::pod::Pod;
use crate::kube::controllers::meta::{name, namespace};

/// The id of an image, made from its name: 32 bytes that are the same in every run.
pub(super) fn id(reference: &str) -> String {
    let mut bytes = Vec::with_capacity(32);
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for round in 0..4_u8 {
        for byte in reference.bytes().chain([round]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        bytes.extend(hash.to_be_bytes());
    }
    format!("sha256:{}", hex::encode(bytes))
}

/// What containerd says of an image that no registry has.
pub(super) fn missing(reference: &str) -> String {
    format!("failed to pull and unpack image {reference:?}: failed to resolve image: {reference}: not found")
}

/// What a running pod answers over HTTP.
pub(super) fn answer(
    scenario: &Scenario,
    pod: &Value,
    running: &Pod,
    port: u16,
    path: &str,
) -> Option<HttpAnswer> {
    let container = running.containers.iter().find(|container| {
        matches!(container.shown, Shown::Running { .. })
            && scenario
                .image(&container.image)
                .is_some_and(|image| image.port == Some(port))
    })?;
    let who = Who {
        namespace: namespace(pod),
        pod: name(pod),
        container: &container.name,
        image: &container.image,
    };
    let behaviour = scenario.of(&who);
    if let Some(behaviour) = &behaviour {
        if behaviour.readiness == Readiness::Never {
            return None;
        }
        if let Some((_, answer)) = behaviour.answers.iter().find(|(known, _)| known == path) {
            return Some(answer.clone());
        }
    }
    let version = container.image.rsplit(':').next().unwrap_or_default();
    let plain = |status, body: String| HttpAnswer {
        status,
        content_type: "text/plain".into(),
        body,
    };
    Some(match path.split('?').next().unwrap_or_default() {
        "/health" => plain(200, format!("ok {version}\n")),
        "/ready" if container.ready => plain(200, format!("ready {version}\n")),
        "/ready" => plain(503, "not ready\n".into()),
        "/metrics" => plain(
            200,
            format!("# TYPE http_requests_total counter\nhttp_requests_total{{version={version:?}}} 0\n"),
        ),
        _ => HttpAnswer {
            status: 404,
            content_type: "text/html".into(),
            body: "<html><head><title>404 Not Found</TITLE></HEAD>\n<body><h1>404 Not Found</H1>\n\
                   The requested URL was not found\n</BODY></HTML>\n"
                .into(),
        },
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_differ_by_name_and_are_digests() {
        let (a, b) = (
            super::id("docker.io/local/api:v1.0.0"),
            super::id("docker.io/local/api:v1.1.0"),
        );
        assert_ne!(a, b);
        assert_eq!(a.len(), "sha256:".len() + 64);
    }
}
