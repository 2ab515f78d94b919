//! What a plan rests on: an object's identity and the hash of the fields that the plan writes or depends on. Noise in the
//! status does not void an approval; a change of a held field does, and is told in words.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{WorkloadObject, compare, fields, paths};
use crate::{
    failure::Moved,
    model::{Text, canonical},
    redact::Redactor,
    texts,
    ticket::Precondition,
};

/// Numbers that are tried when the hash of a number is to be told: replica counts are small.
const NUMBERS: std::ops::Range<i64> = 0..5000;

/// Holds fields of a workload that was read live, not out of the caches.
#[must_use]
pub fn precondition_of(object: &WorkloadObject, pointers: &[&str]) -> Precondition {
    let workload = object.workload();
    precondition_of_value(&workload.cluster, &object.resource(), &object.value(), pointers)
}

/// Holds fields of any object as the API server gave it. `resource` as in [`Precondition::resource`].
#[must_use]
pub fn precondition_of_value(
    cluster: &str,
    resource: &str,
    object: &Value,
    pointers: &[&str],
) -> Precondition {
    let text = |at: &str| {
        object
            .pointer(at)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Precondition {
        resource: resource.to_owned(),
        cluster: cluster.to_owned(),
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name"),
        uid: text("/metadata/uid"),
        fields: pointers
            .iter()
            .map(|p| ((*p).to_owned(), hash(object.pointer(p))))
            .collect(),
    }
}

/// SHA-256 (hex) over canonical JSON: sorted keys, no blanks. An absent field counts as null, as it does to the API server.
#[must_use]
pub fn hash(value: Option<&Value>) -> String {
    let text = canonical(value.unwrap_or(&Value::Null));
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The first held field that is another now.
pub(super) fn moved_field<'a>(precondition: &'a Precondition, fresh: &Value) -> Option<&'a (String, String)> {
    precondition
        .fields
        .iter()
        .find(|(pointer, then)| hash(fresh.pointer(pointer)) != *then)
}

/// Whether the object is still the one that was held.
pub(super) fn same_object(precondition: &Precondition, fresh: &Value) -> bool {
    fresh.pointer("/metadata/uid").and_then(Value::as_str) == Some(precondition.uid.as_str())
}

/// Says that the object is gone, or another one took its name.
pub(super) fn gone(precondition: &Precondition, replaced: bool) -> Moved {
    let kind = paths::singular(paths::split(&precondition.resource).1);
    let words = if replaced {
        texts::cluster::deleted_and_made_anew()
    } else {
        texts::cluster::deleted()
    };
    Moved {
        field: format!("{kind}/{}", precondition.name),
        by: None,
        at: None,
        how: Some(words),
    }
}

/// Says what moved: who, when, from what to what. `old_templates` are the pod templates that the workload had: the precondition
/// keeps only a hash, and the template of that hash is what it held.
pub(super) fn moved(precondition: &Precondition, fresh: &Value, old_templates: &[Value]) -> Option<Moved> {
    let (pointer, then) = moved_field(precondition, fresh)?;
    let now = fresh.pointer(pointer);
    let before = before_of(then, old_templates);
    let (by, at) = fields::writer_of(fresh, pointer).unzip();
    Some(Moved {
        field: in_dots(pointer),
        by: by.filter(|b| !b.is_empty()),
        at: at.flatten(),
        how: how(pointer, before.as_ref(), now),
    })
}

/// Says that a write was made and somebody set the fields back since: doing it again would be against them.
#[must_use]
pub fn set_back(precondition: &Precondition, fresh: &Value) -> Moved {
    let pointer = precondition
        .fields
        .first()
        .map_or("/spec", |(pointer, _)| pointer.as_str());
    let (by, at) = fields::writer_of(fresh, pointer).unzip();
    Moved {
        field: in_dots(pointer),
        by: by.filter(|b| !b.is_empty()),
        at: at.flatten(),
        how: Some(texts::cluster::set_back()),
    }
}

fn in_dots(pointer: &str) -> String {
    pointer
        .trim_start_matches('/')
        .replace('/', ".")
        .replace("~1", "/")
        .replace("~0", "~")
}

fn before_of(then: &str, old_templates: &[Value]) -> Option<Value> {
    let small = [Value::Null, Value::Bool(true), Value::Bool(false)];
    small
        .into_iter()
        .chain(NUMBERS.map(Value::from))
        .find(|v| hash(Some(v)) == then)
        .or_else(|| old_templates.iter().find(|t| hash(Some(t)) == then).cloned())
}

fn how(pointer: &str, before: Option<&Value>, now: Option<&Value>) -> Option<Text> {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    if pointer == "/spec/template" {
        let lines = compare::template_changes(before?, now?, Some(&Redactor::default()));
        return lines.into_iter().reduce(|all, one| all.and(", ").and(one));
    }
    let now = now.unwrap_or(&Value::Null);
    if now.is_object() || now.is_array() {
        return None;
    }
    Some(match before {
        Some(before) => texts::cluster::from_to(name, &scalar(before), &scalar(now)),
        None => texts::cluster::is_now(name, &scalar(now)),
    })
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "unset".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment(image: &str, replicas: i64) -> Value {
        json!({ "metadata": { "namespace": "ceoagent", "name": "api", "uid": "u1", "managedFields": [
                    { "manager": "kubectl-set", "operation": "Update", "apiVersion": "apps/v1",
                      "time": "2026-11-22T20:01:00Z", "fieldsType": "FieldsV1",
                      "fieldsV1": { "f:spec": { "f:template": { "f:spec": { "f:containers": {
                          "k:{\"name\":\"api\"}": { "f:image": {} } } } } } } } ] },
                "spec": { "replicas": replicas, "template": template(image) },
                "status": { "replicas": replicas } })
    }

    fn template(image: &str) -> Value {
        json!({ "spec": { "containers": [ { "name": "api", "image": image } ] } })
    }

    #[test]
    fn the_hash_does_not_depend_on_the_order_of_keys() {
        let a: Value = serde_json::from_str(r#"{"b":[1,{"y":"ü","x":null}],"a":1.5}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{ "a":1.5, "b":[1,{"x":null,"y":"ü"}] }"#).unwrap();
        assert_eq!(hash(Some(&a)), hash(Some(&b)));
        // What `printf '%s' '{"a":1}' | sha256sum` prints.
        assert_eq!(
            hash(Some(&json!({ "a": 1 }))),
            "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
        );
        assert_ne!(hash(Some(&json!([1, 2]))), hash(Some(&json!([2, 1]))));
    }

    #[test]
    fn noise_does_not_void_a_precondition_and_a_change_does() {
        let precondition = precondition_of_value(
            "prod",
            "apps/deployments",
            &deployment("a:v1", 3),
            &["/spec/template"],
        );
        let mut noisy = deployment("a:v1", 7);
        noisy["status"]["readyReplicas"] = json!(7);
        assert!(moved_field(&precondition, &noisy).is_none());
        assert!(moved_field(&precondition, &deployment("a:v2", 3)).is_some());
        assert!(same_object(&precondition, &noisy));
        let mut made_anew = deployment("a:v1", 3);
        made_anew["metadata"]["uid"] = json!("u2");
        assert!(!same_object(&precondition, &made_anew));
    }

    #[test]
    fn a_move_is_told_with_who_when_and_what() {
        let precondition = precondition_of_value(
            "prod",
            "apps/deployments",
            &deployment("ghcr.io/acme/a:v1.2.0", 3),
            &["/spec/replicas", "/spec/template"],
        );
        let fresh = deployment("ghcr.io/acme/a:v1.2.1", 3);
        let moved_template = moved(&precondition, &fresh, &[template("ghcr.io/acme/a:v1.2.0")]).unwrap();
        assert_eq!(
            moved_template.line().plain(),
            "spec.template was changed by field manager kubectl-set 2026-11-22T20:01:00Z: image v1.2.0 → v1.2.1"
        );
        let scaled = moved(&precondition, &deployment("ghcr.io/acme/a:v1.2.0", 5), &[]).unwrap();
        assert_eq!(scaled.line().plain(), "spec.replicas was changed: replicas 3 → 5");
    }
}
