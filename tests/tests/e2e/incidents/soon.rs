//! Is each kind of failure told within half a minute of being certain? Those that `kinds` does not wait for.

use std::time::Duration;

use ceo_tests::world::{IDS, Setup, World};
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::json;
use tokio::time::Instant;

use super::{change, only_one};
use crate::lists::make;

/// So soon the message stands there, once the cluster says what is wrong.
const SOON: Duration = Duration::from_secs(30);

/// Waits for the message, and says how long that took.
async fn told_soon(world: &World, words: &[&str]) -> anyhow::Result<()> {
    let certain = Instant::now();
    world.told(IDS.alerts, words).await?;
    assert!(certain.elapsed() < SOON, "told after {:?}", certain.elapsed());
    only_one(world);
    Ok(())
}

/// A container that takes a variable from what is not there.
async fn refers_to(reference: &str, said: &str) -> anyhow::Result<()> {
    let world = World::with(Setup::with_quick_incidents()).await?;
    let app = world.cluster.deploy().await?;
    let from = json!({ reference: {"name": "gone", "key": "LEVEL"} });
    change(
        &world,
        &app,
        json!({"env": [{"name": "LEVEL", "valueFrom": from}]}),
    )
    .await?;
    let title = format!("deployment/{app}: what a container refers to is missing");
    told_soon(&world, &[&title, said]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_config_map() -> anyhow::Result<()> {
    refers_to("configMapKeyRef", "there is no ConfigMap `gone`").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_secret() -> anyhow::Result<()> {
    refers_to("secretKeyRef", "there is no Secret `gone`").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_refuses_pods() -> anyhow::Result<()> {
    let world = World::with(Setup::with_quick_incidents()).await?;
    let app = world.cluster.deploy().await?;
    let n = world.cluster.draw.replicas;
    let quota = json!({"metadata": {"name": "small"}, "spec": {"hard": {"pods": n.to_string()}}});
    make(&world, "v1", "ResourceQuota", quota).await?;
    world
        .cluster
        .merge(&app, json!({"spec": {"replicas": n + 1}}))
        .await?;
    let refused = |d: &Deployment| {
        let conditions = d.status.as_ref().and_then(|s| s.conditions.as_ref());
        conditions.is_some_and(|all| all.iter().any(|c| c.type_ == "ReplicaFailure"))
    };
    world.cluster.reaches(&app, refused).await?;
    let title = format!("deployment/{app}: pods cannot be made");
    told_soon(&world, &[&title, "the quota small is used up"]).await?;
    world.finish().await
}
