//! Is it told that a pod cannot start elsewhere, because its volume is on the node that fails?

use ceo_tests::{
    kube::access::Rules,
    world::{IDS, Setup, World},
};
use k8s_openapi::api::{
    apps::v1::StatefulSet,
    core::v1::{Node, PersistentVolume, PersistentVolumeClaim, Pod},
};
use kube::{
    Api,
    api::{DeleteParams, ListParams, PostParams},
};
use serde_json::json;

use crate::{asks_until, says, says_not};

const STATUS: &str = "/ceo status workload:statefulset/postgres";

/// A StatefulSet of one pod whose volume is on one node; the name of the node.
async fn postgres() -> anyhow::Result<(World, String)> {
    let world = World::with(Setup::with_quick_incidents()).await?;
    let client = world.cluster.client.clone();
    let nodes: Api<Node> = Api::all(client.clone());
    let all = nodes.list(&ListParams::default()).await?.items;
    let node = all[0].metadata.name.clone().unwrap();
    if all.len() == 1 {
        world
            .cluster
            .sim()?
            .add_node("node-of-others", &Default::default());
    }
    let local = json!([{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}]);
    let volume = json!({"metadata": {"name": "pv-local"}, "spec": {"accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "1Gi"}, "local": {"path": "/data"}, "storageClassName": "",
        "nodeAffinity": {"required": {"nodeSelectorTerms": local}}}});
    let volumes: Api<PersistentVolume> = Api::all(client);
    volumes
        .create(&PostParams::default(), &serde_json::from_value(volume)?)
        .await?;
    let claim = json!({"metadata": {"name": "data-postgres-0"}, "spec": {"accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "", "volumeName": "pv-local"}});
    let claims = world.cluster.api::<PersistentVolumeClaim>();
    claims
        .create(&PostParams::default(), &serde_json::from_value(claim)?)
        .await?;
    let labels = json!({"app": "postgres"});
    let data = json!([{"name": "data", "persistentVolumeClaim": {"claimName": "data-postgres-0"}}]);
    let container = json!({"name": "api", "image": world.cluster.draw.old});
    let set = json!({"metadata": {"name": "postgres"}, "spec": {"serviceName": "postgres", "replicas": 1,
        "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels},
            "spec": {"containers": [container], "volumes": data, "terminationGracePeriodSeconds": 1}}}});
    let sets = world.cluster.api::<StatefulSet>();
    sets.create(&PostParams::default(), &serde_json::from_value(set)?)
        .await?;
    world.cluster.stateful_rolled_out("postgres").await?;
    Ok((world, node))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_the_node_that_fails_cannot_start_elsewhere() -> anyhow::Result<()> {
    let (world, node) = postgres().await?;
    let healthy = asks_until(&world, STATUS, &["is healthy"]).await?;
    says_not(&healthy, &["elsewhere"]);
    let reads = || -> anyhow::Result<usize> {
        let requests = world.cluster.sim()?.requests();
        let of_bot = requests.iter().filter(|r| r.user == ceo_tests::world::BOT_USER);
        Ok(of_bot.filter(|r| r.path.contains("/persistentvolume")).count())
    };
    assert_eq!(reads()?, 0, "of what is well no volume is read");

    world.cluster.sim()?.node_not_ready(&node);
    world
        .told(IDS.alerts, &[&format!("node/{node}: the node is not ready")])
        .await?;
    let elsewhere = format!(
        "it cannot start elsewhere: its volume `data-postgres-0` (pv-local) is on `{node}`, which is not ready"
    );
    let card = asks_until(&world, STATUS, &["is down", &elsewhere]).await?;
    says(&card, &["restore the data to a new volume"]);
    let pods = "/ceo get pods for:statefulset/postgres";
    asks_until(&world, pods, &[&elsewhere]).await?;
    asks_until(&world, "/ceo status workload:pod/postgres-0", &[&elsewhere]).await?;

    // Where volumes may not be read nothing is said of them.
    let rules = Rules::admin().without("persistentvolumes", "get");
    world.cluster.restrict(rules)?;
    let card = asks_until(&world, STATUS, &["is down", "is not ready"]).await?;
    says_not(&card, &["elsewhere", "persistentvolumes"]);
    world.cluster.restrict(Rules::admin())?;

    // A pod that was deleted and cannot go keeps its place.
    let deleted = DeleteParams::default().grace_period(1);
    world.cluster.api::<Pod>().delete("postgres-0", &deleted).await?;
    asks_until(&world, STATUS, &["Terminating", "is down", &elsewhere]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_replaces_it_waits_for_the_volume_and_its_incident_says_so() -> anyhow::Result<()> {
    let (world, node) = postgres().await?;
    world.cluster.sim()?.node_not_ready(&node);
    world
        .told(IDS.alerts, &[&format!("node/{node}: the node is not ready")])
        .await?;
    let at_once = DeleteParams::default().grace_period(0);
    world.cluster.api::<Pod>().delete("postgres-0", &at_once).await?;
    let elsewhere = format!(
        "it cannot start elsewhere: its volume `data-postgres-0` (pv-local) is on `{node}`, which is not ready"
    );
    let title = "statefulset/postgres: pods fit on no node";
    let told = world.told(IDS.alerts, &[title, &elsewhere]).await?;
    says(&told, &["restore the data to a new volume"]);
    says_not(&told, &["free or add nodes"]);
    asks_until(
        &world,
        STATUS,
        &["is down", "cannot reach the volume", &elsewhere],
    )
    .await?;
    world.finish().await
}
