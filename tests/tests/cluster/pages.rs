//! Lists of any length: page by page, and without what would only be thrown away.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use ceo_commands::{cluster::Select, objects::Pod, redact::Redactor};
use ceo_tests::kube::{
    faults::Effect,
    fixtures::{Load, install},
    mutations::Request,
};
use serde_json::json;

use crate::world::{NS, World, until};

/// Requests of the bot for a list of a resource.
fn lists(world: &World, resource: &str) -> Vec<Request> {
    let all = world.sim.requests().into_iter();
    all.filter(|r| r.user == "ceo-bot" && r.verb == "list" && r.resource == resource)
        .collect()
}

fn load(world: &World, pods: usize) {
    let load = Load {
        pods,
        each: pods,
        containers: 2,
        variables: 20,
    };
    load.put(&world.sim, NS).unwrap();
}

#[tokio::test]
async fn a_list_comes_in_pages_and_each_object_once() {
    let world = World::new().await;
    load(&world, 250);
    let select = Select::labels("app=load-0");
    let pods: Vec<Pod> = world.view.list("prod", NS, &select).await.unwrap();
    let mut names: Vec<&str> = pods.iter().map(|p| &*p.metadata.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 250);
    let pages = lists(&world, "pods");
    assert_eq!(pages.len(), 3);
    assert!(
        pages.iter().all(|page| page.query.contains("limit=100")),
        "{pages:?}"
    );
    let few = Select {
        limit: Some(120),
        ..select
    };
    let pods: Vec<Pod> = world.view.list("prod", NS, &few).await.unwrap();
    assert_eq!(pods.len(), 120);
    let last = lists(&world, "pods").pop().unwrap();
    assert!(last.query.contains("limit=20"), "{}", last.query);
}

#[tokio::test]
async fn the_caches_are_filled_by_a_stream_and_hold_no_variable() {
    let world = World::new().await;
    load(&world, 250);
    let world = world.watching().await;
    let cached = world.cached();
    until("all pods are known", || cached.count::<Pod>() >= 250).await;
    assert_eq!(lists(&world, "pods").len(), 0);
    let pod = cached
        .list::<Pod>()
        .into_iter()
        .find(|p| p.metadata.name.starts_with("load-0-"));
    let pod = format!("{:?}", pod.unwrap());
    assert!(pod.contains("side-1") && !pod.contains("SETTING_NUMBER"), "{pod}");
}

#[tokio::test]
async fn an_api_server_that_streams_no_list_is_asked_for_pages() {
    let world = World::new().await;
    load(&world, 250);
    let refused = world
        .sim
        .faults()
        .inject("GET", "sendInitialEvents", 1000, Effect::Status(422));
    refused.unwrap();
    let world = world.watching().await;
    let cached = world.cached();
    until("all pods are known", || cached.count::<Pod>() >= 250).await;
    let pages = lists(&world, "pods");
    assert!(pages.len() >= 3, "{pages:?}");
    assert!(
        pages.iter().all(|page| page.query.contains("limit=100")),
        "{pages:?}"
    );
}

#[tokio::test]
async fn what_helm_keeps_of_a_release_is_not_asked_for() {
    let world = World::new().await;
    for (name, kind, value) in [
        ("database", "Opaque", "a-password-of-the-database"),
        (
            "sh.helm.release.v1.api.v1",
            "helm.sh/release.v1",
            "a-release-of-helm",
        ),
    ] {
        let secret = json!({ "apiVersion": "v1", "kind": "Secret", "type": kind,
            "metadata": { "name": name, "namespace": NS }, "data": { "value": STANDARD.encode(value) } });
        install(world.sim.store(), secret).unwrap();
    }
    let usual = Arc::new(Redactor::default().with_secret_values(true));
    let redactor = world.view.redactor("prod", NS, &usual).await.unwrap();
    let text = redactor.text("a-password-of-the-database, a-release-of-helm");
    assert!(
        !text.contains("a-password") && text.contains("a-release-of-helm"),
        "{text}"
    );
    let asked = lists(&world, "secrets");
    assert_eq!(asked.len(), 1);
    assert!(asked[0].query.contains("helm.sh"), "{}", asked[0].query);
}
