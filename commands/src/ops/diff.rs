//! The difference between two pod templates, one line a field, as a person compares them: `image`, `env NAME`, and the
//! path of everything else.

use std::collections::BTreeMap;

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::{model::Code, redact::Redactor};

/// The most lines of a difference on a card; a file holds no more, the rest is counted.
const MOST: usize = 40;

/// Lines of the differing fields, `-` before and `+` after. `None` when nothing differs.
#[must_use]
pub(super) fn templates(before: &Value, after: &Value) -> Option<Code> {
    lines(&flatten_template(before), &flatten_template(after))
}

/// The difference of one number or word: `- replicas: 3`, `+ replicas: 5`.
#[must_use]
pub(super) fn single(name: &str, before: &dyn std::fmt::Display, after: &dyn std::fmt::Display) -> Code {
    Code {
        language: "diff".to_owned(),
        text: format!("-  {name}: {before}\n+  {name}: {after}\n"),
    }
}

fn lines(before: &str, after: &str) -> Option<Code> {
    let diff = TextDiff::from_lines(before, after);
    let changed: Vec<String> = diff
        .iter_all_changes()
        .filter_map(|change| match change.tag() {
            ChangeTag::Delete => Some(format!("-  {}", change.value())),
            ChangeTag::Insert => Some(format!("+  {}", change.value())),
            ChangeTag::Equal => None,
        })
        .collect();
    if changed.is_empty() {
        return None;
    }
    let mut text: String = changed.iter().take(MOST).map(String::as_str).collect();
    if changed.len() > MOST {
        text.push_str(&format!("… {} more lines\n", changed.len() - MOST));
    }
    Some(Code {
        language: "diff".to_owned(),
        text,
    })
}

/// A pod template as lines in a fixed order.
fn flatten_template(template: &Value) -> String {
    let mut fields = BTreeMap::new();
    let empty = vec![];
    let spec = template.get("spec").unwrap_or(&Value::Null);
    for list in ["initContainers", "containers"] {
        let containers = spec.get(list).and_then(Value::as_array).unwrap_or(&empty);
        for container in containers {
            let name = container.get("name").and_then(Value::as_str).unwrap_or("?");
            let alone = containers.len() == 1 && list == "containers";
            flatten_container(container, if alone { "" } else { name }, &mut fields);
        }
    }
    let mut rest = template.clone();
    if let Some(spec) = rest.get_mut("spec").and_then(Value::as_object_mut) {
        spec.remove("containers");
        spec.remove("initContainers");
    }
    if let Some(meta) = rest.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("creationTimestamp");
    }
    flatten("", &rest, &mut fields);
    fields
        .into_iter()
        .map(|((_, path), value)| format!("{path}: {value}\n"))
        .collect()
}

type Fields = BTreeMap<(u8, String), String>;

fn flatten_container(container: &Value, name: &str, fields: &mut Fields) {
    let named = |what: &str| {
        if name.is_empty() {
            what.to_owned()
        } else {
            format!("{name} {what}")
        }
    };
    let empty = serde_json::Map::new();
    for (key, value) in container.as_object().unwrap_or(&empty) {
        match (key.as_str(), value) {
            ("name", _) => {}
            ("image", Value::String(image)) => {
                fields.insert((0, named("image")), image.clone());
            }
            ("env", Value::Array(vars)) => {
                for var in vars {
                    let key = var.get("name").and_then(Value::as_str).unwrap_or("?");
                    fields.insert((1, named(&format!("env {key}"))), env_value(key, var));
                }
            }
            _ => flatten(&named(key), value, fields),
        }
    }
}

/// The value of a variable; where it comes from when it is a reference. What the name promises to be secret is hidden.
fn env_value(name: &str, var: &Value) -> String {
    if let Some(value) = var.get("value").and_then(Value::as_str) {
        let whole = format!("{name}={value}");
        let clean = Redactor::default().text(&whole);
        return clean
            .strip_prefix(&format!("{name}="))
            .unwrap_or(value)
            .to_owned();
    }
    match var.get("valueFrom") {
        Some(from) => format!("from {}", brief(from)),
        None => "\"\"".to_owned(),
    }
}

fn brief(value: &Value) -> String {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(k, v)| format!("{k} {}", brief(v)))
            .collect::<Vec<_>>()
            .join(" "),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn flatten(path: &str, value: &Value, fields: &mut Fields) {
    let join = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, inner) in map {
                flatten(&join(key), inner, fields);
            }
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for (i, inner) in list.iter().enumerate() {
                let key = inner
                    .get("name")
                    .and_then(Value::as_str)
                    .map_or_else(|| i.to_string(), str::to_owned);
                flatten(&format!("{path}[{key}]"), inner, fields);
            }
        }
        Value::Object(_) | Value::Null => {}
        Value::String(text) => {
            fields.insert((2, path.to_owned()), text.clone());
        }
        other => {
            fields.insert((2, path.to_owned()), other.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(image: &str, host: &str, memory: &str) -> Value {
        json!({"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{
            "name": "api", "image": image,
            "env": [{"name": "DATABASE_HOST", "value": host}, {"name": "DB_PASSWORD", "value": "hunter2222"}],
            "resources": {"limits": {"memory": memory}}
        }]}})
    }

    #[test]
    fn only_what_differs_is_shown() {
        let diff = templates(
            &template("api:v2", "postgres-new", "64Mi"),
            &template("api:v1", "postgres", "64Mi"),
        );
        let text = diff.unwrap().text;
        assert_eq!(
            text,
            "-  image: api:v2\n-  env DATABASE_HOST: postgres-new\n+  image: api:v1\n+  env DATABASE_HOST: postgres\n"
        );
        let same = template("a", "b", "c");
        assert_eq!(templates(&same, &same), None);
    }

    #[test]
    fn a_secret_in_the_environment_is_not_shown() {
        let mut other = template("a", "b", "c");
        other["spec"]["containers"][0]["env"][1]["value"] = json!("correct-horse");
        let text = templates(&template("a", "b", "c"), &other)
            .map(|code| code.text)
            .unwrap_or_default();
        assert!(
            !text.contains("hunter2222") && !text.contains("correct-horse"),
            "{text}"
        );
    }
}
