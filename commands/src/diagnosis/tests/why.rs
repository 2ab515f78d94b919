//! Why a rollout does not get on: what is told first, and what Events add to it.

use serde_json::{Value, json};

use super::*;
use crate::{
    health::{Rollout, rollout},
    objects::Event,
};

fn rollout_with(failure: Option<&str>) -> Rollout {
    let conditions = match failure {
        Some(message) => json!([ { "type": "ReplicaFailure", "status": "True", "message": message } ]),
        None => json!([]),
    };
    let object = json!({ "metadata": {}, "spec": { "replicas": 3, "selector": {}, "template": {} },
                         "status": { "replicas": 3, "updatedReplicas": 1, "conditions": conditions } });
    rollout::deployment(
        Some(&serde_json::from_value(object).unwrap()),
        Timestamp::UNIX_EPOCH,
    )
}

fn pod(name: &str, state: &Value) -> Pod {
    serde_json::from_value(json!({ "metadata": { "name": name, "uid": name }, "spec": { "nodeName": "n1" }, "status": { "phase": "Pending",
        "conditions": [ { "type": "Ready", "status": "False" } ],
        "containerStatuses": [ { "name": "api", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
                                 "started": true, "state": state } ] } }))
    .unwrap()
}

fn warning(pod: &str, reason: &str, message: &str, at: &str) -> Event {
    serde_json::from_value(
        json!({ "metadata": {}, "type": "Warning", "reason": reason, "message": message,
        "lastTimestamp": at, "involvedObject": { "kind": "Pod", "name": pod, "uid": pod } }),
    )
    .unwrap()
}

fn scene<'a>(rollout: &'a Rollout, pods: &'a [Pod], look: Look<'a>) -> Scene<'a> {
    Scene {
        rollout,
        workload: None,
        pods: pods.iter().collect(),
        look,
    }
}

fn why(rollout: &Rollout, pods: &[Pod], events: &[Event]) -> Vec<Finding> {
    let around: Surroundings = events.iter().cloned().map(std::sync::Arc::new).collect();
    why_stuck(&scene(rollout, pods, look().among(&around)))
}

fn lines(found: &[Finding]) -> Vec<String> {
    found.iter().map(|finding| finding.line().plain()).collect()
}

#[test]
fn a_quota_is_told_before_pods() {
    let refused = rollout_with(Some(
        "pods \"over-quota-6949f7dfc8-lfkh4\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1",
    ));
    assert_eq!(
        lines(&why(&refused, &[], &[])),
        ["Pods cannot be made: the quota q is used up (requested: pods=1, used: pods=1, limited: pods=1)"]
    );
}

#[test]
fn the_worst_pod_is_named_and_the_starting_one_is_not() {
    let pods = [
        pod("fresh", &json!({ "waiting": { "reason": "ContainerCreating" } })),
        pod(
            "broken",
            &json!({ "waiting": { "reason": "ErrImagePull", "message": "not found" } }),
        ),
    ];
    let found = why(&rollout_with(None), &pods, &[]);
    assert_eq!(
        (
            found[0].problem(),
            found[0].subject.as_ref().map(|s| s.pod.as_str())
        ),
        (Some(Problem::ImagePull), Some("broken"))
    );
    assert_eq!(
        lines(&found),
        ["Pod broken: container api waits: i cannot be pulled: the registry has no such image (not found)"]
    );
    assert_eq!(
        why(&rollout_with(None), &pods[..1], &[]),
        [],
        "a pod that is starting is no cause"
    );
}

#[test]
fn events_tell_what_the_status_does_not() {
    let pods = [pod("p", &json!({ "waiting": { "reason": "ContainerCreating" } }))];
    let events = [
        warning(
            "p",
            "FailedMount",
            "MountVolume.SetUp failed for volume \"cfg\" : configmap \"missing-config\" not found",
            "2026-11-22T20:27:00Z",
        ),
        warning("other", "FailedMount", "of another pod", "2026-11-22T20:29:00Z"),
    ];
    assert_eq!(
        lines(&why(&rollout_with(None), &pods, &events)),
        [
            "Pod p: failed mount: MountVolume.SetUp failed for volume \"cfg\" : configmap \"missing-config\" not found"
        ]
    );
    let unready = [pod("p", &json!({ "running": {} }))];
    let probe = [warning(
        "p",
        "Unhealthy",
        "Readiness probe failed: HTTP probe failed with statuscode: 500",
        "2026-11-22T20:02:00Z",
    )];
    assert_eq!(
        lines(&why(&rollout_with(None), &unready, &probe)),
        [
            "Pod p: container api runs and is not ready: its readiness probe fails (HTTP probe failed with statuscode: 500)"
        ]
    );
}

/// Worlds in which a rollout sticks: what, its pod, what the API server refuses, and the cause.
fn worlds() -> Vec<(Option<Value>, Option<&'static str>, &'static str)> {
    let mut pending = well("p");
    pending["status"] = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
        "reason": "Unschedulable", "lastTransitionTime": "2026-11-22T20:28:00Z",
        "message": "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available"}]});
    let mut unready = super::pod("p", running(), json!({}), 0);
    unready["status"]["conditions"][0]["status"] = json!("False");
    unready["status"]["containerStatuses"][0]["ready"] = json!(false);
    unready["status"]["containerStatuses"][0]["started"] = json!(true);
    unready["status"]["containerStatuses"][0]["state"]["running"]["startedAt"] =
        json!("2026-11-22T20:20:00Z");
    vec![
        (
            Some(super::pod(
                "p",
                waiting("CrashLoopBackOff", "back-off 40s"),
                crash(),
                3,
            )),
            None,
            "crash_loop",
        ),
        // Between two crashes it runs: nobody may say that all is well.
        (Some(super::pod("p", running(), crash(), 3)), None, "crash_loop"),
        (
            Some(super::pod(
                "p",
                waiting("ErrImagePull", "not found"),
                json!({}),
                0,
            )),
            None,
            "image_pull",
        ),
        (Some(pending), None, "unschedulable"),
        (Some(unready), None, "not_ready"),
        (
            None,
            Some(
                "pods \"api-8a-x\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1",
            ),
            "quota",
        ),
    ]
}

#[test]
fn status_a_stuck_run_and_the_incident_name_the_same_cause() {
    for (pod, refusal, word) in worlds() {
        let mut status = past_deadline();
        if let Some(message) = refusal {
            let conditions = status["conditions"].as_array_mut().unwrap();
            conditions.push(json!({"type": "ReplicaFailure", "status": "True", "message": message}));
        }
        let mut objects = vec![
            deployment(1, "local/api:v1", status),
            replica_set("api-7f", "rs1", 1, "local/api:v1"),
        ];
        objects.extend(pod);
        let cached = Cached::holding("prod", "shop", &objects);
        let object = cached.workloads().pop().unwrap();
        let pods = cached.pods_of(&object.workload());
        let rollout = object.rollout(now());

        let of_pods = by_state(pods.iter().map(AsRef::as_ref), look());
        let of_pods = of_pods.into_iter().find_map(|group| group.finding);
        let by_status = refused(&scene(&rollout, &[], look())).or(of_pods).unwrap();
        assert_eq!(by_status.cause.word(), word);

        let pods: Vec<Pod> = pods.iter().map(|pod| Pod::clone(pod)).collect();
        let by_run = why(&rollout, &pods, &[]).remove(0);
        assert_eq!(by_run.cause, by_status.cause, "{word}: a stuck run");

        let told: Vec<String> = sightings("prod", &cached, look())
            .into_iter()
            .flat_map(|s| std::iter::once(s.text).chain(s.facts))
            .map(|text| text.plain())
            .collect();
        let own = by_status.problem().map(|_| by_status.cause.told().plain());
        let told_as = own.unwrap_or_else(|| by_status.line().plain());
        assert!(told.contains(&told_as), "{word}: {told_as:?} is not in {told:?}");
    }
}
