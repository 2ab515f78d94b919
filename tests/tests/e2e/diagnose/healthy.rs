//! One cluster with what is well, or nearly so: of none of it a cause may be invented.

use serde_json::json;

use super::{deploy, deployment, drawn, is_well, job, make, pod, service, world};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_well_in_an_unusual_way_has_no_cause() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let image = world.cluster.draw.old;
    let none = json!({});
    let shell = |line: &str| json!(["/bin/sh", "-c", line]);
    let config = drawn("settings");
    make(
        &world,
        "v1",
        "ConfigMap",
        json!({"metadata": {"name": config}, "data": {"url": "x"}}),
    )
    .await?;
    let optional = json!([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "no-such-config", "key": "a", "optional": true}}}]);
    let there = json!([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": config, "key": "url"}}}]);
    let init = json!([{"name": "first", "image": image, "command": shell("echo done; exit 0")}]);
    let sidecar = json!([{"name": "proxy", "image": image, "restartPolicy": "Always", "command": shell("sleep 100000")}]);
    let two = json!([{"name": "api", "image": image}, {"name": "helper", "image": image, "command": shell("sleep 100000")}]);
    let probe = json!({"httpGet": {"path": "/health", "port": 8000}, "periodSeconds": 1});
    let tcp = json!({"tcpSocket": {"port": 8000}, "periodSeconds": 1});
    let rows = [
        ("plain", none.clone(), none.clone()),
        (
            "errors",
            json!({"command": shell("echo ERROR connection refused to postgres:5432; sleep 100000")}),
            none.clone(),
        ),
        (
            "forbidden",
            json!({"command": shell("echo 403 forbidden; sleep 100000")}),
            none.clone(),
        ),
        ("optional", json!({"env": optional}), none.clone()),
        ("there", json!({"env": there}), none.clone()),
        ("init", none.clone(), json!({"initContainers": init})),
        ("sidecar", none.clone(), json!({"initContainers": sidecar})),
        ("two", none.clone(), json!({"containers": two})),
        ("probe", json!({"readinessProbe": probe}), none.clone()),
        ("live", json!({"livenessProbe": probe}), none.clone()),
        ("startup", json!({"startupProbe": probe}), none.clone()),
        ("tcp", json!({"readinessProbe": tcp}), none.clone()),
        ("ports", json!({"ports": [{"containerPort": 9090}]}), none.clone()),
        (
            "pull",
            none.clone(),
            json!({"imagePullSecrets": [{"name": "no-such-login"}]}),
        ),
        ("zero", none.clone(), none.clone()),
        ("many", none.clone(), none.clone()),
        ("paused", none.clone(), none.clone()),
    ];
    let mut names = vec![];
    for (word, container, spec) in rows {
        let name = drawn(word);
        let mut object = deployment(&name, image, &container, &spec);
        let says = match word {
            "zero" => {
                object["spec"]["replicas"] = json!(0);
                "is scaled to zero"
            }
            "many" => {
                object["spec"]["replicas"] = json!(5);
                "is healthy"
            }
            _ => "is healthy",
        };
        if word == "paused" {
            object["spec"]["paused"] = json!(true);
        }
        deploy(&world, object).await?;
        names.push((
            format!("deployment/{name}"),
            if word == "paused" { "Looked at" } else { says },
        ));
    }
    let [done, runs, held, bare, over] = ["done", "runs", "held", "bare", "over"].map(drawn);
    job(&world, &done, json!({}), "echo 0 errors; exit 0").await?;
    job(&world, &runs, json!({"backoffLimit": 3}), "sleep 100000").await?;
    job(&world, &held, json!({"suspend": true}), "exit 1").await?;
    pod(&world, &bare, &json!({})).await?;
    let ends = json!([{"name": "tool", "image": image, "command": shell("exit 0")}]);
    pod(
        &world,
        &over,
        &json!({"restartPolicy": "Never", "containers": ends}),
    )
    .await?;
    for (what, says) in [
        (format!("job/{done}"), "Completed"),
        (format!("job/{runs}"), "Running"),
        (format!("job/{held}"), "Looked at"),
        (format!("pod/{bare}"), "Running"),
        (format!("pod/{over}"), "Completed"),
    ] {
        names.push((what, says));
    }
    let api = names[0].0.trim_start_matches("deployment/").to_owned();
    let selector = json!({"app": api});
    for (word, spec) in [
        (
            "plain",
            json!({"selector": selector, "ports": [{"port": 80, "targetPort": 8000}]}),
        ),
        (
            "headless",
            json!({"clusterIP": "None", "selector": selector, "ports": [{"port": 80, "targetPort": 8000}]}),
        ),
        (
            "outside",
            json!({"type": "ExternalName", "externalName": "db.example"}),
        ),
        (
            "portless",
            json!({"selector": selector, "ports": [{"port": 8000}]}),
        ),
    ] {
        let name = drawn(word);
        service(&world, &name, spec).await?;
        names.push((format!("service/{name}"), "Looked at"));
    }
    let open = drawn("open");
    let policy = json!({"metadata": {"name": open}, "spec": {"podSelector": {"matchLabels": selector}, "ingress": [{}]}});
    make(&world, "networking.k8s.io/v1", "NetworkPolicy", policy).await?;
    for node in world.cluster.sim()?.store().list_shared("", "nodes", None).0 {
        let name = node["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        names.push((format!("node/{name}"), "it takes new pods"));
    }
    for (what, says) in &names {
        is_well(&world, what, &[says]).await?;
    }
    assert!(names.len() >= 27, "{}", names.len());
    world.finish().await
}
