//! Versions that share one storage: events of two groups, autoscalers of two versions.

use serde_json::{Value, json};

/// Whether objects of this group, version and plural are stored in another form.
pub fn needed(group: &str, version: &str, plural: &str) -> bool {
    matches!(
        (group, version, plural),
        ("events.k8s.io", _, "events") | ("autoscaling", "v1", "horizontalpodautoscalers")
    )
}

/// From the stored form to the asked one.
pub fn outward(object: &Value, group: &str, version: &str) -> Value {
    let mut object = object.clone();
    match group {
        "events.k8s.io" => {
            rename(&mut object, &EVENT_FIELDS, false);
            object["apiVersion"] = json!("events.k8s.io/v1");
        }
        "autoscaling" if version == "v1" => autoscaler_v1(&mut object),
        _ => (),
    }
    object
}

/// From the asked form to the stored one.
pub fn inward(mut object: Value, group: &str, version: &str) -> Value {
    match group {
        "events.k8s.io" => {
            rename(&mut object, &EVENT_FIELDS, true);
            object["apiVersion"] = json!("v1");
        }
        "autoscaling" if version == "v1" => autoscaler_v2(&mut object),
        _ => (),
    }
    object
}

/// Core name, name in events.k8s.io.
const EVENT_FIELDS: [(&str, &str); 7] = [
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
    ("reportingComponent", "reportingController"),
];

fn rename(object: &mut Value, names: &[(&str, &str)], inward: bool) {
    let Some(fields) = object.as_object_mut() else {
        return;
    };
    for (core, new) in names {
        let (from, to) = if inward { (new, core) } else { (core, new) };
        if let Some(value) = fields.remove(*from) {
            fields.insert((*to).to_owned(), value);
        }
    }
}

const CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";
const METRICS: &str = "autoscaling.alpha.kubernetes.io/current-metrics";

fn autoscaler_v1(object: &mut Value) {
    object["apiVersion"] = json!("autoscaling/v1");
    let cpu = object["spec"]["metrics"].as_array().and_then(|metrics| {
        metrics
            .iter()
            .find(|metric| metric["resource"]["name"] == "cpu")
            .cloned()
    });
    if let Some(utilization) = cpu.map(|cpu| cpu["resource"]["target"]["averageUtilization"].clone())
        && !utilization.is_null()
    {
        object["spec"]["targetCPUUtilizationPercentage"] = utilization;
    }
    object["spec"].as_object_mut().map(|spec| spec.remove("metrics"));
    for (field, annotation) in [("conditions", CONDITIONS), ("currentMetrics", METRICS)] {
        let moved = object
            .get_mut("status")
            .and_then(Value::as_object_mut)
            .and_then(|status| status.remove(field));
        if let Some(value) = moved {
            object["metadata"]["annotations"][annotation] = json!(value.to_string());
        }
    }
}

fn autoscaler_v2(object: &mut Value) {
    object["apiVersion"] = json!("autoscaling/v2");
    let target = object["spec"]
        .as_object_mut()
        .and_then(|spec| spec.remove("targetCPUUtilizationPercentage"));
    if let Some(target) = target {
        object["spec"]["metrics"] = json!([{"type": "Resource", "resource": {"name": "cpu",
            "target": {"type": "Utilization", "averageUtilization": target}}}]);
    }
    let annotations = object["metadata"]
        .get_mut("annotations")
        .and_then(Value::as_object_mut);
    let mut moved = Vec::new();
    if let Some(annotations) = annotations {
        for (field, annotation) in [("conditions", CONDITIONS), ("currentMetrics", METRICS)] {
            moved.extend(annotations.remove(annotation).map(|text| (field, text)));
        }
    }
    for (field, text) in moved {
        let value = text
            .as_str()
            .and_then(|text| serde_json::from_str::<Value>(text).ok());
        object["status"][field] = value.unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_survives_the_way_in_and_out() {
        let event = json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "note": "n", "regarding": {"name": "x"},
            "reportingController": "ceo-bot"});
        let stored = inward(event.clone(), "events.k8s.io", "v1");
        assert_eq!(stored["involvedObject"]["name"], "x");
        assert_eq!(outward(&stored, "events.k8s.io", "v1"), event);
    }

    #[test]
    fn an_autoscaler_has_two_versions() {
        let stored = json!({"apiVersion": "autoscaling/v2", "spec": {"metrics": [{"type": "Resource", "resource":
            {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}]}, "metadata": {},
            "status": {"conditions": [{"type": "AbleToScale"}]}});
        let v1 = outward(&stored, "autoscaling", "v1");
        assert_eq!(v1["spec"], json!({"targetCPUUtilizationPercentage": 70}));
        assert!(v1["metadata"]["annotations"][CONDITIONS].is_string());
        assert_eq!(inward(v1, "autoscaling", "v1")["status"], stored["status"]);
    }
}
