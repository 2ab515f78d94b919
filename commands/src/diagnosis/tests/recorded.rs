//! Each way of failing as a real 1.36 control plane and kubelet write it, eighty seconds after it began: what is told of it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{super::*, usual};
use crate::{model::Timestamp, objects::Event};

const OCI: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/bin/no-such-binary\": stat /bin/no-such-binary: no such file or directory";
const PULL: &str = "Back-off pulling image \"docker.io/local/api:v9.9.9\": ErrImagePull: failed to pull and unpack image \"docker.io/local/api:v9.9.9\": failed to resolve image: failed to do request: Head \"https://registry-1.docker.io/v2/local/api/manifests/v9.9.9\": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: read udp 10.77.0.1:38288->10.255.255.53:53: i/o timeout";
const NO_CPU: &str = "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";

fn at(time: &str) -> String {
    format!("2026-11-22T{time}Z")
}

fn look() -> Look<'static> {
    let now: Timestamp = at("20:02:55").parse().unwrap();
    Look {
        now,
        settle: std::time::Duration::from_secs(60),
        patience: std::time::Duration::from_secs(20),
        around: None,
        quotes: Some(usual()),
    }
}

fn ended(code: i32, reason: &str, from: &str, to: &str) -> Value {
    json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": at(from), "finishedAt": at(to)}})
}

fn waits(reason: &str, message: &str) -> Value {
    json!({"waiting": {"reason": reason, "message": message}})
}

fn runs(since: &str) -> Value {
    json!({"running": {"startedAt": at(since)}})
}

fn container(name: &str, restarts: i32, state: Value, last: Value) -> Value {
    let runs = state.get("running").is_some();
    json!({"name": name, "image": "docker.io/local/api:v9.9.9", "ready": runs, "started": runs,
        "restartCount": restarts, "state": state, "lastState": last})
}

/// A pod with the containers that it has.
fn pod(name: &str, phase: &str, statuses: &[Value]) -> Value {
    let ready = statuses.iter().all(|c| c["ready"] == true);
    let names: Vec<Value> = statuses.iter().map(|c| json!({"name": c["name"]})).collect();
    json!({"metadata": {"name": name, "namespace": "broken", "uid": name, "creationTimestamp": at("20:01:35"),
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "rs", "uid": "rs", "controller": true}]},
        "spec": {"nodeName": "node", "restartPolicy": "Always", "containers": names},
        "status": {"phase": phase, "containerStatuses": statuses,
            "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }, "lastTransitionTime": at("20:01:36")}]}})
}

fn warning(pod: &str, reason: &str, time: &str, message: &str) -> Arc<Event> {
    let object = json!({"type": "Warning", "reason": reason, "message": message, "lastTimestamp": at(time),
        "involvedObject": {"kind": "Pod", "name": pod, "uid": pod, "fieldPath": "spec.containers{api}"}});
    Arc::new(serde_json::from_value(object).unwrap())
}

fn told(pod: Value, events: Vec<Arc<Event>>) -> Option<String> {
    let pod = serde_json::from_value(pod).unwrap();
    let around: Surroundings = events.into_iter().collect();
    of_pod(&pod, look().among(&around)).map(|finding| finding.text().plain())
}

/// One container that does not run.
fn one(name: &str, restarts: i32, state: Value, last: Value) -> Value {
    pod(name, "Running", &[container("api", restarts, state, last)])
}

/// Each failing workload: its pod, and how the sentence begins that is said of it.
#[allow(clippy::too_many_lines, reason = "a table")]
fn failing() -> Vec<(Value, &'static str)> {
    let crash = one(
        "crash-loop",
        3,
        ended(3, "Error", "20:02:24", "20:02:25"),
        ended(3, "Error", "20:01:53", "20:01:54"),
    );
    let mut start = ended(128, "StartError", "20:02:13", "20:02:13");
    start["terminated"]["message"] = json!(OCI);
    let memory = one(
        "oom-killed",
        3,
        ended(137, "OOMKilled", "20:02:13", "20:02:13"),
        ended(137, "OOMKilled", "20:01:48", "20:01:48"),
    );
    let mut init = pod(
        "init-failing",
        "Pending",
        &[container("api", 0, waits("PodInitializing", ""), json!({}))],
    );
    init["spec"]["initContainers"] = json!([{"name": "migrate"}]);
    let migrate = container(
        "migrate",
        3,
        ended(1, "Error", "20:02:13", "20:02:13"),
        ended(1, "Error", "20:01:49", "20:01:49"),
    );
    init["status"]["initContainerStatuses"] = json!([migrate]);
    let mut unscheduled = pod("unschedulable", "Pending", &[]);
    unscheduled["spec"]["nodeName"] = json!("");
    unscheduled["status"]["conditions"] = json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": NO_CPU, "lastTransitionTime": at("20:01:36")}]);
    vec![
        (
            one("bad-command", 3, waits("RunContainerError", OCI), start),
            "container api cannot be started: its image has no command /bin/no-such-binary",
        ),
        (
            one(
                "config-error",
                0,
                waits(
                    "CreateContainerConfigError",
                    "secret \"ceoagent-secrets\" not found",
                ),
                json!({}),
            ),
            "container api waits: what it refers to is missing: there is no Secret ceoagent-secrets",
        ),
        (
            crash,
            "container api, exit code 3 (error of the program), 3 restarts",
        ),
        (
            one("image-pull", 0, waits("ImagePullBackOff", PULL), json!({})),
            "container api waits: docker.io/local/api:v9.9.9 cannot be pulled: the node does not reach the registry",
        ),
        (
            init,
            "init container migrate, exit code 1 (error of the program), 3 restarts",
        ),
        (
            memory,
            "container api, exit code 137 (OOMKilled: it used more memory than its limit), 3 restarts",
        ),
        (unscheduled, "Pending, 0 of 1 node fit: 1 lacks cpu"),
    ]
}

#[test]
fn each_recorded_failure_is_told_by_its_cause() {
    for (pod, says) in failing() {
        let name = pod["metadata"]["name"].clone();
        let text = told(pod, vec![]).unwrap_or_default();
        assert!(text.starts_with(says), "{name}: {text}");
    }
}

#[test]
fn what_only_events_tell_is_told_with_them() {
    let back_off = "back-off 40s restarting failed container=api pod=liveness-failing_broken(a7049471)";
    let killed = ended(137, "Error", "20:02:31", "20:02:36");
    let liveness = one("liveness", 4, waits("CrashLoopBackOff", back_off), killed);
    let events = vec![warning(
        "liveness",
        "Unhealthy",
        "20:02:08",
        "Liveness probe failed: ",
    )];
    let text = told(liveness.clone(), events).unwrap_or_default();
    assert!(
        text.starts_with("container api is restarted by the kubelet: its liveness probe fails"),
        "{text}"
    );
    // Without the warning nothing says who killed it.
    let text = told(liveness, vec![]).unwrap_or_default();
    assert!(
        text.starts_with("container api, exit code 137 (killed by signal 9"),
        "{text}"
    );

    let mut unready = one("readiness", 0, runs("20:01:36"), json!({}));
    unready["status"]["containerStatuses"][0]["ready"] = json!(false);
    unready["status"]["conditions"][0]["status"] = json!("False");
    let refused = "Readiness probe failed: Get \"http://10.88.0.67:8000/ready\": dial tcp 10.88.0.67:8000: connect: connection refused";
    let text = told(
        unready,
        vec![warning("readiness", "Unhealthy", "20:02:14", refused)],
    )
    .unwrap_or_default();
    assert!(
        text.contains("its readiness probe fails") && text.contains("connection refused"),
        "{text}"
    );

    let mount = "MountVolume.SetUp failed for volume \"cfg\" : configmap \"missing-config\" not found";
    let volume = pod(
        "volume",
        "Pending",
        &[container("api", 0, waits("ContainerCreating", ""), json!({}))],
    );
    let text = told(volume, vec![warning("volume", "FailedMount", "20:02:41", mount)]).unwrap_or_default();
    assert_eq!(text, format!("failed mount: {mount}"));
}

#[test]
fn what_ran_well_beside_them_has_no_cause() {
    for (name, statuses) in [
        ("agent", vec![container("agent", 0, runs("20:01:38"), json!({}))]),
        (
            "postgres-0",
            vec![container("postgres", 0, runs("20:01:38"), json!({}))],
        ),
        (
            "two-containers",
            vec![
                container("api", 0, runs("20:01:37"), json!({})),
                container("sidecar", 0, runs("20:01:37"), json!({})),
            ],
        ),
    ] {
        let dns = "pod: \"agent\". kubelet does not have ClusterDNS IP configured and cannot create Pod using \"ClusterFirst\" policy. Falling back to \"Default\" policy.";
        let events = vec![warning(name, "MissingClusterDNS", "20:01:38", dns)];
        assert_eq!(told(pod(name, "Running", &statuses), events), None, "{name}");
    }
    let done = container(
        "backup",
        0,
        ended(0, "Completed", "20:01:38", "20:01:40"),
        json!({}),
    );
    assert_eq!(told(pod("backup-ok", "Succeeded", &[done]), vec![]), None);
}

#[test]
fn a_recorded_job_that_gave_up_is_told() {
    let job = |status: Value| {
        serde_json::from_value(json!({"metadata": {"name": "backup"}, "status": status})).unwrap()
    };
    let failed = job(json!({"failed": 2, "conditions": [
        {"type": "FailureTarget", "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": at("20:01:51")},
        {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": at("20:01:51"),
         "message": "Job has reached the specified backoff limit"}]}));
    let finding = gave_up(&failed, look()).unwrap();
    assert_eq!(
        finding.text().plain(),
        "2 pods of it failed, and it allows no more"
    );
    let done = job(
        json!({"succeeded": 1, "completionTime": at("20:01:42"), "conditions": [
        {"type": "Complete", "status": "True", "reason": "CompletionsReached", "lastTransitionTime": at("20:01:42")}]}),
    );
    assert_eq!(gave_up(&done, look()), None);
}
