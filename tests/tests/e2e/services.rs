//! Does `/ceo get services` list what there is, and say who has nobody behind it?

use ceo_tests::world::{IDS, PATIENCE, World, until};
use k8s_openapi::api::core::v1::Service;
use kube::api::PostParams;
use serde_json::json;

use crate::{says, says_not};

async fn service(world: &World, name: &str, app: &str) -> anyhow::Result<()> {
    let object = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": name },
        "spec": { "selector": { "app": app }, "ports": [{ "port": 80, "targetPort": 8080 }] },
    });
    world
        .cluster
        .api::<Service>()
        .create(&PostParams::default(), &serde_json::from_value(object)?)
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn services_with_who_is_behind_them() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let n = world.cluster.draw.replicas;
    service(&world, "front", &app).await?;
    service(&world, "lost", "nobody").await?;
    let look = || async {
        let answer = world.ask(&world.viewer(), "/ceo get services").await?;
        Ok(answer.text().contains(&format!("{n}/0")).then_some(answer))
    };
    let answer = until(PATIENCE, look).await?;
    assert!(!answer.is_ephemeral(), "state is for the channel");
    says(
        &answer,
        &["1 without a ready endpoint", "NAME", "CLUSTER-IP", "READY/NOT"],
    );
    says(&answer, &["front", "ClusterIP", "80/TCP", "lost", "0/0"]);
    says(&answer, &["its selector app=nobody matches no running pod"]);

    let ask = format!("/ceo get services for:deployment/{app}");
    let answer = world.ask(&world.viewer(), &ask).await?;
    says(&answer, &[&format!("1 Service of deployment/{app}"), "front"]);
    says_not(&answer, &["lost"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn services_in_chinese_and_none_at_all() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(ceo_tests::world::Setup::default()).await?;
    world.bot.env("CEO__DISCORD__LANGUAGE", "zh-CN");
    world.bot.start().await?;
    world.ready().await?;
    let app = world.cluster.deploy().await?;
    let ask = format!("/ceo get services for:deployment/{app}");
    let answer = world.ask(&world.viewer(), &ask).await?;
    says(&answer, &[&format!("没有 Service 指向 deployment/{app}")]);
    service(&world, "front", &app).await?;
    let answer = world.ask(&world.viewer(), &ask).await?;
    says(&answer, &["1 个 Service", "集群 IP", "就绪/未就绪", "ClusterIP"]);
    let outsider = world.discord.person(IDS.outsider);
    let refused = world.ask(&outsider, &ask).await?;
    says_not(&refused, &["front"]);
    world.finish().await
}
