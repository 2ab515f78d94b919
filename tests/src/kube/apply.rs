//! Server-side apply: merging a configuration into the live object, with ownership of fields and conflicts.

use serde_json::{Map, Value};

use super::managed::{self, FieldSet, Writer};
use super::{schema::Shape, status::Failure};

/// Applies `config` to `live`; the result carries the new `managedFields`.
///
/// # Errors
/// 409 with the list of conflicts, unless `force`.
pub fn apply(
    live: &Value,
    config: &Value,
    shape: &Shape,
    writer: &Writer,
    force: bool,
) -> Result<Value, Failure> {
    let wanted = managed::set_of(config, shape);
    let mut entries = managed::entries(live);
    let mut merged = live.clone();
    merge(&mut merged, config, shape);
    let differing = managed::changed(live, &merged, shape);
    let conflicts = conflicts(&entries, &wanted, &differing, writer);
    if !conflicts.is_empty() && !force {
        return Err(Failure::apply_conflict(&conflicts));
    }
    let before: FieldSet = entries
        .iter()
        .find(|entry| entry.is_of(writer))
        .map(|entry| entry.set.clone())
        .unwrap_or_default();
    for path in before.difference(&wanted) {
        let others = entries
            .iter()
            .any(|entry| !entry.is_of(writer) && entry.set.contains(path));
        let inside = wanted.iter().any(|kept| kept.starts_with(path));
        if !others && !inside {
            remove(&mut merged, path);
        }
    }
    for entry in entries.iter_mut().filter(|entry| !entry.is_of(writer)) {
        entry
            .set
            .retain(|path| !(wanted.contains(path) && differing.contains(path)));
    }
    let same = before == wanted && strip(&merged) == strip(live);
    if !same {
        managed::touch(&mut entries, writer, |set| *set = wanted);
    }
    managed::store(&mut merged, entries);
    Ok(merged)
}

fn strip(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    object
}

fn conflicts(
    entries: &[managed::Entry],
    wanted: &FieldSet,
    differing: &FieldSet,
    writer: &Writer,
) -> Vec<(String, String)> {
    let mut conflicts = Vec::new();
    for entry in entries.iter().filter(|entry| !entry.is_of(writer)) {
        for path in entry
            .set
            .iter()
            .filter(|path| wanted.contains(*path) && differing.contains(*path))
        {
            conflicts.push((entry.title(), managed::display(path)));
        }
    }
    conflicts
}

fn merge(target: &mut Value, config: &Value, shape: &Shape) {
    match (shape, config) {
        (Shape::Struct(_) | Shape::Open | Shape::Map, Value::Object(fields)) => {
            if !target.is_object() {
                *target = Value::Object(Map::new());
            }
            for (name, value) in fields {
                merge(
                    &mut target[name.as_str()],
                    value,
                    &shape.field(name).unwrap_or(Shape::Leaf),
                );
            }
        }
        (Shape::Keyed(kind, keys), Value::Array(items)) => {
            if !target.is_array() {
                *target = Value::Array(Vec::new());
            }
            let Some(list) = target.as_array_mut() else { return };
            for item in items {
                let same = |old: &Value| keys.iter().all(|key| old.get(key) == item.get(key));
                match list.iter_mut().find(|old| same(old)) {
                    Some(old) => merge(old, item, &Shape::Struct(kind)),
                    None => list.push(item.clone()),
                }
            }
        }
        (Shape::Set, Value::Array(items)) => {
            if !target.is_array() {
                *target = Value::Array(Vec::new());
            }
            let Some(list) = target.as_array_mut() else { return };
            let fresh: Vec<Value> = items
                .iter()
                .filter(|item| !list.contains(item))
                .cloned()
                .collect();
            list.extend(fresh);
        }
        _ => *target = config.clone(),
    }
}

fn remove(target: &mut Value, path: &[String]) {
    let Some((element, rest)) = path.split_first() else {
        return;
    };
    if let Some(name) = element.strip_prefix("f:") {
        if rest.is_empty() {
            if let Some(fields) = target.as_object_mut() {
                fields.remove(name);
            }
        } else if let Some(inner) = target.get_mut(name) {
            remove(inner, rest);
        }
        return;
    }
    let Some(list) = target.as_array_mut() else { return };
    let wanted: Value = serde_json::from_str(element.get(2..).unwrap_or_default()).unwrap_or_default();
    let is_it = |item: &Value| match &wanted {
        Value::Object(keys) if element.starts_with("k:") => {
            keys.iter().all(|(key, value)| item.get(key) == Some(value))
        }
        scalar => item == scalar,
    };
    if rest.is_empty() {
        list.retain(|item| !is_it(item));
    } else if let Some(item) = list.iter_mut().find(|item| is_it(item)) {
        remove(item, rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::schema;
    use serde_json::json;

    fn writer(manager: &str) -> Writer {
        Writer {
            manager: manager.into(),
            operation: "Apply",
            api_version: "v1".into(),
            subresource: String::new(),
        }
    }

    #[test]
    fn two_appliers_conflict_force_and_release() {
        let shape = schema::of_kind("ConfigMap");
        let config = |data: Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data});
        let first = apply(
            &json!({}),
            &config(json!({"A": "1", "B": "2"})),
            &shape,
            &writer("ceo"),
            false,
        )
        .unwrap();
        let refused = apply(
            &first,
            &config(json!({"A": "9"})),
            &shape,
            &writer("other"),
            false,
        )
        .unwrap_err();
        assert_eq!(
            refused.message,
            "Apply failed with 1 conflict: conflict with \"ceo\": .data.A"
        );
        let forced = apply(&first, &config(json!({"A": "9"})), &shape, &writer("other"), true).unwrap();
        assert_eq!(forced["data"], json!({"A": "9", "B": "2"}));
        let released = apply(&forced, &config(json!({})), &shape, &writer("ceo"), false).unwrap();
        assert_eq!(
            released["data"],
            json!({"A": "9"}),
            "what ceo no longer names goes, what other owns stays"
        );
    }
}
