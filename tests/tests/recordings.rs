//! The recorded exchanges with a real 1.36 cluster, replayed against the simulator.
//!
//! Each exchange of `recordings/` is sent to a simulated cluster that was brought into the state of the recorded one.
//! Status codes, reasons, messages and every field of the answer must agree; what a cluster draws by lot (uids,
//! resource versions, times, generated names) is mapped or left out, and nothing else is. `managedFields` were removed
//! from the recordings and are looked at by tests of their own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that meets what it does not expect must fail, also in its helpers"
)]

use serde_json::{Value, json};

#[path = "recordings/world.rs"]
mod world;

use world::{ADMIN, World, compare, exchange, fixture, normal};

fn phase(pod: &Value, phase: &str) -> bool {
    pod["status"]["phase"] == phase
}

fn waits_for(pod: &Value, reason: &str) -> bool {
    pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == reason
}

fn ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    conditions
        .into_iter()
        .any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

fn has_condition(object: &Value, kind: &str, reason: &str) -> bool {
    let conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    conditions
        .into_iter()
        .any(|condition| condition["type"] == kind && condition["reason"] == reason)
}

const API: &str = "/apis/apps/v1/namespaces/ceoagent/deployments/ceoagent-api";

/// Waits until the application runs so many replicas.
async fn settled(world: &World, replicas: u64) -> Value {
    world
        .until(API, |object| {
            let status = &object["status"];
            status["readyReplicas"] == replicas
                && status["replicas"] == replicas
                && status["observedGeneration"] == object["metadata"]["generation"]
                && status.get("unavailableReplicas").is_none()
                && has_condition(object, "Progressing", "NewReplicaSetAvailable")
        })
        .await
}

#[tokio::test]
async fn errors_read_as_recorded() {
    let mut world = World::start().await;
    world.sim.metrics_installed(false);
    world.apply("Deployment/ceoagent-api").await;
    world.apply("Deployment/readiness-failing").await;
    world.apply("PodDisruptionBudget/readiness-failing").await;
    world
        .pod("broken", "readiness-failing", |pod| phase(pod, "Running"))
        .await;
    for (name, _) in fixture("09-errors").as_object().unwrap() {
        world.replay("09-errors", name).await;
    }
}

#[tokio::test]
async fn access_is_told_as_recorded() {
    let world = World::start().await;
    world.sim.metrics_installed(false);
    for name in [
        "readyz",
        "version",
        "self-subject-review",
        "ssar-allowed",
        "ssar-denied",
    ] {
        world.replay("10-access", name).await;
    }
    // The simulator serves fewer kinds than a real server; those that it serves are described in the same words.
    for (name, list, key) in [
        ("api-groups", "groups", "name"),
        ("apps-v1-resources", "resources", "name"),
        ("core-v1-resources", "resources", "name"),
    ] {
        let exchange = exchange("10-access", name);
        let actual = world.get(exchange.request["path"].as_str().unwrap()).await;
        let recorded = exchange.response["body"][list].as_array().unwrap();
        let served = actual[list].as_array().unwrap();
        assert!(served.len() * 10 >= recorded.len() * 6, "{name}: most are served");
        for entry in served {
            let found = recorded.iter().find(|recorded| recorded[key] == entry[key]);
            let mut differences = Vec::new();
            compare("", found.unwrap_or(&Value::Null), entry, &mut differences);
            assert!(
                differences.is_empty(),
                "{name} {}: {}",
                entry[key],
                differences.join("\n")
            );
        }
    }
}

#[tokio::test]
async fn scale_behaves_as_recorded() {
    let world = World::start().await;
    world.apply("Deployment/ceoagent-api").await;
    settled(&world, 3).await;
    world.replay("06-scale", "get-scale").await;
    world.replay("06-scale", "patch-scale").await;
    settled(&world, 5).await;
    for name in [
        "patch-scale-dry-run",
        "patch-scale-negative",
        "patch-scale-stale-resource-version",
        "put-scale-stale-conflict",
    ] {
        world.replay("06-scale", name).await;
    }
    let after = settled(&world, 5).await;
    assert_eq!(
        after["metadata"]["generation"], 2,
        "the dry run and the refused writes changed nothing"
    );
}

#[tokio::test]
async fn preconditions_hold_as_recorded() {
    let mut world = World::start().await;
    world.apply("Deployment/ceoagent-api").await;
    let object = settled(&world, 3).await;
    let scaled = json!({"body": {"spec": {"replicas": 4}}, "contentType": "application/merge-patch+json"});
    world.send(ADMIN, "PATCH", API, &scaled).await;
    settled(&world, 4).await;
    world.call(
        "aeba5bdc-ffef-4db1-a9df-7cdc64c14f1f",
        object["metadata"]["uid"].as_str().unwrap(),
    );
    world
        .pod("ceoagent", "ceoagent-api", |pod| phase(pod, "Running"))
        .await;
    let sets = world.get("/apis/apps/v1/namespaces/ceoagent/replicasets").await;
    world.call(
        "ceoagent-api-c7c6cb5f7",
        sets["items"][0]["metadata"]["name"].as_str().unwrap(),
    );
    // The first patch begins a rollout, which would end the pod that the last request names.
    world.sim.node().freeze(true);
    for name in [
        "json-patch-generation-matches",
        "json-patch-generation-moved",
        "json-patch-uid-differs",
        "json-patch-test-missing-path",
        "delete-with-uid-precondition-differs",
    ] {
        world.replay("15-preconditions", name).await;
    }
}

#[tokio::test]
async fn leases_watches_and_lists_behave_as_recorded() {
    let mut world = World::start().await;
    world.call("ceo-bot-486v2", "ceo-bot-(drawn)");
    for name in [
        "lease-create",
        "lease-create-again",
        "lease-stale-put",
        "list-bad-field-selector",
    ] {
        world.replay("11-lease-watch", name).await;
    }
    // A generated name cannot be mapped before it is drawn.
    let created = exchange("11-lease-watch", "event-create");
    let path = created.request["path"].as_str().unwrap();
    let (status, mut event) = world.send(ADMIN, "POST", path, &created.request).await;
    assert_eq!(status, 201);
    assert!(
        event["metadata"]["name"]
            .as_str()
            .unwrap()
            .starts_with("ceo-bot-")
    );
    event["metadata"]["name"] = created.response["body"]["metadata"]["name"].clone();
    let mut differences = Vec::new();
    compare(
        "",
        &normal(&created.response["body"]),
        &normal(&event),
        &mut differences,
    );
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    // The other view of the same event.
    let core = world
        .get("/api/v1/namespaces/ceoagent/events?fieldSelector=reason=RollbackRequested")
        .await;
    assert_eq!(core["items"][0]["message"], "rolled back");

    // The real cluster had one more ConfigMap, of a controller that is not simulated.
    for name in ["watch-with-bookmarks", "watch-list-send-initial-events"] {
        let recorded = exchange("11-lease-watch", name);
        let (status, body) = world
            .send(
                ADMIN,
                "GET",
                recorded.request["path"].as_str().unwrap(),
                &recorded.request,
            )
            .await;
        assert_eq!(status, 200);
        let mut expected = recorded.response["body"].clone();
        let events = expected["events"].as_array_mut().unwrap();
        events.retain(|event| event["object"]["metadata"]["name"] != "openshift-service-ca.crt");
        let mut actual = body.clone();
        // While it lasts a watch gets more bookmarks at the pace of the simulator; the recorded one lasted 3 s.
        actual["events"].as_array_mut().unwrap().truncate(events.len());
        let mut differences = Vec::new();
        compare("", &normal(&expected), &normal(&actual), &mut differences);
        assert!(
            differences.is_empty(),
            "{name}:\n{}\n{body:#}",
            differences.join("\n")
        );
    }
}

#[tokio::test]
async fn a_list_comes_in_chunks_as_recorded() {
    let world = World::start().await;
    for name in ["image-pull", "unschedulable", "config-error"] {
        world.apply(&format!("Deployment/{name}")).await;
    }
    let recorded = exchange("11-lease-watch", "list-chunked");
    let path = recorded.request["path"].as_str().unwrap();
    world
        .until("/api/v1/namespaces/broken/pods", |list| {
            list["items"].as_array().is_some_and(|pods| pods.len() == 3)
        })
        .await;
    let first = world.get(path).await;
    assert_eq!(first["kind"], recorded.response["body"]["kind"]);
    assert_eq!(first["metadata"]["remainingItemCount"], 2);
    assert_eq!(first["items"].as_array().unwrap().len(), 1);
    let mut names = vec![first["items"][0]["metadata"]["name"].clone()];
    let mut next = first["metadata"]["continue"].as_str().map(str::to_owned);
    while let Some(token) = next {
        let page = world.get(&format!("{path}&continue={token}")).await;
        assert_eq!(
            page["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"],
            "one snapshot"
        );
        names.push(page["items"][0]["metadata"]["name"].clone());
        next = page["metadata"]["continue"].as_str().map(str::to_owned);
    }
    assert_eq!(names.len(), 3);
    // A compaction keeps the newest state: only what something newer has followed is gone.
    let later = json!({"body": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "later"}}});
    let (status, body) = world
        .send(ADMIN, "POST", "/api/v1/namespaces/broken/configmaps", &later)
        .await;
    assert_eq!(status, 201, "{body}");
    world.sim.store().compact(world.sim.store().newest());
    let token = first["metadata"]["continue"].as_str().unwrap();
    let (status, gone) = world
        .send(ADMIN, "GET", &format!("{path}&continue={token}"), &json!({}))
        .await;
    assert_eq!((status, &gone["reason"]), (410, &json!("Expired")));
}

#[tokio::test]
async fn server_side_apply_behaves_as_recorded() {
    let world = World::start().await;
    for name in ["ssa-create", "ssa-conflict", "ssa-force", "ssa-dry-run"] {
        world.replay("13-kubectl", name).await;
    }
    let kept = world
        .get("/api/v1/namespaces/ceoagent/configmaps/ceoagent-config")
        .await;
    assert_eq!(kept["data"], json!({"LOG_LEVEL": "debug", "WORKERS": "4"}));
    let managers: Vec<_> = kept["metadata"]["managedFields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["manager"].clone())
        .collect();
    assert_eq!(managers, ["ceo", "other"]);
}

#[tokio::test]
async fn logs_are_refused_as_recorded() {
    let mut world = World::start().await;
    for name in [
        "config-error",
        "image-pull",
        "two-containers",
        "unschedulable",
        "init-failing",
    ] {
        world.apply(&format!("Deployment/{name}")).await;
    }
    world
        .pod("broken", "config-error", |pod| {
            waits_for(pod, "CreateContainerConfigError")
        })
        .await;
    world
        .pod("broken", "image-pull", |pod| waits_for(pod, "ImagePullBackOff"))
        .await;
    world.pod("broken", "two-containers", ready).await;
    world
        .pod("broken", "unschedulable", |pod| phase(pod, "Pending"))
        .await;
    for name in [
        "config-error",
        "no-such-container",
        "no-such-pod",
        "pending-unscheduled",
        "previous-none",
        "two-containers-no-container-named",
        "waiting-to-start-image-pull",
    ] {
        world.replay("08-logs", name).await;
    }
}

#[tokio::test]
async fn services_are_proxied_as_recorded() {
    let mut world = World::start().await;
    world.apply("Deployment/ceoagent-api").await;
    world.apply("Service/ceoagent-api").await;
    let service = json!({"body": {"metadata": {"name": "no-endpoints"}, "spec": {"selector": {"app": "nope"},
        "ports": [{"port": 80, "targetPort": 8000}]}}});
    let (status, _) = world
        .send(ADMIN, "POST", "/api/v1/namespaces/broken/services", &service)
        .await;
    assert_eq!(status, 201);
    settled(&world, 3).await;
    world.pod("ceoagent", "ceoagent-api", ready).await;
    for (name, _) in fixture("14-service-proxy").as_object().unwrap() {
        world.replay("14-service-proxy", name).await;
    }
}

#[tokio::test]
async fn objects_are_stored_as_recorded() {
    let world = World::start().await;
    for (name, object) in fixture("objects").as_object().unwrap() {
        let mut created = normal(&world.apply(name).await);
        let mut recorded = normal(&object["stored"]);
        for object in [&mut created, &mut recorded] {
            object.as_object_mut().unwrap().remove("status");
            let metadata = object["metadata"].as_object_mut().unwrap();
            // What controllers and later commands did to the recorded object is not the server's doing.
            metadata.remove("generation");
            let annotations = metadata["annotations"].as_object_mut().unwrap();
            annotations.retain(|name, _| name == "kubectl.kubernetes.io/last-applied-configuration");
            for field in ["clusterIP", "clusterIPs"] {
                if let Some(address) = object["spec"].get_mut(field) {
                    *address = json!("<drawn>");
                }
            }
        }
        let mut differences = Vec::new();
        compare("", &recorded, &created, &mut differences);
        assert!(differences.is_empty(), "{name}:\n{}", differences.join("\n"));
    }
}

#[tokio::test]
async fn every_write_says_who_wrote() {
    let world = World::start().await;
    world.apply("Deployment/ceoagent-api").await;
    settled(&world, 3).await;
    let patch = |body: Value, kind: &str| json!({"body": body, "contentType": kind});
    let image = json!({"spec": {"template": {"spec": {"containers": [{"name": "api", "image": "docker.io/local/api:v1.1.0"}]}}}});
    let strategic = "application/strategic-merge-patch+json";
    world
        .send(
            ADMIN,
            "PATCH",
            &format!("{API}?fieldManager=kubectl-set"),
            &patch(image, strategic),
        )
        .await;
    let scale = patch(json!({"spec": {"replicas": 2}}), "application/merge-patch+json");
    world
        .send(ADMIN, "PATCH", &format!("{API}/scale?fieldManager=ceo"), &scale)
        .await;
    let object = world.get(API).await;
    assert_eq!(
        object["spec"]["template"]["spec"]["containers"]
            .as_array()
            .unwrap()
            .len(),
        1,
        "merged by name"
    );
    let entry = |manager: &str| {
        let entries = object["metadata"]["managedFields"].as_array().unwrap();
        entries
            .iter()
            .find(|entry| entry["manager"] == manager)
            .cloned()
            .unwrap_or_default()
    };
    let set = entry("kubectl-set");
    assert_eq!(set["operation"], "Update");
    assert!(set["time"].is_string());
    let containers = &set["fieldsV1"]["f:spec"]["f:template"]["f:spec"]["f:containers"];
    assert_eq!(*containers, json!({"k:{\"name\":\"api\"}": {"f:image": {}}}));
    // As in the recorded 422 of a strict patch: an entry of `scale` has no time.
    assert_eq!(
        entry("ceo"),
        json!({"manager": "ceo", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
               "subresource": "scale", "fieldsV1": {"f:spec": {"f:replicas": {}}}})
    );
    let created = entry("kubectl-client-side-apply");
    assert!(
        created["fieldsV1"]["f:spec"].get("f:replicas").is_none(),
        "the last writer owns the count"
    );
}
