//! The `scale` subresource.

use serde_json::{Value, json};

use super::Api;
use super::answer::Answer;
use super::call::{Call, Form, PatchType, Target};
use super::patching::{apply_patch, body, negative_scale};
use super::write::{Written, change, record};
use crate::kube::{schema, status::Failure};

/// Reads or changes the number of replicas.
pub(super) fn scale(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    match call.method {
        http::Method::GET => {
            let object = api
                .store
                .get_shared(&target.named())
                .ok_or_else(|| target.not_found())?;
            Ok(present(call, &of(&object)))
        }
        http::Method::PUT | http::Method::PATCH => {
            let result = write(api, call, target);
            let written = record(api, call, target, result)?;
            Ok(present(call, &of(&written.after.unwrap_or_default())))
        }
        _ => Err(Failure::method_not_allowed()),
    }
}

fn present(call: &Call, scale: &Value) -> Answer {
    match call.form() {
        Form::Metadata => Answer::json(200, &crate::kube::table::partial(scale)),
        Form::Object | Form::Table => Answer::json(200, scale),
    }
}

fn write(api: &Api, call: &Call, target: &Target) -> Result<Written, Failure> {
    let patch = body(call)?;
    let kind = match call.method {
        http::Method::PUT => None,
        _ => Some(call.patch_type()?),
    };
    if kind.is_none() && !matches!(patch["apiVersion"].as_str(), Some("autoscaling/v1") | None) {
        return Err(Failure::bad_request(
            "the object provided is no autoscaling/v1 Scale",
        ));
    }
    change(api, call, target, |before| {
        let mut scale = of(before);
        match kind {
            None => scale = patch.clone(),
            Some(PatchType::Apply) => {
                apply_patch(&mut scale, &patch, PatchType::Merge, &schema::of_kind("Scale"))?
            }
            Some(kind) => apply_patch(&mut scale, &patch, kind, &schema::of_kind("Scale"))?,
        }
        let replicas = match &scale["spec"]["replicas"] {
            Value::Null => json!(0),
            value => value.clone(),
        };
        let Some(number) = replicas.as_i64() else {
            let message = "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal string into Go \
                struct field ScaleSpec.spec.replicas of type int32";
            return Err(Failure::bad_request(message));
        };
        if number < 0 {
            return Err(negative_scale(
                target.name.as_deref().unwrap_or_default(),
                &replicas,
            ));
        }
        let mut wanted = before.clone();
        wanted["spec"]["replicas"] = replicas;
        for field in ["resourceVersion", "uid"] {
            if let Some(value) = scale["metadata"]
                .get(field)
                .filter(|value| value.as_str() != Some(""))
            {
                wanted["metadata"][field] = value.clone();
            }
        }
        Ok(wanted)
    })
}

/// The Scale of an object.
fn of(object: &Value) -> Value {
    let mut metadata = json!({});
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if let Some(value) = object["metadata"].get(field) {
            metadata[field] = value.clone();
        }
    }
    let labels = object["spec"]["selector"]["matchLabels"]
        .as_object()
        .into_iter()
        .flatten();
    let selector: Vec<String> = labels
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
        .collect();
    json!({"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
        "spec": {"replicas": object["spec"]["replicas"].as_i64().unwrap_or(0)},
        "status": {"replicas": object["status"]["replicas"].as_i64().unwrap_or(0), "selector": selector.join(",")}})
}
