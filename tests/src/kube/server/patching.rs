//! `patch`: the four kinds, each made into a change of the present object.

use serde_json::{Value, json};

use super::Api;
use super::answer::Answer;
use super::call::{Call, PatchType, Target};
use super::write::{Written, answer, change, insert, record};
use crate::kube::{
    access::Attributes,
    apply, convert, patch,
    schema::Shape,
    status::{Cause, Failure},
    validate,
};

/// Patches an object or its status.
pub(super) fn patch(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let mut warnings = Vec::new();
    let result = match call.patch_type()? {
        PatchType::Apply => apply(api, call, target),
        kind => patched(api, call, target, kind, &mut warnings),
    };
    let written = record(api, call, target, result)?;
    Ok(answer(call, target, Written { warnings, ..written }))
}

fn patched(
    api: &Api,
    call: &Call,
    target: &Target,
    kind: PatchType,
    warnings: &mut Vec<String>,
) -> Result<Written, Failure> {
    let body = body(call)?;
    let warned = std::cell::RefCell::new(Vec::new());
    let written = change(api, call, target, |before| {
        let mut object = target.outward(before);
        apply_patch(&mut object, &body, kind, &target.shape())?;
        *warned.borrow_mut() = check_fields(call, target, before, &object)?;
        let mut object = convert::inward(object, &target.group, &target.version);
        validate::drop_unknown(&mut object, &target.shape());
        match validate::type_errors(&object) {
            Some(sentence) => Err(Failure::bad_request(sentence)),
            None => Ok(object),
        }
    });
    warnings.append(&mut warned.borrow_mut());
    written
}

pub(super) fn body(call: &Call) -> Result<Value, Failure> {
    serde_json::from_slice(&call.body)
        .map_err(|error| Failure::bad_request(format!("error decoding patch: {error}")))
}

/// Applies a patch of a kind other than `apply` to a value.
pub(super) fn apply_patch(
    object: &mut Value,
    body: &Value,
    kind: PatchType,
    shape: &Shape,
) -> Result<(), Failure> {
    match kind {
        PatchType::Json => patch::json(object, body),
        PatchType::Strategic => patch::strategic(object, body, shape),
        PatchType::Merge | PatchType::Apply => {
            if !body.is_object() {
                return Err(Failure::bad_request(
                    "error decoding patch: json: cannot unmarshal array into Go value",
                ));
            }
            patch::merge(object, body);
            Ok(())
        }
    }
}

/// Unknown fields in the patched object: refused with the recorded 422, or told in warnings.
fn check_fields(
    call: &Call,
    target: &Target,
    before: &Value,
    object: &Value,
) -> Result<Vec<String>, Failure> {
    let unknown = validate::unknown_fields(object, &target.shape());
    if unknown.is_empty() || call.param("fieldValidation") == Some("Ignore") {
        return Ok(Vec::new());
    }
    let sentences: Vec<String> = unknown
        .iter()
        .map(|field| format!("unknown field {field:?}"))
        .collect();
    if call.param("fieldValidation") != Some("Strict") {
        return Ok(sentences);
    }
    let object = json!(before.to_string());
    let cause = Cause::invalid(
        "patch",
        &object,
        &format!("strict decoding error: {}", sentences.join(", ")),
    );
    let mut failure = Failure::invalid("", "", "", std::slice::from_ref(&cause));
    failure.details =
        Some(json!({"causes": [{"reason": cause.reason, "message": cause.message, "field": cause.field}]}));
    Err(failure)
}

/// The configuration of a server-side apply, in the stored version.
fn configuration(call: &Call, target: &Target) -> Result<Value, Failure> {
    let name = target.name.as_deref().unwrap_or_default();
    let Ok(config) = serde_json::from_slice::<Value>(&call.body) else {
        return Err(Failure::bad_request(
            "error decoding YAML: the body is not JSON, which is what is understood here",
        ));
    };
    if call.param("fieldManager").is_none() {
        let cause = Cause::required("fieldManager", "is required for apply patch");
        return Err(Failure::invalid("meta.k8s.io", "PatchOptions", "", &[cause]));
    }
    if config["metadata"]
        .get("managedFields")
        .is_some_and(|fields| !fields.is_null())
    {
        return Err(Failure::bad_request("metadata.managedFields must be nil"));
    }
    if config["kind"] != target.resource.kind || config["apiVersion"] != target.api_version().as_str() {
        let message = format!(
            "invalid object type: {}, Kind={}",
            config["apiVersion"], config["kind"]
        );
        return Err(Failure::bad_request(message));
    }
    if config["metadata"]["name"]
        .as_str()
        .is_some_and(|given| given != name)
    {
        let message = "the name of the object does not match the name on the URL";
        return Err(Failure::bad_request(message));
    }
    let unknown = validate::unknown_fields(&config, &target.shape());
    if let Some(field) = unknown.first() {
        let message = format!(
            "failed to create typed patch object ({}; {}): .{field}: field not declared in schema",
            target.named(),
            target.api_version()
        );
        return Err(Failure {
            code: 500,
            reason: "",
            message,
            details: None,
        });
    }
    Ok(convert::inward(config, &target.group, &target.version))
}

/// Server-side apply, which creates what is not there.
fn apply(api: &Api, call: &Call, target: &Target) -> Result<Written, Failure> {
    let config = configuration(call, target)?;
    if api.store.get_shared(&target.named()).is_none() {
        let attributes = call.attributes();
        let wanted = Attributes {
            verb: "create".into(),
            ..attributes
        };
        if !call.user.rules.allows(&wanted) {
            return Err(wanted.refusal(&call.user.name));
        }
        let mut object = config;
        object["metadata"]["name"] = json!(target.name);
        return insert(api, call, target, object, "Apply");
    }
    let writer = call.writer(target, "Apply");
    change(api, call, target, |before| {
        let mut wanted = apply::apply(before, &config, &target.shape(), &writer, call.flag("force"))?;
        if let Some(rv) = config["metadata"].get("resourceVersion") {
            wanted["metadata"]["resourceVersion"] = rv.clone();
        }
        Ok(wanted)
    })
}

/// The refusal of a scale that is no number of replicas.
pub(super) fn negative_scale(name: &str, replicas: &Value) -> Failure {
    let cause = Cause::invalid("spec.replicas", replicas, "must be greater than or equal to 0");
    Failure::invalid("autoscaling", "Scale", name, &[cause])
}
