//! Label and field selectors.

use serde_json::Value;

use super::status::Failure;

/// Which objects a list or a watch is about.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    labels: Vec<Requirement>,
    fields: Vec<(String, bool, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

impl Selector {
    /// Reads both selectors of a query for a kind.
    ///
    /// # Errors
    /// 400 with the sentence of the real server.
    pub fn parse(plural: &str, labels: &str, fields: &str) -> Result<Selector, Failure> {
        Ok(Selector {
            labels: parse_labels(labels)?,
            fields: parse_fields(plural, fields)?,
        })
    }

    /// A selector from a `metav1.LabelSelector` object; `None` when the object is absent (which selects nothing).
    pub fn from_object(selector: &Value) -> Option<Selector> {
        if !selector.is_object() {
            return None;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut labels: Vec<Requirement> = selector["matchLabels"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| Requirement::In(name.clone(), vec![text(value)]))
            .collect();
        for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
            let key = text(&expression["key"]);
            let values = expression["values"]
                .as_array()
                .into_iter()
                .flatten()
                .map(text)
                .collect();
            labels.push(match expression["operator"].as_str() {
                Some("NotIn") => Requirement::NotIn(key, values),
                Some("Exists") => Requirement::Exists(key),
                Some("DoesNotExist") => Requirement::Absent(key),
                _ => Requirement::In(key, values),
            });
        }
        Some(Selector {
            labels,
            fields: Vec::new(),
        })
    }

    /// Whether everything is selected.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// The name, if the field selector asks for exactly one.
    pub fn only_name(&self) -> Option<&str> {
        let named = self
            .fields
            .iter()
            .find(|(field, equal, _)| field == "metadata.name" && *equal);
        named.map(|(_, _, name)| name.as_str())
    }

    /// Whether the object is selected.
    pub fn matches(&self, object: &Value) -> bool {
        self.matches_labels(&object["metadata"]["labels"])
            && self
                .fields
                .iter()
                .all(|(field, equal, value)| (field_value(object, field) == *value) == *equal)
    }

    /// Whether these labels are selected.
    pub fn matches_labels(&self, labels: &Value) -> bool {
        self.labels.iter().all(|requirement| requirement.holds(labels))
    }
}

impl Requirement {
    fn holds(&self, labels: &Value) -> bool {
        let value = |key: &String| labels.get(key).and_then(Value::as_str);
        match self {
            Requirement::In(key, values) => value(key).is_some_and(|value| values.iter().any(|v| v == value)),
            Requirement::NotIn(key, values) => {
                value(key).is_none_or(|value| values.iter().all(|v| v != value))
            }
            Requirement::Exists(key) => value(key).is_some(),
            Requirement::Absent(key) => value(key).is_none(),
        }
    }
}

/// Splits at commas that are not inside parentheses.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (index, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => (),
        }
    }
    parts.push(&text[start..]);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

fn parse_labels(text: &str) -> Result<Vec<Requirement>, Failure> {
    split(text).into_iter().map(parse_label).collect()
}

fn parse_label(part: &str) -> Result<Requirement, Failure> {
    let one = |value: &str| vec![value.trim().trim_start_matches('=').trim().to_owned()];
    if let Some((key, values)) = part.split_once(" notin ") {
        return Ok(Requirement::NotIn(label_key(key)?, set(values)?));
    }
    if let Some((key, values)) = part.split_once(" in ") {
        return Ok(Requirement::In(label_key(key)?, set(values)?));
    }
    if let Some((key, value)) = part.split_once("!=") {
        return Ok(Requirement::NotIn(label_key(key)?, one(value)));
    }
    if let Some((key, value)) = part.split_once('=') {
        return Ok(Requirement::In(label_key(key)?, one(value)));
    }
    match part.strip_prefix('!') {
        Some(key) => Ok(Requirement::Absent(label_key(key)?)),
        None => Ok(Requirement::Exists(label_key(part)?)),
    }
}

fn label_key(key: &str) -> Result<String, Failure> {
    let key = key.trim();
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if key.is_empty() || !key.chars().all(fine) {
        let message = format!("unable to parse requirement: invalid label key {key:?}");
        return Err(Failure::bad_request(message));
    }
    Ok(key.to_owned())
}

fn set(text: &str) -> Result<Vec<String>, Failure> {
    let inner = text
        .trim()
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    let Some(inner) = inner else {
        return Err(Failure::bad_request(format!(
            "unable to parse requirement: found '{text}', expected: '('"
        )));
    };
    Ok(inner.split(',').map(|value| value.trim().to_owned()).collect())
}

fn parse_fields(plural: &str, text: &str) -> Result<Vec<(String, bool, String)>, Failure> {
    split(text)
        .into_iter()
        .map(|part| parse_field(plural, part))
        .collect()
}

fn parse_field(plural: &str, part: &str) -> Result<(String, bool, String), Failure> {
    let (field, equal, value) = if let Some((field, value)) = part.split_once("!=") {
        (field, false, value)
    } else if let Some((field, value)) = part.split_once("==") {
        (field, true, value)
    } else if let Some((field, value)) = part.split_once('=') {
        (field, true, value)
    } else {
        let message = format!("invalid selector: '{part}'; can't understand '{part}'");
        return Err(Failure::bad_request(message));
    };
    let field = field.trim();
    if !supported(plural).contains(&field) && !matches!(field, "metadata.name" | "metadata.namespace") {
        let message = match supported(plural) {
            // Kinds without fields of their own answer with the sentence of the generic registry.
            [] => format!(
                "{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
            ),
            _ => format!("field label not supported: {field}"),
        };
        return Err(Failure::bad_request(message));
    }
    Ok((
        field.to_owned(),
        equal,
        value.trim().replace("\\,", ",").replace("\\=", "="),
    ))
}

/// The field labels that the real server registers for a kind, besides name and namespace.
fn supported(plural: &str) -> &'static [&'static str] {
    match plural {
        "pods" => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
        "events" => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
            "regarding.kind",
            "regarding.namespace",
            "regarding.name",
            "regarding.uid",
            "reportingController",
        ],
        "secrets" => &["type"],
        "namespaces" => &["status.phase", "name"],
        "nodes" => &["spec.unschedulable"],
        "jobs" => &["status.successful"],
        "replicasets" | "replicationcontrollers" => &["status.replicas"],
        "services" => &["spec.clusterIP", "spec.type"],
        _ => &[],
    }
}

fn field_value(object: &Value, field: &str) -> String {
    let path = match field {
        "source" => "source.component",
        "name" => "metadata.name",
        "reportingController" => "reportingComponent",
        "status.successful" => "status.succeeded",
        other => other,
    };
    let path = path.replacen("regarding.", "involvedObject.", 1);
    let found = path.split('.').fold(object, |value, part| &value[part]);
    match found {
        Value::String(text) => text.clone(),
        Value::Null if matches!(field, "spec.unschedulable" | "spec.hostNetwork") => "false".into(),
        Value::Null if matches!(field, "status.successful" | "status.replicas") => "0".into(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_select() {
        let object = json!({"metadata": {"labels": {"app": "a", "tier": "web"}}});
        for (text, expected) in [
            ("", true),
            ("app=a", true),
            ("app==a,tier=web", true),
            ("app!=a", false),
            ("app in (b, a)", true),
            ("app notin (b)", true),
            ("missing notin (b)", true),
            ("tier", true),
            ("!tier", false),
            ("!missing", true),
        ] {
            assert_eq!(
                Selector::parse("pods", text, "").unwrap().matches(&object),
                expected,
                "{text}"
            );
        }
        assert!(Selector::parse("pods", "a b", "").is_err());
    }

    #[test]
    fn fields_select() {
        let object = json!({"metadata": {"name": "p"}, "status": {"phase": "Running"}});
        let selector = |text| Selector::parse("pods", "", text);
        assert!(
            selector("metadata.name=p,status.phase!=Failed")
                .unwrap()
                .matches(&object)
        );
        assert!(!selector("spec.nodeName=n").unwrap().matches(&object));
        assert_eq!(
            selector("status.nope=1").unwrap_err().message,
            "field label not supported: status.nope"
        );
    }
}
