//! Whole workloads on a running cluster, without HTTP: what the recordings show, by meaning.

mod deployments;
mod failures;

use std::time::Duration;

use serde_json::{Value, json};

use super::meta::{is_true, text};
use crate::kube::fixtures::{self, install};
use crate::kube::key::Key;
use crate::kube::sim::{KubeSim, Options};
use crate::kube::store::Store;

const SOON: Duration = Duration::from_secs(20);

async fn cluster() -> KubeSim {
    KubeSim::start(Options {
        seed: 7,
        ..Options::default()
    })
    .await
    .unwrap()
}

fn apps(plural: &str, name: &str) -> Key {
    Key::namespaced("apps", plural, "n", name)
}

fn set_image(sim: &KubeSim, key: &Key, image: &str) {
    sim.store()
        .update(key, |object| {
            object["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image)
        })
        .unwrap();
}

fn events_of(store: &Store, place: &str, kind: &str, reason: &str) -> Vec<String> {
    let (events, _) = store.list("", "events", Some(place));
    let fitting = events
        .iter()
        .filter(|event| event["reason"] == reason && event["involvedObject"]["kind"] == kind);
    fitting.map(|event| text(event, "/message").to_owned()).collect()
}

#[tokio::test]
async fn stateful_and_daemon_sets_roll_and_keep_revisions() {
    let sim = cluster().await;
    sim.add_node("node-2", &crate::kube::node::Size::default());
    let (postgres, agent) = (apps("statefulsets", "postgres"), apps("daemonsets", "agent"));
    install(
        sim.store(),
        fixtures::stateful_set("n", "postgres", 2, "docker.io/local/api:v1.0.0"),
    )
    .unwrap();
    install(
        sim.store(),
        fixtures::daemon_set("n", "agent", "docker.io/local/api:v1.0.0"),
    )
    .unwrap();
    let revisions = |store: &Store| -> Vec<i64> {
        let (all, _) = store.list("apps", "controllerrevisions", Some("n"));
        let mut numbers: Vec<i64> = all.iter().map(|one| one["revision"].as_i64().unwrap()).collect();
        numbers.sort_unstable();
        numbers
    };
    for (image, numbers) in [
        ("v1.0.0", vec![1, 1]),
        ("v1.1.0", vec![1, 1, 2, 2]),
        ("v1.0.0", vec![2, 2, 3, 3]),
    ] {
        for key in [&postgres, &agent] {
            set_image(&sim, key, &format!("docker.io/local/api:{image}"));
        }
        assert!(
            sim.rolled_out("n", "statefulsets", "postgres", SOON).await,
            "{:#}",
            sim.store().get(&postgres).unwrap()
        );
        assert!(
            sim.rolled_out("n", "daemonsets", "agent", SOON).await,
            "{:#}",
            sim.store().get(&agent).unwrap()
        );
        assert_eq!(revisions(sim.store()), numbers);
    }
    assert_eq!(sim.pod_names("n", "postgres-*"), ["postgres-0", "postgres-1"]);
    assert_eq!(
        sim.store().get(&agent).unwrap()["status"]["desiredNumberScheduled"],
        2
    );
    sim.stop().await;
}

#[tokio::test]
async fn a_silent_node_unreadies_its_pods() {
    let sim = cluster().await;
    let key = apps("deployments", "api");
    install(
        sim.store(),
        fixtures::deployment("n", "api", 2, "docker.io/local/api:v1.0.0"),
    )
    .unwrap();
    assert!(sim.rolled_out("n", "deployments", "api", SOON).await);
    sim.node_unreachable("node-1");
    let available = |store: &Store| {
        store.get(&key).unwrap()["status"]["availableReplicas"]
            .as_i64()
            .unwrap_or(0)
    };
    assert!(sim.reaches(SOON, |store| available(store) == 0).await);
    let node = sim.store().get(&Key::cluster("", "nodes", "node-1")).unwrap();
    assert_eq!(
        node["spec"]["taints"].as_array().map(Vec::len),
        Some(2),
        "{node:#}"
    );
    sim.node_ready("node-1");
    assert!(
        sim.reaches(SOON, |store| available(store) == 2).await,
        "{:#}",
        sim.store().get(&key).unwrap()
    );
    sim.cordon("node-1", true);
    sim.store()
        .update(&key, |object| object["spec"]["replicas"] = json!(3))
        .unwrap();
    let refused = |store: &Store| {
        let told = events_of(store, "n", "Pod", "FailedScheduling");
        told.iter()
            .any(|message| message.starts_with("0/1 nodes are available: 1 node(s) were unschedulable."))
    };
    assert!(sim.reaches(SOON, refused).await);
    sim.cordon("node-1", false);
    assert!(sim.rolled_out("n", "deployments", "api", SOON).await);
    sim.stop().await;
}

#[tokio::test]
async fn endpoints_autoscaler_and_garbage() {
    let sim = cluster().await;
    install(
        sim.store(),
        fixtures::deployment("n", "api", 2, "docker.io/local/api:v1.0.0"),
    )
    .unwrap();
    install(sim.store(), fixtures::service("n", "api", "api", 8000)).unwrap();
    assert!(sim.rolled_out("n", "deployments", "api", SOON).await);
    let addresses = |store: &Store| {
        let (slices, _) = store.list("discovery.k8s.io", "endpointslices", Some("n"));
        let endpoints = slices
            .first()
            .and_then(|slice| slice["endpoints"].as_array().cloned())
            .unwrap_or_default();
        endpoints
            .iter()
            .filter(|endpoint| endpoint["conditions"]["ready"] == true)
            .count()
    };
    assert!(sim.reaches(SOON, |store| addresses(store) == 2).await);
    let scaler = json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h", "namespace": "n"},
        "spec": {"maxReplicas": 9, "minReplicas": 1, "metrics": [],
                 "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}},
    });
    install(sim.store(), scaler).unwrap();
    assert!(sim.hpa_sets("n", "h", 4));
    assert!(sim.reaches(SOON, |store| addresses(store) == 4).await);
    sim.store().delete(&apps("deployments", "api"));
    let empty = |store: &Store| {
        store.list("", "pods", Some("n")).0.is_empty()
            && store.list("apps", "replicasets", Some("n")).0.is_empty()
    };
    assert!(sim.reaches(SOON, empty).await);
    assert!(sim.reaches(SOON, |store| addresses(store) == 0).await);
    sim.stop().await;
}

#[tokio::test]
async fn ten_thousand_pods_are_at_rest() {
    let sim = cluster().await;
    fixtures::many_pods(&sim, "load", 10_000).unwrap();
    // All that the controllers make of them is nothing: no pod is created, none deleted.
    let count = |store: &Store| store.list_shared("", "pods", Some("load")).0.len();
    assert_eq!(count(sim.store()), 10_000);
    assert!(
        !sim.reaches(Duration::from_millis(500), |store| count(store) != 10_000)
            .await
    );
    let (pods, _) = sim.store().list_shared("", "pods", Some("load"));
    assert!(pods.iter().all(|pod| is_true(pod, "Ready")));
    assert_eq!(sim.crash_pod("load", "load-0-*", 1, &["boom"]), 100);
    let crashed = sim
        .reaches(SOON, |store| {
            let (pods, _) = store.list_shared("", "pods", Some("load"));
            let restarts = |pod: &Value| {
                pod["status"]["containerStatuses"][0]["restartCount"]
                    .as_i64()
                    .unwrap_or(0)
            };
            pods.iter()
                .filter(|pod| restarts(pod) == 1 && is_true(pod, "Ready"))
                .count()
                == 100
        })
        .await;
    assert!(crashed);
    sim.stop().await;
}
