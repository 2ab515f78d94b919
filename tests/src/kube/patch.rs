//! The three kinds of patch that change an object: JSON patch, JSON merge patch, strategic merge patch.

use serde_json::{Map, Value};

use super::{schema::Shape, status::Failure};

/// RFC 6902. A failed `test` and a path that is not there give the bare 422 that the recorded cluster gives.
///
/// # Errors
/// 400 for a body that is not a list of operations, 422 for one that does not apply.
pub fn json(target: &mut Value, patch: &Value) -> Result<(), Failure> {
    let operations: json_patch::Patch = serde_json::from_value(patch.clone())
        .map_err(|error| Failure::bad_request(format!("error decoding patch: {error}")))?;
    let mut copy = target.clone();
    json_patch::patch(&mut copy, &operations).map_err(|_| Failure::patch_failed())?;
    *target = copy;
    Ok(())
}

/// RFC 7386.
pub fn merge(target: &mut Value, patch: &Value) {
    json_patch::merge(target, patch);
}

/// A strategic merge patch: lists merge by the keys that the schema names, and `$patch`, `$retainKeys`,
/// `$deleteFromPrimitiveList/..` and `$setElementOrder/..` direct.
///
/// # Errors
/// 400 for a list element without its merge key or an unknown directive.
pub fn strategic(target: &mut Value, patch: &Value, shape: &Shape) -> Result<(), Failure> {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return Ok(());
    };
    match patch.get("$patch").and_then(Value::as_str) {
        Some("replace") => {
            *target = Value::Object(without_directives(patch));
            return Ok(());
        }
        Some("delete") => {
            *target = Value::Object(Map::new());
            return Ok(());
        }
        Some("merge") | None => (),
        Some(other) => return Err(Failure::bad_request(format!("Unknown patch type found: {other}"))),
    }
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(fields) = target.as_object_mut() else {
        return Ok(());
    };
    retain(fields, patch);
    for (name, value) in patch {
        if name.starts_with('$') {
            continue;
        }
        strategic_field(fields, name, value, shape)?;
    }
    primitive_deletions(fields, patch);
    Ok(())
}

fn strategic_field(
    fields: &mut Map<String, Value>,
    name: &str,
    value: &Value,
    shape: &Shape,
) -> Result<(), Failure> {
    if value.is_null() {
        fields.remove(name);
        return Ok(());
    }
    match shape.field(name) {
        Some(Shape::Keyed(kind, keys)) if value.is_array() => {
            let key = keys.first().copied().unwrap_or("name");
            merge_list(
                fields.entry(name).or_insert(Value::Array(Vec::new())),
                value,
                key,
                &Shape::Struct(kind),
            )
        }
        Some(Shape::Set) if value.is_array() => {
            merge_set(fields.entry(name).or_insert(Value::Array(Vec::new())), value);
            Ok(())
        }
        inner if value.is_object() => {
            let inner = match inner {
                Some(Shape::Leaf) | None => Shape::Open,
                Some(inner) => inner,
            };
            strategic(
                fields.entry(name).or_insert(Value::Object(Map::new())),
                value,
                &inner,
            )
        }
        _ => {
            fields.insert(name.to_owned(), value.clone());
            Ok(())
        }
    }
}

fn without_directives(patch: &Map<String, Value>) -> Map<String, Value> {
    patch
        .iter()
        .filter(|(name, _)| !name.starts_with('$'))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// `$retainKeys` drops every field of the target that it does not name (deployment strategy, volumes).
fn retain(fields: &mut Map<String, Value>, patch: &Map<String, Value>) {
    if let Some(keys) = patch.get("$retainKeys").and_then(Value::as_array) {
        fields.retain(|name, _| keys.iter().any(|key| key.as_str() == Some(name)));
    }
}

fn primitive_deletions(fields: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, gone) in patch {
        let Some(list) = name.strip_prefix("$deleteFromPrimitiveList/") else {
            continue;
        };
        if let (Some(Value::Array(values)), Some(gone)) = (fields.get_mut(list), gone.as_array()) {
            values.retain(|value| !gone.contains(value));
        }
    }
}

fn merge_set(target: &mut Value, patch: &Value) {
    let (Some(target), Some(patch)) = (target.as_array_mut(), patch.as_array()) else {
        return;
    };
    for value in patch {
        if !target.contains(value) {
            target.push(value.clone());
        }
    }
}

fn merge_list(target: &mut Value, patch: &Value, key: &str, shape: &Shape) -> Result<(), Failure> {
    let (Some(target), Some(patch)) = (target.as_array_mut(), patch.as_array()) else {
        return Ok(());
    };
    let replace = |value: &Value| value["$patch"] == "replace" && value.get(key).is_none();
    if patch.iter().any(replace) {
        *target = patch.iter().filter(|value| !replace(value)).cloned().collect();
        return Ok(());
    }
    // Elements that are new come before the old ones in the order of the patch, as the real merge gives them.
    let mut fresh = Vec::new();
    for element in patch {
        let Some(wanted) = element.get(key) else {
            return Err(Failure::bad_request(format!(
                "map: {element} does not contain declared merge key: {key}"
            )));
        };
        let found = target.iter().position(|old| old.get(key) == Some(wanted));
        match (found, element["$patch"].as_str()) {
            (Some(index), Some("delete")) => {
                target.remove(index);
            }
            (None, Some("delete")) => (),
            (Some(index), _) => strategic(&mut target[index], element, shape)?,
            (None, _) => {
                let mut new = Value::Object(Map::new());
                strategic(&mut new, element, shape)?;
                fresh.push(new);
            }
        }
    }
    if !fresh.is_empty() {
        fresh.append(target);
        *target = fresh;
        order_like(target, patch, key);
    }
    Ok(())
}

/// Puts the elements that the patch names in the order of the patch, the others stay behind in theirs.
fn order_like(target: &mut [Value], patch: &[Value], key: &str) {
    let place = |value: &Value| {
        patch
            .iter()
            .position(|element| element.get(key) == value.get(key))
            .unwrap_or(patch.len())
    };
    target.sort_by_key(place);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::schema;
    use serde_json::json;

    fn pod() -> Value {
        json!({"spec": {"containers": [
            {"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}], "ports": [{"containerPort": 80}]},
            {"name": "b", "image": "b:1"}]}})
    }

    #[test]
    fn containers_and_env_merge_by_name() {
        let mut target = pod();
        let patch = json!({"spec": {"containers": [{"name": "a", "image": "a:2", "env": [{"name": "Y", "value": "2"}]}]}});
        strategic(&mut target, &patch, &schema::of_kind("Pod")).unwrap();
        let a = &target["spec"]["containers"][0];
        assert_eq!(a["image"], "a:2");
        assert_eq!(a["env"].as_array().unwrap().len(), 2);
        assert_eq!(target["spec"]["containers"][1], pod()["spec"]["containers"][1]);
    }

    #[test]
    fn directives_replace_and_delete() {
        let mut target = json!({"spec": {"template": pod()}});
        let patch =
            json!({"spec": {"template": {"$patch": "replace", "spec": {"containers": [{"name": "c"}]}}}});
        strategic(&mut target, &patch, &schema::of_kind("Deployment")).unwrap();
        assert_eq!(
            target,
            json!({"spec": {"template": {"spec": {"containers": [{"name": "c"}]}}}})
        );
        let mut target = pod();
        let patch = json!({"spec": {"containers": [{"name": "b", "$patch": "delete"}]}});
        strategic(&mut target, &patch, &schema::of_kind("Pod")).unwrap();
        assert_eq!(target["spec"]["containers"].as_array().unwrap().len(), 1);
        let mut target =
            json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}});
        let patch = json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}});
        strategic(&mut target, &patch, &schema::of_kind("Deployment")).unwrap();
        assert_eq!(target, json!({"spec": {"strategy": {"type": "Recreate"}}}));
    }

    #[test]
    fn a_failed_test_changes_nothing() {
        let mut target = json!({"a": 1, "b": 2});
        let patch =
            json!([{"op": "replace", "path": "/a", "value": 5}, {"op": "test", "path": "/b", "value": 3}]);
        assert_eq!(json(&mut target, &patch).unwrap_err(), Failure::patch_failed());
        assert_eq!(target, json!({"a": 1, "b": 2}));
    }
}
