//! The status of a pod, as its kubelet writes it.

use serde_json::{Map, Value, json};

use super::container::{Container, Finished, Shown};
use super::images;
use super::pod::{Pod, Stage};
use crate::kube::controllers::meta::{condition, generation};
use crate::kube::controllers::pods::qos;
use crate::kube::controllers::quantity::{Resources, bytes, cpu};
use crate::kube::store;

/// The status of the pod; times of unchanged conditions are taken over from the present one.
pub(super) fn compose(pod: &Value, running: &Pod, host: &str) -> Value {
    let phase = phase(running);
    let mut status = json!({
        "conditions": conditions(pod, running, phase),
        "containerStatuses": running.containers.iter().map(container_status).collect::<Vec<_>>(),
        "hostIP": host,
        "hostIPs": [{"ip": host}],
        "observedGeneration": generation(pod),
        "phase": phase,
        "qosClass": qos(&pod["spec"]),
        "resources": pod_resources(pod),
        "startTime": running.started_at,
    });
    if !running.inits.is_empty() {
        let statuses: Vec<Value> = running.inits.iter().map(container_status).collect();
        status["initContainerStatuses"] = json!(statuses);
    }
    let requests = sum(pod, "requests");
    if !requests.is_empty() {
        status["allocatedResources"] = Value::Object(requests);
    }
    let settled = !running
        .containers
        .iter()
        .chain(&running.inits)
        .all(|c| c.pulls == 0 && idle(c));
    if let Some(ip) = running.ip.as_ref().filter(|_| settled) {
        status["podIP"] = json!(ip);
        status["podIPs"] = json!([{"ip": ip}]);
    }
    status
}

/// Whether nothing of the container has been seen yet; the address is told with the first that has.
fn idle(container: &Container) -> bool {
    container.last.is_none()
        && matches!(&container.shown, Shown::Waiting { reason, .. }
            if reason == "ContainerCreating" || reason == "PodInitializing")
}

fn phase(pod: &Pod) -> &'static str {
    let init_failed =
        pod.policy == "Never" && pod.inits.iter().any(|init| init.done() && !init.initialized());
    if init_failed {
        return "Failed";
    }
    if !pod.initialized() {
        return "Pending";
    }
    let unborn =
        |container: &Container| matches!(container.shown, Shown::Waiting { .. }) && container.last.is_none();
    if pod.containers.iter().any(unborn) {
        return "Pending";
    }
    if !pod.containers.iter().all(Container::done) {
        return "Running";
    }
    let failed = pod
        .containers
        .iter()
        .any(|container| !matches!(&container.shown, Shown::Terminated(finished) if finished.code == 0));
    if failed { "Failed" } else { "Succeeded" }
}

fn conditions(pod: &Value, running: &Pod, phase: &str) -> Vec<Value> {
    let over = matches!(phase, "Succeeded" | "Failed");
    let sandboxed = matches!(running.stage, Stage::Sandboxed | Stage::Terminating { .. }) && !over;
    let unready: Vec<&str> = running
        .containers
        .iter()
        .filter(|c| !c.ready)
        .map(|container| container.name.as_str())
        .collect();
    let incomplete: Vec<&str> = running
        .inits
        .iter()
        .filter(|c| !c.initialized())
        .map(|container| container.name.as_str())
        .collect();
    let over_reason = match phase {
        "Succeeded" => "PodCompleted",
        "Failed" => "PodFailed",
        _ => "",
    };
    let readiness = |kind: &str| match (over, unready.is_empty()) {
        (true, _) => entry(pod, kind, false, over_reason, String::new()),
        (false, true) => entry(pod, kind, true, "", String::new()),
        (false, false) => {
            let message = format!("containers with unready status: [{}]", unready.join(" "));
            entry(pod, kind, false, "ContainersNotReady", message)
        }
    };
    let initialized = if incomplete.is_empty() {
        let reason = if phase == "Succeeded" { over_reason } else { "" };
        entry(pod, "Initialized", true, reason, String::new())
    } else {
        let message = format!("containers with incomplete status: [{}]", incomplete.join(" "));
        entry(pod, "Initialized", false, "ContainersNotInitialized", message)
    };
    let mut all = vec![
        entry(pod, "PodReadyToStartContainers", sandboxed, "", String::new()),
        initialized,
        readiness("Ready"),
        readiness("ContainersReady"),
        entry(pod, "PodScheduled", true, "", String::new()),
    ];
    let ours = [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
    ];
    let others = pod["status"]["conditions"].as_array().into_iter().flatten();
    all.extend(
        others
            .filter(|other| !ours.iter().any(|kind| other["type"] == *kind))
            .cloned(),
    );
    all
}

fn entry(pod: &Value, kind: &str, status: bool, reason: &str, message: String) -> Value {
    let status = if status { "True" } else { "False" };
    let since = condition(pod, kind)
        .filter(|present| present["status"] == status)
        .map_or_else(
            || json!(store::now()),
            |present| present["lastTransitionTime"].clone(),
        );
    let mut entry = json!({
        "lastProbeTime": null, "lastTransitionTime": since, "observedGeneration": generation(pod),
        "status": status, "type": kind,
    });
    for (field, value) in [("message", message.as_str()), ("reason", reason)] {
        if !value.is_empty() {
            entry[field] = json!(value);
        }
    }
    entry
}

fn container_status(container: &Container) -> Value {
    let mut status = json!({
        "image": container.image,
        "imageID": if container.id.is_some() { images::id(&container.image) } else { String::new() },
        "lastState": container.last.as_ref().map_or_else(|| json!({}), |last| json!({"terminated": finished(last)})),
        "name": container.name,
        "ready": if container.init { container.initialized() } else { container.ready },
        "restartCount": container.restarts,
        "started": container.started,
        "state": state(&container.shown),
    });
    if let Some(id) = &container.id {
        status["containerID"] = json!(id);
        status["resources"] = container
            .spec
            .get("resources")
            .cloned()
            .unwrap_or_else(|| json!({}));
        if let Some(requests) = container.spec["resources"].get("requests") {
            status["allocatedResources"] = requests.clone();
        }
        status["user"] = json!({"linux": {"gid": 0, "supplementalGroups": [0], "uid": 0}});
    }
    if let Some(mounts) = container.spec["volumeMounts"]
        .as_array()
        .filter(|mounts| !mounts.is_empty())
    {
        let mounts: Vec<Value> = mounts.iter().map(mount).collect();
        status["volumeMounts"] = json!(mounts);
    }
    status
}

fn mount(mount: &Value) -> Value {
    let mut told = json!({"mountPath": mount["mountPath"], "name": mount["name"]});
    if mount["readOnly"] == true {
        told["readOnly"] = json!(true);
        told["recursiveReadOnly"] = json!("Disabled");
    }
    told
}

fn state(shown: &Shown) -> Value {
    match shown {
        Shown::Waiting { reason, message } if message.is_empty() => json!({"waiting": {"reason": reason}}),
        Shown::Waiting { reason, message } => json!({"waiting": {"message": message, "reason": reason}}),
        Shown::Running { since } => json!({"running": {"startedAt": since}}),
        Shown::Terminated(end) => json!({"terminated": finished(end)}),
    }
}

fn finished(end: &Finished) -> Value {
    let mut told = json!({
        "containerID": end.id, "exitCode": end.code, "finishedAt": end.finished, "reason": end.reason,
        "startedAt": end.started,
    });
    if let Some(message) = &end.message {
        told["message"] = json!(message);
    }
    told
}

fn pod_resources(pod: &Value) -> Value {
    let mut all = Map::new();
    for what in ["limits", "requests"] {
        let sum = sum(pod, what);
        if !sum.is_empty() {
            all.insert(what.into(), Value::Object(sum));
        }
    }
    Value::Object(all)
}

fn sum(pod: &Value, what: &str) -> Map<String, Value> {
    let total = Resources::counted(pod, what);
    let mut sum = Map::new();
    if total.cpu > 0 {
        sum.insert("cpu".into(), json!(cpu(total.cpu)));
    }
    if total.memory > 0 {
        sum.insert("memory".into(), json!(bytes(total.memory)));
    }
    sum
}
