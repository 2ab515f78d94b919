//! The other subresources: `status`, `finalize`, `eviction`, `binding`, `token`.

use http::Method;
use serde_json::{Value, json};

use super::Api;
use super::answer::Answer;
use super::call::{Call, Target};
use super::patching;
use super::read;
use super::removal::{self, Options};
use super::write::{self, record};
use crate::kube::{admission, status::Failure, store::now};

/// Hands the request to its subresource.
pub(super) fn handle(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    match (target.sub.as_deref().unwrap_or_default(), &call.method) {
        (_, &Method::GET) => read::get(api, call, target),
        ("status", &Method::PUT) => write::update(api, call, target),
        ("status" | "resize" | "ephemeralcontainers", &Method::PATCH) => patching::patch(api, call, target),
        ("finalize", &Method::PUT) => finalize(api, call, target),
        ("eviction", &Method::POST) => evict(api, call, target),
        ("binding", &Method::POST) => bind(api, call, target),
        ("token", &Method::POST) => token(api, call, target),
        _ => Err(Failure::method_not_allowed()),
    }
}

fn body(call: &Call) -> Result<Value, Failure> {
    serde_json::from_slice(&call.body).map_err(|error| Failure::bad_request(error.to_string()))
}

fn created() -> Answer {
    Answer::json(
        201,
        &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}),
    )
}

/// Deletes a pod, if the disruption budgets allow it.
fn evict(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let eviction = body(call)?;
    let key = target.named();
    let pod = api.store.get_shared(&key).ok_or_else(|| target.not_found())?;
    let finished = matches!(
        pod["status"]["phase"].as_str(),
        Some("Succeeded" | "Failed" | "Pending")
    );
    let allowed = match finished {
        true => Ok(()),
        false => admission::check_eviction(&api.store, &pod),
    };
    let dry_run = call.dry_run()?;
    let options = Options::of(&eviction["deleteOptions"], call);
    let result = allowed.and_then(|()| removal::remove(api, target, &key, &options, dry_run));
    record(api, call, target, result)?;
    Ok(created())
}

/// Puts a pod on a node.
fn bind(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let binding = body(call)?;
    let node = binding["target"]["name"].clone();
    let result = write::change(api, call, target, |before| {
        if let Some(node) = before["spec"]["nodeName"].as_str() {
            let name = target.name.as_deref().unwrap_or_default();
            let mut failure = Failure::conflict(&target.named());
            failure.message = format!(
                "Operation cannot be fulfilled on pods/binding \"{name}\": pod {name} is already assigned to node {node:?}"
            );
            return Err(failure);
        }
        let mut pod = before.clone();
        pod["spec"]["nodeName"] = node.clone();
        Ok(pod)
    });
    record(api, call, target, result)?;
    Ok(created())
}

/// Replaces the finalizers of a namespace.
fn finalize(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let finalizers = body(call)?["spec"]["finalizers"].clone();
    let result = write::change(api, call, target, |before| {
        let mut namespace = before.clone();
        namespace["spec"]["finalizers"] = finalizers.clone();
        Ok(namespace)
    });
    let written = record(api, call, target, result)?;
    Ok(write::answer(call, target, written))
}

/// A token for a service account; it opens nothing here, since users are added to the simulator by hand.
fn token(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let mut request = body(call)?;
    api.store
        .get_shared(&target.named())
        .ok_or_else(|| target.not_found())?;
    request["status"] = json!({"token": format!("sim-{}", api.store.uid()), "expirationTimestamp": now()});
    Ok(Answer::json(201, &request))
}
