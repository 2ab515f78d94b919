//! Is what an incident quotes free of secrets, wherever it is cut, shown or stored?

use ceo_tests::world::{IDS, Setup, World};
use k8s_openapi::api::core::v1::Secret;
use kube::api::PostParams;
use serde_json::json;

use super::{becomes, change, mend, world};
use crate::{
    says, says_not,
    secrets::{everything, holds},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_longer_than_what_is_told_of_it_is_hidden_whole_and_stored_nowhere() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    let long = format!("swordfish{:08x}", rand::random::<u32>()).repeat(20);
    let hook = format!("T0{:016x}{:016x}", rand::random::<u64>(), rand::random::<u64>());
    let token = format!("ghp_{:032x}aB", rand::random::<u128>());
    let shell = format!("echo booting; echo 'FATAL: no answer of postgres://ceo:{long}@db/ceo'; exit 3");
    let env = |hook: &str, token: &str| {
        json!([
            {"name": "SLACK_WEBHOOK", "value": format!("https://hooks.slack.com/services/{hook}")},
            {"name": "GH", "value": token},
            {"name": "REGION", "value": format!("eu-{}", token.len())},
        ])
    };
    change(&world, &app, json!({"env": env("none", "none")})).await?;
    world.cluster.rolled_out(&app).await?;
    let bad = json!({"command": ["/bin/sh", "-c", shell], "env": env(&hook, &token)});
    change(&world, &app, bad).await?;
    let told = world.told(IDS.alerts, &["containers crash"]).await?;
    let told = becomes(
        &world,
        told.id,
        &[
            "postgres://ceo:[hidden]@db/ceo",
            "env GH none → [hidden]",
            "env REGION eu-4 → eu-38",
        ],
    )
    .await?;
    says(&told, &["services/[hidden]"]);
    world
        .ask(
            &world.operator(),
            &format!("/ceo status workload:deployment/{app}"),
        )
        .await?;
    // What ended it is a change of the same variables, back to none.
    change(&world, &app, json!({"command": null, "env": env("none", "none")})).await?;
    world.cluster.rolled_out(&app).await?;
    says(&becomes(&world, told.id, &["recovered"]).await?, &["ended by"]);
    let all = everything(&world);
    for secret in [&long[..17], &hook, &token] {
        assert!(
            !holds(&all, secret),
            "{secret} is in the log, the store, a message or a request"
        );
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_namespaces_secrets_are_hidden_in_what_a_program_wrote() -> anyhow::Result<()> {
    let mut setup = Setup::with_quick_incidents();
    setup.more = "[redact]\nsecret_values = true\n".to_owned();
    let world = World::with(setup).await?;
    let app = world.cluster.deploy().await?;
    let value = format!("plain-words-{:08x}", rand::random::<u32>());
    let secret = json!({"metadata": {"name": "words"}, "stringData": {"value": value}});
    world
        .cluster
        .api::<Secret>()
        .create(&PostParams::default(), &serde_json::from_value(secret)?)
        .await?;
    // Not in the log, not in what was changed, and not in the name of an image.
    let shell = format!("echo 'the value is {value} here'; exit 5");
    let env = json!([{"name": "MOTTO", "value": format!("{} {value}", "x".repeat(50))}]);
    change(
        &world,
        &app,
        json!({"command": ["/bin/sh", "-c", shell], "env": env}),
    )
    .await?;
    let told = world.told(IDS.alerts, &["containers crash"]).await?;
    let told = becomes(&world, told.id, &["the value is [hidden] here", "MOTTO"]).await?;
    says_not(&told, &[&value]);
    mend(&world, &app).await?;
    becomes(&world, told.id, &["recovered"]).await?;
    let image = format!("docker.io/local/{value}:v1");
    world.cluster.set_image("deployment", &app, &image).await?;
    let told = world
        .told(IDS.alerts, &["an image cannot be pulled", "[hidden]"])
        .await?;
    let pods = format!("/ceo get pods for:deployment/{app}");
    says(&world.ask(&world.operator(), &pods).await?, &["[hidden]"]);
    assert!(
        !holds(&everything(&world), &value),
        "the value is kept or sent somewhere"
    );
    mend(&world, &app).await?;
    becomes(&world, told.id, &["recovered"]).await?;
    world.finish().await
}
