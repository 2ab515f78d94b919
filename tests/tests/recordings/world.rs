//! A simulated cluster, the recordings, and how an answer is compared with the recorded one.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use ceo_tests::kube::{
    access::Rules,
    sim::{KubeSim, Options},
};
use regex::Regex;
use serde_json::{Value, json};

pub(crate) const ADMIN: &str = "admin";
const BOT: &str = "bot-token";
/// How long the simulated cluster may take for what took the real one seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// A simulated cluster and what the recorded names are called in it.
pub(crate) struct World {
    pub(crate) sim: KubeSim,
    pub(crate) http: reqwest::Client,
    pub(crate) names: Vec<(Regex, String)>,
}

/// One recorded exchange.
pub(crate) struct Exchange {
    pub(crate) name: String,
    pub(crate) token: &'static str,
    pub(crate) request: Value,
    pub(crate) response: Value,
}

pub(crate) fn fixture(folder: &str) -> Value {
    let path = format!("{}/tests/recordings/{folder}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn exchange(folder: &str, name: &str) -> Exchange {
    let recorded = fixture(folder)[name].clone();
    assert!(recorded.is_object(), "{folder}/{name} is recorded");
    let token = match name {
        "unauthorized" => "nobody's",
        "forbidden-delete"
        | "forbidden-list"
        | "impersonate-not-allowed"
        | "ssar-allowed"
        | "ssar-denied" => BOT,
        _ => ADMIN,
    };
    Exchange {
        name: name.into(),
        token,
        request: recorded["request"].clone(),
        response: recorded["response"].clone(),
    }
}

impl World {
    pub(crate) async fn start() -> World {
        // A second test of this process finds it installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sim = KubeSim::start(Options::default()).await.unwrap();
        sim.namespace("ceoagent").unwrap();
        sim.namespace("broken").unwrap();
        let rules = Rules::none()
            .allow(
                Some("ceoagent"),
                &["apps"],
                &["deployments"],
                &["get", "list", "watch", "patch"],
            )
            .allow(Some("ceoagent"), &[""], &["pods"], &["get", "list", "watch"]);
        sim.add_user("ceo-bot", BOT, rules);
        let root = reqwest::Certificate::from_pem(sim.ca_pem().as_bytes()).unwrap();
        let http = reqwest::Client::builder()
            .tls_built_in_root_certs(false)
            .add_root_certificate(root)
            .timeout(PATIENCE)
            .build()
            .unwrap();
        World {
            sim,
            http,
            names: Vec::new(),
        }
    }

    /// Applies the manifest of a recorded object, as kubectl did.
    pub(crate) async fn apply(&self, object: &str) -> Value {
        const ORIGINAL: &str = "kubectl.kubernetes.io/last-applied-configuration";
        let recorded = fixture("objects")[object].clone();
        let mut manifest = recorded["applied"].clone();
        manifest["metadata"]["annotations"][ORIGINAL] =
            recorded["stored"]["metadata"]["annotations"][ORIGINAL].clone();
        let (group, plural) = match manifest["kind"].as_str().unwrap() {
            "Deployment" => ("apis/apps/v1", "deployments"),
            "StatefulSet" => ("apis/apps/v1", "statefulsets"),
            "DaemonSet" => ("apis/apps/v1", "daemonsets"),
            "Job" => ("apis/batch/v1", "jobs"),
            "CronJob" => ("apis/batch/v1", "cronjobs"),
            "Ingress" => ("apis/networking.k8s.io/v1", "ingresses"),
            "PodDisruptionBudget" => ("apis/policy/v1", "poddisruptionbudgets"),
            "HorizontalPodAutoscaler" => ("apis/autoscaling/v2", "horizontalpodautoscalers"),
            _ => ("api/v1", "services"),
        };
        let namespace = manifest["metadata"]["namespace"].as_str().unwrap();
        let path = format!("/{group}/namespaces/{namespace}/{plural}?fieldManager=kubectl-client-side-apply");
        let (status, created) = self.send(ADMIN, "POST", &path, &json!({"body": manifest})).await;
        assert_eq!(status, 201, "{created}");
        created
    }

    /// Sends a request of a recording; the answer is JSON, text, or the events of a watch.
    pub(crate) async fn send(&self, token: &str, method: &str, path: &str, request: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.sim.url());
        let mut call = self.http.request(method.parse().unwrap(), url).bearer_auth(token);
        for header in request["headers"].as_array().into_iter().flatten() {
            let (name, value) = header.as_str().unwrap().split_once(": ").unwrap();
            call = call.header(name, value);
        }
        if let Some(body) = request.get("body") {
            let kind = request["contentType"].as_str().unwrap_or("application/json");
            let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
            call = call.header("content-type", kind).body(text);
        }
        let answer = call.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        if text.starts_with("{\"type\"") {
            let events: Vec<Value> = text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            return (status, json!({"events": events}));
        }
        (status, serde_json::from_str(&text).unwrap_or(json!(text)))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.send(ADMIN, "GET", path, &json!({})).await.1
    }

    /// Waits until the object at `path` is as wanted.
    pub(crate) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let object = self.get(path).await;
            if wanted(&object) {
                return object;
            }
            assert!(Instant::now() < end, "{path} is still {object:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What matches `recorded` is called `simulated` here.
    pub(crate) fn call(&mut self, recorded: &str, simulated: &str) {
        self.names
            .push((Regex::new(recorded).unwrap(), simulated.to_owned()));
    }

    /// Waits for a pod of the workload that is as wanted, and gives its name to the recorded ones.
    pub(crate) async fn pod(
        &mut self,
        namespace: &str,
        workload: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> String {
        let path = format!("/api/v1/namespaces/{namespace}/pods?labelSelector=app={workload}");
        let is_there = |list: &Value| {
            list["items"]
                .as_array()
                .is_some_and(|pods| pods.iter().any(&wanted))
        };
        let list = self.until(&path, is_there).await;
        let pod = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|pod| wanted(pod))
            .unwrap();
        let name = pod["metadata"]["name"].as_str().unwrap().to_owned();
        self.call(&format!("{workload}-[a-z0-9]{{8,10}}-[a-z0-9]{{5}}"), &name);
        name
    }

    fn mapped(&self, value: &Value) -> Value {
        let mut text = value.to_string();
        for (recorded, simulated) in &self.names {
            text = recorded.replace_all(&text, simulated.as_str()).into_owned();
        }
        serde_json::from_str(&text).unwrap()
    }

    /// Replays one exchange and compares.
    pub(crate) async fn replay(&self, folder: &str, name: &str) {
        let exchange = exchange(folder, name);
        let request = self.mapped(&exchange.request);
        let (method, path) = (
            request["method"].as_str().unwrap(),
            request["path"].as_str().unwrap(),
        );
        let (status, body) = self.send(exchange.token, method, path, &request).await;
        let expected = normal(&self.mapped(&exchange.response["body"]));
        let mut differences = Vec::new();
        if exchange.response["status"] != status {
            differences.push(format!(
                "status {status} instead of {}",
                exchange.response["status"]
            ));
        }
        compare("", &expected, &normal(&body), &mut differences);
        assert!(
            differences.is_empty(),
            "{folder}/{}:\n{}\nanswer: {body:#}",
            exchange.name,
            differences.join("\n")
        );
    }
}

static UID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap());
static TIME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z").unwrap());

/// The value without what a cluster draws by lot.
pub(crate) fn normal(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| *name != "managedFields");
            kept.map(|(name, value)| match name.as_str() {
                "resourceVersion" | "continue" => (name.clone(), json!("<drawn>")),
                _ => (name.clone(), normal(value)),
            })
            .collect()
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(normal).collect();
            if items.iter().all(|item| item.get("lastTransitionTime").is_some()) {
                // Which condition is the first depends on which came true first.
                items.sort_by_key(|item| item["type"].to_string());
            }
            Value::Array(items)
        }
        Value::String(text) => {
            json!(TIME.replace_all(&UID.replace_all(text, "<uid>"), "<time>"))
        }
        other => other.clone(),
    }
}

/// Notes where two values differ. `…` in a recorded text stands for what was left out of it.
pub(crate) fn compare(path: &str, expected: &Value, actual: &Value, differences: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (name, value) in expected {
                match actual.get(name) {
                    Some(found) => compare(&format!("{path}.{name}"), value, found, differences),
                    None => differences.push(format!("{path}.{name} is missing (recorded: {value})")),
                }
            }
            for name in actual.keys().filter(|name| !expected.contains_key(*name)) {
                differences.push(format!("{path}.{name} is not in the recording: {}", actual[name]));
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                compare(&format!("{path}[{index}]"), expected, actual, differences);
            }
        }
        (Value::String(expected), Value::String(actual)) if expected.contains('…') => {
            let (start, end) = expected.split_once('…').unwrap();
            if !actual.starts_with(start) || !actual.ends_with(end) {
                differences.push(format!("{path} is {actual:?} instead of {expected:?}"));
            }
        }
        _ if expected == actual => (),
        _ => differences.push(format!("{path} is {actual} instead of {expected}")),
    }
}
