//! What differs between two pod templates, in words short enough for one line.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    model::Text,
    redact::Redactor,
    texts::cluster::change::{self as say, Part},
};

/// The differences of two pod templates: images, environment, resources, restarts, and how many other fields. Values are
/// freed of secrets before they are cut; without `quotes` none is told.
#[must_use]
pub fn template_changes(before: &Value, after: &Value, quotes: Option<&Redactor>) -> Vec<Text> {
    let mut lines = Vec::new();
    let (old, new) = (containers(before), containers(after));
    let several = new.len() > 1;
    for (name, container) in &new {
        let of = several.then_some(name.as_str());
        match old.get(name) {
            None => lines.push(say::container_added(name)),
            Some(was) => {
                let both = Both {
                    before: was,
                    after: container,
                };
                both.changes(of, quotes, &mut lines);
            }
        }
    }
    for name in old.keys().filter(|n| !new.contains_key(*n)) {
        lines.push(say::container_removed(name));
    }
    let restarted = "/metadata/annotations/kubectl.kubernetes.io~1restartedAt";
    if after.pointer(restarted).is_some() && before.pointer(restarted) != after.pointer(restarted) {
        lines.push(say::restarted());
    }
    if lines.is_empty() && before != after {
        lines.push(say::others());
    }
    lines
}

/// A container in two templates.
struct Both<'a> {
    before: &'a Value,
    after: &'a Value,
}

impl Both<'_> {
    fn changes(&self, of: Option<&str>, quotes: Option<&Redactor>, lines: &mut Vec<Text>) {
        let Self { before, after } = *self;
        let image = |c: &Value| {
            c.get("image")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (old, new) = (image(before), image(after));
        if old != new {
            let (old, new) = short_images(&old, &new);
            lines.push(say::image(of, &old, &new));
        }
        let (old, new) = (env(before), env(after));
        for (name, value) in &new {
            match old.get(name) {
                Some(was) if was == value => {}
                Some(was) => lines.push(match (was.show(name, quotes), value.show(name, quotes)) {
                    (Some(was), Some(value)) => say::variable(of, name, Some((&was, &value))),
                    _ => say::variable(of, name, None),
                }),
                None => lines.push(say::variable_added(of, name)),
            }
        }
        for name in old.keys().filter(|n| !new.contains_key(*n)) {
            lines.push(say::variable_removed(of, name));
        }
        for field in Part::ALL {
            if before.get(field.key()) != after.get(field.key()) {
                lines.push(say::part(of, field));
            }
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

/// The value of an environment variable.
#[derive(PartialEq, Eq)]
enum EnvValue {
    /// As it stands in the template.
    Literal(String),
    /// The place that it comes from.
    From(Text),
}

fn env(container: &Value) -> BTreeMap<String, EnvValue> {
    container
        .get("env")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|e| {
            let name = e.get("name")?.as_str()?.to_owned();
            let value = match (e.get("value"), e.get("valueFrom")) {
                (Some(Value::String(text)), _) => EnvValue::Literal(text.clone()),
                (_, Some(from)) => EnvValue::From(source(from)),
                _ => EnvValue::Literal(String::new()),
            };
            Some((name, value))
        })
        .collect()
}

fn source(from: &Value) -> Text {
    let Some((kind, what)) = from.as_object().and_then(|m| m.iter().next()) else {
        return say::from_elsewhere();
    };
    let text = |field: &str| what.get(field).and_then(Value::as_str).unwrap_or_default();
    match kind.as_str() {
        "secretKeyRef" => say::from_secret(text("name"), text("key")),
        "configMapKeyRef" => say::from_config_map(text("name"), text("key")),
        _ => say::from_field(text("fieldPath")),
    }
}

/// Characters of a value that are told.
const MOST: usize = 60;

impl EnvValue {
    /// For people; `None` where it may not be quoted.
    fn show(&self, name: &str, quotes: Option<&Redactor>) -> Option<Text> {
        let text = match self {
            Self::From(place) => return Some(place.clone()),
            Self::Literal(text) if text.is_empty() => return Some(say::empty()),
            Self::Literal(text) => text,
        };
        let clean = quotes?.value(name, text);
        let mut shown: String = clean.chars().take(MOST).collect();
        if shown.len() < clean.len() {
            shown.push('…');
        }
        Some(shown.into())
    }
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
        let usual = Redactor::default();
        let lines = template_changes(before, after, Some(&usual));
        lines.iter().map(Text::plain).collect()
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
    fn what_looks_like_a_secret_is_hidden_whatever_its_name_and_however_long() {
        let long = format!("https://ceo:{}@db/ceo?x=1", "swordfish-".repeat(20));
        let run = |n: usize| {
            "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
                .chars()
                .cycle()
                .take(n)
                .collect::<String>()
        };
        for (name, secret) in [
            (
                "SLACK_WEBHOOK",
                format!("https://hooks.slack.com/services/T0/B0/{}", run(24)),
            ),
            ("GH", format!("ghp_{}", run(36))),
            ("UPSTREAM", long),
            ("NOTE", format!("{}xoxb-{}", "x ".repeat(25), run(40))),
            ("AUTH", "from hunter2hunter2 token=s3cr3tvalue".to_owned()),
        ] {
            let before = template("a:1", &json!([ { "name": name, "value": "none" } ]));
            let after = template("a:1", &json!([ { "name": name, "value": secret } ]));
            let told = words(&before, &after).join(" ");
            for part in [&secret[secret.len() - 12..], &run(12), "swordfish"] {
                assert!(!told.contains(part), "{name}: {told}");
            }
            let unquoted = template_changes(&before, &after, None);
            assert!(!unquoted[0].plain().contains("none"), "{}", unquoted[0].plain());
        }
        let named = |value: &str| template("a:1", &json!([ { "name": "DB_PASSWORD", "value": value } ]));
        assert_eq!(
            words(&named("from hunter1"), &named("from hunter2")),
            ["env DB_PASSWORD [hidden] → [hidden]"],
            "a value that reads like a place is none"
        );
        let known = Redactor::new(["plain-words-of-a-secret".to_owned()]);
        let value = |end: &str| format!("{} plain-words-of-a-secret {end}", "x".repeat(50));
        let of = |end: &str| template("a:1", &json!([ { "name": "MOTTO", "value": value(end) } ]));
        let told = template_changes(&of("1"), &of("2"), Some(&known))[0].plain();
        assert!(!told.contains("plain"), "{told}");
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
