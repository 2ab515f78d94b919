//! Pods as a real 1.36 kubelet left them (`07-failing-pods`), and what kubectl and the bot say of them.

use serde_json::{Value, json};

use super::*;
use crate::{
    diagnosis::{Look, by_state, of_pod},
    redact::Redactor,
};

const PULL: &str = "Back-off pulling image \"docker.io/local/api:v9.9.9\": ErrImagePull: failed to pull and unpack image \"docker.io/local/api:v9.9.9\": failed to resolve image: failed to do request: Head \"https://registry-1.docker.io/v2/local/api/manifests/v9.9.9\": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: read udp 10.77.0.1:38288->10.255.255.53:53: i/o timeout";
const OCI: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/bin/no-such-binary\": stat /bin/no-such-binary: no such file or directory";
const UNSCHEDULABLE: &str = "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";

/// Long after the last of them ended.
fn look() -> Look<'static> {
    static USUAL: std::sync::LazyLock<Redactor> = std::sync::LazyLock::new(Redactor::default);
    Look {
        now: "2026-11-22T21:00:00Z".parse().unwrap(),
        settle: std::time::Duration::from_secs(120),
        patience: std::time::Duration::from_secs(20),
        around: None,
        quotes: Some(&USUAL),
    }
}

fn pod(phase: &str, ready: bool, containers: Value) -> Pod {
    let status = if ready { "True" } else { "False" };
    of(json!({ "phase": phase, "containerStatuses": containers,
               "conditions": [ { "type": "Initialized", "status": "True" }, { "type": "Ready", "status": status } ] }))
}

fn of(status: Value) -> Pod {
    serde_json::from_value(
        json!({ "metadata": { "name": "p", "creationTimestamp": "2026-11-22T20:01:30Z" },
                "spec": { "containers": [] }, "status": status }),
    )
    .unwrap()
}

fn container(ready: bool, restarts: i32, state: Value, last: Value) -> Value {
    json!({ "name": "api", "image": "docker.io/local/api:v9.9.9", "imageID": "", "ready": ready, "started": ready,
            "restartCount": restarts, "state": state, "lastState": last })
}

fn ended(code: i32, reason: &str, at: &str) -> Value {
    json!({ "terminated": { "exitCode": code, "reason": reason, "finishedAt": at } })
}

fn waits(reason: &str, message: &str) -> Value {
    json!({ "waiting": { "reason": reason, "message": message } })
}

fn one(ready: bool, restarts: i32, state: Value, last: Value) -> Pod {
    pod("Running", ready, json!([container(ready, restarts, state, last)]))
}

fn running() -> Value {
    json!({ "running": { "startedAt": "2026-11-22T20:01:36Z" } })
}

fn unready_but_started() -> Pod {
    let mut c = container(false, 0, running(), json!({}));
    c["started"] = json!(true);
    pod("Running", false, json!([c]))
}

fn failing_init() -> Pod {
    of(
        json!({ "phase": "Pending", "conditions": [ { "type": "Initialized", "status": "False" }, { "type": "Ready", "status": "False" } ],
        "initContainerStatuses": [ { "name": "migrate", "image": "i", "imageID": "", "ready": false, "restartCount": 3,
            "state": ended(1, "Error", "2026-11-22T20:02:13Z"), "lastState": ended(1, "Error", "2026-11-22T20:01:49Z") } ],
        "containerStatuses": [ container(false, 0, waits("PodInitializing", ""), json!({})) ] }),
    )
}

fn waiting_for_init() -> Pod {
    of(
        json!({ "phase": "Pending", "conditions": [ { "type": "Initialized", "status": "False" } ],
        "initContainerStatuses": [ { "name": "migrate", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
            "started": true, "state": running(), "lastState": {} } ],
        "containerStatuses": [ container(false, 0, waits("PodInitializing", ""), json!({})) ] }),
    )
}

fn unscheduled(reason: &str, message: &str) -> Pod {
    of(json!({ "phase": "Pending", "conditions": [
        { "type": "PodScheduled", "status": "False", "reason": reason, "message": message } ] }))
}

struct Row(
    &'static str,
    Pod,
    &'static str,
    i32,
    Option<(&'static str, &'static str)>,
);

#[allow(clippy::too_many_lines, reason = "a table")]
fn table() -> Vec<Row> {
    let t = "2026-11-22T20:02:25Z";
    vec![
        Row("healthy", one(true, 0, running(), json!({})), "Running", 0, None),
        Row(
            "job done",
            pod(
                "Succeeded",
                false,
                json!([container(false, 0, ended(0, "Completed", t), json!({}))]),
            ),
            "Completed",
            0,
            None,
        ),
        Row(
            "job failed",
            pod(
                "Failed",
                false,
                json!([container(false, 0, ended(1, "Error", t), json!({}))]),
            ),
            "Error",
            0,
            Some(("failed", "container api, exit code 1 (error of the program)")),
        ),
        Row(
            "crash loop, just ended",
            one(false, 3, ended(3, "Error", t), ended(3, "Error", t)),
            "Error",
            3,
            Some((
                "crash_loop",
                "container api, exit code 3 (error of the program), 3 restarts",
            )),
        ),
        Row(
            "crash loop, backing off",
            one(
                false,
                1,
                waits("CrashLoopBackOff", "back-off 40s"),
                ended(3, "Error", t),
            ),
            "CrashLoopBackOff",
            1,
            Some((
                "crash_loop",
                "container api, exit code 3 (error of the program), 1 restart",
            )),
        ),
        Row(
            "out of memory",
            one(false, 3, ended(137, "OOMKilled", t), ended(137, "OOMKilled", t)),
            "OOMKilled",
            3,
            Some((
                "out_of_memory",
                "container api, exit code 137 (OOMKilled: it used more memory than its limit), 3 restarts",
            )),
        ),
        Row(
            "no such command",
            one(
                false,
                3,
                waits("RunContainerError", OCI),
                ended(128, "StartError", t),
            ),
            "RunContainerError",
            3,
            Some((
                "cannot_start",
                "container api cannot be started: its image has no command /bin/no-such-binary (exec: \"/bin/no-such-binary\": stat /bin/no-such-binary: no such file or directory)",
            )),
        ),
        Row(
            "secret missing",
            one(
                false,
                0,
                waits(
                    "CreateContainerConfigError",
                    "secret \"ceoagent-secrets\" not found",
                ),
                json!({}),
            ),
            "CreateContainerConfigError",
            0,
            Some((
                "bad_config",
                "container api waits: what it refers to is missing: there is no Secret ceoagent-secrets",
            )),
        ),
        Row(
            "image missing",
            one(false, 0, waits("ImagePullBackOff", PULL), json!({})),
            "ImagePullBackOff",
            0,
            Some((
                "image_pull",
                "container api waits: docker.io/local/api:v9.9.9 cannot be pulled: the node does not reach the registry (failed to pull and unpack image \"docker.io/local/api:v9.9.9\"…y-1.docker.io/v2/local/api/manifests/v9.9.9\": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: read udp 10.77.0.1:38288->10.255.255.53:53: i/o timeout)",
            )),
        ),
        Row(
            "init fails",
            failing_init(),
            "Init:Error",
            3,
            Some((
                "crash_loop",
                "init container migrate, exit code 1 (error of the program), 3 restarts",
            )),
        ),
        Row("init runs", waiting_for_init(), "Init:0/1", 0, None),
        Row(
            "no node fits",
            unscheduled("Unschedulable", UNSCHEDULABLE),
            "Pending",
            0,
            Some(("unschedulable", "Pending, 0 of 1 node fit: 1 lacks cpu")),
        ),
        Row(
            "gated",
            unscheduled("SchedulingGated", ""),
            "SchedulingGated",
            0,
            Some(("gated", "a scheduling gate holds it back")),
        ),
        Row(
            "readiness fails",
            unready_but_started(),
            "Running",
            0,
            Some((
                "not_ready",
                "container api runs and is not ready: its readiness probe fails",
            )),
        ),
        Row(
            "volume missing",
            one(false, 0, waits("ContainerCreating", ""), json!({})),
            "ContainerCreating",
            0,
            None,
        ),
    ]
}

#[test]
fn pods_are_told_as_kubectl_does_and_with_the_reason() {
    for Row(case, pod, status, restarts, problem) in table() {
        let s = state(&pod);
        assert_eq!((s.status.as_str(), s.restarts), (status, restarts), "{case}");
        let told = of_pod(&pod, look()).map(|f| (f.cause.word(), f.text().plain()));
        let told = told.as_ref().map(|(word, text)| (*word, text.as_str()));
        assert_eq!(told, problem, "{case}");
        assert_eq!(s.ready, case == "healthy", "{case}");
    }
}

#[test]
fn a_pod_on_its_way_out_is_terminating_and_gets_no_traffic() {
    let mut pod = one(true, 0, running(), json!({}));
    pod.metadata.deletion_timestamp = Some(Timestamp::UNIX_EPOCH);
    let s = state(&pod);
    assert_eq!(s.status, "Terminating");
    assert!(s.terminating && !s.ready);
    assert_eq!(
        of_pod(&pod, look()),
        None,
        "what is on its way out is in no trouble"
    );
}

#[test]
fn an_evicted_pod_and_one_without_a_node_say_so() {
    let evicted = of(
        json!({ "phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory. Threshold quantity: 100Mi, available: 5Mi. " }),
    );
    assert_eq!(state(&evicted).status, "Evicted");
    assert_eq!(
        of_pod(&evicted, look()).unwrap().text().plain(),
        "it was evicted (The node was low on resource: memory. Threshold quantity: 100Mi, available: 5Mi)"
    );
    let bare: Pod = serde_json::from_value(json!({ "metadata": { "name": "p" } })).unwrap();
    assert_eq!(state(&bare).status, "Unknown");
}

#[test]
fn a_sidecar_counts_as_a_container_and_does_not_hold_the_pod_up() {
    let pod: Pod = serde_json::from_value(json!({ "metadata": { "name": "p" },
        "spec": { "containers": [ { "name": "api" } ], "initContainers": [ { "name": "mesh", "restartPolicy": "Always" } ] },
        "status": { "phase": "Running", "conditions": [ { "type": "Ready", "status": "True" } ],
            "initContainerStatuses": [ { "name": "mesh", "image": "m", "imageID": "", "ready": true, "started": true,
                "restartCount": 2, "state": running(), "lastState": ended(1, "Error", "2026-11-22T20:02:13Z") } ],
            "containerStatuses": [ container(true, 1, running(), ended(143, "Error", "2026-11-22T20:02:14Z")) ] } }))
    .unwrap();
    let s = state(&pod);
    assert_eq!(
        (s.status.as_str(), s.containers, s.restarts),
        ("Running", (2, 2), 3)
    );
    assert_eq!(s.last_end.unwrap().exit_code, 143, "the last of all containers");
    assert!(s.ready && of_pod(&pod, look()).is_none());
}

#[test]
fn ready_is_counted_as_kubectl_counts() {
    let sidecar = |started: bool| {
        json!({ "name": "mesh", "image": "m", "imageID": "", "ready": true, "started": started,
        "restartCount": 0, "state": running(), "lastState": {} })
    };
    let none = Vec::<Value>::new;
    let counts = |init: Vec<Value>, containers: Vec<Value>| {
        let pod: Pod = serde_json::from_value(json!({ "metadata": { "name": "p" },
            "spec": { "containers": [ { "name": "api" } ], "initContainers": [ { "name": "mesh", "restartPolicy": "Always" } ] },
            "status": { "phase": "Pending", "initContainerStatuses": init, "containerStatuses": containers } }))
        .unwrap();
        state(&pod).containers
    };
    let api = |state: Value| container(true, 0, state, json!({}));
    assert_eq!(
        counts(none(), none()),
        (0, 2),
        "the sidecar counts before it has a status"
    );
    assert_eq!(
        counts(vec![sidecar(false)], vec![api(running())]),
        (0, 2),
        "it has not started"
    );
    assert_eq!(counts(vec![sidecar(true)], vec![api(running())]), (2, 2));
    let ended = ended(0, "Completed", "2026-11-22T20:02:14Z");
    assert_eq!(
        counts(vec![sidecar(true)], vec![api(ended)]),
        (1, 2),
        "what has ended is not ready, whatever is said"
    );
}

#[test]
fn the_worst_comes_first_and_the_well_last() {
    let mut pods: Vec<Pod> = table().into_iter().map(|row| row.1).collect();
    for (i, pod) in pods.iter_mut().enumerate() {
        pod.metadata.name = format!("p{i:02}").into();
    }
    let groups = by_state(&pods, look());
    let kinds: Vec<_> = groups
        .iter()
        .map(|g| g.finding.as_ref().map(|f| f.cause.word()))
        .collect();
    assert_eq!(kinds[0], Some("out_of_memory"));
    assert_eq!(kinds[kinds.len() - 2..], [None, None], "Completed and Running");
    assert_eq!(groups.iter().map(|g| g.pods.len()).sum::<usize>(), pods.len());

    let twice = [
        one(
            false,
            2,
            waits("CrashLoopBackOff", ""),
            ended(3, "Error", "2026-11-22T20:02:25Z"),
        ),
        one(
            false,
            4,
            waits("CrashLoopBackOff", ""),
            ended(5, "Error", "2026-11-22T20:02:20Z"),
        ),
    ];
    let groups = by_state(&twice, look());
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].restarts, 6);
    assert!(
        groups[0]
            .finding
            .as_ref()
            .unwrap()
            .text()
            .plain()
            .contains("4 restarts"),
        "of the pod with the most"
    );
    assert_eq!(
        groups[0].last_end.as_ref().unwrap().exit_code,
        3,
        "the newest end"
    );
}
