//! The cells of the small kinds: those between name and age.

use serde_json::{Value, json};

use super::cells::{number, or, text};

/// The cells, or `None` for a kind that has only a name and a time.
pub(super) fn cells(plural: &str, object: &Value) -> Option<Vec<Value>> {
    let (spec, status) = (&object["spec"], &object["status"]);
    let size = |value: &Value| value.as_object().map_or(0, serde_json::Map::len);
    Some(match plural {
        "namespaces" => vec![status["phase"].clone()],
        "configmaps" => vec![json!(size(&object["data"]) + size(&object["binaryData"]))],
        "secrets" => vec![object["type"].clone(), json!(size(&object["data"]))],
        "serviceaccounts" => vec![],
        "leases" => vec![json!(text(&spec["holderIdentity"]))],
        "controllerrevisions" => vec![json!(controller(object)), object["revision"].clone()],
        "poddisruptionbudgets" => vec![
            json!(or(&spec["minAvailable"], "N/A")),
            json!(or(&spec["maxUnavailable"], "N/A")),
            number(&status["disruptionsAllowed"]),
        ],
        "resourcequotas" => vec![json!(quota(object, false)), json!(quota(object, true))],
        "persistentvolumeclaims" => claim(object),
        "horizontalpodautoscalers" => {
            let target = &spec["scaleTargetRef"];
            vec![
                json!(format!("{}/{}", text(&target["kind"]), text(&target["name"]))),
                json!(targets(object)),
                json!(or(&spec["minReplicas"], "<unset>")),
                number(&spec["maxReplicas"]),
                number(&status["currentReplicas"]),
            ]
        }
        _ => return None,
    })
}

fn controller(object: &Value) -> String {
    let owner = &object["metadata"]["ownerReferences"][0];
    if owner.is_null() {
        return "<none>".into();
    }
    let group = text(&owner["apiVersion"])
        .split_once('/')
        .map(|(group, _)| format!(".{group}"));
    let kind = text(&owner["kind"]).to_lowercase();
    format!("{kind}{}/{}", group.unwrap_or_default(), text(&owner["name"]))
}

fn quota(object: &Value, limits: bool) -> String {
    let hard = object["spec"]["hard"].as_object().into_iter().flatten();
    let used = &object["status"]["used"];
    let parts = hard
        .filter(|(name, _)| name.starts_with("limits.") == limits)
        .map(|(name, limit)| format!("{name}: {}/{}", or(&used[name], "0"), text(limit)));
    parts.collect::<Vec<_>>().join(", ")
}

fn claim(object: &Value) -> Vec<Value> {
    let (spec, status) = (&object["spec"], &object["status"]);
    let modes = spec["accessModes"].as_array().into_iter().flatten();
    let modes: Vec<String> = modes
        .map(|mode| text(mode).chars().filter(char::is_ascii_uppercase).collect())
        .collect();
    vec![
        status["phase"].clone(),
        json!(text(&spec["volumeName"])),
        json!(text(&status["capacity"]["storage"])),
        json!(modes.join(",")),
        json!(text(&spec["storageClassName"])),
        json!("<unset>"),
    ]
}

fn targets(object: &Value) -> String {
    let parts: Vec<String> = object["spec"]["metrics"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(index, metric)| {
            let current =
                &object["status"]["currentMetrics"][index]["resource"]["current"]["averageUtilization"];
            let current = current
                .as_i64()
                .map_or_else(|| "<unknown>".into(), |value| format!("{value}%"));
            let target = number(&metric["resource"]["target"]["averageUtilization"]);
            format!("{}: {current}/{target}%", text(&metric["resource"]["name"]))
        })
        .collect();
    if parts.is_empty() {
        "<none>".into()
    } else {
        parts.join(", ")
    }
}
