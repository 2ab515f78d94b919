//! Do the lists of `/ceo get` show what there is, what is wrong first, and say of what may not be read which right is missing?

use ceo_tests::{
    kube::access::Rules,
    world::{IDS, World},
};
use k8s_openapi::api::core::v1::Node;
use kube::{
    Api,
    api::{DynamicObject, Patch, PatchParams, PostParams},
    core::{ApiResource, GroupVersionKind},
};
use serde_json::{Value, json};

use crate::{asks_until, says, says_not};

/// Makes an object as a person with kubectl would.
pub(crate) async fn make(world: &World, api_version: &str, kind: &str, object: Value) -> anyhow::Result<()> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    let api: Api<DynamicObject> =
        Api::namespaced_with(world.cluster.client.clone(), world.cluster.namespace(), &resource);
    let mut object = object;
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(kind);
    api.create(&PostParams::default(), &serde_json::from_value(object)?)
        .await?;
    Ok(())
}

/// In Chinese, from a bot whose channels read that.
async fn chinese() -> anyhow::Result<World> {
    let mut world = World::before_the_bot(ceo_tests::world::Setup::default()).await?;
    world.bot.env("CEO__DISCORD__LANGUAGE", "zh-CN");
    world.bot.start().await?;
    world.ready().await?;
    Ok(world)
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_namespace_and_of_a_pod() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    world
        .cluster
        .set_image("deployment", &app, "docker.io/local/api:no-such")
        .await?;
    let answer = asks_until(&world, "/ceo get events", &["Warning", "Normal", "Failed"]).await?;
    says(&answer, &["REASON", "TIMES", "LAST", "of them", "warning"]);
    let text = answer.text();
    assert!(
        text.find("Warning") < text.find("Normal"),
        "what is wrong comes first:\n{text}"
    );

    let answer = asks_until(
        &world,
        &format!("/ceo get events for:deployment/{app}"),
        &["ScalingReplicaSet"],
    )
    .await?;
    says(&answer, &[&format!("deployment/{app}"), &format!("pod/{app}-")]);
    let pods = world.cluster.pods(&app).await?;
    let pod = pods[0].metadata.name.clone().unwrap();
    let answer = asks_until(&world, &format!("/ceo get events for:pod/{pod}"), &["Scheduled"]).await?;
    says(&answer, &[&pod]);
    says_not(&answer, &["ScalingReplicaSet"]);
    let answer = asks_until(
        &world,
        &format!("/ceo get events selector:app={app}"),
        &["Scheduled"],
    )
    .await?;
    says_not(&answer, &["ScalingReplicaSet"]);
    let answer = world
        .ask(&world.viewer(), &format!("/ceo get events for:pod/{app}-x"))
        .await?;
    says(&answer, &[&format!("There is no pod `{app}-x`"), "Did you mean"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_with_what_is_asked_for_of_them() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let answer = asks_until(&world, "/ceo get nodes", &["Ready", "kubelet `v"]).await?;
    says(&answer, &["NAME", "STATE", "CPU", "MEM", "PODS", "/110", " %"]);
    says_not(&answer, &["in trouble"]);
    let answer = asks_until(
        &world,
        &format!("/ceo get nodes for:deployment/{app}"),
        &["Ready"],
    )
    .await?;
    says(&answer, &[&format!("of deployment/{app}")]);
    if !world.cluster.is_real() {
        let nodes: Api<Node> = Api::all(world.cluster.client.clone());
        let first = nodes.list(&Default::default()).await?.items.remove(0);
        let name = first.metadata.name.unwrap();
        let cordon = Patch::Merge(json!({ "spec": { "unschedulable": true } }));
        nodes.patch(&name, &PatchParams::default(), &cordon).await?;
        asks_until(&world, "/ceo get nodes", &["SchedulingDisabled"]).await?;
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_is_named_with_the_rule() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(ceo_tests::world::Setup::default()).await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    let namespace = world.cluster.namespace().to_owned();
    let here = Rules::none().allow(Some(&namespace), &["*"], &["*"], &["*"]);
    world.cluster.restrict(here)?;
    world.bot.start().await?;
    world.ready().await?;
    let answer = asks_until(&world, "/ceo get nodes", &["may not list"]).await?;
    says(&answer, &["nodes", "lacks the verb `list`", "ceo-bot rbac"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn ingresses_with_their_backends() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let service = json!({ "metadata": { "name": "front" }, "spec": { "selector": { "app": app }, "ports": [{ "port": 80 }] } });
    make(&world, "v1", "Service", service).await?;
    let ingress = |name: &str, to: &str| {
        let backend = json!({ "service": { "name": to, "port": { "number": 80 } } });
        json!({ "metadata": { "name": name }, "spec": { "ingressClassName": "nginx", "rules": [{ "host": format!("{name}.example"),
            "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": backend }] } }] } })
    };
    make(
        &world,
        "networking.k8s.io/v1",
        "Ingress",
        ingress("good", "front"),
    )
    .await?;
    make(&world, "networking.k8s.io/v1", "Ingress", ingress("lost", "gone")).await?;
    let told = [
        "2 Ingresses, ",
        "1 in trouble",
        "good.example",
        "its Service gone does not exist",
    ];
    let answer = asks_until(&world, "/ceo get ingress", &told).await?;
    says(&answer, &["HOSTS", "CLASS", "TLS ENDS", "nginx", "none"]);
    let answer = asks_until(
        &world,
        &format!("/ceo get ingress for:deployment/{app}"),
        &["good.example"],
    )
    .await?;
    says_not(&answer, &["lost", "in trouble"]);
    let answer = world.ask(&world.viewer(), "/ceo get ingress for:node/x").await?;
    says(&answer, &["for:node/x", "ingress/…"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_and_how_they_ended() -> anyhow::Result<()> {
    let world = chinese().await?;
    let answer = world.ask(&world.viewer(), "/ceo get jobs").await?;
    says(&answer, &["没有 Job"]);
    let job = |name: &str, command: &str| {
        json!({ "metadata": { "name": name }, "spec": { "backoffLimit": 0, "completions": 1, "template": { "spec": {
            "restartPolicy": "Never", "containers": [{ "name": "run", "image": "docker.io/local/backup:1",
                "command": ["/bin/sh", "-c", command] }] } } } })
    };
    make(&world, "batch/v1", "Job", job("good", "echo done")).await?;
    make(&world, "batch/v1", "Job", job("bad", "exit 3")).await?;
    let answer = asks_until(&world, "/ceo get jobs", &["Complete", "Failed", "1 个异常"]).await?;
    says(&answer, &["2 个 Job", "完成", "用时", "1/1", "已达重试上限"]);
    let answer = asks_until(&world, "/ceo get jobs for:job/good", &["Complete"]).await?;
    says_not(&answer, &["bad"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn cronjobs_and_their_last_run() -> anyhow::Result<()> {
    let world = World::start().await?;
    let cronjob = |name: &str, suspend: bool| {
        json!({ "metadata": { "name": name }, "spec": { "schedule": "0 3 1 1 *", "suspend": suspend, "jobTemplate": { "spec": {
            "template": { "spec": { "restartPolicy": "Never", "containers": [{ "name": "run", "image": "docker.io/local/backup:1" }] } } } } } })
    };
    make(&world, "batch/v1", "CronJob", cronjob("nightly", false)).await?;
    make(&world, "batch/v1", "CronJob", cronjob("off", true)).await?;
    let answer = asks_until(&world, "/ceo get cronjobs", &["2 CronJobs"]).await?;
    says(&answer, &["nightly", "0 3 1 1 *", "never ran", "(suspended)"]);
    says_not(&answer, &["in trouble"]);
    let answer = world
        .ask(&world.viewer(), "/ceo get cronjobs for:cronjob/nightly")
        .await?;
    says_not(&answer, &["off"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn autoscalers_now_and_wanted() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    world.cluster.autoscale(&app, 2, 10).await?;
    let answer = asks_until(&world, "/ceo get hpa", &["1 HPA", "(2 to 10)", "CPU"]).await?;
    says(&answer, &[&format!("deployment/{app}"), "METRICS", "of 70 %"]);
    let answer = asks_until(
        &world,
        &format!("/ceo get hpa for:deployment/{app}"),
        &["1 HPA of"],
    )
    .await?;
    says(&answer, &[&format!("{app}-hpa")]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn volume_claims_with_their_users() -> anyhow::Result<()> {
    let world = World::start().await?;
    let answer = world.ask(&world.viewer(), "/ceo get volumes").await?;
    says(&answer, &["No claims"]);
    let claim = |name: &str, class: Option<&str>| {
        let mut claim = json!({ "metadata": { "name": name }, "spec": { "accessModes": ["ReadWriteOnce"],
            "resources": { "requests": { "storage": "1Gi" } } } });
        if let Some(class) = class {
            claim["spec"]["storageClassName"] = json!(class);
        }
        claim
    };
    make(
        &world,
        "v1",
        "PersistentVolumeClaim",
        claim("lonely", Some("no-such-class")),
    )
    .await?;
    let told = [
        "1 claim, ",
        "1 in trouble",
        "Pending",
        "its class no-such-class does not exist",
    ];
    let answer = asks_until(&world, "/ceo get volumes", &told).await?;
    says(&answer, &["1Gi", "no pod", "USED BY", "not known"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_configuration_and_never_a_secret_s_value() -> anyhow::Result<()> {
    let world = World::start().await?;
    let map = json!({ "metadata": { "name": "settings" }, "data": { "LEVEL": "info" } });
    make(&world, "v1", "ConfigMap", map).await?;
    // `correct-horse-battery`, in base64.
    let secret = json!({ "metadata": { "name": "login" }, "type": "Opaque", "data": { "password": "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5" } });
    make(&world, "v1", "Secret", secret).await?;
    let told = [
        "configmap/settings: 1 key",
        "LEVEL",
        "secret/login: 1 key",
        "password",
        "21",
    ];
    let answer = asks_until(&world, "/ceo get config", &told).await?;
    says(&answer, &["KEY", "BYTES", "Values are not shown"]);
    says_not(&answer, &["correct-horse", "Y29ycmVj", "info"]);
    let app = world.cluster.deploy().await?;
    let env = json!([{ "name": "LEVEL", "valueFrom": { "configMapKeyRef": { "name": "gone", "key": "LEVEL", "optional": false } } }]);
    let patch = json!({ "spec": { "template": { "spec": { "containers": [{ "name": "api", "image": world.cluster.draw.old, "env": env }] } } } });
    world.cluster.merge(&app, patch).await?;
    let line = format!("/ceo get config for:deployment/{app}");
    let answer = asks_until(&world, &line, &["configmap/gone", "is not there"]).await?;
    says_not(&answer, &["login"]);
    if !world.cluster.is_real() {
        let (groups, kinds) = (["", "apps"], ["configmaps", "pods", "deployments", "replicasets"]);
        let namespace = Some(world.cluster.namespace());
        world
            .cluster
            .restrict(Rules::none().allow(namespace, &groups, &kinds, &["*"]))?;
        let answer = asks_until(
            &world,
            "/ceo get config",
            &["Secrets are left out", "may not list"],
        )
        .await?;
        says(&answer, &["configmap/settings", "redact.secret_values"]);
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn quotas_and_what_is_at_its_limit() -> anyhow::Result<()> {
    let world = World::start().await?;
    let answer = world.ask(&world.viewer(), "/ceo get quotas").await?;
    says(&answer, &["No quotas"]);
    let app = world.cluster.deploy().await?;
    let n = world.cluster.draw.replicas.to_string();
    let quota =
        json!({ "metadata": { "name": "small" }, "spec": { "hard": { "pods": n, "requests.cpu": "4" } } });
    make(&world, "v1", "ResourceQuota", quota).await?;
    let range = json!({ "metadata": { "name": "usual" }, "spec": { "limits": [{ "type": "Container", "default": { "cpu": "500m" } }] } });
    make(&world, "v1", "LimitRange", range).await?;
    let told = ["1 quota and 1 LimitRange, ", "1 resource at its limit", "used up"];
    let answer = asks_until(&world, "/ceo get quotas", &told).await?;
    says(
        &answer,
        &["quota/small", "requests.cpu", "limitrange/usual", "limit 500m"],
    );
    says_not(&answer, &[&app]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pods_use_and_a_cluster_that_measures_nothing() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let line = format!("/ceo get top for:deployment/{app}");
    if !world.cluster.is_real() {
        let answer = asks_until(&world, &line, &[&format!("pods of deployment/{app}"), "Together"]).await?;
        says(
            &answer,
            &["CPU", "MEM", "/10m/-", "/16Mi/64Mi", "used/requested/limit"],
        );
        world.cluster.sim()?.metrics_installed(false);
        let answer = asks_until(&world, "/ceo get top", &["has no metrics API"]).await?;
        says(&answer, &["metrics-server"]);
        let outsider = world.discord.person(IDS.outsider);
        let refused = world.ask(&outsider, "/ceo get top").await?;
        says_not(&refused, &["metrics API"]);
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_turned_by_who_asked_also_after_a_restart() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    for n in 0..25 {
        let map =
            json!({ "metadata": { "name": format!("map-{n:02}") }, "data": { format!("KEY_{n:02}"): "x" } });
        make(&world, "v1", "ConfigMap", map).await?;
    }
    let first = asks_until(&world, "/ceo get config", &["KEY_00", "page 1 of 2"]).await?;
    says_not(&first, &["KEY_24"]);
    let second = world.press(&world.viewer(), first.id, "Next").await?;
    says(&second, &["KEY_24", "page 2 of 2"]);
    assert_eq!(second.id, first.id, "the page takes the place of the other");
    let code = world.bot.stop().await?;
    assert_eq!(code, 0);
    world.bot.start().await?;
    world.ready().await?;
    let back = world.press(&world.viewer(), first.id, "Previous").await?;
    says(&back, &["KEY_00", "page 1 of 2"]);
    let refused = world.press(&world.operator(), first.id, "Next").await?;
    assert!(refused.is_ephemeral());
    says_not(&refused, &["KEY_"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_with_who_made_them() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    let map = json!({ "metadata": { "name": "settings" }, "data": { "LEVEL": "a-value-that-stays-out" } });
    make(&world, "v1", "ConfigMap", map).await?;
    let more = world.cluster.draw.replicas + 1;
    let ask = format!("/ceo scale workload:deployment/{app} replicas:{more}");
    let card = world.ask(&world.operator(), &ask).await?;
    world.press(&world.operator(), card.id, "Confirm").await?;
    world.ended("succeeded", 1).await?;
    world.told(IDS.ops, &["Scaled"]).await?;
    let told = ["deployment/", "<@501>", "configmap/settings", "LEVEL"];
    let answer = asks_until(&world, "/ceo get changes", &told).await?;
    says(&answer, &["in the last 1 d", &app]);
    says_not(&answer, &["a-value-that-stays-out"]);
    let answer = world
        .ask(&world.viewer(), "/ceo get changes since:nonsense")
        .await?;
    says_not(&answer, &["in the last"]);
    world.finish().await
}
