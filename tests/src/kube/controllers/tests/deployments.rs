//! Deployments: bounds, revisions, deadlines, gates, strategies.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::meta::{annotation, condition, text};
use super::{SOON, apps, cluster, events_of, set_image};
use crate::kube::fixtures::{self, install};
use crate::kube::key::Key;
use crate::kube::sim::KubeSim;
use crate::kube::store::{EventKind, Store};

/// A cluster in which the Deployment `n/api` has rolled out.
async fn started(deployment: Value) -> (KubeSim, Key) {
    let sim = cluster().await;
    install(sim.store(), deployment).unwrap();
    rolled_out(&sim).await;
    (sim, apps("deployments", "api"))
}

async fn rolled_out(sim: &KubeSim) {
    assert!(sim.rolled_out("n", "deployments", "api", SOON).await);
}

/// The ReplicaSets of a Deployment: image, revision, revisions before, replicas.
fn history(store: &Store) -> Vec<(String, String, String, i64)> {
    let (sets, _) = store.list("apps", "replicasets", Some("n"));
    let mut all: Vec<_> = sets
        .iter()
        .map(|set| {
            let image = text(set, "/spec/template/spec/containers/0/image")
                .rsplit(':')
                .next()
                .unwrap()
                .to_owned();
            let revision = annotation(set, "deployment.kubernetes.io/revision").to_owned();
            let before = annotation(set, "deployment.kubernetes.io/revision-history").to_owned();
            (image, revision, before, set["spec"]["replicas"].as_i64().unwrap())
        })
        .collect();
    all.sort();
    all
}

fn row(image: &str, revision: &str, before: &str, replicas: i64) -> (String, String, String, i64) {
    (image.into(), revision.into(), before.into(), replicas)
}

#[tokio::test]
async fn a_rolling_update_keeps_within_its_bounds() {
    let (sim, key) = started(fixtures::deployment("n", "api", 3, "docker.io/local/api:v1.0.0")).await;
    let start = sim.store().newest();
    set_image(&sim, &key, "docker.io/local/api:v1.1.0");
    rolled_out(&sim).await;
    let (events, _) = sim.store().since_of("apps", "deployments", start).unwrap();
    // 25 % of three is a surge of one and no unavailability.
    for event in &events {
        let status = &event.object["status"];
        assert!(status["availableReplicas"].as_i64().unwrap() >= 3, "{status:#}");
        assert!(status["replicas"].as_i64().unwrap() <= 4, "{status:#}");
    }
    let mut reasons: Vec<&str> = events
        .iter()
        .map(|event| {
            condition(&event.object, "Progressing").unwrap()["reason"]
                .as_str()
                .unwrap()
        })
        .collect();
    reasons.dedup();
    assert_eq!(
        reasons,
        [
            "NewReplicaSetAvailable",
            "NewReplicaSetCreated",
            "ReplicaSetUpdated",
            "NewReplicaSetAvailable"
        ]
    );
    let scaled = events_of(sim.store(), "n", "Deployment", "ScalingReplicaSet");
    assert_eq!(scaled.len(), 7, "{scaled:?}");
    sim.stop().await;
}

#[tokio::test]
async fn an_undo_takes_the_old_replica_set_with_the_next_revision() {
    let (sim, key) = started(fixtures::deployment("n", "api", 3, "docker.io/local/api:v1.0.0")).await;
    set_image(&sim, &key, "docker.io/local/api:v1.1.0");
    rolled_out(&sim).await;
    assert_eq!(
        history(sim.store()),
        [row("v1.0.0", "1", "", 0), row("v1.1.0", "2", "", 3)]
    );
    set_image(&sim, &key, "docker.io/local/api:v1.0.0");
    rolled_out(&sim).await;
    assert_eq!(
        history(sim.store()),
        [row("v1.0.0", "3", "1", 3), row("v1.1.0", "2", "", 0)]
    );
    let deployment = sim.store().get(&key).unwrap();
    assert_eq!(annotation(&deployment, "deployment.kubernetes.io/revision"), "3");
    assert!(
        sim.reaches(SOON, |store| store.list("", "pods", Some("n")).0.len() == 3)
            .await
    );
    sim.stop().await;
}

#[tokio::test]
async fn a_missing_image_runs_into_the_deadline() {
    let sim = cluster().await;
    let key = apps("deployments", "api");
    let mut object = fixtures::deployment("n", "api", 3, "docker.io/local/api:v1.0.0");
    object["spec"]["progressDeadlineSeconds"] = json!(5);
    install(sim.store(), object).unwrap();
    assert!(sim.rolled_out("n", "deployments", "api", SOON).await);
    set_image(&sim, &key, "docker.io/local/api:v9.9.9");
    let late = sim
        .reaches(SOON, |store| {
            let deployment = store.get(&key).unwrap();
            condition(&deployment, "Progressing").is_some_and(|c| c["reason"] == "ProgressDeadlineExceeded")
        })
        .await;
    assert!(late, "{:#}", sim.store().get(&key).unwrap());
    let status = sim.store().get(&key).unwrap()["status"].clone();
    assert_eq!(
        (&status["availableReplicas"], &status["updatedReplicas"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(status["unavailableReplicas"], 1);
    set_image(&sim, &key, "docker.io/local/api:v1.0.0");
    assert!(sim.rolled_out("n", "deployments", "api", SOON).await);
    assert_eq!(
        condition(&sim.store().get(&key).unwrap(), "Progressing").unwrap()["reason"],
        "NewReplicaSetAvailable"
    );
    sim.stop().await;
}

#[tokio::test]
async fn a_gate_freezes_a_rollout_midway() {
    let sim = cluster().await;
    let key = apps("deployments", "api");
    install(
        sim.store(),
        fixtures::deployment("n", "api", 4, "docker.io/local/api:v1.0.0"),
    )
    .unwrap();
    assert!(sim.rolled_out("n", "deployments", "api", SOON).await);
    sim.hold_readiness("n", "api-*", 1);
    set_image(&sim, &key, "docker.io/local/api:v1.1.0");
    let updated = |store: &Store| {
        store.get(&key).unwrap()["status"]["updatedReplicas"]
            .as_i64()
            .unwrap_or(0)
    };
    // maxSurge 1 and maxUnavailable 1 of four: two at first, a third when one is ready, and no more.
    assert!(sim.reaches(SOON, |store| updated(store) == 3).await);
    assert!(
        !sim.reaches(Duration::from_millis(200), |store| updated(store) > 3)
            .await
    );
    sim.release_readiness("n", "api-*");
    assert!(sim.rolled_out("n", "deployments", "api", SOON).await);
    sim.stop().await;
}

#[tokio::test]
async fn recreate_pause_scale_and_history_limit() {
    let sim = cluster().await;
    let key = apps("deployments", "api");
    let mut object = fixtures::deployment("n", "api", 2, "docker.io/local/api:v1.0.0");
    object["spec"]["strategy"] = json!({"type": "Recreate"});
    object["spec"]["revisionHistoryLimit"] = json!(1);
    install(sim.store(), object).unwrap();
    assert!(sim.rolled_out("n", "deployments", "api", SOON).await);
    for image in ["docker.io/local/api:v1.1.0", "docker.io/local/api:v1.2.0"] {
        let start = sim.store().newest();
        set_image(&sim, &key, image);
        assert!(sim.rolled_out("n", "deployments", "api", SOON).await);
        let (pods, _) = sim.store().since_of("", "pods", start).unwrap();
        let first_new = pods
            .iter()
            .position(|event| event.kind == EventKind::Added)
            .unwrap();
        let last_gone = pods
            .iter()
            .rposition(|event| event.kind == EventKind::Deleted)
            .unwrap();
        assert!(last_gone < first_new, "no new pod while an old one is there");
    }
    assert!(
        sim.reaches(SOON, |store| history(store).len() == 2).await,
        "{:?}",
        history(sim.store())
    );
    sim.store()
        .update(&key, |object| object["spec"]["paused"] = json!(true))
        .unwrap();
    set_image(&sim, &key, "docker.io/local/api:v1.0.0");
    sim.store()
        .update(&key, |object| object["spec"]["replicas"] = json!(3))
        .unwrap();
    let paused = sim
        .reaches(SOON, |store| {
            let deployment = store.get(&key).unwrap();
            deployment["status"]["readyReplicas"] == 3
                && condition(&deployment, "Progressing").is_some_and(|c| c["reason"] == "DeploymentPaused")
        })
        .await;
    assert!(paused, "{:#}", sim.store().get(&key).unwrap());
    assert_eq!(
        sim.store().get(&key).unwrap()["status"].get("updatedReplicas"),
        None
    );
    sim.stop().await;
}
