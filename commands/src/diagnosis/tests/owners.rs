//! Whose problem a pod's trouble is, whatever the pod says of itself.

use super::*;

/// A pod that crashes, and whose maker wrote that this controls it.
fn owned(api: &str, kind: &str, name: &str, uid: &str) -> Value {
    let mut pod = pod(
        "p",
        waiting("CrashLoopBackOff", ""),
        end(3, "Error", "20:29:40", "20:29:41"),
        3,
    );
    pod["metadata"]["ownerReferences"] =
        json!([{"apiVersion": api, "kind": kind, "name": name, "uid": uid, "controller": true}]);
    pod
}

fn owners(objects: &[Value]) -> Vec<String> {
    let sightings = super::super::sightings("prod", &Cached::holding("prod", "shop", objects), look());
    sightings.iter().map(|s| s.key.owner.to_string()).collect()
}

#[test]
fn who_owns_a_pod_owns_its_problem() {
    let workload = |kind: &str, name: &str| {
        json!({"kind": kind, "metadata": {"name": name, "namespace": "shop", "uid": format!("uid-of-{name}")},
            "spec": {"selector": {}, "serviceName": "s", "template": {}}})
    };
    let mut alone = replica_set("alone", "rs9", 1, "local/api:v1");
    alone["metadata"]["ownerReferences"] = Value::Null;
    let nightly = json!({"kind": "Job", "metadata": {"name": "nightly-1", "namespace": "shop", "uid": "j1",
            "ownerReferences": [{"apiVersion": "batch/v1", "kind": "CronJob", "name": "nightly", "uid": "c1", "controller": true}]},
        "spec": {}, "status": {}});
    let mut bare = owned("v1", "", "", "");
    bare["metadata"]["ownerReferences"] = Value::Null;
    let world = [
        deployment(1, "local/api:v1", healthy()),
        replica_set("api-7f", "rs1", 1, "local/api:v1"),
        alone,
        workload("StatefulSet", "postgres"),
        workload("DaemonSet", "agent"),
        nightly,
    ];
    for (pod, owner) in [
        (
            owned("apps/v1", "ReplicaSet", "api-7f", "rs1"),
            Some("deployment/api"),
        ),
        (
            owned("apps/v1", "ReplicaSet", "alone", "rs9"),
            Some("replicaset/alone"),
        ),
        (
            owned("apps/v1", "StatefulSet", "postgres", "uid-of-postgres"),
            Some("statefulset/postgres"),
        ),
        (
            owned("apps/v1", "DaemonSet", "agent", "uid-of-agent"),
            Some("daemonset/agent"),
        ),
        (owned("batch/v1", "Job", "backup-1", "u"), Some("job/backup-1")),
        (
            owned("batch/v1", "Job", "nightly-1", "j1"),
            Some("cronjob/nightly"),
        ),
        (bare, Some("pod/p")),
        // Gone: the garbage collector comes.
        (owned("apps/v1", "StatefulSet", "was", "u"), None),
        (owned("apps/v1", "ReplicaSet", "was", "u"), None),
    ] {
        let objects: Vec<Value> = world.iter().cloned().chain([pod]).collect();
        assert_eq!(owners(&objects), Vec::from_iter(owner));
    }
}

#[test]
fn an_owner_that_is_only_claimed_owns_nothing() {
    let world = [
        deployment(1, "local/api:v1", healthy()),
        replica_set("api-7f", "rs1", 1, "local/api:v1"),
    ];
    for (api, kind, name) in [
        ("apps/v1", "ReplicaSet", "api-7f"),
        ("apps/v1", "Deployment", "api"),
        ("example.com/v1", "StatefulSet", "postgres;share=true"),
        ("example.com/v1", "Job", "backup-1"),
        ("batch/v1", "Job", "postgres;share=true"),
        ("batch/v1", "Job", "UPPER"),
        ("batch/v1", "Job", ""),
        ("v1", "Node", "n1"),
    ] {
        let objects: Vec<Value> = world
            .iter()
            .cloned()
            .chain([owned(api, kind, name, "forged")])
            .collect();
        assert_eq!(owners(&objects), ["pod/p"], "{api} {kind} {name}");
    }
    let mut set = replica_set("mine", "rs7", 1, "local/api:v1");
    set["metadata"]["ownerReferences"][0]["uid"] = json!("forged");
    let objects: Vec<Value> = world
        .iter()
        .cloned()
        .chain([set, owned("apps/v1", "ReplicaSet", "mine", "rs7")])
        .collect();
    assert_eq!(
        owners(&objects),
        ["pod/p"],
        "a ReplicaSet that says it is a Deployment's"
    );
}
