//! Reviews of one's own identity and rights, answered from the same rules that authorization uses.

use serde_json::{Value, json};

use super::Api;
use super::answer::Answer;
use super::call::{Call, Place};
use crate::kube::{access::Attributes, status::Failure, store::now};

/// Answers a review.
pub(super) fn review(api: &Api, call: &Call, place: &Place) -> Result<Answer, Failure> {
    if call.method != http::Method::POST || place.name.is_some() {
        return Err(Failure::method_not_allowed());
    }
    let mut review: Value = match call.body.is_empty() {
        true => json!({}),
        false => {
            serde_json::from_slice(&call.body).map_err(|error| Failure::bad_request(error.to_string()))?
        }
    };
    if !review["metadata"].is_object() {
        review["metadata"] = json!({});
    }
    if let Some(metadata) = review["metadata"].as_object_mut() {
        metadata.retain(|_, value| !value.is_null());
    }
    let rules = &call.user.rules;
    match place.plural.as_str() {
        "selfsubjectaccessreviews" => {
            review["status"] = json!({"allowed": rules.allows(&attributes(&review["spec"]))});
        }
        "subjectaccessreviews" | "localsubjectaccessreviews" => {
            let user = api
                .users
                .by_name(review["spec"]["user"].as_str().unwrap_or_default());
            review["status"] = json!({"allowed": user.rules.allows(&attributes(&review["spec"]))});
        }
        "selfsubjectrulesreviews" => {
            let namespace = review["spec"]["namespace"]
                .as_str()
                .unwrap_or("default")
                .to_owned();
            review["status"] = rules.review(&namespace);
        }
        "selfsubjectreviews" => {
            review["metadata"]["creationTimestamp"] = json!(now());
            review["status"] = json!({"userInfo": call.user.info()});
        }
        "tokenreviews" => {
            let user = api
                .users
                .by_token(review["spec"]["token"].as_str().unwrap_or_default());
            review["status"] = match user {
                Some(user) => json!({"authenticated": true, "user": user.info()}),
                None => json!({"authenticated": false}),
            };
        }
        _ => return Err(Failure::no_such_resource()),
    }
    Ok(Answer::json(201, &review))
}

fn attributes(spec: &Value) -> Attributes {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let resource = &spec["resourceAttributes"];
    if !resource.is_object() {
        let other = &spec["nonResourceAttributes"];
        return Attributes {
            verb: text(&other["verb"]),
            path: text(&other["path"]),
            ..Attributes::default()
        };
    }
    Attributes {
        verb: text(&resource["verb"]),
        group: text(&resource["group"]),
        resource: text(&resource["resource"]),
        subresource: text(&resource["subresource"]),
        namespace: text(&resource["namespace"]),
        name: text(&resource["name"]),
        path: String::new(),
    }
}
