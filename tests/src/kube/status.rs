//! `metav1.Status`: how the API server says no, word for word as the recorded cluster does.

use serde_json::{Value, json};

use super::key::{Key, qualified};

/// A refusal: HTTP status code, reason, message and details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// HTTP status code.
    pub code: u16,
    /// `reason` of the Status; empty for none.
    pub reason: &'static str,
    /// The sentence.
    pub message: String,
    /// `details`, where the real server gives them.
    pub details: Option<Value>,
}

/// One reason why an object is invalid (`field.Error` of apimachinery).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// `FieldValueInvalid`, `FieldValueRequired`, ...
    pub reason: &'static str,
    /// The path of the field.
    pub field: String,
    /// The sentence without the path.
    pub message: String,
}

impl Cause {
    /// `field: Invalid value: VALUE: detail`.
    pub fn invalid(field: impl Into<String>, value: &Value, detail: &str) -> Cause {
        let message = format!("Invalid value: {value}: {detail}");
        Cause {
            reason: "FieldValueInvalid",
            field: field.into(),
            message,
        }
    }

    /// `field: Required value`, with an optional detail.
    pub fn required(field: impl Into<String>, detail: &str) -> Cause {
        let message = if detail.is_empty() {
            "Required value".into()
        } else {
            format!("Required value: {detail}")
        };
        Cause {
            reason: "FieldValueRequired",
            field: field.into(),
            message,
        }
    }

    /// `field: Forbidden: detail`.
    pub fn forbidden(field: impl Into<String>, detail: &str) -> Cause {
        Cause {
            reason: "FieldValueForbidden",
            field: field.into(),
            message: format!("Forbidden: {detail}"),
        }
    }

    /// `field: Unsupported value: VALUE: supported values: ...`.
    pub fn unsupported(field: impl Into<String>, value: &Value, supported: &[&str]) -> Cause {
        let supported: Vec<String> = supported.iter().map(|value| format!("{value:?}")).collect();
        let message = format!(
            "Unsupported value: {value}: supported values: {}",
            supported.join(", ")
        );
        Cause {
            reason: "FieldValueNotSupported",
            field: field.into(),
            message,
        }
    }

    /// `field: Duplicate value: VALUE`.
    pub fn duplicate(field: impl Into<String>, value: &Value) -> Cause {
        let message = format!("Duplicate value: {value}");
        Cause {
            reason: "FieldValueDuplicate",
            field: field.into(),
            message,
        }
    }
}

/// Group and plural in the `details` of a Status (the group is left out for the core group).
fn details(group: &str, kind: &str, name: &str) -> Value {
    let mut details = json!({});
    for (field, value) in [("name", name), ("group", group), ("kind", kind)] {
        if !value.is_empty() {
            details[field] = json!(value);
        }
    }
    details
}

impl Failure {
    fn new(code: u16, reason: &'static str, message: impl Into<String>, details: Option<Value>) -> Failure {
        Failure {
            code,
            reason,
            message: message.into(),
            details,
        }
    }

    /// 404 for an object.
    pub fn not_found(key: &Key) -> Failure {
        Failure::not_found_named(&key.group, &key.plural, &key.name)
    }

    /// 404 for a name in a resource.
    pub fn not_found_named(group: &str, plural: &str, name: &str) -> Failure {
        let message = format!("{} \"{name}\" not found", qualified(group, plural));
        Failure::new(404, "NotFound", message, Some(details(group, plural, name)))
    }

    /// 404 for a kind or subresource that is not served.
    pub fn no_such_resource() -> Failure {
        Failure::new(
            404,
            "NotFound",
            "the server could not find the requested resource",
            Some(json!({})),
        )
    }

    /// 409: there is one already.
    pub fn already_exists(key: &Key) -> Failure {
        let message = format!("{} \"{}\" already exists", key.qualified(), key.name);
        Failure::new(
            409,
            "AlreadyExists",
            message,
            Some(details(&key.group, &key.plural, &key.name)),
        )
    }

    /// 409: the resourceVersion is stale.
    pub fn conflict(key: &Key) -> Failure {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply your changes to \
             the latest version and try again",
            key.qualified(),
            key.name
        );
        Failure::new(
            409,
            "Conflict",
            message,
            Some(details(&key.group, &key.plural, &key.name)),
        )
    }

    /// 409: a precondition (uid or resourceVersion) of a deletion does not hold.
    pub fn precondition(key: &Key, kind: &str, field: &str, asked: &str, actual: &str) -> Failure {
        let hint = match field {
            "UID" => ". The object might have been deleted and then recreated",
            _ => ". The object might have been modified",
        };
        let message = format!(
            "Operation cannot be fulfilled on {kind} \"{}\": the {field} in the precondition ({asked}) does not \
             match the {field} in record ({actual}){hint}",
            key.name
        );
        Failure::new(
            409,
            "Conflict",
            message,
            Some(details(&key.group, kind, &key.name)),
        )
    }

    /// 409: server-side apply found fields of other managers. Each cause is `(manager, field)`.
    pub fn apply_conflict(conflicts: &[(String, String)]) -> Failure {
        let causes: Vec<Value> = conflicts
            .iter()
            .map(|(manager, field)| {
                json!({"reason": "FieldManagerConflict", "message": format!("conflict with {manager}"), "field": field})
            })
            .collect();
        Failure::new(
            409,
            "Conflict",
            conflict_sentence(conflicts),
            Some(json!({"causes": causes})),
        )
    }

    /// 400 with a sentence.
    pub fn bad_request(message: impl Into<String>) -> Failure {
        Failure::new(400, "BadRequest", message, None)
    }

    /// 401.
    pub fn unauthorized() -> Failure {
        Failure::new(401, "Unauthorized", "Unauthorized", None)
    }

    /// 403 with the sentence of a policy or an admission plugin (`what` completes `NAME is forbidden: `).
    pub fn forbidden(group: &str, plural: &str, name: &str, what: &str) -> Failure {
        let subject = match name {
            "" => qualified(group, plural),
            name => format!("{} \"{name}\"", qualified(group, plural)),
        };
        let message = format!("{subject} is forbidden: {what}");
        Failure::new(403, "Forbidden", message, Some(details(group, plural, name)))
    }

    /// 405.
    pub fn method_not_allowed() -> Failure {
        let message = "the server does not allow this method on the requested resource";
        Failure::new(405, "MethodNotAllowed", message, Some(json!({})))
    }

    /// 410: the history of that resource version is gone.
    pub fn expired(message: impl Into<String>) -> Failure {
        Failure::new(410, "Expired", message, None)
    }

    /// 415: the patch type is not one that the server reads.
    pub fn unsupported_media(supported: &str) -> Failure {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {supported}"
        );
        Failure::new(415, "UnsupportedMediaType", message, Some(json!({})))
    }

    /// 422 with the list of what is wrong with the object.
    pub fn invalid(group: &str, kind: &str, name: &str, causes: &[Cause]) -> Failure {
        let sentences: Vec<String> = causes
            .iter()
            .map(|cause| format!("{}: {}", cause.field, cause.message))
            .collect();
        let list = match sentences.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let message = format!("{} \"{name}\" is invalid: {list}", qualified(group, kind));
        let mut details = details(group, kind, name);
        details["causes"] = causes
            .iter()
            .map(|cause| json!({"reason": cause.reason, "message": cause.message, "field": cause.field}))
            .collect();
        Failure::new(422, "Invalid", message, Some(details))
    }

    /// The bare 422 by which a failed JSON patch `test` (or a path that is not there) is answered.
    pub fn patch_failed() -> Failure {
        let message = "the server rejected our request due to an error in our request";
        Failure::new(422, "Invalid", message, Some(json!({})))
    }

    /// 429 because of a PodDisruptionBudget.
    pub fn disruption_budget(sentence: &str) -> Failure {
        let causes = json!({"causes": [{"reason": "DisruptionBudget", "message": sentence}]});
        let message = "Cannot evict pod as it would violate the pod's disruption budget.";
        Failure::new(429, "TooManyRequests", message, Some(causes))
    }

    /// 503 with a sentence.
    pub fn unavailable(message: impl Into<String>) -> Failure {
        Failure::new(503, "ServiceUnavailable", message, None)
    }

    /// 500 with a sentence.
    pub fn internal(message: &str) -> Failure {
        let causes = json!({"causes": [{"message": message}]});
        Failure::new(
            500,
            "InternalError",
            format!("Internal error occurred: {message}"),
            Some(causes),
        )
    }

    /// The `metav1.Status` object.
    pub fn body(&self) -> Value {
        let mut body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message,
        });
        if !self.reason.is_empty() {
            body["reason"] = json!(self.reason);
        }
        if let Some(details) = &self.details {
            body["details"] = details.clone();
        }
        body["code"] = json!(self.code);
        body
    }
}

/// `Apply failed with 1 conflict: conflict with "ceo": .data.X`; several are listed by manager.
fn conflict_sentence(conflicts: &[(String, String)]) -> String {
    if let [(manager, field)] = conflicts {
        return format!("Apply failed with 1 conflict: conflict with {manager}: {field}");
    }
    let mut sentence = format!("Apply failed with {} conflicts:", conflicts.len());
    let mut last = None;
    for (manager, field) in conflicts {
        if last != Some(manager) {
            sentence.push_str(&format!(" conflicts with {manager}:"));
            last = Some(manager);
        }
        sentence.push_str(&format!("\n- {field}"));
    }
    sentence
}

/// The answer to a deletion that is complete.
pub fn success(key: &Key, uid: &Value) -> Value {
    let mut details = details(&key.group, &key.plural, &key.name);
    details["uid"] = uid.clone();
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
}
