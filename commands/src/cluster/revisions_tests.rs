//! ReplicaSets and ControllerRevisions as a real 1.36 cluster kept them (`03-undo`, `12-statefulset-daemonset`), shortened.

use serde_json::{Value, json};

use super::*;
use crate::model::WorkloadKind;

const UID: &str = "7f28ecff-a884-4dde-95da-291931d2b490";

fn template(image: &str, hash: Option<&str>) -> Value {
    let mut labels = json!({ "app": "ceoagent-api" });
    if let Some(hash) = hash {
        labels["pod-template-hash"] = json!(hash);
    }
    json!({ "metadata": { "labels": labels },
            "spec": { "containers": [ { "name": "api", "image": image, "resources": {} } ] } })
}

fn owner(kind: &str, uid: &str) -> Value {
    json!([ { "apiVersion": "apps/v1", "kind": kind, "name": "x", "uid": uid, "controller": true } ])
}

fn replica_set(name: &str, revision: &str, image: &str, (uid, pods): (&str, i32)) -> Value {
    json!({ "metadata": { "name": name, "creationTimestamp": "2026-11-22T20:00:41Z", "ownerReferences": owner("Deployment", uid),
                "annotations": { "deployment.kubernetes.io/revision": revision, "kubernetes.io/change-cause": format!("to {image}") } },
            "spec": { "template": template(image, Some("c7c6cb5f7")) }, "status": { "replicas": pods } })
}

fn deployment(image: &str) -> WorkloadObject {
    let value = json!({ "metadata": { "name": "ceoagent-api", "namespace": "ceoagent", "uid": UID, "generation": 4,
                            "annotations": { "deployment.kubernetes.io/revision": "3" } },
        "spec": { "selector": { "matchLabels": { "app": "ceoagent-api" } }, "template": template(image, None) } });
    WorkloadObject::of_value("prod", WorkloadKind::Deployment, value).unwrap()
}

#[test]
fn revisions_of_a_deployment_are_its_own_replica_sets_newest_first() {
    let list = vec![
        replica_set("a", "2", "api:v1.1.0", (UID, 0)),
        replica_set("b", "3", "api:v1.0.0", (UID, 3)),
        replica_set("z", "9", "api:v1.0.0", ("another", 1)),
    ];
    let found = of_list(&deployment("api:v1.0.0"), list);
    let short: Vec<_> = found
        .iter()
        .map(|r| (r.number, r.name.as_str(), r.current, r.pods))
        .collect();
    assert_eq!(short, [(3, "b", true, 3), (2, "a", false, 0)]);
    assert_eq!(
        found[1].template,
        template("api:v1.1.0", None),
        "without pod-template-hash, as kubectl puts it back"
    );
    assert_eq!(found[1].images, [("api".to_owned(), "api:v1.1.0".to_owned())]);
    assert_eq!(found[1].change_cause.as_deref(), Some("to api:v1.1.0"));
}

#[test]
fn a_template_without_a_replica_set_has_no_current_revision() {
    // Right after a change, and as long as a Deployment is paused.
    let found = of_list(
        &deployment("api:v9"),
        vec![replica_set("a", "2", "api:v1.1.0", (UID, 3))],
    );
    assert!(found.iter().all(|r| !r.current));
}

fn controller_revision(name: &str, revision: i64, image: &str) -> Value {
    let mut stored = template(image, None);
    stored["$patch"] = json!("replace");
    json!({ "metadata": { "name": name, "ownerReferences": owner("StatefulSet", UID), "labels": { "app": "postgres" } },
            "data": { "spec": { "template": stored } }, "revision": revision })
}

#[test]
fn revisions_of_a_stateful_set_are_controller_revisions() {
    let value = json!({ "metadata": { "name": "postgres", "namespace": "broken", "uid": UID, "generation": 2 },
        "spec": { "serviceName": "postgres", "selector": {}, "template": template("api:v1.1.0", None) },
        "status": { "replicas": 2, "observedGeneration": 2, "updateRevision": "postgres-64c87dcb68" } });
    let object = WorkloadObject::of_value("prod", WorkloadKind::StatefulSet, value).unwrap();
    let found = of_list(
        &object,
        vec![
            controller_revision("postgres-69c546bb7", 1, "api:v1.0.0"),
            controller_revision("postgres-64c87dcb68", 2, "api:v1.1.0"),
        ],
    );
    let short: Vec<_> = found.iter().map(|r| (r.number, r.current)).collect();
    assert_eq!(short, [(2, true), (1, false)]);
    assert_eq!(
        found[1].template,
        template("api:v1.0.0", None),
        "without the patch directive"
    );
}

#[test]
fn absent_and_empty_are_alike_to_a_controller() {
    let a = json!({ "metadata": { "labels": { "a": "b" }, "creationTimestamp": null }, "spec": { "containers": [ { "name": "x", "resources": {} } ] } });
    let b = json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "containers": [ { "name": "x" } ], "volumes": [] } });
    assert!(same_template(&a, &b));
    let c = json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "containers": [ { "name": "y" } ] } });
    assert!(!same_template(&b, &c));
}

#[test]
fn what_only_lacks_something_is_told_from_what_differs() {
    let of = |env: Value, args: Value| json!({ "spec": { "containers": [ { "name": "api", "image": "a:1", "env": env, "args": args } ] } });
    let both = json!([ { "name": "A", "value": "1" }, { "name": "NEED", "value": "x" } ]);
    let one = json!([ { "name": "A", "value": "1" } ]);
    let other = json!([ { "name": "A", "value": "2" } ]);
    for (before, after, expected, why) in [
        (
            (&both, json!(["x"])),
            (&one, json!(["x"])),
            true,
            "a variable of two is gone",
        ),
        (
            (&one, json!([])),
            (&Value::Null, json!([])),
            true,
            "the only one is gone",
        ),
        (
            (&both, json!([])),
            (&other, json!([])),
            false,
            "another one changed",
        ),
        ((&one, json!([])), (&both, json!([])), false, "one came"),
        ((&one, json!([])), (&one, json!([])), false, "nothing differs"),
        (
            (&one, json!(["a", "b"])),
            (&one, json!(["a"])),
            false,
            "a list without keys is written as a whole",
        ),
    ] {
        let (before, after) = (of(before.0.clone(), before.1), of(after.0.clone(), after.1));
        assert_eq!(only_lacks(&before, &after), expected, "{why}");
    }
}
