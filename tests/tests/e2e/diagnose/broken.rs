//! Pods and Jobs that do not work, each in its own way.

use ceo_tests::world::World;
use k8s_openapi::api::core::v1::ResourceQuota;
use kube::api::PostParams;
use serde_json::{Value, json};

use super::{deploy, deployment, drawn, job, pod, says_of, world};
use crate::{says, says_not};

/// A situation: what is broken, and what must be said of it.
struct Row {
    kind: &'static str,
    name: String,
    says: Vec<&'static str>,
}

fn shell(line: &str) -> Value {
    json!(["/bin/sh", "-c", line])
}

fn row(word: &str, says: &[&'static str]) -> Row {
    Row {
        kind: "deployment",
        name: drawn(word),
        says: says.to_vec(),
    }
}

/// Breaks a world in many ways, one Deployment each.
async fn break_deployments(world: &World) -> anyhow::Result<Vec<Row>> {
    let image = world.cluster.draw.old;
    let sleep = || shell("sleep 100000");
    let secret =
        json!([{"name": "URL", "valueFrom": {"secretKeyRef": {"key": "url", "name": "no-such-secret"}}}]);
    let claim = json!([{"name": "data", "persistentVolumeClaim": {"claimName": "no-such-claim"}}]);
    let config = json!([{"name": "cfg", "configMap": {"name": "no-such-config"}}]);
    let mounts = json!([{"mountPath": "/cfg", "name": "cfg"}]);
    let init = json!([{"name": "migrate", "image": image, "command": shell("echo relation already exists; exit 1")}]);
    let ready = json!({"httpGet": {"path": "/ready", "port": 8000}, "periodSeconds": 1});
    let live = json!({"exec": {"command": ["/bin/false"]}, "failureThreshold": 2, "periodSeconds": 1});
    let much = json!({"requests": {"cpu": "64"}});
    let small = json!({"limits": {"memory": "24Mi"}});
    let fills = "echo allocating; head -c 200000000 /dev/zero | tail";
    let none = json!({});
    let all = [
        (
            row(
                "crash",
                &[
                    "exit code 7",
                    "error of the program",
                    "no route to the moon",
                    "Certainty: seen",
                ],
            ),
            image,
            json!({"command": shell("echo no route to the moon; exit 7")}),
            none.clone(),
        ),
        (
            row(
                "memory",
                &[
                    "exit code 137",
                    "used more memory than its limit",
                    "raise the container's memory limit",
                ],
            ),
            image,
            json!({"command": shell(fills), "resources": small}),
            none.clone(),
        ),
        (
            row(
                "image",
                &["v9.9.9 cannot be pulled", "check the image's name and tag"],
            ),
            "docker.io/local/api:v9.9.9",
            none.clone(),
            none.clone(),
        ),
        (
            row("large", &["Pending", "cpu", "condition PodScheduled, since"]),
            image,
            json!({"resources": much}),
            none.clone(),
        ),
        (
            row("probe", &["its readiness probe fails", "container api"]),
            image,
            json!({"command": sleep(), "readinessProbe": ready}),
            none.clone(),
        ),
        (
            row(
                "live",
                &["its liveness probe fails", "see why the probe gets no answer"],
            ),
            image,
            json!({"command": sleep(), "livenessProbe": live}),
            none.clone(),
        ),
        (
            row("secret", &["what it refers to is missing", "no-such-secret"]),
            image,
            json!({"env": secret}),
            none.clone(),
        ),
        (
            row("command", &["its image has no command `/bin/no-such-binary`"]),
            image,
            json!({"command": ["/bin/no-such-binary"]}),
            none.clone(),
        ),
        (
            row(
                "init",
                &["init container migrate", "exit code 1", "relation already exists"],
            ),
            image,
            none.clone(),
            json!({"initContainers": init}),
        ),
        (
            row("config", &["failed mount", "no-such-config"]),
            image,
            json!({"volumeMounts": mounts}),
            json!({"volumes": config}),
        ),
        (
            row(
                "claim",
                &[
                    "its volume claim `no-such-claim` does not exist",
                    "create the claim",
                ],
            ),
            image,
            none.clone(),
            json!({"volumes": claim}),
        ),
    ];
    let mut rows = Vec::new();
    for (row, image, container, pod) in all {
        deploy(world, deployment(&row.name, image, &container, &pod)).await?;
        rows.push(row);
    }
    Ok(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_broken_thing_is_told_by_its_cause() -> anyhow::Result<()> {
    let world = world().await?;
    let mut rows = break_deployments(&world).await?;
    let failed = Row {
        kind: "job",
        ..row(
            "dump",
            &[
                "1 pod of it failed, and it allows no more",
                "container work, exit code 5",
                "disk on fire",
            ],
        )
    };
    job(&world, &failed.name, json!({}), "echo disk on fire; exit 5").await?;
    let bare = Row {
        kind: "pod",
        ..row("stuck", &["its volume claim `no-such-claim` does not exist"])
    };
    let claim = json!([{"name": "data", "persistentVolumeClaim": {"claimName": "no-such-claim"}}]);
    pod(&world, &bare.name, &json!({"volumes": claim})).await?;
    rows.extend([failed, bare]);
    for row in &rows {
        let what = format!("{}/{}", row.kind, row.name);
        let mut words = row.says.clone();
        words.extend(["Cause", "Certainty", "Looked at"]);
        let answer = says_of(&world, &what, &words).await?;
        says_not(&answer, &["Nothing wrong found", "is healthy"]);
        assert!(!answer.is_ephemeral());
    }
    let place = world.ask(&world.operator(), "/ceo diagnose").await?;
    says(
        &place,
        &[
            "things do not work",
            "The worst first",
            "workloads: 11 of 11 with trouble",
            "Jobs: 1 of 1 with trouble",
        ],
    );
    assert!(
        place.labels().iter().any(|label| label.starts_with("Diagnose ")),
        "{:?}",
        place.labels()
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_is_used_up_is_told() -> anyhow::Result<()> {
    let world = world().await?;
    let app = world.cluster.deploy().await?;
    super::is_well(&world, &format!("deployment/{app}"), &["is healthy", "nodes"]).await?;
    let quota: ResourceQuota =
        serde_json::from_value(json!({"metadata": {"name": "few"}, "spec": {"hard": {"pods": "1"}}}))?;
    world
        .cluster
        .api::<ResourceQuota>()
        .create(&PostParams::default(), &quota)
        .await?;
    let late = drawn("late");
    deploy(
        &world,
        deployment(&late, world.cluster.draw.old, &json!({}), &json!({})),
    )
    .await?;
    let words = [
        "Pods cannot be made",
        "the quota few is used up",
        "raise the quota",
    ];
    says_of(&world, &format!("deployment/{late}"), &words).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_told_and_the_way_back_is_a_button() -> anyhow::Result<()> {
    let world = world().await?;
    let app = world.cluster.deploy().await?;
    world
        .cluster
        .set_image("deployment", &app, "docker.io/local/api:v9.9.9")
        .await?;
    let what = format!("deployment/{app}");
    let words = [
        "v9.9.9 cannot be pulled",
        "Last change",
        "kubectl-set",
        "revision 1 was seen to work",
    ];
    let answer = says_of(&world, &what, &words).await?;
    let labels = answer.labels();
    assert!(
        labels.iter().any(|label| label.starts_with("Roll back to 1")),
        "{labels:?}"
    );
    world.finish().await
}
