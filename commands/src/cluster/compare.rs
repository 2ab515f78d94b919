//! What differs between two pod templates, in words short enough for one line.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{line, model::Line};

/// The differences of two pod templates: images, environment, resources, restarts, and how many other fields.
#[must_use]
pub fn template_changes(before: &Value, after: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    let (old, new) = (containers(before), containers(after));
    let several = new.len() > 1;
    for (name, container) in &new {
        let of = if several {
            format!(" of {name}")
        } else {
            String::new()
        };
        match old.get(name) {
            None => lines.push(line![format!("container {name} added")]),
            Some(was) => container_changes(was, container, &of, &mut lines),
        }
    }
    for name in old.keys().filter(|n| !new.contains_key(*n)) {
        lines.push(line![format!("container {name} removed")]);
    }
    let restarted = "/metadata/annotations/kubectl.kubernetes.io~1restartedAt";
    if after.pointer(restarted).is_some() && before.pointer(restarted) != after.pointer(restarted) {
        lines.push(line!["restarted"]);
    }
    if lines.is_empty() && before != after {
        lines.push(line!["other fields of the pod template"]);
    }
    lines
}

fn container_changes(before: &Value, after: &Value, of: &str, lines: &mut Vec<Line>) {
    let image = |c: &Value| {
        c.get("image")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (old, new) = (image(before), image(after));
    if old != new {
        let (old, new) = short_images(&old, &new);
        lines.push(line![format!("image{of} {old} → {new}")]);
    }
    let (old, new) = (env(before), env(after));
    for (name, value) in &new {
        match old.get(name) {
            Some(was) if was == value => {}
            Some(was) => lines.push(line![format!(
                "env{of} {name} {} → {}",
                show(name, was),
                show(name, value)
            )]),
            None => lines.push(line![format!("env{of} {name} added")]),
        }
    }
    for name in old.keys().filter(|n| !new.contains_key(*n)) {
        lines.push(line![format!("env{of} {name} removed")]);
    }
    for (field, words) in [
        ("resources", "resources"),
        ("command", "command"),
        ("args", "arguments"),
        ("envFrom", "environment sources"),
    ] {
        if before.get(field) != after.get(field) {
            lines.push(line![format!("{words}{of}")]);
        }
    }
}

fn containers(template: &Value) -> BTreeMap<String, &Value> {
    ["/spec/containers", "/spec/initContainers"]
        .into_iter()
        .filter_map(|at| template.pointer(at)?.as_array())
        .flatten()
        .filter_map(|c| Some((c.get("name")?.as_str()?.to_owned(), c)))
        .collect()
}

fn env(container: &Value) -> BTreeMap<String, String> {
    container
        .get("env")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|e| {
            let name = e.get("name")?.as_str()?.to_owned();
            let value = match (e.get("value"), e.get("valueFrom")) {
                (Some(Value::String(text)), _) => text.clone(),
                (_, Some(from)) => format!("from {}", source(from)),
                _ => String::new(),
            };
            Some((name, value))
        })
        .collect()
}

fn source(from: &Value) -> String {
    let Some((kind, what)) = from.as_object().and_then(|m| m.iter().next()) else {
        return "elsewhere".to_owned();
    };
    let text = |field: &str| what.get(field).and_then(Value::as_str).unwrap_or_default();
    match kind.as_str() {
        "secretKeyRef" => format!("secret {}/{}", text("name"), text("key")),
        "configMapKeyRef" => format!("config map {}/{}", text("name"), text("key")),
        _ => text("fieldPath").to_owned(),
    }
}

/// A value for people. What is named like a secret stays hidden, and so does what looks like a URL with a password.
fn show(name: &str, value: &str) -> String {
    const SECRET: [&str; 7] = ["PASS", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE", "DSN"];
    let upper = name.to_ascii_uppercase();
    let from_elsewhere = value.starts_with("from ");
    let has_login = value.contains("://") && value.contains('@');
    if !from_elsewhere && (has_login || SECRET.iter().any(|s| upper.contains(s))) {
        return "[hidden]".to_owned();
    }
    let mut text: String = value.chars().take(60).collect();
    if text.len() < value.len() {
        text.push('…');
    }
    if text.is_empty() { "empty".to_owned() } else { text }
}

/// Two images without the repository that they share: `v1.2.0`, `v1.2.1`.
#[must_use]
pub fn short_images(old: &str, new: &str) -> (String, String) {
    let ((old_repo, old_tag), (new_repo, new_tag)) = (split_image(old), split_image(new));
    if old_repo == new_repo && !old_tag.is_empty() && !new_tag.is_empty() {
        (old_tag.to_owned(), new_tag.to_owned())
    } else {
        (old.to_owned(), new.to_owned())
    }
}

/// The repository of an image, and its tag or digest. A colon before the last slash belongs to a registry's port.
#[must_use]
pub fn split_image(image: &str) -> (&str, &str) {
    if let Some((name, digest)) = image.split_once('@') {
        return (split_image(name).0, digest);
    }
    let slash = image.rfind('/').map_or(0, |i| i + 1);
    match image[slash..].rfind(':') {
        Some(colon) => (&image[..slash + colon], &image[slash + colon + 1..]),
        None => (image, ""),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(before: &Value, after: &Value) -> Vec<String> {
        template_changes(before, after).iter().map(Line::plain).collect()
    }

    fn template(image: &str, env: &Value) -> Value {
        json!({ "spec": { "containers": [ { "name": "api", "image": image, "env": env } ] } })
    }

    #[test]
    fn images_and_environment_are_named_and_secrets_are_not() {
        let before = template(
            "r:5000/api:v1",
            &json!([ { "name": "DATABASE_HOST", "value": "postgres" }, { "name": "API_KEY", "value": "old" },
                     { "name": "URL", "value": "postgres://u:p@h/d" }, { "name": "GONE", "value": "x" } ]),
        );
        let after = template(
            "r:5000/api:v2",
            &json!([ { "name": "DATABASE_HOST", "value": "postgres-new" }, { "name": "API_KEY", "value": "new" },
                     { "name": "URL", "value": "postgres://u:q@h/d" } ]),
        );
        assert_eq!(
            words(&before, &after),
            [
                "image v1 → v2",
                "env API_KEY [hidden] → [hidden]",
                "env DATABASE_HOST postgres → postgres-new",
                "env URL [hidden] → [hidden]",
                "env GONE removed",
            ]
        );
        assert!(words(&before, &before).is_empty());
    }

    #[test]
    fn a_restart_and_what_has_no_name_are_told() {
        let plain = template("a:1", &json!([]));
        let mut restarted = plain.clone();
        restarted["metadata"] = json!({ "annotations": { "kubectl.kubernetes.io/restartedAt": "now" } });
        assert_eq!(words(&plain, &restarted), ["restarted"]);
        let mut other = plain.clone();
        other["spec"]["terminationGracePeriodSeconds"] = json!(5);
        assert_eq!(words(&plain, &other), ["other fields of the pod template"]);
    }

    #[test]
    fn images_are_split_at_the_tag() {
        for (image, repo, tag) in [
            ("a", "a", ""),
            ("a:v1", "a", "v1"),
            ("localhost:5000/a", "localhost:5000/a", ""),
            ("localhost:5000/a/b:v1", "localhost:5000/a/b", "v1"),
            ("a:v1@sha256:00", "a", "sha256:00"),
        ] {
            assert_eq!(split_image(image), (repo, tag), "{image}");
        }
    }
}
