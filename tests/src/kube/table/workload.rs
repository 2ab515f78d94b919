//! The cells of workloads.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cells::{Cells, age, labels, number, or, since, text};
use super::pod;

/// The cells of a workload, and those that only `-o wide` shows.
pub(super) fn cells(plural: &str, object: &Value, now: Timestamp) -> Cells {
    let (spec, status) = (&object["spec"], &object["status"]);
    let count = |field: &str| number(&status[field]);
    let of = |field: &str| {
        json!(format!(
            "{}/{}",
            number(&status[field]),
            number(&spec["replicas"])
        ))
    };
    let template = || containers(&spec["template"]["spec"]);
    let selected = || [template(), vec![json!(selector(&spec["selector"]))]].concat();
    match plural {
        "pods" => (pod::cells(object, now).to_vec(), pod_wide(object)),
        "deployments" => {
            let cells = vec![
                of("readyReplicas"),
                count("updatedReplicas"),
                count("availableReplicas"),
            ];
            (cells, selected())
        }
        "statefulsets" => (vec![of("readyReplicas")], template()),
        "daemonsets" => (daemonset(object), selected()),
        "jobs" => (job(object, now), selected()),
        "cronjobs" => cronjob(object, now),
        _ => (
            vec![
                number(&spec["replicas"]),
                count("replicas"),
                count("readyReplicas"),
            ],
            selected(),
        ),
    }
}

fn daemonset(object: &Value) -> Vec<Value> {
    const COUNTS: [&str; 5] = [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ];
    let mut cells: Vec<Value> = COUNTS
        .iter()
        .map(|field| number(&object["status"][field]))
        .collect();
    cells.push(json!(labels(&object["spec"]["template"]["spec"]["nodeSelector"])));
    cells
}

fn cronjob(object: &Value, now: Timestamp) -> Cells {
    let (spec, status) = (&object["spec"], &object["status"]);
    let last = &status["lastScheduleTime"];
    let last = if last.is_null() {
        "<none>".into()
    } else {
        since(last, now)
    };
    let active = status["active"].as_array().map_or(0, Vec::len);
    let suspend = if spec["suspend"] == true { "True" } else { "False" };
    let zone = or(&spec["timeZone"], "<none>");
    let cells = vec![
        spec["schedule"].clone(),
        json!(zone),
        json!(suspend),
        json!(active),
        json!(last),
    ];
    let template = containers(&spec["jobTemplate"]["spec"]["template"]["spec"]);
    (cells, [template, vec![json!("<none>")]].concat())
}

fn pod_wide(pod: &Value) -> Vec<Value> {
    let gates = pod["spec"]["readinessGates"].as_array().map_or(0, Vec::len);
    let gates = if gates == 0 {
        "<none>".to_owned()
    } else {
        format!("0/{gates}")
    };
    vec![
        json!(or(&pod["status"]["podIP"], "<none>")),
        json!(or(&pod["spec"]["nodeName"], "<none>")),
        json!(or(&pod["status"]["nominatedNodeName"], "<none>")),
        json!(gates),
    ]
}

fn containers(spec: &Value) -> Vec<Value> {
    let list = |field: &str| {
        let containers = spec["containers"].as_array().into_iter().flatten();
        json!(
            containers
                .map(|container| text(&container[field]))
                .collect::<Vec<_>>()
                .join(",")
        )
    };
    vec![list("name"), list("image")]
}

fn selector(selector: &Value) -> String {
    match labels(&selector["matchLabels"]).as_str() {
        "<none>" if selector.is_object() && selector.get("matchLabels").is_none() => labels(selector),
        other => other.to_owned(),
    }
}

fn job(job: &Value, now: Timestamp) -> Vec<Value> {
    let (spec, status) = (&job["spec"], &job["status"]);
    let has = |kind: &str| {
        let conditions = status["conditions"].as_array().into_iter().flatten();
        conditions
            .into_iter()
            .any(|condition| condition["type"] == kind && condition["status"] == "True")
    };
    let state = ["Complete", "Failed", "Suspended", "FailureTarget"]
        .into_iter()
        .find(|kind| has(kind));
    let state = match state {
        _ if job["metadata"].get("deletionTimestamp").is_some() => "Terminating",
        Some(state) => state,
        None => "Running",
    };
    let succeeded = number(&status["succeeded"]);
    let completions = match spec["completions"].as_i64() {
        Some(wanted) => format!("{succeeded}/{wanted}"),
        None if spec["parallelism"].as_i64().unwrap_or(0) > 1 => {
            format!("{succeeded}/1 of {}", number(&spec["parallelism"]))
        }
        None => format!("{succeeded}/1"),
    };
    let time = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let duration = match (time(&status["startTime"]), time(&status["completionTime"])) {
        (None, _) => String::new(),
        (Some(start), Some(end)) => age(start, end),
        (Some(start), None) => age(start, now),
    };
    vec![json!(state), json!(completions), json!(duration)]
}
