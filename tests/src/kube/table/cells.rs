//! The cells of a row, kind by kind.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{network, plain, workload};

/// The cells after the name, and those that only `-o wide` shows.
pub(super) type Cells = (Vec<Value>, Vec<Value>);

/// A value as text, without quotes; empty for null.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(super) fn or(value: &Value, otherwise: &str) -> String {
    let text = text(value);
    if text.is_empty() {
        otherwise.to_owned()
    } else {
        text
    }
}

pub(super) fn number(value: &Value) -> Value {
    json!(value.as_i64().unwrap_or(0))
}

/// `duration.HumanDuration` of apimachinery.
pub(super) fn human(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    let pair = |big: i64, unit: &str, small: i64, rest: &str| match small {
        0 => format!("{big}{unit}"),
        small => format!("{big}{unit}{small}{rest}"),
    };
    match seconds {
        ..0 => "0s".into(),
        0..120 => format!("{seconds}s"),
        120..600 => pair(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => pair(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => pair(days, "d", hours % 24, "h"),
        691_200..63_072_000 => format!("{days}d"),
        63_072_000..252_288_000 => pair(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

pub(super) fn age(then: Timestamp, now: Timestamp) -> String {
    human(now.as_second() - then.as_second())
}

pub(super) fn since(value: &Value, now: Timestamp) -> String {
    let then = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    then.map_or_else(|| "<unknown>".into(), |then| age(then, now))
}

/// The cells of one object, in the order of the columns.
pub(super) fn row(plural: &str, object: &Value, now: Timestamp) -> Vec<Value> {
    let name = object["metadata"]["name"].clone();
    let age = json!(since(&object["metadata"]["creationTimestamp"], now));
    if plural == "events" {
        return event(object, now);
    }
    let mut row = vec![name];
    let (cells, wide) = match plural {
        "pods"
        | "deployments"
        | "replicasets"
        | "replicationcontrollers"
        | "statefulsets"
        | "daemonsets"
        | "jobs"
        | "cronjobs" => workload::cells(plural, object, now),
        "services" | "ingresses" | "endpointslices" | "endpoints" | "networkpolicies" => {
            network::cells(plural, object)
        }
        "nodes" => return node(object, age),
        other => match plain::cells(other, object) {
            Some(cells) => (cells, Vec::new()),
            None => {
                return vec![
                    object["metadata"]["name"].clone(),
                    object["metadata"]["creationTimestamp"].clone(),
                ];
            }
        },
    };
    row.extend(cells);
    row.push(age);
    row.extend(wide);
    row
}

pub(super) fn labels(labels: &Value) -> String {
    let pairs: Vec<String> = labels
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}={}", text(value)))
        .collect();
    if pairs.is_empty() {
        "<none>".into()
    } else {
        pairs.join(",")
    }
}

fn node(node: &Value, age: Value) -> Vec<Value> {
    let conditions = node["status"]["conditions"].as_array().into_iter().flatten();
    let ready = conditions
        .into_iter()
        .find(|condition| condition["type"] == "Ready");
    let mut state = match ready.map(|condition| condition["status"] == "True") {
        Some(true) => "Ready".to_owned(),
        Some(false) => "NotReady".into(),
        None => "Unknown".into(),
    };
    if node["spec"]["unschedulable"] == true {
        state.push_str(",SchedulingDisabled");
    }
    let roles: Vec<&str> = node["metadata"]["labels"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(label, _)| label.strip_prefix("node-role.kubernetes.io/"))
        .collect();
    let roles = if roles.is_empty() {
        "<none>".to_owned()
    } else {
        roles.join(",")
    };
    let address = |kind: &str| {
        let addresses = node["status"]["addresses"].as_array().into_iter().flatten();
        let found = addresses.into_iter().find(|address| address["type"] == kind);
        json!(found.map_or_else(|| "<none>".to_owned(), |address| text(&address["address"])))
    };
    let info = |field: &str| json!(or(&node["status"]["nodeInfo"][field], "<unknown>"));
    vec![
        node["metadata"]["name"].clone(),
        json!(state),
        json!(roles),
        age,
        info("kubeletVersion"),
        address("InternalIP"),
        address("ExternalIP"),
        info("osImage"),
        info("kernelVersion"),
        info("containerRuntimeVersion"),
    ]
}

fn event(event: &Value, now: Timestamp) -> Vec<Value> {
    let first_of = |fields: &[&str]| {
        fields
            .iter()
            .map(|field| &event[*field])
            .find(|value| !value.is_null())
            .cloned()
            .unwrap_or_default()
    };
    let last = match &event["series"]["lastObservedTime"] {
        Value::Null => first_of(&["lastTimestamp", "eventTime", "firstTimestamp"]),
        time => time.clone(),
    };
    let object = &event["involvedObject"];
    let source = or(&event["source"]["component"], &text(&event["reportingComponent"]));
    let source = match event["source"]["host"].as_str() {
        Some(host) if !host.is_empty() => format!("{source}, {host}"),
        _ => source,
    };
    let count = event["series"]["count"]
        .as_i64()
        .or(event["count"].as_i64())
        .unwrap_or(1);
    vec![
        json!(since(&last, now)),
        event["type"].clone(),
        event["reason"].clone(),
        json!(format!(
            "{}/{}",
            text(&object["kind"]).to_lowercase(),
            text(&object["name"])
        )),
        json!(text(&event["message"]).trim()),
        json!(text(&object["fieldPath"])),
        json!(source),
        json!(since(&first_of(&["firstTimestamp", "eventTime"]), now)),
        json!(count),
        event["metadata"]["name"].clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_kubectl_shows_them() {
        for (seconds, expected) in [
            (30, "30s"),
            (125, "2m5s"),
            (730, "12m"),
            (11_000, "3h3m"),
            (200_000, "2d7h"),
            (900_000, "10d"),
        ] {
            assert_eq!(human(seconds), expected);
        }
    }

    #[test]
    fn every_kind_fills_its_columns() {
        for resource in crate::kube::resources::RESOURCES {
            let (narrow, wide) = super::super::columns(resource.plural);
            let columns = narrow.split('|').count() + wide.split('|').filter(|name| !name.is_empty()).count();
            let cells = row(
                resource.plural,
                &json!({"metadata": {"name": "x"}}),
                Timestamp::now(),
            );
            let missing = usize::from(resource.plural == "persistentvolumeclaims");
            assert_eq!(cells.len() + missing, columns, "{}", resource.plural);
        }
    }
}
