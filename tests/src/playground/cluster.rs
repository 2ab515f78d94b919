//! What runs in the playground's cluster, and how somebody with `kubectl` changes it from outside the chat.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::kube::execs::Outcome;
use crate::kube::fixtures::{self, ceoagent};
use crate::kube::node::Size;
use crate::kube::sim::KubeSim;

pub(super) use ceoagent::{API, NAMESPACE};

/// Images of the API, by what becomes of them: it starts at v1.0.0, and v9.9.9 is in no registry.
pub(super) const GOOD: &str = "docker.io/local/api:v1.1.0";
pub(super) const NEWER: &str = "docker.io/local/api:v1.2.0";
pub(super) const MISSING: &str = "docker.io/local/api:v9.9.9";
pub(super) const CRASHING: &str = "docker.io/local/api:v1.3.0-broken";

/// The nodes; the second one is there so that the first can fail.
pub(super) const NODES: [&str; 2] = ["node-1", "node-2"];

/// The longest that a rollout takes while nobody breaks anything.
const ROLLOUT: Duration = Duration::from_secs(120);
/// The longest that one request to the simulated API server takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Puts the CEOAgent service of the manual into the cluster, at v1.0.0.
///
/// # Errors
/// When an object is refused.
pub(super) fn install(kube: &KubeSim) -> anyhow::Result<()> {
    kube.node().add_node(NODES[1], &Size::default());
    broken_image(kube);
    programs(kube)?;
    for object in ceoagent::objects() {
        fixtures::install(kube.store(), object)?;
    }
    Ok(())
}

/// What the programs of the checks answer in every container: there are none here that would run.
fn programs(kube: &KubeSim) -> anyhow::Result<()> {
    let disk = "Filesystem      Size  Used Avail Use% Mounted on\noverlay          40G   31G  9.0G  78% /\n\
                /dev/sdb        100G   91G  9.0G  91% /var/lib/postgresql/data\n";
    let one = " ?column? \n----------\n        1\n(1 row)\n";
    kube.execs().on("^df -h$", Outcome::prints(disk))?;
    kube.execs().on(
        "^getent hosts postgres$",
        Outcome::prints("10.96.14.3      postgres\n"),
    )?;
    kube.execs().on("^getent hosts ", Outcome::fails(2, ""))?;
    kube.execs().on("SELECT 1$", Outcome::prints(one))?;
    Ok(())
}

/// The image that starts and ends at once, as in the messages of the design.
pub(super) fn broken_image(kube: &KubeSim) {
    kube.node()
        .image(CRASHING)
        .crashes(3, &["booting", "FATAL: database connection refused"]);
}

/// Rolls from v1.0.0 to v1.1.0 once everything runs, so that there is a revision to go back to.
pub(super) async fn give_history(kube: &KubeSim) {
    kube.rolled_out(NAMESPACE, "deployments", API, ROLLOUT).await;
    if let Err(error) = set_image(kube, GOOD).await {
        eprintln!("the first rollout failed: {error:#}");
    }
}

/// How often somebody uses the API.
const REQUEST_EVERY: Duration = Duration::from_millis(700);

/// People use the API: each ready pod logs a request now and then, so that there is a log to read and to follow.
pub(super) async fn traffic(kube: &KubeSim) {
    const REQUESTS: [(&str, u16, u64); 5] = [
        ("GET /v1/agents", 200, 12),
        ("POST /v1/agents/7/run", 202, 48),
        ("GET /v1/reports?week=12", 200, 131),
        ("GET /v1/agents/99", 404, 7),
        ("POST /v1/chat", 200, 912),
    ];
    let mut every = tokio::time::interval(REQUEST_EVERY);
    for number in 0_usize.. {
        every.tick().await;
        let (request, status, took) = REQUESTS[number % REQUESTS.len()];
        let pods = ready_pods(kube);
        if let Some(pod) = pods.get(number % pods.len().max(1)) {
            let line = format!("info {request} {status} {took}ms");
            kube.append_log(NAMESPACE, pod, "api", line);
        }
    }
}

fn ready_pods(kube: &KubeSim) -> Vec<String> {
    let (pods, _) = kube.store().list_shared("", "pods", Some(NAMESPACE));
    let serves = |pod: &Value| {
        let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
        let ready = |one: &Value| one["type"] == "Ready" && one["status"] == "True";
        pod["metadata"]["labels"]["app"] == API && conditions.into_iter().any(ready)
    };
    let names = pods.iter().filter(|pod| serves(pod));
    names
        .filter_map(|pod| pod["metadata"]["name"].as_str().map(str::to_owned))
        .collect()
}

/// `kubectl set image deployment/ceoagent-api api=IMAGE`, with kubectl's field manager.
///
/// # Errors
/// When the API server does not take it.
pub(super) async fn set_image(kube: &KubeSim, image: &str) -> anyhow::Result<()> {
    let containers = json!([{ "name": "api", "image": image }]);
    patch(
        kube,
        "kubectl-set",
        &json!({ "spec": { "template": { "spec": { "containers": containers } } } }),
    )
    .await
}

/// `kubectl scale` and `kubectl rollout resume` in one.
///
/// # Errors
/// When the API server does not take it.
pub(super) async fn three_and_running(kube: &KubeSim) -> anyhow::Result<()> {
    patch(
        kube,
        "kubectl-edit",
        &json!({ "spec": { "replicas": 3, "paused": false } }),
    )
    .await
}

/// A strategic merge patch of the API's Deployment over HTTP, as kubectl sends it: with validation, history of fields
/// and everything else that a shortcut past the API server would miss.
async fn patch(kube: &KubeSim, manager: &str, body: &Value) -> anyhow::Result<()> {
    let path = format!("apis/apps/v1/namespaces/{NAMESPACE}/deployments/{API}");
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .add_root_certificate(reqwest::Certificate::from_pem(kube.ca_pem().as_bytes())?)
        .build()?;
    let answer = client
        .patch(format!("{}/{path}?fieldManager={manager}", kube.url()))
        .bearer_auth("admin")
        .header("content-type", "application/strategic-merge-patch+json")
        .header("user-agent", "kubectl/v1.36.2 (playground)")
        .body(body.to_string())
        .send()
        .await
        .context("the cluster does not answer")?;
    if !answer.status().is_success() {
        bail!("{}: {}", answer.status(), answer.text().await.unwrap_or_default());
    }
    Ok(())
}

/// The first running pod of the API.
///
/// # Errors
/// When there is none.
pub(super) fn running_pod(kube: &KubeSim) -> anyhow::Result<String> {
    let (pods, _) = kube.store().list_shared("", "pods", Some(NAMESPACE));
    let running = pods
        .iter()
        .find(|pod| pod["metadata"]["labels"]["app"] == API && pod["status"]["phase"] == "Running");
    let name = running.and_then(|pod| pod["metadata"]["name"].as_str());
    name.map(str::to_owned).context("no pod of the API is running")
}
