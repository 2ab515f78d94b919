//! Objects in the shapes of the recordings of a real 1.36 cluster: what they are is told, and what they are not is not.

mod change;
mod identity;
mod objects;
mod owners;
mod quotes;
mod recorded;
mod traffic;
mod truth;
mod why;

use std::time::Duration;

use serde_json::{Value, json};

use super::sightings::*;
use super::*;
use crate::{
    cluster::{Cached, WorkloadObject},
    incident::{Problem, Sighting},
    model::Timestamp,
    objects::{Node, Pod},
    redact::Redactor,
};

/// The time of a look: half past eight.
const NOW: &str = "2026-11-22T20:30:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn usual() -> &'static Redactor {
    static USUAL: std::sync::LazyLock<Redactor> = std::sync::LazyLock::new(Redactor::default);
    &USUAL
}

fn look() -> Look<'static> {
    Look {
        now: now(),
        settle: Duration::from_secs(60),
        patience: Duration::from_secs(20),
        around: None,
        quotes: Some(usual()),
    }
}

fn end(code: i32, reason: &str, from: &str, to: &str) -> Value {
    json!({"terminated": {"containerID": "containerd://9b7a", "exitCode": code, "reason": reason,
           "startedAt": format!("2026-11-22T{from}Z"), "finishedAt": format!("2026-11-22T{to}Z")}})
}

fn waiting(reason: &str, message: &str) -> Value {
    json!({"waiting": {"reason": reason, "message": message}})
}

fn running() -> Value {
    json!({"running": {"startedAt": "2026-11-22T20:29:58Z"}})
}

/// A pod of a ReplicaSet of Deployment `api`, with one container.
fn pod(name: &str, state: Value, last: Value, restarts: i32) -> Value {
    let ready = state.get("running").is_some();
    json!({"kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "uid": name, "creationTimestamp": "2026-11-22T20:00:00Z",
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "api-7f", "uid": "rs1", "controller": true}]},
        "spec": {"nodeName": "n1", "restartPolicy": "Always", "containers": [{"name": "api"}]},
        "status": {"phase": "Running",
            "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" },
                            "lastTransitionTime": "2026-11-22T20:10:00Z"}],
            "containerStatuses": [{"name": "api", "image": "local/api:v1", "imageID": "", "ready": ready, "started": ready,
                "restartCount": restarts, "state": state, "lastState": last}]}})
}

fn well(name: &str) -> Value {
    pod(name, running(), json!({}), 0)
}

fn replica_set(name: &str, uid: &str, revision: i64, image: &str) -> Value {
    json!({"kind": "ReplicaSet",
        "metadata": {"name": name, "namespace": "shop", "uid": uid,
            "annotations": {"deployment.kubernetes.io/revision": revision.to_string()},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "api", "uid": "d1", "controller": true}]},
        "spec": {"selector": {}, "template": template(image)}, "status": {"replicas": 1}})
}

fn template(image: &str) -> Value {
    json!({"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api", "image": image}]}})
}

fn deployment(revision: i64, image: &str, status: Value) -> Value {
    json!({"kind": "Deployment",
        "metadata": {"name": "api", "namespace": "shop", "uid": "d1", "generation": 2,
            "annotations": {"deployment.kubernetes.io/revision": revision.to_string()},
            "managedFields": [{"manager": "kubectl-set", "operation": "Update", "time": "2026-11-22T20:09:00Z",
                "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:template": {"f:spec":
                {"f:containers": {"k:{\"name\":\"api\"}": {"f:image": {}}}}}}}}]},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "api"}}, "template": template(image)},
        "status": status})
}

fn healthy() -> Value {
    json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3})
}

/// A rollout past its deadline, with one new pod of three.
fn past_deadline() -> Value {
    json!({"observedGeneration": 2, "replicas": 4, "updatedReplicas": 1, "readyReplicas": 3, "availableReplicas": 3,
        "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
            "lastTransitionTime": "2026-11-22T20:20:00Z", "lastUpdateTime": "2026-11-22T20:20:00Z",
            "message": "ReplicaSet \"api-7f\" has timed out progressing."}]})
}

fn seen(pods: &[Value]) -> Vec<Sighting> {
    let mut objects = vec![
        deployment(1, "local/api:v1", healthy()),
        replica_set("api-7f", "rs1", 1, "local/api:v1"),
    ];
    objects.extend(pods.iter().cloned());
    sightings("prod", &Cached::holding("prod", "shop", &objects), look())
}

fn problems(pods: &[Value]) -> Vec<Problem> {
    seen(pods).into_iter().map(|s| s.key.problem).collect()
}

/// What, its state, its state before, its restarts, and the problem.
type State = (&'static str, Value, Value, i32, Option<Problem>);

#[track_caller]
fn is_told((what, state, last, restarts, expected): State) {
    assert_eq!(
        problems(&[pod("p", state, last, restarts)]),
        Vec::from_iter(expected),
        "{what}"
    );
}

fn crash() -> Value {
    end(3, "Error", "20:29:40", "20:29:41")
}

#[test]
fn crashes_are_told_when_they_come_again_and_again() {
    let before = || end(3, "Error", "20:29:20", "20:29:21");
    let long_ago = || end(3, "Error", "20:01:00", "20:01:02");
    let long_run = || end(1, "Error", "20:00:00", "20:29:50");
    for row in [
        (
            "backs off",
            waiting("CrashLoopBackOff", "back-off 40s"),
            crash(),
            3,
            Some(Problem::CrashLoopBackOff),
        ),
        (
            "shown as ended during the back-off, as 1.36 does",
            crash(),
            before(),
            1,
            Some(Problem::CrashLoopBackOff),
        ),
        ("ended for the first time", crash(), json!({}), 0, None),
        (
            "ended well and is started again and again",
            end(0, "Completed", "20:29:40", "20:29:41"),
            before(),
            2,
            Some(Problem::CrashLoopBackOff),
        ),
        (
            "runs a moment after its second crash",
            running(),
            crash(),
            2,
            Some(Problem::CrashLoopBackOff),
        ),
        ("runs a moment after its first crash", running(), crash(), 1, None),
        ("runs, crashed long ago", running(), long_ago(), 7, None),
        ("crashed after it ran for long", long_run(), json!({}), 1, None),
        (
            "cannot be started",
            waiting("RunContainerError", "exec: no such file"),
            end(128, "StartError", "20:29:40", "20:29:40"),
            1,
            Some(Problem::CrashLoopBackOff),
        ),
    ] {
        is_told(row);
    }
}

#[test]
fn running_out_of_memory_is_told_at_once_and_stays_the_reason() {
    let oom = || end(137, "OOMKilled", "20:29:40", "20:29:40");
    for row in [
        (
            "ran out of memory for the first time",
            oom(),
            json!({}),
            0,
            Some(Problem::OomKilled),
        ),
        (
            "runs again a moment after that",
            running(),
            oom(),
            1,
            Some(Problem::OomKilled),
        ),
        (
            "backs off after that",
            waiting("CrashLoopBackOff", ""),
            oom(),
            2,
            Some(Problem::OomKilled),
        ),
        (
            "crashes otherwise after that",
            crash(),
            oom(),
            2,
            Some(Problem::OomKilled),
        ),
        (
            "crashes otherwise after it ran well for nine minutes",
            end(1, "Error", "20:20:40", "20:29:40"),
            end(137, "OOMKilled", "20:20:30", "20:20:35"),
            2,
            Some(Problem::CrashLoopBackOff),
        ),
    ] {
        is_told(row);
    }
}

#[test]
fn images_are_told_and_what_is_being_made_is_not() {
    for row in [
        (
            "image, first try",
            waiting("ErrImagePull", "not found"),
            json!({}),
            0,
            Some(Problem::ImagePull),
        ),
        (
            "image, later",
            waiting("ImagePullBackOff", "Back-off pulling image"),
            json!({}),
            0,
            Some(Problem::ImagePull),
        ),
        (
            "is being made",
            waiting("ContainerCreating", ""),
            json!({}),
            0,
            None,
        ),
        (
            "lacks a Secret",
            waiting("CreateContainerConfigError", "secret not found"),
            json!({}),
            0,
            Some(Problem::MissingReference),
        ),
        ("is well", running(), json!({}), 0, None),
    ] {
        is_told(row);
    }
}

#[test]
fn what_ended_for_good_or_is_on_its_way_out_is_no_problem() {
    let crash = || {
        pod(
            "p",
            waiting("CrashLoopBackOff", ""),
            end(3, "Error", "20:29:40", "20:29:41"),
            3,
        )
    };
    let mut leaving = crash();
    leaving["metadata"]["deletionTimestamp"] = json!(NOW);
    let mut failed = crash();
    failed["status"]["phase"] = json!("Failed");
    let mut never = pod("p", end(3, "Error", "20:29:40", "20:29:41"), json!({}), 1);
    never["spec"]["restartPolicy"] = json!("Never");
    assert!(problems(&[leaving, failed, never]).is_empty());
}

#[test]
fn init_containers_crash_too_and_a_done_one_does_not() {
    let mut failing = pod("p", waiting("PodInitializing", ""), json!({}), 0);
    failing["status"]["initContainerStatuses"] = json!([{"name": "migrate", "image": "i", "imageID": "", "ready": false,
        "restartCount": 2, "state": end(1, "Error", "20:29:37", "20:29:37"), "lastState": end(1, "Error", "20:29:07", "20:29:07")}]);
    let sightings = seen(&[failing.clone()]);
    assert_eq!(sightings[0].key.problem, Problem::CrashLoopBackOff);
    assert!(
        sightings[0]
            .text
            .plain()
            .starts_with("migrate ends with exit code 1"),
        "{:?}",
        sightings[0].text
    );
    failing["status"]["initContainerStatuses"][0]["state"] = end(0, "Completed", "20:29:37", "20:29:37");
    assert!(problems(&[failing]).is_empty());
}

#[test]
fn pods_of_one_workload_are_one_sighting_in_words() {
    let crash = |name, restarts| {
        pod(
            name,
            waiting("CrashLoopBackOff", ""),
            end(3, "Error", "20:29:40", "20:29:41"),
            restarts,
        )
    };
    let sightings = seen(&[crash("a", 2), crash("b", 4), well("c")]);
    let [one] = sightings.as_slice() else {
        panic!("{sightings:?}")
    };
    assert_eq!(one.key.to_string(), "prod/shop/deployment/api/crash_loop");
    assert_eq!(
        (one.affected.as_slice(), one.of, one.restarts),
        (&["a".to_owned(), "b".to_owned()][..], 3, 6)
    );
    assert_eq!(
        one.text.plain(),
        "api ends with exit code 3 (error of the program) within seconds of its start"
    );
    assert_eq!(one.since, "2026-11-22T20:29:41Z".parse().unwrap());
    assert_eq!(one.last, now());
    let subject = one.subject.as_ref().unwrap();
    assert_eq!(
        (
            subject.pod.as_str(),
            subject.container.as_deref(),
            subject.running
        ),
        ("b", Some("api"), false)
    );
}

#[test]
fn a_container_that_runs_again_was_last_bad_when_it_ended() {
    let one = &seen(&[pod(
        "p",
        running(),
        end(137, "OOMKilled", "20:29:10", "20:29:20"),
        1,
    )])[0];
    assert_eq!(one.last, "2026-11-22T20:29:20Z".parse().unwrap());
    assert!(one.subject.as_ref().unwrap().running);
    let late = Look {
        now: "2026-11-22T20:30:20Z".parse().unwrap(),
        ..look()
    };
    let objects = [pod(
        "p",
        running(),
        end(137, "OOMKilled", "20:29:10", "20:29:20"),
        1,
    )];
    assert!(
        sightings("prod", &Cached::holding("prod", "shop", &objects), late).is_empty(),
        "settled"
    );
}

#[test]
fn any_number_of_restarts_is_a_number() {
    let mut hostile = pod(
        "p",
        waiting("CrashLoopBackOff", ""),
        end(3, "Error", "20:29:40", "20:29:41"),
        i32::MAX,
    );
    let statuses = hostile["status"]["containerStatuses"].as_array_mut().unwrap();
    let mut second = statuses[0].clone();
    second["name"] = json!("sidecar");
    statuses.push(second);
    assert_eq!(seen(&[hostile])[0].restarts, i64::from(i32::MAX));
}

#[test]
fn the_scheduler_is_quoted_in_words() {
    let mut pending = well("p");
    pending["status"] = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
        "reason": "Unschedulable", "lastTransitionTime": "2026-11-22T20:28:00Z",
        "message": "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available"}]});
    let sightings = seen(&[pending]);
    assert_eq!(sightings[0].key.problem, Problem::Unschedulable);
    assert_eq!(sightings[0].text.plain(), "Pending, 0 of 1 node fit: 1 lacks cpu");
    assert_eq!(sightings[0].since, "2026-11-22T20:28:00Z".parse().unwrap());
}

#[test]
fn a_rollout_past_its_deadline_says_how_far_it_came() {
    let mut unready = pod("n", running(), json!({}), 0);
    unready["metadata"]["ownerReferences"][0] = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "api-8a", "uid": "rs2", "controller": true});
    unready["status"]["conditions"][0]["status"] = json!("False");
    unready["status"]["containerStatuses"][0]["ready"] = json!(false);
    let objects = [
        deployment(2, "local/api:v2", past_deadline()),
        replica_set("api-7f", "rs1", 1, "local/api:v1"),
        replica_set("api-8a", "rs2", 2, "local/api:v2"),
        well("a"),
        well("b"),
        well("c"),
        unready,
    ];
    let sightings = sightings("prod", &Cached::holding("prod", "shop", &objects), look());
    let [one] = sightings.as_slice() else {
        panic!("{sightings:?}")
    };
    assert_eq!(one.key.problem, Problem::RolloutDeadline);
    assert_eq!(
        one.text.plain(),
        "the rollout to revision 2 makes no progress: 0 of 3 new pods available, 3 pods still run an older one"
    );
    assert_eq!((one.affected.as_slice(), one.of), (&["n".to_owned()][..], 3));
    assert!(
        one.facts[0]
            .plain()
            .contains("its readiness probe has not passed"),
        "{:?}",
        one.facts
    );
}

#[test]
fn a_node_that_does_not_report_is_told_and_a_cordon_is_not() {
    let node = |name: &str, status: &str, cordoned: bool| {
        serde_json::from_value::<Node>(json!({"metadata": {"name": name}, "spec": {"unschedulable": cordoned},
            "status": {"conditions": [{"type": "Ready", "status": status, "reason": "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status.", "lastTransitionTime": "2026-11-22T20:29:00Z"}]}}))
        .unwrap()
    };
    let nodes = [
        node("a", "True", false),
        node("b", "Unknown", false),
        node("c", "True", true),
        node("d", "False", true),
    ];
    let sightings = sightings_of_nodes("prod", &nodes, &[], look());
    let names: Vec<_> = sightings
        .iter()
        .map(|s| (s.key.target(), s.text.plain()))
        .collect();
    assert_eq!(
        names,
        [
            ("prod/node/b".to_owned(), "its kubelet does not report".to_owned()),
            ("prod/node/d".to_owned(), "its kubelet does not report".to_owned()),
        ]
    );
    assert_eq!(
        (sightings[0].of, sightings[0].since),
        (4, "2026-11-22T20:29:00Z".parse().unwrap())
    );
}
