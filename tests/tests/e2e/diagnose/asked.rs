//! What was asked for and cannot be had: images without a login, volumes that nobody made, files that may not be written.

use ceo_tests::{
    kube::{access::Rules, node::Size},
    world::World,
};
use k8s_openapi::api::core::v1::Node;
use kube::{
    Api,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};

use super::{Row, deploy, deployment, drawn, is_well, make, says_of, world};
use crate::{says, says_not};

const REFUSED: &str = "failed to pull and unpack image: failed to resolve reference: failed to authorize: failed to fetch oauth token: unexpected status from GET request: 401 Unauthorized";

async fn secret(world: &World, name: &str, kind: &str, host: &str) -> anyhow::Result<()> {
    let login = json!({"auths": {host: {"username": "robot", "password": "hunter2hunter2"}}});
    let data = match kind {
        "Opaque" => json!({"token": "x"}),
        _ => json!({".dockerconfigjson": login.to_string()}),
    };
    let object = json!({"metadata": {"name": name}, "type": kind, "stringData": data});
    make(world, "v1", "Secret", object).await
}

async fn refused(world: &World, word: &str, pod: &Value) -> anyhow::Result<String> {
    let (sim, place) = (world.cluster.sim()?, world.cluster.namespace());
    let name = drawn(word);
    sim.node().pods(place, &format!("{name}-*")).pull_fails(REFUSED);
    deploy(world, deployment(&name, world.cluster.draw.old, &json!({}), pod)).await?;
    Ok(format!("deployment/{name}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_of_an_image_that_is_refused_is_looked_into() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let [right, other, opaque] = ["login", "other", "opaque"].map(drawn);
    let config = "kubernetes.io/dockerconfigjson";
    secret(&world, &right, config, "https://index.docker.io/v1/").await?;
    secret(&world, &other, config, "registry.example").await?;
    secret(&world, &opaque, "Opaque", "").await?;
    let names = |name: &str| json!({"imagePullSecrets": [{"name": name}]});
    let near = format!("its pull secret `{right}x` does not exist; there is `{right}`");
    let kind = format!("its pull secret `{opaque}` is of type `Opaque`");
    let elsewhere =
        format!("its pull secret `{other}` holds no login for `docker.io` (it holds: registry.example)");
    let taken = format!("its pull secret `{right}` holds a login for `docker.io`, which does not help");
    let none = "the pod names no pull secret, and got none of its ServiceAccount `default`";
    for (word, pod, why) in [
        ("none", json!({}), none),
        ("missing", names(&format!("{right}x")), &*near),
        ("kind", names(&opaque), &*kind),
        ("elsewhere", names(&other), &*elsewhere),
        ("taken", names(&right), &*taken),
    ] {
        let what = refused(&world, word, &pod).await?;
        let says = ["the registry refuses the login, or got none", why];
        let answer = Row::new(what, &says).is_told(&world).await?;
        says_not(&answer, &["hunter2", "robot"]);
    }
    // An image that is not there is no matter of logins.
    let (sim, place) = (world.cluster.sim()?, world.cluster.namespace());
    let gone = drawn("gone");
    sim.node()
        .pods(place, &format!("{gone}-*"))
        .pull_fails("failed to resolve reference: docker.io/local/api:v1.0.0: not found");
    let object = deployment(&gone, world.cluster.draw.old, &json!({}), &names("no-such-login"));
    deploy(&world, object).await?;
    let answer = says_of(&world, &format!("deployment/{gone}"), &["has no such image"]).await?;
    says_not(&answer, &["pull secret `"]);
    world
        .cluster
        .restrict(Rules::admin().without("secrets", "list"))?;
    let what = refused(&world, "blind", &names(&right)).await?;
    let answer = says_of(
        &world,
        &what,
        &["the pull secrets", &right, "Not looked at", "secrets:"],
    )
    .await?;
    says(&answer, &["of which nothing could be read"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_volume_that_comes_nearest_to_a_claim_is_named() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let claim = async |name: &str, class: &str, mode: &str, size: &str, volume: &str| {
        let object = json!({"metadata": {"name": name}, "spec": {"accessModes": [mode], "volumeName": volume,
            "storageClassName": class, "resources": {"requests": {"storage": size}}}});
        make(&world, "v1", "PersistentVolumeClaim", object).await
    };
    let [none, many, large, manual, bound] = ["none", "many", "large", "manual", "bound"].map(drawn);
    claim(&none, "", "ReadWriteOnce", "1Gi", "").await?;
    let nothing = format!(
        "Volume claim `{none}`: no storage class makes volumes for it, and there is no PersistentVolume"
    );
    Row::new(format!("pvc/{none}"), &[&nothing])
        .is_told(&world)
        .await?;
    let volume = async |name: &str, class: &str| {
        let object = json!({"metadata": {"name": name}, "spec": {"accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "5Gi"}, "hostPath": {"path": "/data"}, "storageClassName": class},
            "status": {"phase": "Available"}});
        make(&world, "v1", "PersistentVolume", object).await
    };
    let [plain, of_hand] = ["pv-plain", "pv-hand"].map(drawn);
    volume(&plain, "").await?;
    volume(&of_hand, "no-such-class-but-by-hand").await?;
    claim(&many, "", "ReadWriteMany", "1Gi", "").await?;
    claim(&large, "", "ReadWriteOnce", "10Gi", "").await?;
    claim(&manual, "no-such-class-but-by-hand", "ReadWriteOnce", "8Gi", "").await?;
    for (name, volume, why) in [
        (&many, &plain, "offers ReadWriteOnce, not ReadWriteMany"),
        (&large, &plain, "has 5Gi of the 10Gi that are asked for"),
        (&manual, &of_hand, "has 5Gi of the 8Gi that are asked for"),
    ] {
        let says =
            format!("Volume claim `{name}`: no PersistentVolume fits; `{volume}` comes nearest, but {why}");
        Row::new(format!("pvc/{name}"), &[&says]).is_told(&world).await?;
    }
    claim(&bound, "", "ReadWriteOnce", "5Gi", &plain).await?;
    is_well(&world, &format!("pvc/{bound}"), &["is bound to volume"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_a_volume_that_cannot_be_attached_is_named() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (sim, place) = (world.cluster.sim()?, world.cluster.namespace().to_owned());
    let [ghost, data, holder, late] = ["ghost", "data", "holder", "late"].map(drawn);
    let object = json!({"metadata": {"name": data}, "spec": {"accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}}}});
    make(&world, "v1", "PersistentVolumeClaim", object).await?;
    let volumes = json!([{"name": "data", "persistentVolumeClaim": {"claimName": data}}]);
    let spec = json!({"volumes": volumes});
    deploy(
        &world,
        deployment(&holder, world.cluster.draw.old, &json!({}), &spec),
    )
    .await?;
    is_well(&world, &format!("deployment/{holder}"), &["is healthy"]).await?;
    // A node that answers, and whose kubelet starts nothing.
    sim.node().add_node(&ghost, &Size::default());
    sim.node().node_unreachable(&ghost);
    let ready =
        json!({"status": {"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]}});
    let nodes: Api<Node> = Api::all(world.cluster.client.clone());
    nodes
        .patch_status(&ghost, &PatchParams::default(), &Patch::Merge(ready))
        .await?;
    super::pod(&world, &late, &json!({"nodeName": ghost, "volumes": volumes})).await?;
    let made = sim.get("", "pods", &place, &late).unwrap_or_default();
    let event = json!({"metadata": {"name": drawn("event")}, "type": "Warning", "reason": "FailedAttachVolume",
        "message": format!("Multi-Attach error for volume \"pvc-1\" Volume is already used by pod(s) {holder}-1"),
        "lastTimestamp": jiff::Timestamp::now().to_string(), "source": {"component": "attachdetach-controller"},
        "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": late, "namespace": place,
                           "uid": made["metadata"]["uid"]}});
    make(&world, "v1", "Event", event).await?;
    let why = format!("claim `{data}` is in use by pod `{holder}-");
    Row::new(
        format!("pod/{late}"),
        &["failed attach volume", "Multi-Attach error", &why],
    )
    .is_told(&world)
    .await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_kernel_refused_is_told_with_the_mount_and_the_setting() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let says_line = |line: &str| json!({"command": ["/bin/sh", "-c", format!("echo \"{line}\"; exit 1")]});
    let with = |line: &str, more: Value| {
        let mut container = says_line(line);
        super::merge(&mut container, &more);
        container
    };
    let tmp = json!({"volumes": [{"name": "scratch", "emptyDir": {"sizeLimit": "8Mi"}}]});
    let mounted = json!({"volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}]});
    let fixed = json!({"securityContext": {"readOnlyRootFilesystem": true}});
    let user = json!({"securityContext": {"runAsUser": 1000}});
    let none = json!({});
    for (word, container, pod, why) in [
        (
            "root",
            with("open /var/lib/state: read-only file system", fixed.clone()),
            none.clone(),
            "it wants to write `/var/lib/state`, but has `readOnlyRootFilesystem` and no volume there",
        ),
        (
            "denied",
            with("mkdir /srv/data: permission denied", user),
            none.clone(),
            "it may not use `/srv/data` as user 1000",
        ),
        (
            "full",
            with("write /scratch/a: no space left on device", mounted.clone()),
            tmp.clone(),
            "there is no space left on volume `scratch` at `/scratch`, which may hold 8Mi",
        ),
        (
            "binary",
            says_line("exec /app: exec format error"),
            none.clone(),
            "its program is not made for the node's architecture `amd64`",
        ),
    ] {
        let name = drawn(word);
        deploy(
            &world,
            deployment(&name, world.cluster.draw.old, &container, &pod),
        )
        .await?;
        let row = Row::new(
            format!("deployment/{name}"),
            &["exit code 1", why, "Certainty: inferred"],
        );
        row.is_told(&world).await?;
    }
    // Nothing of the pod explains this one, and nothing is made up.
    let name = drawn("table");
    let container = with("permission denied for table users", fixed);
    deploy(
        &world,
        deployment(&name, world.cluster.draw.old, &container, &none),
    )
    .await?;
    let answer = says_of(
        &world,
        &format!("deployment/{name}"),
        &["exit code 1", "Certainty: seen"],
    )
    .await?;
    says_not(&answer, &["it may not use", "it wants to write"]);
    world.finish().await
}
