//! One cluster with claims, Ingresses, autoscalers and CronJobs that do not work: the first broken link is named.

use ceo_tests::world::World;
use serde_json::{Value, json};

use super::{Row, deploy, deployment, drawn, is_well, make, service, world};
use crate::says;

async fn claim(world: &World, name: &str, class: Option<&str>) -> anyhow::Result<()> {
    let object = json!({"metadata": {"name": name}, "spec": {"accessModes": ["ReadWriteOnce"],
        "storageClassName": class, "resources": {"requests": {"storage": "1Gi"}}}});
    make(world, "v1", "PersistentVolumeClaim", object).await
}

/// A Deployment that mounts a claim.
async fn user_of(world: &World, claim: &str) -> anyhow::Result<String> {
    let name = drawn("user");
    let volumes = json!({"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]});
    deploy(
        world,
        deployment(&name, world.cluster.draw.old, &json!({}), &volumes),
    )
    .await?;
    Ok(format!("deployment/{name}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_without_its_class_is_told_and_explains_its_pod() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    for (name, mode) in [("fast", "Immediate"), ("late", "WaitForFirstConsumer")] {
        let class =
            json!({"metadata": {"name": name}, "provisioner": "local/path", "volumeBindingMode": mode});
        make(&world, "storage.k8s.io/v1", "StorageClass", class).await?;
    }
    let [lost, bound, waits, used] = ["lost", "bound", "waits", "used"].map(drawn);
    claim(&world, &lost, Some("no-such-class")).await?;
    claim(&world, &bound, Some("fast")).await?;
    claim(&world, &waits, Some("late")).await?;
    claim(&world, &used, Some("late")).await?;
    let why =
        format!("Volume claim `{lost}`: there is no storage class `no-such-class` (there are: fast, late)");
    let row = Row::new(
        format!("pvc/{lost}"),
        &[&*why, "make claim", "ProvisioningFailed"],
    );
    let answer = row.is_told(&world).await?;
    says(
        &answer,
        &[
            "Certainty: seen",
            "storageclass.storage.k8s.io \"no-such-class\" not found",
        ],
    );
    let user = user_of(&world, &lost).await?;
    let answer = Row::new(user, &[&*why, "Hence: Pod", "Pending"])
        .is_told(&world)
        .await?;
    says(&answer, &["volume claims:"]);
    is_well(&world, &format!("pvc/{bound}"), &["is bound to volume pvc-"]).await?;
    is_well(
        &world,
        &format!("pvc/{waits}"),
        &["waits for the first pod that uses it"],
    )
    .await?;
    let user = user_of(&world, &used).await?;
    is_well(&world, &user, &["is healthy"]).await?;
    is_well(&world, &format!("pvc/{used}"), &["is bound"]).await?;
    let near = world
        .ask(&world.operator(), &format!("/ceo diagnose what:pvc/{bound}x"))
        .await?;
    says(&near, &["There is no persistentvolumeclaim", &bound]);
    let typo = user_of(&world, &format!("{bound}s")).await?;
    let meant = format!("Perhaps: `{bound}` was meant");
    Row::new(typo, &["does not exist", &*meant])
        .is_told(&world)
        .await?;
    let place = says_of_place(&world, &["volume claims: 1 of 4 with trouble"]).await?;
    says(&place, &[&why]);
    world.finish().await
}

async fn says_of_place(world: &World, words: &[&str]) -> anyhow::Result<ceo_tests::discord::Message> {
    let look = || async {
        let answer = world.ask(&world.operator(), "/ceo diagnose").await?;
        let text = answer.text();
        Ok(words.iter().all(|word| text.contains(word)).then_some(answer))
    };
    ceo_tests::world::until(ceo_tests::world::PATIENCE, look).await
}

fn to(name: &str, port: &Value) -> Value {
    json!({"service": {"name": name, "port": port}})
}

fn rules(host: &str, backend: &Value) -> Value {
    json!([{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}])
}

async fn ingress(world: &World, name: &str, spec: Value) -> anyhow::Result<()> {
    let object = json!({"metadata": {"name": name}, "spec": spec});
    make(world, "networking.k8s.io/v1", "Ingress", object).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_broken_link_of_an_ingress_is_named() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let app = world.cluster.deploy().await?;
    let (front, dead) = (drawn("front"), drawn("dead"));
    let ports = json!([{"name": "web", "port": 80, "targetPort": 8000}]);
    service(&world, &front, json!({"selector": {"app": app}, "ports": ports})).await?;
    service(
        &world,
        &dead,
        json!({"selector": {"role": "nobody"}, "ports": ports}),
    )
    .await?;
    let class = json!({"metadata": {"name": "nginx"}, "spec": {"controller": "k8s.io/ingress-nginx"}});
    make(&world, "networking.k8s.io/v1", "IngressClass", class).await?;
    let well = rules("a.example", &to(&front, &json!({"number": 80})));
    let near = format!("{front}s");
    let cases = [
        (
            "class",
            json!({"ingressClassName": "ngnix", "rules": rules("b.example", &to(&front, &json!({"number": 80})))}),
            vec![
                "there is no ingress class `ngnix` (there are: nginx)".to_owned(),
                "correct `spec.ingressClassName`".to_owned(),
            ],
        ),
        (
            "none",
            json!({"rules": rules("c.example", &to(&front, &json!({"number": 80})))}),
            vec!["it names no ingress class, and the cluster has no default (there are: nginx)".to_owned()],
        ),
        (
            "backend",
            json!({"ingressClassName": "nginx", "rules": rules("d.example", &to(&near, &json!({"number": 80})))}),
            vec![
                format!("there is no Service `{near}`; there is `{front}`"),
                "backend.service.name".to_owned(),
            ],
        ),
        (
            "port",
            json!({"ingressClassName": "nginx", "rules": rules("e.example", &to(&front, &json!({"number": 8080})))}),
            vec![
                format!("Service `{front}` has no port `8080` (it has: web (80))"),
                "backend.service.port".to_owned(),
            ],
        ),
        (
            "named",
            json!({"ingressClassName": "nginx", "rules": rules("f.example", &to(&front, &json!({"name": "http"})))}),
            vec![format!("Service `{front}` has no port `http` (it has: web (80))")],
        ),
        (
            "dead",
            json!({"ingressClassName": "nginx", "rules": rules("g.example", &to(&dead, &json!({"number": 80})))}),
            vec![
                format!("Service `{dead}`: its selector role=nobody matches no running pod"),
                format!("Hence: Ingress"),
                format!("its Service `{dead}` leads to nobody"),
            ],
        ),
        (
            "secret",
            json!({"ingressClassName": "nginx", "tls": [{"hosts": ["h.example"], "secretName": "no-such-tls"}],
            "rules": rules("h.example", &to(&front, &json!({"number": 80})))}),
            vec![
                "there is no Secret `no-such-tls` of type `kubernetes.io/tls` for its certificate".to_owned(),
                "create the Secret `no-such-tls`".to_owned(),
            ],
        ),
    ];
    for (word, spec, says) in cases {
        let name = drawn(word);
        ingress(&world, &name, spec).await?;
        Row::new(format!("ingress/{name}"), &says).is_told(&world).await?;
    }
    let (first, second) = (drawn("first"), drawn("second"));
    ingress(
        &world,
        &first,
        json!({"ingressClassName": "nginx", "rules": well}),
    )
    .await?;
    is_well(
        &world,
        &format!("ingress/{first}"),
        &["a.example", &format!("Service {front}: nothing wrong")],
    )
    .await?;
    ingress(
        &world,
        &second,
        json!({"ingressClassName": "nginx", "rules": well}),
    )
    .await?;
    let says = format!("Ingress `{first}` takes `a.example/`, too");
    Row::new(format!("ingress/{second}"), &[says])
        .is_told(&world)
        .await?;
    let near = world
        .ask(&world.operator(), &format!("/ceo diagnose what:ingress/{first}x"))
        .await?;
    crate::says(&near, &["There is no ingress", &first]);
    world.finish().await
}

async fn autoscaler(world: &World, name: &str, target: &str) -> anyhow::Result<()> {
    let metric = json!({"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}});
    let object = json!({"metadata": {"name": name}, "spec": {"minReplicas": 1, "maxReplicas": 3, "metrics": [metric],
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}}});
    make(world, "autoscaling/v2", "HorizontalPodAutoscaler", object).await
}

#[tokio::test(flavor = "multi_thread")]
async fn why_an_autoscaler_does_not_scale_is_told() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let sim = world.cluster.sim()?;
    sim.node().metrics_installed(true);
    let (app, bare) = (drawn("app"), drawn("bare"));
    world.cluster.deploy_as(&app, 3, world.cluster.draw.old).await?;
    let asks_nothing = json!({"resources": {}});
    deploy(
        &world,
        deployment(&bare, world.cluster.draw.old, &asks_nothing, &json!({})),
    )
    .await?;
    let [well, gone, blind] = ["well", "gone", "blind"].map(drawn);
    autoscaler(&world, &well, &app).await?;
    autoscaler(&world, &gone, &format!("{app}s")).await?;
    autoscaler(&world, &blind, &bare).await?;
    is_well(
        &world,
        &format!("hpa/{well}"),
        &["what it scales", "CPU 35 % of 70 %", "3 (1 to 3)"],
    )
    .await?;
    let says = [
        format!("what it scales, `deployment/{app}s`, does not exist; there is `{app}`"),
        "spec.scaleTargetRef".to_owned(),
    ];
    Row::new(format!("hpa/{gone}"), &says).is_told(&world).await?;
    let says = [
        format!("container `api` of `deployment/{bare}` requests none"),
        "set `resources.requests.cpu` of api".to_owned(),
    ];
    Row::new(format!("hpa/{blind}"), &says).is_told(&world).await?;
    sim.node().metrics_load(95);
    let says = [
        "it would want more than its maximum of 3 pods",
        "raise `spec.maxReplicas`",
    ];
    Row::new(format!("hpa/{well}"), &says).is_told(&world).await?;
    sim.node().metrics_load(35);
    sim.node().metrics_installed(false);
    let says = [
        "the cluster serves no resource metrics",
        "install or mend the metrics server",
    ];
    Row::new(format!("hpa/{well}"), &says).is_told(&world).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cronjob_is_told_by_its_newest_job() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let cronjob = |name: &str, suspend: bool, line: &str| {
        let container =
            json!({"name": "work", "image": world.cluster.draw.old, "command": ["/bin/sh", "-c", line]});
        json!({"metadata": {"name": name}, "spec": {"schedule": "0 3 * * *", "suspend": suspend,
            "jobTemplate": {"spec": {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}}}})
    };
    let [fails, rests, new] = ["fails", "rests", "new"].map(drawn);
    for (name, suspend, line) in [
        (&fails, false, "echo no space left; exit 2"),
        (&rests, true, "exit 0"),
        (&new, false, "exit 0"),
    ] {
        make(&world, "batch/v1", "CronJob", cronjob(name, suspend, line)).await?;
    }
    is_well(&world, &format!("cronjob/{rests}"), &["is suspended"]).await?;
    is_well(&world, &format!("cronjob/{new}"), &["0 3 * * *", "not run yet"]).await?;
    // As its controller makes one.
    let owner = world
        .cluster
        .sim()?
        .get("batch", "cronjobs", world.cluster.namespace(), &fails)
        .unwrap_or_default();
    let container = json!({"name": "work", "image": world.cluster.draw.old, "command": ["/bin/sh", "-c", "echo no space left; exit 2"]});
    let job = json!({"metadata": {"name": format!("{fails}-1"), "ownerReferences": [{"apiVersion": "batch/v1", "kind": "CronJob",
            "name": fails, "uid": owner["metadata"]["uid"], "controller": true}]},
        "spec": {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}});
    make(&world, "batch/v1", "Job", job).await?;
    let job = format!("Job `{fails}-1`");
    let says = [
        &*job,
        "1 pod of it failed, and it allows no more",
        "exit code 2",
        "no space left",
        "failed when it ran last",
    ];
    Row::new(format!("cronjob/{fails}"), &says)
        .is_told(&world)
        .await?;
    let near = world
        .ask(&world.operator(), &format!("/ceo diagnose what:cronjob/{fails}x"))
        .await?;
    crate::says(&near, &["There is no cronjob", &fails]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_node_has_is_named() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let image = world.cluster.draw.old;
    let (large, picky) = (drawn("large"), drawn("picky"));
    let much = json!({"resources": {"requests": {"cpu": "640"}}});
    deploy(&world, deployment(&large, image, &much, &json!({}))).await?;
    let wanted = json!({"nodeSelector": {"disktype": "no-such-type"}});
    deploy(&world, deployment(&picky, image, &json!({}), &wanted)).await?;
    let says = ["Pending", "cpu", "it requests 640 of cpu; the largest node"];
    Row::new(format!("deployment/{large}"), &says)
        .is_told(&world)
        .await?;
    let says = [
        "does not match the node selector",
        "no node has the label `disktype=no-such-type`",
    ];
    Row::new(format!("deployment/{picky}"), &says[1..])
        .is_told(&world)
        .await?;
    world.finish().await
}
