//! What a network policy keeps apart is told as that, and what it lets through is not.

use serde_json::{Value, json};

use super::{Row, deploy, deployment, drawn, is_well, make, says_of, service, world};
use crate::says_not;

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_between_two_workloads_is_named() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let image = world.cluster.draw.old;
    let (db, open) = (drawn("db"), drawn("open"));
    let listens = json!({"ports": [{"name": "sql", "containerPort": 5432}]});
    for name in [&db, &open] {
        deploy(&world, deployment(name, image, &listens, &json!({}))).await?;
        service(
            &world,
            name,
            json!({"selector": {"app": name}, "ports": [{"port": 5432, "targetPort": "sql"}]}),
        )
        .await?;
    }
    let client = async |host: &str| -> anyhow::Result<(String, String)> {
        let name = drawn("client");
        let line = format!("echo connect to {host}:5432 timed out; exit 3");
        let command = json!({"command": ["/bin/sh", "-c", line]});
        deploy(&world, deployment(&name, image, &command, &json!({}))).await?;
        Ok((format!("deployment/{name}"), name))
    };
    let policy = async |name: &str, spec: Value| {
        make(
            &world,
            "networking.k8s.io/v1",
            "NetworkPolicy",
            json!({"metadata": {"name": name}, "spec": spec}),
        )
        .await
    };
    let only = drawn("only");
    let selector = |name: &str| json!({"matchLabels": {"app": name}});
    policy(
        &only,
        json!({"podSelector": selector(&db), "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"role": "backup"}}}]}]}),
    )
    .await?;
    is_well(&world, &format!("service/{db}"), &["NetworkPolicies: 1"]).await?;
    let (client_db, name) = client(&db).await?;
    let says = [
        format!("NetworkPolicy {only} does not let `deployment/{name}` in to `deployment/{db}` on port 5432"),
        format!("its last lines name the Service `{db}`"),
    ];
    let words = [
        "Hence: Pod",
        "Certainty: inferred",
        "allow it in a rule of NetworkPolicy",
    ];
    let words: Vec<&str> = says.iter().map(String::as_str).chain(words).collect();
    Row::new(&client_db, &words).is_told(&world).await?;
    // What is let through is no cause.
    let (client_open, name) = client(&open).await?;
    policy(&drawn("lets"), json!({"podSelector": selector(&open), "ingress": [{"from": [{"podSelector": selector(&name)}], "ports": [{"port": "sql"}]}]})).await?;
    let answer = says_of(
        &world,
        &client_open,
        &[
            "exit code 3",
            "timed out",
            &format!("Service {open}: nothing wrong"),
        ],
    )
    .await?;
    says_not(&answer, &["NetworkPolicy lets", "does not let", "Hence"]);
    let shut = drawn("shut");
    policy(
        &shut,
        json!({"podSelector": selector(&name), "policyTypes": ["Egress"]}),
    )
    .await?;
    let says = format!(
        "NetworkPolicy {shut} does not let `deployment/{name}` go out to `deployment/{open}` on port 5432"
    );
    Row::new(&client_open, &[says]).is_told(&world).await?;
    let (alone, deny) = (drawn("alone"), drawn("deny"));
    deploy(&world, deployment(&alone, image, &listens, &json!({}))).await?;
    service(
        &world,
        &alone,
        json!({"selector": {"app": alone}, "ports": [{"port": 5432}]}),
    )
    .await?;
    policy(
        &deny,
        json!({"podSelector": selector(&alone), "policyTypes": ["Ingress"]}),
    )
    .await?;
    let says = format!("Perhaps: NetworkPolicy {deny} lets nobody reach `deployment/{alone}`");
    Row::new(
        format!("service/{alone}"),
        &[&*says, "may not work", "Certainty: possible"],
    )
    .is_told(&world)
    .await?;
    world.finish().await
}
