//! Statuses as real 1.36 controllers wrote them (`02-rolling-update`, `05-image-pull-failure`, `07-failing-pods`,
//! `12-statefulset-daemonset`), and what `kubectl rollout status` printed of them.

use serde_json::{Value, json};

use super::*;

fn now() -> Timestamp {
    "2026-11-22T20:02:10Z".parse().unwrap()
}

fn deployment_of(generation: i64, spec: Value, status: Value) -> Rollout {
    let mut spec = spec;
    spec["selector"] = json!({});
    spec["template"] = json!({});
    let object = json!({ "metadata": { "generation": generation }, "spec": spec, "status": status });
    deployment(Some(&serde_json::from_value(object).unwrap()), now())
}

fn progressing(status: &str, reason: &str, at: &str) -> Value {
    json!({ "type": "Progressing", "status": status, "reason": reason, "lastUpdateTime": at,
            "lastTransitionTime": "2026-11-22T20:01:10Z", "message": "" })
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn deployments_are_told_as_kubectl_does() {
    use RolloutState::{Complete, Paused, Progressing, Stuck, Unseen};
    let on = progressing("True", "ReplicaSetUpdated", "2026-11-22T20:00:44Z");
    let done = progressing("True", "NewReplicaSetAvailable", "2026-11-22T20:00:44Z");
    let late = progressing("False", "ProgressDeadlineExceeded", "2026-11-22T20:01:10Z");
    let three = json!({ "replicas": 3 });
    let paused = json!({ "replicas": 3, "paused": true });
    let table = [
        // The controller still reports the old spec as complete: the numbers are of the past.
        (
            3,
            &three,
            json!({ "observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3,
                            "availableReplicas": 3, "conditions": [done] }),
            Unseen,
            "Waiting for deployment spec update to be observed...",
        ),
        (
            3,
            &three,
            json!({ "observedGeneration": 3, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3,
                            "unavailableReplicas": 1, "conditions": [on] }),
            Progressing,
            "0 out of 3 new replicas have been updated...",
        ),
        (
            4,
            &three,
            json!({ "observedGeneration": 4, "replicas": 4, "updatedReplicas": 3, "readyReplicas": 3,
                            "availableReplicas": 3, "conditions": [on] }),
            Progressing,
            "1 old replicas are pending termination...",
        ),
        (
            4,
            &three,
            json!({ "observedGeneration": 4, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 2,
                            "availableReplicas": 2, "terminatingReplicas": 1, "conditions": [on] }),
            Progressing,
            "2 of 3 updated replicas are available...",
        ),
        (
            4,
            &three,
            json!({ "observedGeneration": 4, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3,
                            "availableReplicas": 3, "conditions": [done] }),
            Complete,
            "successfully rolled out",
        ),
        (
            10,
            &three,
            json!({ "observedGeneration": 10, "replicas": 4, "updatedReplicas": 1, "readyReplicas": 3,
                             "availableReplicas": 3, "unavailableReplicas": 1, "conditions": [late] }),
            Stuck,
            "exceeded its progress deadline",
        ),
        (
            5,
            &paused,
            json!({ "observedGeneration": 5, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3 }),
            Paused,
            "0 out of 3 new replicas have been updated...",
        ),
        (
            5,
            &paused,
            json!({ "observedGeneration": 5, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3,
                             "availableReplicas": 3 }),
            Complete,
            "successfully rolled out",
        ),
        (
            1,
            &json!({ "replicas": 0 }),
            json!({ "observedGeneration": 1 }),
            Complete,
            "successfully rolled out",
        ),
    ];
    for (generation, spec, status, state, message) in table {
        let r = deployment_of(generation, spec.clone(), status.clone());
        assert_eq!(
            (r.state, r.message.plain().as_str()),
            (state, message),
            "{status}"
        );
    }
    assert_eq!(deployment(None, now()).state, RolloutState::Gone);
}

#[test]
fn a_stuck_deployment_says_since_when_and_how_many_serve() {
    let late = progressing("False", "ProgressDeadlineExceeded", "2026-11-22T20:02:00Z");
    let r = deployment_of(
        10,
        json!({ "replicas": 3 }),
        json!({ "observedGeneration": 10, "replicas": 4,
        "updatedReplicas": 1, "readyReplicas": 3, "availableReplicas": 3, "conditions": [late] }),
    );
    assert_eq!(
        r.since_progress,
        Some(std::time::Duration::from_secs(60 + 600)),
        "when it turned the deadline had passed; when it was noted again does not count"
    );
    assert_eq!((r.old_pods, r.new_available()), (3, 0));
    assert!(r.serves_in_full());
}

#[test]
fn a_young_rollout_is_not_told_as_silent() {
    // A quarter of the deadline of 600 s is 150 s.
    for (reason, at, told) in [
        // The rollout before ended a day ago; this one began just now.
        ("NewReplicaSetAvailable", "2026-11-21T20:02:10Z", None),
        ("ReplicaSetUpdated", "2026-11-22T20:01:47Z", None),
        ("ReplicaSetUpdated", "2026-11-22T19:59:40Z", Some(150)),
    ] {
        let r = deployment_of(
            10,
            json!({ "replicas": 3 }),
            json!({ "observedGeneration": 10, "replicas": 3, "updatedReplicas": 2, "readyReplicas": 2,
                "availableReplicas": 2, "conditions": [progressing("True", reason, at)] }),
        );
        let told = told.map(std::time::Duration::from_secs);
        assert_eq!(r.since_progress, told, "{reason} {at}");
    }
}

#[test]
fn a_refused_pod_is_told_in_the_controllers_words() {
    let refusal = "pods \"over-quota-6949f7dfc8-lfkh4\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1";
    let r = deployment_of(
        1,
        json!({ "replicas": 3 }),
        json!({ "observedGeneration": 1, "replicas": 1,
        "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1, "unavailableReplicas": 2, "conditions": [
            { "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": refusal },
            progressing("True", "ReplicaSetUpdated", "2026-11-22T20:01:38Z") ] }),
    );
    assert_eq!(r.state, RolloutState::Progressing);
    assert_eq!(r.failure.as_deref(), Some(refusal));
    assert!(!r.serves_in_full());
}

fn stateful_set_of(strategy: Value, status: Value) -> Rollout {
    let object = json!({ "metadata": { "generation": 2 }, "status": status,
        "spec": { "replicas": 2, "selector": {}, "template": {}, "serviceName": "s", "updateStrategy": strategy } });
    stateful_set(Some(&serde_json::from_value(object).unwrap()), now())
}

#[test]
fn stateful_sets_are_told_as_kubectl_does() {
    use RolloutState::{Complete, OnDelete, Progressing, Unseen};
    let rolling = json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 0 } });
    let half = json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 1 } });
    let by_hand = json!({ "type": "OnDelete" });
    let (old, new) = ("postgres-69c546bb7", "postgres-64c87dcb68");
    let table = [
        (
            &rolling,
            json!({ "observedGeneration": 2, "replicas": 2, "readyReplicas": 2, "availableReplicas": 2,
                           "currentReplicas": 1, "currentRevision": old, "updateRevision": new }),
            Progressing,
            "Waiting for partitioned roll out to finish: 0 out of 2 new pods have been updated...",
        ),
        (
            &rolling,
            json!({ "observedGeneration": 2, "replicas": 2, "readyReplicas": 1, "updatedReplicas": 1,
                           "currentReplicas": 1, "currentRevision": old, "updateRevision": new }),
            Progressing,
            "Waiting for 1 pods to be ready...",
        ),
        (
            &rolling,
            json!({ "observedGeneration": 2, "replicas": 2, "readyReplicas": 2, "availableReplicas": 2,
                           "updatedReplicas": 2, "currentReplicas": 2, "currentRevision": new, "updateRevision": new }),
            Complete,
            "partitioned roll out complete: 2 new pods have been updated...",
        ),
        (
            &half,
            json!({ "observedGeneration": 2, "replicas": 2, "readyReplicas": 2, "availableReplicas": 2,
                        "updatedReplicas": 1, "currentReplicas": 1, "currentRevision": old, "updateRevision": new }),
            Complete,
            "partitioned roll out complete: 1 new pods have been updated...",
        ),
        (
            &by_hand,
            json!({ "observedGeneration": 2, "replicas": 2, "readyReplicas": 2, "availableReplicas": 2,
                           "updatedReplicas": 1, "currentReplicas": 1, "currentRevision": old, "updateRevision": new }),
            OnDelete,
            "1 of 2 pods are of the newest template; the others are replaced when they are deleted",
        ),
        (
            &rolling,
            json!({ "observedGeneration": 1, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2,
                           "currentRevision": old, "updateRevision": old }),
            Unseen,
            "Waiting for statefulset spec update to be observed...",
        ),
    ];
    for (strategy, status, state, message) in table {
        let r = stateful_set_of(strategy.clone(), status.clone());
        assert_eq!(
            (r.state, r.message.plain().as_str()),
            (state, message),
            "{strategy} {status}"
        );
    }
    assert_eq!(stateful_set(None, now()).state, RolloutState::Gone);
}

#[test]
fn daemon_sets_are_told_as_kubectl_does() {
    use RolloutState::{Complete, OnDelete, Progressing, Unseen};
    let table = [
        // daemonset-midway: updatedNumberScheduled is left out while it is zero.
        (
            "RollingUpdate",
            json!({ "observedGeneration": 2, "currentNumberScheduled": 1, "desiredNumberScheduled": 1,
              "numberAvailable": 1, "numberReady": 1, "numberMisscheduled": 0 }),
            Progressing,
            "0 out of 1 new pods have been updated...",
        ),
        (
            "RollingUpdate",
            json!({ "observedGeneration": 2, "currentNumberScheduled": 1, "desiredNumberScheduled": 1,
              "updatedNumberScheduled": 1, "numberReady": 0, "numberMisscheduled": 0 }),
            Progressing,
            "0 of 1 updated pods are available...",
        ),
        (
            "RollingUpdate",
            json!({ "observedGeneration": 2, "currentNumberScheduled": 1, "desiredNumberScheduled": 1,
              "updatedNumberScheduled": 1, "numberAvailable": 1, "numberReady": 1, "numberMisscheduled": 0 }),
            Complete,
            "successfully rolled out",
        ),
        (
            "OnDelete",
            json!({ "observedGeneration": 2, "currentNumberScheduled": 3, "desiredNumberScheduled": 3,
              "updatedNumberScheduled": 1, "numberAvailable": 3, "numberReady": 3, "numberMisscheduled": 0 }),
            OnDelete,
            "1 of 3 pods are of the newest template; the others are replaced when they are deleted",
        ),
        (
            "RollingUpdate",
            json!({ "observedGeneration": 1, "currentNumberScheduled": 1, "desiredNumberScheduled": 1,
              "updatedNumberScheduled": 1, "numberAvailable": 1, "numberReady": 1, "numberMisscheduled": 0 }),
            Unseen,
            "Waiting for daemon set spec update to be observed...",
        ),
    ];
    for (strategy, status, state, message) in table {
        let object = json!({ "metadata": { "generation": 2 }, "status": status,
            "spec": { "selector": {}, "template": {}, "updateStrategy": { "type": strategy } } });
        let r = daemon_set(Some(&serde_json::from_value(object).unwrap()), now());
        assert_eq!(
            (r.state, r.message.plain().as_str()),
            (state, message),
            "{strategy} {status}"
        );
    }
}

fn stateful(spec: Value, status: Value) -> Rollout {
    let object = json!({ "metadata": { "generation": 2 }, "spec": spec, "status": status });
    stateful_set(Some(&serde_json::from_value(object).unwrap()), now())
}

#[test]
fn pods_on_their_way_out_are_no_old_ones_and_count_beyond() {
    // Two of three pods are leaving; all are of one template.
    let r = stateful(
        json!({ "replicas": 1, "selector": {}, "template": {} }),
        json!({ "observedGeneration": 2, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3, "currentReplicas": 1,
                "updatedReplicas": 1, "currentRevision": "db-1", "updateRevision": "db-1" }),
    );
    assert_eq!(
        (r.ready_of_desired(), r.old_pods, r.is_replacing()),
        (1, 0, false)
    );
    assert_eq!(r.state, RolloutState::Progressing);
    assert_eq!(r.ready_in_words().plain(), "3 of 3 pods ready, 2 to go");
    // Those that are to go wait for the first, which is not ready: that one of one is would be untrue.
    let waits = stateful(
        json!({ "replicas": 1, "selector": {}, "template": {} }),
        json!({ "observedGeneration": 2, "replicas": 3, "readyReplicas": 2, "availableReplicas": 2, "currentReplicas": 3,
                "updatedReplicas": 3, "currentRevision": "db-1", "updateRevision": "db-1" }),
    );
    assert_eq!(
        (
            waits.ready_in_words().plain().as_str(),
            waits.ready_in_numbers().as_str()
        ),
        ("2 of 3 pods ready, 2 to go", "2/3")
    );
    let surge = deployment_of(
        2,
        json!({ "replicas": 3 }),
        json!({ "observedGeneration": 2, "replicas": 4, "updatedReplicas": 2, "readyReplicas": 4, "availableReplicas": 4 }),
    );
    assert_eq!(surge.ready_of_desired(), 3);
    assert_eq!(surge.ready_in_words().plain(), "3 of 3 pods ready");
    assert!(surge.is_replacing());
}

#[test]
fn what_waits_for_a_person_to_delete_pods_says_so() {
    let r = stateful(
        json!({ "replicas": 2, "selector": {}, "template": {}, "updateStrategy": { "type": "OnDelete" } }),
        json!({ "observedGeneration": 2, "replicas": 2, "readyReplicas": 1, "availableReplicas": 1, "currentReplicas": 2,
                "currentRevision": "db-1", "updateRevision": "db-2" }),
    );
    assert_eq!(r.state, RolloutState::OnDelete);
}
