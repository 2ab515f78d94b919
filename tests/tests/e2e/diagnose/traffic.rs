//! Services and nodes: the first broken link is named, and it explains what hangs on it.

use ceo_tests::world::World;
use serde_json::json;

use super::{deploy, deployment, drawn, says_of, service, world};
use crate::says_not;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_broken_link_of_a_service_is_named() -> anyhow::Result<()> {
    let world = world().await?;
    let app = world.cluster.deploy().await?;
    let port = json!([{"port": 80, "targetPort": 8000}]);
    let typed = format!("{app}x");
    let cases = [
        (
            drawn("near"),
            json!({"selector": {"app": typed}, "ports": port}),
            vec![
                format!("selector `app={typed}` matches no running pod"),
                format!("`deployment/{app}` comes nearest with `app={app}`"),
                "set `spec.selector.app` of Service".to_owned(),
            ],
        ),
        (
            drawn("lost"),
            json!({"selector": {"role": "zzz"}, "ports": port}),
            vec![
                "its selector role=zzz matches no running pod".to_owned(),
                "to the labels of the pods that shall serve".to_owned(),
            ],
        ),
        (
            drawn("name"),
            json!({"selector": {"app": app}, "ports": [{"port": 80, "targetPort": "web"}]}),
            vec![
                "targetPort `web` is the name of no port of its pods".to_owned(),
                "8000".to_owned(),
            ],
        ),
        (
            drawn("number"),
            json!({"selector": {"app": app}, "ports": [{"port": 80, "targetPort": 8080}]}),
            vec![
                "Perhaps: Service".to_owned(),
                "its targetPort 8080 is none of the ports that its pods declare (8000)".to_owned(),
            ],
        ),
        (
            drawn("bare"),
            json!({"ports": port}),
            vec!["it has no selector, and nobody gave it endpoints".to_owned()],
        ),
    ];
    for (name, spec, _) in &cases {
        service(&world, name, spec.clone()).await?;
    }
    for (name, _, says) in &cases {
        let words: Vec<&str> = says
            .iter()
            .map(String::as_str)
            .chain(["Looked at", "EndpointSlices"])
            .collect();
        let answer = says_of(&world, &format!("service/{name}"), &words).await?;
        says_not(&answer, &["Nothing wrong found"]);
    }
    let answer = says_of(
        &world,
        &format!("deployment/{app}"),
        &["targetPort `web` is the name of no port"],
    )
    .await?;
    says_not(&answer, &["Nothing wrong found"]);
    world
        .cluster
        .merge(&app, json!({"spec": {"replicas": 0}}))
        .await?;
    let words = [format!("it leads to `deployment/{app}`, which is scaled to zero")];
    says_of(&world, &format!("service/{}", cases[3].0), &[&words[0]]).await?;
    world.finish().await
}

/// A program that cannot reach the Service that it names.
async fn client_of(world: &World, host: &str) -> anyhow::Result<String> {
    let name = drawn("client");
    let line = format!("echo cannot connect to {host}:5432: connection refused; exit 3");
    let command = json!({"command": ["/bin/sh", "-c", line]});
    deploy(
        world,
        deployment(&name, world.cluster.draw.old, &command, &json!({})),
    )
    .await?;
    Ok(format!("deployment/{name}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_is_explained_by_the_service_that_its_last_words_name() -> anyhow::Result<()> {
    let world = world().await?;
    let (db, cache) = (drawn("db"), drawn("cache"));
    let port = json!([{"port": 5432}]);
    service(
        &world,
        &db,
        json!({"selector": {"role": "no-such-role"}, "ports": port}),
    )
    .await?;
    let client = client_of(&world, &db).await?;
    let words = [
        format!("Service `{db}`: its selector role=no-such-role matches no running pod"),
        format!("its last lines name the Service `{db}`"),
    ];
    let all = [
        &*words[0],
        &words[1],
        "Hence: Pod",
        "Certainty: inferred",
        "exit code 3",
    ];
    says_of(&world, &client, &all).await?;

    deploy(
        &world,
        deployment(&cache, "docker.io/local/api:v9.9.9", &json!({}), &json!({})),
    )
    .await?;
    service(&world, &cache, json!({"selector": {"app": cache}, "ports": port})).await?;
    let of_cache = format!("Hence: Service `{cache}`: its only pod is not ready");
    let words = ["v9.9.9 cannot be pulled", &of_cache];
    says_of(&world, &format!("service/{cache}"), &words).await?;
    let client = client_of(&world, &cache).await?;
    says_of(
        &world,
        &client,
        &["v9.9.9 cannot be pulled", &of_cache, "Hence: Pod"],
    )
    .await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_are_told_by_their_conditions() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    world
        .cluster
        .stateful("postgres", 1, world.cluster.draw.old)
        .await?;
    let pods = world.cluster.pods("postgres").await?;
    let node = pods[0]
        .spec
        .as_ref()
        .and_then(|s| s.node_name.clone())
        .unwrap_or_default();
    let what = format!("node/{node}");
    let sim = world.cluster.sim()?;
    super::is_well(&world, &what, &["it takes new pods"]).await?;
    sim.cordon(&node, true);
    super::is_well(&world, &what, &["cordoned: new pods are kept off it"]).await?;
    sim.node_pressure(&node, "DiskPressure", true);
    says_of(&world, &what, &["it runs short of disk", "free what it lacks"]).await?;
    sim.node_pressure(&node, "DiskPressure", false);
    sim.node_not_ready(&node);
    says_of(&world, &what, &["the container runtime does not answer", "pods"]).await?;
    says_of(
        &world,
        "statefulset/postgres",
        &[&format!("its node `{node}` is not ready"), "is down"],
    )
    .await?;
    world.finish().await
}
