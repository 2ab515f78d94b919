//! What typed decoding says of a body: unknown fields, values of the wrong type.

use serde_json::Value;

use super::quantity::amount;
use crate::kube::schema::Shape;

/// The paths of fields that the kind does not have.
pub fn unknown_fields(object: &Value, shape: &Shape) -> Vec<String> {
    let mut found = Vec::new();
    search(object, shape, "", &mut found);
    found
}

fn search(value: &Value, shape: &Shape, path: &str, found: &mut Vec<String>) {
    match (shape, value) {
        (Shape::Struct(_), Value::Object(fields)) => {
            for (name, value) in fields {
                let here = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                match shape.field(name) {
                    Some(inner) => search(value, &inner, &here, found),
                    None if name.starts_with('$') => (),
                    None => found.push(here),
                }
            }
        }
        (Shape::Keyed(kind, _) | Shape::List(kind), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                search(item, &Shape::Struct(kind), &format!("{path}[{index}]"), found);
            }
        }
        _ => (),
    }
}

/// Removes fields that the kind does not have, as typed decoding does.
pub fn drop_unknown(value: &mut Value, shape: &Shape) {
    match (shape, value) {
        (Shape::Struct(_), Value::Object(fields)) => {
            fields.retain(|name, _| shape.field(name).is_some());
            for (name, value) in fields.iter_mut() {
                if let Some(inner) = shape.field(name) {
                    drop_unknown(value, &inner);
                }
            }
        }
        (Shape::Keyed(kind, _) | Shape::List(kind), Value::Array(items)) => {
            items
                .iter_mut()
                .for_each(|item| drop_unknown(item, &Shape::Struct(kind)));
        }
        _ => (),
    }
}

/// The sentence of a decoding error: a number where a string is, or the other way round.
pub fn type_errors(object: &Value) -> Option<String> {
    let kind = object["kind"].as_str()?;
    let version = object["apiVersion"].as_str()?.rsplit('/').next()?;
    let cannot =
        |what: String| format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {what}");
    let spec = &object["spec"];
    for field in [
        "replicas",
        "minReadySeconds",
        "progressDeadlineSeconds",
        "revisionHistoryLimit",
        "parallelism",
    ] {
        let found = match spec.get(field) {
            Some(Value::String(_)) => "string",
            Some(Value::Bool(_)) => "bool",
            Some(Value::Object(_)) => "object",
            _ => continue,
        };
        return Some(cannot(format!(
            "json: cannot unmarshal {found} into Go struct field {kind}Spec.spec.{field} of type int32"
        )));
    }
    for values in ["data", "stringData"] {
        for (_, value) in object[values].as_object().into_iter().flatten() {
            let found = match value {
                Value::String(_) | Value::Null => continue,
                Value::Number(_) => "number",
                Value::Bool(_) => "bool",
                _ => "object",
            };
            if matches!(kind, "ConfigMap" | "Secret") {
                let what = format!(
                    "json: cannot unmarshal {found} into Go struct field {kind}.{values} of type string"
                );
                return Some(cannot(what));
            }
        }
    }
    let template = if kind == "Pod" { object } else { &spec["template"] };
    for container in template["spec"]["containers"].as_array().into_iter().flatten() {
        for list in ["limits", "requests"] {
            for (_, quantity) in container["resources"][list].as_object().into_iter().flatten() {
                if quantity.as_str().is_some_and(|text| amount(text).is_none()) {
                    return Some(cannot(
                        "quantities must match the regular expression \
                        '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
                            .to_owned(),
                    ));
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::schema;
    use serde_json::json;

    #[test]
    fn unknown_fields_are_found_and_dropped() {
        let mut object =
            json!({"spec": {"replicaz": 1, "template": {"spec": {"containers": [{"imag": "x"}]}}}});
        let shape = schema::of_kind("Deployment");
        assert_eq!(
            unknown_fields(&object, &shape),
            ["spec.replicaz", "spec.template.spec.containers[0].imag"]
        );
        drop_unknown(&mut object, &shape);
        assert!(unknown_fields(&object, &shape).is_empty());
    }
}
