//! A pod template as lines in a fixed order: `image`, `env NAME`, and the path of everything else. Elements of lists are
//! called by what the API server merges them by, or stand in their order.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::redact::{MARK, Redactor};

/// One line of a template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    /// Images first, then the environment, then the rest.
    rank: u8,
    path: String,
    /// Among lines of one path.
    place: usize,
    /// What is compared; nobody reads it.
    pub(super) raw: String,
    /// What is told, without secrets.
    pub(super) told: String,
}

impl Line {
    /// A line of a text.
    pub(super) fn of(raw: &str, told: String) -> Self {
        Self {
            rank: 0,
            path: String::new(),
            place: 0,
            raw: raw.to_owned(),
            told,
        }
    }
}

/// The lines of a template.
pub(super) struct Fields<'r> {
    /// What hides secrets; without it no value is told that people chose.
    quotes: Option<&'r Redactor>,
    /// Whether the template has one container, which need not be named.
    alone: bool,
    lines: Vec<Line>,
}

/// The names of the containers.
pub(super) fn containers(template: &Value) -> Vec<&str> {
    list(template, "containers")
        .iter()
        .map(|container| container["name"].as_str().unwrap_or("?"))
        .collect()
}

fn list<'v>(template: &'v Value, of: &str) -> &'v [Value] {
    let found = template.get("spec").and_then(|spec| spec.get(of));
    found.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl<'r> Fields<'r> {
    /// All lines of a template, sorted.
    pub(super) fn of(template: &Value, alone: bool, quotes: Option<&'r Redactor>) -> Vec<Line> {
        let mut fields = Self {
            quotes,
            alone,
            lines: Vec::new(),
        };
        for of in ["initContainers", "containers"] {
            let all = list(template, of);
            fields.order(of, all);
            for container in all {
                fields.container(container);
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
        fields.any("", "", &rest);
        fields.lines.sort();
        fields.lines
    }

    fn add(&mut self, rank: u8, path: &str, raw: &str, told: &str) {
        self.lines.push(Line {
            rank,
            path: path.to_owned(),
            place: self.lines.len(),
            raw: format!("{path}\0{raw}"),
            told: format!("{path}{told}"),
        });
    }

    /// Containers start in their order, and later variables are made of earlier ones. Told as the field's path, which is
    /// the same in every language.
    fn order(&mut self, of: &str, all: &[Value]) {
        if all.len() > 1 {
            let names: Vec<&str> = all
                .iter()
                .map(|one| one["name"].as_str().unwrap_or("?"))
                .collect();
            let names = names.join(", ");
            self.add(3, &format!("{of}[*].name"), &names, &format!(": {names}"));
        }
    }

    fn container(&mut self, container: &Value) {
        let name = container["name"].as_str().unwrap_or("?");
        let named = |what: &str| {
            if self.alone {
                what.to_owned()
            } else {
                format!("{name} {what}")
            }
        };
        let paths: Vec<(String, &String, &Value)> = container
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (named(key), key, value))
            .collect();
        for (path, key, value) in paths {
            match (key.as_str(), value) {
                ("name", _) => {}
                ("image", Value::String(image)) => {
                    let told = format!(": {}", self.text(image));
                    self.add(0, &path, image, &told);
                }
                ("env", Value::Array(variables)) => self.environment(&path, variables),
                _ => self.any(&path, key, value),
            }
        }
    }

    fn environment(&mut self, path: &str, variables: &[Value]) {
        for variable in variables {
            let name = variable["name"].as_str().unwrap_or("?");
            let path = format!("{path} {name}");
            match (variable.get("value"), variable.get("valueFrom")) {
                (Some(Value::String(value)), _) if !value.is_empty() => {
                    let told = format!(": {}", self.value(name, value));
                    self.add(1, &path, value, &told);
                }
                // Without a colon: what it comes from is no value of that name.
                (_, Some(from)) => self.add(1, &path, &from.to_string(), &format!(" from {}", brief(from))),
                _ => self.add(1, &path, "", ": \"\""),
            }
        }
    }

    /// A value of any kind under its path; `name` is the last part of that.
    fn any(&mut self, path: &str, name: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::Object(map) if !map.is_empty() => self.object(path, name, map),
            Value::Array(all) if all.iter().any(Value::is_object) => {
                for (key, inner) in keyed(name, all) {
                    self.any(&format!("{path}[{key}]"), name, inner);
                }
            }
            Value::Array(all) if !all.is_empty() => self.words(path, all),
            Value::Object(_) => self.add(2, path, "{}", ": {}"),
            Value::Array(_) => self.add(2, path, "[]", ": []"),
            Value::String(text) => {
                let told = format!(": {}", self.text(text));
                self.add(2, path, text, &told);
            }
            other => self.add(2, path, &other.to_string(), &format!(": {other}")),
        }
    }

    fn object(&mut self, path: &str, name: &str, map: &Map<String, Value>) {
        // People choose these names, and what stands under them; a header of a probe is a pair of both.
        let chosen = matches!(name, "annotations" | "labels");
        let pair = map.get("name").and_then(Value::as_str);
        for (key, inner) in map {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            let named = match pair {
                Some(pair) if key == "value" => Some(pair),
                _ => chosen.then_some(key.as_str()),
            };
            match (named, inner) {
                (Some(named), Value::String(value)) => {
                    let told = format!(": {}", self.value(named, value));
                    self.add(2, &path, value, &told);
                }
                _ => self.any(&path, key, inner),
            }
        }
    }

    /// Arguments and other lists of words, one a line.
    fn words(&mut self, path: &str, all: &[Value]) {
        let words: Vec<String> = all
            .iter()
            .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
            .collect();
        let list: Vec<&str> = words.iter().map(String::as_str).collect();
        let told = match self.quotes {
            Some(redactor) => redactor.arguments(&list),
            None => vec![MARK.to_owned(); list.len()],
        };
        for (raw, told) in words.iter().zip(told) {
            self.add(2, path, raw, &format!(": {told}"));
        }
    }

    fn value(&self, name: &str, value: &str) -> String {
        self.quotes
            .map_or_else(|| MARK.to_owned(), |redactor| redactor.value(name, value))
    }

    fn text(&self, text: &str) -> String {
        match self.quotes {
            Some(redactor) => redactor.quote_in_a_line(text),
            None => Redactor::default().quote_in_a_line(text),
        }
    }
}

/// The fields by which the API server merges a list of that name.
fn merge_keys(list: &str) -> &'static [&'static str] {
    match list {
        "volumeMounts" => &["mountPath"],
        "volumeDevices" => &["devicePath"],
        "ports" => &["containerPort", "protocol"],
        "hostAliases" => &["ip"],
        "topologySpreadConstraints" => &["topologyKey", "whenUnsatisfiable"],
        "volumes" | "imagePullSecrets" | "resourceClaims" | "ephemeralContainers" => &["name"],
        _ => &[],
    }
}

/// The elements of a list, each with what it is called by: its merge keys, where each is called otherwise; else its place.
fn keyed<'v>(list: &str, all: &'v [Value]) -> Vec<(String, &'v Value)> {
    let keys = merge_keys(list);
    let mut called = BTreeMap::new();
    let names: Vec<String> = all
        .iter()
        .map(|one| {
            let parts: Vec<String> = keys
                .iter()
                .filter_map(|key| one.get(*key))
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .collect();
            parts.join("/")
        })
        .collect();
    for name in &names {
        *called.entry(name.clone()).or_insert(0) += 1;
    }
    let each = |(place, (name, one)): (usize, (String, &'v Value))| {
        let alone = !name.is_empty() && called.get(&name) == Some(&1);
        (if alone { name } else { place.to_string() }, one)
    };
    names.into_iter().zip(all).enumerate().map(each).collect()
}

fn brief(value: &Value) -> String {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| format!("{key} {}", brief(value)))
            .collect::<Vec<_>>()
            .join(" "),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
