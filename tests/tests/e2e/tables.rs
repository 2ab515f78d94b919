//! Do the tables keep their shape on a phone: no line too wide, nothing cut that tells objects apart, ages in one unit?

use ceo_tests::world::{PATIENCE, World, until};
use serde_json::json;

use crate::lists::make;

/// What a phone shows in one line.
const PHONE: usize = 34;

/// The lines of a message's code blocks.
fn table(text: &str) -> Vec<String> {
    let blocks = text.split("```").skip(1).step_by(2);
    let lines = blocks.flat_map(str::lines);
    lines
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

/// Columns on a screen; what is written in Chinese takes two.
fn width(line: &str) -> usize {
    line.chars()
        .map(|c| if u32::from(c) >= 0x1100 { 2 } else { 1 })
        .sum()
}

/// `10m`, `3h`, `2d`
fn is_age(word: &str) -> bool {
    let number = word.trim_end_matches(['s', 'm', 'h', 'd']);
    number.len() + 1 == word.len() && number.parse::<u32>().is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn long_names_and_long_states_in_both_languages() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (viewer, image) = (world.viewer(), world.cluster.draw.old);
    let app = "checkout-settlement-reconciliation-worker";
    world.cluster.deploy_as(app, 2, image).await?;
    world.cluster.deploy().await?;
    let missing =
        json!([{"name": "KEY", "valueFrom": {"configMapKeyRef": {"name": "absent", "key": "key"}}}]);
    crate::incidents::change(&world, app, json!({"env": missing})).await?;
    for locale in ["en-US", "zh-CN"] {
        world.discord.set_locale(viewer.id(), locale);
        let waits = || async {
            let answer = world.ask(&viewer, "/ceo get pods").await?;
            Ok(answer
                .text()
                .contains("CreateContainerConfigError")
                .then_some(answer))
        };
        let text = until(PATIENCE, waits).await?.text();
        let lines = table(&text);
        for line in &lines {
            assert!(width(line) <= PHONE, "{line:?} is too wide in:\n{text}");
        }
        let pods = world.cluster.pods(app).await?;
        assert!(pods.len() > 2, "one that waits beside those that serve");
        for pod in pods {
            let pod = pod.metadata.name.unwrap_or_default();
            let suffix = pod.rsplit('-').next().unwrap_or_default().to_owned();
            let row = lines
                .iter()
                .find(|line| line.split_whitespace().next() == Some(&suffix));
            let row = row.unwrap_or_else(|| panic!("{suffix} has no row of its own in:\n{text}"));
            assert!(
                row.split_whitespace().last().is_some_and(is_age),
                "{row:?} ends with no age"
            );
        }
        let services = world.ask(&viewer, "/ceo get services").await?.text();
        for line in table(&services) {
            assert!(width(&line) <= PHONE, "{line:?} is too wide in:\n{services}");
        }
    }
    world.finish().await
}

/// An object of each kind that the lists show, with a name that is longer than a line.
async fn long_names(world: &World, name: &str) -> anyhow::Result<()> {
    let image = world.cluster.draw.old;
    world.cluster.deploy_as(name, 1, image).await?;
    world.cluster.autoscale(name, 1, 3).await?;
    let meta = json!({"name": name});
    let pod = json!({"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "run", "image": image,
        "command": ["/bin/sh", "-c", "exit 3"]}]}}, "backoffLimit": 0});
    let backend = json!({"service": {"name": "gone", "port": {"number": 80}}});
    let host = format!("{name}.a-very-long-domain.example");
    let rule =
        json!({"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}});
    let claim = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1234Gi"}},
        "storageClassName": "no-such-class-of-a-long-name"});
    for (version, kind, object) in [
        (
            "networking.k8s.io/v1",
            "Ingress",
            json!({"metadata": meta, "spec": {"rules": [rule]}}),
        ),
        ("batch/v1", "Job", json!({"metadata": meta, "spec": pod})),
        (
            "batch/v1",
            "CronJob",
            json!({"metadata": meta, "spec": {"schedule": "*/15 3,4,5 1-15 * 1-5",
            "suspend": true, "jobTemplate": {"spec": pod}}}),
        ),
        (
            "v1",
            "PersistentVolumeClaim",
            json!({"metadata": meta, "spec": claim}),
        ),
        (
            "v1",
            "ConfigMap",
            json!({"metadata": meta, "data": {"A_KEY_WITH_A_NAME_LONGER_THAN_THE_LINE": "x"}}),
        ),
        (
            "v1",
            "ResourceQuota",
            json!({"metadata": meta, "spec": {"hard": {"pods": "1000000",
            "requests.ephemeral-storage": "123456Gi"}}}),
        ),
    ] {
        make(world, version, kind, object).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_breaks_a_line_of_a_phone_in_either_language() -> anyhow::Result<()> {
    let world = World::start().await?;
    let viewer = world.viewer();
    let name = "checkout-settlement-reconciliation-worker";
    long_names(&world, name).await?;
    // A part of the name that no line breaks.
    let part = "checkout-settlement";
    for locale in ["en-US", "zh-CN"] {
        world.discord.set_locale(viewer.id(), locale);
        for list in [
            "events", "nodes", "ingress", "jobs", "cronjobs", "hpa", "volumes", "config", "quotas", "top",
            "changes",
        ] {
            let told = || async {
                let text = world.ask(&viewer, &format!("/ceo get {list}")).await?.text();
                let there = list == "nodes" || text.contains(part);
                // Changes are sentences, whose width is the reader's.
                let drawn = list == "changes" || !table(&text).is_empty();
                Ok((there && drawn).then_some(text))
            };
            let text = until(PATIENCE, told).await;
            let text = text.map_err(|error| error.context(format!("get {list} in {locale}")))?;
            for line in table(&text) {
                assert!(
                    width(&line) <= PHONE,
                    "{line:?} is too wide in {list}, {locale}:\n{text}"
                );
            }
        }
    }
    world.finish().await
}
