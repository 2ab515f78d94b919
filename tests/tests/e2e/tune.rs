//! Do `/ceo tune resources` and `/ceo tune hpa` change what they show, once, after others agreed, and refuse slips?

use anyhow::Context;
use ceo_tests::world::{IDS, PATIENCE, World, until};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use serde_json::{Value, json};

use crate::{says, says_not};

/// What the first container of a Deployment may use.
async fn resources(world: &World, app: &str) -> anyhow::Result<Value> {
    let object = serde_json::to_value(world.cluster.deployment(app).await?)?;
    Ok(object["spec"]["template"]["spec"]["containers"][0]["resources"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_limit_is_raised_after_a_lead_approved() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let before = resources(&world, &app).await?;
    let line = format!("/ceo tune resources workload:deployment/{app} memory_limit:96Mi cpu_request:20m");
    let asked = world.ask(&world.operator(), &line).await?;
    says(&asked, &["Asked for approval"]);
    let card = world
        .told(
            IDS.ops,
            &[&format!("in deployment/{app}?"), "Change the resources"],
        )
        .await?;
    says(&card, &["96Mi", "20m", "replaced, at least"]);
    assert_eq!(resources(&world, &app).await?, before, "nobody has approved");
    world.press(&world.lead(), card.id, "Approve").await?;
    let done = world
        .told(
            IDS.ops,
            &[
                &format!("Changed the resources of deployment/{app}"),
                "pods ready",
            ],
        )
        .await?;
    assert_eq!(done.id, card.id);
    let now = resources(&world, &app).await?;
    assert_eq!(now["limits"]["memory"], "96Mi");
    assert_eq!(now["requests"]["cpu"], "20m");
    world.cluster.rolled_out(&app).await?;
    let again = world.ask(&world.operator(), &line).await?;
    says(&again, &["has these resources already"]);

    let line = format!("/ceo tune resources workload:deployment/{app} memory_limit:none");
    world.ask(&world.operator(), &line).await?;
    let card = until(PATIENCE, || async {
        let all = world.discord.messages(IDS.ops);
        let open = all
            .into_iter()
            .find(|m| m.labels().iter().any(|l| l == "Approve"));
        Ok(open)
    })
    .await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    until(PATIENCE, || async {
        let now = resources(&world, &app).await?;
        Ok(now["limits"]["memory"].is_null().then_some(()))
    })
    .await?;
    world.ended("succeeded", 2).await?;
    for message in world.discord.messages(IDS.ops) {
        world.discord.mark_read(message.id);
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn slips_are_refused_with_what_would_be_right() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let before = resources(&world, &app).await?;
    let operator = world.operator();
    for (options, words) in [
        ("", &["Say what shall change", "memory_limit"][..]),
        ("memory_limit:400m", &["is no quantity of Kubernetes", "512Mi"]),
        ("cpu_limit:512Mi", &["is no quantity of Kubernetes", "250m"]),
        (
            "memory_request:2Gi memory_limit:1Gi",
            &["would be above the limit"],
        ),
        ("container:nobody cpu_limit:1", &["has no container"]),
    ] {
        let line = format!("/ceo tune resources workload:deployment/{app} {options}");
        says(&world.ask(&operator, line.trim_end()).await?, words);
    }
    let line = format!("/ceo tune resources workload:deployment/{app} cpu_limit:1");
    says(&world.ask(&world.viewer(), &line).await?, &["You may not"]);
    assert_eq!(resources(&world, &app).await?, before);
    assert!(world.tickets().await?.is_empty());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_no_node_has_room_for_are_told_on_the_card() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    let other = format!("{app}-b");
    world.cluster.deploy_as(&other, 2, world.cluster.draw.old).await?;
    let ask = async |app: &str, options: &str| {
        let line = format!("/ceo tune resources workload:deployment/{app} {options}");
        world.ask(&world.operator(), &line).await
    };
    ask(&app, "memory_request:900Gi memory_limit:900Gi").await?;
    let card = world.told(IDS.ops, &["Change the resources", "900Gi"]).await?;
    says(&card, &["have room for 0 of"]);
    ask(&other, "memory_request:9Mi").await?;
    let card = world.told(IDS.ops, &["Change the resources", "9Mi"]).await?;
    says_not(&card, &["have room for"]);
    for message in world.discord.messages(IDS.ops) {
        world.discord.mark_read(message.id);
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bounds_of_an_autoscaler_are_changed_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let line = format!("/ceo tune hpa workload:deployment/{app} max:6");
    says(
        &world.ask(&operator, &line).await?,
        &["No autoscaler scales", "/ceo scale"],
    );
    world.cluster.autoscale(&app, 1, 4).await?;
    let asked = until(PATIENCE, || async {
        let asked = world.ask(&operator, &line).await?;
        Ok(asked.text().contains("Asked for approval").then_some(asked))
    })
    .await?;
    says_not(&asked, &["No autoscaler"]);
    let card = world
        .told(IDS.ops, &[&format!("Change hpa/{app}-hpa of deployment/{app}?")])
        .await?;
    says(&card, &["maxReplicas", "4", "6", "within the bounds"]);
    says_not(&card, &["minReplicas"]);
    world.press(&world.lead(), card.id, "Approve").await?;
    let done = world
        .told(IDS.ops, &[&format!("Changed hpa/{app}-hpa of deployment/{app}")])
        .await?;
    says(&done, &["1 to 6 pods, CPU at 70 % of the request"]);
    let api = world.cluster.api::<HorizontalPodAutoscaler>();
    let spec = api.get(&format!("{app}-hpa")).await?.spec.context("a spec")?;
    assert_eq!((spec.min_replicas, spec.max_replicas), (Some(1), 6));

    for (options, words) in [
        ("max:6", "has these bounds already"),
        ("min:9", "would be more than the most"),
        ("", "Say what shall change"),
    ] {
        let line = format!("/ceo tune hpa workload:deployment/{app} {options}");
        says(&world.ask(&operator, line.trim_end()).await?, &[words]);
    }
    let patch = json!([{ "op": "replace", "path": "/spec/metrics/0/resource/name", "value": "memory" }]);
    let patch = kube::api::Patch::<()>::Json(serde_json::from_value(patch)?);
    let params = kube::api::PatchParams::default();
    api.patch(&format!("{app}-hpa"), &params, &patch).await?;
    let line = format!("/ceo tune hpa workload:deployment/{app} cpu:50");
    until(PATIENCE, || async {
        let told = world.ask(&operator, &line).await?;
        Ok(told.text().contains("does not scale by CPU").then_some(()))
    })
    .await?;
    for message in world.discord.messages(IDS.ops) {
        world.discord.mark_read(message.id);
    }
    world.finish().await
}
