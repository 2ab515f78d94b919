//! The `proxy` subresource of services and pods: asks a pod over HTTP and passes its answer on.

use axum::body::Body;
use http::StatusCode;
use serde_json::Value;

use super::Api;
use super::answer::Answer;
use super::call::{Call, Target};
use crate::kube::{key::Key, selector::Selector, status::Failure};

/// Passes a request on.
pub(super) fn proxy(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let named = target.name.as_deref().unwrap_or_default();
    // `name:port`, `scheme:name:port`.
    let parts: Vec<&str> = named.split(':').collect();
    let (name, port) = match parts.as_slice() {
        [name] => (*name, ""),
        [name, port] | [_, name, port] => (*name, *port),
        _ => {
            return Err(Failure::bad_request(format!(
                "invalid {} request {named:?}",
                target.resource.singular()
            )));
        }
    };
    let key = target.key(name);
    let object = api
        .store
        .get_shared(&key)
        .ok_or_else(|| Failure::not_found(&key))?;
    let (pod, port) = match target.resource.plural {
        "pods" => {
            let first = &object["spec"]["containers"][0]["ports"][0]["containerPort"];
            let port = port
                .parse()
                .ok()
                .or_else(|| u16::try_from(first.as_u64()?).ok())
                .unwrap_or(80);
            ((*object).clone(), port)
        }
        "services" => backend(api, &key, &object, port)?,
        _ => return Err(Failure::method_not_allowed()),
    };
    let path = if target.rest.is_empty() {
        "/"
    } else {
        target.rest.as_str()
    };
    let Some(answer) = api.node.http(&pod, port, path) else {
        let ip = pod["status"]["podIP"].as_str().unwrap_or("0.0.0.0");
        let sentence =
            format!("error trying to reach service: dial tcp {ip}:{port}: connect: connection refused");
        return Err(Failure::unavailable(sentence));
    };
    let mut passed = Answer::text(answer.status, answer.body);
    passed.content_type = if answer.content_type.starts_with("text/html") {
        "text/html"
    } else {
        passed.content_type
    };
    if call.method == http::Method::HEAD || StatusCode::from_u16(answer.status).is_err() {
        passed.body = Body::empty();
    }
    Ok(passed)
}

/// A ready pod behind a service, and the port on which it listens.
fn backend(api: &Api, key: &Key, service: &Value, port: &str) -> Result<(Value, u16), Failure> {
    let ports = service["spec"]["ports"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let found = match port {
        "" => ports.first(),
        port => ports
            .iter()
            .find(|p| p["name"] == port || port.parse::<u64>().is_ok_and(|port| p["port"] == port)),
    };
    let Some(found) = found else {
        let sentence = format!("no service port {port} found for service \"{}\"", key.name);
        return Err(Failure::unavailable(sentence));
    };
    let labels = &service["spec"]["selector"];
    let selector = Selector::from_object(&serde_json::json!({"matchLabels": labels}));
    let (pods, _) = api.store.list_shared("", "pods", key.namespace.as_deref());
    let ready = |pod: &Value| {
        let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
        pod["metadata"].get("deletionTimestamp").is_none()
            && conditions
                .into_iter()
                .any(|c| c["type"] == "Ready" && c["status"] == "True")
    };
    let pod = pods.iter().find(|pod| {
        labels.is_object() && selector.as_ref().is_some_and(|selector| selector.matches(pod)) && ready(pod)
    });
    let Some(pod) = pod else {
        return Err(Failure::unavailable(format!(
            "no endpoints available for service \"{}\"",
            key.name
        )));
    };
    let number = match &found["targetPort"] {
        Value::String(name) => {
            let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
            let mut ports =
                containers.flat_map(|container| container["ports"].as_array().into_iter().flatten());
            ports
                .find(|port| port["name"] == name.as_str())
                .and_then(|port| port["containerPort"].as_u64())
        }
        Value::Null => found["port"].as_u64(),
        number => number.as_u64(),
    };
    Ok((
        (**pod).clone(),
        number.and_then(|number| u16::try_from(number).ok()).unwrap_or(80),
    ))
}
