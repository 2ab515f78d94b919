//! Pods that no node takes: which label, which taint, how much is free and where, who holds a port or keeps them away.

use anyhow::Context;
use ceo_tests::{kube::node::Size, world::World};
use k8s_openapi::api::core::v1::Node;
use kube::{
    Api,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};

use super::{Row, deploy, deployment, drawn, is_well, world};

/// The only node that takes everybody, and one that takes few.
struct Nodes {
    usual: String,
    special: String,
}

/// One node with hard disks and one with a taint; another pod takes three of eight cores of the first.
async fn nodes(world: &World) -> anyhow::Result<Nodes> {
    let api: Api<Node> = Api::all(world.cluster.client.clone());
    let special = drawn("special");
    let all = api.list(&ListParams::default()).await?.items;
    for node in all.iter().skip(1) {
        let name = node.metadata.name.clone().unwrap_or_default();
        world.cluster.sim()?.node().cordon(&name, true);
    }
    let usual = all.first().and_then(|node| node.metadata.name.clone());
    let usual = usual.context("no node")?;
    world.cluster.sim()?.node().add_node(&special, &Size::default());
    let patch = async |name: &str, patch: Value| {
        let params = PatchParams::default();
        api.patch(name, &params, &Patch::Merge(patch)).await
    };
    patch(&usual, json!({"metadata": {"labels": {"disktype": "hdd"}}})).await?;
    let taint = json!([{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}]);
    let labels = json!({"disktype": "ssd", "topology.kubernetes.io/zone": "b"});
    patch(
        &special,
        json!({"metadata": {"labels": labels}, "spec": {"taints": taint}}),
    )
    .await?;
    Ok(Nodes { usual, special })
}

fn requests(cpu: &str) -> Value {
    json!({"resources": {"requests": {"cpu": cpu}}})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_pod_off_each_node_is_named_with_its_values() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let Nodes { usual, special } = nodes(&world).await?;
    let image = world.cluster.draw.old;
    let (none, fill, holder) = (json!({}), drawn("fill"), drawn("holder"));
    deploy(&world, deployment(&fill, image, &requests("3"), &none)).await?;
    let port = |port: i32| json!({"ports": [{"containerPort": 8000, "hostPort": port}]});
    deploy(&world, deployment(&holder, image, &port(18080), &none)).await?;
    is_well(&world, &format!("deployment/{fill}"), &["is healthy"]).await?;
    is_well(&world, &format!("deployment/{holder}"), &["is healthy"]).await?;
    let bears = json!([{"key": "dedicated", "operator": "Exists"}]);
    let term = |expressions: Value| {
        json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
            {"nodeSelectorTerms": [{"matchExpressions": expressions}]}}})
    };
    let archs = json!([{"key": "disktype", "operator": "In", "values": ["nvme", "optane"]}]);
    let apart = |app: &str| {
        json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
            [{"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": "kubernetes.io/hostname"}]}})
    };
    let together = json!({"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
            [{"labelSelector": {"matchLabels": {"app": "nobody"}}, "topologyKey": "kubernetes.io/hostname"}]}});
    let gpu = json!({"resources": {"requests": {"vendor.example/gpu": "2"}, "limits": {"vendor.example/gpu": "2"}}});
    let taint = format!("it does not tolerate the taint `dedicated=gpu:NoSchedule` of {special}");
    let free = "it requests 7 of cpu; the most that is free for it is 4.9 of 8";
    let free_there = format!("on `{usual}` (a request of no more than that would fit)");
    let no_label = format!(
        "no node has the label `disktype=tape`; nodes have disktype=hdd ({usual}), disktype=ssd ({special})"
    );
    let held = format!("host port 18080 is taken by pod `{holder}-");
    let shunned = format!("as pods with `app={fill}`, and there are pod `{fill}-");
    let rows = [
        (
            "cpu",
            requests("7"),
            none.clone(),
            vec![free, &free_there, &taint],
        ),
        (
            "label",
            none.clone(),
            json!({"nodeSelector": {"disktype": "tape"}}),
            vec![&*no_label],
        ),
        (
            "elsewhere",
            none.clone(),
            json!({"nodeSelector": {"disktype": "ssd"}}),
            vec![&*taint, "has the label `disktype=ssd`"],
        ),
        (
            "affinity",
            none.clone(),
            json!({"affinity": term(archs), "tolerations": bears}),
            vec!["no node has the label `disktype in (nvme, optane)`"],
        ),
        ("port", port(18080), none.clone(), vec![&*held]),
        (
            "apart",
            none.clone(),
            json!({"affinity": apart(&fill)}),
            vec![&*shunned],
        ),
        (
            "together",
            none.clone(),
            json!({"affinity": together}),
            vec!["as pods with `app=nobody`, and no such pod runs"],
        ),
        (
            "gpu",
            gpu,
            none.clone(),
            vec!["it requests 2 of `vendor.example/gpu`, and no node has any"],
        ),
    ];
    for (word, container, pod, says) in rows {
        let name = drawn(word);
        deploy(&world, deployment(&name, image, &container, &pod)).await?;
        Row::new(format!("deployment/{name}"), &says)
            .is_told(&world)
            .await?;
    }
    for (word, container, pod) in [
        ("small", requests("4"), none.clone()),
        ("free", port(18081), none.clone()),
        (
            "bears",
            none.clone(),
            json!({"tolerations": bears, "nodeSelector": {"disktype": "ssd"}}),
        ),
        ("shy", none.clone(), json!({"affinity": apart("nobody")})),
    ] {
        let name = drawn(word);
        deploy(&world, deployment(&name, image, &container, &pod)).await?;
        is_well(&world, &format!("deployment/{name}"), &["is healthy"]).await?;
    }
    world.finish().await
}
