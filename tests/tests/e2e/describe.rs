//! Does `/ceo describe` show an object of any kind, with what happened to it, and never a Secret's value?

use ceo_tests::world::{IDS, PATIENCE, World, until};
use k8s_openapi::api::core::v1::Secret;
use kube::api::PostParams;
use serde_json::json;

use crate::{file, says, says_not};

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_with_its_events_and_a_workload_by_its_bare_name() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let pods = world.cluster.pods(&app).await?;
    let pod = pods[0].metadata.name.clone().unwrap();
    let look = || async {
        let answer = world
            .ask(&world.viewer(), &format!("/ceo describe object:pod/{pod}"))
            .await?;
        Ok(answer.text().contains("Scheduled").then_some(answer))
    };
    let answer = until(PATIENCE, look).await?;
    says(
        &answer,
        &[
            &format!("pod/{pod}"),
            "Running",
            "belongs to `replicaset/",
            "made",
        ],
    );
    says(
        &answer,
        &["Conditions", "Ready", "Events", "Labels", &format!("app={app}")],
    );
    let answer = world
        .ask(&world.viewer(), &format!("/ceo describe object:{app}"))
        .await?;
    says(&answer, &[&format!("deployment/{app}"), "replicas:"]);
    let node = pods[0]
        .spec
        .as_ref()
        .and_then(|spec| spec.node_name.clone())
        .unwrap();
    let answer = world
        .ask(&world.viewer(), &format!("/ceo describe object:node/{node}"))
        .await?;
    says(&answer, &[&format!("node/{node}"), "Ready", "another namespace"]);
    let answer = world
        .ask(&world.viewer(), &format!("/ceo describe object:pod/{pod}x"))
        .await?;
    says(&answer, &["There is no pod", "Did you mean", &pod]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_that_the_bot_does_not_know_are_found_by_what_the_cluster_serves() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(ceo_tests::world::Setup::default()).await?;
    world.bot.env("CEO__DISCORD__LANGUAGE", "zh-CN");
    world.bot.start().await?;
    world.ready().await?;
    let answer = world
        .ask(&world.viewer(), "/ceo describe object:sa/default")
        .await?;
    says(
        &answer,
        &["serviceaccount/default", "创建于", "标签", "没有保留的事件"],
    );
    let answer = world
        .ask(&world.viewer(), "/ceo describe object:serviceacount/default")
        .await?;
    says(&answer, &["serviceacount", "serviceaccount"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_secret_the_keys_are_shown() -> anyhow::Result<()> {
    let world = World::start().await?;
    // `correct-horse-battery`, in base64.
    let secret = json!({ "metadata": { "name": "login", "labels": { "app": "shop" } }, "type": "Opaque",
        "data": { "password": "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5" } });
    let api = world.cluster.api::<Secret>();
    api.create(&PostParams::default(), &serde_json::from_value(secret)?)
        .await?;
    for line in [
        "/ceo describe object:secret/login as:yaml",
        "/ceo describe object:secret/login",
    ] {
        let answer = world.ask(&world.viewer(), line).await?;
        says(&answer, &["secret/login", "password: ", "[hidden]"]);
        says_not(&answer, &["Y29ycmVj", "correct-horse", "managedFields"]);
        if !answer.attachments.is_empty() {
            assert!(!file(&answer)?.contains("Y29ycmVj"));
        }
    }
    let refused = world
        .ask(
            &world.discord.person(IDS.outsider),
            "/ceo describe object:secret/login",
        )
        .await?;
    says_not(&refused, &["password"]);
    world.finish().await
}
