//! Does `/ceo diagnose` name the cause with its objects and values, and none where nothing is wrong?

mod asked;
mod broken;
mod causes;
mod chinese;
mod healthy;
mod nodes;
mod objects;
mod policies;
mod traffic;
mod well;

use ceo_tests::{
    discord::Message,
    world::{PATIENCE, Setup, World, until},
};
use k8s_openapi::api::{
    apps::v1::Deployment,
    batch::v1::Job,
    core::v1::{Pod, Service},
};
use kube::{
    Api,
    api::{DynamicObject, PostParams},
    core::{ApiResource, GroupVersionKind},
};
use serde_json::{Value, json};

use crate::{says, says_not};

/// A world in which a trouble is told at once, and none of it makes a message by itself.
async fn world() -> anyhow::Result<World> {
    let setup = Setup::default()
        .timing("incident_patience", "100ms")
        .timing("incident_look_every", "1s")
        .timing("incident_settle", "3s");
    World::with(setup).await
}

/// A name that is drawn.
fn drawn(word: &str) -> String {
    format!("{word}-{:04x}", rand::random::<u16>())
}

/// A Deployment with one container, of which parts are other than usual.
fn deployment(name: &str, image: &str, container: &Value, pod: &Value) -> Value {
    let mut main = json!({"name": "api", "image": image, "imagePullPolicy": "IfNotPresent",
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}}});
    merge(&mut main, container);
    let mut spec = json!({"terminationGracePeriodSeconds": 1, "containers": [main]});
    merge(&mut spec, pod);
    json!({"metadata": {"name": name}, "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": spec}}})
}

fn merge(into: &mut Value, from: &Value) {
    for (key, value) in from.as_object().into_iter().flatten() {
        into[key] = value.clone();
    }
}

async fn deploy(world: &World, object: Value) -> anyhow::Result<()> {
    let deployments = world.cluster.api::<Deployment>();
    deployments
        .create(&PostParams::default(), &serde_json::from_value(object)?)
        .await?;
    Ok(())
}

async fn service(world: &World, name: &str, spec: Value) -> anyhow::Result<()> {
    let object = serde_json::from_value(json!({"metadata": {"name": name}, "spec": spec}))?;
    let services = world.cluster.api::<Service>();
    services.create(&PostParams::default(), &object).await?;
    Ok(())
}

async fn job(world: &World, name: &str, spec: Value, line: &str) -> anyhow::Result<()> {
    let container =
        json!({"name": "work", "image": world.cluster.draw.old, "command": ["/bin/sh", "-c", line]});
    let mut all = json!({"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "containers": [container]}}});
    merge(&mut all, &spec);
    let object: Job = serde_json::from_value(json!({"metadata": {"name": name}, "spec": all}))?;
    world
        .cluster
        .api::<Job>()
        .create(&PostParams::default(), &object)
        .await?;
    Ok(())
}

async fn pod(world: &World, name: &str, spec: &Value) -> anyhow::Result<()> {
    let container = json!({"name": "tool", "image": world.cluster.draw.old, "command": ["/bin/sh", "-c", "sleep 100000"]});
    let mut all = json!({"containers": [container]});
    merge(&mut all, spec);
    let object: Pod = serde_json::from_value(json!({"metadata": {"name": name}, "spec": all}))?;
    world
        .cluster
        .api::<Pod>()
        .create(&PostParams::default(), &object)
        .await?;
    Ok(())
}

/// Makes an object of any kind, as a person with kubectl would; of what belongs to the cluster, too.
async fn make(world: &World, api_version: &str, kind: &str, object: Value) -> anyhow::Result<()> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    let client = world.cluster.client.clone();
    let of_cluster = matches!(
        kind,
        "StorageClass"
            | "IngressClass"
            | "PersistentVolume"
            | "VolumeAttachment"
            | "ValidatingWebhookConfiguration"
    );
    let api: Api<DynamicObject> = match of_cluster {
        true => Api::all_with(client, &resource),
        false => Api::namespaced_with(client, world.cluster.namespace(), &resource),
    };
    let mut object = object;
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(kind);
    api.create(&PostParams::default(), &serde_json::from_value(object)?)
        .await?;
    Ok(())
}

/// A situation: what is broken, and what must be said of it.
struct Row {
    what: String,
    says: Vec<String>,
}

impl Row {
    fn new<S: AsRef<str>>(what: impl Into<String>, says: &[S]) -> Self {
        let says = says.iter().map(|words| words.as_ref().to_owned()).collect();
        Self {
            what: what.into(),
            says,
        }
    }

    /// What must be said is, and nothing is said to be well.
    async fn is_told(&self, world: &World) -> anyhow::Result<Message> {
        let usual = ["Cause", "Certainty", "Looked at"];
        let words: Vec<&str> = self.says.iter().map(String::as_str).chain(usual).collect();
        let answer = says_of(world, &self.what, &words).await?;
        says_not(&answer, &["Nothing wrong found", "is healthy"]);
        Ok(answer)
    }
}

/// The diagnosis of something, once it says all of this.
async fn says_of(world: &World, what: &str, words: &[&str]) -> anyhow::Result<Message> {
    let mut last = String::new();
    let seen = std::sync::Mutex::new(&mut last);
    let look = || async {
        let answer = world
            .ask(&world.operator(), &format!("/ceo diagnose what:{what}"))
            .await?;
        let text = answer.text();
        let all = words.iter().all(|word| text.contains(word));
        if let Ok(mut seen) = seen.lock() {
            **seen = text;
        }
        Ok(all.then_some(answer))
    };
    let found = until(PATIENCE, look).await;
    found.map_err(|error| error.context(format!("{what} is not told as {words:?} but as:\n{last}")))
}

/// Nothing is wrong with something, and nothing is said to be.
async fn is_well(world: &World, what: &str, words: &[&str]) -> anyhow::Result<()> {
    let mut all = vec!["Nothing wrong found", "Looked at"];
    all.extend(words);
    let answer = says_of(world, what, &all).await?;
    says_not(&answer, &["Cause", "Certainty", "Also found"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_into_is_refused_and_who_may_not_is_too() -> anyhow::Result<()> {
    let world = world().await?;
    let app = world.cluster.deploy().await?;
    let ask = async |line: &str| {
        world
            .ask(&world.operator(), &format!("/ceo diagnose what:{line}"))
            .await
    };
    let refused = ask("cm/data").await?;
    says(&refused, &["`configmap` cannot be diagnosed", "service/"]);
    assert!(refused.is_ephemeral());
    says(&ask("service/nobody").await?, &["There is no service"]);
    says(&ask("node/nowhere").await?, &["There is no node"]);
    says(&ask("pod/nobody").await?, &["nobody"]);
    let near = ask(&format!("deployment/{}", &app[..app.len() - 1])).await?;
    says(&near, &["There is no deployment", &app]);
    let line = format!("/ceo diagnose what:deployment/{app}");
    says(&world.ask(&world.viewer(), &line).await?, &["You may not"]);
    world.finish().await
}
