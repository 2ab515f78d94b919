//! One cluster with many pods that do not work, each in its own way: exit codes, images, commands, references, admission.

use serde_json::{Value, json};

use super::{Row, deploy, deployment, drawn, job, says_of, world};
use crate::says_not;
use ceo_tests::world::World;

fn shell(line: &str) -> Value {
    json!(["/bin/sh", "-c", line])
}

/// A Deployment whose container is other than usual, and what must be said of it.
async fn broken(world: &World, word: &str, container: &Value, says: &[&str]) -> anyhow::Result<Row> {
    let name = drawn(word);
    let object = deployment(&name, world.cluster.draw.old, container, &json!({}));
    deploy(world, object).await?;
    Ok(Row::new(format!("deployment/{name}"), says))
}

async fn all_are_told(world: &World, rows: &[Row]) -> anyhow::Result<()> {
    for row in rows {
        row.is_told(world).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_are_told_by_what_they_mean() -> anyhow::Result<()> {
    let world = world().await?;
    let mut rows = vec![];
    for (code, meaning) in [
        (1, "exit code 1 (error of the program)"),
        (2, "exit code 2 (error of the program)"),
        (3, "exit code 3 (error of the program)"),
        (125, "exit code 125 (the container could not be run)"),
        (126, "exit code 126 (its command cannot be executed)"),
        (127, "exit code 127 (its command was not found)"),
        (130, "exit code 130 (ended by SIGINT)"),
        (134, "exit code 134 (aborted, signal 6)"),
        (135, "exit code 135 (bus error, signal 7)"),
        (136, "exit code 136 (arithmetic error, signal 8)"),
        (137, "exit code 137 (killed by signal 9"),
        (139, "exit code 139 (segmentation fault, signal 11)"),
        (143, "exit code 143 (ended by SIGTERM"),
        (255, "exit code 255 (error of the program)"),
    ] {
        let words = drawn("words");
        let command = json!({"command": shell(&format!("echo {words}; exit {code}"))});
        let row = broken(&world, &format!("exit{code}"), &command, &[meaning, &words]).await?;
        rows.push(row);
    }
    let init = json!([{"name": "prepare", "image": world.cluster.draw.old, "command": shell("exit 127")}]);
    let name = drawn("init");
    let object = deployment(
        &name,
        world.cluster.draw.old,
        &json!({}),
        &json!({"initContainers": init}),
    );
    deploy(&world, object).await?;
    let says = ["init container prepare, exit code 127 (its command was not found)"];
    rows.push(Row::new(format!("deployment/{name}"), &says));
    let sidecar = json!([{"name": "proxy", "image": world.cluster.draw.old, "restartPolicy": "Always", "command": shell("exit 139")}]);
    let name = drawn("sidecar");
    let object = deployment(
        &name,
        world.cluster.draw.old,
        &json!({}),
        &json!({"initContainers": sidecar}),
    );
    deploy(&world, object).await?;
    let says = ["init container proxy, exit code 139"];
    rows.push(Row::new(format!("deployment/{name}"), &says));
    for (word, spec, line, says) in [
        (
            "tried",
            json!({}),
            "echo no database; exit 126",
            vec!["1 pod of it failed", "exit code 126", "no database"],
        ),
        (
            "late",
            json!({"activeDeadlineSeconds": 1}),
            "sleep 100000",
            vec!["took longer than its deadline"],
        ),
    ] {
        let name = drawn(word);
        job(&world, &name, spec, line).await?;
        rows.push(Row::new(format!("job/{name}"), &says));
    }
    all_are_told(&world, &rows).await?;
    world.finish().await
}

/// What containerd and registries say of images that cannot be had.
const PULLS: [(&str, &str, &str, &str); 9] = [
    (
        "gone",
        "failed to pull and unpack image \"docker.io/local/api:v1.0.0\": failed to resolve image: docker.io/local/api:v1.0.0: not found",
        "the registry has no such image",
        "check the image's name and tag",
    ),
    (
        "manifest",
        "failed to resolve reference: manifest unknown: manifest tagged by \"v1.0.0\" is not found",
        "the registry has no such image",
        "check the image's name and tag",
    ),
    (
        "login",
        "failed to resolve image: failed to authorize: failed to fetch oauth token: unexpected status from GET request: 401 Unauthorized",
        "the registry refuses the login, or got none",
        "spec.imagePullSecrets",
    ),
    (
        "basic",
        "failed to resolve image: pull access denied, no basic auth credentials",
        "the registry refuses the login, or got none",
        "spec.imagePullSecrets",
    ),
    (
        "hidden",
        "failed to resolve image: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
        "or hides it from who does not log in",
        "and the pull secret",
    ),
    (
        "often",
        "failed to resolve image: unexpected status from HEAD request: 429 Too Many Requests",
        "the registry takes no more requests for now",
        "wait, or log in",
    ),
    (
        "far",
        "failed to resolve image: failed to do request: Head \"https://registry.example/v2/\": dial tcp: lookup registry.example on 10.96.0.10:53: no such host",
        "the node does not reach the registry",
        "see why the node does not reach the registry",
    ),
    (
        "slow",
        "failed to resolve image: failed to do request: Head \"https://registry-1.docker.io/v2/\": dial tcp 10.1.2.3:443: i/o timeout",
        "the node does not reach the registry",
        "its network, its certificate",
    ),
    (
        "trust",
        "failed to resolve image: tls: failed to verify certificate: x509: certificate signed by unknown authority",
        "the node does not reach the registry",
        "its certificate",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_cannot_be_had_is_told_with_the_reason() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (sim, place) = (world.cluster.sim()?, world.cluster.namespace().to_owned());
    let mut rows = vec![];
    for (word, sentence, why, advice) in PULLS {
        let name = drawn(word);
        sim.node().pods(&place, &format!("{name}-*")).pull_fails(sentence);
        let object = deployment(&name, world.cluster.draw.old, &json!({}), &json!({}));
        deploy(&world, object).await?;
        rows.push(Row::new(
            format!("deployment/{name}"),
            &["cannot be pulled", why, advice],
        ));
    }
    all_are_told(&world, &rows).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_container_from_its_start_is_named() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (sim, place) = (world.cluster.sim()?, world.cluster.namespace().to_owned());
    let mut rows = vec![];
    let missing = json!({"command": ["/opt/no-such-server"]});
    rows.push(
        broken(
            &world,
            "binary",
            &missing,
            &[
                "its image has no command `/opt/no-such-server`",
                "correct `command` of container api",
            ],
        )
        .await?,
    );
    for (word, sentence, says) in [
        (
            "path",
            "exec: \"serve\": executable file not found in $PATH",
            "its image has no command `serve`",
        ),
        (
            "mode",
            "exec: \"/run.sh\": permission denied",
            "its command `/run.sh` may not be executed",
        ),
        (
            "user",
            "unable to find user app: no matching entries in passwd file",
            "cannot be started (unable to find user app",
        ),
    ] {
        let name = drawn(word);
        let sentence = format!(
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: {sentence}"
        );
        sim.node()
            .pods(&place, &format!("{name}-*"))
            .start_fails(&sentence);
        deploy(
            &world,
            deployment(&name, world.cluster.draw.old, &json!({}), &json!({})),
        )
        .await?;
        rows.push(Row::new(
            format!("deployment/{name}"),
            &["cannot be started", says],
        ));
    }
    let of = |kind: &str, name: &str| json!({"env": [{"name": "A", "valueFrom": {kind: {"key": "url", "name": name}}}]});
    rows.push(
        broken(
            &world,
            "secret",
            &of("secretKeyRef", "no-such-login"),
            &["there is no Secret `no-such-login`"],
        )
        .await?,
    );
    rows.push(
        broken(
            &world,
            "config",
            &of("configMapKeyRef", "no-such-rules"),
            &["there is no ConfigMap `no-such-rules`"],
        )
        .await?,
    );
    let near = drawn("settings");
    super::make(
        &world,
        "v1",
        "ConfigMap",
        json!({"metadata": {"name": near}, "data": {"a": "b"}}),
    )
    .await?;
    let typo = format!("{near}s");
    let says = [
        format!("there is no ConfigMap `{typo}`"),
        format!("Perhaps: `{near}` was meant"),
    ];
    let says: Vec<&str> = says.iter().map(String::as_str).collect();
    rows.push(broken(&world, "typo", &of("configMapKeyRef", &typo), &says).await?);
    let name = drawn("mount");
    let volumes = json!({"volumes": [{"name": "cfg", "configMap": {"name": typo}}]});
    let mounts = json!({"volumeMounts": [{"mountPath": "/cfg", "name": "cfg"}]});
    deploy(
        &world,
        deployment(&name, world.cluster.draw.old, &mounts, &volumes),
    )
    .await?;
    let says = ["failed mount", &typo, says[1]];
    rows.push(Row::new(format!("deployment/{name}"), &says));
    let ports = json!([{"name": "http", "containerPort": 8000}]);
    let probe = json!({"httpGet": {"path": "/ready", "port": 9000}, "periodSeconds": 1});
    let unready = json!({"command": shell("sleep 100000"), "ports": ports, "readinessProbe": probe});
    let says = [
        "its readiness probe fails",
        "`readinessProbe` asks `9000/ready`, and the container declares only http (8000)",
    ];
    rows.push(broken(&world, "port", &unready, &says).await?);
    all_are_told(&world, &rows).await?;
    world.finish().await
}

/// What the API server says when it refuses pods.
const REFUSALS: [(&str, &str, &str, &str); 8] = [
    (
        "most",
        "pods \"{pod}\" is forbidden: maximum memory usage per Container is 64Mi, but limit is 128Mi",
        "a LimitRange does not allow them (maximum memory usage per Container is 64Mi, but limit is 128Mi)",
        "within the LimitRange",
    ),
    (
        "least",
        "pods \"{pod}\" is forbidden: minimum cpu usage per Container is 100m, but request is 10m",
        "a LimitRange does not allow them (minimum cpu usage",
        "within the LimitRange",
    ),
    (
        "secure",
        "pods \"{pod}\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"api\" must set securityContext.allowPrivilegeEscalation=false)",
        "pod security `restricted:latest` does not allow them",
        "securityContext",
    ),
    (
        "account",
        "pods \"{pod}\" is forbidden: error looking up service account shop/robot: serviceaccount \"robot\" not found",
        "there is no ServiceAccount `robot`",
        "create the ServiceAccount `robot`",
    ),
    (
        "hook",
        "Internal error occurred: failed calling webhook \"pods.policy.example\": failed to call webhook: Post \"https://policy.ops.svc:443/validate?timeout=10s\": no endpoints available for service \"policy\"",
        "the webhook `pods.policy.example` does not answer, its Service is `policy`",
        "failurePolicy",
    ),
    (
        "hooklate",
        "Internal error occurred: failed calling webhook \"pods.policy.example\": failed to call webhook: Post \"https://policy.ops.svc:443/validate?timeout=10s\": context deadline exceeded",
        "the webhook `pods.policy.example` does not answer, its Service is `policy.ops.svc`",
        "failurePolicy",
    ),
    (
        "denied",
        "admission webhook \"images.policy.example\" denied the request: the image has no digest",
        "the webhook `images.policy.example` refuses them",
        "change what the webhook names",
    ),
    (
        "priority",
        "pods \"{pod}\" is forbidden: no PriorityClass with name urgent was found",
        "Pods cannot be made: no PriorityClass with name urgent was found",
        "Looked at",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn who_refuses_pods_is_named() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (sim, place) = (world.cluster.sim()?, world.cluster.namespace().to_owned());
    let mut rows = vec![];
    for (word, sentence, why, advice) in REFUSALS {
        let name = drawn(word);
        sim.node().refuse_pods(&place, &format!("{name}-*"), sentence);
        deploy(
            &world,
            deployment(&name, world.cluster.draw.old, &json!({}), &json!({})),
        )
        .await?;
        rows.push(Row::new(
            format!("deployment/{name}"),
            &["Pods cannot be made", why, advice],
        ));
    }
    all_are_told(&world, &rows).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn last_words_name_the_right_and_the_host_that_are_lacking() -> anyhow::Result<()> {
    let world = world().await?;
    let line = "echo 'pods is forbidden: User \"system:serviceaccount:shop:robot\" cannot list resource \"pods\" in API group \"\" in the namespace \"shop\" (list pods)'; exit 1";
    let right = broken(
        &world,
        "right",
        &json!({"command": shell(line)}),
        &[
            "ServiceAccount `shop/robot` may not `list` `pods` in namespace shop",
            "Certainty: inferred",
            "Hence: Pod",
            "bind a Role with `list` on `pods`",
        ],
    )
    .await?;
    let service = drawn("postgres");
    super::service(
        &world,
        &service,
        json!({"selector": {"app": "x"}, "ports": [{"port": 5432}]}),
    )
    .await?;
    let line = format!("echo dial tcp: lookup {service}s on 10.96.0.10:53: no such host; exit 4");
    let says = [format!(
        "Perhaps: its last lines name the host `{service}s`, which is no Service here; there is `{service}`"
    )];
    let host = broken(
        &world,
        "host",
        &json!({"command": shell(&line)}),
        &[&says[0], "exit code 4"],
    )
    .await?;
    right.is_told(&world).await?;
    host.is_told(&world).await?;
    // A word that is no host is no cause.
    let plain = broken(
        &world,
        "plain",
        &json!({"command": shell("echo cannot connect to the moon; exit 5")}),
        &["exit code 5", "Certainty: seen"],
    )
    .await?;
    let answer = says_of(
        &world,
        &plain.what,
        &["exit code 5", "cannot connect to the moon"],
    )
    .await?;
    says_not(&answer, &["Perhaps", "Hence"]);
    world.finish().await
}
