//! Do the tables keep their shape on a phone: no line too wide, nothing cut that tells objects apart, ages in one unit?

use ceo_tests::world::{PATIENCE, World, until};
use serde_json::json;

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
