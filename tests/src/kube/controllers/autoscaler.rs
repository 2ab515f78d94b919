//! The status of HorizontalPodAutoscalers. They scale only when a scenario says so: a load that nobody set is not
//! invented.

use std::time::Duration;

use serde_json::{Value, json};

use super::Cx;
use super::meta::{condition, namespace, replicas, text};
use crate::kube::key::Key;
use crate::kube::{metrics, store};

/// The key of the workload that an autoscaler scales.
pub(crate) fn target(scaler: &Value) -> Option<Key> {
    let plural = match text(scaler, "/spec/scaleTargetRef/kind") {
        "Deployment" => "deployments",
        "StatefulSet" => "statefulsets",
        "ReplicaSet" => "replicasets",
        _ => return None,
    };
    Some(Key::namespaced(
        "apps",
        plural,
        namespace(scaler),
        text(scaler, "/spec/scaleTargetRef/name"),
    ))
}

/// One look at one autoscaler.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let scaler = cx.store.get_shared(key)?;
    let workload = target(&scaler).and_then(|target| cx.store.get_shared(&target));
    let mut status = scaler["status"].clone();
    if !status.is_object() {
        status = json!({});
    }
    match workload {
        None => status["conditions"] = lost(&scaler),
        Some(workload) => {
            let count = replicas(&workload);
            status["currentReplicas"] = json!(count);
            let lacking = unasked(&scaler, &workload);
            if let (true, Some((resource, container))) = (metrics::installed(&cx.node), lacking) {
                let message = format!(
                    "the HPA was unable to compute the replica count: failed to get {resource} utilization: missing \
                     request for {resource} in container {container} of Pod {}",
                    text(&workload, "/metadata/name")
                );
                blind(&scaler, &mut status, &message);
            } else if metrics::installed(&cx.node) {
                let load = cx.node.lock().figures.load;
                measured(&scaler, &mut status, count, load);
            } else {
                blind(&scaler, &mut status, NO_API);
            }
        }
    }
    // Gone meanwhile: nothing to tell.
    let _ = cx.store.update_shared(key, |scaler| scaler["status"] = status);
    None
}

/// The workload is not there.
fn lost(scaler: &Value) -> Value {
    let name = text(scaler, "/spec/scaleTargetRef/name");
    let message =
        format!("the HPA controller was unable to get the target's current scale: {name} not found");
    json!([entry(
        scaler,
        "AbleToScale",
        "False",
        Why("FailedGetScale", &message)
    )])
}

/// The metrics are there: what is wanted is what is.
fn measured(scaler: &Value, status: &mut Value, count: i64, load: i64) {
    let bound = |field: &str| scaler["spec"][field].as_i64().unwrap_or(1);
    let target = scaler["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"].as_i64();
    let limited = if count >= bound("maxReplicas") && target.is_none_or(|target| load > target) {
        let message = "the desired replica count is more than the maximum replica count";
        ("True", Why("TooManyReplicas", message))
    } else if count <= bound("minReplicas") {
        let message = "the desired replica count is less than the minimum replica count";
        ("True", Why("TooFewReplicas", message))
    } else {
        (
            "False",
            Why(
                "DesiredWithinRange",
                "the desired count is within the acceptable range",
            ),
        )
    };
    let ready = Why("ReadyForNewScale", "recommended size matches current size");
    let found = Why(
        "ValidMetricFound",
        "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of \
         request)",
    );
    status["desiredReplicas"] = json!(count);
    status["conditions"] = json!([
        entry(scaler, "AbleToScale", "True", ready),
        entry(scaler, "ScalingActive", "True", found),
        entry(scaler, "ScalingLimited", limited.0, limited.1),
    ]);
    let current = json!({"averageUtilization": load, "averageValue": format!("{load}m")});
    status["currentMetrics"] = json!([{"type": "Resource", "resource": {"name": "cpu", "current": current}}]);
}

/// There is no metrics API: as in the recordings.
const NO_API: &str = "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get \
    metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the \
    requested resource (get pods.metrics.k8s.io)";

/// What is measured in percent of a request, and the container that has none.
fn unasked(scaler: &Value, workload: &Value) -> Option<(String, String)> {
    let metrics = scaler["spec"]["metrics"].as_array().into_iter().flatten();
    let mut measured =
        metrics.filter(|metric| metric["resource"]["target"]["averageUtilization"].is_number());
    let resource = measured.find_map(|metric| metric["resource"]["name"].as_str())?;
    let containers = workload["spec"]["template"]["spec"]["containers"].as_array();
    let mut lacking = containers
        .into_iter()
        .flatten()
        .filter(|container| container["resources"]["requests"][resource].is_null());
    let container = lacking.find_map(|container| container["name"].as_str())?;
    Some((resource.to_owned(), container.to_owned()))
}

/// It cannot compute.
fn blind(scaler: &Value, status: &mut Value, why: &str) {
    let able = Why(
        "SucceededGetScale",
        "the HPA controller was able to get the target's current scale",
    );
    let failed = Why("FailedGetResourceMetric", why);
    status["desiredReplicas"] = json!(0);
    status["currentMetrics"] = json!([{"type": ""}]);
    status["conditions"] = json!([
        entry(scaler, "AbleToScale", "True", able),
        entry(scaler, "ScalingActive", "False", failed),
    ]);
}

/// The reason of a condition, and its message.
struct Why<'a>(&'a str, &'a str);

fn entry(scaler: &Value, kind: &str, status: &str, why: Why<'_>) -> Value {
    let Why(reason, message) = why;
    let since = condition(scaler, kind)
        .filter(|present| present["status"] == status)
        .map_or_else(
            || json!(store::now()),
            |present| present["lastTransitionTime"].clone(),
        );
    json!({"lastTransitionTime": since, "message": message, "reason": reason, "status": status, "type": kind})
}
