//! Is each kind of failure told as what it is, soon, and by status and lists of pods alike?

use ceo_tests::world::{IDS, PATIENCE, Setup, World, until};
use k8s_openapi::api::{apps::v1::Deployment, batch::v1::Job};
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::json;

use super::{change, only_one, run, world};
use crate::{says, says_not};

/// The card of a workload once it says this.
async fn status_says(world: &World, app: &str, words: &str) -> anyhow::Result<ceo_tests::discord::Message> {
    let ask = format!("/ceo status workload:deployment/{app}");
    let look = || async {
        let answer = world.ask(&world.viewer(), &ask).await?;
        Ok(answer.text().contains(words).then_some(answer))
    };
    until(PATIENCE, look).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_by_the_liveness_probe_is_no_crash_of_the_program() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    let probe = json!({"exec": {"command": ["/bin/false"]}, "failureThreshold": 2, "periodSeconds": 2});
    change(&world, &app, json!({"livenessProbe": probe})).await?;
    let told = world
        .told(
            IDS.alerts,
            &[
                &format!("deployment/{app}: the kubelet restarts containers"),
                "its liveness probe fails",
            ],
        )
        .await?;
    says_not(
        &told,
        &[
            "containers crash",
            "ends with exit code",
            "readiness probe",
            "probe failed:.",
        ],
    );
    let card = status_says(&world, &app, "its liveness probe fails").await?;
    says_not(&card, &["is healthy", "readiness probe fails"]);
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_is_not_there_is_told_before_the_deadline_of_the_rollout() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    let pod = json!({"containers": [{"name": "api", "volumeMounts": [{"mountPath": "/cfg", "name": "cfg"}]}],
                     "volumes": [{"name": "cfg", "configMap": {"name": "missing-config"}}]});
    let patch = Patch::Strategic(json!({"spec": {"template": {"spec": pod}}}));
    let deployments = world.cluster.api::<Deployment>();
    deployments.patch(&app, &PatchParams::default(), &patch).await?;
    let told = world
        .told(
            IDS.alerts,
            &[
                &format!("deployment/{app}: a volume is not there"),
                "missing-config",
                "not found",
            ],
        )
        .await?;
    assert!(
        told.labels().contains(&"Roll back to 1".to_owned()),
        "{:?}",
        told.labels()
    );
    let card = status_says(&world, &app, "failed mount").await?;
    says(&card, &["missing-config"]);
    assert!(
        card.labels().iter().any(|label| label.contains("Roll back")),
        "revision 1 mounted nothing: {:?}",
        card.labels()
    );
    let pods = world
        .ask(&world.viewer(), &format!("/ceo get pods for:deployment/{app}"))
        .await?;
    says(&pods, &["failed mount"]);
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_that_do_not_get_ready_are_told_when_their_probe_has_had_its_time() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    run(&world, &app, "sleep 100000").await?;
    world
        .told(
            IDS.alerts,
            &[
                &format!("deployment/{app}: pods do not become ready"),
                "its readiness probe fails",
            ],
        )
        .await?;
    let card = status_says(&world, &app, "its readiness probe fails").await?;
    says_not(&card, &["is rolling out", "is starting"]);
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_start_within_its_probe_is_calm() -> anyhow::Result<()> {
    let world = World::with(Setup::with_quick_incidents()).await?;
    let app = world.cluster.deploy().await?;
    // Six seconds until it is ready, and a minute in which that is all right.
    let probe = json!({"initialDelaySeconds": 6, "periodSeconds": 1, "failureThreshold": 60});
    let image = world.cluster.draw.new;
    change(&world, &app, json!({"image": image, "readinessProbe": probe})).await?;
    let ask = format!("/ceo status workload:deployment/{app}");
    let look = || async {
        let answer = world.ask(&world.viewer(), &ask).await?;
        says_not(
            &answer,
            &["fails", "is degraded", "is down", "No progress", "no progress"],
        );
        let back = answer.labels().iter().any(|label| label.contains("Roll back"));
        assert!(!back, "nothing is wrong with it: {}", answer.text());
        let healthy = answer.text().contains("is healthy") && answer.text().contains("revision 2");
        Ok(healthy.then_some(()))
    };
    until(PATIENCE, look).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_gives_up_is_told() -> anyhow::Result<()> {
    let world = World::with(Setup::with_quick_incidents()).await?;
    let container = json!({"name": "migrate", "image": world.cluster.draw.old,
        "command": ["/bin/sh", "-c", "echo no such table; exit 1"]});
    let job: Job = serde_json::from_value(
        json!({"metadata": {"name": "migrate"}, "spec": {"backoffLimit": 0,
        "template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}}),
    )?;
    world
        .cluster
        .api::<Job>()
        .create(&PostParams::default(), &job)
        .await?;
    let told = world.told(IDS.alerts, &["job/migrate: the Job failed"]).await?;
    says(
        &told,
        &["1 pod of it failed, and it allows no more", "no such table"],
    );
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_on_a_node_that_fails_is_down_because_of_it() -> anyhow::Result<()> {
    let world = World::with(Setup::with_quick_incidents()).await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    world
        .cluster
        .stateful("postgres", 1, world.cluster.draw.old)
        .await?;
    world.cluster.stateful_rolled_out("postgres").await?;
    let pods = world.cluster.pods("postgres").await?;
    let node = pods[0]
        .spec
        .as_ref()
        .and_then(|s| s.node_name.clone())
        .unwrap_or_default();
    world.cluster.sim()?.node_not_ready(&node);
    world
        .told(IDS.alerts, &[&format!("node/{node}: the node is not ready")])
        .await?;
    let look = || async {
        let answer = world
            .ask(&world.viewer(), "/ceo status workload:statefulset/postgres")
            .await?;
        Ok(answer.text().contains("is down").then_some(answer))
    };
    let card = until(PATIENCE, look).await?;
    says(
        &card,
        &[
            "0 of 1 pod",
            &format!("its node `{node}` is not ready"),
            "the container runtime does not answer",
        ],
    );
    says_not(&card, &["is rolling out", "container runtime is down"]);
    let back = card.labels().iter().any(|label| label.contains("Roll back"));
    assert!(!back, "going back mends no node");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_pod_has_a_status_of_its_own() -> anyhow::Result<()> {
    use k8s_openapi::api::core::v1::Pod;
    let world = World::with(Setup::with_quick_incidents()).await?;
    let container = json!({"name": "tool", "image": world.cluster.draw.old, "command": ["/bin/sh", "-c", "sleep 100000"]});
    let claim = json!({"name": "data", "persistentVolumeClaim": {"claimName": "no-such-claim"}});
    let pods = world.cluster.api::<Pod>();
    for (name, volumes) in [("tool", json!([])), ("stuck", json!([claim]))] {
        let pod =
            json!({"metadata": {"name": name}, "spec": {"containers": [container], "volumes": volumes}});
        pods.create(&PostParams::default(), &serde_json::from_value(pod)?)
            .await?;
    }
    let look = || async {
        let answer = world
            .ask(&world.viewer(), "/ceo status workload:pod/tool")
            .await?;
        Ok(answer.text().contains("is healthy").then_some(answer))
    };
    says(
        &until(PATIENCE, look).await?,
        &["Running, 1 of 1 containers ready"],
    );
    world
        .told(
            IDS.alerts,
            &[
                "pod/stuck: a volume is not there",
                "its volume claim `no-such-claim` does not exist",
            ],
        )
        .await?;
    let stuck = world
        .ask(&world.viewer(), "/ceo status workload:pod/stuck")
        .await?;
    says(&stuck, &["`pod/stuck` fails", "does not exist"]);
    says_not(&stuck, &["fit on no node", "no node fits"]);
    let none = world
        .ask(&world.viewer(), "/ceo status workload:pod/nobody")
        .await?;
    says(&none, &["nobody"]);
    assert!(none.is_ephemeral());
    world.finish().await
}
