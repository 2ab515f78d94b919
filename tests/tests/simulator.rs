//! The simulated API server as kube-rs sees it: lists, watches, patches, faults, and the records that tests read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that meets what it does not expect must fail, also in its helpers"
)]

use std::time::Duration;

use ceo_tests::kube::{
    access::Rules,
    execs::Outcome,
    faults::Effect,
    key::Key,
    sim::{KubeSim, Options},
    store::EventKind,
};
use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{
    Api, AttachParams, DeleteParams, ListParams, LogParams, Patch, PatchParams, PostParams,
    PropagationPolicy, WatchEvent, WatchParams,
};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, Config, ResourceExt as _};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

const PATIENCE: Duration = Duration::from_secs(20);

async fn client(sim: &KubeSim, token: &str) -> Client {
    // A second test of this process finds it installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kubeconfig = Kubeconfig::from_yaml(&sim.kubeconfig(token)).unwrap();
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .unwrap();
    config.read_timeout = Some(PATIENCE);
    Client::try_from(config).unwrap()
}

async fn started() -> (KubeSim, Client) {
    let sim = KubeSim::start(Options::default()).await.unwrap();
    let client = client(&sim, "admin").await;
    (sim, client)
}

fn config_map(name: &str, value: &str) -> ConfigMap {
    serde_json::from_value(json!({"metadata": {"name": name}, "data": {"key": value}})).unwrap()
}

fn deployment(name: &str, replicas: i32) -> Deployment {
    serde_json::from_value(json!({"metadata": {"name": name}, "spec": {"replicas": replicas,
        "selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "api", "image": "docker.io/local/api:v1.0.0"}]}}}}))
    .unwrap()
}

/// Waits for what a future gives; a test that waits in vain fails.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("in time")
}

#[tokio::test]
async fn kube_rs_reads_and_writes() {
    let (sim, client) = started().await;
    let api: Api<Deployment> = Api::default_namespaced(client);
    let created = api
        .create(&PostParams::default(), &deployment("web", 2))
        .await
        .unwrap();
    assert_eq!(created.metadata.generation, Some(1));
    let patch = json!([{"op": "test", "path": "/metadata/uid", "value": created.uid().unwrap()},
        {"op": "replace", "path": "/spec/replicas", "value": 3}]);
    let patch = Patch::Json::<()>(serde_json::from_value(patch).unwrap());
    let patched = api
        .patch(
            "web",
            &PatchParams {
                field_manager: Some("ceo".into()),
                ..PatchParams::default()
            },
            &patch,
        )
        .await;
    assert_eq!(patched.unwrap().spec.unwrap().replicas, Some(3));
    let scale = api.get_scale("web").await.unwrap();
    assert_eq!(scale.spec.unwrap().replicas, Some(3));
    let rehearsed = Patch::Merge(json!({"spec": {"replicas": 9}}));
    api.patch_scale(
        "web",
        &PatchParams {
            dry_run: true,
            ..PatchParams::default()
        },
        &rehearsed,
    )
    .await
    .unwrap();
    assert_eq!(api.get("web").await.unwrap().spec.unwrap().replicas, Some(3));
    let writes = sim.mutations();
    assert_eq!(writes.iter().filter(|write| write.dry_run).count(), 1);
    let patch = writes
        .iter()
        .find(|write| write.patch_type.as_deref() == Some("json"))
        .unwrap();
    assert_eq!(patch.before.as_ref().unwrap()["spec"]["replicas"], 2);
    assert_eq!(patch.after.as_ref().unwrap()["spec"]["replicas"], 3);
    let requests = sim.requests();
    let counted: usize = sim.request_counts().values().sum();
    assert!(counted > 0 && requests.iter().all(|request| request.user == "admin"));
}

#[tokio::test]
async fn kube_rs_follows_a_deployment_to_its_end() {
    let (_sim, client) = started().await;
    let api: Api<Deployment> = Api::default_namespaced(client.clone());
    api.create(&PostParams::default(), &deployment("web", 3))
        .await
        .unwrap();
    let pods: Api<Pod> = Api::default_namespaced(client);
    soon(async {
        while pods
            .list(
                &ListParams::default()
                    .labels("app=web")
                    .fields("status.phase=Running"),
            )
            .await
            .unwrap()
            .items
            .len()
            < 3
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let metadata = pods.list_metadata(&ListParams::default()).await.unwrap();
    assert_eq!(metadata.items.len(), 3);
    pods.logs(&metadata.items[0].name_any(), &LogParams::default())
        .await
        .unwrap();
    let foreground = DeleteParams {
        propagation_policy: Some(PropagationPolicy::Foreground),
        ..DeleteParams::default()
    };
    api.delete("web", &foreground).await.unwrap();
    soon(async {
        while api.get_opt("web").await.unwrap().is_some()
            || !pods.list(&ListParams::default()).await.unwrap().items.is_empty()
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_watch_follows_changes_and_selectors() {
    let (sim, client) = started().await;
    let api: Api<ConfigMap> = Api::default_namespaced(client);
    let version = api
        .list(&ListParams::default())
        .await
        .unwrap()
        .metadata
        .resource_version
        .unwrap();
    let mut first = config_map("a", "1");
    first.labels_mut().insert("tier".into(), "web".into());
    api.create(&PostParams::default(), &first).await.unwrap();
    api.create(&PostParams::default(), &config_map("b", "1"))
        .await
        .unwrap();
    // Leaving the selector is a deletion for who watches through it.
    let leave = Patch::Merge(json!({"metadata": {"labels": {"tier": null}}}));
    api.patch("a", &PatchParams::default(), &leave).await.unwrap();
    let params = WatchParams::default().labels("tier=web").timeout(10);
    let mut events = api.watch(&params, &version).await.unwrap().boxed();
    let mut seen = Vec::new();
    while seen.len() < 2 {
        match soon(events.try_next()).await.unwrap().unwrap() {
            WatchEvent::Added(object) => seen.push(format!("added {}", object.name_any())),
            WatchEvent::Deleted(object) => seen.push(format!("deleted {}", object.name_any())),
            WatchEvent::Bookmark(_) => (),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, ["added a", "deleted a"]);
    // A version whose history is gone.
    sim.store().compact(sim.store().newest());
    let mut events = api
        .watch(&WatchParams::default(), &version)
        .await
        .unwrap()
        .boxed();
    match soon(events.try_next()).await.unwrap().unwrap() {
        WatchEvent::Error(status) => assert_eq!((status.code, status.reason.as_str()), (410, "Expired")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn both_kinds_of_watcher_survive_cuts_and_compaction() {
    let (sim, client) = started().await;
    let api: Api<ConfigMap> = Api::default_namespaced(client);
    for config in [
        watcher::Config::default(),
        watcher::Config::default().streaming_lists(),
    ] {
        let mut stream = watcher(api.clone(), config)
            .default_backoff()
            .applied_objects()
            .boxed();
        let mut next = async |wanted: &str| {
            soon(async {
                loop {
                    // A cut is told as an error, after which the watcher goes on.
                    if let Ok(Some(object)) = stream.try_next().await
                        && object
                            .data
                            .is_some_and(|data| data.get("key").is_some_and(|value| value == wanted))
                    {
                        return;
                    }
                }
            })
            .await;
        };
        api.create(&PostParams::default(), &config_map("x", "first"))
            .await
            .unwrap();
        next("first").await;
        sim.faults()
            .inject("GET", "/configmaps.*watch=", 1, Effect::CutStream(1))
            .unwrap();
        sim.faults()
            .inject("GET", "/configmaps.*watch=", 1, Effect::WatchError(410))
            .unwrap();
        sim.faults().down(true);
        sim.store().compact(sim.store().newest());
        sim.faults().down(false);
        let key = Key::namespaced("", "configmaps", "default", "x");
        sim.store()
            .update(&key, |object| object["data"]["key"] = json!("second"))
            .unwrap();
        next("second").await;
        sim.faults().clear();
        api.delete("x", &DeleteParams::default()).await.unwrap();
    }
    assert!(sim.faults().hits() >= 2);
}

#[tokio::test]
async fn faults_happen_before_or_after_the_effect() {
    let (sim, client) = started().await;
    let api: Api<ConfigMap> = Api::default_namespaced(client);
    api.create(&PostParams::default(), &config_map("c", "0"))
        .await
        .unwrap();
    let write = async |value: &str| {
        let patch = Patch::Merge(json!({"data": {"key": value}}));
        soon(api.patch("c", &PatchParams::default(), &patch)).await
    };
    let stored = || sim.get("", "configmaps", "default", "c").unwrap()["data"]["key"].clone();
    for (effect, code, applied) in [
        (Effect::Status(409), Some(409), false),
        (Effect::Status(500), Some(500), false),
        (Effect::AppliedThenStatus(500), Some(500), true),
        (Effect::CutBefore, None, false),
        (Effect::CutAfter, None, true),
    ] {
        let value = format!("{effect:?}");
        sim.faults()
            .inject("PATCH", "/configmaps/c", 1, effect.clone())
            .unwrap();
        let error = write(&value).await.unwrap_err();
        match (&error, code) {
            (kube::Error::Api(status), Some(code)) => assert_eq!(status.code, code),
            (kube::Error::Api(_), None) | (_, Some(_)) => panic!("{effect:?} gave {error:?}"),
            (_, None) => (),
        }
        assert_eq!(stored() == json!(value), applied, "{effect:?}");
    }
    sim.faults()
        .inject(
            "PATCH",
            "/configmaps/c",
            1,
            Effect::Delay(Duration::from_millis(20)),
        )
        .unwrap();
    write("late").await.unwrap();
    assert_eq!(stored(), "late");
    assert_eq!(sim.faults().waiting(), 0);
    sim.faults().down(true);
    assert!(!matches!(write("lost").await.unwrap_err(), kube::Error::Api(_)));
    sim.faults().down(false);
    write("back").await.unwrap();
    assert_eq!(stored(), "back");
}

#[tokio::test]
async fn rights_are_revocable_and_writes_are_guarded() {
    let (sim, admin) = started().await;
    sim.add_user(
        "ops",
        "ops-token",
        Rules::none().allow(Some("default"), &[""], &["configmaps"], &["*"]),
    );
    let api: Api<ConfigMap> = Api::default_namespaced(client(&sim, "ops-token").await);
    sim.on_mutation(|write| match write.key.name.as_str() {
        "forbidden" => Err("nobody asked for this".into()),
        _ => Ok(()),
    });
    api.create(&PostParams::default(), &config_map("asked", "1"))
        .await
        .unwrap();
    let rehearse = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    api.create(&rehearse, &config_map("forbidden", "1"))
        .await
        .unwrap();
    assert!(sim.violations().is_empty());
    api.create(&PostParams::default(), &config_map("forbidden", "1"))
        .await
        .unwrap();
    assert_eq!(sim.violations().len(), 1);
    let status = |error: kube::Error| match error {
        kube::Error::Api(status) => status.code,
        other => panic!("{other:?}"),
    };
    sim.add_user("ops", "ops-token", Rules::none());
    assert_eq!(status(api.get("asked").await.unwrap_err()), 403);
    sim.revoke_token("ops-token");
    assert_eq!(status(api.get("asked").await.unwrap_err()), 401);
    let everywhere: Api<ConfigMap> = Api::all(admin);
    assert!(everywhere.list(&ListParams::default()).await.unwrap().items.len() >= 2);
}

#[tokio::test]
async fn ten_thousand_pods_are_listed_paged_and_watched() {
    const MANY: usize = 10_000;
    let (sim, client) = started().await;
    sim.namespace("many").unwrap();
    let pod = |index: usize| -> Value {
        // On a node that nobody runs, so that they stay as they are.
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"half": (index % 2).to_string()}},
            "spec": {"nodeName": "elsewhere", "containers": [{"name": "api", "image": "docker.io/local/api:v1.0.0"}]},
            "status": {"phase": "Running"}})
    };
    for index in 0..MANY {
        sim.store()
            .create(
                &Key::namespaced("", "pods", "many", &format!("p{index:05}")),
                pod(index),
            )
            .unwrap();
    }
    let api: Api<Pod> = Api::namespaced(client, "many");
    let all = soon(api.list(&ListParams::default())).await.unwrap();
    assert_eq!(all.items.len(), MANY);
    assert_eq!(
        soon(api.list(&ListParams::default().labels("half=1")))
            .await
            .unwrap()
            .items
            .len(),
        MANY / 2
    );
    let page = soon(api.list(&ListParams::default().limit(500))).await.unwrap();
    assert_eq!(
        page.metadata.remaining_item_count,
        Some(i64::try_from(MANY - 500).unwrap())
    );
    let version = all.metadata.resource_version.unwrap();
    let mut events = api
        .watch(&WatchParams::default().timeout(60), &version)
        .await
        .unwrap()
        .boxed();
    for index in 0..MANY {
        let key = Key::namespaced("", "pods", "many", &format!("p{index:05}"));
        sim.store()
            .update(&key, |pod| pod["status"]["phase"] = json!("Failed"))
            .unwrap();
    }
    let mut failed = 0;
    while failed < MANY {
        if let WatchEvent::Modified(pod) = soon(events.try_next()).await.unwrap().unwrap() {
            failed += usize::from(pod.status.unwrap().phase.as_deref() == Some("Failed"));
        }
    }
    let history = sim.store().since(version.parse().unwrap()).unwrap();
    assert!(
        history
            .iter()
            .filter(|event| event.kind == EventKind::Modified && event.key.plural == "pods")
            .count()
            >= MANY
    );
}

#[tokio::test]
async fn commands_run_in_containers_as_far_as_tests_say_so() {
    let (sim, client) = started().await;
    sim.execs()
        .on("^psql .*SELECT 1", Outcome::prints(" ?column? \n 1\n"))
        .unwrap();
    sim.execs()
        .on("^pg_isready", Outcome::fails(2, "no response\n"))
        .unwrap();
    let pod: Pod = serde_json::from_value(json!({"metadata": {"name": "db"},
        "spec": {"containers": [{"name": "postgres", "image": "docker.io/local/api:v1.0.0"}]}}))
    .unwrap();
    let pods: Api<Pod> = Api::default_namespaced(client);
    pods.create(&PostParams::default(), &pod).await.unwrap();
    let ready = kube::runtime::wait::conditions::is_pod_running();
    soon(Box::pin(kube::runtime::wait::await_condition(
        pods.clone(),
        "db",
        ready,
    )))
    .await
    .unwrap();
    let run = async |argv: Vec<&'static str>| {
        let mut process = soon(pods.exec("db", argv, &AttachParams::default().stderr(true)))
            .await
            .unwrap();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        soon(process.stdout().unwrap().read_to_string(&mut stdout))
            .await
            .unwrap();
        soon(process.stderr().unwrap().read_to_string(&mut stderr))
            .await
            .unwrap();
        let status = soon(process.take_status().unwrap()).await.unwrap();
        (
            stdout,
            stderr,
            status.status.unwrap(),
            status.reason.unwrap_or_default(),
        )
    };
    let done = |stdout: &str| {
        (
            stdout.to_owned(),
            String::new(),
            "Success".to_owned(),
            String::new(),
        )
    };
    assert_eq!(
        run(vec!["psql", "-c", "SELECT 1"]).await,
        done(" ?column? \n 1\n")
    );
    assert_eq!(run(vec!["echo", "hello"]).await, done("hello\n"));
    let (_, stderr, status, reason) = run(vec!["pg_isready"]).await;
    assert_eq!(
        (stderr.as_str(), status.as_str(), reason.as_str()),
        ("no response\n", "Failure", "NonZeroExitCode")
    );
    assert_eq!(run(vec!["mysql"]).await.3, "InternalError");
    assert_eq!(sim.execs().runs()[0].argv, ["psql", "-c", "SELECT 1"]);
    assert_eq!(sim.execs().runs()[0].pod, "default/db");
}

#[tokio::test]
async fn a_rehearsed_deletion_deletes_nothing() {
    let (sim, client) = started().await;
    let api: Api<ConfigMap> = Api::default_namespaced(client);
    api.create(&PostParams::default(), &config_map("kept", "1"))
        .await
        .unwrap();
    sim.on_mutation(|_| Err("a dry run took effect".into()));
    api.delete(
        "kept",
        &DeleteParams {
            dry_run: true,
            ..DeleteParams::default()
        },
    )
    .await
    .unwrap();
    api.get("kept").await.unwrap();
    assert!(sim.mutations().last().unwrap().dry_run);
    assert!(sim.violations().is_empty());
}
