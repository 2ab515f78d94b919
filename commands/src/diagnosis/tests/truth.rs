//! What is well is told as well, and what fails as what it is: probes that have time left, kills by the kubelet, warnings of
//! a state that is over, volumes, nodes, Jobs.

use std::sync::Arc;

use super::*;
use crate::{
    health::{Rollout, job::JobState, rollout},
    incident::{Left, Owner},
    objects::Event,
};

fn event(reason: &str, message: &str, at: &str) -> Event {
    let object = json!({ "kind": "Pod", "name": "p", "uid": "p", "fieldPath": "spec.containers{api}" });
    serde_json::from_value(
        json!({ "metadata": {}, "type": "Warning", "reason": reason, "message": message, "count": 3,
        "lastTimestamp": format!("2026-11-22T{at}Z"), "involvedObject": object }),
    )
    .unwrap()
}

fn around(events: impl IntoIterator<Item = Event>) -> Surroundings {
    events.into_iter().map(Arc::new).collect()
}

fn object(pod: Value) -> Pod {
    serde_json::from_value(pod).unwrap()
}

/// What is said of a pod, and the incident that it makes.
fn said(pod: &Value, events: &[Event]) -> Option<(String, Option<Problem>)> {
    let around = around(events.iter().cloned());
    let finding = of_pod(&object(pod.clone()), look().among(&around))?;
    Some((finding.text().plain(), finding.problem()))
}

/// A pod that was made at eight; its container runs since a time, and was never ready.
fn starting(since: &str, probes: Value) -> Value {
    let mut pod = pod(
        "p",
        json!({"running": {"startedAt": format!("2026-11-22T{since}Z")}}),
        json!({}),
        0,
    );
    pod["spec"]["containers"] = json!([probes]);
    pod["spec"]["containers"][0]["name"] = json!("api");
    pod["status"]["conditions"][0] =
        json!({"type": "Ready", "status": "False", "lastTransitionTime": "2026-11-22T20:00:00Z"});
    pod["status"]["containerStatuses"][0]["ready"] = json!(false);
    pod["status"]["containerStatuses"][0]["started"] = json!(true);
    pod
}

#[test]
fn a_probe_that_has_time_left_does_not_fail() {
    let slow = || json!({ "readinessProbe": { "initialDelaySeconds": 60, "periodSeconds": 10, "failureThreshold": 3 } });
    let refused = || {
        event(
            "Unhealthy",
            "Readiness probe failed: dial tcp 10.0.0.1:80: connect: connection refused",
            "20:29:50",
        )
    };
    assert_eq!(
        said(&starting("20:29:00", slow()), &[]),
        None,
        "thirty seconds of ninety are left"
    );
    let late = said(&starting("20:28:00", slow()), &[]).unwrap();
    assert_eq!(
        late.0,
        "container api runs and is not ready: its readiness probe fails"
    );
    assert_eq!(late.1, Some(Problem::NotReady));
    let told = said(&starting("20:29:00", slow()), &[refused()]).unwrap();
    assert!(
        told.0
            .ends_with("its readiness probe fails (dial tcp 10.0.0.1:80: connect: connection refused)"),
        "{told:?}"
    );
    let before = event("Unhealthy", "Readiness probe failed: 500", "20:28:10");
    assert_eq!(
        said(&starting("20:29:00", slow()), &[before]),
        None,
        "that was the run before"
    );
    assert_eq!(
        said(&starting("20:29:50", slow()), &[refused()]),
        None,
        "ten seconds after its start it is starting"
    );
    let mut startup = starting(
        "20:26:00",
        json!({ "startupProbe": { "periodSeconds": 10, "failureThreshold": 30 } }),
    );
    startup["status"]["containerStatuses"][0]["started"] = json!(false);
    let allowed = event("Unhealthy", "Startup probe failed: not yet", "20:29:50");
    assert_eq!(
        said(&startup, &[allowed]),
        None,
        "a startup probe may fail for five minutes"
    );
}

#[test]
fn a_kill_by_the_kubelet_is_told_with_the_words_of_the_probe() {
    let refused = |at| {
        event(
            "Unhealthy",
            "Liveness probe failed: Get \"http://10.0.0.1:8080/\": connection refused",
            at,
        )
    };
    for (what, state, last) in [
        (
            "runs again",
            running(),
            end(0, "Completed", "20:29:10", "20:29:40"),
        ),
        (
            "was killed just now",
            end(137, "Error", "20:29:10", "20:29:40"),
            json!({}),
        ),
        (
            "backs off",
            waiting("CrashLoopBackOff", "back-off 40s"),
            end(143, "Error", "20:29:10", "20:29:40"),
        ),
    ] {
        let pod = pod("p", state, last, 3);
        let (text, problem) = said(&pod, &[refused("20:29:38")]).unwrap();
        assert_eq!(
            text,
            "container api is restarted by the kubelet: its liveness probe fails (Get \"http://10.0.0.1:8080/\": connection refused), 3 restarts",
            "{what}"
        );
        assert_eq!(problem, Some(Problem::KilledByProbe), "{what}");
    }
    let of_itself = pod("p", running(), end(3, "Error", "20:29:10", "20:29:40"), 3);
    let (text, problem) = said(&of_itself, &[refused("20:29:38")]).unwrap();
    assert!(
        text.contains("exit code 3") && problem == Some(Problem::CrashLoopBackOff),
        "{text}"
    );
    let silent = event("Unhealthy", "Liveness probe failed: ", "20:29:38");
    let (text, _) = said(
        &pod("p", running(), end(0, "Completed", "20:29:10", "20:29:40"), 2),
        &[silent],
    )
    .unwrap();
    assert_eq!(
        text,
        "container api is restarted by the kubelet: its liveness probe fails, 2 restarts"
    );
}

#[test]
fn a_volume_that_cannot_be_mounted_is_told_while_it_is_so() {
    let mount = |at| {
        event(
            "FailedMount",
            "MountVolume.SetUp failed for volume \"cfg\" : configmap \"none\" not found",
            at,
        )
    };
    let creating = pod("p", waiting("ContainerCreating", ""), json!({}), 0);
    let (text, problem) = said(&creating, &[mount("20:28:00")]).unwrap();
    assert_eq!(
        text,
        "failed mount: MountVolume.SetUp failed for volume \"cfg\" : configmap \"none\" not found"
    );
    assert_eq!(problem, Some(Problem::Volume));
    assert_eq!(
        said(&creating, &[mount("20:10:00")]),
        None,
        "nobody has said so for twenty minutes"
    );
    assert_eq!(
        said(&well("p"), &[mount("20:28:00")]),
        None,
        "it was mounted since"
    );
    let unbound = event(
        "FailedScheduling",
        "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
        "20:28:00",
    );
    assert_eq!(said(&creating, &[unbound]), None, "it has a node");
}

#[test]
fn a_pod_that_waits_for_a_claim_does_not_lack_a_node() {
    let mut pending = well("p");
    pending["spec"] = json!({"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-p"}},
                                         {"name": "tmp", "emptyDir": {}}]});
    pending["status"] = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
        "reason": "Unschedulable", "lastTransitionTime": "2026-11-22T20:28:00Z",
        "message": "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available"}]});
    let (text, problem) = said(&pending, &[]).unwrap();
    assert_eq!(
        (text.as_str(), problem),
        (
            "Pending, its volume claim data-p is not bound",
            Some(Problem::Volume)
        )
    );
    let finding = of_pod(&object(pending.clone()), look()).unwrap();
    assert_eq!(
        finding.cause.without_status().plain(),
        "its volume claim data-p is not bound",
        "not Pending twice"
    );
    pending["status"]["conditions"][0]["lastTransitionTime"] = json!("2026-11-22T20:29:50Z");
    assert_eq!(said(&pending, &[]), None, "ten seconds often pass by themselves");
}

#[test]
fn what_has_ended_and_was_replaced_is_history() {
    let mut evicted = pod("p", running(), json!({}), 0);
    evicted["status"] =
        json!({"phase": "Failed", "reason": "Evicted", "message": "The node was low on memory."});
    assert_eq!(said(&evicted, &[]), None);
    evicted["metadata"]["ownerReferences"] = json!([]);
    assert!(
        said(&evicted, &[]).unwrap().0.starts_with("it was evicted"),
        "nobody makes another"
    );
}

fn of_deployment(status: Value) -> Rollout {
    rollout::deployment(
        Some(&serde_json::from_value(deployment(1, "local/api:v1", status)).unwrap()),
        now(),
    )
}

fn judged(rollout: &Rollout, pods: &[Value], told: bool) -> Verdict {
    let pods: Vec<Pod> = pods.iter().cloned().map(object).collect();
    let scene = Scene {
        rollout,
        workload: None,
        pods: pods.iter().collect(),
        look: look(),
    };
    verdict(&scene, told)
}

#[test]
fn a_daemon_set_that_no_node_fits_is_not_scaled_to_zero() {
    let status = json!({"observedGeneration": 1, "desiredNumberScheduled": 0, "currentNumberScheduled": 0,
                        "numberReady": 0, "numberMisscheduled": 0});
    let value = json!({"kind": "DaemonSet", "metadata": {"name": "agent", "namespace": "shop", "uid": "d", "generation": 1},
        "spec": {"selector": {"matchLabels": {"app": "agent"}}, "template": template("local/agent:v1"),
                 "updateStrategy": {"type": "RollingUpdate"}},
        "status": status});
    let object = Cached::holding("prod", "shop", &[value]).workloads().remove(0);
    let rollout = object.rollout(now());
    let scene = Scene {
        rollout: &rollout,
        workload: Some(&object),
        pods: vec![],
        look: look(),
    };
    assert_eq!(verdict(&scene, false), Verdict::NoNode);
    assert_eq!(
        Verdict::NoNode.tone(),
        crate::model::Tone::Off,
        "nothing is meant to run, so nothing waits"
    );
}

#[test]
fn the_verdict_looks_back_and_has_patience() {
    let complete = of_deployment(healthy());
    let short = of_deployment(
        json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 2,
                                     "availableReplicas": 2}),
    );
    let rolling = of_deployment(
        json!({"observedGeneration": 2, "replicas": 4, "updatedReplicas": 1, "readyReplicas": 3,
                                       "availableReplicas": 3}),
    );
    let none = of_deployment(json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3}));
    let no_more = Rollout {
        desired: 0,
        ..rolling.clone()
    };
    let fresh = || starting("20:29:55", json!({ "readinessProbe": {} }));
    let dead = || starting("20:20:00", json!({ "readinessProbe": {} }));
    let once = || pod("p", running(), end(1, "Error", "20:01:00", "20:29:50"), 1);
    #[rustfmt::skip] // a table
    let cases = [
        ("all well", &complete, vec![well("p")], false, Verdict::Healthy),
        ("a moment after one end", &complete, vec![once()], false, Verdict::Troubled),
        ("between two crashes", &complete, vec![pod("p", running(), crash(), 3)], false, Verdict::Troubled),
        ("an incident is open still", &complete, vec![well("p")], true, Verdict::Troubled),
        ("a pod starts", &short, vec![well("a"), fresh()], false, Verdict::Starting),
        ("a pod does not get ready", &short, vec![well("a"), dead()], false, Verdict::Degraded),
        ("none gets ready", &none, vec![dead()], false, Verdict::Down),
        ("a rollout goes on", &rolling, vec![well("a"), fresh()], false, Verdict::RollingOut),
        ("no pods are wanted, and the last ones fail", &no_more, vec![dead()], false, Verdict::ScalingDown),
        ("a rollout fails", &rolling, vec![well("a"), dead()], false, Verdict::RolloutFails),
    ];
    for (what, rollout, pods, told, expected) in cases {
        assert_eq!(judged(rollout, &pods, told), expected, "{what}");
    }
}

#[test]
fn a_pod_that_waits_for_the_one_before_it_lacks_no_node() {
    let mut pending = well("p");
    pending["status"] = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
        "reason": "Unschedulable", "lastTransitionTime": "2026-11-22T20:29:00Z",
        "message": "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. preemption: no"}]});
    let mut leaving = well("a");
    leaving["metadata"]["deletionTimestamp"] = json!(NOW);
    let short = of_deployment(
        json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 2,
                                     "availableReplicas": 2}),
    );
    let waits = [pending.clone(), leaving.clone()];
    assert_eq!(judged(&short, &waits, false), Verdict::Starting);
    assert_eq!(problems(&waits), []);
    assert_eq!(judged(&short, &[pending.clone()], false), Verdict::Degraded);
    assert_eq!(problems(&[pending]), [Problem::Unschedulable]);
}

#[test]
fn a_pod_on_a_node_that_fails_is_told_by_the_node() {
    let node: Node = serde_json::from_value(
        json!({"metadata": {"name": "n1"}, "status": {"conditions": [{"type": "Ready",
        "status": "False", "lastTransitionTime": "2026-11-22T20:20:00Z", "reason": "KubeletNotReady",
        "message": "container runtime is down"}]}}),
    )
    .unwrap();
    let around = Surroundings::default().on([&node]);
    let mut lost = well("p");
    lost["status"]["conditions"][0]["status"] = json!("False");
    let text = of_pod(&object(lost), look().among(&around))
        .unwrap()
        .text()
        .plain();
    assert!(text.starts_with("its node n1 is not ready since"), "{text}");
    assert!(text.ends_with("the container runtime does not answer"), "{text}");
    assert_eq!(
        of_pod(&object(well("p")), look().among(&around)),
        None,
        "it answers still"
    );
}

fn stateful_set(status: Value) -> Value {
    json!({"kind": "StatefulSet", "metadata": {"name": "db", "namespace": "shop", "uid": "s1", "generation": 1},
        "spec": {"replicas": 2, "selector": {}, "template": template("local/db:v1")}, "status": status})
}

#[test]
fn pods_that_are_refused_are_told_whatever_makes_them() {
    let refusal = json!({"kind": "Event", "metadata": {"name": "db.1", "namespace": "shop"}, "type": "Warning", "reason": "FailedCreate",
        "message": "create Pod db-0 in StatefulSet db failed error: pods \"db-0\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1",
        "lastTimestamp": "2026-11-22T20:29:00Z", "involvedObject": {"kind": "StatefulSet", "name": "db", "uid": "s1"}});
    let lacking = [
        stateful_set(json!({"observedGeneration": 1, "replicas": 0})),
        refusal.clone(),
    ];
    let seen = sightings("prod", &Cached::holding("prod", "shop", &lacking), look());
    let [one] = seen.as_slice() else {
        panic!("{seen:?}")
    };
    assert_eq!(one.key.to_string(), "prod/shop/statefulset/db/pods_refused");
    assert!(
        one.text.plain().contains("the quota q is used up"),
        "{}",
        one.text.plain()
    );
    let whole = [
        stateful_set(json!({"observedGeneration": 1, "replicas": 2, "readyReplicas": 2})),
        refusal,
    ];
    assert_eq!(
        sightings("prod", &Cached::holding("prod", "shop", &whole), look()),
        [],
        "there is room since"
    );
}

fn job(name: &str, made: &str, owner: Value, condition: &str) -> Value {
    json!({"kind": "Job", "metadata": {"name": name, "namespace": "shop", "uid": name, "ownerReferences": owner,
            "creationTimestamp": format!("2026-11-22T{made}Z")},
        "spec": {}, "status": {"failed": 2, "conditions": [{"type": condition, "status": "True", "reason": "BackoffLimitExceeded",
            "lastTransitionTime": "2026-11-22T20:25:00Z", "message": "Job has reached the specified backoff limit"}]}})
}

#[test]
fn a_job_that_gave_up_is_told_until_the_next_of_its_cron_job_succeeds() {
    let cron = || json!([{"apiVersion": "batch/v1", "kind": "CronJob", "name": "backup", "uid": "c1", "controller": true}]);
    let told = |objects: &[Value]| -> Vec<String> {
        let seen = sightings("prod", &Cached::holding("prod", "shop", objects), look());
        seen.iter()
            .map(|s| format!("{} {}", s.key, s.text.plain()))
            .collect()
    };
    let alone = job("migrate", "20:00:00", json!([]), "Failed");
    assert_eq!(
        told(&[alone]),
        ["prod/shop/job/migrate/job_failed 2 pods of it failed, and it allows no more"]
    );
    let first = || job("backup-1", "20:00:00", cron(), "Failed");
    assert_eq!(
        told(&[first()]),
        ["prod/shop/cronjob/backup/job_failed 2 pods of it failed, and it allows no more"]
    );
    assert!(told(&[first(), job("backup-2", "20:10:00", cron(), "Complete")]).is_empty());
}

#[test]
fn whose_problem_is_over_is_well_only_with_all_its_pods_ready_and_none_that_fails() {
    let fresh = || starting("20:29:55", json!({ "readinessProbe": {} }));
    let named = |name: &str, mut pod: Value| {
        pod["metadata"]["name"] = json!(name);
        pod["metadata"]["uid"] = json!(name);
        pod
    };
    let left = |pods: [Value; 3]| {
        let mut objects = vec![
            deployment(1, "local/api:v1", healthy()),
            replica_set("api-7f", "rs1", 1, "local/api:v1"),
        ];
        objects.extend(pods);
        let cached = Cached::holding("prod", "shop", &objects);
        let object = cached.workloads().remove(0);
        super::left(&cached, &object, look()).map(|left| match left {
            Left::Pods { ready, desired } => (ready, desired),
            Left::JobFailed => (-1, -1),
        })
    };
    assert_eq!(left([well("a"), well("b"), well("c")]), None);
    assert_eq!(
        left([well("a"), well("b"), named("c", fresh())]),
        Some((2, 3)),
        "one starts"
    );
    let mut leaving = well("c");
    leaving["metadata"]["deletionTimestamp"] = json!(NOW);
    assert_eq!(left([well("a"), well("b"), leaving]), Some((2, 3)));
    let none = ["a", "b", "c"].map(|name| named(name, fresh()));
    assert_eq!(left(none), Some((0, 3)));
}

#[test]
fn of_the_jobs_of_a_cron_job_the_newest_says_how_it_is() {
    let job = |name: &str, made: &str, end: &str| {
        json!({"kind": "Job", "metadata": {"name": name, "namespace": "shop", "uid": name,
                "creationTimestamp": format!("2026-11-22T{made}Z"), "ownerReferences": [{"apiVersion": "batch/v1",
                    "kind": "CronJob", "name": "nightly", "uid": "c1", "controller": true}]},
            "spec": {}, "status": {"conditions": [{"type": end, "status": "True"}]}})
    };
    let owner = Owner::new("cronjob", "nightly");
    let state = |objects: &[Value]| last_job(&Cached::holding("prod", "shop", objects), &owner);
    let failed = |state: JobState| matches!(state, JobState::Failed { .. });
    assert_eq!(state(&[]), JobState::Gone);
    assert!(failed(state(&[
        job("b", "20:00:00", "Complete"),
        job("a", "20:10:00", "Failed")
    ])));
    assert!(!failed(state(&[
        job("b", "20:20:00", "Complete"),
        job("a", "20:10:00", "Failed")
    ])));
}
